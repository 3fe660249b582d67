// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting for any: a submitter that waits for a slot in any pool of a multi.
 */

#include <linux/jiffies.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat.h"
#include "core/lock.h"
#include "core/ref.h"
#include "core/wait.h"
#include "core/watch.h"
#include "multi/any.h"
#include "multi/multi.h"
#include "queue/edge.h"
#include "queue/overload.h"
#include "queue/queue.h"
#include "queue/submit.h"
#include "queue/waiter.h"

/**
 * DOC: Waiting for any of several pools
 *
 * A submit to a multi asks the pool of its strategy first, then the others in
 * turn, from the one with the fewest tasks on. When all are full it waits in
 * the queue of each, with one &struct wp_waiter a pool and one &struct wp_claim
 * for all. A pool that gets to the waiter takes the claim before it accepts.
 * The pools that do not win the claim remove their waiter when they come to it,
 * or the submitter removes it once it is awake. So the submitter gets the first
 * slot that becomes free, in its turn in each queue, and exactly one. A pool
 * that closes removes its waiter, and does not tell the submitter when it opens
 * again: the submitter looks for itself, at the latest when no pool is left that
 * it waits in. It does not if any module was unloaded meanwhile. An unload of
 * the module of the call that finds a waiter takes the claim, and the submitter
 * waits in no further pool.
 */

/* Interval at which a waiting submitter looks for reopened pools. */
#define LOOK_INTERVAL	HZ

/**
 * struct any_wait - a submitter that waits for any of the pools
 * @multi: the multi
 * @first: the pool that the call was meant for
 * @since: get_jiffies_64() when it began
 * @claim: what the waiters share
 * @blocked: a pool counted the submitter as one that has to wait
 * @unloaded: a pool refused, because the module of the call is being unloaded
 * @waiters: one for each pool
 */
struct any_wait {
	struct workpool_multi	*multi;
	unsigned int		first;
	u64			since;
	struct wp_claim		claim;
	bool			blocked;
	bool			unloaded;
	struct wp_waiter	waiters[];
};

static bool is_decided(struct any_wait *any)
{
	return atomic_read(&any->claim.state) != WP_CLAIM_OPEN;
}

/* Wait in the queue of @pool. Returns 0, -ESHUTDOWN or -EBUSY. */
static int add_waiter(struct any_wait *any, struct workpool *pool,
		      struct wp_waiter *waiter)
{
	struct wp_deferred deferred;
	int err = 0;

	wp_pool_lock(pool, &deferred);
	/* Under the lock, a decision of this pool is seen as well. */
	if (is_decided(any) || !list_empty(&waiter->node.entry)) {
		err = 0;
	} else if (!wp_pool_is_open(pool)) {
		err = -ESHUTDOWN;
	} else if (wp_watch_covers(waiter->call.fn.any)) {
		any->unloaded = true;
		err = -ESHUTDOWN;
	} else if (wp_waiter_limit_reached_locked(pool)) {
		err = -EBUSY;
	} else {
		atomic_inc(&any->claim.queues);
		wp_waiter_add_locked(pool, waiter);
		pool->counters[WP_COUNT_BLOCKED] += !any->blocked;
		any->blocked = true;
		wp_overload_note_locked(pool);
		wp_queue_balance_locked(pool, &deferred);
	}
	wp_pool_unlock(pool, &deferred);
	return err;
}

/*
 * Wait in the queues of all pools in which the submitter does not wait yet,
 * from the pool that the call was meant for on. Returns 0 when it waits in one
 * at least, or was accepted meanwhile.
 */
static int add_waiters(struct any_wait *any)
{
	struct workpool_multi *multi = any->multi;
	int err = -ESHUTDOWN;
	unsigned int i;

	for (i = 0; i < multi->nr && !any->unloaded && !is_decided(any); i++) {
		unsigned int at = (any->first + i) % multi->nr;
		struct wp_waiter *waiter = &any->waiters[at];
		int err2 = add_waiter(any, multi->pools[at], waiter);

		if (!err2 || err == -ESHUTDOWN)
			err = err2;
	}
	return is_decided(any) ? 0 : err;
}

static struct any_wait *alloc_wait(struct workpool_multi *multi,
				   unsigned int first)
{
	struct any_wait *any;

	any = kvzalloc(struct_size(any, waiters, multi->nr), GFP_KERNEL);
	if (!any)
		return NULL;
	any->multi = multi;
	any->first = first;
	any->since = get_jiffies_64();
	return any;
}

static void init_waiters(struct any_wait *any, const struct wp_call *call)
{
	unsigned int i;

	init_completion(&any->claim.done);
	atomic_set(&any->claim.state, WP_CLAIM_OPEN);
	atomic_set(&any->claim.queues, 1); /* until all queues are known */
	for (i = 0; i < any->multi->nr; i++) {
		struct wp_waiter *waiter = &any->waiters[i];

		*waiter = (struct wp_waiter){
			.call = *call,
			.claim = &any->claim,
		};
		wp_wait_init(&waiter->wait, WP_WAIT_SUBMIT, call->fn.any);
		waiter->wait.since = any->since;
		INIT_LIST_HEAD(&waiter->node.entry);
		waiter->wait.wake = &any->claim.done;
	}
}

