// SPDX-License-Identifier: GPL-2.0
/*
 * Tune: capacity, expiry, max_blocking and min_workers of a pool at work.
 */

#include <linux/pid.h>
#include <linux/sched.h>

#include "core/module.h"
#include "core/pool.h"
#include "pool/limit.h"
#include "pool/tune.h"
#include "queue/reserve.h"
#include "helpers.h"

static void note_pid(void *pid)
{
	WRITE_ONCE(*(pid_t *)pid, task_pid_nr(current));
}

static pid_t pid_of_next(struct wpt *w, struct workpool *pool)
{
	pid_t pid = 0;

	KUNIT_ASSERT_EQ(w->test, workpool_submit(pool, note_pid, &pid), 0);
	KUNIT_ASSERT_EQ(w->test, workpool_drain(pool, WPT_DEADLINE), 0);
	return pid;
}

/*
 * A shrink retires idle surplus at once. The most recently used worker stays.
 */
static void shrink_retires_the_oldest_idle(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 4);
	pid_t newest;

	pool->flags |= WORKPOOL_F_NOPURGE;
	wpt_fill(w, pool, &w->gates[0]);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, workpool_idle(pool) == 4);
	newest = pid_of_next(w, pool);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 1), 0);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 1);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).retired, 3);
	KUNIT_EXPECT_EQ(test, pid_of_next(w, pool), newest);
}

/* A shrink gives back slots for which there is no thread yet. */
static void shrink_trims_the_unmade(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 4);
	struct wp_tuning old, new = {
		.mask = WP_TUNE_MIN_WORKERS,
		.min_workers = 4,
	};

	wpt_fail_threads(w, WPT_ALWAYS);
	KUNIT_ASSERT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 4);
	EXPECT_SOON(test, wpt_stats(pool).spawn_failures > 0);
	new.mask = WP_TUNE_CAPACITY | WP_TUNE_MIN_WORKERS;
	new.capacity = 1;
	new.min_workers = 0;
	KUNIT_ASSERT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	EXPECT_SOON(test, workpool_running(pool) <= 1);
	atomic_set(&w->fail_threads, 0);
	wpt_run(w, pool);
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
 * A pool with one busy worker at gates[0], one that starts and is in its
 * worker_init at gates[3], and a queued task.
 */
static struct workpool *one_up_one_starts(struct wpt *w)
{
	static const struct workpool_ops ops = {
		.worker_init = later_inits_at_gate,
	};
	struct workpool *pool = wpt_create_with_ops(w, 2, &ops);

	wpt_block(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(w->test, 0,
			workpool_try_submit(pool, wpt_count, &w->ran));
	ASSERT_SOON(w->test, wpt_inside(&w->gates[3]) == 1);
	return pool;
}

/* A shrink keeps the idle worker, and lets the one go that still starts. */
static void shrink_keeps_a_worker_that_is_up(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = one_up_one_starts(w);

	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, workpool_idle(pool) == 1);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 1), 0);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 1);
	wpt_run(w, pool);
	wpt_open(&w->gates[3]);
	EXPECT_SOON(test, workpool_running(pool) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).starting, 0);
}

/* A busy worker goes on after a shrink, if the surplus is one that starts. */
static void shrink_does_not_end_the_only_worker(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = one_up_one_starts(w);

	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 1), 0);
	wpt_open(&w->gates[0]);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[3]), 0);
	wpt_open(&w->gates[3]);
	EXPECT_SOON(test, workpool_running(pool) == 1);
}

/* The capacity of an unlimited pool cannot change. Its expiry can. */
static void unlimited_is_fixed(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, WORKPOOL_UNLIMITED);
	struct wp_tuning old, new = {
		.mask = WP_TUNE_EXPIRY | WP_TUNE_MIN_WORKERS,
		.expiry_ms = 77,
		.min_workers = 1,
	};

	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 3), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, -1), -EINVAL);
	KUNIT_EXPECT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	KUNIT_EXPECT_EQ(test, old.capacity, WORKPOOL_UNLIMITED);
	EXPECT_SOON(test, workpool_idle(pool) == 1);
}

