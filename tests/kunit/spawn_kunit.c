// SPDX-License-Identifier: GPL-2.0
/*
 * Starting workers: threads and worker_init that fail, for a while or for ever.
 */

#include "core/cache.h"
#include "core/pool.h"
#include "core/ref.h"
#include "core/worker.h"
#include "pool/registry.h"
#include "pool/tune.h"
#include "worker/drop.h"
#include "helpers.h"

/**
 * struct failure - a way in which starting a worker fails
 * @desc: name of the case
 * @arm: prepares for it
 * @counter: where in &struct wpt it is said how often
 */
struct failure {
	const char	*desc;
	void		(*arm)(struct wpt *w, int nr);
	size_t		counter;
};

static void fail_inits(struct wpt *w, int nr)
{
	atomic_set(&w->fail_inits, nr);
}

static const struct failure failures[] = {
	{ "no thread", wpt_fail_threads, offsetof(struct wpt, fail_threads) },
	{ "no memory", wpt_fail_allocs, offsetof(struct wpt, fail_allocs) },
	{ "worker_init", fail_inits, offsetof(struct wpt, fail_inits) },
};

WPT_PARAM(failure);

/* One of each kind, for the tests that have to see many failures. */
static const struct failure lastings[] = {
	{ "no thread", wpt_fail_threads, offsetof(struct wpt, fail_threads) },
	{ "worker_init", fail_inits, offsetof(struct wpt, fail_inits) },
};

WPT_PARAM(lasting);

static u64 failed(const struct failure *failure, struct workpool *pool)
{
	struct workpool_stats s = wpt_stats(pool);

	return failure->arm == fail_inits ? s.init_failures : s.spawn_failures;
}

static void set_failing(struct wpt *w, const struct failure *failure, int nr)
{
	atomic_set((atomic_t *)((char *)w + failure->counter), nr);
}

/*
 * A start that failed is counted and tried again. No accepted task is stranded.
 */
static void failed_start_is_tried_again(struct kunit *test)
{
	const struct failure *failure = test->param_value;
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 2, &wpt_ops);

	failure->arm(w, 2);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	KUNIT_EXPECT_EQ(test, failed(failure, pool), 2);
	KUNIT_EXPECT_EQ(test, pool->pace.failures, 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 0);
}

/*
 * An open pool tries to start a worker for ever. The task stays queued, then
 * runs.
 */
static void open_pool_keeps_trying(struct kunit *test)
{
	const struct failure *failure = test->param_value;
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &wpt_ops);

	failure->arm(w, WPT_ALWAYS);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	/* more often than a closed pool would */
	ASSERT_SOON(test, failed(failure, pool) > WP_DROP_ATTEMPTS);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).running, 1);
	/* each time later */
	KUNIT_EXPECT_GT(test, pool->pace.retry, 0);
	set_failing(w, failure, 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
}

/* A closed pool drops the tasks for which no worker can be started. */
static void closed_pool_gives_up(struct kunit *test)
{
	const struct failure *failure = test->param_value;
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 2, &wpt_ops);

	failure->arm(w, WPT_ALWAYS);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 2);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).running, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
	wpt_destroy(w, pool);
}

/* destroy() ends when no worker can be started. */
static void destroy_gives_up(struct kunit *test)
{
	const struct failure *failure = test->param_value;
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 2, &wpt_ops);

	failure->arm(w, WPT_ALWAYS);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	wpt_destroy(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

/* A closed pool tolerates a few failed starts. */
static void closed_pool_tolerates_a_few(struct kunit *test)
{
	const struct failure *failure = test->param_value;
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &wpt_ops);

	failure->arm(w, WP_DROP_ATTEMPTS - 1);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 0);
}

/* While one worker lives nothing is dropped: it executes all tasks. */
static void living_worker_saves_the_tasks(struct kunit *test)
{
	const struct failure *failure = test->param_value;
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 3, &wpt_ops);

	failure->arm(w, 0);
	wpt_block(w, pool, &w->gates[0]);
	set_failing(w, failure, WPT_ALWAYS);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	workpool_release(pool);
	ASSERT_SOON(test, failed(failure, pool) >= WP_DROP_ATTEMPTS);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 2);
}

/*
 * A free worker takes the task of one that cannot start. Its slot is given
 * back.
 */
