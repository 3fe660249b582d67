// SPDX-License-Identifier: GPL-2.0
/*
 * Suspend. To be run with /sys/power/pm_test at "freezer" only: tasks are
 * frozen for some seconds, and thawed. Without it the machine goes to sleep.
 */
#include <linux/freezer.h>
#include <linux/suspend.h>

#include "case.h"
#include "../selftest/ledger.h"

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

/* a task that does not wait is not frozen: it may hold what others need */
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

/**
 * struct cold - a freezable pool with one worker, and what waits for it
 * @pool: the pool
 * @busy: keeps its worker until the machine is being frozen
 * @next: queued behind it; the worker freezes before it executes this
 * @group: has one member, queued as well
 * @idle: worker of another freezable pool, which freezes at once
 */
struct cold {
	struct workpool *pool;
	struct st_job *busy;
	struct st_task *next;
	struct workpool_group group;
	struct task_struct *idle;
};

static atomic_t members = ATOMIC_INIT(0);

static int member(void *unused)
{
	atomic_inc(&members);
	return 0;
}

static struct cold *cold_pool(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct cold *cold = st_alloc(t, sizeof(*cold));

	attrs.flags = WORKPOOL_F_FREEZABLE;
	attrs.queue_depth = 1;
	cold->idle = park_one(t, st_pool(t, 1, WORKPOOL_F_FREEZABLE));
	cold->pool = st_pool_attrs(t, &attrs);
	cold->busy = st_block(t, cold->pool);
	cold->next = st_task_quick(t);
	ASSERT_EQ(t, st_queue(cold->pool, cold->next), 0);
	workpool_group_init(&cold->group, cold->pool);
	ASSERT_EQ(t, workpool_group_submit(&cold->group, member, NULL), 0);
	return cold;
}

/* a freezable thread that waits for @cold in @call, as drivers have them */
static struct st_thread *wait_in(struct st_test *t, struct cold *cold,
				 int (*call)(struct st_thread *thread))
{
	struct st_thread *thread = st_thread(t, cold->pool, call);

	thread->job = st_job_quick(t);
	thread->data = cold;
	st_thread_start(thread);
	ASSERT_SOON(t, st_asleep(thread->task) && !st_returned(thread));
	return thread;
}

static int thaw(int ret)
{
	try_to_freeze();
	current->flags |= PF_NOFREEZE;
	return ret;
}

static int cold_submit(struct st_thread *thread)
{
	set_freezable();
	return thaw(workpool_submit(thread->pool, st_job_run, thread->job));
}

static int cold_submit_timeout(struct st_thread *thread)
{
	set_freezable();
	return thaw(workpool_submit_timeout(thread->pool, st_job_run,
					    thread->job, 10 * ST_DEADLINE));
}

static int cold_group_submit(struct st_thread *thread)
{
	struct workpool_group group;
	int ret;

	set_freezable();
	workpool_group_init(&group, thread->pool);
	ret = workpool_group_submit(&group, member, NULL);
	return thaw(workpool_group_wait(&group) ?: ret);
}

static int cold_group_wait(struct st_thread *thread)
{
	struct cold *cold = thread->data;

	set_freezable();
	return thaw(workpool_group_wait(&cold->group));
}

static int cold_group_wait_timeout(struct st_thread *thread)
{
	struct cold *cold = thread->data;

	set_freezable();
	return thaw(workpool_group_wait_timeout(&cold->group,
						10 * ST_DEADLINE));
}

static int cold_flush_pool(struct st_thread *thread)
{
	set_freezable();
	workpool_flush_pool(thread->pool);
	return thaw(0);
}

static int cold_destroy(struct st_thread *thread)
{
	set_freezable();
	workpool_destroy(thread->pool);
	return thaw(0);
}

static int cold_flush(struct st_thread *thread)
{
	struct cold *cold = thread->data;

	set_freezable();
	workpool_flush(&cold->next->d.task);
	return thaw(0);
}

static int cold_drain(struct st_thread *thread)
{
	set_freezable();
	return thaw(workpool_drain(thread->pool, 10 * ST_DEADLINE));
}

