// SPDX-License-Identifier: GPL-2.0
/*
 * The layout: how WORKPOOL_LOCAL divides the CPUs among the pools of a multi.
 *
 * It is made of all CPUs that there may be, so CPUs that come and go change
 * nothing: see pool/hotplug.c for the workers.
 */

#include <linux/cpumask.h>
#include <linux/slab.h>

#include "compat.h"
#include "multi/layout.h"
#include "multi/multi.h"
#include "pool/attrs.h"

/* The first of @cpus that shares a cache with @cpu; none: >= nr_cpu_ids. */
static unsigned int first_with_cache(const struct cpumask *cpus, int cpu)
{
	unsigned int other;

	for_each_cpu(other, cpus)
		if (wp_cpu_cache(other) == wp_cpu_cache(cpu))
			return other;
	return nr_cpu_ids;
}

/* A part for each last-level cache, in the order of their first CPUs. */
static void divide_by_cache(struct wp_layout *layout)
{
	unsigned int cpu, first;

	layout->nr = 0;
	for_each_cpu(cpu, layout->cpus) {
		first = first_with_cache(layout->cpus, cpu);
		layout->of_cpu[cpu] = first == cpu ? layout->nr++ :
						     layout->of_cpu[first];
	}
}

/* Divide the CPUs into @nr parts of CPUs next to each other. */
static void divide_evenly(struct wp_layout *layout, unsigned int nr)
{
	unsigned int i = 0, weight = cpumask_weight(layout->cpus);
	unsigned int cpu;

	layout->nr = nr;
	for_each_cpu(cpu, layout->cpus)
		layout->of_cpu[cpu] = i++ * nr / weight;
}

/* Where submitters on other CPUs go: to a pool of their cache, or to any. */
static void place_others(struct wp_layout *layout)
{
	unsigned int cpu, first;

	for_each_possible_cpu(cpu) {
		if (cpumask_test_cpu(cpu, layout->cpus))
			continue;
		first = first_with_cache(layout->cpus, cpu);
		layout->of_cpu[cpu] = first < nr_cpu_ids ?
				      layout->of_cpu[first] : cpu % layout->nr;
	}
}

static int alloc_layout(struct wp_layout *layout)
{
	layout->of_cpu = kvcalloc(nr_cpu_ids, sizeof(*layout->of_cpu),
				  GFP_KERNEL);
	if (!layout->of_cpu)
		return -ENOMEM;
	if (!zalloc_cpumask_var(&layout->cpus, GFP_KERNEL))
		goto err_map;
	if (!zalloc_cpumask_var(&layout->part, GFP_KERNEL))
		goto err_cpus;
	return 0;

err_cpus:
	free_cpumask_var(layout->cpus);
err_map:
	kvfree(layout->of_cpu);
	return -ENOMEM;
}

/**
 * wp_layout_init() - divide CPUs among pools
 * @layout: gets the result
 * @n: how many pools; 0: one for each last-level cache
 * @each: attributes, which say what CPUs to divide
 *
 * Return: 0, -ENOMEM, or -EINVAL: there are too many caches.
 */
int wp_layout_init(struct wp_layout *layout, unsigned int n,
		   const struct workpool_attrs *each)
{
	int err = alloc_layout(layout);

	if (err)
		return err;
	wp_attrs_cpus(each, layout->cpus);
	if (n)
		divide_evenly(layout, n);
	else
		divide_by_cache(layout);
	if (layout->nr > WORKPOOL_MULTI_MAX) {
		pr_debug("there are %u caches, above WORKPOOL_MULTI_MAX: n must not be 0\n",
			 layout->nr);
		wp_layout_exit(layout);
		return -EINVAL;
	}
	place_others(layout);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(wp_layout_init);

/* The CPUs of pool @index; all CPUs for a pool that got none. */
const struct cpumask *wp_layout_part(struct wp_layout *layout,
				     unsigned int index)
{
	unsigned int cpu;

	cpumask_clear(layout->part);
	for_each_cpu(cpu, layout->cpus)
		if (layout->of_cpu[cpu] == index)
			cpumask_set_cpu(cpu, layout->part);
	return cpumask_empty(layout->part) ? layout->cpus : layout->part;
}
EXPORT_SYMBOL_IF_KUNIT(wp_layout_part);

void wp_layout_exit(struct wp_layout *layout)
{
	kvfree(layout->of_cpu);
	free_cpumask_var(layout->cpus);
	free_cpumask_var(layout->part);
}
EXPORT_SYMBOL_IF_KUNIT(wp_layout_exit);
