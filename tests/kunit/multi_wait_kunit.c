// SPDX-License-Identifier: GPL-2.0
/*
 * Submitters that wait for any pool of a multi.
 */

#include <linux/sched/signal.h>

#include "core/lock.h"
#include "core/pool.h"
#include "core/watch.h"
#include "multi/multi.h"
#include "queue/queue.h"
#include "worker/drop.h"
#include "helpers.h"

/* A submitter gets the slot of a pool that grows. */
static void tuned_slot_is_taken(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;
	struct wpt_where *where = wpt_new_where(w);
	struct wpt_thread *thread;

	wpt_multi_fill(w, multi, &w->gates[0]);
	thread = wpt_multi_add_waiter(w, multi, wpt_note_where, where);
	KUNIT_EXPECT_EQ(test, workpool_tune(multi->pools[1], 2), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	ASSERT_SOON(test, atomic_read(&where->ran) == 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_index(multi, where->pool), 1);
}

/*
 * Expect a submitter to get a slot of the second pool, which was closed when the
 * wait began. The first one is busy, and with @closes it is closed before the
 * submitter has seen the second one open.
 */
static void expect_reopened_slot(struct kunit *test, bool closes)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;
	struct wpt_where *where = wpt_new_where(w);
	struct wpt_thread *thread;

	KUNIT_ASSERT_EQ(test, 0, workpool_release_timeout(multi->pools[1], HZ));
	wpt_fill(w, multi->pools[0], &w->gates[0]);
	thread = wpt_multi_add_waiter(w, multi, wpt_note_where, where);
	KUNIT_EXPECT_EQ(test, workpool_reboot(multi->pools[1]), 0);
	if (closes)
		workpool_release(multi->pools[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	ASSERT_SOON(test, atomic_read(&where->ran) == 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_index(multi, where->pool), 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_nodes(multi), 0);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).blocked, 1);
}

static void reopened_slot_is_taken(struct kunit *test)
{
	expect_reopened_slot(test, false);
}

/* A submitter does not leave with the pools that it waits in. */
static void reopened_pool_is_not_missed(struct kunit *test)
{
	expect_reopened_slot(test, true);
}

/*
 * Drop the one that waits in the queue of @pool, as an unload does. It gives up
 * waiting in the other pools as well.
 */
static void drop_waiter(struct kunit *test, struct workpool *pool)
{
	struct wp_deferred deferred;
	struct workpool_node *node;

	wp_pool_lock(pool, &deferred);
	node = list_first_entry_or_null(&pool->queue, struct workpool_node,
					entry);
	KUNIT_EXPECT_NOT_NULL(test, node);
	if (node)
		wp_drop_node_locked(pool, node, &deferred);
	wp_queue_balance_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
}

/*
 * A submitter whose function goes with its module does not wait again, although
 * it may wake after the unload.
 */
static void dropped_submitter_gives_up(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;
	struct wpt_thread *thread;
	struct wp_watch watch;

	wpt_multi_fill(w, multi, &w->gates[0]);
	thread = wpt_multi_add_waiter(w, multi, wpt_count, &w->ran);
	wp_watch_begin(&watch, THIS_MODULE);
	wp_watch_end(&watch);
	drop_waiter(test, multi->pools[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_multi_nodes(multi), 0);
	wpt_open(&w->gates[0]);
	EXPECT_SOON(test, !workpool_multi_busy(multi));
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

/* Stubs of wp_watch_covers_slow(): the module of the test is being unloaded. */
static bool covers_all(void *fn)
{
	return true;
}

static int asked, covered_at;

/* The unload begins and ends around one of the times that it is asked. */
static bool covers_once(void *fn)
{
	return ++asked == covered_at;
}

/* A submitter does not begin to wait while its function goes. */
static void unload_refuses_a_wait(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;

	if (!wpt_can_stub_under_lock())
		kunit_skip(test, "the lock of the stubs is not raw");
	wpt_multi_fill(w, multi, &w->gates[0]);
	kunit_activate_static_stub(test, wp_watch_covers_slow, covers_all);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			workpool_multi_submit_timeout(multi, wpt_count, &w->ran, 1));
}

/*
 * Expect a submit that an unload refuses in one pool, when it is asked for the
 * @at-th time, to be refused by the others, although the unload is over.
 */
static void expect_no_other_pool(struct kunit *test,
				 struct workpool_multi *multi, int at)
{
	struct wpt *w = test->priv;
	struct wp_watch watch;

	asked = 0;
	covered_at = at;
	/* A watch of any module has the pools ask. */
	wp_watch_begin(&watch, THIS_MODULE);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			workpool_multi_submit_timeout(multi, wpt_count, &w->ran, 1));
	wp_watch_end(&watch);
	KUNIT_EXPECT_EQ(test, asked, at);
}

