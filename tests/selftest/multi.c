// SPDX-License-Identifier: GPL-2.0
/*
 * Multis: several pools with one front, on several CPUs.
 */
#include <linux/cpumask.h>
#include <linux/irqflags.h>

#include "test.h"

static struct workpool *at(struct workpool_multi *multi, int index)
{
	return workpool_multi_at(multi, index);
}

static int index_of(struct workpool_multi *multi, struct workpool *pool)
{
	int i;

	for (i = workpool_multi_count(multi) - 1; i >= 0; i--)
		if (at(multi, i) == pool)
			break;
	return i;
}

static void body_note_pool(struct st_job *job)
{
	job->pool = workpool_current();
	job->ret = raw_smp_processor_id();
}

/* run a job by way of @multi, in the pool at the index that is returned */
static int run_in(struct st_test *t, struct workpool_multi *multi)
{
	struct st_job *job = st_job_body(t, NULL, body_note_pool);

	ASSERT_EQ(t, workpool_multi_submit(multi, st_job_run, job), 0);
	ASSERT_SOON(t, st_ended(job));
	st_settle(t, job->pool);
	return index_of(multi, job->pool);
}

/* every worker of every pool is busy */
static void occupy_all(struct st_test *t, struct workpool_multi *multi,
		       struct st_job **jobs)
{
	unsigned int i;

	for (i = 0; i < workpool_multi_count(multi); i++)
		st_block_n(t, at(multi, i), &jobs[i],
			   workpool_capacity(at(multi, i)));
}

static int call_multi_submit(struct st_thread *thread)
{
	return workpool_multi_submit_timeout(thread->data, st_job_run,
					     thread->job, thread->timeout);
}

static bool in_all_queues(struct workpool_multi *multi, int waiting)
{
	unsigned int i;

	for (i = 0; i < workpool_multi_count(multi); i++)
		if (workpool_waiting(at(multi, i)) != waiting)
			return false;
	return true;
}

/* one more submitter that waits for any pool; all are full */
static struct st_thread *add_waiter(struct st_test *t,
				    struct workpool_multi *multi,
				    struct st_job *job)
{
	struct st_thread *thread = st_thread(t, NULL, call_multi_submit);
	int before = workpool_waiting(at(multi, 0));

	thread->data = multi;
	thread->job = job;
	thread->timeout = MAX_SCHEDULE_TIMEOUT;
	st_thread_start(thread);
	ASSERT_SOON(t, in_all_queues(multi, before + 1));
	return thread;
}

/* turns begin with index 0, after create and after reboot */
static void first_pick(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 3, WORKPOOL_ROUND_ROBIN, 2);
	int i;

	for (i = 0; i < 5; i++)
		EXPECT_EQ(t, run_in(t, multi), i % 3);
	EXPECT_EQ(t, st_multi_stats(multi).fallbacks, 0);
	ASSERT_EQ(t, workpool_multi_release_timeout(multi, ST_DEADLINE), 0);
	ASSERT_EQ(t, workpool_multi_reboot(multi), 0);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(t, run_in(t, multi), i % 3);
}

/* Of pools with equal tasks none is always the one, warm or not */
static void least_tasks(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 3, WORKPOOL_LEAST_TASKS, 4);
	int i, picks[3] = {};

	for (i = 0; i < 9; i++)
		picks[run_in(t, multi)]++;
	for (i = 0; i < 3; i++)
		EXPECT_EQ(t, picks[i], 3);
	st_block(t, at(multi, 0));
	st_block(t, at(multi, 2));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(t, run_in(t, multi), 1);
}

/* no submitter sleeps on a full pool while another one has room */
static void scan_before_sleep(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 4, WORKPOOL_ROUND_ROBIN, 1);
	struct st_job *jobs[3];
	int i;

	for (i = 0; i < 3; i++)
		jobs[i] = st_block(t, at(multi, i));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(t, run_in(t, multi), 3);
	EXPECT_EQ(t, st_multi_stats(multi).blocked, 0);
	EXPECT_EQ(t, st_multi_stats(multi).fallbacks, 6);
	st_open_all(jobs, 3);
}

