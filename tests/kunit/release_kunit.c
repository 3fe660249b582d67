// SPDX-License-Identifier: GPL-2.0
/*
 * Release, wait, reboot, drain.
 */

#include <linux/irqflags.h>
#include <linux/wait.h>

#include "core/lock.h"
#include "core/pool.h"
#include "core/ref.h"
#include "pool/reboot.h"
#include "queue/queue.h"
#include "helpers.h"

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

static DECLARE_COMPLETION(freed);

static void note_free(struct workpool *pool)
{
	complete(&freed);
}

/*
 * What a look-up armed while the pool was destroyed ends with the pool. A
 * kernel that checks objects tells if it does not.
 */
static void timers_end_with_the_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct kthread_delayed_work *turn = &pool->turns[0].work;
	struct wp_deferred deferred;

	wpt_empty_cache(w);
	wpt_run(w, pool);
	wp_pool_get(pool);
	wpt_destroy(w, pool);
	reinit_completion(&freed);
	pool->on_free = note_free;
	mod_timer(&pool->late, jiffies + 3600 * HZ);
	kthread_queue_delayed_work(turn->work.worker, turn, 3600 * HZ);
	wp_pool_lock(pool, &deferred);
	WRITE_ONCE(pool->purge_due, jiffies + 3600 * HZ);
	deferred.actions |= WP_DEFER_PURGE;
	wp_pool_unlock(pool, &deferred);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&pool->purge));
	wp_pool_put(pool);
	ASSERT_SOON(test, completion_done(&freed));
}

/* A release with more stragglers than the log names works. */
static void many_stragglers(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 10);

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, 0), -ETIMEDOUT);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
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

/* A task may release its pool, but not wait for the end of it. */
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

/*
 * A reboot that was cut short by a release neither opens the pool of a later
 * reboot nor, when its thread is killed, closes it.
 */
static void reboot_ends_its_own_boot(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	u64 first, second;

	KUNIT_ASSERT_EQ(test, 0, workpool_release_timeout(pool, WPT_DEADLINE));
	KUNIT_ASSERT_EQ(test, wp_reboot_begin(pool, TASK_KILLABLE, &first), 0);
	KUNIT_ASSERT_EQ(test, 0, workpool_release_timeout(pool, WPT_DEADLINE));
	KUNIT_ASSERT_EQ(test, wp_reboot_begin(pool, TASK_KILLABLE, &second), 0);
	KUNIT_EXPECT_EQ(test, wp_reboot_end(pool, first, WP_BY_OWNER, false), -ESHUTDOWN);
	KUNIT_EXPECT_TRUE(test, wp_pool_is_booting(pool));
	KUNIT_EXPECT_EQ(test, wp_reboot_end(pool, first, WP_BY_OWNER, true), -EINTR);
	KUNIT_EXPECT_TRUE(test, wp_pool_is_booting(pool));
	KUNIT_EXPECT_EQ(test, wp_reboot_end(pool, second, WP_BY_OWNER, false), 0);
	KUNIT_EXPECT_EQ(test, wp_reboot_end(pool, first, WP_BY_OWNER, true), -EINTR);
	KUNIT_EXPECT_TRUE(test, wp_pool_is_open(pool));
	wpt_run(w, pool);
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

/* A thread that found a pool before it was destroyed can do nothing to it. */
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

/*
 * drain() waits for running and waiting tasks, and is woken once. The selftest
 * drain_waits_for_all cannot see that it waits.
 */
static void drainer_is_woken_once(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread what = {
		.call = wpt_call_drain,
		.pool = wpt_create_simple(w, 1),
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};
	struct wpt_thread *thread;

	wpt_fill(w, what.pool, &w->gates[0]);
	wpt_add_waiter(w, what.pool, wpt_pass, &w->gates[1]);
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

static void add_moving(struct workpool *pool, int nr)
{
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	pool->nr_moving += nr;
	wp_queue_balance_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
}

/* A drain waits for a task on its way to another pool: it may come back. */
static void drain_waits_for_a_task_that_moves(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread what = {
		.call = wpt_call_drain,
		.pool = wpt_create_simple(w, 1),
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};
	struct wpt_thread *thread;

	add_moving(what.pool, 1);
	thread = wpt_start(w, &what);
	EXPECT_SOON(test, wpt_drainers(what.pool) == 1);
	add_moving(what.pool, -1);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
}

/* Several threads may drain at once. */
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

/* A drain that is killed leaves the list of drainers. */
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

/* A drain ends when the last worker crashes or leaves a closed pool. */
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

/* A drain ends when the last task is dropped. */
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

static int call_group_wait(struct wpt_thread *thread)
{
	return workpool_group_wait(thread->arg);
}

static int do_wait(void *gate)
{
	wpt_pass(gate);
	return 0;
}

static unsigned int references(struct workpool *pool)
{
	return kref_read(&pool->ref);
}

/* Each thread that waits for a pool has a reference: it may be destroyed. */
static void waiters_keep_the_pool(struct kunit *test)
{
	static int (*const calls[])(struct wpt_thread *thread) = {
		wpt_call_release, wpt_call_wait_released, call_group_wait,
		wpt_call_drain,
	};
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_thread what = { .pool = pool, .timeout = WPT_DEADLINE };
	struct workpool_group group;
	unsigned int before;
	int i;

	workpool_group_init(&group, pool);
	wpt_block(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, 0, workpool_group_submit(&group, do_wait,
						       &w->gates[0]));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 2);
	workpool_release(pool);
	what.arg = &group;
	before = references(pool);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		what.call = calls[i];
		wpt_start(w, &what);
		EXPECT_SOON(test, references(pool) == before + i + 1);
	}
	wpt_open(&w->gates[0]);
	EXPECT_SOON(test, references(pool) == before - 2);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).alive, 0);
}

