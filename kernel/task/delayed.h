/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Delayed tasks: embedded tasks that are queued when a timer fires.
 */
#ifndef _WP_TASK_DELAYED_H
#define _WP_TASK_DELAYED_H

struct workpool;

void wp_delayed_drop_all(struct workpool *pool);

#endif /* _WP_TASK_DELAYED_H */
