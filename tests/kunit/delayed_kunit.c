// SPDX-License-Identifier: GPL-2.0
/*
 * Delayed tasks: timers, and what becomes of them.
 */

#include <linux/delay.h>
#include <linux/timer.h>

#include "compat.h"
#include "helpers.h"

/* A delay that ends after the tests. */
#define NEVER	(3600 * HZ)

/* Makes the timer of a delayed task fire as soon as it can. */
static void fire(struct wpt_task *t)
{
	mod_timer(&t->d.timer, jiffies);
}

/* The task is armed, and its timer is not due. */
static void expect_armed(struct kunit *test, struct workpool *pool,
			 struct wpt_task *t)
{
	KUNIT_EXPECT_TRUE(test, wpt_is_pending(t));
	KUNIT_EXPECT_TRUE(test, timer_pending(&t->d.timer));
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).delayed, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
}

/* The task is not pending in any way. */
static void expect_free(struct kunit *test, struct wpt_task *t)
{
	KUNIT_EXPECT_FALSE(test, wpt_is_pending(t));
	KUNIT_EXPECT_FALSE(test, timer_pending(&t->d.timer));
}

/* mod_delayed moves an armed task to a later time. */
static void mod_puts_an_armed_task_off(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);
	unsigned long before;

	KUNIT_EXPECT_EQ(test, wpt_delay(pool, t, NEVER), 0);
	before = t->d.timer.expires;
	KUNIT_EXPECT_EQ(test, wpt_mod(pool, t, 2 * NEVER), 0);
	expect_armed(test, pool, t);
	KUNIT_EXPECT_TRUE(test, time_after(t->d.timer.expires, before + NEVER / 2));
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).submitted, 1);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), 0);
}

/* A delay above what can be compared is the longest one, and not over. */
static void endless_delay_does_not_end(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);

	KUNIT_EXPECT_EQ(test, wpt_delay(pool, t, ULONG_MAX), 0);
	KUNIT_EXPECT_TRUE(test, time_after(t->d.timer.expires, jiffies + NEVER));
	KUNIT_EXPECT_EQ(test, wpt_mod(pool, t, (unsigned long)LONG_MAX + 1), 0);
	KUNIT_EXPECT_TRUE(test, time_after(t->d.timer.expires, jiffies + NEVER));
	expect_armed(test, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), 0);
}

/* The timer wheel fires early when a delay is beyond what it holds. */
static void early_timer_goes_on(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);
	unsigned long expires;

	KUNIT_EXPECT_EQ(test, wpt_delay(pool, t, NEVER), 0);
	expires = t->d.timer.expires;
	KUNIT_ASSERT_EQ(test, timer_delete(&t->d.timer), 1);
	local_irq_disable();
	workpool_delayed_timer(&t->d.timer);
	local_irq_enable();
	expect_armed(test, pool, t);
	KUNIT_EXPECT_EQ(test, t->d.timer.expires, expires);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), 0);
	expect_free(test, t);
}

/* mod_delayed gives a queued task back to its timer. */
static void mod_of_a_queued_one(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	KUNIT_EXPECT_EQ(test, wpt_mod(pool, t, NEVER), 0);
	expect_armed(test, pool, t);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 0);
	fire(t);
	EXPECT_SOON(test, wpt_ended(t) == 1);
	wpt_settle(w, pool);
}

/* mod_delayed arms a task that is not pending, also while it runs. */
static void mod_of_a_free_one(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 2);
	struct wpt_task *t = wpt_task_at_gate(w);

	KUNIT_EXPECT_EQ(test, wpt_mod(pool, t, NEVER), 0);
	expect_armed(test, pool, t);
	fire(t);
	ASSERT_SOON(test, wpt_begun(t) == 1);
	KUNIT_EXPECT_EQ(test, wpt_mod(pool, t, NEVER), 0);
	expect_armed(test, pool, t);
	fire(t);
	/* it still runs: its worker keeps it for a rerun */
	EXPECT_SOON(test, wpt_stats(pool).queued == 1);
	KUNIT_EXPECT_EQ(test, wpt_mod(pool, t, NEVER), 0);
	expect_armed(test, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_mod(pool, t, 0), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 1);
	wpt_open(&t->gate);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 2);
	KUNIT_EXPECT_FALSE(test, t->overlapped);
}