/* Neither capacity nor min_workers of a PREALLOC pool can change. */
static void prealloc_is_fixed(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct wp_tuning old, new = {
		.mask = WP_TUNE_MIN_WORKERS,
		.min_workers = 1,
	};
	struct workpool *pool;

	attrs.flags = WORKPOOL_F_PREALLOC;
	pool = wpt_create(test->priv, &attrs);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 3), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 2), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, wp_tune_apply(pool, &new, &old), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).min_workers, 2);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 2);
}

/**
 * struct change - several changes of which one is wrong
 * @desc: name of the case
 * @new: the changes, of a pool with capacity 4
 */
struct change {
	const char		*desc;
	struct wp_tuning	new;
};

#define MASK_ALL	(WP_TUNE_CAPACITY | WP_TUNE_EXPIRY | \
			 WP_TUNE_MAX_BLOCKING | WP_TUNE_MIN_WORKERS)

static const struct change changes[] = {
	{ "capacity", { MASK_ALL, 0, 50, 3, 0 } },
	{ "expiry", { MASK_ALL, 8, -1, 3, 1 } },
	{ "min_workers above the new capacity", { MASK_ALL, 2, 50, 3, 3 } },
	{ "min_workers above the old one", { MASK_ALL & ~WP_TUNE_CAPACITY,
					     0, 50, 3, 5 } },
	{ "min_workers that look negative", { MASK_ALL, 8, 50, 3, UINT_MAX } },
};

WPT_PARAM(change);

/* With one wrong value no value changes. */
static void wrong_one_changes_none(struct kunit *test)
{
	const struct change *change = test->param_value;
	struct workpool *pool = wpt_create_simple(test->priv, 4);
	struct workpool_stats s;
	struct wp_tuning old;

	KUNIT_EXPECT_EQ(test, wp_tune_apply(pool, &change->new, &old), -EINVAL);
	s = wpt_stats(pool);
	KUNIT_EXPECT_EQ(test, s.capacity, 4);
	KUNIT_EXPECT_EQ(test, s.expiry_ms, 1000);
	KUNIT_EXPECT_EQ(test, s.max_blocking, 0);
	KUNIT_EXPECT_EQ(test, s.min_workers, 0);
	KUNIT_EXPECT_EQ(test, s.running, 0);
}

/* All four values can change at once. The old ones are returned. */
static void all_change_together(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, 4);
	struct wp_tuning old, new = { MASK_ALL, 5, 60000, 7, 2 };
	struct workpool_stats s;

	KUNIT_ASSERT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	KUNIT_EXPECT_EQ(test, old.capacity, 4);
	KUNIT_EXPECT_EQ(test, old.expiry_ms, 1000);
	KUNIT_EXPECT_EQ(test, old.max_blocking, 0);
	KUNIT_EXPECT_EQ(test, old.min_workers, 0);
	s = wpt_stats(pool);
	KUNIT_EXPECT_EQ(test, s.capacity, 5);
	KUNIT_EXPECT_EQ(test, s.expiry_ms, 60000);
	KUNIT_EXPECT_EQ(test, s.max_blocking, 7);
	KUNIT_EXPECT_EQ(test, s.min_workers, 2);
	EXPECT_SOON(test, workpool_idle(pool) == 2);

	new.mask = WP_TUNE_EXPIRY;
	new.expiry_ms = 0;
	KUNIT_ASSERT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	KUNIT_EXPECT_EQ(test, old.expiry_ms, 60000);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).expiry_ms, 1000);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).capacity, 5);
}

/* An empty mask only reads. */
static void empty_mask_reads(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, 4);
	struct wp_tuning old, new = { 0, 9, 9, 9, 9 };

	KUNIT_EXPECT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	KUNIT_EXPECT_EQ(test, old.capacity, 4);
	KUNIT_EXPECT_EQ(test, workpool_capacity(pool), 4);
}

