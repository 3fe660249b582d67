// SPDX-License-Identifier: GPL-2.0
/*
 * The pool: creation and its unwinding, admission, counts, end.
 */

#include <linux/irq_work.h>
#include <linux/rcupdate.h>

#include "core/mailbox.h"
#include "core/module.h"
#include "core/pool.h"
#include "pool/pool.h"
#include "pool/registry.h"
#include "pool/tune.h"
#include "queue/reserve.h"
#include "helpers.h"

/* A new pool is open and has no worker. */
static void create_opens(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, 3);

	KUNIT_EXPECT_FALSE(test, workpool_is_closed(pool));
	KUNIT_EXPECT_EQ(test, workpool_capacity(pool), 3);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 0);
	KUNIT_EXPECT_EQ(test, workpool_available(pool), 3);
	KUNIT_EXPECT_EQ(test, workpool_busy(pool), 0);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 0);
	KUNIT_EXPECT_EQ(test, workpool_waiting(pool), 0);
	KUNIT_EXPECT_STREQ(test, workpool_name(pool), "kunit0");
	KUNIT_EXPECT_PTR_EQ(test, workpool_data(pool), test->priv);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).generation, 0);
}

/* All workers of a PREALLOC pool are idle when create() returns. */
static void prealloc_starts_all(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	struct wpt *w = test->priv;
	struct workpool *pool;

	attrs.flags = WORKPOOL_F_PREALLOC;
	pool = wpt_create(w, &attrs);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 3);
	KUNIT_EXPECT_EQ(test, workpool_available(pool), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).min_workers, 3);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_busy(pool), 3);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).blocked, 0);
}

/* min_workers are idle when create() returns, the rest comes on demand. */
static void min_workers_are_started(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	struct wpt *w = test->priv;
	struct workpool *pool;

	attrs.min_workers = 2;
	pool = wpt_create(w, &attrs);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 2);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 2);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 3);
}

static struct workpool *no_pool(void)
{
	return NULL;
}

static struct wp_chunk *no_chunk(int nr)
{
	return NULL;
}

static int no_id(struct workpool *pool)
{
	return -ENOMEM;
}

/* The numbers are used up: to the owner that is want of memory as well. */
static int no_id_left(struct workpool *pool)
{
	return -EBUSY;
}

static void expect_no_pool(struct kunit *test, int err)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	int before = wp_registry_count();

	KUNIT_EXPECT_EQ(test, PTR_ERR(wpt_try_create(test->priv, &attrs)), err);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), before);
}

/* create() without memory for the pool: -ENOMEM, nothing is left. */
static void create_unwinds_the_pool(struct kunit *test)
{
	wpt_need_stubs(test->priv);
	kunit_activate_static_stub(test, wp_pool_alloc, no_pool);
	expect_no_pool(test, -ENOMEM);
}

/* create() without memory for accepted calls: -ENOMEM, nothing is left. */
static void create_unwinds_the_reserve(struct kunit *test)
{
	wpt_need_stubs(test->priv);
	kunit_activate_static_stub(test, wp_reserve_alloc, no_chunk);
	expect_no_pool(test, -ENOMEM);
}

/* create() without memory for the registry: -ENOMEM, nothing is left. */
static void create_unwinds_the_registry(struct kunit *test)
{
	wpt_need_stubs(test->priv);
	kunit_activate_static_stub(test, wp_registry_alloc_id, no_id);
	expect_no_pool(test, -ENOMEM);
}

/* create() when all numbers are taken: -ENOMEM, nothing is left. */
static void create_unwinds_without_a_number(struct kunit *test)
{
	wpt_need_stubs(test->priv);
	kunit_activate_static_stub(test, wp_registry_alloc_id, no_id_left);
	expect_no_pool(test, -ENOMEM);
}

static void expect_no_warm_pool(struct kunit *test, int err)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	int before = wp_registry_count();

	attrs.min_workers = 2;
	KUNIT_EXPECT_EQ(test, PTR_ERR(wpt_try_create(test->priv, &attrs)), err);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), before);
}

/* create() that cannot make its first thread fails as that did. */
static void create_unwinds_the_threads(struct kunit *test)
{
	wpt_fail_threads(test->priv, WPT_ALWAYS);
	expect_no_warm_pool(test, -EAGAIN);
}

