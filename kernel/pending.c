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
 * what is pending is a seeker, and one seeker at a time is enough while tasks are
 * short. It takes the first of the line, and when more is pending it wakes the
 * next seeker before it begins. So a burst of short tasks, drained by those who
 * are awake, costs one wake-up and not one for each task, and a long task holds up
 * nobody, as the next seeker was woken before it began. A worker that finishes
 * takes the first of the line without being woken at all.
 *
 * While tasks are long nobody finishes, and seekers are what drains the line.
 * Each one that comes and finds more pending than there are seekers doubles how
 * many there may be, workpool.eager; who finishes sets that to one again. So a
 * burst of long tasks starts in no time, also when threads must be made first.
 *
 * Measured against other policies, in instructions on one CPU (the lane icount of
 * the bench, Linux 6.1; workqueue unbound takes 794 and 23112; the last line was
 * measured later than the others, with the hot path 10 shorter):
 *
 *	seekers at a time		burst of	the same,	1000 tasks
 *					no-ops, each	in batches	that sleep, each
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
 * To spin before parking: a worker that found nothing to do stayed awake as a seeker
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
	over = wp_pool_busy_locked(pool) + pool->queued - pool->limit;
	return over < 0 || min(pool->calls, over) < (int)pool->queue_depth;
}

/* Workers that should be on their way to look. */
int wp_pool_need_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	/* Waiters are queued where there is room, unless memory ran out. */
	if (!pool->queued)
		return pool->waiting && has_room_locked(pool);
	return max(min(pool->eager, pool->queued),
		   pool->queue_depth ? 1 : pool->calls);
}

static void owe_post(struct wp_dues *dues, struct wp_worker *worker,
		     enum wp_order order)
{
	dues->worker = worker;
	dues->order = order;
	dues->due |= WP_DUE_POST;
}

static void seek_locked(struct workpool *pool, struct wp_parked *parked,
			struct wp_dues *dues)
{
	struct wp_worker *worker = container_of(parked, struct wp_worker,
						parked);

	worker->state = WP_WORKER_SEEKING;
	worker->since = jiffies;
	WRITE_ONCE(pool->seeking, pool->seeking + 1);
	if (dues->due & WP_DUE_POST)
		list_add_tail(&parked->node,
			      wp_dues_list(dues, WP_DUE_SEEKERS,
					   &dues->seekers));
	else
		owe_post(dues, worker, WP_ORDER_SEEK);
}

