// SPDX-License-Identifier: GPL-2.0
/*
 * Submitting: which worker gets a task, in which order, and which task is refused.
 */
#include "test.h"

/* the order in which the errors are checked */
static void null_fn_is_einval(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);

	st_park(t, pool, NULL, 1);
	EXPECT_EQ(t, workpool_submit(pool, NULL, NULL), -EINVAL);
	EXPECT_EQ(t, workpool_try_submit(pool, NULL, NULL), -EINVAL);
	EXPECT_EQ(t, workpool_submit_timeout(pool, NULL, NULL, HZ), -EINVAL);
	EXPECT_EQ(t, workpool_invoke(pool, NULL), -EINVAL);
}

/* a NULL task does not cost a worker */
static void null_fn_kills_no_worker(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, WORKPOOL_F_NOPURGE);
	pid_t pid;

	st_park(t, pool, &pid, 1);
	EXPECT_EQ(t, workpool_submit(pool, NULL, NULL), -EINVAL);
	EXPECT_EQ(t, workpool_running(pool), 1);
	EXPECT_EQ(t, st_run_pid(t, pool), pid);
	EXPECT_EQ(t, st_stats(pool).submitted, 2);
}

static void closed_comes_before_null_fn(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);

	workpool_release(pool);
	EXPECT_EQ(t, workpool_submit(pool, NULL, NULL), -ESHUTDOWN);
	EXPECT_EQ(t, workpool_try_submit(pool, NULL, NULL), -ESHUTDOWN);
	EXPECT_EQ(t, workpool_submit_timeout(pool, NULL, NULL, -1), -ESHUTDOWN);
	EXPECT_EQ(t, workpool_invoke(pool, NULL), -ESHUTDOWN);
}

static void closed_comes_before_full(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, WORKPOOL_F_NONBLOCK);
	struct st_job *job = st_job(t);

	st_block(t, pool);
	EXPECT_EQ(t, st_try(pool, job), -EAGAIN);
	workpool_release(pool);
	EXPECT_EQ(t, st_try(pool, job), -ESHUTDOWN);
	EXPECT_EQ(t, workpool_submit(pool, st_job_run, job), -ESHUTDOWN);
}

static void null_fn_comes_before_full(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);

	st_block(t, pool);
	EXPECT_EQ(t, workpool_try_submit(pool, NULL, NULL), -EINVAL);
	EXPECT_EQ(t, workpool_submit_timeout(pool, NULL, NULL, 1), -EINVAL);
}

/* each worker is a thread of its own */
static void workers_are_threads(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct st_job *jobs[3];

	st_block_n(t, pool, jobs, 3);
	EXPECT(t, jobs[0]->pid != jobs[1]->pid);
	EXPECT(t, jobs[1]->pid != jobs[2]->pid);
	EXPECT(t, jobs[0]->pid != jobs[2]->pid);
	EXPECT(t, jobs[0]->thread->flags & PF_KTHREAD);
}

/* submit() returns when the task is accepted, not when it is done */
static void submit_returns_before_the_end(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *jobs[2];
	int i;

	st_jobs(t, jobs, 2);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(t, workpool_submit(pool, st_job_run, jobs[i]), 0);
	EXPECT(t, !st_ended(jobs[0]));
	EXPECT(t, !st_ended(jobs[1]));
	EXPECT_EQ(t, st_stats(pool).blocked, 0);
}

/* the same thread is used again */
static void thread_is_reused(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 4, WORKPOOL_F_NOPURGE);
	pid_t pid = st_run_pid(t, pool);
	int i;

	for (i = 0; i < 20; i++)
		EXPECT_EQ(t, st_run_pid(t, pool), pid);
	EXPECT_EQ(t, workpool_running(pool), 1);
	EXPECT_EQ(t, st_stats(pool).spawned + st_stats(pool).adopted, 1);
}

/* each task gets a new worker until the capacity is reached */
static void spawns_up_to_capacity(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct st_job *jobs[3];
	int i;

	for (i = 0; i < 3; i++) {
		EXPECT_EQ(t, workpool_available(pool), 3 - i);
		jobs[i] = st_block(t, pool);
		EXPECT_EQ(t, workpool_running(pool), i + 1);
	}
	EXPECT_EQ(t, workpool_available(pool), 0);
	EXPECT_EQ(t, st_try(pool, jobs[0]), -EAGAIN);
	EXPECT_EQ(t, st_stats(pool).rejected, 1);
}

