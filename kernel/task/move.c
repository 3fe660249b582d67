// SPDX-License-Identifier: GPL-2.0
/*
 * Move: embedded tasks that were queued while they run in a closed pool.
 *
 * A task never runs twice at once, so it waits for the worker that executes it,
 * as wp_worker.rerun, and counts in that worker's pool. When the worker is done
 * it moves to the pool that it was queued in. That pool is kept from ending
 * until then, also if the task is cancelled in the meantime.
 */

#include "compat.h"
#include "core/deferred.h"
#include "core/lock.h"
#include "core/slot.h"
#include "queue/color.h"
#include "queue/queue.h"
#include "queue/running.h"
#include "task/link.h"
#include "task/move.h"
#include "task/task.h"

static void move_unpin_locked(struct workpool *to, struct wp_deferred *deferred)
{
	lockdep_assert_held(&to->lock);
	wp_queue_balance_locked(to, deferred);
	/* Last: until then the pin keeps the pool from ending. */
	wp_slot_put_locked(to, 1, deferred);
}

static void move_unpin(struct workpool *to)
{
	struct wp_deferred deferred;

	wp_pool_lock(to, &deferred);
	move_unpin_locked(to, &deferred);
	wp_pool_unlock(to, &deferred);
}

/* Link the unlinked, pending @task in the pool that it was queued in. */
static void move_land_locked(struct workpool *to, struct workpool_task *task,
			     bool delayed, struct wp_deferred *deferred)
{
	lockdep_assert_held(&to->lock);
	to->counters[WP_COUNT_SUBMITTED]++;
	if (!delayed) {
		wp_link_queue_locked(to, task, false);
	} else if (wp_pool_is_open(to)) {
		wp_link_timer_locked(to, to_workpool_delayed_task(task));
	} else {
		wp_observe_drop_task_locked(to, task);
		wp_link_end_locked(to, task, deferred);
	}
}

/*
 * wp_worker.on_end: the task ended. Drops the pool's lock for a moment, with
 * interrupts off.
 */
static void move_on_end_locked(struct workpool *pool, struct wp_worker *worker,
			       struct wp_deferred *deferred)
	__must_hold(&pool->lock)
{
	struct workpool_task *task = worker->rerun;
	struct workpool *to = worker->rerun_to;
	bool delayed = worker->rerun_delayed;
	struct wp_deferred theirs;
	LIST_HEAD(flushers);

	lockdep_assert_held(&pool->lock);
	worker->rerun_to = NULL;
	if (task) {
		wp_running_remove_rerun_locked(pool, worker);
		wp_color_leave_locked(pool, task->node.color, deferred);
		wp_running_take_flushers_locked(pool, task, &flushers);
		pool->counters[WP_COUNT_SUBMITTED]--;
		wp_link_leave_locked(pool, task);
	}
	raw_spin_unlock(&pool->lock);
	wp_pool_lock(to, &theirs);
	wp_running_add_flushers_locked(to, &flushers);
	if (task)
		move_land_locked(to, task, delayed, &theirs);
	move_unpin_locked(to, &theirs);
	wp_pool_unlock(to, &theirs);
	raw_spin_lock(&pool->lock);
}

/*
 * Attach @task to the worker that executes it, which is returned; NULL: none
 * does.
 */
static struct wp_worker *move_give_locked(struct workpool *pool,
					  struct workpool_task *task,
					  bool delayed)
{
	struct wp_worker *worker = wp_busy_find_locked(pool, task);

	lockdep_assert_held(&pool->lock);
	if (!worker) {
		wp_link_leave_locked(pool, task);
		return NULL;
	}
	task->node.color = wp_color_mark_locked(pool);
	wp_running_add_rerun_locked(pool, task, worker);
	pool->counters[WP_COUNT_SUBMITTED]++;
	worker->on_end = move_on_end_locked;
	worker->rerun_delayed = delayed;
	return worker;
}

/**
 * wp_move_attach_locked() - have a task move here when it ended elsewhere
 * @to: where it is queued, open when it was asked; its lock is dropped for a
 *	moment, with interrupts off
 * @last: the closed pool in which it runs
 * @task: pending and not linked
 * @delay: jiffies until it is queued
 * @deferred: for @to
 *
 * Return: %WP_TASK_ATTACHED; 0: it ended meanwhile, or @to is closed.
 */
int wp_move_attach_locked(struct workpool *to, struct workpool *last,
			  struct workpool_task *task, unsigned long delay,
			  struct wp_deferred *deferred)
	__must_hold(&to->lock)
{
	/* This is our own pin, until swap() makes it that of the worker. */
	struct workpool *to_unpin = to;
	struct wp_worker *worker;

	lockdep_assert_held(&to->lock);
	if (!wp_pool_is_open(to))
		return 0;
	wp_slot_get_locked(to);
	raw_spin_unlock(&to->lock);
	if (delay)
		wp_link_set_expiry(to_workpool_delayed_task(task), delay);
	raw_spin_lock(&last->lock);
	worker = move_give_locked(last, task, delay);
	/* The worker keeps @to, and no longer the pool that it kept before. */
	if (worker)
		swap(worker->rerun_to, to_unpin);
	raw_spin_unlock(&last->lock);
	if (to_unpin && to_unpin != to)
		move_unpin(to_unpin);
	raw_spin_lock(&to->lock);
	if (to_unpin == to)
		wp_slot_put_locked(to, 1, deferred);
	return worker ? WP_TASK_ATTACHED : 0;
}
