// SPDX-License-Identifier: GPL-2.0
/*
 * Release: close a pool, and wait for what still runs.
 */

#include <linux/pid.h>
#include <linux/ratelimit.h>

#include "compat.h"
#include "core/event.h"
#include "core/lock.h"
#include "core/lockdep.h"
#include "core/notice.h"
#include "core/ref.h"
#include "core/slot.h"
#include "core/spawn.h"
#include "core/walk.h"
#include "core/worker.h"
#include "pool/limit.h"
#include "pool/registry.h"
#include "pool/release.h"
#include "queue/edge.h"
#include "queue/overload.h"
#include "queue/queue.h"
#include "queue/reserve.h"
#include "task/delayed.h"
#include "trace.h"

/* The most stragglers that are named when a release takes too long. */
#define STRAGGLERS_NAMED	8

struct straggler {
	void	*fn;
	pid_t	pid;
};

/**
 * struct stragglers - the first that are found
 * @nr: how many
 * @found: them
 */
struct stragglers {
	int			nr;
	struct straggler	found[STRAGGLERS_NAMED];
};

static void release_tell_locked(struct workpool *pool, enum wp_by by)
{
	struct wp_notice notice = {
		.type = WP_NOTICE_RELEASED,
		.actor = wp_notice_actor(by),
		.released.destroyed = pool->state == WP_DEAD,
		.released.alive = pool->alive,
	};

	lockdep_assert_held(&pool->lock);
	wp_notice_post(pool, &notice);
}

/*
 * Close @pool, for good when @state is WP_DEAD. Without a thread it is empty at
 * once, unless one is needed for what it accepted.
 */
void wp_release_locked(struct workpool *pool, enum wp_state state,
		       enum wp_by by, struct wp_deferred *deferred)
{
	bool was_open = wp_pool_is_open(pool), was_empty = !pool->alive;
	enum wp_state before = pool->state;

	lockdep_assert_held(&pool->lock);
	state = max(before, state);
	WRITE_ONCE(pool->state, state);
	if (was_open) {
		wp_overload_end_locked(pool);
		if (wp_notice_wanted())
			release_tell_locked(pool, by);
	}
	/* A pause ends: what was accepted is finished. */
	WRITE_ONCE(pool->paused, 0);
	wp_limit_update_locked(pool);
	wp_queue_trim_locked(pool, deferred);
	/* Those that wait for the end are told when alive falls to 0. */
	if (before == WP_BOOTING)
		wp_event_tell_locked(pool, deferred);
	if (before != state)
		trace_workpool_state(pool, before, state);
	if (wp_notice_wanted() && was_open && was_empty && !pool->alive)
		wp_notice_simple(pool, WP_NOTICE_CLOSED);
}

/* Close @pool: wp_release_locked() for those without the lock. */
void wp_release_begin(struct workpool *pool, enum wp_state state,
		      enum wp_by by)
{
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	wp_release_locked(pool, state, by, &deferred);
	wp_pool_unlock(pool, &deferred);
}
EXPORT_SYMBOL_IF_KUNIT(wp_release_begin);

/* Hold workpool.lifecycle. A thread that is killable in @state is so here. */
int wp_release_lock(struct workpool *pool, unsigned int state)
{
	if (state & TASK_WAKEKILL)
		return mutex_lock_killable(&pool->lifecycle);
	mutex_lock(&pool->lifecycle);
	return 0;
}

/*
 * No thread of the pool is left: stop its works, unless it was rebooted.
 * Returns -EINTR when the thread was killed while another one reboots or tunes
 * the pool.
 */
static int stop_works(struct workpool *pool, unsigned int state)
{
	unsigned long flags;
	bool empty;
	int err;

	err = wp_release_lock(pool, state);
	if (err)
		return err;
	raw_spin_lock_irqsave(&pool->lock, flags);
	empty = wp_pool_is_over(pool);
	if (empty)
		pool->purge_armed = false;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	if (empty) {
		timer_delete_sync(&pool->late);
		cancel_delayed_work_sync(&pool->purge);
		wp_spawn_cancel(pool);
	}
	mutex_unlock(&pool->lifecycle);
	return 0;
}

