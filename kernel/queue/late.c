// SPDX-License-Identifier: GPL-2.0
/*
 * Late starts: workers that take long to come do not hold up what is queued.
 *
 * A worker that starts counts as one that is about to look at the queue, so
 * that a burst does not make more threads than it needs. It may be long in
 * coming: its worker_init sleeps, the kernel has no memory for its thread, or
 * it gets no CPU. While something is queued and a worker starts, a timer looks
 * after the queue.
 *
 * When it has fired twice, and something was queued at both moments, and no
 * worker came up between them, more slots are reserved. Once is not enough,
 * because the whole machine may have been halted. Each reservation quadruples
 * the starting workers, up to one for each entry, then adds one. The interval
 * doubles from the second reservation on. So a worker_init that never returns
 * costs about 16 threads in an hour, and 5 more in a day, if one entry waits
 * for it, and a thousand in two seconds only if a thousand do. At the pool's
 * limit no slot costs anything: the timer fires as often as at first, because a
 * slot may come free at any time.
 *
 * From the second expiry on, workers that start do not count as coming, but for
 * as many as what is queued then needs. So a later task gets another worker at
 * once if none is idle. It does not wait for two expiries of its own.
 *
 * The timer does not look for a searching worker that gets no CPU, although
 * others may be parked. A thread of a higher priority has to keep all CPUs on
 * which the worker may run, and the look would take a timer for each worker
 * that is woken.
 */

#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/timer.h>

#include "compat.h"
#include "core/lock.h"
#include "core/pace.h"
#include "core/slot.h"
#include "queue/late.h"
#include "queue/need.h"

/* Time between two looks at first, in ms, and how often it doubles. */
#define PATIENCE	125U
#define DOUBLINGS_MAX	20U

/* So many more may start for each one that starts. */
#define GROWTH		3

/*
 * Number of queued tasks and calls, and of waiting submitters, that no worker was
 * woken for; 0 while one is parked.
 */
static int waiting_for_starts_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (pool->idle.nr)
		return 0;
	return pool->queued + pool->waiting - pool->searching;
}

static void late_arm_locked(struct workpool *pool)
{
	unsigned int doublings = max(pool->late_looks, 2U) - 2;
	unsigned long delay;

	lockdep_assert_held(&pool->lock);
	/* A pool that may not start threads yet has no late ones. */
	delay = wp_pace_wait_adopt(&pool->pace, get_jiffies_64());
	delay += msecs_to_jiffies(PATIENCE << min(doublings, DOUBLINGS_MAX));
	mod_timer(&pool->late, jiffies + delay);
}

/*
 * Workers start: see that the timer runs. It ends by itself when nothing is
 * queued.
 */
void wp_late_begin_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (timer_pending(&pool->late))
		return;
	WRITE_ONCE(pool->late_looks, 0);
	late_arm_locked(pool);
}

/* Start the interval again (slow path of wp_late_reset_locked()). */
void wp_late_reset_slow_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->late_looks, 0);
	late_arm_locked(pool);
}

/*
 * The @late starts may never end. What is queued at present has got what it
 * needs, so as many as it needs still count as coming: only a later entry gets
 * another worker.
 */
static void late_expect_locked(struct workpool *pool, int late)
{
	int need = wp_need_workers_locked(pool) - pool->searching;

	lockdep_assert_held(&pool->lock);
	pool->overdue = clamp(pool->starting - need, 0, late);
}

/*
 * While a slot has no thread yet, its spawner is late, and more slots are of no
 * use. But the other spawners can help, and a thread may be in the cache by now.
 * Returns false when there is nothing to look after.
 */
static bool late_look_locked(struct workpool *pool,
			     struct wp_deferred *deferred)
{
	int nr = waiting_for_starts_locked(pool), late;

	lockdep_assert_held(&pool->lock);
	if (!pool->starting || nr <= 0) {
		WRITE_ONCE(pool->late_looks, 0);
		return false;
	}
	if (!pool->late_looks) {
		WRITE_ONCE(pool->late_looks, 1);
	} else if (pool->to_spawn) {
		deferred->actions |= WP_DEFER_SPAWN;
	} else if (pool->running >= pool->limit) {
		late_expect_locked(pool, pool->starting);
		WRITE_ONCE(pool->late_looks, 1);
	} else {
		late = pool->starting;
		nr = clamp(nr - late, 1, GROWTH * late);
		wp_slot_reserve_locked(pool, nr, deferred);
		late_expect_locked(pool, late);
		WRITE_ONCE(pool->late_looks, pool->late_looks + 1);
	}
	return true;
}

/* The timer workpool.late. */
void wp_late_timer(struct timer_list *timer)
{
	struct workpool *pool = container_of(timer, struct workpool, late);
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	if (late_look_locked(pool, &deferred))
		late_arm_locked(pool);
	wp_pool_unlock(pool, &deferred);
}
