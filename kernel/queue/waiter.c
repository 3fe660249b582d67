// SPDX-License-Identifier: GPL-2.0
/*
 * Waiters: submitters that wait in a pool's queue.
 *
 * A waiter of one pool is decided under that pool's lock. The waiters of a
 * submitter that waits in several pools share a &struct wp_claim: the pool that
 * takes the claim decides, the others only remove their waiter.
 */

#include "compat.h"
#include "core/deferred.h"
#include "core/observe.h"
#include "queue/member.h"
#include "queue/waiter.h"

/* Become the one that decides. Returns false when another thread is. */
bool wp_claim_take(struct wp_claim *claim)
{
	return atomic_cmpxchg(&claim->state, WP_CLAIM_OPEN, WP_CLAIM_TAKEN) ==
	       WP_CLAIM_OPEN;
}

/* Queue @waiter. The caller balances the queue. */
void wp_waiter_add_locked(struct workpool *pool, struct wp_waiter *waiter)
{
	lockdep_assert_held(&pool->lock);
	waiter->node.kind = WP_WAITER;
	list_add_tail(&waiter->node.entry, &pool->queue);
	if (waiter->call.kind == WP_MEMBER_CALL)
		list_add_tail(&waiter->member, &waiter->call.group->submitters);
	wp_wait_add_locked(pool, &waiter->wait, &pool->waiters);
	/*
	 * @waiting grows after @shared: a reader in between counts one too few,
	 * and none twice.
	 */
	if (waiter->claim)
		WRITE_ONCE(pool->shared, pool->shared + 1);
	else
		pool->counters[WP_COUNT_BLOCKED]++;
	WRITE_ONCE(pool->waiting, pool->waiting + 1);
	if (pool->waiting > pool->peak_waiting)
		pool->peak_waiting = pool->waiting;
	wp_observe_wait_locked(pool, &waiter->call, &waiter->node);
}
EXPORT_SYMBOL_IF_KUNIT(wp_waiter_add_locked);

static void leave_queue_locked(struct workpool *pool, struct wp_waiter *waiter)
{
	lockdep_assert_held(&pool->lock);
	list_del_init(&waiter->node.entry);
	if (waiter->call.kind == WP_MEMBER_CALL)
		wp_member_unlink_locked(pool, &waiter->member,
					&waiter->call.group->submitters);
	WRITE_ONCE(pool->waiting, pool->waiting - 1);
	if (waiter->claim)
		WRITE_ONCE(pool->shared, pool->shared - 1);
}

/* Take a waiter that is not decided out of the queue. */
void wp_waiter_remove_locked(struct workpool *pool, struct wp_waiter *waiter)
{
	lockdep_assert_held(&pool->lock);
	leave_queue_locked(pool, waiter);
	wp_wait_remove_locked(pool, &waiter->wait);
}

/*
 * May this pool accept @waiter? If not, another pool did, and the waiter leaves
 * this queue.
 */
bool wp_waiter_win_locked(struct workpool *pool, struct wp_waiter *waiter)
{
	lockdep_assert_held(&pool->lock);
	if (likely(!waiter->claim) || wp_claim_take(waiter->claim))
		return true;
	wp_waiter_remove_locked(pool, waiter);
	return false;
}

/* Decide for a waiter that the caller has won. */
void wp_waiter_complete_locked(struct workpool *pool, struct wp_waiter *waiter,
			       int result, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	leave_queue_locked(pool, waiter);
	wp_wait_complete_locked(pool, &waiter->wait, result, deferred);
}
EXPORT_SYMBOL_IF_KUNIT(wp_waiter_complete_locked);

/* Refuse @waiter with @err. */
void wp_waiter_deny_locked(struct workpool *pool, struct wp_waiter *waiter,
			   int err, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	wp_observe_refuse_locked(pool, &waiter->call, &waiter->node, err);
	wp_waiter_complete_locked(pool, waiter, err, deferred);
}

/*
 * The pool closes. A submitter that waits in other pools as well only leaves
 * this queue, unless it is the last one.
 */
void wp_waiter_refuse_locked(struct workpool *pool, struct wp_waiter *waiter,
			     int err, struct wp_deferred *deferred)
{
	struct wp_claim *claim = waiter->claim;

	lockdep_assert_held(&pool->lock);
	if (claim &&
	    (!atomic_dec_and_test(&claim->queues) || !wp_claim_take(claim)))
		wp_waiter_remove_locked(pool, waiter);
	else
		wp_waiter_deny_locked(pool, waiter, err, deferred);
}

/*
 * The module of the call goes. A submitter that waits in other pools as well
 * gets into none of them.
 */
void wp_waiter_drop_locked(struct workpool *pool, struct wp_waiter *waiter,
			   int err, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	if (wp_waiter_win_locked(pool, waiter))
		wp_waiter_deny_locked(pool, waiter, err, deferred);
}
EXPORT_SYMBOL_IF_KUNIT(wp_waiter_drop_locked);
