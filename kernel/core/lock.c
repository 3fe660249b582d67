// SPDX-License-Identifier: GPL-2.0
/*
 * The lock of a pool, and the actions that are deferred until it is dropped.
 */

#include <linux/completion.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>

#include "compat.h"
#include "core/lock.h"
#include "core/mailbox.h"
#include "core/module.h"
#include "core/spawn.h"
#include "core/wait.h"
#include "core/worker.h"

static void post_all(struct list_head *workers, enum wp_order order)
{
	struct wp_worker *worker, *next;

	list_for_each_entry_safe(worker, next, workers, parked.node) {
		list_del_init(&worker->parked.node);
		wp_mailbox_post(worker, order);
	}
}

/* The stack frame of a wait is gone once it is completed. */
static void complete_waits(struct list_head *waits)
{
	struct wp_wait *wait, *next;

	list_for_each_entry_safe(wait, next, waits, link)
		complete(wait->wake);
}

/*
 * The lock was dropped since: another thread may have armed the purge for an
 * earlier time and have started its timer before this thread does.
 */
static void start_purge(struct workpool *pool)
{
	unsigned long due, now;

	do {
		/* Pairs with the write in wp_purge_arm_locked(). */
		due = READ_ONCE(pool->purge_due);
		now = jiffies;
		mod_delayed_work(wp_workqueue, &pool->purge,
				 time_after(due, now) ? due - now : 0);
	} while (READ_ONCE(pool->purge_due) != due);
}

/* The tasks may be done by now, and the pool destroyed: see "Locking". */
static noinline void do_deferred(struct workpool *pool,
				 struct wp_deferred *deferred)
{
	if (deferred->actions & WP_DEFER_WAITS)
		complete_waits(&deferred->waits.list);
	if (deferred->actions & WP_DEFER_LEAVE)
		post_all(&deferred->leavers.list, WP_ORDER_LEAVE);
	if (deferred->actions & WP_DEFER_SPAWN)
		wp_spawn_start(pool);
	if (deferred->actions & WP_DEFER_PURGE)
		start_purge(pool);
	if (deferred->actions & WP_DEFER_REST)
		queue_work(wp_workqueue, &pool->rest);
}

/**
 * wp_pool_unlock_deferred() - wp_pool_unlock() with something deferred
 * @pool: the pool
 * @deferred: the actions
 *
 * Preemption stays off until the workers are woken, so that a decision is not
 * held up by whatever preempts this thread; wp_mailbox_post() has the other
 * reason. Interrupts stay off for the first wake-up: usually it is the only
 * one, and try_to_wake_up() would disable them again.
 *
 * Context: Any but NMI. Drops the pool's lock.
 */
void wp_pool_unlock_deferred(struct workpool *pool,
			     struct wp_deferred *deferred)
	__releases(&pool->lock)
{
	preempt_disable();
	raw_spin_unlock(&pool->lock);
	if (deferred->actions & WP_DEFER_POST)
		wp_mailbox_post(deferred->worker, deferred->order);
	local_irq_restore(deferred->flags);
	if (deferred->actions & WP_DEFER_SEARCH)
		post_all(&deferred->searchers.list, WP_ORDER_SEARCH);
	if (likely(!(deferred->actions &
		     ~(WP_DEFER_POST | WP_DEFER_SEARCH)))) {
		preempt_enable();
		return;
	}
	rcu_read_lock();
	preempt_enable();
	do_deferred(pool, deferred);
	rcu_read_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_unlock_deferred);
