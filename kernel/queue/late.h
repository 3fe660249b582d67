/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Late starts: workers that take long to come.
 */
#ifndef _WP_QUEUE_LATE_H
#define _WP_QUEUE_LATE_H

struct timer_list;
struct workpool;

void wp_late_begin_locked(struct workpool *pool);
void wp_late_timer(struct timer_list *timer);

#endif /* _WP_QUEUE_LATE_H */