/* a sleeping submitter takes the first slot that is freed in any pool */
static void first_freed_slot_is_taken(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 3, WORKPOOL_ROUND_ROBIN, 1);
	struct st_job *busy[3], *job;
	struct st_thread *thread;
	int i;

	occupy_all(t, multi, busy);
	for (i = 2; i >= 0; i--) {
		job = st_job(t);
		thread = add_waiter(t, multi, job);
		st_open(busy[i]);
		EXPECT_EQ(t, st_join(thread), 0);
		ASSERT_SOON(t, st_begun(job));
		EXPECT_EQ(t, job->pid, busy[i]->pid);
		EXPECT_EQ(t, workpool_multi_waiting(multi), 0);
	}
}

/* one pool that does not end is a timeout, and the wait may be repeated */
static void release_with_a_straggler(struct st_test *t, int index)
{
	struct workpool_multi *multi = st_multi(t, 3, WORKPOOL_ROUND_ROBIN, 1);
	struct st_job *job = st_block(t, at(multi, index));

	EXPECT_EQ(t, workpool_multi_release_timeout(multi, 2), -ETIMEDOUT);
	EXPECT_EQ(t, workpool_multi_wait_released(multi, 0), -ETIMEDOUT);
	EXPECT_EQ(t, workpool_multi_wait_released(multi, 1), -ETIMEDOUT);
	EXPECT_EQ(t, workpool_multi_release_timeout(multi, 0), -ETIMEDOUT);
	EXPECT_EQ(t, workpool_multi_reboot(multi), -EBUSY);
	st_open(job);
	EXPECT_EQ(t, workpool_multi_wait_released(multi, ST_DEADLINE), 0);
	EXPECT_EQ(t, workpool_multi_wait_released(multi, 0), 0);
	EXPECT_EQ(t, workpool_multi_release_timeout(multi, 2), -ESHUTDOWN);
}

static void release_timeout_of_one_that_does_not_end(struct st_test *t)
{
	int i;

	for (i = 0; i < 3; i++)
		release_with_a_straggler(t, i);
}

/* there is no sum without a limit */
static void unlimited_has_no_total(struct st_test *t)
{
	struct workpool_multi *multi;

	multi = st_multi(t, 3, WORKPOOL_ROUND_ROBIN, WORKPOOL_UNLIMITED);
	st_block(t, at(multi, 1));
	EXPECT_EQ(t, workpool_multi_capacity(multi), WORKPOOL_UNLIMITED);
	EXPECT_EQ(t, st_multi_stats(multi).capacity, WORKPOOL_UNLIMITED);
	EXPECT_EQ(t, workpool_multi_available(multi), -1);
	EXPECT_EQ(t, workpool_multi_running(multi), 1);
	EXPECT_EQ(t, workpool_multi_tune(multi, 3), -EOPNOTSUPP);
}

/* A create() that fails in the middle leaves nothing */
static void failed_create(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct workpool_multi *multi;
	struct workpool *pool;
	int i;

	attrs.min_workers = 2;
	pool = workpool_create(&attrs, "st-taken.3");
	ASSERT_EQ(t, PTR_ERR_OR_ZERO(pool), 0);
	st_pool_adopt(t, pool);
	for (i = 0; i < 3; i++) {
		multi = workpool_multi_create(5, WORKPOOL_ROUND_ROBIN, &attrs,
					      "st-taken");
		EXPECT_EQ(t, PTR_ERR(multi), -EEXIST);
	}
	multi = workpool_multi_create(3, WORKPOOL_ROUND_ROBIN, &attrs, "st-taken");
	ASSERT_EQ(t, PTR_ERR_OR_ZERO(multi), 0);
	workpool_multi_destroy(multi);
}

