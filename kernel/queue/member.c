// SPDX-License-Identifier: GPL-2.0
/*
 * Members of groups: how they are counted down. count_accepted_locked() in
 * queue/queue.c counts them up.
 */

#include "core/deferred.h"
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
	return err;
}

/*
 * A member of @group ended with @err. When it was the last one, @group may be
 * gone once the lock is dropped.
 */
void wp_member_end_locked(struct workpool *pool, struct workpool_group *group,
			  int err, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	if (err && !group->error)
		group->error = err;
	if (--group->nr || list_empty(&group->waiters))
		return;
	wp_wait_complete_all_locked(pool, &group->waiters,
				    wp_member_take_error_locked(pool, group),
				    deferred);
}