/* A change of something else may use the buffer of its old CPUs again. */
static void old_cpus_may_be_used_again(struct kunit *test)
{
	struct workpool_attrs old, attrs = { .cpumask = cpumask_of(0), .nice = 5 };
	struct workpool *pool = wpt_create_simple(test->priv, 1);
	struct cpumask *cpus;

	cpus = kunit_kzalloc(test, cpumask_size(), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpus);
	KUNIT_ASSERT_EQ(test, 0, workpool_set_attrs(pool, WORKPOOL_ATTR_CPUMASK,
						    &attrs, NULL, NULL));
	KUNIT_ASSERT_EQ(test, 0, workpool_set_attrs(pool, WORKPOOL_ATTR_NICE,
						    &attrs, &old, cpus));
	KUNIT_EXPECT_PTR_EQ(test, old.cpumask, cpus);
	KUNIT_EXPECT_EQ(test, old.nice, 0);
	KUNIT_EXPECT_EQ(test, 0, workpool_set_attrs(pool, WORKPOOL_ATTR_NICE,
						    &old, &attrs, cpus));
	KUNIT_EXPECT_EQ(test, attrs.nice, 5);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			workpool_set_attrs(pool, WORKPOOL_ATTR_CPUMASK, &old,
					   &attrs, cpus));
}

static struct wp_chunk *no_chunk(int nr)
{
	return NULL;
}

/* Without memory for more accepted calls a pool cannot grow. */
static void growth_needs_memory(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, 4);

	wpt_need_stubs(test->priv);
	kunit_activate_static_stub(test, wp_reserve_alloc, no_chunk);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 5), -ENOMEM);
	KUNIT_EXPECT_EQ(test, workpool_capacity(pool), 4);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 3), 0);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 4), 0);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 5), -ESHUTDOWN);
}

/* A shorter expiry holds for workers that are idle already. */
static void expiry_holds_at_once(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct wp_tuning old, new = {
		.mask = WP_TUNE_EXPIRY,
		.expiry_ms = 1,
	};
	struct wpt *w = test->priv;
	struct workpool *pool;

	attrs.expiry_ms = 3600 * 1000;
	pool = wpt_create(w, &attrs);
	wpt_run(w, pool);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 1);
	KUNIT_ASSERT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	EXPECT_SOON(test, workpool_running(pool) == 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).purged, 1);
}

/* Workers above lowered min_workers expire as others do. */
static void fewer_min_workers_expire(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	struct wp_tuning old, new = {
		.mask = WP_TUNE_MIN_WORKERS,
		.min_workers = 1,
	};
	struct workpool *pool;

	attrs.min_workers = 3;
	attrs.expiry_ms = 1;
	pool = wpt_create(test->priv, &attrs);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 3);
	KUNIT_ASSERT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	EXPECT_SOON(test, workpool_running(pool) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).purged, 2);
}

/* max_blocking may drop below the number of waiting submitters, which stay. */
static void max_blocking_can_shrink(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wp_tuning old, new = {
		.mask = WP_TUNE_MAX_BLOCKING,
		.max_blocking = 1,
	};
	struct wpt_thread *threads[2];

	wpt_fill(w, pool, &w->gates[0]);
	threads[0] = wpt_add_waiter(w, pool, wpt_nothing, NULL);
	threads[1] = wpt_add_waiter(w, pool, wpt_nothing, NULL);
	KUNIT_ASSERT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, wpt_nothing, NULL), -EBUSY);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[0]), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[1]), 0);
}

/* A capacity that is refused asks for no memory, however small it is. */
static void negative_capacity_takes_no_memory(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, 4);

	KUNIT_EXPECT_EQ(test, workpool_tune(pool, INT_MIN + 3), -EINVAL);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, INT_MIN), -EINVAL);
}

static const struct change threads_changes[] = {
	{ "nice", { .mask = WP_TUNE_NICE | WP_TUNE_EXPIRY, .expiry_ms = 7,
		    .nice = 20 } },
	{ "rt_priority", { .mask = WP_TUNE_RT_PRIORITY | WP_TUNE_NICE,
			   .nice = 3, .rt_priority = 100 } },
	{ "queue_depth", { .mask = WP_TUNE_QUEUE_DEPTH | WP_TUNE_NICE,
			   .nice = 3, .queue_depth = WORKPOOL_DEPTH_MAX + 1 } },
	{ "capacity", { .mask = WP_TUNE_CAPACITY | WP_TUNE_NICE, .nice = 3 } },
};

WPT_PARAM(threads_change);

