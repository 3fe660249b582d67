/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scans: over a list of pending work, a slice under one hold of a pool's lock.
 */
#ifndef _WP_CORE_SCAN_H
#define _WP_CORE_SCAN_H

#include <linux/workpool.h>

struct wp_deferred;

/**
 * struct wp_scan - a scan in progress, of workpool.queue or workpool.delayed
 */
struct wp_scan {
	/**
	 * @mark: L: stands in the list where the scan goes on. When what was
	 * before it has left, it may be taken out: then every remaining entry
	 * is still to be looked at
	 */
	struct workpool_node	mark;
	/** @done: L: the scan is at the end of the list */
	bool			done;
};

/*
 * Looks at a node, with the lock held, and may take it out. Returns false when
 * that was enough for this hold of the lock.
 */
typedef bool (*wp_scan_fn)(struct workpool *pool, struct workpool_node *node,
			   void *arg, struct wp_deferred *deferred);

void wp_scan_init(struct wp_scan *scan);
void wp_scan_slice_locked(struct workpool *pool, struct wp_scan *scan,
			  struct list_head *list, wp_scan_fn fn, void *arg,
			  struct wp_deferred *deferred);

#endif /* _WP_CORE_SCAN_H */