static void freed_worker_takes_the_task(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 2, &wpt_ops);

	wpt_block(w, pool, &w->gates[0]);
	fail_inits(w, WPT_ALWAYS);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 2);
	wpt_open(&w->gates[0]);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	EXPECT_SOON(test, workpool_running(pool) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).starting, 0);
}

/* An open pool tries to start min_workers again and again. */
static void min_workers_keep_being_tried(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 2, &wpt_ops);
	struct wp_tuning old, new = {
		.mask = WP_TUNE_MIN_WORKERS,
		.min_workers = 2,
	};

	fail_inits(w, 5);
	KUNIT_ASSERT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	EXPECT_SOON(test, workpool_idle(pool) == 2);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).init_failures, 5);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->inits), 2);
}

/* A worker_init that waits. */
static int init_at_gate(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	wpt_pass(&w->gates[0]);
	return 0;
}

static const struct workpool_ops slow_ops = {
	.worker_init = init_at_gate,
};

/* Tasks do not wait for each other's workers to come up. */
static void slow_starts_run_at_the_same_time(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 16, &slow_ops);
	struct wpt_task *tasks[16];
	int i;

	wpt_tasks(w, tasks, 16);
	for (i = 0; i < 16; i++)
		KUNIT_ASSERT_EQ(test, wpt_queue(pool, tasks[i]), 0);
	EXPECT_SOON(test, wpt_inside(&w->gates[0]) == 16);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
}

/* Only the first worker_init waits. */
static int first_init_at_gate(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	if (atomic_inc_return(&w->inits) == 1)
		wpt_pass(&w->gates[0]);
	return 0;
}

/* A worker_init that does not return holds up no task, also of a later time. */
static void stuck_start_holds_up_no_task(struct kunit *test)
{
	static const struct workpool_ops ops = {
		.worker_init = first_init_at_gate,
	};
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 3, &ops);
	struct wpt_task *first = wpt_task_at_gate(w), *second = wpt_task(w);

	KUNIT_ASSERT_EQ(test, wpt_queue(pool, first), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	ASSERT_SOON(test, wpt_begun(first) == 1);
	/* nothing was queued for a while, and no worker is idle */
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, second), 0);
	EXPECT_SOON(test, wpt_ended(second) == 1);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[0]), 0);
}

/* A start that was found to be late holds up none of the tasks that follow. */
static void late_start_does_not_count_as_coming(struct kunit *test)
{
	static const struct workpool_ops ops = {
		.worker_init = first_init_at_gate,
	};
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 4, &ops);
	struct wpt_task *tasks[3];
	int i, free;

	for (i = 0; i < 3; i++) {
		tasks[i] = wpt_task_at_gate(w);
		free = workpool_idle(pool) - workpool_running(pool);
		KUNIT_ASSERT_EQ(test, wpt_queue(pool, tasks[i]), 0);
		/* one was idle, or one more starts at once */
		KUNIT_EXPECT_GT(test, free, workpool_idle(pool) -
					    workpool_running(pool));
		ASSERT_SOON(test, wpt_begun(tasks[i]) == 1 &&
			    wpt_stats(pool).starting == 1);
	}
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[0]), 0);
	wpt_open(&w->gates[0]);
	for (i = 0; i < 3; i++)
		wpt_open(&tasks[i]->gate);
	wpt_settle(w, pool);
}

/* Each look adds one worker when each call has one that starts, and no more. */
static void late_starts_are_no_storm(struct kunit *test)
{
	enum { CALLS = 20, LOOKS = 5 };
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 10 * CALLS, &slow_ops);
	int i;

	for (i = 0; i < CALLS; i++)
		KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(pool, wpt_nothing,
							     NULL));
	for (i = 0; i < LOOKS; i++) {
		ASSERT_SOON(test, !READ_ONCE(pool->to_spawn));
		pool->late.function(&pool->late);
	}
	ASSERT_SOON(test, !READ_ONCE(pool->to_spawn));
	/* the timer itself looks now and then */
	KUNIT_EXPECT_LE(test, workpool_running(pool), 2 * CALLS);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
}

/* What only a fault would wait for. */
#define NEVER	(100000ULL * HZ)

/* A start has been late for hours: the next look is far away. */
static void put_looks_off(struct workpool *pool)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->late_looks = 20;
	mod_timer(&pool->late, jiffies + NEVER);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/* A pool without room for another worker looks often when there will be room. */
