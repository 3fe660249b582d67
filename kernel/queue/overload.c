// SPDX-License-Identifier: GPL-2.0
/*
 * Overload: when it begins, and when it is over.
 *
 * It begins when a submitter finds the pool full. It is over when a look finds
 * that nobody waits and the pool has room, and that none found it full since
 * the look before. There is a look at all pools once a second, while one of
 * them is overloaded and notices are read. So a pool that is full and not full
 * in turn, a million times a second, is overloaded all the time, and the way of
 * a task has to know nothing of it.
 */

#include <linux/ktime.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "core/lock.h"
#include "core/lookup.h"
#include "core/module.h"
#include "core/ref.h"
#include "core/slot.h"
#include "queue/overload.h"
#include "queue/need.h"

#define LOOK_PERIOD	HZ

static void overload_look_at_all(struct work_struct *work);
static DECLARE_DELAYED_WORK(look_work, overload_look_at_all);

/* Did a submitter find the pool full since the last look? */
static bool overload_take_news_locked(struct workpool *pool)
{
	bool news = pool->overload.news;

	pool->overload.news = false;
	return news;
}

/*
 * The submitter that begins it is counted already, and is news for the first
 * look. So the overload ends at the second look at the earliest, which is a
 * second later.
 */
void wp_overload_begin_locked(struct workpool *pool)
{
	struct wp_notice notice = {
		.type = WP_NOTICE_OVERLOADED,
		.overloaded.waiting = pool->waiting,
		.overloaded.queued = pool->queued,
		.overloaded.busy = wp_slot_busy_locked(pool),
		.overloaded.limit = pool->limit,
	};

	lockdep_assert_held(&pool->lock);
	if (!wp_pool_is_open(pool))
		return;
	pool->overload.on = true;
	pool->overload.news = true;
	pool->overload.since_ns = ktime_get_ns();
	pool->overload.blocked = pool->counters[WP_COUNT_BLOCKED];
	pool->overload.rejected = pool->counters[WP_COUNT_REJECTED];
	wp_notice_post(pool, &notice);
	queue_delayed_work(wp_workqueue, &look_work, LOOK_PERIOD);
}

/* It is over, if there is one. */
void wp_overload_end_locked(struct workpool *pool)
{
	struct wp_overload *overload = &pool->overload;
	struct wp_notice notice = { .type = WP_NOTICE_RELIEVED };

	lockdep_assert_held(&pool->lock);
	if (!overload->on)
		return;
	overload->on = false;
	if (!wp_notice_wanted())
		return;
	notice.relieved.duration_ns = ktime_get_ns() - overload->since_ns;
	notice.relieved.blocked = pool->counters[WP_COUNT_BLOCKED] -
				  overload->blocked;
	notice.relieved.rejected = pool->counters[WP_COUNT_REJECTED] -
				   overload->rejected;
	wp_notice_post(pool, &notice);
}

/* Returns true when the pool is overloaded, and is to be looked at again. */
static bool overload_look_at(struct workpool *pool)
{
	unsigned long flags;
	bool full;

	wp_pool_lock_irqsave(pool, &flags);
	full = pool->overload.on && wp_notice_wanted() &&
	       (overload_take_news_locked(pool) || pool->waiting ||
		!wp_need_has_room_locked(pool));
	if (!full)
		wp_overload_end_locked(pool);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return full;
}

static void overload_look_at_all(struct work_struct *work)
{
	struct workpool *pool;
	bool again = false;
	u32 id = 0;

	while ((pool = wp_lookup_next(id))) {
		id = pool->lookup_id;
		again |= overload_look_at(pool);
		wp_pool_put(pool);
		cond_resched();
	}
	if (again)
		queue_delayed_work(wp_workqueue, &look_work, LOOK_PERIOD);
}

/* No pool is left. */
void wp_overload_exit(void)
{
	cancel_delayed_work_sync(&look_work);
}
