// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms: the buckets, the percentiles, and which samples get there.
 */

#include <linux/delay.h>
#include <linux/math64.h>
#include <linux/prandom.h>
#include <linux/sort.h>
#include <linux/time64.h>

#include "core/histogram.h"
#include "core/lock.h"
#include "core/pool.h"
#include "core/worker.h"
#include "multi/multi.h"
#include "helpers.h"

/* What a task or a wait takes at least. */
#define NAP_NS		(3 * NSEC_PER_MSEC)
#define SAMPLES		1000
#define HOUR_NS		(3600 * NSEC_PER_SEC)

static void nap(void)
{
	usleep_range(NAP_NS / NSEC_PER_USEC, 2 * NAP_NS / NSEC_PER_USEC);
}

/* Buckets follow each other without a gap. */
static void buckets_have_no_gap(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, wp_histogram_from(0), 0);
	KUNIT_EXPECT_EQ(test, wp_histogram_from(1), 512);
	KUNIT_EXPECT_EQ(test, wp_histogram_from(WP_HISTOGRAM_LAST), 1ULL << 42);
	for (i = 0; i < WP_HISTOGRAM_LAST; i++) {
		u64 from = wp_histogram_from(i), to = wp_histogram_from(i + 1);

		KUNIT_ASSERT_LT(test, from, to);
		KUNIT_ASSERT_EQ(test, wp_histogram_bucket(from), i);
		KUNIT_ASSERT_EQ(test, wp_histogram_bucket(to - 1), i);
	}
	KUNIT_EXPECT_EQ(test, wp_histogram_bucket(1ULL << 42), WP_HISTOGRAM_LAST);
	KUNIT_EXPECT_EQ(test, wp_histogram_bucket(U64_MAX), WP_HISTOGRAM_LAST);
}

/* From a microsecond to an hour none is wider than an eighth of where it begins. */
static void buckets_are_narrow(struct kunit *test)
{
	unsigned int i = wp_histogram_bucket(NSEC_PER_USEC);

	KUNIT_EXPECT_GT(test, i, 0);
	KUNIT_EXPECT_LT(test, wp_histogram_bucket(HOUR_NS), WP_HISTOGRAM_LAST);
	for (; i < WP_HISTOGRAM_LAST; i++)
		KUNIT_ASSERT_LE(test, 8 * (wp_histogram_from(i + 1) -
					   wp_histogram_from(i)),
				wp_histogram_from(i));
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Each length is as likely as one that is twice as long. */
static u64 spread(unsigned int nr)
{
	return clamp(get_random_u64() >> (22 + get_random_u32() % 32),
		     1000ULL, HOUR_NS);
}

static u64 equal(unsigned int nr)
{
	return 123456;
}

static u64 first_of_bucket(unsigned int nr)
{
	return wp_histogram_from(9 + nr % (WP_HISTOGRAM_LAST - 17));
}

static u64 last_of_bucket(unsigned int nr)
{
	return wp_histogram_from(10 + nr % (WP_HISTOGRAM_LAST - 18)) - 1;
}

/* One of a thousand is long: which percentile it is depends on rounding. */
static u64 outlier(unsigned int nr)
{
	return nr == 17 ? HOUR_NS : 2000;
}

static u64 two_heaps(unsigned int nr)
{
	return nr % 10 ? 5000 + nr : 7 * NSEC_PER_SEC + nr;
}

struct shape {
	const char	*desc;
	unsigned int	nr;
	u64		(*sample)(unsigned int nr);
};

static const struct shape shapes[] = {
	{ "spread", SAMPLES, spread },
	{ "a few, spread", 7, spread },
	{ "one", 1, spread },
	{ "two", 2, spread },
	{ "equal", SAMPLES, equal },
	{ "first of a bucket", SAMPLES, first_of_bucket },
	{ "last of a bucket", SAMPLES, last_of_bucket },
	{ "outlier", SAMPLES, outlier },
	{ "outlier is past p99.9", SAMPLES + 1, outlier },
	{ "two heaps", SAMPLES, two_heaps },
};

WPT_PARAM(shape);

static const unsigned int percents[] = { 1, 100, 2500, 5000, 9000, 9900, 9990, 9999, 10000 };

/* A percentile is what an exact sort says, or up to an eighth more. */
static void percentiles_are_close(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	struct wp_histogram *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
	u64 *samples = kunit_kcalloc(test, shape->nr, sizeof(*samples), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, h);
	KUNIT_ASSERT_NOT_NULL(test, samples);
	for (i = 0; i < shape->nr; i++) {
		samples[i] = shape->sample(i);
		h->buckets[wp_histogram_bucket(samples[i])]++;
		h->max_ns = max(h->max_ns, samples[i]);
	}
	sort(samples, shape->nr, sizeof(*samples), compare, NULL);
	KUNIT_EXPECT_EQ(test, wp_histogram_count(h), shape->nr);
	for (i = 0; i < ARRAY_SIZE(percents); i++) {
		unsigned int rank = DIV_ROUND_UP(shape->nr * percents[i], 10000);
		u64 exact = samples[rank - 1];
		u64 found = wp_histogram_percentile(h, percents[i]);

		KUNIT_EXPECT_GE_MSG(test, found, exact, "p%u", percents[i]);
		KUNIT_EXPECT_LE_MSG(test, found, exact + exact / 8, "p%u",
				    percents[i]);
	}
	KUNIT_EXPECT_EQ(test, wp_histogram_percentile(h, 10000),
			samples[shape->nr - 1]);
}

/* Without a sample there is no percentile, and many samples do not overflow. */
static void percentiles_of_extremes(struct kunit *test)
{
	struct wp_histogram *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, h);
	KUNIT_EXPECT_EQ(test, wp_histogram_percentile(h, 5000), 0);
	h->buckets[1] = 1ULL << 61;
	h->buckets[WP_HISTOGRAM_LAST] = (1ULL << 61) + 1;
	h->max_ns = 1ULL << 50;
	KUNIT_EXPECT_EQ(test, wp_histogram_percentile(h, 4900),
			wp_histogram_from(2) - 1);
	KUNIT_EXPECT_EQ(test, wp_histogram_percentile(h, 5100), 1ULL << 50);
}

