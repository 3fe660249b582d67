/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walks: over all workers of a pool, a slice under one hold of its lock.
 */
#ifndef _WP_CORE_WALK_H
#define _WP_CORE_WALK_H

#include <linux/list.h>
#include <linux/types.h>

struct workpool;
struct wp_deferred;
struct wp_worker;

/**
 * struct wp_walk - a walk in progress
 */
struct wp_walk {
	/** @node: L: in workpool.walks */
	struct list_head	node;
	/** @next: L: in workpool.workers: where it goes on; NULL: at the start */
	struct list_head	*next;
};

/* Looks at a worker, with the lock held. Returns false when the walk may end. */
typedef bool (*wp_walk_fn)(struct workpool *pool, struct wp_worker *worker,
			   void *arg, struct wp_deferred *deferred);

bool wp_walk_slice_locked(struct workpool *pool, struct wp_walk *walk,
			  wp_walk_fn fn, void *arg,
			  struct wp_deferred *deferred);
void wp_walk_workers(struct workpool *pool, wp_walk_fn fn, void *arg);
struct wp_worker *wp_walk_next(struct workpool *pool, struct wp_worker *worker);
void wp_walk_detach_locked(struct workpool *pool, struct wp_worker *worker);

#endif /* _WP_CORE_WALK_H */
