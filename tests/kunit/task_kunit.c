// SPDX-License-Identifier: GPL-2.0
/*
 * Embedded tasks: queueing, order, and which workers wake.
 */

#include <linux/slab.h>
#include <linux/tracepoint.h>

#include "core/lock.h"
#include "core/lookup.h"
#include "core/pool.h"
#include "queue/queue.h"
#include "helpers.h"

/* A closed pool refuses every way to queue. After a reboot it accepts. */
static void shutdown_when_closed(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);

	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_queue_front(pool, t), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, &t, 1), -ESHUTDOWN);
	KUNIT_EXPECT_FALSE(test, wpt_is_pending(t));
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, workpool_reboot(pool), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
}

/* Tasks that were queued before a release run before the workers leave. */
static void release_runs_the_queued(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *tasks[5];
	int i;

	wpt_tasks(w, tasks, 5);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 5), 5);
	workpool_release(pool);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, wpt_begun(tasks[i]), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 0);
}

/*
 * A task that is queued while it runs waits for its own worker, however many
 * are idle.
 */
static void waits_for_its_worker(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 3);
	struct wpt_task *t = wpt_task_at_gate(w);

	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), -EALREADY);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 1);
	wpt_run_beside(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
	wpt_open(&t->gate);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 2);
	KUNIT_EXPECT_FALSE(test, t->overlapped);
}

/*
 * A queued task that still runs goes to its own worker, not to the one that
 * takes it from the queue.
 */
static void waits_for_its_worker_from_the_queue(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 2);
	struct wpt_task *t = wpt_task_at_gate(w), *other = wpt_task_at_gate(w);
	struct wpt_task *between = wpt_task(w);

	wpt_hold(w, pool, t);
	wpt_hold(w, pool, other);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, between), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	wpt_open(&other->gate);
	ASSERT_SOON(test, wpt_ended(between) == 1);
	ASSERT_SOON(test, workpool_idle(pool) == 1);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
	wpt_open(&t->gate);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 2);
	KUNIT_EXPECT_FALSE(test, t->overlapped);
}

/* A burst of long tasks starts as many workers as there may be. */
static void burst_stays_within_the_capacity(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 4);
	struct wpt_task *tasks[16];
	int i;

	for (i = 0; i < 16; i++)
		tasks[i] = wpt_task_at_gate(w);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 16), 16);
	ASSERT_SOON(test, wpt_stats(pool).queued == 12);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 4);
	for (i = 0; i < 16; i++)
		wpt_open(&tasks[i]->gate);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).spawned + wpt_stats(pool).adopted, 4);
}

/* A task that runs and is queued again keeps its place in the order. */
static void keeps_its_place(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_task *t = wpt_task_at_gate(w), *tasks[3];
	int i;

	wpt_tasks(w, tasks, 3);
	wpt_block(w, pool, &w->gates[0]);
	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[0]), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[1]), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue_front(pool, tasks[2]), 0);
	wpt_open(&t->gate);
	EXPECT_SOON(test, wpt_begun(tasks[1]) == 1);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 2);
	KUNIT_EXPECT_EQ(test, tasks[2]->turn, 2);
	KUNIT_EXPECT_EQ(test, tasks[0]->turn, 3);
	KUNIT_EXPECT_EQ(test, t->turn, 4);
	KUNIT_EXPECT_EQ(test, tasks[1]->turn, 5);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, wpt_begun(tasks[i]), 1);
}

/* A queued task that still runs does not hold up those behind it. */
static void does_not_hold_up_the_queue(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 2);
	struct wpt_task *t = wpt_task_at_gate(w), *tasks[4];
	int i;

	wpt_tasks(w, tasks, 4);
	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 4), 4);
	for (i = 0; i < 4; i++)
		EXPECT_SOON(test, wpt_ended(tasks[i]) == 1);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 1);
}

/*
 * A task of a batch that runs elsewhere goes to the pool it runs in. The
 * selftest task_follows_itself queues no batch.
 */
