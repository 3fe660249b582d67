// SPDX-License-Identifier: GPL-2.0
/*
 * Tune: change a pool while it works.
 */

#include "internal.h"
#include "trace.h"

static bool tuning_valid(struct workpool *pool, const struct wp_tuning *new)
{
	int capacity = pool->limit;
	unsigned int min_workers = pool->min_workers;

	if (new->mask & WP_TUNE_CAPACITY) {
		if (new->capacity <= 0)
			return false;
		capacity = new->capacity;
	}
	if (new->mask & WP_TUNE_MIN_WORKERS)
		min_workers = new->min_workers;
	if ((new->mask & WP_TUNE_EXPIRY) && new->expiry_ms < 0)
		return false;
	return min_workers <= capacity;
}

/* Nothing changes whether the capacity of a pool can change. */
static bool is_fixed(struct workpool *pool)
{
	return READ_ONCE(pool->capacity) == WORKPOOL_UNLIMITED ||
	       (pool->flags & WORKPOOL_F_PREALLOC);
}

static int check_locked(struct workpool *pool, const struct wp_tuning *new)
{
	if (pool->state != WP_OPEN)
		return -ESHUTDOWN;
	if ((new->mask & WP_TUNE_CAPACITY) && new->capacity <= 0)
		return -EINVAL;
	if ((new->mask & WP_TUNE_CAPACITY) && is_fixed(pool))
		return -EOPNOTSUPP;
	if ((new->mask & WP_TUNE_MIN_WORKERS) &&
	    (pool->flags & WORKPOOL_F_PREALLOC))
		return -EOPNOTSUPP;
	return tuning_valid(pool, new) ? 0 : -EINVAL;
}

static void read_locked(struct workpool *pool, struct wp_tuning *old)
{
	old->capacity = pool->capacity;
	old->expiry_ms = pool->expiry_ms;
	old->max_blocking = pool->max_blocking;
	old->min_workers = pool->min_workers;
}

static void write_locked(struct workpool *pool, const struct wp_tuning *new)
{
	if (new->mask & WP_TUNE_CAPACITY) {
		WRITE_ONCE(pool->capacity, new->capacity);
		WRITE_ONCE(pool->limit, new->capacity);
	}
	if (new->mask & WP_TUNE_EXPIRY) {
		pool->expiry_ms = new->expiry_ms ?: WP_DEFAULT_EXPIRY_MS;
		pool->expiry = msecs_to_jiffies(pool->expiry_ms);
	}
	if (new->mask & WP_TUNE_MAX_BLOCKING)
		pool->max_blocking = new->max_blocking;
	if (new->mask & WP_TUNE_MIN_WORKERS)
		pool->min_workers = new->min_workers;
}

/*
 * What the new values mean for the workers there are. Surplus goes at once
 * where it is idle or not even a thread yet; where it is busy, as it finishes.
 */
static void adjust_locked(struct workpool *pool, struct wp_deferred *deferred)
{
	int surplus = pool->running - pool->limit;

	if (surplus > 0)
		surplus -= wp_slot_retire_idle_locked(pool, surplus, deferred);
	wp_slot_trim_locked(pool, surplus, deferred);
	wp_queue_balance_locked(pool, deferred);
	pool->purge_armed = false;	/* the expiry may have changed */
	wp_purge_arm_locked(pool, deferred);
}

/**
 * wp_tune_apply() - change some attributes, all or none
 * @pool: the pool
 * @new: what to change
 * @old: all four values as they were; written on success
 *
 * Context: Process context. May sleep.
 * Return: 0, -ESHUTDOWN, -EINVAL, -EOPNOTSUPP or -ENOMEM.
 */
int wp_tune_apply(struct workpool *pool, const struct wp_tuning *new,
		  struct wp_tuning *old)
{
	struct wp_deferred deferred;
	int err = 0;

	/* Memory first, even if the pool then turns out to refuse. */
	if ((new->mask & WP_TUNE_CAPACITY) && new->capacity > 0 &&
	    !is_fixed(pool))
		err = wp_reserve_grow(pool, new->capacity);
	wp_pool_lock(pool, &deferred);
	if (pool->state == WP_OPEN && err) {
		wp_pool_unlock(pool, &deferred);
		return err;
	}
	err = check_locked(pool, new);
	if (!err) {
		read_locked(pool, old);
		write_locked(pool, new);
		adjust_locked(pool, &deferred);
	}
	wp_pool_unlock(pool, &deferred);
	if (!err)
		trace_workpool_tune(pool, old->capacity, pool->capacity);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(wp_tune_apply);

/**
 * workpool_tune() - change the capacity of a working pool
 * @pool: the pool
 * @capacity: workers at most, > 0
 *
 * The same capacity is no change. Growing serves waiting submitters at once.
 * Shrinking retires surplus idle workers at once, the oldest first, and busy
 * ones as they finish; until then workpool_running() is above the capacity.
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
