// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks that submit to their own pool and wait: what would wait for itself gets
 * -EDEADLK, everything else works.
 */
#include "test.h"

/* submits the job in ->data to the own pool, when its gate is opened */
static void body_submit(struct st_job *job)
{
	wait_for_completion(&job->gate);
	job->ret = workpool_submit(job->pool, st_job_run, job->data);
}

static void body_submit_timeout(struct st_job *job)
{
	wait_for_completion(&job->gate);
	job->ret = workpool_submit_timeout(job->pool, st_job_run, job->data,
					   10 * ST_DEADLINE);
}

static void body_try(struct st_job *job)
{
	job->ret = workpool_try_submit(job->pool, st_job_run, job->data);
}

/* a job that runs now and will submit a quick job when it is opened */
static struct st_job *nester(struct st_test *t, struct workpool *pool)
{
	struct st_job *job = st_job_body(t, pool, body_submit);

	job->data = st_job_quick(t);
	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job));
	return job;
}

/* have it submit, and see it wait */
static void nest(struct st_test *t, struct st_job *job)
{
	int before = workpool_waiting(job->pool);

	st_open(job);
	ASSERT_SOON(t, workpool_waiting(job->pool) == before + 1);
	/* until then others might seem to have begun to wait earlier */
	ASSERT_SOON(t, st_asleep(job->thread));
}

/* the only worker submits to its own full pool */
static void only_worker_gets_edeadlk(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = nester(t, pool);

	st_open(job);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, job->ret, -EDEADLK);
	EXPECT_EQ(t, st_stats(pool).deadlocks, 1);
	EXPECT_EQ(t, workpool_waiting(pool), 0);
	st_settle(t, pool);
	EXPECT(t, !st_begun(job->data));
}

static void submit_timeout_gets_edeadlk(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job_body(t, pool, body_submit_timeout);

	job->data = st_job_quick(t);
	st_open(job);
	st_run(t, pool, job);
	EXPECT_EQ(t, job->ret, -EDEADLK);
}

/* a try never waits, so it never deadlocks */
static void nested_try_is_eagain(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job_body(t, pool, body_try);

	job->data = st_job_quick(t);
	st_run(t, pool, job);
	EXPECT_EQ(t, job->ret, -EAGAIN);
	EXPECT_EQ(t, st_stats(pool).deadlocks, 0);
}

static void nested_submit_with_room_works(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = nester(t, pool);

	st_open(job);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, job->ret, 0);
	ASSERT_SOON(t, st_ended(job->data));
}

/* as long as one worker is not blocked in a submit a nested submit waits */
static void nested_submit_waits_for_a_busy_worker(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *busy = st_block(t, pool);
	struct st_job *job = nester(t, pool);

	nest(t, job);
	st_open(busy);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, job->ret, 0);
	ASSERT_SOON(t, st_ended(job->data));
	EXPECT_EQ(t, st_stats(pool).deadlocks, 0);
}

/* the submit that closes the circle is the one that is refused */
static void last_worker_gets_edeadlk(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct st_job *jobs[3];
	int i;

	for (i = 0; i < 3; i++)
		jobs[i] = nester(t, pool);
	nest(t, jobs[0]);
	nest(t, jobs[1]);
	st_open(jobs[2]);
	ASSERT_SOON(t, st_ended(jobs[2]));
	EXPECT_EQ(t, jobs[2]->ret, -EDEADLK);
	ASSERT_SOON(t, st_ended(jobs[0]));
	ASSERT_SOON(t, st_ended(jobs[1]));
	EXPECT_EQ(t, jobs[0]->ret, 0);
	EXPECT_EQ(t, jobs[1]->ret, 0);
	EXPECT_EQ(t, st_stats(pool).deadlocks, 1);
}

/* waiters that are no workers do not help: every worker is still blocked */
static void edeadlk_with_strangers_waiting(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = nester(t, pool), *jobs[2];
	struct st_thread *threads[2];

	st_add_waiters(t, pool, jobs, threads, 2);
	st_open(job);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, job->ret, -EDEADLK);
	st_open_all(jobs, 2);
	EXPECT_EQ(t, st_join(threads[0]), 0);
	EXPECT_EQ(t, st_join(threads[1]), 0);
}

/* another pool is not the own pool: such a submit waits */
static void submit_to_another_pool_waits(struct st_test *t)
{
	struct workpool *own = st_pool(t, 1, 0), *other = st_pool(t, 1, 0);
	struct st_job *busy = st_block(t, other);
	struct st_job *job = st_job_body(t, other, body_submit);

	job->data = st_job_quick(t);
	ASSERT_EQ(t, st_try(own, job), 0);
	nest(t, job);
	EXPECT(t, !st_ended(job));
	st_open(busy);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, job->ret, 0);
}

/* after a shrink only blocked workers are left: the youngest submit gives up */
static void edeadlk_youngest_after_shrink(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct st_job *old = nester(t, pool), *young = nester(t, pool);
	struct st_job *busy = st_block(t, pool);

	nest(t, old);
	nest(t, young);
	EXPECT_EQ(t, workpool_tune(pool, 2), 0);
	EXPECT(t, !st_ended(young));
	st_open(busy);
	ASSERT_SOON(t, st_ended(young));
	EXPECT_EQ(t, young->ret, -EDEADLK);
	ASSERT_SOON(t, st_ended(old));
	EXPECT_EQ(t, old->ret, 0);
	EXPECT_EQ(t, st_stats(pool).deadlocks, 1);
	ASSERT_SOON(t, workpool_running(pool) <= 2);
}

