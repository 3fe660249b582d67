// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes: what a pool may ask for, and how a worker takes it on.
 */

#include <linux/freezer.h>
#include <linux/sched/isolation.h>
#include <linux/sched/prio.h>
#include <linux/sched/task.h>
#include <linux/topology.h>
#include <uapi/linux/sched/types.h>

#include "internal.h"

#define WP_FLAGS_ALL	(WORKPOOL_F_NONBLOCK | WORKPOOL_F_PREALLOC | \
			 WORKPOOL_F_NOPURGE | WORKPOOL_F_NOADMIN | \
			 WORKPOOL_F_FREEZABLE)

static const struct workpool_ops no_ops;

static bool workers_valid(const struct workpool_attrs *attrs)
{
	bool unlimited = attrs->capacity == WORKPOOL_UNLIMITED;

	if (attrs->capacity <= 0 && !unlimited)
		return false;
	if (unlimited)
		return !(attrs->flags & WORKPOOL_F_PREALLOC) &&
		       attrs->min_workers <= wp_max_workers;
	return attrs->min_workers <= attrs->capacity;
}

static bool placement_valid(const struct workpool_attrs *attrs)
{
	if (attrs->node != NUMA_NO_NODE &&
	    (attrs->node < 0 || attrs->node >= nr_node_ids ||
	     !node_online(attrs->node)))
		return false;
	return !attrs->cpumask ||
	       cpumask_intersects(attrs->cpumask, cpu_possible_mask);
}

/* 0 or -EINVAL. */
int wp_attrs_check(const struct workpool_attrs *attrs)
{
	if (!attrs || (attrs->flags & ~WP_FLAGS_ALL) || attrs->expiry_ms < 0 ||
	    attrs->nice < MIN_NICE || attrs->nice > MAX_NICE ||
	    attrs->rt_priority >= MAX_RT_PRIO ||
	    attrs->queue_depth > WORKPOOL_DEPTH_MAX)
		return -EINVAL;
	return workers_valid(attrs) && placement_valid(attrs) ? 0 : -EINVAL;
}
EXPORT_SYMBOL_IF_KUNIT(wp_attrs_check);

/* The CPUs that a pool with @attrs runs on. */
void wp_attrs_cpus(const struct workpool_attrs *attrs, struct cpumask *cpus)
{
	const struct cpumask *housekeeping;

	housekeeping = housekeeping_cpumask(HK_TYPE_KTHREAD);
	if (attrs->cpumask)
		cpumask_copy(cpus, attrs->cpumask);
	else if (attrs->node == NUMA_NO_NODE ||
		 !cpumask_and(cpus, housekeeping, cpumask_of_node(attrs->node)))
		cpumask_copy(cpus, housekeeping);
}

/* Checked attributes into a new pool. */
int wp_attrs_copy(struct workpool *pool, const struct workpool_attrs *attrs)
{
	if (!zalloc_cpumask_var(&pool->cpumask, GFP_KERNEL))
		return -ENOMEM;
	wp_attrs_cpus(attrs, pool->cpumask);
	pool->node = attrs->node;
	pool->capacity = attrs->capacity;
	pool->limit = attrs->capacity == WORKPOOL_UNLIMITED ? wp_max_workers :
							      attrs->capacity;
	pool->flags = attrs->flags;
	pool->expiry_ms = attrs->expiry_ms ?: WP_DEFAULT_EXPIRY_MS;
	pool->expiry = msecs_to_jiffies(pool->expiry_ms);
	pool->max_blocking = attrs->max_blocking;
	pool->min_workers = attrs->flags & WORKPOOL_F_PREALLOC ?
			    attrs->capacity : attrs->min_workers;
	pool->queue_depth = attrs->queue_depth;
	pool->nice = attrs->nice;
	pool->rt_priority = attrs->rt_priority;
	pool->ops = attrs->ops ?: &no_ops;
	pool->fn = attrs->fn;
	pool->data = attrs->data;
	return 0;
}

/* "wp/<pool>-<id>" in 15 characters: what ps shows in full. */
void wp_identity_name(struct workpool *pool, unsigned int id,
		      char name[TASK_COMM_LEN])
{
	char number[12];
	int room;

	room = TASK_COMM_LEN - 1 - (int)strlen("wp/") -
	       scnprintf(number, sizeof(number), "-%u", id);
	scnprintf(name, TASK_COMM_LEN, "wp/%.*s%s", room, pool->name, number);
}
EXPORT_SYMBOL_IF_KUNIT(wp_identity_name);

static void apply_name(struct workpool *pool, unsigned int id)
{
	char name[TASK_COMM_LEN];

	wp_identity_name(pool, id, name);
	/* set_task_comm() is not exported; this is what it does. */
	task_lock(current);
	strscpy_pad(current->comm, name, sizeof(current->comm));
	task_unlock(current);
}

static void apply_policy(struct workpool *pool)
{
	struct sched_attr attr = {
		.size		= sizeof(attr),
		.sched_policy	= pool->rt_priority ? SCHED_FIFO : SCHED_NORMAL,
		.sched_priority	= pool->rt_priority,
		.sched_nice	= pool->nice,
	};

	if (current->policy == attr.sched_policy &&
	    current->rt_priority == pool->rt_priority &&
	    task_nice(current) == pool->nice)
		return;
	WARN_ON_ONCE(sched_setattr_nocheck(current, &attr));
}

/*
 * CPUs that are all offline are no reason to fail: housekeeping has one. Of one
 * that goes offline right now set_cpus_allowed_ptr() reports success, but leaves
 * the thread where it was.
 */
static void apply_cpumask(struct workpool *pool)
{
	if (cpumask_equal(current->cpus_ptr, pool->cpumask))
		return;
	if (!set_cpus_allowed_ptr(current, pool->cpumask) &&
	    cpumask_test_cpu(raw_smp_processor_id(), pool->cpumask))
		return;
	set_cpus_allowed_ptr(current, housekeeping_cpumask(HK_TYPE_KTHREAD));
}

/* The thread of @worker becomes what its pool wants. */
void wp_identity_apply(struct workpool *pool, struct wp_worker *worker)
{
	apply_name(pool, worker->id);
	apply_policy(pool);
	apply_cpumask(pool);
	if (pool->flags & WORKPOOL_F_FREEZABLE)
		set_freezable();
	else
		current->flags |= PF_NOFREEZE;
}
