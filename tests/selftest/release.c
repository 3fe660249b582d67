// SPDX-License-Identifier: GPL-2.0
/*
 * Closing a pool, and what is sure when it is closed.
 */
#include "test.h"

/* a pool is open or closed, nothing in between is visible */
static void release_closes(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);

	EXPECT(t, !workpool_is_closed(pool));
	EXPECT(t, !st_stats(pool).closed);
	st_block(t, pool);
	workpool_release(pool);
	EXPECT(t, workpool_is_closed(pool));
	EXPECT(t, st_stats(pool).closed);
}

/* release() does not wait for running tasks */
static void release_does_not_wait(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_block(t, pool);

	workpool_release(pool);
	EXPECT(t, !st_ended(job));
	EXPECT_EQ(t, workpool_busy(pool), 1);
	EXPECT_EQ(t, workpool_running(pool), 1);
	st_open(job);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
	EXPECT(t, st_ended(job));
}

static void release_is_idempotent(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = st_block(t, pool);

	workpool_release(pool);
	workpool_release(pool);
	st_open(job);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
	workpool_release(pool);
	EXPECT(t, workpool_is_closed(pool));
	EXPECT_EQ(t, st_stats(pool).generation, 0);
}

static void release_fails_every_waiter(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_thread *threads[5];
	struct st_job *jobs[5];
	int i;

	st_block(t, pool);
	st_add_waiters(t, pool, jobs, threads, 5);
	workpool_release(pool);
	EXPECT_EQ(t, workpool_waiting(pool), 0);
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(t, st_join(threads[i]), -ESHUTDOWN);
		EXPECT(t, !st_begun(jobs[i]));
	}
	EXPECT_EQ(t, st_stats(pool).submitted, 1);
}

static void release_retires_idle_workers(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 4, WORKPOOL_F_NOPURGE);
	struct st_job *job;

	st_park(t, pool, NULL, 4);
	job = st_block(t, pool);
	workpool_release(pool);
	EXPECT_EQ(t, workpool_idle(pool), 0);
	EXPECT_EQ(t, workpool_running(pool), 1);
	/* once more changes nothing */
	workpool_release(pool);
	EXPECT_EQ(t, workpool_running(pool), 1);
	st_open(job);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, st_stats(pool).retired, 4);
}

static void body_release(struct st_job *job)
{
	workpool_release(job->pool);
	wait_for_completion(&job->gate);
}

static void release_from_own_task(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = st_job_body(t, pool, body_release);

	EXPECT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, workpool_is_closed(pool));
	EXPECT_EQ(t, workpool_wait_released(pool, 1), -ETIMEDOUT);
	st_open(job);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
	EXPECT(t, st_ended(job));
}

/* tasks that were accepted before the release run */
static void accepted_tasks_still_run(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct st_job *jobs[3];
	int i;

	for (i = 0; i < 3; i++) {
		jobs[i] = st_job_quick(t);
		EXPECT_EQ(t, st_try(pool, jobs[i]), 0);
	}
	workpool_release(pool);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
	for (i = 0; i < 3; i++)
		EXPECT(t, st_ended(jobs[i]));
	EXPECT_EQ(t, st_stats(pool).dropped, 0);
}

/* release_timeout() waits until the last worker is gone */
static void release_timeout_waits(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = st_block(t, pool);
	struct st_thread *thread;

	thread = st_release_timeout(t, pool, MAX_SCHEDULE_TIMEOUT);
	ASSERT_SOON(t, workpool_is_closed(pool));
	EXPECT(t, !st_returned(thread));
	st_open(job);
	EXPECT_EQ(t, st_join(thread), 0);
	EXPECT_EQ(t, workpool_running(pool), 0);
	EXPECT_EQ(t, st_stats(pool).alive, 0);
}

static void release_of_empty_pool(struct st_test *t)
{
	EXPECT_EQ(t, workpool_release_timeout(st_pool(t, 2, 0), 0), 0);
	EXPECT_EQ(t, workpool_release_timeout(st_pool(t, 2, 0), HZ), 0);
}

static void timeout_zero_polls_once(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = st_block(t, pool);

	EXPECT_EQ(t, workpool_release_timeout(pool, 0), -ETIMEDOUT);
	EXPECT(t, workpool_is_closed(pool));
	EXPECT_EQ(t, workpool_wait_released(pool, 0), -ETIMEDOUT);
	st_open(job);
	ASSERT_SOON(t, workpool_wait_released(pool, 0) == 0);
}

