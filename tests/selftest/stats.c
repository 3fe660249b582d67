// SPDX-License-Identifier: GPL-2.0
/*
 * The numbers, one at a time and as a snapshot.
 */
#include "test.h"

/* each accessor says what the snapshot says */
static void accessors_agree_with_snapshot(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, WORKPOOL_F_NOPURGE);
	struct st_job *jobs[3], *busy[3];
	struct st_thread *threads[3];
	struct workpool_stats s;

	st_block_n(t, pool, busy, 3);
	st_add_waiters(t, pool, jobs, threads, 2);
	s = st_stats(pool);
	EXPECT_EQ(t, workpool_capacity(pool), s.capacity);
	EXPECT_EQ(t, workpool_running(pool), s.running);
	EXPECT_EQ(t, workpool_waiting(pool), s.waiting);
	EXPECT_EQ(t, workpool_busy(pool), s.busy);
	EXPECT_EQ(t, workpool_idle(pool), s.idle);
	EXPECT_EQ(t, workpool_is_closed(pool), s.closed);
	EXPECT_EQ(t, workpool_available(pool), 0);
	EXPECT_EQ(t, s.capacity, 3);
	EXPECT_EQ(t, s.running, 3);
	EXPECT_EQ(t, s.busy, 3);
	EXPECT_EQ(t, s.waiting, 2);
	EXPECT_EQ(t, s.idle + s.searching, 0);
}

/* Running: workers that live, idle ones too; Free: capacity - running */
static void running_and_available(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 4, WORKPOOL_F_NOPURGE);
	struct workpool_stats s;

	EXPECT_EQ(t, workpool_running(pool), 0);
	EXPECT_EQ(t, workpool_available(pool), 4);
	st_park(t, pool, NULL, 2);
	EXPECT_EQ(t, workpool_running(pool), 2);
	EXPECT_EQ(t, workpool_available(pool), 2);
	EXPECT_EQ(t, workpool_busy(pool), 0);
	st_block(t, pool);
	EXPECT_EQ(t, workpool_running(pool), 2);
	EXPECT_EQ(t, workpool_busy(pool), 1);
	EXPECT_EQ(t, workpool_idle(pool), 1);
	s = st_stats(pool);
	EXPECT_EQ(t, s.alive, 2);
	EXPECT_EQ(t, s.busy, 1);
	EXPECT_EQ(t, s.idle, 1);
	EXPECT_EQ(t, s.starting, 0);
	EXPECT_EQ(t, s.queued, 0);
	EXPECT_EQ(t, s.peak_running, 2);
	EXPECT(t, !s.closed);
}

/* Free is never negative, and -1 means unlimited only */
static void available_is_never_negative(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 4, 0);
	struct st_job *jobs[4];

	st_block_n(t, pool, jobs, 4);
	EXPECT_EQ(t, workpool_tune(pool, 1), 0);
	EXPECT_EQ(t, workpool_available(pool), 0);
	st_open_all(jobs, 2);
	ASSERT_SOON(t, workpool_running(pool) == 2);
	EXPECT_EQ(t, workpool_available(pool), 0);
	EXPECT_EQ(t, workpool_available(st_pool(t, WORKPOOL_UNLIMITED, 0)), -1);
}

static void peaks_outlive_a_shrink(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct st_job *busy[3], *jobs[4];
	struct st_thread *threads[4];
	int i;

	st_block_n(t, pool, busy, 2);
	EXPECT_EQ(t, st_stats(pool).peak_running, 2);
	busy[2] = st_block(t, pool);
	st_add_waiters(t, pool, jobs, threads, 4);
	st_jobs_open(t);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(t, st_join(threads[i]), 0);
	st_settle(t, pool);
	EXPECT_EQ(t, workpool_tune(pool, 1), 0);
	EXPECT_EQ(t, st_stats(pool).peak_running, 3);
	EXPECT_EQ(t, st_stats(pool).peak_waiting, 4);
}

