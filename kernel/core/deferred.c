// SPDX-License-Identifier: GPL-2.0
/*
 * Dues: what the maker of a decision owes after it dropped the pool's lock.
 */

#include "internal.h"

/* The list of obligation @bit, ready for use. */
struct list_head *wp_deferred_list(struct wp_deferred *deferred,
				   enum wp_defer_action bit,
				   struct list_head *list)
{
	if (!(deferred->actions & bit)) {
		INIT_LIST_HEAD(list);
		deferred->actions |= bit;
	}
	return list;
}

static void tell(struct list_head *workers, enum wp_order order)
{
	struct wp_worker *worker, *next;

	list_for_each_entry_safe(worker, next, workers, parked.node) {
		list_del_init(&worker->parked.node);
		wp_mailbox_post(worker, order);
	}
}

/* Once completed, the sleeper's stack frame is gone. */
static void wake_sleepers(struct list_head *waits)
{
	struct wp_wait *wait, *next;

	list_for_each_entry_safe(wait, next, waits, link)
		complete(wait->wake);
}

/* The tasks may be done by now, and the pool destroyed: see "Locking". */
static noinline void do_rest(struct workpool *pool,
			     struct wp_deferred *deferred)
{
	if (deferred->actions & WP_DEFER_WAITS)
		wake_sleepers(&deferred->waits);
	if (deferred->actions & WP_DEFER_LEAVERS)
		tell(&deferred->leavers, WP_ORDER_LEAVE);
	if (deferred->actions & WP_DEFER_RETRY)
		wp_spawn_retry(pool);
	else if (deferred->actions & WP_DEFER_SPAWN)
		wp_spawn_start(pool);
	if (deferred->actions & WP_DEFER_PURGE)
		wp_purge_start(pool);
	if (deferred->actions & WP_DEFER_EVENT)
		wake_up_all(&pool->events);
}

/*
 * Preemption stays off until the workers were woken: a decision is not held up
 * by whatever preempts its maker. See wp_mailbox_post() for the other reason.
 * Interrupts do so for the first worker, as most often there is but one, and
 * the scheduler would only turn them off again.
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
	if (deferred->actions & WP_DEFER_SEARCHERS)
		tell(&deferred->searchers, WP_ORDER_SEARCH);
	if (likely(!(deferred->actions &
		     ~(WP_DEFER_POST | WP_DEFER_SEARCHERS)))) {
		preempt_enable();
		return;
	}
	rcu_read_lock();
	preempt_enable();
	do_rest(pool, deferred);
	rcu_read_unlock();
	/* The caller holds the pool, in process context: see drop.c. */
	if (deferred->actions & WP_DEFER_DROP)
		wp_drop_if_hopeless(pool);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_unlock_deferred);