/* create() without memory for a worker: -ENOMEM, nothing is left. */
static void create_unwinds_the_workers(struct kunit *test)
{
	wpt_fail_allocs(test->priv, WPT_ALWAYS);
	expect_no_warm_pool(test, -ENOMEM);
}

/* The second of two first workers fails: the first is taken back too. */
static void create_unwinds_half_its_workers(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	struct wpt *w = test->priv;

	attrs.min_workers = 3;
	attrs.ops = &wpt_ops;
	wpt_empty_cache(w);
	atomic_set(&w->fail_inits, 1);
	KUNIT_EXPECT_EQ(test, PTR_ERR(wpt_try_create(w, &attrs)), -ENODEV);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->inits), atomic_read(&w->exits));
}

static void store(void *arg)
{
	WRITE_ONCE(*(unsigned long *)arg, 0x600d);
}

/* A task runs once, with its argument, and is counted. */
static void submit_runs_the_task(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	unsigned long value = 0;

	KUNIT_EXPECT_EQ(test, workpool_submit(pool, store, &value), 0);
	EXPECT_SOON(test, wpt_stats(pool).completed == 1);
	KUNIT_EXPECT_EQ(test, value, 0x600d);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).submitted, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).spawned + wpt_stats(pool).adopted, 1);
}

/* No function is -EINVAL, in each kind of submit. */
static void null_function_is_refused(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, 1);

	KUNIT_EXPECT_EQ(test, workpool_submit(pool, NULL, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, workpool_submit_timeout(pool, NULL, NULL, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, NULL, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, workpool_invoke(pool, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 0);
}

/* A closed pool says so, before it looks at anything else. */
static void closed_comes_first(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, 1);

	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, NULL, NULL), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, wpt_nothing, NULL), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, NULL, NULL), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, workpool_invoke(pool, NULL), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			workpool_submit_timeout(pool, NULL, NULL, -1));
}

/* invoke() runs the pool's own function. */
static void invoke_runs_the_own_function(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct workpool *pool;

	attrs.fn = wpt_count;
	pool = wpt_create(w, &attrs);
	KUNIT_EXPECT_EQ(test, workpool_invoke(pool, &w->ran), 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
}

/* try_submit() on a full pool is -EAGAIN and counted, later it works again. */
static void try_submit_does_not_wait(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), -EAGAIN);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).rejected, 1);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, workpool_idle(pool) == 2);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), 0);
}

/* With WORKPOOL_F_NONBLOCK submit() does not wait either. */
static void nonblock_does_not_wait(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct workpool *pool;

	attrs.flags = WORKPOOL_F_NONBLOCK;
	pool = wpt_create(w, &attrs);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, wpt_nothing, NULL), -EAGAIN);
	KUNIT_EXPECT_EQ(test, -EAGAIN,
			workpool_submit_timeout(pool, wpt_nothing, NULL, 100));
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).rejected, 2);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).blocked, 0);
}

/* However many tasks there are, no more than capacity run. */
static void capacity_is_never_exceeded(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 3);
	struct workpool_stats s;
	int i;

	for (i = 0; i < 200; i++)
		KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, wpt_count, &w->ran));
	EXPECT_SOON(test, atomic_read(&w->ran) == 200);
	s = wpt_stats(pool);
	KUNIT_EXPECT_LE(test, s.peak_running, 3);
	KUNIT_EXPECT_EQ(test, s.submitted, 200);
	KUNIT_EXPECT_LE(test, s.spawned + s.adopted, 3);
}

/* One task after the other needs one worker only. */
static void worker_is_reused(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 8);
	int i;

	for (i = 0; i < 20; i++)
		wpt_run(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).peak_running, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, 20);
}

/* A call that arrives while an unclaimed worker starts takes that one. */
static void starting_worker_is_claimed(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(4);
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create(w, &attrs);
	struct wp_tuning old, new = {
		.mask = WP_TUNE_MIN_WORKERS,
		.min_workers = 2,
	};

	wpt_fail_threads(w, WPT_ALWAYS);
	KUNIT_ASSERT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 2);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), 0);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), 0);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 2);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), 0);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 3);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 3);
	atomic_set(&w->fail_threads, 0);
	EXPECT_SOON(test, wpt_stats(pool).completed == 3);
}

