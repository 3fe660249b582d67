// SPDX-License-Identifier: GPL-2.0
/*
 * Events: threads that wait until a pool has got to a certain state.
 *
 * They wait for different states: no thread is left, or the pool was rebooted
 * since; the first workers are up, or one of them failed; a boot is over. So a
 * thread that is told looks, and may wait again. A slice of them is told at
 * once, the others by the work workpool.rest. They do not keep the pool from
 * ending: that is what most of them wait for.
 */

#include <linux/jiffies.h>

#include "compat.h"
#include "core/deferred.h"
#include "core/event.h"
#include "core/pool.h"
#include "core/wait.h"

/* Returns true when the event came. Otherwise @wait waits with the others. */
static bool event_look(struct workpool *pool, const struct wp_event *event,
		       struct wp_wait *wait)
{
	unsigned long flags;
	bool came;

	raw_spin_lock_irqsave(&pool->lock, flags);
	came = event->came_locked(pool, event);
	if (!came)
		wp_wait_add_locked(pool, wait, &pool->events);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return came;
}

/* The time is over. Returns true when the event came all the same. */
static bool event_give_up(struct workpool *pool, const struct wp_event *event,
			  struct wp_wait *wait)
{
	unsigned long flags;
	bool came, told;

	raw_spin_lock_irqsave(&pool->lock, flags);
	came = event->came_locked(pool, event);
	told = !wp_wait_give_up_locked(pool, wait, -ETIMEDOUT);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	if (told)
		wp_wait_sleep(wait);
	return came;
}

/**
 * wp_event_wait() - wait until a pool has got to a certain state
 * @pool: the pool
 * @event: the state
 * @state: of the thread. In a pool that may freeze it may freeze as well
 * @timeout: in jiffies
 *
 * Context: Process context. May sleep.
 * Return: more than 0; 0: @timeout passed; %-ERESTARTSYS: killed.
 */
long wp_event_wait(struct workpool *pool, const struct wp_event *event,
		   unsigned int state, long timeout)
{
	u64 since = get_jiffies_64();
	struct wp_wait wait;

	do {
		wp_wait_init(&wait, event->kind, NULL);
		wait.since = since;
		if (event_look(pool, event, &wait))
			return 1;
		timeout = wp_wait_done(&wait.done, state | wait.state, timeout);
	} while (timeout > 0);
	return event_give_up(pool, event, &wait) ? 1 : timeout;
}

/* Something changed that a thread may wait for. */
void wp_event_tell_locked(struct workpool *pool, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	list_splice_tail_init(&pool->events, &pool->told);
	if (wp_event_slice_locked(pool, deferred))
		deferred->actions |= WP_DEFER_REST;
}
EXPORT_SYMBOL_IF_KUNIT(wp_event_tell_locked);

/* Tell a slice of them. Returns true when more are to be told. */
bool wp_event_slice_locked(struct workpool *pool, struct wp_deferred *deferred)
{
	struct wp_wait *wait;

	lockdep_assert_held(&pool->lock);
	while (!list_empty(&pool->told)) {
		if (!wp_wait_room(deferred))
			return true;
		wait = list_first_entry(&pool->told, struct wp_wait, link);
		wp_wait_complete_locked(pool, wait, 0, deferred);
	}
	return false;
}
