// SPDX-License-Identifier: GPL-2.0
/*
 * An administrator has confined kthreadd to CPU 0, for example by taskset -p 1 2.
 * Since 6.2 all threads that are made later inherit that as if it were theirs.
 */
#include <linux/cpumask.h>

#include "case.h"

#define CPU	1

static void prepare(struct st_test *t)
{
	if (!cpu_online(CPU))
		st_skip(t, "there is but one CPU");
	ASSERT_EQ(t, case_shell("taskset -p 1 2 > /dev/null"), 0);
}

static struct workpool *pool_on(struct st_test *t, int cpu)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.expiry_ms = 3600 * MSEC_PER_SEC;
	if (cpu >= 0)
		attrs.cpumask = cpumask_of(cpu);
	return st_pool_attrs(t, &attrs);
}

static void body_where(struct st_job *job)
{
	job->ret = -1;
	if (cpumask_weight(current->cpus_ptr) == 1)
		job->ret = cpumask_first(current->cpus_ptr);
}

/* a job that says which CPU it had, if it had but one */
static struct st_job *run_in(struct st_test *t, struct workpool *pool)
{
	struct st_job *job = st_job_body(t, pool, body_where);

	st_run(t, pool, job);
	st_settle(t, pool);
	return job;
}

/* such a thread is kept for the next pool */
static void confined_thread_is_reused(struct st_test *t)
{
	struct st_job *job;
	struct workpool *pool;
	u64 adopted = 0;
	int i;

	prepare(t);
	for (i = 0; i < 5; i++) {
		pool = pool_on(t, -1);
		job = run_in(t, pool);
		EXPECT_EQ(t, job->ret, 0);
		adopted += st_stats(pool).adopted;
		st_pool_destroy(t, pool);
		ASSERT_SOON(t, st_asleep(job->thread));
		EXPECT_EQ(t, READ_ONCE(job->thread->exit_state), 0);
	}
	EXPECT(t, adopted >= 4);
}

/* what the kernel does to the CPUs of such a thread is put right */
static void confined_worker_gets_its_cpus_back(struct st_test *t)
{
	struct workpool *pool;
	struct st_job *job;

	prepare(t);
	pool = pool_on(t, CPU);
	job = run_in(t, pool);
	EXPECT_EQ(t, job->ret, CPU);
	set_cpus_allowed_ptr(job->thread, cpu_possible_mask);
	EXPECT_EQ(t, run_in(t, pool)->ret, CPU);
}

static const struct st_case cases[] = {
	ST_CASE(confined_thread_is_reused),
	ST_CASE(confined_worker_gets_its_cpus_back),
};

ST_CASE_MODULE(confined);
