// SPDX-License-Identifier: GPL-2.0
/*
 * Release: close a pool, and wait for what still runs. Drain: wait only.
 */

#include <linux/pid.h>

#include "internal.h"
#include "core/lockdep.h"
#include "trace.h"

/* Stragglers that are named when a release takes too long. */
#define STRAGGLERS_NAMED	8

/* workpool_destroy() complains so often. */
#define DESTROY_PATIENCE	(30 * HZ)

struct straggler {
	void	*fn;
	pid_t	pid;
};

static bool own_worker(struct workpool *pool)
{
	struct wp_worker *worker = wp_worker_current();

	return worker && worker->pool == pool;
}

/* Close @pool, for good when @state is WP_DEAD. */
static void shut(struct workpool *pool, enum wp_state state)
{
	struct wp_waiter *waiter, *next;
	enum wp_state before;
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	before = pool->state;
	state = max(before, state);
	WRITE_ONCE(pool->state, state);
	list_for_each_entry_safe(waiter, next, &pool->waiters, wait.link)
		wp_waiter_refuse_locked(pool, waiter, -ESHUTDOWN, &deferred);
	wp_slot_trim_locked(pool, wp_queue_unneeded_locked(pool), &deferred);
	wp_queue_balance_locked(pool, &deferred);
	deferred.actions |= WP_DEFER_EVENT;
	wp_pool_unlock(pool, &deferred);
	if (before != state)
		trace_workpool_state(pool, before, state);
}

/* Nothing of the pool is left: stop its works, unless it was rebooted. */
static void quiesce(struct workpool *pool)
{
	struct wp_deferred deferred;
	bool empty;

	mutex_lock(&pool->lifecycle);
	wp_pool_lock(pool, &deferred);
	empty = pool->state >= WP_CLOSED && !pool->alive;
	if (empty)
		pool->purge_armed = false;
	wp_pool_unlock(pool, &deferred);
	if (empty) {
		cancel_delayed_work_sync(&pool->purge);
		wp_spawn_cancel(pool);
	}
	mutex_unlock(&pool->lifecycle);
}

/* A rebooted pool was released in between. Pairs with writes under the lock. */
bool wp_release_is_over(struct workpool *pool)
{
	return !READ_ONCE(pool->alive) || READ_ONCE(pool->state) < WP_CLOSED;
}

static int name_stragglers_locked(struct workpool *pool, struct straggler *who)
{
	struct wp_worker *worker;
	int nr = 0;

	list_for_each_entry(worker, &pool->workers, attached) {
		if (worker->state != WP_WORKER_BUSY)
			continue;
		who[nr].fn = worker->call.fn.any;
		who[nr].pid = task_pid_nr(worker->task);
		if (++nr == STRAGGLERS_NAMED)
			break;
	}
	return nr;
}

static void log_stragglers(struct workpool *pool)
{
	struct straggler who[STRAGGLERS_NAMED];
	struct wp_deferred deferred;
	int alive, nr, i;

	wp_pool_lock(pool, &deferred);
	alive = pool->alive;
	nr = name_stragglers_locked(pool, who);
	wp_pool_unlock(pool, &deferred);

	pr_warn("pool %s: released, but %d of its threads still run\n",
		pool->name, alive);
	for (i = 0; i < nr; i++)
		pr_warn("pool %s: thread %d executes task %ps\n", pool->name,
			who[i].pid, who[i].fn);
}

static int wait_released(struct workpool *pool, long timeout)
{
	long left;

	left = wait_event_killable_timeout(pool->events,
					   wp_release_is_over(pool), timeout);
	if (left < 0)
		return -EINTR;
	if (!left) {
		log_stragglers(pool);
		return -ETIMEDOUT;
	}
	quiesce(pool);
	return 0;
}

/**
 * workpool_release() - close a pool
 * @pool: the pool
 *
 * Submitters that wait fail with -ESHUTDOWN, idle workers leave, accepted tasks
 * are finished. Does not wait. Closing a closed pool does nothing. May be called
 * from a task of @pool.
 *
 * Context: Process or softirq context.
 */
void workpool_release(struct workpool *pool)
{
	shut(pool, WP_CLOSED);
}
EXPORT_SYMBOL_GPL(workpool_release);

/**
 * workpool_release_timeout() - close a pool and wait until it is empty
 * @pool: the pool
 * @timeout_jiffies: how long to wait, in jiffies; 0: only look;
 *	MAX_SCHEDULE_TIMEOUT: for ever
 *
 * After 0 was returned no thread runs for the pool, no callback runs, and none
 * will, unless it is rebooted. A task that does not end cannot be forced to; it
 * is named in the log, and may poll workpool_should_stop().
 *
 * Context: Process context. May wait; the wait is killable.
 * Return: 0; -ESHUTDOWN: was closed and empty already; -EDEADLK: called from a
 * task of @pool, which stays open; -EINVAL: negative timeout; -ETIMEDOUT:
 * closed, but not empty yet, see workpool_wait_released(); -EINTR: killed.
 */
