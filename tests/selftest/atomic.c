// SPDX-License-Identifier: GPL-2.0
/*
 * workpool_try_submit() where nothing may sleep.
 */
#include <linux/bottom_half.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>

#include "test.h"

/* one call of workpool_try_submit() from somewhere */
struct call {
	struct irq_work irq_work;
	struct tasklet_struct tasklet;
	struct workpool *pool;
	struct st_job *job;
	bool right_context;
	int ret;
	struct completion done;
};

typedef void (*context_fn)(struct call *call);

static void call_now(struct call *call, bool right_context)
{
	call->right_context = right_context;
	call->ret = st_try(call->pool, call->job);
	complete(&call->done);
}

static void in_hard_irq(struct irq_work *work)
{
	call_now(container_of(work, struct call, irq_work), in_hardirq());
}

static void from_hardirq(struct call *call)
{
	call->irq_work = IRQ_WORK_INIT_HARD(in_hard_irq);
	irq_work_queue(&call->irq_work);
	wait_for_completion(&call->done);
	irq_work_sync(&call->irq_work);
}

static void in_tasklet(struct tasklet_struct *tasklet)
{
	call_now(container_of(tasklet, struct call, tasklet),
		 in_serving_softirq());
}

static void from_softirq(struct call *call)
{
	tasklet_setup(&call->tasklet, in_tasklet);
	tasklet_schedule(&call->tasklet);
	wait_for_completion(&call->done);
	tasklet_kill(&call->tasklet);
}

static DEFINE_RAW_SPINLOCK(some_lock);

static void with_raw_lock_and_irqs_off(struct call *call)
{
	unsigned long flags;
	bool right;

	raw_spin_lock_irqsave(&some_lock, flags);
	right = irqs_disabled();
	call->ret = st_try(call->pool, call->job);
	call->right_context = right && irqs_disabled();
	raw_spin_unlock_irqrestore(&some_lock, flags);
}

static void with_bh_off(struct call *call)
{
	local_bh_disable();
	call->ret = st_try(call->pool, call->job);
	call->right_context = in_softirq();
	local_bh_enable();
}

static void with_rcu_and_no_preemption(struct call *call)
{
	rcu_read_lock();
	preempt_disable();
	call->ret = st_try(call->pool, call->job);
	call->right_context = preempt_count() || !IS_ENABLED(CONFIG_PREEMPT_COUNT);
	preempt_enable();
	rcu_read_unlock();
}

static int try_from(struct st_test *t, context_fn from, struct workpool *pool,
		    struct st_job *job)
{
	struct call *call = st_alloc(t, sizeof(*call));

	call->pool = pool;
	call->job = job;
	call->ret = 1;
	init_completion(&call->done);
	from(call);
	EXPECT(t, call->right_context);
	return call->ret;
}

/* from one context: a new worker, an idle one, none, a closed pool */
static void try_all(struct st_test *t, context_fn from)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *jobs[4];

	st_jobs(t, jobs, 4);
	EXPECT_EQ(t, try_from(t, from, pool, jobs[0]), 0);
	EXPECT_EQ(t, try_from(t, from, pool, jobs[1]), 0);
	EXPECT_EQ(t, try_from(t, from, pool, jobs[2]), -EAGAIN);
	ASSERT_SOON(t, st_begun(jobs[0]) && st_begun(jobs[1]));
	st_open(jobs[0]);
	ASSERT_SOON(t, workpool_idle(pool) == 1);
	EXPECT_EQ(t, try_from(t, from, pool, jobs[2]), 0);
	ASSERT_SOON(t, st_begun(jobs[2]));
	EXPECT_EQ(t, jobs[2]->pid, jobs[0]->pid);
	workpool_release(pool);
	EXPECT_EQ(t, try_from(t, from, pool, jobs[3]), -ESHUTDOWN);
}

static void try_submit_from_hardirq(struct st_test *t)
{
	try_all(t, from_hardirq);
}

static void try_submit_from_softirq(struct st_test *t)
{
	try_all(t, from_softirq);
}

