// SPDX-License-Identifier: GPL-2.0
/*
 * Submitters that wait: order, hand-off, giving up, and deadlocks broken.
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

/* Those that wait are served in the order in which they came. */
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
		threads[i] = wpt_line_up(w, pool, take_turn, &turns[i]);
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

/* A freed worker goes to who waits: nobody can overtake. */
static void nobody_overtakes(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *thread;

	wpt_fill(w, pool, &w->gates[0]);
	thread = wpt_line_up(w, pool, wpt_pass, &w->gates[1]);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), -EAGAIN);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), -EAGAIN);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
}

/* The submitter is told as soon as a worker has its task, not when that ends. */
static void handed_off_not_finished(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *thread;

	wpt_fill(w, pool, &w->gates[0]);
	thread = wpt_line_up(w, pool, wpt_pass, &w->gates[1]);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[1]), 0);
	KUNIT_EXPECT_EQ(test, workpool_waiting(pool), 0);
}

/* Who waited too long gets -ETIMEDOUT; its task never runs. */
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

/* A timeout of 0 looks once, a negative one is wrong. */
static void timeout_zero_and_below(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);

	KUNIT_EXPECT_EQ(test, -EINVAL,
			workpool_submit_timeout(pool, wpt_nothing, NULL, -1));
	KUNIT_EXPECT_EQ(test, 0,
			workpool_submit_timeout(pool, wpt_pass, &w->gates[0], 0));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			workpool_submit_timeout(pool, wpt_nothing, NULL, 0));
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).timedout, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).blocked, 0);
}

/* Who is killed while it waits gets -EINTR, those behind move up. */
static void wait_is_killable(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *first, *second;

	wpt_fill(w, pool, &w->gates[0]);
	first = wpt_line_up(w, pool, wpt_count, &w->ran);
	second = wpt_line_up(w, pool, wpt_pass, &w->gates[1]);
	wpt_kill(first);
	KUNIT_EXPECT_EQ(test, wpt_join(first), -EINTR);
	KUNIT_EXPECT_EQ(test, workpool_waiting(pool), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).interrupted, 1);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(second), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

/*
 * A submit that times out just when it is decided returns 0 if and only if its
 * task runs.
 */
static void timeout_races_with_decision(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread what = {
		.call = wpt_call_submit,
		.pool = pool,
		.fn = wpt_count,
		.arg = &w->ran,
		.timeout = 1,
	};
	struct wpt_thread *thread;
	int i, accepted = 0;

	for (i = 0; i < 10; i++) {
		reinit_completion(&w->gates[0].open);
		wpt_fill(w, pool, &w->gates[0]);
		thread = wpt_start(w, &what);
		ASSERT_SOON(test, workpool_waiting(pool) || completion_done(&thread->done));
		wpt_open(&w->gates[0]);
		accepted += !wpt_join(thread);
		ASSERT_SOON(test, workpool_drain(pool, WPT_DEADLINE) == 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), accepted);
	}
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).timedout, 10 - accepted);
}

/* The waiter that was decided while it gave up takes the decision. */
static void decision_beats_giving_up(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *thread;
	struct wp_waiter *waiter;
	struct wp_deferred deferred;

	wpt_fill(w, pool, &w->gates[0]);
	thread = wpt_line_up(w, pool, wpt_nothing, NULL);
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

/* A waiting submitter keeps the object: it may give up while that is destroyed. */
static void waiter_holds_a_reference(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *thread;

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, kref_read(&pool->ref), 2);
	thread = wpt_line_up(w, pool, wpt_pass, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, kref_read(&pool->ref), 3);
	wpt_kill(thread);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EINTR);
	KUNIT_EXPECT_EQ(test, kref_read(&pool->ref), 2);
}

/* Where max_blocking submitters wait the next one gets -EBUSY. */
static void max_blocking_bounds_the_line(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct wpt_thread *thread;
	struct workpool *pool;

	attrs.max_blocking = 1;
	pool = wpt_create(w, &attrs);
	wpt_fill(w, pool, &w->gates[0]);
	thread = wpt_line_up(w, pool, wpt_nothing, NULL);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, wpt_nothing, NULL), -EBUSY);
	KUNIT_EXPECT_EQ(test, -EBUSY,
			workpool_submit_timeout(pool, wpt_nothing, NULL, 1));
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).rejected, 2);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	wpt_run(w, pool);
}

