// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a multi: tune, release, reboot, destroy.
 */

#include "multi/multi.h"
#include "pool/reboot.h"
#include "pool/registry.h"
#include "pool/release.h"
#include "helpers.h"

/* tune() gives each pool the capacity. */
static void tune_changes_each(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);
	int i;

	KUNIT_EXPECT_EQ(test, workpool_multi_tune(multi, 4), 0);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, workpool_capacity(multi->pools[i]), 4);
	KUNIT_EXPECT_EQ(test, workpool_multi_capacity(multi), 12);
	KUNIT_EXPECT_EQ(test, workpool_multi_tune(multi, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, workpool_multi_tune(multi, -1), -EINVAL);
	KUNIT_EXPECT_EQ(test, workpool_multi_capacity(multi), 12);
}

/* tune() returns the error of the pool that refuses, and changes the others. */
static void tune_fails_in_part(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);

	workpool_release(multi->pools[1]);
	KUNIT_EXPECT_EQ(test, workpool_multi_tune(multi, 5), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, workpool_capacity(multi->pools[0]), 5);
	KUNIT_EXPECT_EQ(test, workpool_capacity(multi->pools[1]), 1);
	KUNIT_EXPECT_EQ(test, workpool_capacity(multi->pools[2]), 5);
}

/* A grown multi serves the waiting submitters at once. */
static void tune_serves_those_who_wait(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt_thread *threads[2];
	struct wpt *w = test->priv;
	int i;

	wpt_multi_fill(w, multi, &w->gates[0]);
	for (i = 0; i < 2; i++)
		threads[i] = wpt_multi_add_waiter(w, multi, wpt_pass, &w->gates[1]);
	KUNIT_EXPECT_EQ(test, workpool_multi_tune(multi, 2), 0);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, wpt_join(threads[i]), 0);
	EXPECT_SOON(test, wpt_inside(&w->gates[1]) == 2);
	KUNIT_EXPECT_EQ(test, workpool_multi_busy(multi), 4);
}

static void expect_closed(struct kunit *test, struct workpool_multi *multi)
{
	struct workpool_task task;
	unsigned int i;

	KUNIT_EXPECT_TRUE(test, workpool_multi_is_closed(multi));
	KUNIT_EXPECT_TRUE(test, wpt_multi_stats(multi).closed);
	for (i = 0; i < workpool_multi_count(multi); i++)
		KUNIT_EXPECT_TRUE(test, workpool_is_closed(multi->pools[i]));
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			workpool_multi_submit(multi, wpt_nothing, NULL));
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			workpool_multi_try_submit(multi, wpt_nothing, NULL));
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			workpool_multi_submit_timeout(multi, wpt_nothing, NULL, 1));
	KUNIT_EXPECT_EQ(test, workpool_multi_invoke(multi, NULL), -ESHUTDOWN);
	workpool_task_init_onstack(&task, NULL);
	KUNIT_EXPECT_EQ(test, workpool_multi_queue(multi, &task), -ESHUTDOWN);
	workpool_task_destroy_onstack(&task);
	KUNIT_EXPECT_EQ(test, workpool_multi_tune(multi, 2), -ESHUTDOWN);
}

/* A released multi accepts nothing, but finishes what it accepted. */
static void released_multi_is_closed(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;

	wpt_multi_fill(w, multi, &w->gates[0]);
	KUNIT_EXPECT_FALSE(test, workpool_multi_is_closed(multi));
	workpool_multi_release(multi);
	workpool_multi_release(multi);
	expect_closed(test, multi);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_multi_wait_released(multi, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[0]), 2);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).alive, 0);
}

/* Pools are still looked at after the deadline: empty ones are no timeout. */
static void timeout_zero_looks(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);

	KUNIT_EXPECT_EQ(test, workpool_multi_release_timeout(multi, 0), 0);
	KUNIT_EXPECT_EQ(test, workpool_multi_wait_released(multi, 0), 0);
}