static void body_crash(struct st_job *job)
{
	wait_for_completion(&job->gate);
	workpool_task_crash(-EIO);
}

/* the worker that was not blocked crashes: the youngest submit gives up, too */
static void edeadlk_youngest_after_crash(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct st_job *old = nester(t, pool), *young = nester(t, pool);
	struct st_job *victim = st_job_body(t, pool, body_crash);

	ASSERT_EQ(t, st_try(pool, victim), 0);
	ASSERT_SOON(t, st_begun(victim));
	nest(t, old);
	nest(t, young);
	EXPECT_EQ(t, workpool_tune(pool, 2), 0);
	st_open(victim);
	ASSERT_SOON(t, st_ended(young));
	EXPECT_EQ(t, young->ret, -EDEADLK);
	ASSERT_SOON(t, st_ended(old));
	EXPECT_EQ(t, old->ret, 0);
	EXPECT_EQ(t, st_stats(pool).crashes, 1);
}

/* a crash without a shrink frees a slot, so no submitter has to give up */
static void crash_gives_its_slot_to_a_nested_waiter(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct st_job *old = nester(t, pool), *young = nester(t, pool);
	struct st_job *victim = st_job_body(t, pool, body_crash);

	ASSERT_EQ(t, st_try(pool, victim), 0);
	ASSERT_SOON(t, st_begun(victim));
	nest(t, old);
	nest(t, young);
	st_open(victim);
	ASSERT_SOON(t, st_ended(young));
	ASSERT_SOON(t, st_ended(old));
	EXPECT_EQ(t, young->ret, 0);
	EXPECT_EQ(t, old->ret, 0);
	EXPECT_EQ(t, st_stats(pool).deadlocks, 0);
}

/* a shrink below the blocked workers: each is the last one in its turn */
static void shrink_below_the_blocked(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 4, 0);
	struct st_job *jobs[3], *busy;
	int i;

	for (i = 0; i < 3; i++)
		jobs[i] = nester(t, pool);
	busy = st_block(t, pool);
	for (i = 0; i < 3; i++)
		nest(t, jobs[i]);
	EXPECT_EQ(t, workpool_tune(pool, 1), 0);
	st_open(busy);
	for (i = 2; i >= 0; i--) {
		ASSERT_SOON(t, st_ended(jobs[i]));
		EXPECT_EQ(t, jobs[i]->ret, -EDEADLK);
	}
	st_settle(t, pool);
	EXPECT_EQ(t, workpool_running(pool), 1);
	EXPECT(t, st_run_pid(t, pool) > 0);
}

/* growth serves a nested waiter as any other */
static void growth_serves_nested_waiters(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *busy = st_block(t, pool);
	struct st_job *job = nester(t, pool);

	nest(t, job);
	EXPECT_EQ(t, workpool_tune(pool, 3), 0);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, job->ret, 0);
	EXPECT(t, !st_ended(busy));
}

/* release fails a nested waiter as any other */
static void release_fails_nested_waiters(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *busy = st_block(t, pool);
	struct st_job *job = nester(t, pool);

	nest(t, job);
	workpool_release(pool);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, job->ret, -ESHUTDOWN);
	EXPECT(t, !st_ended(busy));
}

/* each task submits another and waits: a tree on two workers never hangs */
struct tree {
	struct workpool *pool;
	atomic_t left;
	atomic_t refused;
	atomic_t ran;
};

static void tree_task(void *arg)
{
	struct tree *tree = arg;
	int i, ret;

	atomic_inc(&tree->ran);
	for (i = 0; i < 2 && atomic_dec_return(&tree->left) >= 0; i++) {
		ret = workpool_submit(tree->pool, tree_task, tree);
		if (ret == -EDEADLK)
			atomic_inc(&tree->refused);
	}
}

static void no_configuration_hangs(struct st_test *t)
{
	struct tree *tree = st_alloc(t, sizeof(*tree));
	struct workpool *pool = st_pool(t, 2, 0);

	tree->pool = pool;
	atomic_set(&tree->left, 500);
	EXPECT_EQ(t, workpool_submit(pool, tree_task, tree), 0);
	st_settle(t, pool);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, st_stats(pool).deadlocks, atomic_read(&tree->refused));
	EXPECT_EQ(t, st_stats(pool).completed, atomic_read(&tree->ran));
}

static const struct st_case nested_cases[] = {
	ST_CASE(only_worker_gets_edeadlk),
	ST_CASE(submit_timeout_gets_edeadlk),
	ST_CASE(nested_try_is_eagain),
	ST_CASE(nested_submit_with_room_works),
	ST_CASE(nested_submit_waits_for_a_busy_worker),
	ST_CASE(last_worker_gets_edeadlk),
	ST_CASE(edeadlk_with_strangers_waiting),
	ST_CASE(submit_to_another_pool_waits),
	ST_CASE(edeadlk_youngest_after_shrink),
	ST_CASE(edeadlk_youngest_after_crash),
	ST_CASE(crash_gives_its_slot_to_a_nested_waiter),
	ST_CASE(shrink_below_the_blocked),
	ST_CASE(growth_serves_nested_waiters),
	ST_CASE(release_fails_nested_waiters),
	ST_CASE(no_configuration_hangs),
};

ST_GROUP(nested, false);
