// SPDX-License-Identifier: GPL-2.0
/*
 * Cancel and flush: embedded tasks that are removed or waited for.
 */

#include "compat.h"
#include "core/deferred.h"
#include "core/lockdep.h"
#include "core/wait.h"
#include "queue/edge.h"
#include "task/cancel.h"
#include "task/task.h"

static int cancel_task_locked(struct workpool *pool, struct workpool_task *task,
			      void *unused, struct wp_deferred *deferred)
{
	int err;

	lockdep_assert_held(&pool->lock);
	if (!wp_pending_is_set(task))
		return wp_busy_find_locked(pool, task) ? -EBUSY : -ENOENT;
	err = wp_link_remove_locked(pool, task, deferred);
	if (err)
		return err;
	wp_observe_cancel_locked(pool, task->fn, (unsigned long)task);
	wp_link_end_locked(pool, task, deferred);
	return 0;
}

/**
 * workpool_cancel() - keep a task from running
 * @task: the task
 *
 * Context: Any but NMI.
 * Return: 0: it was queued or delayed, and will not run, but it may run still if
 * it was queued again while it ran; -EBUSY: it runs right now and is not queued
 * again; -ENOENT: neither.
 */
int workpool_cancel(struct workpool_task *task)
{
	return wp_task_at_last_pool(task, cancel_task_locked, NULL);
}
EXPORT_SYMBOL_GPL(workpool_cancel);

#ifdef CONFIG_DEBUG_OBJECTS

static int drop_misused_locked(struct workpool *pool,
			       struct workpool_task *task, void *unused,
			       struct wp_deferred *deferred)
{
	int err;

	lockdep_assert_held(&pool->lock);
	if (!wp_pending_is_set(task))
		return -ENOENT;
	err = wp_link_remove_misused_locked(pool, task, deferred);
	if (err)
		return err;
	wp_observe_cancel_locked(pool, task->fn, (unsigned long)task);
	wp_link_end_locked(pool, task, deferred);
	return 0;
}

/* A task is initialized or freed while it is pending. */
static void drop_misused(struct workpool_task *task)
{
	wp_task_at_last_pool(task, drop_misused_locked, NULL);
}

void wp_cancel_init(void)
{
	wp_pending_debug_setup(drop_misused);
}

#endif

/* Does @task run here, so that it would wait for itself? */
static bool is_own_task(struct workpool_task *task, const char *what)
{
	struct wp_worker *worker = wp_worker_current();

	return WARN(worker && worker->in_task &&
		    wp_worker_own_task(worker) == task &&
		    wp_worker_own_fn(worker) == task->fn,
		    "workpool: %s() of task %ps by itself: it returns without waiting\n",
		    what, task->fn);
}

/* Wait for @worker, which executes the task; without one until it is begun. */
static void add_flusher_locked(struct workpool *pool,
			       struct wp_flusher *flusher,
			       struct wp_worker *worker)
{
	flusher->waits = true;
	WRITE_ONCE(flusher->pool, pool);
	if (worker)
		wp_wait_add_locked(pool, &flusher->wait, &worker->flushers);
	else
		wp_running_add_flusher_locked(pool, flusher);
}

static int cancel_and_flush_locked(struct workpool *pool,
				   struct workpool_task *task, void *arg,
				   struct wp_deferred *deferred)
{
	struct wp_flusher *flusher = arg;
	struct wp_worker *worker;
	int err;

	lockdep_assert_held(&pool->lock);
	err = cancel_task_locked(pool, task, NULL, deferred);
	if (err == -EAGAIN)
		return err;
	worker = wp_busy_find_locked(pool, task);
	if (worker)
		add_flusher_locked(pool, flusher, worker);
	return err;
}

/* A wait that can never end is reported and abandoned. */
static int wait_for_task(struct wp_flusher *flusher, const char *what)
{
	struct wp_edge edge = {
		.kind = WP_EDGE_TASK,
		.flusher = flusher,
		.wait = &flusher->wait,
		.must_wait = flusher->must_wait,
	};
	int err;

	wp_edge_enter(&edge);
	err = wp_wait_sleep(&flusher->wait);
	wp_edge_leave(&edge);
	WARN(err, "workpool: %s() of task %ps, which cannot end before the caller goes on: it returns, and the task may still run\n",
	     what, flusher->task->fn);
	return err;
}

/* @caller: to be named in a warning */
static int cancel_and_wait(struct workpool_task *task,
			   struct wp_flusher *flusher, const char *caller)
{
	int err;

	atomic_add(WP_TASK_CANCELLING, &task->state);
	err = wp_task_at_last_pool(task, cancel_and_flush_locked, flusher);
	if (flusher->waits)
		err = wait_for_task(flusher, caller) ?: err;
	atomic_sub(WP_TASK_CANCELLING, &task->state);
	return err;
}

/*
 * workpool_cancel_sync() of a task that runs to its end whatever happens. So
 * the wait is never chosen to break a deadlock, and lockdep need not know of
 * it.
 */
int wp_cancel_must_wait(struct workpool_task *task)
{
	struct wp_flusher flusher = { .task = task, .must_wait = true };

	wp_wait_init(&flusher.wait, WP_WAIT_TASK, task->fn);
	return cancel_and_wait(task, &flusher, __func__);
}

