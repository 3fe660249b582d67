// SPDX-License-Identifier: GPL-2.0
/*
 * The multi: how it is made, which pool gets a task, and its totals.
 */

#include <linux/slab.h>

#include "core/lookup.h"
#include "core/pool.h"
#include "multi/multi.h"
#include "pool/pool.h"
#include "pool/registry.h"
#include "helpers.h"

/**
 * struct wrong - arguments of a create() that fails
 * @desc: name of the case
 * @n: how many pools
 * @strategy: which of them gets the next task
 * @capacity: of each
 */
struct wrong {
	const char *desc;
	unsigned int n;
	enum workpool_strategy strategy;
	int capacity;
};

static const struct wrong wrongs[] = {
	{ "no pools taking turns", 0, WORKPOOL_ROUND_ROBIN, 1 },
	{ "no pools with least tasks", 0, WORKPOOL_LEAST_TASKS, 1 },
	{ "too many pools", WORKPOOL_MULTI_MAX + 1, WORKPOOL_LOCAL, 1 },
	{ "no strategy", 2, 0, 1 },
	{ "unknown strategy", 2, WORKPOOL_LOCAL + 1, 1 },
	{ "no pools and no strategy", 0, 0, 1 },
	{ "no capacity", 2, WORKPOOL_ROUND_ROBIN, 0 },
};

WPT_PARAM(wrong);

/* Wrong arguments are -EINVAL, and no pool is left. */
static void wrong_arguments(struct kunit *test)
{
	const struct wrong *wrong = test->param_value;
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(wrong->capacity);
	int before = wp_registry_count();

	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(wpt_try_multi(test->priv, wrong->n,
					      wrong->strategy, &attrs)));
	KUNIT_EXPECT_EQ(test, wp_registry_count(), before);
	KUNIT_EXPECT_EQ(test, wrong->capacity > 0,
			!!wp_multi_find_bad(wrong->n, wrong->strategy));
}

/* A wrong number or strategy is found before the attributes are looked at. */
static void attributes_are_looked_at_last(struct kunit *test)
{
	const struct workpool_attrs *none = NULL;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(workpool_multi_create(0, WORKPOOL_ROUND_ROBIN,
						      none, "multi0")));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(workpool_multi_create(2, 0, none, "multi0")));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(workpool_multi_create(2, WORKPOOL_ROUND_ROBIN,
						      none, "multi0")));
}

/* The pools are called NAME.0, NAME.1, ..., and each has all attributes. */
static void pools_are_numbered(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 12, 3);
	char name[WORKPOOL_NAME_MAX];
	int i;

	KUNIT_EXPECT_EQ(test, workpool_multi_count(multi), 12);
	for (i = 0; i < 12; i++) {
		struct workpool *pool = workpool_multi_at(multi, i);

		snprintf(name, sizeof(name), "multi0.%d", i);
		KUNIT_EXPECT_STREQ(test, workpool_name(pool), name);
		KUNIT_EXPECT_EQ(test, workpool_capacity(pool), 3);
		KUNIT_EXPECT_PTR_EQ(test, workpool_data(pool), test->priv);
	}
}

/* at() knows the indices 0 to n - 1. */
static void at_has_a_range(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);

	KUNIT_EXPECT_FALSE(test, IS_ERR(workpool_multi_at(multi, 0)));
	KUNIT_EXPECT_FALSE(test, IS_ERR(workpool_multi_at(multi, 1)));
	KUNIT_EXPECT_EQ(test, PTR_ERR(workpool_multi_at(multi, 2)), -ERANGE);
	KUNIT_EXPECT_EQ(test, PTR_ERR(workpool_multi_at(multi, -1)), -ERANGE);
	KUNIT_EXPECT_EQ(test, PTR_ERR(workpool_multi_at(multi, INT_MIN)), -ERANGE);
}

