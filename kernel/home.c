// SPDX-License-Identifier: GPL-2.0
/*
 * Homes: pools by the number that their embedded tasks remember.
 *
 * A task may outlive the pool it ran in. It holds no reference but a number, as
 * a work item of workqueue does, and numbers are not used again soon.
 */

#include <linux/xarray.h>

#include "internal.h"

static DEFINE_XARRAY_ALLOC1(homes);
static u32 next_home;

/* 0 or -ENOMEM. */
int wp_home_add(struct workpool *pool)
{
	int err;

	KUNIT_STATIC_STUB_REDIRECT(wp_home_add, pool);
	err = xa_alloc_cyclic(&homes, &pool->home, pool, XA_LIMIT(1, INT_MAX),
			      &next_home, GFP_KERNEL);
	return err < 0 ? -ENOMEM : 0;
}
EXPORT_SYMBOL_IF_KUNIT(wp_home_add);

void wp_home_remove(struct workpool *pool)
{
	if (pool->home)
		xa_erase(&homes, pool->home);
}

/* In an RCU section, in which the pool stays. NULL: it is gone. */
struct workpool *wp_home_find(u32 home)
{
	return home ? xa_load(&homes, home) : NULL;
}