static int cold_release(struct st_thread *thread)
{
	set_freezable();
	return thaw(workpool_release_timeout(thread->pool, 10 * ST_DEADLINE));
}

static int cold_wait_released(struct st_thread *thread)
{
	set_freezable();
	return thaw(workpool_wait_released(thread->pool, 10 * ST_DEADLINE));
}

/* Suspend. When this returns the freezer is at work. */
static struct st_thread *start_freezer(struct st_test *t, struct cold *cold)
{
	struct st_thread *suspend = st_thread(t, NULL, call_suspend);

	st_thread_start(suspend);
	ASSERT_SOON(t, is_frozen(cold->idle) || st_returned(suspend));
	return suspend;
}

/* Let the worker of @cold go, and wait until it is frozen. */
static void freeze_worker(struct st_test *t, struct cold *cold,
			  struct st_thread *suspend)
{
	st_open(cold->busy);
	ASSERT_SOON(t, is_frozen(cold->busy->thread) || st_returned(suspend));
}

static struct st_thread *freeze(struct st_test *t, struct cold *cold)
{
	struct st_thread *suspend = start_freezer(t, cold);

	freeze_worker(t, cold, suspend);
	return suspend;
}

static void suspend_with(struct st_test *t, struct cold *cold)
{
	EXPECT_EQ(t, st_join(freeze(t, cold)), 0);
}

/*
 * A thread that does not freeze, as one in a suspend callback, cancels the task
 * that a frozen worker would execute next.
 */
static void task_behind_a_frozen_worker_is_cancelled(struct st_test *t)
{
	struct cold *cold = cold_pool(t);
	struct st_thread *suspend = freeze(t, cold);

	EXPECT_EQ(t, workpool_cancel_sync(&cold->next->d.task), 0);
	EXPECT(t, is_frozen(cold->busy->thread));
	EXPECT_EQ(t, st_join(suspend), 0);
	ASSERT_SOON(t, workpool_idle(cold->pool) == 1);
	EXPECT(t, !st_begun(cold->next->job));
	EXPECT_EQ(t, workpool_group_wait(&cold->group), 0);
}

/* It cancels members as well, also one that a parked worker was woken for. */
static void group_of_frozen_workers_is_cancelled(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, WORKPOOL_F_FREEZABLE);
	struct task_struct *thread = park_one(t, pool);
	struct cold *cold = cold_pool(t);
	struct workpool_group group;
	int before = atomic_read(&members);
	struct st_thread *suspend = freeze(t, cold);

	ASSERT_SOON(t, is_frozen(thread) || st_returned(suspend));
	workpool_group_init(&group, pool);
	EXPECT_EQ(t, workpool_group_submit(&group, member, NULL), 0);
	workpool_group_cancel(&group);
	EXPECT_EQ(t, workpool_group_wait(&group), 0);
	workpool_group_cancel(&cold->group);
	EXPECT_EQ(t, workpool_group_wait(&cold->group), 0);
	EXPECT(t, is_frozen(thread));
	EXPECT_EQ(t, st_join(suspend), 0);
	ASSERT_SOON(t, st_ended(cold->next->job));
	EXPECT(t, st_run_pid(t, pool) > 0);
	EXPECT_EQ(t, atomic_read(&members), before);
}

static int embedded_member(struct workpool_member *unused)
{
	atomic_inc(&members);
	return 0;
}

/* Embedded members as well, and a wait for those that run ends at once. */
static void embedded_members_of_frozen_workers_are_cancelled(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, WORKPOOL_F_FREEZABLE);
	struct workpool_member *embedded = st_alloc(t, 2 * sizeof(*embedded));
	struct task_struct *thread = park_one(t, pool);
	struct cold *cold = cold_pool(t);
	struct workpool_group group;
	int before = atomic_read(&members);
	struct st_thread *suspend = freeze(t, cold);

	ASSERT_SOON(t, is_frozen(thread) || st_returned(suspend));
	workpool_group_init(&group, pool);
	workpool_member_init(&embedded[0], embedded_member);
	workpool_member_init(&embedded[1], embedded_member);
	EXPECT_EQ(t, workpool_group_queue(&group, &embedded[0]), 0);
	EXPECT_EQ(t, workpool_group_cancel_sync(&group), 0);
	EXPECT_EQ(t, workpool_group_queue(&cold->group, &embedded[1]), 0);
	EXPECT_EQ(t, workpool_group_cancel_sync(&cold->group), 0);
	EXPECT(t, is_frozen(thread) && is_frozen(cold->busy->thread));
	EXPECT_EQ(t, st_join(suspend), 0);
	ASSERT_SOON(t, st_ended(cold->next->job));
	EXPECT(t, st_run_pid(t, pool) > 0);
	EXPECT_EQ(t, atomic_read(&members), before);
}

