// SPDX-License-Identifier: GPL-2.0
/*
 * Circles of tasks that wait for each other: the last one gets -EDEADLK, and the
 * others go on.
 */
#include <linux/cpumask.h>
#include <linux/sched/task.h>

#include "test.h"

/**
 * struct leg - one task of a circle
 * @call: what it does when all tasks of the circle run; returns what came back
 * @met: tasks that run
 * @nr: tasks of the circle
 * @pool: for @call
 * @multi: for @call
 * @task: for @call
 * @job: submitted by @call
 * @group: for @call; it outlives a wait that fails
 * @thread: where a helper or a member runs
 * @ret: what that one got
 */
struct leg {
	int (*call)(struct leg *leg);
	atomic_t *met;
	int nr;
	struct workpool *pool;
	struct workpool_multi *multi;
	struct workpool_task *task;
	struct st_job *job;
	struct workpool_group group;
	struct task_struct *thread;
	int ret;
};

static void body_leg(struct st_job *job)
{
	struct leg *leg = job->data;

	atomic_inc(leg->met);
	if (st_wait_until(atomic_read(leg->met) == leg->nr))
		job->ret = leg->call(leg);
}

/* the legs of one circle, each of which makes @call */
static struct leg *legs_new(struct st_test *t, int nr,
			    int (*call)(struct leg *leg))
{
	struct leg *legs = st_alloc(t, nr * sizeof(*legs));
	atomic_t *met = st_alloc(t, sizeof(*met));
	int i;

	st_lockdep_off();
	for (i = 0; i < nr; i++) {
		legs[i].call = call;
		legs[i].met = met;
		legs[i].nr = nr;
		legs[i].job = st_job_quick(t);
	}
	return legs;
}

/* a call in @pool that executes @leg */
static struct st_job *leg_start(struct st_test *t, struct workpool *pool,
				struct leg *leg)
{
	struct st_job *job = st_job_body(t, pool, body_leg);

	job->data = leg;
	ASSERT_EQ(t, st_try(pool, job), 0);
	return job;
}

/* an embedded task in @pool that executes @leg */
static struct st_task *leg_queue(struct st_test *t, struct workpool *pool,
				 struct leg *leg)
{
	struct st_task *task = st_task_body(t, pool, body_leg);

	task->job->data = leg;
	ASSERT_EQ(t, st_queue(pool, task), 0);
	return task;
}

/* One of the jobs was refused, and all have ended. */
static void expect_one_refused(struct st_test *t, struct st_job **jobs, int nr)
{
	int i, refused = 0;

	for (i = 0; i < nr; i++) {
		ASSERT_SOON(t, st_ended(jobs[i]));
		refused += jobs[i]->ret == -EDEADLK;
	}
	EXPECT_EQ(t, refused, 1);
}

static int call_submit(struct leg *leg)
{
	return workpool_submit(leg->pool, st_job_run, leg->job);
}

static int call_submit_timeout(struct leg *leg)
{
	return workpool_submit_timeout(leg->pool, st_job_run, leg->job,
				       10 * ST_DEADLINE);
}

static int call_multi(struct leg *leg)
{
	return workpool_multi_submit(leg->multi, st_job_run, leg->job);
}

static int call_multi_timeout(struct leg *leg)
{
	return workpool_multi_submit_timeout(leg->multi, st_job_run, leg->job,
					     10 * ST_DEADLINE);
}

static int call_cancel_sync(struct leg *leg)
{
	return workpool_cancel_sync(leg->task);
}

static int call_drain(struct leg *leg)
{
	return workpool_drain(leg->pool, 10 * ST_DEADLINE);
}

