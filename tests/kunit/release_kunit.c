// SPDX-License-Identifier: GPL-2.0
/*
 * Release, wait, reboot, drain and destroy.
 */

#include "core/pool.h"
#include "core/ref.h"
#include "helpers.h"

/* A released pool is closed, and releasing it again does nothing. */
static void release_closes(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);

	wpt_run(w, pool);
	workpool_release(pool);
	KUNIT_EXPECT_TRUE(test, workpool_is_closed(pool));
	KUNIT_EXPECT_TRUE(test, wpt_stats(pool).closed);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 0);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 0);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).alive, 0);
}

/* Those that wait fail with -ESHUTDOWN; who runs goes on to its end. */
static void release_fails_the_waiting(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *threads[2];

	wpt_fill(w, pool, &w->gates[0]);
	threads[0] = wpt_line_up(w, pool, wpt_count, &w->ran);
	threads[1] = wpt_line_up(w, pool, wpt_count, &w->ran);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[0]), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[1]), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, workpool_waiting(pool), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[0]), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

/* What was accepted before the release runs, all of it. */
static void release_finishes_the_accepted(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 6);
	int i;

	for (i = 0; i < 6; i++)
		KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(pool, wpt_count, &w->ran));
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 6);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, 6);
}

/* After release_timeout() returned 0 no callback runs any more. */
static void callbacks_are_over(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 4, &wpt_ops);

	wpt_fill(w, pool, &w->gates[0]);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->exits), 4);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&pool->purge));
}

/* A timeout leaves the pool closed, and one can wait again, and again. */
static void release_can_time_out(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, 0), -ETIMEDOUT);
	KUNIT_EXPECT_TRUE(test, workpool_is_closed(pool));
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, 1), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, 0), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, 1), -ETIMEDOUT);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, 0), 0);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, 0), -ESHUTDOWN);
}

/* Any number of stragglers is survived by the log. */
static void many_stragglers(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 10);

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, 0), -ETIMEDOUT);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
}

/* Wrong arguments, and a wait for what was not released. */
static void release_checks_its_arguments(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, 1);

	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, -1), -EINVAL);
	KUNIT_EXPECT_FALSE(test, workpool_is_closed(pool));
	KUNIT_EXPECT_EQ(test, workpool_drain(pool, -1), -EINVAL);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, -1), -EINVAL);
}

/**
 * struct own - what a task gets when it would wait for itself
 * @pool: its pool
 * @release: of release_timeout()
 * @wait: of wait_released(), after the release
 * @drain: of drain()
 * @done: completed at the end
 */
struct own {
	struct workpool		*pool;
	int			release;
	int			wait;
	int			drain;
	struct completion	done;
};

static void wait_for_oneself(void *arg)
{
	struct own *own = arg;

	own->release = workpool_release_timeout(own->pool, 1);
	own->drain = workpool_drain(own->pool, 1);
	workpool_release(own->pool);
	own->wait = workpool_wait_released(own->pool, 1);
	complete_all(&own->done);
}

/* A task cannot wait for its own end, but release the pool it can. */
static void own_task_may_release_not_wait(struct kunit *test)
{
	struct own *own = kunit_kzalloc(test, sizeof(*own), GFP_KERNEL);
	struct wpt *w = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, own);
	own->pool = wpt_create_simple(w, 2);
	init_completion(&own->done);
	KUNIT_ASSERT_EQ(test, 0, workpool_submit(own->pool, wait_for_oneself, own));
	ASSERT_SOON(test, completion_done(&own->done));
	KUNIT_EXPECT_EQ(test, own->release, -EDEADLK);
	KUNIT_EXPECT_EQ(test, own->drain, -EDEADLK);
	KUNIT_EXPECT_EQ(test, own->wait, -EDEADLK);
	KUNIT_EXPECT_TRUE(test, workpool_is_closed(own->pool));
	KUNIT_EXPECT_EQ(test, workpool_wait_released(own->pool, WPT_DEADLINE), 0);
}

#ifdef kunit_warning_suppress
static void destroy_oneself(void *arg)
{
	struct wpt *w = arg;

	kunit_warning_suppress(w->test)
		workpool_destroy(w->pools[0]);
	atomic_inc(&w->ran);
}
#endif

