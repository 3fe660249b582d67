// SPDX-License-Identifier: GPL-2.0
/*
 * Jobs: tasks that say when they started and wait until they are let go.
 */
#include <linux/export.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "test.h"

/**
 * st_job() - a job that runs until st_open()
 * @t: the test
 *
 * Return: the job; it is freed when the test has ended.
 */
struct st_job *st_job(struct st_test *t)
{
	struct st_job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	ASSERT(t, job);
	job->t = t;
	init_completion(&job->gate);
	spin_lock_irq(&t->lock);
	list_add_tail(&job->node, &t->jobs);
	spin_unlock_irq(&t->lock);
	return job;
}
EXPORT_SYMBOL_GPL(st_job);

/* a job that ends at once */
struct st_job *st_job_quick(struct st_test *t)
{
	struct st_job *job = st_job(t);

	st_open(job);
	return job;
}
EXPORT_SYMBOL_GPL(st_job_quick);

/* a job that runs @body, which is to wait for its gate itself if it wants to */
struct st_job *st_job_body(struct st_test *t, struct workpool *pool,
			   void (*body)(struct st_job *job))
{
	struct st_job *job = st_job(t);

	job->pool = pool;
	job->body = body;
	return job;
}
EXPORT_SYMBOL_GPL(st_job_body);

void st_jobs(struct st_test *t, struct st_job **jobs, int n)
{
	int i;

	for (i = 0; i < n; i++)
		jobs[i] = st_job(t);
}
EXPORT_SYMBOL_GPL(st_jobs);

static void note_thread(struct st_job *job)
{
	if (!job->thread)
		job->thread = get_task_struct(current);
	job->pid = current->pid;
	get_task_comm(job->comm, current);
	job->turn = atomic_inc_return(&job->t->turns);
}

/**
 * st_job_run() - the task
 * @arg: a &struct st_job
 */
void st_job_run(void *arg)
{
	struct st_job *job = arg;

	note_thread(job);
	atomic_inc_return_release(&job->begun);
	if (job->body)
		job->body(job);
	else
		wait_for_completion(&job->gate);
	atomic_inc_return_release(&job->ended);
}
EXPORT_SYMBOL_GPL(st_job_run);

void st_open(struct st_job *job)
{
	complete_all(&job->gate);
}
EXPORT_SYMBOL_GPL(st_open);

void st_open_all(struct st_job **jobs, int n)
{
	int i;

	for (i = 0; i < n; i++)
		st_open(jobs[i]);
}
EXPORT_SYMBOL_GPL(st_open_all);

bool st_begun(struct st_job *job)
{
	return atomic_read_acquire(&job->begun);
}
EXPORT_SYMBOL_GPL(st_begun);

bool st_ended(struct st_job *job)
{
	return atomic_read_acquire(&job->ended);
}
EXPORT_SYMBOL_GPL(st_ended);

int st_try(struct workpool *pool, struct st_job *job)
{
	return workpool_try_submit(pool, st_job_run, job);
}
EXPORT_SYMBOL_GPL(st_try);

/* off the run queue, with all that switching away counts */
bool st_asleep(struct task_struct *thread)
{
	unsigned int state = READ_ONCE(thread->__state);

#ifdef CONFIG_SMP
	if (READ_ONCE(thread->on_cpu))
		return false;
#endif
	/* not on its way to the run queue either */
	return state && !(state & (TASK_WAKING | TASK_NEW)) &&
	       !READ_ONCE(thread->on_rq);
}
EXPORT_SYMBOL_GPL(st_asleep);

/* run a job that ends by itself, from beginning to end */
void st_run(struct st_test *t, struct workpool *pool, struct st_job *job)
{
	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_ended(job));
}
EXPORT_SYMBOL_GPL(st_run);

/**
 * st_block() - make one worker busy
 * @t: the test
 * @pool: the pool
 *
 * Return: the job that runs now.
 */
struct st_job *st_block(struct st_test *t, struct workpool *pool)
{
	struct st_job *job = st_job(t);

	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job));
	return job;
}
EXPORT_SYMBOL_GPL(st_block);

void st_block_n(struct st_test *t, struct workpool *pool,
		struct st_job **jobs, int n)
{
	int i;

	for (i = 0; i < n; i++)
		jobs[i] = st_block(t, pool);
}
EXPORT_SYMBOL_GPL(st_block_n);

/**
 * st_park() - have @n idle workers, parked in a known order
 * @t: the test
 * @pool: a pool with nothing to do
 * @pids: gets the workers, the one that parked first at index 0; or NULL
 * @n: how many, at most 16
 */
void st_park(struct st_test *t, struct workpool *pool, pid_t *pids, int n)
{
	struct st_job *jobs[16];
	int i;

	ASSERT(t, n <= ARRAY_SIZE(jobs));
	st_block_n(t, pool, jobs, n);
	for (i = 0; i < n; i++) {
		st_open(jobs[i]);
		ASSERT_SOON(t, workpool_busy(pool) == n - 1 - i);
		if (pids)
			pids[i] = jobs[i]->pid;
	}
	ASSERT_SOON(t, workpool_idle(pool) >= n);
}
EXPORT_SYMBOL_GPL(st_park);

/* which worker does a job when nothing else is going on? */
pid_t st_run_pid(struct st_test *t, struct workpool *pool)
{
	struct st_job *job = st_job_quick(t);

	st_run(t, pool, job);
	st_settle(t, pool);
	return job->pid;
}
EXPORT_SYMBOL_GPL(st_run_pid);

void st_jobs_open(struct st_test *t)
{
	struct st_job *job;

	spin_lock_irq(&t->lock);
	list_for_each_entry(job, &t->jobs, node)
		st_open(job);
	spin_unlock_irq(&t->lock);
}

void st_jobs_free(struct st_test *t)
{
	struct st_job *job, *next;

	list_for_each_entry_safe(job, next, &t->jobs, node) {
		if (job->thread)
			put_task_struct(job->thread);
		kfree(job);
	}
}
