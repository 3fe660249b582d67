// SPDX-License-Identifier: GPL-2.0
/*
 * Groups: calls and embedded tasks in one pool that are waited for together.
 *
 * The lock of its pool protects a group. workpool_group_wait() is in
 * worker/assist.c.
 */

#include <linux/sched/task_stack.h>

#include "compat.h"
#include "core/busy.h"
#include "core/lock.h"
#include "core/lookup.h"
#include "core/node.h"
#include "core/observe.h"
#include "core/pending.h"
#include "core/slice.h"
#include "core/watch.h"
#include "core/worker.h"
#include "queue/member.h"
#include "queue/queue.h"
#include "queue/submit.h"
#include "queue/waiter.h"
#include "task/group.h"
#include "task/link.h"
#include "task/task.h"

/**
 * workpool_group_init() - prepare a group
 * @group: the group
 * @pool: where its members run
 *
 * Context: Any.
 */
void workpool_group_init(struct workpool_group *group, struct workpool *pool)
{
	group->pool = pool;
	INIT_LIST_HEAD(&group->queued);
	INIT_LIST_HEAD(&group->embedded);
	INIT_LIST_HEAD(&group->submitters);
	INIT_LIST_HEAD(&group->waiters);
	group->nr = 0;
	group->stuck = 0;
	group->error = 0;
	group->cancelled = false;
	if (object_is_on_stack(group))
		wp_worker_note_stacked(pool->lookup_id);
}
EXPORT_SYMBOL_GPL(workpool_group_init);

/*
 * Debug kernels look: does the member that runs here use its own group, which
 * is gone?
 */
static bool is_dead(struct workpool_group *group)
{
	struct wp_worker *worker;

	if (!IS_ENABLED(CONFIG_DEBUG_OBJECTS))
		return false;
	worker = wp_worker_current();
	/* Pairs with the write in leave_group_locked(). */
	return WARN(worker && READ_ONCE(worker->dead_group) == group,
		    "workpool: a member uses its group, which was on the stack of a task that crashed\n");
}

/**
 * workpool_group_submit() - run a function as member of a group
 * @group: the group
 * @fn: the function; what it returns is for workpool_group_wait(). That returns
 *	-EDEADLK, -ETIMEDOUT and -EINTR for reasons of its own, while members
 *	still run, so @fn should not return these
 * @arg: its argument
 *
 * A submit like any other: workpool_submit(). A member may submit others,
 * unless the group is on the stack of a task that may crash. When all workers
 * execute members that submit, and the pool has no room in a queue_depth, the
 * youngest of these submits gets -EDEADLK.
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: as workpool_submit(); -ECANCELED: workpool_group_cancel() was called,
 * also while waiting, and no wait for the group has ended since.
 */
int workpool_group_submit(struct workpool_group *group, int (*fn)(void *arg),
			  void *arg)
{
	struct wp_call call = {
		.kind = WP_MEMBER_CALL,
		.fn.member_call = fn,
		.arg = arg,
		.group = group,
	};

	if (is_dead(group))
		return -ECANCELED;
	return wp_submit_member(group, &call);
}
EXPORT_SYMBOL_GPL(workpool_group_submit);

/* May a member be queued? */
static int check_open_locked(struct workpool *pool,
			     struct workpool_group *group)
{
	if (!wp_pool_is_open(pool))
		return -ESHUTDOWN;
	return group->cancelled ? -ECANCELED : 0;
}

/*
 * Make @task pending. Its last_pool was @last before, and if it is not any more,
 * this returns -EAGAIN.
 */
static int grab_member(struct workpool_task *task, u32 last)
{
	if (!wp_pending_grab_member(task))
		return -EALREADY;
	/* Only now no other thread changes last_pool. */
	if (likely(task->last_pool == last))
		return 0;
	wp_pending_ungrab(task);
	return -EAGAIN;
}

/*
 * Make @task pending, and have it leave the pool @last. If it runs there it does
 * not become pending, not even for a moment: its function might queue it again
 * in that moment, would be told that it is pending, and it would never run.
 */
static int grab_member_at_locked(struct workpool *last,
				 struct workpool_task *task)
{
	int err;

	lockdep_assert_held(&last->lock);
	if (task->last_pool != last->lookup_id)
		return -EAGAIN;
	if (wp_busy_find_locked(last, task))
		return wp_pending_may_grab_member(task) ? -EBUSY : -EALREADY;
	err = grab_member(task, last->lookup_id);
	if (!err)
		wp_link_leave_locked(last, task);
	return err;
}

/*
 * Make @task pending, whose last_pool is @number, not that of @pool. Drops the
 * lock for a moment, with interrupts off: see wp_task_settle_locked().
 */
