// SPDX-License-Identifier: GPL-2.0
/*
 * The route: how a task finds its pool in a multi.
 */

#include <linux/overflow.h>
#include <linux/slab.h>

#include "internal.h"
#include "trace.h"

/**
 * DOC: Waiting for any of several pools
 *
 * A submit to a multi asks the pool of its strategy first, then the others, those
 * with the fewest tasks first. When all are full it lines up in each of them, with
 * one &struct wp_waiter a pool and one &struct wp_claim for all. Whichever pool
 * gets to it first has to win the claim before it accepts; the losers take their
 * waiter out of the line when they come to it, or the submitter does, once it is
 * awake. So it gets the first slot that becomes free, in its turn in each line,
 * and exactly one. A pool that closes sends it away, and nobody tells it when that
 * one opens again: it looks for itself, now and then.
 */

/*
 * So often a submitter that waits looks for pools that were opened since and, if it
 * is a worker of the multi, whether all others wait too.
 */
#define LOOK_INTERVAL	HZ

/* What a pool has to do, without a lock: pairs with the writes under it. */
static int load_of(struct workpool *pool)
{
	int running = READ_ONCE(pool->running);
	int free = READ_ONCE(pool->idle.nr) + READ_ONCE(pool->starting) +
		   READ_ONCE(pool->searching);

	return max(running - free, 0) + READ_ONCE(pool->queued) +
	       READ_ONCE(pool->waiting);
}

static unsigned int next_turn(struct workpool_multi *multi)
{
	u64 turn = atomic64_fetch_inc(&multi->turn);

	return do_div(turn, multi->nr);
}

/* Of those with as few tasks, the first one from @from on. */
static unsigned int pick_least(struct workpool_multi *multi, unsigned int from)
{
	unsigned int best = from % multi->nr, i;
	int load, least = INT_MAX;

	for (i = 0; i < multi->nr; i++) {
		unsigned int at = (from + i) % multi->nr;

		load = load_of(multi->pools[at]);
		if (load < least) {
			least = load;
			best = at;
		}
	}
	return best;
}

static unsigned int pick(struct workpool_multi *multi)
{
	switch (multi->strategy) {
	case WORKPOOL_LEAST_TASKS:
		return pick_least(multi, next_turn(multi));
	case WORKPOOL_LOCAL:
		return multi->of_cpu[raw_smp_processor_id()];
	default:
		return next_turn(multi);
	}
}

/* Full or closed: another one may be neither. */
static bool is_refusal(int err)
{
	return err == -EAGAIN || err == -ESHUTDOWN;
}

/*
 * The pools but @first, from the one with the fewest tasks on. -EAGAIN: all that
 * are open are full.
 */
static int try_others(struct workpool_multi *multi, unsigned int first,
		      const struct wp_call *call, int err)
{
	unsigned int best = pick_least(multi, first + 1), i;

	for (i = 0; i < multi->nr; i++) {
		unsigned int at = (best + i) % multi->nr;
		int err2;

		if (at == first)
			continue;
		err2 = wp_submit_try(multi->pools[at], call, true);
		if (!is_refusal(err2))
			return err2;
		if (err2 == -EAGAIN)
			err = err2;
	}
	return err;
}

static int try_all(struct workpool_multi *multi, unsigned int first,
		   const struct wp_call *call)
{
	int err;

	err = wp_submit_try(multi->pools[first], call, false);
	return is_refusal(err) ? try_others(multi, first, call, err) : err;
}

/**
 * struct queuer - a submitter that waits for any of the pools
 * @multi: of these
 * @first: the pool that it was meant for
 * @claim: what its waiters share
 * @blocked: it was counted as one that has to wait
 * @waiters: one for each pool
 */
struct queuer {
	struct workpool_multi	*multi;
	unsigned int		first;
	struct wp_claim		claim;
	bool			blocked;
	struct wp_waiter	waiters[];
};

static bool is_decided(struct queuer *queuer)
{
	return atomic_read(&queuer->claim.state) != WP_CLAIM_OPEN;
}