/* An unlimited pool grows with demand and has no capacity to tell. */
static void unlimited_grows(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, WORKPOOL_UNLIMITED);
	int i;

	for (i = 0; i < 6; i++)
		wpt_block(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 6);
	KUNIT_EXPECT_EQ(test, workpool_capacity(pool), WORKPOOL_UNLIMITED);
	KUNIT_EXPECT_EQ(test, workpool_available(pool), -1);
}

/* max_workers bounds an unlimited pool too. */
static void unlimited_ends_at_max_workers(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, WORKPOOL_UNLIMITED);

	KUNIT_EXPECT_EQ(test, pool->limit, wp_max_workers);
	pool->limit = 2;
	wpt_block(w, pool, &w->gates[0]);
	wpt_block(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), -EAGAIN);
	KUNIT_EXPECT_EQ(test, workpool_available(pool), -1);
}

/* The snapshot and the getters agree. */
static void snapshot_is_consistent(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 3);
	struct workpool_stats s;

	wpt_block(w, pool, &w->gates[0]);
	s = wpt_stats(pool);
	KUNIT_EXPECT_EQ(test, s.capacity, 3);
	KUNIT_EXPECT_EQ(test, s.running, workpool_running(pool));
	KUNIT_EXPECT_EQ(test, s.busy, 1);
	KUNIT_EXPECT_EQ(test, s.busy, workpool_busy(pool));
	KUNIT_EXPECT_EQ(test, s.idle, workpool_idle(pool));
	KUNIT_EXPECT_EQ(test, s.alive, 3);
	KUNIT_EXPECT_EQ(test, s.starting, 0);
	KUNIT_EXPECT_EQ(test, s.queued, 0);
	KUNIT_EXPECT_FALSE(test, s.closed);
	KUNIT_EXPECT_EQ(test, s.peak_running, 3);
}

/* With interrupts off and a spinlock held a submit is allowed. */
static void try_submit_in_atomic_context(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	static DEFINE_RAW_SPINLOCK(outer);
	unsigned long flags;
	int err;

	raw_spin_lock_irqsave(&outer, flags);
	err = workpool_try_submit(pool, wpt_count, &w->ran);
	raw_spin_unlock_irqrestore(&outer, flags);
	KUNIT_EXPECT_EQ(test, err, 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
}

/**
 * struct interrupt - a submit from an interrupt
 * @work: hard interrupt
 * @rcu: soft interrupt
 * @pool: where to
 * @w: counts
 * @err: what the submit returned
 */
struct interrupt {
	struct irq_work		work;
	struct rcu_head		rcu;
	struct workpool		*pool;
	struct wpt		*w;
	int			err;
};

static void submit_in_hardirq(struct irq_work *work)
{
	struct interrupt *irq = container_of(work, struct interrupt, work);

	irq->err = in_hardirq() ? workpool_try_submit(irq->pool, wpt_count,
						      &irq->w->ran) : -ENXIO;
}

/* A submit from a hard interrupt is allowed. */
static void try_submit_in_hardirq(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct interrupt irq = {
		.work = IRQ_WORK_INIT_HARD(submit_in_hardirq),
		.pool = wpt_create_simple(w, 2),
		.w = w,
		.err = -ENODATA,
	};

	irq_work_queue(&irq.work);
	irq_work_sync(&irq.work);
	KUNIT_EXPECT_EQ(test, irq.err, 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
}

static void submit_in_softirq(struct rcu_head *rcu)
{
	struct interrupt *irq = container_of(rcu, struct interrupt, rcu);

	irq->err = in_softirq() ? workpool_try_submit(irq->pool, wpt_count,
						      &irq->w->ran) : -ENXIO;
}

/* A submit from a soft interrupt is allowed. */
static void try_submit_in_softirq(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct interrupt irq = {
		.pool = wpt_create_simple(w, 2),
		.w = w,
		.err = -ENODATA,
	};

	init_rcu_head_on_stack(&irq.rcu);
	call_rcu(&irq.rcu, submit_in_softirq);
	rcu_barrier();
	destroy_rcu_head_on_stack(&irq.rcu);
	KUNIT_EXPECT_EQ(test, irq.err, 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
}

/* On one CPU the submitter yields after a hand-off, and nothing else changes. */
static void mailbox_depth_zero_works(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	bool yield = wp_yield_after_handoff;

	WRITE_ONCE(wp_yield_after_handoff, true);
	wpt_run(w, pool);
	wpt_run(w, pool);
	WRITE_ONCE(wp_yield_after_handoff, yield);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, 2);
}

/* Without memory for another accepted call a pool is as good as full. */
static void reserve_bounds_the_accepted(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	LLIST_HEAD(reserve);

	wpt_move_reserve(pool, &pool->reserve, &reserve);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), -EAGAIN);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 0);
	wpt_move_reserve(pool, &reserve, &pool->reserve);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), 0);
}

