/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Look-up: pools by the number that their embedded tasks remember.
 */
#ifndef _WP_CORE_LOOKUP_H
#define _WP_CORE_LOOKUP_H

#include <linux/types.h>

struct workpool;

int wp_lookup_add(struct workpool *pool);
void wp_lookup_remove(struct workpool *pool);
struct workpool *wp_lookup_find(u32 lookup_id);
struct workpool *wp_lookup_next(u32 lookup_id);

#endif /* _WP_CORE_LOOKUP_H */
