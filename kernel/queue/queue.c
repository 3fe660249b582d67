// SPDX-License-Identifier: GPL-2.0
/*
 * The queue: what a pool accepted, which submitters wait, and how workers get
 * to both.
 *
 * It is one list of accepted calls and tasks, of submitters that wait and of
 * reports of crashes. It is in order of arrival, but for reports and for tasks
 * that were queued to the front, which come first: see wp_node_add_locked() of
 * core/node.h. A task that is due again, and those that a worker gives back, are
 * put first as well: they came before what is there.
 */

#include "compat.h"
#include "core/deferred.h"
#include "core/node.h"
#include "core/observe.h"
#include "core/slot.h"
#include "core/stack.h"
#include "core/watch.h"
#include "queue/late.h"
#include "queue/color.h"
#include "queue/member.h"
#include "queue/need.h"
#include "queue/queue.h"
#include "queue/reserve.h"
#include "queue/running.h"
#include "queue/waiter.h"

/**
 * DOC: Waking
 *
 * A submit without queue_depth hands its call off while a worker is parked and
 * nothing is queued, unless workers freeze on suspend: it takes one of the few
 * that were used last for this call alone. Without a parked worker it reserves a
 * slot for a new one, and queues the call.
 *
 * Everything else only needs that some worker looks at the queue. A worker that
 * was woken to look is searching. One searching worker at a time is enough
 * while tasks are short: it takes the first of the queue and, when more is
 * queued, wakes the next searching worker before it begins. So a burst of short
 * tasks, drained by the workers that are awake, costs one wake-up and not one
 * for each task. A long task holds up no other task, as the next searching
 * worker was woken before it began. A worker that finishes a task takes the
 * first of the queue without being woken at all.
 *
 * While tasks are long no worker finishes, and searching workers drain the
 * queue. Each one that finds more queued than workpool.max_searching doubles
 * that limit; one that finds no more, or a worker that finishes a task, sets it
 * to one. So a burst of long tasks starts in no time, also when threads must be
 * made first.
 *
 * kernel/docs/measurements.md has what was tried instead, and what it gave.
 */

/*
 * Is nothing queued, waiting or busy? What leaves for another pool of a multi
 * may come back.
 */
bool wp_queue_is_quiet_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return list_empty(&pool->queue) && !wp_slot_busy_locked(pool) &&
	       !pool->nr_moving;
}

static void defer_post(struct wp_deferred *deferred, struct wp_worker *worker,
		       enum wp_order order)
{
	deferred->worker = worker;
	deferred->order = order;
	deferred->actions |= WP_DEFER_POST;
}

/* Returns false when no more workers may be woken under this hold. */
static bool wake_searcher_locked(struct workpool *pool,
				 struct wp_parked *parked,
				 struct wp_deferred *deferred)
{
	struct wp_worker *worker = wp_worker_parked_at(parked);

	worker->state = WP_WORKER_SEARCHING;
	worker->since = jiffies;
	WRITE_ONCE(pool->searching, pool->searching + 1);
	if (!(deferred->actions & WP_DEFER_POST)) {
		defer_post(deferred, worker, WP_ORDER_SEARCH);
		return true;
	}
	wp_deferred_add(deferred, WP_DEFER_SEARCH, &deferred->searchers,
			&parked->node);
	return deferred->searchers.nr < WP_SLICE;
}

/* See that up to @nr workers start, beside those that do. */
static void queue_reserve_locked(struct workpool *pool, int nr,
				 struct wp_deferred *deferred)
{
	wp_slot_reserve_locked(pool, nr, deferred);
	if (pool->starting)
		wp_late_begin_locked(pool);
}

/*
 * Wake or start workers for the queue (slow path of wp_queue_kick_locked()).
 * When more workers are needed than may be woken at once, those that are woken
 * kick again as they come.
 */
void wp_queue_kick_slow_locked(struct workpool *pool,
			       struct wp_deferred *deferred)
{
	int need = wp_need_workers_locked(pool);
	struct wp_parked *top;

	lockdep_assert_held(&pool->lock);
	while (pool->searching < need) {
		top = wp_stack_pop(&pool->idle);
		if (!top || !wake_searcher_locked(pool, top, deferred))
			break;
	}
	need -= pool->searching;
	if (need > 0 && !pool->idle.nr)
		queue_reserve_locked(pool, need - wp_late_coming_locked(pool),
				     deferred);
}
EXPORT_SYMBOL_IF_KUNIT(wp_queue_kick_slow_locked);

/*
 * Upper bound of the slots that need a thread. A worker on its way does not
 * lower it, because it may never come up.
 */