static int cancel_sync(struct workpool_task *task, const char *caller)
{
	struct wp_flusher flusher = { .task = task };

	might_sleep();
	if (is_own_task(task, caller)) {
		workpool_cancel(task);
		return -EDEADLK;
	}
	wp_lockdep_wait_task(task);
	wp_wait_init(&flusher.wait, WP_WAIT_TASK, task->fn);
	return cancel_and_wait(task, &flusher, caller);
}

/**
 * workpool_cancel_sync() - keep a task from running, and wait for it
 * @task: the task
 *
 * When it returns the task is not queued and does not run, unless somebody
 * queued it since. While it waits nobody can queue the task, not even its own
 * function: that is -EALREADY.
 *
 * Context: Process context. May sleep. Not with a lock that @task takes.
 * Return: 0: it was queued or delayed, and will not run; -EBUSY: it ran, and
 * has ended, or crashed, which ops->crash may still report; -ENOENT: neither;
 * -EDEADLK: it would wait for itself, as it was
 * called by @task, or by a task that @task waits for. That is reported with a
 * warning, and @task was only cancelled as by workpool_cancel(): it may still
 * run, and must not be freed.
 */
int workpool_cancel_sync(struct workpool_task *task)
{
	return cancel_sync(task, __func__);
}
EXPORT_SYMBOL_GPL(workpool_cancel_sync);

/**
 * workpool_disable() - keep a task from being queued, and cancel it
 * @task: the task; of a delayed one its member of this name
 *
 * The task cannot be queued (-EALREADY) until workpool_enable() was called once
 * for each call of this function or of workpool_disable_sync(). Its own
 * function cannot queue it either.
 *
 * Context: Any but NMI.
 * Return: as workpool_cancel(). In each case the task is disabled.
 */
int workpool_disable(struct workpool_task *task)
{
	/* Pairs with the cmpxchg() in wp_pending_grab(). */
	atomic_add(WP_TASK_CANCELLING, &task->state);
	return workpool_cancel(task);
}
EXPORT_SYMBOL_GPL(workpool_disable);

/**
 * workpool_disable_sync() - the same, and wait for the task
 * @task: the task; of a delayed one its member of this name
 *
 * When it returned something other than -EDEADLK, the task does not run, and
 * will not until it is enabled.
 *
 * Context: Process context. May sleep. Not with a lock that @task takes.
 * Return: as workpool_cancel_sync(). In each case the task is disabled.
 */
int workpool_disable_sync(struct workpool_task *task)
{
	atomic_add(WP_TASK_CANCELLING, &task->state);
	return cancel_sync(task, __func__);
}
EXPORT_SYMBOL_GPL(workpool_disable_sync);

/**
 * workpool_enable() - take back one workpool_disable()
 * @task: the task; of a delayed one its member of this name
 *
 * It does not queue the task, even if an attempt failed meanwhile. One call too
 * many is a bug: it is reported, unless a workpool_cancel_sync() waits for the
 * task at that moment, which the call then takes back instead.
 *
 * Context: Any.
 * Return: true when the task can be queued again; false: it was disabled more
 * often, or a workpool_cancel_sync() waits for it.
 */
bool workpool_enable(struct workpool_task *task)
{
	if (WARN(!wp_pending_is_cancelling(task),
		 "workpool: task %ps is enabled, but was not disabled\n",
		 task->fn))
		return true;
	return atomic_sub_return(WP_TASK_CANCELLING, &task->state) <
	       WP_TASK_CANCELLING;
}
EXPORT_SYMBOL_GPL(workpool_enable);

static int flush_task_locked(struct workpool *pool, struct workpool_task *task,
			     void *arg, struct wp_deferred *deferred)
{
	struct wp_flusher *flusher = arg;
	struct wp_worker *worker;

	lockdep_assert_held(&pool->lock);
	if (wp_pending_is_set(task)) {
		if (!wp_link_is_set_locked(pool, task))
			return -EAGAIN;
		add_flusher_locked(pool, flusher, NULL);
		return 0;
	}
	worker = wp_busy_find_locked(pool, task);
	if (!worker)
		return -ENOENT;
	add_flusher_locked(pool, flusher, worker);
	return 0;
}

/* workpool_flush() for @caller, which a warning names. */
bool wp_cancel_flush(struct workpool_task *task, const char *caller)
{
	struct wp_flusher flusher = { .task = task };

	might_sleep();
	if (is_own_task(task, caller))
		return false;
	wp_lockdep_wait_task(task);
	wp_wait_init(&flusher.wait, WP_WAIT_TASK, task->fn);
	return !wp_task_at_last_pool(task, flush_task_locked, &flusher) &&
	       !wait_for_task(&flusher, caller);
}

/**
 * workpool_flush() - wait for a task
 * @task: the task
 *
 * Waits for the instance of the task that is pending or running now to end, to
 * be cancelled, or to be put off by workpool_mod_delayed(). For a delayed task
 * that includes the time until its timer fires. From the task's own function, or
 * from a task that @task waits for, it would wait for ever: it warns and returns,
 * and @task may still run.
 *
 * Context: Process context. May sleep. Not with a lock that @task takes.
 * Return: true when it waited for the task; false when that was neither pending
 * nor running, or after the warning.
 */
bool workpool_flush(struct workpool_task *task)
{
	return wp_cancel_flush(task, __func__);
}
EXPORT_SYMBOL_GPL(workpool_flush);
