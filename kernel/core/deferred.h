/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Deferred actions: what a decision under a pool's lock makes necessary, and
 * wp_pool_unlock() does after the lock was dropped.
 */
#ifndef _WP_CORE_DEFERRED_H
#define _WP_CORE_DEFERRED_H

#include <linux/list.h>

#include "core/mailbox.h"
#include "core/slice.h"

struct wp_worker;

enum wp_defer_action {
	WP_DEFER_POST	 = 1 << 0,	/* post @order to @worker */
	WP_DEFER_SEARCH	 = 1 << 1,	/* tell @searchers to look */
	WP_DEFER_WAITS	 = 1 << 2,	/* complete @waits */
	WP_DEFER_LEAVE	 = 1 << 3,	/* tell @leavers to leave */
	WP_DEFER_SPAWN	 = 1 << 4,	/* get threads for workpool.to_spawn */
	WP_DEFER_PURGE	 = 1 << 5,	/* start the purge's timer */
	WP_DEFER_REST	 = 1 << 6,	/* queue workpool.rest */
};

/**
 * struct wp_threads - threads to wake
 * @list: them
 * @nr: how many
 */
struct wp_threads {
	struct list_head	list;
	int			nr;
};

/**
 * struct wp_deferred - actions that one critical section deferred
 *
 * It lives on the stack of the thread that holds the lock. With it a lower layer
 * makes a higher one act: the lower layer records the action, and after the
 * unlock core/lock.c starts a work, a timer or a thread. The higher layer has set
 * up what these do. The only other way up is a function that a higher layer
 * registered; kernel/layers names these.
 */
struct wp_deferred {
	/** @flags: interrupt state to restore */
	unsigned long		flags;
	/** @actions: WP_DEFER_*; a field below is valid with its bit only */
	unsigned int		actions;
	/** @order: for @worker: to execute its call, or to look at the queue */
	enum wp_order		order;
	/** @worker: the parked worker that is woken first */
	struct wp_worker	*worker;
	/** @searchers: further parked workers that are to look at the queue */
	struct wp_threads	searchers;
	/** @waits: decided &struct wp_wait, which are to be completed */
	struct wp_threads	waits;
	/** @leavers: workers that were cut off the idle stack */
	struct wp_threads	leavers;
};

/* How many more threads may be woken by @action? */
static inline int wp_deferred_room(const struct wp_deferred *deferred,
				   enum wp_defer_action action,
				   const struct wp_threads *threads)
{
	return deferred->actions & action ? WP_SLICE - threads->nr : WP_SLICE;
}

/* Wake the thread at @node, too, by @action, to which @threads belong. */
static inline void wp_deferred_add(struct wp_deferred *deferred,
				   enum wp_defer_action action,
				   struct wp_threads *threads,
				   struct list_head *node)
{
	if (!(deferred->actions & action)) {
		INIT_LIST_HEAD(&threads->list);
		threads->nr = 0;
		deferred->actions |= action;
	}
	list_add_tail(node, &threads->list);
	threads->nr++;
}

#endif /* _WP_CORE_DEFERRED_H */
