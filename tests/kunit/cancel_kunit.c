// SPDX-License-Identifier: GPL-2.0
/*
 * Embedded tasks: cancelled, and waited for.
 */

#include "core/lookup.h"
#include "task/link.h"
#include "helpers.h"

/* A cancel takes back the queued instance, not the one that runs. */
static void cancels_the_next_instance(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 2);
	struct wpt_task *t = wpt_task_at_gate(w);

	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), 0);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), -EBUSY);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), 0);
	wpt_open(&t->gate);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 2);
}

/* A cancel does not change the order of the other tasks. */
static void the_others_keep_their_order(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *tasks[6];
	int i;

	wpt_tasks(w, tasks, 6);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 6), 6);
	for (i = 0; i < 6; i += 2)
		KUNIT_EXPECT_EQ(test, wpt_cancel(tasks[i]), 0);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, wpt_begun(tasks[i]), i % 2);
	KUNIT_EXPECT_EQ(test, tasks[1]->turn, 1);
	KUNIT_EXPECT_EQ(test, tasks[3]->turn, 2);
	KUNIT_EXPECT_EQ(test, tasks[5]->turn, 3);
}

/* cancel_sync waits for the instance that runs. */
static void sync_waits(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_at_gate(w);
	struct wpt_thread *thread;

	wpt_hold(w, pool, t);
	thread = wpt_start_cancel_sync(w, t);
	ASSERT_SOON(test, wpt_flushers(pool, t) == 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	wpt_open(&t->gate);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EBUSY);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 1);
}

/* cancel_sync cancels the queued instance and waits for the one that runs. */
static void sync_cancels_and_waits(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_at_gate(w);
	struct wpt_thread *thread;

	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	thread = wpt_start_cancel_sync(w, t);
	ASSERT_SOON(test, wpt_flushers(pool, t) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 1);
	wpt_open(&t->gate);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
}

static void queue_again(struct wpt_task *t)
{
	t->result = wpt_queue(t->pool, t);
}

/* cancel_sync beats a task that queues itself. */
static void sync_beats_requeue(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_with(w, queue_again, pool);
	struct wpt_thread *thread;

	wpt_hold(w, pool, t);
	thread = wpt_start_cancel_sync(w, t);
	ASSERT_SOON(test, wpt_flushers(pool, t) == 1);
	wpt_open(&t->gate);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EBUSY);
	KUNIT_EXPECT_EQ(test, t->result, -EALREADY);
	KUNIT_EXPECT_FALSE(test, wpt_is_pending(t));
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
}

/* While cancel_sync waits, no call can queue the task. */
static void nobody_queues_during_sync(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 2);
	struct wpt_task *t = wpt_task_at_gate(w);
	struct wpt_thread *thread;

	wpt_hold(w, pool, t);
	thread = wpt_start_cancel_sync(w, t);
	ASSERT_SOON(test, wpt_flushers(pool, t) == 1);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), -EALREADY);
	KUNIT_EXPECT_EQ(test, wpt_queue_front(pool, t), -EALREADY);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, &t, 1), 0);
	KUNIT_EXPECT_EQ(test, wpt_delay(pool, t, 1), -EALREADY);
	KUNIT_EXPECT_EQ(test, wpt_mod(pool, t, 1), -EALREADY);
	KUNIT_EXPECT_EQ(test, wpt_mod(pool, t, 0), -EALREADY);
	wpt_open(&t->gate);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EBUSY);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 2);
}

/* Two threads may cancel_sync at once. The task is free again after both. */
static void two_syncs_at_once(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_at_gate(w);
	struct wpt_thread *threads[2];

	wpt_hold(w, pool, t);
	threads[0] = wpt_start_cancel_sync(w, t);
	threads[1] = wpt_start_cancel_sync(w, t);
	ASSERT_SOON(test, wpt_flushers(pool, t) == 2);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), -EALREADY);
	wpt_open(&t->gate);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[0]), -EBUSY);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[1]), -EBUSY);
	KUNIT_EXPECT_FALSE(test, wpt_is_cancelling(t));
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 2);
}

