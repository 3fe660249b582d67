// SPDX-License-Identifier: GPL-2.0
/*
 * queue_depth: calls accepted without a free worker.
 */

#include "core/call.h"
#include "core/lock.h"
#include "core/pool.h"
#include "queue/queue.h"
#include "helpers.h"

static struct workpool *create_deep(struct wpt *w, int capacity,
				    unsigned int depth, unsigned int flags)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	attrs.queue_depth = depth;
	attrs.flags = flags;
	return wpt_create(w, &attrs);
}

/* @pool accepts exactly @nr more calls. */
static void expect_room_for(struct kunit *test, struct workpool *pool, int nr)
{
	struct wpt *w = test->priv;
	int i;

	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, 0,
				workpool_try_submit(pool, wpt_count, &w->ran));
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), -EAGAIN);
}

/*
 * Queued embedded tasks take no part of the depth. The selftest depth_is_exact
 * does not cancel one.
 */
static void tasks_do_not_count(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 2, 0);
	struct wpt_task *tasks[4];

	wpt_tasks(w, tasks, 4);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 3), 3);
	expect_room_for(test, pool, 2);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[3]), 0);
	KUNIT_EXPECT_EQ(test, wpt_cancel(tasks[0]), 0);
	expect_room_for(test, pool, 0);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 2);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, 6);
}

/* Accepted calls run in the order in which they came. */
static void accepted_calls_run_in_order(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 3, 0);
	int i;

	wpt_fill(w, pool, &w->gates[0]);
	for (i = 1; i <= 3; i++)
		KUNIT_EXPECT_EQ(test, 0,
				workpool_try_submit(pool, wpt_pass, &w->gates[i]));
	for (i = 0; i < 3; i++) {
		wpt_open(&w->gates[i]);
		ASSERT_SOON(test, wpt_inside(&w->gates[i + 1]) == 1);
	}
	wpt_open(&w->gates[3]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, 4);
}

/*
 * While a submitter waits no call is accepted past it, even if there is room.
 */
static void waiters_are_not_overtaken(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 2, 0);
	struct wp_call call = { .fn.call = wpt_count, .arg = &w->ran };
	struct wp_deferred deferred;
	bool accepted;

	wpt_fill(w, pool, &w->gates[0]);
	wp_pool_lock(pool, &deferred);
	pool->waiting++;
	accepted = wp_queue_accept_locked(pool, &call, &deferred);
	pool->waiting--;
	wp_pool_unlock(pool, &deferred);
	KUNIT_EXPECT_FALSE(test, accepted);
	expect_room_for(test, pool, 2);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
}

/* A call is not handed to an idle worker past what is queued. */
static void queue_is_not_overtaken(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 1);
	struct wp_call call = { .fn.call = wpt_count, .arg = &w->ran };
	struct workpool_node first;
	struct wp_deferred deferred;
	bool handed;

	wp_pool_lock(pool, &deferred);
	list_add(&first.entry, &pool->queue);
	handed = wp_queue_hand_off_locked(pool, &call, &deferred);
	list_del(&first.entry);
	wp_pool_unlock(pool, &deferred);
	KUNIT_EXPECT_FALSE(test, handed);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

/* Growing by k serves k more at once, and lets k more in. */
static void grow_promotes(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 1, 0);
	struct wpt_thread *threads[3];
	int i;

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, wpt_pass, &w->gates[1]), 0);
	for (i = 0; i < 3; i++)
		threads[i] = wpt_add_waiter(w, pool, wpt_pass, &w->gates[1]);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 3), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[0]), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[1]), 0);
	EXPECT_SOON(test, wpt_inside(&w->gates[1]) == 2);
	KUNIT_EXPECT_EQ(test, workpool_waiting(pool), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 1);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[2]), 0);
	wpt_open(&w->gates[1]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[1]), 4);
}

/* A pool with WORKPOOL_F_NONBLOCK fills its queue, then refuses. */
static void nonblock_does_not_wait(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 2, WORKPOOL_F_NONBLOCK);

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, wpt_count, &w->ran), 0);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, wpt_count, &w->ran), 0);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, wpt_count, &w->ran), -EAGAIN);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 2);
}

static void submit_to_own_pool(void *arg)
{
	struct wpt *w = arg;
	int i;

	wpt_pass(&w->gates[0]);
	for (i = 0; i < 3; i++)
		if (!workpool_submit(workpool_current(), wpt_count, &w->ran))
			atomic_inc(&w->exits);
	wpt_pass(&w->gates[1]);
}

/*
 * A task of the only worker may submit as many calls as the depth. The next
 * submit would deadlock.
 */
static void nested_submits(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 2, 0);

	KUNIT_ASSERT_EQ(test, workpool_submit(pool, submit_to_own_pool, w), 0);
	wpt_open(&w->gates[0]);
	EXPECT_SOON(test, wpt_inside(&w->gates[1]) == 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->exits), 2);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 1);
	wpt_open(&w->gates[1]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 2);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(tasks_do_not_count),
	KUNIT_CASE(accepted_calls_run_in_order),
	KUNIT_CASE(waiters_are_not_overtaken),
	KUNIT_CASE(queue_is_not_overtaken),
	KUNIT_CASE(grow_promotes),
	KUNIT_CASE(nonblock_does_not_wait),
	KUNIT_CASE(nested_submits),
	{}
};

WPT_SUITE(depth);
