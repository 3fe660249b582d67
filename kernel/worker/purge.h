/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The purge: retires idle workers that have expired.
 */
#ifndef _WP_WORKER_PURGE_H
#define _WP_WORKER_PURGE_H

struct work_struct;
struct workpool;
struct wp_deferred;

void wp_purge_work(struct work_struct *work);
void wp_purge_arm_locked(struct workpool *pool, struct wp_deferred *deferred);

#endif /* _WP_WORKER_PURGE_H */