/* a task of the first pool submits to the multi, one of the second to the first */
static void cross_multi(struct st_test *t, int (*to_multi)(struct leg *leg),
			int (*to_pool)(struct leg *leg))
{
	struct workpool_multi *multi = st_multi(t, 2, WORKPOOL_ROUND_ROBIN, 1);
	struct workpool *first = workpool_multi_at(multi, 0);
	struct leg *legs = legs_new(t, 2, to_pool);
	struct st_job *jobs[2];

	legs[0].call = to_multi;
	legs[0].multi = multi;
	legs[1].multi = multi;
	legs[1].pool = first;
	jobs[0] = leg_start(t, first, &legs[0]);
	jobs[1] = leg_start(t, workpool_multi_at(multi, 1), &legs[1]);
	expect_one_refused(t, jobs, 2);
	EXPECT_EQ(t, st_multi_stats(multi).deadlocks, 1);
}

static void submit_to_multi_and_to_sibling(struct st_test *t)
{
	cross_multi(t, call_multi, call_submit);
}

static void submit_timeout_to_multi_and_to_sibling(struct st_test *t)
{
	cross_multi(t, call_multi_timeout, call_submit_timeout);
}

static void submit_to_multi_by_all(struct st_test *t)
{
	cross_multi(t, call_multi, call_multi_timeout);
}

/* a ring of pools with one worker each, whose tasks submit to the next one */
static void ring(struct st_test *t, int nr, int (*call)(struct leg *leg))
{
	struct leg *legs = legs_new(t, nr, call);
	struct workpool *pools[8];
	struct st_job *jobs[8];
	int i;

	for (i = 0; i < nr; i++)
		pools[i] = st_pool(t, 1, 0);
	for (i = 0; i < nr; i++) {
		legs[i].pool = pools[(i + 1) % nr];
		jobs[i] = leg_start(t, pools[i], &legs[i]);
	}
	expect_one_refused(t, jobs, nr);
}

static void submit_between_two_pools(struct st_test *t)
{
	ring(t, 2, call_submit);
}

static void submit_in_a_ring_of_pools(struct st_test *t)
{
	ring(t, 8, call_submit_timeout);
}

static void drain_between_two_pools(struct st_test *t)
{
	ring(t, 2, call_drain);
}

static int call_flush(struct leg *leg)
{
	workpool_flush_pool(leg->pool);
	return 0;
}

static u64 refused_flushes(struct workpool *pools[2])
{
	return st_stats(pools[0]).deadlocks + st_stats(pools[1]).deadlocks;
}

static void flush_between_two_pools(struct st_test *t)
{
	struct leg *legs = legs_new(t, 2, call_flush);
	struct workpool *pools[2];
	struct st_job *jobs[2];
	int i;

	for (i = 0; i < 2; i++)
		pools[i] = st_pool(t, 2, 0);
	for (i = 0; i < 2; i++) {
		legs[i].pool = pools[!i];
		jobs[i] = leg_start(t, pools[i], &legs[i]);
	}
	for (i = 0; i < 2; i++)
		ASSERT_SOON(t, st_ended(jobs[i]));
	EXPECT_EQ(t, refused_flushes(pools), 1);
}

static void body_flush(struct st_job *job)
{
	workpool_flush_pool(job->data);
}

/* A task that was accepted after the flush may wait for the one that flushes. */
static void later_task_is_no_part_of_it(struct st_test *t)
{
	struct workpool *pools[] = { st_pool(t, 1, 0), st_pool(t, 2, 0) };
	struct st_job *old = st_block(t, pools[1]), *jobs[2];
	int i;

	st_lockdep_off();
	for (i = 0; i < 2; i++) {
		jobs[i] = st_job_body(t, pools[i], body_flush);
		jobs[i]->data = pools[!i];
		ASSERT_EQ(t, st_try(pools[i], jobs[i]), 0);
		ASSERT_SOON(t, st_begun(jobs[i]) && st_asleep(jobs[i]->thread));
	}
	st_open(old);
	for (i = 0; i < 2; i++)
		ASSERT_SOON(t, st_ended(jobs[i]));
	EXPECT_EQ(t, refused_flushes(pools), 0);
}

