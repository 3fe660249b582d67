/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Look-up: pools by the number that their embedded tasks remember.
 */
#ifndef _WP_CORE_LOOKUP_H
#define _WP_CORE_LOOKUP_H

#include <linux/bits.h>
#include <linux/types.h>

struct workpool;

/* In numbers that no pool has, so that wp_lookup_find() finds none. */
#define WP_LOOKUP_NONE	BIT(31)

int wp_lookup_add(struct workpool *pool);
void wp_lookup_remove(struct workpool *pool);
u32 wp_lookup_last(void);
struct workpool *wp_lookup_find(u32 lookup_id);
struct workpool *wp_lookup_next(u32 lookup_id);

#endif /* _WP_CORE_LOOKUP_H */