static int cold_submit_call(struct st_thread *thread)
{
	return workpool_submit(thread->pool, st_job_run, thread->job);
}

/* A place that a frozen worker leaves free is given to one that waits for it. */
static void submitter_is_let_in_by_a_frozen_worker(struct st_test *t)
{
	struct cold *cold = cold_pool(t);
	struct st_thread *thread = st_thread(t, cold->pool, cold_submit_call);
	struct st_thread *suspend;

	thread->job = st_job_quick(t);
	st_thread_start(thread);
	ASSERT_SOON(t, workpool_waiting(cold->pool) == 1);
	EXPECT_EQ(t, workpool_cancel(&cold->next->d.task), 0);
	suspend = freeze(t, cold);
	ASSERT_SOON(t, st_returned(thread) || st_returned(suspend));
	EXPECT(t, is_frozen(cold->busy->thread));
	EXPECT_EQ(t, st_join(thread), 0);
	EXPECT_EQ(t, st_join(suspend), 0);
	ASSERT_SOON(t, st_ended(thread->job));
	EXPECT_EQ(t, workpool_group_wait(&cold->group), 0);
}

/**
 * struct cold_members - members that last until a thread is frozen
 * @group: of the members, in a freezable pool
 * @awaited: this thread: that of an idle worker, or the one that waits for them
 * @apart: they run on other workers when the task waits for them
 * @began: members that did
 * @frozen: members that ended while the thread was frozen
 */
struct cold_members {
	struct workpool_group group;
	struct task_struct *awaited;
	bool apart;
	atomic_t began;
	atomic_t frozen;
};

static int member_while_freezing(void *arg)
{
	struct cold_members *members = arg;

	atomic_inc(&members->began);
	if (st_wait_until(is_frozen(READ_ONCE(members->awaited))))
		atomic_inc(&members->frozen);
	return 0;
}

static void body_wait_for_members(struct st_job *job)
{
	struct cold_members *members = job->data;
	int i;

	for (i = 0; i < 2 && !job->ret; i++) {
		job->ret = workpool_group_submit(&members->group,
						 member_while_freezing, members);
		if (members->apart)
			st_wait_until(atomic_read(&members->began) > i);
	}
	job->ret = workpool_group_wait(&members->group) ?: job->ret;
}

/* Suspend while a task of @pool waits for two members. */
static void suspend_with_members(struct st_test *t, struct workpool *pool,
				 bool apart)
{
	struct cold_members *members = st_alloc(t, sizeof(*members));
	struct st_job *job = st_job_body(t, pool, body_wait_for_members);
	struct st_thread *suspend = st_thread(t, NULL, call_suspend);

	members->apart = apart;
	members->awaited = park_one(t, st_pool(t, 1, WORKPOOL_F_FREEZABLE));
	workpool_group_init(&members->group, pool);
	job->data = members;
	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, atomic_read(&members->began) == 1 + apart);
	if (apart)
		WRITE_ONCE(members->awaited, job->thread);
	st_thread_start(suspend);
	EXPECT_EQ(t, st_join(suspend), 0);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, job->ret, 0);
	EXPECT_EQ(t, atomic_read(&members->frozen), 2);
}

/* A task that executes the members itself has done so when its worker freezes. */
static void members_end_before_their_worker_freezes(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.flags = WORKPOOL_F_FREEZABLE;
	attrs.queue_depth = 2;
	suspend_with_members(t, st_pool_attrs(t, &attrs), false);
}