static bool note_straggler_locked(struct workpool *pool,
				  struct wp_worker *worker, void *arg,
				  struct wp_deferred *deferred)
{
	struct stragglers *stragglers = arg;
	struct straggler *next = &stragglers->found[stragglers->nr];

	if (worker->state != WP_WORKER_BUSY)
		return true;
	next->fn = worker->call.fn.any;
	next->pid = task_pid_nr(worker->task);
	return ++stragglers->nr < STRAGGLERS_NAMED;
}

/*
 * Name the threads of the closed @pool that still run. A caller that asks again
 * and again does not fill the log.
 */
void wp_release_log_stragglers(struct workpool *pool)
{
	static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL,
				      DEFAULT_RATELIMIT_BURST);
	struct stragglers stragglers = { .nr = 0 };
	int i;

	KUNIT_STATIC_STUB_REDIRECT(wp_release_log_stragglers, pool);
	if (!__ratelimit(&limit))
		return;
	wp_walk_workers(pool, note_straggler_locked, &stragglers);
	/* Pairs with the writes under the lock. */
	pr_warn("pool %s: released, but %d of its threads still run\n",
		pool->name, READ_ONCE(pool->alive));
	for (i = 0; i < stragglers.nr; i++)
		pr_warn("pool %s: thread %d executes task %ps\n", pool->name,
			stragglers.found[i].pid, stragglers.found[i].fn);
}
EXPORT_SYMBOL_IF_KUNIT(wp_release_log_stragglers);

static bool has_ended_locked(struct workpool *pool,
			     const struct wp_event *event)
{
	return wp_pool_release_ended(pool);
}

/* Wait until no thread of the closed @pool is left. As wp_event_wait(). */
long wp_release_wait_end(struct workpool *pool, unsigned int state,
			 long timeout)
{
	static const struct wp_event ended = {
		.kind = WP_WAIT_RELEASE,
		.came_locked = has_ended_locked,
	};

	return wp_event_wait(pool, &ended, state, timeout);
}

static int wait_released(struct workpool *pool, unsigned int state, long timeout)
{
	struct wp_edge edge = {
		.kind = WP_EDGE_RELEASE,
		.pool = pool,
		.must_wait = true,
	};
	long left;

	/* A caller that only looks is part of no circle of waits. */
	if (timeout) {
		wp_lockdep_wait_pool(pool);
		wp_edge_enter(&edge);
	}
	left = wp_release_wait_end(pool, state, timeout);
	wp_edge_leave(&edge);
	if (left < 0)
		return -EINTR;
	if (!left) {
		/* A caller that only looks is not waiting for long. */
		if (timeout)
			wp_release_log_stragglers(pool);
		return -ETIMEDOUT;
	}
	return stop_works(pool, state);
}

/**
 * workpool_release() - close a pool
 * @pool: the pool
 *
 * Submitters that wait fail with -ESHUTDOWN, idle workers leave, accepted tasks
 * are finished. Does not wait: of many submitters and idle workers the first
 * are told before this returns, and the others shortly afterwards. Closing a
 * closed pool does nothing. A pause of the pool ends, and does not come back
 * with a reboot. May be called from a task of @pool.
 *
 * Context: Process or softirq context.
 */
void workpool_release(struct workpool *pool)
{
	wp_release_begin(pool, WP_CLOSED, WP_BY_OWNER);
}
EXPORT_SYMBOL_GPL(workpool_release);

/**
 * wp_release_wait() - workpool_release_timeout() in a state of choice
 * @pool: the pool
 * @by: whose doing it is
 * @state: %TASK_KILLABLE, and %TASK_FREEZABLE if no lock is held
 * @timeout: how long to wait, in jiffies
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: as workpool_release_timeout().
 */
