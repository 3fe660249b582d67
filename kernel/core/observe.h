/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Observation: what tracepoints, histograms and readers of notices see of a task
 * on its way.
 *
 * Each function has an inline part, which is one instruction while nothing
 * observes. Those for cancel and drop count as well, whether observed or not.
 */
#ifndef _WP_CORE_OBSERVE_H
#define _WP_CORE_OBSERVE_H

#include "core/node.h"
#include "core/notice.h"
#include "core/pool.h"
#include "core/worker.h"
#include "trace.h"

void wp_observe_wait_slow_locked(struct workpool *pool, struct wp_call *call,
				 struct workpool_node *waiter);
void wp_observe_accept_slow_locked(struct workpool *pool, struct wp_job *job,
				   struct workpool_node *waiter);
void wp_observe_refuse_slow_locked(struct workpool *pool,
				   const struct wp_call *call,
				   struct workpool_node *waiter, int err);
void wp_observe_queue_slow_locked(struct workpool *pool,
				  struct workpool_task *task, bool moved);
void wp_observe_assign_slow_locked(struct workpool *pool,
				   struct wp_worker *worker,
				   struct workpool_node *node);
void wp_observe_start_slow(struct workpool *pool, struct wp_worker *worker,
			   struct wp_job *job);
void wp_observe_done_slow(struct workpool *pool, struct wp_worker *worker,
			  struct wp_job *job);

/* A submitter with @call begins to wait, at @waiter of the queue. */
static inline void wp_observe_wait_locked(struct workpool *pool,
					  struct wp_call *call,
					  struct workpool_node *waiter)
{
	lockdep_assert_held(&pool->lock);
	if (wp_trace_is_observed())
		wp_observe_wait_slow_locked(pool, call, waiter);
}

/*
 * A call is accepted, and is in the queue. Its submitter waited at @waiter, or,
 * if that is NULL, did not wait.
 */
static inline void wp_observe_accept_locked(struct workpool *pool,
					    struct wp_job *job,
					    struct workpool_node *waiter)
{
	lockdep_assert_held(&pool->lock);
	if (wp_trace_is_observed())
		wp_observe_accept_slow_locked(pool, job, waiter);
}

/* A call is refused, at once or, with @waiter, after a wait. */
static inline void wp_observe_refuse_locked(struct workpool *pool,
					    const struct wp_call *call,
					    struct workpool_node *waiter,
					    int err)
{
	lockdep_assert_held(&pool->lock);
	if (wp_trace_is_observed())
		wp_observe_refuse_slow_locked(pool, call, waiter, err);
}

/*
 * An embedded task is queued, or @moved: it was queued in another pool, and
 * waits here since then.
 */
static inline void wp_observe_queue_locked(struct workpool *pool,
					   struct workpool_task *task,
					   bool moved)
{
	lockdep_assert_held(&pool->lock);
	if (wp_trace_is_observed())
		wp_observe_queue_slow_locked(pool, task, moved);
}

/*
 * @worker gets wp_worker.call, which was at @node of the queue, or, without it,
 * is accepted now.
 */
static inline void wp_observe_assign_locked(struct workpool *pool,
					    struct wp_worker *worker,
					    struct workpool_node *node)
{
	lockdep_assert_held(&pool->lock);
	if (wp_trace_is_observed())
		wp_observe_assign_slow_locked(pool, worker, node);
}

/* The member @job of the queue becomes @inner, one of wp_worker.inner_jobs. */
static inline void wp_observe_inner_locked(struct workpool *pool,
					   const struct wp_job *job,
					   struct wp_job *inner)
{
	lockdep_assert_held(&pool->lock);
	if (wp_trace_is_observed())
		inner->stamped.since_ns = job->stamped.since_ns;
}

/*
 * The thread of @worker, which runs here, begins to execute @job, one of
 * wp_worker.inner_jobs, or, if that is NULL, what the queue gave it.
 */
static inline void wp_observe_start(struct workpool *pool,
				    struct wp_worker *worker,
				    struct wp_job *job)
{
	if (wp_trace_is_observed())
		wp_observe_start_slow(pool, worker, job);
}

/* The call or task returned. An embedded task may be gone. */
static inline void wp_observe_done(struct workpool *pool,
				   struct wp_worker *worker,
				   struct wp_job *job)
{
	if (wp_trace_is_observed())
		wp_observe_done_slow(pool, worker, job);
}

/* An embedded task, or the call of a member, is cancelled. */
static inline void wp_observe_cancel_locked(struct workpool *pool, void *fn,
					    unsigned long id)
{
	lockdep_assert_held(&pool->lock);
	pool->counters[WP_COUNT_CANCELLED]++;
	trace_workpool_cancel(pool, fn, id);
}

/* A task or call that was accepted will not run. */
static inline void wp_observe_drop_locked(struct workpool *pool, void *fn,
					  unsigned long id)
{
	lockdep_assert_held(&pool->lock);
	pool->counters[WP_COUNT_DROPPED]++;
	trace_workpool_drop(pool, fn, id);
	if (wp_notice_wanted())
		wp_notice_dropped(pool, fn);
}

/* Count and trace a dropped embedded task. */
static inline void wp_observe_drop_task_locked(struct workpool *pool,
					       struct workpool_task *task)
{
	lockdep_assert_held(&pool->lock);
	wp_observe_drop_locked(pool, task->fn, (unsigned long)task);
}

#endif /* _WP_CORE_OBSERVE_H */