static void unload_refuses_for_all_pools(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;

	if (!wpt_can_stub_under_lock())
		kunit_skip(test, "the lock of the stubs is not raw");
	kunit_activate_static_stub(test, wp_watch_covers_slow, covers_once);
	expect_no_other_pool(test, multi, 1);
	wpt_multi_fill(w, multi, &w->gates[0]);
	expect_no_other_pool(test, multi, 2);
	/* Both pools are full, the wait begins, and it is in the first one. */
	expect_no_other_pool(test, multi, 4);
}

/**
 * struct turn - a task that notes when it ran, and holds its worker
 * @next: counts the turns
 * @mine: which one this was
 * @gate: where it waits
 */
struct turn {
	atomic_t	*next;
	int		mine;
	struct wpt_gate	*gate;
};

static void take_turn(void *arg)
{
	struct turn *turn = arg;

	turn->mine = atomic_inc_return(turn->next);
	wpt_pass(turn->gate);
}

/*
 * Submitters are served in the order in which they came, whichever pool is
 * free.
 */
static void served_in_order(struct kunit *test)
{
	static const int order[] = { 1, 2, 0 };
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);
	struct wpt_thread *threads[3];
	struct wpt *w = test->priv;
	struct turn *turns;
	int i;

	turns = kunit_kcalloc(test, 3, sizeof(*turns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, turns);
	for (i = 0; i < 3; i++)
		wpt_fill(w, multi->pools[i], &w->gates[i]);
	for (i = 0; i < 3; i++) {
		turns[i].next = &w->ran;
		turns[i].gate = &w->gates[3];
		threads[i] = wpt_multi_add_waiter(w, multi, take_turn, &turns[i]);
	}
	for (i = 0; i < 3; i++) {
		wpt_open(&w->gates[order[i]]);
		KUNIT_EXPECT_EQ(test, wpt_join(threads[i]), 0);
		ASSERT_SOON(test, wpt_inside(&w->gates[3]) == i + 1);
		KUNIT_EXPECT_EQ(test, turns[i].mine, i + 1);
		KUNIT_EXPECT_EQ(test, workpool_multi_waiting(multi), 2 - i);
	}
}

/*
 * A freed slot goes to the waiting submitter. A later submit cannot overtake.
 */
static void nobody_overtakes(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;
	struct wpt_thread *thread;

	wpt_multi_fill(w, multi, &w->gates[0]);
	thread = wpt_multi_add_waiter(w, multi, wpt_pass, &w->gates[1]);
	wpt_multi_add_waiter(w, multi, wpt_pass, &w->gates[1]);
	KUNIT_EXPECT_EQ(test, -EAGAIN,
			workpool_multi_try_submit(multi, wpt_nothing, NULL));
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 2);
	KUNIT_EXPECT_EQ(test, -EAGAIN,
			workpool_multi_try_submit(multi, wpt_nothing, NULL));
}

/* A submitter that waits in the queues of all pools counts once. */
static void waiting_is_counted_once(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);
	struct wpt *w = test->priv;
	struct wpt_thread *thread;

	wpt_multi_fill(w, multi, &w->gates[0]);
	thread = wpt_multi_add_waiter(w, multi, wpt_nothing, NULL);
	KUNIT_EXPECT_EQ(test, workpool_multi_waiting(multi), 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).waiting, 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).peak_waiting, 1);
	wpt_add_waiter(w, multi->pools[1], wpt_nothing, NULL);
	KUNIT_EXPECT_EQ(test, workpool_multi_waiting(multi), 2);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).waiting, 2);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	EXPECT_SOON(test, workpool_multi_waiting(multi) == 0);
}

