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

/* Accepts exactly @nr more. */
static void expect_room_for(struct kunit *test, struct workpool *pool, int nr)
{
	struct wpt *w = test->priv;
	int i;

	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, 0,
				workpool_try_submit(pool, wpt_count, &w->ran));
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), -EAGAIN);
}

/* That many are accepted, not one more, and again when they are gone. */
static void accepts_exactly(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 2, 5, 0);

	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queue_depth, 5);
	wpt_fill(w, pool, &w->gates[0]);
	expect_room_for(test, pool, 5);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 5);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).rejected, 1);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 5);
	wpt_fill(w, pool, &w->gates[1]);
	expect_room_for(test, pool, 5);
	wpt_open(&w->gates[1]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 10);
}

/* A burst at a pool without any worker: capacity and depth, together. */
static void accepts_before_the_first_worker(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 2, 3, 0);
	int i;

	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, 0,
				workpool_try_submit(pool, wpt_pass, &w->gates[0]));
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), -EAGAIN);
	EXPECT_SOON(test, wpt_inside(&w->gates[0]) == 2);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 3);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[0]), 5);
}

/* Embedded tasks ahead in the line take nothing of it, and get nothing. */
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

/* First in, first run. */
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

/* While somebody waits nobody is accepted past him, even if there is room. */
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

/* A call is not handed to an idle worker past what is in the line. */
static void line_is_not_overtaken(struct kunit *test)
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

/* Who finds it full waits, and is accepted in order as soon as one begins. */
static void waiters_are_promoted_in_order(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 1, 0);
	struct wpt_thread *threads[3];
	int i;

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, wpt_pass, &w->gates[1]), 0);
	threads[0] = wpt_line_up(w, pool, wpt_pass, &w->gates[2]);
	threads[1] = wpt_line_up(w, pool, wpt_pass, &w->gates[3]);
	threads[2] = wpt_line_up(w, pool, wpt_count, &w->ran);
	wpt_open(&w->gates[0]);
	/* the first call runs, so the first waiter is accepted: only that one */
	KUNIT_EXPECT_EQ(test, wpt_join(threads[0]), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
	KUNIT_EXPECT_EQ(test, workpool_waiting(pool), 2);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 1);
	wpt_open(&w->gates[1]);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[1]), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[2]) == 1);
	KUNIT_EXPECT_EQ(test, workpool_waiting(pool), 1);
	wpt_open(&w->gates[2]);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[2]), 0);
	wpt_open(&w->gates[3]);
	wpt_settle(w, pool);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[i]), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 1);
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
		threads[i] = wpt_line_up(w, pool, wpt_pass, &w->gates[1]);
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

/* With WORKPOOL_F_NONBLOCK nobody waits. */
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

/* A release runs what was accepted and fails those that wait. */
static void release_runs_the_accepted(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 3, 0);
	struct wpt_thread *thread;

	wpt_fill(w, pool, &w->gates[0]);
	expect_room_for(test, pool, 3);
	thread = wpt_line_up(w, pool, wpt_count, &w->ran);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -ESHUTDOWN);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 3);
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

/* A task of the only worker may submit that many; the next must deadlock. */
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

/* Depth 0 is a hand-off: full means full. */
static void no_depth(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 2, 0, 0);

	wpt_fill(w, pool, &w->gates[0]);
	expect_room_for(test, pool, 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
}

/* What is too deep is refused, and the most is not. */
static void checks_its_limit(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;

	attrs.queue_depth = WORKPOOL_DEPTH_MAX + 1;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(wpt_try_create(w, &attrs)), -EINVAL);
	attrs.queue_depth = UINT_MAX;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(wpt_try_create(w, &attrs)), -EINVAL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(accepts_exactly),
	KUNIT_CASE(accepts_before_the_first_worker),
	KUNIT_CASE(tasks_do_not_count),
	KUNIT_CASE(accepted_calls_run_in_order),
	KUNIT_CASE(waiters_are_not_overtaken),
	KUNIT_CASE(line_is_not_overtaken),
	KUNIT_CASE(waiters_are_promoted_in_order),
	KUNIT_CASE(grow_promotes),
	KUNIT_CASE(nonblock_does_not_wait),
	KUNIT_CASE(release_runs_the_accepted),
	KUNIT_CASE(nested_submits),
	KUNIT_CASE(no_depth),
	KUNIT_CASE(checks_its_limit),
	{}
};

WPT_SUITE(depth);