static struct workpool *create_measured(struct wpt *w, int capacity)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	attrs.flags = WORKPOOL_F_HISTOGRAMS;
	return wpt_create(w, &attrs);
}

static void switch_on(struct kunit *test, struct workpool *pool)
{
	bool was_on;

	KUNIT_ASSERT_EQ(test, wp_histogram_begin(pool, &was_on), 0);
	KUNIT_ASSERT_FALSE(test, was_on);
}

static struct wp_histogram *read_kind(struct kunit *test, struct workpool *pool,
				      enum wp_histogram_kind kind)
{
	struct wp_histogram *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, h);
	KUNIT_EXPECT_GT(test, wp_histogram_read(pool, kind, h), 0);
	return h;
}

static u64 count_of(struct kunit *test, struct workpool *pool,
		    enum wp_histogram_kind kind)
{
	return wp_histogram_count(read_kind(test, pool, kind));
}

/* There are @nr samples, of which @nr_long are not shorter than @ns. */
static void expect_long(struct kunit *test, struct workpool *pool,
			enum wp_histogram_kind kind, u64 nr, u64 nr_long, u64 ns)
{
	struct wp_histogram *h = read_kind(test, pool, kind);
	u64 count = 0;
	unsigned int i;

	KUNIT_EXPECT_EQ_MSG(test, wp_histogram_count(h), nr, "kind %d", kind);
	/* A sample of @ns itself may be in a bucket that begins before. */
	for (i = wp_histogram_bucket(ns); i < WP_HISTOGRAM_BUCKETS; i++)
		count += h->buckets[i];
	KUNIT_EXPECT_GE_MSG(test, count, nr_long, "kind %d", kind);
	if (nr_long) {
		KUNIT_EXPECT_GE_MSG(test, h->max_ns, ns, "kind %d", kind);
		KUNIT_EXPECT_GE_MSG(test, h->sum_ns, nr_long * ns, "kind %d", kind);
	}
}

/* All @nr samples are that long. */
static void expect_all(struct kunit *test, struct workpool *pool,
		       enum wp_histogram_kind kind, u64 nr, u64 ns)
{
	expect_long(test, pool, kind, nr, nr, ns);
}

static void nap_fn(void *unused)
{
	nap();
}

static void nap_body(struct wpt_task *t)
{
	nap();
}