/* A closed pool changes nothing and takes nothing. */
static void closed_takes_nothing(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w), *other = wpt_task(w);
	unsigned long expires;

	KUNIT_EXPECT_EQ(test, wpt_delay(pool, t, NEVER), 0);
	expires = t->d.timer.expires;
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, wpt_delay(pool, other, 1), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_delay(pool, other, 0), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_mod(pool, other, 1), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_mod(pool, t, 1), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_mod(pool, t, 0), -ESHUTDOWN);
	expect_free(test, other);
	expect_armed(test, pool, t);
	KUNIT_EXPECT_EQ(test, t->d.timer.expires, expires);
}

/* The three answers of cancel_delayed, and those of cancel_delayed_sync. */
static void cancel_tells_what_it_found(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_at_gate(w);

	KUNIT_EXPECT_EQ(test, workpool_cancel_delayed(&t->d), -ENOENT);
	KUNIT_EXPECT_EQ(test, workpool_cancel_delayed_sync(&t->d), -ENOENT);
	KUNIT_EXPECT_EQ(test, wpt_delay(pool, t, NEVER), 0);
	KUNIT_EXPECT_EQ(test, workpool_cancel_delayed(&t->d), 0);
	expect_free(test, t);
	KUNIT_EXPECT_EQ(test, wpt_delay(pool, t, NEVER), 0);
	KUNIT_EXPECT_EQ(test, workpool_cancel_delayed_sync(&t->d), 0);
	expect_free(test, t);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 2);
	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, workpool_cancel_delayed(&t->d), -EBUSY);
	KUNIT_EXPECT_EQ(test, wpt_delay(pool, t, NEVER), 0);
	KUNIT_EXPECT_EQ(test, workpool_cancel_delayed(&t->d), 0);
	KUNIT_EXPECT_EQ(test, workpool_cancel_delayed(&t->d), -EBUSY);
	wpt_open(&t->gate);
	KUNIT_EXPECT_NE(test, workpool_cancel_delayed_sync(&t->d), 0);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 1);
}

/* What the task does it has done when the flush returns, and once. */
static void flush_runs_it_now(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);

	workpool_flush_delayed(&t->d);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 0);
	KUNIT_EXPECT_EQ(test, wpt_delay(pool, t, NEVER), 0);
	workpool_flush_delayed(&t->d);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 1);
	expect_free(test, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	workpool_flush_delayed(&t->d);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 2);
}

/* In a closed pool it would be dropped when its timer fires. */
static void flush_drops_it_in_a_closed_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);

	KUNIT_EXPECT_EQ(test, wpt_delay(pool, t, NEVER), 0);
	workpool_release(pool);
	workpool_flush_delayed(&t->d);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 0);
	expect_free(test, t);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 1);
}

/* A drain does not wait for delayed tasks. */
static void drain_does_not_wait(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);

	KUNIT_EXPECT_EQ(test, wpt_delay(pool, t, NEVER), 0);
	KUNIT_EXPECT_EQ(test, workpool_drain(pool, WPT_DEADLINE), 0);
	expect_armed(test, pool, t);
}

static int call_flush_delayed(struct wpt_thread *thread)
{
	struct wpt_task *t = thread->arg;

	workpool_flush_delayed(&t->d);
	return 0;
}

/* It waits for its task to end in a closed pool, but not for a timer then. */
static void flush_of_an_attached_one(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *closed = wpt_create_simple(w, 1);
	struct workpool *open = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_at_gate(w);
	struct wpt_thread *thread;

	wpt_hold(w, closed, t);
	workpool_release(closed);
	KUNIT_EXPECT_EQ(test, wpt_delay(open, t, NEVER), 0);
	thread = wpt_start(w, &(struct wpt_thread) {
		.call = call_flush_delayed,
		.arg = t,
	});
	ASSERT_SOON(test, wpt_flushers(closed, t) == 1);
	wpt_open(&t->gate);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 2);
	KUNIT_EXPECT_PTR_EQ(test, t->ran_in, open);
}

