// SPDX-License-Identifier: GPL-2.0
/*
 * Sleepers: threads that wait for a decision that is made under a pool's lock.
 */

#include "internal.h"

void wp_wait_init(struct wp_wait *wait)
{
	INIT_LIST_HEAD(&wait->link);
	INIT_LIST_HEAD(&wait->nested);
	init_completion(&wait->done);
	wait->result = -EINPROGRESS;
	wait->submits = false;
	wait->must_wait = false;
	wait->wake = &wait->done;
}
EXPORT_SYMBOL_IF_KUNIT(wp_wait_init);

/* Does a worker that holds one of the pool's slots wait here? */
bool wp_wait_is_nested(struct workpool *pool)
{
	struct wp_worker *worker = wp_worker_current();

	return worker && worker->pool == pool &&
	       (worker->state == WP_WORKER_BUSY ||
		worker->state == WP_WORKER_STARTING);
}

/* Wait with those in @list. The caller balances the pool. */
void wp_wait_add_locked(struct workpool *pool, struct wp_wait *wait,
			struct list_head *list, bool nested)
{
	lockdep_assert_held(&pool->lock);
	list_add_tail(&wait->link, list);
	if (nested) {
		list_add_tail(&wait->nested, &pool->nested);
		WRITE_ONCE(pool->nr_nested, pool->nr_nested + 1);
	}
}

void wp_wait_remove_locked(struct workpool *pool, struct wp_wait *wait)
{
	lockdep_assert_held(&pool->lock);
	list_del_init(&wait->link);
	if (!list_empty(&wait->nested)) {
		list_del_init(&wait->nested);
		WRITE_ONCE(pool->nr_nested, pool->nr_nested - 1);
	}
}

void wp_wait_complete_locked(struct workpool *pool, struct wp_wait *wait,
			     int result, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	wp_wait_remove_locked(pool, wait);
	wait->result = result;
	list_add_tail(&wait->link, wp_deferred_list(deferred, WP_DEFER_WAITS,
						    &deferred->waits));
}

void wp_wait_complete_all_locked(struct workpool *pool, struct list_head *list,
				 int result, struct wp_deferred *deferred)
{
	struct wp_wait *wait, *next;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry_safe(wait, next, list, link)
		wp_wait_complete_locked(pool, wait, result, deferred);
}

static struct wp_wait *youngest_locked(struct workpool *pool)
{
	struct wp_wait *wait;

	list_for_each_entry_reverse(wait, &pool->nested, nested)
		if (!wait->must_wait)
			return wait;
	return NULL;
}

/*
 * All workers the pool may have wait for this pool: only an error helps. The
 * youngest gets it, so that the oldest keep their place. Those that are must_wait wait
 * for others, one of which is not, or is about to end.
 */
void break_deadlock_locked(struct workpool *pool, struct wp_deferred *deferred)
{
	struct wp_wait *wait;

	lockdep_assert_held(&pool->lock);
	if (!pool->nr_nested ||
	    pool->nr_nested < max(pool->running, pool->limit))
		return;
	wait = youngest_locked(pool);
	if (!wait)
		return;
	pool->counters.deadlocks++;
	if (wait->submits)
		wp_waiter_complete_locked(
			pool, container_of(wait, struct wp_waiter, wait),
			-EDEADLK, deferred);
	else
		wp_wait_complete_locked(pool, wait, -EDEADLK, deferred);
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
int wp_wait_sleep(struct wp_wait *wait)
{
	wait_for_completion(&wait->done);
	return wait->result;
}
