/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Move: embedded tasks that were queued while they run in a closed pool.
 */
#ifndef _WP_TASK_MOVE_H
#define _WP_TASK_MOVE_H

struct workpool;
struct workpool_task;
struct wp_deferred;

int wp_move_attach_locked(struct workpool *to, struct workpool *last,
			  struct workpool_task *task, unsigned long delay,
			  struct wp_deferred *deferred);

#endif /* _WP_TASK_MOVE_H */