static void follows_itself_in_a_batch(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *first = wpt_create_simple(w, 1);
	struct workpool *second = wpt_create_simple(w, 1);
	struct wpt_task *tasks[3];

	wpt_tasks(w, tasks, 3);
	tasks[1]->waits = true;
	wpt_hold(w, first, tasks[1]);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(second, tasks, 3), 3);
	EXPECT_SOON(test, wpt_ended(tasks[0]) && wpt_ended(tasks[2]));
	KUNIT_EXPECT_PTR_EQ(test, tasks[2]->ran_in, second);
	wpt_open(&tasks[1]->gate);
	EXPECT_SOON(test, wpt_ended(tasks[1]) == 2);
	KUNIT_EXPECT_PTR_EQ(test, tasks[1]->ran_in, first);
	wpt_settle(w, first);
	wpt_settle(w, second);
}

/* A task outlives the pool it ran in. */
static void outlives_its_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *first = wpt_create_simple(w, 1);
	struct workpool *second = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);

	KUNIT_EXPECT_EQ(test, wpt_queue(first, t), 0);
	wpt_settle(w, first);
	wpt_destroy(w, first);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), -ENOENT);
	wpt_flush(t);
	KUNIT_EXPECT_EQ(test, wpt_queue(second, t), 0);
	wpt_settle(w, second);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 2);
}

/*
 * Another worker takes the rerun of a worker that leaves because of a shrink.
 */
static void rerun_when_the_pool_shrinks(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_task *t = wpt_task_at_gate(w);

	wpt_block(w, pool, &w->gates[0]);
	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 1), 0);
	wpt_open(&t->gate);
	EXPECT_SOON(test, workpool_running(pool) == 1);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 2);
}

static void crash_first(struct wpt_task *t)
{
	if (wpt_begun(t) > 1)
		return;
	atomic_dec(&t->now);
	workpool_task_crash(-EIO);
}

/* A task that crashed its worker and was queued again runs again. */
static void rerun_after_a_crash(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &wpt_ops);
	struct wpt_task *t = wpt_task_with(w, crash_first, pool);

	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	wpt_open(&t->gate);
	EXPECT_SOON(test, wpt_ended(t) == 1);
	EXPECT_SOON(test, atomic_read(&w->crashes) == 1);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 2);
	KUNIT_EXPECT_PTR_EQ(test, w->crash.arg, (void *)&t->d.task);
	KUNIT_EXPECT_PTR_EQ(test, w->crash.fn, (void *)wpt_task_fn);
}

static void expect_turns(struct kunit *test, struct wpt_task **tasks, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ_MSG(test, tasks[i]->turn, i + 1, "task %d", i);
}

static void take_turn(void *arg)
{
	struct wpt_task *t = arg;

	t->turn = atomic_inc_return(&t->w->turns);
}

/* Tasks and waiting submitters are in one queue. */
static void one_queue_for_all(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *threads[2];
	struct wpt_task *tasks[5];

	wpt_tasks(w, tasks, 5);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[1]), 0);
	threads[0] = wpt_add_waiter(w, pool, take_turn, tasks[2]);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[3]), 0);
	threads[1] = wpt_add_waiter(w, pool, take_turn, tasks[4]);
	KUNIT_EXPECT_EQ(test, wpt_queue_front(pool, tasks[0]), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[0]), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[1]), 0);
	wpt_settle(w, pool);
	expect_turns(test, tasks, 5);
}

/* A batch queues those that are not pending, says how many, and keeps order. */
static void batch_counts(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *tasks[5], *batch[6];
	int i;

	wpt_tasks(w, tasks, 5);
	for (i = 0; i < 5; i++)
		batch[i] = tasks[i];
	batch[5] = tasks[2];
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, batch, 0), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[0]), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[1]), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, batch, 6), 3);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, batch, 6), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 5);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).submitted, 6);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	expect_turns(test, tasks, 5);
}

