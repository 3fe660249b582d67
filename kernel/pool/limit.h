/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The limit: how many workers a pool may have at the moment.
 */
#ifndef _WP_POOL_LIMIT_H
#define _WP_POOL_LIMIT_H

struct workpool;
struct wp_deferred;

void wp_limit_lock(void);
int wp_limit_lock_killable(void);
void wp_limit_unlock(void);
int wp_limit_set_max_workers(int max);
int wp_limit_unpaused(struct workpool *pool);
void wp_limit_update_locked(struct workpool *pool);
void wp_limit_apply_locked(struct workpool *pool, struct wp_deferred *deferred);

#endif /* _WP_POOL_LIMIT_H */