static void crash(struct wpt_task *t)
{
	workpool_task_crash(-EIO);
}

/* cancel_sync and flush end when the instance that runs crashes. */
static void sync_waits_for_a_crash(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &wpt_ops);
	struct wpt_thread *threads[2];
	struct wpt_task *t = wpt_task_with(w, crash, pool);

	wpt_hold(w, pool, t);
	threads[0] = wpt_start_cancel_sync(w, t);
	threads[1] = wpt_start_flush(w, t);
	ASSERT_SOON(test, wpt_flushers(pool, t) == 2);
	wpt_open(&t->gate);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[0]), -EBUSY);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[1]), 0);
	EXPECT_SOON(test, atomic_read(&w->crashes) == 1);
	wpt_settle(w, pool);
}

static void do_cancel_sync(struct wpt_task *t)
{
	t->result = wpt_cancel_sync(t);
}

static void do_flush(struct wpt_task *t)
{
	wpt_flush(t);
}

static void own_cancel_sync(struct wpt_task *t)
{
	if (wpt_begun(t) > 1)
		return;
	t->limit = wpt_queue(t->pool, t);
	t->warnings = wpt_count_warnings(t, do_cancel_sync);
}

static void own_flush(struct wpt_task *t)
{
	t->warnings = wpt_count_warnings(t, do_flush);
}

/*
 * In the task itself cancel_sync cancels, warns once, and returns. The selftest
 * cancel_sync_from_own_task cannot count warnings.
 */
static void sync_from_itself(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_with(w, own_cancel_sync, pool);

	wpt_need_suppress(w);
	wpt_hold(w, pool, t);
	wpt_open(&t->gate);
	EXPECT_SOON(test, wpt_ended(t) == 1);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, t->limit, 0);
	KUNIT_EXPECT_EQ(test, t->result, -EDEADLK);
	KUNIT_EXPECT_EQ(test, t->warnings, 1);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 1);
	KUNIT_EXPECT_FALSE(test, wpt_is_cancelling(t));
}

/*
 * In the task itself flush warns once and returns. The selftest
 * flush_from_own_task cannot count warnings.
 */
static void flush_from_itself(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_task *t = wpt_task_with(w, own_flush, pool);

	wpt_need_suppress(w);
	wpt_hold(w, pool, t);
	wpt_open(&t->gate);
	EXPECT_SOON(test, wpt_ended(t) == 1);
	KUNIT_EXPECT_EQ(test, t->warnings, 1);
}

static void cancel_oneself(struct wpt_task *t)
{
	t->result = wpt_cancel(t);
}

/* A task may cancel itself, without waiting. */
static void cancel_from_itself(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_with(w, cancel_oneself, pool);

	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	wpt_open(&t->gate);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, t->result, 0);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
}

static void flush_other(struct wpt_task *t)
{
	wpt_flush(t->other);
}

static void flush_other_warned(struct wpt_task *t)
{
	t->warnings = wpt_count_warnings(t, flush_other);
}

static void cancel_other_sync(struct wpt_task *t)
{
	t->result = wpt_cancel_sync(t->other);
}

/*
 * A flush of a task that only the flushing worker could run warns once and
 * returns. The selftest flush_that_must_deadlock cannot count warnings, and
 * does not run with lockdep.
 */
static void hopeless_flush_warns_once(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_with(w, flush_other_warned, pool);

	wpt_need_suppress(w);
	/* a lockdep class of its own */
	workpool_delayed_task_init(&t->d, wpt_task_fn);
	t->other = wpt_task(w);
	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t->other), 0);
	wpt_open(&t->gate);
	EXPECT_SOON(test, wpt_ended(t->other) == 1);
	KUNIT_EXPECT_EQ(test, t->warnings, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 1);
}

