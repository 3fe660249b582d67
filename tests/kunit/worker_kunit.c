// SPDX-License-Identifier: GPL-2.0
/*
 * The worker: who is used next, what a task can ask, what it may leave behind.
 */

#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "core/mailbox.h"
#include "core/pool.h"
#include "core/worker.h"
#include "helpers.h"

/**
 * struct answers - what a task is told
 * @pool: workpool_current()
 * @data: workpool_worker_data()
 * @stop: workpool_should_stop()
 * @gate: where to wait before the question about stopping
 * @done: completed at the end
 */
struct answers {
	struct workpool		*pool;
	void			*data;
	bool			stop;
	struct wpt_gate		*gate;
	struct completion	done;
};

static void ask(void *arg)
{
	struct answers *answers = arg;

	answers->pool = workpool_current();
	answers->data = workpool_worker_data();
	wpt_pass(answers->gate);
	answers->stop = workpool_should_stop();
	complete_all(&answers->done);
}

static struct answers *start_asking(struct wpt *w, struct workpool *pool)
{
	struct answers *answers = kunit_kzalloc(w->test, sizeof(*answers),
						GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(w->test, answers);
	answers->gate = &w->gates[0];
	init_completion(&answers->done);
	KUNIT_ASSERT_EQ(w->test, workpool_try_submit(pool, ask, answers), 0);
	ASSERT_SOON(w->test, wpt_inside(answers->gate) == 1);
	return answers;
}

/* A task knows its pool and its worker's data; it need not stop. */
static void task_knows_its_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &wpt_ops);
	struct answers *answers = start_asking(w, pool);

	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, completion_done(&answers->done));
	KUNIT_EXPECT_PTR_EQ(test, answers->pool, pool);
	KUNIT_EXPECT_PTR_EQ(test, answers->data, (void *)w);
	KUNIT_EXPECT_FALSE(test, answers->stop);
}

/* A task of a pool that is released meanwhile is told to stop. */
static void task_is_told_to_stop(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct answers *answers = start_asking(w, pool);

	workpool_release(pool);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, completion_done(&answers->done));
	KUNIT_EXPECT_TRUE(test, answers->stop);
	KUNIT_EXPECT_NULL(test, answers->data);
}

/* Outside of a task the answers are NULL and false. */
static void others_have_no_pool(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, workpool_current());
	KUNIT_EXPECT_NULL(test, workpool_worker_data());
	KUNIT_EXPECT_FALSE(test, workpool_should_stop());
	KUNIT_EXPECT_NULL(test, wp_worker_current());
}

static int init_has_no_pool(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	KUNIT_EXPECT_NULL(w->test, workpool_current());
	KUNIT_EXPECT_NULL(w->test, workpool_worker_data());
	KUNIT_EXPECT_NOT_NULL(w->test, wp_worker_current());
	*data = w;
	atomic_inc(&w->inits);
	return 0;
}

static void exit_has_no_pool(struct workpool *pool, void *data)
{
	struct wpt *w = data;

	KUNIT_EXPECT_NULL(w->test, workpool_current());
	KUNIT_EXPECT_NULL(w->test, workpool_worker_data());
	atomic_inc(&w->exits);
}

/* Callbacks are no tasks: the answers are NULL in them as well. */
static void callbacks_have_no_pool(struct kunit *test)
{
	static const struct workpool_ops ops = {
		.worker_init = init_has_no_pool,
		.worker_exit = exit_has_no_pool,
	};
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &ops);

	wpt_run(w, pool);
	wpt_destroy(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->inits), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->exits), 1);
}

/* worker_init and worker_exit come in pairs, one for each worker. */
static void callbacks_come_in_pairs(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 3, &wpt_ops);

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->inits), 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->exits), 0);
	wpt_open(&w->gates[0]);
	wpt_destroy(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->inits), 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->exits), 3);
}

static void note_worker(void *worker)
{
	*(struct wp_worker **)worker = wp_worker_current();
}

static struct wp_worker *next_worker(struct wpt *w, struct workpool *pool)
{
	struct wp_worker *worker = NULL;

	KUNIT_ASSERT_EQ(w->test, workpool_submit(pool, note_worker, &worker), 0);
	KUNIT_ASSERT_EQ(w->test, workpool_drain(pool, WPT_DEADLINE), 0);
	return worker;
}

/* The worker that was used last is used next. */
static void most_recently_used_first(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 2);
	struct wp_worker *last;
	int i;

	last = next_worker(w, pool);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_PTR_EQ(test, next_worker(w, pool), last);
	wpt_fill(w, pool, &w->gates[0]);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, workpool_idle(pool) == 2);
	last = container_of(pool->idle.list.next, struct wp_worker, parked.node);
	KUNIT_EXPECT_PTR_EQ(test, next_worker(w, pool), last);
}

