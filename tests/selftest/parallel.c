// SPDX-License-Identifier: GPL-2.0
/*
 * parallel_for: each index once, whatever the pool is like.
 */
#include <linux/bitmap.h>

#include "test.h"

#define INDICES	4096

/**
 * struct span - a range and what became of it
 * @pool: its workers may help
 * @begin: start; the end is INDICES further
 * @grain: least chunk
 * @seen: which indices were worked on
 * @twice: one of them again
 * @small: a chunk was smaller than it may be
 * @fail_at: the chunk of this index fails
 * @helped: chunks that workers did
 * @inner: range of nested loops
 */
struct span {
	struct workpool *pool;
	size_t begin;
	size_t grain;
	DECLARE_BITMAP(seen, INDICES);
	bool twice;
	bool small;
	size_t fail_at;
	atomic_t helped;
	struct span *inner;
};

static struct span *span_of(struct st_test *t, struct workpool *pool,
			    size_t begin, size_t grain)
{
	struct span *r = st_alloc(t, sizeof(*r));

	r->pool = pool;
	r->begin = begin;
	r->grain = grain;
	r->fail_at = SIZE_MAX;
	return r;
}

static int work(size_t lo, size_t hi, void *arg)
{
	struct span *r = arg;
	size_t i;

	for (i = lo; i < hi; i++)
		if (test_and_set_bit(i - r->begin, r->seen))
			r->twice = true;
	if (hi - lo < r->grain && hi != r->begin + INDICES)
		r->small = true;
	if (workpool_current() == r->pool)
		atomic_inc(&r->helped);
	return lo <= r->fail_at && r->fail_at < hi ? -EIO : 0;
}

static int loop(struct span *r)
{
	return workpool_parallel_for(r->pool, r->begin, r->begin + INDICES,
				     r->grain, work, r);
}

static void expect_complete(struct st_test *t, struct span *r)
{
	EXPECT(t, bitmap_full(r->seen, INDICES));
	EXPECT(t, !r->twice);
	EXPECT(t, !r->small);
}

static void parallel_covers_the_range(struct st_test *t)
{
	static const size_t begins[] = { 0, 1000, SIZE_MAX / 2 - 2000,
					 SIZE_MAX - INDICES };
	static const size_t grains[] = { 0, 1, 7, INDICES / 2, SIZE_MAX };
	struct workpool *pool = st_pool(t, 3, 0);
	struct span *r;
	int b, g;

	for (b = 0; b < ARRAY_SIZE(begins); b++) {
		for (g = 0; g < ARRAY_SIZE(grains); g++) {
			r = span_of(t, pool, begins[b], grains[g]);
			EXPECT_EQ(t, loop(r), 0);
			expect_complete(t, r);
		}
	}
	EXPECT_EQ(t, workpool_parallel_for(pool, 3, 3, 1, NULL, NULL), 0);
	EXPECT_EQ(t, workpool_parallel_for(pool, 4, 3, 1, NULL, NULL), 0);
	EXPECT_EQ(t, 0, workpool_parallel_for(pool, SIZE_MAX, 0, 0, NULL, NULL));
}

/* the caller does all of it if no worker is free, or allowed, to help */
static void parallel_without_help(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct span *r = span_of(t, pool, 0, 1);
	struct st_job *jobs[2];

	st_block_n(t, pool, jobs, 2);
	EXPECT_EQ(t, loop(r), 0);
	expect_complete(t, r);
	EXPECT_EQ(t, st_stats(pool).queued, 0);
	workpool_release(pool);
	r = span_of(t, pool, 0, 1);
	EXPECT_EQ(t, loop(r), 0);
	expect_complete(t, r);
	EXPECT_EQ(t, atomic_read(&r->helped), 0);
}

static void body_loop(struct st_job *job)
{
	job->ret = loop(job->data);
}

/* a loop works in a task of the only worker */
static void parallel_in_the_only_worker(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job_body(t, pool, body_loop);

	job->data = span_of(t, pool, 0, 16);
	job->ret = 1;
	st_run(t, pool, job);
	EXPECT_EQ(t, job->ret, 0);
	expect_complete(t, job->data);
	EXPECT_EQ(t, st_stats(pool).deadlocks, 0);
}

static int work_nested(size_t lo, size_t hi, void *arg)
{
	struct span *r = arg;
	int err = 0;

	for (; !err && lo < hi; lo++)
		err = loop(&r->inner[lo]);
	return err;
}

/* a loop works inside of a loop */
static void parallel_nested(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct span *r = span_of(t, pool, 0, 1);
	int i;

	r->inner = st_alloc(t, 20 * sizeof(*r));
	for (i = 0; i < 20; i++)
		r->inner[i] = *span_of(t, pool, 100 * i, 16);
	EXPECT_EQ(t, workpool_parallel_for(pool, 0, 20, 1, work_nested, r), 0);
	for (i = 0; i < 20; i++)
		expect_complete(t, &r->inner[i]);
	EXPECT_EQ(t, st_stats(pool).deadlocks, 0);
}

/* after an error nothing is handed out */
static void parallel_stops_at_an_error(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct span *r = span_of(t, pool, 0, 1);
	size_t end;

	st_block(t, pool);
	r->fail_at = INDICES / 2;
	EXPECT_EQ(t, loop(r), -EIO);
	end = find_first_zero_bit(r->seen, INDICES);
	EXPECT(t, end > INDICES / 2 && end < INDICES);
	EXPECT_EQ(t, find_next_bit(r->seen, INDICES, end), INDICES);
}

static int crash_in_helper(size_t lo, size_t hi, void *arg)
{
	struct span *r = arg;

	if (workpool_current())
		workpool_task_crash(-EIO);
	/* let one of them in */
	st_wait_until(st_stats(r->pool).crashes);
	return 0;
}

/* a helper crashes: -EFAULT, and the loop ends */
static void parallel_helper_crashes(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct span *r = span_of(t, pool, 0, 1);

	EXPECT_EQ(t, -EFAULT, workpool_parallel_for(pool, 0, 8, 1,
						    crash_in_helper, r));
	EXPECT_EQ(t, st_stats(pool).crashes, 1);
}

static const struct st_case parallel_cases[] = {
	ST_CASE(parallel_covers_the_range),
	ST_CASE(parallel_without_help),
	ST_CASE(parallel_in_the_only_worker),
	ST_CASE(parallel_nested),
	ST_CASE(parallel_stops_at_an_error),
	ST_CASE(parallel_helper_crashes),
};

ST_GROUP(parallel, false);
