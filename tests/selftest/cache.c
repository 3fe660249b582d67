// SPDX-License-Identifier: GPL-2.0
/*
 * The module's cache of warm threads, seen from the pools that adopt them.
 */
#include <linux/cpumask.h>
#include <linux/iocontext.h>
#include <linux/ioprio.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <uapi/linux/sched/types.h>

#include "test.h"

/* the documented maximum of cache_size is 64 */
#define MORE_THAN_CACHED	80

/*
 * Take all cached threads away, so that the next one that retires is the next
 * one that is adopted. They come back when the test is over.
 */
static void drain_cache(struct st_test *t)
{
	struct workpool *pool = st_pool(t, MORE_THAN_CACHED, 0);
	int i;

	for (i = 0; i < MORE_THAN_CACHED && !st_stats(pool).spawned; i++)
		st_block(t, pool);
	ASSERT(t, st_stats(pool).spawned);
}

struct manners {
	int policy;
	int nice;
	int cpus;
	bool on_last_cpu;
};

static void body_manners(struct st_job *job)
{
	struct manners *m = job->data;
	int last = cpumask_last(cpu_online_mask);

	m->policy = current->policy;
	m->nice = task_nice(current);
	m->cpus = cpumask_weight(current->cpus_ptr);
	m->on_last_cpu = cpumask_test_cpu(last, current->cpus_ptr);
}

/* the thread has left its pool; it sleeps when the cache has taken it */
static void wait_until_cached(struct st_test *t, struct st_job *job)
{
	ASSERT_SOON(t, st_asleep(job->thread));
	EXPECT_EQ(t, READ_ONCE(job->thread->exit_state), 0);
}

/* one task in a pool of its own, which is then released */
static struct st_job *visit(struct st_test *t,
			    const struct workpool_attrs *attrs,
			    struct workpool_stats *s)
{
	struct workpool *pool = st_pool_attrs(t, attrs);
	struct st_job *job = st_job_body(t, pool, body_manners);

	job->data = st_alloc(t, sizeof(struct manners));
	st_run(t, pool, job);
	ASSERT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	*s = st_stats(pool);
	wait_until_cached(t, job);
	return job;
}

/* a thread that retires from one pool is adopted by the next */
static void retired_thread_is_adopted(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct st_job *first, *second;
	struct workpool_stats s;

	drain_cache(t);
	first = visit(t, &attrs, &s);
	EXPECT_EQ(t, s.spawned, 1);
	EXPECT_EQ(t, s.adopted, 0);
	second = visit(t, &attrs, &s);
	EXPECT_EQ(t, s.spawned, 0);
	EXPECT_EQ(t, s.adopted, 1);
	EXPECT_EQ(t, second->pid, first->pid);
	EXPECT(t, strcmp(second->comm, first->comm));
}

static void purged_thread_is_adopted_again(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct st_job *job = st_job_quick(t);
	struct workpool *pool;

	drain_cache(t);
	attrs.expiry_ms = 1;
	pool = st_pool_attrs(t, &attrs);
	st_run(t, pool, job);
	ASSERT_SOON(t, st_stats(pool).alive == 0 && !workpool_running(pool));
	wait_until_cached(t, job);
	st_run(t, pool, st_job_quick(t));
	EXPECT_EQ(t, st_stats(pool).spawned, 1);
	EXPECT_EQ(t, st_stats(pool).adopted, 1);
}

/* an adopted worker gets all attributes of its new pool */
static void adopted_thread_changes_its_manners(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct st_job *first, *second, *third;
	struct workpool_stats s;
	struct manners *m;

	drain_cache(t);
	attrs.rt_priority = 2;
	attrs.cpumask = cpumask_of(cpumask_first(cpu_online_mask));
	first = visit(t, &attrs, &s);
	m = first->data;
	EXPECT_EQ(t, m->policy, SCHED_FIFO);
	EXPECT_EQ(t, m->cpus, 1);

	attrs.rt_priority = 0;
	attrs.nice = 9;
	attrs.cpumask = cpumask_of(cpumask_last(cpu_online_mask));
	second = visit(t, &attrs, &s);
	m = second->data;
	EXPECT_EQ(t, second->pid, first->pid);
	EXPECT_EQ(t, m->policy, SCHED_NORMAL);
	EXPECT_EQ(t, m->nice, 9);
	EXPECT_EQ(t, m->cpus, 1);
	EXPECT(t, m->on_last_cpu);

	attrs.nice = 0;
	attrs.cpumask = NULL;
	third = visit(t, &attrs, &s);
	m = third->data;
	EXPECT_EQ(t, third->pid, first->pid);
	EXPECT_EQ(t, m->nice, 0);
	EXPECT(t, m->cpus >= num_online_cpus());
}

