// SPDX-License-Identifier: GPL-2.0
/*
 * Creation and end of pools, and the rules that hold whenever a pool's lock is
 * free.
 */

#include <linux/slab.h>

#include "compat.h"
#include "core/busy.h"
#include "core/deferred.h"
#include "core/histogram.h"
#include "core/lockdep.h"
#include "core/lookup.h"
#include "core/ref.h"
#include "core/spawn.h"
#include "core/worker.h"
#include "pool/attrs.h"
#include "pool/limit.h"
#include "pool/pool.h"
#include "pool/reboot.h"
#include "pool/registry.h"
#include "pool/release.h"
#include "queue/color.h"
#include "queue/late.h"
#include "queue/reserve.h"
#include "worker/purge.h"
#include "worker/rest.h"
#include "worker/spawner.h"

/**
 * DOC: From submit to done
 *
 * A submitter takes the pool's lock once. In a pool without queue_depth that is
 * not freezable, if a worker is parked and nothing is queued, it takes one of
 * the workers that were used last, writes the call into it and, after the
 * unlock, wakes it.
 * Otherwise, if fewer are busy and queued than workpool.limit allows, or the
 * queue has room, the call goes to the end of the queue and is accepted.
 * Otherwise the pool is full, and the submitter gets -EAGAIN, or appends itself
 * to the same queue and sleeps. An embedded task always goes to the queue.
 * Workers that search find what is queued: see "Waking".
 *
 * A worker that becomes free takes the lock once. It accounts for the task that
 * it finished and takes the first of the queue, or freezes first, or parks. When
 * that first one is a waiting submitter, the worker takes its call out of the
 * submitter's stack frame and wakes it, and no other submitter can come in
 * between.
 *
 * What always holds while the lock is free, and is restored by
 * wp_queue_balance_locked() in each critical section that may have broken it:
 *
 *  - running <= limit, but for the surplus that a shrink left, which only
 *    falls, and of which no worker is parked;
 *  - while something is queued and a worker is parked, a worker is searching;
 *  - while something is queued and running < limit, a worker is searching or
 *    starting, and without queue_depth as many as calls are queued;
 *  - the queue is in order of arrival, but for what was queued to its front, and
 *    reports of crashes, which go there too;
 *  - no submitter waits while the pool has room and memory for its call;
 *  - a closed pool has no submitter that waits, and no more parked workers than
 *    tasks for them.
 *
 * While workpool.rest_armed is set, waiters and parked workers may be left
 * over: see "Slices".
 *
 * No wake-up can be lost: a thread that changes one of the numbers makes, in
 * the same critical section, the decisions that follow from it.
 */

/*
 * The last reference is gone, and a grace period has passed: see "Locking". An
 * ioctl that raced with workpool_destroy() may have armed the works.
 */
static void free_work(struct work_struct *work)
{
	struct workpool *pool = container_of(to_rcu_work(work), struct workpool,
					     free);

	timer_delete_sync(&pool->late);
	cancel_delayed_work_sync(&pool->purge);
	cancel_work_sync(&pool->rest);
	wp_spawn_cancel(pool);
	if (pool->on_free)
		pool->on_free(pool);
	wp_histogram_end(pool);
	wp_reserve_free(pool);
	wp_busy_free(pool);
	free_cpumask_var(pool->cpumask);
	free_cpumask_var(pool->tuned_cpus);
	mutex_destroy(&pool->placing);
	mutex_destroy(&pool->lifecycle);
	wp_lockdep_exit(pool);
	kfree(pool);
}

static void init_pool(struct workpool *pool)
{
	raw_spin_lock_init(&pool->lock);
	pool->state = WP_CLOSED;
	pool->max_searching = 1;
	wp_stack_init(&pool->idle);
	INIT_LIST_HEAD(&pool->queue);
	INIT_LIST_HEAD(&pool->waiters);
	init_llist_head(&pool->reserve);
	INIT_LIST_HEAD(&pool->waits);
	pool->crowds = RB_ROOT;
	INIT_HLIST_HEAD(&pool->dying);
	INIT_LIST_HEAD(&pool->delayed);
	INIT_LIST_HEAD(&pool->drainers);
	wp_color_init(pool);
	INIT_LIST_HEAD(&pool->decided);
	INIT_LIST_HEAD(&pool->events);
	INIT_LIST_HEAD(&pool->told);
	INIT_LIST_HEAD(&pool->workers);
	INIT_LIST_HEAD(&pool->walks);
	INIT_LIST_HEAD(&pool->chunks);
	INIT_DELAYED_WORK(&pool->purge, wp_purge_work);
	timer_setup(&pool->late, wp_late_timer, 0);
	INIT_WORK(&pool->rest, wp_rest_work);
	wp_spawn_setup(pool, wp_spawner_work);
	mutex_init(&pool->lifecycle);
	mutex_init(&pool->placing);
	kref_init(&pool->ref);
	INIT_RCU_WORK(&pool->free, free_work);
	wp_lockdep_init(pool);
}

struct workpool *wp_pool_alloc(void)
{
	KUNIT_STATIC_STUB_REDIRECT(wp_pool_alloc);
	return kzalloc(sizeof(struct workpool), GFP_KERNEL);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_alloc);

/* Make a new pool, which has its attributes, a part of a multi. */
static void init_part(struct workpool *pool, const struct wp_pool_part *part)
{
	kref_get(part->ref);
	pool->multi = part->multi;
	pool->index = part->index;
	pool->own_cpus = part->own_cpus;
	pool->on_park = part->on_park;
	pool->on_free = part->on_free;
}