/* neither sleeps nor takes a lock that may not be taken with interrupts off */
static void atomic_context(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 3, WORKPOOL_ROUND_ROBIN, 1);
	struct st_job *jobs[4];
	unsigned long flags;
	int i, ret[4];

	st_jobs(t, jobs, 4);
	local_irq_save(flags);
	for (i = 0; i < 4; i++)
		ret[i] = workpool_multi_try_submit(multi, st_job_run, jobs[i]);
	local_irq_restore(flags);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(t, ret[i], 0);
		ASSERT_SOON(t, st_begun(jobs[i]));
	}
	EXPECT_EQ(t, ret[3], -EAGAIN);
}

/* LOCAL: one pool for each CPU; a task runs on the CPU of its submitter */
static void local_stays_on_the_cpu(struct st_test *t)
{
	unsigned int cpu, n = num_online_cpus();
	struct workpool_multi *multi = st_multi(t, n, WORKPOOL_LOCAL, 1);
	struct st_job *job;

	if (n != num_possible_cpus())
		st_skip(t, "there may be more CPUs");
	for_each_online_cpu(cpu) {
		ASSERT_EQ(t, set_cpus_allowed_ptr(current, cpumask_of(cpu)), 0);
		job = st_job_body(t, NULL, body_note_pool);
		ASSERT_EQ(t, workpool_multi_submit(multi, st_job_run, job), 0);
		ASSERT_SOON(t, st_ended(job));
		EXPECT_EQ(t, job->ret, cpu);
		st_settle(t, job->pool);
	}
	EXPECT_EQ(t, st_multi_stats(multi).fallbacks, 0);
}

/* LOCAL without a number: a pool for each cache, and all CPUs have one */
static void local_has_a_pool_per_cache(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 0, WORKPOOL_LOCAL, 1);
	unsigned int cpu, n = workpool_multi_count(multi);

	EXPECT(t, n >= 1 && n <= num_possible_cpus());
	for_each_online_cpu(cpu) {
		ASSERT_EQ(t, set_cpus_allowed_ptr(current, cpumask_of(cpu)), 0);
		EXPECT(t, run_in(t, multi) >= 0);
	}
	EXPECT_EQ(t, st_multi_stats(multi).fallbacks, 0);
	EXPECT_EQ(t, st_multi_stats(multi).submitted, num_online_cpus());
}

/* LOCAL: a full pool falls back to the others, on other CPUs */
static void local_falls_back(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 3, WORKPOOL_LOCAL, 1);
	struct st_job *jobs[3], *more = st_job(t);
	int i;

	set_cpus_allowed_ptr(current, cpumask_of(raw_smp_processor_id()));
	st_jobs(t, jobs, 3);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(t, 0, workpool_multi_try_submit(multi, st_job_run,
							  jobs[i]));
		ASSERT_SOON(t, st_begun(jobs[i]));
	}
	EXPECT_EQ(t, workpool_multi_try_submit(multi, st_job_run, more), -EAGAIN);
	EXPECT_EQ(t, st_multi_stats(multi).fallbacks, 2);
}

/**
 * struct storm - submits to a multi, from several threads
 * @multi: the multi
 * @storm: counts
 * @impatient: with little or no time to wait
 */
struct storm {
	struct workpool_multi *multi;
	struct st_storm *storm;
	bool impatient;
};

#define ACTORS	6
#define ROUNDS	300

static int storm_submit(struct storm *storm, int i)
{
	long timeout = storm->impatient ? i % 3 : MAX_SCHEDULE_TIMEOUT;

	return workpool_multi_submit_timeout(storm->multi, st_storm_task,
					     storm->storm, timeout);
}