/* A worker that is being started serves who waits, when nobody claimed it. */
static void starting_worker_serves_a_waiter(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *thread;

	wpt_fail_threads(w, 0);
	wpt_fill(w, pool, &w->gates[0]);
	thread = wpt_line_up(w, pool, wpt_pass, &w->gates[1]);
	atomic_set(&w->fail_threads, 1);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 2), 0);
	/* accepted although there is no thread yet */
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
}

/* The only worker submits to its own pool: -EDEADLK, at once. */
static void only_worker_would_wait_for_itself(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_nested *nested = wpt_nest(w, pool, NULL);

	ASSERT_SOON(test, completion_done(&nested->done));
	KUNIT_EXPECT_EQ(test, nested->result, -EDEADLK);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 1);
	wpt_run(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 1);
}

/* A task may wait for a worker of its own pool while another one works. */
static void nested_submit_waits_for_others(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_nested *nested;

	wpt_block(w, pool, &w->gates[0]);
	nested = wpt_nest(w, pool, NULL);
	ASSERT_SOON(test, workpool_waiting(pool) == 1);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, completion_done(&nested->done));
	KUNIT_EXPECT_EQ(test, nested->result, 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 0);
}

/* When all workers wait for one, the youngest gets -EDEADLK, the others go on. */
static void youngest_gives_way(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 3);
	struct wpt_nested *nested[3];
	int i;

	for (i = 0; i < 3; i++)
		nested[i] = wpt_nest(w, pool, &w->gates[i]);
	for (i = 0; i < 2; i++) {
		wpt_open(&w->gates[i]);
		ASSERT_SOON(test, workpool_waiting(pool) == i + 1);
	}
	wpt_open(&w->gates[2]);
	for (i = 0; i < 3; i++)
		ASSERT_SOON(test, completion_done(&nested[i]->done));
	KUNIT_EXPECT_EQ(test, nested[0]->result, 0);
	KUNIT_EXPECT_EQ(test, nested[1]->result, 0);
	KUNIT_EXPECT_EQ(test, nested[2]->result, -EDEADLK);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 1);
	EXPECT_SOON(test, atomic_read(&w->ran) == 2);
}

/* A submitter from outside that waits as well does not hide the deadlock. */
static void outsider_does_not_hide_the_deadlock(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_nested *nested = wpt_new_nested(w, pool, wpt_nothing, NULL);
	struct wpt_thread *thread;

	wpt_fill(w, pool, &w->gates[0]);
	thread = wpt_line_up(w, pool, wpt_submit_nested, nested);
	wpt_line_up(w, pool, wpt_count, &w->ran);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	ASSERT_SOON(test, completion_done(&nested->done));
	KUNIT_EXPECT_EQ(test, nested->result, -EDEADLK);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
}

/* Two workers wait, a third holds the pool up until it is gone. */
static void two_wait_one_works(struct wpt *w, struct workpool *pool,
			       struct wpt_nested *nested[2],
			       workpool_fn_t third)
{
	int i;

	KUNIT_ASSERT_EQ(w->test, 0, workpool_try_submit(pool, third, &w->gates[0]));
	ASSERT_SOON(w->test, wpt_inside(&w->gates[0]) == 1);
	for (i = 0; i < 2; i++)
		nested[i] = wpt_nest(w, pool, &w->gates[i + 1]);
	for (i = 0; i < 2; i++) {
		wpt_open(&w->gates[i + 1]);
		ASSERT_SOON(w->test, workpool_waiting(pool) == i + 1);
	}
}

static void expect_youngest_gave_way(struct wpt *w, struct workpool *pool,
				     struct wpt_nested *nested[2])
{
	ASSERT_SOON(w->test, completion_done(&nested[0]->done));
	ASSERT_SOON(w->test, completion_done(&nested[1]->done));
	KUNIT_EXPECT_EQ(w->test, nested[0]->result, 0);
	KUNIT_EXPECT_EQ(w->test, nested[1]->result, -EDEADLK);
	KUNIT_EXPECT_EQ(w->test, wpt_stats(pool).deadlocks, 1);
	EXPECT_SOON(w->test, atomic_read(&w->ran) == 1);
}

