// SPDX-License-Identifier: GPL-2.0
/*
 * References to a pool.
 */

#include "compat.h"
#include "core/lookup.h"
#include "core/module.h"
#include "core/ref.h"

/* The work, which pool/pool.c sets up, frees the pool after a grace period. */
static void last_put(struct kref *ref)
{
	struct workpool *pool = container_of(ref, struct workpool, ref);

	wp_lookup_remove(pool);
	queue_rcu_work(wp_workqueue, &pool->free);
}

/**
 * wp_pool_put() - drop a reference to a pool
 * @pool: the pool
 *
 * Context: Process context.
 */
void wp_pool_put(struct workpool *pool)
{
	kref_put(&pool->ref, last_put);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_put);