/* waits for its gate, then flushes another task */
static void body_flush_task(struct st_job *job)
{
	struct st_task *task = job->data;

	wait_for_completion(&job->gate);
	workpool_flush(&task->d.task);
}

/* flush of a task that only the flushing worker could run */
static void flush_that_must_deadlock(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_task *task = st_task_body(t, pool, body_flush_task);
	struct st_task *other = st_task_quick(t);

	st_lockdep_off();
	task->job->data = other;
	EXPECT_EQ(t, st_queue(pool, task), 0);
	EXPECT_EQ(t, st_queue(pool, other), 0);
	st_open(task->job);
	ASSERT_SOON(t, st_ended(other->job));
	EXPECT_EQ(t, st_stats(pool).deadlocks, 1);
}

/* two tasks flush each other: one gets the warning, and both end */
static void mutual_flush(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_task *one = st_task_body(t, pool, body_flush_task);
	struct st_task *two = st_task_body(t, pool, body_flush_task);

	st_lockdep_off();
	one->job->data = two;
	two->job->data = one;
	EXPECT_EQ(t, st_queue(pool, one), 0);
	EXPECT_EQ(t, st_queue(pool, two), 0);
	ASSERT_SOON(t, st_begun(one->job) && st_begun(two->job));
	st_open(one->job);
	st_open(two->job);
	ASSERT_SOON(t, st_ended(one->job) && st_ended(two->job));
	EXPECT_EQ(t, st_stats(pool).deadlocks, 1);
}

/* The pool has workers to spare, and they do not help. */
static void cancel_sync_of_each_other(struct st_test *t)
{
	struct leg *legs = legs_new(t, 2, call_cancel_sync);
	struct workpool *pool = st_pool(t, 4, 0);
	struct st_task *tasks[2];
	struct st_job *jobs[2];
	int i;

	for (i = 0; i < 2; i++)
		tasks[i] = st_task_body(t, pool, body_leg);
	for (i = 0; i < 2; i++) {
		jobs[i] = tasks[i]->job;
		jobs[i]->data = &legs[i];
		legs[i].task = &tasks[!i]->d.task;
		ASSERT_EQ(t, st_queue(pool, tasks[i]), 0);
	}
	expect_one_refused(t, jobs, 2);
}

/* A task waits for a submit, the worker that could serve it for the task. */
static void submit_and_cancel_sync(struct st_test *t)
{
	struct workpool *own = st_pool(t, 2, 0), *other = st_pool(t, 1, 0);
	struct leg *legs = legs_new(t, 2, call_submit);
	struct st_job *jobs[2];
	struct st_task *task;

	legs[0].pool = other;
	task = leg_queue(t, own, &legs[0]);
	legs[1].call = call_cancel_sync;
	legs[1].task = &task->d.task;
	jobs[0] = task->job;
	jobs[1] = leg_start(t, other, &legs[1]);
	expect_one_refused(t, jobs, 2);
}

static int member_cancels(void *arg)
{
	struct leg *leg = arg;

	leg->ret = workpool_cancel_sync(leg->task);
	return 0;
}

static int call_group(struct leg *leg)
{
	int ret;

	workpool_group_init(&leg->group, leg->pool);
	ret = workpool_group_submit(&leg->group, member_cancels, leg);
	return ret ?: workpool_group_wait(&leg->group);
}

/* A task waits for a group, one member of it for the task. */
static void group_wait_and_cancel_sync(struct st_test *t)
{
	struct workpool *own = st_pool(t, 2, 0), *other = st_pool(t, 2, 0);
	struct leg *leg = legs_new(t, 1, call_group);
	struct st_task *task = st_task_body(t, own, body_leg);

	task->job->data = leg;
	leg->pool = other;
	leg->task = &task->d.task;
	ASSERT_EQ(t, st_queue(own, task), 0);
	ASSERT_SOON(t, st_ended(task->job));
	EXPECT_EQ(t, workpool_drain(other, ST_DEADLINE), 0);
	EXPECT_EQ(t, (leg->ret == -EDEADLK) + (task->job->ret == -EDEADLK), 1);
}