static int most_to_spawn_locked(struct workpool *pool)
{
	/* What waits is refused. */
	if (wp_pool_is_closed(pool))
		return pool->queued;
	return max(pool->queued + pool->waiting,
		   (int)pool->min_workers - (pool->running - pool->to_spawn));
}

/*
 * Give back slots without a thread that are beyond the limit, or whose work
 * faster workers have taken. Then balance.
 */
void wp_queue_trim_locked(struct workpool *pool, struct wp_deferred *deferred)
{
	int unneeded = max(pool->to_spawn - most_to_spawn_locked(pool),
			   pool->running - pool->limit);

	lockdep_assert_held(&pool->lock);
	wp_slot_trim_locked(pool, unneeded, deferred);
	wp_queue_balance_locked(pool, deferred);
}

/* Count an accepted call, a member also in its group. */
static void count_accepted_locked(struct workpool *pool,
				  const struct wp_call *call)
{
	lockdep_assert_held(&pool->lock);
	pool->counters[WP_COUNT_SUBMITTED]++;
	if (call->kind == WP_MEMBER_CALL)
		call->group->nr++;
}

/* Queue @call right behind @after. Returns NULL without memory. */
static struct wp_job *add_job_locked(struct workpool *pool,
				     const struct wp_call *call,
				     struct list_head *after,
				     struct wp_deferred *deferred)
{
	struct wp_job *job = wp_reserve_take_locked(pool);

	if (!job)
		return NULL;
	job->call = *call;
	job->node.kind = call->kind;
	job->node.color = wp_color_mark_locked(pool);
	list_add(&job->node.entry, after);
	if (call->kind == WP_MEMBER_CALL)
		wp_member_queued_locked(pool, job, deferred);
	wp_node_add_nr_locked(pool, 1);
	pool->calls++;
	return job;
}

/* Remove a call from the queue: a worker takes it. */
static void remove_job_locked(struct workpool *pool, struct wp_job *job)
{
	lockdep_assert_held(&pool->lock);
	list_del(&job->node.entry);
	if (job->call.kind == WP_MEMBER_CALL)
		wp_member_unlink_locked(pool, &job->member,
					&job->call.group->queued);
	wp_node_add_nr_locked(pool, -1);
	pool->calls--;
	wp_reserve_return_locked(pool, job);
}

/* No worker will execute the call @job of the queue. */
void wp_queue_drop_job_locked(struct workpool *pool, struct wp_job *job,
			      struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	wp_color_leave_locked(pool, job->node.color, deferred);
	remove_job_locked(pool, job);
}

/*
 * Give @worker, which executes fewer than WP_INNER_MAX, the member @job of the
 * queue, to be executed inside of its own call. It gets a copy, as the memory
 * of @job is for what is accepted meanwhile.
 */
struct wp_job *wp_queue_begin_inner_locked(struct workpool *pool,
					   struct wp_worker *worker,
					   struct wp_job *job)
{
	struct wp_job *inner = &worker->inner_jobs[worker->nr_inner++];

	lockdep_assert_held(&pool->lock);
	inner->call = job->call;
	inner->node.kind = job->call.kind;
	inner->node.color = job->node.color;
	wp_observe_inner_locked(pool, job, inner);
	list_add(&inner->node.entry, &worker->inner);
	pool->nr_inner++;
	wp_watch_note_locked(pool, job->call.fn.any);
	remove_job_locked(pool, job);
	return inner;
}

/* @job, the innermost member of @worker, ended with @err. */
void wp_queue_end_inner_locked(struct workpool *pool, struct wp_worker *worker,
			       struct wp_job *job, int err,
			       struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	wp_watch_note_locked(pool, job->call.fn.any);
	list_del(&job->node.entry);
	worker->nr_inner--;
	pool->nr_inner--;
	wp_color_leave_locked(pool, job->node.color, deferred);
	if (job->call.group)
		wp_member_end_locked(pool, job->call.group, err, deferred);
}

/* Number of parked workers, those used last, that are searched for one nearby. */
#define NEAR	4

/*
 * Take a parked worker: of the few that were used last the first one that ran
 * on this CPU, else the one on top. When threads on two CPUs submit and wait in
 * turn, the one on top is often the one that the other CPU has just used. To
 * wake it here would move it back and forth.
 */
static struct wp_worker *queue_unpark_locked(struct workpool *pool)
{
	int cpu = raw_smp_processor_id(), nr = 0;
	struct wp_parked *parked;
	struct wp_worker *worker;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry(parked, &pool->idle.list, node) {
		worker = wp_worker_parked_at(parked);
		if (task_cpu(worker->task) == cpu) {
			wp_stack_remove(&pool->idle, parked);
			return worker;
		}
		if (++nr == NEAR)
			break;
	}
	parked = wp_stack_pop(&pool->idle);
	return parked ? wp_worker_parked_at(parked) : NULL;
}