/* A task that waits for members of other workers freezes in its middle. */
static void task_that_waits_for_members_freezes(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, WORKPOOL_F_FREEZABLE);

	suspend_with_members(t, pool, true);
}

/**
 * struct cold_loop - a loop whose helper is queued in @cold
 * @t: the test
 * @cold: its worker is busy when the loop begins
 * @suspend: the freezer is at work
 * @done: what was worked on
 */
struct cold_loop {
	struct st_test *t;
	struct cold *cold;
	struct st_thread *suspend;
	atomic_t done;
};

static int freeze_in_loop(size_t lo, size_t hi, void *arg)
{
	struct cold_loop *loop = arg;

	if (!lo)
		freeze_worker(loop->t, loop->cold, loop->suspend);
	atomic_add(hi - lo, &loop->done);
	return 0;
}

/* It finishes a range alone. */
static void loop_does_not_wait_for_frozen_workers(struct st_test *t)
{
	struct cold_loop *loop = st_alloc(t, sizeof(*loop));
	struct cold *cold = cold_pool(t);

	EXPECT_EQ(t, workpool_cancel(&cold->next->d.task), 0);
	workpool_group_cancel(&cold->group);
	loop->t = t;
	loop->cold = cold;
	loop->suspend = start_freezer(t, cold);
	EXPECT_EQ(t, 0, workpool_parallel_for(cold->pool, 0, 64, 1,
					      freeze_in_loop, loop));
	EXPECT_EQ(t, atomic_read(&loop->done), 64);
	EXPECT(t, is_frozen(cold->busy->thread));
	EXPECT_EQ(t, st_join(loop->suspend), 0);
	EXPECT_EQ(t, workpool_group_wait(&cold->group), 0);
}

/*
 * Threads that wait for a frozen worker freeze, whatever they wait in, and go
 * on after the thaw.
 */
static void waiters_of_a_frozen_pool_freeze(struct st_test *t)
{
	static int (*const calls[])(struct st_thread *thread) = {
		cold_submit, cold_submit, cold_submit_timeout,
		cold_group_submit, cold_group_wait, cold_group_wait_timeout,
		cold_flush, cold_flush_pool, cold_drain,
	};
	struct st_thread *threads[ARRAY_SIZE(calls)];
	struct cold *cold = cold_pool(t);
	int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		threads[i] = wait_in(t, cold, calls[i]);
	suspend_with(t, cold);
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		EXPECT_EQ(t, st_join(threads[i]), 0);
	EXPECT(t, st_ended(cold->next->job));
}

/* A thread also freezes while it waits until a frozen pool is empty. */
static void releasers_of_a_frozen_pool_freeze(struct st_test *t)
{
	struct cold *cold = cold_pool(t);
	struct st_thread *threads[2];

	threads[0] = wait_in(t, cold, cold_release);
	threads[1] = wait_in(t, cold, cold_wait_released);
	suspend_with(t, cold);
	EXPECT_EQ(t, st_join(threads[0]), 0);
	EXPECT_EQ(t, st_join(threads[1]), 0);
	EXPECT(t, st_ended(cold->next->job));
}

/* And of the one that destroys it. */
static void destroyer_of_a_frozen_pool_freezes(struct st_test *t)
{
	struct cold *cold = cold_pool(t);
	struct st_thread *thread;

	st_pool_forget(t, cold->pool);
	thread = wait_in(t, cold, cold_destroy);
	suspend_with(t, cold);
	EXPECT_EQ(t, st_join(thread), 0);
	EXPECT(t, st_ended(cold->next->job));
}

/* submits to the pool of ->data, which is full and frozen by now */
static void body_submit_cold(struct st_job *job)
{
	struct cold *cold = job->data;

	wait_for_completion(&job->gate);
	job->ret = workpool_submit(cold->pool, st_job_run, st_job_quick(job->t));
}

