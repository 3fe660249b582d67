// SPDX-License-Identifier: GPL-2.0
/*
 * The limit: how many workers a pool may have at the moment. It is the
 * capacity, or max_workers of an unlimited pool, and 0 while the pool is
 * paused.
 */

#include <linux/capability.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/stringify.h>

#include "compat.h"
#include "core/busy.h"
#include "core/lock.h"
#include "core/lookup.h"
#include "core/module.h"
#include "core/pool.h"
#include "core/ref.h"
#include "core/slot.h"
#include "pool/limit.h"
#include "queue/queue.h"
#include "queue/reserve.h"

/*
 * Held while max_workers changes, while a new pool gets its attributes, its
 * number and its memory, and while min_workers or queue_depth are tuned: the
 * pool has the new value or gets it, with the memory for both.
 */
static DEFINE_MUTEX(limit_mutex);

void wp_limit_lock(void)
{
	mutex_lock(&limit_mutex);
}

int wp_limit_lock_killable(void)
{
	return mutex_lock_killable(&limit_mutex);
}

void wp_limit_unlock(void)
{
	mutex_unlock(&limit_mutex);
}

/* The limit of a pool that is not paused. */
int wp_limit_unpaused(struct workpool *pool)
{
	/* Pairs with the writes under the lock, and of max_workers. */
	int capacity = READ_ONCE(pool->capacity);

	return capacity == WORKPOOL_UNLIMITED ? READ_ONCE(wp_max_workers) :
						capacity;
}

/* What the limit depends on has changed. The caller balances. */
void wp_limit_update_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->limit, pool->paused ? 0 : wp_limit_unpaused(pool));
}

/*
 * Update the limit, and let the workers follow. A surplus that is not even a
 * thread yet leaves first, then one that is idle: see
 * wp_queue_balance_locked(). A busy surplus leaves as it finishes, and one that
 * starts when it is up.
 */
void wp_limit_apply_locked(struct workpool *pool, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	wp_limit_update_locked(pool);
	wp_slot_trim_locked(pool, pool->running - pool->limit, deferred);
	wp_queue_balance_locked(pool, deferred);
}

/* Pairs with the write of a tune, which changes no unlimited pool. */
static bool is_unlimited(struct workpool *pool)
{
	return READ_ONCE(pool->capacity) == WORKPOOL_UNLIMITED;
}

/*
 * May the limit of the unlimited @pool be @max? If so, have the memory for it.
 */
static int limit_prepare(struct workpool *pool, int max)
{
	unsigned int min_workers, depth;
	unsigned long flags;
	int err;

	raw_spin_lock_irqsave(&pool->lock, flags);
	min_workers = pool->min_workers;
	depth = pool->queue_depth;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	if (min_workers > max)
		return -EINVAL;
	err = mutex_lock_killable(&pool->lifecycle);
	if (err)
		return err;
	err = wp_reserve_grow(pool, max, depth) ?: wp_busy_grow(pool, max);
	mutex_unlock(&pool->lifecycle);
	return err;
}

static int prepare_all(int max)
{
	struct workpool *pool;
	int err = 0;
	u32 id = 0;

	while (!err && (pool = wp_lookup_next(id))) {
		id = pool->lookup_id;
		if (is_unlimited(pool))
			err = limit_prepare(pool, max);
		wp_pool_put(pool);
		cond_resched();
	}
	return err;
}

static void apply_to(struct workpool *pool)
{
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	wp_limit_apply_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
}

static void apply_to_all(void)
{
	struct workpool *pool;
	u32 id = 0;

	while ((pool = wp_lookup_next(id))) {
		id = pool->lookup_id;
		if (is_unlimited(pool))
			apply_to(pool);
		wp_pool_put(pool);
		cond_resched();
	}
}

/**
 * wp_limit_set_max_workers() - change what limits unlimited pools
 * @max: workers that each of them may have
 *
 * Context: Process context. May sleep; killable.
 * Return: 0; -EINVAL: @max is out of range, or below the min_workers of one of
 * them; -ENOMEM; -EINTR. After an error nothing has changed.
 */
int wp_limit_set_max_workers(int max)
{
	int err;

	if (max < 1 || max > WP_MAX_WORKERS_LIMIT)
		return -EINVAL;
	err = wp_limit_lock_killable();
	if (err)
		return err;
	err = prepare_all(max);
	if (!err) {
		/* Pairs with the reads in wp_limit_unpaused() and others. */
		WRITE_ONCE(wp_max_workers, max);
		apply_to_all();
	}
	wp_limit_unlock();
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(wp_limit_set_max_workers);

/* While the module loads the value is only kept: wp_module_init() checks it. */
static int set_max_workers(const char *text, const struct kernel_param *param)
{
	int max, err;

	if (!wp_workqueue)
		return param_set_int(text, param);
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = kstrtoint(text, 0, &max);
	return err ?: wp_limit_set_max_workers(max);
}

static const struct kernel_param_ops max_workers_ops = {
	.set = set_max_workers,
	.get = param_get_int,
};

module_param_cb(max_workers, &max_workers_ops, &wp_max_workers, 0644);
MODULE_PARM_DESC(max_workers,
		 "Workers an unlimited pool may have, 1 to "
		 __stringify(WP_MAX_WORKERS_LIMIT)
		 " (default " __stringify(WP_MAX_WORKERS_DEFAULT) ")");