static void stuck_start_at_the_limit_holds_up_no_task(struct kunit *test)
{
	static const struct workpool_ops ops = {
		.worker_init = first_init_at_gate,
	};
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &ops);
	struct wpt_task *t = wpt_task(w);
	int i;

	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	for (i = 0; i < 30; i++)
		pool->late.function(&pool->late);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 1);
	KUNIT_ASSERT_EQ(test, workpool_tune(pool, 2), 0);
	EXPECT_SOON(test, wpt_ended(t) == 1);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[0]), 0);
}

/* How the two starts after the first one fail; NULL: they do not. */
static const struct failure *second_start;

/* The first worker_init waits, and others fail while fail_inits says so. */
static int first_init_at_gate_others_fail(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	if (atomic_inc_return(&w->inits) == 1) {
		if (second_start)
			set_failing(w, second_start, 2);
		wpt_pass(&w->gates[0]);
		return 0;
	}
	return atomic_dec_if_positive(&w->fail_inits) >= 0 ? -ENODEV : 0;
}

static const struct workpool_ops stuck_ops = {
	.worker_init = first_init_at_gate_others_fail,
};

/* The start that was to help fails: it is tried again, soon. */
static void failed_start_beside_a_stuck_one(struct kunit *test)
{
	const struct failure *failure = test->param_value;
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 3, &stuck_ops);
	struct wpt_task *t = wpt_task(w);

	failure->arm(w, 0);
	second_start = failure;
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	second_start = NULL;
	put_looks_off(pool);
	pool->late.function(&pool->late);
	EXPECT_SOON(test, wpt_ended(t) == 1);
	KUNIT_EXPECT_EQ(test, failed(failure, pool), 2);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[0]), 0);
}

/* The first worker_init fails at last, the second one never returns. */
static int second_init_at_gate(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	switch (atomic_inc_return(&w->inits)) {
	case 1:
		wpt_pass(&w->gates[0]);
		return -ENODEV;
	case 2:
		wpt_pass(&w->gates[1]);
		return 0;
	default:
		return 0;
	}
}

/* A start that was late for long, and failed, does not put off help for others. */
static void late_failure_is_forgotten(struct kunit *test)
{
	static const struct workpool_ops ops = {
		.worker_init = second_init_at_gate,
	};
	bool cancelled = *(const bool *)test->param_value;
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 3, &ops);
	struct wpt_task *t = wpt_task(w);

	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	put_looks_off(pool);
	if (cancelled)
		KUNIT_ASSERT_EQ(test, wpt_cancel(t), 0);
	wpt_open(&w->gates[0]);
	if (cancelled) {
		ASSERT_SOON(test, wpt_stats(pool).starting == 0);
		KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	}
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
	EXPECT_SOON(test, wpt_ended(t) == 1);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[1]), 0);
}

static const bool whether_cancelled[] = { false, true };

static void describe_cancelled(const bool *cancelled, char *desc)
{
	strscpy(desc, *cancelled ? "cancelled" : "tried again",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cancelled, whether_cancelled, describe_cancelled);

static int call_reboot(struct wpt_thread *thread)
{
	return workpool_reboot(thread->arg);
}

/* Starts failed so often that the next one is far away. */
static void put_starts_off(struct workpool *pool, bool no_thread)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->pace.failures = 1;
	pool->pace.no_thread = no_thread;
	pool->pace.retry = get_jiffies_64() + NEVER;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/* No start becomes late. */
static void put_first_look_off(struct workpool *pool)
{
	mod_timer(&pool->late, jiffies + NEVER);
}

/* A start that succeeds shows that starts work: others begin at once. */
static void success_starts_the_others(struct kunit *test)
{
	static const struct workpool_ops ops = {
		.worker_init = first_init_at_gate,
	};
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 2, &ops);

	wpt_empty_cache(w);
	KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(pool, wpt_pass,
						     &w->gates[1]));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	put_first_look_off(pool);
	put_starts_off(pool, false);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	KUNIT_ASSERT_EQ(test, READ_ONCE(pool->to_spawn), 1);
	wpt_open(&w->gates[0]);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	wpt_open(&w->gates[1]);
}

/* A release keeps the start that was to help beside one that is stuck. */
static void release_keeps_the_start_beside_a_stuck_one(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 3, &stuck_ops);

	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	put_looks_off(pool);
	put_starts_off(pool, false);
	pool->late.function(&pool->late);
	KUNIT_ASSERT_EQ(test, READ_ONCE(pool->to_spawn), 1);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, READ_ONCE(pool->to_spawn), 1);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 1);
}

