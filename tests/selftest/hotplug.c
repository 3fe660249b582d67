// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs that go and come back.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>

#include "test.h"

/**
 * struct place - where a job ran
 * @cpu: on this CPU
 * @bound: its thread may run on @wanted and nowhere else
 * @wanted: the pool's only CPU
 */
struct place {
	unsigned int cpu;
	bool bound;
	unsigned int wanted;
};

static void body_note_place(struct st_job *job)
{
	struct place *place = job->data;

	place->cpu = raw_smp_processor_id();
	place->bound = cpumask_equal(current->cpus_ptr,
				     cpumask_of(place->wanted));
}

static struct place *run_there(struct st_test *t, struct workpool *pool,
			       unsigned int cpu)
{
	struct st_job *job = st_job_body(t, pool, body_note_place);
	struct place *place = st_alloc(t, sizeof(*place));

	place->wanted = cpu;
	job->data = place;
	st_run(t, pool, job);
	st_settle(t, pool);
	return place;
}

static struct workpool *pool_on(struct st_test *t, unsigned int cpu)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.expiry_ms = 3600 * MSEC_PER_SEC;
	attrs.cpumask = cpumask_of(cpu);
	return st_pool_attrs(t, &attrs);
}

#ifdef CONFIG_HOTPLUG_CPU

/* the last CPU, if it can be had out of the way */
static unsigned int spare_cpu(struct st_test *t)
{
	unsigned int cpu = cpumask_last(cpu_online_mask);

	if (num_online_cpus() < 2)
		st_skip(t, "there is but one CPU");
	return cpu;
}

static int cpu_down_by(unsigned int cpu)
{
	return remove_cpu(cpu);
}

static int cpu_up_by(unsigned int cpu)
{
	return add_cpu(cpu);
}

#else

static unsigned int spare_cpu(struct st_test *t)
{
	st_skip(t, "CPUs stay");
	return 0;
}

static int cpu_down_by(unsigned int cpu)
{
	return -EOPNOTSUPP;
}

static int cpu_up_by(unsigned int cpu)
{
	return -EOPNOTSUPP;
}

#endif /* CONFIG_HOTPLUG_CPU */

/* an idle worker whose CPU was away works elsewhere, and goes back to it */
static void idle_worker_goes_back(struct st_test *t)
{
	unsigned int cpu = spare_cpu(t);
	struct workpool *pool = pool_on(t, cpu);
	struct place *place = run_there(t, pool, cpu);

	EXPECT_EQ(t, place->cpu, cpu);
	EXPECT(t, place->bound);
	ASSERT_EQ(t, cpu_down_by(cpu), 0);
	place = run_there(t, pool, cpu);
	EXPECT(t, place->cpu != cpu);
	ASSERT_EQ(t, cpu_up_by(cpu), 0);
	place = run_there(t, pool, cpu);
	EXPECT_EQ(t, place->cpu, cpu);
	EXPECT(t, place->bound);
	EXPECT_EQ(t, st_stats(pool).spawned + st_stats(pool).adopted, 1);
}

static void body_stay(struct st_job *job)
{
	wait_for_completion(&job->gate);
	body_note_place(job);
}

/* a busy worker moves in the middle of its task and comes back, too */
static void busy_worker_goes_back(struct st_test *t)
{
	unsigned int cpu = spare_cpu(t);
	struct workpool *pool = pool_on(t, cpu);
	struct st_job *job = st_job_body(t, pool, body_stay);
	struct place *place = st_alloc(t, sizeof(*place));

	place->wanted = cpu;
	job->data = place;
	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job) && st_asleep(job->thread));
	ASSERT_EQ(t, cpu_down_by(cpu), 0);
	/* a sleeping thread need not leave its CPU: wake it */
	wake_up_process(job->thread);
	ASSERT_SOON(t, task_cpu(job->thread) != cpu);
	ASSERT_EQ(t, cpu_up_by(cpu), 0);
	st_open(job);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, place->cpu, cpu);
	EXPECT(t, place->bound);
}

