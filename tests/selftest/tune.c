// SPDX-License-Identifier: GPL-2.0
/*
 * Changing the capacity of a running pool.
 */
#include "test.h"

static void tune_to_bad_capacity_is_einval(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);

	EXPECT_EQ(t, workpool_tune(pool, 0), -EINVAL);
	EXPECT_EQ(t, workpool_tune(pool, WORKPOOL_UNLIMITED), -EINVAL);
	EXPECT_EQ(t, workpool_tune(pool, -2), -EINVAL);
	EXPECT_EQ(t, workpool_tune(pool, INT_MIN), -EINVAL);
	EXPECT_EQ(t, workpool_capacity(pool), 3);
}

static void unlimited_is_eopnotsupp(struct st_test *t)
{
	struct workpool *pool = st_pool(t, WORKPOOL_UNLIMITED, 0);

	EXPECT_EQ(t, workpool_tune(pool, 5), -EOPNOTSUPP);
	EXPECT_EQ(t, workpool_capacity(pool), WORKPOOL_UNLIMITED);
}

static void errno_eopnotsupp_prealloc(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, WORKPOOL_F_PREALLOC);

	EXPECT_EQ(t, workpool_tune(pool, 3), -EOPNOTSUPP);
	EXPECT_EQ(t, workpool_tune(pool, 1), -EOPNOTSUPP);
	EXPECT_EQ(t, workpool_capacity(pool), 2);
	EXPECT_EQ(t, workpool_running(pool), 2);
}

static void errno_eshutdown_tune(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);

	workpool_release(pool);
	EXPECT_EQ(t, workpool_tune(pool, 3), -ESHUTDOWN);
	EXPECT_EQ(t, workpool_tune(pool, 0), -ESHUTDOWN);
	EXPECT_EQ(t, workpool_capacity(pool), 2);
}

static void errno_einval_tune_below_min_workers(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(4);
	struct workpool *pool;

	attrs.min_workers = 2;
	pool = st_pool_attrs(t, &attrs);
	EXPECT_EQ(t, workpool_tune(pool, 1), -EINVAL);
	EXPECT_EQ(t, workpool_capacity(pool), 4);
	EXPECT_EQ(t, workpool_tune(pool, 2), 0);
	EXPECT_EQ(t, workpool_capacity(pool), 2);
	EXPECT_EQ(t, workpool_idle(pool), 2);
}

static void same_capacity_changes_nothing(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *first = st_block(t, pool), *jobs[2];
	struct st_thread *threads[2];

	st_block(t, pool);
	st_add_waiters(t, pool, jobs, threads, 2);
	EXPECT_EQ(t, workpool_tune(pool, 2), 0);
	EXPECT_EQ(t, workpool_waiting(pool), 2);
	EXPECT_EQ(t, workpool_running(pool), 2);
	EXPECT(t, !st_ended(first));
}

/* growing by k serves the first min(k, waiting) waiters, at once */
static void grow(struct st_test *t, int waiting, int by)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *jobs[6];
	struct st_thread *threads[6];
	int served = min(waiting, by), i;

	st_block(t, pool);
	st_add_waiters(t, pool, jobs, threads, waiting);
	EXPECT_EQ(t, workpool_tune(pool, 1 + by), 0);
	EXPECT_EQ(t, workpool_waiting(pool), waiting - served);
	EXPECT_EQ(t, workpool_running(pool), 1 + served);
	for (i = 0; i < served; i++) {
		EXPECT_EQ(t, st_join(threads[i]), 0);
		ASSERT_SOON(t, st_begun(jobs[i]));
	}
	EXPECT_EQ(t, workpool_busy(pool), 1 + served);
	for (; i < waiting; i++)
		EXPECT(t, !st_begun(jobs[i]) && !st_returned(threads[i]));
}

static void grow_by_one_serves_one(struct st_test *t)
{
	grow(t, 4, 1);
}

static void grow_by_k_serves_k(struct st_test *t)
{
	grow(t, 5, 3);
	grow(t, 6, 6);
}

static void grow_beyond_the_waiting(struct st_test *t)
{
	grow(t, 2, 4);
	grow(t, 0, 3);
}

/* the slots that growth does not hand out are there for the next submit */
static void grow_makes_room(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job(t);

	st_block(t, pool);
	EXPECT_EQ(t, st_try(pool, job), -EAGAIN);
	EXPECT_EQ(t, workpool_tune(pool, 2), 0);
	EXPECT_EQ(t, workpool_available(pool), 1);
	EXPECT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job));
}