static int call_storm(struct st_thread *thread)
{
	struct storm *storm = thread->data;
	int i, ret;

	for (i = 0; i < ROUNDS; i++) {
		ret = storm_submit(storm, i);
		if (!ret)
			atomic_inc(&storm->storm->accepted);
		else if (ret == -ETIMEDOUT)
			atomic_inc(&storm->storm->refused);
		else if (ret == -ESHUTDOWN)
			atomic_inc(&storm->storm->shut);
		else
			return ret;
		cond_resched();
	}
	return 0;
}

static struct storm *start_storm(struct st_test *t, struct workpool_multi *multi,
				 bool impatient, struct st_thread **threads)
{
	struct storm *storm = st_alloc(t, sizeof(*storm));
	int i;

	storm->multi = multi;
	storm->storm = st_storm(t, NULL, workpool_multi_capacity(multi), 0);
	storm->impatient = impatient;
	for (i = 0; i < ACTORS; i++) {
		threads[i] = st_thread(t, NULL, call_storm);
		threads[i]->data = storm;
		st_thread_start(threads[i]);
	}
	return storm;
}

static void expect_storm_over(struct st_test *t, struct storm *storm,
			      struct st_thread **threads)
{
	struct st_storm *count = storm->storm;
	int i, accepted;

	for (i = 0; i < ACTORS; i++)
		EXPECT_EQ(t, st_join(threads[i]), 0);
	accepted = atomic_read(&count->accepted);
	for (i = 0; i < workpool_multi_count(storm->multi); i++)
		st_settle(t, at(storm->multi, i));
	EXPECT_EQ(t, atomic_read(&count->ran), accepted);
	EXPECT_EQ(t, st_multi_stats(storm->multi).submitted, accepted);
	EXPECT_EQ(t, accepted + atomic_read(&count->refused) +
		     atomic_read(&count->shut), ACTORS * ROUNDS);
	EXPECT(t, in_all_queues(storm->multi, 0));
	EXPECT_EQ(t, workpool_multi_waiting(storm->multi), 0);
}

/* several submitters, several pools with a slot at once: accepted means it runs once */
static void patient_storm(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 3, WORKPOOL_ROUND_ROBIN, 1);
	struct st_thread *threads[ACTORS];
	struct storm *storm;

	storm = start_storm(t, multi, false, threads);
	expect_storm_over(t, storm, threads);
	EXPECT_EQ(t, atomic_read(&storm->storm->accepted), ACTORS * ROUNDS);
}

/* submitters give up while pools decide: accepted still means that it runs once */
static void impatient_storm(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 3, WORKPOOL_LEAST_TASKS, 1);
	struct st_thread *threads[ACTORS];
	struct storm *storm;

	storm = start_storm(t, multi, true, threads);
	expect_storm_over(t, storm, threads);
	EXPECT_EQ(t, atomic_read(&storm->storm->shut), 0);
	EXPECT_EQ(t, st_multi_stats(multi).timedout,
		  atomic_read(&storm->storm->refused));
}

static bool all_back(struct st_thread **threads)
{
	int i;

	for (i = 0; i < ACTORS; i++)
		if (!st_returned(threads[i]))
			return false;
	return true;
}

/* one pool after the other is closed, then all; then they are opened again */
static void close_and_open(struct st_test *t, struct workpool_multi *multi)
{
	int i;

	for (i = 0; i < 3; i++) {
		workpool_release(at(multi, i));
		usleep_range(100, 300);
	}
	workpool_multi_release(multi);
	EXPECT_EQ(t, workpool_multi_wait_released(multi, ST_DEADLINE), 0);
	EXPECT_EQ(t, workpool_multi_reboot(multi), 0);
	usleep_range(500, 1000);
}

/* pools close and come back, one by one and all at once: accepted means it runs once */
static void storm_with_releases(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 3, WORKPOOL_ROUND_ROBIN, 1);
	struct st_thread *threads[ACTORS];
	struct storm *storm;

	storm = start_storm(t, multi, false, threads);
	while (!all_back(threads) && !t->failures)
		close_and_open(t, multi);
	expect_storm_over(t, storm, threads);
}