/* every counter has the value that a known history gives it */
static void counters_of_a_known_history(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, WORKPOOL_F_NOPURGE);
	struct st_job *first = st_block(t, pool), *extra = st_job(t);
	struct st_job *jobs[2];
	struct st_thread *threads[2];
	struct workpool_stats s;

	EXPECT_EQ(t, st_try(pool, extra), -EAGAIN);
	EXPECT_EQ(t, workpool_submit_timeout(pool, st_job_run, extra, 1),
		  -ETIMEDOUT);
	st_add_waiters(t, pool, jobs, threads, 2);
	st_kill(threads[0]);
	EXPECT_EQ(t, st_join(threads[0]), -EINTR);
	st_open(first);
	st_open(jobs[1]);
	EXPECT_EQ(t, st_join(threads[1]), 0);
	st_settle(t, pool);
	s = st_stats(pool);
	EXPECT_EQ(t, s.submitted, 2);
	EXPECT_EQ(t, s.completed, 2);
	EXPECT_EQ(t, s.rejected, 1);
	EXPECT_EQ(t, s.timedout, 1);
	EXPECT_EQ(t, s.interrupted, 1);
	EXPECT_EQ(t, s.blocked, 3);
	EXPECT_EQ(t, s.spawned + s.adopted, 1);
	EXPECT_EQ(t, s.deadlocks + s.crashes + s.dropped + s.leaks, 0);
	EXPECT_EQ(t, s.spawn_failures + s.init_failures, 0);
	EXPECT_EQ(t, s.retired + s.purged, 0);
	EXPECT_EQ(t, s.alive, 1);
}

/* what every snapshot must satisfy, at any time */
static bool snapshot_is_sane(struct st_test *t, struct workpool *pool)
{
	struct workpool_stats s = st_stats(pool);
	bool sane = true;

	sane &= EXPECT_EQ(t, st_unaccounted(&s), 0);
	sane &= EXPECT_EQ(t, s.running,
			  s.busy + s.idle + s.searching + s.starting);
	sane &= EXPECT(t, s.running <= s.capacity);
	sane &= EXPECT(t, s.peak_running >= s.running);
	sane &= EXPECT(t, s.peak_waiting >= s.waiting);
	sane &= EXPECT(t, s.running >= 0 && s.busy >= 0 && s.idle >= 0);
	sane &= EXPECT(t, s.searching >= 0 && s.starting >= 0);
	sane &= EXPECT(t, s.alive >= 0 && s.waiting >= 0 && s.queued >= 0);
	sane &= EXPECT(t, !s.waiting || !s.idle);
	sane &= EXPECT(t, !s.waiting || s.running >= s.capacity);
	sane &= EXPECT(t, s.purged <= s.retired);
	return sane;
}

static void snapshot_is_consistent(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	struct st_storm *storm, *tries;
	struct st_thread *threads[4];
	struct workpool *pool;
	bool sane = true;

	attrs.expiry_ms = 1;
	pool = st_pool_attrs(t, &attrs);
	storm = st_storm(t, pool, 0, 400);
	tries = st_storm(t, pool, 0, 400);
	tries->try = true;
	st_storm_start(storm, threads, 2);
	st_storm_start(tries, threads + 2, 2);
	while (sane && !(st_returned(threads[0]) && st_returned(threads[1]))) {
		sane = snapshot_is_sane(t, pool);
		usleep_range(50, 100);
	}
	st_storm_end(storm, threads, 2);
	st_storm_end(tries, threads + 2, 2);
	EXPECT_EQ(t, storm->other, 0);
	EXPECT_EQ(t, tries->other, 0);
	EXPECT_EQ(t, st_stats(pool).rejected, atomic_read(&tries->refused));
}

static void generation_counts_reboots(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	int i;

	for (i = 1; i <= 3; i++) {
		EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
		EXPECT_EQ(t, st_stats(pool).generation, i - 1);
		EXPECT_EQ(t, workpool_reboot(pool), 0);
		EXPECT_EQ(t, st_stats(pool).generation, i);
	}
}

static const struct st_case stats_cases[] = {
	ST_CASE(accessors_agree_with_snapshot),
	ST_CASE(running_and_available),
	ST_CASE(available_is_never_negative),
	ST_CASE(peaks_outlive_a_shrink),
	ST_CASE(counters_of_a_known_history),
	ST_CASE(snapshot_is_consistent),
	ST_CASE(generation_counts_reboots),
};

ST_GROUP(stats, false);
