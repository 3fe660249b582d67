// SPDX-License-Identifier: GPL-2.0
/*
 * Delayed tasks: embedded tasks that are queued when a timer fires.
 *
 * While its timer runs a task is claimed and in workpool.delayed. The timer is
 * started and stopped under the pool's lock, and its function takes that lock:
 * a task whose timer can no longer be stopped is about to be queued, and whoever
 * wants to remove it looks again. The lock of the timer wheel is a leaf.
 */

#include <linux/sched/signal.h>
#include <linux/timer.h>

#include "internal.h"
#include "trace.h"

static struct workpool_delayed_task *to_delayed(struct workpool_task *task)
{
	return container_of(task, struct workpool_delayed_task, task);
}

static void arm(struct workpool *pool, struct workpool_task *task,
		unsigned long delay, struct wp_deferred *deferred)
{
	struct workpool_delayed_task *dtask = to_delayed(task);

	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(task->last_pool, pool->lookup_id);
	task->node.kind = WP_DELAYED;
	list_add_tail(&task->node.entry, &pool->delayed);
	pool->nr_delayed++;
	dtask->pool = pool;
	dtask->timer.expires = jiffies + delay;
	add_timer(&dtask->timer);
	trace_workpool_queue(pool, task->fn, delay);
}

static void leave_locked(struct workpool *pool, struct workpool_task *task)
{
	lockdep_assert_held(&pool->lock);
	list_del_init(&task->node.entry);
	task->node.kind = WP_TASK;
	pool->nr_delayed--;
}

/* Stop the timer of @task. 0, or -EAGAIN: it just fired. */
int disarm_locked(struct workpool *pool, struct workpool_task *task)
{
	lockdep_assert_held(&pool->lock);
	if (!timer_delete(&to_delayed(task)->timer))
		return -EAGAIN;
	leave_locked(pool, task);
	return 0;
}

static void drop_locked(struct workpool *pool, struct workpool_task *task,
			struct wp_deferred *deferred)
{
	pool->counters.dropped++;
	wp_link_drop_locked(pool, task, deferred);
}

static void fire_locked(struct workpool *pool, struct workpool_task *task,
			struct wp_deferred *deferred)
{
	leave_locked(pool, task);
	if (pool->state != WP_OPEN) {
		drop_locked(pool, task, deferred);
		return;
	}
	wp_link_queue_locked(pool, task, false, deferred);
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
	struct workpool *pool = dtask->pool;
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	fire_locked(pool, &dtask->task, &deferred);
	wp_pool_unlock(pool, &deferred);
}
EXPORT_SYMBOL_GPL(workpool_delayed_timer);

/**
 * workpool_queue_delayed() - have a task run later
 * @pool: the pool
 * @dtask: the task
 * @delay: jiffies after which it is queued, never earlier; 0: now
 *
 * If the pool is closed when the time has come, the task is dropped.
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
	return wp_task_queue(pool, &dtask->task, WP_TASK_FREE, arm, delay);
}
EXPORT_SYMBOL_GPL(workpool_queue_delayed);

/* The claim of a stolen task must not be interrupted: see task.c. */
static int move(struct workpool *pool, struct workpool_delayed_task *dtask,
		unsigned long delay)
{
	struct workpool *to = pool;
	unsigned long flags;
	int err;

	local_irq_save(flags);
	err = wp_task_at_last_pool(&dtask->task, wp_task_steal, &to);
	if (!err)
		err = wp_task_queue(pool, &dtask->task,
				    to ? WP_TASK_ACCEPTED : WP_TASK_CLAIMED,
				    delay ? arm : wp_link_queue_locked, delay);
	local_irq_restore(flags);
	return err;
}

/**
 * workpool_mod_delayed() - change when a task will run
 * @pool: the pool
 * @dtask: the task
 * @delay: jiffies from now after which it is queued; 0: now
 *
 * As workpool_queue_delayed(), and if the task is pending already, delayed or
 * queued, with the new delay instead of the old one. Moved to another pool, it
 * counts in that one only.
 *
 * Context: Any but NMI.
 * Return: 0; -ESHUTDOWN: pool closed, nothing changed unless it was closed in
 * the meantime; -EALREADY: it is being cancelled by workpool_cancel_sync().
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
		err = move(pool, dtask, delay);
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

/* Drop one delayed task. Returns false when there is none. */
static bool drop_first(struct workpool *pool)
{
	struct workpool_task *task;
	struct wp_deferred deferred;
	bool found;

	wp_pool_lock(pool, &deferred);
	found = !list_empty(&pool->delayed);
	if (found) {
		task = wp_task_at(list_first_entry(
			&pool->delayed, struct workpool_node, entry));
		if (!disarm_locked(pool, task))
			drop_locked(pool, task, &deferred);
	}
	wp_pool_unlock(pool, &deferred);
	return found;
}

/* The pool is dead: no timer may find it any more. */
void wp_delayed_drop_all(struct workpool *pool)
{
	while (drop_first(pool))
		cond_resched();	/* its timer may have fired, and waits for us */
}
