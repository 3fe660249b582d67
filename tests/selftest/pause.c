// SPDX-License-Identifier: GPL-2.0
/*
 * Pools that start nothing for a while.
 */
#include "test.h"

static struct workpool *deep_pool(struct st_test *t, int capacity, int depth)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	attrs.queue_depth = depth;
	return st_pool_attrs(t, &attrs);
}

/* for submitters a paused pool is full: the queue takes calls, and no more */
static void paused_pool_accepts_up_to_its_queue(struct st_test *t)
{
	struct workpool *pool = deep_pool(t, 2, 3);
	struct st_job *jobs[3], *over = st_job_quick(t);
	int i;

	EXPECT_EQ(t, workpool_pause(pool), 0);
	for (i = 0; i < 3; i++) {
		jobs[i] = st_job_quick(t);
		EXPECT_EQ(t, st_try(pool, jobs[i]), 0);
	}
	EXPECT_EQ(t, st_try(pool, over), -EAGAIN);
	EXPECT_EQ(t, workpool_submit_timeout(pool, st_job_run, over, 1),
		  -ETIMEDOUT);
	EXPECT_EQ(t, st_stats(pool).queued, 3);
	EXPECT_EQ(t, workpool_running(pool), 0);
	EXPECT_EQ(t, workpool_available(pool), 0);
	EXPECT_EQ(t, workpool_resume(pool), 0);
	for (i = 0; i < 3; i++)
		ASSERT_SOON(t, st_ended(jobs[i]));
	EXPECT(t, !st_begun(over));
}

static void paused_pool_without_a_queue_is_full(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, WORKPOOL_F_NONBLOCK);
	struct st_job *job = st_job_quick(t);

	st_park(t, pool, NULL, 2);
	EXPECT_EQ(t, workpool_pause(pool), 0);
	EXPECT_EQ(t, st_try(pool, job), -EAGAIN);
	EXPECT_EQ(t, workpool_submit(pool, st_job_run, job), -EAGAIN);
	EXPECT_EQ(t, workpool_resume(pool), 0);
	EXPECT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_ended(job));
}

/* running tasks end, and their workers take nothing more */
static void running_tasks_finish(struct st_test *t)
{
	struct workpool *pool = deep_pool(t, 1, 2);
	struct st_job *first = st_block(t, pool), *next = st_job_quick(t);

	EXPECT_EQ(t, st_try(pool, next), 0);
	EXPECT_EQ(t, workpool_pause(pool), 0);
	EXPECT_EQ(t, workpool_busy(pool), 1);
	st_open(first);
	ASSERT_SOON(t, st_ended(first) && !st_stats(pool).alive);
	EXPECT(t, !st_begun(next));
	EXPECT_EQ(t, workpool_resume(pool), 0);
	ASSERT_SOON(t, st_ended(next));
}

/* submitters that wait are served in order when the pool is resumed */
static void resume_serves_waiters_in_order(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_thread *threads[3];
	struct st_job *jobs[3];
	int i;

	EXPECT_EQ(t, workpool_pause(pool), 0);
	st_add_waiters(t, pool, jobs, threads, 3);
	EXPECT_EQ(t, workpool_waiting(pool), 3);
	EXPECT_EQ(t, workpool_resume(pool), 0);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(t, st_join(threads[i]), 0);
		ASSERT_SOON(t, st_begun(jobs[i]));
		st_open(jobs[i]);
		ASSERT_SOON(t, st_ended(jobs[i]));
	}
	EXPECT(t, jobs[0]->turn < jobs[1]->turn);
	EXPECT(t, jobs[1]->turn < jobs[2]->turn);
}

/* embedded tasks are accepted, delayed ones come to the queue */
static void paused_pool_queues_embedded_tasks(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_task *task = st_task_quick(t), *late = st_task_quick(t);

	EXPECT_EQ(t, workpool_pause(pool), 0);
	EXPECT_EQ(t, st_queue(pool, task), 0);
	EXPECT_EQ(t, workpool_queue_delayed(pool, &late->d, 1), 0);
	ASSERT_SOON(t, st_stats(pool).queued == 2);
	EXPECT(t, !st_begun(task->job) && !st_begun(late->job));
	EXPECT_EQ(t, workpool_cancel(&task->d.task), 0);
	EXPECT_EQ(t, workpool_resume(pool), 0);
	ASSERT_SOON(t, st_ended(late->job));
	EXPECT(t, !st_begun(task->job));
}

