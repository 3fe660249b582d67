/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The multi: several pools with one front.
 */
#ifndef _WP_MULTI_MULTI_H
#define _WP_MULTI_MULTI_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/workpool.h>

/**
 * struct workpool_multi - several pools with one front
 *
 * The pools are in each other's reach until the last one is empty for good: see
 * workpool_multi_destroy().
 */
struct workpool_multi {
	/** @turn: K: pools picked so far, for taking turns */
	atomic64_t		turn;
	/** @strategy: I: which pool gets the next task */
	enum workpool_strategy	strategy;
	/**
	 * @releases: K: how often the multi was released. A release may come
	 * from softirq, where it cannot take @lifecycle: a reboot compares this
	 * and @releasing before and after instead
	 */
	atomic_t		releases;
	/** @releasing: K: releases in progress */
	atomic_t		releasing;
	/** @waiting: K: submitters that wait for any of the pools */
	atomic_t		waiting;
	/** @last_queued: K: the pool that got the last embedded task, a hint */
	atomic_t		last_queued;
	/** @flushing: K: threads that begin workpool_multi_flush() */
	atomic_t		flushing;
	/** @moves_begun: K: tasks that left one of the pools for another one */
	atomic_t		moves_begun;
	/** @moves_ended: K: of these, those that are in a queue again */
	atomic_t		moves_ended;
	/** @lifecycle: K: serializes reboots */
	struct mutex		lifecycle;	/* see above */
	/**
	 * @ref: K: one for the owner, each pool, each look-up, each thread that
	 * flushes, reboots or waits for the end of a release, and each submitter
	 * that waits in all pools
	 */
	struct kref		ref;
	/** @id: I: unique number */
	u32			id;
	/** @name: I: what the names of the pools begin with */
	char			name[WORKPOOL_NAME_MAX];
	/** @of_cpu: I: index of each CPU's pool, for WORKPOOL_LOCAL */
	u16			*of_cpu;
	/** @nr: P: number of @pools; grows while their workers look at it */
	unsigned int		nr;
	/** @pools: P: the pools */
	struct workpool		*pools[];
};

const char *wp_multi_find_bad(unsigned int n, enum workpool_strategy strategy);
struct workpool_multi *wp_multi_find(u32 id, const char *name);
void wp_multi_get_all(struct workpool_multi *multi);
void wp_multi_put_all(struct workpool_multi *multi);

#endif /* _WP_MULTI_MULTI_H */
