// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting for a worker: the order, the hand-off, and the ways to give up.
 */
#include "test.h"

/* waiters are served in the order they came */
static void waiters_are_fifo(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *first = st_block(t, pool), *jobs[6];
	struct st_thread *threads[6];
	int i;

	st_add_waiters(t, pool, jobs, threads, 6);
	st_open_all(jobs, 6);
	st_open(first);
	for (i = 0; i < 6; i++) {
		EXPECT_EQ(t, st_join(threads[i]), 0);
		ASSERT_SOON(t, st_ended(jobs[i]));
		EXPECT_EQ(t, jobs[i]->turn, first->turn + 1 + i);
	}
	EXPECT_EQ(t, st_stats(pool).blocked, 6);
	EXPECT_EQ(t, st_stats(pool).peak_waiting, 6);
}

/* the freed worker takes the task of the head waiter itself */
static void waiter_gets_the_freed_worker(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *busy[2], *jobs[2];
	struct st_thread *threads[2];

	st_block_n(t, pool, busy, 2);
	st_add_waiters(t, pool, jobs, threads, 2);
	st_open(busy[1]);
	ASSERT_SOON(t, st_begun(jobs[0]));
	EXPECT_EQ(t, jobs[0]->pid, busy[1]->pid);
	EXPECT_EQ(t, st_join(threads[0]), 0);
	st_open(busy[0]);
	ASSERT_SOON(t, st_begun(jobs[1]));
	EXPECT_EQ(t, jobs[1]->pid, busy[0]->pid);
	EXPECT_EQ(t, st_join(threads[1]), 0);
	EXPECT_EQ(t, st_stats(pool).spawned + st_stats(pool).adopted, 2);
}

/* as long as no worker is free a waiter waits: one free worker serves one */
static void one_free_worker_serves_one_waiter(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *first = st_block(t, pool), *jobs[3];
	struct st_thread *threads[3];

	st_add_waiters(t, pool, jobs, threads, 3);
	st_open(first);
	ASSERT_SOON(t, st_begun(jobs[0]));
	EXPECT_EQ(t, st_join(threads[0]), 0);
	EXPECT_EQ(t, workpool_waiting(pool), 2);
	EXPECT_EQ(t, st_stats(pool).submitted, 2);
	EXPECT(t, !st_returned(threads[1]));
	EXPECT(t, !st_begun(jobs[1]));
}

/* a submit that comes later does not overtake those that wait */
static void barging_is_not_possible(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *first = st_block(t, pool), *jobs[3], *barger;
	struct st_thread *threads[3];
	int i;

	st_add_waiters(t, pool, jobs, threads, 3);
	barger = st_job_quick(t);
	EXPECT_EQ(t, st_try(pool, barger), -EAGAIN);
	st_open(first);
	for (i = 0; i < 3; i++) {
		ASSERT_SOON(t, st_begun(jobs[i]));
		EXPECT_EQ(t, st_try(pool, barger), -EAGAIN);
		st_open(jobs[i]);
	}
	EXPECT(t, !st_begun(barger));
}

/* max_blocking submitters may wait, the next is -EBUSY */
static void max_blocking_is_ebusy(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct st_job *first, *jobs[2], *job = st_job(t);
	struct st_thread *threads[2];
	struct workpool *pool;

	attrs.max_blocking = 2;
	pool = st_pool_attrs(t, &attrs);
	EXPECT_EQ(t, st_stats(pool).max_blocking, 2);
	first = st_block(t, pool);
	st_add_waiters(t, pool, jobs, threads, 2);
	EXPECT_EQ(t, workpool_submit(pool, st_job_run, job), -EBUSY);
	EXPECT_EQ(t, workpool_submit_timeout(pool, st_job_run, job, HZ),
		  -EBUSY);
	EXPECT_EQ(t, st_try(pool, job), -EAGAIN);
	EXPECT_EQ(t, st_stats(pool).rejected, 3);
	st_open(first);
	EXPECT_EQ(t, st_join(threads[0]), 0);
	threads[0] = st_submit(t, pool, job);
	ASSERT_SOON(t, workpool_waiting(pool) == 2);
	EXPECT(t, !st_begun(job));
}

static void max_blocking_zero_is_no_limit(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *first = st_block(t, pool), *jobs[12];
	struct st_thread *threads[12];
	int i;

	st_add_waiters(t, pool, jobs, threads, 12);
	st_open_all(jobs, 12);
	st_open(first);
	for (i = 0; i < 12; i++)
		EXPECT_EQ(t, st_join(threads[i]), 0);
}

/* what the bargers submit */
static void nothing(void *unused)
{
}

static int call_barge(struct st_thread *thread)
{
	int ret = 0;

	while (!READ_ONCE(*(bool *)thread->data)) {
		ret = workpool_submit(thread->pool, nothing, NULL);
		if (ret && ret != -EBUSY)
			return ret;
		cond_resched();
	}
	return 0;
}

