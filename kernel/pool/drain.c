// SPDX-License-Identifier: GPL-2.0
/*
 * Drain: wait until an open pool has nothing to do. The end of a pool is in
 * release.c.
 */

#include "compat.h"
#include "core/lock.h"
#include "core/lockdep.h"
#include "core/ref.h"
#include "core/wait.h"
#include "core/worker.h"
#include "queue/edge.h"
#include "queue/queue.h"

/*
 * Returns false when there is nothing to wait for. The drainer holds a
 * reference: it may give up while the pool is destroyed.
 */
static bool add_drainer(struct workpool *pool, struct wp_wait *wait)
{
	struct wp_deferred deferred;
	bool waits;

	wp_pool_lock(pool, &deferred);
	waits = !wp_queue_is_quiet_locked(pool);
	if (waits) {
		wp_pool_get(pool);
		wp_wait_add_locked(pool, wait, &pool->drainers);
	}
	wp_pool_unlock(pool, &deferred);
	return waits;
}

static int drain_give_up(struct workpool *pool, struct wp_wait *wait, int err)
{
	struct wp_deferred deferred;
	bool decided;

	wp_pool_lock(pool, &deferred);
	decided = !wp_wait_give_up_locked(pool, wait, err);
	wp_pool_unlock(pool, &deferred);
	return decided ? wp_wait_sleep(wait) : err;
}

/**
 * workpool_drain() - wait until nothing is busy, queued or waiting
 * @pool: the pool, which stays open
 * @timeout_jiffies: how long to wait, in jiffies; 0: only look
 *
 * Returns at the first moment at which the pool has nothing to do, also if more
 * was submitted in the meantime or is submitted right after. It does not wait
 * for &workpool_ops.crash as long as the thread of the crash has not ended:
 * workpool_release_timeout() does. What a task left in its thread may be found,
 * and counted, a moment later.
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: 0; -EDEADLK: called from a task of @pool, or from one that a task of
 * @pool waits for; -EINVAL: negative timeout; -ETIMEDOUT; -EINTR: killed.
 */
int workpool_drain(struct workpool *pool, long timeout_jiffies)
{
	struct wp_wait wait;
	struct wp_edge edge = {
		.kind = WP_EDGE_DRAIN,
		.pool = pool,
		.wait = &wait,
	};
	long left;
	int err;

	might_sleep();
	if (wp_worker_is_own(pool))
		return -EDEADLK;
	if (timeout_jiffies < 0)
		return -EINVAL;
	if (timeout_jiffies)
		wp_lockdep_wait_pool(pool);
	wp_wait_init(&wait, WP_WAIT_DRAIN, NULL);
	if (!add_drainer(pool, &wait))
		return 0;
	/* A caller that only looks is part of no circle of waits. */
	if (timeout_jiffies)
		wp_edge_enter(&edge);
	left = wp_wait_done(&wait.done, TASK_KILLABLE | wait.state,
			    timeout_jiffies);
	if (left > 0)
		err = wait.result;
	else
		err = drain_give_up(pool, &wait, left ? -EINTR : -ETIMEDOUT);
	wp_edge_leave(&edge);
	wp_pool_put(pool);
	return err;
}
EXPORT_SYMBOL_GPL(workpool_drain);