/* A task of one freezable pool may wait for another one that is frozen. */
static void task_that_waits_for_a_frozen_pool_freezes(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, WORKPOOL_F_FREEZABLE);
	struct st_job *job = st_job_body(t, pool, body_submit_cold);
	struct st_thread *suspend = st_thread(t, NULL, call_suspend);
	struct cold *cold = cold_pool(t);

	job->data = cold;
	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job));
	st_thread_start(suspend);
	ASSERT_SOON(t, is_frozen(cold->idle) || st_returned(suspend));
	st_open(cold->busy);
	ASSERT_SOON(t, is_frozen(cold->busy->thread) || st_returned(suspend));
	st_open(job);
	EXPECT_EQ(t, st_join(suspend), 0);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, job->ret, 0);
}

static int cold_multi_submit(struct st_thread *thread)
{
	set_freezable();
	return thaw(workpool_multi_submit(thread->data, st_job_run,
					  thread->job));
}

/* A submitter that waits in several frozen pools freezes. */
static void waiter_of_a_frozen_multi_freezes(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_multi *multi;
	struct st_thread *thread;
	struct cold *cold;

	attrs.flags = WORKPOOL_F_FREEZABLE;
	multi = st_multi_attrs(t, 1, WORKPOOL_ROUND_ROBIN, &attrs);
	cold = cold_pool(t);
	st_open(cold->busy);
	cold->busy = st_block(t, workpool_multi_at(multi, 0));
	ASSERT_EQ(t, 0, st_queue(workpool_multi_at(multi, 0), st_task_quick(t)));
	thread = st_thread(t, NULL, cold_multi_submit);
	thread->job = st_job_quick(t);
	thread->data = multi;
	st_thread_start(thread);
	ASSERT_SOON(t, workpool_multi_waiting(multi) == 1);
	suspend_with(t, cold);
	EXPECT_EQ(t, st_join(thread), 0);
}

static int cold_multi_reboot(struct st_thread *thread)
{
	set_freezable();
	return thaw(workpool_multi_reboot(thread->data));
}

/*
 * A thread that waits for the first workers of a multi freezes, with the lock
 * that it holds, and a kernel with lockdep does not complain.
 */
static void rebooter_of_a_multi_freezes(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct st_thread *suspend = st_thread(t, NULL, call_suspend);
	struct st_thread *thread = st_thread(t, NULL, cold_multi_reboot);
	struct st_ledger *ledger = st_ledger(t);
	struct workpool_multi *multi;

	attrs.flags = WORKPOOL_F_FREEZABLE;
	attrs.min_workers = 1;
	attrs.ops = &st_ledger_ops;
	attrs.data = ledger;
	multi = st_multi_attrs(t, 2, WORKPOOL_ROUND_ROBIN, &attrs);
	ASSERT_EQ(t, 0, workpool_multi_release_timeout(multi, ST_DEADLINE));
	WRITE_ONCE(ledger->gate_init, true);
	thread->data = multi;
	st_thread_start(thread);
	ASSERT_SOON(t, atomic_read(&ledger->gated) == 1);
	WRITE_ONCE(ledger->gate_init, false);
	st_thread_start(suspend);
	ASSERT_SOON(t, is_frozen(thread->task) || st_returned(suspend));
	st_open(ledger->gate);
	EXPECT_EQ(t, st_join(suspend), 0);
	EXPECT_EQ(t, st_join(thread), 0);
}

static const struct st_case cases[] = {
	ST_CASE(freezable_workers_freeze),
	ST_CASE(busy_freezable_worker_goes_on),
	ST_CASE(task_behind_a_frozen_worker_is_cancelled),
	ST_CASE(group_of_frozen_workers_is_cancelled),
	ST_CASE(embedded_members_of_frozen_workers_are_cancelled),
	ST_CASE(submitter_is_let_in_by_a_frozen_worker),
	ST_CASE(members_end_before_their_worker_freezes),
	ST_CASE(task_that_waits_for_members_freezes),
	ST_CASE(loop_does_not_wait_for_frozen_workers),
	ST_CASE(waiters_of_a_frozen_pool_freeze),
	ST_CASE(releasers_of_a_frozen_pool_freeze),
	ST_CASE(destroyer_of_a_frozen_pool_freezes),
	ST_CASE(task_that_waits_for_a_frozen_pool_freezes),
	ST_CASE(waiter_of_a_frozen_multi_freezes),
	ST_CASE(rebooter_of_a_multi_freezes),
};

ST_CASE_MODULE(suspend);