/* A task that does not wait at its gate. */
static struct wpt_task *task_that(struct wpt *w, void (*body)(struct wpt_task *t),
				  struct workpool *pool)
{
	struct wpt_task *t = wpt_task(w);

	t->body = body;
	t->pool = pool;
	return t;
}

/* No task that takes a time is found to be shorter. */
static void runs_are_measured(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_measured(w, 2);
	int i;

	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, workpool_submit(pool, nap_fn, NULL), 0);
		KUNIT_ASSERT_EQ(test, wpt_queue(pool, task_that(w, nap_body, pool)), 0);
	}
	wpt_settle(w, pool);
	expect_all(test, pool, WP_HISTOGRAM_RUN, 6, NAP_NS);
	expect_all(test, pool, WP_HISTOGRAM_WAIT, 6, 0);
	/* One that nothing is left for may still be on its way. */
	EXPECT_SOON(test, count_of(test, pool, WP_HISTOGRAM_START) ==
			  wpt_stats(pool).spawned + wpt_stats(pool).adopted);
}

/* Nor is a wait of a call or a task found to be shorter than it is. */
static void waits_are_measured(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct wpt_task *tasks[3];
	struct workpool *pool;

	attrs.flags = WORKPOOL_F_HISTOGRAMS;
	attrs.queue_depth = 4;
	pool = wpt_create(w, &attrs);
	wpt_tasks(w, tasks, 3);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, tasks[0]), 0);
	KUNIT_ASSERT_EQ(test, wpt_queue_batch(pool, tasks + 1, 2), 2);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, wpt_count, &w->ran), 0);
	nap();
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	expect_long(test, pool, WP_HISTOGRAM_WAIT, 5, 4, NAP_NS);
	/* The one at the gate. */
	expect_long(test, pool, WP_HISTOGRAM_RUN, 5, 1, NAP_NS);
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_BLOCKED), 0);
}

/* A task is not measured before it is queued: its delay does not count. */
static void delay_is_no_wait(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_measured(w, 1);
	struct wpt_task *t = wpt_task(w);

	KUNIT_ASSERT_EQ(test, wpt_delay(pool, t, 1), 0);
	ASSERT_SOON(test, wpt_ended(t) == 1);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_WAIT), 1);
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_RUN), 1);
}

static void nap_and_requeue(struct wpt_task *t)
{
	if (wpt_begun(t) > 2)
		return;
	t->result = wpt_queue(t->pool, t);
	nap();
}

/* A task that is queued while it runs waits for its own end. */
static void rerun_waits_for_itself(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_measured(w, 2);
	struct wpt_task *t = task_that(w, nap_and_requeue, pool);

	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	ASSERT_SOON(test, wpt_ended(t) == 3);
	wpt_settle(w, pool);
	expect_long(test, pool, WP_HISTOGRAM_WAIT, 3, 2, NAP_NS);
	expect_long(test, pool, WP_HISTOGRAM_RUN, 3, 2, NAP_NS);
}

/* Submitters count that are accepted, and those that give up. */
static void blocked_are_measured(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_measured(w, 1);
	struct wpt_thread *waiter, *killed;

	wpt_fill(w, pool, &w->gates[0]);
	waiter = wpt_add_waiter(w, pool, wpt_count, &w->ran);
	killed = wpt_add_waiter(w, pool, wpt_count, &w->ran);
	KUNIT_EXPECT_EQ(test, workpool_submit_timeout(pool, wpt_count, &w->ran, 1),
			-ETIMEDOUT);
	nap();
	wpt_kill(killed);
	KUNIT_EXPECT_EQ(test, wpt_join(killed), -EINTR);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(waiter), 0);
	wpt_settle(w, pool);
	expect_long(test, pool, WP_HISTOGRAM_BLOCKED, 3, 2, NAP_NS);
	/* Its call was accepted when it was taken. */
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_WAIT), 2);
}

/* With a queue_depth a waiter is accepted before a worker takes its call. */
static void blocked_then_queued(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct wpt_thread *waiter;
	struct workpool *pool;

	attrs.flags = WORKPOOL_F_HISTOGRAMS;
	attrs.queue_depth = 1;
	pool = wpt_create(w, &attrs);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, wpt_pass, &w->gates[1]), 0);
	waiter = wpt_add_waiter(w, pool, wpt_count, &w->ran);
	nap();
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(waiter), 0);
	expect_all(test, pool, WP_HISTOGRAM_BLOCKED, 1, NAP_NS);
	nap();
	wpt_open(&w->gates[1]);
	wpt_settle(w, pool);
	expect_long(test, pool, WP_HISTOGRAM_WAIT, 3, 2, NAP_NS);
}