/* A task may flush another one that a second worker executes. */
static void flush_from_the_same_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_task *t = wpt_task_with(w, flush_other, pool);

	workpool_delayed_task_init(&t->d, wpt_task_fn);
	t->other = wpt_task_at_gate(w);
	wpt_hold(w, pool, t->other);
	wpt_hold(w, pool, t);
	wpt_open(&t->gate);
	EXPECT_SOON(test, wpt_flushers(pool, t->other) == 1);
	wpt_open(&t->other->gate);
	EXPECT_SOON(test, wpt_ended(t) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 0);
}

/* A task may cancel_sync a queued one: that needs no other worker. */
static void cancel_sync_from_the_same_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_with(w, cancel_other_sync, pool);

	workpool_delayed_task_init(&t->d, wpt_task_fn);
	t->other = wpt_task(w);
	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t->other), 0);
	wpt_open(&t->gate);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, t->result, 0);
	KUNIT_EXPECT_EQ(test, wpt_begun(t->other), 0);
}

/* A flush that a shrink makes hopeless warns once and returns. */
static void shrink_makes_a_flush_hopeless(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_task *t = wpt_task_with(w, flush_other_warned, pool);

	wpt_need_suppress(w);
	workpool_delayed_task_init(&t->d, wpt_task_fn);
	t->other = wpt_task(w);
	wpt_block(w, pool, &w->gates[0]);
	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t->other), 0);
	wpt_open(&t->gate);
	ASSERT_SOON(test, wpt_flushers(pool, t->other) == 1);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 1), 0);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 0);
	wpt_open(&w->gates[0]);
	EXPECT_SOON(test, wpt_ended(t) == 1);
	EXPECT_SOON(test, wpt_ended(t->other) == 1);
	KUNIT_EXPECT_EQ(test, t->warnings, 1);
}

/* Waits at gate 1 when it runs first, then at gate 2. */
static void two_gates(struct wpt_task *t)
{
	wpt_pass(&t->w->gates[wpt_begun(t)]);
}

static struct wpt_task *task_at_two_gates(struct wpt *w)
{
	struct wpt_task *t = wpt_task(w);

	t->body = two_gates;
	return t;
}

/* flush waits for what runs and for what is queued at the call. */
static void flush_waits_for_both(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = task_at_two_gates(w);
	struct wpt_thread *thread;

	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	thread = wpt_start_flush(w, t);
	ASSERT_SOON(test, wpt_flushers(pool, t) == 1);
	wpt_open(&w->gates[1]);
	ASSERT_SOON(test, wpt_inside(&w->gates[2]) == 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	KUNIT_EXPECT_EQ(test, wpt_flushers(pool, t), 1);
	wpt_open(&w->gates[2]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 2);
}

/* flush does not wait for what is queued after the call. */
static void flush_waits_for_no_more(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = task_at_two_gates(w);
	struct wpt_thread *thread;

	wpt_hold(w, pool, t);
	thread = wpt_start_flush(w, t);
	ASSERT_SOON(test, wpt_flushers(pool, t) == 1);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	wpt_open(&w->gates[1]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[2]) == 1);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[2]), 0);
}

/* A cancel ends the flush of a queued task, but not before what runs ends. */
static void flush_of_the_cancelled(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_at_gate(w), *other = wpt_task(w);
	struct wpt_thread *threads[2];

	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, other), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	threads[0] = wpt_start_flush(w, other);
	threads[1] = wpt_start_flush(w, t);
	ASSERT_SOON(test, wpt_flushers(pool, other) == 1);
	ASSERT_SOON(test, wpt_flushers(pool, t) == 1);
	KUNIT_EXPECT_EQ(test, wpt_cancel(other), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[0]), 0);
	KUNIT_EXPECT_EQ(test, wpt_begun(other), 0);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), 0);
	KUNIT_EXPECT_EQ(test, wpt_flushers(pool, t), 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&threads[1]->done));
	wpt_open(&t->gate);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[1]), 0);
}

#if WPT_HAVE_STUBS

/*
 * Stub of wp_lookup_find(): the task was in no pool when the caller looked. Now
 * it gets into one and runs.
 */