/* A task that destroys its own pool is told off, and nothing happens. */
static void own_task_cannot_destroy(struct kunit *test)
{
#ifdef kunit_warning_suppress
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);

	KUNIT_ASSERT_EQ(test, workpool_submit(pool, destroy_oneself, w), 0);
	ASSERT_SOON(test, atomic_read(&w->ran) == 1);
	KUNIT_EXPECT_FALSE(test, workpool_is_closed(pool));
	wpt_run(w, pool);
#else
	kunit_skip(test, "this kernel cannot suppress a warning");
#endif
}

/* Who waits for a release can be killed; the pool stays closed. */
static void wait_is_killable(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread what = {
		.call = wpt_call_release,
		.pool = wpt_create_simple(w, 1),
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};
	struct wpt_thread *thread;

	wpt_fill(w, what.pool, &w->gates[0]);
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, workpool_is_closed(what.pool));
	wpt_kill(thread);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EINTR);
	KUNIT_EXPECT_TRUE(test, workpool_is_closed(what.pool));
}

/* Several may wait for the same end. */
static void many_may_wait(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread what = {
		.call = wpt_call_wait_released,
		.pool = wpt_create_simple(w, 1),
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};
	struct wpt_thread *threads[3];
	int i;

	wpt_fill(w, what.pool, &w->gates[0]);
	workpool_release(what.pool);
	for (i = 0; i < 3; i++)
		threads[i] = wpt_start(w, &what);
	wpt_open(&w->gates[0]);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, wpt_join(threads[i]), 0);
}

/* An open pool need not be rebooted. */
static void reboot_of_an_open_pool(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, 1);

	KUNIT_EXPECT_EQ(test, workpool_reboot(pool), -EALREADY);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).generation, 0);
}

/* While a worker from before the release runs there is no reboot. */
static void reboot_waits_for_nobody(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);

	wpt_fill(w, pool, &w->gates[0]);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, workpool_reboot(pool), -EBUSY);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, workpool_reboot(pool), 0);
	wpt_run(w, pool);
}

/* A reboot keeps attributes, as tuned, and counters; first workers are idle. */
static void reboot_keeps_everything(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct wpt *w = test->priv;
	struct workpool *pool;

	attrs.min_workers = 1;
	pool = wpt_create(w, &attrs);
	wpt_run(w, pool);
	KUNIT_ASSERT_EQ(test, workpool_tune(pool, 3), 0);
	KUNIT_ASSERT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, workpool_reboot(pool), 0);
	KUNIT_EXPECT_FALSE(test, workpool_is_closed(pool));
	KUNIT_EXPECT_EQ(test, workpool_capacity(pool), 3);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).generation, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, 1);
	wpt_run(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, 2);
}

/* Many reboots leave nothing behind. */
static void reboot_leaks_nothing(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 2, &wpt_ops);
	int i;

	for (i = 0; i < 100; i++) {
		KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, wpt_count, &w->ran));
		KUNIT_ASSERT_EQ(test, 0, workpool_release_timeout(pool, WPT_DEADLINE));
		KUNIT_ASSERT_EQ(test, wpt_stats(pool).alive, 0);
		KUNIT_ASSERT_EQ(test, 0, workpool_reboot(pool));
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 100);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->inits), atomic_read(&w->exits));
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).generation, 100);
	KUNIT_EXPECT_EQ(test, pool->nr_reserve, 2);
	KUNIT_EXPECT_TRUE(test, list_empty(&pool->workers));
}

/* Who found a pool before it was destroyed can do nothing to it. */
static void destroyed_pool_stays_closed(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);

	wp_pool_get(pool);
	wpt_destroy(w, pool);
	KUNIT_EXPECT_EQ(test, workpool_reboot(pool), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 2), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, 1), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, 1), 0);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, pool->state, WP_DEAD);
	wp_pool_put(pool);
}

/* Nothing to do, nothing to wait for: also when workers are idle. */
static void drain_of_a_quiet_pool(struct kunit *test)
{
	struct workpool *pool = wpt_create_warm(test->priv, 2);

	KUNIT_EXPECT_EQ(test, workpool_drain(pool, 0), 0);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 2);
}

