// SPDX-License-Identifier: GPL-2.0
/*
 * The worker: what a task can ask, what it may leave behind, its orders.
 */

#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "core/mailbox.h"
#include "core/pool.h"
#include "core/worker.h"
#include "helpers.h"

/* Outside of a task there is no pool, no data and no worker. */
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

/* In a callback there is no pool and no data, but a worker. */
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

static void leak_flags(void *unused)
{
	memalloc_nofs_save();
}

static void leak_signal(void *unused)
{
	allow_signal(SIGTERM);
	send_sig(SIGTERM, current, 1);
}

static void leak_journal(void *unused)
{
	current->journal_info = &left_locked;
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
	{ "memory flags", leak_flags, NULL, true },
	{ "signal", leak_signal, NULL, true },
	{ "journal", leak_journal, NULL, true },
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
	/* Some are only looked for when the worker is about to sleep. */
	EXPECT_SOON(test, wpt_stats(pool).leaks == 1);
	if (leak->undo)
		KUNIT_ASSERT_EQ(test, workpool_submit(pool, leak->undo, NULL), 0);
	wpt_run(w, pool);
	EXPECT_SOON(test, wpt_stats(pool).leaks == (leak->undo ? 2 : 1));
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).spawned + wpt_stats(pool).adopted, 1);
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
	KUNIT_CASE(others_have_no_pool),
	KUNIT_CASE(callbacks_have_no_pool),
	KUNIT_CASE(worker_keeps_its_books),
	KUNIT_CASE_PARAM(leak_is_repaired, leak_gen_params),
	KUNIT_CASE(order_is_never_lost),
	{}
};

WPT_SUITE(worker);
