// SPDX-License-Identifier: GPL-2.0
/*
 * Waits: threads that sleep until something is decided under a pool's lock.
 */

#include <linux/swait.h>

#include "compat.h"
#include "core/deferred.h"
#include "core/pool.h"
#include "core/wait.h"
#include "core/worker.h"

void wp_wait_init(struct wp_wait *wait, enum wp_wait_kind kind, void *fn)
{
	wait->kind = kind;
	wait->fn = fn;
	wait->thread = current;
	wait->since = jiffies;
	INIT_LIST_HEAD(&wait->link);
	INIT_LIST_HEAD(&wait->nested);
	init_completion(&wait->done);
	wait->result = -EINPROGRESS;
	wait->is_waiter = false;
	wait->must_wait = false;
	wait->assists = false;
	wait->again = false;
	wait->state = 0;
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

/* The thread waits for wp_wait_event(), which decides nothing. */
void wp_wait_show(struct workpool *pool, struct wp_wait *wait)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	list_add_tail(&wait->entry, &pool->waits);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/* The wait is over. */
void wp_wait_hide(struct workpool *pool, struct wp_wait *wait)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	list_del(&wait->entry);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/* Wait with the others in @list. After a nested wait the caller balances. */
void wp_wait_add_locked(struct workpool *pool, struct wp_wait *wait,
			struct list_head *list, bool nested)
{
	lockdep_assert_held(&pool->lock);
	wait->state = wp_wait_state(pool);
	list_add_tail(&wait->entry, &pool->waits);
	list_add_tail(&wait->link, list);
	if (nested) {
		list_add_tail(&wait->nested, &pool->nested);
		pool->nr_nested++;
	}
}

/* Take a wait that is not decided off its lists. */
void wp_wait_remove_locked(struct workpool *pool, struct wp_wait *wait)
{
	lockdep_assert_held(&pool->lock);
	list_del_init(&wait->link);
	list_del(&wait->entry);
	if (!list_empty(&wait->nested)) {
		list_del_init(&wait->nested);
		pool->nr_nested--;
	}
}

/* Decide: the thread gets @result, and is woken after the unlock. */
void wp_wait_complete_locked(struct workpool *pool, struct wp_wait *wait,
			     int result, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	wp_wait_remove_locked(pool, wait);
	WRITE_ONCE(wait->result, result);
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

/**
 * wp_wait_state() - may the freezer take a thread that waits for a pool?
 * @pool: the pool
 *
 * It has to while the workers may be frozen that the thread waits for. Other
 * workers go on, and the wait ends. The thread may hold a lock that another one
 * needs before that can freeze.
 *
 * lockdep takes the maps that a worker holds for locks.
 *
 * Context: Any.
 * Return: %TASK_FREEZABLE, or 0.
 */
unsigned int wp_wait_state(struct workpool *pool)
{
	if (!(pool->flags & WORKPOOL_F_FREEZABLE))
		return 0;
	return wp_worker_current() ? TASK_FREEZABLE_UNSAFE : TASK_FREEZABLE;
}

/**
 * wp_wait_done() - wait_for_completion_timeout() in a state of choice
 * @done: what to wait for
 * @state: of the thread
 * @timeout: in jiffies
 *
 * Context: Process context. May sleep.
 * Return: more than 0; 0: @timeout passed; %-ERESTARTSYS: killed.
 */
long wp_wait_done(struct completion *done, unsigned int state, long timeout)
{
	return ___swait_event(done->wait,
			      ___wait_cond_timeout(try_wait_for_completion(done)),
			      state, timeout, __ret = schedule_timeout(__ret));
}

/* Sleep until there is a decision, and return it. Not killable. */
int wp_wait_sleep(struct wp_wait *wait)
{
	wp_wait_done(&wait->done, TASK_UNINTERRUPTIBLE | wait->state,
		     MAX_SCHEDULE_TIMEOUT);
	return wait->result;
}