/* A reboot does not let a pool start earlier that has crashed too often. */
static void reboot_pays_for_no_crash(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	u64 crash = get_jiffies_64() + NEVER;

	pool->pace.crash = crash;
	KUNIT_ASSERT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	KUNIT_ASSERT_EQ(test, workpool_reboot(pool), 0);
	KUNIT_EXPECT_EQ(test, pool->pace.crash, crash);
}

static int nr_later_turns(struct workpool *pool)
{
	int i, nr = 0;

	for (i = 0; i < WP_SPAWNERS_MAX; i++)
		nr += timer_pending(&pool->turns[i].work.timer);
	return nr;
}

/* The next turn of a spawner from before a reboot does not delay it. */
static void reboot_waits_for_no_old_turn(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread what = { .call = call_reboot, .arg = pool };
	struct wpt_task *t = wpt_task(w);
	struct wpt_thread *thread;

	wpt_empty_cache(w);
	put_starts_off(pool, false);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	ASSERT_SOON(test, nr_later_turns(pool) == 1);
	KUNIT_ASSERT_EQ(test, workpool_cancel(&t->d.task), 0);
	workpool_release(pool);
	ASSERT_SOON(test, READ_ONCE(pool->alive) == 0);
	KUNIT_ASSERT_EQ(test, nr_later_turns(pool), 1);
	pool->min_workers = 1;
	thread = wpt_start(w, &what);
	EXPECT_SOON(test, workpool_idle(pool) == 1);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
}

/* A thread that parks in the cache helps a pool that can make none. */
static void cache_helps_when_no_thread_can_be_made(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *waits = wpt_create_simple(w, 2), *leaves;
	struct wpt_task *t = wpt_task(w);

	wpt_fail_threads(w, 0);
	WRITE_ONCE(wp_cache_limit, 4);
	leaves = wpt_create_warm(w, 1);
	atomic_set(&w->fail_threads, WPT_ALWAYS);
	KUNIT_ASSERT_EQ(test, wpt_queue(waits, t), 0);
	ASSERT_SOON(test, wpt_stats(waits).spawn_failures > 0);
	put_starts_off(waits, true);
	wpt_destroy(w, leaves);
	EXPECT_SOON(test, wpt_ended(t) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(waits).adopted, 1);
}

/* A worker_init that waits, and fails while fail_inits says so. */
static int failing_init_at_gate(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	wpt_pass(&w->gates[0]);
	return atomic_dec_if_positive(&w->fail_inits) >= 0 ? -ENODEV : 0;
}

static struct workpool *start_at_gate(struct wpt *w, int nr)
{
	static const struct workpool_ops ops = {
		.worker_init = failing_init_at_gate,
	};
	struct workpool *pool = wpt_create_with_ops(w, nr, &ops);
	int i;

	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(w->test, 0,
				workpool_try_submit(pool, wpt_count, &w->ran));
	ASSERT_SOON(w->test, wpt_inside(&w->gates[0]) == nr);
	return pool;
}

/* Starts that fail together are one failure: a closed pool tries again. */
static void wave_is_one_failure(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = start_at_gate(w, 2 * WP_DROP_ATTEMPTS + 1);

	workpool_release(pool);
	fail_inits(w, 2 * WP_DROP_ATTEMPTS + 1);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 2 * WP_DROP_ATTEMPTS + 1);
}

/* The first worker_init waits, and succeeds. All others fail. */
static int first_init_only(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	if (atomic_inc_return(&w->inits) > 1)
		return -ENODEV;
	wpt_pass(&w->gates[0]);
	return 0;
}

/* A released pool with two calls, the first worker_init of which waits. */
static struct workpool *release_while_one_starts(struct wpt *w)
{
	static const struct workpool_ops ops = {
		.worker_init = first_init_only,
	};
	struct workpool *pool = wpt_create_with_ops(w, 2, &ops);
	int i;

	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(w->test, 0,
				workpool_try_submit(pool, wpt_count, &w->ran));
		ASSERT_SOON(w->test, wpt_inside(&w->gates[0]) == 1);
	}
	workpool_release(pool);
	return pool;
}

/* A closed pool drops nothing while a worker is on its way that may come up. */
static void start_under_way_saves_the_tasks(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = release_while_one_starts(w);

	ASSERT_SOON(test, wpt_stats(pool).init_failures > WP_DROP_ATTEMPTS);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 2);
}

