// SPDX-License-Identifier: GPL-2.0
/*
 * Unload: what a module leaves behind. The tests play the part of the module.
 */

#include <linux/export.h>

#include "admin/unload.h"
#include "core/pool.h"
#include "pool/registry.h"
#include "helpers.h"

#ifdef kunit_warning_suppress

/* Returns the number of warnings. */
static int clear(struct kunit *test)
{
	int nr = 0;

	kunit_warning_suppress(test) {
		wp_unload_clear(THIS_MODULE);
		nr = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
	return nr;
}

static int call_clear(struct wpt_thread *thread)
{
	return clear(thread->arg);
}

/* A pool as if of another module. */
static struct workpool *create_foreign(struct wpt *w, int capacity,
				       unsigned int depth)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);
	struct workpool *pool;

	attrs.queue_depth = depth;
	pool = wpt_create(w, &attrs);
	pool->module = NULL;
	return pool;
}

/*
 * Pending work of the module is dropped, in each of its forms, and named. Then
 * the unload names what runs, each function once, and waits for it.
 */
static void work_is_dropped_or_waited_for(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_foreign(w, 2, 1);
	struct workpool *full = create_foreign(w, 1, 0);
	struct wpt_thread what = { .call = call_clear, .arg = test };
	struct wpt_task *rerun = wpt_task_at_gate(w), *queued = wpt_task(w);
	struct wpt_task *delayed = wpt_task(w);
	struct wpt_thread *thread, *waiter;

	wpt_block(w, pool, &w->gates[0]);
	wpt_hold(w, pool, rerun);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, rerun), 0);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, queued), 0);
	KUNIT_ASSERT_EQ(test, wpt_delay(pool, delayed, 3600 * HZ), 0);
	wpt_fill(w, full, &w->gates[0]);
	waiter = wpt_add_waiter(w, full, wpt_count, &w->ran);

	thread = wpt_start(w, &what);
	KUNIT_EXPECT_EQ(test, wpt_join(waiter), -ESHUTDOWN);
	ASSERT_SOON(test, wpt_stats(pool).dropped == 4);
	KUNIT_EXPECT_FALSE(test, wpt_is_pending(rerun));
	KUNIT_EXPECT_FALSE(test, wpt_is_pending(queued));
	KUNIT_EXPECT_FALSE(test, wpt_is_pending(delayed));
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));

	wpt_open(&w->gates[0]);
	wpt_open(&rerun->gate);
	/* five that were pending, and two functions that ran */
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 7);
	KUNIT_EXPECT_EQ(test, wpt_ended(rerun), 1);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[0]), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

/* Pools and multis of the module are destroyed, with a warning for each. */
static void pools_are_destroyed(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_multi *multi;
	struct workpool *pool;

	pool = workpool_create(&attrs, "left");
	KUNIT_ASSERT_EQ(test, PTR_ERR_OR_ZERO(pool), 0);
	multi = workpool_multi_create(2, WORKPOOL_ROUND_ROBIN, &attrs, "left");
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(multi), 0);
	KUNIT_EXPECT_EQ(test, clear(test), 2);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 1);
}

/* A module that left nothing is not complained of. */
static void nothing_left_is_no_warning(struct kunit *test)
{
	wpt_settle(test->priv, create_foreign(test->priv, 1, 0));
	KUNIT_EXPECT_EQ(test, clear(test), 0);
}

#else

static void work_is_dropped_or_waited_for(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void pools_are_destroyed(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void nothing_left_is_no_warning(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

#endif

static struct kunit_case cases[] = {
	KUNIT_CASE(work_is_dropped_or_waited_for),
	KUNIT_CASE(pools_are_destroyed),
	KUNIT_CASE(nothing_left_is_no_warning),
	{}
};

WPT_SUITE(unload);