static int call_reboot(struct st_thread *thread)
{
	return workpool_multi_reboot(thread->data);
}

static int call_release(struct st_thread *thread)
{
	workpool_multi_release(thread->data);
	return 0;
}

static bool is_mixed(struct workpool_multi *multi)
{
	bool closed = workpool_multi_is_closed(multi);
	unsigned int i;

	for (i = 0; i < workpool_multi_count(multi); i++)
		if (workpool_is_closed(at(multi, i)) != closed)
			return true;
	return false;
}

/* a release during a reboot is not lost: in the end all is open, or all is closed */
static void release_races_with_reboot(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 16, WORKPOOL_ROUND_ROBIN, 1);
	struct st_thread *threads[2];
	int i, ret;

	for (i = 0; i < 200 && !t->failures; i++) {
		workpool_multi_release(multi);
		ASSERT_EQ(t, workpool_multi_wait_released(multi, ST_DEADLINE), 0);
		threads[0] = st_thread(t, NULL, call_reboot);
		threads[1] = st_thread(t, NULL, call_release);
		threads[0]->data = multi;
		threads[1]->data = multi;
		st_thread_start(threads[i % 2]);
		st_thread_start(threads[(i + 1) % 2]);
		ret = st_join(threads[0]);
		EXPECT(t, !ret || ret == -ESHUTDOWN || ret == -EBUSY);
		EXPECT_EQ(t, st_join(threads[1]), 0);
		EXPECT(t, !is_mixed(multi));
	}
}

/**
 * struct embedded - a task of its own
 * @task: the task
 * @queued: times it was queued
 * @cancelled: times it was cancelled
 * @ran: times it ran
 * @now: it runs
 * @twice: it ran twice at once
 */
struct embedded {
	struct workpool_task task;
	int queued;
	int cancelled;
	atomic_t ran;
	atomic_t now;
	bool twice;
};

static void embedded_run(struct workpool_task *task)
{
	struct embedded *e = container_of(task, struct embedded, task);

	if (atomic_inc_return(&e->now) > 1)
		e->twice = true;
	if (atomic_inc_return(&e->ran) % 16 == 0)
		usleep_range(20, 40);
	atomic_dec(&e->now);
}

#define TASKS	5

/**
 * struct owner - a thread with some tasks
 * @multi: where it queues them
 * @tasks: these
 */
struct owner {
	struct workpool_multi *multi;
	struct embedded tasks[TASKS];
};

static int queue_one(struct owner *owner, int i)
{
	struct embedded *e = &owner->tasks[i % TASKS];
	int ret = workpool_multi_queue(owner->multi, &e->task);

	e->queued += !ret;
	if (i % 7 == 0)
		e->cancelled += !workpool_cancel(&e->task);
	if (i % 31 == 0)
		workpool_flush(&e->task);
	return ret == -EALREADY || ret == -ESHUTDOWN ? 0 : ret;
}

static int call_queue(struct st_thread *thread)
{
	int i, ret = 0;

	for (i = 0; i < 1000 && !ret; i++) {
		ret = queue_one(thread->data, i);
		cond_resched();
	}
	return ret;
}

static struct st_thread *start_owner(struct st_test *t,
				     struct workpool_multi *multi)
{
	struct owner *owner = st_alloc(t, sizeof(*owner));
	struct st_thread *thread = st_thread(t, NULL, call_queue);
	int i;

	owner->multi = multi;
	for (i = 0; i < TASKS; i++)
		workpool_task_init(&owner->tasks[i].task, embedded_run);
	thread->data = owner;
	st_thread_start(thread);
	return thread;
}

static void expect_exactly_once(struct st_test *t, struct owner *owner)
{
	struct embedded *e;

	for (e = owner->tasks; e < owner->tasks + TASKS; e++) {
		EXPECT_EQ(t, atomic_read(&e->ran), e->queued - e->cancelled);
		EXPECT(t, !e->twice);
	}
}

