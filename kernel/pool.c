// SPDX-License-Identifier: GPL-2.0
/*
 * The pool: its lock, and the rules that hold whenever the lock is free.
 *
 * Lock order: see "Locking" in internal.h.
 */

#include <linux/slab.h>

#include "internal.h"
#include "trace.h"

/**
 * DOC: From submit to done
 *
 * A submitter takes the pool's lock once. If a worker is parked it pops the one
 * on top of the expiry stack, writes the task into its mailbox and, after the
 * lock, wakes it. Otherwise, if a worker is being started that nobody has
 * claimed, or may be started, the call goes to the end of the pending list and
 * is accepted. Otherwise the pool is full, and the submitter gets -EAGAIN or
 * appends itself to the same list and sleeps.
 *
 * A worker that becomes free takes the lock once: it accounts for the task it
 * finished and takes the first of the pending list, or parks. When that first
 * one is a waiting submitter, the worker takes its task out of the submitter's
 * stack frame and wakes it: a hand-off, which nobody can overtake.
 *
 * What always holds while the lock is free, and is restored by
 * wp_pool_balance_locked() in each critical section that may have broken it:
 *
 *  - running = idle + busy + starting, and running <= limit but for the surplus
 *    a shrink left, which only falls;
 *  - no worker is parked while something is pending;
 *  - the pending list is in order of arrival, but that reports of crashes go
 *    first;
 *  - while running < limit there is a worker starting for each pending job;
 *  - nobody waits while a worker starts that nobody has claimed;
 *  - not all workers wait for a worker of this pool.
 *
 * No wake-up can be lost because whoever changes one of the numbers makes, in
 * the same critical section, the decisions that follow from it.
 */

void wp_pool_get(struct workpool *pool)
{
	kref_get(&pool->ref);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_get);

static void pool_free(struct kref *ref)
{
	struct workpool *pool = container_of(ref, struct workpool, ref);

	/* An ioctl that raced with workpool_destroy() may have armed these. */
	cancel_delayed_work_sync(&pool->purge);
	wp_spawn_cancel(pool);
	wp_reserve_free(pool);
	free_cpumask_var(pool->cpumask);
	mutex_destroy(&pool->lifecycle);
	kfree(pool);
}

/* Process context: it may free. */
void wp_pool_put(struct workpool *pool)
{
	kref_put(&pool->ref, pool_free);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_put);

static void pool_init(struct workpool *pool)
{
	raw_spin_lock_init(&pool->lock);
	pool->state = WP_CLOSED;
	wp_stack_init(&pool->idle);
	INIT_LIST_HEAD(&pool->pending);
	INIT_LIST_HEAD(&pool->waiters);
	INIT_LIST_HEAD(&pool->reserve);
	INIT_LIST_HEAD(&pool->nested);
	INIT_LIST_HEAD(&pool->workers);
	INIT_LIST_HEAD(&pool->chunks);
	init_waitqueue_head(&pool->events);
	INIT_DELAYED_WORK(&pool->purge, wp_purge_work);
	wp_spawn_setup(pool);
	ratelimit_state_init(&pool->respawns, HZ, 100);
	ratelimit_set_flags(&pool->respawns, RATELIMIT_MSG_ON_RELEASE);
	mutex_init(&pool->lifecycle);
	kref_init(&pool->ref);
}

struct workpool *wp_pool_alloc(void)
{
	KUNIT_STATIC_STUB_REDIRECT(wp_pool_alloc);
	return kzalloc(sizeof(struct workpool), GFP_KERNEL);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_alloc);

/* A closed pool that nobody knows of yet. */
struct workpool *wp_pool_create(struct module *owner, const char *name,
				const struct workpool_attrs *attrs)
{
	struct workpool *pool;
	int err;

	pool = wp_pool_alloc();
	if (!pool)
		return ERR_PTR(-ENOMEM);
	pool_init(pool);
	strscpy(pool->owner, module_name(owner), sizeof(pool->owner));
	strscpy(pool->name, name, sizeof(pool->name));
	err = wp_attrs_copy(pool, attrs);
	if (!err)
		err = wp_reserve_grow(pool, pool->limit);
	if (err) {
		wp_pool_put(pool);
		return ERR_PTR(err);
	}
	return pool;
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_create);

static void tell_to_leave(struct list_head *leavers)
{
	struct wp_worker *worker, *next;

	list_for_each_entry_safe(worker, next, leavers, parked.node) {
		list_del_init(&worker->parked.node);
		wp_worker_post(worker, WP_ORDER_LEAVE);
	}
}

/* Once completed, the waiter's stack frame is gone. */
static void wake_waiters(struct list_head *waiters)
{
	struct wp_waiter *waiter, *next;

	list_for_each_entry_safe(waiter, next, waiters, job.node)
		complete(&waiter->done);
}

