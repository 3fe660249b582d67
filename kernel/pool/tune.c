// SPDX-License-Identifier: GPL-2.0
/*
 * Tune: change a pool while it works.
 */

#include <linux/cpu.h>
#include <linux/sched/prio.h>

#include "compat.h"
#include "core/busy.h"
#include "core/cpus.h"
#include "core/identity.h"
#include "core/lock.h"
#include "core/notice.h"
#include "core/tunables.h"
#include "core/walk.h"
#include "core/worker.h"
#include "pool/attrs.h"
#include "pool/limit.h"
#include "pool/tune.h"
#include "queue/reserve.h"
#include "trace.h"
#include "worker/purge.h"

/* The attributes that take memory. */
#define WP_TUNE_MEMORY	(WP_TUNE_CAPACITY | WP_TUNE_QUEUE_DEPTH)

/*
 * The attributes that a change of max_workers looks at. Neither changes before
 * that is over.
 */
#define WP_TUNE_LIMITS	(WP_TUNE_MIN_WORKERS | WP_TUNE_QUEUE_DEPTH)

/* The attributes that are of each worker's thread. */
#define WP_TUNE_THREADS	(WP_TUNE_NICE | WP_TUNE_RT_PRIORITY | WP_TUNE_CPUS)

/* Is the capacity fixed? That stays so for the pool's life. */
static bool is_capacity_fixed(struct workpool *pool)
{
	/* Pairs with the write in tune_write_locked(). */
	return READ_ONCE(pool->capacity) == WORKPOOL_UNLIMITED ||
	       (pool->flags & WORKPOOL_F_PREALLOC);
}

/* Is a value that depends on nothing else out of range? */
static bool is_out_of_range(const struct wp_tuning *new)
{
	return ((new->mask & WP_TUNE_EXPIRY) && new->expiry_ms < 0) ||
	       ((new->mask & WP_TUNE_NICE) &&
		(new->nice < MIN_NICE || new->nice > MAX_NICE)) ||
	       ((new->mask & WP_TUNE_RT_PRIORITY) &&
		new->rt_priority >= MAX_RT_PRIO) ||
	       ((new->mask & WP_TUNE_QUEUE_DEPTH) &&
		new->queue_depth > WORKPOOL_DEPTH_MAX) ||
	       ((new->mask & WP_TUNE_CPUS) && new->cpus_tuned &&
		!cpumask_intersects(new->cpus, cpu_online_mask));
}

static int tune_check_locked(struct workpool *pool, const struct wp_tuning *new)
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
	return min_workers > limit || is_out_of_range(new) ? -EINVAL : 0;
}

#define OF_POOL(_name, _member)	._member = pool->_member,

static void tune_read_locked(struct workpool *pool, const struct wp_tuning *new,
			     struct wp_tuning *old)
{
	lockdep_assert_held(&pool->lock);
	*old = (struct wp_tuning){
		WP_TUNABLES(OF_POOL)
		.cpus_tuned = pool->cpus_tuned,
	};
	if (new->old_cpus)
		cpumask_copy(new->old_cpus, wp_cpus_set_locked(pool));
}

static void write_cpus_locked(struct workpool *pool,
			      const struct wp_tuning *new)
{
	if (new->cpus_tuned)
		cpumask_and(pool->tuned_cpus, new->cpus, cpu_possible_mask);
	WRITE_ONCE(pool->cpus_tuned, new->cpus_tuned);
}

static void tune_write_locked(struct workpool *pool,
			      const struct wp_tuning *new)
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
	if (new->mask & WP_TUNE_NICE)
		WRITE_ONCE(pool->nice, new->nice);
	if (new->mask & WP_TUNE_RT_PRIORITY)
		WRITE_ONCE(pool->rt_priority, new->rt_priority);
	if (new->mask & WP_TUNE_QUEUE_DEPTH)
		WRITE_ONCE(pool->queue_depth, new->queue_depth);
	if (new->mask & WP_TUNE_CPUS)
		write_cpus_locked(pool, new);
}

/* Apply the new limit, and let the purge look at the new expiry. */
static void tune_adjust_locked(struct workpool *pool,
			       struct wp_deferred *deferred)
{
	wp_limit_apply_locked(pool, deferred);
	pool->purge_armed = false;	/* the expiry may have changed */
	wp_purge_arm_locked(pool, deferred);
}

/* Have the memory that the new values take, for one tune at a time. */
static int grow_memory(struct workpool *pool, const struct wp_tuning *new)
{
	int capacity = wp_limit_unpaused(pool);
	/* Pairs with tune_write_locked() of another tune, which had the mutex. */
	unsigned int depth = READ_ONCE(pool->queue_depth);

	if (!(new->mask & WP_TUNE_MEMORY))
		return 0;
	lockdep_assert_held(&pool->lifecycle);
	if ((new->mask & WP_TUNE_CAPACITY) && !is_capacity_fixed(pool))
		capacity = new->capacity;
	if (new->mask & WP_TUNE_QUEUE_DEPTH)
		depth = min(new->queue_depth, (unsigned int)WORKPOOL_DEPTH_MAX);
	return wp_reserve_grow(pool, capacity, depth) ?:
	       wp_busy_grow(pool, capacity);
}