/* Nothing changes with one wrong value, and no thread does. */
static void wrong_one_changes_no_thread(struct kunit *test)
{
	const struct change *change = test->param_value;
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool_stats s;
	struct wp_tuning old;

	wpt_block(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wp_tune_apply(pool, &change->new, &old), -EINVAL);
	s = wpt_stats(pool);
	KUNIT_EXPECT_EQ(test, s.nice, 0);
	KUNIT_EXPECT_EQ(test, s.rt_priority, 0);
	KUNIT_EXPECT_EQ(test, s.queue_depth, 0);
	KUNIT_EXPECT_EQ(test, s.expiry_ms, 1000);
}

static void note_nice(void *nice)
{
	WRITE_ONCE(*(int *)nice, task_nice(current));
}

/* A worker_init may tune its own pool. The worker has the new nice value. */
static int tune_in_init(struct workpool *pool, void **data)
{
	struct wp_tuning old, new = { .mask = WP_TUNE_NICE, .nice = 7 };

	return wp_tune_apply(pool, &new, &old);
}

static const struct workpool_ops tuning_ops = {
	.worker_init = tune_in_init,
};

static void worker_init_may_tune(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &tuning_ops);
	int nice = 0;

	KUNIT_ASSERT_EQ(test, workpool_submit(pool, note_nice, &nice), 0);
	KUNIT_ASSERT_EQ(test, workpool_drain(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, nice, 7);
}

/* A deeper queue has memory for what it accepts. */
static void deeper_queue_has_memory(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wp_tuning old, new = {
		.mask = WP_TUNE_QUEUE_DEPTH,
		.queue_depth = 100,
	};
	int i;

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, wp_tune_apply(pool, &new, &old), 0);
	KUNIT_EXPECT_EQ(test, old.queue_depth, 0);
	KUNIT_EXPECT_GE(test, pool->nr_reserve, 101);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), -EAGAIN);
	wpt_open(&w->gates[0]);
	EXPECT_SOON(test, atomic_read(&w->ran) == 100);
}

static int call_tune(struct wpt_thread *thread)
{
	return workpool_tune(thread->pool, 2);
}

/* thread->arg: the WORKPOOL_ATTR_* that change */
static int call_set_attrs(struct wpt_thread *thread)
{
	struct workpool_attrs attrs = {
		.nice = 1,
		.min_workers = 1,
		.queue_depth = 1,
	};

	return workpool_set_attrs(thread->pool, (unsigned long)thread->arg,
				  &attrs, NULL, NULL);
}

static int call_set_max_workers(struct wpt_thread *thread)
{
	return wp_limit_set_max_workers(wp_max_workers);
}

/* Expect the call to be killable while another thread holds @lock. */
static void kill_behind(struct wpt *w, struct mutex *lock,
			const struct wpt_thread *what)
{
	struct wpt_thread *thread;

	mutex_lock(lock);
	thread = wpt_start(w, what);
	ASSERT_SOON(w->test, READ_ONCE(thread->task->__state) == TASK_KILLABLE);
	wpt_kill(thread);
	KUNIT_EXPECT_EQ(w->test, wpt_join(thread), -EINTR);
	mutex_unlock(lock);
}

#define LIMITS	(WORKPOOL_ATTR_MIN_WORKERS | WORKPOOL_ATTR_QUEUE_DEPTH)
#define ALL	(LIMITS | WORKPOOL_ATTR_NICE)

/*
 * An administrator who waits for another one can be killed, behind whichever
 * lock, and leaves none locked.
 */
static void wait_for_another_tune_is_killable(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(WORKPOOL_UNLIMITED);
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool *unlimited = wpt_create(w, &attrs);
	const struct {
		struct mutex	*lock;	/* that another thread holds */
		int		(*call)(struct wpt_thread *thread);
		unsigned long	attrs;
	} calls[] = {
		{ &pool->lifecycle, call_tune },
		{ &pool->lifecycle, wpt_call_reboot },
		{ &pool->lifecycle, call_set_attrs, WORKPOOL_ATTR_QUEUE_DEPTH },
		{ &pool->lifecycle, call_set_attrs, ALL },
		{ &pool->placing, call_set_attrs, WORKPOOL_ATTR_NICE },
		{ &pool->placing, call_set_attrs, ALL },
		{ &unlimited->lifecycle, call_set_max_workers },
	};
	struct wpt_thread what = { .pool = pool };
	int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		what.call = calls[i].call;
		what.arg = (void *)calls[i].attrs;
		kill_behind(w, calls[i].lock, &what);
	}
	KUNIT_EXPECT_EQ(test, workpool_capacity(pool), 1);
	what.arg = (void *)ALL;
	KUNIT_EXPECT_EQ(test, call_set_attrs(&what), 0);
}

