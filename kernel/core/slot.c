// SPDX-License-Identifier: GPL-2.0
/*
 * Slots: the places for workers that a pool's capacity allows.
 *
 * A slot is reserved, then taken by a thread that makes or adopts a worker for
 * it, then filled with that worker. When the worker retires or crashes the slot
 * is free for another one: workpool.running drops. When the thread of the
 * worker has nothing to do with the pool any more, workpool.alive drops.
 */

#include <linux/jiffies.h>

#include "compat.h"
#include "core/deferred.h"
#include "core/event.h"
#include "core/histogram.h"
#include "core/pace.h"
#include "core/ref.h"
#include "core/slot.h"
#include "core/worker.h"
#include "trace.h"

/* Workers that are up. A slot whose worker is still to come does no work. */
int wp_slot_live_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return pool->running - pool->starting;
}

/* Workers that have a task. */
int wp_slot_busy_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return pool->running - pool->idle.nr - pool->starting - pool->searching;
}

/* @nr starts are over. Which of them were overdue is not known. */
void wp_slot_end_starts_locked(struct workpool *pool, int nr)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->starting, pool->starting - nr);
	pool->overdue = min(pool->overdue, pool->starting);
}

static void add_running_locked(struct workpool *pool, int nr)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->running, pool->running + nr);
	if (pool->running > pool->peak_running)
		pool->peak_running = pool->running;
}

/* Reserve @nr slots, or as many as the limit allows. */
void wp_slot_reserve_locked(struct workpool *pool, int nr,
			    struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	nr = min(nr, pool->limit - pool->running);
	if (nr <= 0)
		return;
	add_running_locked(pool, nr);
	WRITE_ONCE(pool->starting, pool->starting + nr);
	WRITE_ONCE(pool->alive, pool->alive + nr);
	WRITE_ONCE(pool->to_spawn, pool->to_spawn + nr);
	wp_histogram_reserve_locked(pool, nr);
	deferred->actions |= WP_DEFER_SPAWN;
}

/* Give back up to @nr slots for which no thread is being made yet. */
void wp_slot_trim_locked(struct workpool *pool, int nr,
			 struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	nr = min(nr, pool->to_spawn);
	if (nr <= 0)
		return;
	add_running_locked(pool, -nr);
	wp_slot_end_starts_locked(pool, nr);
	WRITE_ONCE(pool->to_spawn, pool->to_spawn - nr);
	wp_histogram_trim_locked(pool, nr);
	wp_slot_put_locked(pool, nr, deferred);
}

/**
 * wp_slot_take() - take a reserved slot, to get a worker for it
 * @pool: the pool
 * @adopts: the worker comes from the cache
 * @slot: gets the number of the worker, and when the slot was reserved, for
 *	histograms
 *
 * Context: Any but NMI.
 * Return: true; false when no slot wants a thread, or it is too early for one.
 */
bool wp_slot_take(struct workpool *pool, bool adopts, struct wp_slot *slot)
{
	unsigned long flags;
	bool taken;
	u64 now;

	raw_spin_lock_irqsave(&pool->lock, flags);
	now = get_jiffies_64();
	taken = pool->to_spawn > 0 &&
		!(adopts ? wp_pace_wait_adopt(&pool->pace, now) :
			   wp_pace_wait(&pool->pace, now));
	if (taken) {
		wp_pace_start(&pool->pace, now);
		WRITE_ONCE(pool->to_spawn, pool->to_spawn - 1);
		slot->id = pool->next_worker++;
		slot->reserved_ns = wp_histogram_take_locked(pool);
	}
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return taken;
}

/**
 * wp_slot_fill() - give a taken slot its worker
 * @pool: the pool
 * @worker: the worker, whose thread does not run yet, or is parked in the cache
 * @slot: from wp_slot_take()
 * @adopted: the worker comes from the cache
 *
 * Context: Any but NMI.
 */