#define BEFORE(_name, _member)	._member = old->_member,

static void tune_tell_locked(struct workpool *pool, const struct wp_tuning *new,
			     const struct wp_tuning *old)
{
	struct wp_notice notice = {
		.type = WP_NOTICE_TUNED,
		.actor = wp_notice_actor(new->by),
		.tuned = {
			.mask = new->mask,
			.before = { WP_TUNABLES(BEFORE)
				    .own_cpus = old->cpus_tuned },
			.after = { WP_TUNABLES(OF_POOL)
				   .own_cpus = pool->cpus_tuned },
		},
	};

	lockdep_assert_held(&pool->lock);
	wp_notice_post(pool, &notice);
}

/* @no_memory: 0, or -ENOMEM */
static int tune_commit(struct workpool *pool, const struct wp_tuning *new,
		       struct wp_tuning *old, int no_memory)
{
	struct wp_deferred deferred;
	int err;

	wp_pool_lock(pool, &deferred);
	err = tune_check_locked(pool, new) ?: no_memory;
	if (!err) {
		tune_read_locked(pool, new, old);
		tune_write_locked(pool, new);
		tune_adjust_locked(pool, &deferred);
		trace_workpool_tune(pool, old->capacity, pool->capacity);
		if (wp_notice_wanted() && new->mask)
			tune_tell_locked(pool, new, old);
	}
	wp_pool_unlock(pool, &deferred);
	return err;
}

/*
 * Change the threads of all workers. A worker that starts meanwhile looks again
 * after it took on the old values.
 */
static void change_threads(struct workpool *pool, unsigned int mask,
			   struct cpumask *cpus)
{
	struct wp_worker *worker = NULL;

	lockdep_assert_held(&pool->placing);
	if (mask & WP_TUNE_CPUS)
		wp_cpus_of_pool(pool, cpus);
	while ((worker = wp_walk_next(pool, worker))) {
		if (mask & (WP_TUNE_NICE | WP_TUNE_RT_PRIORITY))
			wp_identity_set_policy(pool, worker->task);
		if (mask & WP_TUNE_CPUS)
			wp_cpus_place(pool, worker, cpus);
		cond_resched();
	}
}

static void unlock_values(struct workpool *pool, unsigned int mask)
{
	if (mask & WP_TUNE_MEMORY)
		mutex_unlock(&pool->lifecycle);
	if (mask & WP_TUNE_LIMITS)
		wp_limit_unlock();
}

/* Keep others from changing what a change of the values in @mask relies on. */
static int lock_values(struct workpool *pool, unsigned int mask)
{
	int err = mask & WP_TUNE_LIMITS ? wp_limit_lock_killable() : 0;

	if (err || !(mask & WP_TUNE_MEMORY))
		return err;
	err = mutex_lock_killable(&pool->lifecycle);
	if (err && (mask & WP_TUNE_LIMITS))
		wp_limit_unlock();
	return err;
}

/*
 * Take workpool.placing. While lock_values() holds a lock this does not wait,
 * and returns -EAGAIN.
 */
static int lock_threads(struct workpool *pool, unsigned int mask)
{
	if (!(mask & (WP_TUNE_LIMITS | WP_TUNE_MEMORY)))
		return mutex_lock_killable(&pool->placing);
	return mutex_trylock(&pool->placing) ? 0 : -EAGAIN;
}

/* Wait until others do not hold workpool.placing, for the moment. */
static int wait_for_threads(struct workpool *pool)
{
	int err = mutex_lock_killable(&pool->placing);

	if (!err)
		mutex_unlock(&pool->placing);
	return err;
}

/*
 * Memory is allocated before the checks, so that hotplug and workers that end
 * do not wait for it under workpool.placing. That lock is held until the threads
 * have what was written, which is after unlock_values().
 */
static int tune_change(struct workpool *pool, const struct wp_tuning *new,
		       struct wp_tuning *old, struct cpumask *cpus)
{
	bool threads = new->mask & WP_TUNE_THREADS;
	int err, no_memory;

	for (;;) {
		err = lock_values(pool, new->mask);
		if (err)
			return err;
		no_memory = grow_memory(pool, new);
		err = threads ? lock_threads(pool, new->mask) : 0;
		if (!err)
			break;
		/* Creations of other pools do not wait for this one's threads. */
		unlock_values(pool, new->mask);
		if (err == -EAGAIN)
			err = wait_for_threads(pool);
		if (err)
			return err;
	}
	err = tune_commit(pool, new, old, no_memory);
	unlock_values(pool, new->mask);
	if (!threads)
		return err;
	if (!err)
		change_threads(pool, new->mask, cpus);
	mutex_unlock(&pool->placing);
	return err;
}