int workpool_release_timeout(struct workpool *pool, long timeout_jiffies)
{
	might_sleep();
	if (READ_ONCE(pool->state) >= WP_CLOSED && !READ_ONCE(pool->alive))
		return -ESHUTDOWN;
	if (own_worker(pool))
		return -EDEADLK;
	if (timeout_jiffies < 0)
		return -EINVAL;
	wp_lockdep_wait_pool(pool);
	shut(pool, WP_CLOSED);
	return wait_released(pool, timeout_jiffies);
}
EXPORT_SYMBOL_GPL(workpool_release_timeout);

/**
 * workpool_wait_released() - wait until a closed pool is empty
 * @pool: the pool
 * @timeout_jiffies: how long to wait, in jiffies
 *
 * May be called as often as one likes, after either form of release.
 *
 * Context: Process context. May wait; the wait is killable.
 * Return: 0; -EINVAL: @pool is open, or negative timeout; -EDEADLK: called from
 * a task of @pool; -ETIMEDOUT: not empty yet; -EINTR: killed.
 */
int workpool_wait_released(struct workpool *pool, long timeout_jiffies)
{
	might_sleep();
	if (READ_ONCE(pool->state) < WP_CLOSED || timeout_jiffies < 0)
		return -EINVAL;
	if (own_worker(pool))
		return -EDEADLK;
	wp_lockdep_wait_pool(pool);
	return wait_released(pool, timeout_jiffies);
}
EXPORT_SYMBOL_GPL(workpool_wait_released);

/* The owner gives @pool up: it will not be open again. */
void wp_release_close(struct workpool *pool)
{
	wp_registry_remove(pool);
	shut(pool, WP_DEAD);
	wp_delayed_drop_all(pool);
}

/* Wait until nothing of @pool, which is closed for good, is left. */
void wp_release_end(struct workpool *pool)
{
	wp_lockdep_wait_pool(pool);
	while (!wait_event_timeout(pool->events, !READ_ONCE(pool->alive),
				   DESTROY_PATIENCE))
		log_stragglers(pool);
	quiesce(pool);
}

/**
 * workpool_destroy() - release a pool, wait for everything, free it
 * @pool: the pool, ERR_PTR() or NULL
 *
 * Accepted tasks are finished first. From a task of @pool this would wait for
 * itself: it warns and does nothing.
 *
 * Context: Process context. May wait, not killable.
 */
void workpool_destroy(struct workpool *pool)
{
	might_sleep();
	if (IS_ERR_OR_NULL(pool))
		return;
	if (WARN_ONCE(own_worker(pool),
		      "%s() of pool %s from its own worker\n", __func__,
		      pool->name))
		return;
	if (WARN_ONCE(pool->multi, "%s() of pool %s, which is part of a multi\n",
		      __func__, pool->name))
		return;
	wp_release_close(pool);
	wp_release_end(pool);
	wp_pool_put(pool);
}
EXPORT_SYMBOL_GPL(workpool_destroy);

/* Returns false when there is nothing to wait for. */
static bool begin_drain(struct workpool *pool, struct wp_wait *wait)
{
	struct wp_deferred deferred;
	bool waits;

	wp_pool_lock(pool, &deferred);
	waits = !wp_queue_is_quiet_locked(pool);
	if (waits)
		wp_wait_add_locked(pool, wait, &pool->drainers, false);
	wp_pool_unlock(pool, &deferred);
	return waits;
}

/* The drainer gives up, unless the pool was quiet just before. */
static int give_up_drain(struct workpool *pool, struct wp_wait *wait, int err)
{
	struct wp_deferred deferred;
	bool decided;

	wp_pool_lock(pool, &deferred);
	decided = wait->result != -EINPROGRESS;
	if (!decided)
		wp_wait_remove_locked(pool, wait);
	wp_pool_unlock(pool, &deferred);
	return decided ? wp_wait_sleep(wait) : err;
}

/**
 * workpool_drain() - wait until nothing is busy, queued or waiting
 * @pool: the pool, which stays open
 * @timeout_jiffies: how long to wait, in jiffies
 *
 * Returns at the first moment at which the pool has nothing to do, also if more
 * was submitted in the meantime or is submitted right after.
 *
 * Context: Process context. May wait; the wait is killable.
 * Return: 0; -EDEADLK: called from a task of @pool; -EINVAL: negative timeout;
 * -ETIMEDOUT; -EINTR: killed.
 */
int workpool_drain(struct workpool *pool, long timeout_jiffies)
{
	struct wp_wait wait;
	long left;

	might_sleep();
	if (own_worker(pool))
		return -EDEADLK;
	if (timeout_jiffies < 0)
		return -EINVAL;
	wp_lockdep_wait_pool(pool);
	wp_wait_init(&wait);
	if (!begin_drain(pool, &wait))
		return 0;
	left = wait_for_completion_killable_timeout(&wait.done,
						    timeout_jiffies);
	if (left > 0)
		return wait.result;
	return give_up_drain(pool, &wait, left ? -EINTR : -ETIMEDOUT);
}
EXPORT_SYMBOL_GPL(workpool_drain);
