// SPDX-License-Identifier: GPL-2.0
/*
 * Waits: threads that sleep until something is decided under a pool's lock.
 */

#include "compat.h"
#include "core/deferred.h"
#include "core/pool.h"
#include "core/wait.h"
#include "core/worker.h"

void wp_wait_init(struct wp_wait *wait)
{
	INIT_LIST_HEAD(&wait->link);
	INIT_LIST_HEAD(&wait->nested);
	init_completion(&wait->done);
	wait->result = -EINPROGRESS;
	wait->is_waiter = false;
	wait->must_wait = false;
	wait->assists = false;
	wait->again = false;
	wait->wake = &wait->done;
}
EXPORT_SYMBOL_IF_KUNIT(wp_wait_init);

/* Does a worker run here that holds one of the pool's slots? */
bool wp_wait_is_nested(struct workpool *pool)
{
	struct wp_worker *worker = wp_worker_current();

	return worker && worker->pool == pool &&
	       (worker->state == WP_WORKER_BUSY ||
		worker->state == WP_WORKER_STARTING);
}

/* Wait with the others in @list. After a nested wait the caller balances. */
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

/* Take a wait that is not decided off its lists. */
void wp_wait_remove_locked(struct workpool *pool, struct wp_wait *wait)
{
	lockdep_assert_held(&pool->lock);
	list_del_init(&wait->link);
	if (!list_empty(&wait->nested)) {
		list_del_init(&wait->nested);
		WRITE_ONCE(pool->nr_nested, pool->nr_nested - 1);
	}
}

/* Decide: the thread gets @result, and is woken after the unlock. */
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

/* Sleep until there is a decision, and return it. Not killable. */
int wp_wait_sleep(struct wp_wait *wait)
{
	wait_for_completion(&wait->done);
	return wait->result;
}