/* Without that memory a submitter waits for the worker and gets it. */
static void submit_without_reserve_waits(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	LLIST_HEAD(reserve);

	wpt_move_reserve(pool, &pool->reserve, &reserve);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, wpt_count, &w->ran), 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).blocked, 1);
	wpt_move_reserve(pool, &reserve, &pool->reserve);
}

/* The reserve of a huge pool is bounded. */
static void reserve_is_bounded(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, INT_MAX);

	KUNIT_EXPECT_EQ(test, pool->nr_reserve, WP_RESERVE_MAX);
}

/* destroy() accepts what create() returned on failure, and NULL. */
static void destroy_of_nothing(struct kunit *test)
{
	workpool_destroy(NULL);
	workpool_destroy(ERR_PTR(-ENOMEM));
}

/* destroy() finishes all accepted tasks first. */
static void destroy_finishes_the_accepted(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 8);
	int i;

	for (i = 0; i < 8; i++)
		KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(pool, wpt_count, &w->ran));
	wpt_destroy(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 8);
}

/* The pool for everybody is there, unlimited, and not for administrators. */
static void system_pool_is_there(struct kunit *test)
{
	struct workpool *pool = workpool_system;

	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_EXPECT_STREQ(test, workpool_name(pool), "system");
	KUNIT_EXPECT_EQ(test, workpool_capacity(pool), WORKPOOL_UNLIMITED);
	KUNIT_EXPECT_TRUE(test, pool->flags & WORKPOOL_F_NOADMIN);
	KUNIT_EXPECT_FALSE(test, workpool_is_closed(pool));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(create_opens),
	KUNIT_CASE(prealloc_starts_all),
	KUNIT_CASE(min_workers_are_started),
	KUNIT_CASE(create_unwinds_the_pool),
	KUNIT_CASE(create_unwinds_the_reserve),
	KUNIT_CASE(create_unwinds_the_registry),
	KUNIT_CASE(create_unwinds_without_a_number),
	KUNIT_CASE(create_unwinds_the_threads),
	KUNIT_CASE(create_unwinds_the_workers),
	KUNIT_CASE(create_unwinds_half_its_workers),
	KUNIT_CASE(submit_runs_the_task),
	KUNIT_CASE(null_function_is_refused),
	KUNIT_CASE(closed_comes_first),
	KUNIT_CASE(invoke_runs_the_own_function),
	KUNIT_CASE(try_submit_does_not_wait),
	KUNIT_CASE(nonblock_does_not_wait),
	KUNIT_CASE(capacity_is_never_exceeded),
	KUNIT_CASE(worker_is_reused),
	KUNIT_CASE(starting_worker_is_claimed),
	KUNIT_CASE(unlimited_grows),
	KUNIT_CASE(unlimited_ends_at_max_workers),
	KUNIT_CASE(snapshot_is_consistent),
	KUNIT_CASE(try_submit_in_atomic_context),
	KUNIT_CASE(try_submit_in_hardirq),
	KUNIT_CASE(try_submit_in_softirq),
	KUNIT_CASE(mailbox_depth_zero_works),
	KUNIT_CASE(reserve_bounds_the_accepted),
	KUNIT_CASE(submit_without_reserve_waits),
	KUNIT_CASE(reserve_is_bounded),
	KUNIT_CASE(destroy_of_nothing),
	KUNIT_CASE(destroy_finishes_the_accepted),
	KUNIT_CASE(system_pool_is_there),
	{}
};

WPT_SUITE(pool);
