// SPDX-License-Identifier: GPL-2.0
/*
 * Flush of a pool: what it waits for, and what it does not wait for.
 */

#include "core/lock.h"
#include "core/pool.h"
#include "core/slice.h"
#include "core/wait.h"
#include "multi/multi.h"
#include "helpers.h"

/* The number of threads that flush the pool. */
static int flushing(struct workpool *pool)
{
	struct wp_deferred deferred;
	struct wp_wait *wait;
	int nr = 0;

	wp_pool_lock(pool, &deferred);
	list_for_each_entry(wait, &pool->waits, entry)
		nr += wait->kind == WP_WAIT_FLUSH;
	wp_pool_unlock(pool, &deferred);
	return nr;
}

static int call_flush_pool(struct wpt_thread *thread)
{
	workpool_flush_pool(thread->pool);
	return 0;
}

static int call_multi_flush(struct wpt_thread *thread)
{
	workpool_multi_flush(thread->multi);
	return 0;
}

/* A thread that flushes @pool, and has something to wait for. */
static struct wpt_thread *start_flush(struct wpt *w, struct workpool *pool)
{
	struct wpt_thread *thread;
	int before = flushing(pool);

	thread = wpt_start(w, &(struct wpt_thread) {
		.call = call_flush_pool,
		.pool = pool,
	});
	ASSERT_SOON(w->test, flushing(pool) == before + 1);
	return thread;
}

static void idle_pool_is_not_waited_for(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 2);

	workpool_flush_pool(pool);
	KUNIT_EXPECT_EQ(test, flushing(pool), 0);
}

static void waits_for_what_runs(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 3);
	struct wpt_thread *thread;

	wpt_block(w, pool, &w->gates[0]);
	wpt_block(w, pool, &w->gates[1]);
	thread = start_flush(w, pool);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, workpool_busy(pool) == 1);
	KUNIT_EXPECT_EQ(test, flushing(pool), 1);
	wpt_open(&w->gates[1]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
}

static void waits_for_what_is_queued(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_at_gate(w);
	struct wpt_thread *thread;

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	thread = start_flush(w, pool);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, wpt_begun(t) == 1);
	EXPECT_SOON(test, flushing(pool) == 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	wpt_open(&t->gate);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 1);
}

/* Neither a task on another worker, nor the next one of the same worker. */
static void later_ones_are_not_waited_for(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_task *t = wpt_task_at_gate(w);
	struct wpt_thread *thread;

	wpt_block(w, pool, &w->gates[0]);
	thread = start_flush(w, pool);
	wpt_block(w, pool, &w->gates[1]);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, wpt_begun(t) == 1);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[1]), 0);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 0);
	wpt_open(&w->gates[1]);
	wpt_open(&t->gate);
}

static void queue_again(struct wpt_task *t)
{
	if (READ_ONCE(t->limit))
		wpt_queue(t->pool, t);
}

/* A drain would wait for ever. */
static void ends_while_a_task_queues_itself(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_with(w, queue_again, pool);
	int i;

	t->waits = false;
	t->limit = 1;
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	for (i = 0; i < 10; i++)
		workpool_flush_pool(pool);
	KUNIT_EXPECT_TRUE(test, wpt_is_pending(t) || workpool_busy(pool));
	WRITE_ONCE(t->limit, 0);
}

/* Each run of the task has a gate of its own. */
static void pass_next_gate(struct wpt_task *t)
{
	wpt_pass(&t->w->gates[wpt_begun(t) - 1]);
}

static void second_run_is_waited_for(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_with(w, pass_next_gate, pool);
	struct wpt_thread *thread;

	t->waits = false;
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	thread = start_flush(w, pool);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
	EXPECT_SOON(test, flushing(pool) == 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	wpt_open(&w->gates[1]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 2);
}

static void cancelled_task_is_not_waited_for(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_at_gate(w);
	struct wpt_thread *thread;

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	thread = start_flush(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 0);
}

static void submitter_that_waited_is_no_end(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *waiter, *thread;

	wpt_fill(w, pool, &w->gates[0]);
	waiter = wpt_add_waiter(w, pool, wpt_pass, &w->gates[1]);
	thread = start_flush(w, pool);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(waiter), 0);
	wpt_open(&w->gates[1]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
}

/* More than are woken under one hold of the lock. */
static void many_flush_at_once(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);
	struct wpt_thread *threads[2 * WP_SLICE + 2];
	int i;

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = wpt_start(w, &(struct wpt_thread) {
			.call = call_flush_pool,
			.pool = pool,
		});
	ASSERT_SOON(test, flushing(pool) == ARRAY_SIZE(threads));
	wpt_open(&w->gates[0]);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		KUNIT_EXPECT_EQ(test, wpt_join(threads[i]), 0);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 1);
}