/*
 * A thread in the cache has nothing of the pool that it left: it could not be
 * seen to come from there, and needs nothing of it to come.
 */
static void cached_thread_is_neutral(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct task_struct *thread;
	struct workpool_stats s;
	int cpu;

	drain_cache(t);
	attrs.rt_priority = 2;
	attrs.cpumask = cpumask_of(cpumask_last(cpu_online_mask));
	attrs.flags = WORKPOOL_F_FREEZABLE;
	thread = visit(t, &attrs, &s)->thread;
	ASSERT_SOON(t, !strcmp(thread->comm, "wp/cached") && st_asleep(thread));
	EXPECT_EQ(t, thread->policy, SCHED_NORMAL);
	EXPECT_EQ(t, task_nice(thread), 0);
	for_each_online_cpu(cpu)
		EXPECT(t, st_cpu_is_isolated(cpu) ||
		       cpumask_test_cpu(cpu, thread->cpus_ptr));
	EXPECT(t, thread->flags & PF_NOFREEZE);
}

#ifdef CONFIG_BLOCK
#define IDLE_IO	IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)

static void body_set_manners(struct st_job *job)
{
	job->ret = set_task_ioprio(current, IDLE_IO);
	current->timer_slack_ns = 12345;
}

/* what an administrator may set as well stays until the worker leaves its pool */
static void io_priority_and_slack_end_with_the_pool(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job_body(t, pool, body_set_manners);
	struct task_struct *thread;

	drain_cache(t);
	st_run(t, pool, job);
	st_run(t, pool, st_job_quick(t));
	EXPECT_EQ(t, job->ret, 0);
	thread = job->thread;
	EXPECT_EQ(t, thread->io_context->ioprio, IDLE_IO);
	EXPECT_EQ(t, thread->timer_slack_ns, 12345);
	EXPECT_EQ(t, st_stats(pool).leaks, 0);
	st_pool_destroy(t, pool);
	wait_until_cached(t, job);
	EXPECT_EQ(t, thread->io_context->ioprio, IOPRIO_DEFAULT);
	EXPECT_EQ(t, thread->timer_slack_ns, thread->default_timer_slack_ns);
}
#else
static void io_priority_and_slack_end_with_the_pool(struct st_test *t)
{
	st_skip(t, "no block devices in this kernel");
}
#endif

/* a thread of @pool, which is then destroyed */
static struct st_job *see_thread_of(struct st_test *t, struct workpool *pool)
{
	struct st_job *job = st_job_quick(t);

	st_run(t, pool, job);
	st_pool_destroy(t, pool);
	return job;
}

#define SLACK	123456789

/* what a callback or a task sets for its pool does not get to the next one */
static int change_all(struct workpool *pool, void **worker_data)
{
	allow_signal(SIGTERM);
	send_sig(SIGTERM, current, 1);
	memalloc_noio_save();
	current->timer_slack_ns = SLACK;
	set_user_nice(current, 10);
	set_cpus_allowed_ptr(current, cpumask_of(0));
	return 0;
}

static const struct workpool_ops changing_ops = {
	.worker_init = change_all,
};

struct left {
	bool signal;
	bool flags;
	bool slack;
	bool nice;
	bool cpus;
};

static void body_left(struct st_job *job)
{
	struct left *left = job->data;

	left->signal = signal_pending(current);
	left->flags = current->flags & PF_MEMALLOC_NOIO;
	left->slack = current->timer_slack_ns == SLACK;
	left->nice = task_nice(current) == 10;
	left->cpus = cpumask_weight(current->cpus_ptr) == 1;
}

static struct st_job *see_left(struct st_test *t,
			       const struct workpool_attrs *attrs)
{
	struct workpool *pool = st_pool_attrs(t, attrs);
	struct st_job *job = st_job_body(t, pool, body_left);

	job->data = st_alloc(t, sizeof(struct left));
	st_run(t, pool, job);
	st_settle(t, pool);
	EXPECT_EQ(t, st_stats(pool).leaks, 0);
	st_pool_destroy(t, pool);
	wait_until_cached(t, job);
	return job;
}

static void worker_init_changes_nothing_for_others(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct st_job *first, *second;
	struct left *left;

	drain_cache(t);
	attrs.ops = &changing_ops;
	first = see_left(t, &attrs);
	left = first->data;
	EXPECT(t, left->signal && left->flags && left->slack);
	EXPECT(t, left->nice && left->cpus);
	attrs.ops = NULL;
	second = see_left(t, &attrs);
	left = second->data;
	EXPECT_EQ(t, second->pid, first->pid);
	EXPECT(t, !left->signal);
	EXPECT(t, !left->flags);
	EXPECT(t, !left->slack);
	EXPECT(t, !left->nice);
	EXPECT(t, num_online_cpus() == 1 || !left->cpus);
}

