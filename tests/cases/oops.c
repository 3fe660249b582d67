// SPDX-License-Identifier: GPL-2.0
/*
 * An embedded task oopses in a parallel loop, with a group and the argument of
 * the loop on its stack. The kernel uses that stack for its report at once, and
 * gives it to another thread soon.
 */
#include "case.h"

#define QUEUED		4	/* members that never begin */
#define ROUNDS		20	/* more than the stacks that are remembered */

/**
 * struct scene - what one task leaves behind
 * @pool: where, with three workers
 * @member: runs on the second of them
 * @helper: runs on the third one
 * @never: what no worker begins
 * @task: the task
 * @chunks: of the loop that were begun
 * @queued: members that were queued
 */
struct scene {
	struct workpool *pool;
	struct st_job *member;
	struct st_job *helper;
	struct st_job *never;
	struct st_task *task;
	atomic_t chunks;
	int queued;
};

/**
 * struct on_stack - what is on the stack of the task
 * @group: members
 * @scene: the scene
 */
struct on_stack {
	struct workpool_group group;
	struct scene *scene;
};

static int *nowhere;

static int run_member(void *arg)
{
	st_job_run(arg);
	return 0;
}

/* All three workers are busy then: what is queued stays so. */
static void queue_members(struct on_stack *stack)
{
	struct scene *scene = stack->scene;
	int i;

	for (i = 0; i < QUEUED; i++)
		if (!workpool_group_submit(&stack->group, run_member,
					   scene->never))
			scene->queued++;
}

/* Without a report of KASAN before the oops. */
static __no_sanitize_address int case_crash_part(size_t lo, size_t hi,
						 void *arg)
{
	struct on_stack *stack = arg;
	struct scene *scene = stack->scene;

	atomic_inc(&scene->chunks);
	if (current != scene->task->job->thread) {
		/* @stack is gone when the gate opens */
		st_job_run(scene->helper);
		return 0;
	}
	st_wait_until(st_begun(scene->helper));
	queue_members(stack);
	*READ_ONCE(nowhere) = 1;
	return 0;
}

static void body_crash(struct st_job *job)
{
	struct on_stack stack = { .scene = job->data };
	struct scene *scene = stack.scene;

	workpool_group_init(&stack.group, scene->pool);
	if (workpool_group_submit(&stack.group, run_member, scene->member))
		return;
	st_wait_until(st_begun(scene->member));
	workpool_parallel_for(scene->pool, 0, 64, 1, case_crash_part, &stack);
}

/* Threads that get the stacks of those that are dead. */
static void use_stacks(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 8, 0);
	struct st_job *jobs[8];

	st_block_n(t, pool, jobs, 8);
	st_open_all(jobs, 8);
	st_settle(t, pool);
	st_pool_destroy(t, pool);
}

static struct scene *new_scene(struct st_test *t, struct workpool *pool)
{
	struct scene *scene = st_alloc(t, sizeof(*scene));

	scene->pool = pool;
	scene->member = st_job(t);
	scene->helper = st_job(t);
	scene->never = st_job_quick(t);
	scene->task = st_task_body(t, pool, body_crash);
	scene->task->job->data = scene;
	return scene;
}

static void play(struct st_test *t, struct scene *scene, int round)
{
	struct workpool *pool = scene->pool;
	struct st_job *job = scene->task->job;

	ASSERT_EQ(t, st_queue(pool, scene->task), 0);
	ASSERT_SOON(t, st_stats(pool).crashes == round);
	ASSERT_SOON(t, READ_ONCE(job->thread->exit_state));
	use_stacks(t);
	st_open(scene->member);
	st_open(scene->helper);
	st_settle(t, pool);
	EXPECT_EQ(t, scene->queued, QUEUED);
	EXPECT_EQ(t, st_stats(pool).dropped, round * QUEUED);
	EXPECT(t, !st_begun(scene->never));
	EXPECT(t, st_ended(scene->member) && st_ended(scene->helper));
	EXPECT_EQ(t, atomic_read(&scene->chunks), 2);
	EXPECT(t, !st_ended(job));
}

/*
 * Nothing uses the stack: members that are queued are dropped, the one that runs
 * ends without its group, and the helper of the loop begins no other chunk.
 */
static void pool_goes_on_after_an_oops(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	struct workpool *pool;
	int round;

	attrs.queue_depth = 2 * QUEUED;
	pool = st_pool_attrs(t, &attrs);
	for (round = 1; round <= ROUNDS; round++)
		play(t, new_scene(t, pool), round);
	EXPECT(t, st_run_pid(t, pool) > 0);
}

static const struct st_case cases[] = {
	ST_CASE(pool_goes_on_after_an_oops),
};

ST_CASE_MODULE(oops);