/* A create() that failed has left nothing: the same name works. */
static void expect_nothing_left(struct kunit *test, const char *name)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;

	KUNIT_EXPECT_EQ(test, wp_registry_count(), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->inits), atomic_read(&w->exits));
	w->multis[1] = workpool_multi_create(3, WORKPOOL_ROUND_ROBIN, &attrs,
					     "%s", name);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(w->multis[1]), 0);
	if (IS_ERR(w->multis[1]))
		w->multis[1] = NULL;
}

/* The name of the eleventh pool is too long. The first ten pools go away. */
static void long_name_unwinds(struct kunit *test)
{
	static const char name[] = "a-name-of-twenty-nine-letters";
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.min_workers = 1;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(workpool_multi_create(11, WORKPOOL_ROUND_ROBIN,
						      &attrs, "%s", name)));
	expect_nothing_left(test, name);
}

#define BAD_POOL	2

/* The third worker_init fails. */
static int third_init_fails(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	if (atomic_read(&w->inits) == BAD_POOL)
		return -ENODEV;
	*data = w;
	atomic_inc(&w->inits);
	return 0;
}

static void count_exit(struct workpool *pool, void *data)
{
	struct wpt *w = data;

	atomic_inc(&w->exits);
}

static const struct workpool_ops third_is_bad = {
	.worker_init = third_init_fails,
	.worker_exit = count_exit,
};

/* After the second worker is up, no thread and no memory is available. */
static int second_init_uses_up(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	*data = w;
	if (atomic_inc_return(&w->inits) == BAD_POOL) {
		atomic_set(&w->fail_threads, WPT_ALWAYS);
		atomic_set(&w->fail_allocs, WPT_ALWAYS);
	}
	return 0;
}

static const struct workpool_ops second_uses_up = {
	.worker_init = second_init_uses_up,
	.worker_exit = count_exit,
};

static void expect_unwound(struct kunit *test, const struct workpool_ops *ops,
			   int err)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;

	attrs.min_workers = 1;
	attrs.ops = ops;
	KUNIT_EXPECT_EQ(test, err,
			PTR_ERR(wpt_try_multi(w, 4, WORKPOOL_ROUND_ROBIN, &attrs)));
	KUNIT_EXPECT_EQ(test, atomic_read(&w->inits), BAD_POOL);
	atomic_set(&w->fail_threads, 0);
	atomic_set(&w->fail_allocs, 0);
	expect_nothing_left(test, "multi0");
}

/* The worker_init of the third pool fails. The workers of two leave. */
static void failed_init_unwinds(struct kunit *test)
{
	expect_unwound(test, &third_is_bad, -ENODEV);
}

/* No thread can be made for the third pool. The workers of two leave. */
static void failed_thread_unwinds(struct kunit *test)
{
	wpt_fail_threads(test->priv, 0);
	expect_unwound(test, &second_uses_up, -EAGAIN);
}

/*
 * There is no memory for a worker of the third pool. The workers of two leave.
 */
static void failed_worker_unwinds(struct kunit *test)
{
	wpt_fail_allocs(test->priv, 0);
	expect_unwound(test, &second_uses_up, -ENOMEM);
}

static struct workpool *third_pool_fails(void)
{
	struct kunit *test = current->kunit_test;
	struct wpt *w = wpt_current();
	struct workpool *pool;

	if (atomic_read(&w->fail_allocs))
		return NULL;
	current->kunit_test = NULL;
	pool = wp_pool_alloc();
	current->kunit_test = test;
	return pool;
}

/* There is no memory for the third pool. The workers of two leave. */
static void failed_pool_unwinds(struct kunit *test)
{
	struct wpt *w = test->priv;

	wpt_need_stubs(w);
	kunit_activate_static_stub(test, wp_pool_alloc, third_pool_fails);
	expect_unwound(test, &second_uses_up, -ENOMEM);
}

static int see_part(struct workpool *pool)
{
	struct wpt *w = wpt_current();

	if (pool->multi && pool->index == atomic_read(&w->ran) &&
	    pool->on_park && pool->on_free)
		atomic_inc(&w->ran);
	return -ENOMEM;
}

