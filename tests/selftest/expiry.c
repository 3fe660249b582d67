// SPDX-License-Identifier: GPL-2.0
/*
 * Idle workers that leave, and those that stay.
 *
 * A worker that must not leave proves it against a witness: a pool with a
 * longer expiry, whose worker is gone.
 */
#include <linux/ktime.h>

#include "test.h"

static struct workpool *expiring(struct st_test *t, int capacity, int ms,
				 unsigned int flags)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	attrs.expiry_ms = ms;
	attrs.flags = flags;
	return st_pool_attrs(t, &attrs);
}

/* have n workers, then nothing for them to do */
static void use_and_leave(struct st_test *t, struct workpool *pool, int n)
{
	struct st_job *jobs[16];

	st_block_n(t, pool, jobs, n);
	st_open_all(jobs, n);
	ASSERT_SOON(t, workpool_busy(pool) == 0);
}

/* wait until a worker that became idle now has left after @ms */
static void witness(struct st_test *t, int ms)
{
	struct workpool *pool = expiring(t, 1, ms, 0);

	use_and_leave(t, pool, 1);
	ASSERT_SOON(t, workpool_running(pool) == 0);
}

static void idle_workers_leave(struct st_test *t)
{
	struct workpool *pool = expiring(t, 4, 30, 0);

	use_and_leave(t, pool, 4);
	ASSERT_SOON(t, workpool_running(pool) == 0);
	ASSERT_SOON(t, st_stats(pool).alive == 0);
	EXPECT_EQ(t, st_stats(pool).purged, 4);
	EXPECT_EQ(t, st_stats(pool).retired, 4);
	EXPECT_EQ(t, workpool_available(pool), 4);
	EXPECT(t, st_run_pid(t, pool) > 0);
}

/* A worker that has been idle for exactly the expiry is stale, and so are
 * all that parked in the same instant. With the shortest expiry that is common.
 */
static void expiry_boundary_inclusive(struct st_test *t)
{
	struct workpool *pool = expiring(t, 16, 1, 0);
	int n, left = 0;

	for (n = 1; n <= 16; n++) {
		use_and_leave(t, pool, n);
		ASSERT_SOON(t, workpool_running(pool) == 0);
		left += n;
		ASSERT_SOON(t, st_stats(pool).alive == 0);
		EXPECT(t, st_stats(pool).purged >= left);
	}
	EXPECT_EQ(t, st_stats(pool).purged, st_stats(pool).retired);
}

/* the stale are cut off, the others stay: the oldest leave first */
static bool oldest_first_round(struct st_test *t)
{
	struct workpool *pool = expiring(t, 2, 500, 0);
	struct st_job *old = st_block(t, pool), *young = st_block(t, pool);
	u64 parked = get_jiffies_64();

	st_open(old);
	ASSERT_SOON(t, get_jiffies_64() - parked >= msecs_to_jiffies(300));
	st_open(young);
	ASSERT_SOON(t, workpool_running(pool) <= 1);
	if (workpool_running(pool) != 1)
		return false;
	return EXPECT_EQ(t, st_run_pid(t, pool), young->pid);
}

static void oldest_leave_first(struct st_test *t)
{
	int i;

	for (i = 0; i < 5; i++)
		if (oldest_first_round(t) || t->failures)
			return;
	st_skip(t, "this machine is too slow to see it");
}

static void busy_workers_stay(struct st_test *t)
{
	struct workpool *pool = expiring(t, 3, 30, 0);
	struct st_job *jobs[3];

	st_block_n(t, pool, jobs, 3);
	st_open(jobs[0]);
	st_open(jobs[2]);
	ASSERT_SOON(t, workpool_running(pool) == 1);
	witness(t, 60);
	EXPECT_EQ(t, workpool_running(pool), 1);
	EXPECT_EQ(t, workpool_busy(pool), 1);
	EXPECT_EQ(t, st_stats(pool).purged, 2);
	EXPECT(t, !st_ended(jobs[1]));
}

/* no worker leaves before its time, whatever clock it is stamped from */
static void fresh_workers_stay(struct st_test *t)
{
	struct workpool *pool = expiring(t, 1, 300, 0);
	struct st_job *job = st_block(t, pool);
	u64 parked = get_jiffies_64();

	st_open(job);
	ASSERT_SOON(t, workpool_running(pool) == 0);
	EXPECT(t, get_jiffies_64() - parked + 1 >= msecs_to_jiffies(300));
}

/* use makes a worker fresh again */
static void used_worker_is_fresh_again(struct st_test *t)
{
	struct workpool *pool = expiring(t, 1, 400, 0);
	u64 first = get_jiffies_64(), last;
	struct st_job *job;

	st_run(t, pool, st_job_quick(t));
	job = st_block(t, pool);
	ASSERT_SOON(t, get_jiffies_64() - first >= msecs_to_jiffies(300));
	last = get_jiffies_64();
	st_open(job);
	ASSERT_SOON(t, workpool_running(pool) == 0);
	EXPECT(t, get_jiffies_64() - last + 1 >= msecs_to_jiffies(400));
}

