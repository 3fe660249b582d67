// SPDX-License-Identifier: GPL-2.0
/*
 * Submit: the way of a call into a pool.
 */

#include <linux/sched/signal.h>

#include "compat.h"
#include "core/lock.h"
#include "core/module.h"
#include "core/node.h"
#include "core/observe.h"
#include "core/ref.h"
#include "core/watch.h"
#include "queue/edge.h"
#include "queue/overload.h"
#include "queue/queue.h"
#include "queue/submit.h"
#include "queue/waiter.h"

/*
 * Let a call in that need not wait. One that waits is let in by queue.c.
 * Returns -EAGAIN when the pool is full.
 */
static int submit_admit_locked(struct workpool *pool,
			       const struct wp_call *call,
			       struct wp_deferred *deferred)
{
	if (!wp_pool_is_open(pool))
		return -ESHUTDOWN;
	if (!call->fn.any)
		return -EINVAL;
	if (wp_queue_hand_off_locked(pool, call, deferred) ||
	    wp_queue_accept_locked(pool, call, deferred))
		return 0;
	return -EAGAIN;
}

static void count_refusal_locked(struct workpool *pool, int err)
{
	if (err == -EAGAIN || err == -EBUSY) {
		pool->counters[WP_COUNT_REJECTED]++;
		wp_overload_note_locked(pool);
	} else if (err == -ETIMEDOUT) {
		pool->counters[WP_COUNT_TIMEDOUT]++;
	}
}

static void submit_refuse_locked(struct workpool *pool,
				 const struct wp_call *call, int err)
{
	count_refusal_locked(pool, err);
	wp_observe_refuse_locked(pool, call, NULL, err);
}

/* The module of @call's function is being unloaded. */
static noinline int submit_refuse_unloaded(struct workpool *pool,
					   const struct wp_call *call)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	submit_refuse_locked(pool, call, -ESHUTDOWN);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return -ESHUTDOWN;
}

static int add_waiter_locked(struct workpool *pool, struct wp_waiter *waiter,
			     struct wp_deferred *deferred)
{
	if (wp_waiter_limit_reached_locked(pool))
		return -EBUSY;
	wp_pool_get(pool);
	wp_waiter_add_locked(pool, waiter);
	wp_overload_note_locked(pool);
	wp_queue_balance_locked(pool, deferred);
	return 0;
}

/*
 * The wait timed out or was killed: final, unless it was decided just before.
 */
static int submit_give_up(struct workpool *pool, struct wp_waiter *waiter,
			  int err)
{
	struct wp_deferred deferred;
	bool decided;

	wp_pool_lock(pool, &deferred);
	decided = waiter->wait.result != -EINPROGRESS;
	if (!decided) {
		wp_waiter_remove_locked(pool, waiter);
		/* Pairs with the read of those that still find the edge. */
		WRITE_ONCE(waiter->wait.result, err);
		if (err == -ETIMEDOUT)
			pool->counters[WP_COUNT_TIMEDOUT]++;
		else
			pool->counters[WP_COUNT_INTERRUPTED]++;
		wp_observe_refuse_locked(pool, &waiter->call, &waiter->node,
					 err);
		wp_queue_balance_locked(pool, &deferred);
	}
	wp_pool_unlock(pool, &deferred);
	if (!decided)
		return err;

	/* The thread that decided still uses our stack frame, for a moment. */
	return wp_wait_sleep(&waiter->wait);
}

/* The waiter holds a reference: it may give up while the pool is destroyed. */
static int wait_for_worker(struct workpool *pool, struct wp_waiter *waiter,
			   long timeout)
{
	struct wp_edge edge = {
		.kind = WP_EDGE_SUBMIT,
		.pool = pool,
		.waiters = waiter,
		.wait = &waiter->wait,
	};
	long left;
	int err;

	wp_edge_enter(&edge);
	left = wp_wait_done(&waiter->wait.done,
			    TASK_KILLABLE | waiter->wait.state, timeout);
	if (left > 0)
		err = waiter->wait.result;
	else
		err = submit_give_up(pool, waiter, left ? -EINTR : -ETIMEDOUT);
	wp_edge_leave(&edge);
	wp_pool_put(pool);
	return err;
}