/* 0, -ESHUTDOWN or -EBUSY. */
static int line_up_in(struct queuer *queuer, struct workpool *pool,
		      struct wp_waiter *waiter)
{
	struct wp_deferred deferred;
	int err = 0;

	wp_pool_lock(pool, &deferred);
	/* Under the lock also what this pool has decided is seen. */
	if (is_decided(queuer) || !list_empty(&waiter->node.entry)) {
		err = 0;
	} else if (pool->state != WP_OPEN) {
		err = -ESHUTDOWN;
	} else if (pool->max_blocking && pool->waiting >= pool->max_blocking) {
		err = -EBUSY;
	} else {
		atomic_inc(&queuer->claim.queues);
		wp_waiter_add_locked(pool, waiter, false);
		pool->counters.blocked += !queuer->blocked;
		queuer->blocked = true;
		trace_workpool_wait(pool, waiter->call.fn.any, pool->waiting);
		wp_queue_balance_locked(pool, &deferred);
	}
	wp_pool_unlock(pool, &deferred);
	return err;
}

/*
 * Line up in all pools that it does not wait in yet, from the one it was meant for
 * on; 0: it stands in one at least.
 */
static int line_up(struct queuer *queuer)
{
	struct workpool_multi *multi = queuer->multi;
	int err = -ESHUTDOWN;
	unsigned int i;

	for (i = 0; i < multi->nr && !is_decided(queuer); i++) {
		unsigned int at = (queuer->first + i) % multi->nr;
		struct wp_waiter *waiter = &queuer->waiters[at];
		int err2 = line_up_in(queuer, multi->pools[at], waiter);

		if (!err2 || err == -ESHUTDOWN)
			err = err2;
	}
	return is_decided(queuer) ? 0 : err;
}

/* Does a worker that holds a slot of one of the pools wait? */
static bool is_nested(struct workpool_multi *multi)
{
	return wp_multi_is_own(multi) &&
	       wp_wait_is_nested(wp_worker_current()->pool);
}

static struct queuer *queuer_alloc(struct workpool_multi *multi,
				   unsigned int first,
				   const struct wp_call *call)
{
	struct queuer *queuer;
	unsigned int i;

	queuer = kvzalloc(struct_size(queuer, waiters, multi->nr), GFP_KERNEL);
	if (!queuer)
		return NULL;
	queuer->multi = multi;
	queuer->first = first;
	if (is_nested(multi))
		queuer->claim.nested = &multi->nested;
	init_completion(&queuer->claim.done);
	atomic_set(&queuer->claim.queues, 1); /* until all lines are known */
	for (i = 0; i < multi->nr; i++) {
		struct wp_waiter *waiter = &queuer->waiters[i];

		wp_wait_init(&waiter->wait);
		INIT_LIST_HEAD(&waiter->node.entry);
		waiter->wait.wake = &queuer->claim.done;
		waiter->call = *call;
		waiter->claim = &queuer->claim;
	}
	return queuer;
}

/* Out of the lines that did not decide. Returns the decision of the one that did. */
static int leave_lines(struct queuer *queuer, int err)
{
	struct workpool_multi *multi = queuer->multi;
	struct wp_deferred deferred;
	unsigned int i;

	for (i = 0; i < multi->nr; i++) {
		struct wp_waiter *waiter = &queuer->waiters[i];
		struct workpool *pool = multi->pools[i];

		wp_pool_lock(pool, &deferred);
		if (!list_empty(&waiter->node.entry)) {
			wp_waiter_remove_locked(pool, waiter);
			wp_queue_balance_locked(pool, &deferred);
		}
		if (waiter->wait.result != -EINPROGRESS) {
			err = waiter->wait.result;
			pool->counters.fallbacks += !err && i != queuer->first;
		}
		wp_pool_unlock(pool, &deferred);
	}
	return err;
}