/* -ESHUTDOWN is for a pool that is released and empty */
static void eshutdown_only_when_released(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_block(t, pool);

	EXPECT_EQ(t, workpool_release_timeout(pool, 1), -ETIMEDOUT);
	EXPECT_EQ(t, workpool_release_timeout(pool, 1), -ETIMEDOUT);
	st_open(job);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, workpool_release_timeout(pool, HZ), -ESHUTDOWN);
	EXPECT_EQ(t, workpool_release_timeout(pool, 0), -ESHUTDOWN);
}

static void release_timeout_after_release_waits(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_block(t, pool);
	struct st_thread *thread;

	workpool_release(pool);
	thread = st_release_timeout(t, pool, ST_DEADLINE);
	ASSERT_SOON(t, st_waits_killably(thread));
	EXPECT_EQ(t, workpool_release_timeout(pool, 1), -ETIMEDOUT);
	EXPECT(t, !st_returned(thread));
	st_open(job);
	EXPECT_EQ(t, st_join(thread), 0);
}

/* the wait can be repeated, by any thread, also after it has succeeded */
static void wait_is_repeatable(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_block(t, pool);
	struct st_thread *threads[3];
	int i;

	EXPECT_EQ(t, workpool_release_timeout(pool, 1), -ETIMEDOUT);
	EXPECT_EQ(t, workpool_wait_released(pool, 1), -ETIMEDOUT);
	for (i = 0; i < 3; i++)
		threads[i] = st_wait_released(t, pool, ST_DEADLINE);
	st_open(job);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(t, st_join(threads[i]), 0);
	EXPECT_EQ(t, workpool_wait_released(pool, 0), 0);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
}

static void errno_einval_wait_released_of_open_pool(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);

	EXPECT_EQ(t, workpool_wait_released(pool, 0), -EINVAL);
	EXPECT_EQ(t, workpool_wait_released(pool, HZ), -EINVAL);
	EXPECT(t, !workpool_is_closed(pool));
}

static void errno_eintr_release_wait_is_killable(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_thread *release, *wait;
	struct st_job *job = st_block(t, pool);

	release = st_release_timeout(t, pool, MAX_SCHEDULE_TIMEOUT);
	ASSERT_SOON(t, workpool_is_closed(pool));
	wait = st_wait_released(t, pool, MAX_SCHEDULE_TIMEOUT);
	ASSERT_SOON(t, st_waits_killably(release));
	ASSERT_SOON(t, st_waits_killably(wait));
	st_kill(release);
	st_kill(wait);
	EXPECT_EQ(t, st_join(release), -EINTR);
	EXPECT_EQ(t, st_join(wait), -EINTR);
	EXPECT(t, !st_ended(job));
}

/* nothing starts after release_timeout() has returned 0 */
static void release_round(struct st_test *t, struct workpool *pool, bool try)
{
	struct st_storm *storm = st_storm(t, pool, 2, 60);
	struct st_thread *threads[3];

	storm->try = try;
	st_storm_start(storm, threads, 3);
	ASSERT_SOON(t, atomic_read(&storm->ran));
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	WRITE_ONCE(storm->forbidden, true);
	st_storm_end(storm, threads, 3);
	EXPECT_EQ(t, storm->other, 0);
	EXPECT_EQ(t, workpool_reboot(pool), 0);
}

static void nothing_starts_after_release(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	int i;

	for (i = 0; i < 40; i++)
		release_round(t, pool, i & 1);
	EXPECT_EQ(t, st_stats(pool).generation, 40);
}

/* the last of many workers that leave at once reports the end, once */
static void last_worker_reports(struct st_test *t)
{
	struct workpool *pool;
	struct st_thread *thread;
	struct st_job *jobs[8];
	int i;

	for (i = 0; i < 20; i++) {
		pool = st_pool(t, 8, 0);
		st_block_n(t, pool, jobs, 8);
		thread = st_release_timeout(t, pool, ST_DEADLINE);
		ASSERT_SOON(t, workpool_is_closed(pool));
		st_open_all(jobs, 8);
		EXPECT_EQ(t, st_join(thread), 0);
		EXPECT_EQ(t, st_stats(pool).alive, 0);
		st_pool_destroy(t, pool);
	}
}

static void body_until_stop(struct st_job *job)
{
	while (!workpool_should_stop())
		usleep_range(200, 400);
}

/* no task is killed, but a task that asks learns that it should stop */
static void should_stop(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job_body(t, pool, body_until_stop);

	EXPECT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job));
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT(t, st_ended(job));
}

static void body_ask_stop(struct st_job *job)
{
	job->ret = workpool_should_stop();
	wait_for_completion(&job->gate);
	job->ret += 2 * workpool_should_stop();
}

static void should_stop_only_when_closed(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job_body(t, pool, body_ask_stop);

	EXPECT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job));
	workpool_release(pool);
	st_open(job);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, job->ret, 2);
}