/* A submitter that waits in two pools counts once. */
static void blocked_in_a_multi_counts_once(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct workpool_multi *multi;
	struct wpt_thread *waiter;

	attrs.flags = WORKPOOL_F_HISTOGRAMS;
	multi = wpt_multi(w, 2, WORKPOOL_ROUND_ROBIN, &attrs);
	wpt_fill(w, multi->pools[0], &w->gates[0]);
	wpt_fill(w, multi->pools[1], &w->gates[1]);
	waiter = wpt_multi_add_waiter(w, multi, wpt_count, &w->ran);
	nap();
	wpt_open(&w->gates[1]);
	KUNIT_EXPECT_EQ(test, wpt_join(waiter), 0);
	wpt_open(&w->gates[0]);
	wpt_settle(w, multi->pools[0]);
	wpt_settle(w, multi->pools[1]);
	KUNIT_EXPECT_EQ(test, count_of(test, multi->pools[0], WP_HISTOGRAM_BLOCKED), 0);
	expect_all(test, multi->pools[1], WP_HISTOGRAM_BLOCKED, 1, NAP_NS);
}

/* A task that another pool takes over waits since it was queued the first time. */
static void stolen_task_waits_on(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct workpool_multi *multi;
	struct wpt_task *t;

	attrs.flags = WORKPOOL_F_HISTOGRAMS | WORKPOOL_F_NOPURGE;
	multi = wpt_multi(w, 2, WORKPOOL_ROUND_ROBIN, &attrs);
	t = wpt_task(w);
	wpt_fill(w, multi->pools[0], &w->gates[0]);
	wpt_fill(w, multi->pools[1], &w->gates[1]);
	KUNIT_ASSERT_EQ(test, wpt_queue(multi->pools[0], t), 0);
	nap();
	/* The worker that parks looks for it. */
	wpt_open(&w->gates[1]);
	ASSERT_SOON(test, wpt_ended(t) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 1).stolen, 1);
	wpt_settle(w, multi->pools[1]);
	expect_long(test, multi->pools[1], WP_HISTOGRAM_WAIT, 2, 1, NAP_NS);
}

/**
 * struct inside - a task that waits for members of its group
 * @pool: the pool
 * @result: of the wait
 */
struct inside {
	struct workpool	*pool;
	int		result;
};

static int nap_member(void *unused)
{
	nap();
	return 0;
}

static void run_members(void *arg)
{
	struct inside *inside = arg;
	struct workpool_group group;
	int i;

	workpool_group_init(&group, inside->pool);
	for (i = 0; i < 2 && !inside->result; i++)
		inside->result = workpool_group_submit(&group, nap_member, NULL);
	inside->result = workpool_group_wait(&group) ?: inside->result;
}

/* A member that a waiting task runs itself is measured as any other. */
static void members_inside_are_measured(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct inside inside = {};

	attrs.flags = WORKPOOL_F_HISTOGRAMS;
	attrs.queue_depth = 2;
	inside.pool = wpt_create(w, &attrs);
	KUNIT_ASSERT_EQ(test, workpool_submit(inside.pool, run_members, &inside), 0);
	wpt_settle(w, inside.pool);
	KUNIT_EXPECT_EQ(test, inside.result, 0);
	/* The outer task runs for as long as both. */
	expect_all(test, inside.pool, WP_HISTOGRAM_RUN, 3, NAP_NS);
	expect_long(test, inside.pool, WP_HISTOGRAM_WAIT, 3, 1, NAP_NS);
}

#define LEASED	40

static void count_body(struct wpt_task *t)
{
	atomic_inc(&t->w->ran);
}