static noinline int grab_from_elsewhere_locked(struct workpool *pool,
					       struct workpool_group *group,
					       struct workpool_task *task,
					       u32 number)
	__must_hold(&pool->lock)
{
	struct workpool *last;
	int err;

	lockdep_assert_held(&pool->lock);
	raw_spin_unlock(&pool->lock);
	last = wp_lookup_find(number);
	if (last) {
		raw_spin_lock(&last->lock);
		err = grab_member_at_locked(last, task);
		raw_spin_unlock(&last->lock);
	} else {
		err = grab_member(task, number);
	}
	raw_spin_lock(&pool->lock);
	if (err)
		return err;
	err = check_open_locked(pool, group);
	if (err)
		wp_pending_ungrab(task);
	return err;
}

/* Make @task pending, if it can be queued to @group. */
static int accept_member_locked(struct workpool *pool,
				struct workpool_group *group,
				struct workpool_task *task)
{
	u32 last;
	int err;

	do {
		err = check_open_locked(pool, group);
		if (err)
			return err;
		/* Pairs with the writes under a pool's lock. */
		last = READ_ONCE(task->last_pool);
		if (likely(!last || last == pool->lookup_id))
			err = grab_member(task, last);
		else
			err = grab_from_elsewhere_locked(pool, group, task,
							 last);
	} while (err == -EAGAIN);
	if (!err)
		wp_pending_debug_activate(task);
	return err;
}

/* A plain task has a function of another type. Returns why it is refused. */
static noinline int refuse_plain(struct workpool *pool,
				 struct workpool_task *task)
{
	if (!wp_pool_is_open(pool))
		return -ESHUTDOWN;
	WARN_ONCE(1, "workpool: pool %s: task %ps is queued as a member of a group, without workpool_member_init()\n",
		  pool->name, task->fn);
	return -EINVAL;
}

/**
 * workpool_group_queue() - have an embedded task run as member of a group
 * @group: the group
 * @member: the member
 *
 * This is to workpool_queue() what workpool_group_submit() is to
 * workpool_submit(). It needs no memory, does not wait, and is never refused
 * because the pool is full. The member counts until its function has returned,
 * also if that has freed it. It does not count any more when it is cancelled,
 * by workpool_cancel() and its like or by workpool_group_cancel(). A crash or a
 * drop gives the group the errors that workpool_group_wait() has for them.
 *
 * Its own function may queue it again, to the same group or to another one in
 * the same pool. The run in progress counts in the old group and the next one
 * in the new group. A member may queue others, unless the group is on the stack
 * of a task that may crash.
 *
 * If @member is already pending, its function still sees what the caller wrote
 * before the call. But when several threads queue it to groups of several pools
 * at the same time, the queueing that a thread got -EALREADY for may be the one
 * that fails, with -EBUSY, -ECANCELED or -ESHUTDOWN: then the member is queued
 * nowhere.
 *
 * A task that waits for @group does not run such members itself. They need a
 * worker of the pool. If all of these wait, the youngest wait ends with
 * -EDEADLK.
 *
 * Context: Any but NMI.
 * Return: 0; -ESHUTDOWN: pool closed, or the module of the member's function is
 * being unloaded; -ECANCELED: workpool_group_cancel() was called, and no wait
 * for the group has ended since; -EINVAL: it was never initialized, or with no
 * function, or not by workpool_member_init(), which is reported with one
 * warning; -EALREADY: it is pending, also for another group, or disabled, or
 * being cancelled by workpool_cancel_sync(); -EBUSY: it runs in another pool
 * right now.
 */
int workpool_group_queue(struct workpool_group *group,
			 struct workpool_member *member)
{
	struct workpool_task *task = &member->task;
	struct wp_deferred deferred __uninitialized;
	struct workpool *pool;
	int err;

	if (is_dead(group))
		return -ECANCELED;
	pool = group->pool;
	if (unlikely(!task->fn))
		return wp_task_refuse_blank(pool);
	if (unlikely(!wp_pending_is_member(task)))
		return refuse_plain(pool, task);
	if (wp_watch_covers(task->fn))
		return -ESHUTDOWN;
	wp_pool_lock_loose(pool, &deferred);
	err = accept_member_locked(pool, group, task);
	if (!err) {
		pool->counters[WP_COUNT_SUBMITTED]++;
		wp_link_join_locked(pool, group, member);
		wp_queue_kick_locked(pool, &deferred);
	}
	wp_pool_unlock(pool, &deferred);
	return err;
}
EXPORT_SYMBOL_GPL(workpool_group_queue);

/*
 * From here on no new submitter is let in. Those that wait already are refused
 * by cancel_some(), if no worker takes their member before. The group counts
 * one more until the cancel is over: those that wait for it may free it then.
 */