/* A pool that a look-up can find is a part of its multi already. */
static void part_is_whole_before_it_is_found(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;

	wpt_need_stubs(w);
	kunit_activate_static_stub(test, wp_lookup_add, see_part);
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			PTR_ERR(wpt_try_multi(w, 2, WORKPOOL_ROUND_ROBIN, &attrs)));
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 1);
	kunit_deactivate_static_stub(test, wp_lookup_add);
	expect_nothing_left(test, "multi0");
}

static struct workpool_multi *least(struct kunit *test, unsigned int n,
				    struct workpool_attrs *attrs)
{
	attrs->flags |= WORKPOOL_F_NOPURGE;
	return wpt_multi(test->priv, n, WORKPOOL_LEAST_TASKS, attrs);
}

/* The pool with the fewest busy workers is next. */
static void least_busy_is_picked(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(4);
	struct workpool_multi *multi = least(test, 3, &attrs);
	struct wpt *w = test->priv;
	int i;

	wpt_block(w, multi->pools[0], &w->gates[0]);
	wpt_block(w, multi->pools[0], &w->gates[0]);
	wpt_block(w, multi->pools[1], &w->gates[0]);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 2);
}

/* A pool that is paused has few tasks, and is the last to get another one. */
static void paused_pool_is_picked_last(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(4);
	struct workpool_multi *multi = least(test, 3, &attrs);
	struct wpt *w = test->priv;
	int i;

	wpt_block(w, multi->pools[0], &w->gates[0]);
	wpt_block(w, multi->pools[2], &w->gates[0]);
	wpt_block(w, multi->pools[2], &w->gates[0]);
	KUNIT_ASSERT_EQ(test, workpool_pause(multi->pools[1]), 0);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 0);
	KUNIT_ASSERT_EQ(test, workpool_resume(multi->pools[1]), 0);
	KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 1);
}

/* Queued tasks count as much as running ones. */
static void queued_tasks_count(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_multi *multi;
	struct wpt *w = test->priv;

	attrs.queue_depth = 4;
	multi = least(test, 2, &attrs);
	wpt_block(w, multi->pools[0], &w->gates[0]);
	wpt_block(w, multi->pools[1], &w->gates[1]);
	KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(multi->pools[0], wpt_nothing,
						     NULL));
	KUNIT_ASSERT_EQ(test, 0, workpool_multi_try_submit(multi, wpt_nothing, NULL));
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 0).queued, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 1).queued, 1);
	KUNIT_ASSERT_EQ(test, 0, workpool_multi_try_submit(multi, wpt_nothing, NULL));
	KUNIT_ASSERT_EQ(test, 0, workpool_multi_try_submit(multi, wpt_nothing, NULL));
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 0).queued, 2);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 1).queued, 2);
}

/* Waiting submitters count as tasks: 1 busy and 2 waiting are 3. */
static void waiters_count(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_multi *multi = least(test, 2, &attrs);
	struct wpt *w = test->priv;
	int i;

	KUNIT_ASSERT_EQ(test, workpool_tune(multi->pools[1], 3), 0);
	wpt_block(w, multi->pools[0], &w->gates[0]);
	for (i = 0; i < 2; i++) {
		wpt_add_waiter(w, multi->pools[0], wpt_nothing, NULL);
		wpt_block(w, multi->pools[1], &w->gates[1]);
	}
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).fallbacks, 0);
}

/* A full pool passes the task on to each of the others before it is refused. */
static void falls_back_through_all(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 4, 1);
	struct wpt *w = test->priv;
	int i;

	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, 0, workpool_multi_try_submit(multi, wpt_pass,
								   &w->gates[i]));
	for (i = 0; i < 4; i++)
		ASSERT_SOON(test, wpt_inside(&w->gates[i]) == 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).fallbacks, 0);
	KUNIT_EXPECT_EQ(test, -EAGAIN,
			workpool_multi_try_submit(multi, wpt_count, &w->ran));
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).rejected, 1);

	for (i = 0; i < 4; i++) {
		wpt_open(&w->gates[i]);
		ASSERT_SOON(test, workpool_idle(multi->pools[i]) == 1);
		KUNIT_EXPECT_EQ(test, 0, workpool_multi_try_submit(multi, wpt_count,
								   &w->ran));
		ASSERT_SOON(test, atomic_read(&w->ran) == i + 1);
		ASSERT_SOON(test, workpool_idle(multi->pools[i]) == 1);
		reinit_completion(&w->gates[i].open);
		wpt_block(w, multi->pools[i], &w->gates[i]);
		KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, i).submitted, 3);
	}
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).rejected, 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).fallbacks, 4);
}

