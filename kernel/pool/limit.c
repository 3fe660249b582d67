// SPDX-License-Identifier: GPL-2.0
/*
 * The limit: how many workers a pool may have at the moment. It is the capacity,
 * or max_workers of an unlimited pool, and 0 while the pool is paused.
 */

#include "core/deferred.h"
#include "core/module.h"
#include "core/pool.h"
#include "core/slot.h"
#include "pool/limit.h"
#include "queue/queue.h"

/* The limit of a pool that is not paused. */
int wp_limit_unpaused(struct workpool *pool)
{
	/* Pairs with the writes under the lock. */
	int capacity = READ_ONCE(pool->capacity);

	return capacity == WORKPOOL_UNLIMITED ? wp_max_workers : capacity;
}

/* What the limit depends on has changed. The caller balances. */
void wp_limit_update_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->limit, pool->paused ? 0 : wp_limit_unpaused(pool));
}

/*
 * The same, and the workers follow. A surplus that is not even a thread yet
 * leaves first, then one that is idle: see wp_queue_balance_locked(). A busy
 * surplus leaves as it finishes, and one that starts when it is up.
 */
void wp_limit_apply_locked(struct workpool *pool, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	wp_limit_update_locked(pool);
	wp_slot_trim_locked(pool, pool->running - pool->limit, deferred);
	wp_queue_balance_locked(pool, deferred);
}