/* The pool is full: queue a waiter, drop the lock, and wait. */
static noinline int wait_in_queue_locked(struct workpool *pool,
					 const struct wp_call *call,
					 long timeout,
					 struct wp_deferred *deferred)
	__releases(&pool->lock)
{
	struct wp_waiter waiter = { .call = *call };
	int err;

	lockdep_assert_held(&pool->lock);
	wp_wait_init(&waiter.wait, WP_WAIT_SUBMIT, call->fn.any);
	err = timeout ? add_waiter_locked(pool, &waiter, deferred) : -ETIMEDOUT;
	if (err)
		submit_refuse_locked(pool, call, err);
	wp_pool_unlock(pool, deferred);
	return err ?: wait_for_worker(pool, &waiter, timeout);
}

/* @group is that of @call, or NULL; the compiler knows which. */
static __always_inline int
submit_or_wait(struct workpool *pool, const struct workpool_group *group,
	       const struct wp_call *call, long timeout)
{
	struct wp_deferred deferred __uninitialized;
	bool yield;
	int err;

	if (wp_watch_covers(call->fn.any))
		return submit_refuse_unloaded(pool, call);
	/*
	 * might_sleep() may give way to the worker that the last call woke.
	 * While there is a queue to fill, the submitter goes on: its context is
	 * checked, and no more.
	 */
	/* Pairs with the write of a tune. Both values are right meanwhile. */
	if (READ_ONCE(pool->queue_depth))
		__might_sleep(__FILE__, __LINE__);
	else
		might_sleep();
	wp_pool_lock(pool, &deferred);
	if (group && group->cancelled && wp_pool_is_open(pool))
		err = -ECANCELED;
	else
		err = submit_admit_locked(pool, call, &deferred);
	if (err == -EAGAIN && !(pool->flags & WORKPOOL_F_NONBLOCK))
		return wait_in_queue_locked(pool, call, timeout, &deferred);
	if (unlikely(err))
		submit_refuse_locked(pool, call, err);
	yield = wp_yield_after_handoff && !err && !pool->queue_depth;
	wp_pool_unlock(pool, &deferred);
	/* The task may be done by now, and the pool destroyed. */
	if (yield)
		schedule();	/* one CPU: the worker runs now */
	return err;
}

/* Run a copy of @call in @pool; wait for a worker for @timeout jiffies. */
static int submit_call(struct workpool *pool, const struct wp_call *call,
		       long timeout)
{
	return submit_or_wait(pool, NULL, call, timeout);
}

/**
 * wp_submit_member() - run a member of a group
 * @group: the group
 * @call: the member, copied
 *
 * Context: Process context. May sleep.
 * Return: see workpool_group_submit().
 */
int wp_submit_member(struct workpool_group *group, const struct wp_call *call)
{
	return submit_or_wait(group->pool, group, call, MAX_SCHEDULE_TIMEOUT);
}

/**
 * wp_submit_try() - run a call in a pool of a multi, never wait
 * @pool: the pool
 * @call: the call, copied
 * @fallback: count it as one that another pool refused
 *
 * A refusal is not counted, as the next pool may accept.
 *
 * Context: Any but NMI.
 * Return: 0, -ESHUTDOWN, -EINVAL, -EAGAIN or %WP_SUBMIT_UNLOADED.
 */
int wp_submit_try(struct workpool *pool, const struct wp_call *call,
		  bool fallback)
{
	struct wp_deferred deferred __uninitialized;
	int err;

	if (wp_watch_covers(call->fn.any)) {
		submit_refuse_unloaded(pool, call);
		return WP_SUBMIT_UNLOADED;
	}
	wp_pool_lock(pool, &deferred);
	err = submit_admit_locked(pool, call, &deferred);
	if (!err)
		pool->counters[WP_COUNT_FALLBACKS] += fallback;
	else
		wp_observe_refuse_locked(pool, call, NULL, err);
	wp_pool_unlock(pool, &deferred);
	return err;
}

