// SPDX-License-Identifier: GPL-2.0
/*
 * Groups: calls in one pool that are waited for together. A group is guarded by
 * its pool's lock.
 */

#include "internal.h"

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
 * Context: Process context. May wait; the wait is killable.
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

/* The error of a complete group, which may be used again. */
static int take_error_locked(struct workpool_group *group)
{
	int err = group->error;

	group->error = 0;
	return err;
}

/* A member ended. When it was the last one, @group may be gone afterwards. */
void wp_member_end_locked(struct workpool *pool, struct workpool_group *group,
			  int err, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	if (err && !group->error)
		group->error = err;
	if (--group->nr || list_empty(&group->waiters))
		return;
	wp_wait_complete_all_locked(pool, &group->waiters,
				    take_error_locked(group), deferred);
}

/* Returns true when @sleep has to wait. */
static bool begin_wait(struct workpool_group *group, struct wp_wait *wait)
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
		wait->result = take_error_locked(group);
	}
	wp_pool_unlock(pool, &deferred);
	return waits;
}

/**
 * workpool_group_wait() - wait until all members of a group have ended
 * @group: the group, which is empty then, and may be used again
 *
 * Several may wait at once, and all get the result; who comes later gets that of
 * the members since.
 *
 * Context: Process context. May sleep.
 * Return: 0, or the first error a member returned; -EFAULT: a member crashed;
 * -ESHUTDOWN: one was given up, see &workpool_stats.dropped; -EDEADLK: called
 * from a task while every worker of the pool waits in such a call, and the group
 * is not complete.
 */
int workpool_group_wait(struct workpool_group *group)
{
	struct wp_wait wait;

	might_sleep();
	wp_wait_init(&wait);
	return begin_wait(group, &wait) ? wp_wait_sleep(&wait) : wait.result;
}
EXPORT_SYMBOL_GPL(workpool_group_wait);

/* Members that may be cancelled under one hold of the lock, at most. */
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
		pool->counters.cancelled++;
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