static void crash_ends_the_wait(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *thread;

	KUNIT_ASSERT_EQ(test, workpool_submit(pool, wpt_crash_at, &w->gates[0]), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	thread = start_flush(w, pool);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
}

static void closed_pool_is_waited_for(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);
	struct wpt_thread *thread;

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	thread = start_flush(w, pool);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, flushing(pool), 1);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 1);
}

static void drain_waits_beside_it(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);
	struct wpt_thread *thread, *drain;

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	thread = start_flush(w, pool);
	drain = wpt_start(w, &(struct wpt_thread) {
		.call = wpt_call_drain,
		.pool = pool,
		.timeout = WPT_DEADLINE,
	});
	ASSERT_SOON(test, wpt_drainers(pool) == 1);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(drain), 0);
}

/* The older one is waited for as well. */
static void each_waits_for_its_own(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 3);
	struct wpt_thread *first, *second, *third;

	wpt_block(w, pool, &w->gates[0]);
	first = start_flush(w, pool);
	wpt_block(w, pool, &w->gates[1]);
	second = start_flush(w, pool);
	wpt_block(w, pool, &w->gates[2]);
	third = start_flush(w, pool);
	wpt_open(&w->gates[1]);
	ASSERT_SOON(test, workpool_busy(pool) == 2);
	KUNIT_EXPECT_EQ(test, flushing(pool), 3);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(first), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(second), 0);
	KUNIT_EXPECT_EQ(test, flushing(pool), 1);
	wpt_open(&w->gates[2]);
	KUNIT_EXPECT_EQ(test, wpt_join(third), 0);
}

/* Nothing was accepted in between: they share a color. */
static void flush_of_the_same_needs_no_color(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *threads[WP_NR_COLORS + 1];
	unsigned int before = pool->color;
	int i;

	wpt_fill(w, pool, &w->gates[0]);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = start_flush(w, pool);
	KUNIT_EXPECT_EQ(test, pool->color, before + 1);
	wpt_open(&w->gates[0]);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		KUNIT_EXPECT_EQ(test, wpt_join(threads[i]), 0);
	KUNIT_EXPECT_EQ(test, pool->oldest_color, pool->color);
}

/* One that finds none free waits for the youngest, and then for its own. */
static void more_flushes_than_colors(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_thread *threads[WP_NR_COLORS + 2];
	struct wpt_task *last;
	int i;

	wpt_block(w, pool, &w->gates[0]);
	wpt_block(w, pool, &w->gates[1]);
	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		last = wpt_task_at_gate(w);
		KUNIT_ASSERT_EQ(test, wpt_queue(pool, last), 0);
		if (i < ARRAY_SIZE(threads) - 1)
			wpt_open(&last->gate);
		threads[i] = start_flush(w, pool);
	}
	KUNIT_EXPECT_EQ(test, pool->color - pool->oldest_color,
			WP_NR_COLORS - 1);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, wpt_begun(last) == 1);
	KUNIT_EXPECT_EQ(test, flushing(pool), ARRAY_SIZE(threads));
	wpt_open(&w->gates[1]);
	for (i = 0; i < WP_NR_COLORS - 1; i++)
		KUNIT_EXPECT_EQ(test, wpt_join(threads[i]), 0);
	KUNIT_EXPECT_FALSE(test, completion_done(&threads[i]->done));
	wpt_open(&last->gate);
	for (; i < ARRAY_SIZE(threads); i++)
		KUNIT_EXPECT_EQ(test, wpt_join(threads[i]), 0);
	KUNIT_EXPECT_EQ(test, pool->oldest_color, pool->color);
}

static int member_at_gate(void *arg)
{
	wpt_pass(arg);
	return 0;
}

struct inside {
	struct workpool_group	group;
	struct wpt_gate		*gate;
};

/* The only worker executes the member itself. */
static void wait_for_member(void *arg)
{
	struct inside *inside = arg;

	if (!workpool_group_submit(&inside->group, member_at_gate, inside->gate) &&
	    workpool_group_wait(&inside->group))
		pr_warn("the member failed\n");
}

