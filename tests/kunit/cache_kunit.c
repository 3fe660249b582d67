// SPDX-License-Identifier: GPL-2.0
/*
 * The worker cache: its bounds, its expiry, its shrinker, and its users.
 */

#include <linux/cred.h>
#include <linux/irqflags.h>
#include <linux/sched.h>
#include <linux/shrinker.h>

#include "core/cache.h"
#include "core/mailbox.h"
#include "core/worker.h"
#include "helpers.h"

#define CACHE_EXPIRY	(10 * HZ)

static int call_nothing(struct wpt_thread *thread)
{
	return 0;
}

/* A worker that can be cached and told to end. Its thread ignores the order. */
static struct wp_worker *fake(struct wpt *w, int node)
{
	static const struct wpt_thread what = { .call = call_nothing };
	struct wp_worker *worker = kunit_kzalloc(w->test, sizeof(*worker),
						 GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(w->test, worker);
	INIT_LIST_HEAD(&worker->parked.node);
	worker->task = wpt_start(w, &what)->task;
	worker->node = node;
	return worker;
}

static unsigned long count(void)
{
	struct shrink_control sc = { };

	return wp_cache_shrinker->count_objects(wp_cache_shrinker, &sc);
}

#define SLICE	64
#define MANY	(2 * SLICE + 22)

/* MANY workers like that of fake(). They share one thread. */
static struct wp_worker *fake_many(struct wpt *w, int node)
{
	struct wp_worker *workers = kunit_kcalloc(w->test, MANY,
						  sizeof(*workers), GFP_KERNEL);
	struct task_struct *task = fake(w, node)->task;
	int i;

	KUNIT_ASSERT_NOT_NULL(w->test, workers);
	for (i = 0; i < MANY; i++) {
		INIT_LIST_HEAD(&workers[i].parked.node);
		workers[i].task = task;
		workers[i].node = node;
	}
	return workers;
}

/* How many of @workers were told to end: the first ones, and no other. */
static int told_to_end(struct wpt *w, struct wp_worker *workers)
{
	int i, nr = 0;

	for (i = 0; i < MANY; i++) {
		if (workers[i].order != WP_ORDER_DIE)
			continue;
		KUNIT_EXPECT_EQ(w->test, i, nr);
		nr++;
	}
	return nr;
}

static void empty_cache(struct wpt *w)
{
	while (wpt_shrink_cache(ULONG_MAX) != SHRINK_STOP)
		;
}

/* The cache is empty, and takes up to @limit. */
static void start_with(struct wpt *w, int limit)
{
	wpt_empty_cache(w);
	WRITE_ONCE(wp_cache_limit, limit);
}

/* The thread that was cached last is taken first. */
static void last_in_first_out(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wp_worker *a = fake(w, 0), *b = fake(w, 0);

	start_with(w, 4);
	wp_cache_untake(a);
	wp_cache_untake(b);
	KUNIT_EXPECT_EQ(test, wp_cache_nr(), 2);
	KUNIT_EXPECT_PTR_EQ(test, wp_cache_take(NUMA_NO_NODE), b);
	KUNIT_EXPECT_PTR_EQ(test, wp_cache_take(NUMA_NO_NODE), a);
	KUNIT_EXPECT_NULL(test, wp_cache_take(NUMA_NO_NODE));
	KUNIT_EXPECT_EQ(test, wp_cache_nr(), 0);
}

/* A smaller cache_size ends the oldest threads; < 0 is the default. */
static void smaller_limit_ends_the_oldest(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wp_worker *a = fake(w, 0), *b = fake(w, 0);

	start_with(w, 4);
	wp_cache_untake(a);
	wp_cache_untake(b);
	wp_cache_set_limit(1);
	KUNIT_EXPECT_EQ(test, wp_cache_nr(), 1);
	KUNIT_EXPECT_PTR_EQ(test, wp_cache_take(NUMA_NO_NODE), b);
	KUNIT_EXPECT_EQ(test, a->order, WP_ORDER_DIE);
	wp_cache_set_limit(-1);
	KUNIT_EXPECT_GT(test, wp_cache_limit, 0);
}

/* A pool that wants memory of one node gets no thread of another. */
static void node_is_respected(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wp_worker *a = fake(w, 7), *b = fake(w, 8);

	start_with(w, 4);
	wp_cache_untake(a);
	wp_cache_untake(b);
	KUNIT_EXPECT_NULL(test, wp_cache_take(9));
	KUNIT_EXPECT_PTR_EQ(test, wp_cache_take(7), a);
	KUNIT_EXPECT_NULL(test, wp_cache_take(7));
	KUNIT_EXPECT_PTR_EQ(test, wp_cache_take(NUMA_NO_NODE), b);
}

/*
 * A thread ends exactly when it expires. The time to the next expiry is
 * returned.
 */
static void expiry_is_exact(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wp_worker *a = fake(w, 0), *b = fake(w, 0);

	start_with(w, 4);
	wp_cache_untake(a);
	wp_cache_untake(b);
	b->parked.stamp = a->parked.stamp + 5;
	KUNIT_EXPECT_EQ(test, 1,
			wp_cache_expire(a->parked.stamp + CACHE_EXPIRY - 1));
	KUNIT_EXPECT_EQ(test, wp_cache_nr(), 2);
	KUNIT_EXPECT_EQ(test, 5, wp_cache_expire(a->parked.stamp + CACHE_EXPIRY));
	KUNIT_EXPECT_EQ(test, a->order, WP_ORDER_DIE);
	KUNIT_EXPECT_EQ(test, b->order, WP_ORDER_NONE);
	KUNIT_EXPECT_EQ(test, 0, wp_cache_expire(b->parked.stamp + CACHE_EXPIRY));
	KUNIT_EXPECT_EQ(test, b->order, WP_ORDER_DIE);
	KUNIT_EXPECT_EQ(test, wp_cache_nr(), 0);
}

/* The work that ends expired threads is armed again for the others. */
static void expiry_goes_on(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wp_worker *a = fake(w, 0), *b = fake(w, 0);

	start_with(w, 4);
	wp_cache_untake(a);
	wp_cache_untake(b);
	a->parked.stamp -= CACHE_EXPIRY;
	flush_delayed_work(&wp_cache_expire_work);
	KUNIT_EXPECT_EQ(test, a->order, WP_ORDER_DIE);
	KUNIT_EXPECT_EQ(test, b->order, WP_ORDER_NONE);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&wp_cache_expire_work));
}

