// SPDX-License-Identifier: GPL-2.0
/*
 * parallel_for: the whole range, each index once, whatever the pool is like.
 */

#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/kdebug.h>
#include <linux/kthread.h>
#include <linux/minmax.h>
#include <linux/notifier.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "core/lock.h"
#include "core/pool.h"
#include "task/parallel.h"
#include "worker/crash.h"
#include "helpers.h"

/**
 * struct span - a range and what became of it
 * @w: fixture
 * @pool: its workers may help
 * @begin: start
 * @end: end
 * @grain: least chunk
 * @seen: which indices were worked on
 * @twice: one was seen again
 * @small: a chunk was smaller than it may be
 * @chunks: handed out
 * @largest: of the chunks
 * @helped: chunks that workers of @pool did
 * @gate: where the chunks wait, or NULL
 * @inner: for nested loops
 * @fail_at: the chunk of this index fails
 * @result: of the submit of a helper
 */
struct span {
	struct wpt		*w;
	struct workpool		*pool;
	size_t			begin;
	size_t			end;
	size_t			grain;
	unsigned long		*seen;
	bool			twice;
	bool			small;
	atomic_t		chunks;
	size_t			largest;
	atomic_t		helped;
	struct wpt_gate		*gate;
	struct span		*inner;
	size_t			fail_at;
	int			result;
};

static struct span *new_span(struct wpt *w, struct workpool *pool,
			     size_t begin, size_t end, size_t grain)
{
	struct span *r = kunit_kzalloc(w->test, sizeof(*r), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(w->test, r);
	r->w = w;
	r->pool = pool;
	r->begin = begin;
	r->end = end;
	r->grain = grain;
	r->fail_at = SIZE_MAX;
	r->seen = kunit_kcalloc(w->test, BITS_TO_LONGS(end - begin),
				sizeof(long), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(w->test, r->seen);
	return r;
}

static void note_chunk(struct span *r, size_t lo, size_t hi)
{
	size_t i;

	for (i = lo; i < hi; i++)
		if (test_and_set_bit(i - r->begin, r->seen))
			WRITE_ONCE(r->twice, true);
	if (hi - lo < r->grain && hi != r->end)
		WRITE_ONCE(r->small, true);
	if (hi - lo > r->largest)
		WRITE_ONCE(r->largest, hi - lo);
	atomic_inc(&r->chunks);
	if (workpool_current() == r->pool)
		atomic_inc(&r->helped);
}

static int work(size_t lo, size_t hi, void *arg)
{
	struct span *r = arg;

	note_chunk(r, lo, hi);
	if (r->gate)
		wpt_pass(r->gate);
	return lo <= r->fail_at && r->fail_at < hi ? -EIO : 0;
}

static int run(struct span *r)
{
	return workpool_parallel_for(r->pool, r->begin, r->end, r->grain, work, r);
}

static void expect_complete(struct kunit *test, struct span *r)
{
	KUNIT_EXPECT_TRUE(test, bitmap_full(r->seen, r->end - r->begin));
	KUNIT_EXPECT_FALSE(test, r->twice);
	KUNIT_EXPECT_FALSE(test, r->small);
}

static int call_run(struct wpt_thread *thread)
{
	return run(thread->arg);
}

static struct wpt_thread *start_run(struct wpt *w, struct span *r)
{
	struct wpt_thread what = { .call = call_run, .arg = r };

	return wpt_start(w, &what);
}

static const struct shape {
	const char	*desc;
	int		capacity;
	size_t		begin;
	size_t		end;
	size_t		grain;
} shapes[] = {
	{ "one index", 2, 7, 8, 1 },
	{ "two indices", 2, 0, 2, 1 },
	{ "many", 2, 0, 2000, 1 },
	{ "odd", 3, 3, 1024, 7 },
	{ "no grain", 2, 10, 300, 0 },
	{ "one chunk", 2, 0, 100, 100 },
	{ "less than a grain", 2, 0, 100, 5000 },
	{ "one worker", 1, 0, 500, 3 },
	{ "no limit", WORKPOOL_UNLIMITED, 0, 500, 3 },
	{ "around the sign bit", 2, SIZE_MAX / 2 - 100, SIZE_MAX / 2 + 100, 3 },
	{ "at the end", 2, SIZE_MAX - 200, SIZE_MAX, 3 },
};

WPT_PARAM(shape);

/*
 * Each index is worked on once, in chunks not smaller than the grain. The
 * ranges of the selftest are all of one size.
 */
static void covers_the_range(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, shape->capacity);
	struct span *r = new_span(w, pool, shape->begin, shape->end,
				   shape->grain);

	KUNIT_EXPECT_EQ(test, run(r), 0);
	expect_complete(test, r);
	if (shape->end - shape->begin <= shape->grain)
		KUNIT_EXPECT_EQ(test, atomic_read(&r->chunks), 1);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).crashes, 0);
}

