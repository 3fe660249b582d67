// SPDX-License-Identifier: GPL-2.0
/*
 * Looks at embedded tasks. What they see may have changed when they return.
 */

#include "core/deferred.h"
#include "core/pending.h"
#include "queue/running.h"
#include "task/task.h"

/**
 * workpool_task_pending() - is a task queued or delayed?
 * @task: the task
 *
 * This is like work_pending(), and like delayed_work_pending() for the task in a
 * &struct workpool_delayed_task. A task that runs is not pending, unless it was
 * queued again.
 *
 * Context: Any.
 * Return: true when it is.
 */
bool workpool_task_pending(struct workpool_task *task)
{
	return wp_pending_is_set(task);
}
EXPORT_SYMBOL_GPL(workpool_task_pending);

static int find_running_locked(struct workpool *pool,
			       struct workpool_task *task, void *arg,
			       struct wp_deferred *deferred)
{
	bool *runs = arg;

	lockdep_assert_held(&pool->lock);
	*runs = wp_busy_find_locked(pool, task);
	return 0;
}

/**
 * workpool_task_busy() - is a task pending, and does it run?
 * @task: the task
 *
 * Use it for messages and statistics, like work_busy(). A caller that has to
 * know that the task neither runs nor will run uses workpool_cancel_sync().
 *
 * Context: Any but NMI.
 * Return: the sum of %WORKPOOL_BUSY_PENDING and %WORKPOOL_BUSY_RUNNING, or 0.
 */
unsigned int workpool_task_busy(struct workpool_task *task)
{
	unsigned int busy = 0;
	bool runs = false;

	wp_task_at_last_pool(task, find_running_locked, &runs);
	if (wp_pending_is_set(task))
		busy |= WORKPOOL_BUSY_PENDING;
	if (runs)
		busy |= WORKPOOL_BUSY_RUNNING;
	return busy;
}
EXPORT_SYMBOL_GPL(workpool_task_busy);