/* A wait with a wrong timeout, or for an open multi, is -EINVAL. */
static void wrong_wait_is_einval(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);

	KUNIT_EXPECT_EQ(test, workpool_multi_wait_released(multi, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, workpool_multi_release_timeout(multi, -1), -EINVAL);
	KUNIT_EXPECT_FALSE(test, workpool_multi_is_closed(multi));
	workpool_multi_release(multi);
	KUNIT_EXPECT_EQ(test, workpool_multi_wait_released(multi, -1), -EINVAL);
	KUNIT_EXPECT_EQ(test, workpool_multi_release_timeout(multi, -1), -ESHUTDOWN);
}

static int call_release(struct wpt_thread *thread)
{
	return workpool_multi_release_timeout(thread->multi, thread->timeout);
}

/* The wait can be killed and repeated. */
static void wait_is_killable(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread what = {
		.call = call_release,
		.multi = wpt_multi_simple(w, 2, 1),
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};
	struct wpt_thread *thread;

	wpt_multi_fill(w, what.multi, &w->gates[0]);
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, workpool_multi_is_closed(what.multi));
	wpt_kill(thread);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EINTR);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, 0, workpool_multi_wait_released(what.multi,
							      WPT_DEADLINE));
}

static int call_wait(struct wpt_thread *thread)
{
	return workpool_multi_wait_released(thread->multi, thread->timeout);
}

static unsigned int references(struct workpool_multi *multi)
{
	return kref_read(&multi->ref);
}

/* A thread that waits keeps the multi and its pools: it may be destroyed. */
static void waiters_keep_the_multi(struct kunit *test)
{
	static int (*const calls[])(struct wpt_thread *thread) = {
		call_release, call_wait,
	};
	struct wpt *w = test->priv;
	struct workpool_multi *multi = wpt_multi_simple(w, 2, 1);
	struct wpt_thread what = { .multi = multi, .timeout = WPT_DEADLINE };
	struct wpt_thread *threads[ARRAY_SIZE(calls)];
	unsigned int before = references(multi);
	int i;

	wpt_multi_fill(w, multi, &w->gates[0]);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		what.call = calls[i];
		threads[i] = wpt_start(w, &what);
		ASSERT_SOON(test, workpool_multi_is_closed(multi));
		/* from before it was closed */
		KUNIT_EXPECT_GT(test, references(multi), before);
		EXPECT_SOON(test, references(multi) == before + i + 1);
	}
	wpt_multi_forget(w, multi);
	wpt_open(&w->gates[0]);
	workpool_multi_destroy(multi);
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		KUNIT_EXPECT_EQ(test, wpt_join(threads[i]), 0);
}

/**
 * struct own - what a task of a multi was answered
 * @multi: the multi
 * @release: by workpool_multi_release_timeout()
 * @closed: the multi was closed then
 * @wait: by workpool_multi_wait_released(), after a release
 * @done: completed then
 */
struct own {
	struct workpool_multi	*multi;
	int			release;
	bool			closed;
	int			wait;
	struct completion	done;
};

static void release_own(void *arg)
{
	struct own *own = arg;

	own->release = workpool_multi_release_timeout(own->multi, HZ);
	own->closed = workpool_multi_is_closed(own->multi);
	workpool_multi_release(own->multi);
	own->wait = workpool_multi_wait_released(own->multi, HZ);
	complete_all(&own->done);
}

/* A task that waits for its own multi gets -EDEADLK. The multi stays open. */
static void own_task_cannot_wait(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct own *own = kunit_kzalloc(test, sizeof(*own), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, own);
	own->multi = multi;
	init_completion(&own->done);
	KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(multi->pools[1], release_own,
						     own));
	ASSERT_SOON(test, completion_done(&own->done));
	KUNIT_EXPECT_EQ(test, own->release, -EDEADLK);
	KUNIT_EXPECT_FALSE(test, own->closed);
	KUNIT_EXPECT_EQ(test, own->wait, -EDEADLK);
	KUNIT_EXPECT_EQ(test, workpool_multi_wait_released(multi, WPT_DEADLINE), 0);
}