/* busy surplus workers leave as they finish, and no others */
static void busy_surplus_leaves_when_done(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 4, WORKPOOL_F_NOPURGE);
	struct st_job *jobs[4];
	int i;

	st_block_n(t, pool, jobs, 4);
	EXPECT_EQ(t, workpool_tune(pool, 2), 0);
	EXPECT_EQ(t, workpool_capacity(pool), 2);
	EXPECT_EQ(t, workpool_running(pool), 4);
	EXPECT_EQ(t, workpool_busy(pool), 4);
	EXPECT_EQ(t, workpool_available(pool), 0);
	for (i = 0; i < 2; i++) {
		st_open(jobs[i]);
		ASSERT_SOON(t, workpool_busy(pool) == 3 - i);
		EXPECT_EQ(t, workpool_running(pool), 3 - i);
		EXPECT_EQ(t, workpool_idle(pool), 0);
	}
	st_open_all(jobs, 4);
	ASSERT_SOON(t, workpool_idle(pool) == 2);
	EXPECT_EQ(t, workpool_running(pool), 2);
	EXPECT_EQ(t, st_stats(pool).retired, 2);
	EXPECT_EQ(t, st_stats(pool).purged, 0);
}

/* idle surplus workers leave at once, the oldest first */
static void idle_surplus_leaves_at_once(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 5, WORKPOOL_F_NOPURGE);
	struct st_job *jobs[2];
	pid_t pids[5];

	st_park(t, pool, pids, 5);
	EXPECT_EQ(t, workpool_tune(pool, 2), 0);
	EXPECT_EQ(t, workpool_running(pool), 2);
	EXPECT_EQ(t, workpool_idle(pool), 2);
	EXPECT_EQ(t, workpool_available(pool), 0);
	st_block_n(t, pool, jobs, 2);
	/* which of them comes first depends on the CPUs they ran on */
	EXPECT_EQ(t, jobs[0]->pid + jobs[1]->pid, pids[3] + pids[4]);
	EXPECT(t, jobs[0]->pid == pids[3] || jobs[0]->pid == pids[4]);
	ASSERT_SOON(t, st_stats(pool).retired == 3);
	ASSERT_SOON(t, st_stats(pool).alive == 2);
}

/* idle workers leave first, then busy ones; running - capacity in all */
static void shrink_takes_idle_before_busy(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 4, WORKPOOL_F_NOPURGE);
	struct st_job *jobs[2];

	st_park(t, pool, NULL, 4);
	st_block_n(t, pool, jobs, 2);
	EXPECT_EQ(t, workpool_tune(pool, 3), 0);
	EXPECT_EQ(t, workpool_running(pool), 3);
	EXPECT_EQ(t, workpool_idle(pool), 1);
	EXPECT_EQ(t, workpool_busy(pool), 2);
	EXPECT_EQ(t, workpool_tune(pool, 1), 0);
	EXPECT_EQ(t, workpool_running(pool), 2);
	EXPECT_EQ(t, workpool_idle(pool), 0);
	st_open(jobs[0]);
	ASSERT_SOON(t, workpool_busy(pool) == 1);
	EXPECT_EQ(t, workpool_running(pool), 1);
	st_open(jobs[1]);
	ASSERT_SOON(t, workpool_idle(pool) == 1);
	EXPECT_EQ(t, st_stats(pool).retired, 3);
}

/* all surplus workers finish at once, and not one too many leaves */
static void shrink_is_exact(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 10, WORKPOOL_F_NOPURGE);
	struct st_job *jobs[10];
	int i;

	for (i = 1; i <= 30; i++) {
		st_block_n(t, pool, jobs, 10);
		EXPECT_EQ(t, workpool_tune(pool, 9), 0);
		st_open_all(jobs, 10);
		st_settle(t, pool);
		EXPECT_EQ(t, workpool_running(pool), 9);
		EXPECT_EQ(t, st_stats(pool).retired, i);
		EXPECT_EQ(t, workpool_tune(pool, 10), 0);
	}
}

/* a shrunk pool that is still too big takes nothing new */
static void shrunk_pool_is_full(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct st_job *jobs[3], *job = st_job(t);

	st_block_n(t, pool, jobs, 3);
	EXPECT_EQ(t, workpool_tune(pool, 1), 0);
	EXPECT_EQ(t, st_try(pool, job), -EAGAIN);
	st_open(jobs[0]);
	ASSERT_SOON(t, workpool_running(pool) == 2);
	EXPECT_EQ(t, st_try(pool, job), -EAGAIN);
	st_open(jobs[1]);
	ASSERT_SOON(t, workpool_running(pool) == 1);
	EXPECT_EQ(t, st_try(pool, job), -EAGAIN);
	st_open(jobs[2]);
	ASSERT_SOON(t, st_try(pool, job) == 0);
}