/* The helper waits for the task that runs the loop, which then waits for it. */
static int chunk(size_t lo, size_t hi, void *arg)
{
	struct leg *leg = arg;

	if (current == leg->thread)
		return st_wait_until(READ_ONCE(leg->job->thread)) &&
		       st_wait_until(st_asleep(leg->job->thread)) ?
		       0 : -ETIMEDOUT;
	/* the job is not run: it only holds the thread */
	WRITE_ONCE(leg->job->thread, get_task_struct(current));
	leg->ret = workpool_cancel_sync(leg->task);
	return 0;
}

static int call_parallel(struct leg *leg)
{
	leg->thread = current;
	return workpool_parallel_for(leg->pool, 0, 2, 1, chunk, leg);
}

/* parallel_for() cannot fail: the helper does. */
static void parallel_for_and_cancel_sync(struct st_test *t)
{
	struct leg *leg = legs_new(t, 1, call_parallel);
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_task *task = st_task_body(t, pool, body_leg);

	if (num_online_cpus() == 1)
		st_skip(t, "one CPU, so parallel_for has no helper");
	task->job->data = leg;
	leg->pool = pool;
	leg->task = &task->d.task;
	ASSERT_EQ(t, st_queue(pool, task), 0);
	ASSERT_SOON(t, st_ended(task->job));
	EXPECT_EQ(t, task->job->ret, 0);
	EXPECT_EQ(t, leg->ret, -EDEADLK);
}

/*
 * A shrink takes the worker that both waited for. Nobody begins to wait then, and
 * one gets the error all the same.
 */
static void shrink_closes_the_circle(struct st_test *t)
{
	struct workpool *own = st_pool(t, 2, 0), *other = st_pool(t, 1, 0);
	struct leg *legs = legs_new(t, 2, call_submit);
	struct st_job *jobs[2], *busy = st_block(t, own);

	legs[0].pool = other;
	legs[1].pool = own;
	jobs[0] = leg_start(t, own, &legs[0]);
	jobs[1] = leg_start(t, other, &legs[1]);
	ASSERT_SOON(t, workpool_waiting(own) + workpool_waiting(other) == 2);
	EXPECT_EQ(t, workpool_tune(own, 1), 0);
	EXPECT(t, !st_ended(jobs[0]) && !st_ended(jobs[1]));
	st_open(busy);
	expect_one_refused(t, jobs, 2);
}

/* While one worker is busy there is hope, and nobody gets an error. */
static void busy_worker_ends_the_wait(struct st_test *t)
{
	struct workpool *own = st_pool(t, 2, 0), *other = st_pool(t, 1, 0);
	struct leg *legs = legs_new(t, 2, call_submit);
	struct st_job *jobs[2], *busy = st_block(t, own);
	int i;

	legs[0].pool = other;
	legs[1].pool = own;
	jobs[0] = leg_start(t, own, &legs[0]);
	jobs[1] = leg_start(t, other, &legs[1]);
	ASSERT_SOON(t, workpool_waiting(own) + workpool_waiting(other) == 2);
	st_open(busy);
	for (i = 0; i < 2; i++) {
		ASSERT_SOON(t, st_ended(jobs[i]));
		EXPECT_EQ(t, jobs[i]->ret, 0);
	}
}

/*
 * A shrink closes a circle, and one more task waits behind it. That one gets no
 * error: its wait ends when the circle is broken.
 */