/* The fallback goes to the pool with the fewest tasks. */
static void falls_back_to_the_least_busy(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 2);
	struct wpt *w = test->priv;

	wpt_fill(w, multi->pools[0], &w->gates[0]);
	wpt_block(w, multi->pools[1], &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 2);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 2).fallbacks, 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).fallbacks, 1);
}

/* The search for another pool is no turn: it does not change the next pool. */
static void fallback_takes_no_turn(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;
	int i;

	wpt_fill(w, multi->pools[0], &w->gates[0]);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 1).fallbacks, 2);
}

/* With WORKPOOL_F_NONBLOCK workpool_multi_submit() does not wait. */
static void nonblock_refuses(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_multi *multi;
	struct wpt *w = test->priv;

	attrs.flags = WORKPOOL_F_NONBLOCK;
	multi = wpt_multi(w, 2, WORKPOOL_ROUND_ROBIN, &attrs);
	wpt_fill(w, multi->pools[0], &w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_multi_submit(multi, wpt_pass, &w->gates[0]), 0);
	KUNIT_EXPECT_EQ(test, workpool_multi_submit(multi, wpt_nothing, NULL), -EAGAIN);
	KUNIT_EXPECT_EQ(test, -EAGAIN,
			workpool_multi_submit_timeout(multi, wpt_nothing, NULL, HZ));
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).rejected, 2);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).blocked, 0);
}

/* A timeout of 0 looks at all pools once. A negative one is wrong. */
static void timeout_zero_and_below(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			workpool_multi_submit_timeout(multi, wpt_nothing, NULL, -1));
	wpt_fill(w, multi->pools[0], &w->gates[0]);
	KUNIT_EXPECT_EQ(test, 0, workpool_multi_submit_timeout(multi, wpt_pass,
							       &w->gates[0], 0));
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			workpool_multi_submit_timeout(multi, wpt_nothing, NULL, 0));
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).timedout, 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).blocked, 0);
	workpool_multi_release(multi);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			workpool_multi_submit_timeout(multi, wpt_nothing, NULL, -1));
}

/* No function is -EINVAL, in each kind of submit. */
static void submit_without_function_is_einval(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);

	KUNIT_EXPECT_EQ(test, workpool_multi_submit(multi, NULL, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, workpool_multi_try_submit(multi, NULL, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, workpool_multi_invoke(multi, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).submitted, 0);
}

/* invoke() runs the pools' own function, in one pool after the other. */
static void invoke_takes_turns(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_multi *multi;
	struct wpt *w = test->priv;
	int i;

	attrs.fn = wpt_count;
	multi = wpt_multi(w, 2, WORKPOOL_ROUND_ROBIN, &attrs);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, workpool_multi_invoke(multi, &w->ran), 0);
		EXPECT_SOON(test, atomic_read(&w->ran) == i + 1);
		EXPECT_SOON(test, !workpool_multi_busy(multi));
	}
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, i).submitted, 2);
}

