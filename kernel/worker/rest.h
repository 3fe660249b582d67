/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rest: what is more than one hold of a pool's lock may do.
 */
#ifndef _WP_WORKER_REST_H
#define _WP_WORKER_REST_H

#include <linux/types.h>

struct work_struct;
struct workpool;

bool wp_rest_slice(struct workpool *pool);
void wp_rest_work(struct work_struct *work);

#endif /* _WP_WORKER_REST_H */