/**
 * wp_queue_hand_off_locked() - give a call to a parked worker, used recently
 * @pool: the pool
 * @call: the call
 * @deferred: gets the wake-up
 *
 * Return: true; false when others come before the call, or no worker is parked,
 * or those that are parked are about to leave because the pool shrank.
 * With a queue_depth it is always false: there a burst of calls needs one
 * searching worker and not a worker each. So it is in a freezable pool: a member
 * of a group that a frozen worker got could not be cancelled.
 */
bool wp_queue_hand_off_locked(struct workpool *pool, const struct wp_call *call,
			      struct wp_deferred *deferred)
{
	struct wp_worker *worker;

	lockdep_assert_held(&pool->lock);
	if (pool->queue_depth || !list_empty(&pool->queue) ||
	    pool->flags & WORKPOOL_F_FREEZABLE ||
	    wp_slot_has_surplus_locked(pool))
		return false;
	worker = queue_unpark_locked(pool);
	if (!worker)
		return false;
	count_accepted_locked(pool, call);
	wp_slot_assign_locked(pool, worker, call, wp_color_mark_locked(pool),
			      NULL);
	defer_post(deferred, worker, WP_ORDER_RUN);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(wp_queue_hand_off_locked);

/**
 * wp_queue_accept_locked() - queue a call that was not handed off
 * @pool: the pool
 * @call: the call
 * @deferred: gets the wake-up
 *
 * Return: true; false when the pool is full, or others wait already.
 */
bool wp_queue_accept_locked(struct workpool *pool, const struct wp_call *call,
			    struct wp_deferred *deferred)
{
	struct wp_job *job;

	lockdep_assert_held(&pool->lock);
	if (pool->waiting || !wp_need_has_room_locked(pool))
		return false;
	job = add_job_locked(pool, call, pool->queue.prev, deferred);
	if (!job)
		return false;
	count_accepted_locked(pool, call);
	wp_observe_accept_locked(pool, job, NULL);
	wp_queue_kick_locked(pool, deferred);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(wp_queue_accept_locked);

/* Queue the report of a crash before everything else. */
void wp_queue_report_locked(struct workpool *pool, struct wp_worker *dead,
			    struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	dead->report.kind = WP_CRASH;
	dead->report.color = wp_color_mark_locked(pool);
	wp_node_add_locked(pool, &dead->report, true);
	wp_queue_balance_locked(pool, deferred);
}

/*
 * May this pool accept @waiter? If not, another pool did, or its group died
 * with its stack, and the waiter leaves this queue.
 */
static __always_inline bool win_waiter_locked(struct workpool *pool,
					      struct wp_waiter *waiter,
					      struct wp_deferred *deferred)
{
	if (likely(!wp_member_is_dead_locked(pool, waiter->call.group)))
		return wp_waiter_win_locked(pool, waiter);
	wp_waiter_deny_locked(pool, waiter, -ECANCELED, deferred);
	return false;
}

/*
 * Returns false when @waiter left the queue without a worker: another pool
 * accepted it, its group is dead, or this pool is closed.
 */
static bool take_waiter_locked(struct workpool *pool, struct wp_worker *worker,
			       struct wp_waiter *waiter,
			       struct wp_deferred *deferred)
{
	if (unlikely(wp_pool_is_closed(pool))) {
		wp_waiter_refuse_locked(pool, waiter, -ESHUTDOWN, deferred);
		return false;
	}
	if (!win_waiter_locked(pool, waiter, deferred))
		return false;
	count_accepted_locked(pool, &waiter->call);
	wp_slot_assign_locked(pool, worker, &waiter->call,
			      wp_color_mark_locked(pool), &waiter->node);
	wp_waiter_complete_locked(pool, waiter, 0, deferred);
	return true;
}

static noinline void take_report_locked(struct workpool *pool,
					struct wp_worker *worker,
					struct workpool_node *node)
{
	struct wp_call call = {
		.kind = WP_CRASH,
		.arg = container_of(node, struct wp_worker, report),
	};

	wp_slot_assign_locked(pool, worker, &call, node->color, node);
	wp_node_remove_locked(pool, node);
}

/* Returns false when @node is not for @worker, and left the queue. */
static bool take_node_locked(struct workpool *pool, struct wp_worker *worker,
			     struct workpool_node *node,
			     struct wp_deferred *deferred)
{
	struct wp_job *job;