/* No CPU goes offline between the check and the change of the last worker. */
static int change_with_cpus(struct workpool *pool, const struct wp_tuning *new,
			    struct wp_tuning *old)
{
	cpumask_var_t cpus;
	int err;

	if (!alloc_cpumask_var(&cpus, GFP_KERNEL))
		return -ENOMEM;
	cpus_read_lock();
	err = tune_change(pool, new, old, cpus);
	cpus_read_unlock();
	free_cpumask_var(cpus);
	return err;
}

/**
 * wp_tune_apply() - change some attributes, all or none
 * @pool: the pool
 * @new: what to change
 * @old: all values as they were; written on success
 *
 * Context: Process context. May sleep; the wait for another one is killable.
 * Return: 0, -ESHUTDOWN, -EINVAL, -EOPNOTSUPP, -ENOMEM or -EINTR.
 */
int wp_tune_apply(struct workpool *pool, const struct wp_tuning *new,
		  struct wp_tuning *old)
{
	if (new->mask & WP_TUNE_CPUS)
		return change_with_cpus(pool, new, old);
	return tune_change(pool, new, old, NULL);
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
 * Context: Process context. May sleep; the wait for another tune is killable.
 * Return: 0; -ESHUTDOWN: pool closed; -EINVAL: @capacity is not positive, or
 * below min_workers; -EOPNOTSUPP: unlimited or WORKPOOL_F_PREALLOC; -ENOMEM;
 * -EINTR: killed while another call changed or opened the pool.
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

#define OF_ATTRS(_name, _member)	._member = attrs->_member,
#define TO_ATTRS(_name, _member)	._member = values._member,

/**
 * workpool_set_attrs() - change attributes of a working pool, all or none
 * @pool: the pool
 * @mask: WORKPOOL_ATTR_* of those that change
 * @attrs: has the new values; nothing else of it is looked at. A cpumask of NULL
 *	stands for the CPUs that the pool was created with
 * @old: gets the values that the pool had, of all attributes that can change, and
 *	nothing else; may be NULL
 * @old_cpus: gets the CPUs that the pool had, and @old refers to it if they were
 *	not those it was created with. May be NULL: then @old always stands for
 *	the latter. Not the new cpumask of @attrs
 *
 * The capacity changes as with workpool_tune(). Workers have the new nice,
 * rt_priority and cpumask when this returns, in the middle of a task, too. Only
 * one that cannot migrate, between migrate_disable() and migrate_enable(),
 * moves later, after that task or at most 64 more; if worker_init keeps it from
 * migrating, it does not move. On PREEMPT_RT one that has a spinlock_t cannot
 * migrate either. A lower queue_depth takes nothing out of the queue. A call
 * with @old for @attrs, the same @mask and no @old_cpus takes the change back,
 * unless all of the old CPUs are offline.
 *
 * Context: Process context. May sleep; the wait for another tune is killable.
 * With WORKPOOL_ATTR_CPUMASK not in a callback of CPU hotplug.
 * Return: 0; -ESHUTDOWN: pool closed; -EINVAL: a value is out of range, as for
 * workpool_create(), a capacity is not positive, min_workers are above the
 * capacity, no CPU of the cpumask is online, @mask has an unknown bit, or
 * @old_cpus is the new cpumask;
 * -EOPNOTSUPP: the capacity of an unlimited or WORKPOOL_F_PREALLOC pool, or the
 * min_workers of the latter; -ENOMEM; -EINTR: killed while another call changed
 * or opened the pool, changed max_workers, or created a pool.
 */
int workpool_set_attrs(struct workpool *pool, unsigned int mask,
		       const struct workpool_attrs *attrs,
		       struct workpool_attrs *old, struct cpumask *old_cpus)
{
	struct wp_tuning new = {
		.mask = mask,
		WP_TUNABLES(OF_ATTRS)
		.cpus_tuned = attrs->cpumask,
		.cpus = attrs->cpumask,
		.old_cpus = old_cpus,
	};
	struct wp_tuning values;
	int err;

	might_sleep();
	if (mask & ~WP_TUNE_ALL ||
	    (mask & WORKPOOL_ATTR_CPUMASK && old_cpus &&
	     old_cpus == attrs->cpumask))
		return wp_pool_is_open(pool) ? -EINVAL : -ESHUTDOWN;
	err = wp_tune_apply(pool, &new, &values);
	if (!err && old)
		*old = (struct workpool_attrs){
			WP_TUNABLES(TO_ATTRS)
			.cpumask = values.cpus_tuned ? old_cpus : NULL,
		};
	return err;
}
EXPORT_SYMBOL_GPL(workpool_set_attrs);