int wp_release_wait(struct workpool *pool, enum wp_by by, unsigned int state,
		    long timeout)
{
	int err;

	might_sleep();
	if (wp_pool_is_over(pool))
		return -ESHUTDOWN;
	if (wp_worker_is_own(pool))
		return -EDEADLK;
	if (timeout < 0)
		return -EINVAL;
	/* Another thread may destroy it as soon as it is empty. */
	wp_pool_get(pool);
	wp_release_begin(pool, WP_CLOSED, by);
	err = wait_released(pool, state, timeout);
	wp_pool_put(pool);
	return err;
}

/**
 * workpool_release_timeout() - close a pool and wait until it is empty
 * @pool: the pool
 * @timeout_jiffies: how long to wait, in jiffies; 0: only look, and log
 *	nothing; MAX_SCHEDULE_TIMEOUT: for ever
 *
 * After 0 was returned no thread runs for the pool, no callback runs, and none
 * will, unless it is rebooted. A task that does not end cannot be forced to; it
 * is named in the log, and may poll workpool_should_stop().
 *
 * A task may call it for another pool. When a task or a callback of that pool
 * waits for the calling one, that other wait gets -EDEADLK. Two tasks that wait
 * for the end of each other's pool wait for ever, and so does a task that is
 * queued to @pool while it still runs in a closed pool.
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: 0; -ESHUTDOWN: was closed and empty already; -EDEADLK: called from a
 * task of @pool, which stays open; -EINVAL: negative timeout; -ETIMEDOUT:
 * closed, but not empty yet, see workpool_wait_released(); -EINTR: killed.
 */
int workpool_release_timeout(struct workpool *pool, long timeout_jiffies)
{
	return wp_release_wait(pool, WP_BY_OWNER, TASK_KILLABLE,
			       timeout_jiffies);
}
EXPORT_SYMBOL_GPL(workpool_release_timeout);

/**
 * workpool_wait_released() - wait until a closed pool is empty
 * @pool: the pool
 * @timeout_jiffies: how long to wait, in jiffies; 0: only look, and log
 *	nothing
 *
 * May be called repeatedly, after either form of release. It also ends when
 * another thread has rebooted the pool.
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: 0; -EINVAL: @pool is open, or negative timeout; -EDEADLK: called from
 * a task of @pool; -ETIMEDOUT: not empty yet; -EINTR: killed.
 */
int workpool_wait_released(struct workpool *pool, long timeout_jiffies)
{
	int err;

	might_sleep();
	if (!wp_pool_is_closed(pool) || timeout_jiffies < 0)
		return -EINVAL;
	if (wp_worker_is_own(pool))
		return -EDEADLK;
	wp_pool_get(pool);
	err = wait_released(pool, TASK_KILLABLE, timeout_jiffies);
	wp_pool_put(pool);
	return err;
}
EXPORT_SYMBOL_GPL(workpool_wait_released);

/* Close @pool for good, and drop its delayed tasks. */
void wp_release_close(struct workpool *pool)
{
	wp_registry_remove(pool);
	wp_release_begin(pool, WP_DEAD, WP_BY_OWNER);
	wp_delayed_drop_all(pool);
}

/* Wait until no thread of @pool, which is closed for good, is left. */
void wp_release_end(struct workpool *pool)
{
	struct wp_edge edge = {
		.kind = WP_EDGE_RELEASE,
		.pool = pool,
		.must_wait = true,
	};

	wp_lockdep_wait_pool(pool);
	wp_edge_enter(&edge);
	while (!wp_release_wait_end(pool, TASK_UNINTERRUPTIBLE,
				    WP_RELEASE_PATIENCE))
		wp_release_log_stragglers(pool);
	wp_edge_leave(&edge);
	stop_works(pool, TASK_UNINTERRUPTIBLE);
	wp_notice_destroyed(pool);
	/*
	 * The pool itself stays for a grace period, which needs no memory for
	 * calls.
	 */
	wp_reserve_free(pool);
}