/* after the timeout the pool stays closed and the task goes on */
static void timeout_kills_nobody(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = st_block(t, pool), *late = st_job(t);

	EXPECT_EQ(t, workpool_release_timeout(pool, 2), -ETIMEDOUT);
	EXPECT(t, workpool_is_closed(pool));
	EXPECT_EQ(t, workpool_busy(pool), 1);
	EXPECT_EQ(t, st_try(pool, late), -ESHUTDOWN);
	st_open(job);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
	EXPECT(t, st_ended(job));
	EXPECT_EQ(t, st_stats(pool).completed, 1);
}

static int call_destroy(struct st_thread *thread)
{
	workpool_destroy(thread->pool);
	return 0;
}

/* destroy() waits for everything */
static void destroy_waits_for_running_tasks(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = st_block(t, pool), *waiting;
	struct st_thread *thread = st_thread(t, pool, call_destroy), *waiter;

	st_block(t, pool);
	st_add_waiters(t, pool, &waiting, &waiter, 1);
	st_pool_forget(t, pool);
	st_thread_start(thread);
	EXPECT_EQ(t, st_join(waiter), -ESHUTDOWN);
	EXPECT(t, !st_returned(thread));
	st_jobs_open(t);
	EXPECT_EQ(t, st_join(thread), 0);
	EXPECT(t, st_ended(job));
}

static void destroy_of_busy_open_pool(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 4, 0);
	struct st_job *jobs[4];
	int i;

	for (i = 0; i < 4; i++) {
		jobs[i] = st_job_quick(t);
		EXPECT_EQ(t, st_try(pool, jobs[i]), 0);
	}
	st_pool_destroy(t, pool);
	for (i = 0; i < 4; i++)
		EXPECT(t, st_ended(jobs[i]));
}

static void drain_waits_for_all(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, WORKPOOL_F_NOPURGE);
	struct st_job *first = st_block(t, pool), *job;
	struct st_thread *waiter, *drain;

	EXPECT_EQ(t, workpool_drain(pool, 2), -ETIMEDOUT);
	st_add_waiters(t, pool, &job, &waiter, 1);
	drain = st_drain(t, pool, MAX_SCHEDULE_TIMEOUT);
	st_open(first);
	ASSERT_SOON(t, st_begun(job));
	EXPECT(t, !st_returned(drain));
	st_open(job);
	EXPECT_EQ(t, st_join(drain), 0);
	EXPECT(t, st_ended(job));
	EXPECT(t, !workpool_is_closed(pool));
	EXPECT_EQ(t, workpool_idle(pool), 1);
	EXPECT_EQ(t, workpool_drain(pool, HZ), 0);
}

static void errno_eintr_drain_is_killable(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_thread *drain;
	struct st_job *job = st_block(t, pool);

	drain = st_drain(t, pool, MAX_SCHEDULE_TIMEOUT);
	ASSERT_SOON(t, st_waits_killably(drain));
	st_kill(drain);
	EXPECT_EQ(t, st_join(drain), -EINTR);
	EXPECT(t, !st_ended(job));
}

static void drain_of_idle_pool_returns(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, WORKPOOL_F_NOPURGE);

	EXPECT_EQ(t, workpool_drain(pool, 0), 0);
	st_park(t, pool, NULL, 2);
	EXPECT_EQ(t, workpool_drain(pool, 0), 0);
	EXPECT_EQ(t, workpool_idle(pool), 2);
}

static const struct st_case release_cases[] = {
	ST_CASE(release_closes),
	ST_CASE(release_does_not_wait),
	ST_CASE(release_is_idempotent),
	ST_CASE(release_fails_every_waiter),
	ST_CASE(release_retires_idle_workers),
	ST_CASE(release_from_own_task),
	ST_CASE(accepted_tasks_still_run),
	ST_CASE(release_timeout_waits),
	ST_CASE(release_of_empty_pool),
	ST_CASE(timeout_zero_polls_once),
	ST_CASE(eshutdown_only_when_released),
	ST_CASE(release_timeout_after_release_waits),
	ST_CASE(wait_is_repeatable),
	ST_CASE(errno_einval_wait_released_of_open_pool),
	ST_CASE(errno_eintr_release_wait_is_killable),
	ST_CASE(nothing_starts_after_release),
	ST_CASE(last_worker_reports),
	ST_CASE(should_stop),
	ST_CASE(should_stop_only_when_closed),
	ST_CASE(timeout_kills_nobody),
	ST_CASE(destroy_waits_for_running_tasks),
	ST_CASE(destroy_of_busy_open_pool),
	ST_CASE(drain_waits_for_all),
	ST_CASE(errno_eintr_drain_is_killable),
	ST_CASE(drain_of_idle_pool_returns),
};

ST_GROUP(release, false);
