// SPDX-License-Identifier: GPL-2.0
/*
 * The pool: creation and its unwinding, admission, counts.
 */

#include <linux/cpumask.h>
#include <linux/sched.h>

#include "core/module.h"
#include "core/pool.h"
#include "pool/pool.h"
#include "pool/registry.h"
#include "pool/tune.h"
#include "queue/reserve.h"
#include "helpers.h"

static struct workpool *no_pool(void)
{
	return NULL;
}

static struct wp_chunk *no_chunk(int nr)
{
	return NULL;
}

static int no_id(struct workpool *pool)
{
	return -ENOMEM;
}

/* All numbers are in use. The owner sees that as a lack of memory. */
static int no_id_left(struct workpool *pool)
{
	return -EBUSY;
}

static void expect_no_pool(struct kunit *test, int err)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	int before = wp_registry_count();

	KUNIT_EXPECT_EQ(test, PTR_ERR(wpt_try_create(test->priv, &attrs)), err);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), before);
}

/* create() without memory for the pool: -ENOMEM, nothing is left. */
static void create_unwinds_the_pool(struct kunit *test)
{
	wpt_need_stubs(test->priv);
	kunit_activate_static_stub(test, wp_pool_alloc, no_pool);
	expect_no_pool(test, -ENOMEM);
}

/* create() without memory for accepted calls: -ENOMEM, nothing is left. */
static void create_unwinds_the_reserve(struct kunit *test)
{
	wpt_need_stubs(test->priv);
	kunit_activate_static_stub(test, wp_reserve_alloc, no_chunk);
	expect_no_pool(test, -ENOMEM);
}

/* create() without memory for the registry: -ENOMEM, nothing is left. */
static void create_unwinds_the_registry(struct kunit *test)
{
	wpt_need_stubs(test->priv);
	kunit_activate_static_stub(test, wp_registry_alloc_id, no_id);
	expect_no_pool(test, -ENOMEM);
}

/* create() when all numbers are taken: -ENOMEM, nothing is left. */
static void create_unwinds_without_a_number(struct kunit *test)
{
	wpt_need_stubs(test->priv);
	kunit_activate_static_stub(test, wp_registry_alloc_id, no_id_left);
	expect_no_pool(test, -ENOMEM);
}

static int strange_init(struct workpool *pool, void **data)
{
	return *(int *)workpool_data(pool);
}

/* create() of a pool whose worker_init returns no errno is an error. */
static void strange_error_is_einval(struct kunit *test)
{
	static const struct workpool_ops ops = { .worker_init = strange_init };
	int errors[] = { 1, INT_MAX, -MAX_ERRNO - 1, INT_MIN };
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	int i;

	attrs.min_workers = 1;
	attrs.ops = &ops;
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		attrs.data = &errors[i];
		KUNIT_EXPECT_EQ(test, -EINVAL,
				PTR_ERR(wpt_try_create(test->priv, &attrs)));
	}
}

static void expect_no_warm_pool(struct kunit *test, int err)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	int before = wp_registry_count();

	attrs.min_workers = 2;
	KUNIT_EXPECT_EQ(test, PTR_ERR(wpt_try_create(test->priv, &attrs)), err);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), before);
}

/* create() that cannot make its first thread fails as that did. */
static void create_unwinds_the_threads(struct kunit *test)
{
	wpt_fail_threads(test->priv, WPT_ALWAYS);
	expect_no_warm_pool(test, -EAGAIN);
}

/* create() without memory for a worker: -ENOMEM, nothing is left. */
static void create_unwinds_the_workers(struct kunit *test)
{
	wpt_fail_allocs(test->priv, WPT_ALWAYS);
	expect_no_warm_pool(test, -ENOMEM);
}

/* create() whose second worker fails takes the first one back. */
static void create_unwinds_half_its_workers(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	struct wpt *w = test->priv;

	attrs.min_workers = 3;
	attrs.ops = &wpt_ops;
	wpt_empty_cache(w);
	atomic_set(&w->fail_inits, 1);
	KUNIT_EXPECT_EQ(test, PTR_ERR(wpt_try_create(w, &attrs)), -ENODEV);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->inits), atomic_read(&w->exits));
}