/* A reboot keeps the counters. The turns begin with the first pool. */
static void reboot_begins_with_the_first(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);
	struct wpt *w = test->priv;
	int i;

	KUNIT_EXPECT_EQ(test, workpool_multi_reboot(multi), -EALREADY);
	KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 0);
	KUNIT_EXPECT_EQ(test, workpool_multi_release_timeout(multi, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, workpool_multi_reboot(multi), 0);
	KUNIT_EXPECT_EQ(test, workpool_multi_reboot(multi), -EALREADY);
	KUNIT_EXPECT_FALSE(test, workpool_multi_is_closed(multi));
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), i % 3);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).submitted, 5);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, i).generation, 1);
}

/* A multi is open again when one of its pools is rebooted. */
static void pools_rebooted_one_by_one(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;

	KUNIT_EXPECT_EQ(test, workpool_multi_release_timeout(multi, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, workpool_reboot(multi->pools[1]), 0);
	KUNIT_EXPECT_FALSE(test, workpool_multi_is_closed(multi));
	KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 1);
	KUNIT_EXPECT_EQ(test, workpool_multi_reboot(multi), 0);
	KUNIT_EXPECT_EQ(test, workpool_multi_reboot(multi), -EALREADY);
	KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 0);
}

/* A reboot is -EBUSY while workers are left, and the multi stays closed. */
static void reboot_with_workers_left(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;

	wpt_fill(w, multi->pools[1], &w->gates[0]);
	workpool_multi_release(multi);
	KUNIT_EXPECT_EQ(test, workpool_multi_reboot(multi), -EBUSY);
	expect_closed(test, multi);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_multi_wait_released(multi, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, workpool_multi_reboot(multi), 0);
	KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 0);
}

/*
 * A reboot starts the first workers of all pools. If one cannot be started, all
 * pools are closed.
 */
static void failed_reboot_closes_all(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_multi *multi;
	struct wpt *w = test->priv;

	attrs.min_workers = 1;
	attrs.ops = &wpt_ops;
	multi = wpt_multi(w, 3, WORKPOOL_ROUND_ROBIN, &attrs);
	KUNIT_EXPECT_EQ(test, workpool_multi_release_timeout(multi, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, workpool_reboot(multi->pools[0]), 0);
	atomic_set(&w->fail_inits, 1);
	KUNIT_EXPECT_EQ(test, workpool_multi_wait_released(multi, 1), 0);
	KUNIT_EXPECT_EQ(test, workpool_multi_reboot(multi), -ENODEV);
	expect_closed(test, multi);
	KUNIT_EXPECT_EQ(test, workpool_multi_wait_released(multi, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, workpool_multi_reboot(multi), 0);
	KUNIT_EXPECT_EQ(test, workpool_multi_running(multi), 3);
	KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 0);
}

/* Two closed pools with one worker each, whose callbacks are @ops. */
static struct workpool_multi *closed_multi(struct wpt *w,
					   const struct workpool_ops *ops)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_multi *multi;

	attrs.min_workers = 1;
	attrs.ops = ops;
	attrs.data = w;
	multi = wpt_multi(w, 2, WORKPOOL_ROUND_ROBIN, &attrs);
	KUNIT_ASSERT_EQ(w->test, 0, workpool_multi_release_timeout(multi,
								   WPT_DEADLINE));
	return multi;
}

static int already_init(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	return atomic_dec_if_positive(&w->fail_inits) < 0 ? 0 : -EALREADY;
}

/* A worker_init that fails with -EALREADY is not mistaken for an open pool. */
static void failed_reboot_is_not_open(struct kunit *test)
{
	static const struct workpool_ops ops = { .worker_init = already_init };
	struct wpt *w = test->priv;
	struct workpool_multi *multi = closed_multi(w, &ops);

	atomic_set(&w->fail_inits, 1);
	KUNIT_EXPECT_NE(test, workpool_multi_reboot(multi), 0);
	expect_closed(test, multi);
}

