// SPDX-License-Identifier: GPL-2.0
/*
 * The rest: what is more than one hold of a pool's lock may do. See "Slices".
 */

#include <linux/sched.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "core/event.h"
#include "core/lock.h"
#include "core/slot.h"
#include "core/wait.h"
#include "queue/queue.h"
#include "worker/rest.h"

static void rest_do_slice_locked(struct workpool *pool,
				 struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	wp_wait_complete_rest_locked(pool, deferred);
	wp_queue_balance_locked(pool, deferred);
	if (deferred->actions & WP_DEFER_REST) {
		/* This work goes on by itself. */
		deferred->actions &= ~WP_DEFER_REST;
		return;
	}
	/* Pairs with the read in queue/edge.c: the results are there. */
	smp_store_release(&pool->rest_armed, false);
	wp_slot_put_locked(pool, 1, deferred);
}

/* Do one more slice. Returns false when nothing is left: the pool may end. */
bool wp_rest_slice(struct workpool *pool)
{
	struct wp_deferred deferred;
	bool more;

	wp_pool_lock(pool, &deferred);
	/* The work may be queued once more while it is at the last slice. */
	if (pool->rest_armed)
		rest_do_slice_locked(pool, &deferred);
	more = wp_event_slice_locked(pool, &deferred) || pool->rest_armed;
	wp_pool_unlock(pool, &deferred);
	return more;
}
EXPORT_SYMBOL_IF_KUNIT(wp_rest_slice);

void wp_rest_work(struct work_struct *work)
{
	struct workpool *pool = container_of(work, struct workpool, rest);

	while (wp_rest_slice(pool))
		cond_resched();
}
EXPORT_SYMBOL_IF_KUNIT(wp_rest_work);
