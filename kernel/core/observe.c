// SPDX-License-Identifier: GPL-2.0
/*
 * Observation: what tracepoints and histograms see of a task on its way.
 */

#include "compat.h"
#include "core/histogram.h"
#include "core/lease.h"
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

/* The submitter at @waiter of the queue does not wait any more. */
static void measure_blocked_locked(struct workpool *pool,
				   struct workpool_node *waiter)
{
	struct wp_histograms *histograms = wp_histogram_of(pool);

	lockdep_assert_held(&pool->lock);
	if (histograms)
		wp_histogram_add(histograms, WP_HISTOGRAM_BLOCKED,
				 wp_node_stamped(waiter)->since_ns,
				 wp_histogram_clock());
}

void wp_observe_wait_slow_locked(struct workpool *pool, struct wp_call *call,
				 struct workpool_node *waiter)
{
	lockdep_assert_held(&pool->lock);
	wp_node_stamped(waiter)->since_ns = wp_histogram_stamp(pool);
	if (!wp_trace_is_watched())
		return;
	observe_number_locked(pool, call);
	trace_workpool_wait(pool, call->fn.any, wp_call_id(call),
			    pool->waiting);
}

/* The call of a submitter that waited has its number. */
void wp_observe_accept_slow_locked(struct workpool *pool, struct wp_job *job,
				   struct workpool_node *waiter)
{
	lockdep_assert_held(&pool->lock);
	if (waiter)
		measure_blocked_locked(pool, waiter);
	job->stamped.since_ns = wp_histogram_stamp(pool);
	if (!wp_trace_is_watched())
		return;
	if (!job->call.seq)
		observe_number_locked(pool, &job->call);
	trace_submit_locked(pool, &job->call);
}

void wp_observe_refuse_slow_locked(struct workpool *pool,
				   const struct wp_call *call,
				   struct workpool_node *waiter, int err)
{
	lockdep_assert_held(&pool->lock);
	if (waiter)
		measure_blocked_locked(pool, waiter);
	trace_workpool_submit(pool, call->fn.any, wp_call_id(call), err);
}

void wp_observe_queue_slow_locked(struct workpool *pool,
				  struct workpool_task *task, bool moved)
{
	lockdep_assert_held(&pool->lock);
	if (!moved)
		task->queued_ns = wp_histogram_stamp(pool);
	trace_workpool_queue(pool, task->fn, (unsigned long)task, 0);
}

/* When what is at @node of the queue, if anything, was accepted. */
static u64 queued_since_locked(struct workpool *pool,
			       struct workpool_node *node)
{
	lockdep_assert_held(&pool->lock);
	if (!node || node->kind == WP_WAITER)
		return wp_histogram_stamp(pool);
	switch (node->kind) {
	case WP_TASK:
	case WP_MEMBER_TASK:
		return wp_node_task(node)->queued_ns;
	case WP_CRASH:
		return 0;
	default:
		return wp_node_job(node)->stamped.since_ns;
	}
}

void wp_observe_assign_slow_locked(struct workpool *pool,
				   struct wp_worker *worker,
				   struct workpool_node *node)
{
	struct wp_call *call = &worker->call;

	lockdep_assert_held(&pool->lock);
	if (node && node->kind == WP_WAITER)
		measure_blocked_locked(pool, node);
	worker->queued_ns = queued_since_locked(pool, node);
	if (!wp_trace_is_watched())
		return;
	if (!node || node->kind == WP_WAITER) {
		/* It may have waited since before an event was on. */
		if (!call->seq)
			observe_number_locked(pool, call);
		trace_submit_locked(pool, call);
	}
	trace_workpool_assign(pool, worker, call->fn.any, wp_call_id(call));
}

static void *fn_of(const struct wp_worker *worker, const struct wp_job *job)
{
	return job ? job->call.fn.any : wp_worker_own_fn(worker);
}

/* See wp_call_id(). */
static unsigned long id_of(const struct wp_worker *worker,
			   const struct wp_job *job)
{
	struct workpool_task *task = wp_worker_own_task(worker);

	if (job)
		return wp_call_id(&job->call);
	return task ? (unsigned long)task : worker->call.seq;
}

/*
 * The time of the beginning of a task. Within a lease it is that of the end of
 * the task before, as nothing is in between.
 */
static u64 begun_at(const struct wp_histograms *histograms,
		    const struct wp_worker *worker, const struct wp_job *job)
{
	if (!job && WP_LEASE_BEGUN(atomic_read(&worker->lease.word)) > 1 &&
	    worker->ended_ns >= histograms->since_ns)
		return worker->ended_ns;
	return wp_histogram_clock();
}

static void measure_start(struct workpool *pool, struct wp_worker *worker,
			  struct wp_job *job)
{
	struct wp_histograms *histograms;
	u64 now;

	preempt_disable();
	histograms = wp_histogram_of(pool);
	if (histograms) {
		now = begun_at(histograms, worker, job);
		wp_histogram_add(histograms, WP_HISTOGRAM_WAIT,
				 job ? job->stamped.since_ns :
				       worker->queued_ns, now);
		if (job)
			job->stamped.since_ns = now;
		else
			worker->begun_ns = now;
	}
	preempt_enable();
}

static void measure_done(struct workpool *pool, struct wp_worker *worker,
			 const struct wp_job *job)
{
	struct wp_histograms *histograms;
	u64 now;

	preempt_disable();
	histograms = wp_histogram_of(pool);
	if (histograms) {
		now = wp_histogram_clock();
		wp_histogram_add(histograms, WP_HISTOGRAM_RUN,
				 job ? job->stamped.since_ns : worker->begun_ns,
				 now);
		worker->ended_ns = now;
	}
	preempt_enable();
}

void wp_observe_start_slow(struct workpool *pool, struct wp_worker *worker,
			   struct wp_job *job)
{
	measure_start(pool, worker, job);
	if (wp_trace_is_watched())
		trace_workpool_start(pool, worker, fn_of(worker, job),
				     id_of(worker, job));
}

void wp_observe_done_slow(struct workpool *pool, struct wp_worker *worker,
			  struct wp_job *job)
{
	measure_done(pool, worker, job);
	if (wp_trace_is_watched())
		trace_workpool_done(pool, worker, fn_of(worker, job),
				    id_of(worker, job));
}
