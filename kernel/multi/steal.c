// SPDX-License-Identifier: GPL-2.0
/*
 * Stealing: an idle pool of a multi takes queued embedded tasks over from a
 * busy one.
 *
 * It happens (a) when a worker parks, into its pool; (b) when
 * workpool_multi_queue() queued a task behind busy workers, into a sibling that
 * has a parked worker or may start one. No two locks are held at once. The task
 * stays pending while it moves. Until it is linked again, the pool that it
 * comes from cannot end, as the task may have to go back.
 */

#include "core/lock.h"
#include "core/pool.h"
#include "core/slice.h"
#include "core/slot.h"
#include "multi/multi.h"
#include "multi/steal.h"
#include "queue/color.h"
#include "task/link.h"

/*
 * Is more queued than workers are on their way to, with none parked and none to
 * start? The reads pair with the writes under the lock. The caller rechecks
 * under the lock.
 */
static bool has_backlog(struct workpool *pool)
{
	int coming = READ_ONCE(pool->searching) + READ_ONCE(pool->starting);

	return READ_ONCE(pool->queued) > coming && !READ_ONCE(pool->idle.nr) &&
	       READ_ONCE(pool->running) >= READ_ONCE(pool->limit);
}

/* Also lockless: give_task() rechecks under the lock that the pool is open. */
static bool has_empty_queue(struct workpool *pool)
{
	return wp_pool_is_open(pool) && !READ_ONCE(pool->queued);
}

/* Unlink the oldest task that may go, of the first slice of the queue. */
static struct workpool_task *unlink_task_locked(struct workpool *pool)
{
	struct workpool_node *node;
	int nr = 0;

	if (!has_backlog(pool) || atomic_read(&pool->multi->flushing))
		return NULL;
	list_for_each_entry(node, &pool->queue, entry) {
		/* Another entry comes first, or enough was looked at. */
		if (node->kind != WP_TASK || nr++ == WP_SLICE)
			return NULL;
		/* What threads flush stays where they wait. */
		if (node->color != wp_color_mark_locked(pool))
			continue;
		if (wp_link_steal_locked(pool, wp_node_task(node)))
			return wp_node_task(node);
	}
	return NULL;
}

static struct workpool_task *steal_begin(struct workpool *from)
{
	struct workpool_task *task;
	unsigned long flags;

	wp_pool_lock_irqsave(from, &flags);
	task = unlink_task_locked(from);
	if (task) {
		/* This is done under the lock for totals_begin(). */
		atomic_inc(&from->multi->moves_begun);
		from->counters[WP_COUNT_SUBMITTED]--;
		from->nr_moving++;
		wp_slot_get_locked(from);
	}
	raw_spin_unlock_irqrestore(&from->lock, flags);
	return task;
}

/* Returns false when @to was closed, or is paused. */
static bool give_task(struct workpool *to, struct workpool_task *task)
{
	struct wp_deferred deferred;
	bool open;

	wp_pool_lock(to, &deferred);
	/* The limit of a paused pool is 0. */
	open = wp_pool_is_open(to) && to->limit;
	if (open) {
		to->counters[WP_COUNT_SUBMITTED]++;
		to->counters[WP_COUNT_STOLEN]++;
		wp_link_moved_locked(to, task, false);
		wp_queue_kick_locked(to, &deferred);
	}
	wp_pool_unlock(to, &deferred);
	return open;
}

/*
 * Put @task back with its old color: a thread that began to flush meanwhile
 * still waits for it.
 */
static void put_back_locked(struct workpool *from, struct workpool_task *task,
			    u8 color)
{
	lockdep_assert_held(&from->lock);
	from->counters[WP_COUNT_SUBMITTED]++;
	wp_link_moved_locked(from, task, true);
	task->node.color = color;
}

/* @color: what it had in @from. */
static void steal_end(struct workpool *from, struct workpool_task *task,
		      u8 color, bool moved)
{
	struct wp_deferred deferred;

	wp_pool_lock(from, &deferred);
	from->nr_moving--;
	/* This precedes the put of the slot: a queued task keeps the pool. */
	if (moved)
		wp_color_leave_locked(from, color, &deferred);
	else
		put_back_locked(from, task, color);
	wp_queue_balance_locked(from, &deferred);
	wp_slot_put_locked(from, 1, &deferred);
	wp_pool_unlock(from, &deferred);
}

/*
 * Interrupts are off while the pending task is not linked: see "Embedded
 * tasks". Once it has moved, @from may end, and a thread that waits for that is
 * woken with interrupts on.
 */
static bool steal_one(struct workpool *from, struct workpool *to)
{
	struct workpool_multi *multi = from->multi;
	struct workpool_task *task;
	unsigned long flags;
	bool moved = false;
	u8 color;

	local_irq_save(flags);
	task = steal_begin(from);
	if (task) {
		color = task->node.color;
		moved = give_task(to, task);
		if (!moved)
			steal_end(from, task, color, moved);
		/* Pairs with the acquire in totals_begin(). */
		atomic_fetch_inc_release(&multi->moves_ended);
	}
	local_irq_restore(flags);
	if (moved)
		steal_end(from, task, color, moved);
	return moved;
}

/* A worker of @pool found nothing to do there, and parked. */
void wp_steal_for(struct workpool *pool)
{
	struct workpool_multi *multi = pool->multi;
	/* Pairs with the release in add_pool(). */
	unsigned int nr = smp_load_acquire(&multi->nr), i;

	/*
	 * Order the store that parked the worker before the loads of the other
	 * pools. Pairs with wp_steal_relieve(): it or this one sees the other.
	 */
	smp_mb();
	for (i = 1; i < nr; i++) {
		struct workpool *from = multi->pools[(pool->index + i) % nr];

		if (has_backlog(from) && steal_one(from, pool))
			return;
	}
}

static bool has_parked_worker(struct workpool *pool)
{
	return has_empty_queue(pool) && READ_ONCE(pool->idle.nr) > 0;
}

static bool may_start_worker(struct workpool *pool)
{
	return has_empty_queue(pool) &&
	       READ_ONCE(pool->running) < READ_ONCE(pool->limit);
}

/* Move a task of @pool to the first sibling that is @fit for it. */
static bool give_to_sibling(struct workpool *pool,
			    bool (*fit)(struct workpool *to))
{
	struct workpool_multi *multi = pool->multi;
	unsigned int i;

	for (i = 1; i < multi->nr; i++) {
		struct workpool *to;

		to = multi->pools[(pool->index + i) % multi->nr];
		if (fit(to) && steal_one(pool, to))
			return true;
	}
	return false;
}

/* A task was queued in @pool: a sibling may have a worker for it. */
void wp_steal_relieve(struct workpool *pool)
{
	if (!has_backlog(pool))
		return;
	/*
	 * Order the store that queued the task before the loads of the other
	 * pools. Pairs with wp_steal_for().
	 */
	smp_mb();
	if (!give_to_sibling(pool, has_parked_worker))
		give_to_sibling(pool, may_start_worker);
}
