/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Colors: what was accepted before a flush is told from what is accepted later.
 */
#ifndef _WP_QUEUE_COLOR_H
#define _WP_QUEUE_COLOR_H

#include <linux/lockdep.h>
#include <linux/types.h>

#include "core/pool.h"

struct wp_deferred;
struct wp_wait;

void wp_color_init(struct workpool *pool);
void wp_color_leave_slow_locked(struct workpool *pool, u8 mark,
				struct wp_deferred *deferred);
bool wp_color_open_locked(struct workpool *pool, unsigned int *color);
bool wp_color_wait_locked(struct workpool *pool, unsigned int color,
			  struct wp_wait *wait);

/* The mark of what is accepted now. */
static inline u8 wp_color_mark_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return pool->color % WP_NR_COLORS;
}

/* Is what was accepted before flushed? */
static inline bool wp_color_is_flushed_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return unlikely(pool->color != pool->oldest_color);
}

/* What has @mark ended, or leaves the pool. */
static inline void wp_color_leave_locked(struct workpool *pool, u8 mark,
					 struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	if (wp_color_is_flushed_locked(pool))
		wp_color_leave_slow_locked(pool, mark, deferred);
}

#endif /* _WP_QUEUE_COLOR_H */