/*
 * A submitter that has to wait is counted once, however many pools there are.
 */
static void blocked_is_counted_once(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);
	struct wpt *w = test->priv;

	wpt_multi_fill(w, multi, &w->gates[0]);
	wpt_multi_add_waiter(w, multi, wpt_nothing, NULL);
	wpt_multi_add_waiter(w, multi, wpt_nothing, NULL);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).blocked, 2);
}

/* A submitter that times out leaves all queues, and its task never runs. */
static void wait_times_out(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);
	struct wpt *w = test->priv;

	wpt_multi_fill(w, multi, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			workpool_multi_submit_timeout(multi, wpt_count, &w->ran, 2));
	KUNIT_EXPECT_EQ(test, wpt_multi_nodes(multi), 0);
	KUNIT_EXPECT_EQ(test, workpool_multi_waiting(multi), 0);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).timedout, 1);
	wpt_open(&w->gates[0]);
	EXPECT_SOON(test, !workpool_multi_busy(multi));
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).submitted, 3);
}

/*
 * A killed submitter gets -EINTR and leaves all queues. The next one is served.
 */
static void wait_is_killable(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt_thread *first, *second;
	struct wpt *w = test->priv;

	wpt_multi_fill(w, multi, &w->gates[0]);
	first = wpt_multi_add_waiter(w, multi, wpt_crash_at, &w->gates[0]);
	second = wpt_multi_add_waiter(w, multi, wpt_count, &w->ran);
	wpt_kill(first);
	KUNIT_EXPECT_EQ(test, wpt_join(first), -EINTR);
	KUNIT_EXPECT_EQ(test, wpt_multi_nodes(multi), 2);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).interrupted, 1);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(second), 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	EXPECT_SOON(test, !workpool_multi_busy(multi));
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).crashes, 0);
}

#define CALLERS		4
#define ROUNDS		150

/**
 * struct storm - many submits of a thread
 * @ran: how often the task of each round ran
 * @result: what the submit of each round returned
 * @next: round of the next task; for @ran
 */
struct storm {
	atomic_t	ran[ROUNDS];
	int		result[ROUNDS];
};

/* Waits as long as it takes, or a jiffy, or not at all. */
static int call_storm(struct wpt_thread *thread)
{
	static const long timeouts[] = { MAX_SCHEDULE_TIMEOUT, 1, 0, 1 };
	struct storm *storm = thread->arg;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		long timeout = timeouts[i % ARRAY_SIZE(timeouts)];

		storm->result[i] = workpool_multi_submit_timeout(thread->multi,
								 wpt_count,
								 &storm->ran[i],
								 timeout);
	}
	return 0;
}

/*
 * An accepted task runs once, a refused one never. The storms of the selftest
 * only count; this looks at each submit.
 */
static void runs_exactly_once(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);
	struct wpt_thread what = { .call = call_storm, .multi = multi };
	struct wpt_thread *threads[CALLERS];
	struct wpt *w = test->priv;
	struct storm *storms;
	int i, k, accepted = 0;

	storms = kunit_kcalloc(test, CALLERS, sizeof(*storms), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, storms);
	for (i = 0; i < CALLERS; i++) {
		what.arg = &storms[i];
		threads[i] = wpt_start(w, &what);
	}
	for (i = 0; i < CALLERS; i++)
		KUNIT_EXPECT_EQ(test, wpt_join(threads[i]), 0);
	ASSERT_SOON(test, !wpt_multi_stats(multi).queued);
	ASSERT_SOON(test, !workpool_multi_busy(multi));
	for (i = 0; i < CALLERS; i++) {
		for (k = 0; k < ROUNDS; k++) {
			int err = storms[i].result[k];

			if (err)
				KUNIT_EXPECT_EQ(test, err, -ETIMEDOUT);
			KUNIT_EXPECT_EQ(test, atomic_read(&storms[i].ran[k]), !err);
			accepted += !err;
		}
	}
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).submitted, accepted);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).timedout,
			CALLERS * ROUNDS - accepted);
	KUNIT_EXPECT_EQ(test, wpt_multi_nodes(multi), 0);
}

