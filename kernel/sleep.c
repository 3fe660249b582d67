// SPDX-License-Identifier: GPL-2.0
/*
 * Sleepers: threads that wait for a decision that is made under a pool's lock.
 */

#include "internal.h"

void wp_sleep_init(struct wp_sleep *sleep)
{
	INIT_LIST_HEAD(&sleep->link);
	INIT_LIST_HEAD(&sleep->nested);
	init_completion(&sleep->done);
	sleep->result = -EINPROGRESS;
	sleep->submits = false;
	sleep->firm = false;
	sleep->wake = &sleep->done;
}
EXPORT_SYMBOL_IF_KUNIT(wp_sleep_init);

/* Does a worker that holds one of the pool's slots wait here? */
bool wp_sleep_is_nested(struct workpool *pool)
{
	struct wp_worker *worker = wp_worker_current();

	return worker && worker->pool == pool &&
	       (worker->state == WP_WORKER_BUSY ||
		worker->state == WP_WORKER_STARTING);
}

/* Wait with those in @list. The caller balances the pool. */
void wp_sleep_enlist_locked(struct workpool *pool, struct wp_sleep *sleep,
			    struct list_head *list, bool nested)
{
	lockdep_assert_held(&pool->lock);
	list_add_tail(&sleep->link, list);
	if (nested) {
		list_add_tail(&sleep->nested, &pool->nested);
		WRITE_ONCE(pool->nr_nested, pool->nr_nested + 1);
	}
}

void wp_sleep_forget_locked(struct workpool *pool, struct wp_sleep *sleep)
{
	lockdep_assert_held(&pool->lock);
	list_del_init(&sleep->link);
	if (!list_empty(&sleep->nested)) {
		list_del_init(&sleep->nested);
		WRITE_ONCE(pool->nr_nested, pool->nr_nested - 1);
	}
}

void wp_sleep_decide_locked(struct workpool *pool, struct wp_sleep *sleep,
			    int result, struct wp_dues *dues)
{
	lockdep_assert_held(&pool->lock);
	wp_sleep_forget_locked(pool, sleep);
	sleep->result = result;
	list_add_tail(&sleep->link,
		      wp_dues_list(dues, WP_DUE_SLEEPERS, &dues->sleepers));
}

void wp_sleep_decide_all_locked(struct workpool *pool, struct list_head *list,
				int result, struct wp_dues *dues)
{
	struct wp_sleep *sleep, *next;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry_safe(sleep, next, list, link)
		wp_sleep_decide_locked(pool, sleep, result, dues);
}

static struct wp_sleep *youngest_locked(struct workpool *pool)
{
	struct wp_sleep *sleep;

	list_for_each_entry_reverse(sleep, &pool->nested, nested)
		if (!sleep->firm)
			return sleep;
	return NULL;
}

/*
 * All workers the pool may have wait for this pool: only an error helps. The
 * youngest gets it, so that the oldest keep their place. Those that are firm wait
 * for others, one of which is not, or is about to end.
 */
void wp_sleep_break_deadlock_locked(struct workpool *pool, struct wp_dues *dues)
{
	struct wp_sleep *sleep;

	lockdep_assert_held(&pool->lock);
	if (!pool->nr_nested ||
	    pool->nr_nested < max(pool->running, pool->limit))
		return;
	sleep = youngest_locked(pool);
	if (!sleep)
		return;
	pool->counters.deadlocks++;
	if (sleep->submits)
		wp_pool_decide_locked(pool,
				      container_of(sleep, struct wp_waiter,
						   sleep),
				      -EDEADLK, dues);
	else
		wp_sleep_decide_locked(pool, sleep, -EDEADLK, dues);
}

/* Decide for a submitter that waits in several lines; only one succeeds. */
bool wp_claim_take(struct wp_claim *claim)
{
	if (atomic_cmpxchg(&claim->state, WP_CLAIM_OPEN, WP_CLAIM_TAKEN) !=
	    WP_CLAIM_OPEN)
		return false;
	if (claim->nested)
		atomic_dec(claim->nested);
	return true;
}

/* Not to be interrupted. Returns the decision. */
int wp_sleep_wait(struct wp_sleep *sleep)
{
	wait_for_completion(&sleep->done);
	return sleep->result;
}