static int add_up(size_t lo, size_t hi, void *sum)
{
	atomic_long_add(hi - lo, sum);
	return 0;
}

/* The largest range works. */
static void largest_range_is_covered_once(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	atomic_long_t sum = ATOMIC_LONG_INIT(0);

	KUNIT_EXPECT_EQ(test, 0,
			workpool_parallel_for(pool, 0, SIZE_MAX, SIZE_MAX / 50,
					      add_up, &sum));
	KUNIT_EXPECT_EQ(test, (size_t)atomic_long_read(&sum), SIZE_MAX);
}

/* Chunks are large at first and small at last. */
static void chunks_adapt(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct span *r = new_span(w, pool, 0, SZ_16K, 1);

	KUNIT_EXPECT_EQ(test, run(r), 0);
	expect_complete(test, r);
	KUNIT_EXPECT_GT(test, r->largest, 100);
	KUNIT_EXPECT_LT(test, r->largest, SZ_16K / 2);
	KUNIT_EXPECT_LT(test, atomic_read(&r->chunks), 500);
}

/* The caller and a worker work on it at the same time. */
static void workers_help(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 2);
	struct span *r = new_span(w, pool, 0, 64, 1);
	struct wpt_thread *thread;

	r->gate = &w->gates[0];
	thread = start_run(w, r);
	EXPECT_SOON(test, wpt_inside(r->gate) >= 2);
	EXPECT_SOON(test, workpool_busy(pool) >= 1);
	wpt_open(r->gate);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	expect_complete(test, r);
	KUNIT_EXPECT_GE(test, atomic_read(&r->helped), 1);
	wpt_settle(w, pool);
}

/* The loop ends when the helpers have ended, not before. */
static int slow_helper(size_t lo, size_t hi, void *arg)
{
	struct span *r = arg;

	note_chunk(r, lo, hi);
	if (workpool_current())
		wpt_pass(&r->w->gates[0]);
	else
		wpt_wait_until(wpt_inside(&r->w->gates[0]));
	return 0;
}

static int call_slow(struct wpt_thread *thread)
{
	struct span *r = thread->arg;

	return workpool_parallel_for(r->pool, r->begin, r->end, r->grain,
				     slow_helper, r);
}

static void waits_for_helpers(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 1);
	struct span *r = new_span(w, pool, 0, 16, 1);
	struct wpt_thread what = { .call = call_slow, .arg = r };
	struct wpt_thread *thread;

	thread = wpt_start(w, &what);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	ASSERT_SOON(test, bitmap_full(r->seen, 16));
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	expect_complete(test, r);
}

/* An error is returned with helpers, and without. */
static void error_is_returned(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 2);
	struct span *r = new_span(w, pool, 0, 1000, 1);

	r->fail_at = 999;
	KUNIT_EXPECT_EQ(test, run(r), -EIO);
	wpt_settle(w, pool);
	workpool_release(pool);
	bitmap_zero(r->seen, 1000);
	r->fail_at = 10;
	KUNIT_EXPECT_EQ(test, run(r), -EIO);
	KUNIT_EXPECT_EQ(test, find_first_zero_bit(r->seen, 1000), 11);
}

static int work_nested(size_t lo, size_t hi, void *arg)
{
	struct span *r = arg;
	size_t i;
	int err;

	note_chunk(r, lo, hi);
	/* a helper works on a chunk, too */
	wpt_wait_until(atomic_read(&r->chunks) > 1);
	for (i = lo; i < hi; i++) {
		err = run(&r->inner[i]);
		if (err)
			return err;
	}
	return 0;
}

/*
 * Loops in a loop work in helpers, too. The selftest parallel_nested cannot
 * know that a helper takes part.
 */
static void nested_loops_have_helpers(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 2);
	struct span *r = new_span(w, pool, 0, 8, 1);
	int i;

	r->inner = kunit_kcalloc(test, 8, sizeof(*r), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, r->inner);
	for (i = 0; i < 8; i++)
		r->inner[i] = *new_span(w, pool, 100 * i, 100 * i + 64, 1);
	KUNIT_EXPECT_EQ(test, 0,
			workpool_parallel_for(pool, 0, 8, 1, work_nested, r));
	expect_complete(test, r);
	for (i = 0; i < 8; i++)
		expect_complete(test, &r->inner[i]);
	KUNIT_EXPECT_GE(test, atomic_read(&r->helped), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 0);
	wpt_settle(w, pool);
}

