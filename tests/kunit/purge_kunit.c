// SPDX-License-Identifier: GPL-2.0
/*
 * The purge: which workers expire, and that no task or submitter is stranded.
 */

#include "core/call.h"
#include "core/lock.h"
#include "core/node.h"
#include "core/pool.h"
#include "core/stack.h"
#include "core/wait.h"
#include "pool/tune.h"
#include "queue/reserve.h"
#include "queue/waiter.h"
#include "worker/purge.h"
#include "helpers.h"

static struct workpool *create(struct wpt *w, int capacity, int expiry_ms,
			       unsigned int min_workers, unsigned int flags)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	attrs.expiry_ms = expiry_ms;
	attrs.min_workers = min_workers;
	attrs.flags = flags;
	attrs.ops = &wpt_ops;
	return wpt_create(w, &attrs);
}

/* All workers of @pool have been busy and are idle. */
static void warm_up(struct wpt *w, struct workpool *pool)
{
	wpt_fill(w, pool, &w->gates[0]);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(w->test, workpool_idle(pool) == workpool_capacity(pool));
}

static bool is_armed(struct workpool *pool)
{
	unsigned long flags;
	bool armed;

	raw_spin_lock_irqsave(&pool->lock, flags);
	armed = pool->purge_armed;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return armed;
}

/* Makes the @nr oldest idle workers stale. */
static void age(struct workpool *pool, int nr)
{
	struct wp_parked *parked;
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	list_for_each_entry_reverse(parked, &pool->idle.list, node)
		if (nr-- > 0)
			parked->stamp -= 2 * pool->expiry;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/*
 * An idle worker leaves when it has expired, and not before. Then the purge is
 * not armed.
 */
static void idle_worker_expires(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create(w, 1, 50, 0, 0);
	unsigned long start = jiffies;

	wpt_run(w, pool);
	EXPECT_SOON(test, workpool_running(pool) == 0);
	KUNIT_EXPECT_TRUE(test, time_after_eq(jiffies, start + pool->expiry));
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).purged, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).retired, 1);
	EXPECT_SOON(test, atomic_read(&w->exits) == 1);
	KUNIT_EXPECT_FALSE(test, is_armed(pool));
	wpt_run(w, pool);
}

/* A pool without idle workers has no timer. */
static void no_timer_without_idle_workers(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create(w, 1, 3600 * 1000, 0, 0);

	KUNIT_EXPECT_FALSE(test, is_armed(pool));
	wpt_block(w, pool, &w->gates[0]);
	KUNIT_EXPECT_FALSE(test, is_armed(pool));
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, workpool_idle(pool) == 1);
	KUNIT_EXPECT_TRUE(test, is_armed(pool));
	EXPECT_SOON(test, delayed_work_pending(&pool->purge));
}

/* Only stale workers leave. The purge is armed for the next one. */
static void only_the_stale_leave(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create(w, 4, 3600 * 1000, 0, 0);

	warm_up(w, pool);
	age(pool, 3);
	wp_purge_work(&pool->purge.work);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).purged, 3);
	KUNIT_EXPECT_TRUE(test, is_armed(pool));
	wp_purge_work(&pool->purge.work);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 1);
	EXPECT_SOON(test, atomic_read(&w->exits) == 3);
}

/* The purge retires many workers in several holds of the lock. */
static void many_leave_in_portions(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create(w, 300, 3600 * 1000, 1, 0);

	warm_up(w, pool);
	age(pool, 300);
	wp_purge_work(&pool->purge.work);
	EXPECT_SOON(test, workpool_running(pool) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).purged, 299);
	KUNIT_EXPECT_FALSE(test, is_armed(pool));
}

/* A stale worker leaves also when others are busy. */
static void busy_workers_do_not_protect(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create(w, 3, 3600 * 1000, 0, 0);

	warm_up(w, pool);
	wpt_block(w, pool, &w->gates[1]);
	age(pool, 2);
	wp_purge_work(&pool->purge.work);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 0);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 1);
}

/*
 * The purge keeps min_workers, however stale. Then it is not armed, which a
 * selftest cannot see.
 */
static void purge_keeps_min_workers(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create(w, 4, 3600 * 1000, 2, 0);

	warm_up(w, pool);
	age(pool, 4);
	wp_purge_work(&pool->purge.work);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 2);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).purged, 2);
	KUNIT_EXPECT_FALSE(test, is_armed(pool));
}

/* All but the first worker_init wait. */
static int later_inits_at_gate(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	if (atomic_inc_return(&w->inits) > 1)
		wpt_pass(&w->gates[3]);
	return 0;
}

/*
 * min_workers are workers that are up: one that starts makes none expendable,
 * until it is up as well.
 */
static void purge_does_not_count_starting_workers(struct kunit *test)
{
	static const struct workpool_ops ops = {
		.worker_init = later_inits_at_gate,
	};
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct wpt *w = test->priv;
	struct workpool *pool;

	attrs.min_workers = 1;
	attrs.expiry_ms = 3600 * 1000;
	attrs.ops = &ops;
	pool = wpt_create(w, &attrs);
	wpt_block(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[3]) == 1);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, workpool_idle(pool) == 1);
	age(pool, 1);
	wp_purge_work(&pool->purge.work);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 1);
	KUNIT_EXPECT_FALSE(test, is_armed(pool));
	wpt_open(&w->gates[3]);
	EXPECT_SOON(test, wpt_stats(pool).purged == 1);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 1);
}