/* A call takes a worker that is being started for no other call. */
static void starting_worker_gets_a_call(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(4);
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create(w, &attrs);
	struct wp_tuning old, new = {
		.mask = WP_TUNE_MIN_WORKERS,
		.min_workers = 2,
	};

	wpt_fail_threads(w, WPT_ALWAYS);
	KUNIT_ASSERT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 2);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), 0);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), 0);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 2);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), 0);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 3);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 3);
	atomic_set(&w->fail_threads, 0);
	EXPECT_SOON(test, wpt_stats(pool).completed == 3);
}

/* max_workers bounds an unlimited pool too. */
static void unlimited_ends_at_max_workers(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, WORKPOOL_UNLIMITED);

	KUNIT_EXPECT_EQ(test, pool->limit, wp_max_workers);
	pool->limit = 2;
	wpt_block(w, pool, &w->gates[0]);
	wpt_block(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), -EAGAIN);
	KUNIT_EXPECT_EQ(test, workpool_available(pool), -1);
}

/* A call to the idle worker. Returns how many calls have run when it returns. */
static int run_after_submit(struct wpt *w, struct workpool *pool, bool yield)
{
	bool before = wp_yield_after_handoff;
	int err, ran;

	WRITE_ONCE(wp_yield_after_handoff, yield);
	err = workpool_submit(pool, wpt_count, &w->ran);
	ran = atomic_read(&w->ran);
	WRITE_ONCE(wp_yield_after_handoff, before);
	KUNIT_EXPECT_EQ(w->test, err, 0);
	EXPECT_SOON(w->test, workpool_idle(pool) == 1);
	return ran;
}

/*
 * On one CPU the submitter yields after a hand-off: the worker runs at once. A
 * worker with a priority would do so anyway where the kernel is preemptible.
 */
static void submitter_yields_after_a_handoff(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct workpool *pool;

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(0)), 0);
	attrs.flags = WORKPOOL_F_PREALLOC;
	attrs.rt_priority = 1;
	attrs.cpumask = cpumask_of(0);
	pool = wpt_create(w, &attrs);
	if (!IS_ENABLED(CONFIG_PREEMPTION))
		KUNIT_EXPECT_EQ(test, run_after_submit(w, pool, false), 0);
	else
		run_after_submit(w, pool, false);
	KUNIT_EXPECT_EQ(test, run_after_submit(w, pool, true), 2);
}

/* Without memory for another accepted call a pool is as good as full. */
static void reserve_bounds_the_accepted(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	LLIST_HEAD(reserve);

	wpt_move_reserve(pool, &pool->reserve, &reserve);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), -EAGAIN);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 0);
	wpt_move_reserve(pool, &reserve, &pool->reserve);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), 0);
}

/* Without that memory a submitter waits for the worker and gets it. */
static void submit_without_reserve_waits(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	LLIST_HEAD(reserve);

	wpt_move_reserve(pool, &pool->reserve, &reserve);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, wpt_count, &w->ran), 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).blocked, 1);
	wpt_move_reserve(pool, &reserve, &pool->reserve);
}

/* The reserve of a huge pool is bounded. */
static void reserve_is_bounded(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, INT_MAX);

	KUNIT_EXPECT_EQ(test, pool->nr_reserve, WP_RESERVE_MAX);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(create_unwinds_the_pool),
	KUNIT_CASE(create_unwinds_the_reserve),
	KUNIT_CASE(create_unwinds_the_registry),
	KUNIT_CASE(create_unwinds_without_a_number),
	KUNIT_CASE(strange_error_is_einval),
	KUNIT_CASE(create_unwinds_the_threads),
	KUNIT_CASE(create_unwinds_the_workers),
	KUNIT_CASE(create_unwinds_half_its_workers),
	KUNIT_CASE(starting_worker_gets_a_call),
	KUNIT_CASE(unlimited_ends_at_max_workers),
	KUNIT_CASE(submitter_yields_after_a_handoff),
	KUNIT_CASE(reserve_bounds_the_accepted),
	KUNIT_CASE(submit_without_reserve_waits),
	KUNIT_CASE(reserve_is_bounded),
	{}
};

WPT_SUITE(pool);
