// SPDX-License-Identifier: GPL-2.0
/*
 * Submitters that wait: order, giving up, and deadlocks broken.
 */

#include "core/lock.h"
#include "core/pool.h"
#include "pool/tune.h"
#include "queue/waiter.h"
#include "helpers.h"

/**
 * struct turn - a task that notes when it ran
 * @next: counts the turns
 * @mine: which one this was
 */
struct turn {
	atomic_t	*next;
	int		mine;
};

static void take_turn(void *arg)
{
	struct turn *turn = arg;

	turn->mine = atomic_inc_return(turn->next);
}

/* Waiting submitters are served in the order in which they came. */
static void served_in_order(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *threads[4];
	struct turn *turns;
	int i;

	turns = kunit_kcalloc(test, 4, sizeof(*turns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, turns);
	wpt_fill(w, pool, &w->gates[0]);
	for (i = 0; i < 4; i++) {
		turns[i].next = &w->ran;
		threads[i] = wpt_add_waiter(w, pool, take_turn, &turns[i]);
	}
	wpt_open(&w->gates[0]);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, wpt_join(threads[i]), 0);
	ASSERT_SOON(test, workpool_drain(pool, WPT_DEADLINE) == 0);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, turns[i].mine, i + 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).blocked, 4);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).peak_waiting, 4);
}

/* A submitter that times out gets -ETIMEDOUT, and its task never runs. */
static void wait_times_out(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			workpool_submit_timeout(pool, wpt_count, &w->ran, 2));
	KUNIT_EXPECT_EQ(test, workpool_waiting(pool), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).timedout, 1);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_drain(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

/* A killed submitter gets -EINTR, and the next one is served. */
static void wait_is_killable(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *first, *second;

	wpt_fill(w, pool, &w->gates[0]);
	first = wpt_add_waiter(w, pool, wpt_count, &w->ran);
	second = wpt_add_waiter(w, pool, wpt_pass, &w->gates[1]);
	wpt_kill(first);
	KUNIT_EXPECT_EQ(test, wpt_join(first), -EINTR);
	KUNIT_EXPECT_EQ(test, workpool_waiting(pool), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).interrupted, 1);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(second), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

/* A waiter that was decided while it gave up returns the decision. */
static void decision_beats_giving_up(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *thread;
	struct wp_waiter *waiter;
	struct wp_deferred deferred;

	wpt_fill(w, pool, &w->gates[0]);
	thread = wpt_add_waiter(w, pool, wpt_nothing, NULL);
	wp_pool_lock(pool, &deferred);
	waiter = list_first_entry(&pool->waiters, struct wp_waiter, wait.link);
	wp_waiter_complete_locked(pool, waiter, -ESHUTDOWN, &deferred);
	raw_spin_unlock_irqrestore(&pool->lock, deferred.flags);
	/* decided, but not told yet: it is killed, and has to wait for that */
	wpt_kill(thread);
	ASSERT_SOON(test, READ_ONCE(thread->task->__state) == TASK_UNINTERRUPTIBLE);
	complete(&waiter->wait.done);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).interrupted, 0);
}

/*
 * A waiting submitter holds a reference: it may give up while the pool is
 * destroyed.
 */
static void waiter_holds_a_reference(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *thread;

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, kref_read(&pool->ref), 2);
	thread = wpt_add_waiter(w, pool, wpt_pass, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, kref_read(&pool->ref), 3);
	wpt_kill(thread);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EINTR);
	KUNIT_EXPECT_EQ(test, kref_read(&pool->ref), 2);
}

/* A submitter is accepted as soon as a worker is being started for it. */
static void starting_worker_serves_a_waiter(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *thread;

	wpt_fail_threads(w, 0);
	wpt_fill(w, pool, &w->gates[0]);
	thread = wpt_add_waiter(w, pool, wpt_pass, &w->gates[1]);
	atomic_set(&w->fail_threads, 1);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 2), 0);
	/* accepted although there is no thread yet */
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
}

/*
 * When a shrink takes the last worker that could serve, the youngest submit gets
 * -EDEADLK and the other one is served.
 */
static void deadlock_after_a_shrink(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 3);
	struct wp_tuning old, new = {
		.mask = WP_TUNE_CAPACITY | WP_TUNE_MIN_WORKERS,
		.capacity = 2,
	};
	struct wpt_nested *nested[2];
	int i;

	wpt_block(w, pool, &w->gates[0]);
	for (i = 0; i < 2; i++)
		nested[i] = wpt_nest(w, pool, &w->gates[i + 1]);
	for (i = 0; i < 2; i++) {
		wpt_open(&w->gates[i + 1]);
		ASSERT_SOON(test, workpool_waiting(pool) == i + 1);
	}
	KUNIT_ASSERT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 0);
	wpt_open(&w->gates[0]);
	for (i = 0; i < 2; i++)
		ASSERT_SOON(test, completion_done(&nested[i]->done));
	KUNIT_EXPECT_EQ(test, nested[0]->result, 0);
	KUNIT_EXPECT_EQ(test, nested[1]->result, -EDEADLK);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 1);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(served_in_order),
	KUNIT_CASE(wait_times_out),
	KUNIT_CASE(wait_is_killable),
	KUNIT_CASE(decision_beats_giving_up),
	KUNIT_CASE(waiter_holds_a_reference),
	KUNIT_CASE(starting_worker_serves_a_waiter),
	KUNIT_CASE(deadlock_after_a_shrink),
	{}
};

WPT_SUITE(waiters);