static void body_limit(struct st_job *job)
{
	task_lock(current);
	current->signal->rlim[RLIMIT_NOFILE].rlim_cur--;
	task_unlock(current);
}

/* a thread whose limits are not those of a new one is in no other pool */
static void changed_limits_end_the_thread(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job_body(t, pool, body_limit);

	st_run(t, pool, job);
	st_settle(t, pool);
	st_pool_destroy(t, pool);
	ASSERT_SOON(t, READ_ONCE(job->thread->exit_state));
}

/* so long the CPU is taken at most, should the test fail */
#define HOG_MAX		(15 * HZ)

static bool hog_stop;

static int call_hog(struct st_thread *thread)
{
	unsigned long end = jiffies + HOG_MAX;

	set_cpus_allowed_ptr(current,
			     cpumask_of(cpumask_last(cpu_online_mask)));
	sched_set_fifo(current);
	WRITE_ONCE(thread->data, thread);
	while (!READ_ONCE(hog_stop) && time_before(jiffies, end))
		cpu_relax();
	return READ_ONCE(hog_stop);
}

/* the threads of a pool that is gone come without the CPU that it was bound to */
static void adoption_needs_no_cpu_of_the_past(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(4);
	struct workpool *bound, *pool;
	struct st_task *tasks[4];
	struct st_thread *hog;
	int i;

	if (num_online_cpus() < 2)
		st_skip(t, "there is but one CPU");
	set_cpus_allowed_ptr(current,
			     cpumask_of(cpumask_first(cpu_online_mask)));
	drain_cache(t);
	attrs.flags = WORKPOOL_F_PREALLOC;
	attrs.cpumask = cpumask_of(cpumask_last(cpu_online_mask));
	bound = st_pool_attrs(t, &attrs);
	wait_until_cached(t, see_thread_of(t, bound));
	pool = st_pool(t, 4, 0);
	st_tasks_quick(t, tasks, 4);
	WRITE_ONCE(hog_stop, false);
	hog = st_thread(t, NULL, call_hog);
	st_thread_start(hog);
	ASSERT_SOON(t, READ_ONCE(hog->data));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(t, st_queue(pool, tasks[i]), 0);
	for (i = 0; i < 4; i++)
		ASSERT_SOON(t, st_ended(tasks[i]->job));
	WRITE_ONCE(hog_stop, true);
	EXPECT(t, st_join(hog));
	EXPECT(t, st_stats(pool).adopted);
}

static atomic_t inits;
static atomic_t exits;

static int count_init(struct workpool *pool, void **worker_data)
{
	atomic_inc(&inits);
	return 0;
}

static void count_exit(struct workpool *pool, void *worker_data)
{
	atomic_inc(&exits);
}

static const struct workpool_ops counting_ops = {
	.worker_init = count_init,
	.worker_exit = count_exit,
};

/* for the owner an adopted thread is a new worker */
static void adopted_thread_is_a_new_worker(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_stats s;

	atomic_set(&inits, 0);
	atomic_set(&exits, 0);
	attrs.ops = &counting_ops;
	drain_cache(t);
	visit(t, &attrs, &s);
	visit(t, &attrs, &s);
	EXPECT_EQ(t, s.adopted, 1);
	EXPECT_EQ(t, atomic_read(&inits), 2);
	EXPECT_EQ(t, atomic_read(&exits), 2);
}

static void body_crash(struct st_job *job)
{
	workpool_task_crash(-EIO);
}

/* a thread that crashed is not in the cache */
static void crashed_thread_is_not_adopted(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *victim = st_job_body(t, pool, body_crash), *job;
	struct workpool_stats s;

	EXPECT_EQ(t, st_try(pool, victim), 0);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT(t, READ_ONCE(victim->thread->exit_state));
	job = visit(t, &attrs, &s);
	EXPECT(t, job->thread != victim->thread);
}

static const struct st_case cache_cases[] = {
	ST_CASE(retired_thread_is_adopted),
	ST_CASE(purged_thread_is_adopted_again),
	ST_CASE(adopted_thread_changes_its_manners),
	ST_CASE(adopted_thread_is_a_new_worker),
	ST_CASE(cached_thread_is_neutral),
	ST_CASE(io_priority_and_slack_end_with_the_pool),
	ST_CASE(worker_init_changes_nothing_for_others),
	ST_CASE(changed_limits_end_the_thread),
	ST_CASE(adoption_needs_no_cpu_of_the_past),
	ST_CASE(crashed_thread_is_not_adopted),
};

ST_GROUP(cache, false);
