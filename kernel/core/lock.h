/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock of a pool, and the actions that are deferred until it is dropped.
 */
#ifndef _WP_CORE_LOCK_H
#define _WP_CORE_LOCK_H

#include <linux/spinlock.h>

#include "core/busy.h"
#include "core/deferred.h"
#include "core/pool.h"

void wp_pool_unlock_deferred(struct workpool *pool,
			     struct wp_deferred *deferred)
	__releases(&pool->lock);

/* Lock the pool, and leave the leases of its workers alone: see "Leases". */
static inline void wp_pool_lock_loose(struct workpool *pool,
				      struct wp_deferred *deferred)
	__acquires(&pool->lock)
{
	deferred->actions = 0;
	raw_spin_lock_irqsave(&pool->lock, deferred->flags);
}

/* Lock the pool, and know all that is queued and executed: see "Leases". */
static inline void wp_pool_lock(struct workpool *pool,
				struct wp_deferred *deferred)
	__acquires(&pool->lock)
{
	wp_pool_lock_loose(pool, deferred);
	wp_busy_recall_locked(pool);
}

/* Like wp_pool_lock(), for a section that defers nothing. */
static inline void wp_pool_lock_irqsave(struct workpool *pool,
					unsigned long *flags)
	__acquires(&pool->lock)
{
	raw_spin_lock_irqsave(&pool->lock, *flags);
	wp_busy_recall_locked(pool);
}

static inline void wp_pool_unlock(struct workpool *pool,
				  struct wp_deferred *deferred)
	__releases(&pool->lock)
{
	if (deferred->actions)
		wp_pool_unlock_deferred(pool, deferred);
	else
		raw_spin_unlock_irqrestore(&pool->lock, deferred->flags);
}

#endif /* _WP_CORE_LOCK_H */
