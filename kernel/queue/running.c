// SPDX-License-Identifier: GPL-2.0
/*
 * Running tasks: embedded tasks that a worker executes, found by their address.
 */

#include "compat.h"
#include "core/deferred.h"
#include "core/lockdep.h"
#include "core/node.h"
#include "core/pending.h"
#include "core/slot.h"
#include "queue/running.h"

/* wp_worker.on_end: the task of the worker ended, and is next. */
static void requeue_locked(struct workpool *pool, struct wp_worker *worker,
			   struct wp_deferred *deferred)
{
	struct workpool_task *task;

	if (!worker->rerun)
		return;
	task = wp_running_remove_rerun_locked(pool, worker);
	wp_node_add_locked(pool, &task->node, true);
}

/* @task, out of the queue, waits for @worker, which executes it. */
void wp_running_add_rerun_locked(struct workpool *pool,
				 struct workpool_task *task,
				 struct wp_worker *worker)
{
	lockdep_assert_held(&pool->lock);
	task->node.kind = WP_RERUN;
	worker->rerun = task;
	if (!worker->on_end)
		worker->on_end = requeue_locked;
	pool->nr_rerun++;
}

struct workpool_task *wp_running_remove_rerun_locked(struct workpool *pool,
						     struct wp_worker *worker)
{
	struct workpool_task *task = worker->rerun;

	lockdep_assert_held(&pool->lock);
	worker->rerun = NULL;
	pool->nr_rerun--;
	task->node.kind = WP_TASK;
	return task;
}

/* The flushers of @task wait for @worker from now on. */
static void move_flushers_locked(struct workpool *pool,
				 struct workpool_task *task,
				 struct wp_worker *worker)
{
	struct wp_flusher *flusher, *next;

	list_for_each_entry_safe(flusher, next, &pool->flushers, wait.link)
		if (flusher->task == task) {
			flusher->worker = worker;
			list_move_tail(&flusher->wait.link, &worker->flushers);
		}
}

static void wake_flushers_locked(struct workpool *pool,
				 struct workpool_task *task,
				 struct wp_deferred *deferred)
{
	struct wp_flusher *flusher, *next;

	list_for_each_entry_safe(flusher, next, &pool->flushers, wait.link)
		if (flusher->task == task)
			wp_wait_complete_locked(pool, &flusher->wait, 0,
						deferred);
}

/* @task leaves for another pool: put its flushers into @list. */
void wp_running_take_flushers_locked(struct workpool *pool,
				     struct workpool_task *task,
				     struct list_head *list)
{
	struct wp_flusher *flusher, *next;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry_safe(flusher, next, &pool->flushers, wait.link) {
		if (flusher->task != task)
			continue;
		wp_wait_remove_locked(pool, &flusher->wait);
		WRITE_ONCE(flusher->pool, NULL);
		list_add_tail(&flusher->wait.link, list);
	}
}

/* It came to this pool with them. The caller balances the queue. */
void wp_running_add_flushers_locked(struct workpool *pool,
				    struct list_head *list)
{
	struct wp_flusher *flusher, *next;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry_safe(flusher, next, list, wait.link) {
		list_del(&flusher->wait.link);
		WRITE_ONCE(flusher->pool, pool);
		wp_wait_add_locked(pool, &flusher->wait, &pool->flushers,
				   flusher->home == pool);
	}
}

/* The flushers of @task need not wait for it to leave the queue. */
void wp_running_release_flushers_locked(struct workpool *pool,
					struct workpool_task *task,
					struct wp_deferred *deferred)
{
	struct wp_worker *worker = wp_running_find_locked(pool, task);

	lockdep_assert_held(&pool->lock);
	if (worker)
		move_flushers_locked(pool, task, worker);
	else
		wake_flushers_locked(pool, task, deferred);
}

/**
 * wp_running_begin_locked() - give a worker a task of the queue
 * @pool: the pool
 * @worker: it is free
 * @task: first of the queue
 *
 * Return: false when another worker executes @task, which then waits for that
 * worker.
 */
bool wp_running_begin_locked(struct workpool *pool, struct wp_worker *worker,
			     struct workpool_task *task)
{
	struct wp_worker *other = wp_running_find_locked(pool, task);
	struct wp_call call = {
		.kind = WP_TASK,
		.fn.task = task->fn,
		.arg = task,
	};

	lockdep_assert_held(&pool->lock);
	wp_node_remove_locked(pool, &task->node);
	if (unlikely(other)) {
		wp_running_add_rerun_locked(pool, task, other);
		return false;
	}
	wp_slot_assign_locked(pool, worker, &call);
	hash_add(pool->running_tasks, &worker->hash, (unsigned long)task);
	if (unlikely(!list_empty(&pool->flushers)))
		move_flushers_locked(pool, task, worker);
	wp_lockdep_copy(worker, task);
	wp_pending_clear(task);
	/* Pairs with the barrier in wp_pending_grab(). */
	smp_mb__after_atomic();
	return true;
}

/* The rest of wp_running_end_locked(). */
void wp_running_end_slow_locked(struct workpool *pool, struct wp_worker *worker,
				struct wp_deferred *deferred)
{
	void (*on_end)(struct workpool *pool, struct wp_worker *worker,
		       struct wp_deferred *deferred) = worker->on_end;

	lockdep_assert_held(&pool->lock);
	wp_wait_complete_all_locked(pool, &worker->flushers, 0, deferred);
	worker->on_end = NULL;
	if (on_end)
		on_end(pool, worker, deferred);
}