/* A batch may be larger than what is queued under one hold of the lock. */
static void large_batch(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task **tasks;

	tasks = kunit_kcalloc(test, 160, sizeof(*tasks), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tasks);
	wpt_tasks(w, tasks, 160);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 160), 160);
	wpt_settle(w, pool);
	expect_turns(test, tasks, 160);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 160), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, 160);
}

#if WPT_HAVE_STUBS

/* Stub of wp_lookup_find(): the pool is destroyed after the first slice. */
static struct workpool *find_once(u32 lookup_id)
{
	struct kunit *test = current->kunit_test;
	struct wpt *w = test->priv;
	struct workpool *pool;

	current->kunit_test = NULL;
	if (atomic_inc_return(&w->ran) == 2) {
		rcu_read_unlock();
		wpt_destroy(w, w->pools[0]);
		rcu_read_lock();
	}
	pool = wp_lookup_find(lookup_id);
	current->kunit_test = test;
	return pool;
}

/* The first tasks of a batch may have let another thread destroy the pool. */
static void pool_is_destroyed_in_the_middle_of_a_batch(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *tasks[160];

	if (!wpt_can_stub_under_lock())
		kunit_skip(test, "the lock of the stubs is not raw");
	wpt_tasks(w, tasks, 160);
	kunit_activate_static_stub(test, wp_lookup_find, find_once);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 160), 64);
	kunit_deactivate_static_stub(test, wp_lookup_find);
	KUNIT_EXPECT_EQ(test, wpt_ended(tasks[63]), 1);
	KUNIT_EXPECT_FALSE(test, wpt_is_pending(tasks[64]));
}

#endif

#ifdef CONFIG_TRACEPOINTS

#define BATCH	160
#define SLICE	64

/**
 * struct holds - how a batch was queued
 * @pool: where
 * @event: of each task that is queued
 * @nr: tasks that were
 * @before: for each of them, how many the pool had counted: it counts those of
 *	a hold of the lock at the end of it
 */
struct holds {
	struct workpool		*pool;
	struct tracepoint	*event;
	int			nr;
	u64			before[BATCH];
};

static void note_queued(void *data, struct workpool *pool, void *fn,
			unsigned long id, unsigned long delay)
{
	struct holds *holds = data;

	if (pool != holds->pool || holds->nr == BATCH)
		return;
	holds->before[holds->nr++] = pool->counters[WP_COUNT_SUBMITTED];
}

static void watch_queue(struct wpt *w, struct holds *holds)
{
	holds->event = wpt_find_event(w, "workpool_queue");
	KUNIT_ASSERT_EQ(w->test, 0,
			tracepoint_probe_register(holds->event, note_queued,
						  holds));
}

static void unwatch_queue(struct holds *holds)
{
	tracepoint_probe_unregister(holds->event, note_queued, holds);
	tracepoint_synchronize_unregister();
}

/* One hold of the lock queues a slice of a batch. */
static void batch_is_queued_in_slices(struct kunit *test)
{
	struct holds *holds = kunit_kzalloc(test, sizeof(*holds), GFP_KERNEL);
	struct wpt *w = test->priv;
	struct wpt_task **tasks;
	int i, queued;

	tasks = kunit_kcalloc(test, BATCH, sizeof(*tasks), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tasks);
	KUNIT_ASSERT_NOT_NULL(test, holds);
	holds->pool = wpt_create_simple(w, 1);
	wpt_tasks(w, tasks, BATCH);
	watch_queue(w, holds);
	queued = wpt_queue_batch(holds->pool, tasks, BATCH);
	unwatch_queue(holds);
	KUNIT_EXPECT_EQ(test, queued, BATCH);
	KUNIT_ASSERT_EQ(test, holds->nr, BATCH);
	for (i = 0; i < BATCH; i++)
		KUNIT_EXPECT_EQ(test, holds->before[i], i / SLICE * SLICE);
	wpt_settle(w, holds->pool);
}

#else

static void batch_is_queued_in_slices(struct kunit *test)
{
	kunit_skip(test, "this kernel does not trace");
}

#endif

