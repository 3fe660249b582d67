/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Late starts: workers that take long to come.
 */
#ifndef _WP_QUEUE_LATE_H
#define _WP_QUEUE_LATE_H

#include <linux/lockdep.h>

#include "core/pool.h"

struct timer_list;

void wp_late_begin_locked(struct workpool *pool);
void wp_late_reset_slow_locked(struct workpool *pool);
void wp_late_timer(struct timer_list *timer);

/*
 * A worker is up, or no start is under way any more: whatever held up starts
 * until now, it is worth a new look.
 */
static inline void wp_late_reset_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (unlikely(pool->late_looks))
		wp_late_reset_slow_locked(pool);
}

/*
 * Of the workers that start, those that are on their way to the queue. One that
 * is overdue may never come.
 */
static inline int wp_late_coming_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return pool->starting - pool->overdue;
}

#endif /* _WP_QUEUE_LATE_H */
