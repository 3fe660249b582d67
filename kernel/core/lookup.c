// SPDX-License-Identifier: GPL-2.0
/*
 * Look-up: pools by the number that their embedded tasks remember, from their
 * creation to their last reference.
 *
 * A task may outlive the pool that it ran in. It holds a number instead of a
 * reference, as a work item of workqueue does. Numbers are not reused soon.
 */

#include <linux/kref.h>
#include <linux/rcupdate.h>
#include <linux/xarray.h>

#include "compat.h"
#include "core/lookup.h"
#include "core/pool.h"

static DEFINE_XARRAY_ALLOC1(lookup_pools);
static u32 next_lookup_id;

/**
 * wp_lookup_add() - give a pool its number
 * @pool: the pool
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int wp_lookup_add(struct workpool *pool)
{
	int err;

	KUNIT_STATIC_STUB_REDIRECT(wp_lookup_add, pool);
	err = xa_alloc_cyclic(&lookup_pools, &pool->lookup_id, pool,
			      XA_LIMIT(1, INT_MAX), &next_lookup_id, GFP_KERNEL);
	if (err >= 0)
		return 0;
	/* xa_alloc_cyclic() may have written a number that it did not keep. */
	pool->lookup_id = 0;
	return -ENOMEM;
}
EXPORT_SYMBOL_IF_KUNIT(wp_lookup_add);

void wp_lookup_remove(struct workpool *pool)
{
	if (pool->lookup_id)
		xa_erase(&lookup_pools, pool->lookup_id);
}

/*
 * Returns a number that changes whenever a pool gets its own: if two calls
 * return the same, no pool was created in between.
 */
u32 wp_lookup_last(void)
{
	u32 last;

	xa_lock(&lookup_pools);
	last = next_lookup_id;
	xa_unlock(&lookup_pools);
	return last;
}

/**
 * wp_lookup_next() - find the pool with the smallest number above another
 * @lookup_id: the other number, or 0
 *
 * From creation to the last reference a pool is found here, whatever its state.
 *
 * Context: Process context.
 * Return: the pool, which the caller puts, or NULL.
 */
struct workpool *wp_lookup_next(u32 lookup_id)
{
	unsigned long index = lookup_id;
	struct workpool *pool;

	KUNIT_STATIC_STUB_REDIRECT(wp_lookup_next, lookup_id);
	rcu_read_lock();
	do {
		pool = xa_find_after(&lookup_pools, &index, INT_MAX,
				     XA_PRESENT);
	} while (pool && !kref_get_unless_zero(&pool->ref));
	rcu_read_unlock();
	return pool;
}
EXPORT_SYMBOL_IF_KUNIT(wp_lookup_next);

/**
 * wp_lookup_find() - find a pool by its number
 * @lookup_id: the number, or 0
 *
 * Context: In an RCU section, which keeps the pool.
 * Return: the pool, or NULL: it is gone.
 */
struct workpool *wp_lookup_find(u32 lookup_id)
{
	WP_STATIC_STUB_LOCKED(wp_lookup_find, lookup_id);
	return lookup_id ? xa_load(&lookup_pools, lookup_id) : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(wp_lookup_find);
