// SPDX-License-Identifier: GPL-2.0
/*
 * What is pending: the line of accepted calls and tasks and of submitters that
 * wait, and how it gets to workers.
 */

#include "internal.h"
#include "trace.h"

/**
 * DOC: Waking
 *
 * A submit without queue_depth is a hand-off: it takes the worker on top of the
 * expiry stack, or a slot for a new one, for its call alone.
 *
 * Everything else only needs that somebody looks: a worker that is woken to look
 * what is pending is a searcher, and one searcher at a time is enough while tasks are
 * short. It takes the first of the line, and when more is pending it wakes the
 * next searcher before it begins. So a burst of short tasks, drained by those who
 * are awake, costs one wake-up and not one for each task, and a long task holds up
 * nobody, as the next searcher was woken before it began. A worker that finishes
 * takes the first of the line without being woken at all.
 *
 * While tasks are long nobody finishes, and searchers are what drains the line.
 * Each one that comes and finds more pending than there are searchers doubles how
 * many there may be, workpool.max_searching; who finishes sets that to one again. So a
 * burst of long tasks starts in no time, also when threads must be made first.
 *
 * Measured against other policies, in instructions on one CPU (the lane icount of
 * the bench, Linux 6.1; workqueue unbound takes 794 and 23112; the last line was
 * measured later than the others, with the hot path 10 shorter):
 *
 *	searchers at a time		burst of	the same,	1000 tasks
 *					no-ops, each	in batches	that wait, each
 *	one				472		398		31038
 *	two				573		447		31076
 *	one for each task		592		465		16112
 *	one, doubled while nobody ends	464		378		15956
 *
 * What was tried and did not help:
 *
 * To leave the wake-up to the CPU where the worker ran last, as wake_up_process()
 * does: on two CPUs of user mode Linux a round trip took 60 us instead of 18, since
 * each wake-up then is an interrupt of the other CPU. See wp_wake_here().
 *
 * might_sleep() at the beginning of a submit into a queue: under voluntary
 * preemption it gives way to the worker that was woken before, and a burst of calls
 * took 2175 each instead of 614. See check_context().
 *
 * To spin before parking: a worker that found nothing to do stayed awake as a searcher
 * for 10 us, as long as its CPU had nothing else to run. On two CPUs of user mode
 * Linux a task of a burst took 3500 and 3544 ns instead of 3665 and 3576, a call in
 * the queue 3862 and 3868 instead of 3785 and 3966, where workqueue took 3665 to 3945.
 * A round trip took as long as before: who waits for the task runs where the worker
 * does, so the worker is not alone there.
 *
 * To take several tasks in one hold of the lock: a worker took up to eight more and
 * began them without it, and whoever else took the lock, but to queue behind them,
 * took those back that were not begun. Other workers must do so as well, or a task
 * behind a long one would begin after younger ones. A no-op of a burst took 458
 * instructions instead of 477, in batches 372 instead of 390, where a kthread_worker,
 * which has a lock and a list and nothing else, takes 317: what the lock costs is
 * saved, but each task still has to be taken off the list and be found by who queues,
 * cancels, flushes or unloads it. On two CPUs of user mode Linux, where to turn
 * interrupts off and on is a system call, a task took 3440 and 3533 ns instead of
 * 3907, in batches 1289 and 1352 instead of 2417, and workqueue 3773 to 4086. Sixteen
 * tasks at a time and nothing that takes them back, which is of no use but shows the
 * bound, took 372 and 288 instructions: what the bench aims at, 239 and 143, is out of
 * reach that way, for over 300 lines and a second protocol beside the lock.
 *
 * What was thought of and not built, so that there are no numbers:
 *
 * To hand a task to a parked worker as a call is, which saves the second look. But a
 * task that was handed over can neither be cancelled nor found pending any more, or
 * the hand-over has to be revocable, which puts one more race into each cancel.
 */

/*
 * Can one more call be accepted? Yes, if with all that is queued before it
 * there is a worker for it, or if few enough calls are queued without one.
 */