/* While one worker searches another task wakes no second one. */
static void one_searching_worker_at_a_time(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 4);
	struct wp_deferred deferred, later;
	int i;

	wp_pool_lock(pool, &deferred);
	WRITE_ONCE(pool->queued, 3);
	for (i = 0; i < 3; i++)
		wp_queue_balance_locked(pool, &deferred);
	KUNIT_EXPECT_EQ(test, pool->searching, 1);
	KUNIT_EXPECT_EQ(test, pool->idle.nr, 3);
	KUNIT_EXPECT_EQ(test, pool->starting, 0);
	WRITE_ONCE(pool->queued, 0);
	wp_pool_unlock(pool, &deferred);
	EXPECT_SOON(test, wpt_stats(pool).spurious_wakeups == 1);
	wp_pool_lock(pool, &later);
	KUNIT_EXPECT_EQ(test, pool->searching, 0);
	KUNIT_EXPECT_EQ(test, pool->idle.nr, 4);
	wp_pool_unlock(pool, &later);
}

static void queue_gated(struct wpt *w, struct workpool *pool,
			struct wpt_task **tasks, int nr)
{
	int i;

	wpt_tasks(w, tasks, nr);
	for (i = 0; i < nr; i++)
		tasks[i]->waits = true;
	KUNIT_ASSERT_EQ(w->test, wpt_queue_batch(pool, tasks, nr), nr);
}

/* A burst of long tasks gets all idle workers. */
static void long_burst_gets_the_idle(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 6);
	struct wpt_task *tasks[6];
	u64 spawned = wpt_stats(pool).spawned + wpt_stats(pool).adopted;
	int i;

	queue_gated(w, pool, tasks, 6);
	for (i = 0; i < 6; i++)
		EXPECT_SOON(test, wpt_begun(tasks[i]) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).spawned + wpt_stats(pool).adopted,
			spawned);
}

/* While there are workers or capacity, a long task does not hold up others. */
static void long_task_holds_back_nobody(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 4);
	struct wpt_task *tasks[12];
	int i;

	wpt_tasks(w, tasks, 12);
	tasks[0]->waits = true;
	tasks[1]->waits = true;
	tasks[7]->waits = true;
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 12), 12);
	for (i = 0; i < 12; i++)
		EXPECT_SOON(test, wpt_ended(tasks[i]) == !tasks[i]->waits);
	KUNIT_EXPECT_EQ(test, workpool_busy(pool), 3);
}

/* Tasks one after the other need one worker. */
static void few_workers_for_few_tasks(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 8);
	struct wpt_task *t = wpt_task(w);
	int i;

	for (i = 0; i < 50; i++) {
		KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
		wpt_settle(w, pool);
	}
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 50);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).peak_running, 1);
}

static void count_static(struct workpool_task *task);
static void note_delayed(struct workpool_task *task);
static struct workpool_task static_task =
	WORKPOOL_TASK_INIT(static_task, count_static);
static DEFINE_WORKPOOL_TASK(defined_task, count_static);
static DEFINE_WORKPOOL_DELAYED_TASK(defined_delayed, note_delayed);
static struct workpool_delayed_task *noted;
static atomic_t static_ran;

static void note_delayed(struct workpool_task *task)
{
	noted = to_workpool_delayed_task(task);
}

static void count_static(struct workpool_task *task)
{
	atomic_inc(&static_ran);
}

/* A task may be a static variable, and it may be on the stack. */
static void static_or_on_the_stack(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool_task task;

	atomic_set(&static_ran, 0);
	KUNIT_EXPECT_EQ(test, workpool_queue(pool, &static_task), 0);
	workpool_flush(&static_task);
	KUNIT_EXPECT_EQ(test, atomic_read(&static_ran), 1);
	workpool_task_init_onstack(&task, count_static);
	KUNIT_EXPECT_EQ(test, workpool_queue(pool, &task), 0);
	workpool_flush(&task);
	workpool_task_destroy_onstack(&task);
	KUNIT_EXPECT_EQ(test, atomic_read(&static_ran), 2);
}

