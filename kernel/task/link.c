// SPDX-License-Identifier: GPL-2.0
/*
 * Links: where an embedded task that is pending stands.
 *
 * It is in the pool's queue, or waits for the worker that executes it, or in
 * workpool.delayed while its timer runs. The timer is started and stopped under
 * the pool's lock, and its function takes that lock. A task whose timer can no
 * longer be stopped is about to be queued: a thread that wants to remove it
 * looks again.
 */

#include <linux/jiffies.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/timer.h>

#include "compat.h"
#include "core/pending.h"
#include "core/watch.h"
#include "queue/color.h"
#include "task/link.h"

/* What is later than LONG_MAX has passed already, to time_before(). */
void wp_link_set_expiry(struct workpool_delayed_task *dtask,
			unsigned long delay)
{
	dtask->timer.expires = jiffies + min_t(unsigned long, delay, LONG_MAX);
}

/* Start the timer of the pending @dtask, whose expiry is set. */
void wp_link_timer_locked(struct workpool *pool,
			  struct workpool_delayed_task *dtask)
{
	struct workpool_task *task = &dtask->task;

	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(task->last_pool, pool->lookup_id);
	task->node.kind = WP_DELAYED;
	list_add_tail(&task->node.entry, &pool->delayed);
	pool->nr_delayed++;
	dtask->pool = pool;
	add_timer(&dtask->timer);
	trace_workpool_queue(pool, task->fn, (unsigned long)task,
			     dtask->timer.expires - jiffies);
}

/* The timer of @task fired or was stopped. */
void wp_link_timer_gone_locked(struct workpool *pool,
			       struct workpool_task *task)
{
	lockdep_assert_held(&pool->lock);
	list_del_init(&task->node.entry);
	task->node.kind = WP_TASK;
	pool->nr_delayed--;
}

/**
 * wp_link_remove_locked() - unlink a pending task, which stays pending
 * @pool: the pool that it was linked in last
 * @task: the task
 * @deferred: gets the threads that flush the pool, if it was the last
 *
 * Return: 0; -EAGAIN: it is not linked yet, or its timer just fired.
 */
int wp_link_remove_locked(struct workpool *pool, struct workpool_task *task,
			  struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	switch (task->node.kind) {
	case WP_DELAYED:
		if (!timer_delete(&to_workpool_delayed_task(task)->timer))
			return -EAGAIN;
		wp_link_timer_gone_locked(pool, task);
		return 0;
	case WP_RERUN:
		wp_running_remove_rerun_locked(pool,
					       wp_busy_find_locked(pool,
								   task));
		break;
	default:
		if (!wp_link_is_set_locked(pool, task))
			return -EAGAIN;
		wp_node_remove_locked(pool, &task->node);
		break;
	}
	wp_color_leave_locked(pool, task->node.color, deferred);
	return 0;
}

#ifdef CONFIG_DEBUG_OBJECTS
/*
 * Remove a task that its owner initializes or frees. Unlike
 * wp_link_remove_locked() this does not rely on the timer of the task:
 * debugobjects may have stopped it already.
 */
int wp_link_remove_misused_locked(struct workpool *pool,
				  struct workpool_task *task,
				  struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	if (task->node.kind != WP_DELAYED)
		return wp_link_remove_locked(pool, task, deferred);
	timer_delete(&to_workpool_delayed_task(task)->timer);
	wp_link_timer_gone_locked(pool, task);
	return 0;
}
#endif

/*
 * Unlink @task, which is in the queue, on its way to another pool. Returns
 * false when it must stay, as it runs here or threads wait here for it.
 */
bool wp_link_steal_locked(struct workpool *pool, struct workpool_task *task)
{
	lockdep_assert_held(&pool->lock);
	if (wp_pending_is_flushed_locked(pool, task) ||
	    wp_busy_find_locked(pool, task))
		return false;
	wp_node_remove_locked(pool, &task->node);
	wp_link_leave_locked(pool, task);
	wp_watch_note_locked(pool, task->fn);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(wp_link_steal_locked);

/*
 * The unlinked @task will not run: it is not pending any more. @err: for the
 * group that it is a member of, if any. The caller balances.
 */
void wp_link_drop_locked(struct workpool *pool, struct workpool_task *task,
			 int err, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	wp_running_release_flushers_locked(pool, task, deferred);
	/* Before others may queue it to another group. */
	if (wp_pending_is_member(task))
		wp_member_leave_locked(pool, wp_node_member(&task->node), err,
				       deferred);
	wp_pending_clear(task);
}

/* Drop the unlinked @task, for its group as if it had run; then balance. */
void wp_link_end_locked(struct workpool *pool, struct workpool_task *task,
			struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	wp_link_drop_locked(pool, task, 0, deferred);
	wp_queue_balance_locked(pool, deferred);
}