/* The rest of wp_pool_rouse_locked(). */
void wp_pool_rouse_more_locked(struct workpool *pool, struct wp_dues *dues)
{
	int need = wp_pool_need_locked(pool);
	struct wp_parked *top;

	lockdep_assert_held(&pool->lock);
	while (pool->seeking < need) {
		top = wp_stack_pop(&pool->idle);
		if (!top)
			break;
		seek_locked(pool, top, dues);
	}
	need -= pool->seeking + pool->starting;
	if (need > 0)
		wp_slot_reserve_locked(pool, need, dues);
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
static bool remember_locked(struct workpool *pool, const struct wp_call *call,
			    struct list_head *after)
{
	struct wp_job *job = wp_reserve_take_locked(pool);

	if (!job)
		return false;
	job->call = *call;
	job->place.kind = call->kind;
	list_add(&job->place.node, after);
	if (call->kind == WP_MEMBER)
		list_add_tail(&job->member, &call->group->queued);
	wp_pool_add_queued_locked(pool, 1);
	pool->calls++;
	return true;
}

/* Accept a call for which no worker is parked, if the pool is not full. */
bool wp_pool_accept_locked(struct workpool *pool, const struct wp_call *call,
			   struct wp_dues *dues)
{
	lockdep_assert_held(&pool->lock);
	if (pool->waiting || !has_room_locked(pool) ||
	    !remember_locked(pool, call, pool->pending.prev))
		return false;
	count_accepted_locked(pool, call);
	wp_pool_rouse_locked(pool, dues);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_accept_locked);

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
 * may be queued a burst of them needs one seeker, not a worker each.
 */
bool wp_pool_hand_locked(struct workpool *pool, const struct wp_call *call,
			 struct wp_dues *dues)
{
	struct wp_worker *worker;
	struct wp_parked *top;

	lockdep_assert_held(&pool->lock);
	if (pool->queue_depth || !list_empty(&pool->pending))
		return false;
	top = wp_stack_pop(&pool->idle);
	if (!top)
		return false;
	worker = container_of(top, struct wp_worker, parked);
	count_accepted_locked(pool, call);
	assign_locked(pool, worker, call);
	owe_post(dues, worker, WP_ORDER_RUN);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_hand_locked);

/* The report of a crash: before everything else. */
void wp_pool_report_locked(struct workpool *pool, struct wp_worker *dead,
			   struct wp_dues *dues)
{
	lockdep_assert_held(&pool->lock);
	dead->report.kind = WP_CRASH;
	list_add(&dead->report.node, &pool->pending);
	wp_pool_add_queued_locked(pool, 1);
	wp_pool_balance_locked(pool, dues);
}

void wp_pool_enlist_locked(struct workpool *pool, struct wp_waiter *waiter,
			   bool nested)
{
	lockdep_assert_held(&pool->lock);
	waiter->place.kind = WP_WAITER;
	waiter->sleep.submits = true;
	list_add_tail(&waiter->place.node, &pool->pending);
	wp_sleep_enlist_locked(pool, &waiter->sleep, &pool->waiters, nested);
	WRITE_ONCE(pool->waiting, pool->waiting + 1);
	if (pool->waiting > pool->counters.peak_waiting)
		pool->counters.peak_waiting = pool->waiting;
	if (waiter->claim)
		WRITE_ONCE(pool->shared, pool->shared + 1);
	else
		pool->counters.blocked++;
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_enlist_locked);

static void leave_line_locked(struct workpool *pool, struct wp_waiter *waiter)
{
	lockdep_assert_held(&pool->lock);
	list_del_init(&waiter->place.node);
	WRITE_ONCE(pool->waiting, pool->waiting - 1);
	if (waiter->claim)
		WRITE_ONCE(pool->shared, pool->shared - 1);
}

/* Take an undecided waiter off the lists. */
void wp_pool_forget_locked(struct workpool *pool, struct wp_waiter *waiter)
{
	lockdep_assert_held(&pool->lock);
	leave_line_locked(pool, waiter);
	wp_sleep_forget_locked(pool, &waiter->sleep);
}

/*
 * May this pool accept @waiter? If not, another one did, and it leaves this
 * line.
 */
static bool claim_locked(struct workpool *pool, struct wp_waiter *waiter)
{
	if (likely(!waiter->claim) || wp_claim_take(waiter->claim))
		return true;
	wp_pool_forget_locked(pool, waiter);
	return false;
}

/* The pool closes: who waits for others as well only leaves this line. */
void wp_pool_refuse_locked(struct workpool *pool, struct wp_waiter *waiter,
			   int err, struct wp_dues *dues)
{
	struct wp_claim *claim = waiter->claim;

	lockdep_assert_held(&pool->lock);
	if (claim && (!atomic_dec_and_test(&claim->lines) ||
		      !wp_claim_take(claim)))
		wp_pool_forget_locked(pool, waiter);
	else
		wp_pool_decide_locked(pool, waiter, err, dues);
}

/* It is the caller's to decide. */
void wp_pool_decide_locked(struct workpool *pool, struct wp_waiter *waiter,
			   int result, struct wp_dues *dues)
{
	lockdep_assert_held(&pool->lock);
	leave_line_locked(pool, waiter);
	if (!result)
		count_accepted_locked(pool, &waiter->call);
	wp_sleep_decide_locked(pool, &waiter->sleep, result, dues);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_decide_locked);

/* Take the memory of an accepted call back. */
void wp_pool_unqueue_job_locked(struct workpool *pool, struct wp_job *job)
{
	lockdep_assert_held(&pool->lock);
	list_del(&job->place.node);
	if (job->call.kind == WP_MEMBER)
		list_del(&job->member);
	wp_reserve_return_locked(pool, job);
	wp_pool_add_queued_locked(pool, -1);
	pool->calls--;
}

static noinline void take_report_locked(struct workpool *pool,
					struct wp_worker *worker,
					struct workpool_place *place)
{
	struct wp_call call = {
		.kind = WP_CRASH,
		.arg = container_of(place, struct wp_worker, report),
	};

	assign_locked(pool, worker, &call);
	wp_pool_unqueue_locked(pool, place);
}

static void take_job_locked(struct workpool *pool, struct wp_worker *worker,
			    struct workpool_place *place)
{
	struct wp_job *job = container_of(place, struct wp_job, place);

	assign_locked(pool, worker, &job->call);
	wp_pool_unqueue_job_locked(pool, job);
}

static bool take_waiter_locked(struct workpool *pool, struct wp_worker *worker,
			       struct workpool_place *place,
			       struct wp_dues *dues)
{
	struct wp_waiter *waiter = wp_waiter_at(place);

	if (!claim_locked(pool, waiter))
		return false;
	assign_locked(pool, worker, &waiter->call);
	wp_pool_decide_locked(pool, waiter, 0, dues);
	return true;
}

/* Returns false when what stands at @place is not for @worker, and left. */
static bool take_at_locked(struct workpool *pool, struct wp_worker *worker,
			   struct workpool_place *place, struct wp_dues *dues)
{
	if (likely(place->kind == WP_TASK))
		return wp_task_take_locked(pool, worker, wp_task_at(place));
	switch (place->kind) {
	case WP_WAITER:
		return take_waiter_locked(pool, worker, place, dues);
	case WP_CRASH:
		take_report_locked(pool, worker, place);
		return true;
	default:
		take_job_locked(pool, worker, place);
		return true;
	}
}

/* A free worker takes the first of the line. Returns false when there is none. */
bool wp_pool_take_locked(struct workpool *pool, struct wp_worker *worker,
			 struct wp_dues *dues)
{
	lockdep_assert_held(&pool->lock);
	while (!list_empty(&pool->pending))
		if (take_at_locked(pool, worker,
				   list_first_entry(&pool->pending,
						    struct workpool_place,
						    node), dues))
			return true;
	return false;
}

/* Accept the oldest waiter, where it stands in the line. */
static bool promote_locked(struct workpool *pool, struct wp_dues *dues)
{
	struct wp_waiter *waiter;

	if (llist_empty(&pool->reserve))
		return false;
	waiter = list_first_entry(&pool->waiters, struct wp_waiter, sleep.link);
	if (claim_locked(pool, waiter)) {
		remember_locked(pool, &waiter->call, &waiter->place.node);
		wp_pool_decide_locked(pool, waiter, 0, dues);
	}
	return true;
}

static void note_events_locked(struct workpool *pool, struct wp_dues *dues)
{
	if (unlikely(!list_empty(&pool->drainers)) &&
	    wp_pool_is_quiet_locked(pool))
		wp_sleep_decide_all_locked(pool, &pool->drainers, 0, dues);
}

bool wp_pool_is_quiet_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return list_empty(&pool->pending) && !wp_pool_busy_locked(pool);
}

/* Restore what the DOC block in pool.c promises. */
void wp_pool_balance_locked(struct workpool *pool, struct wp_dues *dues)
{
	lockdep_assert_held(&pool->lock);
	while (pool->waiting && has_room_locked(pool) &&
	       promote_locked(pool, dues))
		;
	if (pool->state < WP_CLOSED)
		wp_slot_reserve_locked(pool, (int)pool->min_workers -
					     pool->running, dues);
	wp_pool_rouse_locked(pool, dues);
	if (pool->state >= WP_CLOSED)
		wp_slot_retire_idle_locked(pool, pool->idle.nr - pool->queued,
					   dues);
	wp_sleep_break_deadlock_locked(pool, dues);
	note_events_locked(pool, dues);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_balance_locked);