static void wait_behind_a_circle_goes_on(struct st_test *t)
{
	struct workpool *own = st_pool(t, 2, 0), *other = st_pool(t, 1, 0);
	struct leg *legs = legs_new(t, 2, call_submit);
	struct st_job *jobs[2], *behind, *busy = st_block(t, own);
	struct leg *leg = legs_new(t, 1, call_cancel_sync);
	struct st_task *task;

	legs[0].pool = other;
	legs[1].pool = own;
	task = leg_queue(t, own, &legs[0]);
	jobs[0] = task->job;
	jobs[1] = leg_start(t, other, &legs[1]);
	ASSERT_SOON(t, workpool_waiting(own) + workpool_waiting(other) == 2);
	leg->task = &task->d.task;
	behind = leg_start(t, st_pool(t, 1, 0), leg);
	ASSERT_SOON(t, st_begun(behind) && st_asleep(behind->thread));
	EXPECT_EQ(t, workpool_tune(own, 1), 0);
	st_open(busy);
	expect_one_refused(t, jobs, 2);
	ASSERT_SOON(t, st_ended(behind));
	EXPECT_EQ(t, behind->ret, -EBUSY);
}

/**
 * struct link - a member of a group that waits for the group before
 * @group: with this member alone
 * @before: NULL for the first one, which only waits for its gate
 * @gate: the member waits for it first
 * @thread: where it runs, once it is past the gate
 * @ret: of its wait
 */
struct link {
	struct workpool_group group;
	struct link *before;
	struct completion gate;
	struct task_struct *thread;
	int ret;
};

static int wait_for_link(void *arg)
{
	struct link *link = arg;

	wait_for_completion(&link->gate);
	WRITE_ONCE(link->thread, current);
	if (link->before)
		link->ret = workpool_group_wait(&link->before->group);
	return 0;
}

static bool link_waits(struct link *link)
{
	struct task_struct *thread = READ_ONCE(link->thread);

	return thread && st_asleep(thread);
}

#define LINKS	1000

/*
 * A chain of many waits, each for the one before, is no circle, and to find that
 * out takes each of them little time.
 */
static void long_chain_of_waits(struct st_test *t)
{
	struct link *links = st_alloc(t, LINKS * sizeof(*links));
	struct workpool *pool = st_pool(t, LINKS, 0);
	int i;

	st_lockdep_off();
	for (i = 0; i < LINKS; i++) {
		init_completion(&links[i].gate);
		links[i].before = i ? &links[i - 1] : NULL;
		workpool_group_init(&links[i].group, pool);
	}
	for (i = 0; i < LINKS; i++)
		ASSERT_EQ(t, workpool_group_submit(&links[i].group,
						   wait_for_link, &links[i]),
			  0);
	for (i = 1; i < LINKS; i++) {
		complete(&links[i].gate);
		ASSERT_SOON(t, link_waits(&links[i]));
	}
	for (i = 0; i < LINKS; i++)
		complete(&links[i].gate);
	EXPECT_EQ(t, workpool_group_wait(&links[LINKS - 1].group), 0);
	for (i = 0; i < LINKS; i++)
		ASSERT_EQ(t, links[i].ret, 0);
}

/**
 * struct callback - what worker_init or worker_exit waits for
 * @task: the task that it waits for
 * @ready: the task begins to wait
 * @inits: calls of worker_init
 * @thread: where it waits
 * @ret: what it got
 * @over: it has returned
 */
struct callback {
	struct workpool_task *task;
	struct completion ready;
	atomic_t inits;
	struct task_struct *thread;
	int ret;
	struct completion over;
};

static void wait_in_callback(struct callback *callback)
{
	wait_for_completion(&callback->ready);
	WRITE_ONCE(callback->thread, current);
	callback->ret = workpool_cancel_sync(callback->task);
	complete(&callback->over);
}

static bool callback_waits(struct callback *callback)
{
	struct task_struct *thread = READ_ONCE(callback->thread);

	return thread && st_asleep(thread);
}

static void exit_waits(struct workpool *pool, void *data)
{
	wait_in_callback(workpool_data(pool));
}

static const struct workpool_ops ops_exit_waits = {
	.worker_exit = exit_waits,
};

