// SPDX-License-Identifier: GPL-2.0
/*
 * Slots: the places for workers that a pool's capacity allows, and their way
 * from reserved to given up.
 */

#include "internal.h"

int wp_slot_busy_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return pool->running - pool->idle.nr - pool->starting - pool->searching;
}

static void add_running_locked(struct workpool *pool, int nr)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->running, pool->running + nr);
	if (pool->running > pool->counters.peak_running)
		pool->counters.peak_running = pool->running;
}

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
	deferred->actions |= WP_DEFER_SPAWN;
}

/*
 * Take @nr off what is alive. Who waits for the last one is told here, in process
 * context, and not whenever the books of an empty pool are balanced.
 */
void wp_slot_put_locked(struct workpool *pool, int nr,
			struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->alive, pool->alive - nr);
	if (!pool->alive)
		deferred->actions |= WP_DEFER_EVENT;
}

/* Give up to @nr slots back for which no thread is being made yet. */
void wp_slot_trim_locked(struct workpool *pool, int nr,
			 struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	nr = min(nr, pool->to_spawn);
	if (nr <= 0)
		return;
	add_running_locked(pool, -nr);
	WRITE_ONCE(pool->starting, pool->starting - nr);
	wp_slot_put_locked(pool, nr, deferred);
	WRITE_ONCE(pool->to_spawn, pool->to_spawn - nr);
}

/* Starting workers that nothing needs if they cannot be had. */
int wp_queue_unneeded_locked(struct workpool *pool)
{
	int needed = wp_queue_need_locked(pool);

	lockdep_assert_held(&pool->lock);
	if (pool->state == WP_OPEN)
		needed = max(needed, (int)pool->min_workers -
				     (pool->running - pool->starting));
	return pool->starting - needed;
}

/* The worker leaves: its slot is free from here on. */
void wp_slot_retire_locked(struct workpool *pool, struct wp_worker *worker)
{
	lockdep_assert_held(&pool->lock);
	worker->state = WP_WORKER_EXITING;
	worker->since = jiffies;
	add_running_locked(pool, -1);
	pool->counters.retired++;
}

static void retire_cut_locked(struct workpool *pool, struct list_head *cut,
			      struct wp_deferred *deferred)
{
	struct wp_worker *worker;

	if (list_empty(cut))
		return;
	list_for_each_entry(worker, cut, parked.node)
		wp_slot_retire_locked(pool, worker);
	list_splice_tail(cut, wp_deferred_list(deferred, WP_DEFER_LEAVERS,
					       &deferred->leavers));
}

/* Retire up to @nr parked workers, the oldest first. Returns how many. */
int wp_slot_retire_idle_locked(struct workpool *pool, int nr,
			       struct wp_deferred *deferred)
{
	LIST_HEAD(cut);

	lockdep_assert_held(&pool->lock);
	nr = wp_stack_cut_oldest(&pool->idle, nr, &cut);
	retire_cut_locked(pool, &cut, deferred);
	return nr;
}

/* The same, for up to @max that are stale. */
int wp_slot_retire_stale_locked(struct workpool *pool, int max,
				struct wp_deferred *deferred)
{
	LIST_HEAD(cut);
	int nr;

	lockdep_assert_held(&pool->lock);
	nr = wp_stack_cut_stale(&pool->idle, jiffies - pool->expiry, max, &cut);
	retire_cut_locked(pool, &cut, deferred);
	return nr;
}

/* The worker crashed: out of the counts, but for alive. */
void wp_slot_crash_locked(struct workpool *pool, struct wp_worker *worker)
{
	lockdep_assert_held(&pool->lock);
	if (worker->state == WP_WORKER_STARTING)
		WRITE_ONCE(pool->starting, pool->starting - 1);
	if (worker->state != WP_WORKER_EXITING)
		add_running_locked(pool, -1);
	worker->state = WP_WORKER_DEAD;
	worker->since = jiffies;
}