/* Tasks of either kind are ready for use where DEFINE_WORKPOOL_*() defines them. */
static void defined_tasks_are_ready_for_use(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);

	atomic_set(&static_ran, 0);
	noted = NULL;
	KUNIT_EXPECT_EQ(test, workpool_queue(pool, &defined_task), 0);
	KUNIT_EXPECT_EQ(test, workpool_queue_delayed(pool, &defined_delayed, 1), 0);
	workpool_flush(&defined_delayed.task);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&static_ran), 1);
	KUNIT_EXPECT_PTR_EQ(test, noted, &defined_delayed);
}

/* Whether a task is queued or delayed, whether it runs, or both */
static void pending_and_busy(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 1);
	struct wpt_task *t = wpt_task_at_gate(w);
	struct workpool_task *task = &t->d.task;

	KUNIT_EXPECT_FALSE(test, workpool_task_pending(task));
	KUNIT_EXPECT_EQ(test, workpool_task_busy(task), 0);
	KUNIT_EXPECT_EQ(test, wpt_delay(pool, t, 3600 * HZ), 0);
	KUNIT_EXPECT_TRUE(test, workpool_task_pending(task));
	KUNIT_EXPECT_EQ(test, workpool_task_busy(task), WORKPOOL_BUSY_PENDING);
	KUNIT_EXPECT_EQ(test, workpool_cancel_delayed(&t->d), 0);
	wpt_hold(w, pool, t);
	KUNIT_EXPECT_FALSE(test, workpool_task_pending(task));
	KUNIT_EXPECT_EQ(test, workpool_task_busy(task), WORKPOOL_BUSY_RUNNING);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	KUNIT_EXPECT_EQ(test, workpool_task_busy(task),
			WORKPOOL_BUSY_PENDING | WORKPOOL_BUSY_RUNNING);
	wpt_open(&t->gate);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, workpool_task_busy(task), 0);
}

#ifdef DEFINE_FREE
static int leave_scope(void)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *none __free(workpool_destroy) = NULL;
	struct workpool *error __free(workpool_destroy) = ERR_PTR(-ENOMEM);
	struct workpool *pool __free(workpool_destroy) =
		workpool_create(&attrs, "scope");
	struct workpool_multi *multi __free(workpool_multi_destroy) =
		workpool_multi_create(2, WORKPOOL_ROUND_ROBIN, &attrs, "scopes");

	return none || !error ? -EINVAL :
	       PTR_ERR_OR_ZERO(pool) ?: PTR_ERR_OR_ZERO(multi);
}

/* A pool and a multi are destroyed at the end of a scope: their names are free again. */
static void destroyed_out_of_scope(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, leave_scope(), 0);
	KUNIT_EXPECT_EQ(test, leave_scope(), 0);
}
#endif

static void queue_blank(struct wpt_task *t)
{
	struct workpool_delayed_task blank = { };
	struct workpool_member member = { };
	struct workpool_group group;
	struct workpool_task *tasks[2] = { &blank.task, &t->d.task };

	t->result = workpool_queue(t->pool, &blank.task);
	KUNIT_EXPECT_EQ(t->w->test, t->result, -EINVAL);
	t->result = workpool_queue_front(t->pool, &blank.task);
	KUNIT_EXPECT_EQ(t->w->test, t->result, -EINVAL);
	t->result = workpool_queue_delayed(t->pool, &blank, HZ);
	KUNIT_EXPECT_EQ(t->w->test, t->result, -EINVAL);
	t->result = workpool_mod_delayed(t->pool, &blank, HZ);
	KUNIT_EXPECT_EQ(t->w->test, t->result, -EINVAL);
	workpool_group_init(&group, t->pool);
	t->result = workpool_group_queue(&group, &member);
	KUNIT_EXPECT_EQ(t->w->test, t->result, -EINVAL);
	workpool_task_init_onstack(&member.task, wpt_task_fn);
	t->result = workpool_group_queue(&group, &member);
	KUNIT_EXPECT_EQ(t->w->test, t->result, -EINVAL);
	workpool_member_destroy_onstack(&member);
	/* the others of a batch are queued */
	t->result = workpool_queue_batch(t->pool, tasks, 2);
	KUNIT_EXPECT_EQ(t->w->test, t->result, 1);
}

