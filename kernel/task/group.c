// SPDX-License-Identifier: GPL-2.0
/*
 * Groups: calls in one pool that are waited for together.
 *
 * The lock of its pool protects a group. workpool_group_wait() is in
 * worker/assist.c.
 */

#include <linux/sched/task_stack.h>

#include "core/lock.h"
#include "core/node.h"
#include "core/observe.h"
#include "core/slice.h"
#include "core/worker.h"
#include "queue/member.h"
#include "queue/queue.h"
#include "queue/submit.h"
#include "queue/waiter.h"

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
 * also while waiting, and no workpool_group_wait() has ended since.
 */
int workpool_group_submit(struct workpool_group *group, int (*fn)(void *arg),
			  void *arg)
{
	struct wp_call call = {
		.kind = WP_MEMBER,
		.fn.member = fn,
		.arg = arg,
		.group = group,
	};

	if (is_dead(group))
		return -ECANCELED;
	return wp_submit_member(group, &call);
}
EXPORT_SYMBOL_GPL(workpool_group_submit);

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

/* Returns false when nothing was left, and @group may be gone. */
static bool cancel_some(struct workpool *pool, struct workpool_group *group)
{
	struct wp_deferred deferred;
	int nr = 0;

	wp_pool_lock(pool, &deferred);
	/* The submitters first: each member that goes would let one in. */
	while (nr < WP_SLICE &&
	       (refuse_submitter_locked(pool, group, &deferred) ||
		cancel_queued_locked(pool, group, &deferred)))
		nr++;
	if (nr < WP_SLICE)
		wp_member_end_locked(pool, group, 0, &deferred);
	wp_queue_balance_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
	return nr == WP_SLICE;
}

/**
 * workpool_group_cancel() - keep members of a group from running
 * @group: the group
 *
 * Those that no worker has begun are removed. Those that run go on, and
 * workpool_group_wait() waits for them. Until a wait for the group has returned
 * 0 or an error of a member, submits to it are refused, also those that wait
 * already, and also if it was empty. A member may cancel its group as it may
 * submit others. With interrupts off it keeps them off for all members.
 *
 * Context: Any but NMI.
 */
void workpool_group_cancel(struct workpool_group *group)
{
	struct workpool *pool;

	if (is_dead(group))
		return;
	pool = group->pool;
	begin_cancel(group);
	while (cancel_some(pool, group))
		;
}
EXPORT_SYMBOL_GPL(workpool_group_cancel);
