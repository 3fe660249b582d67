/* SPDX-License-Identifier: GPL-2.0 */
/*
 * References to a pool.
 */
#ifndef _WP_CORE_REF_H
#define _WP_CORE_REF_H

#include <linux/kref.h>

#include "core/pool.h"

static inline void wp_pool_get(struct workpool *pool)
{
	kref_get(&pool->ref);
}

void wp_pool_put(struct workpool *pool);

#endif /* _WP_CORE_REF_H */