/* drain() waits for what runs and what waits; the pool stays open. */
static void drain_waits_for_all(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread what = {
		.call = wpt_call_drain,
		.pool = wpt_create_simple(w, 1),
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};
	struct wpt_thread *thread;

	wpt_fill(w, what.pool, &w->gates[0]);
	wpt_line_up(w, what.pool, wpt_pass, &w->gates[1]);
	KUNIT_EXPECT_EQ(test, workpool_drain(what.pool, 0), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, workpool_drain(what.pool, 1), -ETIMEDOUT);
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, wpt_drainers(what.pool) == 1);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	wpt_open(&w->gates[1]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_drainers(what.pool), 0);
	wpt_run(w, what.pool);
}

/* Several may drain at once. */
static void drain_by_many(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread what = {
		.call = wpt_call_drain,
		.pool = wpt_create_simple(w, 1),
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};
	struct wpt_thread *threads[2];

	wpt_fill(w, what.pool, &w->gates[0]);
	threads[0] = wpt_start(w, &what);
	threads[1] = wpt_start(w, &what);
	ASSERT_SOON(test, wpt_drainers(what.pool) == 2);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[0]), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[1]), 0);
}

/* A drain can be killed. */
static void drain_is_killable(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread what = {
		.call = wpt_call_drain,
		.pool = wpt_create_simple(w, 1),
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};
	struct wpt_thread *thread;

	wpt_fill(w, what.pool, &w->gates[0]);
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, wpt_drainers(what.pool) == 1);
	wpt_kill(thread);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EINTR);
	KUNIT_EXPECT_EQ(test, wpt_drainers(what.pool), 0);
}

/* The last worker may leave, crash or be refused: a drain sees the end. */
static void drain_sees_the_worker_leave(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread what = {
		.call = wpt_call_drain,
		.pool = wpt_create_simple(w, 2),
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};
	struct wpt_thread *thread;

	KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(what.pool, wpt_crash_at,
						     &w->gates[0]));
	wpt_block(w, what.pool, &w->gates[1]);
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, wpt_drainers(what.pool) == 1);
	workpool_release(what.pool);
	wpt_open(&w->gates[1]);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
}

/* What is given up is not waited for. */
static void drain_sees_the_task_dropped(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &wpt_ops);

	atomic_set(&w->fail_inits, WPT_ALWAYS);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, workpool_drain(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 1);
}

/* destroy() waits for a task that runs. */
static int call_destroy(struct wpt_thread *thread)
{
	workpool_destroy(thread->pool);
	return 0;
}

static void destroy_waits(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread what = {
		.call = call_destroy,
		.pool = wpt_create_simple(w, 1),
	};
	struct wpt_thread *thread;

	wpt_fill(w, what.pool, &w->gates[0]);
	w->pools[0] = NULL;
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, workpool_is_closed(what.pool));
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[0]), 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(release_closes),
	KUNIT_CASE(release_fails_the_waiting),
	KUNIT_CASE(release_finishes_the_accepted),
	KUNIT_CASE(callbacks_are_over),
	KUNIT_CASE(release_can_time_out),
	KUNIT_CASE(many_stragglers),
	KUNIT_CASE(release_checks_its_arguments),
	KUNIT_CASE(own_task_may_release_not_wait),
	KUNIT_CASE(own_task_cannot_destroy),
	KUNIT_CASE(wait_is_killable),
	KUNIT_CASE(many_may_wait),
	KUNIT_CASE(reboot_of_an_open_pool),
	KUNIT_CASE(reboot_waits_for_nobody),
	KUNIT_CASE(reboot_keeps_everything),
	KUNIT_CASE(reboot_leaks_nothing),
	KUNIT_CASE(destroyed_pool_stays_closed),
	KUNIT_CASE(drain_of_a_quiet_pool),
	KUNIT_CASE(drain_waits_for_all),
	KUNIT_CASE(drain_by_many),
	KUNIT_CASE(drain_is_killable),
	KUNIT_CASE(drain_sees_the_worker_leave),
	KUNIT_CASE(drain_sees_the_task_dropped),
	KUNIT_CASE(destroy_waits),
	{}
};

WPT_SUITE(release);