/* If it never comes, the other starts decide in the end. */
static void start_that_hangs_saves_no_tasks(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = release_while_one_starts(w);

	EXPECT_SOON(test, wpt_stats(pool).dropped == 2);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
}

/* A surplus slot whose start failed is given back, not tried again. */
static void failed_surplus_is_given_back(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = start_at_gate(w, 4);

	KUNIT_ASSERT_EQ(test, workpool_tune(pool, 1), 0);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 4);
	fail_inits(w, WPT_ALWAYS);
	wpt_open(&w->gates[0]);
	EXPECT_SOON(test, workpool_running(pool) == 1);
	fail_inits(w, 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 4);
}

/* A worker_init that never returns costs a thread ever more rarely. */
static void stuck_start_costs_few_threads(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 64, &slow_ops);
	struct wpt_task *t = wpt_task(w);
	long wait, last = 0;
	int i;

	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	for (i = 1; i <= 12; i++) {
		ASSERT_SOON(test, !READ_ONCE(pool->to_spawn));
		pool->late.function(&pool->late);
		wait = (long)(READ_ONCE(pool->late.expires) - jiffies);
		if (i > 6)
			KUNIT_EXPECT_GT(test, wait, last * 3 / 2);
		last = wait;
	}
	KUNIT_EXPECT_LE(test, wpt_stats(pool).starting, 15);
	wpt_open(&w->gates[0]);
	EXPECT_SOON(test, wpt_ended(t) == 1);
	KUNIT_EXPECT_EQ(test, READ_ONCE(pool->late_looks), 0);
}

/* The spawner waits at a gate before it makes a thread. */
static struct task_struct *thread_at_gate(struct wp_worker *worker, int node,
					  const char *name)
{
	struct wpt *w = wpt_current();
	struct task_struct *task;

	wpt_pass(&w->gates[3]);
	if (atomic_dec_if_positive(&w->fail_threads) >= 0)
		return ERR_PTR(-EAGAIN);
	current->kunit_test = NULL;
	task = wp_worker_make_thread(worker, node, name);
	current->kunit_test = w->test;
	return task;
}

static void hold_spawners(struct wpt *w, unsigned int nr)
{
	wpt_need_stubs(w);
	kunit_activate_static_stub(w->test, wp_worker_make_thread,
				   thread_at_gate);
	wpt_enter_spawners(w, nr);
}

static void hold_spawner(struct wpt *w)
{
	hold_spawners(w, 1);
}

/* While its threads are late a pool has a turn with each spawner. */
static void threads_are_made_at_the_same_time(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2 * WP_SPAWNERS_MAX);
	int i;

	wpt_empty_cache(w);
	hold_spawners(w, WP_SPAWNERS_MAX);
	for (i = 0; i < 2 * WP_SPAWNERS_MAX; i++)
		KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(pool, wpt_pass,
							     &w->gates[0]));
	ASSERT_SOON(test, wpt_inside(&w->gates[3]) == WP_SPAWNERS_MAX);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).starting, 2 * WP_SPAWNERS_MAX);
	wpt_open(&w->gates[3]);
	EXPECT_SOON(test, wpt_inside(&w->gates[0]) == 2 * WP_SPAWNERS_MAX);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).spawned, 2 * WP_SPAWNERS_MAX);
}

/* The one task of a pool does not wait for the first spawner. */
static void another_spawner_helps_one_that_is_late(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_task *t = wpt_task(w);

	wpt_empty_cache(w);
	hold_spawners(w, WP_SPAWNERS_MAX);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	EXPECT_SOON(test, wpt_inside(&w->gates[3]) == 2);
	wpt_open(&w->gates[3]);
	EXPECT_SOON(test, wpt_ended(t) == 1);
}

/* A release leaves no turn for later, with any spawner. */
static void release_ends_all_turns(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_task *t = wpt_task(w);

	wpt_empty_cache(w);
	put_starts_off(pool, false);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	pool->late.function(&pool->late);
	pool->late.function(&pool->late);
	ASSERT_SOON(test, nr_later_turns(pool) == WP_SPAWNERS_MAX);
	KUNIT_ASSERT_EQ(test, workpool_cancel(&t->d.task), 0);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, nr_later_turns(pool), 0);
}