/* So has one that waits for the first workers. */
static void reboot_keeps_the_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread *thread = wpt_start_reboot(w);

	/* that of the test, of the worker, and of the thread */
	KUNIT_EXPECT_EQ(test, references(thread->pool), 3);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
}

#define ROUNDS	50

/*
 * A pool is destroyed while another thread waits for its end. Either may be
 * done first. Without a reference this test fails now and then, and
 * waiters_keep_the_pool fails always.
 */
static void destroy_beside_releasers(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread what = { .call = wpt_call_release,
				   .timeout = WPT_DEADLINE };
	struct wpt_thread *thread;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		what.pool = wpt_create_simple(w, 1);
		wpt_run(w, what.pool);
		thread = wpt_start(w, &what);
		ASSERT_SOON(test, workpool_is_closed(what.pool));
		wpt_destroy(w, what.pool);
		KUNIT_ASSERT_EQ(test, wpt_join(thread), 0);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(callbacks_are_over),
	KUNIT_CASE(timers_end_with_the_pool),
	KUNIT_CASE(many_stragglers),
	KUNIT_CASE(own_task_may_release_not_wait),
	KUNIT_CASE(reboot_ends_its_own_boot),
	KUNIT_CASE(reboot_leaks_nothing),
	KUNIT_CASE(destroyed_pool_stays_closed),
	KUNIT_CASE(drainer_is_woken_once),
	KUNIT_CASE(drain_waits_for_a_task_that_moves),
	KUNIT_CASE(drain_by_many),
	KUNIT_CASE(drain_is_killable),
	KUNIT_CASE(drain_sees_the_worker_leave),
	KUNIT_CASE(drain_sees_the_task_dropped),
	KUNIT_CASE(waiters_keep_the_pool),
	KUNIT_CASE(reboot_keeps_the_pool),
	KUNIT_CASE(destroy_beside_releasers),
	{}
};

WPT_SUITE(release);