static void drop_calls(struct workpool *pool, struct list_head *dropped)
{
	struct wp_job *job, *next;
	unsigned long flags;

	list_for_each_entry_safe(job, next, dropped, node) {
		if (job->kind == WP_JOB_CRASH) {
			list_del_init(&job->node);
			wp_crash_drop(pool, job->arg);
			continue;
		}
		pr_err("pool %s: task %ps dropped: the released pool could start no worker for it\n",
		       pool->name, job->fn);
		raw_spin_lock_irqsave(&pool->lock, flags);
		wp_reserve_return_locked(pool, job);
		raw_spin_unlock_irqrestore(&pool->lock, flags);
	}
}

static noinline void meet_dues(struct workpool *pool, struct wp_dues *dues)
{
	if (dues->due & WP_DUE_WAITERS)
		wake_waiters(&dues->waiters);
	if (dues->due & WP_DUE_LEAVERS)
		tell_to_leave(&dues->leavers);
	if (dues->due & WP_DUE_DROPPED)
		drop_calls(pool, &dues->dropped);
	if (dues->due & WP_DUE_RETRY)
		wp_spawn_retry(pool);
	else if (dues->due & WP_DUE_SPAWN)
		wp_spawn_now(pool);
	if (dues->due & WP_DUE_PURGE)
		wp_purge_start(pool);
	if (dues->due & WP_DUE_EVENT)
		wake_up_all(&pool->events);
}

/*
 * Preemption stays off until the worker was woken: a decision is not held up by
 * whatever preempts its maker. See wp_worker_post() for the other reason.
 */
void wp_pool_unlock_owing(struct workpool *pool, struct wp_dues *dues)
	__releases(&pool->lock)
{
	preempt_disable();
	raw_spin_unlock_irqrestore(&pool->lock, dues->flags);
	if (dues->due & WP_DUE_RUNNER)
		wp_worker_post(dues->runner, WP_ORDER_RUN);
	preempt_enable();
	if (unlikely(dues->due & ~WP_DUE_RUNNER))
		meet_dues(pool, dues);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_unlock_owing);

/* The list of obligation @bit, ready for use. */
static struct list_head *dues_list(struct wp_dues *dues, enum wp_due bit,
				   struct list_head *list)
{
	if (!(dues->due & bit)) {
		INIT_LIST_HEAD(list);
		dues->due |= bit;
	}
	return list;
}

int wp_pool_busy_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return pool->running - pool->idle.nr - pool->starting;
}

static void add_running_locked(struct workpool *pool, int nr)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->running, pool->running + nr);
	if (pool->running > pool->counters.peak_running)
		pool->counters.peak_running = pool->running;
}

static void reserve_slots_locked(struct workpool *pool, int nr,
				 struct wp_dues *dues)
{
	if (nr <= 0)
		return;
	add_running_locked(pool, nr);
	WRITE_ONCE(pool->starting, pool->starting + nr);
	WRITE_ONCE(pool->alive, pool->alive + nr);
	WRITE_ONCE(pool->to_spawn, pool->to_spawn + nr);
	dues->due |= WP_DUE_SPAWN;
}

/* Give up to @nr slots back for which no thread is being made yet. */
void wp_pool_trim_locked(struct workpool *pool, int nr)
{
	lockdep_assert_held(&pool->lock);
	nr = min(nr, pool->to_spawn);
	if (nr <= 0)
		return;
	add_running_locked(pool, -nr);
	WRITE_ONCE(pool->starting, pool->starting - nr);
	WRITE_ONCE(pool->alive, pool->alive - nr);
	WRITE_ONCE(pool->to_spawn, pool->to_spawn - nr);
}

/* The worker leaves: its slot is free from here on. */
void wp_pool_retire_locked(struct workpool *pool, struct wp_worker *worker)
{
	lockdep_assert_held(&pool->lock);
	worker->state = WP_WORKER_EXITING;
	worker->since = jiffies;
	add_running_locked(pool, -1);
	pool->counters.retired++;
}

static void retire_cut_locked(struct workpool *pool, struct list_head *cut,
			      struct wp_dues *dues)
{
	struct wp_worker *worker;

	if (list_empty(cut))
		return;
	list_for_each_entry(worker, cut, parked.node)
		wp_pool_retire_locked(pool, worker);
	list_splice_tail(cut, dues_list(dues, WP_DUE_LEAVERS, &dues->leavers));
}

/* Retire up to @nr parked workers, the oldest first. Returns how many. */
int wp_pool_retire_idle_locked(struct workpool *pool, int nr,
			       struct wp_dues *dues)
{
	LIST_HEAD(cut);

