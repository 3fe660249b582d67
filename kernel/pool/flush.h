/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flush: wait for what a pool accepted before.
 */
#ifndef _WP_POOL_FLUSH_H
#define _WP_POOL_FLUSH_H

struct workpool;

int wp_flush_begin(struct workpool *pool);
int wp_flush_end(struct workpool *pool);

#endif /* _WP_POOL_FLUSH_H */
