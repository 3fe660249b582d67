/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pending bit of an embedded task, and what debugobjects knows of the task.
 */
#ifndef _WP_CORE_PENDING_H
#define _WP_CORE_PENDING_H

#include <linux/atomic.h>
#include <linux/lockdep.h>
#include <linux/workpool.h>

#include "core/pool.h"

/* workpool_task.state: */
#define WP_TASK_PENDING		1	/* queued, delayed or about to be */
#define WP_TASK_FLUSHED		2	/* pending, threads may wait for it */
#define WP_TASK_OF_MEMBER	__WORKPOOL_MEMBER /* for good */
#define WP_TASK_CANCELLING	8	/* added by each cancel_sync, disable */

#ifdef CONFIG_DEBUG_OBJECTS
void wp_pending_debug_setup(void (*drop)(struct workpool_task *task));
void wp_pending_debug_init(struct workpool_task *task, bool on_stack);
void wp_pending_debug_free(struct workpool_task *task);
void wp_pending_debug_activate(struct workpool_task *task);
void wp_pending_debug_deactivate(struct workpool_task *task);
#else
static inline void wp_pending_debug_init(struct workpool_task *task,
					 bool on_stack) { }
static inline void wp_pending_debug_free(struct workpool_task *task) { }
static inline void wp_pending_debug_activate(struct workpool_task *task) { }
static inline void wp_pending_debug_deactivate(struct workpool_task *task) { }
#endif

static inline bool wp_pending_is_set(struct workpool_task *task)
{
	return atomic_read(&task->state) & WP_TASK_PENDING;
}

/* Does perhaps a thread wait for @task, which is pending in @pool? */
static inline bool wp_pending_is_flushed_locked(struct workpool *pool,
						struct workpool_task *task)
{
	lockdep_assert_held(&pool->lock);
	return atomic_read(&task->state) & WP_TASK_FLUSHED;
}

/* Is it the task of a &struct workpool_member? */
static inline bool wp_pending_is_member(struct workpool_task *task)
{
	return atomic_read(&task->state) & WP_TASK_OF_MEMBER;
}

static inline bool wp_pending_is_cancelling(struct workpool_task *task)
{
	return atomic_read(&task->state) >= WP_TASK_CANCELLING;
}

/**
 * wp_pending_grab() - get the right to link a task
 * @task: the task
 *
 * Return: true when it was neither pending nor being cancelled nor disabled;
 * false also for the task of a member.
 */
static inline bool wp_pending_grab(struct workpool_task *task)
{
	/*
	 * Order the stores before a queue attempt that finds the task pending
	 * before the function's loads. Pairs with the barriers in
	 * running_begin_locked() and wp_busy_next().
	 */
	smp_mb__before_atomic();
	return !atomic_cmpxchg(&task->state, 0, WP_TASK_PENDING);
}

/* wp_pending_grab() of the task of a member. It fails for other tasks. */
static inline bool wp_pending_grab_member(struct workpool_task *task)
{
	/* As in wp_pending_grab(). */
	smp_mb__before_atomic();
	return atomic_cmpxchg(&task->state, WP_TASK_OF_MEMBER,
			      WP_TASK_OF_MEMBER | WP_TASK_PENDING) ==
	       WP_TASK_OF_MEMBER;
}

/*
 * Would wp_pending_grab_member() succeed? If not, the function of the member
 * sees what was stored before, as after a grab that failed.
 */
static inline bool wp_pending_may_grab_member(struct workpool_task *task)
{
	/* Pairs with the barrier in running_begin_locked(). */
	smp_mb();
	return atomic_read(&task->state) == WP_TASK_OF_MEMBER;
}

/* Undo a grab, of which debugobjects was not told yet. */
static inline void wp_pending_ungrab(struct workpool_task *task)
{
	atomic_andnot(WP_TASK_PENDING, &task->state);
}

/* The task is not linked, and others may grab it from here on. */
static inline void wp_pending_clear(struct workpool_task *task)
{
	wp_pending_debug_deactivate(task);
	atomic_andnot(WP_TASK_PENDING | WP_TASK_FLUSHED, &task->state);
}

/*
 * The task is not linked, and nobody may grab it any more. A thread that cancels
 * or flushes it finds it in no pool.
 */
static inline void wp_pending_bar(struct workpool_task *task)
{
	atomic_add(WP_TASK_CANCELLING, &task->state);
	wp_pending_clear(task);
}

#endif /* _WP_CORE_PENDING_H */