static int call_create_all(struct wpt_thread *thread)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(WP_SPAWNERS_MAX);

	attrs.min_workers = WP_SPAWNERS_MAX;
	return PTR_ERR_OR_ZERO(wpt_try_create(thread->arg, &attrs));
}

/* The min_workers of a pool that opens are made at the same time. */
static void spawners_open_a_pool_together(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread what = { .call = call_create_all, .arg = w };
	struct wpt_thread *thread;

	wpt_empty_cache(w);
	hold_spawners(w, WP_SPAWNERS_MAX);
	thread = wpt_start(w, &what);
	EXPECT_SOON(test, wpt_inside(&w->gates[3]) == WP_SPAWNERS_MAX);
	wpt_open(&w->gates[3]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
}

static int call_create_one(struct wpt_thread *thread)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.min_workers = 1;
	return PTR_ERR_OR_ZERO(wpt_try_create(thread->arg, &attrs));
}

static struct task_struct *first_thread_at_gate(struct wp_worker *worker,
						int node, const char *name)
{
	struct wpt *w = wpt_current();
	struct task_struct *task;

	if (atomic_inc_return(&w->inits) == 1)
		wpt_pass(&w->gates[3]);
	current->kunit_test = NULL;
	task = wp_worker_make_thread(worker, node, name);
	current->kunit_test = w->test;
	return task;
}

/* The one worker of a pool that opens does not wait for the first spawner. */
static void boot_of_one_beside_a_stuck_spawner(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread what = { .call = call_create_one, .arg = w };
	struct wpt_task *t = wpt_task(w);
	struct wpt_thread *thread;

	wpt_need_stubs(w);
	wpt_empty_cache(w);
	kunit_activate_static_stub(test, wp_worker_make_thread,
				   first_thread_at_gate);
	wpt_enter_spawners(w, WP_SPAWNERS_MAX);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[3]) == 1);
	thread = wpt_start(w, &what);
	EXPECT_SOON(test, completion_done(&thread->done));
	wpt_open(&w->gates[3]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	EXPECT_SOON(test, wpt_ended(t) == 1);
}

static int call_destroy_pool(struct wpt_thread *thread)
{
	workpool_destroy(thread->arg);
	return 0;
}

/* A pool is destroyed while its turns are with the spawners. */
static void destroy_waits_for_all_turns(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2 * WP_SPAWNERS_MAX);
	struct wpt_thread what = { .call = call_destroy_pool, .arg = pool };
	struct wpt_thread *thread;
	int i;

	wpt_empty_cache(w);
	hold_spawners(w, WP_SPAWNERS_MAX);
	for (i = 0; i < 2 * WP_SPAWNERS_MAX; i++)
		KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(pool, wpt_count,
							     &w->ran));
	ASSERT_SOON(test, wpt_inside(&w->gates[3]) == WP_SPAWNERS_MAX);
	wpt_forget(w, pool);
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, wpt_stats(pool).closed);
	wpt_open(&w->gates[3]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 2 * WP_SPAWNERS_MAX);
}

/* A thread that parks in the cache helps a pool whose own thread is not made. */
static void cache_helps_beside_a_stuck_spawner(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *waits = wpt_create_simple(w, 2), *leaves;
	struct wpt_task *t = wpt_task(w);

	wpt_empty_cache(w);
	WRITE_ONCE(wp_cache_limit, 4);
	leaves = wpt_create_warm(w, 1);
	hold_spawner(w);
	KUNIT_ASSERT_EQ(test, wpt_queue(waits, t), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[3]) == 1);
	wpt_destroy(w, leaves);
	EXPECT_SOON(test, wpt_ended(t) == 1);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[3]), 0);
}

/* A thread that could not be made began before another start failed. */
static void thread_that_fails_later_is_of_the_same_wave(struct kunit *test)
{
	static const struct workpool_ops ops = {
		.worker_init = failing_init_at_gate,
	};
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 2, &ops);
	struct wpt_task *t = wpt_task(w);

	wpt_empty_cache(w);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	fail_inits(w, 1);
	atomic_set(&w->fail_threads, 1);
	hold_spawner(w);
	pool->late.function(&pool->late);
	pool->late.function(&pool->late);
	ASSERT_SOON(test, wpt_inside(&w->gates[3]) == 1);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, wpt_stats(pool).init_failures == 1);
	put_starts_off(pool, false);
	ASSERT_SOON(test, time_after64(get_jiffies_64(), pool->pace.failed_at));
	wpt_open(&w->gates[3]);
	EXPECT_SOON(test, wpt_stats(pool).spawn_failures == 1);
	KUNIT_EXPECT_EQ(test, pool->pace.failures, 1);
	KUNIT_EXPECT_GT(test, pool->pace.retry, get_jiffies_64() + NEVER / 2);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), 0);
}

