// SPDX-License-Identifier: GPL-2.0
/*
 * Stealing: an idle pool of a multi takes queued embedded tasks over from a busy
 * one.
 *
 * It happens when a worker has parked, for its pool, and when a task was queued
 * in a pool whose workers are all busy, for a sibling with a parked worker, or
 * else one that may have more workers. No two locks are held at once: the task
 * stays claimed while it moves, and the pool it comes from cannot end, as the
 * task may have to go back.
 */

#include "internal.h"

/*
 * More is queued than workers are on their way to it. Pairs with the writes under
 * the lock; whoever acts on it looks again.
 */
static bool is_overloaded(struct workpool *pool)
{
	int coming = READ_ONCE(pool->searching) + READ_ONCE(pool->starting);

	return READ_ONCE(pool->queued) > coming && !READ_ONCE(pool->idle.nr) &&
	       READ_ONCE(pool->running) >= READ_ONCE(pool->limit);
}

/* The same. */
static bool has_nothing_to_do(struct workpool *pool)
{
	return READ_ONCE(pool->state) == WP_OPEN && !READ_ONCE(pool->queued);
}

static bool has_parked(struct workpool *pool)
{
	return has_nothing_to_do(pool) && READ_ONCE(pool->idle.nr) > 0;
}

static bool may_grow(struct workpool *pool)
{
	return has_nothing_to_do(pool) &&
	       READ_ONCE(pool->running) < READ_ONCE(pool->limit);
}

/* The oldest task that may go, out of the line. */
static struct workpool_task *take_locked(struct workpool *pool)
{
	struct workpool_node *node;

	/* Who flushes a task waits in this pool. */
	if (!is_overloaded(pool) || !list_empty(&pool->flushers))
		return NULL;
	list_for_each_entry(node, &pool->queue, entry) {
		if (node->kind != WP_TASK)
			return NULL;	/* others have the same right to be next */
		if (wp_link_steal_locked(pool, wp_task_at(node)))
			return wp_task_at(node);
	}
	return NULL;
}

static struct workpool_task *begin(struct workpool *from)
{
	struct workpool_task *task;
	unsigned long flags;

	raw_spin_lock_irqsave(&from->lock, flags);
	task = take_locked(from);
	if (task)
		WRITE_ONCE(from->alive, from->alive + 1);
	raw_spin_unlock_irqrestore(&from->lock, flags);
	return task;
}

/* Returns false when @to was closed. */
static bool give(struct workpool *to, struct workpool_task *task)
{
	struct wp_deferred deferred;
	bool open;

	wp_pool_lock(to, &deferred);
	open = to->state == WP_OPEN;
	if (open) {
		to->counters.submitted++;
		to->counters.stolen++;
		wp_link_queue_locked(to, task, false, &deferred);
	}
	wp_pool_unlock(to, &deferred);
	return open;
}

static void end(struct workpool *from, struct workpool_task *task, bool moved)
{
	struct wp_deferred deferred;

	wp_pool_lock(from, &deferred);
	wp_slot_put_locked(from, 1, &deferred);
	if (moved)
		from->counters.submitted--;
	else
		wp_link_queue_locked(from, task, true, &deferred);
	wp_queue_balance_locked(from, &deferred);
	wp_pool_unlock(from, &deferred);
}

/*
 * The claim of the moving task must not be interrupted: see task.c. Once it has
 * moved @from may end, and whoever waits for that is woken with interrupts on.
 */
static bool steal(struct workpool *from, struct workpool *to)
{
	struct workpool_task *task;
	unsigned long flags;
	bool moved = false;

	local_irq_save(flags);
	task = begin(from);
	if (task) {
		moved = give(to, task);
		if (!moved)
			end(from, task, moved);
	}
	local_irq_restore(flags);
	if (moved)
		end(from, task, moved);
	return moved;
}

/* A worker of @pool found nothing to do there, and parked. */
void wp_steal_for(struct workpool *pool)
{
	struct workpool_multi *multi = pool->multi;
	/* Pairs with the release in add_pool(). */
	unsigned int nr = smp_load_acquire(&multi->nr), i;

	for (i = 1; i < nr; i++) {
		struct workpool *from = multi->pools[(pool->index + i) % nr];

		if (is_overloaded(from) && steal(from, pool))
			return;
	}
}

static bool give_to(struct workpool *pool, bool (*can)(struct workpool *to))
{
	struct workpool_multi *multi = pool->multi;
	unsigned int i;

	for (i = 1; i < multi->nr; i++) {
		struct workpool *to;

		to = multi->pools[(pool->index + i) % multi->nr];
		if (can(to) && steal(pool, to))
			return true;
	}
	return false;
}

/* A task was queued in @pool: a sibling may have a worker for it. */
void wp_steal_relieve(struct workpool *pool)
{
	if (is_overloaded(pool) && !give_to(pool, has_parked))
		give_to(pool, may_grow);
}