static int crash_in_helper(size_t lo, size_t hi, void *arg)
{
	struct span *r = arg;

	note_chunk(r, lo, hi);
	if (workpool_current())
		workpool_task_crash(-EIO);
	wpt_wait_until(atomic_read(&r->w->crashes));
	return 0;
}

static int crash_in_caller(size_t lo, size_t hi, void *arg)
{
	struct span *r = arg;

	note_chunk(r, lo, hi);
	if (current != r->w->private) {
		wpt_pass(&r->w->gates[0]);
	} else {
		wpt_wait_until(wpt_inside(&r->w->gates[0]));
		workpool_task_crash(-EIO);
	}
	return 0;
}

static void crashing_caller(void *arg)
{
	struct span *r = arg;

	r->w->private = current;
	r->result = workpool_parallel_for(r->pool, r->begin, r->end, r->grain,
					  crash_in_caller, r);
}

/*
 * The caller crashes: its helpers finish the chunk they work on, and begin no
 * other one.
 */
static void caller_crashes(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 3, &wpt_ops);
	struct span *r = new_span(w, pool, 0, 640, 1);
	int chunks;

	KUNIT_ASSERT_EQ(test, workpool_submit(pool, crashing_caller, r), 0);
	ASSERT_SOON(test, atomic_read(&w->crashes) == 1);
	chunks = atomic_read(&r->chunks);
	KUNIT_EXPECT_EQ(test, wpt_inside(&w->gates[0]), chunks - 1);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&r->chunks), chunks);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[0]), chunks - 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
}

/* Helpers of a caller in a pool of three. */
static int helpers_of_three(void)
{
	return min(num_online_cpus(), 2U);
}

static int oops_in_caller(size_t lo, size_t hi, void *arg)
{
	struct die_args args = { .signr = SIGSEGV };
	struct span *r = arg;
	struct wpt_gate *gate = &r->w->gates[0];

	note_chunk(r, lo, hi);
	if (current != r->w->private) {
		wpt_pass(gate);
		return 0;
	}
	wpt_wait_until(wpt_inside(gate) == helpers_of_three());
	wp_crash_on_die(NULL, DIE_OOPS, &args);
	wpt_open(gate);
	wpt_wait_until(workpool_busy(r->pool) == 1);
	kthread_complete_and_exit(NULL, 0);
}

static void oopsing_caller(void *arg)
{
	struct span *r = arg;

	r->w->private = current;
	r->result = workpool_parallel_for(r->pool, r->begin, r->end, r->grain,
					  oops_in_caller, r);
}

/*
 * The caller oopses. While the kernel prints that, and uses the stack on which
 * the argument may be, no helper begins another chunk.
 */
static void caller_oopses(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 3, &wpt_ops);
	struct span *r = new_span(w, pool, 0, 640, 1);

	KUNIT_ASSERT_EQ(test, workpool_submit(pool, oopsing_caller, r), 0);
	ASSERT_SOON(test, atomic_read(&w->crashes) == 1);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&r->chunks),
			1 + helpers_of_three());
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
}

#if WPT_HAVE_STUBS && WPT_HAVE_SUPPRESS

static struct kmem_cache *loops;

static void *alloc_counted(size_t size)
{
	return kmem_cache_zalloc(loops, GFP_KERNEL);
}

/* Loops come from a cache of the test, which complains if one is left. */
static void count_loops(struct kunit *test)
{
	loops = kmem_cache_create("kunit_loops", SZ_8K, 0, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, loops);
	kunit_activate_static_stub(test, wp_parallel_alloc, alloc_counted);
}

static void expect_no_loop(struct kunit *test)
{
	int nr = -1;

	kunit_deactivate_static_stub(test, wp_parallel_alloc);
	kunit_warning_suppress(test) {
		kmem_cache_destroy(loops);
		nr = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
	KUNIT_EXPECT_EQ(test, nr, 0);
}

static int release_pool(size_t lo, size_t hi, void *arg)
{
	struct span *r = arg;

	note_chunk(r, lo, hi);
	/* no worker can be made: what is queued is dropped */
	workpool_release(r->pool);
	wpt_wait_until(!wpt_stats(r->pool).queued);
	return 0;
}

/* A loop whose helpers are dropped is freed. */
static void dropped_helpers_leave_no_loop(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct span *r = new_span(w, pool, 0, 4, 1);

	wpt_fail_threads(w, WPT_ALWAYS);
	count_loops(test);
	KUNIT_EXPECT_EQ(test, 0, workpool_parallel_for(pool, 0, 4, 1,
						       release_pool, r));
	KUNIT_EXPECT_GE(test, wpt_stats(pool).dropped, 1);
	expect_complete(test, r);
	expect_no_loop(test);
}

/* A loop is freed also if a helper crashed. */
static void crash_leaves_no_loop(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &wpt_ops);
	struct span *r = new_span(w, pool, 0, 64, 1);

	count_loops(test);
	KUNIT_EXPECT_EQ(test, -EFAULT,
			workpool_parallel_for(pool, 0, 64, 1, crash_in_helper, r));
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).crashes, 1);
	wpt_settle(w, pool);
	expect_no_loop(test);
}