/*
 * the purge comes at the expiry, not at the next tick of a clock that
 * runs from the creation of the pool, which would be at twice the expiry here.
 * Sleeps are counted, not measured: a machine that stands still is no reason.
 */
static void purge_at_exact_expiry(struct st_test *t)
{
	struct workpool *pool = expiring(t, 1, 3000, 0);
	int i;

	use_and_leave(t, pool, 1);
	for (i = 0; i < 80 && workpool_running(pool); i++)
		msleep(60);
	EXPECT_EQ(t, workpool_running(pool), 0);
	EXPECT_EQ(t, st_stats(pool).purged, 1);
}

/* one purge after the other: the timer is armed again for what is left */
static void purge_comes_again(struct st_test *t)
{
	struct workpool *pool = expiring(t, 2, 20, 0);
	int i;

	for (i = 0; i < 10; i++) {
		use_and_leave(t, pool, 1 + i % 2);
		ASSERT_SOON(t, workpool_running(pool) == 0);
	}
	EXPECT(t, st_stats(pool).purged >= 15);
}

static void nopurge_workers_stay(struct st_test *t)
{
	struct workpool *pool = expiring(t, 3, 1, WORKPOOL_F_NOPURGE);

	st_park(t, pool, NULL, 3);
	witness(t, 50);
	EXPECT_EQ(t, workpool_idle(pool), 3);
	EXPECT_EQ(t, workpool_running(pool), 3);
	EXPECT_EQ(t, st_stats(pool).purged, 0);
	EXPECT_EQ(t, workpool_available(pool), 0);
}

static void prealloc_workers_stay(struct st_test *t)
{
	struct workpool *pool = expiring(t, 3, 1, WORKPOOL_F_PREALLOC);

	use_and_leave(t, pool, 3);
	witness(t, 50);
	EXPECT_EQ(t, workpool_idle(pool), 3);
	EXPECT_EQ(t, st_stats(pool).purged, 0);
}

static void min_workers_stay(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(5);
	struct workpool *pool;

	attrs.expiry_ms = 20;
	attrs.min_workers = 2;
	pool = st_pool_attrs(t, &attrs);
	use_and_leave(t, pool, 5);
	ASSERT_SOON(t, workpool_running(pool) == 2);
	witness(t, 60);
	EXPECT_EQ(t, workpool_running(pool), 2);
	EXPECT_EQ(t, workpool_idle(pool), 2);
	EXPECT_EQ(t, st_stats(pool).purged, 3);
}

/* busy workers count for the minimum: only what is above it leaves */
static void min_workers_counts_busy_ones(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(4);
	struct workpool *pool;
	struct st_job *jobs[4];

	attrs.expiry_ms = 20;
	attrs.min_workers = 2;
	pool = st_pool_attrs(t, &attrs);
	st_block_n(t, pool, jobs, 4);
	st_open_all(jobs, 3);
	ASSERT_SOON(t, workpool_running(pool) == 2);
	witness(t, 60);
	EXPECT_EQ(t, workpool_running(pool), 2);
	EXPECT_EQ(t, workpool_busy(pool), 1);
	EXPECT_EQ(t, workpool_idle(pool), 1);
}

/* workers that expire all the time while others are submitted to */
static void purge_races_with_submits(struct st_test *t)
{
	struct workpool *pool = expiring(t, 3, 1, 0);
	struct st_job *job;
	int i;

	for (i = 0; i < 200; i++) {
		job = st_job_quick(t);
		ASSERT_EQ(t, workpool_submit(pool, st_job_run, job), 0);
		ASSERT_SOON(t, st_ended(job));
		usleep_range(100 * (i % 20), 100 * (i % 20) + 100);
	}
	ASSERT_SOON(t, workpool_running(pool) == 0);
	EXPECT_EQ(t, st_stats(pool).completed, 200);
}

static const struct st_case expiry_cases[] = {
	ST_CASE(idle_workers_leave),
	ST_CASE(expiry_boundary_inclusive),
	ST_CASE(oldest_leave_first),
	ST_CASE(busy_workers_stay),
	ST_CASE(fresh_workers_stay),
	ST_CASE(used_worker_is_fresh_again),
	ST_CASE(purge_at_exact_expiry),
	ST_CASE(purge_comes_again),
	ST_CASE(nopurge_workers_stay),
	ST_CASE(prealloc_workers_stay),
	ST_CASE(min_workers_stay),
	ST_CASE(min_workers_counts_busy_ones),
	ST_CASE(purge_races_with_submits),
};

ST_GROUP(expiry, false);