/* A worker_init that waits unless wpt.inits is set. */
static int gated_init(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	if (!atomic_read(&w->inits))
		wpt_pass(&w->gates[0]);
	return 0;
}

static int call_multi_reboot(struct wpt_thread *thread)
{
	return workpool_multi_reboot(thread->multi);
}

/* The number of threads that wait for an event of @pool. */
static int waiters_of(struct workpool *pool)
{
	unsigned long flags;
	struct list_head *entry;
	int nr = 0;

	raw_spin_lock_irqsave(&pool->lock, flags);
	list_for_each(entry, &pool->events)
		nr++;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return nr;
}

/*
 * A multi of two pools. threads[0] reboots the second pool, whose worker waits at
 * the gate. threads[1] reboots the multi, and waits until that pool is open.
 */
static struct workpool_multi *reboot_both(struct wpt *w,
					  struct wpt_thread *threads[2])
{
	static const struct workpool_ops ops = { .worker_init = gated_init };
	struct wpt_thread one = { .call = wpt_call_reboot };
	struct wpt_thread all = { .call = call_multi_reboot };

	atomic_set(&w->inits, 1);
	all.multi = closed_multi(w, &ops);
	one.pool = all.multi->pools[1];
	atomic_set(&w->inits, 0);
	threads[0] = wpt_start(w, &one);
	ASSERT_SOON(w->test, wpt_inside(&w->gates[0]) == 1);
	atomic_set(&w->inits, 1);
	threads[1] = wpt_start(w, &all);
	ASSERT_SOON(w->test, waiters_of(one.pool) == 2);
	return all.multi;
}

/* A pool that another thread is opening is waited for. */
static void reboot_beside_that_of_a_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread *threads[2];
	struct workpool_multi *multi = reboot_both(w, threads);

	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[0]), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[1]), 0);
	KUNIT_EXPECT_EQ(test, workpool_multi_running(multi), 2);
	KUNIT_EXPECT_EQ(test, workpool_multi_reboot(multi), -EALREADY);
}

/* Its workers may be up already when the wait begins. */
static void reboot_beside_the_end_of_one(struct kunit *test)
{
	struct wpt_thread what = { .call = call_multi_reboot };
	struct wpt *w = test->priv;
	struct wpt_thread *thread;
	struct workpool *pool;
	u64 boot;

	what.multi = closed_multi(w, NULL);
	pool = what.multi->pools[1];
	KUNIT_ASSERT_EQ(test, 0, wp_reboot_begin(pool, TASK_UNINTERRUPTIBLE,
						 &boot));
	ASSERT_SOON(test, workpool_idle(pool) == 1);
	thread = wpt_start(w, &what);
	EXPECT_SOON(test, waiters_of(pool) == 1);
	KUNIT_EXPECT_EQ(test, wp_reboot_end(pool, boot, WP_BY_OWNER, false), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
}

/* If it is closed meanwhile, the reboot of the multi fails. */
static void reboot_beside_one_that_fails(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread *threads[2];
	struct workpool_multi *multi = reboot_both(w, threads);

	workpool_release(multi->pools[1]);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[1]), -ESHUTDOWN);
	expect_closed(test, multi);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[0]), -ESHUTDOWN);
}

/* A worker_init that opens the pools, which wait for it, is told. */
static int rebooting_init(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	if (pool->multi && w->private)
		atomic_set(&w->ran, workpool_multi_reboot(w->private));
	return 0;
}

static void own_boot_cannot_reboot(struct kunit *test)
{
	static const struct workpool_ops ops = { .worker_init = rebooting_init };
	struct wpt *w = test->priv;
	struct workpool_multi *multi = closed_multi(w, &ops);

	w->private = multi;
	KUNIT_EXPECT_EQ(test, workpool_multi_reboot(multi), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), -EBUSY);
}

/*
 * A pool that was rebooted on its own does not prevent a reboot of the multi.
 */