static struct workpool *find_too_early(u32 lookup_id)
{
	struct kunit *test = current->kunit_test;
	struct wpt *w = test->priv;
	struct wpt_task *t = w->private;
	struct workpool *pool;

	current->kunit_test = NULL;
	if (!lookup_id) {
		rcu_read_unlock();
		wpt_hold(w, t->pool, t);
		rcu_read_lock();
	}
	pool = wp_lookup_find(lookup_id);
	current->kunit_test = test;
	return pool;
}

/* A task that gets into a pool during the look for it is found there. */
static void task_that_comes_during_the_look_is_found(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_task *t = wpt_task_at_gate(w);

	if (!wpt_can_stub_under_lock())
		kunit_skip(test, "the lock of the stubs is not raw");
	t->pool = wpt_create_warm(w, 1);
	w->private = t;
	kunit_activate_static_stub(test, wp_lookup_find, find_too_early);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), -EBUSY);
	kunit_deactivate_static_stub(test, wp_lookup_find);
	wpt_open(&t->gate);
	wpt_settle(w, t->pool);
}

static void leave(struct workpool *pool, struct workpool_task *task)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	wp_link_leave_locked(pool, task);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/*
 * Stub of wp_lookup_find(): the task, which was on its way to another pool, has
 * arrived there, begun, and left again. Then it arrives.
 */
static struct workpool *find_between_moves(u32 lookup_id)
{
	struct kunit *test = current->kunit_test;
	struct wpt *w = test->priv;
	struct wpt_task *t = w->private;
	struct workpool *pool;

	current->kunit_test = NULL;
	if ((lookup_id & WP_LOOKUP_NONE) && atomic_inc_return(&w->ran) == 1)
		leave(t->pool, &t->d.task);
	else
		WRITE_ONCE(t->d.task.last_pool, t->pool->lookup_id);
	pool = wp_lookup_find(lookup_id);
	current->kunit_test = test;
	return pool;
}

/* A task that arrives and leaves again during the look for it is found. */
static void task_that_moves_twice_during_the_look_is_found(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_task *t = wpt_task_at_gate(w);

	if (!wpt_can_stub_under_lock())
		kunit_skip(test, "the lock of the stubs is not raw");
	t->pool = wpt_create_warm(w, 1);
	w->private = t;
	wpt_hold(w, t->pool, t);
	leave(t->pool, &t->d.task);
	kunit_activate_static_stub(test, wp_lookup_find, find_between_moves);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), -EBUSY);
	kunit_deactivate_static_stub(test, wp_lookup_find);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 2);
	wpt_open(&t->gate);
	wpt_settle(w, t->pool);
}

#endif

static struct kunit_case cases[] = {
#if WPT_HAVE_STUBS
	KUNIT_CASE(task_that_comes_during_the_look_is_found),
	KUNIT_CASE(task_that_moves_twice_during_the_look_is_found),
#endif
	KUNIT_CASE(cancels_the_next_instance),
	KUNIT_CASE(the_others_keep_their_order),
	KUNIT_CASE(sync_waits),
	KUNIT_CASE(sync_cancels_and_waits),
	KUNIT_CASE(sync_beats_requeue),
	KUNIT_CASE(nobody_queues_during_sync),
	KUNIT_CASE(two_syncs_at_once),
	KUNIT_CASE(sync_waits_for_a_crash),
	KUNIT_CASE(sync_from_itself),
	KUNIT_CASE(flush_from_itself),
	KUNIT_CASE(cancel_from_itself),
	KUNIT_CASE(hopeless_flush_warns_once),
	KUNIT_CASE(flush_from_the_same_pool),
	KUNIT_CASE(cancel_sync_from_the_same_pool),
	KUNIT_CASE(shrink_makes_a_flush_hopeless),
	KUNIT_CASE(flush_waits_for_both),
	KUNIT_CASE(flush_waits_for_no_more),
	KUNIT_CASE(flush_of_the_cancelled),
	{}
};

WPT_SUITE(cancel);
