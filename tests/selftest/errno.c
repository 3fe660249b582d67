// SPDX-License-Identifier: GPL-2.0
/*
 * Cells of the errno table that belong to no other file: what a task may not
 * do to its own pool, and what a closed pool says.
 */
#include "crash.h"
#include "ledger.h"
#include "test.h"

/* one call, made from inside a task */
struct inside {
	int (*fn)(struct workpool *pool);
};

static void body_inside(struct st_job *job)
{
	struct inside *inside = job->data;

	job->ret = inside->fn(job->pool);
}

static int call_inside(struct st_test *t, struct workpool *pool,
		       int (*fn)(struct workpool *pool))
{
	struct st_job *job = st_job_body(t, pool, body_inside);
	struct inside *inside = st_alloc(t, sizeof(*inside));

	inside->fn = fn;
	job->data = inside;
	st_run(t, pool, job);
	return job->ret;
}

static int do_release_timeout(struct workpool *pool)
{
	return workpool_release_timeout(pool, ST_DEADLINE / 2);
}

static int do_release_and_wait(struct workpool *pool)
{
	workpool_release(pool);
	return workpool_wait_released(pool, ST_DEADLINE / 2);
}

static int do_drain(struct workpool *pool)
{
	return workpool_drain(pool, ST_DEADLINE / 2);
}

/* a task that waits for the release of its own pool would wait for itself */
static void release_timeout_from_own_task(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);

	EXPECT_EQ(t, call_inside(t, pool, do_release_timeout), -EDEADLK);
}

static void errno_edeadlk_wait_released_from_own_task(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);

	EXPECT_EQ(t, call_inside(t, pool, do_release_and_wait), -EDEADLK);
}

static void errno_edeadlk_drain_from_own_task(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);

	EXPECT_EQ(t, call_inside(t, pool, do_drain), -EDEADLK);
	st_settle(t, pool);
	EXPECT_EQ(t, workpool_drain(pool, HZ), 0);
}

/* a callback that waits for its own pool waits for itself as well */
static void errno_edeadlk_from_callbacks(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 1, 0);

	ledger->inside = do_release_timeout;
	st_run(t, pool, st_job_quick(t));
	EXPECT_EQ(t, ledger->inside_ret, -EDEADLK);
	ledger->inside_ret = 0;
	EXPECT_EQ(t, workpool_submit(pool, st_crash_task, NULL), 0);
	ASSERT_SOON(t, atomic_read(&ledger->crashes) == 1);
	EXPECT_EQ(t, ledger->inside_ret, -EDEADLK);
	ledger->inside_ret = 0;
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, ledger->inside_ret, -EDEADLK);
}

/* a full pool does not wait for the room that only this worker can make */
static int do_submit_quick(struct workpool *pool)
{
	struct st_ledger *ledger = workpool_data(pool);

	return workpool_submit(pool, st_job_run, ledger->gate);
}

static void errno_edeadlk_submit_from_worker_init(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 1, 0);

	ledger->inside = do_submit_quick;
	st_open(ledger->gate);
	st_run(t, pool, st_job_quick(t));
	EXPECT_EQ(t, ledger->inside_ret, -EDEADLK);
	EXPECT_EQ(t, st_stats(pool).deadlocks, 1);
	EXPECT(t, !st_begun(ledger->gate));
	ledger->inside = NULL;
}

static void errno_einval_negative_timeout(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job(t);

	EXPECT_EQ(t, workpool_submit_timeout(pool, st_job_run, job, -1),
		  -EINVAL);
	EXPECT_EQ(t, workpool_drain(pool, -1), -EINVAL);
	EXPECT_EQ(t, workpool_release_timeout(pool, -1), -EINVAL);
	EXPECT(t, !workpool_is_closed(pool));
	st_block(t, pool);
	workpool_release(pool);
	EXPECT_EQ(t, workpool_wait_released(pool, -1), -EINVAL);
	EXPECT(t, !st_begun(job));
}

static void destroy_of_no_pool_is_nothing(struct st_test *t)
{
	workpool_destroy(NULL);
	workpool_destroy(ERR_PTR(-ENOMEM));
	EXPECT(t, st_run_pid(t, st_pool(t, 1, 0)) > 0);
}

/* it is the own pool that one must not wait for; another is fine */
static void body_release_other(struct st_job *job)
{
	job->ret = workpool_release_timeout(job->pool, ST_DEADLINE / 2);
}

static void release_timeout_of_another_pool(struct st_test *t)
{
	struct workpool *own = st_pool(t, 1, 0), *other = st_pool(t, 1, 0);
	struct st_job *job = st_job_body(t, other, body_release_other);

	EXPECT(t, st_run_pid(t, other) > 0);
	job->ret = 1;
	st_run(t, own, job);
	EXPECT_EQ(t, job->ret, 0);
	EXPECT(t, workpool_is_closed(other));
	EXPECT(t, !workpool_is_closed(own));
}

static void default_fn(void *arg)
{
}

static void errno_eshutdown_of_all_submits(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct workpool *pool;
	struct st_job *job = st_job(t);

	attrs.fn = default_fn;
	pool = st_pool_attrs(t, &attrs);
	EXPECT_EQ(t, workpool_invoke(pool, NULL), 0);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, workpool_submit(pool, st_job_run, job), -ESHUTDOWN);
	EXPECT_EQ(t, workpool_submit_timeout(pool, st_job_run, job, HZ),
		  -ESHUTDOWN);
	EXPECT_EQ(t, st_try(pool, job), -ESHUTDOWN);
	EXPECT_EQ(t, workpool_invoke(pool, NULL), -ESHUTDOWN);
	EXPECT(t, !st_begun(job));
	EXPECT_EQ(t, st_stats(pool).rejected, 0);
}

static void errno_eagain_invoke(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool;

	attrs.fn = default_fn;
	attrs.flags = WORKPOOL_F_NONBLOCK;
	pool = st_pool_attrs(t, &attrs);
	st_block(t, pool);
	EXPECT_EQ(t, workpool_invoke(pool, NULL), -EAGAIN);
}

static void errno_etimedout_drain(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_block(t, pool);

	EXPECT_EQ(t, workpool_drain(pool, 2), -ETIMEDOUT);
	EXPECT_EQ(t, workpool_drain(pool, 0), -ETIMEDOUT);
	EXPECT(t, !workpool_is_closed(pool));
	EXPECT(t, !st_ended(job));
}

static void errno_etimedout_release(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);

	st_block(t, pool);
	EXPECT_EQ(t, workpool_release_timeout(pool, 2), -ETIMEDOUT);
	EXPECT_EQ(t, workpool_wait_released(pool, 2), -ETIMEDOUT);
}

static const struct st_case errno_cases[] = {
	ST_CASE(release_timeout_from_own_task),
	ST_CASE(errno_edeadlk_wait_released_from_own_task),
	ST_CASE(errno_edeadlk_drain_from_own_task),
	ST_CASE(errno_edeadlk_from_callbacks),
	ST_CASE(errno_edeadlk_submit_from_worker_init),
	ST_CASE(errno_einval_negative_timeout),
	ST_CASE(destroy_of_no_pool_is_nothing),
	ST_CASE(release_timeout_of_another_pool),
	ST_CASE(errno_eshutdown_of_all_submits),
	ST_CASE(errno_eagain_invoke),
	ST_CASE(errno_etimedout_drain),
	ST_CASE(errno_etimedout_release),
};

ST_GROUP(errno, false);
