// SPDX-License-Identifier: GPL-2.0
/*
 * Isolated CPUs, on a machine that was booted with isolcpus= and nohz_full=.
 */
#include <linux/cpumask.h>

#include "case.h"

/* sit on an isolated CPU, from where a worker would be woken there */
static int sit_isolated(struct st_test *t)
{
	int cpu;

	for_each_online_cpu(cpu)
		if (st_cpu_is_isolated(cpu)) {
			ASSERT_EQ(t, set_cpus_allowed_ptr(current,
							  cpumask_of(cpu)), 0);
			return cpu;
		}
	st_skip(t, "no CPU is isolated");
	return 0;
}

/* 1: it runs on an isolated CPU; 2: it might */
static void body_where(struct st_job *job)
{
	int cpu;

	job->ret = st_cpu_is_isolated(raw_smp_processor_id());
	for_each_online_cpu(cpu)
		if (st_cpu_is_isolated(cpu) &&
		    cpumask_test_cpu(cpu, current->cpus_ptr))
			job->ret |= 2;
}

static int where(struct st_test *t, struct workpool *pool)
{
	struct st_job *job = st_job_body(t, pool, body_where);

	st_run(t, pool, job);
	st_settle(t, pool);
	return job->ret;
}

/* a pool without a cpumask leaves isolated CPUs alone, wherever it is used */
static void pool_leaves_isolated_cpus(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	int i;

	sit_isolated(t);
	for (i = 0; i < 50; i++)
		EXPECT_EQ(t, where(t, pool), 0);
}

/* so do the pools of a multi that divides the CPUs */
static void local_multi_leaves_isolated_cpus(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 2, WORKPOOL_LOCAL, 2);
	int i;

	sit_isolated(t);
	for (i = 0; i < 50; i++)
		EXPECT_EQ(t, where(t, workpool_multi_at(multi, i % 2)), 0);
}

/* an owner may name isolated CPUs; the next pool does not get them */
static void owner_may_name_isolated_cpus(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	int cpu = sit_isolated(t), i;
	struct workpool *pool;

	attrs.cpumask = cpumask_of(cpu);
	for (i = 0; i < 5; i++) {
		pool = st_pool_attrs(t, &attrs);
		EXPECT_EQ(t, where(t, pool), 3);
		EXPECT_EQ(t, where(t, pool), 3);
		st_pool_destroy(t, pool);
		EXPECT_EQ(t, where(t, st_pool(t, 1, 0)), 0);
	}
}

static const struct st_case cases[] = {
	ST_CASE(pool_leaves_isolated_cpus),
	ST_CASE(local_multi_leaves_isolated_cpus),
	ST_CASE(owner_may_name_isolated_cpus),
};

ST_CASE_MODULE(isolated);