/* A timer that fires on a closed pool drops its task, which is counted. */
static void fires_on_a_closed_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool *other = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);
	struct wpt_thread *thread;

	KUNIT_EXPECT_EQ(test, wpt_delay(pool, t, NEVER), 0);
	workpool_release(pool);
	thread = wpt_start_flush(w, t);
	ASSERT_SOON(test, wpt_flushers(pool, t) == 1);
	fire(t);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).delayed, 0);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 0);
	expect_free(test, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(other, t), 0);
	wpt_settle(w, other);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
}

/* destroy() while timers fire misses none, and none fires later. */
static void destroy_while_timers_fire(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_task *tasks[16];
	struct workpool *pool;
	int i, round;

	wpt_tasks(w, tasks, 16);
	for (round = 0; round < 10; round++) {
		pool = wpt_create_simple(w, 2);
		for (i = 0; i < 16; i++)
			KUNIT_EXPECT_EQ(test, wpt_delay(pool, tasks[i], 1 + i / 4), 0);
		usleep_range(1000, 20000);
		wpt_destroy(w, pool);
		for (i = 0; i < 16; i++)
			expect_free(test, tasks[i]);
	}
}

/* flush waits for a delayed task until it has run. */
static void flush_waits_for_the_timer(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);
	struct wpt_thread *thread;

	KUNIT_EXPECT_EQ(test, wpt_delay(pool, t, NEVER), 0);
	thread = wpt_start_flush(w, t);
	ASSERT_SOON(test, wpt_flushers(pool, t) == 1);
	fire(t);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 1);
}

/* A task that runs is armed in the pool it runs in, not in another one. */
static void follows_itself(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *first = wpt_create_simple(w, 1);
	struct workpool *second = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_at_gate(w);

	wpt_hold(w, first, t);
	KUNIT_EXPECT_EQ(test, wpt_delay(second, t, NEVER), 0);
	expect_armed(test, first, t);
	KUNIT_EXPECT_EQ(test, wpt_stats(second).delayed, 0);
	KUNIT_EXPECT_EQ(test, wpt_mod(second, t, NEVER), 0);
	expect_armed(test, first, t);
	wpt_open(&t->gate);
	wpt_settle(w, first);
	KUNIT_EXPECT_EQ(test, wpt_mod(second, t, 0), 0);
	wpt_settle(w, second);
	KUNIT_EXPECT_PTR_EQ(test, t->ran_in, second);
	KUNIT_EXPECT_EQ(test, wpt_unaccounted(first), 0);
}

/* A delayed task may be on the stack. */
static void delayed_task_may_be_on_the_stack(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, 1);
	struct workpool_delayed_task dtask;

	workpool_delayed_task_init_onstack(&dtask, wpt_task_fn);
	KUNIT_EXPECT_EQ(test, workpool_queue_delayed(pool, &dtask, NEVER), 0);
	KUNIT_EXPECT_EQ(test, workpool_cancel_delayed_sync(&dtask), 0);
	workpool_delayed_task_destroy_onstack(&dtask);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(mod_puts_an_armed_task_off),
	KUNIT_CASE(endless_delay_does_not_end),
	KUNIT_CASE(early_timer_goes_on),
	KUNIT_CASE(mod_of_a_queued_one),
	KUNIT_CASE(mod_of_a_free_one),
	KUNIT_CASE(closed_takes_nothing),
	KUNIT_CASE(cancel_tells_what_it_found),
	KUNIT_CASE(flush_runs_it_now),
	KUNIT_CASE(flush_drops_it_in_a_closed_pool),
	KUNIT_CASE(flush_of_an_attached_one),
	KUNIT_CASE(drain_does_not_wait),
	KUNIT_CASE(fires_on_a_closed_pool),
	KUNIT_CASE(destroy_while_timers_fire),
	KUNIT_CASE(flush_waits_for_the_timer),
	KUNIT_CASE(follows_itself),
	KUNIT_CASE(delayed_task_may_be_on_the_stack),
	{}
};

WPT_SUITE(delayed);