/* The spawner serves all pools while CPUs are set for the workers of one. */
static void failed_thread_waits_for_no_placing(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *placed = wpt_create_simple(w, 1);
	struct workpool *other = wpt_create_simple(w, 1);

	wpt_fail_threads(w, 1);
	mutex_lock(&placed->placing);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(placed, wpt_nothing, NULL), 0);
	EXPECT_SOON(test, wpt_stats(placed).spawn_failures == 1);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(other, wpt_count, &w->ran), 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	mutex_unlock(&placed->placing);
}

/*
 * The spawner does not wait either when it drops the report of a crash, which a
 * released pool has no worker for.
 */
static void drop_waits_for_no_placing(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *placed = wpt_create_with_ops(w, 1, &wpt_ops);
	struct workpool *other = wpt_create_simple(w, 1);

	wpt_empty_cache(w);
	KUNIT_ASSERT_EQ(test, 0,
			workpool_submit(placed, wpt_crash_at, &w->gates[0]));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	atomic_set(&w->fail_threads, WPT_ALWAYS);
	hold_spawner(w);
	workpool_release(placed);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, wpt_inside(&w->gates[3]) == 1);
	mutex_lock(&placed->placing);
	wpt_open(&w->gates[3]);
	EXPECT_SOON(test, wpt_stats(placed).spawn_failures >= WP_DROP_ATTEMPTS);
	atomic_set(&w->fail_threads, 0);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(other, wpt_count, &w->ran), 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	mutex_unlock(&placed->placing);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(placed, WPT_DEADLINE), 0);
}

/* Slots are given back when what they were for has been done meanwhile. */
static void slots_follow_the_queue(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(8);
	struct wpt *w = test->priv;
	struct workpool *pool;
	int i;

	wpt_empty_cache(w);
	attrs.min_workers = 1;
	pool = wpt_create(w, &attrs);
	wpt_block(w, pool, &w->gates[0]);
	hold_spawner(w);
	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[3]) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).starting, 4);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, atomic_read(&w->ran) == 4);
	wpt_open(&w->gates[3]);
	ASSERT_SOON(test, wpt_stats(pool).starting == 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).spawned, 2);
}

static int call_create(struct wpt_thread *thread)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.min_workers = 1;
	attrs.ops = &slow_ops;
	return PTR_ERR_OR_ZERO(wpt_try_create(thread->arg, &attrs));
}

/* A pool cannot be found before create() has its first workers. */
static void pool_is_found_when_open(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread what = {
		.call = call_create,
		.arg = w,
	};
	struct wpt_thread *thread;
	struct workpool *pool;

	thread = wpt_start(w, &what);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	KUNIT_EXPECT_NULL(test, wp_registry_find(0, "kunit0"));
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	pool = wp_registry_find(0, "kunit0");
	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_EXPECT_FALSE(test, workpool_is_closed(pool));
	wp_pool_put(pool);
}

/* A release ends a reboot that waits for its first worker. */
static void release_during_reboot(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt_thread what = { .call = call_reboot };
	struct wpt *w = test->priv;
	struct wpt_thread *thread;
	struct workpool *pool;

	attrs.ops = &slow_ops;
	pool = wpt_create(w, &attrs);
	pool->min_workers = 1;
	KUNIT_ASSERT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	what.arg = pool;
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	KUNIT_EXPECT_TRUE(test, workpool_is_closed(pool));
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, workpool_reboot(pool), -EALREADY);
	workpool_release(pool);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -ESHUTDOWN);
}

/*
 * A reboot whose worker cannot start leaves the pool closed. It can be
 * repeated.
 */
static void failed_reboot_can_be_repeated(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct wpt *w = test->priv;
	struct workpool *pool;

	attrs.min_workers = 2;
	attrs.ops = &wpt_ops;
	pool = wpt_create(w, &attrs);
	KUNIT_ASSERT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	fail_inits(w, 1);
	KUNIT_EXPECT_EQ(test, workpool_reboot(pool), -ENODEV);
	KUNIT_EXPECT_TRUE(test, workpool_is_closed(pool));
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).alive, 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).generation, 0);
	fail_inits(w, 0);
	KUNIT_EXPECT_EQ(test, workpool_reboot(pool), 0);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 2);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).generation, 1);
}