static void try_submit_with_raw_lock_held(struct st_test *t)
{
	try_all(t, with_raw_lock_and_irqs_off);
}

static void try_submit_with_bh_disabled(struct st_test *t)
{
	try_all(t, with_bh_off);
}

static void try_submit_with_preemption_disabled(struct st_test *t)
{
	try_all(t, with_rcu_and_no_preemption);
}

/* workpool_release() is for softirqs, too */
static void in_releasing_tasklet(struct tasklet_struct *tasklet)
{
	struct call *call = container_of(tasklet, struct call, tasklet);

	call->right_context = in_serving_softirq();
	workpool_release(call->pool);
	complete(&call->done);
}

static void release_from_softirq(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct call *call = st_alloc(t, sizeof(*call));
	struct st_job *waiting, *busy[2];
	struct st_thread *thread;

	st_block_n(t, pool, busy, 2);
	st_add_waiters(t, pool, &waiting, &thread, 1);
	call->pool = pool;
	init_completion(&call->done);
	tasklet_setup(&call->tasklet, in_releasing_tasklet);
	tasklet_schedule(&call->tasklet);
	wait_for_completion(&call->done);
	tasklet_kill(&call->tasklet);
	EXPECT(t, call->right_context);
	EXPECT(t, workpool_is_closed(pool));
	EXPECT_EQ(t, st_join(thread), -ESHUTDOWN);
	st_open_all(busy, 2);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
}

/* PREALLOC: all workers at once, from a hard interrupt */
static void prealloc_serves_a_burst_from_hardirq(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 8, WORKPOOL_F_PREALLOC);
	struct st_job *jobs[8];
	int i;

	st_jobs(t, jobs, 8);
	for (i = 0; i < 8; i++)
		EXPECT_EQ(t, try_from(t, from_hardirq, pool, jobs[i]), 0);
	EXPECT_EQ(t, st_stats(pool).queued + st_stats(pool).busy, 8);
	ASSERT_SOON(t, workpool_busy(pool) == 8);
	EXPECT_EQ(t, st_stats(pool).spawned + st_stats(pool).adopted, 8);
}

/* all slots of a cold pool from a hard interrupt: each has room for its task */
static void cold_pool_takes_a_burst_from_hardirq(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 32, 0);
	int i;

	for (i = 0; i < 32; i++)
		EXPECT_EQ(t, try_from(t, from_hardirq, pool, st_job(t)), 0);
	EXPECT_EQ(t, try_from(t, from_hardirq, pool, st_job(t)), -EAGAIN);
	ASSERT_SOON(t, workpool_busy(pool) == 32);
}

/* interrupts that submit while threads do */
static void hardirq_and_threads_at_once(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct st_storm *storm = st_storm(t, pool, 3, 200);
	struct st_thread *threads[3];
	int i, ret, accepted = 0;

	st_storm_start(storm, threads, 3);
	for (i = 0; i < 200; i++) {
		ret = try_from(t, from_hardirq, pool, st_job_quick(t));
		EXPECT(t, ret == 0 || ret == -EAGAIN);
		accepted += !ret;
	}
	st_storm_end(storm, threads, 3);
	st_storm_expect_all_ran(storm, 600);
	st_settle(t, pool);
	EXPECT_EQ(t, st_stats(pool).completed, 600 + accepted);
}

static const struct st_case atomic_cases[] = {
	ST_CASE(try_submit_from_hardirq),
	ST_CASE(try_submit_from_softirq),
	ST_CASE(try_submit_with_raw_lock_held),
	ST_CASE(try_submit_with_bh_disabled),
	ST_CASE(try_submit_with_preemption_disabled),
	ST_CASE(release_from_softirq),
	ST_CASE(prealloc_serves_a_burst_from_hardirq),
	ST_CASE(cold_pool_takes_a_burst_from_hardirq),
	ST_CASE(hardirq_and_threads_at_once),
};

ST_GROUP(atomic, false);
