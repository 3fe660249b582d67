// SPDX-License-Identifier: GPL-2.0
/*
 * Late starts: workers that take long to come do not hold up what is queued.
 *
 * A worker that starts counts as one that is about to look at the queue, so
 * that a burst does not make more threads than it needs. It may be long in
 * coming: its worker_init sleeps, the kernel has no memory for its thread, or
 * it gets no CPU. While any worker starts, a timer looks after the queue.
 *
 * A slot is reserved for each queued entry when the timer has fired twice, and
 * something was queued at both moments, and no worker came up between them. Once
 * is not enough, because the whole machine may have been halted. After that it
 * is one slot each time, and after each slot it takes twice as long. So a
 * worker_init that never returns costs about 15 threads in an hour, and 5 more
 * in a day. At the pool's limit no slot costs anything: the timer fires as often
 * as at first, because a slot may come free at any time.
 */

#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/timer.h>

#include "compat.h"
#include "core/lock.h"
#include "core/pace.h"
#include "core/slot.h"
#include "queue/late.h"

/* Time between two looks at first, in ms, and how often it doubles. */
#define PATIENCE	125U
#define DOUBLINGS_MAX	20U

/* What no worker is woken for. */
static int waiting_for_starts_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (pool->idle.nr)
		return 0;
	return pool->queued + pool->waiting - pool->searching;
}

static void arm_locked(struct workpool *pool)
{
	unsigned int doublings = max(pool->late_looks, 1U) - 1;
	unsigned long delay;

	lockdep_assert_held(&pool->lock);
	/* A pool that may not start threads yet has no late ones. */
	delay = wp_pace_wait_adopt(&pool->pace, get_jiffies_64());
	delay += msecs_to_jiffies(PATIENCE << min(doublings, DOUBLINGS_MAX));
	mod_timer(&pool->late, jiffies + delay);
}

/* Slots were reserved: see that the timer runs. */
void wp_late_begin_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	if (timer_pending(&pool->late))
		return;
	pool->late_looks = 0;
	arm_locked(pool);
}

/* The rest of wp_late_reset_locked(). */
void wp_late_reset_slow_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	pool->late_looks = 0;
	arm_locked(pool);
}

/*
 * While a slot has no thread yet, the spawner is late, and more slots are of no
 * use. But a thread may be in the cache by now.
 */
static void look_locked(struct workpool *pool, struct wp_deferred *deferred)
{
	int nr = waiting_for_starts_locked(pool);

	lockdep_assert_held(&pool->lock);
	if (nr <= 0) {
		pool->late_looks = 0;
	} else if (!pool->late_looks) {
		pool->late_looks = 1;
	} else if (pool->to_spawn) {
		deferred->actions |= WP_DEFER_SPAWN;
	} else if (pool->running >= pool->limit) {
		pool->late_looks = 1;
	} else {
		nr = pool->late_looks == 1 ? nr - pool->starting : 1;
		wp_slot_reserve_locked(pool, max(nr, 1), deferred);
		pool->late_looks++;
	}
}

/* The timer workpool.late. */
void wp_late_timer(struct timer_list *timer)
{
	struct workpool *pool = container_of(timer, struct workpool, late);
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	if (pool->starting) {
		look_locked(pool, &deferred);
		arm_locked(pool);
	}
	wp_pool_unlock(pool, &deferred);
}
