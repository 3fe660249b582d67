// SPDX-License-Identifier: GPL-2.0
/*
 * queue_depth.
 */
#include "test.h"

static struct workpool *deep_pool(struct st_test *t, int capacity, int depth)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	attrs.queue_depth = depth;
	return st_pool_attrs(t, &attrs);
}

static void expect_room_for(struct st_test *t, struct workpool *pool, int n)
{
	while (n--)
		EXPECT_EQ(t, st_try(pool, st_job_quick(t)), 0);
	EXPECT_EQ(t, st_try(pool, st_job_quick(t)), -EAGAIN);
}

/* a pool queues that many and no more, with embedded tasks among them or without */
static void depth_is_exact(struct st_test *t)
{
	struct workpool *pool = deep_pool(t, 2, 5);
	struct st_task *tasks[4];
	struct st_job *jobs[2];
	int i;

	st_block_n(t, pool, jobs, 2);
	expect_room_for(t, pool, 5);
	EXPECT_EQ(t, st_stats(pool).queued, 5);
	EXPECT_EQ(t, st_stats(pool).queue_depth, 5);
	EXPECT_EQ(t, st_stats(pool).rejected, 1);
	st_open_all(jobs, 2);
	st_settle(t, pool);

	st_block_n(t, pool, jobs, 2);
	st_tasks_quick(t, tasks, 4);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(t, st_queue(pool, tasks[i]), 0);
	expect_room_for(t, pool, 5);
	st_open_all(jobs, 2);
	st_settle(t, pool);
	EXPECT_EQ(t, st_stats(pool).completed, 18);
}

/* later submitters wait, and one is accepted each time a task begins, in order */
static void depth_and_waiters(struct st_test *t)
{
	struct workpool *pool = deep_pool(t, 1, 1);
	struct st_job *jobs[5];
	struct st_thread *threads[3];
	int i;

	jobs[0] = st_block(t, pool);
	jobs[1] = st_job(t);
	EXPECT_EQ(t, st_try(pool, jobs[1]), 0);
	st_add_waiters(t, pool, jobs + 2, threads, 3);
	for (i = 0; i < 3; i++) {
		st_open(jobs[i]);
		EXPECT_EQ(t, st_join(threads[i]), 0);
		ASSERT_SOON(t, st_begun(jobs[i + 1]));
		EXPECT_EQ(t, workpool_waiting(pool), 2 - i);
		EXPECT_EQ(t, st_stats(pool).queued, 1);
	}
	st_open_all(jobs, 5);
	st_settle(t, pool);
	for (i = 0; i < 5; i++)
		EXPECT_EQ(t, jobs[i]->turn, i + 1);
}

/* a release runs what was accepted, and fails those that wait */
static void depth_and_release(struct st_test *t)
{
	struct workpool *pool = deep_pool(t, 1, 3);
	struct st_job *job = st_block(t, pool), *jobs[3], *late;
	struct st_thread *thread;
	int i;

	for (i = 0; i < 3; i++) {
		jobs[i] = st_job_quick(t);
		EXPECT_EQ(t, st_try(pool, jobs[i]), 0);
	}
	st_add_waiters(t, pool, &late, &thread, 1);
	workpool_release(pool);
	EXPECT_EQ(t, st_join(thread), -ESHUTDOWN);
	st_open(job);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
	for (i = 0; i < 3; i++)
		EXPECT(t, st_ended(jobs[i]));
	EXPECT(t, !st_begun(late));
}

/* before the first worker is up a pool takes capacity and depth together */
static void depth_of_a_new_pool(struct st_test *t)
{
	struct workpool *pool = deep_pool(t, 2, 3);
	struct st_job *jobs[5];
	int i;

	st_jobs(t, jobs, 5);
	for (i = 0; i < 5; i++)
		EXPECT_EQ(t, st_try(pool, jobs[i]), 0);
	EXPECT_EQ(t, st_try(pool, st_job_quick(t)), -EAGAIN);
	ASSERT_SOON(t, st_begun(jobs[0]) && st_begun(jobs[1]));
	EXPECT_EQ(t, st_stats(pool).queued, 3);
	st_open_all(jobs, 5);
	st_settle(t, pool);
	EXPECT_EQ(t, st_stats(pool).completed, 5);
}

/* a depth that is too large is -EINVAL; without depth full means full */
static void depth_limits(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool = deep_pool(t, 1, 0);

	attrs.queue_depth = WORKPOOL_DEPTH_MAX + 1;
	EXPECT_EQ(t, PTR_ERR_OR_ZERO(workpool_create(&attrs, "st-deep")), -EINVAL);
	attrs.queue_depth = UINT_MAX;
	EXPECT_EQ(t, PTR_ERR_OR_ZERO(workpool_create(&attrs, "st-deep")), -EINVAL);
	st_block(t, pool);
	expect_room_for(t, pool, 0);
	EXPECT_EQ(t, st_stats(pool).queued, 0);
}

static const struct st_case depth_cases[] = {
	ST_CASE(depth_is_exact),
	ST_CASE(depth_and_waiters),
	ST_CASE(depth_and_release),
	ST_CASE(depth_of_a_new_pool),
	ST_CASE(depth_limits),
};

ST_GROUP(depth, false);