/* surplus workers leave although a submitter waits */
static void surplus_does_not_serve_waiters(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *busy[2], *job;
	struct st_thread *thread;

	st_block_n(t, pool, busy, 2);
	st_add_waiters(t, pool, &job, &thread, 1);
	EXPECT_EQ(t, workpool_tune(pool, 1), 0);
	st_open(busy[0]);
	ASSERT_SOON(t, workpool_running(pool) == 1);
	EXPECT_EQ(t, workpool_waiting(pool), 1);
	EXPECT(t, !st_begun(job));
	st_open(busy[1]);
	EXPECT_EQ(t, st_join(thread), 0);
	ASSERT_SOON(t, st_begun(job));
	EXPECT_EQ(t, job->pid, busy[1]->pid);
}

/* no worker leaves if the pool grows again before one has left */
static void shrink_and_grow_back(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, WORKPOOL_F_NOPURGE);
	struct st_job *jobs[3];

	st_block_n(t, pool, jobs, 3);
	EXPECT_EQ(t, workpool_tune(pool, 1), 0);
	EXPECT_EQ(t, workpool_tune(pool, 3), 0);
	st_open_all(jobs, 3);
	ASSERT_SOON(t, workpool_idle(pool) == 3);
	EXPECT_EQ(t, st_stats(pool).retired, 0);
}

struct tuner {
	struct workpool *pool;
	int from;
	int to;
	int rounds;
};

static int call_tune(struct st_thread *thread)
{
	struct tuner *tuner = thread->data;
	int i, ret = 0;

	for (i = 0; i < tuner->rounds && !ret; i++) {
		ret = workpool_tune(tuner->pool, i & 1 ? tuner->from :
							 tuner->to);
		cond_resched();
	}
	return ret;
}

static struct st_thread *tuner(struct st_test *t, struct workpool *pool,
			       int from, int to)
{
	struct tuner *tuner = st_alloc(t, sizeof(*tuner));
	struct st_thread *thread = st_thread(t, pool, call_tune);

	tuner->pool = pool;
	tuner->from = from;
	tuner->to = to;
	tuner->rounds = 400;
	thread->data = tuner;
	st_thread_start(thread);
	return thread;
}

/* tunes that race with each other and with submits wake all they must */
static void concurrent_tunes(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 4, WORKPOOL_F_NOPURGE);
	struct st_storm *storm = st_storm(t, pool, 4, 300);
	struct st_thread *threads[4], *tuners[2];

	st_storm_start(storm, threads, 4);
	tuners[0] = tuner(t, pool, 1, 4);
	tuners[1] = tuner(t, pool, 2, 3);
	EXPECT_EQ(t, st_join(tuners[0]), 0);
	EXPECT_EQ(t, st_join(tuners[1]), 0);
	EXPECT_EQ(t, workpool_tune(pool, 2), 0);
	st_storm_end(storm, threads, 4);
	st_storm_expect_all_ran(storm, 4 * 300);
	st_settle(t, pool);
	EXPECT(t, workpool_running(pool) <= 2);
	EXPECT_EQ(t, workpool_capacity(pool), 2);
}

/* the rule "many wait and nothing is free: double" empties the queue */
static void double_when_waiting(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *jobs[7];
	struct st_thread *threads[7];
	int rounds = 0;

	st_block(t, pool);
	st_add_waiters(t, pool, jobs, threads, 7);
	while (workpool_waiting(pool) > 0 && !workpool_available(pool)) {
		ASSERT_EQ(t, workpool_tune(pool, 2 * workpool_capacity(pool)),
			  0);
		rounds++;
	}
	EXPECT_EQ(t, rounds, 3);
	EXPECT_EQ(t, workpool_capacity(pool), 8);
	ASSERT_SOON(t, workpool_busy(pool) == 8);
}

static const struct st_case tune_cases[] = {
	ST_CASE(tune_to_bad_capacity_is_einval),
	ST_CASE(unlimited_is_eopnotsupp),
	ST_CASE(errno_eopnotsupp_prealloc),
	ST_CASE(errno_eshutdown_tune),
	ST_CASE(errno_einval_tune_below_min_workers),
	ST_CASE(same_capacity_changes_nothing),
	ST_CASE(grow_by_one_serves_one),
	ST_CASE(grow_by_k_serves_k),
	ST_CASE(grow_beyond_the_waiting),
	ST_CASE(grow_makes_room),
	ST_CASE(busy_surplus_leaves_when_done),
	ST_CASE(idle_surplus_leaves_at_once),
	ST_CASE(shrink_takes_idle_before_busy),
	ST_CASE(shrink_is_exact),
	ST_CASE(shrunk_pool_is_full),
	ST_CASE(surplus_does_not_serve_waiters),
	ST_CASE(shrink_and_grow_back),
	ST_CASE(concurrent_tunes),
	ST_CASE(double_when_waiting),
};

ST_GROUP(tune, false);
