// SPDX-License-Identifier: GPL-2.0
/*
 * The module's cache of warm threads, seen from the pools that adopt them.
 */
#include <linux/cpumask.h>

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
	ST_CASE(crashed_thread_is_not_adopted),
};

ST_GROUP(cache, false);
