// SPDX-License-Identifier: GPL-2.0
/*
 * Tune: change a pool while it works.
 */

#include "compat.h"
#include "core/lock.h"
#include "pool/attrs.h"
#include "pool/limit.h"
#include "pool/tune.h"
#include "queue/reserve.h"
#include "queue/running.h"
#include "trace.h"
#include "worker/purge.h"

/* Is the capacity fixed? That stays so for the pool's life. */
static bool is_capacity_fixed(struct workpool *pool)
{
	/* Pairs with the write in write_locked(). */
	return READ_ONCE(pool->capacity) == WORKPOOL_UNLIMITED ||
	       (pool->flags & WORKPOOL_F_PREALLOC);
}

static int check_locked(struct workpool *pool, const struct wp_tuning *new)
{
	unsigned int min_workers = pool->min_workers;
	int limit = wp_limit_unpaused(pool);

	if (!wp_pool_is_open(pool))
		return -ESHUTDOWN;
	if (new->mask & WP_TUNE_CAPACITY) {
		if (new->capacity <= 0)
			return -EINVAL;
		if (is_capacity_fixed(pool))
			return -EOPNOTSUPP;
		limit = new->capacity;
	}
	if (new->mask & WP_TUNE_MIN_WORKERS) {
		if (pool->flags & WORKPOOL_F_PREALLOC)
			return -EOPNOTSUPP;
		min_workers = new->min_workers;
	}
	if ((new->mask & WP_TUNE_EXPIRY) && new->expiry_ms < 0)
		return -EINVAL;
	return min_workers <= limit ? 0 : -EINVAL;
}

#define OLD(_name, _member)	._member = pool->_member,

static void read_locked(struct workpool *pool, struct wp_tuning *old)
{
	lockdep_assert_held(&pool->lock);
	*old = (struct wp_tuning){ WP_TUNABLES(OLD) };
}

static void write_locked(struct workpool *pool, const struct wp_tuning *new)
{
	if (new->mask & WP_TUNE_CAPACITY)
		WRITE_ONCE(pool->capacity, new->capacity);
	if (new->mask & WP_TUNE_EXPIRY) {
		pool->expiry_ms = new->expiry_ms ?: WP_DEFAULT_EXPIRY_MS;
		pool->expiry = msecs_to_jiffies(pool->expiry_ms);
	}
	if (new->mask & WP_TUNE_MAX_BLOCKING)
		pool->max_blocking = new->max_blocking;
	if (new->mask & WP_TUNE_MIN_WORKERS)
		pool->min_workers = new->min_workers;
}

/* Apply the new values to the workers. */
static void adjust_locked(struct workpool *pool, struct wp_deferred *deferred)
{
	wp_limit_apply_locked(pool, deferred);
	pool->purge_armed = false;	/* the expiry may have changed */
	wp_purge_arm_locked(pool, deferred);
}

/* Have the memory that a capacity takes. One tune at a time does so. */
static int grow_memory(struct workpool *pool, int capacity)
{
	int err;

	mutex_lock(&pool->lifecycle);
	err = wp_reserve_grow(pool, capacity) ?:
	      wp_running_grow(pool, capacity);
	mutex_unlock(&pool->lifecycle);
	return err;
}

/**
 * wp_tune_apply() - change some attributes, all or none
 * @pool: the pool
 * @new: what to change
 * @old: all values as they were; written on success
 *
 * Context: Process context. May sleep.
 * Return: 0, -ESHUTDOWN, -EINVAL, -EOPNOTSUPP or -ENOMEM.
 */
int wp_tune_apply(struct workpool *pool, const struct wp_tuning *new,
		  struct wp_tuning *old)
{
	struct wp_deferred deferred;
	int err, no_memory = 0;

	/* Memory comes first, even if the pool then turns out to refuse. */
	if ((new->mask & WP_TUNE_CAPACITY) && !is_capacity_fixed(pool))
		no_memory = grow_memory(pool, new->capacity);
	wp_pool_lock(pool, &deferred);
	err = check_locked(pool, new) ?: no_memory;
	if (!err) {
		read_locked(pool, old);
		write_locked(pool, new);
		adjust_locked(pool, &deferred);
		trace_workpool_tune(pool, old->capacity, pool->capacity);
	}
	wp_pool_unlock(pool, &deferred);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(wp_tune_apply);

/**
 * workpool_tune() - change the capacity of a working pool
 * @pool: the pool
 * @capacity: workers at most, > 0
 *
 * The same capacity is no change. Growing serves waiting submitters. Shrinking
 * retires surplus idle workers, the oldest first, and busy ones as they finish;
 * until then workpool_running() is above the capacity, and no idle worker gets
 * a task. Of many submitters or idle workers the first are served, or retired,
 * before this returns, and the others shortly afterwards.
 *
 * Context: Process context. May sleep.
 * Return: 0; -ESHUTDOWN: pool closed; -EINVAL: @capacity is not positive, or
 * below min_workers; -EOPNOTSUPP: unlimited or WORKPOOL_F_PREALLOC; -ENOMEM.
 */
int workpool_tune(struct workpool *pool, int capacity)
{
	struct wp_tuning new = {
		.mask = WP_TUNE_CAPACITY,
		.capacity = capacity,
	};
	struct wp_tuning old;

	might_sleep();
	return wp_tune_apply(pool, &new, &old);
}
EXPORT_SYMBOL_GPL(workpool_tune);