/* an idle worker comes before a new one */
static void idle_worker_before_new_one(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 4, WORKPOOL_F_NOPURGE);

	st_park(t, pool, NULL, 2);
	st_block(t, pool);
	EXPECT_EQ(t, workpool_running(pool), 2);
	st_block(t, pool);
	EXPECT_EQ(t, workpool_running(pool), 2);
	EXPECT_EQ(t, workpool_idle(pool), 0);
	st_block(t, pool);
	EXPECT_EQ(t, workpool_running(pool), 3);
}

/* @pid is one of the last four of @pids, which it leaves */
static void expect_one_of_the_last(struct st_test *t, pid_t *pids, int nr,
				   pid_t pid)
{
	int i;

	for (i = nr - 1; i > 0 && pids[i] != pid; i--)
		;
	EXPECT_EQ(t, pids[i], pid);
	EXPECT(t, i >= nr - 4);
	memmove(&pids[i], &pids[i + 1], (nr - i - 1) * sizeof(*pids));
}

/* one of the four workers that were used last gets the task */
static void last_parked_run_first(struct st_test *t)
{
	enum { N = 8 };
	struct workpool *pool = st_pool(t, N, WORKPOOL_F_NOPURGE);
	pid_t pids[N], pid;
	int i;

	st_park(t, pool, pids, N);
	for (i = 0; i < 10; i++) {
		pid = st_run_pid(t, pool);
		expect_one_of_the_last(t, pids, N, pid);
		pids[N - 1] = pid;
	}
	for (i = N; i > 0; i--)
		expect_one_of_the_last(t, pids, i, st_block(t, pool)->pid);
}

/* the stack holds more idle workers than it may have been made for */
static void stack_grows(struct st_test *t)
{
	enum { N = 150 };
	struct workpool *pool = st_pool(t, N, WORKPOOL_F_NOPURGE);
	int i;

	for (i = 0; i < N; i++)
		ASSERT_EQ(t, st_try(pool, st_job(t)), 0);
	ASSERT_SOON(t, workpool_busy(pool) == N);
	st_jobs_open(t);
	ASSERT_SOON(t, workpool_idle(pool) == N);
}

static void unlimited_never_waits(struct st_test *t)
{
	struct workpool *pool = st_pool(t, WORKPOOL_UNLIMITED, 0);
	struct st_job *jobs[40];
	int i;

	st_jobs(t, jobs, 40);
	for (i = 0; i < 40; i++)
		EXPECT_EQ(t, workpool_submit(pool, st_job_run, jobs[i]), 0);
	ASSERT_SOON(t, workpool_busy(pool) == 40);
	EXPECT_EQ(t, workpool_capacity(pool), WORKPOOL_UNLIMITED);
	EXPECT_EQ(t, workpool_available(pool), -1);
	EXPECT_EQ(t, st_stats(pool).blocked, 0);
}

/* max_workers is the ceiling; the lane loads the module with a low one */
static void unlimited_has_a_ceiling(struct st_test *t)
{
	struct workpool *pool = st_pool(t, WORKPOOL_UNLIMITED, 0);
	int ret = 0, n;

	for (n = 0; n <= 300 && !ret; n++)
		ret = st_try(pool, st_job(t));
	if (!ret)
		st_skip(t, "max_workers is above 300");
	EXPECT_EQ(t, ret, -EAGAIN);
	EXPECT_EQ(t, workpool_running(pool), n - 1);
	EXPECT_EQ(t, workpool_capacity(pool), WORKPOOL_UNLIMITED);
	EXPECT_EQ(t, st_stats(pool).rejected, 1);
}

