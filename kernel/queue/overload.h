/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Overload: when it begins, and when it is over.
 */
#ifndef _WP_QUEUE_OVERLOAD_H
#define _WP_QUEUE_OVERLOAD_H

#include "core/notice.h"
#include "core/pool.h"

void wp_overload_begin_locked(struct workpool *pool);
void wp_overload_end_locked(struct workpool *pool);
void wp_overload_exit(void);

/*
 * A submitter has found the pool full: it waits, or is refused with -EAGAIN or
 * -EBUSY. One that gives a timeout of 0 asks only, and is not noted.
 */
static inline void wp_overload_note_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (!wp_notice_wanted())
		return;
	if (pool->overload.on)
		pool->overload.news = true;
	else
		wp_overload_begin_locked(pool);
}

#endif /* _WP_QUEUE_OVERLOAD_H */