/*
 * A task that was never initialized is refused, with one warning in a boot, and
 * so is a plain task in a member, with another one. On x86 the kernel counts a
 * suppressed warning before it looks whether it is the first.
 */
static void blank_is_refused(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_task *t = wpt_task(w);
	int nr;

	wpt_need_suppress(w);
	t->pool = wpt_create_simple(w, 1);
	nr = wpt_count_warnings(t, queue_blank);
	if (IS_ENABLED(CONFIG_X86) && !IS_ENABLED(CONFIG_UML))
		KUNIT_EXPECT_EQ(test, nr, 7);
	else
		KUNIT_EXPECT_LE(test, nr, 2);
	wpt_settle(w, t->pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(t->pool).submitted, 1);
	workpool_release(t->pool);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			workpool_queue(t->pool, &(struct workpool_task){ }));
}

#ifdef CONFIG_DEBUG_OBJECTS

static void init_again(struct wpt_task *t)
{
	workpool_task_init(&t->d.task, wpt_task_fn);
}

static void queue_local(struct wpt_task *t)
{
	DEFINE_WORKPOOL_TASK(local, count_static);

	t->result = workpool_queue(t->pool, &local);
	/* lockdep cannot know a key on the stack: it is not executed */
	workpool_cancel(&local);
	workpool_task_destroy_onstack(&local);
}

/* debugobjects reports a task on the stack that was not initialized as such. */
static void local_task_is_reported(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_task *t = wpt_task(w);

	wpt_need_suppress(w);
	t->pool = wpt_create_simple(w, 1);
	wpt_fill(w, t->pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_count_warnings(t, queue_local), 1);
	KUNIT_EXPECT_EQ(test, t->result, 0);
}

/* debugobjects reports a queued task that is initialized. It leaves the queue. */
static void init_while_queued(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);

	wpt_need_suppress(w);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	KUNIT_EXPECT_EQ(test, wpt_count_warnings(t, init_again), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
}

static void free_queued(struct wpt_task *t)
{
	struct workpool_delayed_task *dtask = kzalloc(sizeof(*dtask),
						      GFP_KERNEL);
	struct kunit *test = t->w->test;

	KUNIT_ASSERT_NOT_NULL(test, dtask);
	workpool_delayed_task_init(dtask, wpt_task_fn);
	if (t->limit)
		t->result = workpool_queue(t->pool, &dtask->task);
	else
		t->result = workpool_queue_delayed(t->pool, dtask, 3600 * HZ);
	KUNIT_EXPECT_EQ(test, t->result, 0);
	kfree(dtask);
}

/* debugobjects reports a pending task that is freed. It leaves the pool. */
static void free_while_queued(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);

	wpt_need_suppress(w);
	t->pool = pool;
	wpt_fill(w, pool, &w->gates[0]);
	/* debugobjects reports five faults in a boot, so perhaps not these two */
	for (t->limit = 2; t->limit--;)
		wpt_count_warnings(t, free_queued);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).delayed, 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 2);
}

#else

static void local_task_is_reported(struct kunit *test)
{
	kunit_skip(test, "needs CONFIG_DEBUG_OBJECTS");
}

static void init_while_queued(struct kunit *test)
{
	kunit_skip(test, "needs CONFIG_DEBUG_OBJECTS");
}

static void free_while_queued(struct kunit *test)
{
	kunit_skip(test, "needs CONFIG_DEBUG_OBJECTS");
}

#endif

static void crash_with_task(void *arg)
{
	struct wpt *w = workpool_data(workpool_current());
	struct workpool_delayed_task queued, delayed;

	workpool_delayed_task_init_onstack(&queued, wpt_task_fn);
	workpool_delayed_task_init_onstack(&delayed, wpt_task_fn);
	KUNIT_EXPECT_EQ(w->test, workpool_queue(arg, &queued.task), 0);
	KUNIT_EXPECT_EQ(w->test, 0, workpool_queue_delayed(arg, &delayed,
							   3600 * HZ));
	workpool_task_crash(-EIO);
}

