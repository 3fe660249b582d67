// SPDX-License-Identifier: GPL-2.0
/*
 * The purge: retires idle workers that have expired.
 *
 * It is a delayed work, due when the oldest idle worker expires. Once it finds
 * no worker that may go, it is not armed again until one parks, another one
 * comes up, or tune_adjust_locked() of pool/tune.c does it. Under the lock it
 * takes the stale workers, which are the bottom of the stack, off; after the
 * unlock they are told to leave. While more than a slice are stale, it is due
 * again at once.
 */

#include <linux/jiffies.h>

#include "compat.h"
#include "core/lock.h"
#include "core/slot.h"
#include "core/stack.h"
#include "queue/need.h"
#include "queue/queue.h"
#include "trace.h"
#include "worker/purge.h"

/*
 * The number of idle workers that may go at all. The min_workers that stay are
 * workers that are up: one that still starts may be long in coming, or may need
 * memory that only this pool's work frees.
 */
static int nr_expendable_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (pool->flags & (WORKPOOL_F_NOPURGE | WORKPOOL_F_PREALLOC))
		return 0;
	return min(wp_slot_live_locked(pool) - (int)pool->min_workers,
		   pool->idle.nr);
}

/* See that the purge comes when the oldest idle worker expires. */
void wp_purge_arm_locked(struct workpool *pool, struct wp_deferred *deferred)
{
	u64 now = get_jiffies_64(), due;

	lockdep_assert_held(&pool->lock);
	if (pool->purge_armed || nr_expendable_locked(pool) <= 0)
		return;
	due = wp_stack_oldest(&pool->idle)->stamp + pool->expiry;
	WRITE_ONCE(pool->purge_due, (unsigned long)max(due, now));
	pool->purge_armed = true;
	deferred->actions |= WP_DEFER_PURGE;
}
EXPORT_SYMBOL_IF_KUNIT(wp_purge_arm_locked);

/*
 * Does something wait for a worker, and none is on its way? The rules in "From
 * submit to done" exclude that. The balance that follows helps, but the caller
 * reports it after the unlock.
 */
static bool check_stranded_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (!wp_need_workers_locked(pool) || pool->searching)
		return false;
	if (!pool->idle.nr && (pool->starting || pool->running >= pool->limit))
		return false;
	WRITE_ONCE(pool->stranded, pool->stranded + 1);
	return true;
}

void wp_purge_work(struct work_struct *work)
{
	struct workpool *pool = container_of(to_delayed_work(work),
					     struct workpool, purge);
	struct wp_deferred deferred;
	bool stranded;
	int nr;

	wp_pool_lock(pool, &deferred);
	pool->purge_armed = false;
	stranded = check_stranded_locked(pool);
	nr = wp_slot_retire_stale_locked(pool, nr_expendable_locked(pool),
					 &deferred);
	pool->counters[WP_COUNT_PURGED] += nr;
	wp_queue_balance_locked(pool, &deferred);
	wp_purge_arm_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
	WARN_ONCE(stranded,
		  "workpool: pool %s had work and no worker on its way to it\n",
		  pool->name);
	trace_workpool_purge(pool, nr);
}
EXPORT_SYMBOL_IF_KUNIT(wp_purge_work);