static void waiter_round(struct st_test *t, struct workpool *pool)
{
	bool *stop = st_alloc(t, sizeof(*stop));
	struct st_job *first = st_block(t, pool), *job;
	struct st_thread *waiter, *bargers[2];
	int i;

	st_add_waiters(t, pool, &job, &waiter, 1);
	for (i = 0; i < 2; i++) {
		bargers[i] = st_thread(t, pool, call_barge);
		bargers[i]->data = stop;
		st_thread_start(bargers[i]);
	}
	st_open(job);
	st_open(first);
	EXPECT_EQ(t, st_join(waiter), 0);
	WRITE_ONCE(*stop, true);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(t, st_join(bargers[i]), 0);
	st_settle(t, pool);
}

/* a submitter that has waited never gets -EBUSY, whatever comes meanwhile */
static void waiter_never_ebusy(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool;
	int i;

	attrs.max_blocking = 1;
	pool = st_pool_attrs(t, &attrs);
	for (i = 0; i < 50; i++)
		waiter_round(t, pool);
}

/* it never gets -EAGAIN either, however many there are */
static void waiter_never_eagain(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, WORKPOOL_F_NOPURGE);
	struct st_storm *storm = st_storm(t, pool, 1, 300);
	struct st_thread *threads[6];

	st_storm_start(storm, threads, 6);
	st_storm_end(storm, threads, 6);
	st_storm_expect_all_ran(storm, 6 * 300);
	EXPECT_EQ(t, st_stats(pool).rejected, 0);
}

/* a waiter is woken once, when it is its turn */
static void no_thundering_herd(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *first = st_block(t, pool), *jobs[8];
	struct st_thread *threads[8];
	unsigned long before;
	int i;

	st_add_waiters(t, pool, jobs, threads, 8);
	ASSERT_SOON(t, st_asleep(threads[7]->task));
	before = READ_ONCE(threads[7]->task->nvcsw);
	st_open_all(jobs, 6);
	st_open(first);
	for (i = 0; i < 7; i++)
		EXPECT_EQ(t, st_join(threads[i]), 0);
	EXPECT_EQ(t, READ_ONCE(threads[7]->task->nvcsw), before);
	EXPECT_EQ(t, workpool_waiting(pool), 1);
}

/* a waiter that is killed gives up, and its task never runs */
static void errno_eintr_killed_waiter(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *first = st_block(t, pool), *jobs[3];
	struct st_thread *threads[3];

	st_add_waiters(t, pool, jobs, threads, 3);
	st_kill(threads[1]);
	EXPECT_EQ(t, st_join(threads[1]), -EINTR);
	EXPECT_EQ(t, workpool_waiting(pool), 2);
	EXPECT_EQ(t, st_stats(pool).interrupted, 1);
	st_open_all(jobs, 3);
	st_open(first);
	EXPECT_EQ(t, st_join(threads[0]), 0);
	EXPECT_EQ(t, st_join(threads[2]), 0);
	st_settle(t, pool);
	EXPECT(t, !st_begun(jobs[1]));
	EXPECT_EQ(t, st_stats(pool).submitted, 3);
}

/* only SIGKILL ends the wait */
static void wait_is_only_killable(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_thread *thread;
	struct st_job *job;

	st_block(t, pool);
	st_add_waiters(t, pool, &job, &thread, 1);
	ASSERT_SOON(t, st_waits_killably(thread));
	EXPECT_EQ(t, READ_ONCE(thread->task->__state) & TASK_INTERRUPTIBLE, 0);
}

static void errno_etimedout_submit(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *first = st_block(t, pool), *job = st_job(t);

	EXPECT_EQ(t, workpool_submit_timeout(pool, st_job_run, job, 2),
		  -ETIMEDOUT);
	EXPECT_EQ(t, workpool_waiting(pool), 0);
	EXPECT_EQ(t, st_stats(pool).timedout, 1);
	EXPECT_EQ(t, st_stats(pool).blocked, 1);
	st_open(first);
	st_settle(t, pool);
	EXPECT(t, !st_begun(job));
	EXPECT_EQ(t, st_stats(pool).submitted, 1);
}

static void submit_timeout_zero_does_not_wait(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job(t);

	EXPECT_EQ(t, workpool_submit_timeout(pool, st_job_run, job, 0), 0);
	EXPECT_EQ(t, workpool_submit_timeout(pool, st_job_run, job, 0),
		  -ETIMEDOUT);
	EXPECT_EQ(t, st_stats(pool).timedout, 1);
	EXPECT_EQ(t, st_stats(pool).blocked, 0);
}