/*
 * Leave the queues of the pools that did not decide. Returns the decision of
 * the one that did.
 */
static int remove_waiters(struct any_wait *any, int err)
{
	struct workpool_multi *multi = any->multi;
	struct wp_deferred deferred;
	unsigned int i;

	for (i = 0; i < multi->nr; i++) {
		struct wp_waiter *waiter = &any->waiters[i];
		struct workpool *pool = multi->pools[i];

		wp_pool_lock(pool, &deferred);
		if (!list_empty(&waiter->node.entry)) {
			wp_waiter_remove_locked(pool, waiter);
			wp_queue_balance_locked(pool, &deferred);
		}
		if (waiter->wait.result != -EINPROGRESS) {
			err = waiter->wait.result;
			pool->counters[WP_COUNT_FALLBACKS] += !err && i != any->first;
		}
		wp_pool_unlock(pool, &deferred);
	}
	return err;
}

/* Sleep, and look for reopened pools now and then. */
static long sleep_on(struct any_wait *any, long timeout)
{
	unsigned int state = TASK_KILLABLE | wp_wait_state(any->multi->pools[0]);
	long slice, left;

	do {
		slice = min_t(long, timeout, LOOK_INTERVAL);
		left = wp_wait_done(&any->claim.done, state, slice);
		if (left)
			return left;
		add_waiters(any);
		if (timeout != MAX_SCHEDULE_TIMEOUT)
			timeout -= slice;
	} while (timeout > 0);
	return 0;
}

/*
 * Wait until a pool decides or @timeout jiffies pass. Returns 0 when one
 * decided: remove_waiters() has the result.
 */
static int wait_for_any(struct any_wait *any, long timeout)
{
	struct wp_edge edge = {
		.kind = WP_EDGE_SUBMIT,
		.pools = any->multi->pools,
		.nr = any->multi->nr,
		.waiters = any->waiters,
	};
	long left;

	wp_edge_enter(&edge);
	left = sleep_on(any, timeout);
	wp_edge_leave(&edge);
	if (left > 0 || !wp_claim_take(&any->claim)) {
		/*
		 * The thread that decided still uses our waiter, for a moment.
		 */
		if (left <= 0)
			wait_for_completion(&any->claim.done);
		return 0;
	}
	return left ? -EINTR : -ETIMEDOUT;
}

static int wait_in_queues(struct any_wait *any, const struct wp_call *call,
			  long timeout)
{
	int err;

	init_waiters(any, call);
	err = add_waiters(any);
	/* Those that closed meanwhile left the decision to us. */
	if (atomic_dec_and_test(&any->claim.queues) &&
	    wp_claim_take(&any->claim))
		return remove_waiters(any, err ?: -ESHUTDOWN);
	return remove_waiters(any, wait_for_any(any, timeout));
}

/*
 * Those pools closed that the submitter waited in. Was another one opened since
 * it looked last, so that the wait goes on? Not if modules have been unloaded,
 * @unloads before the wait: that may have refused it, and its function be gone.
 */
static bool may_wait_again(struct any_wait *any, const struct wp_call *call,
			   int unloads)
{
	return !any->unloaded && !workpool_multi_is_closed(any->multi) &&
	       !wp_watch_covers_slow(call->fn.any) &&
	       wp_watch_count() == unloads;
}

/**
 * wp_any_wait() - wait for a slot in any pool of a multi
 * @multi: the multi, whose pools are full
 * @first: the pool that the call was meant for
 * @call: the call, copied
 * @timeout: how long to wait, in jiffies
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: see workpool_multi_submit_timeout().
 */
int wp_any_wait(struct workpool_multi *multi, unsigned int first,
		const struct wp_call *call, long timeout)
{
	unsigned long start = jiffies;
	int unloads = wp_watch_count();
	struct any_wait *any;
	int err = -ESHUTDOWN;

	any = alloc_wait(multi, first);
	if (!any)
		return -ENOMEM;
	/* A waiter may wake after the multi was destroyed. */
	wp_multi_get_all(multi);
	atomic_inc(&multi->waiting);
	if (!wp_watch_covers_slow(call->fn.any))
		do {
			err = wait_in_queues(any, call,
					     wp_wait_left(timeout, start));
		} while (err == -ESHUTDOWN &&
			 may_wait_again(any, call, unloads));
	if (err)
		wp_submit_count_refusal(multi->pools[first], err);
	atomic_dec(&multi->waiting);
	wp_multi_put_all(multi);
	kvfree(any);
	return err;
}
