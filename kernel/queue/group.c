// SPDX-License-Identifier: GPL-2.0
/*
 * Groups: calls in one pool that are waited for together.
 *
 * The lock of its pool protects a group.
 */

#include "core/lock.h"
#include "core/node.h"
#include "core/wait.h"
#include "queue/member.h"
#include "queue/queue.h"
#include "queue/submit.h"

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
	INIT_LIST_HEAD(&group->waiters);
	group->nr = 0;
	group->error = 0;
}
EXPORT_SYMBOL_GPL(workpool_group_init);

/**
 * workpool_group_submit() - run a function as member of a group
 * @group: the group
 * @fn: the function; what it returns is for workpool_group_wait()
 * @arg: its argument
 *
 * A submit like any other: workpool_submit(). A member may submit others.
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: as workpool_submit().
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

	return wp_submit(group->pool, &call, MAX_SCHEDULE_TIMEOUT);
}
EXPORT_SYMBOL_GPL(workpool_group_submit);

/* Returns true when @wait has to wait. */
static bool add_wait(struct workpool_group *group, struct wp_wait *wait)
{
	struct workpool *pool = group->pool;
	struct wp_deferred deferred;
	bool waits;

	wp_pool_lock(pool, &deferred);
	waits = group->nr;
	if (waits) {
		wp_wait_add_locked(pool, wait, &group->waiters,
				   wp_wait_is_nested(pool));
		wp_queue_balance_locked(pool, &deferred);
	} else {
		wait->result = wp_member_take_error_locked(pool, group);
	}
	wp_pool_unlock(pool, &deferred);
	return waits;
}

/**
 * workpool_group_wait() - wait until all members of a group have ended
 * @group: the group, which is empty then, and may be used again
 *
 * Several threads may wait at once, and all get the result. Later callers get
 * the result of the members submitted since.
 *
 * Context: Process context. May sleep.
 * Return: 0, or the first error a member returned; -EFAULT: a member crashed;
 * -ESHUTDOWN: one was dropped, see &workpool_stats.dropped; -EDEADLK: called
 * from a task while every worker of the pool waits in such a call, and the
 * group is not complete.
 */
int workpool_group_wait(struct workpool_group *group)
{
	struct wp_wait wait;

	might_sleep();
	wp_wait_init(&wait);
	return add_wait(group, &wait) ? wp_wait_sleep(&wait) : wait.result;
}
EXPORT_SYMBOL_GPL(workpool_group_wait);

/* The most members that are cancelled under one hold of the lock. */
#define CANCEL_MAX	64

static bool cancel_some(struct workpool_group *group)
{
	struct workpool *pool = group->pool;
	struct wp_deferred deferred;
	struct wp_job *job;
	int nr;

	wp_pool_lock(pool, &deferred);
	for (nr = 0; nr < CANCEL_MAX && !list_empty(&group->queued); nr++) {
		job = list_first_entry(&group->queued, struct wp_job, member);
		wp_queue_remove_job_locked(pool, job);
		pool->counters[WP_COUNT_CANCELLED]++;
		wp_member_end_locked(pool, group, 0, &deferred);
	}
	if (nr)
		wp_queue_balance_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
	return nr == CANCEL_MAX;
}

/**
 * workpool_group_cancel() - keep members of a group from running
 * @group: the group
 *
 * Those that no worker has begun are removed. Those that run go on, and
 * workpool_group_wait() waits for them.
 *
 * Context: Any but NMI.
 */
void workpool_group_cancel(struct workpool_group *group)
{
	while (cancel_some(group))
		;
}
EXPORT_SYMBOL_GPL(workpool_group_cancel);