/* The totals are sums. */
static void totals_are_sums(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 2);
	struct wpt *w = test->priv;
	struct workpool_stats s;

	wpt_fill(w, multi->pools[0], &w->gates[0]);
	wpt_block(w, multi->pools[1], &w->gates[0]);
	wpt_run(w, multi->pools[2]);
	KUNIT_ASSERT_EQ(test, workpool_tune(multi->pools[2], 5), 0);
	KUNIT_EXPECT_EQ(test, workpool_multi_capacity(multi), 9);
	KUNIT_EXPECT_EQ(test, workpool_multi_running(multi), 4);
	KUNIT_EXPECT_EQ(test, workpool_multi_available(multi), 5);
	KUNIT_EXPECT_EQ(test, workpool_multi_busy(multi), 3);
	KUNIT_EXPECT_EQ(test, workpool_multi_waiting(multi), 0);
	s = wpt_multi_stats(multi);
	KUNIT_EXPECT_EQ(test, s.capacity, 9);
	KUNIT_EXPECT_EQ(test, s.running, 4);
	KUNIT_EXPECT_EQ(test, s.busy, 3);
	KUNIT_EXPECT_EQ(test, s.idle, 1);
	KUNIT_EXPECT_EQ(test, s.alive, 4);
	KUNIT_EXPECT_EQ(test, s.submitted, 4);
	KUNIT_EXPECT_EQ(test, s.completed, 1);
	KUNIT_EXPECT_EQ(test, s.spawned + s.adopted, 4);
	KUNIT_EXPECT_EQ(test, s.peak_running, 4);
	KUNIT_EXPECT_FALSE(test, s.closed);
}

/* Each attribute of a multi's pools has one rule in the totals. */
static void totals_of_attributes(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(4);
	struct workpool_multi *multi;
	struct wpt *w = test->priv;
	struct workpool_stats s;

	attrs.min_workers = 1;
	attrs.queue_depth = 3;
	attrs.expiry_ms = 3600 * 1000;
	attrs.max_blocking = 9;
	multi = wpt_multi(w, 2, WORKPOOL_ROUND_ROBIN, &attrs);
	s = wpt_multi_stats(multi);
	KUNIT_EXPECT_EQ(test, s.min_workers, 2);
	KUNIT_EXPECT_EQ(test, s.queue_depth, 6);
	KUNIT_EXPECT_EQ(test, s.expiry_ms, 3600 * 1000);
	KUNIT_EXPECT_EQ(test, s.max_blocking, 9);
	KUNIT_EXPECT_EQ(test, s.generation, 0);
	workpool_release(multi->pools[1]);
	KUNIT_EXPECT_FALSE(test, wpt_multi_stats(multi).closed);
	workpool_release(multi->pools[0]);
	KUNIT_EXPECT_TRUE(test, wpt_multi_stats(multi).closed);
}

/* A sum that no int holds is the largest one. */
static void totals_do_not_overflow(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	int i;

	for (i = 0; i < 2; i++) {
		WRITE_ONCE(multi->pools[i]->capacity, INT_MAX);
		KUNIT_EXPECT_GT(test, workpool_multi_available(multi), 0);
	}
	KUNIT_EXPECT_EQ(test, workpool_multi_capacity(multi), INT_MAX);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).capacity, INT_MAX);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(wrong_arguments, wrong_gen_params),
	KUNIT_CASE(attributes_are_looked_at_last),
	KUNIT_CASE(pools_are_numbered),
	KUNIT_CASE(at_has_a_range),
	KUNIT_CASE(long_name_unwinds),
	KUNIT_CASE(failed_init_unwinds),
	KUNIT_CASE(failed_thread_unwinds),
	KUNIT_CASE(failed_worker_unwinds),
	KUNIT_CASE(failed_pool_unwinds),
	KUNIT_CASE(part_is_whole_before_it_is_found),
	KUNIT_CASE(least_busy_is_picked),
	KUNIT_CASE(paused_pool_is_picked_last),
	KUNIT_CASE(queued_tasks_count),
	KUNIT_CASE(waiters_count),
	KUNIT_CASE(falls_back_through_all),
	KUNIT_CASE(falls_back_to_the_least_busy),
	KUNIT_CASE(fallback_takes_no_turn),
	KUNIT_CASE(nonblock_refuses),
	KUNIT_CASE(timeout_zero_and_below),
	KUNIT_CASE(submit_without_function_is_einval),
	KUNIT_CASE(invoke_takes_turns),
	KUNIT_CASE(totals_are_sums),
	KUNIT_CASE(totals_of_attributes),
	KUNIT_CASE(totals_do_not_overflow),
	{}
};

WPT_SUITE(multi);