/* a submitter that may wait does so at the ceiling, as in any full pool */
static void unlimited_submit_waits_at_the_ceiling(struct st_test *t)
{
	struct workpool *pool = st_pool(t, WORKPOOL_UNLIMITED, 0);
	struct st_job *first = st_block(t, pool), *job;
	struct st_thread *thread;
	int ret = 0, n;

	for (n = 0; n <= 300 && !ret; n++)
		ret = st_try(pool, st_job(t));
	if (!ret)
		st_skip(t, "max_workers is above 300");
	ASSERT_SOON(t, workpool_busy(pool) == n);
	st_add_waiters(t, pool, &job, &thread, 1);
	st_open(first);
	EXPECT_EQ(t, st_join(thread), 0);
	ASSERT_SOON(t, st_begun(job));
}

/* each slot has room for its task, also of more than fit in a page or two */
static void cold_pool_takes_as_many_as_its_capacity(struct st_test *t)
{
	enum { N = 300 };
	struct workpool *pool = st_pool(t, N, 0);
	int i;

	for (i = 0; i < N; i++)
		ASSERT_EQ(t, st_try(pool, st_job_quick(t)), 0);
	st_settle(t, pool);
	EXPECT_EQ(t, st_stats(pool).completed, N);
	EXPECT_EQ(t, st_stats(pool).rejected, 0);
}

/* a NONBLOCK pool refuses where another one waits */
static void nonblock_is_eagain_at_once(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, WORKPOOL_F_NONBLOCK);
	struct st_job *job = st_job(t);

	st_block(t, pool);
	EXPECT_EQ(t, workpool_submit(pool, st_job_run, job), -EAGAIN);
	EXPECT_EQ(t, workpool_submit_timeout(pool, st_job_run, job, 10 * HZ),
		  -EAGAIN);
	EXPECT_EQ(t, st_stats(pool).rejected, 2);
	EXPECT_EQ(t, st_stats(pool).blocked, 0);
	EXPECT(t, !st_begun(job));
}

static void nonblock_makes_max_blocking_void(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool;
	struct st_job *job = st_job(t);

	attrs.flags = WORKPOOL_F_NONBLOCK;
	attrs.max_blocking = 5;
	pool = st_pool_attrs(t, &attrs);
	st_block(t, pool);
	EXPECT_EQ(t, workpool_submit(pool, st_job_run, job), -EAGAIN);
	EXPECT_EQ(t, workpool_waiting(pool), 0);
}

static void refused_task_never_runs(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *refused = st_job_quick(t);
	struct st_job *first = st_block(t, pool);

	EXPECT_EQ(t, st_try(pool, refused), -EAGAIN);
	EXPECT_EQ(t, st_stats(pool).rejected, 1);
	st_open(first);
	st_settle(t, pool);
	EXPECT(t, st_run_pid(t, pool) > 0);
	EXPECT(t, !st_begun(refused));
	EXPECT_EQ(t, st_stats(pool).submitted, 2);
}

/* capacity 10, 100 tasks, all of them are done at the end */
static void all_of_hundred_tasks_run(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 10, 0);
	struct st_storm *storm = st_storm(t, pool, 10, 100);
	struct st_thread *thread;

	st_storm_start(storm, &thread, 1);
	st_join(thread);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	st_storm_expect_all_ran(storm, 100);
	EXPECT_EQ(t, st_stats(pool).completed, 100);
}

static const struct st_case submit_cases[] = {
	ST_CASE(null_fn_is_einval),
	ST_CASE(null_fn_kills_no_worker),
	ST_CASE(closed_comes_before_null_fn),
	ST_CASE(closed_comes_before_full),
	ST_CASE(null_fn_comes_before_full),
	ST_CASE(workers_are_threads),
	ST_CASE(submit_returns_before_the_end),
	ST_CASE(thread_is_reused),
	ST_CASE(spawns_up_to_capacity),
	ST_CASE(idle_worker_before_new_one),
	ST_CASE(last_parked_run_first),
	ST_CASE(stack_grows),
	ST_CASE(unlimited_never_waits),
	ST_CASE(unlimited_has_a_ceiling),
	ST_CASE(unlimited_submit_waits_at_the_ceiling),
	ST_CASE(cold_pool_takes_as_many_as_its_capacity),
	ST_CASE(nonblock_is_eagain_at_once),
	ST_CASE(nonblock_makes_max_blocking_void),
	ST_CASE(refused_task_never_runs),
	ST_CASE(all_of_hundred_tasks_run),
};

ST_GROUP(submit, false);