static void reboot_with_one_open(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);
	struct wpt *w = test->priv;

	KUNIT_EXPECT_EQ(test, workpool_multi_release_timeout(multi, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, workpool_reboot(multi->pools[1]), 0);
	KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 1);
	wpt_run(w, multi->pools[1]);
	KUNIT_EXPECT_EQ(test, workpool_multi_reboot(multi), 0);
	KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 0);
	KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 1);
}

/* A pool that was rebooted on its own is closed by the next release. */
static void release_with_one_open(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);

	KUNIT_EXPECT_EQ(test, workpool_multi_release_timeout(multi, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, workpool_reboot(multi->pools[1]), 0);
	KUNIT_EXPECT_EQ(test, workpool_multi_release_timeout(multi, WPT_DEADLINE), 0);
	expect_closed(test, multi);
	KUNIT_EXPECT_EQ(test, workpool_multi_release_timeout(multi, HZ), -ESHUTDOWN);
}

/* destroy() finishes the accepted tasks, and leaves nothing. */
static void destroy_finishes(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_multi *multi;
	struct wpt *w = test->priv;
	int i;

	attrs.queue_depth = 3;
	multi = wpt_multi(w, 2, WORKPOOL_LEAST_TASKS, &attrs);
	wpt_multi_fill(w, multi, &w->gates[0]);
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, 0, workpool_multi_try_submit(multi, wpt_count,
								   &w->ran));
	wpt_multi_forget(w, multi);
	wpt_open(&w->gates[0]);
	workpool_multi_destroy(multi);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 6);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 1);
}

/* Pools whose stragglers were named */
static int nr_named;

/* Stub of wp_release_log_stragglers(). */
static void count_named(struct workpool *pool)
{
	nr_named++;
}

/* The stragglers of each pool are named, if anybody waited for them. */
static void each_pool_names_its_stragglers(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);
	struct wpt *w = test->priv;

	wpt_need_stubs(w);
	wpt_multi_fill(w, multi, &w->gates[0]);
	nr_named = 0;
	kunit_activate_static_stub(test, wp_release_log_stragglers, count_named);
	KUNIT_EXPECT_EQ(test, workpool_multi_release_timeout(multi, 1), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, nr_named, 3);
	KUNIT_EXPECT_EQ(test, workpool_multi_wait_released(multi, 0), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, nr_named, 3);
	kunit_deactivate_static_stub(test, wp_release_log_stragglers);
	wpt_open(&w->gates[0]);
}

/* destroy() accepts what create() returned on failure, and NULL. */
static void destroy_nothing(struct kunit *test)
{
	workpool_multi_destroy(NULL);
	workpool_multi_destroy(ERR_PTR(-ENOMEM));
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(tune_changes_each),
	KUNIT_CASE(tune_fails_in_part),
	KUNIT_CASE(tune_serves_those_who_wait),
	KUNIT_CASE(released_multi_is_closed),
	KUNIT_CASE(timeout_zero_looks),
	KUNIT_CASE(wrong_wait_is_einval),
	KUNIT_CASE(wait_is_killable),
	KUNIT_CASE(waiters_keep_the_multi),
	KUNIT_CASE(own_task_cannot_wait),
	KUNIT_CASE(reboot_begins_with_the_first),
	KUNIT_CASE(pools_rebooted_one_by_one),
	KUNIT_CASE(reboot_with_workers_left),
	KUNIT_CASE(failed_reboot_closes_all),
	KUNIT_CASE(failed_reboot_is_not_open),
	KUNIT_CASE(reboot_beside_that_of_a_pool),
	KUNIT_CASE(reboot_beside_the_end_of_one),
	KUNIT_CASE(reboot_beside_one_that_fails),
	KUNIT_CASE(own_boot_cannot_reboot),
	KUNIT_CASE(reboot_with_one_open),
	KUNIT_CASE(release_with_one_open),
	KUNIT_CASE(each_pool_names_its_stragglers),
	KUNIT_CASE(destroy_finishes),
	KUNIT_CASE(destroy_nothing),
	{}
};

WPT_SUITE(multi_life);
