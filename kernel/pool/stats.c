// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics: the lockless getters, and the snapshot that ioctl and debugfs
 * show.
 */

#include "core/pool.h"
#include "core/slot.h"

/* READ_ONCE() in the getters pairs with WRITE_ONCE() under the pool's lock. */

/**
 * workpool_capacity() - workers a pool may have
 * @pool: the pool
 *
 * Context: Any.
 * Return: the capacity, or WORKPOOL_UNLIMITED.
 */
int workpool_capacity(struct workpool *pool)
{
	return READ_ONCE(pool->capacity);
}
EXPORT_SYMBOL_GPL(workpool_capacity);

/**
 * workpool_running() - workers a pool has: idle, busy and being started
 * @pool: the pool
 *
 * Context: Any.
 * Return: how many.
 */
int workpool_running(struct workpool *pool)
{
	return READ_ONCE(pool->running);
}
EXPORT_SYMBOL_GPL(workpool_running);

/**
 * workpool_available() - workers a pool may still add; Free() of ants
 * @pool: the pool
 *
 * Context: Any.
 * Return: capacity - running, never negative; -1 for an unlimited pool.
 */
int workpool_available(struct workpool *pool)
{
	int capacity = workpool_capacity(pool);

	if (capacity == WORKPOOL_UNLIMITED)
		return -1;
	return max(capacity - workpool_running(pool), 0);
}
EXPORT_SYMBOL_GPL(workpool_available);

/**
 * workpool_waiting() - submitters that wait for a worker
 * @pool: the pool
 *
 * Context: Any.
 * Return: how many.
 */
int workpool_waiting(struct workpool *pool)
{
	return READ_ONCE(pool->waiting);
}
EXPORT_SYMBOL_GPL(workpool_waiting);

/**
 * workpool_idle() - workers that wait for a task
 * @pool: the pool
 *
 * Context: Any.
 * Return: how many.
 */
int workpool_idle(struct workpool *pool)
{
	return READ_ONCE(pool->idle.nr);
}
EXPORT_SYMBOL_GPL(workpool_idle);

/**
 * workpool_busy() - workers that execute a task
 * @pool: the pool
 *
 * Context: Any but NMI.
 * Return: how many.
 */
int workpool_busy(struct workpool *pool)
{
	unsigned long flags;
	int busy;

	raw_spin_lock_irqsave(&pool->lock, flags);
	busy = wp_slot_busy_locked(pool);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return busy;
}
EXPORT_SYMBOL_GPL(workpool_busy);

/**
 * workpool_is_closed() - was a pool released, and not rebooted since?
 * @pool: the pool
 *
 * Context: Any.
 * Return: true if submits fail with -ESHUTDOWN.
 */
bool workpool_is_closed(struct workpool *pool)
{
	return !wp_pool_is_open(pool);
}
EXPORT_SYMBOL_GPL(workpool_is_closed);

static void snapshot_locked(struct workpool *pool, struct workpool_stats *out)
{
	*out = pool->counters;
	out->capacity = pool->capacity;
	out->running = pool->running;
	out->busy = wp_slot_busy_locked(pool);
	out->idle = pool->idle.nr + pool->searching;
	out->starting = pool->starting;
	out->alive = pool->alive;
	out->waiting = pool->waiting;
	out->queued = pool->queued + pool->nr_rerun;
	out->delayed = pool->nr_delayed;
	out->queue_depth = pool->queue_depth;
	out->expiry_ms = pool->expiry_ms;
	out->max_blocking = pool->max_blocking;
	out->min_workers = pool->min_workers;
	out->closed = !wp_pool_is_open(pool);
}

/**
 * workpool_stats() - take a consistent snapshot of a pool
 * @pool: the pool
 * @out: gets it
 *
 * Context: Any but NMI.
 */
void workpool_stats(struct workpool *pool, struct workpool_stats *out)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	snapshot_locked(pool, out);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}
EXPORT_SYMBOL_GPL(workpool_stats);