static int call_kill(struct wpt_thread *thread)
{
	struct wpt_thread *victim = thread->arg;

	wpt_kill(victim);
	return 0;
}

/*
 * A submitter is killed while slots are freed: its submit returns 0 if and only
 * if its task runs.
 */
static void kill_races_with_decision(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt_thread what = { .call = call_kill };
	struct wpt *w = test->priv;
	struct wpt_thread *victim, *killer;
	int i, err, accepted = 0;

	for (i = 0; i < 12; i++) {
		reinit_completion(&w->gates[0].open);
		wpt_multi_fill(w, multi, &w->gates[0]);
		victim = wpt_multi_add_waiter(w, multi, wpt_count, &w->ran);
		what.arg = victim;
		if (i % 2)
			wpt_open(&w->gates[0]);
		killer = wpt_start(w, &what);
		wpt_open(&w->gates[0]);
		err = wpt_join(victim);
		KUNIT_EXPECT_TRUE(test, !err || err == -EINTR);
		accepted += !err;
		KUNIT_EXPECT_EQ(test, wpt_join(killer), 0);
		ASSERT_SOON(test, wpt_multi_stats(multi).idle == 2);
		KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), accepted);
		KUNIT_EXPECT_EQ(test, wpt_multi_nodes(multi), 0);
	}
}

/* When one pool closes a submitter goes on waiting for the others. */
static void one_closed_pool_is_left(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);
	struct wpt *w = test->priv;
	struct wpt_where *where = wpt_new_where(w);
	struct wpt_thread *thread;
	int i;

	for (i = 0; i < 3; i++)
		wpt_fill(w, multi->pools[i], &w->gates[i]);
	thread = wpt_multi_add_waiter(w, multi, wpt_note_where, where);
	workpool_release(multi->pools[0]);
	KUNIT_EXPECT_EQ(test, workpool_multi_waiting(multi), 1);
	KUNIT_EXPECT_EQ(test, workpool_waiting(multi->pools[0]), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, 0, workpool_wait_released(multi->pools[0],
							WPT_DEADLINE));
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	wpt_open(&w->gates[2]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	ASSERT_SOON(test, atomic_read(&where->ran) == 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_index(multi, where->pool), 2);
}

/* When the last pool closes a waiting submitter gets -ESHUTDOWN. */
static void all_closed_one_by_one(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);
	struct wpt *w = test->priv;
	struct wpt_thread *thread;

	wpt_multi_fill(w, multi, &w->gates[0]);
	thread = wpt_multi_add_waiter(w, multi, wpt_count, &w->ran);
	workpool_release(multi->pools[1]);
	workpool_release(multi->pools[0]);
	KUNIT_EXPECT_EQ(test, workpool_multi_waiting(multi), 1);
	workpool_release(multi->pools[2]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
	KUNIT_EXPECT_TRUE(test, workpool_multi_is_closed(multi));
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			workpool_multi_submit(multi, wpt_nothing, NULL));
}

/* A closed pool is passed over, whether the others have room or not. */
static void closed_pool_is_passed_over(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;
	int i;

	workpool_release(multi->pools[0]);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 1);
	wpt_fill(w, multi->pools[1], &w->gates[0]);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, -EAGAIN,
				workpool_multi_try_submit(multi, wpt_nothing, NULL));
	wpt_multi_add_waiter(w, multi, wpt_count, &w->ran);
	wpt_open(&w->gates[0]);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
}

/* A release fails all waiting submitters, and empties all queues. */
static void release_tells_those_who_wait(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);
	struct wpt_thread *threads[3];
	struct wpt *w = test->priv;
	int i;

	wpt_multi_fill(w, multi, &w->gates[0]);
	for (i = 0; i < 3; i++)
		threads[i] = wpt_multi_add_waiter(w, multi, wpt_count, &w->ran);
	workpool_multi_release(multi);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, wpt_join(threads[i]), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_multi_nodes(multi), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

