// SPDX-License-Identifier: GPL-2.0
/*
 * Opening a released pool again.
 */
#include "ledger.h"
#include "test.h"

static void errno_ealready_reboot_of_open_pool(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);

	EXPECT_EQ(t, workpool_reboot(pool), -EALREADY);
	EXPECT_EQ(t, st_stats(pool).generation, 0);
	st_block(t, pool);
	EXPECT_EQ(t, workpool_reboot(pool), -EALREADY);
}

static void reboot_opens_a_closed_pool(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);

	EXPECT(t, st_run_pid(t, pool) > 0);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, workpool_reboot(pool), 0);
	EXPECT(t, !workpool_is_closed(pool));
	EXPECT(t, !st_stats(pool).closed);
	EXPECT(t, st_run_pid(t, pool) > 0);
	EXPECT_EQ(t, workpool_wait_released(pool, 0), -EINVAL);
}

/* attributes and counters stay, the generation grows */
static void reboot_keeps_attributes(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct workpool_stats s;
	struct workpool *pool;

	attrs.expiry_ms = 321;
	attrs.max_blocking = 7;
	attrs.data = t;
	pool = st_pool_attrs(t, &attrs);
	EXPECT_EQ(t, workpool_tune(pool, 3), 0);
	EXPECT(t, st_run_pid(t, pool) > 0);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, workpool_reboot(pool), 0);
	s = st_stats(pool);
	EXPECT_EQ(t, s.capacity, 3);
	EXPECT_EQ(t, s.expiry_ms, 321);
	EXPECT_EQ(t, s.max_blocking, 7);
	EXPECT_EQ(t, s.generation, 1);
	EXPECT_EQ(t, s.submitted, 1);
	EXPECT_EQ(t, s.completed, 1);
	EXPECT(t, workpool_data(pool) == t);
}

/* a reboot waits until the workers from before are gone */
static void reboot_while_draining_is_ebusy(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = st_block(t, pool);

	workpool_release(pool);
	EXPECT_EQ(t, workpool_reboot(pool), -EBUSY);
	EXPECT(t, workpool_is_closed(pool));
	EXPECT_EQ(t, st_stats(pool).generation, 0);
	st_open(job);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, workpool_reboot(pool), 0);
	EXPECT_EQ(t, st_stats(pool).generation, 1);
}

/* after release() without a wait, too, a reboot works in the end */
static void reboot_after_plain_release(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, WORKPOOL_F_NOPURGE);
	int ret = -EBUSY;

	st_park(t, pool, NULL, 3);
	workpool_release(pool);
	ASSERT_SOON(t, (ret = workpool_reboot(pool)) != -EBUSY);
	EXPECT_EQ(t, ret, 0);
	EXPECT(t, st_run_pid(t, pool) > 0);
}

static void reboot_prealloc_workers_are_idle(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, WORKPOOL_F_PREALLOC);
	int i;

	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, workpool_running(pool), 0);
	EXPECT_EQ(t, workpool_reboot(pool), 0);
	EXPECT_EQ(t, workpool_idle(pool), 3);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(t, st_try(pool, st_job(t)), 0);
}

static void reboot_min_workers_are_idle(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(4);
	struct workpool *pool;

	attrs.min_workers = 2;
	pool = st_pool_attrs(t, &attrs);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, workpool_reboot(pool), 0);
	EXPECT_EQ(t, workpool_idle(pool), 2);
}

static void reboot_round(struct st_test *t, struct workpool *pool)
{
	struct st_storm *storm = st_storm(t, pool, 2, 0);

	ASSERT_EQ(t, workpool_submit(pool, st_storm_task, storm), 0);
	ASSERT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	ASSERT_EQ(t, atomic_read(&storm->ran), 1);
	ASSERT_EQ(t, workpool_reboot(pool), 0);
}

/* a thousand cycles leave nothing behind */
static void thousand_reboots(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct workpool_stats s;
	int i;

	for (i = 0; i < 1000; i++)
		reboot_round(t, pool);
	s = st_stats(pool);
	EXPECT_EQ(t, s.generation, 1000);
	EXPECT_EQ(t, s.completed, 1000);
	EXPECT_EQ(t, s.retired, s.spawned + s.adopted);
	EXPECT_EQ(t, s.alive, 0);
	EXPECT_EQ(t, s.peak_running, 1);
}