/* a worker that is made while all its CPUs are away goes there later */
static void new_worker_goes_there(struct st_test *t)
{
	unsigned int cpu = spare_cpu(t);
	struct workpool *pool = pool_on(t, cpu);
	struct place *place;

	ASSERT_EQ(t, cpu_down_by(cpu), 0);
	place = run_there(t, pool, cpu);
	EXPECT(t, place->cpu != cpu);
	ASSERT_EQ(t, cpu_up_by(cpu), 0);
	place = run_there(t, pool, cpu);
	EXPECT_EQ(t, place->cpu, cpu);
	EXPECT(t, place->bound);
}

/* a multi with a pool for each CPU: submits go on without, and go back */
static void local_multi_follows(struct st_test *t)
{
	unsigned int cpu = spare_cpu(t), i;
	struct workpool_multi *multi;
	struct place *place;

	multi = st_multi(t, num_online_cpus(), WORKPOOL_LOCAL, 1);
	for (i = 0; i < workpool_multi_count(multi); i++)
		run_there(t, workpool_multi_at(multi, i), cpu);
	ASSERT_EQ(t, cpu_down_by(cpu), 0);
	for (i = 0; i < workpool_multi_count(multi); i++)
		run_there(t, workpool_multi_at(multi, i), cpu);
	ASSERT_EQ(t, cpu_up_by(cpu), 0);
	place = run_there(t, workpool_multi_at(multi, i - 1), cpu);
	EXPECT_EQ(t, place->cpu, cpu);
	EXPECT(t, place->bound);
	place = run_there(t, workpool_multi_at(multi, 0), 0);
	EXPECT(t, place->cpu != cpu);
}

/* go through the states that make the kernel reset threads */
static void cycle(struct st_test *t, unsigned int cpu)
{
	ASSERT_EQ(t, cpu_down_by(cpu), 0);
	ASSERT_EQ(t, cpu_up_by(cpu), 0);
}

/* CPUs that an administrator gave to an idle worker stay, and so does a job's */
static void other_affinity_stays(struct st_test *t)
{
	unsigned int cpu = spare_cpu(t), other = cpumask_first(cpu_online_mask);
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct task_struct *thread;
	struct workpool *pool;
	struct st_job *job;

	attrs.expiry_ms = 3600 * MSEC_PER_SEC;
	pool = st_pool_attrs(t, &attrs);
	job = st_job_quick(t);
	st_run(t, pool, job);
	st_settle(t, pool);
	thread = job->thread;
	set_cpus_allowed_ptr(thread, cpumask_of(other));
	cycle(t, cpu);
	EXPECT(t, cpumask_equal(thread->cpus_ptr, cpumask_of(other)));
	EXPECT(t, run_there(t, pool, other)->bound);
	cycle(t, cpu);
	EXPECT(t, cpumask_equal(thread->cpus_ptr, cpumask_of(other)));
}

static void body_bind(struct st_job *job)
{
	struct place *place = job->data;

	set_cpus_allowed_ptr(current, cpumask_of(place->wanted));
	wait_for_completion(&job->gate);
	body_note_place(job);
}

/* a job that bound itself to a CPU stays there */
static void bound_job_stays(struct st_test *t)
{
	unsigned int cpu = spare_cpu(t);
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job_body(t, pool, body_bind);
	struct place *place = st_alloc(t, sizeof(*place));

	place->wanted = cpumask_first(cpu_online_mask);
	job->data = place;
	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job) && st_asleep(job->thread));
	cycle(t, cpu);
	st_open(job);
	ASSERT_SOON(t, st_ended(job));
	EXPECT(t, place->bound);
	EXPECT_EQ(t, place->cpu, place->wanted);
}

static const struct st_case hotplug_cases[] = {
	ST_CASE(idle_worker_goes_back),
	ST_CASE(busy_worker_goes_back),
	ST_CASE(new_worker_goes_there),
	ST_CASE(local_multi_follows),
	ST_CASE(other_affinity_stays),
	ST_CASE(bound_job_stays),
};

ST_GROUP(hotplug, false);
