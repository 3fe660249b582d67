// SPDX-License-Identifier: GPL-2.0
/*
 * The layout: how WORKPOOL_LOCAL divides CPUs.
 */

#include <linux/slab.h>

#include "compat.h"
#include "core/pool.h"
#include "multi/layout.h"
#include "multi/multi.h"
#include "helpers.h"

/* A layout of @n parts of @cpus; NULL: all there are. */
static void lay_out(struct kunit *test, struct wp_layout *layout, unsigned int n,
		    const struct cpumask *cpus)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.cpumask = cpus;
	KUNIT_ASSERT_EQ(test, wp_layout_init(layout, n, &attrs), 0);
}

/*
 * Each divided CPU is in the part that its submitters go to, and in no other.
 */
static void expect_division(struct kunit *test, struct wp_layout *layout)
{
	const struct cpumask *part;
	unsigned int cpu, i;

	for_each_cpu(cpu, layout->cpus) {
		KUNIT_EXPECT_LT(test, layout->of_cpu[cpu], layout->nr);
		for (i = 0; i < layout->nr; i++) {
			part = wp_layout_part(layout, i);
			if (cpumask_equal(part, layout->cpus))
				continue;
			KUNIT_EXPECT_EQ(test, cpumask_test_cpu(cpu, part),
					layout->of_cpu[cpu] == i);
		}
	}
}

/* Submitters on any CPU have a part. Each part has CPUs, only divided ones. */
static void expect_sane(struct kunit *test, struct wp_layout *layout)
{
	const struct cpumask *part;
	unsigned int cpu, i;

	for_each_possible_cpu(cpu)
		KUNIT_EXPECT_LT(test, layout->of_cpu[cpu], layout->nr);
	for (i = 0; i < layout->nr; i++) {
		part = wp_layout_part(layout, i);
		KUNIT_EXPECT_FALSE(test, cpumask_empty(part));
		KUNIT_EXPECT_TRUE(test, cpumask_subset(part, layout->cpus));
	}
}

/* Without a number there is a part for each last-level cache. */
static void one_part_per_cache(struct kunit *test)
{
	struct wp_layout layout;
	unsigned int cpu, other;

	lay_out(test, &layout, 0, NULL);
	KUNIT_EXPECT_GT(test, layout.nr, 0);
	KUNIT_EXPECT_LE(test, layout.nr, cpumask_weight(layout.cpus));
	expect_sane(test, &layout);
	expect_division(test, &layout);
	for_each_cpu(cpu, layout.cpus)
		for_each_cpu(other, layout.cpus)
			KUNIT_EXPECT_EQ(test, wp_cpu_cache(cpu) == wp_cpu_cache(other),
					layout.of_cpu[cpu] == layout.of_cpu[other]);
	wp_layout_exit(&layout);
}

/* The sizes of the parts differ by one CPU at most. */
static void parts_are_even(struct kunit *test)
{
	struct wp_layout layout;
	unsigned int n, i, weight, all = num_possible_cpus();

	for (n = 1; n <= all; n++) {
		lay_out(test, &layout, n, cpu_possible_mask);
		KUNIT_EXPECT_EQ(test, layout.nr, n);
		expect_sane(test, &layout);
		expect_division(test, &layout);
		for (i = 0; i < n; i++) {
			weight = cpumask_weight(wp_layout_part(&layout, i));
			KUNIT_EXPECT_GE(test, weight, all / n);
			KUNIT_EXPECT_LE(test, weight, DIV_ROUND_UP(all, n));
		}
		wp_layout_exit(&layout);
	}
}

/* With more pools than CPUs those without a CPU of their own run on all. */
static void more_parts_than_cpus(struct kunit *test)
{
	unsigned int n = num_possible_cpus() + 3, i, shared = 0;
	struct wp_layout layout;

	lay_out(test, &layout, n, cpu_possible_mask);
	KUNIT_EXPECT_EQ(test, layout.nr, n);
	expect_sane(test, &layout);
	for (i = 0; i < n; i++)
		shared += cpumask_equal(wp_layout_part(&layout, i), layout.cpus);
	KUNIT_EXPECT_GE(test, shared, 3);
	wp_layout_exit(&layout);
}

/*
 * Only the CPUs of the cpumask are divided. Submitters on others have a part.
 */
static void cpumask_is_divided(struct kunit *test)
{
	unsigned int first = cpumask_first(cpu_possible_mask);
	struct wp_layout layout;
	unsigned int n;

	for (n = 0; n <= 3; n++) {
		lay_out(test, &layout, n, cpumask_of(first));
		KUNIT_EXPECT_EQ(test, layout.nr, n ?: 1);
		KUNIT_EXPECT_TRUE(test, cpumask_equal(layout.cpus,
						      cpumask_of(first)));
		expect_sane(test, &layout);
		wp_layout_exit(&layout);
	}
}

/* Impossible CPUs are not divided. */
static void impossible_cpus_are_left_out(struct kunit *test)
{
	struct wp_layout layout;
	cpumask_var_t all;

	KUNIT_ASSERT_TRUE(test, alloc_cpumask_var(&all, GFP_KERNEL));
	cpumask_setall(all);
	lay_out(test, &layout, 1, all);
	free_cpumask_var(all);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(layout.cpus, cpu_possible_mask));
	expect_sane(test, &layout);
	wp_layout_exit(&layout);
}

/* The pools of a multi get the parts, and a submit goes to that of its CPU. */
static void local_pools_have_their_parts(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct workpool_multi *multi;
	struct wp_layout layout;
	unsigned int i;

	multi = wpt_multi(test->priv, 0, WORKPOOL_LOCAL, &attrs);
	lay_out(test, &layout, 0, NULL);
	KUNIT_EXPECT_EQ(test, workpool_multi_count(multi), layout.nr);
	for (i = 0; i < layout.nr; i++)
		KUNIT_EXPECT_TRUE(test, cpumask_equal(wp_layout_part(&layout, i),
						      multi->pools[i]->cpumask));
	migrate_disable();
	KUNIT_EXPECT_EQ(test, wpt_multi_pick(test->priv, multi),
			layout.of_cpu[raw_smp_processor_id()]);
	migrate_enable();
	wp_layout_exit(&layout);
}

/* Without WORKPOOL_LOCAL the CPUs are not divided. */
static void others_are_not_divided(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);
	struct workpool *pool = wpt_create_simple(test->priv, 1);
	int i;

	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, cpumask_equal(multi->pools[i]->cpumask,
						      pool->cpumask));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(one_part_per_cache),
	KUNIT_CASE(parts_are_even),
	KUNIT_CASE(more_parts_than_cpus),
	KUNIT_CASE(cpumask_is_divided),
	KUNIT_CASE(impossible_cpus_are_left_out),
	KUNIT_CASE(local_pools_have_their_parts),
	KUNIT_CASE(others_are_not_divided),
	{}
};

WPT_SUITE(multi_layout);
