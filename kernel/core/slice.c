// SPDX-License-Identifier: GPL-2.0
/*
 * Slices: how much is done under one hold of a pool's lock.
 */

#include "compat.h"
#include "core/deferred.h"
#include "core/pool.h"
#include "core/slice.h"

/**
 * DOC: Slices
 *
 * A decision may concern thousands of threads: a release refuses all waiters
 * and retires all idle workers. The state of the pool changes at once, so that
 * no other decision contradicts. What follows from it is done for WP_SLICE
 * threads under one hold of the lock. The rest is left to the work
 * workpool.rest, which takes the lock again for each slice and may be preempted
 * in between.
 *
 * The rest is not recorded. It is found again by looking at the pool, as
 * wp_queue_balance_locked() does: idle workers of a closed pool, waiters for
 * which there is room. So whatever balances meanwhile does a part of it. Waits
 * that were decided all at once stand in workpool.decided. Threads that wait
 * until the pool has got to a certain state stand in workpool.told.
 *
 * While something else is left, workpool.rest_armed is set and the pool counts
 * as one more alive. So a release does not end, and no reboot begins, before
 * the last waiter was refused.
 */

/* More is to be done than this hold of the lock may do. */
void wp_slice_rest_locked(struct workpool *pool, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	deferred->actions |= WP_DEFER_REST;
	if (pool->rest_armed)
		return;
	/* Pairs with the read in queue/edge.c. */
	WRITE_ONCE(pool->rest_armed, true);
	/* The work counts as one more thread: wp_slot_put_locked() subtracts it. */
	WRITE_ONCE(pool->alive, pool->alive + 1);
}
EXPORT_SYMBOL_IF_KUNIT(wp_slice_rest_locked);