/* the purge of the first generation does not live on in the next ones */
static void one_purge_after_many_reboots(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	struct workpool *pool;
	u64 before;
	int i;

	attrs.expiry_ms = 20;
	pool = st_pool_attrs(t, &attrs);
	for (i = 0; i < 20; i++)
		reboot_round(t, pool);
	before = st_stats(pool).purged;
	st_run(t, pool, st_job_quick(t));
	ASSERT_SOON(t, workpool_running(pool) == 0);
	EXPECT_EQ(t, st_stats(pool).purged, before + 1);
}

/* a pool works again after release, maintenance and reboot */
static void release_and_reboot_pauses(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *jobs[3];
	struct st_thread *threads[3];
	int i;

	for (i = 0; i < 3; i++) {
		st_block(t, pool);
		st_block(t, pool);
		st_add_waiters(t, pool, jobs, threads, 3);
		workpool_release(pool);
		st_jobs_open(t);
		EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
		EXPECT_EQ(t, st_try(pool, jobs[0]), -ESHUTDOWN);
		EXPECT_EQ(t, st_join(threads[2]), -ESHUTDOWN);
		EXPECT_EQ(t, workpool_reboot(pool), 0);
	}
	EXPECT_EQ(t, st_stats(pool).completed, 6);
}

static void body_crash(struct st_job *job)
{
	workpool_task_crash(-EIO);
}

/* a pool works again after a crash, release and reboot */
static void error_recovery(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = st_job_body(t, pool, body_crash);

	EXPECT_EQ(t, st_try(pool, job), 0);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, st_stats(pool).crashes, 1);
	EXPECT_EQ(t, workpool_reboot(pool), 0);
	EXPECT(t, st_run_pid(t, pool) > 0);
}

/* release and reboot race with submitters, and every task has one fate */
static void reboot_races_with_submits(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct st_storm *storm = st_storm(t, pool, 3, 500);
	struct st_thread *threads[3];
	int i;

	st_storm_start(storm, threads, 3);
	for (i = 0; i < 50; i++) {
		EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
		EXPECT_EQ(t, workpool_reboot(pool), 0);
	}
	st_storm_end(storm, threads, 3);
	EXPECT_EQ(t, storm->other, 0);
	EXPECT_EQ(t, atomic_read(&storm->accepted) + atomic_read(&storm->shut),
		  3 * 500);
}

static int call_reboot(struct st_thread *thread)
{
	return workpool_reboot(thread->pool);
}

/* of many reboots at once one succeeds */
static void concurrent_reboots(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_thread *threads[4];
	int i, ok = 0;

	workpool_release(pool);
	for (i = 0; i < 4; i++)
		threads[i] = st_thread(t, pool, call_reboot);
	for (i = 0; i < 4; i++)
		st_thread_start(threads[i]);
	for (i = 0; i < 4; i++)
		ok += !st_join(threads[i]);
	EXPECT_EQ(t, ok, 1);
	EXPECT_EQ(t, st_stats(pool).generation, 1);
}

/*
 * A thread that is killed returns from workpool_reboot() while worker_init hangs.
 * The pool stays closed, and is empty when the worker is back.
 */
static void reboot_is_killable(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool;
	struct st_thread *thread;

	pool = st_ledger_pool(t, ledger, 1, WORKPOOL_F_PREALLOC);
	ASSERT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	WRITE_ONCE(ledger->gate_init, true);
	thread = st_thread(t, pool, call_reboot);
	st_thread_start(thread);
	ASSERT_SOON(t, atomic_read(&ledger->gated) == 1);
	EXPECT(t, !st_returned(thread));
	st_kill(thread);
	ASSERT_SOON(t, st_returned(thread));
	EXPECT_EQ(t, thread->ret, -EINTR);
	EXPECT(t, workpool_is_closed(pool));
	EXPECT_EQ(t, workpool_reboot(pool), -EBUSY);
	st_open(ledger->gate);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, workpool_reboot(pool), 0);
}

static const struct st_case reboot_cases[] = {
	ST_CASE(errno_ealready_reboot_of_open_pool),
	ST_CASE(reboot_opens_a_closed_pool),
	ST_CASE(reboot_keeps_attributes),
	ST_CASE(reboot_while_draining_is_ebusy),
	ST_CASE(reboot_after_plain_release),
	ST_CASE(reboot_prealloc_workers_are_idle),
	ST_CASE(reboot_min_workers_are_idle),
	ST_CASE(thousand_reboots),
	ST_CASE(one_purge_after_many_reboots),
	ST_CASE(release_and_reboot_pauses),
	ST_CASE(error_recovery),
	ST_CASE(reboot_races_with_submits),
	ST_CASE(concurrent_reboots),
	ST_CASE(reboot_is_killable),
};

ST_GROUP(reboot, false);