/* a pause is no count, and to resume a pool that works is no error */
static void pause_does_not_count(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job_quick(t);

	EXPECT_EQ(t, workpool_resume(pool), 0);
	EXPECT_EQ(t, st_stats(pool).paused, 0);
	EXPECT_EQ(t, workpool_pause(pool), 0);
	EXPECT_EQ(t, workpool_pause(pool), 0);
	EXPECT_EQ(t, st_stats(pool).paused, WORKPOOL_PAUSED_BY_OWNER);
	EXPECT(t, !workpool_is_closed(pool));
	EXPECT_EQ(t, workpool_resume(pool), 0);
	EXPECT_EQ(t, st_stats(pool).paused, 0);
	st_run(t, pool, job);
	ASSERT_SOON(t, st_ended(job));
}

static void errno_eshutdown_pause(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);

	workpool_release(pool);
	EXPECT_EQ(t, workpool_pause(pool), -ESHUTDOWN);
	EXPECT_EQ(t, workpool_resume(pool), -ESHUTDOWN);
	EXPECT_EQ(t, st_stats(pool).paused, 0);
}

/* what a paused pool accepted runs when it is released; it is paused no more */
static void release_ends_the_pause(struct st_test *t)
{
	struct workpool *pool = deep_pool(t, 1, 2);
	struct st_job *job = st_job_quick(t), *waits;
	struct st_task *task = st_task_quick(t);
	struct st_thread *thread;

	EXPECT_EQ(t, workpool_pause(pool), 0);
	EXPECT_EQ(t, st_queue(pool, task), 0);
	EXPECT_EQ(t, st_try(pool, job), 0);
	EXPECT_EQ(t, st_try(pool, st_job_quick(t)), 0);
	st_add_waiters(t, pool, &waits, &thread, 1);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, st_join(thread), -ESHUTDOWN);
	EXPECT(t, st_ended(job) && st_ended(task->job) && !st_begun(waits));
	EXPECT_EQ(t, st_stats(pool).dropped, 0);
	EXPECT_EQ(t, workpool_reboot(pool), 0);
	EXPECT_EQ(t, st_stats(pool).paused, 0);
	st_run(t, pool, st_job_quick(t));
}

static void destroy_of_a_paused_pool_runs_what_it_accepted(struct st_test *t)
{
	struct workpool *pool = deep_pool(t, 1, 1);
	struct st_job *job = st_job_quick(t);

	EXPECT_EQ(t, workpool_pause(pool), 0);
	EXPECT_EQ(t, st_try(pool, job), 0);
	st_pool_destroy(t, pool);
	EXPECT(t, st_ended(job));
}

/* a paused pool can be tuned, and stays paused */
static void tune_of_a_paused_pool(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(4);
	struct st_job *jobs[3];
	struct workpool *pool;
	int i;

	attrs.queue_depth = 8;
	attrs.min_workers = 2;
	pool = st_pool_attrs(t, &attrs);
	EXPECT_EQ(t, workpool_pause(pool), 0);
	EXPECT_EQ(t, workpool_tune(pool, 1), -EINVAL);
	EXPECT_EQ(t, workpool_tune(pool, 2), 0);
	EXPECT_EQ(t, workpool_capacity(pool), 2);
	st_jobs(t, jobs, 3);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(t, st_try(pool, jobs[i]), 0);
	ASSERT_SOON(t, !st_stats(pool).alive);
	EXPECT(t, !st_begun(jobs[0]));
	EXPECT_EQ(t, workpool_resume(pool), 0);
	ASSERT_SOON(t, workpool_busy(pool) == 2);
	EXPECT_EQ(t, st_stats(pool).queued, 1);
}

