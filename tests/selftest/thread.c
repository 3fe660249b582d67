// SPDX-License-Identifier: GPL-2.0
/*
 * Threads of a test: each makes one call which may wait, and can be killed in it.
 */
#include <linux/export.h>
#include <linux/rcupdate.h>
#include <linux/sched/isolation.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "test.h"

static int thread_fn(void *data)
{
	struct st_thread *thread = data;

	allow_signal(SIGKILL);
	thread->ret = thread->fn(thread);
	/* pairs with st_returned() */
	smp_store_release(&thread->returned, true);
	return 0;
}

/**
 * st_thread() - a thread that will call @fn
 * @t: the test
 * @pool: for @fn
 * @fn: makes the call
 *
 * Return: the thread, to be started with st_thread_start().
 */
struct st_thread *st_thread(struct st_test *t, struct workpool *pool,
			    int (*fn)(struct st_thread *thread))
{
	struct st_thread *thread = kzalloc(sizeof(*thread), GFP_KERNEL);

	ASSERT(t, thread);
	thread->t = t;
	thread->fn = fn;
	thread->pool = pool;
	return thread;
}
EXPORT_SYMBOL_GPL(st_thread);

void st_thread_start(struct st_thread *thread)
{
	struct st_test *t = thread->t;
	struct task_struct *task;

	task = kthread_create(thread_fn, thread, "st-thread");
	ASSERT(t, !IS_ERR(task));
	thread->task = get_task_struct(task);
	spin_lock_irq(&t->lock);
	list_add_tail(&thread->node, &t->threads);
	spin_unlock_irq(&t->lock);
	wake_up_process(task);
}
EXPORT_SYMBOL_GPL(st_thread_start);

bool st_returned(struct st_thread *thread)
{
	/* the caller also sees what the call has done */
	return smp_load_acquire(&thread->returned);
}
EXPORT_SYMBOL_GPL(st_returned);

/* asleep in its call, so that it has looked at the pool before */
bool st_waits_killably(struct st_thread *thread)
{
	return READ_ONCE(thread->task->__state) & TASK_WAKEKILL;
}
EXPORT_SYMBOL_GPL(st_waits_killably);

/* wait for a thread and return what its call returned */
int st_join(struct st_thread *thread)
{
	ASSERT_SOON(thread->t, st_returned(thread));
	return thread->ret;
}
EXPORT_SYMBOL_GPL(st_join);

void st_kill(struct st_thread *thread)
{
	send_sig(SIGKILL, thread->task, 1);
}
EXPORT_SYMBOL_GPL(st_kill);

static struct st_thread *start_call(struct st_test *t, struct workpool *pool,
				    int (*fn)(struct st_thread *thread),
				    struct st_job *job, long timeout)
{
	struct st_thread *thread = st_thread(t, pool, fn);

	thread->job = job;
	thread->timeout = timeout;
	st_thread_start(thread);
	return thread;
}

static int call_submit(struct st_thread *thread)
{
	return workpool_submit(thread->pool, st_job_run, thread->job);
}

static int call_submit_timeout(struct st_thread *thread)
{
	return workpool_submit_timeout(thread->pool, st_job_run, thread->job,
				       thread->timeout);
}

static int call_release_timeout(struct st_thread *thread)
{
	return workpool_release_timeout(thread->pool, thread->timeout);
}

static int call_wait_released(struct st_thread *thread)
{
	return workpool_wait_released(thread->pool, thread->timeout);
}

static int call_drain(struct st_thread *thread)
{
	return workpool_drain(thread->pool, thread->timeout);
}

struct st_thread *st_submit(struct st_test *t, struct workpool *pool,
			    struct st_job *job)
{
	return start_call(t, pool, call_submit, job, 0);
}
EXPORT_SYMBOL_GPL(st_submit);

struct st_thread *st_submit_timeout(struct st_test *t, struct workpool *pool,
				    struct st_job *job, long timeout)
{
	return start_call(t, pool, call_submit_timeout, job, timeout);
}
EXPORT_SYMBOL_GPL(st_submit_timeout);

struct st_thread *st_release_timeout(struct st_test *t, struct workpool *pool,
				     long timeout)
{
	return start_call(t, pool, call_release_timeout, NULL, timeout);
}
EXPORT_SYMBOL_GPL(st_release_timeout);

struct st_thread *st_wait_released(struct st_test *t, struct workpool *pool,
				   long timeout)
{
	return start_call(t, pool, call_wait_released, NULL, timeout);
}
EXPORT_SYMBOL_GPL(st_wait_released);

struct st_thread *st_drain(struct st_test *t, struct workpool *pool,
			   long timeout)
{
	return start_call(t, pool, call_drain, NULL, timeout);
}
EXPORT_SYMBOL_GPL(st_drain);

/**
 * st_add_waiters() - have @n submitters wait, in the order of the array
 * @t: the test
 * @pool: a full pool
 * @jobs: gets the jobs they submit
 * @threads: gets the submitters
 * @n: how many
 */
void st_add_waiters(struct st_test *t, struct workpool *pool,
		    struct st_job **jobs, struct st_thread **threads, int n)
{
	int before = workpool_waiting(pool);
	int i;

	for (i = 0; i < n; i++) {
		jobs[i] = st_job(t);
		threads[i] = st_submit(t, pool, jobs[i]);
		ASSERT_SOON(t, workpool_waiting(pool) == before + i + 1);
	}
}
EXPORT_SYMBOL_GPL(st_add_waiters);

static bool all_returned(struct st_test *t)
{
	struct st_thread *thread;
	bool all = true;

	spin_lock_irq(&t->lock);
	list_for_each_entry(thread, &t->threads, node)
		all = all && st_returned(thread);
	spin_unlock_irq(&t->lock);
	return all;
}

bool st_threads_ended(struct st_test *t)
{
	return st_wait_until(all_returned(t));
}

void st_threads_kill(struct st_test *t)
{
	struct st_thread *thread;

	spin_lock_irq(&t->lock);
	list_for_each_entry(thread, &t->threads, node)
		st_kill(thread);
	spin_unlock_irq(&t->lock);
}

void st_threads_free(struct st_test *t)
{
	struct st_thread *thread, *next;

	list_for_each_entry_safe(thread, next, &t->threads, node) {
		kthread_stop(thread->task);
		put_task_struct(thread->task);
		kfree(thread);
	}
}

/**
 * st_cpu_is_isolated() - is a CPU kept free of threads of the kernel?
 * @cpu: the CPU
 *
 * Return: true: by isolcpus= or nohz_full=.
 */
bool st_cpu_is_isolated(int cpu)
{
	bool isolated;

	rcu_read_lock();
	isolated = !housekeeping_test_cpu(cpu, HK_TYPE_DOMAIN) ||
		   !housekeeping_test_cpu(cpu, HK_TYPE_TICK);
	rcu_read_unlock();
	return isolated;
}
EXPORT_SYMBOL_GPL(st_cpu_is_isolated);