	lockdep_assert_held(&pool->lock);
	nr = wp_stack_cut_oldest(&pool->idle, nr, &cut);
	retire_cut_locked(pool, &cut, dues);
	return nr;
}

/* The same, for up to @max that are stale. */
int wp_pool_retire_stale_locked(struct workpool *pool, int max,
				struct wp_dues *dues)
{
	LIST_HEAD(cut);
	int nr;

	lockdep_assert_held(&pool->lock);
	nr = wp_stack_cut_stale(&pool->idle, jiffies - pool->expiry, max, &cut);
	retire_cut_locked(pool, &cut, dues);
	return nr;
}

/* The worker crashed: out of the counts, but for alive. */
void wp_pool_lose_locked(struct workpool *pool, struct wp_worker *worker)
{
	lockdep_assert_held(&pool->lock);
	if (worker->state == WP_WORKER_STARTING)
		WRITE_ONCE(pool->starting, pool->starting - 1);
	if (worker->state != WP_WORKER_EXITING)
		add_running_locked(pool, -1);
	worker->state = WP_WORKER_DEAD;
	worker->since = jiffies;
}

/* Starting workers that nothing needs if they cannot be had. */
int wp_pool_unneeded_locked(struct workpool *pool)
{
	int needed = pool->queued;

	lockdep_assert_held(&pool->lock);
	if (pool->state == WP_OPEN)
		needed = max(needed, (int)pool->min_workers -
				     (pool->running - pool->starting));
	return pool->starting - needed;
}

/* Starting workers that nobody has claimed, without those a shrink retires. */
static int unclaimed_locked(struct workpool *pool)
{
	return pool->starting - pool->queued -
	       max(pool->running - pool->limit, 0);
}

static void add_queued_locked(struct workpool *pool, int nr)
{
	WRITE_ONCE(pool->queued, pool->queued + nr);
}

/* Accept a call for which no worker is parked, if the pool is not full. */
bool wp_pool_accept_locked(struct workpool *pool, workpool_fn_t fn, void *arg,
			   struct wp_dues *dues)
{
	bool claim = unclaimed_locked(pool) > 0;
	struct wp_job *job;

	lockdep_assert_held(&pool->lock);
	if (pool->waiting || (!claim && pool->running >= pool->limit))
		return false;
	job = wp_reserve_take_locked(pool);
	if (!job)
		return false;

	*job = (struct wp_job){ .fn = fn, .arg = arg, .kind = WP_JOB_CALL };
	list_add_tail(&job->node, &pool->pending);
	add_queued_locked(pool, 1);
	if (!claim)
		reserve_slots_locked(pool, 1, dues);
	return true;
}

/* Write @job into the worker, which nobody else can see idle any more. */
static void assign_locked(struct workpool *pool, struct wp_worker *worker,
			  const struct wp_job *job)
{
	lockdep_assert_held(&pool->lock);
	worker->state = WP_WORKER_BUSY;
	worker->since = jiffies;
	worker->job.fn = job->fn;
	worker->job.arg = job->arg;
	worker->job.kind = job->kind;
	trace_workpool_assign(pool, worker, job->fn);
}

/* Hand @job to a worker just taken off the expiry stack. */
void wp_pool_hand_locked(struct workpool *pool, struct wp_parked *parked,
			 const struct wp_job *job, struct wp_dues *dues)
{
	lockdep_assert_held(&pool->lock);
	dues->runner = container_of(parked, struct wp_worker, parked);
	dues->due |= WP_DUE_RUNNER;
	assign_locked(pool, dues->runner, job);
}

/* The report of a crash: before everything else. */
void wp_pool_push_front_locked(struct workpool *pool, struct wp_job *job,
			       struct wp_dues *dues)
{
	struct wp_parked *top;

	lockdep_assert_held(&pool->lock);
	top = wp_stack_pop(&pool->idle);
	if (top) {
		wp_pool_hand_locked(pool, top, job, dues);
		return;
	}
	list_add(&job->node, &pool->pending);
	add_queued_locked(pool, 1);
	wp_pool_balance_locked(pool, dues);
}

void wp_pool_enlist_locked(struct workpool *pool, struct wp_waiter *waiter,
			   bool nested)
{
	lockdep_assert_held(&pool->lock);
	list_add_tail(&waiter->job.node, &pool->pending);
	list_add_tail(&waiter->link, &pool->waiters);
	WRITE_ONCE(pool->waiting, pool->waiting + 1);
	if (pool->waiting > pool->counters.peak_waiting)
		pool->counters.peak_waiting = pool->waiting;
	pool->counters.blocked++;
	if (nested) {
		list_add_tail(&waiter->nested, &pool->nested);
		pool->nr_nested++;
	}
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_enlist_locked);