/* Memory pressure ends as many as it asks for, the oldest first. */
static void shrinker_takes_the_oldest(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wp_worker *workers[3];
	int i;

	start_with(w, 4);
	KUNIT_EXPECT_EQ(test, count(), SHRINK_EMPTY);
	KUNIT_EXPECT_EQ(test, wpt_shrink_cache(128), SHRINK_STOP);
	for (i = 0; i < 3; i++) {
		workers[i] = fake(w, 0);
		wp_cache_untake(workers[i]);
	}
	KUNIT_EXPECT_EQ(test, count(), 3);
	KUNIT_EXPECT_EQ(test, wpt_shrink_cache(2), 2);
	KUNIT_EXPECT_EQ(test, workers[0]->order, WP_ORDER_DIE);
	KUNIT_EXPECT_EQ(test, workers[1]->order, WP_ORDER_DIE);
	KUNIT_EXPECT_EQ(test, workers[2]->order, WP_ORDER_NONE);
	KUNIT_EXPECT_EQ(test, count(), 1);
	KUNIT_EXPECT_EQ(test, wpt_shrink_cache(ULONG_MAX), 1);
	KUNIT_EXPECT_EQ(test, count(), SHRINK_EMPTY);
}

/* They are in the cache. */
static struct wp_worker *cache_many(struct wpt *w, int node)
{
	struct wp_worker *workers = fake_many(w, node);
	int i;

	start_with(w, 2 * MANY);
	w->cleanup = empty_cache;
	for (i = 0; i < MANY; i++)
		wp_cache_untake(&workers[i]);
	return workers;
}

/* A pool that wants memory of a node gets a thread of the newest ones, or none. */
static void a_slice_is_searched_for_a_node(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wp_worker *workers = cache_many(w, 7), *other = fake(w, 8);
	struct wp_worker *newest = fake_many(w, 9);
	int i;

	wp_cache_untake(other);
	for (i = 0; i < SLICE - 1; i++)
		wp_cache_untake(&newest[i]);
	KUNIT_EXPECT_NULL(test, wp_cache_take(7));
	KUNIT_EXPECT_PTR_EQ(test, wp_cache_take(8), other);
	KUNIT_EXPECT_PTR_EQ(test, wp_cache_take(7), &workers[MANY - 1]);
}

/* One call of the shrinker ends a slice, whatever it asks for. */
static void shrinker_ends_a_slice(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wp_worker *workers = cache_many(w, 0);

	KUNIT_EXPECT_EQ(test, wpt_shrink_cache(ULONG_MAX), SLICE);
	KUNIT_EXPECT_EQ(test, told_to_end(w, workers), SLICE);
	KUNIT_EXPECT_EQ(test, wp_cache_nr(), MANY - SLICE);
}