static bool has_room_locked(struct workpool *pool)
{
	int over;

	lockdep_assert_held(&pool->lock);
	over = wp_slot_busy_locked(pool) + pool->queued - pool->limit;
	return over < 0 || min(pool->calls, over) < (int)pool->queue_depth;
}

/* Workers that should be on their way to look. */
int wp_queue_need_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	/* Waiters are queued where there is room, unless memory ran out. */
	if (!pool->queued)
		return pool->waiting && has_room_locked(pool);
	return max(min(pool->max_searching, pool->queued),
		   pool->queue_depth ? 1 : pool->calls);
}

static void defer_post(struct wp_deferred *deferred, struct wp_worker *worker,
		       enum wp_order order)
{
	deferred->worker = worker;
	deferred->order = order;
	deferred->actions |= WP_DEFER_POST;
}

static void search_locked(struct workpool *pool, struct wp_parked *parked,
			  struct wp_deferred *deferred)
{
	struct wp_worker *worker = container_of(parked, struct wp_worker,
						parked);

	worker->state = WP_WORKER_SEARCHING;
	worker->since = jiffies;
	WRITE_ONCE(pool->searching, pool->searching + 1);
	if (deferred->actions & WP_DEFER_POST)
		list_add_tail(&parked->node,
			      wp_deferred_list(deferred, WP_DEFER_SEARCHERS,
					       &deferred->searchers));
	else
		defer_post(deferred, worker, WP_ORDER_SEARCH);
}

/* The rest of wp_queue_kick_locked(). */
void wp_queue_kick_slow_locked(struct workpool *pool,
			       struct wp_deferred *deferred)
{
	int need = wp_queue_need_locked(pool);
	struct wp_parked *top;

	lockdep_assert_held(&pool->lock);
	while (pool->searching < need) {
		top = wp_stack_pop(&pool->idle);
		if (!top)
			break;
		search_locked(pool, top, deferred);
	}
	need -= pool->searching + pool->starting;
	if (need > 0)
		wp_slot_reserve_locked(pool, need, deferred);
}

/* Accepted: from here on it is known to whoever waits for it. */
static void count_accepted_locked(struct workpool *pool,
				  const struct wp_call *call)
{
	pool->counters.submitted++;
	if (call->kind == WP_MEMBER)
		call->group->nr++;
}

/* Remember @call in the line, right behind @after. */
static bool add_job_locked(struct workpool *pool, const struct wp_call *call,
			   struct list_head *after)
{
	struct wp_job *job = wp_reserve_take_locked(pool);

	if (!job)
		return false;
	job->call = *call;
	job->node.kind = call->kind;
	list_add(&job->node.entry, after);
	if (call->kind == WP_MEMBER)
		list_add_tail(&job->member, &call->group->queued);
	wp_queue_add_nr_locked(pool, 1);
	pool->calls++;
	return true;
}

