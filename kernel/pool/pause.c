// SPDX-License-Identifier: GPL-2.0
/*
 * Pause: keep a pool from starting tasks for a while.
 *
 * A paused pool is allowed no worker: workpool.limit is 0. So it is full for
 * those who submit, each worker is one too many when its task has ended, and
 * nothing on the way of a task has to know of a pause. Closing the pool ends
 * the pause: what was accepted is finished.
 */

#include "compat.h"
#include "core/lock.h"
#include "core/notice.h"
#include "core/pool.h"
#include "pool/limit.h"
#include "pool/pause.h"
#include "trace.h"

static void pause_tell_locked(struct workpool *pool, enum workpool_pausers who)
{
	struct wp_notice notice = {
		.type = pool->paused & who ? WP_NOTICE_PAUSED :
					     WP_NOTICE_RESUMED,
		.actor = wp_notice_actor(who == WORKPOOL_PAUSED_BY_ADMIN ?
					 WP_BY_ADMIN : WP_BY_OWNER),
		.paused = pool->paused,
	};

	lockdep_assert_held(&pool->lock);
	wp_notice_post(pool, &notice);
}

static void pause_change_locked(struct workpool *pool,
				enum workpool_pausers who, bool pause,
				struct wp_deferred *deferred)
{
	unsigned int before = pool->paused;
	unsigned int paused = pause ? before | who : before & ~who;

	lockdep_assert_held(&pool->lock);
	if (before == paused)
		return;
	WRITE_ONCE(pool->paused, paused);
	if (wp_notice_wanted())
		pause_tell_locked(pool, who);
	wp_limit_apply_locked(pool, deferred);
	trace_workpool_pause(pool, before, paused);
}

/**
 * wp_pause_set() - pause a pool, or resume it
 * @pool: the pool
 * @who: whose pause it is; another one is left alone
 * @pause: true: begin it; false: end it
 *
 * Context: Process or softirq context.
 * Return: 0, or -ESHUTDOWN.
 */
int wp_pause_set(struct workpool *pool, enum workpool_pausers who, bool pause)
{
	struct wp_deferred deferred;
	int err = 0;

	wp_pool_lock(pool, &deferred);
	if (!wp_pool_is_open(pool))
		err = -ESHUTDOWN;
	else
		pause_change_locked(pool, who, pause, &deferred);
	wp_pool_unlock(pool, &deferred);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(wp_pause_set);

/**
 * workpool_pause() - let a pool start no more tasks, until workpool_resume()
 * @pool: the pool
 *
 * Tasks that run go on, and may call workpool_pause() themselves. This does not
 * wait for them. Nothing else starts, not even a report of a crash. What is
 * queued stays queued, and delayed tasks are queued when their time comes. For
 * submitters the pool is full: calls are accepted up to queue_depth, then they
 * wait or are refused. Embedded tasks are accepted. A task that waits for a
 * group of @pool still runs calls of it itself, as a part of its own run.
 * Embedded members do not start before the resume. A task that waits for one, and
 * would resume the pool after that, waits for ever: it gets no -EDEADLK, because
 * its wait is not a part of a circle.
 *
 * A paused pool keeps no worker. Idle ones leave at once and busy ones after
 * their task, also those of min_workers and WORKPOOL_F_PREALLOC. They start
 * again when the pool is resumed.
 *
 * Pauses are not counted: pausing a paused pool does nothing. The owner of a
 * pool and an administrator each have a pause of their own, and a pool works
 * when neither has paused it. A release or destroy ends both: accepted tasks
 * are finished. In a multi, siblings of a paused pool take embedded tasks over
 * from it as from a busy one: when one of their workers parks, and when
 * workpool_multi_queue() adds one. Calls and members of groups stay where they
 * were accepted, and so do tasks behind one that is first in the queue.
 *
 * Context: Process or softirq context.
 * Return: 0; -ESHUTDOWN: pool closed.
 */
int workpool_pause(struct workpool *pool)
{
	return wp_pause_set(pool, WORKPOOL_PAUSED_BY_OWNER, true);
}
EXPORT_SYMBOL_GPL(workpool_pause);

/**
 * workpool_resume() - end a pause of workpool_pause()
 * @pool: the pool
 *
 * Queued tasks start, and submitters that wait are served, both in order. When
 * an administrator has paused @pool as well, it stays paused until that ends,
 * too.
 *
 * Context: Process or softirq context.
 * Return: 0, also when @pool was not paused; -ESHUTDOWN: pool closed.
 */
int workpool_resume(struct workpool *pool)
{
	return wp_pause_set(pool, WORKPOOL_PAUSED_BY_OWNER, false);
}
EXPORT_SYMBOL_GPL(workpool_resume);