/* the timeout is an upper bound, not a delay */
static void submit_timeout_is_served_in_time(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *first = st_block(t, pool), *job = st_job(t);
	struct st_thread *thread;

	thread = st_submit_timeout(t, pool, job, 10 * ST_DEADLINE);
	ASSERT_SOON(t, workpool_waiting(pool) == 1);
	st_open(first);
	EXPECT_EQ(t, st_join(thread), 0);
	ASSERT_SOON(t, st_begun(job));
}

static void submit_timeout_forever(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *first = st_block(t, pool), *job = st_job(t);
	struct st_thread *thread;

	thread = st_submit_timeout(t, pool, job, MAX_SCHEDULE_TIMEOUT);
	ASSERT_SOON(t, workpool_waiting(pool) == 1);
	st_open(first);
	EXPECT_EQ(t, st_join(thread), 0);
}

/* a waiter that gives up does not change the order of the others */
static void giving_up_keeps_the_order(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *first = st_block(t, pool), *jobs[4];
	struct st_thread *threads[4];

	st_add_waiters(t, pool, jobs, threads, 4);
	st_kill(threads[0]);
	EXPECT_EQ(t, st_join(threads[0]), -EINTR);
	st_kill(threads[2]);
	EXPECT_EQ(t, st_join(threads[2]), -EINTR);
	st_open(first);
	EXPECT_EQ(t, st_join(threads[1]), 0);
	EXPECT_EQ(t, workpool_waiting(pool), 1);
	st_open(jobs[1]);
	EXPECT_EQ(t, st_join(threads[3]), 0);
}

/* kill and hand-off at the same time: exactly one of them wins */
static void kill_races_with_hand_off(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, WORKPOOL_F_NOPURGE);
	struct st_thread *thread;
	struct st_job *first, *job;
	int i, ret;

	for (i = 0; i < 100; i++) {
		first = st_block(t, pool);
		st_add_waiters(t, pool, &job, &thread, 1);
		st_open(job);
		st_open(first);
		st_kill(thread);
		ret = st_join(thread);
		st_settle(t, pool);
		EXPECT(t, ret == 0 || ret == -EINTR);
		EXPECT_EQ(t, st_begun(job), !ret);
	}
}

/* timeout and hand-off at the same time: exactly one of them wins */
static void timeout_races_with_hand_off(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, WORKPOOL_F_NOPURGE);
	struct st_job *first, *job;
	struct st_thread *thread;
	int i, ret;

	for (i = 0; i < 100; i++) {
		first = st_block(t, pool);
		job = st_job_quick(t);
		thread = st_submit_timeout(t, pool, job, 1 + i % 3);
		ASSERT_SOON(t, workpool_waiting(pool) || st_returned(thread));
		st_open(first);
		ret = st_join(thread);
		st_settle(t, pool);
		EXPECT(t, ret == 0 || ret == -ETIMEDOUT);
		EXPECT_EQ(t, st_begun(job), !ret);
	}
}

/* the last worker leaves while a submitter starts to wait */
static void no_lost_wakeup(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct st_thread *threads[4];
	struct st_storm *storm;

	attrs.flags = WORKPOOL_F_NOPURGE;
	storm = st_storm(t, st_pool_attrs(t, &attrs), 1, 500);
	st_storm_start(storm, threads, 4);
	st_storm_end(storm, threads, 4);
	st_storm_expect_all_ran(storm, 4 * 500);
}

/* workers leave all the time while submitters wait, because they expire at once */
static void no_lost_wakeup_with_purge(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct st_thread *threads[3];
	struct st_storm *storm;

	attrs.expiry_ms = 1;
	storm = st_storm(t, st_pool_attrs(t, &attrs), 2, 300);
	st_storm_start(storm, threads, 3);
	st_storm_end(storm, threads, 3);
	st_storm_expect_all_ran(storm, 3 * 300);
}

static const struct st_case waiter_cases[] = {
	ST_CASE(waiters_are_fifo),
	ST_CASE(waiter_gets_the_freed_worker),
	ST_CASE(one_free_worker_serves_one_waiter),
	ST_CASE(barging_is_not_possible),
	ST_CASE(max_blocking_is_ebusy),
	ST_CASE(max_blocking_zero_is_no_limit),
	ST_CASE(waiter_never_ebusy),
	ST_CASE(waiter_never_eagain),
	ST_CASE(no_thundering_herd),
	ST_CASE(errno_eintr_killed_waiter),
	ST_CASE(wait_is_only_killable),
	ST_CASE(errno_etimedout_submit),
	ST_CASE(submit_timeout_zero_does_not_wait),
	ST_CASE(submit_timeout_is_served_in_time),
	ST_CASE(submit_timeout_forever),
	ST_CASE(giving_up_keeps_the_order),
	ST_CASE(kill_races_with_hand_off),
	ST_CASE(timeout_races_with_hand_off),
	ST_CASE(no_lost_wakeup),
	ST_CASE(no_lost_wakeup_with_purge),
};

ST_GROUP(waiter, false);