/* A multi refuses a submit that was meant for @pool. */
void wp_submit_count_refusal(struct workpool *pool, int err)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	count_refusal_locked(pool, err);
	pool->counters[WP_COUNT_INTERRUPTED] += err == -EINTR;
	pool->counters[WP_COUNT_DEADLOCKS] += err == -EDEADLK;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/**
 * workpool_submit() - run a function in a pool
 * @pool: the pool
 * @fn: the function
 * @arg: its argument
 *
 * Waits, in order of arrival, while the pool is full, unless the pool has
 * WORKPOOL_F_NONBLOCK. Once accepted the task runs, also when the pool is
 * released in the meantime. But a released pool without a worker gives up after
 * four starts in a row have failed, eight if others are under way: it drops what
 * is queued, names the first tasks in the log and counts all as
 * &workpool_stats.dropped.
 *
 * Context: Process context. May sleep; the wait is killable. With
 * WORKPOOL_F_NONBLOCK it does not sleep for a worker, but may yield the CPU.
 * Return: 0; -ESHUTDOWN: pool closed, also while waiting, or the module of @fn
 * is being unloaded; -EINVAL: @fn is NULL; -EAGAIN: full, with
 * WORKPOOL_F_NONBLOCK; -EBUSY: max_blocking submitters wait already; -EINTR:
 * killed while waiting; -EDEADLK: called from a task, and every worker of @pool
 * waits for something that this task has to do first, see "Circles of waits".
 * After an error @fn is not called.
 */
int workpool_submit(struct workpool *pool, workpool_fn_t fn, void *arg)
{
	struct wp_call call = { .kind = WP_CALL, .fn.call = fn, .arg = arg };

	return submit_call(pool, &call, MAX_SCHEDULE_TIMEOUT);
}
EXPORT_SYMBOL_GPL(workpool_submit);

/**
 * workpool_submit_timeout() - run a function in a pool, wait a limited time
 * @pool: the pool
 * @fn: the function
 * @arg: its argument
 * @timeout_jiffies: how long to wait for a worker, in jiffies; 0: not at all
 *
 * Context: Process context. May sleep.
 * Return: as workpool_submit(), and -ETIMEDOUT: no worker got free in time;
 * -EINVAL: @timeout_jiffies is negative.
 */
int workpool_submit_timeout(struct workpool *pool, workpool_fn_t fn, void *arg,
			    long timeout_jiffies)
{
	struct wp_call call = { .kind = WP_CALL, .fn.call = fn, .arg = arg };

	if (timeout_jiffies < 0)
		return wp_pool_is_open(pool) ? -EINVAL : -ESHUTDOWN;
	return submit_call(pool, &call, timeout_jiffies);
}
EXPORT_SYMBOL_GPL(workpool_submit_timeout);

/**
 * workpool_try_submit() - run a function in a pool, never wait
 * @pool: the pool
 * @fn: the function
 * @arg: its argument
 *
 * Context: Any but NMI. Allocates nothing.
 * Return: 0; -ESHUTDOWN: pool closed, or the module of @fn is being unloaded;
 * -EINVAL: @fn is NULL; -EAGAIN: full.
 */
int workpool_try_submit(struct workpool *pool, workpool_fn_t fn, void *arg)
{
	struct wp_call call = { .kind = WP_CALL, .fn.call = fn, .arg = arg };
	struct wp_deferred deferred __uninitialized;
	int err;

	if (wp_watch_covers(fn))
		return submit_refuse_unloaded(pool, &call);
	wp_pool_lock(pool, &deferred);
	err = submit_admit_locked(pool, &call, &deferred);
	if (unlikely(err))
		submit_refuse_locked(pool, &call, err);
	wp_pool_unlock(pool, &deferred);
	return err;
}
EXPORT_SYMBOL_GPL(workpool_try_submit);

/**
 * workpool_invoke() - run the pool's own function
 * @pool: the pool, made with &workpool_attrs.fn
 * @arg: the argument
 *
 * Context: Process context. May sleep.
 * Return: as workpool_submit(); -EINVAL: the pool has no function.
 */
int workpool_invoke(struct workpool *pool, void *arg)
{
	return workpool_submit(pool, pool->fn, arg);
}
EXPORT_SYMBOL_GPL(workpool_invoke);
