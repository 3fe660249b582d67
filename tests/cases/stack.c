// SPDX-License-Identifier: GPL-2.0
/*
 * A task crashes with a group on its stack. The test keeps the stack of the dead
 * thread, and compares.
 */
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/uaccess.h>

#include "case.h"

#define MEMBERS		6

/**
 * struct stacked - a group on the stack of a task
 * @group: the group
 * @member: what each member runs
 * @kept: the stack stays
 * @submitted: members that were accepted
 */
struct stacked {
	struct workpool_group *group;
	struct st_job *member;
	bool kept;
	int submitted;
};

static int run_member(void *arg)
{
	st_job_run(arg);
	return 0;
}

static void body_crash(struct st_job *job)
{
	struct stacked *stacked = job->data;
	struct workpool_group group;
	int i;

	/*
	 * For ever: a module cannot give it back. The task stays as well, as a
	 * task that is freed with a stack in use is a warning.
	 */
	stacked->kept = IS_ENABLED(CONFIG_THREAD_INFO_IN_TASK) &&
			try_get_task_stack(current);
	if (stacked->kept)
		get_task_struct(current);
	stacked->group = &group;
	workpool_group_init(&group, job->pool);
	for (i = 0; i < MEMBERS; i++)
		if (!workpool_group_submit(&group, run_member, stacked->member))
			stacked->submitted++;
	st_wait_until(st_begun(stacked->member));
	workpool_task_crash(-EIO);
}

/* Returns false when the stack cannot be read. */
static bool copy_group(struct stacked *stacked, void *to)
{
	return !copy_from_kernel_nofault(to, stacked->group,
					 sizeof(struct workpool_group));
}

/*
 * Nothing writes to a group on a dead stack: members that are queued are dropped,
 * and the one that runs ends without it.
 */
static void group_on_a_dead_stack_is_left_alone(struct st_test *t)
{
	struct workpool_group *before = st_alloc(t, 2 * sizeof(*before));
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct stacked *stacked = st_alloc(t, sizeof(*stacked));
	struct workpool *pool;
	struct st_job *job;
	bool copied;

	attrs.queue_depth = MEMBERS;
	pool = st_pool_attrs(t, &attrs);
	job = st_job_body(t, pool, body_crash);
	job->data = stacked;
	stacked->member = st_job(t);
	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job) && READ_ONCE(job->thread->exit_state));
	copied = stacked->kept && copy_group(stacked, before);
	st_open(stacked->member);
	st_settle(t, pool);
	if (copied && copy_group(stacked, before + 1))
		EXPECT(t, !memcmp(before, before + 1, sizeof(*before)));
	EXPECT_EQ(t, stacked->submitted, MEMBERS);
	EXPECT_EQ(t, st_stats(pool).dropped, MEMBERS - 1);
	EXPECT_EQ(t, atomic_read(&stacked->member->ended), 1);
	if (!copied)
		st_skip(t, "the stack cannot be kept");
}

static const struct st_case cases[] = {
	ST_CASE(group_on_a_dead_stack_is_left_alone),
};

ST_CASE_MODULE(stack);