/* Workers that may take a task, or let go of one. */
static int workers_of(struct workpool *pool)
{
	int running = READ_ONCE(pool->running);

	/* Pairs with the writes under the lock. */
	if (READ_ONCE(pool->state) != WP_OPEN)
		return running;
	return max(running, READ_ONCE(pool->limit));
}

/* Does every worker that the pools may have wait for them? */
static bool is_hopeless(struct workpool_multi *multi)
{
	int nested = atomic_read(&multi->nested), workers = 0;
	unsigned int i;

	/* Pairs with the writes under the pools' locks; looked at again later. */
	for (i = 0; i < multi->nr; i++) {
		struct workpool *pool = multi->pools[i];

		nested += READ_ONCE(pool->nr_nested);
		workers += workers_of(pool);
	}
	return nested >= workers;
}

/* Sleep, with a look around now and then. */
static long sleep_on(struct queuer *queuer, long timeout)
{
	long slice, left;

	do {
		if (queuer->claim.nested && is_hopeless(queuer->multi))
			return -EDEADLK;
		slice = min_t(long, timeout, LOOK_INTERVAL);
		left = wait_for_completion_killable_timeout(&queuer->claim.done,
							    slice);
		if (left)
			return left;
		line_up(queuer);
		if (timeout != MAX_SCHEDULE_TIMEOUT)
			timeout -= slice;
	} while (timeout > 0);
	return 0;
}

/* Until a pool decided, or @timeout jiffies passed. */
static int wait_for_any(struct queuer *queuer, long timeout)
{
	long left = sleep_on(queuer, timeout);

	if (left > 0 || !wp_claim_take(&queuer->claim)) {
		/* The decider still uses our waiter, for a moment. */
		if (left <= 0)
			wait_for_completion(&queuer->claim.done);
		return 0;
	}
	if (left == -EDEADLK)
		return left;
	return left ? -EINTR : -ETIMEDOUT;
}

static int wait_in_lines(struct queuer *queuer, long timeout)
{
	int err;

	err = line_up(queuer);
	/* Those that closed meanwhile left the decision to us. */
	if (atomic_dec_and_test(&queuer->claim.queues) &&
	    wp_claim_take(&queuer->claim))
		return leave_lines(queuer, err ?: -ESHUTDOWN);
	return leave_lines(queuer, wait_for_any(queuer, timeout));
}

/* Who waits may come back after all was destroyed. */
static void hold(struct workpool_multi *multi)
{
	unsigned int i;

	kref_get(&multi->ref);
	for (i = 0; i < multi->nr; i++)
		wp_pool_get(multi->pools[i]);
}

static void let_go(struct workpool_multi *multi)
{
	unsigned int i;

	for (i = 0; i < multi->nr; i++)
		wp_pool_put(multi->pools[i]);
	wp_multi_put(multi);
}

/* All pools are full. */
static int wait_for_slot(struct workpool_multi *multi, unsigned int first,
			 const struct wp_call *call, long timeout)
{
	struct queuer *queuer = queuer_alloc(multi, first, call);
	int err;

	if (!queuer)
		return -ENOMEM;
	hold(multi);
	atomic_inc(&multi->waiting);
	if (queuer->claim.nested)
		atomic_inc(queuer->claim.nested);
	err = wait_in_lines(queuer, timeout);
	if (err)
		wp_submit_count_refusal(multi->pools[first], err);
	atomic_dec(&multi->waiting);
	let_go(multi);
	kvfree(queuer);
	return err;
}

static int submit(struct workpool_multi *multi, workpool_fn_t fn, void *arg,
		  long timeout)
{
	struct wp_call call = { .kind = WP_CALL, .fn.call = fn, .arg = arg };
	unsigned int first = pick(multi);
	struct workpool *pool = multi->pools[first];
	int err;

	err = try_all(multi, first, &call);
	if (err == -EAGAIN && !(pool->flags & WORKPOOL_F_NONBLOCK)) {
		if (timeout)
			return wait_for_slot(multi, first, &call, timeout);
		err = -ETIMEDOUT;
	}
	if (err)
		wp_submit_count_refusal(pool, err);
	return err;
}

