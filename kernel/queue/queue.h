/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The queue: what a pool accepted, which submitters wait, and how workers get
 * to both.
 */
#ifndef _WP_QUEUE_QUEUE_H
#define _WP_QUEUE_QUEUE_H

#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/timer.h>

#include "core/pool.h"
#include "core/watch.h"
#include "core/worker.h"
#include "queue/color.h"
#include "queue/member.h"
#include "queue/running.h"

struct wp_call;
struct wp_deferred;
struct wp_job;
struct wp_worker;

bool wp_queue_is_quiet_locked(struct workpool *pool);
void wp_queue_balance_locked(struct workpool *pool,
			     struct wp_deferred *deferred);
void wp_queue_trim_locked(struct workpool *pool, struct wp_deferred *deferred);
void wp_queue_kick_slow_locked(struct workpool *pool,
			       struct wp_deferred *deferred);
bool wp_queue_hand_off_locked(struct workpool *pool, const struct wp_call *call,
			      struct wp_deferred *deferred);
bool wp_queue_accept_locked(struct workpool *pool, const struct wp_call *call,
			    struct wp_deferred *deferred);
bool wp_queue_take_locked(struct workpool *pool, struct wp_worker *worker,
			  struct wp_deferred *deferred);
void wp_queue_report_locked(struct workpool *pool, struct wp_worker *dead,
			    struct wp_deferred *deferred);
void wp_queue_drop_job_locked(struct workpool *pool, struct wp_job *job,
			      struct wp_deferred *deferred);
struct wp_job *wp_queue_begin_inner_locked(struct workpool *pool,
					   struct wp_worker *worker,
					   struct wp_job *job);
void wp_queue_end_inner_locked(struct workpool *pool, struct wp_worker *worker,
			       struct wp_job *job, int err,
			       struct wp_deferred *deferred);

/**
 * wp_queue_kick_locked() - see that a worker looks at what was queued
 * @pool: the pool
 * @deferred: gets the wake-up
 *
 * It is enough after something was queued, or a worker took the first entry,
 * when no submitter waits and the limit and the state of the pool are as before.
 * Everything else needs wp_queue_balance_locked().
 *
 * The first tests repeat what wp_queue_kick_slow_locked() finds most of the
 * time in a burst, without the call.
 */
static inline void wp_queue_kick_locked(struct workpool *pool,
					struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	if (pool->queue_depth || pool->calls <= 1) {
		if (pool->searching >= pool->max_searching)
			return;
		if (!pool->idle.nr &&
		    (pool->searching + pool->starting >= pool->max_searching ||
		     pool->running >= pool->limit) &&
		    (likely(!pool->starting) ||
		     (!pool->overdue && timer_pending(&pool->late))))
			return;
	}
	wp_queue_kick_slow_locked(pool, deferred);
}

/* A member of a group ended, or the report of a crash, which has no group. */
static inline void wp_queue_end_member_locked(struct workpool *pool,
					      struct wp_worker *worker, int err,
					      struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	/* What it was queued for meanwhile counts in that group already. */
	if (worker->call.kind == WP_MEMBER_TASK)
		wp_running_end_locked(pool, worker, deferred);
	if (worker->call.group)
		wp_member_end_locked(pool, worker->call.group, err, deferred);
}

/* What @worker executed ended: complete the threads that wait for it. */
static inline void wp_queue_end_locked(struct workpool *pool,
				       struct wp_worker *worker, int err,
				       struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	wp_watch_note_locked(pool, worker->call.fn.any);
	if (worker->call.kind == WP_TASK)
		wp_running_end_locked(pool, worker, deferred);
	else if (worker->call.kind != WP_CALL)
		wp_queue_end_member_locked(pool, worker, err, deferred);
	/*
	 * Last: wp_worker.on_end may drop the lock while the worker still
	 * counts as busy.
	 */
	wp_color_leave_locked(pool, worker->color, deferred);
}

#endif /* _WP_QUEUE_QUEUE_H */
