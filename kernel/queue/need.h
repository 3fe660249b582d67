/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the queue needs: room for another call, and workers for what it has.
 */
#ifndef _WP_QUEUE_NEED_H
#define _WP_QUEUE_NEED_H

#include <linux/lockdep.h>
#include <linux/minmax.h>

#include "core/pool.h"
#include "core/slot.h"

/*
 * Can one more call be accepted? Yes, if the pool may have a worker for it
 * beside those that are busy and those for what is queued before it. Else yes,
 * if fewer calls than queue_depth are queued without a worker.
 */
static inline bool wp_need_has_room_locked(struct workpool *pool)
{
	int over;

	lockdep_assert_held(&pool->lock);
	over = wp_slot_busy_locked(pool) + pool->queued - pool->limit;
	return over < 0 || min(pool->calls, over) < (int)pool->queue_depth;
}

/* The number of workers that should be on their way to the queue. */
static inline int wp_need_workers_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	/*
	 * If a submitter waits although there is room, the reserve was empty: a
	 * worker takes its call directly.
	 */
	if (!pool->queued)
		return pool->waiting && !wp_pool_is_closed(pool) &&
		       wp_need_has_room_locked(pool);
	return max(min(pool->max_searching, pool->queued),
		   pool->queue_depth ? 1 : pool->calls);
}

#endif /* _WP_QUEUE_NEED_H */