/* So is each task of a lease. */
static void leased_are_measured(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_measured(w, 1);
	struct wpt_task *tasks[LEASED];
	int i;

	for (i = 0; i < LEASED; i++)
		tasks[i] = task_that(w, count_body, pool);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, wpt_queue_batch(pool, tasks, LEASED), LEASED);
	nap();
	wpt_raise_quota(pool);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), LEASED);
	expect_long(test, pool, WP_HISTOGRAM_WAIT, LEASED + 1, LEASED, NAP_NS);
	expect_long(test, pool, WP_HISTOGRAM_RUN, LEASED + 1, 1, NAP_NS);
}

/* What began before the pool was measured is not counted. */
static void early_ones_are_left_out(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);
	struct wpt_thread *waiter;

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	waiter = wpt_add_waiter(w, pool, wpt_count, &w->ran);
	switch_on(test, pool);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(waiter), 0);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 1);
	/* The task and the waiter began later, and the waiter was accepted. */
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_RUN), 2);
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_WAIT), 1);
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_BLOCKED), 0);
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_START), 0);
}

/* Nor is what began when the pool was measured the last time. */
static void stale_ones_are_left_out(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_measured(w, 1), *other;
	struct wpt_task *t = wpt_task(w);

	/* The key stays on. */
	other = create_measured(w, 1);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	KUNIT_EXPECT_TRUE(test, wp_histogram_end(pool));
	KUNIT_EXPECT_FALSE(test, wp_histogram_end(pool));
	switch_on(test, pool);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_RUN), 1);
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_WAIT), 0);

	/* Queued in a pool that is not measured, then in one that is. */
	KUNIT_EXPECT_TRUE(test, wp_histogram_end(pool));
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	wpt_settle(w, pool);
	KUNIT_ASSERT_EQ(test, wpt_queue(other, t), 0);
	wpt_settle(w, other);
	KUNIT_EXPECT_EQ(test, count_of(test, other, WP_HISTOGRAM_WAIT), 1);
}

/* A pool that is not measured has no memory for it, and nothing to read. */
static void off_has_nothing(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wp_histogram *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
	bool was_on;

	KUNIT_ASSERT_NOT_NULL(test, h);
	h->max_ns = 1;
	KUNIT_EXPECT_EQ(test, wp_histogram_read(pool, WP_HISTOGRAM_RUN, h), 0);
	KUNIT_EXPECT_EQ(test, h->max_ns, 0);
	KUNIT_EXPECT_FALSE(test, wp_histogram_end(pool));
	switch_on(test, pool);
	wpt_run(w, pool);
	wpt_settle(w, pool);
	/* Switched on again it goes on. */
	KUNIT_EXPECT_EQ(test, wp_histogram_begin(pool, &was_on), 0);
	KUNIT_EXPECT_TRUE(test, was_on);
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_RUN), 1);
	KUNIT_EXPECT_TRUE(test, wp_histogram_end(pool));
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(pool->histograms));
	KUNIT_EXPECT_EQ(test, wp_histogram_read(pool, WP_HISTOGRAM_RUN, h), 0);
}

static struct wp_histograms *no_histograms(void)
{
	return NULL;
}

/* Without memory nothing is switched on, and no pool is created. */
static void no_memory_for_histograms(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	bool was_on;

	wpt_need_stubs(w);
	kunit_activate_static_stub(test, wp_histogram_alloc, no_histograms);
	KUNIT_EXPECT_EQ(test, wp_histogram_begin(pool, &was_on), -ENOMEM);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(pool->histograms));
	attrs.flags = WORKPOOL_F_HISTOGRAMS;
	KUNIT_EXPECT_PTR_EQ(test, wpt_try_create(w, &attrs), ERR_PTR(-ENOMEM));
	wpt_run(w, pool);
}

/* The sum of the slots whose time is known is that of all that want a thread. */
static int slots_known(struct workpool *pool)
{
	struct wp_histograms *histograms;
	unsigned long flags;
	unsigned int i;
	int nr = 0;

	raw_spin_lock_irqsave(&pool->lock, flags);
	histograms = rcu_dereference_protected(pool->histograms,
					       lockdep_is_held(&pool->lock));
	for (i = 0; i < histograms->nr_starts; i++)
		nr += histograms->starts[i].nr;
	nr -= pool->to_spawn;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return nr;
}

