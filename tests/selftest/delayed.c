// SPDX-License-Identifier: GPL-2.0
/*
 * Delayed tasks. Whether a timer fires before a call is never left to chance:
 * what must not fire has an hour.
 */
#include "test.h"

#define NEVER	(3600 * HZ)

static int delay(struct workpool *pool, struct st_task *task,
		 unsigned long jiffies_from_now)
{
	return workpool_queue_delayed(pool, &task->d, jiffies_from_now);
}

static int mod(struct workpool *pool, struct st_task *task,
	       unsigned long jiffies_from_now)
{
	return workpool_mod_delayed(pool, &task->d, jiffies_from_now);
}

/* each task runs once, and not before its time */
static void delayed_is_never_early(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_task *tasks[40];
	int i;

	st_tasks_quick(t, tasks, 40);
	for (i = 0; i < 40; i++) {
		tasks[i]->due = jiffies + 1 + i * 7 % 40;
		EXPECT_EQ(t, delay(pool, tasks[i], 1 + i * 7 % 40), 0);
	}
	for (i = 0; i < 40; i++)
		ASSERT_SOON(t, st_ended(tasks[i]->job));
	st_settle(t, pool);
	for (i = 0; i < 40; i++) {
		EXPECT(t, !tasks[i]->early);
		EXPECT_EQ(t, atomic_read(&tasks[i]->job->begun), 1);
	}
}

/* without a delay it is queued at once */
static void delayed_by_nothing(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_task *task = st_task_quick(t);
	struct st_job *job = st_block(t, pool);

	EXPECT_EQ(t, delay(pool, task, 0), 0);
	EXPECT_EQ(t, delay(pool, task, 0), -EALREADY);
	EXPECT_EQ(t, st_stats(pool).queued, 1);
	EXPECT_EQ(t, st_stats(pool).delayed, 0);
	st_open(job);
	ASSERT_SOON(t, st_ended(task->job));
}

/* while its timer runs it is pending, and no call queues it */
static void delayed_is_pending(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_task *task = st_task_quick(t);
	struct workpool_task *batch = &task->d.task;

	EXPECT_EQ(t, delay(pool, task, NEVER), 0);
	EXPECT_EQ(t, st_stats(pool).delayed, 1);
	EXPECT_EQ(t, delay(pool, task, 1), -EALREADY);
	EXPECT_EQ(t, st_queue(pool, task), -EALREADY);
	EXPECT_EQ(t, workpool_queue_front(pool, &task->d.task), -EALREADY);
	EXPECT_EQ(t, workpool_queue_batch(pool, &batch, 1), 0);
	EXPECT_EQ(t, st_stats(pool).delayed, 1);
	EXPECT_EQ(t, st_stats(pool).queued, 0);
	EXPECT_EQ(t, workpool_cancel_delayed(&task->d), 0);
	EXPECT_EQ(t, workpool_cancel_delayed(&task->d), -ENOENT);
	EXPECT_EQ(t, delay(pool, task, NEVER), 0);
	EXPECT_EQ(t, workpool_cancel_delayed_sync(&task->d), 0);
	EXPECT_EQ(t, st_stats(pool).delayed, 0);
	EXPECT_EQ(t, st_stats(pool).cancelled, 2);
	EXPECT(t, !st_begun(task->job));
}

/* mod_delayed moves a task earlier, to now, back to its timer, or queues it */
static void delayed_modified(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_task *task = st_task_quick(t);
	struct st_job *job;

	EXPECT_EQ(t, mod(pool, task, NEVER), 0);
	EXPECT_EQ(t, mod(pool, task, 2 * NEVER), 0);
	EXPECT_EQ(t, st_stats(pool).delayed, 1);
	task->due = jiffies + 3;
	EXPECT_EQ(t, mod(pool, task, 3), 0);
	ASSERT_SOON(t, st_ended(task->job));
	EXPECT(t, !task->early);
	st_settle(t, pool);

	job = st_block(t, pool);
	EXPECT_EQ(t, mod(pool, task, NEVER), 0);
	EXPECT_EQ(t, mod(pool, task, 0), 0);
	EXPECT_EQ(t, st_stats(pool).queued, 1);
	EXPECT_EQ(t, mod(pool, task, NEVER), 0);
	EXPECT_EQ(t, st_stats(pool).queued, 0);
	EXPECT_EQ(t, st_stats(pool).delayed, 1);
	st_open(job);
	st_settle(t, pool);
	EXPECT_EQ(t, atomic_read(&task->job->begun), 1);
	EXPECT_EQ(t, mod(pool, task, 0), 0);
	ASSERT_SOON(t, atomic_read(&task->job->ended) == 2);
	EXPECT_EQ(t, st_stats(pool).submitted, 3);
}

