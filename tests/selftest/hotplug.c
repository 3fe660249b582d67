// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs that go and come back.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>

#include "ledger.h"
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

static int call_set_cpus(struct st_thread *thread)
{
	struct workpool_attrs attrs = { .cpumask = thread->data };

	return workpool_set_attrs(thread->pool, WORKPOOL_ATTR_CPUMASK, &attrs,
				  NULL, NULL);
}

/* give @pool another CPU, in a thread: it must not wait */
static void move_to(struct st_test *t, struct workpool *pool, unsigned int cpu)
{
	struct st_thread *thread = st_thread(t, pool, call_set_cpus);

	thread->data = (void *)cpumask_of(cpu);
	st_thread_start(thread);
	EXPECT_EQ(t, st_join(thread), 0);
}

static void body_stay_pinned(struct st_job *job)
{
	migrate_disable();
	wait_for_completion(&job->gate);
	migrate_enable();
}

/* a tune does not wait for a job that cannot migrate; its worker moves later */
static void tune_passes_a_job_that_cannot_migrate(struct st_test *t)
{
	unsigned int cpu = spare_cpu(t), other = cpumask_first(cpu_online_mask);
	struct workpool *pool = pool_on(t, cpu);
	struct st_job *job = st_job_body(t, pool, body_stay_pinned);
	struct place *place;

	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job) && st_asleep(job->thread));
	move_to(t, pool, other);
	EXPECT_EQ(t, task_cpu(job->thread), cpu);
	st_open(job);
	st_settle(t, pool);
	place = run_there(t, pool, other);
	EXPECT_EQ(t, place->cpu, other);
	EXPECT(t, place->bound);
	EXPECT_EQ(t, st_stats(pool).spawned + st_stats(pool).adopted, 1);
}

/* callback of a pool: worker_exit waits after a crash */
static int hold_the_dying(struct workpool *pool)
{
	struct st_ledger *ledger = workpool_data(pool);

	if (current->flags & PF_EXITING)
		wait_for_completion(&ledger->gate->gate);
	return 0;
}

static void body_crash_pinned(struct st_job *job)
{
	migrate_disable();
	workpool_task_crash(-EIO);
}

/* a job that crashes where it cannot migrate leaves its CPU to others */
static void crash_gives_its_cpu_back(struct st_test *t)
{
	unsigned int cpu = spare_cpu(t), other = cpumask_first(cpu_online_mask);
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool;
	struct st_job *job;

	ledger->inside = hold_the_dying;
	attrs.ops = &st_ledger_ops;
	attrs.data = ledger;
	attrs.cpumask = cpumask_of(cpu);
	pool = st_pool_attrs(t, &attrs);
	job = st_job_body(t, pool, body_crash_pinned);
	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_stats(pool).crashes == 1 && st_asleep(job->thread));
	move_to(t, pool, other);
	cycle(t, cpu);
	EXPECT_EQ(t, atomic_read(&ledger->exits), 0);
	st_open(ledger->gate);
	ASSERT_SOON(t, atomic_read(&ledger->crashes) == 1);
}

static int init_pinned(struct workpool *pool, void **data)
{
	migrate_disable();
	return 0;
}

static void exit_pinned(struct workpool *pool, void *data)
{
	migrate_enable();
}

/* worker_exit undoes what worker_init did, also after a crash */
static void crash_leaves_migration_to_worker_exit(struct st_test *t)
{
	static const struct workpool_ops ops = {
		.worker_init = init_pinned,
		.worker_exit = exit_pinned,
	};
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	unsigned int cpu = spare_cpu(t);
	struct workpool *pool;

	attrs.ops = &ops;
	attrs.cpumask = cpumask_of(cpu);
	pool = st_pool_attrs(t, &attrs);
	ASSERT_EQ(t, st_try(pool, st_job_body(t, pool, body_crash_pinned)), 0);
	ASSERT_SOON(t, st_stats(pool).crashes == 1);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	cycle(t, cpu);
}

static const struct st_case hotplug_cases[] = {
	ST_CASE(idle_worker_goes_back),
	ST_CASE(busy_worker_goes_back),
	ST_CASE(new_worker_goes_there),
	ST_CASE(local_multi_follows),
	ST_CASE(other_affinity_stays),
	ST_CASE(bound_job_stays),
	ST_CASE(tune_passes_a_job_that_cannot_migrate),
	ST_CASE(crash_gives_its_cpu_back),
	ST_CASE(crash_leaves_migration_to_worker_exit),
};

ST_GROUP(hotplug, false);