static void member_inside_a_task_is_waited_for(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct inside inside = { .gate = &w->gates[0] };
	struct wpt_thread *thread;
	struct workpool *pool;

	attrs.queue_depth = 1;
	pool = wpt_create(w, &attrs);
	workpool_group_init(&inside.group, pool);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, wait_for_member, &inside), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	thread = start_flush(w, pool);
	KUNIT_EXPECT_EQ(test, pool->nr_colored[(pool->color - 1) % WP_NR_COLORS], 2);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	ASSERT_SOON(test, !workpool_busy(pool));
	KUNIT_EXPECT_EQ(test, pool->nr_inner, 0);
}

static void flush_own(struct wpt_task *t)
{
	workpool_flush_pool(t->pool);
}

static void flush_and_count(struct wpt_task *t)
{
	t->warnings = wpt_count_warnings(t, flush_own);
}

static void own_task_is_warned(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_with(w, flush_and_count, pool);

	wpt_need_suppress(w);
	t->waits = false;
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	ASSERT_SOON(test, wpt_ended(t) == 1);
	KUNIT_EXPECT_EQ(test, t->warnings, 1);
}

/* Pools with one busy worker each, at a gate of its own. */
static struct workpool_multi *busy_multi(struct wpt *w, int nr)
{
	struct workpool_multi *multi = wpt_multi_simple(w, nr, 1);
	int i;

	for (i = 0; i < nr; i++)
		wpt_fill(w, multi->pools[i], &w->gates[i]);
	return multi;
}

/* The worker of the pool parks, and would take over what waits elsewhere. */
static void open_and_park(struct wpt *w, struct workpool *pool,
			  struct wpt_gate *gate)
{
	wpt_open(gate);
	ASSERT_SOON(w->test, workpool_idle(pool) == 1);
}

static void flushed_pool_keeps_its_tasks(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool_multi *multi = busy_multi(w, 2);
	struct wpt_task *t = wpt_task(w);
	struct wpt_thread *thread;

	KUNIT_ASSERT_EQ(test, wpt_queue(multi->pools[0], t), 0);
	thread = start_flush(w, multi->pools[0]);
	open_and_park(w, multi->pools[1], &w->gates[1]);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 1);
	KUNIT_EXPECT_PTR_EQ(test, t->ran_in, multi->pools[0]);
}

/* No task moves past the thread that flushes one pool after the other. */
static void multi_waits_for_all_pools(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool_multi *multi = busy_multi(w, 3);
	struct wpt_task *t = wpt_task(w);
	struct wpt_thread *thread;

	KUNIT_ASSERT_EQ(test, wpt_queue(multi->pools[1], t), 0);
	thread = wpt_start(w, &(struct wpt_thread) {
		.call = call_multi_flush,
		.multi = multi,
	});
	ASSERT_SOON(test, flushing(multi->pools[0]) == 1);
	open_and_park(w, multi->pools[2], &w->gates[2]);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 0);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, flushing(multi->pools[1]) == 1);
	wpt_open(&w->gates[1]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 1);
	KUNIT_EXPECT_PTR_EQ(test, t->ran_in, multi->pools[1]);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(idle_pool_is_not_waited_for),
	KUNIT_CASE(waits_for_what_runs),
	KUNIT_CASE(waits_for_what_is_queued),
	KUNIT_CASE(later_ones_are_not_waited_for),
	KUNIT_CASE(ends_while_a_task_queues_itself),
	KUNIT_CASE(second_run_is_waited_for),
	KUNIT_CASE(cancelled_task_is_not_waited_for),
	KUNIT_CASE(submitter_that_waited_is_no_end),
	KUNIT_CASE(many_flush_at_once),
	KUNIT_CASE(crash_ends_the_wait),
	KUNIT_CASE(closed_pool_is_waited_for),
	KUNIT_CASE(drain_waits_beside_it),
	KUNIT_CASE(each_waits_for_its_own),
	KUNIT_CASE(flush_of_the_same_needs_no_color),
	KUNIT_CASE(more_flushes_than_colors),
	KUNIT_CASE(member_inside_a_task_is_waited_for),
	KUNIT_CASE(own_task_is_warned),
	KUNIT_CASE(flushed_pool_keeps_its_tasks),
	KUNIT_CASE(multi_waits_for_all_pools),
	{}
};

WPT_SUITE(flush);
