// SPDX-License-Identifier: GPL-2.0
/*
 * Misuse that is answered with a WARN.
 */
#include "test.h"

static void body_destroy(struct st_job *job)
{
	workpool_destroy(job->pool);
	job->ret = 1;
}

/* destroy() from an own task: a warning, and nothing happens to the pool */
static void destroy_from_own_task(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = st_job_body(t, pool, body_destroy);

	st_run(t, pool, job);
	EXPECT_EQ(t, job->ret, 1);
	EXPECT_EQ(t, strncmp(workpool_name(pool), "st", 2), 0);
	EXPECT(t, !workpool_is_closed(pool));
	workpool_release(pool);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, st_stats(pool).completed, 1);
}

static void body_destroy_other(struct st_job *job)
{
	workpool_destroy(job->data);
}

/* another pool may be destroyed by a task: no warning, and it is gone */
static void destroy_of_another_pool(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *own = st_pool(t, 1, 0), *other;
	struct st_job *job = st_job_body(t, own, body_destroy_other);

	other = workpool_create(&attrs, "st-other");
	ASSERT_EQ(t, PTR_ERR_OR_ZERO(other), 0);
	job->data = other;
	st_run(t, own, job);
	other = workpool_create(&attrs, "st-other");
	ASSERT_EQ(t, PTR_ERR_OR_ZERO(other), 0);
	workpool_destroy(other);
}

static void body_cancel_sync(struct st_job *job)
{
	struct st_task *task = job->data;

	if (atomic_read(&job->begun) == 1)
		job->ret = workpool_cancel_sync(&task->d.task);
}

/* cancel_sync of a task by itself: a warning, and it is only cancelled */
static void cancel_sync_from_own_task(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_task *task = st_task_body(t, pool, body_cancel_sync);

	EXPECT_EQ(t, st_queue(pool, task), 0);
	ASSERT_SOON(t, st_ended(task->job));
	EXPECT_EQ(t, task->job->ret, -EDEADLK);
	EXPECT_EQ(t, st_queue(pool, task), 0);
	ASSERT_SOON(t, atomic_read(&task->job->ended) == 2);
}

static void body_flush(struct st_job *job)
{
	struct st_task *task = job->data;

	workpool_flush(&task->d.task);
}

/* flush of a task by itself: a warning, and it returns */
static void flush_from_own_task(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_task *task = st_task_body(t, pool, body_flush);

	st_open(task->job);
	EXPECT_EQ(t, st_queue(pool, task), 0);
	ASSERT_SOON(t, st_ended(task->job));
	EXPECT_EQ(t, st_stats(pool).deadlocks, 0);
}

static void body_destroy_multi(struct st_job *job)
{
	workpool_multi_destroy(job->data);
	job->ret = 1;
}

/* a multi from a task of one of its pools: a warning, and it goes on */
static void multi_destroy_from_own_task(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 2, WORKPOOL_ROUND_ROBIN, 1);
	struct st_job *job = st_job_body(t, NULL, body_destroy_multi);

	job->data = multi;
	st_run(t, workpool_multi_at(multi, 1), job);
	EXPECT_EQ(t, job->ret, 1);
	EXPECT(t, !workpool_multi_is_closed(multi));
	st_run(t, workpool_multi_at(multi, 0), st_job_quick(t));
	st_run(t, workpool_multi_at(multi, 1), st_job_quick(t));
}

/* a pool belongs to its multi: a warning, and both go on */
static void destroy_of_a_multis_pool(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 2, WORKPOOL_ROUND_ROBIN, 1);
	struct workpool *pool = workpool_multi_at(multi, 1);

	workpool_destroy(pool);
	EXPECT(t, !workpool_is_closed(pool));
	EXPECT_EQ(t, strncmp(workpool_name(pool), "stm", 3), 0);
	st_run(t, pool, st_job_quick(t));
	st_run(t, workpool_multi_at(multi, 0), st_job_quick(t));
}

static const struct st_case warn_cases[] = {
	ST_CASE(destroy_from_own_task),
	ST_CASE(multi_destroy_from_own_task),
	ST_CASE(destroy_of_a_multis_pool),
	ST_CASE(destroy_of_another_pool),
	ST_CASE(cancel_sync_from_own_task),
	ST_CASE(flush_from_own_task),
};

ST_GROUP(warn, true);
