// SPDX-License-Identifier: GPL-2.0
/*
 * Limit: max_workers changes while there are pools.
 */

#include <kunit/test-bug.h>

#include "core/module.h"
#include "core/pool.h"
#include "pool/limit.h"
#include "pool/pool.h"
#include "helpers.h"

static int max_before;

static void restore_max(struct wpt *w)
{
	wp_limit_set_max_workers(max_before);
}

static struct wpt *begin(struct kunit *test)
{
	struct wpt *w = test->priv;

	max_before = wp_max_workers;
	w->cleanup = restore_max;
	return w;
}

/* Unlimited pools get the new limit, also in a pause, and others do not. */
static void max_workers_is_for_unlimited_pools(struct kunit *test)
{
	struct wpt *w = begin(test);
	struct workpool *unlimited = wpt_create_simple(w, WORKPOOL_UNLIMITED);
	struct workpool *paused = wpt_create_simple(w, WORKPOOL_UNLIMITED);
	struct workpool *limited = wpt_create_simple(w, 9), *later;

	KUNIT_EXPECT_EQ(test, workpool_pause(paused), 0);
	KUNIT_EXPECT_EQ(test, wp_limit_set_max_workers(7), 0);
	KUNIT_EXPECT_EQ(test, unlimited->limit, 7);
	KUNIT_EXPECT_EQ(test, limited->limit, 9);
	KUNIT_EXPECT_EQ(test, paused->limit, 0);
	KUNIT_EXPECT_EQ(test, workpool_resume(paused), 0);
	KUNIT_EXPECT_EQ(test, paused->limit, 7);
	later = wpt_create_simple(w, WORKPOOL_UNLIMITED);
	KUNIT_EXPECT_EQ(test, later->limit, 7);
}

/* A smaller limit retires workers, and a larger one lets submitters in. */
static void max_workers_takes_effect_at_once(struct kunit *test)
{
	struct wpt *w = begin(test);
	struct workpool *pool = wpt_create_simple(w, WORKPOOL_UNLIMITED);
	struct wpt_thread *thread;

	KUNIT_EXPECT_EQ(test, wp_limit_set_max_workers(1), 0);
	wpt_block(w, pool, &w->gates[0]);
	thread = wpt_add_waiter(w, pool, wpt_count, &w->ran);
	KUNIT_EXPECT_EQ(test, wp_limit_set_max_workers(2), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	EXPECT_SOON(test, workpool_idle(pool) == 1);
	KUNIT_EXPECT_EQ(test, wp_limit_set_max_workers(1), 0);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 1);
}

/* What no pool could have changes nothing. */
static void bad_max_workers_change_nothing(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(WORKPOOL_UNLIMITED);
	struct wpt *w = begin(test);
	struct workpool *pool;

	attrs.min_workers = 2;
	pool = wpt_create(w, &attrs);
	KUNIT_EXPECT_EQ(test, wp_limit_set_max_workers(1), -EINVAL);
	KUNIT_EXPECT_EQ(test, wp_limit_set_max_workers(0), -EINVAL);
	KUNIT_EXPECT_EQ(test, wp_limit_set_max_workers(-1), -EINVAL);
	KUNIT_EXPECT_EQ(test, wp_limit_set_max_workers(WP_MAX_WORKERS_LIMIT + 1),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, wp_max_workers, max_before);
	KUNIT_EXPECT_EQ(test, pool->limit, max_before);
}

#if WPT_HAVE_STUBS

/* Stub of wp_pool_alloc(): after the attributes were checked. */
static struct workpool *alloc_after_change(void)
{
	struct kunit *test = kunit_get_current_test();

	kunit_deactivate_static_stub(test, wp_pool_alloc);
	KUNIT_EXPECT_EQ(test, wp_limit_set_max_workers(4), 0);
	return wp_pool_alloc();
}

/* No pool has more min_workers than max_workers, whenever that changed. */
static void max_workers_shrink_during_a_creation(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(WORKPOOL_UNLIMITED);
	struct wpt *w = begin(test);

	attrs.min_workers = 8;
	kunit_activate_static_stub(test, wp_pool_alloc, alloc_after_change);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(wpt_try_create(w, &attrs)), -EINVAL);
}

#endif

static struct kunit_case cases[] = {
	KUNIT_CASE(max_workers_is_for_unlimited_pools),
	KUNIT_CASE(max_workers_takes_effect_at_once),
	KUNIT_CASE(bad_max_workers_change_nothing),
#if WPT_HAVE_STUBS
	KUNIT_CASE(max_workers_shrink_during_a_creation),
#endif
	{}
};

WPT_SUITE(limit);
