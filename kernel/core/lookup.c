// SPDX-License-Identifier: GPL-2.0
/*
 * Homes: pools by the number that their embedded tasks remember.
 *
 * A task may outlive the pool it ran in. It holds no reference but a number, as
 * a work item of workqueue does, and numbers are not used again soon.
 */

#include <linux/xarray.h>

#include "internal.h"

static DEFINE_XARRAY_ALLOC1(pools);
static u32 next_id;

/* 0 or -ENOMEM. */
int wp_lookup_add(struct workpool *pool)
{
	int err;

	KUNIT_STATIC_STUB_REDIRECT(wp_lookup_add, pool);
	err = xa_alloc_cyclic(&pools, &pool->lookup_id, pool,
			      XA_LIMIT(1, INT_MAX), &next_id, GFP_KERNEL);
	return err < 0 ? -ENOMEM : 0;
}
EXPORT_SYMBOL_IF_KUNIT(wp_lookup_add);

void wp_lookup_remove(struct workpool *pool)
{
	if (pool->lookup_id)
		xa_erase(&pools, pool->lookup_id);
}

/* In an RCU section, in which the pool stays. NULL: it is gone. */
struct workpool *wp_lookup_find(u32 id)
{
	return id ? xa_load(&pools, id) : NULL;
}
