// SPDX-License-Identifier: GPL-2.0
/*
 * Delayed tasks: embedded tasks that are queued when a timer fires.
 *
 * While its timer runs a task is pending and in workpool.delayed, see link.c.
 */

#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/timer.h>

#include "compat.h"
#include "core/lock.h"
#include "core/pending.h"
#include "core/watch.h"
#include "task/cancel.h"
#include "task/delayed.h"
#include "task/link.h"
#include "task/task.h"

static void drop_delayed_locked(struct workpool *pool,
				struct workpool_task *task,
				struct wp_deferred *deferred)
{
	wp_observe_drop_task_locked(pool, task);
	wp_link_end_locked(pool, task, deferred);
}

/* The timer of @task is over: it is queued, or dropped. */
static void delayed_fire_locked(struct workpool *pool,
				struct workpool_task *task,
				struct wp_deferred *deferred)
{
	if (wp_pool_is_open(pool)) {
		wp_link_queue_locked(pool, task, false);
		wp_queue_kick_locked(pool, deferred);
	} else {
		drop_delayed_locked(pool, task, deferred);
	}
}

/**
 * workpool_delayed_timer() - the timer of every delayed task
 * @timer: in a &struct workpool_delayed_task
 *
 * Exported for workpool_delayed_task_init(); not to be called.
 *
 * Context: Interrupts are off.
 */
void workpool_delayed_timer(struct timer_list *timer)
{
	struct workpool_delayed_task *dtask =
		container_of(timer, struct workpool_delayed_task, timer);
	struct workpool_task *task = &dtask->task;
	struct workpool *pool = dtask->pool;
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	if (time_before(jiffies, timer->expires)) {
		add_timer(timer);	/* that was all the timer wheel holds */
	} else {
		wp_link_timer_gone_locked(pool, task);
		delayed_fire_locked(pool, task, &deferred);
	}
	wp_pool_unlock(pool, &deferred);
}
EXPORT_SYMBOL_GPL(workpool_delayed_timer);

static int queue_delayed(struct workpool *pool,
			 struct workpool_delayed_task *dtask,
			 enum wp_task_progress progress, unsigned long delay)
{
	struct workpool_task *task = &dtask->task;
	struct wp_deferred deferred __uninitialized;
	int err;

	if (!task->fn || dtask->timer.function != workpool_delayed_timer)
		return wp_task_refuse_blank(pool);
	if (progress == WP_TASK_FREE && wp_watch_covers(task->fn))
		return -ESHUTDOWN;
	wp_pool_lock(pool, &deferred);
	err = wp_task_accept_locked(&pool, task, progress, delay, &deferred);
	if (!err && delay) {
		wp_link_set_expiry(dtask, delay);
		wp_link_timer_locked(pool, dtask);
	} else if (!err) {
		wp_link_queue_locked(pool, task, false);
		wp_queue_kick_locked(pool, &deferred);
	}
	wp_pool_unlock(pool, &deferred);
	return err == WP_TASK_ATTACHED ? 0 : err;
}

/**
 * workpool_queue_delayed() - have a task run later
 * @pool: the pool
 * @dtask: the task
 * @delay: jiffies after which it is queued, never earlier, at most LONG_MAX,
 *	which all above stands for; 0: now
 *
 * If the pool is closed when the time has come, the task is dropped. If the
 * task runs in a closed pool right now, the time goes on, and it is queued when
 * it ended at the earliest.
 *
 * Context: Any but NMI.
 * Return: as workpool_queue().
 */
int workpool_queue_delayed(struct workpool *pool,
			   struct workpool_delayed_task *dtask,
			   unsigned long delay)
{
	if (!delay)
		return workpool_queue(pool, &dtask->task);
	return queue_delayed(pool, dtask, WP_TASK_FREE, delay);
}
EXPORT_SYMBOL_GPL(workpool_queue_delayed);

/*
 * Unlink the pending @task, which stays pending. @arg points to the pool that
 * it is meant for. When it comes from another pool, it does not count there any
 * more, and *@arg is NULL. Until it is linked again no look of an unload finds
 * it. -ENOENT: it is not pending.
 */
static int delayed_grab_locked(struct workpool *pool,
			       struct workpool_task *task, void *arg,
			       struct wp_deferred *deferred)
{
	struct workpool **to = arg;
	int err;

	lockdep_assert_held(&pool->lock);
	if (!wp_pending_is_set(task))
		return -ENOENT;
	err = wp_link_remove_locked(pool, task, deferred);
	if (err)
		return err;
	wp_watch_note_locked(pool, task->fn);
	if (*to != pool) {
		pool->counters[WP_COUNT_SUBMITTED]--;
		*to = NULL;
	}
	wp_running_release_flushers_locked(pool, task, deferred);
	wp_queue_balance_locked(pool, deferred);
	return 0;
}