/* When max_blocking submitters wait the next one gets -EBUSY, counted once. */
static void max_blocking_bounds_the_queue(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_multi *multi;
	struct wpt *w = test->priv;

	attrs.max_blocking = 1;
	multi = wpt_multi(w, 2, WORKPOOL_ROUND_ROBIN, &attrs);
	wpt_multi_fill(w, multi, &w->gates[0]);
	wpt_multi_add_waiter(w, multi, wpt_nothing, NULL);
	KUNIT_EXPECT_EQ(test, workpool_multi_submit(multi, wpt_nothing, NULL), -EBUSY);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).rejected, 1);
	KUNIT_EXPECT_EQ(test, workpool_multi_waiting(multi), 1);
}

/* A submitter does not wait in a queue that has max_blocking already. */
static void full_queue_is_left_out(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct wpt_thread what = {
		.call = wpt_call_multi_submit,
		.fn = wpt_count,
		.arg = &w->ran,
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};
	struct wpt_thread *thread;

	attrs.max_blocking = 1;
	what.multi = wpt_multi(w, 2, WORKPOOL_ROUND_ROBIN, &attrs);
	wpt_fill(w, what.multi->pools[0], &w->gates[0]);
	wpt_fill(w, what.multi->pools[1], &w->gates[1]);
	wpt_add_waiter(w, what.multi->pools[0], wpt_pass, &w->gates[2]);
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, workpool_waiting(what.multi->pools[1]) == 1);
	KUNIT_EXPECT_EQ(test, workpool_waiting(what.multi->pools[0]), 1);
	wpt_open(&w->gates[1]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
}

/**
 * struct nested - a task that submits to its multi
 * @multi: the multi
 * @fn: what
 * @arg: its argument
 * @gate: where to wait before, or NULL
 * @fifo: the worker is not preempted
 * @result: what the submit returned
 * @done: completed then
 */
struct nested {
	struct workpool_multi	*multi;
	workpool_fn_t		fn;
	void			*arg;
	struct wpt_gate		*gate;
	bool			fifo;
	int			result;
	struct completion	done;
};

static void submit_nested(void *arg)
{
	struct nested *nested = arg;

	if (nested->gate)
		wpt_pass(nested->gate);
	nested->result = workpool_multi_submit(nested->multi, nested->fn,
					       nested->arg);
	if (nested->fifo)
		sched_set_normal(current, 0);
	complete_all(&nested->done);
}

static struct nested *new_nested(struct wpt *w, struct workpool_multi *multi,
				 workpool_fn_t fn, void *arg)
{
	struct nested *nested = kunit_kzalloc(w->test, sizeof(*nested),
					      GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(w->test, nested);
	nested->multi = multi;
	nested->fn = fn;
	nested->arg = arg;
	init_completion(&nested->done);
	return nested;
}

/* What the submit of @nested returned, or -ETIME when it did not. */
static int result_of(struct nested *nested)
{
	if (!wait_for_completion_timeout(&nested->done, WPT_DEADLINE))
		return -ETIME;
	return nested->result;
}

/* A task may submit to its own multi, and waits for a slot in any pool. */
static void nested_submit_waits(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;
	struct nested *nested = new_nested(w, multi, wpt_count, &w->ran);

	wpt_fill(w, multi->pools[0], &w->gates[0]);
	KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(multi->pools[1],
						     submit_nested, nested));
	ASSERT_SOON(test, wpt_multi_nodes(multi) == 2);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, result_of(nested), 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).deadlocks, 0);
}

/* When every worker of every pool waits, one gets -EDEADLK. */
static void hopeless_wait_is_broken(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;
	struct nested *nested[2];
	int i, served = 0, refused = 0;

	for (i = 0; i < 2; i++) {
		nested[i] = new_nested(w, multi, wpt_count, &w->ran);
		nested[i]->gate = &w->gates[0];
		KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(multi->pools[i],
							     submit_nested,
							     nested[i]));
		ASSERT_SOON(test, wpt_inside(&w->gates[0]) == i + 1);
	}
	wpt_open(&w->gates[0]);
	for (i = 0; i < 2; i++) {
		int err = result_of(nested[i]);

		served += !err;
		refused += err == -EDEADLK;
	}
	KUNIT_EXPECT_EQ(test, refused, 1);
	KUNIT_EXPECT_EQ(test, served, 1);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).deadlocks, 1);
}

