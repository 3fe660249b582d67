// SPDX-License-Identifier: GPL-2.0
/*
 * The route: how a task finds its pool in a multi.
 */

#include <linux/math64.h>
#include <linux/rcupdate.h>

#include "compat.h"
#include "core/call.h"
#include "core/pool.h"
#include "multi/any.h"
#include "multi/multi.h"
#include "multi/steal.h"
#include "queue/submit.h"

/* The most tasks that are queued in one pool before the next one has its turn. */
#define BURST_MAX	16

/*
 * What a pool has to do. One that is paused, or closed, runs nothing that it
 * gets now, so it comes last. The reads pair with the writes under its lock.
 */
static int load_of(struct workpool *pool)
{
	int running = READ_ONCE(pool->running);
	int free = READ_ONCE(pool->idle.nr) + READ_ONCE(pool->starting) +
		   READ_ONCE(pool->searching);

	if (!READ_ONCE(pool->limit) || !wp_pool_is_open(pool))
		return INT_MAX;
	return max(running - free, 0) + READ_ONCE(pool->queued) +
	       READ_ONCE(pool->waiting);
}

static unsigned int next_turn(struct workpool_multi *multi)
{
	u64 turn = atomic64_fetch_inc(&multi->turn);

	return do_div(turn, multi->nr);
}

/* The pool with the fewest tasks; of several the first one from @from on. */
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

static unsigned int pick_pool(struct workpool_multi *multi)
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

/*
 * The pool for an embedded task. Pools that take turns do so except in a burst:
 * while a worker is on its way to the few tasks that were queued last, the next
 * task joins them. Otherwise each task of a burst would wake a worker of
 * another pool.
 */
static unsigned int pick_for_task(struct workpool_multi *multi)
{
	unsigned int last, queued;
	struct workpool *pool;

	if (multi->strategy != WORKPOOL_ROUND_ROBIN)
		return pick_pool(multi);
	last = atomic_read(&multi->last_queued);
	pool = multi->pools[last];
	/* These pair with the writes under the pool's lock. */
	queued = READ_ONCE(pool->queued);
	if (queued && queued < BURST_MAX && READ_ONCE(pool->searching))
		return last;
	last = next_turn(multi);
	atomic_set(&multi->last_queued, last);
	return last;
}

/*
 * Did a pool refuse, so that another one may still accept? After
 * WP_SUBMIT_UNLOADED none may, also when the unload is over by then.
 */
static bool is_refusal(int err)
{
	return err == -EAGAIN || err == -ESHUTDOWN;
}

/*
 * Try the pools but @first, from the one with the fewest tasks on. Returns
 * -EAGAIN when all that are open are full.
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
	if (is_refusal(err))
		err = try_others(multi, first, call, err);
	return err == WP_SUBMIT_UNLOADED ? -ESHUTDOWN : err;
}

static int submit_multi(struct workpool_multi *multi, workpool_fn_t fn,
			void *arg, long timeout)
{
	struct wp_call call = { .kind = WP_CALL, .fn.call = fn, .arg = arg };
	unsigned int first = pick_pool(multi);
	struct workpool *pool = multi->pools[first];
	int err;

	err = try_all(multi, first, &call);
	if (err == -EAGAIN && !(pool->flags & WORKPOOL_F_NONBLOCK)) {
		if (timeout)
			return wp_any_wait(multi, first, &call, timeout);
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
 * In the pool that the strategy says, or, when that is full, in any that is
 * not. While all are full it waits for the first slot in any of them. It asks
 * one pool after the other. A pool that is opened after it was asked is missed,
 * also by the other forms of submit and by workpool_multi_queue(). So is one that
 * is opened during the wait, if all those that it waits in close before it has
 * looked, and a module was unloaded during the wait.
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: as workpool_submit(); -ENOMEM: no memory to wait with; -EDEADLK: it
 * is called from a task, and every worker of the pools waits for it.
 */
int workpool_multi_submit(struct workpool_multi *multi, workpool_fn_t fn,
			  void *arg)
{
	might_sleep();
	return submit_multi(multi, fn, arg, MAX_SCHEDULE_TIMEOUT);
}
EXPORT_SYMBOL_GPL(workpool_multi_submit);

/**
 * workpool_multi_submit_timeout() - the same, waiting a limited time
 * @multi: the multi
 * @fn: the function
 * @arg: its argument
 * @timeout_jiffies: how long to wait for a slot, in jiffies; 0: not at all
 *
 * Context: Process context. May sleep; the wait is killable.
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
	return submit_multi(multi, fn, arg, timeout_jiffies);
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
	unsigned int first = pick_pool(multi);
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
 * In the pool that the strategy says, unless that is closed. Tasks of a burst,
 * up to 16, are queued in the same pool while a worker is on its way there;
 * then the next pool has its turn. While a task is queued behind busy workers,
 * another pool that has nothing to do may take it over, unless a call or a
 * member of a group is queued before it: what comes first stays until it begins.
 *
 * Context: Any but NMI.
 * Return: as workpool_queue().
 */
int workpool_multi_queue(struct workpool_multi *multi,
			 struct workpool_task *task)
{
	unsigned int first, i;
	int err = -ESHUTDOWN;

	/* The task may let the owner destroy the pools: see "Locking". */
	rcu_read_lock();
	first = pick_for_task(multi);
	for (i = 0; i < multi->nr; i++) {
		struct workpool *pool = multi->pools[(first + i) % multi->nr];

		err = workpool_queue(pool, task);
		if (!err)
			wp_steal_relieve(pool);
		if (err != -ESHUTDOWN)
			break;
	}
	rcu_read_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(workpool_multi_queue);
