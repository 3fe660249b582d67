// SPDX-License-Identifier: GPL-2.0
/*
 * Dues: what the maker of a decision owes after it dropped the pool's lock.
 */

#include "internal.h"

/* The list of obligation @bit, ready for use. */
struct list_head *wp_dues_list(struct wp_dues *dues, enum wp_due bit,
			       struct list_head *list)
{
	if (!(dues->due & bit)) {
		INIT_LIST_HEAD(list);
		dues->due |= bit;
	}
	return list;
}

static void tell(struct list_head *workers, enum wp_order order)
{
	struct wp_worker *worker, *next;

	list_for_each_entry_safe(worker, next, workers, parked.node) {
		list_del_init(&worker->parked.node);
		wp_worker_post(worker, order);
	}
}

/* Once completed, the sleeper's stack frame is gone. */
static void wake_sleepers(struct list_head *sleepers)
{
	struct wp_sleep *sleep, *next;

	list_for_each_entry_safe(sleep, next, sleepers, link)
		complete(sleep->wake);
}

/* The tasks may be done by now, and the pool destroyed: see "Locking". */
static noinline void meet_rest(struct workpool *pool, struct wp_dues *dues)
{
	if (dues->due & WP_DUE_SLEEPERS)
		wake_sleepers(&dues->sleepers);
	if (dues->due & WP_DUE_LEAVERS)
		tell(&dues->leavers, WP_ORDER_LEAVE);
	if (dues->due & WP_DUE_RETRY)
		wp_spawn_retry(pool);
	else if (dues->due & WP_DUE_SPAWN)
		wp_spawn_now(pool);
	if (dues->due & WP_DUE_PURGE)
		wp_purge_start(pool);
	if (dues->due & WP_DUE_EVENT)
		wake_up_all(&pool->events);
}

/*
 * Preemption stays off until the workers were woken: a decision is not held up
 * by whatever preempts its maker. See wp_worker_post() for the other reason.
 * Interrupts do so for the first worker, as most often there is but one, and
 * the scheduler would only turn them off again.
 */
void wp_pool_unlock_owing(struct workpool *pool, struct wp_dues *dues)
	__releases(&pool->lock)
{
	preempt_disable();
	raw_spin_unlock(&pool->lock);
	if (dues->due & WP_DUE_POST)
		wp_worker_post(dues->worker, dues->order);
	local_irq_restore(dues->flags);
	if (dues->due & WP_DUE_SEEKERS)
		tell(&dues->seekers, WP_ORDER_SEEK);
	if (likely(!(dues->due & ~(WP_DUE_POST | WP_DUE_SEEKERS)))) {
		preempt_enable();
		return;
	}
	rcu_read_lock();
	preempt_enable();
	meet_rest(pool, dues);
	rcu_read_unlock();
	/* The caller holds the pool, in process context: see drop.c. */
	if (dues->due & WP_DUE_DROP)
		wp_drop_pending(pool);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_unlock_owing);