/* A closed pool with a free slot does not prevent -EDEADLK. */
static void closed_pool_gives_no_hope(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;
	struct nested *nested = new_nested(w, multi, wpt_count, &w->ran);

	workpool_release(multi->pools[0]);
	KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(multi->pools[1],
						     submit_nested, nested));
	KUNIT_EXPECT_EQ(test, result_of(nested), -EDEADLK);
}

static void pass_as_fifo(void *gate)
{
	sched_set_fifo(current);
	wpt_pass(gate);
}

/*
 * A submitter that got a slot no longer counts as waiting, even if it did not
 * run yet: the task that it submitted may wait as well.
 */
static void decided_is_not_waiting(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;
	struct nested *outer, *inner;

	inner = new_nested(w, multi, wpt_count, &w->ran);
	inner->fifo = true;
	outer = new_nested(w, multi, submit_nested, inner);
	KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(multi->pools[0],
						     pass_as_fifo, &w->gates[0]));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(multi->pools[1],
						     submit_nested, outer));
	ASSERT_SOON(test, wpt_multi_nodes(multi) == 2);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, result_of(outer), 0);
	KUNIT_EXPECT_EQ(test, result_of(inner), 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).deadlocks, 0);
}

static void note_refs(struct workpool_multi *multi, unsigned int refs[3])
{
	refs[0] = kref_read(&multi->pools[0]->ref);
	refs[1] = kref_read(&multi->pools[1]->ref);
	refs[2] = kref_read(&multi->ref);
}

/*
 * A waiting submitter may return after the multi was destroyed. It holds
 * references to the multi and to all pools.
 */
static void waiter_holds_references(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	unsigned int before[3], during[3], after[3];
	struct wpt *w = test->priv;
	struct wpt_thread *thread;
	int i;

	wpt_multi_fill(w, multi, &w->gates[0]);
	note_refs(multi, before);
	thread = wpt_multi_add_waiter(w, multi, wpt_nothing, NULL);
	note_refs(multi, during);
	workpool_multi_release(multi);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -ESHUTDOWN);
	note_refs(multi, after);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, during[i], before[i] + 1);
		KUNIT_EXPECT_EQ(test, after[i], before[i]);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(tuned_slot_is_taken),
	KUNIT_CASE(reopened_slot_is_taken),
	KUNIT_CASE(reopened_pool_is_not_missed),
	KUNIT_CASE(dropped_submitter_gives_up),
	KUNIT_CASE(unload_refuses_a_wait),
	KUNIT_CASE(unload_refuses_for_all_pools),
	KUNIT_CASE(served_in_order),
	KUNIT_CASE(nobody_overtakes),
	KUNIT_CASE(waiting_is_counted_once),
	KUNIT_CASE(blocked_is_counted_once),
	KUNIT_CASE(wait_times_out),
	KUNIT_CASE(wait_is_killable),
	KUNIT_CASE(runs_exactly_once),
	KUNIT_CASE(kill_races_with_decision),
	KUNIT_CASE(one_closed_pool_is_left),
	KUNIT_CASE(all_closed_one_by_one),
	KUNIT_CASE(closed_pool_is_passed_over),
	KUNIT_CASE(release_tells_those_who_wait),
	KUNIT_CASE(max_blocking_bounds_the_queue),
	KUNIT_CASE(full_queue_is_left_out),
	KUNIT_CASE(nested_submit_waits),
	KUNIT_CASE(hopeless_wait_is_broken),
	KUNIT_CASE(closed_pool_gives_no_hope),
	KUNIT_CASE(decided_is_not_waiting),
	KUNIT_CASE(waiter_holds_references),
	{}
};

WPT_SUITE(multi_wait);