/* A shrink takes the last worker that could serve: the youngest gives way. */
static void deadlock_after_a_shrink(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 3);
	struct wp_tuning old, new = {
		.mask = WP_TUNE_CAPACITY | WP_TUNE_MIN_WORKERS,
		.capacity = 2,
	};
	struct wpt_nested *nested[2];

	two_wait_one_works(w, pool, nested, wpt_pass);
	KUNIT_ASSERT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 0);
	wpt_open(&w->gates[0]);
	expect_youngest_gave_way(w, pool, nested);
}

/* A crash does, after a shrink: nobody replaces the dead. */
static void deadlock_after_a_crash(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 3);
	struct wp_tuning old, new = {
		.mask = WP_TUNE_CAPACITY | WP_TUNE_MIN_WORKERS,
		.capacity = 2,
	};
	struct wpt_nested *nested[2];

	two_wait_one_works(w, pool, nested, wpt_crash_at);
	KUNIT_ASSERT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	wpt_open(&w->gates[0]);
	expect_youngest_gave_way(w, pool, nested);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).crashes, 1);
}

/* The replacement of a crashed worker serves those that wait: no deadlock. */
static void replacement_prevents_the_deadlock(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_nested *nested;

	KUNIT_ASSERT_EQ(test, 0,
			workpool_try_submit(pool, wpt_crash_at, &w->gates[0]));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	nested = wpt_nest(w, pool, NULL);
	ASSERT_SOON(test, workpool_waiting(pool) == 1);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, completion_done(&nested->done));
	KUNIT_EXPECT_EQ(test, nested->result, 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
}

/* A shrink far below the number of those that wait fails one after the other. */
static void shrink_to_one_lets_all_go(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 3);
	struct wpt_nested *nested[2];

	two_wait_one_works(w, pool, nested, wpt_pass);
	KUNIT_ASSERT_EQ(test, workpool_tune(pool, 1), 0);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, completion_done(&nested[0]->done));
	ASSERT_SOON(test, completion_done(&nested[1]->done));
	KUNIT_EXPECT_EQ(test, nested[0]->result, -EDEADLK);
	KUNIT_EXPECT_EQ(test, nested[1]->result, -EDEADLK);
	EXPECT_SOON(test, workpool_running(pool) == 1);
	wpt_run(w, pool);
}

/* Waiting in another pool is no deadlock. */
static void other_pools_do_not_count(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *first = wpt_create_simple(w, 1);
	struct workpool *second = wpt_create_simple(w, 1);
	struct wpt_nested *nested = wpt_new_nested(w, second, wpt_count, &w->ran);

	wpt_fill(w, second, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, 0,
			workpool_try_submit(first, wpt_submit_nested, nested));
	ASSERT_SOON(test, workpool_waiting(second) == 1);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, completion_done(&nested->done));
	KUNIT_EXPECT_EQ(test, nested->result, 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
}

static int submit_in_init(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	return workpool_submit(pool, wpt_count, &w->ran);
}

static const struct workpool_ops init_submits = {
	.worker_init = submit_in_init,
};

/* A worker_init that submits to a full pool would wait for itself. */
static void submit_from_worker_init(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &init_submits);

	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), 0);
	EXPECT_SOON(test, wpt_stats(pool).deadlocks > 0);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(served_in_order),
	KUNIT_CASE(nobody_overtakes),
	KUNIT_CASE(handed_off_not_finished),
	KUNIT_CASE(wait_times_out),
	KUNIT_CASE(timeout_zero_and_below),
	KUNIT_CASE(wait_is_killable),
	KUNIT_CASE(timeout_races_with_decision),
	KUNIT_CASE(decision_beats_giving_up),
	KUNIT_CASE(waiter_holds_a_reference),
	KUNIT_CASE(max_blocking_bounds_the_line),
	KUNIT_CASE(starting_worker_serves_a_waiter),
	KUNIT_CASE(only_worker_would_wait_for_itself),
	KUNIT_CASE(nested_submit_waits_for_others),
	KUNIT_CASE(youngest_gives_way),
	KUNIT_CASE(outsider_does_not_hide_the_deadlock),
	KUNIT_CASE(deadlock_after_a_shrink),
	KUNIT_CASE(deadlock_after_a_crash),
	KUNIT_CASE(replacement_prevents_the_deadlock),
	KUNIT_CASE(shrink_to_one_lets_all_go),
	KUNIT_CASE(other_pools_do_not_count),
	KUNIT_CASE(submit_from_worker_init),
	{}
};

WPT_SUITE(waiters);
