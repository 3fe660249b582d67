/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Identity: what a worker's thread is for its pool; in the cache it has none of
 * that.
 */
#ifndef _WP_CORE_IDENTITY_H
#define _WP_CORE_IDENTITY_H

#include <linux/sched.h>

struct workpool;
struct wp_worker;

void wp_identity_name(struct workpool *pool, unsigned int id,
		      char name[TASK_COMM_LEN]);
void wp_identity_set_policy(struct workpool *pool, struct task_struct *task);
void wp_identity_apply(struct workpool *pool, struct wp_worker *worker);
bool wp_identity_reset(struct wp_worker *worker);

#endif /* _WP_CORE_IDENTITY_H */