/* Take an undecided waiter off the lists. */
void wp_pool_forget_locked(struct workpool *pool, struct wp_waiter *waiter)
{
	lockdep_assert_held(&pool->lock);
	list_del_init(&waiter->job.node);
	list_del_init(&waiter->link);
	WRITE_ONCE(pool->waiting, pool->waiting - 1);
	if (!list_empty(&waiter->nested)) {
		list_del_init(&waiter->nested);
		pool->nr_nested--;
	}
}

void wp_pool_decide_locked(struct workpool *pool, struct wp_waiter *waiter,
			   int result, struct wp_dues *dues)
{
	lockdep_assert_held(&pool->lock);
	wp_pool_forget_locked(pool, waiter);
	waiter->result = result;
	if (!result)
		pool->counters.submitted++;
	list_add_tail(&waiter->job.node,
		      dues_list(dues, WP_DUE_WAITERS, &dues->waiters));
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_decide_locked);

/* A free worker takes a pending job. */
void wp_pool_take_locked(struct workpool *pool, struct wp_worker *worker,
			 struct wp_job *job, struct wp_dues *dues)
{
	lockdep_assert_held(&pool->lock);
	assign_locked(pool, worker, job);
	switch (job->kind) {
	case WP_JOB_WAITER:
		wp_pool_decide_locked(pool,
				      container_of(job, struct wp_waiter, job),
				      0, dues);
		return;
	case WP_JOB_CALL:
		wp_reserve_return_locked(pool, job);
		break;
	case WP_JOB_CRASH:
		list_del_init(&job->node);
		break;
	}
	add_queued_locked(pool, -1);
}

/* A released pool cannot start a worker: nothing else will run the accepted. */
void wp_pool_give_up_locked(struct workpool *pool, struct wp_dues *dues)
{
	struct wp_job *job;

	lockdep_assert_held(&pool->lock);
	if (list_empty(&pool->pending))
		return;
	list_for_each_entry(job, &pool->pending, node)
		if (job->kind == WP_JOB_CALL)
			pool->counters.dropped++;
	add_queued_locked(pool, -pool->queued);
	list_splice_tail_init(&pool->pending,
			      dues_list(dues, WP_DUE_DROPPED, &dues->dropped));
}

/* Accept the oldest waiter: a worker is starting for it. */
static bool promote_locked(struct workpool *pool, struct wp_dues *dues)
{
	struct wp_waiter *waiter;
	struct wp_job *job;

	job = wp_reserve_take_locked(pool);
	if (!job)
		return false;
	waiter = list_first_entry(&pool->waiters, struct wp_waiter, link);
	*job = (struct wp_job){
		.fn = waiter->job.fn,
		.arg = waiter->job.arg,
		.kind = WP_JOB_CALL,
	};
	list_add(&job->node, &waiter->job.node);
	add_queued_locked(pool, 1);
	wp_pool_decide_locked(pool, waiter, 0, dues);
	return true;
}

/* Slots to reserve: for what is pending, and for the workers that always are. */
static int demand_locked(struct workpool *pool)
{
	int demand = pool->queued + pool->waiting - pool->starting;

	if (pool->state != WP_CLOSED && pool->state != WP_DEAD)
		demand = max(demand, (int)pool->min_workers - pool->running);
	return min(demand, pool->limit - pool->running);
}

/*
 * All workers wait for a worker of this pool: only an error helps. The youngest
 * gets it, so that the oldest keep their place.
 */
static void break_deadlock_locked(struct workpool *pool, struct wp_dues *dues)
{
	struct wp_waiter *waiter;

	if (!pool->nr_nested || pool->nr_nested < pool->running)
		return;
	waiter = list_last_entry(&pool->nested, struct wp_waiter, nested);
	pool->counters.deadlocks++;
	wp_pool_decide_locked(pool, waiter, -EDEADLK, dues);
}

static void note_events_locked(struct workpool *pool, struct wp_dues *dues)
{
	if (!pool->alive)
		dues->due |= WP_DUE_EVENT;
	if (pool->drainers && list_empty(&pool->pending) &&
	    !wp_pool_busy_locked(pool)) {
		/* Pairs with the read in workpool_drain(). */
		WRITE_ONCE(pool->quiet_seq, pool->quiet_seq + 1);
		dues->due |= WP_DUE_EVENT;
	}
}

/* Restore what the DOC block above promises. */
void wp_pool_balance_locked(struct workpool *pool, struct wp_dues *dues)
{
	lockdep_assert_held(&pool->lock);
	reserve_slots_locked(pool, demand_locked(pool), dues);
	while (pool->waiting && unclaimed_locked(pool) > 0 &&
	       promote_locked(pool, dues))
		;
	break_deadlock_locked(pool, dues);
	note_events_locked(pool, dues);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_balance_locked);