/* the counters of both pools balance when a task moves to another pool */
static void delayed_moves_to_another_pool(struct st_test *t)
{
	struct workpool *first = st_pool(t, 1, 0), *second = st_pool(t, 1, 0);
	struct st_task *task = st_task_quick(t);
	struct workpool_stats s;

	EXPECT_EQ(t, delay(first, task, NEVER), 0);
	EXPECT_EQ(t, mod(second, task, NEVER), 0);
	EXPECT_EQ(t, st_stats(first).delayed, 0);
	EXPECT_EQ(t, st_stats(second).delayed, 1);
	s = st_stats(first);
	EXPECT_EQ(t, st_unaccounted(&s), 0);
	s = st_stats(second);
	EXPECT_EQ(t, st_unaccounted(&s), 0);
	EXPECT_EQ(t, mod(second, task, 0), 0);
	st_settle(t, second);
	EXPECT_EQ(t, st_stats(second).completed, 1);
}

/* a closed pool takes none, and drops those whose time comes */
static void delayed_on_a_closed_pool(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_task *tasks[3];
	int i;

	st_tasks_quick(t, tasks, 3);
	/* one worker is busy: whatever fires before the release, waits */
	st_block(t, pool);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(t, delay(pool, tasks[i], HZ / 2), 0);
	workpool_release(pool);
	EXPECT_EQ(t, delay(pool, tasks[2], 1), -ESHUTDOWN);
	EXPECT_EQ(t, delay(pool, tasks[2], 0), -ESHUTDOWN);
	EXPECT_EQ(t, mod(pool, tasks[0], 1), -ESHUTDOWN);
	ASSERT_SOON(t, st_stats(pool).delayed == 0);
	EXPECT_EQ(t, st_stats(pool).dropped + st_stats(pool).queued, 2);
	EXPECT_EQ(t, workpool_cancel(&tasks[2]->d.task), -ENOENT);
}

/* destroy stops the timers: the tasks are free */
static void delayed_and_destroy(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0), *other = st_pool(t, 1, 0);
	struct st_task *tasks[10];
	int i;

	st_tasks_quick(t, tasks, 10);
	for (i = 0; i < 10; i++)
		EXPECT_EQ(t, delay(pool, tasks[i], NEVER), 0);
	EXPECT_EQ(t, st_stats(pool).delayed, 10);
	st_pool_destroy(t, pool);
	for (i = 0; i < 10; i++)
		EXPECT_EQ(t, st_queue(other, tasks[i]), 0);
	for (i = 0; i < 10; i++)
		ASSERT_SOON(t, st_ended(tasks[i]->job));
}

/* a release leaves the timers alone, a reboot finds them */
static void delayed_and_reboot(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_task *task = st_task_quick(t);

	EXPECT_EQ(t, delay(pool, task, NEVER), 0);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, workpool_reboot(pool), 0);
	EXPECT_EQ(t, st_stats(pool).delayed, 1);
	EXPECT_EQ(t, mod(pool, task, 1), 0);
	ASSERT_SOON(t, st_ended(task->job));
}

static void body_later(struct st_job *job)
{
	if (!completion_done(&job->gate))
		delay(job->pool, job->data, 1);
}

/* a task delays itself again and again, until it is cancelled */
static void delayed_again_and_again(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_task *task = st_task_body(t, pool, body_later);
	int done;

	EXPECT_EQ(t, delay(pool, task, 1), 0);
	ASSERT_SOON(t, atomic_read(&task->job->ended) >= 10);
	workpool_cancel_delayed_sync(&task->d);
	done = atomic_read(&task->job->ended);
	EXPECT_EQ(t, atomic_read(&task->job->begun), done);
	EXPECT_EQ(t, st_stats(pool).delayed, 0);
	st_settle(t, pool);
	EXPECT_EQ(t, atomic_read(&task->job->begun), done);
	EXPECT(t, !task->overlapped);
}

static const struct st_case delayed_cases[] = {
	ST_CASE(delayed_is_never_early),
	ST_CASE(delayed_by_nothing),
	ST_CASE(delayed_is_pending),
	ST_CASE(delayed_modified),
	ST_CASE(delayed_moves_to_another_pool),
	ST_CASE(delayed_on_a_closed_pool),
	ST_CASE(delayed_and_destroy),
	ST_CASE(delayed_and_reboot),
	ST_CASE(delayed_again_and_again),
};

ST_GROUP(delayed, false);
