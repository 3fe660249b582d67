/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Busy workers: those that execute embedded tasks, found by the address of the
 * task.
 */
#ifndef _WP_CORE_BUSY_H
#define _WP_CORE_BUSY_H

#include <linux/hash.h>
#include <linux/list.h>
#include <linux/lockdep.h>

#include "core/pool.h"
#include "core/worker.h"

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

struct wp_worker *wp_busy_find_before_locked(struct workpool *pool,
					     struct workpool_task *task,
					     void *fn);
int wp_busy_grow(struct workpool *pool, int capacity);
void wp_busy_free(struct workpool *pool);

/* As wp_busy_find_locked(), of a @task that may be gone, with function @fn. */
static inline struct wp_worker *
wp_busy_find_fn_locked(struct workpool *pool, struct workpool_task *task,
		       void *fn)
{
	struct wp_busy *busy = pool->busy_workers;
	struct wp_worker *worker;

	lockdep_assert_held(&pool->lock);
	hlist_for_each_entry(worker, wp_busy_bucket(busy, task), hash)
		if (worker->call.arg == task && worker->call.fn.any == fn)
			return worker;
	if (unlikely(pool->busy_before))
		return wp_busy_find_before_locked(pool, task, fn);
	return NULL;
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

#endif /* _WP_CORE_BUSY_H */