static void begin_cancel(struct workpool_group *group)
{
	struct workpool *pool = group->pool;
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	group->cancelled = true;
	group->nr++;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/* Cancel a member that is queued. Returns false when there is none. */
static bool cancel_queued_locked(struct workpool *pool,
				 struct workpool_group *group,
				 struct wp_deferred *deferred)
{
	struct wp_job *job;

	job = list_first_entry_or_null(&group->queued, struct wp_job, member);
	if (!job)
		return false;
	wp_observe_cancel_locked(pool, job->call.fn.any,
				 wp_call_id(&job->call));
	wp_queue_drop_job_locked(pool, job, deferred);
	wp_member_end_locked(pool, group, 0, deferred);
	return true;
}

/*
 * Cancel an embedded member that is queued, or waits for the worker that
 * executes it. Returns false when there is none.
 */
static bool cancel_embedded_locked(struct workpool *pool,
				   struct workpool_group *group,
				   struct wp_deferred *deferred)
{
	struct workpool_member *member;
	struct workpool_task *task;

	member = list_first_entry_or_null(&group->embedded,
					  struct workpool_member, link);
	if (!member)
		return false;
	task = &member->task;
	/* It is linked, and has no timer. */
	wp_link_remove_locked(pool, task, deferred);
	wp_observe_cancel_locked(pool, task->fn, (unsigned long)task);
	wp_link_drop_locked(pool, task, 0, deferred);
	return true;
}

/* Refuse a member whose submitter waits. Returns false when there is none. */
static bool refuse_submitter_locked(struct workpool *pool,
				    struct workpool_group *group,
				    struct wp_deferred *deferred)
{
	struct wp_waiter *waiter;

	waiter = list_first_entry_or_null(&group->submitters, struct wp_waiter,
					  member);
	if (!waiter)
		return false;
	wp_waiter_deny_locked(pool, waiter, -ECANCELED, deferred);
	return true;
}

/*
 * Returns false when nothing was left. Then @group may be gone, unless it is to
 * @keep what begin_cancel() counted.
 */
static bool cancel_some(struct workpool *pool, struct workpool_group *group,
			bool keep)
{
	struct wp_deferred deferred;
	int nr = 0;

	wp_pool_lock(pool, &deferred);
	/* The submitters first: each member that goes would let one in. */
	while (nr < WP_SLICE &&
	       (refuse_submitter_locked(pool, group, &deferred) ||
		cancel_queued_locked(pool, group, &deferred) ||
		cancel_embedded_locked(pool, group, &deferred)))
		nr++;
	if (nr < WP_SLICE && !keep)
		wp_member_end_locked(pool, group, 0, &deferred);
	wp_queue_balance_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
	return nr == WP_SLICE;
}

/**
 * wp_group_take_result() - end a group in which nothing is left
 * @group: the group
 * @result: gets what workpool_group_wait() would return; -ECANCELED: @group died
 *	with its stack
 *
 * That is how most guards end. What a worker has leased stays there: it is in no
 * group.
 *
 * Context: Any but NMI.
 * Return: false: members count, or submitters wait, and nothing was done.
 */
bool wp_group_take_result(struct workpool_group *group, int *result)
{
	struct workpool *pool;
	unsigned long flags;
	bool over;

	*result = -ECANCELED;
	if (is_dead(group))
		return true;
	pool = group->pool;
	raw_spin_lock_irqsave(&pool->lock, flags);
	/* A submitter that waits does not count as a member yet. */
	over = !group->nr && list_empty(&group->submitters);
	if (over)
		*result = wp_member_take_error_locked(pool, group);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return over;
}

/**
 * wp_group_cancel() - cancel a group that is not dead
 * @group: the group
 * @keep: it then counts one more, so that it is not complete, and accepts
 *	nothing, until the caller has called wp_member_end_locked()
 *
 * Context: Any but NMI. With @keep only where it may sleep: between two slices
 * other threads may run.
 */
void wp_group_cancel(struct workpool_group *group, bool keep)
{
	struct workpool *pool = group->pool;

	begin_cancel(group);
	while (cancel_some(pool, group, keep))
		if (keep)
			cond_resched();
}
EXPORT_SYMBOL_IF_KUNIT(wp_group_cancel);

/**
 * workpool_group_cancel() - keep members of a group from running
 * @group: the group
 *
 * Those that no worker has begun are removed. Those that run go on, and
 * workpool_group_wait() waits for them. Until a wait for the group has returned
 * 0 or an error of a member, submits to it are refused, also those that wait
 * already, and so are embedded members. That holds if it was empty, too. A
 * member may cancel its group as it may submit others. With interrupts off it
 * keeps them off for all members.
 *
 * Context: Any but NMI.
 */
void workpool_group_cancel(struct workpool_group *group)
{
	if (!is_dead(group))
		wp_group_cancel(group, false);
}
EXPORT_SYMBOL_GPL(workpool_group_cancel);