/* Several pools that want threads at once all get them, from one spawner. */
static void pools_share_the_spawner(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pools[3];
	int i;

	wpt_empty_cache(w);
	wpt_enter_spawner(w);
	for (i = 0; i < 3; i++) {
		pools[i] = wpt_create_simple(w, 3);
		KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(pools[i], wpt_pass,
							     &w->gates[0]));
		KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(pools[i], wpt_pass,
							     &w->gates[0]));
	}
	EXPECT_SOON(test, wpt_inside(&w->gates[0]) == 6);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, wpt_stats(pools[i]).spawned, 2);
}

/*
 * The last worker of a closed pool crashes after starts had failed: what is queued
 * is left to the replacement, and only dropped if that cannot be started either.
 */
static void crash_leaves_the_queue_to_the_replacement(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 2, &wpt_ops);

	KUNIT_ASSERT_EQ(test, 0,
			workpool_submit(pool, wpt_crash_at, &w->gates[0]));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	atomic_set(&w->fail_inits, WPT_ALWAYS);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	workpool_release(pool);
	ASSERT_SOON(test, wpt_stats(pool).init_failures >= WP_DROP_ATTEMPTS);
	atomic_set(&w->fail_inits, 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->crashes), 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(failed_start_is_tried_again, failure_gen_params),
	KUNIT_CASE_PARAM(open_pool_keeps_trying, lasting_gen_params),
	KUNIT_CASE_PARAM(closed_pool_gives_up, lasting_gen_params),
	KUNIT_CASE_PARAM(destroy_gives_up, lasting_gen_params),
	KUNIT_CASE_PARAM(closed_pool_tolerates_a_few, lasting_gen_params),
	KUNIT_CASE_PARAM(living_worker_saves_the_tasks, lasting_gen_params),
	KUNIT_CASE(freed_worker_takes_the_task),
	KUNIT_CASE(min_workers_keep_being_tried),
	KUNIT_CASE(slow_starts_run_at_the_same_time),
	KUNIT_CASE(stuck_start_holds_up_no_task),
	KUNIT_CASE(late_start_does_not_count_as_coming),
	KUNIT_CASE(late_starts_are_no_storm),
	KUNIT_CASE(stuck_start_at_the_limit_holds_up_no_task),
	KUNIT_CASE_PARAM(failed_start_beside_a_stuck_one, failure_gen_params),
	KUNIT_CASE_PARAM(late_failure_is_forgotten, cancelled_gen_params),
	KUNIT_CASE(success_starts_the_others),
	KUNIT_CASE(release_keeps_the_start_beside_a_stuck_one),
	KUNIT_CASE(reboot_pays_for_no_crash),
	KUNIT_CASE(reboot_waits_for_no_old_turn),
	KUNIT_CASE(cache_helps_when_no_thread_can_be_made),
	KUNIT_CASE(wave_is_one_failure),
	KUNIT_CASE(start_under_way_saves_the_tasks),
	KUNIT_CASE(start_that_hangs_saves_no_tasks),
	KUNIT_CASE(failed_surplus_is_given_back),
	KUNIT_CASE(stuck_start_costs_few_threads),
	KUNIT_CASE(cache_helps_beside_a_stuck_spawner),
	KUNIT_CASE(thread_that_fails_later_is_of_the_same_wave),
	KUNIT_CASE(failed_thread_waits_for_no_placing),
	KUNIT_CASE(drop_waits_for_no_placing),
	KUNIT_CASE(slots_follow_the_queue),
	KUNIT_CASE(pool_is_found_when_open),
	KUNIT_CASE(release_during_reboot),
	KUNIT_CASE(failed_reboot_can_be_repeated),
	KUNIT_CASE(pools_share_the_spawner),
	KUNIT_CASE(threads_are_made_at_the_same_time),
	KUNIT_CASE(another_spawner_helps_one_that_is_late),
	KUNIT_CASE(release_ends_all_turns),
	KUNIT_CASE(spawners_open_a_pool_together),
	KUNIT_CASE(boot_of_one_beside_a_stuck_spawner),
	KUNIT_CASE(destroy_waits_for_all_turns),
	KUNIT_CASE(crash_leaves_the_queue_to_the_replacement),
	{}
};

WPT_SUITE(spawn);