#else

static void dropped_helpers_leave_no_loop(struct kunit *test)
{
	wpt_need_stubs(test->priv);
	wpt_need_suppress(test->priv);
}

static void crash_leaves_no_loop(struct kunit *test)
{
	wpt_need_stubs(test->priv);
	wpt_need_suppress(test->priv);
}

#endif

static int submit_in_helper(size_t lo, size_t hi, void *arg)
{
	struct span *r = arg;

	note_chunk(r, lo, hi);
	if (current == r->w->private)
		wpt_wait_until(workpool_waiting(r->pool) == 1);
	else
		r->result = workpool_submit(r->pool, wpt_nothing, NULL);
	return 0;
}

static void loop_in_task(void *arg)
{
	struct span *r = arg;

	r->w->private = current;
	r->fail_at = workpool_parallel_for(r->pool, 0, 2, 1, submit_in_helper, r);
	atomic_inc(&r->w->ran);
}

/*
 * The caller waits for a helper that waits for a worker: all workers wait. It is
 * the helper's submit that fails, for the loop must not end without its helper.
 */
static void the_loop_is_no_victim(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 2);
	struct span *r = new_span(w, pool, 0, 2, 1);

	KUNIT_ASSERT_EQ(test, workpool_submit(pool, loop_in_task, r), 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	KUNIT_EXPECT_EQ(test, (int)r->fail_at, 0);
	KUNIT_EXPECT_EQ(test, r->result, -EDEADLK);
	wpt_settle(w, pool);
}

static int crash_but_in_caller(size_t lo, size_t hi, void *arg)
{
	struct span *r = arg;

	if (current == r->w->private) {
		wpt_pass(&r->w->gates[0]);
		return 0;
	}
	workpool_task_crash(-EIO);
}

static void loop_with_a_crash(void *arg)
{
	struct span *r = arg;

	r->w->private = current;
	r->result = workpool_parallel_for(r->pool, 0, 2, 1, crash_but_in_caller, r);
	atomic_inc(&r->w->ran);
}

/* A helper that crashes is told by the function of the loop. */
static void helper_is_named_after_its_loop(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 2);
	struct span *r = new_span(w, pool, 0, 2, 1);

	KUNIT_ASSERT_EQ(test, workpool_submit(pool, loop_with_a_crash, r), 0);
	EXPECT_SOON(test, wpt_stats(pool).crashes == 1);
	wpt_open(&w->gates[0]);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
	KUNIT_EXPECT_EQ(test, r->result, -EFAULT);
	KUNIT_EXPECT_PTR_EQ(test, pool->last_crash.fn, (void *)crash_but_in_caller);
	KUNIT_EXPECT_PTR_EQ(test, pool->last_crash.arg, (void *)r);
}

/* A loop without a function is refused, unless it would not be called. */
static void no_function_is_refused(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, 1);

	KUNIT_EXPECT_EQ(test, workpool_parallel_for(pool, 0, 4, 1, NULL, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, workpool_parallel_for(pool, 4, 0, 1, NULL, NULL), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(covers_the_range, shape_gen_params),
	KUNIT_CASE(largest_range_is_covered_once),
	KUNIT_CASE(chunks_adapt),
	KUNIT_CASE(workers_help),
	KUNIT_CASE(waits_for_helpers),
	KUNIT_CASE(error_is_returned),
	KUNIT_CASE(nested_loops_have_helpers),
	KUNIT_CASE(the_loop_is_no_victim),
	KUNIT_CASE(caller_crashes),
	KUNIT_CASE(caller_oopses),
	KUNIT_CASE(dropped_helpers_leave_no_loop),
	KUNIT_CASE(crash_leaves_no_loop),
	KUNIT_CASE(helper_is_named_after_its_loop),
	KUNIT_CASE(no_function_is_refused),
	{}
};

WPT_SUITE(parallel);
