// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes: what the owner of a pool may ask for.
 */

#include <linux/sched/prio.h>
#include <linux/topology.h>

#include "compat.h"
#include "core/cpus.h"
#include "core/module.h"
#include "core/pool.h"
#include "core/tunables.h"
#include "pool/attrs.h"
#include "pool/limit.h"

#define FLAGS_ALL	(WORKPOOL_F_NONBLOCK | WORKPOOL_F_PREALLOC | \
			 WORKPOOL_F_NOPURGE | WORKPOOL_F_NOADMIN | \
			 WORKPOOL_F_FREEZABLE | WORKPOOL_F_NORELEASE | \
			 WORKPOOL_F_HISTOGRAMS)

static const char *find_bad_workers(const struct workpool_attrs *attrs)
{
	bool unlimited = attrs->capacity == WORKPOOL_UNLIMITED;

	if (attrs->capacity <= 0 && !unlimited)
		return "capacity is neither positive nor WORKPOOL_UNLIMITED";
	if (unlimited && (attrs->flags & WORKPOOL_F_PREALLOC))
		return "capacity is unlimited, so F_PREALLOC in flags has no number";
	/* Pairs with the write in wp_limit_set_max_workers(). */
	if (unlimited && attrs->min_workers > READ_ONCE(wp_max_workers))
		return "min_workers is above the module's max_workers";
	if (!unlimited && attrs->min_workers > attrs->capacity)
		return "min_workers is above capacity";
	return NULL;
}

static const char *find_bad_place(const struct workpool_attrs *attrs)
{
	if (attrs->node != NUMA_NO_NODE &&
	    (attrs->node < 0 || attrs->node >= nr_node_ids ||
	     !node_online(attrs->node)))
		return "node is neither online nor NUMA_NO_NODE";
	if (attrs->cpumask &&
	    !cpumask_intersects(attrs->cpumask, cpu_possible_mask))
		return "cpumask has no CPU of this machine";
	return NULL;
}

/* Returns what is wrong with @attrs, beginning with its name, or NULL. */
const char *wp_attrs_find_bad(const struct workpool_attrs *attrs)
{
	const char *bad;

	if (!attrs)
		return "attrs is NULL";
	if (attrs->flags & ~FLAGS_ALL)
		return "flags has an unknown bit";
	if (attrs->pinned & ~WP_TUNE_ALL)
		return "pinned has an unknown bit";
	if (attrs->expiry_ms < 0)
		return "expiry_ms is negative";
	if (attrs->nice < MIN_NICE || attrs->nice > MAX_NICE)
		return "nice is not in -20 to 19";
	if (attrs->rt_priority >= MAX_RT_PRIO)
		return "rt_priority is above 99";
	if (attrs->queue_depth > WORKPOOL_DEPTH_MAX)
		return "queue_depth is above WORKPOOL_DEPTH_MAX";
	bad = find_bad_workers(attrs);
	return bad ?: find_bad_place(attrs);
}
EXPORT_SYMBOL_IF_KUNIT(wp_attrs_find_bad);

/*
 * -EINVAL has many causes, so a debug line says which one it is for the pool or
 * multi @name. Returns 0 or -EINVAL.
 */
int wp_attrs_check(const char *name, const struct workpool_attrs *attrs)
{
	const char *bad = wp_attrs_find_bad(attrs);

	if (!bad)
		return 0;
	pr_debug("%s is not created: %s\n", name, bad);
	return -EINVAL;
}

/*
 * The CPUs that a pool with @attrs may have, of all that there may ever be.
 * cpumask_of_node() has only CPUs that are online.
 */
void wp_attrs_cpus(const struct workpool_attrs *attrs, struct cpumask *cpus)
{
	unsigned int cpu;

	if (attrs->cpumask) {
		cpumask_and(cpus, attrs->cpumask, cpu_possible_mask);
		return;
	}
	wp_cpus_never_isolated(cpus);
	if (attrs->node == NUMA_NO_NODE)
		return;
	for_each_cpu(cpu, cpus)
		if (cpu_to_node(cpu) != attrs->node)
			cpumask_clear_cpu(cpu, cpus);
	if (cpumask_empty(cpus))
		wp_cpus_never_isolated(cpus);
}
EXPORT_SYMBOL_IF_KUNIT(wp_attrs_cpus);

/* Copy checked attributes into a new pool. Returns 0 or -ENOMEM. */
int wp_attrs_copy(struct workpool *pool, const struct workpool_attrs *attrs)
{
	if (!zalloc_cpumask_var(&pool->cpumask, GFP_KERNEL) ||
	    !zalloc_cpumask_var(&pool->tuned_cpus, GFP_KERNEL))
		return -ENOMEM;
	wp_attrs_cpus(attrs, pool->cpumask);
	pool->own_cpus = attrs->cpumask;
	pool->any_cpu = !attrs->cpumask && attrs->node == NUMA_NO_NODE;
	pool->node = attrs->node;
	pool->capacity = attrs->capacity;
	pool->limit = wp_limit_unpaused(pool);
	pool->flags = attrs->flags;
	pool->pinned = attrs->pinned;
	pool->expiry_ms = attrs->expiry_ms ?: WP_DEFAULT_EXPIRY_MS;
	pool->expiry = msecs_to_jiffies(pool->expiry_ms);
	pool->max_blocking = attrs->max_blocking;
	pool->min_workers = attrs->flags & WORKPOOL_F_PREALLOC ?
			    attrs->capacity : attrs->min_workers;
	pool->queue_depth = attrs->queue_depth;
	pool->nice = attrs->nice;
	pool->rt_priority = attrs->rt_priority;
	if (attrs->ops)
		pool->ops = *attrs->ops;
	pool->fn = attrs->fn;
	pool->data = attrs->data;
	return 0;
}