/* So can one that waits for a change of max_workers. */
static void wait_for_max_workers_is_killable(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(WORKPOOL_UNLIMITED);
	struct wpt *w = test->priv;
	struct workpool *unlimited = wpt_create(w, &attrs);
	struct wpt_thread max = { .call = call_set_max_workers };
	struct wpt_thread what = {
		.pool = wpt_create_simple(w, 1),
		.call = call_set_attrs,
		.arg = (void *)LIMITS,
	};
	struct wpt_thread *first, *second;

	mutex_lock(&unlimited->lifecycle);
	first = wpt_start(w, &max);
	ASSERT_SOON(test, READ_ONCE(first->task->__state) == TASK_KILLABLE);
	second = wpt_start(w, &what);
	ASSERT_SOON(test, READ_ONCE(second->task->__state) == TASK_KILLABLE);
	wpt_kill(second);
	KUNIT_EXPECT_EQ(test, wpt_join(second), -EINTR);
	mutex_unlock(&unlimited->lifecycle);
	KUNIT_EXPECT_EQ(test, wpt_join(first), 0);
	KUNIT_EXPECT_EQ(test, call_set_attrs(&what), 0);
}

static int call_create(struct wpt_thread *thread)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool = workpool_create(&attrs, "convoy");

	workpool_destroy(pool);
	return PTR_ERR_OR_ZERO(pool);
}

/* Nobody waits for the threads of another pool to change. */
static void creation_does_not_wait_for_another_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread what = {
		.pool = wpt_create_simple(w, 1),
		.call = call_set_attrs,
		.arg = (void *)ALL,
	};
	struct wpt_thread create = { .call = call_create };
	struct wpt_thread *tune, *creator;

	mutex_lock(&what.pool->placing);
	tune = wpt_start(w, &what);
	ASSERT_SOON(test, READ_ONCE(tune->task->__state) == TASK_KILLABLE);
	creator = wpt_start(w, &create);
	EXPECT_SOON(test, completion_done(&creator->done));
	mutex_unlock(&what.pool->placing);
	KUNIT_EXPECT_EQ(test, wpt_join(creator), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(tune), 0);
}

/*
 * One that waits for the end of a release can be killed, up to its last moment.
 */
static void wait_for_the_end_behind_a_tune_is_killable(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread what = {
		.call = wpt_call_wait_released,
		.pool = wpt_create_simple(w, 1),
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};

	workpool_release(what.pool);
	kill_behind(w, &what.pool->lifecycle, &what);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(what.pool, 0), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(wait_for_another_tune_is_killable),
	KUNIT_CASE(wait_for_max_workers_is_killable),
	KUNIT_CASE(creation_does_not_wait_for_another_pool),
	KUNIT_CASE(wait_for_the_end_behind_a_tune_is_killable),
	KUNIT_CASE(shrink_retires_the_oldest_idle),
	KUNIT_CASE(shrink_trims_the_unmade),
	KUNIT_CASE(shrink_keeps_a_worker_that_is_up),
	KUNIT_CASE(shrink_does_not_end_the_only_worker),
	KUNIT_CASE(unlimited_is_fixed),
	KUNIT_CASE(prealloc_is_fixed),
	KUNIT_CASE_PARAM(wrong_one_changes_none, change_gen_params),
	KUNIT_CASE(all_change_together),
	KUNIT_CASE(empty_mask_reads),
	KUNIT_CASE(old_cpus_may_be_used_again),
	KUNIT_CASE(growth_needs_memory),
	KUNIT_CASE(expiry_holds_at_once),
	KUNIT_CASE(fewer_min_workers_expire),
	KUNIT_CASE(max_blocking_can_shrink),
	KUNIT_CASE(negative_capacity_takes_no_memory),
	KUNIT_CASE_PARAM(wrong_one_changes_no_thread, threads_change_gen_params),
	KUNIT_CASE(worker_init_may_tune),
	KUNIT_CASE(deeper_queue_has_memory),
	{}
};

WPT_SUITE(tune);
