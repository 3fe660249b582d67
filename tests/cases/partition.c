// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs that a partition of a cpuset isolates while the machine runs.
 */
#include <linux/cpumask.h>

#include "case.h"

/* in the partition while there is one */
#define PART_CPU	1

#define PART		CASE_CGROUPS "/part"

static int remove_partition(void)
{
	if (case_shell("[ -d " PART " ]"))
		return 0;
	return case_shell("cd " PART " && echo member > cpuset.cpus.partition") ?:
	       case_shell("rmdir " PART);
}

/* CPU 1 belongs to nobody but the partition */
static void make_partition(struct st_test *t)
{
	ASSERT_EQ(t, case_shell("echo +cpuset > " CASE_CGROUPS "/cgroup.subtree_control"), 0);
	ASSERT_EQ(t, case_shell("mkdir " PART), 0);
	ASSERT_EQ(t, case_shell("echo 1 > " PART "/cpuset.cpus"), 0);
	ASSERT_EQ(t, case_shell("echo isolated > " PART "/cpuset.cpus.partition"), 0);
	ASSERT_EQ(t, case_shell("grep -qx isolated " PART "/cpuset.cpus.partition"), 0);
}

static void prepare(struct st_test *t)
{
	if (!cpu_online(PART_CPU))
		st_skip(t, "there is but one CPU");
	ASSERT_EQ(t, case_mount_cgroups(), 0);
	if (case_shell("grep -q cpuset " CASE_CGROUPS "/cgroup.controllers"))
		st_skip(t, "there are no cpusets");
	ASSERT_EQ(t, remove_partition(), 0);
	/* from where a worker would be woken there */
	ASSERT_EQ(t, set_cpus_allowed_ptr(current, cpumask_of(PART_CPU)), 0);
}

/**
 * struct place - where a job ran
 * @there: on the CPU of the partition
 * @may: it was allowed there
 * @cpus: how many CPUs it was allowed
 */
struct place {
	bool there;
	bool may;
	unsigned int cpus;
};

static void note_place(struct place *place)
{
	place->there = raw_smp_processor_id() == PART_CPU;
	place->may = cpumask_test_cpu(PART_CPU, current->cpus_ptr);
	place->cpus = cpumask_weight(current->cpus_ptr);
}

static void body_place(struct st_job *job)
{
	note_place(job->data);
}

static struct place *place_of(struct st_test *t, struct workpool *pool)
{
	struct st_job *job = st_job_body(t, pool, body_place);

	job->data = st_alloc(t, sizeof(struct place));
	st_run(t, pool, job);
	return job->data;
}

static void expect_elsewhere(struct st_test *t, struct workpool *pool)
{
	struct place *place = place_of(t, pool);

	EXPECT(t, !place->there);
	EXPECT(t, !place->may);
}

/*
 * A pool without a cpumask leaves the CPUs of a partition: old workers, new
 * ones, and those from the cache. When the partition goes, it comes back.
 */
static void pool_leaves_a_partition(struct st_test *t)
{
	struct workpool *pool, *bound;
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct st_job *first;
	int i;

	prepare(t);
	pool = st_pool(t, 4, 0);
	EXPECT(t, place_of(t, pool)->may);
	attrs.cpumask = cpumask_of(PART_CPU);
	bound = st_pool_attrs(t, &attrs);
	EXPECT(t, place_of(t, bound)->may);
	make_partition(t);
	for (i = 0; i < 20; i++)
		expect_elsewhere(t, pool);
	first = st_block(t, pool);
	expect_elsewhere(t, pool);
	expect_elsewhere(t, st_pool(t, 1, 0));
	st_pool_destroy(t, bound);
	expect_elsewhere(t, st_pool(t, 1, 0));
	EXPECT_EQ(t, remove_partition(), 0);
	st_open(first);
	st_settle(t, pool);
	EXPECT(t, place_of(t, pool)->may);
	EXPECT(t, place_of(t, st_pool(t, 1, 0))->may);
}

static void body_stay(struct st_job *job)
{
	wait_for_completion(&job->gate);
}

static void expect_bound(struct st_test *t, struct workpool *pool)
{
	struct place *place = place_of(t, pool);

	EXPECT(t, place->there);
	EXPECT_EQ(t, place->cpus, 1);
	st_settle(t, pool);
}

/*
 * A pool with a cpumask keeps exactly it while partitions come and go, whether
 * its worker sleeps or not, and whether it was there before.
 */
static void owner_keeps_its_cpus(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *idle, *busy;
	struct st_job *job;

	prepare(t);
	attrs.cpumask = cpumask_of(PART_CPU);
	attrs.expiry_ms = 3600 * MSEC_PER_SEC;
	idle = st_pool_attrs(t, &attrs);
	busy = st_pool_attrs(t, &attrs);
	expect_bound(t, idle);
	job = st_job_body(t, busy, body_stay);
	ASSERT_EQ(t, st_try(busy, job), 0);
	ASSERT_SOON(t, st_begun(job));
	make_partition(t);
	expect_bound(t, idle);
	/* the one that woke looks after the one that does not */
	ASSERT_SOON(t, cpumask_equal(job->thread->cpus_ptr,
				     cpumask_of(PART_CPU)));
	st_open(job);
	st_settle(t, busy);
	expect_bound(t, busy);
	expect_bound(t, st_pool_attrs(t, &attrs));
	EXPECT_EQ(t, remove_partition(), 0);
	expect_bound(t, idle);
	expect_bound(t, busy);
	EXPECT_EQ(t, st_stats(idle).spawned + st_stats(idle).adopted, 1);
}

/* how many CPUs a worker of a pool of @multi has */
static unsigned int cpus_of(struct st_test *t, struct workpool_multi *multi,
			    int index)
{
	struct workpool *pool = workpool_multi_at(multi, index);
	struct place *place = place_of(t, pool);

	st_settle(t, pool);
	return place->cpus;
}

/* the pools of a multi have their parts again when the partition is gone */
static void local_multi_gets_its_parts_back(struct st_test *t)
{
	struct workpool_multi *multi;
	unsigned int before[2];
	int i;

	prepare(t);
	multi = st_multi(t, 2, WORKPOOL_LOCAL, 1);
	for (i = 0; i < 2; i++)
		before[i] = cpus_of(t, multi, i);
	make_partition(t);
	for (i = 0; i < 2; i++) {
		expect_elsewhere(t, workpool_multi_at(multi, i));
		st_settle(t, workpool_multi_at(multi, i));
	}
	EXPECT_EQ(t, remove_partition(), 0);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(t, cpus_of(t, multi, i), before[i]);
}

static const struct st_case cases[] = {
	ST_CASE(pool_leaves_a_partition),
	ST_CASE(owner_keeps_its_cpus),
	ST_CASE(local_multi_gets_its_parts_back),
};

ST_CASE_MODULE(partition);