static void body_release(struct st_job *job)
{
	struct workpool *pool = job->data;
	struct callback *callback = workpool_data(pool);

	complete(&callback->ready);
	job->ret = workpool_release_timeout(pool, 10 * ST_DEADLINE);
}

/* A task waits for the end of a pool, and worker_exit of that pool for the task. */
static void release_and_worker_exit(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct callback *callback = st_alloc(t, sizeof(*callback));
	struct workpool *pool;
	struct st_task *task;

	st_lockdep_off();
	init_completion(&callback->ready);
	init_completion(&callback->over);
	attrs.ops = &ops_exit_waits;
	attrs.data = callback;
	pool = st_pool_attrs(t, &attrs);
	st_run(t, pool, st_job_quick(t));
	task = st_task_body(t, st_pool(t, 1, 0), body_release);
	task->job->data = pool;
	callback->task = &task->d.task;
	ASSERT_EQ(t, st_queue(task->job->pool, task), 0);
	ASSERT_SOON(t, st_ended(task->job));
	EXPECT_EQ(t, task->job->ret, 0);
	EXPECT_EQ(t, callback->ret, -EDEADLK);
}

/* The second worker waits before it is up. */
static int second_init_waits(struct workpool *pool, void **data)
{
	struct callback *callback = workpool_data(pool);

	if (atomic_inc_return(&callback->inits) == 2)
		wait_in_callback(callback);
	return 0;
}

static const struct workpool_ops ops_init_waits = {
	.worker_init = second_init_waits,
};

static void body_drain(struct st_job *job)
{
	struct workpool *pool = job->data;
	struct callback *callback = workpool_data(pool);

	complete(&callback->ready);
	job->ret = workpool_drain(pool, 10 * ST_DEADLINE);
}

/* A drain does not wait for a worker that starts, so that one may wait for it. */
static void drain_and_worker_init(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct callback *callback = st_alloc(t, sizeof(*callback));
	struct st_job *first, *second = st_job(t);
	struct workpool *pool;
	struct st_task *task;

	st_lockdep_off();
	init_completion(&callback->ready);
	init_completion(&callback->over);
	attrs.ops = &ops_init_waits;
	attrs.data = callback;
	pool = st_pool_attrs(t, &attrs);
	first = st_block(t, pool);
	ASSERT_EQ(t, st_try(pool, second), 0);
	ASSERT_SOON(t, atomic_read(&callback->inits) == 2);
	st_open(first);
	ASSERT_SOON(t, st_begun(second));
	task = st_task_body(t, st_pool(t, 1, 0), body_drain);
	task->job->data = pool;
	callback->task = &task->d.task;
	ASSERT_EQ(t, st_queue(task->job->pool, task), 0);
	ASSERT_SOON(t, callback_waits(callback));
	ASSERT_SOON(t, st_asleep(task->job->thread));
	st_open(second);
	ASSERT_SOON(t, st_ended(task->job));
	EXPECT_EQ(t, task->job->ret, 0);
	ASSERT_SOON(t, completion_done(&callback->over));
	EXPECT_EQ(t, callback->ret, -EBUSY);
}

/**
 * struct looker - a task that looks at a pool whose task waits for it
 * @look: what it calls; returns what came back
 * @pool: for @look
 * @multi: for @look
 * @go: it may look
 * @looked: it has; then it waits for its gate
 */
struct looker {
	int (*look)(struct looker *looker);
	struct workpool *pool;
	struct workpool_multi *multi;
	struct completion go;
	bool looked;
};

static int look_release(struct looker *looker)
{
	return workpool_release_timeout(looker->pool, 0);
}

static int look_released(struct looker *looker)
{
	workpool_release(looker->pool);
	return workpool_wait_released(looker->pool, 0);
}

static int look_multi_release(struct looker *looker)
{
	return workpool_multi_release_timeout(looker->multi, 0);
}

static int look_drain(struct looker *looker)
{
	return workpool_drain(looker->pool, 0);
}