/* the workers that a pool keeps are back when it is resumed */
static void resume_starts_the_first_workers(struct st_test *t, unsigned int flags)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	struct workpool *pool;

	attrs.flags = flags;
	attrs.min_workers = 3;
	pool = st_pool_attrs(t, &attrs);
	EXPECT_EQ(t, workpool_idle(pool), 3);
	EXPECT_EQ(t, workpool_pause(pool), 0);
	EXPECT_EQ(t, workpool_running(pool), 0);
	ASSERT_SOON(t, !st_stats(pool).alive);
	EXPECT_EQ(t, workpool_resume(pool), 0);
	ASSERT_SOON(t, workpool_idle(pool) == 3);
}

static void resume_starts_min_workers(struct st_test *t)
{
	resume_starts_the_first_workers(t, 0);
}

static void resume_starts_prealloc_workers(struct st_test *t)
{
	resume_starts_the_first_workers(t, WORKPOOL_F_PREALLOC);
}

static int call_flush(struct st_thread *thread)
{
	workpool_flush(thread->data);
	return 0;
}

/* a drain and a flush wait while the pool is paused */
static void waits_for_a_paused_pool_last(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_task *task = st_task_quick(t);
	struct st_thread *drain, *flush;

	EXPECT_EQ(t, workpool_pause(pool), 0);
	EXPECT_EQ(t, st_queue(pool, task), 0);
	EXPECT_EQ(t, workpool_drain(pool, 1), -ETIMEDOUT);
	drain = st_drain(t, pool, MAX_SCHEDULE_TIMEOUT);
	flush = st_thread(t, pool, call_flush);
	flush->data = &task->d.task;
	st_thread_start(flush);
	ASSERT_SOON(t, st_asleep(drain->task) && st_asleep(flush->task));
	EXPECT(t, st_waits_killably(drain));
	EXPECT_EQ(t, workpool_resume(pool), 0);
	EXPECT_EQ(t, st_join(drain), 0);
	st_join(flush);
	EXPECT(t, st_ended(task->job));
}

static int run_member(void *arg)
{
	st_job_run(arg);
	return 0;
}

static int call_group(struct st_thread *thread)
{
	return workpool_group_wait(thread->data);
}

static void group_of_a_paused_pool_waits(struct st_test *t)
{
	struct workpool *pool = deep_pool(t, 2, 4);
	struct workpool_group *group = st_alloc(t, sizeof(*group));
	struct st_job *job = st_job_quick(t);
	struct st_thread *thread;

	workpool_group_init(group, pool);
	EXPECT_EQ(t, workpool_pause(pool), 0);
	EXPECT_EQ(t, workpool_group_submit(group, run_member, job), 0);
	thread = st_thread(t, pool, call_group);
	thread->data = group;
	st_thread_start(thread);
	ASSERT_SOON(t, st_asleep(thread->task));
	EXPECT(t, !st_begun(job));
	EXPECT_EQ(t, workpool_resume(pool), 0);
	EXPECT_EQ(t, st_join(thread), 0);
	EXPECT(t, st_ended(job));
}

static void body_pause_and_wait(struct st_job *job)
{
	struct workpool_group *group = job->data;

	job->ret = workpool_pause(job->pool);
	wait_for_completion(&job->gate);
	job->ret = job->ret ?: workpool_group_wait(group);
}

/* a task pauses its pool, and runs the members that it waits for itself */
static void running_task_finishes_its_group(struct st_test *t)
{
	struct workpool *pool = deep_pool(t, 1, 4);
	struct workpool_group *group = st_alloc(t, sizeof(*group));
	struct st_job *job = st_job_body(t, pool, body_pause_and_wait);
	struct st_job *member = st_job_quick(t), *other = st_job_quick(t);

	workpool_group_init(group, pool);
	job->data = group;
	EXPECT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_stats(pool).paused);
	EXPECT_EQ(t, workpool_group_submit(group, run_member, member), 0);
	EXPECT_EQ(t, st_try(pool, other), 0);
	st_open(job);
	ASSERT_SOON(t, st_ended(job) && !st_stats(pool).alive);
	EXPECT_EQ(t, job->ret, 0);
	EXPECT(t, st_ended(member) && !st_begun(other));
	EXPECT_EQ(t, workpool_resume(pool), 0);
	ASSERT_SOON(t, st_ended(other));
}