	if (likely(node->kind == WP_TASK))
		return wp_running_begin_locked(pool, worker, wp_node_task(node));
	switch (node->kind) {
	case WP_WAITER:
		return take_waiter_locked(pool, worker, wp_waiter_at(node),
					  deferred);
	case WP_MEMBER_TASK:
		return wp_running_begin_member_locked(pool, worker,
						      wp_node_member(node));
	case WP_CRASH:
		take_report_locked(pool, worker, node);
		return true;
	case WP_MARK:	/* all that was before it has left */
		list_del_init(&node->entry);
		return false;
	default:
		job = wp_node_job(node);
		wp_slot_assign_locked(pool, worker, &job->call, node->color,
				      node);
		remove_job_locked(pool, job);
		return true;
	}
}

/*
 * Give the free @worker the first of the queue. Returns false when the queue is
 * empty, or when a slice of it was for others.
 */
bool wp_queue_take_locked(struct workpool *pool, struct wp_worker *worker,
			  struct wp_deferred *deferred)
{
	struct workpool_node *node;
	int nr;

	lockdep_assert_held(&pool->lock);
	for (nr = 0; nr < WP_SLICE && !list_empty(&pool->queue); nr++) {
		node = list_first_entry(&pool->queue, struct workpool_node,
					entry);
		if (take_node_locked(pool, worker, node, deferred))
			return true;
	}
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(wp_queue_take_locked);

/*
 * Accept @waiter where it stands, or let it go if win_waiter_locked() does not
 * get it. Returns false without memory.
 */
static bool accept_waiter_locked(struct workpool *pool,
				 struct wp_waiter *waiter,
				 struct wp_deferred *deferred)
{
	struct wp_job *job;

	if (llist_empty(&pool->reserve))
		return false;
	if (win_waiter_locked(pool, waiter, deferred)) {
		count_accepted_locked(pool, &waiter->call);
		job = add_job_locked(pool, &waiter->call, &waiter->node.entry,
				     deferred);
		wp_observe_accept_locked(pool, job, &waiter->node);
		wp_waiter_complete_locked(pool, waiter, 0, deferred);
	}
	return true;
}

/*
 * Is there a waiter to decide now: one to accept, or in a closed pool one to
 * refuse?
 */
static bool can_serve_locked(struct workpool *pool, bool closed)
{
	return pool->waiting && (closed || wp_need_has_room_locked(pool));
}

/* Let waiters in while there is room, after can_serve_locked(). */
static noinline void serve_waiters_locked(struct workpool *pool, bool closed,
					  struct wp_deferred *deferred)
{
	struct wp_waiter *waiter;
	int nr = 0;

	do {
		if (nr++ == WP_SLICE || !wp_wait_room(deferred)) {
			wp_slice_rest_locked(pool, deferred);
			return;
		}
		waiter = list_first_entry(&pool->waiters, struct wp_waiter,
					  wait.link);
		if (closed)
			wp_waiter_refuse_locked(pool, waiter, -ESHUTDOWN,
						deferred);
		else if (!accept_waiter_locked(pool, waiter, deferred))
			return;
	} while (can_serve_locked(pool, closed));
}

/**
 * wp_queue_balance_locked() - restore what "From submit to done" promises
 * @pool: the pool
 * @deferred: gets what is to be done
 *
 * To be called in each critical section that frees a slot, changes the limit,
 * closes the pool, or takes a waiter out of the queue. After something was
 * queued wp_queue_kick_locked() is enough. A pool that opens need not call it,
 * because nothing is queued. A worker that parks found the queue empty, and need
 * only call it for a thread that drains the pool.
 */
void wp_queue_balance_locked(struct workpool *pool,
			     struct wp_deferred *deferred)
{
	bool closed = wp_pool_is_closed(pool);

	lockdep_assert_held(&pool->lock);
	if (can_serve_locked(pool, closed))
		serve_waiters_locked(pool, closed, deferred);
	if (wp_slot_has_surplus_locked(pool))
		wp_slot_retire_idle_locked(pool, wp_slot_live_locked(pool) -
						 pool->limit, deferred);
	if (!closed && pool->running < (int)pool->min_workers)
		queue_reserve_locked(pool,
				     (int)pool->min_workers - pool->running,
				     deferred);
	wp_queue_kick_locked(pool, deferred);
	if (closed)
		wp_slot_retire_idle_locked(pool, pool->idle.nr - pool->queued,
					   deferred);
	if (unlikely(!list_empty(&pool->drainers)) &&
	    wp_queue_is_quiet_locked(pool))
		wp_wait_complete_all_locked(pool, &pool->drainers, 0, deferred);
}
EXPORT_SYMBOL_IF_KUNIT(wp_queue_balance_locked);