/**
 * workpool_multi_submit() - run a function in one of several pools
 * @multi: the multi
 * @fn: the function
 * @arg: its argument
 *
 * In the pool that the strategy says, or, when that is full, in any that is not.
 * While all are full it waits for the first slot in any of them.
 *
 * Context: Process context. May wait; the wait is killable.
 * Return: as workpool_submit(); -ENOMEM: no memory to wait with; -EDEADLK: it is
 * called from a task while every worker of the pools waits in such a submit.
 */
int workpool_multi_submit(struct workpool_multi *multi, workpool_fn_t fn,
			  void *arg)
{
	might_sleep();
	return submit(multi, fn, arg, MAX_SCHEDULE_TIMEOUT);
}
EXPORT_SYMBOL_GPL(workpool_multi_submit);

/**
 * workpool_multi_submit_timeout() - the same, waiting a limited time
 * @multi: the multi
 * @fn: the function
 * @arg: its argument
 * @timeout_jiffies: how long to wait for a slot, in jiffies; 0: not at all
 *
 * Context: Process context. May wait; the wait is killable.
 * Return: as workpool_multi_submit(), and -ETIMEDOUT; -EINVAL:
 * @timeout_jiffies is negative.
 */
int workpool_multi_submit_timeout(struct workpool_multi *multi,
				  workpool_fn_t fn, void *arg,
				  long timeout_jiffies)
{
	might_sleep();
	if (timeout_jiffies < 0)
		return workpool_multi_is_closed(multi) ? -ESHUTDOWN : -EINVAL;
	return submit(multi, fn, arg, timeout_jiffies);
}
EXPORT_SYMBOL_GPL(workpool_multi_submit_timeout);

/**
 * workpool_multi_try_submit() - the same, never waiting
 * @multi: the multi
 * @fn: the function
 * @arg: its argument
 *
 * Context: Any but NMI. Allocates nothing.
 * Return: 0; -ESHUTDOWN: closed; -EINVAL: @fn is NULL; -EAGAIN: all pools that
 * are open are full.
 */
int workpool_multi_try_submit(struct workpool_multi *multi, workpool_fn_t fn,
			      void *arg)
{
	struct wp_call call = { .kind = WP_CALL, .fn.call = fn, .arg = arg };
	unsigned int first = pick(multi);
	int err;

	err = try_all(multi, first, &call);
	if (err)
		wp_submit_count_refusal(multi->pools[first], err);
	return err;
}
EXPORT_SYMBOL_GPL(workpool_multi_try_submit);

/**
 * workpool_multi_invoke() - run the pools' own function
 * @multi: the multi, made with &workpool_attrs.fn
 * @arg: the argument
 *
 * Context: Process context. May sleep.
 * Return: as workpool_multi_submit(); -EINVAL: there is no function.
 */
int workpool_multi_invoke(struct workpool_multi *multi, void *arg)
{
	return workpool_multi_submit(multi, multi->pools[0]->fn, arg);
}
EXPORT_SYMBOL_GPL(workpool_multi_invoke);

/**
 * workpool_multi_queue() - have an embedded task run in one of several pools
 * @multi: the multi
 * @task: the task
 *
 * In the pool that the strategy says, unless that is closed. While it is queued
 * behind busy workers, another pool that has nothing to do may take it over.
 *
 * Context: Any but NMI.
 * Return: as workpool_queue().
 */
int workpool_multi_queue(struct workpool_multi *multi,
			 struct workpool_task *task)
{
	unsigned int first = pick(multi), i;
	int err = -ESHUTDOWN;

	for (i = 0; i < multi->nr && err == -ESHUTDOWN; i++) {
		struct workpool *pool = multi->pools[(first + i) % multi->nr];

		err = workpool_queue(pool, task);
		if (!err)
			wp_steal_relieve(pool);
	}
	return err;
}
EXPORT_SYMBOL_GPL(workpool_multi_queue);
