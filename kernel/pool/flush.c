// SPDX-License-Identifier: GPL-2.0
/*
 * Flush: wait for what a pool accepted before. A single task is flushed in
 * task/cancel.c, and drain.c waits for a pool that has nothing to do.
 */

#include "compat.h"
#include "core/lock.h"
#include "core/lockdep.h"
#include "core/ref.h"
#include "core/wait.h"
#include "core/worker.h"
#include "pool/flush.h"
#include "queue/color.h"
#include "queue/edge.h"

/* Wait until what has @color, and what is older, has left the pool. */
static int wait_for_color(struct workpool *pool, unsigned int color)
{
	struct wp_wait wait;
	struct wp_edge edge = {
		.kind = WP_EDGE_FLUSH,
		.pool = pool,
		.color = color,
		.wait = &wait,
	};
	unsigned long flags;
	bool waits;
	int err;

	wp_wait_init(&wait, WP_WAIT_FLUSH, NULL);
	raw_spin_lock_irqsave(&pool->lock, flags);
	waits = wp_color_wait_locked(pool, color, &wait);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	if (!waits)
		return 0;
	wp_edge_enter(&edge);
	err = wp_wait_sleep(&wait);
	wp_edge_leave(&edge);
	WARN(err, "workpool: flush of pool %s, of which a task cannot end before the caller goes on: it returns without that\n",
	     pool->name);
	return err;
}

static unsigned int present_color(struct workpool *pool)
{
	unsigned long flags;
	unsigned int color;

	raw_spin_lock_irqsave(&pool->lock, flags);
	color = pool->color;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return color;
}

/*
 * @present is the color of what was accepted last before the flush. If another
 * thread has opened a later color since, @present is the @color to wait for, and
 * none is opened. Returns false when all colors are in use.
 */
static bool open_color(struct workpool *pool, unsigned int present,
		       unsigned int *color)
{
	unsigned long flags;
	bool opened = true;

	wp_pool_lock_irqsave(pool, &flags);
	if (pool->color != present)
		*color = present;
	else
		opened = wp_color_open_locked(pool, color);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return opened;
}

static int flush_accepted(struct workpool *pool)
{
	unsigned int present = present_color(pool), color;
	bool opened;
	int err;

	do {
		opened = open_color(pool, present, &color);
		err = wait_for_color(pool, color);
	} while (!err && !opened);
	return err;
}

/* For workpool_multi_flush(): tell what is accepted later from the rest. */
int wp_flush_begin(struct workpool *pool)
{
	unsigned int present = present_color(pool), color;
	int err = 0;

	while (!err && !open_color(pool, present, &color))
		err = wait_for_color(pool, color);
	return err;
}

/*
 * Wait for what was accepted before wp_flush_begin(). If other threads began a
 * flush since, also for what they wait for.
 */
int wp_flush_end(struct workpool *pool)
{
	return wait_for_color(pool, present_color(pool) - 1);
}

/**
 * workpool_flush_pool() - wait for what a pool accepted before
 * @pool: the pool
 *
 * Waits until each call and each embedded task that was accepted before has
 * ended, was cancelled or dropped. What is accepted later is not waited for, so
 * that the wait ends also while others submit, and while tasks queue themselves
 * again. Only when seven threads flush the pool, each at another moment, may
 * the next one also wait for what was accepted until one of them returned.
 *
 * These are not waited for: delayed tasks whose time has not come; submitters
 * that wait; a task that still runs in another pool, see workpool_queue(), and
 * one that another pool of the same multi took over, see
 * workpool_multi_flush(); one that workpool_mod_delayed() put off since; the
 * ops->crash that follows a crash of what is waited for.
 *
 * From a task of @pool, or from one that a task of @pool waits for, it would
 * wait for ever: it warns and returns, and tasks may still run.
 *
 * Context: Process context. May sleep. Not with a lock that one of the tasks
 * takes.
 */
void workpool_flush_pool(struct workpool *pool)
{
	might_sleep();
	if (WARN(wp_worker_is_own(pool),
		 "workpool: flush of pool %s by its own task\n", pool->name))
		return;
	wp_lockdep_wait_pool(pool);
	wp_pool_get(pool);
	flush_accepted(pool);
	wp_pool_put(pool);
}
EXPORT_SYMBOL_GPL(workpool_flush_pool);