/* Interrupts are off from grab to link: see "Embedded tasks". */
static int requeue_delayed(struct workpool *pool,
			   struct workpool_delayed_task *dtask,
			   unsigned long delay)
{
	struct workpool *to = pool;
	unsigned long flags;
	int err;

	local_irq_save(flags);
	err = wp_task_at_last_pool(&dtask->task, delayed_grab_locked, &to);
	if (!err)
		err = queue_delayed(pool, dtask,
				    to ? WP_TASK_ACCEPTED : WP_TASK_GRABBED,
				    delay);
	local_irq_restore(flags);
	return err;
}

/**
 * workpool_mod_delayed() - change when a task will run
 * @pool: the pool
 * @dtask: the task
 * @delay: jiffies from now after which it is queued; 0: now
 *
 * This does what workpool_queue_delayed() does. A task that is pending already,
 * delayed or queued, gets the new delay instead of the old one. Moved to another
 * pool, it counts in that one only.
 *
 * Context: Any but NMI.
 * Return: 0; -ESHUTDOWN: pool closed, nothing changed unless it was closed in
 * the meantime; -EINVAL: it was never initialized, which is reported with a
 * warning; -EALREADY: it is disabled, or being cancelled by
 * workpool_cancel_sync().
 */
int workpool_mod_delayed(struct workpool *pool,
			 struct workpool_delayed_task *dtask,
			 unsigned long delay)
{
	int err;

	do {
		err = workpool_queue_delayed(pool, dtask, delay);
		if (err != -EALREADY || wp_pending_is_cancelling(&dtask->task))
			return err;
		err = requeue_delayed(pool, dtask, delay);
	} while (err == -ENOENT);	/* a worker began it in between */
	return err;
}
EXPORT_SYMBOL_GPL(workpool_mod_delayed);

/**
 * workpool_cancel_delayed() - workpool_cancel() of a delayed task
 * @dtask: the task
 *
 * Context: Any but NMI.
 * Return: as workpool_cancel().
 */
int workpool_cancel_delayed(struct workpool_delayed_task *dtask)
{
	return workpool_cancel(&dtask->task);
}
EXPORT_SYMBOL_GPL(workpool_cancel_delayed);

/**
 * workpool_cancel_delayed_sync() - workpool_cancel_sync() of a delayed task
 * @dtask: the task
 *
 * Context: as workpool_cancel_sync().
 * Return: as workpool_cancel_sync().
 */
int workpool_cancel_delayed_sync(struct workpool_delayed_task *dtask)
{
	return workpool_cancel_sync(&dtask->task);
}
EXPORT_SYMBOL_GPL(workpool_cancel_delayed_sync);

static int fire_now_locked(struct workpool *pool, struct workpool_task *task,
			   void *unused, struct wp_deferred *deferred)
{
	int err;

	lockdep_assert_held(&pool->lock);
	if (!wp_pending_is_set(task))
		return -ENOENT;
	/* One that waits for its own end is queued then, without a timer. */
	if (task->node.kind == WP_RERUN)
		wp_busy_find_locked(pool, task)->rerun_delayed = false;
	if (task->node.kind != WP_DELAYED)
		return -ENOENT;
	err = wp_link_remove_locked(pool, task, deferred);
	if (!err)
		delayed_fire_locked(pool, task, deferred);
	return err;
}

/**
 * workpool_flush_delayed() - have a delayed task run now, and wait for it
 * @dtask: the task
 *
 * Queues the task now instead of when its timer fires, then waits as
 * workpool_flush(). If the pool is closed, the task is dropped as when its
 * timer had fired.
 *
 * Context: as workpool_flush().
 * Return: as workpool_flush(). It may be false although the task was pending,
 * if that ran before the wait began.
 */
bool workpool_flush_delayed(struct workpool_delayed_task *dtask)
{
	might_sleep();
	wp_task_at_last_pool(&dtask->task, fire_now_locked, NULL);
	return wp_cancel_flush(&dtask->task, __func__);
}
EXPORT_SYMBOL_GPL(workpool_flush_delayed);

/* Drop one delayed task. Returns false when there is none. */
static bool drop_delayed(struct workpool *pool)
{
	struct workpool_node *node;
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	node = list_first_entry_or_null(&pool->delayed, struct workpool_node,
					entry);
	if (node && node->kind == WP_MARK)
		list_del_init(&node->entry);
	else if (node && !wp_link_remove_locked(pool, wp_node_task(node),
						&deferred))
		drop_delayed_locked(pool, wp_node_task(node), &deferred);
	wp_pool_unlock(pool, &deferred);
	return node;
}

/* Drop all delayed tasks of a dead pool: no timer may find it any more. */
void wp_delayed_drop_all(struct workpool *pool)
{
	while (drop_delayed(pool))
		cond_resched();	/* its timer may have fired, and waits for us */
}