/* tasks that are queued, taken over, cancelled and waited for, and pools that close */
static void stolen_exactly_once(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 3, WORKPOOL_ROUND_ROBIN, 1);
	struct st_thread *threads[ACTORS];
	int i;

	for (i = 0; i < ACTORS; i++)
		threads[i] = start_owner(t, multi);
	while (!all_back(threads) && !t->failures)
		close_and_open(t, multi);
	for (i = 0; i < ACTORS; i++)
		EXPECT_EQ(t, st_join(threads[i]), 0);
	workpool_multi_release(multi);
	ASSERT_EQ(t, workpool_multi_wait_released(multi, ST_DEADLINE), 0);
	for (i = 0; i < ACTORS; i++)
		expect_exactly_once(t, threads[i]->data);
	EXPECT_EQ(t, st_multi_stats(multi).dropped, 0);
}

/* an idle pool takes over what is queued in a busy one, and counts it */
static void idle_pool_takes_over(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 2, WORKPOOL_ROUND_ROBIN, 1);
	struct st_job *busy[2];
	struct embedded *e = st_alloc(t, sizeof(*e));

	workpool_task_init(&e->task, embedded_run);
	occupy_all(t, multi, busy);
	ASSERT_EQ(t, workpool_multi_queue(multi, &e->task), 0);
	EXPECT_EQ(t, st_stats(at(multi, 0)).queued, 1);
	st_open(busy[1]);
	ASSERT_SOON(t, atomic_read(&e->ran) == 1);
	st_settle(t, at(multi, 1));
	EXPECT_EQ(t, st_stats(at(multi, 1)).stolen, 1);
	EXPECT_EQ(t, st_stats(at(multi, 0)).stolen, 0);
}

static int call_destroy(struct st_thread *thread)
{
	workpool_multi_destroy(thread->data);
	return 0;
}

/* destroy() gives waiting submitters -ESHUTDOWN, whichever side is faster */
static void destroy_with_waiters(struct st_test *t)
{
	struct st_thread *waiters[3], *destroyer;
	struct workpool_multi *multi;
	struct st_job *busy[2];
	int i, round;

	for (round = 0; round < 30; round++) {
		multi = st_multi(t, 2, WORKPOOL_ROUND_ROBIN, 1);
		occupy_all(t, multi, busy);
		for (i = 0; i < 3; i++)
			waiters[i] = add_waiter(t, multi, st_job(t));
		st_multi_forget(t, multi);
		destroyer = st_thread(t, NULL, call_destroy);
		destroyer->data = multi;
		st_thread_start(destroyer);
		for (i = 0; i < 3; i++)
			EXPECT_EQ(t, st_join(waiters[i]), -ESHUTDOWN);
		st_open_all(busy, 2);
		EXPECT_EQ(t, st_join(destroyer), 0);
	}
}

static const struct st_case multi_cases[] = {
	ST_CASE(first_pick),
	ST_CASE(least_tasks),
	ST_CASE(scan_before_sleep),
	ST_CASE(first_freed_slot_is_taken),
	ST_CASE(release_timeout_of_one_that_does_not_end),
	ST_CASE(unlimited_has_no_total),
	ST_CASE(failed_create),
	ST_CASE(atomic_context),
	ST_CASE(local_stays_on_the_cpu),
	ST_CASE(local_has_a_pool_per_cache),
	ST_CASE(local_falls_back),
	ST_CASE(patient_storm),
	ST_CASE(impatient_storm),
	ST_CASE(storm_with_releases),
	ST_CASE(release_races_with_reboot),
	ST_CASE(stolen_exactly_once),
	ST_CASE(idle_pool_takes_over),
	ST_CASE(destroy_with_waiters),
};

ST_GROUP(multi, false);