/* A task crashes with others on its stack, which leave the pool they are in. */
static void tasks_die_with_their_stack(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool *other = wpt_create_simple(w, 1);

	wpt_fill(w, other, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, crash_with_task, other), 0);
	ASSERT_SOON(test, wpt_stats(pool).crashes == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(other).queued, 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(other).delayed, 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(other).dropped, 2);
	KUNIT_EXPECT_EQ(test, wpt_unaccounted(other), 0);
}

/**
 * struct lost - a task on the stack of one that crashes
 * @pool: where it is queued
 * @task: the task
 */
struct lost {
	struct workpool *pool;
	struct workpool_task *task;
};

static void crash_with_lost(void *arg)
{
	struct wpt *w = workpool_data(workpool_current());
	struct workpool_delayed_task task;
	struct lost *lost = arg;

	workpool_delayed_task_init_onstack(&task, wpt_task_fn);
	lost->task = &task.task;
	KUNIT_EXPECT_EQ(w->test, workpool_queue(lost->pool, lost->task), 0);
	workpool_task_crash(-EIO);
}

static void exit_at_gate(struct workpool *pool, void *worker_data)
{
	struct wpt *w = workpool_data(pool);

	wpt_pass(&w->gates[1]);
}

static int call_cancel_lost(struct wpt_thread *thread)
{
	struct lost *lost = thread->arg;
	int err;

	workpool_flush(lost->task);
	err = workpool_cancel(lost->task);
	return err == -ENOENT ? workpool_queue(lost->pool, lost->task) : err;
}

/*
 * While worker_exit goes on, the stack of a task that crashed is still there. A
 * task on it that was dropped is in no pool, and gets into none.
 */
static void dropped_task_can_be_cancelled(struct kunit *test)
{
	static const struct workpool_ops ops = { .worker_exit = exit_at_gate };
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &ops);
	struct lost lost = { .pool = wpt_create_simple(w, 1) };
	struct wpt_thread what = { .call = call_cancel_lost, .arg = &lost };
	struct wpt_thread *thread;

	wpt_fill(w, lost.pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, 0,
			workpool_submit(pool, crash_with_lost, &lost));
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(lost.pool).dropped, 1);
	thread = wpt_start(w, &what);
	EXPECT_SOON(test, completion_done(&thread->done));
	wpt_open(&w->gates[1]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EALREADY);
}

/* Two pools; a task runs in the first one, at its gate, which is closed. */
static struct wpt_task *runs_in_closed(struct wpt *w, struct workpool **from,
				       struct workpool **to)
{
	struct wpt_task *t = wpt_task_at_gate(w);

	*from = wpt_create_simple(w, 1);
	*to = wpt_create_simple(w, 1);
	wpt_hold(w, *from, t);
	workpool_release(*from);
	return t;
}

/*
 * A task that runs in a closed pool and is queued in an open one goes there, and
 * does not run twice at once.
 */
static void moves_out_of_a_closed_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *from, *to;
	struct wpt_task *t = runs_in_closed(w, &from, &to);

	KUNIT_EXPECT_EQ(test, wpt_queue(from, t), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_queue(to, t), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(to, t), -EALREADY);
	wpt_run(w, to);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(to, 0), -ETIMEDOUT);
	wpt_open(&t->gate);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(to, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(from, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 2);
	KUNIT_EXPECT_FALSE(test, t->overlapped);
	KUNIT_EXPECT_PTR_EQ(test, t->ran_in, to);
	KUNIT_EXPECT_EQ(test, wpt_stats(from).submitted, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(to).submitted, 2);
}

/* It goes there also if the instance in the closed pool crashes. */
static void moves_after_a_crash(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *from = wpt_create_simple(w, 1);
	struct workpool *to = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_with(w, crash_first, from);

	wpt_hold(w, from, t);
	workpool_release(from);
	KUNIT_EXPECT_EQ(test, wpt_queue(to, t), 0);
	wpt_open(&t->gate);
	EXPECT_SOON(test, wpt_ended(t) == 1);
	KUNIT_EXPECT_PTR_EQ(test, t->ran_in, to);
	wpt_settle(w, to);
}

