/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Release: close a pool, and wait for what still runs.
 */
#ifndef _WP_POOL_RELEASE_H
#define _WP_POOL_RELEASE_H

#include "core/notice.h"
#include "core/pool.h"

struct wp_deferred;

/* Interval between warnings while a destroy or an unload waits, in jiffies. */
#define WP_RELEASE_PATIENCE	(30 * HZ)

void wp_release_locked(struct workpool *pool, enum wp_state state,
		       enum wp_by by, struct wp_deferred *deferred);
void wp_release_begin(struct workpool *pool, enum wp_state state,
		      enum wp_by by);
int wp_release_lock(struct workpool *pool, unsigned int state);
void wp_release_log_stragglers(struct workpool *pool);
void wp_release_close(struct workpool *pool);
void wp_release_end(struct workpool *pool);
long wp_release_wait_end(struct workpool *pool, unsigned int state,
			 long timeout);
int wp_release_wait(struct workpool *pool, enum wp_by by, unsigned int state,
		    long timeout);

#endif /* _WP_POOL_RELEASE_H */