/* All that expired end, also when they are more than a slice. */
static void expiry_ends_more_than_a_slice(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wp_worker *workers = cache_many(w, 0);
	u64 stamp = workers[MANY - 2].parked.stamp;

	workers[MANY - 1].parked.stamp = stamp + 5;
	KUNIT_EXPECT_EQ(test, wp_cache_expire(stamp + CACHE_EXPIRY), 5);
	KUNIT_EXPECT_EQ(test, told_to_end(w, workers), MANY - 1);
}

/* So do all beyond a smaller cache_size. */
static void smaller_limit_ends_more_than_a_slice(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wp_worker *workers = cache_many(w, 0);

	wp_cache_set_limit(1);
	KUNIT_EXPECT_EQ(test, told_to_end(w, workers), MANY - 1);
}

/* A thread that was taken and not used ends when the cache is full again. */
static void full_cache_takes_none_back(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wp_worker *a = fake(w, 0), *b = fake(w, 0);

	start_with(w, 1);
	wp_cache_untake(a);
	wp_cache_untake(b);
	KUNIT_EXPECT_EQ(test, wp_cache_nr(), 1);
	KUNIT_EXPECT_EQ(test, b->order, WP_ORDER_DIE);
	KUNIT_EXPECT_PTR_EQ(test, wp_cache_take(0), a);
}

/* Four workers come and go. */
static void use_four_workers(struct wpt *w)
{
	struct workpool *pool = wpt_create_simple(w, 4);

	wpt_fill(w, pool, &w->gates[0]);
	wpt_open(&w->gates[0]);
	wpt_destroy(w, pool);
}

/* With size 0 no thread outlives its pool. */
static void size_zero_keeps_none(struct kunit *test)
{
	struct wpt *w = test->priv;

	wpt_empty_cache(w);
	use_four_workers(w);
	wp_worker_wait_none();
	KUNIT_EXPECT_EQ(test, wp_cache_nr(), 0);
	KUNIT_EXPECT_EQ(test, wp_cache_limit, 0);
}

/* The cache keeps as many threads as the limit, and not more. */
static void size_is_a_limit(struct kunit *test)
{
	struct wpt *w = test->priv;

	start_with(w, 3);
	use_four_workers(w);
	EXPECT_SOON(test, wp_cache_nr() == 3);
	KUNIT_EXPECT_EQ(test, wpt_shrink_cache(ULONG_MAX), 3);
	wp_worker_wait_none();
}

/* A submit adopts a thread in atomic context, too. */
static void adoption_in_atomic_context(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	unsigned long flags;
	int err;

	wpt_run(w, pool);
	wpt_destroy(w, pool);
	ASSERT_SOON(test, wp_cache_nr() > 0);

	pool = wpt_create_simple(w, 1);
	local_irq_save(flags);
	err = workpool_try_submit(pool, wpt_count, &w->ran);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).adopted, 1);
	EXPECT_SOON(test, atomic_read(&w->ran) == 2);
}

static void leak_credentials(void *unused)
{
	/* the reference to the old ones is the caller's since 6.13 */
	put_cred(override_creds(prepare_creds()));
}

/* A thread that cannot be made like a new one ends. */
static void changed_thread_is_not_kept(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool;

	start_with(w, 1);
	pool = wpt_create_simple(w, 1);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, leak_credentials, NULL), 0);
	KUNIT_ASSERT_EQ(test, workpool_drain(pool, WPT_DEADLINE), 0);
	wpt_destroy(w, pool);
	wp_worker_wait_none();
	KUNIT_EXPECT_EQ(test, wp_cache_nr(), 0);
}

/* A thread whose worker_init failed goes back to the cache. */
static void rejected_worker_is_kept(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool;

	start_with(w, 1);
	pool = wpt_create_with_ops(w, 1, &wpt_ops);
	atomic_set(&w->fail_inits, 1);
	wpt_run(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).init_failures, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).spawned, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).adopted, 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(last_in_first_out),
	KUNIT_CASE(smaller_limit_ends_the_oldest),
	KUNIT_CASE(node_is_respected),
	KUNIT_CASE(expiry_is_exact),
	KUNIT_CASE(expiry_goes_on),
	KUNIT_CASE(shrinker_takes_the_oldest),
	KUNIT_CASE(a_slice_is_searched_for_a_node),
	KUNIT_CASE(shrinker_ends_a_slice),
	KUNIT_CASE(expiry_ends_more_than_a_slice),
	KUNIT_CASE(smaller_limit_ends_more_than_a_slice),
	KUNIT_CASE(full_cache_takes_none_back),
	KUNIT_CASE(size_zero_keeps_none),
	KUNIT_CASE(size_is_a_limit),
	KUNIT_CASE(adoption_in_atomic_context),
	KUNIT_CASE(changed_thread_is_not_kept),
	KUNIT_CASE(rejected_worker_is_kept),
	{}
};

WPT_SUITE(cache);