/* A delay above what can be compared is not over when it gets there. */
static void endless_delay_on_its_way(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *from, *to;
	struct wpt_task *t = runs_in_closed(w, &from, &to);

	KUNIT_EXPECT_EQ(test, wpt_delay(to, t, ULONG_MAX), 0);
	wpt_open(&t->gate);
	ASSERT_SOON(test, wpt_stats(to).delayed == 1);
	KUNIT_EXPECT_TRUE(test, time_after(t->d.timer.expires, jiffies + HZ));
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), 0);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
}

/* On its way it is delayed, cancelled, and flushed like any other. */
static void is_found_on_its_way(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *from, *to;
	struct wpt_task *t = runs_in_closed(w, &from, &to);
	struct wpt_thread *flush;

	KUNIT_EXPECT_EQ(test, wpt_queue(to, t), 0);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), 0);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), -EBUSY);
	KUNIT_EXPECT_EQ(test, wpt_delay(to, t, 3600 * HZ), 0);
	KUNIT_EXPECT_EQ(test, wpt_mod(to, t, 1), 0);
	flush = wpt_start_flush(w, t);
	ASSERT_SOON(test, wpt_flushers(from, t) == 1);
	wpt_fill(w, to, &w->gates[0]);
	wpt_open(&t->gate);
	ASSERT_SOON(test, wpt_flushers(to, t) == 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&flush->done));
	ASSERT_SOON(test, wpt_stats(to).queued == 1);
	wpt_open(&w->gates[0]);
	wpt_join(flush);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 2);
	wpt_settle(w, to);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(from, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(from).cancelled, 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(shutdown_when_closed),
	KUNIT_CASE(release_runs_the_queued),
	KUNIT_CASE(waits_for_its_worker),
	KUNIT_CASE(waits_for_its_worker_from_the_queue),
	KUNIT_CASE(burst_stays_within_the_capacity),
	KUNIT_CASE(keeps_its_place),
	KUNIT_CASE(does_not_hold_up_the_queue),
	KUNIT_CASE(follows_itself_in_a_batch),
	KUNIT_CASE(outlives_its_pool),
	KUNIT_CASE(rerun_when_the_pool_shrinks),
	KUNIT_CASE(rerun_after_a_crash),
	KUNIT_CASE(one_queue_for_all),
	KUNIT_CASE(batch_counts),
	KUNIT_CASE(large_batch),
#if WPT_HAVE_STUBS
	KUNIT_CASE(pool_is_destroyed_in_the_middle_of_a_batch),
#endif
	KUNIT_CASE(batch_is_queued_in_slices),
	KUNIT_CASE(one_searching_worker_at_a_time),
	KUNIT_CASE(long_burst_gets_the_idle),
	KUNIT_CASE(long_task_holds_back_nobody),
	KUNIT_CASE(few_workers_for_few_tasks),
	KUNIT_CASE(static_or_on_the_stack),
	KUNIT_CASE(defined_tasks_are_ready_for_use),
	KUNIT_CASE(pending_and_busy),
#ifdef DEFINE_FREE
	KUNIT_CASE(destroyed_out_of_scope),
#endif
	KUNIT_CASE(blank_is_refused),
	KUNIT_CASE(local_task_is_reported),
	KUNIT_CASE(init_while_queued),
	KUNIT_CASE(free_while_queued),
	KUNIT_CASE(tasks_die_with_their_stack),
	KUNIT_CASE(dropped_task_can_be_cancelled),
	KUNIT_CASE(moves_out_of_a_closed_pool),
	KUNIT_CASE(moves_after_a_crash),
	KUNIT_CASE(endless_delay_on_its_way),
	KUNIT_CASE(is_found_on_its_way),
	{}
};

WPT_SUITE(task);
