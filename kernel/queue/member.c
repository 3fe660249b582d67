// SPDX-License-Identifier: GPL-2.0
/*
 * Members of groups: what happens when one is queued or ends, and which groups
 * died with their stack. count_accepted_locked() in queue/queue.c counts calls
 * up. Threads wait for members in worker/assist.c.
 *
 * What a group counts is given back once for each member: when a worker has
 * executed it, by wp_queue_end_locked() or wp_queue_end_inner_locked(), or when
 * it leaves the queue otherwise. An embedded member is in
 * workpool_group.embedded while it is pending, also while it waits for the worker
 * that executes it. A worker that begins it has the group in wp_worker.call,
 * because the member may be freed then, or be queued to another group.
 */

#include <linux/atomic.h>
#include <linux/kasan.h>
#include <linux/thread_info.h>

#include "compat.h"
#include "core/deferred.h"
#include "core/node.h"
#include "core/pool.h"
#include "core/wait.h"
#include "core/worker.h"
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
 * A member of @group is queued. A worker that waits for the group can run it:
 * waits of such workers are at the head of the list. The first is woken and
 * leaves the list. Until its worker looked, the group counts it as a member.
 * Otherwise the group might complete before that worker waits again, and only
 * the other waiters would get the error.
 */
void wp_member_wake_assistant_locked(struct workpool *pool,
				     struct workpool_group *group,
				     struct wp_deferred *deferred)
{
	struct wp_wait *wait;

	lockdep_assert_held(&pool->lock);
	wait = list_first_entry_or_null(&group->waiters, struct wp_wait, link);
	if (!wait || !wait->assists)
		return;
	wait->again = true;
	group->nr++;
	wp_wait_complete_locked(pool, wait, 0, deferred);
}

/* The member @job is queued. */
void wp_member_queued_locked(struct workpool *pool, struct wp_job *job,
			     struct wp_deferred *deferred)
{
	struct workpool_group *group = job->call.group;

	lockdep_assert_held(&pool->lock);
	list_add_tail(&job->member, &group->queued);
	wp_member_wake_assistant_locked(pool, group, deferred);
}
EXPORT_SYMBOL_IF_KUNIT(wp_member_queued_locked);

/* The pending @member is about to be linked, as a member of @group. */
void wp_member_join_locked(struct workpool *pool, struct workpool_group *group,
			   struct workpool_member *member)
{
	lockdep_assert_held(&pool->lock);
	member->group = group;
	list_add_tail(&member->link, &group->embedded);
	group->nr++;
}

/*
 * The unlinked, pending @member will not run. @err: for its group, which may be
 * gone once the lock is dropped.
 */
void wp_member_leave_locked(struct workpool *pool,
			    struct workpool_member *member, int err,
			    struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	wp_member_unlink_locked(pool, &member->link, &member->group->embedded);
	wp_member_end_locked(pool, member->group, err, deferred);
}

/* The most stacks that are remembered. A task beyond them has no such help. */
#define OOPSED_MAX	16

/*
 * Stacks of workers that oopsed with a group on them. Each is here from the oops
 * on, after which the kernel uses it for something else, until all pools were
 * searched for such groups.
 */
static void *oopsed[OOPSED_MAX];
atomic_t wp_member_nr_oopsed = ATOMIC_INIT(0);
EXPORT_SYMBOL_IF_KUNIT(wp_member_nr_oopsed);

/**
 * wp_member_stack_oopsed() - the groups on a stack are not groups any more
 * @stack: of the current thread
 *
 * Context: Any, with any lock held.
 */
void wp_member_stack_oopsed(void *stack)
{
	int i;

	for (i = 0; i < OOPSED_MAX; i++) {
		if (!cmpxchg(&oopsed[i], NULL, stack)) {
			atomic_inc(&wp_member_nr_oopsed);
			return;
		}
	}
}

/**
 * wp_member_stack_searched() - no pool refers to a stack any more
 * @stack: of the current thread, which oopsed or not
 *
 * Context: Any.
 */
void wp_member_stack_searched(void *stack)
{
	int i;

	for (i = 0; i < OOPSED_MAX; i++)
		if (cmpxchg(&oopsed[i], stack, NULL) == stack)
			atomic_dec(&wp_member_nr_oopsed);
}

static bool is_on_oopsed_stack(const void *object)
{
	const void *stack;
	int i;

	object = kasan_reset_tag(object);
	for (i = 0; i < OOPSED_MAX; i++) {
		/* Pairs with both cmpxchg(). */
		stack = READ_ONCE(oopsed[i]);
		if (stack && object >= stack && object < stack + THREAD_SIZE)
			return true;
	}
	return false;
}

/* Is @object on the stack of a worker that oopsed, or in workpool.dying? */
noinline bool
wp_member_is_on_dead_stack_locked(struct workpool *pool, const void *object)
{
	struct wp_worker *worker;

	lockdep_assert_held(&pool->lock);
	hlist_for_each_entry(worker, &pool->dying, dying)
		if (wp_worker_has_on_stack(worker, object))
			return true;
	return is_on_oopsed_stack(object);
}

/*
 * wp_member_unlink_locked() after a crash: @head may be in a group whose memory
 * is used for something else. The other members are written to, also one on a
 * dead stack: it is in the list until the search has dropped it.
 */
void wp_member_unlink_dead_locked(struct workpool *pool,
				  struct list_head *member,
				  struct list_head *head)
{
	struct list_head *prev = member->prev, *next = member->next;
	bool is_dead = wp_member_is_on_dead_stack_locked(pool, head);

	lockdep_assert_held(&pool->lock);
	if (prev != head || !is_dead)
		prev->next = next;
	if (next != head || !is_dead)
		next->prev = prev;
}

static __always_inline void count_down_locked(struct workpool *pool,
					      struct workpool_group *group,
					      int err,
					      struct wp_deferred *deferred)
{
	if (err && !group->error)
		group->error = err;
	if (--group->nr || list_empty(&group->waiters))
		return;
	wp_wait_complete_all_locked(pool, &group->waiters,
				    wp_member_take_error_locked(pool, group),
				    deferred);
}

/* wp_member_end_locked() after a crash. */
static noinline void end_beside_dead_locked(struct workpool *pool,
					    struct workpool_group *group,
					    int err,
					    struct wp_deferred *deferred)
{
	if (!wp_member_is_on_dead_stack_locked(pool, group))
		count_down_locked(pool, group, err, deferred);
}

/*
 * A member of @group ended with @err. When it was the last one, @group may be
 * gone once the lock is dropped.
 */
void wp_member_end_locked(struct workpool *pool, struct workpool_group *group,
			  int err, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	if (likely(!wp_member_may_be_dead_locked(pool)))
		count_down_locked(pool, group, err, deferred);
	else
		end_beside_dead_locked(pool, group, err, deferred);
}
EXPORT_SYMBOL_IF_KUNIT(wp_member_end_locked);