/* Accept a call for which no worker is parked, if the pool is not full. */
bool wp_queue_accept_locked(struct workpool *pool, const struct wp_call *call,
			    struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	if (pool->waiting || !has_room_locked(pool) ||
	    !add_job_locked(pool, call, pool->queue.prev))
		return false;
	count_accepted_locked(pool, call);
	wp_queue_kick_locked(pool, deferred);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(wp_queue_accept_locked);

/* Write @call into the worker, which nobody else can see idle any more. */
static void assign_locked(struct workpool *pool, struct wp_worker *worker,
			  const struct wp_call *call)
{
	lockdep_assert_held(&pool->lock);
	worker->state = WP_WORKER_BUSY;
	worker->since = jiffies;
	worker->call = *call;
	trace_workpool_assign(pool, worker, call->fn.any);
}

/*
 * Hand @call to the worker used last, unless others are before it. Where calls
 * may be queued a burst of them needs one searcher, not a worker each.
 */
bool wp_queue_hand_off_locked(struct workpool *pool, const struct wp_call *call,
			      struct wp_deferred *deferred)
{
	struct wp_worker *worker;
	struct wp_parked *top;

	lockdep_assert_held(&pool->lock);
	if (pool->queue_depth || !list_empty(&pool->queue))
		return false;
	top = wp_stack_pop(&pool->idle);
	if (!top)
		return false;
	worker = container_of(top, struct wp_worker, parked);
	count_accepted_locked(pool, call);
	assign_locked(pool, worker, call);
	defer_post(deferred, worker, WP_ORDER_RUN);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(wp_queue_hand_off_locked);

/* The report of a crash: before everything else. */
void wp_queue_report_locked(struct workpool *pool, struct wp_worker *dead,
			    struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	dead->report.kind = WP_CRASH;
	list_add(&dead->report.entry, &pool->queue);
	wp_queue_add_nr_locked(pool, 1);
	wp_queue_balance_locked(pool, deferred);
}

void wp_waiter_add_locked(struct workpool *pool, struct wp_waiter *waiter,
			  bool nested)
{
	lockdep_assert_held(&pool->lock);
	waiter->node.kind = WP_WAITER;
	waiter->wait.submits = true;
	list_add_tail(&waiter->node.entry, &pool->queue);
	wp_wait_add_locked(pool, &waiter->wait, &pool->waiters, nested);
	WRITE_ONCE(pool->waiting, pool->waiting + 1);
	if (pool->waiting > pool->counters.peak_waiting)
		pool->counters.peak_waiting = pool->waiting;
	if (waiter->claim)
		WRITE_ONCE(pool->shared, pool->shared + 1);
	else
		pool->counters.blocked++;
}
EXPORT_SYMBOL_IF_KUNIT(wp_waiter_add_locked);

static void leave_queue_locked(struct workpool *pool, struct wp_waiter *waiter)
{
	lockdep_assert_held(&pool->lock);
	list_del_init(&waiter->node.entry);
	WRITE_ONCE(pool->waiting, pool->waiting - 1);
	if (waiter->claim)
		WRITE_ONCE(pool->shared, pool->shared - 1);
}

/* Take an undecided waiter off the lists. */
void wp_waiter_remove_locked(struct workpool *pool, struct wp_waiter *waiter)
{
	lockdep_assert_held(&pool->lock);
	leave_queue_locked(pool, waiter);
	wp_wait_remove_locked(pool, &waiter->wait);
}

/*
 * May this pool accept @waiter? If not, another one did, and it leaves this
 * line.
 */
static bool win_claim_locked(struct workpool *pool, struct wp_waiter *waiter)
{
	if (likely(!waiter->claim) || wp_claim_take(waiter->claim))
		return true;
	wp_waiter_remove_locked(pool, waiter);
	return false;
}

/* The pool closes: who waits for others as well only leaves this line. */
void wp_waiter_refuse_locked(struct workpool *pool, struct wp_waiter *waiter,
			     int err, struct wp_deferred *deferred)
{
	struct wp_claim *claim = waiter->claim;

	lockdep_assert_held(&pool->lock);
	if (claim &&
	    (!atomic_dec_and_test(&claim->queues) || !wp_claim_take(claim)))
		wp_waiter_remove_locked(pool, waiter);
	else
		wp_waiter_complete_locked(pool, waiter, err, deferred);
}

/* It is the caller's to decide. */
void wp_waiter_complete_locked(struct workpool *pool, struct wp_waiter *waiter,
			       int result, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	leave_queue_locked(pool, waiter);
	if (!result)
		count_accepted_locked(pool, &waiter->call);
	wp_wait_complete_locked(pool, &waiter->wait, result, deferred);
}
EXPORT_SYMBOL_IF_KUNIT(wp_waiter_complete_locked);

/* Take the memory of an accepted call back. */
void wp_queue_remove_job_locked(struct workpool *pool, struct wp_job *job)
{
	lockdep_assert_held(&pool->lock);
	list_del(&job->node.entry);
	if (job->call.kind == WP_MEMBER)
		list_del(&job->member);
	wp_reserve_return_locked(pool, job);
	wp_queue_add_nr_locked(pool, -1);
	pool->calls--;
}

static noinline void take_report_locked(struct workpool *pool,
					struct wp_worker *worker,
					struct workpool_node *node)
{
	struct wp_call call = {
		.kind = WP_CRASH,
		.arg = container_of(node, struct wp_worker, report),
	};

	assign_locked(pool, worker, &call);
	wp_queue_remove_locked(pool, node);
}

static void take_job_locked(struct workpool *pool, struct wp_worker *worker,
			    struct workpool_node *node)
{
	struct wp_job *job = container_of(node, struct wp_job, node);

	assign_locked(pool, worker, &job->call);
	wp_queue_remove_job_locked(pool, job);
}

static bool take_waiter_locked(struct workpool *pool, struct wp_worker *worker,
			       struct workpool_node *node,
			       struct wp_deferred *deferred)
{
	struct wp_waiter *waiter = wp_waiter_at(node);

	if (!win_claim_locked(pool, waiter))
		return false;
	assign_locked(pool, worker, &waiter->call);
	wp_waiter_complete_locked(pool, waiter, 0, deferred);
	return true;
}

/* Returns false when what stands at @node is not for @worker, and left. */
static bool take_at_locked(struct workpool *pool, struct wp_worker *worker,
			   struct workpool_node *node,
			   struct wp_deferred *deferred)
{
	if (likely(node->kind == WP_TASK))
		return wp_running_begin_locked(pool, worker, wp_task_at(node));
	switch (node->kind) {
	case WP_WAITER:
		return take_waiter_locked(pool, worker, node, deferred);
	case WP_CRASH:
		take_report_locked(pool, worker, node);
		return true;
	default:
		take_job_locked(pool, worker, node);
		return true;
	}
}

/* A free worker takes the first of the line. Returns false when there is none. */
bool wp_queue_take_locked(struct workpool *pool, struct wp_worker *worker,
			  struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	while (!list_empty(&pool->queue))
		if (take_at_locked(pool, worker,
				   list_first_entry(&pool->queue,
						    struct workpool_node,
						    entry),
				   deferred))
			return true;
	return false;
}

/* Accept the oldest waiter, where it stands in the line. */
static bool accept_waiter_locked(struct workpool *pool,
				 struct wp_deferred *deferred)
{
	struct wp_waiter *waiter;

	if (llist_empty(&pool->reserve))
		return false;
	waiter = list_first_entry(&pool->waiters, struct wp_waiter, wait.link);
	if (win_claim_locked(pool, waiter)) {
		add_job_locked(pool, &waiter->call, &waiter->node.entry);
		wp_waiter_complete_locked(pool, waiter, 0, deferred);
	}
	return true;
}

static void note_events_locked(struct workpool *pool,
			       struct wp_deferred *deferred)
{
	if (unlikely(!list_empty(&pool->drainers)) &&
	    wp_queue_is_quiet_locked(pool))
		wp_wait_complete_all_locked(pool, &pool->drainers, 0, deferred);
}

bool wp_queue_is_quiet_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return list_empty(&pool->queue) && !wp_slot_busy_locked(pool);
}

/* Restore what the DOC block in pool.c promises. */
void wp_queue_balance_locked(struct workpool *pool,
			     struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	while (pool->waiting && has_room_locked(pool) &&
	       accept_waiter_locked(pool, deferred))
		;
	if (pool->state < WP_CLOSED)
		wp_slot_reserve_locked(
			pool, (int)pool->min_workers - pool->running, deferred);
	wp_queue_kick_locked(pool, deferred);
	if (pool->state >= WP_CLOSED)
		wp_slot_retire_idle_locked(pool, pool->idle.nr - pool->queued,
					   deferred);
	break_deadlock_locked(pool, deferred);
	note_events_locked(pool, deferred);
}
EXPORT_SYMBOL_IF_KUNIT(wp_queue_balance_locked);
