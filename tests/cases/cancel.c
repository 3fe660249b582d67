// SPDX-License-Identifier: GPL-2.0
/*
 * workpool_group_cancel() and a thread that waits for the group on another CPU, and
 * uses its memory again.
 */
#include <linux/cpumask.h>
#include <linux/sched.h>

#include "case.h"

/* as many as one hold of the pool's lock cancels */
#define MEMBERS		64
#define ROUNDS		100
#define SECONDS		40

/**
 * struct reuse - one group in the memory of another one
 * @group: the memory
 * @go: the waiter is to wait for the group
 * @other: the pool of the other group
 * @ran: members of the other group that ran
 */
struct reuse {
	struct workpool_group *group;
	struct completion go;
	struct workpool *other;
	atomic_t ran;
};

static int count_member(void *arg)
{
	atomic_inc(arg);
	return 0;
}

/*
 * The waiter owns the memory when the wait returned. It makes another group of
 * it, which nobody cancels, and which has a queued member.
 */
static int wait_and_reuse(struct st_thread *thread)
{
	struct reuse *reuse = thread->data;
	struct workpool_group *group = reuse->group;
	int err;

	sched_set_fifo(current);
	set_cpus_allowed_ptr(current, cpumask_of(1));
	wait_for_completion(&reuse->go);
	err = workpool_group_wait(group);
	workpool_group_init(group, reuse->other);
	err = err ?: workpool_group_submit(group, count_member, &reuse->ran);
	return err;
}

/* stands behind the members, which have to let it in */
static int submit_behind(struct st_thread *thread)
{
	return workpool_submit(thread->pool, st_job_run, thread->job);
}

static struct workpool *full_pool(struct st_test *t, struct st_job **blocker)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool;

	attrs.queue_depth = MEMBERS;
	pool = st_pool_attrs(t, &attrs);
	*blocker = st_block(t, pool);
	return pool;
}

static void cancel_round(struct st_test *t, struct workpool_group *group)
{
	struct st_job *blockers[2], *behind = st_job_quick(t);
	struct workpool *pool = full_pool(t, &blockers[0]);
	struct reuse *reuse = st_alloc(t, sizeof(*reuse));
	struct st_thread *waiter, *threads[MEMBERS];
	int i;

	reuse->other = full_pool(t, &blockers[1]);
	reuse->group = group;
	init_completion(&reuse->go);
	workpool_group_init(group, pool);
	for (i = 0; i < MEMBERS; i++)
		ASSERT_EQ(t, 0, workpool_group_submit(group, count_member,
						      &reuse->ran));
	for (i = 0; i < MEMBERS; i++) {
		threads[i] = st_thread(t, pool, submit_behind);
		threads[i]->job = behind;
		st_thread_start(threads[i]);
	}
	ASSERT_SOON(t, workpool_waiting(pool) == MEMBERS);
	waiter = st_thread(t, pool, wait_and_reuse);
	waiter->data = reuse;
	st_thread_start(waiter);
	complete(&reuse->go);
	ASSERT_SOON(t, st_asleep(waiter->task) && reuse->go.done == 0);
	workpool_group_cancel(group);
	EXPECT_EQ(t, st_join(waiter), 0);
	EXPECT_EQ(t, st_stats(pool).cancelled, MEMBERS);
	EXPECT_EQ(t, st_stats(reuse->other).cancelled, 0);
	st_open_all(blockers, 2);
	for (i = 0; i < MEMBERS; i++)
		EXPECT_EQ(t, st_join(threads[i]), 0);
	st_settle(t, pool);
	st_settle(t, reuse->other);
	EXPECT_EQ(t, atomic_read(&reuse->ran), 1);
	st_pool_destroy(t, pool);
	st_pool_destroy(t, reuse->other);
}

/* the group is not touched once its last member was cancelled */
static void cancel_leaves_the_group_alone(struct st_test *t)
{
	struct workpool_group *group = st_alloc(t, sizeof(*group));
	unsigned long end = jiffies + SECONDS * HZ;
	int i;

	if (!cpu_online(1))
		st_skip(t, "needs two CPUs");
	set_cpus_allowed_ptr(current, cpumask_of(0));
	for (i = 0; i < ROUNDS && !t->failures && time_before(jiffies, end); i++)
		cancel_round(t, group);
}

static const struct st_case cases[] = {
	ST_CASE(cancel_leaves_the_group_alone),
};

ST_CASE_MODULE(cancel);