static void body_look_at_pool(struct st_job *job)
{
	struct looker *looker = job->data;

	wait_for_completion(&looker->go);
	job->ret = looker->look(looker);
	WRITE_ONCE(looker->looked, true);
	wait_for_completion(&job->gate);
}

static void body_cancel_other(struct st_job *job)
{
	struct st_task *other = job->data;

	job->ret = workpool_cancel_sync(&other->d.task);
}

/* a task of @pool waits for one that makes the call @look, which only looks */
static void check_look(struct st_test *t, struct workpool *pool,
		       struct workpool_multi *multi,
		       int (*look)(struct looker *looker))
{
	struct looker *looker = st_alloc(t, sizeof(*looker));
	struct workpool *own = st_pool(t, 2, 0);
	struct st_task *looks = st_task_body(t, own, body_look_at_pool);
	struct st_task *waits = st_task_body(t, pool, body_cancel_other);

	st_lockdep_off();
	looker->look = look;
	looker->pool = pool;
	looker->multi = multi;
	init_completion(&looker->go);
	looks->job->data = looker;
	waits->job->data = looks;
	ASSERT_EQ(t, st_queue(own, looks), 0);
	ASSERT_SOON(t, st_begun(looks->job));
	ASSERT_EQ(t, st_queue(pool, waits), 0);
	ASSERT_SOON(t, st_begun(waits->job) && st_asleep(waits->job->thread));
	complete(&looker->go);
	ASSERT_SOON(t, READ_ONCE(looker->looked));
	EXPECT_EQ(t, looks->job->ret, -ETIMEDOUT);
	EXPECT_EQ(t, st_stats(pool).deadlocks + st_stats(own).deadlocks, 0);
	EXPECT(t, !st_ended(waits->job));
	st_open(looks->job);
	ASSERT_SOON(t, st_ended(waits->job));
	EXPECT_EQ(t, waits->job->ret, -EBUSY);
}

/* a look at the end of a pool is no wait that anything else gets an error for */
static void look_at_a_release_is_no_wait(struct st_test *t)
{
	struct workpool_multi *multi = st_multi(t, 2, WORKPOOL_ROUND_ROBIN, 2);

	check_look(t, st_pool(t, 2, 0), NULL, look_release);
	check_look(t, st_pool(t, 2, 0), NULL, look_released);
	check_look(t, workpool_multi_at(multi, 1), multi, look_multi_release);
}

/* nor is a look whether a pool is quiet */
static void look_at_a_drain_is_no_wait(struct st_test *t)
{
	check_look(t, st_pool(t, 2, 0), NULL, look_drain);
}

static const struct st_case circle_cases[] = {
	ST_CASE(submit_to_multi_and_to_sibling),
	ST_CASE(submit_timeout_to_multi_and_to_sibling),
	ST_CASE(submit_to_multi_by_all),
	ST_CASE(submit_between_two_pools),
	ST_CASE(submit_in_a_ring_of_pools),
	ST_CASE(drain_between_two_pools),
	ST_CASE(flush_between_two_pools),
	ST_CASE(later_task_is_no_part_of_it),
	ST_CASE(flush_that_must_deadlock),
	ST_CASE(mutual_flush),
	ST_CASE(cancel_sync_of_each_other),
	ST_CASE(submit_and_cancel_sync),
	ST_CASE(group_wait_and_cancel_sync),
	ST_CASE(parallel_for_and_cancel_sync),
	ST_CASE(shrink_closes_the_circle),
	ST_CASE(busy_worker_ends_the_wait),
	ST_CASE(wait_behind_a_circle_goes_on),
	ST_CASE(long_chain_of_waits),
	ST_CASE(release_and_worker_exit),
	ST_CASE(drain_and_worker_init),
	ST_CASE(look_at_a_release_is_no_wait),
	ST_CASE(look_at_a_drain_is_no_wait),
};

ST_GROUP(circle, true);
