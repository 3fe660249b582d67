/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Embedded tasks: whether one is accepted, and by which pool.
 */
#ifndef _WP_TASK_TASK_H
#define _WP_TASK_TASK_H

#include <linux/compiler.h>

#include "core/pending.h"
#include "core/pool.h"
#include "task/link.h"

/* What the caller of wp_task_accept_locked() did already. */
enum wp_task_progress {
	WP_TASK_FREE,		/* nothing; the task may be pending */
	WP_TASK_GRABBED,	/* it made the task pending */
	WP_TASK_ACCEPTED,	/* the same, and a pool has counted it */
};

typedef int (*wp_task_act_t)(struct workpool *pool, struct workpool_task *task,
			     void *arg, struct wp_deferred *deferred);

/* What wp_task_accept_locked() returns when the task is linked already. */
#define WP_TASK_ATTACHED		1

int wp_task_settle_locked(struct workpool **pool, struct workpool_task *task,
			  unsigned long delay, struct wp_deferred *deferred)
	__must_hold(&(*pool)->lock);
int wp_task_refuse_blank(struct workpool *pool);
int wp_task_at_last_pool(struct workpool_task *task, wp_task_act_t act,
			 void *arg);

/**
 * wp_task_accept_locked() - make a task pending, and find where it goes
 * @pool: where to; gets the pool that the task still runs in, if that is open.
 *	That pool's lock is held then, and interrupts were off throughout
 * @task: the task
 * @progress: what the caller did already, with interrupts off since
 * @delay: jiffies until it is queued
 * @deferred: of the caller's critical section
 *
 * Return: 0, the caller links the task; %WP_TASK_ATTACHED, it is linked;
 * -ESHUTDOWN: the pool is closed, the task is not pending; -EALREADY: it is
 * pending, disabled or being cancelled; -EINVAL: it is that of a member.
 */
static __always_inline int
wp_task_accept_locked(struct workpool **pool, struct workpool_task *task,
		      enum wp_task_progress progress, unsigned long delay,
		      struct wp_deferred *deferred)
{
	lockdep_assert_held(&(*pool)->lock);
	if (progress == WP_TASK_FREE) {
		if (!wp_pool_is_open(*pool))
			return -ESHUTDOWN;
		if (!wp_pending_grab(task))
			return wp_pending_is_member(task) ? -EINVAL : -EALREADY;
		wp_pending_debug_activate(task);
	}
	if (unlikely(task->last_pool &&
		     task->last_pool != (*pool)->lookup_id) &&
	    wp_task_settle_locked(pool, task, delay, deferred))
		return WP_TASK_ATTACHED;
	/* It may have been closed before its lock was taken, or taken again. */
	if (unlikely(!wp_pool_is_open(*pool))) {
		if (progress == WP_TASK_ACCEPTED)
			wp_observe_drop_task_locked(*pool, task);
		wp_link_end_locked(*pool, task, deferred);
		return -ESHUTDOWN;
	}
	(*pool)->counters[WP_COUNT_SUBMITTED] += progress != WP_TASK_ACCEPTED;
	return 0;
}

#endif /* _WP_TASK_TASK_H */