/**
 * struct keeper - a pool that keeps its workers
 * @desc: name of the case
 * @flags: WORKPOOL_F_*
 */
struct keeper {
	const char	*desc;
	unsigned int	flags;
};

static const struct keeper keepers[] = {
	{ "NOPURGE", WORKPOOL_F_NOPURGE },
	{ "PREALLOC", WORKPOOL_F_PREALLOC },
};

WPT_PARAM(keeper);

/* Such a pool has no timer, and its workers stay. */
static void keeper_keeps_all(struct kunit *test)
{
	const struct keeper *keeper = test->param_value;
	struct wpt *w = test->priv;
	struct workpool *pool = create(w, 3, 3600 * 1000, 0, keeper->flags);

	warm_up(w, pool);
	age(pool, 3);
	KUNIT_EXPECT_FALSE(test, is_armed(pool));
	wp_purge_work(&pool->purge.work);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 3);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).purged, 0);
	KUNIT_EXPECT_FALSE(test, is_armed(pool));
}

/* The purge finds what it must never find: it counts that, and warns. */
static void purge_warns(struct wpt *w, struct workpool *pool)
{
#ifdef kunit_warning_suppress
	w->stranded = pool->stranded + 1;
	kunit_warning_suppress(w->test)
		wp_purge_work(&pool->purge.work);
	KUNIT_EXPECT_EQ(w->test, pool->stranded, w->stranded);
#endif
}

/* The purge serves a stranded submitter, counts it and warns. */
static void stranded_waiter_is_rescued(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create(w, 1, 3600 * 1000, 0, 0);
	struct wp_waiter waiter = {
		.call = { .kind = WP_CALL, .fn.call = wpt_count, .arg = &w->ran },
	};
	struct wp_deferred deferred;

	wpt_need_suppress(w);
	wp_wait_init(&waiter.wait, WP_WAIT_SUBMIT, wpt_count);
	wp_pool_lock(pool, &deferred);
	wp_waiter_add_locked(pool, &waiter);
	/* the mistake: no wp_queue_balance_locked() */
	wp_pool_unlock(pool, &deferred);

	purge_warns(w, pool);
	KUNIT_ASSERT_NE(test, 0,
			wait_for_completion_timeout(&waiter.wait.done,
						    WPT_DEADLINE));
	KUNIT_EXPECT_EQ(test, waiter.wait.result, 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
}

/*
 * A thread that armed the purge first and starts it last does not undo a
 * shorter expiry.
 */
static void late_start_does_not_postpone(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create(w, 1, 3600 * 1000, 0, 0);
	struct wp_tuning old, new = {
		.mask = WP_TUNE_EXPIRY,
		.expiry_ms = 1,
	};
	struct wp_deferred late;

	wpt_run(w, pool);
	wp_pool_lock(pool, &late);
	pool->purge_armed = false;
	wp_purge_arm_locked(pool, &late);
	raw_spin_unlock_irqrestore(&pool->lock, late.flags);
	/* held up here, while another one is faster */
	KUNIT_EXPECT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	raw_spin_lock_irqsave(&pool->lock, late.flags);
	wp_pool_unlock(pool, &late);
	EXPECT_SOON(test, workpool_running(pool) == 0);
}

/* A submitter that waits for a worker that starts is not stranded. */
static void starting_worker_is_no_rescue(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create(w, 3, 3600 * 1000, 0, 0);
	struct wpt_thread *thread;
	LLIST_HEAD(reserve);

	/* without that memory a submitter cannot be told that it was accepted */
	wpt_move_reserve(pool, &pool->reserve, &reserve);
	atomic_set(&w->fail_inits, WPT_ALWAYS);
	thread = wpt_add_waiter(w, pool, wpt_count, &w->ran);
	wp_purge_work(&pool->purge.work);
	KUNIT_EXPECT_EQ(test, pool->stranded, 0);
	atomic_set(&w->fail_inits, 0);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	wpt_move_reserve(pool, &reserve, &pool->reserve);
}

/*
 * The purge wakes a worker that is idle next to a queued call, and counts it.
 */
static void idle_worker_next_to_a_task_is_woken(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create(w, 1, 3600 * 1000, 1, 0);
	struct wp_job *job;
	struct wp_deferred deferred;

	wpt_need_suppress(w);
	wp_pool_lock(pool, &deferred);
	job = wp_reserve_take_locked(pool);
	job->call = (struct wp_call){ .kind = WP_CALL, .fn.call = wpt_count,
				      .arg = &w->ran };
	job->node.kind = WP_CALL;
	list_add(&job->node.entry, &pool->queue);
	pool->queued++;
	pool->calls++;
	/* the mistake: no worker is kicked */
	wp_pool_unlock(pool, &deferred);
	purge_warns(w, pool);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(idle_worker_expires),
	KUNIT_CASE(no_timer_without_idle_workers),
	KUNIT_CASE(only_the_stale_leave),
	KUNIT_CASE(many_leave_in_portions),
	KUNIT_CASE(busy_workers_do_not_protect),
	KUNIT_CASE(purge_keeps_min_workers),
	KUNIT_CASE(purge_does_not_count_starting_workers),
	KUNIT_CASE_PARAM(keeper_keeps_all, keeper_gen_params),
	KUNIT_CASE(late_start_does_not_postpone),
	KUNIT_CASE(stranded_waiter_is_rescued),
	KUNIT_CASE(starting_worker_is_no_rescue),
	KUNIT_CASE(idle_worker_next_to_a_task_is_woken),
	{}
};

WPT_SUITE(purge);
