/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Members of groups: how they count, and how they leave the lists of a group.
 */
#ifndef _WP_QUEUE_MEMBER_H
#define _WP_QUEUE_MEMBER_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/lockdep.h>

#include "core/pool.h"

struct wp_deferred;
struct wp_job;

extern atomic_t wp_member_nr_oopsed;

void wp_member_stack_oopsed(void *stack);
void wp_member_stack_searched(void *stack);
int wp_member_take_error_locked(struct workpool *pool,
				struct workpool_group *group);
void wp_member_wake_assistant_locked(struct workpool *pool,
				     struct workpool_group *group,
				     struct wp_deferred *deferred);
void wp_member_queued_locked(struct workpool *pool, struct wp_job *job,
			     struct wp_deferred *deferred);
void wp_member_join_locked(struct workpool *pool, struct workpool_group *group,
			   struct workpool_member *member);
void wp_member_leave_locked(struct workpool *pool,
			    struct workpool_member *member, int err,
			    struct wp_deferred *deferred);
void wp_member_end_locked(struct workpool *pool, struct workpool_group *group,
			  int err, struct wp_deferred *deferred);
bool wp_member_is_on_dead_stack_locked(struct workpool *pool,
				       const void *object);
void wp_member_unlink_dead_locked(struct workpool *pool,
				  struct list_head *member,
				  struct list_head *head);

/* May a group of this pool have died with its stack? */
static inline bool wp_member_may_be_dead_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return !hlist_empty(&pool->dying) || atomic_read(&wp_member_nr_oopsed);
}

/* Did @group die with its stack? It may also be NULL. */
static inline bool wp_member_is_dead_locked(struct workpool *pool,
					    const struct workpool_group *group)
{
	lockdep_assert_held(&pool->lock);
	return wp_member_may_be_dead_locked(pool) &&
	       wp_member_is_on_dead_stack_locked(pool, group);
}

/* Take @member out of the list @head of its group. */
static inline void wp_member_unlink_locked(struct workpool *pool,
					   struct list_head *member,
					   struct list_head *head)
{
	lockdep_assert_held(&pool->lock);
	if (unlikely(wp_member_may_be_dead_locked(pool)))
		wp_member_unlink_dead_locked(pool, member, head);
	else
		__list_del_entry(member);
}

#endif /* _WP_QUEUE_MEMBER_H */