/*
 * Give a new pool its attributes, its number and its memory. Once it has the
 * number, wp_lookup_next() finds it: what is constant is set before.
 */
static int pool_equip(struct workpool *pool, const struct workpool_attrs *attrs,
		      const struct wp_pool_part *part)
{
	int err;

	wp_limit_lock();
	err = wp_attrs_copy(pool, attrs);
	/* It was checked already, but max_workers may have changed. */
	if (!err && attrs->min_workers > pool->limit)
		err = -EINVAL;
	if (!err && part)
		init_part(pool, part);
	if (!err)
		err = wp_lookup_add(pool);
	if (!err)
		err = wp_reserve_grow(pool, pool->limit, attrs->queue_depth);
	if (!err)
		err = wp_busy_grow(pool, pool->limit);
	wp_limit_unlock();
	return err;
}

/* A closed pool, which is not registered yet. */
static struct workpool *alloc_closed(struct module *owner, const char *name,
				     const struct workpool_attrs *attrs,
				     const struct wp_pool_part *part)
{
	struct workpool *pool;
	bool was_on;
	int err;

	pool = wp_pool_alloc();
	if (!pool)
		return ERR_PTR(-ENOMEM);
	init_pool(pool);
	pool->module = owner;
	strscpy(pool->owner, module_name(owner), sizeof(pool->owner));
	strscpy(pool->name, name, sizeof(pool->name));
	err = pool_equip(pool, attrs, part);
	/*
	 * The lock of the limits is not held: wp_histogram_begin() takes the
	 * kernel's lock of CPU hotplug, which is outside of it.
	 */
	if (!err && attrs->flags & WORKPOOL_F_HISTOGRAMS)
		err = wp_histogram_begin(pool, &was_on);
	if (err) {
		wp_pool_put(pool);
		return ERR_PTR(err);
	}
	return pool;
}

/**
 * wp_pool_create() - create a pool
 * @owner: the module whose pool it is
 * @name: its name, valid
 * @attrs: its attributes, checked
 * @part: what makes it a part of a multi, or NULL
 *
 * The registry has the pool once it is open. Threads that look into all pools
 * find it before, see wp_lookup_next(): it is closed then, or boots.
 *
 * Context: Process context. May sleep.
 * Return: see workpool_create().
 */
struct workpool *wp_pool_create(struct module *owner, const char *name,
				const struct workpool_attrs *attrs,
				const struct wp_pool_part *part)
{
	struct workpool *pool = alloc_closed(owner, name, attrs, part);
	int err;

	if (IS_ERR(pool))
		return pool;
	err = wp_reboot_open(pool, WP_BY_OWNER, TASK_UNINTERRUPTIBLE);
	if (err)
		goto err_put;
	err = wp_registry_add(pool);
	if (err)
		goto err_end;
	return pool;

err_end:
	wp_release_close(pool);
	wp_release_end(pool);
err_put:
	wp_pool_put(pool);
	return ERR_PTR(err);
}

/**
 * __workpool_create() - create a pool; use workpool_create()
 * @owner: the module whose pool it is
 * @attrs: how it is to be
 * @namefmt: printf format of its name
 *
 * Context: Process context. May sleep.
 * Return: see workpool_create().
 */
struct workpool *__workpool_create(struct module *owner,
				   const struct workpool_attrs *attrs,
				   const char *namefmt, ...)
{
	char name[WORKPOOL_NAME_MAX];
	va_list args;
	int err;

	might_sleep();
	va_start(args, namefmt);
	err = wp_registry_format_name(name, namefmt, args);
	va_end(args);
	if (err || wp_attrs_check(name, attrs))
		return ERR_PTR(-EINVAL);
	return wp_pool_create(owner, name, attrs, NULL);
}
EXPORT_SYMBOL_GPL(__workpool_create);

/**
 * workpool_destroy() - release a pool, wait for everything, free it
 * @pool: the pool, ERR_PTR() or NULL
 *
 * Accepted tasks are finished first; delayed tasks whose timer runs are
 * dropped. From a task of @pool this would wait for itself: it warns and does
 * nothing.
 *
 * Other threads may wait already in calls with @pool: a submit, a release, a
 * reboot, a drain, a flush of the pool, or a wait for a group. They return as
 * if it was released, do not touch it any more when they have, and need not be
 * waited for. No thread may begin a call with @pool.
 *
 * Context: Process context. May sleep, not killable.
 */
void workpool_destroy(struct workpool *pool)
{
	might_sleep();
	if (IS_ERR_OR_NULL(pool))
		return;
	if (WARN_ONCE(wp_worker_is_own(pool),
		      "%s() of pool %s from its own worker: nothing is done\n",
		      __func__, pool->name))
		return;
	if (WARN_ONCE(pool->multi,
		      "%s() of pool %s: nothing is done, call workpool_multi_destroy() of its multi\n",
		      __func__, pool->name))
		return;
	wp_release_close(pool);
	wp_release_end(pool);
	wp_pool_put(pool);
}
EXPORT_SYMBOL_GPL(workpool_destroy);

/**
 * workpool_name() - a pool's name
 * @pool: the pool
 *
 * Context: Any.
 * Return: the name, which lives as long as the pool.
 */
const char *workpool_name(struct workpool *pool)
{
	return pool->name;
}
EXPORT_SYMBOL_GPL(workpool_name);

/**
 * workpool_data() - what the owner of a pool left in &workpool_attrs.data
 * @pool: the pool
 *
 * Context: Any.
 * Return: the pointer.
 */
void *workpool_data(struct workpool *pool)
{
	return pool->data;
}
EXPORT_SYMBOL_GPL(workpool_data);

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