void wp_slot_fill(struct workpool *pool, struct wp_worker *worker,
		  const struct wp_slot *slot, bool adopted)
{
	unsigned long flags;

	wp_pool_get(pool);
	worker->pool = pool;

	raw_spin_lock_irqsave(&pool->lock, flags);
	worker->id = slot->id;
	worker->reserved_ns = slot->reserved_ns;
	worker->state = WP_WORKER_STARTING;
	worker->since = jiffies;
	WRITE_ONCE(worker->done, 0);
	worker->call = (struct wp_call){};
	wp_lease_init(&worker->lease);
	INIT_LIST_HEAD(&worker->inner);
	worker->nr_inner = 0;
	worker->rerun = NULL;
	worker->rerun_to = NULL;
	worker->on_end = NULL;
	INIT_LIST_HEAD(&worker->flushers);
	list_add_tail(&worker->attached, &pool->workers);
	if (adopted)
		pool->counters[WP_COUNT_ADOPTED]++;
	else
		pool->counters[WP_COUNT_SPAWNED]++;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	trace_workpool_spawn(pool, worker, adopted);
}

/* The worker leaves: its slot is free for another one from here on. */
void wp_slot_retire_locked(struct workpool *pool, struct wp_worker *worker)
{
	lockdep_assert_held(&pool->lock);
	worker->state = WP_WORKER_EXITING;
	worker->since = jiffies;
	add_running_locked(pool, -1);
	pool->counters[WP_COUNT_RETIRED]++;
}

static void retire_cut_locked(struct workpool *pool, struct list_head *cut,
			      struct wp_deferred *deferred)
{
	struct wp_worker *worker, *next;

	list_for_each_entry_safe(worker, next, cut, parked.node) {
		wp_slot_retire_locked(pool, worker);
		list_del(&worker->parked.node);
		wp_deferred_add(deferred, WP_DEFER_LEAVE, &deferred->leavers,
				&worker->parked.node);
	}
}

/* The number of workers that may retire under this hold of the lock. */
static int room_to_retire(const struct wp_deferred *deferred)
{
	return wp_deferred_room(deferred, WP_DEFER_LEAVE, &deferred->leavers);
}

/*
 * Retire @nr parked workers, the oldest first, or as many as there are, but no
 * more than a slice. The rest is left to workpool.rest, which balances.
 */
void wp_slot_retire_idle_locked(struct workpool *pool, int nr,
				struct wp_deferred *deferred)
{
	int room = room_to_retire(deferred);
	LIST_HEAD(cut);

	lockdep_assert_held(&pool->lock);
	wp_stack_cut_oldest(&pool->idle, min(nr, room), &cut);
	retire_cut_locked(pool, &cut, deferred);
	if (nr > room && pool->idle.nr)
		wp_slice_rest_locked(pool, deferred);
}

/*
 * Retire up to @max stale workers, the oldest first, and no more than a slice.
 * Returns how many.
 */
int wp_slot_retire_stale_locked(struct workpool *pool, int max,
				struct wp_deferred *deferred)
{
	LIST_HEAD(cut);
	int nr;

	lockdep_assert_held(&pool->lock);
	max = min(max, room_to_retire(deferred));
	nr = wp_stack_cut_stale(&pool->idle, get_jiffies_64() - pool->expiry,
				max, &cut);
	retire_cut_locked(pool, &cut, deferred);
	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(wp_slot_retire_stale_locked);

/* The worker crashed: it is out of the counts, but for workpool.alive. */
void wp_slot_crash_locked(struct workpool *pool, struct wp_worker *worker)
{
	lockdep_assert_held(&pool->lock);
	if (worker->state == WP_WORKER_STARTING)
		wp_slot_end_starts_locked(pool, 1);
	if (worker->state != WP_WORKER_EXITING)
		add_running_locked(pool, -1);
	worker->state = WP_WORKER_DEAD;
	worker->since = jiffies;
}

/* Keep the pool from ending, as one more thread of it would. */
void wp_slot_get_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->alive, pool->alive + 1);
}

/*
 * Subtract @nr from workpool.alive. Threads that wait for zero are told here
 * rather than in wp_queue_balance_locked(), which also runs for an empty pool.
 */
void wp_slot_put_locked(struct workpool *pool, int nr,
			struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->alive, pool->alive - nr);
	if (pool->alive)
		return;
	wp_event_tell_locked(pool, deferred);
	if (wp_notice_wanted() && wp_pool_is_closed(pool))
		wp_notice_simple(pool, WP_NOTICE_CLOSED);
}
