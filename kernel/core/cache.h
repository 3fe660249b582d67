/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The worker cache: threads that left a pool and wait for the next one.
 */
#ifndef _WP_CORE_CACHE_H
#define _WP_CORE_CACHE_H

#include <linux/workqueue.h>

#include "core/mailbox.h"

struct shrinker;

extern int wp_cache_limit;
extern struct shrinker *wp_cache_shrinker;
extern struct delayed_work wp_cache_expire_work;

int wp_cache_init(void);
void wp_cache_exit(void);
enum wp_order wp_cache_park(struct wp_worker *worker);
struct wp_worker *wp_cache_take(int node);
void wp_cache_untake(struct wp_worker *worker);
unsigned long wp_cache_expire(u64 now);
int wp_cache_nr(void);
void wp_cache_set_limit(int limit);

#endif /* _WP_CORE_CACHE_H */
