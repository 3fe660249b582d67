/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock of a pool, and the actions that are deferred until it is dropped.
 */
#ifndef _WP_CORE_LOCK_H
#define _WP_CORE_LOCK_H

#include <linux/spinlock.h>

#include "core/deferred.h"
#include "core/pool.h"

void wp_pool_unlock_deferred(struct workpool *pool,
			     struct wp_deferred *deferred)
	__releases(&pool->lock);

static inline void wp_pool_lock(struct workpool *pool,
				struct wp_deferred *deferred)
	__acquires(&pool->lock)
{
	deferred->actions = 0;
	raw_spin_lock_irqsave(&pool->lock, deferred->flags);
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
