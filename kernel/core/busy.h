/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Busy workers: those that execute embedded tasks, found by the address of the
 * task.
 */
#ifndef _WP_CORE_BUSY_H
#define _WP_CORE_BUSY_H

#include <linux/hash.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/lockdep.h>

#include "core/lease.h"
#include "core/lockdep.h"
#include "core/pending.h"
#include "core/pool.h"
#include "core/watch.h"
#include "core/worker.h"
#include "trace.h"

/**
 * struct wp_busy - embedded tasks that workers execute, by their address
 * @bits: the number of @buckets, as a power of two
 * @buckets: lists of workers, by wp_worker.hash
 *
 * When as many workers are busy as the capacity allows, a bucket has fewer than
 * eight on average; more from 2^17 workers on.
 */
struct wp_busy {
	unsigned int		bits;
	struct hlist_head	buckets[];
};

static inline struct hlist_head *
wp_busy_bucket(struct wp_busy *busy, const void *task)
{
	return &busy->buckets[hash_ptr(task, busy->bits)];
}

int wp_busy_grow(struct workpool *pool, int capacity);
void wp_busy_free(struct workpool *pool);

struct wp_worker *wp_busy_find_lessee_locked(struct workpool *pool,
					     struct workpool_task *task,
					     void *fn);
struct wp_lease_entry *wp_busy_next_observed(struct wp_worker *worker);
bool wp_busy_lend_locked(struct workpool *pool, struct wp_worker *worker);
void wp_busy_recall_slow_locked(struct workpool *pool);

/* Take back the lease: the queue has everything that has not begun. */
static inline void wp_busy_recall_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (unlikely(pool->lessee))
		wp_busy_recall_slow_locked(pool);
}

/* Look into one of the tables of @pool. */
static __always_inline struct wp_worker *
wp_busy_find_in_locked(struct workpool *pool, struct wp_busy *busy,
		       struct workpool_task *task, void *fn)
{
	struct wp_worker *worker;

	lockdep_assert_held(&pool->lock);
	hlist_for_each_entry(worker, wp_busy_bucket(busy, task), hash)
		if (worker->call.arg == task && worker->call.fn.any == fn)
			return worker;
	return NULL;
}

/* Like wp_busy_find_fn_locked(), but look only at workers without a lease. */
static inline struct wp_worker *
wp_busy_find_sole_locked(struct workpool *pool, struct workpool_task *task,
			 void *fn)
{
	struct wp_worker *worker;

	lockdep_assert_held(&pool->lock);
	worker = wp_busy_find_in_locked(pool, pool->busy_workers, task, fn);
	/* wp_busy_grow() moves them. */
	if (unlikely(!worker && pool->busy_before))
		worker = wp_busy_find_in_locked(pool, pool->busy_before, task,
						fn);
	return worker;
}

/*
 * Find the worker that runs @task, which may be gone: @fn is its function. For
 * others use wp_busy_find_locked().
 */
static inline struct wp_worker *
wp_busy_find_fn_locked(struct workpool *pool, struct workpool_task *task,
		       void *fn)
{
	struct wp_worker *worker = wp_busy_find_sole_locked(pool, task, fn);

	lockdep_assert_held(&pool->lock);
	if (unlikely(!worker && pool->lessee))
		worker = wp_busy_find_lessee_locked(pool, task, fn);
	return worker;
}

/**
 * wp_busy_find_locked() - find the worker that executes a task
 * @pool: the pool
 * @task: the task
 *
 * The task may be freed while it runs, and its memory may hold another task by
 * now. As find_worker_executing_work() of workqueue does, the search compares
 * the function as well. A new task at the same address with the same function
 * is taken for the old one: it waits for the old one to end, which costs time
 * but breaks no promise.
 *
 * Return: the worker, or NULL.
 */
static inline struct wp_worker *
wp_busy_find_locked(struct workpool *pool, struct workpool_task *task)
{
	lockdep_assert_held(&pool->lock);
	return wp_busy_find_fn_locked(pool, task, task->fn);
}

/*
 * The worker begins the next task of its lease. Returns NULL when it has to
 * take the pool's lock: none is left, they were taken back, time has passed, or
 * each begin is to be seen under the lock. So what the worker does under the
 * lock is never put off for more than a jiffy and a task.
 *
 * Interrupts are off from the beginning until the task is not pending any more:
 * a thread that finds it pending, and in no list, only has to look again. As
 * they are off, too, when it looks for a watch, wp_watch_begin() waits for it.
 */
static __always_inline const struct wp_lease_entry *
wp_busy_next(struct wp_worker *worker)
{
	struct wp_lease_entry *entry = NULL;
	unsigned long now = jiffies;
	unsigned long flags;

	if (worker->since != now)
		return NULL;
	local_irq_save(flags);
	if (wp_trace_is_observed())
		entry = wp_busy_next_observed(worker);
	else if (!wp_watch_is_on())
		entry = wp_lease_next(&worker->lease);
	if (entry) {
		wp_lockdep_copy(worker, entry->task);
		wp_pending_clear(entry->task);
		/* Pairs with the barrier in wp_pending_grab(). */
		smp_mb__after_atomic();
	}
	local_irq_restore(flags);
	return entry;
}

#endif /* _WP_CORE_BUSY_H */
