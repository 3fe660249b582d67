// SPDX-License-Identifier: GPL-2.0
/*
 * Members of groups: how they are counted down. count_accepted_locked() in
 * queue/queue.c counts them up.
 */

#include "compat.h"
#include "core/deferred.h"
#include "core/node.h"
#include "core/pool.h"
#include "core/wait.h"
#include "queue/member.h"

/* The first error of a group without members, which may be used again. */
int wp_member_take_error_locked(struct workpool *pool,
				struct workpool_group *group)
{
	int err = group->error;

	lockdep_assert_held(&pool->lock);
	group->error = 0;
	group->cancelled = false;
	return err;
}

/*
 * The member @job is queued. A worker that waits for the group can run it: of
 * the waits, those of such workers come first. It is woken, and is no waiter
 * meanwhile. Until it looked, the group counts it as a member. Otherwise the
 * group might complete without it, and the error would be for the others only.
 */
void wp_member_queued_locked(struct workpool *pool, struct wp_job *job,
			     struct wp_deferred *deferred)
{
	struct workpool_group *group = job->call.group;
	struct wp_wait *wait;

	lockdep_assert_held(&pool->lock);
	list_add_tail(&job->member, &group->queued);
	wait = list_first_entry_or_null(&group->waiters, struct wp_wait, link);
	if (!wait || !wait->assists)
		return;
	wait->again = true;
	group->nr++;
	wp_wait_complete_locked(pool, wait, 0, deferred);
}
EXPORT_SYMBOL_IF_KUNIT(wp_member_queued_locked);

/*
 * A member of @group ended with @err. When it was the last one, @group may be
 * gone once the lock is dropped. @group is NULL when it died with its stack, see
 * worker/stray.c.
 */
void wp_member_end_locked(struct workpool *pool, struct workpool_group *group,
			  int err, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	if (!group)
		return;
	if (err && !group->error)
		group->error = err;
	if (--group->nr || list_empty(&group->waiters))
		return;
	wp_wait_complete_all_locked(pool, &group->waiters,
				    wp_member_take_error_locked(pool, group),
				    deferred);
}
EXPORT_SYMBOL_IF_KUNIT(wp_member_end_locked);
