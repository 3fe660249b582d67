// SPDX-License-Identifier: GPL-2.0
/*
 * Pause: the limit of a pool that is paused by its owner, an administrator, or
 * both. What a pause promises is in selftest.
 */

#include "core/module.h"
#include "core/pool.h"
#include "pool/pause.h"
#include "helpers.h"

/* A pool works when neither its owner nor an administrator has paused it. */
static void each_ends_a_pause_of_its_own(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	int owner = WORKPOOL_PAUSED_BY_OWNER, admin = WORKPOOL_PAUSED_BY_ADMIN;

	KUNIT_EXPECT_EQ(test, workpool_pause(pool), 0);
	KUNIT_EXPECT_EQ(test, wp_pause_set(pool, admin, true), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).paused, owner | admin);
	KUNIT_EXPECT_EQ(test, workpool_resume(pool), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).paused, admin);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), -EAGAIN);
	KUNIT_EXPECT_EQ(test, workpool_pause(pool), 0);
	KUNIT_EXPECT_EQ(test, wp_pause_set(pool, admin, false), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).paused, owner);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), -EAGAIN);
	KUNIT_EXPECT_EQ(test, workpool_resume(pool), 0);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), 0);
}

/* The limit is 0 in a pause, whatever the capacity is, and comes back after. */
static void limit_is_zero_in_a_pause(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct workpool *unlimited = wpt_create_simple(w, WORKPOOL_UNLIMITED);

	KUNIT_EXPECT_EQ(test, workpool_pause(pool), 0);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 5), 0);
	KUNIT_EXPECT_EQ(test, pool->limit, 0);
	KUNIT_EXPECT_EQ(test, workpool_resume(pool), 0);
	KUNIT_EXPECT_EQ(test, pool->limit, 5);
	KUNIT_EXPECT_EQ(test, workpool_pause(unlimited), 0);
	KUNIT_EXPECT_EQ(test, workpool_available(unlimited), 0);
	KUNIT_EXPECT_EQ(test, unlimited->limit, 0);
	KUNIT_EXPECT_EQ(test, workpool_resume(unlimited), 0);
	KUNIT_EXPECT_EQ(test, unlimited->limit, wp_max_workers);
	KUNIT_EXPECT_EQ(test, workpool_available(unlimited), -1);
}

/* A release takes the limit back to the capacity, for what was accepted. */
static void release_restores_the_limit(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 3);
	struct wpt_task *task = wpt_task(w);

	KUNIT_EXPECT_EQ(test, workpool_pause(pool), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, task), 0);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, pool->limit, 3);
	KUNIT_EXPECT_EQ(test, wpt_ended(task), 1);
}

static int init_at_gate(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	wpt_pass(&w->gates[3]);
	return 0;
}

static const struct workpool_ops slow_ops = {
	.worker_init = init_at_gate,
};

/* A worker that comes up in a paused pool takes nothing, and leaves. */
static void worker_that_starts_takes_nothing(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &slow_ops);
	struct wpt_task *task = wpt_task(w);

	KUNIT_EXPECT_EQ(test, wpt_queue(pool, task), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[3]) == 1);
	KUNIT_EXPECT_EQ(test, workpool_pause(pool), 0);
	wpt_open(&w->gates[3]);
	ASSERT_SOON(test, !wpt_stats(pool).alive);
	KUNIT_EXPECT_EQ(test, wpt_begun(task), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 1);
	KUNIT_EXPECT_EQ(test, workpool_resume(pool), 0);
	EXPECT_SOON(test, wpt_ended(task) == 1);
}

/* The report of a crash waits in the queue, like all other work. */
static void report_of_a_crash_waits(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &wpt_ops);

	KUNIT_ASSERT_EQ(test, workpool_submit(pool, wpt_crash_at, &w->gates[0]), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	KUNIT_EXPECT_EQ(test, workpool_pause(pool), 0);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, wpt_stats(pool).queued == 1);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->crashes), 0);
	KUNIT_EXPECT_EQ(test, workpool_resume(pool), 0);
	EXPECT_SOON(test, atomic_read(&w->crashes) == 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(each_ends_a_pause_of_its_own),
	KUNIT_CASE(limit_is_zero_in_a_pause),
	KUNIT_CASE(release_restores_the_limit),
	KUNIT_CASE(worker_that_starts_takes_nothing),
	KUNIT_CASE(report_of_a_crash_waits),
	{}
};

WPT_SUITE(pause);