/* A worker has a number, a state and the count of what it did. */
static void worker_keeps_its_books(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wp_worker *worker;

	wpt_run(w, pool);
	wpt_run(w, pool);
	worker = list_first_entry(&pool->workers, struct wp_worker, attached);
	KUNIT_EXPECT_EQ(test, worker->id, 0);
	KUNIT_EXPECT_EQ(test, worker->state, WP_WORKER_IDLE);
	KUNIT_EXPECT_EQ(test, worker->done, 2);
	wpt_block(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, worker->state, WP_WORKER_BUSY);
	KUNIT_EXPECT_PTR_EQ(test, (void *)worker->call.fn.any, (void *)wpt_pass);
	KUNIT_EXPECT_PTR_EQ(test, worker->call.arg, (void *)&w->gates[0]);
}

static DEFINE_MUTEX(left_locked);

static void leak_preempt(void *unused)
{
	preempt_disable();
}

static void leak_irq(void *unused)
{
	local_irq_disable();
}

static void leak_lock(void *unused)
{
	mutex_lock(&left_locked);
}

static void undo_lock(void *unused)
{
	mutex_unlock(&left_locked);
}

static void leak_rcu(void *unused)
{
	rcu_read_lock();
}

/**
 * struct leak - what a task leaves behind
 * @desc: name of the case
 * @leak: the task
 * @undo: a later task that takes back what the pool cannot repair, or NULL
 * @works: whether this kernel sees such a leak
 */
struct leak {
	const char	*desc;
	workpool_fn_t	leak;
	workpool_fn_t	undo;
	bool		works;
};

static const struct leak leaks[] = {
	{ "preempt count", leak_preempt, NULL, IS_ENABLED(CONFIG_PREEMPT_COUNT) },
	{ "interrupts off", leak_irq, NULL, true },
	{ "lock", leak_lock, undo_lock, IS_ENABLED(CONFIG_LOCKDEP) },
	{ "RCU", leak_rcu, NULL, IS_ENABLED(CONFIG_PREEMPT_COUNT) },
};

WPT_PARAM(leak);

/* A leak is counted and repaired: the worker goes on. */
static void leak_is_repaired(struct kunit *test)
{
	const struct leak *leak = test->param_value;
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct workpool *pool;

	if (!leak->works)
		kunit_skip(test, "this kernel cannot see it");
	attrs.flags = WORKPOOL_F_NOPURGE;
	pool = wpt_create(w, &attrs);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, leak->leak, NULL), 0);
	KUNIT_ASSERT_EQ(test, workpool_drain(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).leaks, 1);
	if (leak->undo)
		KUNIT_ASSERT_EQ(test, workpool_submit(pool, leak->undo, NULL), 0);
	wpt_run(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).leaks, leak->undo ? 2 : 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).spawned + wpt_stats(pool).adopted, 1);
}

/* A task that leaves nothing behind is not accused. */
static void no_leak_no_count(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);

	wpt_run(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).leaks, 0);
}

static int read_order(struct wpt_thread *thread)
{
	struct wp_worker *worker = thread->arg;

	WRITE_ONCE(worker->task, current);
	return wp_mailbox_wait(worker, WORKPOOL_F_FREEZABLE);
}

/* An order is seen, whether it is posted before or while the worker sleeps. */
static void order_is_never_lost(struct kunit *test)
{
	struct wp_worker *worker = kunit_kzalloc(test, sizeof(*worker), GFP_KERNEL);
	struct wpt_thread what = {
		.call = read_order,
		.arg = worker,
	};
	struct wpt_thread *thread;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, worker);
	for (i = 0; i < 10; i++) {
		worker->order = WP_ORDER_NONE;
		worker->task = NULL;
		thread = wpt_start(test->priv, &what);
		ASSERT_SOON(test, READ_ONCE(worker->task));
		if (i & 1)
			ASSERT_SOON(test, READ_ONCE(worker->task->__state) & TASK_IDLE);
		wp_mailbox_post(worker, WP_ORDER_ADOPT);
		KUNIT_EXPECT_EQ(test, wpt_join(thread), WP_ORDER_ADOPT);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(task_knows_its_pool),
	KUNIT_CASE(task_is_told_to_stop),
	KUNIT_CASE(others_have_no_pool),
	KUNIT_CASE(callbacks_have_no_pool),
	KUNIT_CASE(callbacks_come_in_pairs),
	KUNIT_CASE(most_recently_used_first),
	KUNIT_CASE(worker_keeps_its_books),
	KUNIT_CASE_PARAM(leak_is_repaired, leak_gen_params),
	KUNIT_CASE(no_leak_no_count),
	KUNIT_CASE(order_is_never_lost),
	{}
};

WPT_SUITE(worker);