static void body_submit(struct st_job *job)
{
	wait_for_completion(&job->gate);
	job->ret = workpool_submit(job->pool, st_job_run, job->data);
}

/* the only worker of a paused pool may wait for it: it has more when resumed */
static void wait_for_a_paused_pool_is_no_circle(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = st_job_body(t, pool, body_submit);

	job->data = st_job_quick(t);
	EXPECT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job));
	EXPECT_EQ(t, workpool_pause(pool), 0);
	st_open(job);
	ASSERT_SOON(t, workpool_waiting(pool) == 1 || st_ended(job));
	ASSERT_SOON(t, st_asleep(job->thread) || st_ended(job));
	EXPECT_EQ(t, st_stats(pool).deadlocks, 0);
	EXPECT_EQ(t, workpool_resume(pool), 0);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, job->ret, 0);
}

static void multi_pauses_all_its_pools(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 2, WORKPOOL_ROUND_ROBIN, 1);
	struct st_job *job = st_job_quick(t);
	struct st_task *tasks[4];
	int i;

	EXPECT_EQ(t, workpool_multi_pause(multi), 0);
	EXPECT_EQ(t, st_multi_stats(multi).paused, WORKPOOL_PAUSED_BY_OWNER);
	EXPECT_EQ(t, workpool_multi_available(multi), 0);
	st_tasks_quick(t, tasks, 4);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(t, workpool_multi_queue(multi, &tasks[i]->d.task), 0);
	EXPECT_EQ(t, workpool_multi_try_submit(multi, st_job_run, job), -EAGAIN);
	EXPECT_EQ(t, st_multi_stats(multi).queued, 4);
	EXPECT_EQ(t, st_multi_stats(multi).busy, 0);
	EXPECT_EQ(t, workpool_multi_resume(multi), 0);
	EXPECT_EQ(t, st_multi_stats(multi).paused, 0);
	for (i = 0; i < 4; i++)
		ASSERT_SOON(t, st_ended(tasks[i]->job));
}

/* a storm of short tasks, in a pool that is paused again and again */
static void every_task_runs_once_between_pauses(struct st_test *t)
{
	struct workpool *pool = deep_pool(t, 3, 8);
	struct st_storm *storm = st_storm(t, pool, 3, 200);
	struct st_thread *threads[4];
	int i;

	st_storm_start(storm, threads, 4);
	for (i = 0; i < 30; i++) {
		EXPECT_EQ(t, workpool_pause(pool), 0);
		ASSERT_SOON(t, !st_stats(pool).alive);
		WRITE_ONCE(storm->forbidden, true);
		usleep_range(100, 300);
		WRITE_ONCE(storm->forbidden, false);
		EXPECT_EQ(t, workpool_resume(pool), 0);
		usleep_range(500, 1000);
	}
	st_storm_end(storm, threads, 4);
	st_storm_expect_all_ran(storm, 800);
}

static const struct st_case pause_cases[] = {
	ST_CASE(paused_pool_accepts_up_to_its_queue),
	ST_CASE(paused_pool_without_a_queue_is_full),
	ST_CASE(running_tasks_finish),
	ST_CASE(resume_serves_waiters_in_order),
	ST_CASE(paused_pool_queues_embedded_tasks),
	ST_CASE(pause_does_not_count),
	ST_CASE(errno_eshutdown_pause),
	ST_CASE(release_ends_the_pause),
	ST_CASE(destroy_of_a_paused_pool_runs_what_it_accepted),
	ST_CASE(tune_of_a_paused_pool),
	ST_CASE(resume_starts_min_workers),
	ST_CASE(resume_starts_prealloc_workers),
	ST_CASE(waits_for_a_paused_pool_last),
	ST_CASE(group_of_a_paused_pool_waits),
	ST_CASE(running_task_finishes_its_group),
	ST_CASE(wait_for_a_paused_pool_is_no_circle),
	ST_CASE(multi_pauses_all_its_pools),
	ST_CASE(every_task_runs_once_between_pauses),
};

ST_GROUP(pause, false);
