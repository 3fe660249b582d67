/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Submit: the way of a call into a pool.
 */
#ifndef _WP_QUEUE_SUBMIT_H
#define _WP_QUEUE_SUBMIT_H

#include <linux/types.h>

/* What wp_submit_try() returns if the module of the call is being unloaded. */
#define WP_SUBMIT_UNLOADED	1

struct workpool;
struct workpool_group;
struct wp_call;

int wp_submit_member(struct workpool_group *group, const struct wp_call *call);
int wp_submit_try(struct workpool *pool, const struct wp_call *call,
		  bool fallback);
void wp_submit_count_refusal(struct workpool *pool, int err);

#endif /* _WP_QUEUE_SUBMIT_H */
