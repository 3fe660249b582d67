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
	workpool_release(pool);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_PATIENCE), 0);
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

static const struct st_case warn_cases[] = {
	ST_CASE(destroy_from_own_task),
	ST_CASE(destroy_of_another_pool),
};

ST_GROUP(warn, true);
