/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attach: how a worker joins its pool, and how it leaves.
 */
#ifndef _WP_WORKER_ATTACH_H
#define _WP_WORKER_ATTACH_H

#include <linux/types.h>

struct workpool;
struct wp_deferred;
struct wp_slot;
struct wp_worker;

void wp_attach_up_locked(struct workpool *pool, const struct wp_worker *worker,
			 struct wp_deferred *deferred);
void wp_attach_failed_locked(struct workpool *pool, unsigned long began,
			     bool no_thread, int err,
			     struct wp_deferred *deferred);
void wp_attach_failed(struct workpool *pool, struct wp_worker *worker, int err);
void wp_attach_no_thread(struct workpool *pool, const struct wp_slot *slot,
			 unsigned long began, int err);
void wp_attach_leave_placed(struct workpool *pool, struct wp_worker *worker);
void wp_attach_leave(struct workpool *pool, struct wp_worker *worker);

#endif /* _WP_WORKER_ATTACH_H */
