/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parallel loops: what a crash and an unload have to know of them.
 */
#ifndef _WP_TASK_PARALLEL_H
#define _WP_TASK_PARALLEL_H

#include <linux/types.h>

struct workpool;
struct workpool_crash;
struct workpool_node;
struct wp_worker;

void *wp_parallel_alloc(size_t size);
void wp_parallel_oops(struct wp_worker *worker);
void wp_parallel_abandon(struct workpool *pool, struct wp_worker *worker);
void *wp_parallel_function(struct workpool_node *node);
void wp_parallel_name(struct workpool_node *node, struct workpool_crash *crash);

#endif /* _WP_TASK_PARALLEL_H */
