/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Running tasks: embedded tasks that a worker executes, found by their address.
 */
#ifndef _WP_QUEUE_RUNNING_H
#define _WP_QUEUE_RUNNING_H

#include <linux/hash.h>
#include <linux/list.h>

#include "core/pool.h"
#include "core/wait.h"
#include "core/worker.h"

/**
 * struct wp_running - embedded tasks that workers execute, by their address
 * @bits: the number of @buckets, as a power of two
 * @buckets: lists of workers, by wp_worker.hash
 *
 * When as many workers are busy as the capacity allows, a bucket has fewer than
 * eight on average; more from 2^17 workers on.
 */
struct wp_running {
	unsigned int		bits;
	struct hlist_head	buckets[];
};

/**
 * struct wp_flusher - a thread that waits for an embedded task
 */
struct wp_flusher {
	/**
	 * @wait: L: in a crowd of workpool.crowds while the task is queued or
	 * delayed, in wp_worker.flushers while it runs
	 */
	struct wp_wait		wait;
	/** @pool: W: where it waits; NULL while the task moves to another one */
	struct workpool		*pool;
	/** @task: I: the task */
	struct workpool_task	*task;
	/** @waits: O: there was something to wait for */
	bool			waits;
	/** @must_wait: I: it does not get -EDEADLK: what it waits for ends */
	bool			must_wait;
};

static inline struct hlist_head *
wp_running_bucket(struct wp_running *running, const void *task)
{
	return &running->buckets[hash_ptr(task, running->bits)];
}

struct wp_worker *wp_running_find_before_locked(struct workpool *pool,
						struct workpool_task *task,
						void *fn);
int wp_running_grow(struct workpool *pool, int capacity);
void wp_running_free(struct workpool *pool);

/* As wp_running_find_locked(), of a @task that may be gone, with function @fn. */
static inline struct wp_worker *
wp_running_find_fn_locked(struct workpool *pool, struct workpool_task *task,
			  void *fn)
{
	struct wp_running *running = pool->running_tasks;
	struct wp_worker *worker;

	lockdep_assert_held(&pool->lock);
	hlist_for_each_entry(worker, wp_running_bucket(running, task), hash)
		if (worker->call.arg == task && worker->call.fn.any == fn)
			return worker;
	if (unlikely(pool->running_before))
		return wp_running_find_before_locked(pool, task, fn);
	return NULL;
}

/**
 * wp_running_find_locked() - find the worker that executes a task
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
wp_running_find_locked(struct workpool *pool, struct workpool_task *task)
{
	lockdep_assert_held(&pool->lock);
	return wp_running_find_fn_locked(pool, task, task->fn);
}

bool wp_running_begin_locked(struct workpool *pool, struct wp_worker *worker,
			     struct workpool_task *task);
void wp_running_end_slow_locked(struct workpool *pool, struct wp_worker *worker,
				struct wp_deferred *deferred);
void wp_running_add_rerun_locked(struct workpool *pool,
				 struct workpool_task *task,
				 struct wp_worker *worker);
struct workpool_task *wp_running_remove_rerun_locked(struct workpool *pool,
						     struct wp_worker *worker);
void wp_running_take_flushers_locked(struct workpool *pool,
				     struct workpool_task *task,
				     struct list_head *list);
void wp_running_add_flushers_locked(struct workpool *pool,
				    struct list_head *list);
void wp_running_add_flusher_locked(struct workpool *pool,
				   struct wp_flusher *flusher);
void wp_running_release_flushers_locked(struct workpool *pool,
					struct workpool_task *task,
					struct wp_deferred *deferred);

/* The task of @worker returned, or crashed. The task may be gone. */
static inline void wp_running_end_locked(struct workpool *pool,
					 struct wp_worker *worker,
					 struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	hlist_del_init(&worker->hash);
	if (unlikely(worker->on_end || !list_empty(&worker->flushers)))
		wp_running_end_slow_locked(pool, worker, deferred);
}

#endif /* _WP_QUEUE_RUNNING_H */
