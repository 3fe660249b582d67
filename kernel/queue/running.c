// SPDX-License-Identifier: GPL-2.0
/*
 * Running tasks: embedded tasks that a worker executes, found by their address.
 */

#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "compat.h"
#include "core/deferred.h"
#include "core/lockdep.h"
#include "core/node.h"
#include "core/pending.h"
#include "core/slot.h"
#include "queue/running.h"

/* wp_worker.on_end: queue the task's next run first. */
static void running_requeue_locked(struct workpool *pool,
				   struct wp_worker *worker,
				   struct wp_deferred *deferred)
{
	struct workpool_task *task;

	if (!worker->rerun)
		return;
	task = wp_running_remove_rerun_locked(pool, worker);
	wp_node_add_locked(pool, &task->node, true);
}

/* The number of buckets, as a power of two. */
#define RUNNING_BITS_MIN	6
#define RUNNING_BITS_MAX	14

/* Look into the smaller table, while wp_running_grow() moves its tasks. */
struct wp_worker *wp_running_find_before_locked(struct workpool *pool,
						struct workpool_task *task,
						void *fn)
{
	struct wp_running *running = pool->running_before;
	struct wp_worker *worker;

	lockdep_assert_held(&pool->lock);
	hlist_for_each_entry(worker, wp_running_bucket(running, task), hash)
		if (worker->call.arg == task && worker->call.fn.any == fn)
			return worker;
	return NULL;
}

/*
 * Move a slice of the tasks from the smaller table. Returns false when none is
 * left there. Those that begin meanwhile are in the new one.
 */
static bool move_running_locked(struct workpool *pool, unsigned int *at)
{
	struct wp_running *from = pool->running_before;
	struct wp_worker *worker;
	int nr;

	lockdep_assert_held(&pool->lock);
	for (nr = 0; nr < WP_SLICE && *at < 1U << from->bits; nr++) {
		if (hlist_empty(&from->buckets[*at])) {
			(*at)++;
			continue;
		}
		worker = hlist_entry(from->buckets[*at].first,
				     struct wp_worker, hash);
		hlist_del(&worker->hash);
		hlist_add_head(&worker->hash,
			       wp_running_bucket(pool->running_tasks,
						 worker->call.arg));
	}
	return *at < 1U << from->bits;
}

static bool move_running(struct workpool *pool, unsigned int *at)
{
	unsigned long flags;
	bool more;

	raw_spin_lock_irqsave(&pool->lock, flags);
	more = move_running_locked(pool, at);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return more;
}

/**
 * wp_running_grow() - have a table for a capacity
 * @pool: the pool
 * @capacity: the number of tasks that may run
 *
 * Context: Process context. May sleep. Once at a time for a pool.
 * Return: 0 or -ENOMEM.
 */
int wp_running_grow(struct workpool *pool, int capacity)
{
	unsigned int bits = clamp(ilog2(max(capacity, 4)) - 2,
				  RUNNING_BITS_MIN, RUNNING_BITS_MAX);
	struct wp_running *old = pool->running_tasks, *running;
	unsigned long flags;
	unsigned int at = 0;

	if (old && old->bits >= bits)
		return 0;
	running = kvzalloc(struct_size(running, buckets, 1UL << bits),
			   GFP_KERNEL);
	if (!running)
		return -ENOMEM;
	running->bits = bits;
	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->running_before = old;
	pool->running_tasks = running;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	if (!old)
		return 0;
	while (move_running(pool, &at))
		cond_resched();
	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->running_before = NULL;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	kvfree(old);
	return 0;
}

/* Free the table of a pool that has no worker. Process context. */
void wp_running_free(struct workpool *pool)
{
	kvfree(pool->running_tasks);
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
		worker->on_end = running_requeue_locked;
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

/*
 * Wait for @task, which is queued or delayed. The mark spares all other tasks
 * the look-up.
 */
void wp_running_add_flusher_locked(struct workpool *pool,
				   struct wp_flusher *flusher)
{
	lockdep_assert_held(&pool->lock);
	atomic_or(WP_TASK_FLUSHED, &flusher->task->state);
	wp_wait_join_locked(pool, &flusher->wait, flusher->task);
}
EXPORT_SYMBOL_IF_KUNIT(wp_running_add_flusher_locked);

/* @task leaves for another pool: put its flushers into @list. */
void wp_running_take_flushers_locked(struct workpool *pool,
				     struct workpool_task *task,
				     struct list_head *list)
{
	struct wp_flusher *flusher, *next;
	LIST_HEAD(flushers);

	lockdep_assert_held(&pool->lock);
	if (likely(!wp_pending_is_flushed_locked(pool, task)))
		return;
	atomic_andnot(WP_TASK_FLUSHED, &task->state);
	wp_wait_dissolve_locked(pool, task, &flushers);
	list_for_each_entry_safe(flusher, next, &flushers, wait.link) {
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
		wp_running_add_flusher_locked(pool, flusher);
	}
}

/*
 * @task leaves the queue: its flushers wait for the run in progress, or are
 * done.
 */
void wp_running_release_flushers_locked(struct workpool *pool,
					struct workpool_task *task,
					struct wp_deferred *deferred)
{
	struct wp_worker *worker;
	LIST_HEAD(flushers);

	lockdep_assert_held(&pool->lock);
	if (likely(!wp_pending_is_flushed_locked(pool, task)))
		return;
	atomic_andnot(WP_TASK_FLUSHED, &task->state);
	worker = wp_running_find_locked(pool, task);
	if (worker) {
		wp_wait_dissolve_locked(pool, task, &worker->flushers);
		return;
	}
	wp_wait_dissolve_locked(pool, task, &flushers);
	wp_wait_complete_all_locked(pool, &flushers, 0, deferred);
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

	lockdep_assert_held(&pool->lock);
	wp_node_remove_locked(pool, &task->node);
	if (unlikely(other)) {
		wp_running_add_rerun_locked(pool, task, other);
		return false;
	}
	/* Field by field: the compiler would make a copy on the stack first. */
	worker->call.kind = WP_TASK;
	worker->call.seq = 0;
	worker->call.fn.task = task->fn;
	worker->call.arg = task;
	worker->call.group = NULL;
	wp_slot_begin_locked(pool, worker, task->node.color, &task->node);
	hlist_add_head(&worker->hash,
		       wp_running_bucket(pool->running_tasks, task));
	if (unlikely(wp_pending_is_flushed_locked(pool, task)))
		wp_wait_dissolve_locked(pool, task, &worker->flushers);
	wp_lockdep_copy(worker, task);
	wp_pending_clear(task);
	/* Pairs with the barrier in wp_pending_grab(). */
	smp_mb__after_atomic();
	return true;
}

/* Wake the flushers of the task, and do what waited for its end. */
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
