// SPDX-License-Identifier: GPL-2.0
/*
 * Suspend. To be run with /sys/power/pm_test at "freezer" only: tasks are
 * frozen for some seconds, and thawed. Without it the machine goes to sleep.
 */
#include <linux/freezer.h>
#include <linux/suspend.h>

#include "case.h"

static int call_suspend(struct st_thread *thread)
{
	return pm_suspend(PM_SUSPEND_TO_IDLE);
}

static bool is_frozen(struct task_struct *thread)
{
	return READ_ONCE(thread->__state) & TASK_FROZEN;
}

/* an idle worker, and which thread it is */
static struct task_struct *park_one(struct st_test *t, struct workpool *pool)
{
	struct st_job *job = st_job_quick(t);

	st_run(t, pool, job);
	ASSERT_SOON(t, workpool_idle(pool) == 1);
	return job->thread;
}

/*
 * Workers of a freezable pool freeze, others go on. What was submitted to the
 * frozen runs when they are thawed.
 */
static void freezable_workers_freeze(struct st_test *t)
{
	struct workpool *cold = st_pool(t, 1, WORKPOOL_F_FREEZABLE);
	struct workpool *warm = st_pool(t, 1, 0);
	struct st_job *later = st_job_quick(t), *now = st_job_quick(t);
	struct task_struct *thread = park_one(t, cold);
	struct st_thread *suspend = st_thread(t, NULL, call_suspend);

	park_one(t, warm);
	st_thread_start(suspend);
	ASSERT_SOON(t, is_frozen(thread) || st_returned(suspend));
	EXPECT_EQ(t, st_try(cold, later), 0);
	EXPECT_EQ(t, st_try(warm, now), 0);
	ASSERT_SOON(t, st_ended(now));
	EXPECT(t, !st_begun(later));
	EXPECT(t, is_frozen(thread));
	EXPECT_EQ(t, st_join(suspend), 0);
	ASSERT_SOON(t, st_ended(later));
	EXPECT(t, later->thread == thread);
}

/* a task is not frozen in its middle: it may hold what others need */
static void busy_freezable_worker_goes_on(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, WORKPOOL_F_FREEZABLE);
	struct st_thread *suspend = st_thread(t, NULL, call_suspend);
	struct task_struct *idle = park_one(t, pool);
	struct st_job *busy[2];

	st_block_n(t, pool, busy, 2);
	st_open(busy[0]);
	ASSERT_SOON(t, workpool_idle(pool) == 1);
	EXPECT(t, busy[0]->thread == idle);
	st_thread_start(suspend);
	ASSERT_SOON(t, is_frozen(idle) || st_returned(suspend));
	st_open(busy[1]);
	ASSERT_SOON(t, st_ended(busy[1]));
	EXPECT_EQ(t, st_join(suspend), 0);
	EXPECT(t, st_run_pid(t, pool) > 0);
}

static const struct st_case cases[] = {
	ST_CASE(freezable_workers_freeze),
	ST_CASE(busy_freezable_worker_goes_on),
};

ST_CASE_MODULE(suspend);
