/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pause: keep a pool from starting tasks for a while.
 */
#ifndef _WP_POOL_PAUSE_H
#define _WP_POOL_PAUSE_H

#include <linux/workpool.h>

int wp_pause_set(struct workpool *pool, enum workpool_pausers who, bool pause);

#endif /* _WP_POOL_PAUSE_H */
