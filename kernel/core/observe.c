// SPDX-License-Identifier: GPL-2.0
/*
 * Observation: what tracepoints see of a task on its way.
 */

#include "compat.h"
#include "core/observe.h"

static void observe_number_locked(struct workpool *pool, struct wp_call *call)
{
	lockdep_assert_held(&pool->lock);
	call->seq = ++pool->last_seq;
}

static void trace_submit_locked(struct workpool *pool,
				const struct wp_call *call)
{
	lockdep_assert_held(&pool->lock);
	trace_workpool_submit(pool, call->fn.any, wp_call_id(call), 0);
}

void wp_observe_wait_slow_locked(struct workpool *pool, struct wp_call *call)
{
	lockdep_assert_held(&pool->lock);
	observe_number_locked(pool, call);
	trace_workpool_wait(pool, call->fn.any, wp_call_id(call),
			    pool->waiting);
}

/* The call of a submitter that waited has its number. */
void wp_observe_accept_slow_locked(struct workpool *pool, struct wp_job *job)
{
	lockdep_assert_held(&pool->lock);
	if (!job->call.seq)
		observe_number_locked(pool, &job->call);
	trace_submit_locked(pool, &job->call);
}

void wp_observe_queue_slow_locked(struct workpool *pool,
				  struct workpool_task *task)
{
	lockdep_assert_held(&pool->lock);
	trace_workpool_queue(pool, task->fn, (unsigned long)task, 0);
}

void wp_observe_assign_slow_locked(struct workpool *pool,
				   struct wp_worker *worker,
				   const struct workpool_node *node)
{
	struct wp_call *call = &worker->call;

	lockdep_assert_held(&pool->lock);
	if (!node || node->kind == WP_WAITER) {
		/* It may have waited since before an event was on. */
		if (!call->seq)
			observe_number_locked(pool, call);
		trace_submit_locked(pool, call);
	}
	trace_workpool_assign(pool, worker, call->fn.any, wp_call_id(call));
}

static void *fn_of(const struct wp_worker *worker, const struct wp_call *call)
{
	return call ? call->fn.any : wp_worker_own_fn(worker);
}

/* See wp_call_id(). */
static unsigned long id_of(const struct wp_worker *worker,
			   const struct wp_call *call)
{
	struct workpool_task *task = wp_worker_own_task(worker);

	if (call)
		return wp_call_id(call);
	return task ? (unsigned long)task : worker->call.seq;
}

void wp_observe_start_slow(struct workpool *pool, struct wp_worker *worker,
			   const struct wp_call *call)
{
	trace_workpool_start(pool, worker, fn_of(worker, call),
			     id_of(worker, call));
}

void wp_observe_done_slow(struct workpool *pool, struct wp_worker *worker,
			  const struct wp_call *call)
{
	trace_workpool_done(pool, worker, fn_of(worker, call),
			    id_of(worker, call));
}