/* A start takes as long as it took, with the starts that failed before it. */
static void starts_are_measured(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool;
	int i;

	wpt_empty_cache(w);
	pool = wpt_create_with_ops(w, 40, &wpt_ops);
	switch_on(test, pool);
	atomic_set(&w->fail_inits, 2);
	for (i = 0; i < 40; i++) {
		KUNIT_ASSERT_EQ(test, workpool_submit(pool, wpt_pass, &w->gates[0]), 0);
		KUNIT_EXPECT_EQ(test, slots_known(pool), 0);
	}
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 40);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).init_failures, 2);
	KUNIT_EXPECT_EQ(test, slots_known(pool), 0);
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_START), 40);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
}

/* Slots that are reserved but not needed any more leave no time behind. */
static void starts_are_given_back(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool;

	wpt_need_stubs(w);
	wpt_empty_cache(w);
	pool = create_measured(w, 4);
	wpt_enter_spawner(w);
	wpt_fail_threads(w, 1);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, wpt_count, &w->ran), 0);
	ASSERT_SOON(test, wpt_stats(pool).spawn_failures == 1);
	KUNIT_EXPECT_EQ(test, slots_known(pool), 0);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, slots_known(pool), 0);
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_START), 1);
}

static int call_switch(struct wpt_thread *thread)
{
	struct wpt *w = thread->arg;
	bool was_on;
	int err = 0;

	while (!err && atomic_read(&w->turns) != -1) {
		err = wp_histogram_begin(thread->pool, &was_on);
		wp_histogram_end(thread->pool);
		cond_resched();
	}
	return err;
}

/*
 * Two threads switch it on and off while tasks run, and nothing is lost. Another
 * pool is measured all the time, so that the kernel does not patch itself each
 * time: see on_one_cpu() of tests/abi/guest.
 */
static void switched_while_tasks_run(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_thread what = { .call = call_switch, .pool = pool, .arg = w };
	struct wpt_thread *threads[2];
	struct wpt_task *tasks[8];
	int i, n;

	create_measured(w, 1);
	wpt_tasks(w, tasks, 8);
	for (i = 0; i < 2; i++)
		threads[i] = wpt_start(w, &what);
	for (n = 0; n < 200; n++) {
		KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 8), 8);
		KUNIT_EXPECT_EQ(test, workpool_submit(pool, wpt_count, &w->ran), 0);
		wpt_settle(w, pool);
	}
	atomic_set(&w->turns, -1);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, wpt_join(threads[i]), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, 200 * 9);
	wp_histogram_end(pool);
	switch_on(test, pool);
	wpt_run(w, pool);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_RUN), 1);
}

/* A crash ends the pool's histograms as little as a release and a reboot do. */
static void measured_through_crash_and_reboot(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_measured(w, 1);

	KUNIT_ASSERT_EQ(test, workpool_submit(pool, wpt_crash_at, &w->gates[0]), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, wpt_stats(pool).crashes == 1);
	wpt_run(w, pool);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, workpool_reboot(pool), 0);
	wpt_run(w, pool);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_WAIT), 3);
	/* The one that crashed did not end. */
	KUNIT_EXPECT_EQ(test, count_of(test, pool, WP_HISTOGRAM_RUN), 2);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(buckets_have_no_gap),
	KUNIT_CASE(buckets_are_narrow),
	KUNIT_CASE_PARAM(percentiles_are_close, shape_gen_params),
	KUNIT_CASE(percentiles_of_extremes),
	KUNIT_CASE(runs_are_measured),
	KUNIT_CASE(waits_are_measured),
	KUNIT_CASE(delay_is_no_wait),
	KUNIT_CASE(rerun_waits_for_itself),
	KUNIT_CASE(blocked_are_measured),
	KUNIT_CASE(blocked_then_queued),
	KUNIT_CASE(blocked_in_a_multi_counts_once),
	KUNIT_CASE(stolen_task_waits_on),
	KUNIT_CASE(members_inside_are_measured),
	KUNIT_CASE(leased_are_measured),
	KUNIT_CASE(early_ones_are_left_out),
	KUNIT_CASE(stale_ones_are_left_out),
	KUNIT_CASE(off_has_nothing),
	KUNIT_CASE(no_memory_for_histograms),
	KUNIT_CASE(starts_are_measured),
	KUNIT_CASE(starts_are_given_back),
	KUNIT_CASE(switched_while_tasks_run),
	KUNIT_CASE(measured_through_crash_and_reboot),
	{}
};

WPT_SUITE(histogram);
