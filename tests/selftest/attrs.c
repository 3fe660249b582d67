// SPDX-License-Identifier: GPL-2.0
/*
 * Changing attributes of a running pool: workpool_set_attrs().
 */
#include <linux/cpumask.h>

#include "test.h"

static struct workpool_attrs values(void)
{
	return (struct workpool_attrs){ .expiry_ms = 5000, .node = NUMA_NO_NODE };
}

/* is the thread of @job confined to the CPUs of @mask? */
static bool runs_within(struct st_job *job, const struct cpumask *mask)
{
	return cpumask_subset(job->thread->cpus_ptr, mask);
}

/* a worker has the new values at once, in the middle of its task, and after it */
static void busy_worker_gets_new_schedule(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_block(t, pool), *next;
	struct workpool_attrs attrs = values(), old;

	attrs.nice = 7;
	EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_NICE, &attrs, &old,
					NULL), 0);
	EXPECT_EQ(t, old.nice, 0);
	EXPECT_EQ(t, task_nice(job->thread), 7);
	EXPECT_EQ(t, st_stats(pool).nice, 7);
	attrs.rt_priority = 3;
	EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_RT_PRIORITY, &attrs,
					&old, NULL), 0);
	EXPECT_EQ(t, job->thread->policy, SCHED_FIFO);
	EXPECT_EQ(t, job->thread->rt_priority, 3);
	st_open(job);
	st_settle(t, pool);
	next = st_block(t, pool);
	EXPECT_EQ(t, next->thread->rt_priority, 3);
	EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_RT_PRIORITY, &old,
					NULL, NULL), 0);
	EXPECT_EQ(t, next->thread->policy, SCHED_NORMAL);
	EXPECT_EQ(t, task_nice(next->thread), 7);
}

/* a worker that starts later has the new values as well, one in the cache not */
static void new_worker_gets_new_schedule(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0), *other = st_pool(t, 1, 0);
	struct workpool_attrs attrs = values();
	struct st_job *job;

	attrs.nice = 4;
	EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_NICE, &attrs, NULL,
					NULL), 0);
	job = st_block(t, pool);
	EXPECT_EQ(t, task_nice(job->thread), 4);
	st_open(job);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	job = st_block(t, other);
	EXPECT_EQ(t, task_nice(job->thread), 0);
}

/* workers move to new CPUs at once, and back to their old ones */
static void workers_move_to_new_cpus(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct workpool_attrs attrs = values(), old;
	struct st_job *busy = st_block(t, pool), *later;
	cpumask_var_t before;

	ASSERT(t, zalloc_cpumask_var(&before, GFP_KERNEL));
	attrs.cpumask = cpumask_of(cpumask_last(cpu_online_mask));
	EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_CPUMASK, &attrs,
					&old, before), 0);
	EXPECT(t, !old.cpumask);
	EXPECT(t, cpumask_intersects(before, cpu_online_mask));
	EXPECT(t, runs_within(busy, attrs.cpumask));
	later = st_block(t, pool);
	EXPECT(t, runs_within(later, attrs.cpumask));

	attrs.cpumask = cpumask_of(cpumask_first(cpu_online_mask));
	EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_CPUMASK, &attrs,
					&old, before), 0);
	EXPECT(t, old.cpumask == before);
	EXPECT(t, cpumask_test_cpu(cpumask_last(cpu_online_mask), before));
	EXPECT(t, runs_within(busy, attrs.cpumask));

	attrs.cpumask = NULL;
	EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_CPUMASK, &attrs,
					NULL, NULL), 0);
	EXPECT_EQ(t, cpumask_weight(busy->thread->cpus_ptr),
		  cpumask_weight(later->thread->cpus_ptr));
	if (num_online_cpus() > 1 && !st_cpu_is_isolated(0) &&
	    !st_cpu_is_isolated(1))
		EXPECT(t, cpumask_weight(busy->thread->cpus_ptr) > 1);
	free_cpumask_var(before);
}

static void errno_einval_set_attrs(struct st_test *t)
{
	static const struct {
		unsigned int mask;
		struct workpool_attrs attrs;
	} bad[] = {
		{ WORKPOOL_ATTR_CAPACITY, { .capacity = 0 } },
		{ WORKPOOL_ATTR_CAPACITY, { .capacity = WORKPOOL_UNLIMITED } },
		{ WORKPOOL_ATTR_EXPIRY, { .expiry_ms = -1 } },
		{ WORKPOOL_ATTR_MIN_WORKERS, { .min_workers = 3 } },
		{ WORKPOOL_ATTR_NICE, { .nice = 20 } },
		{ WORKPOOL_ATTR_NICE, { .nice = -21 } },
		{ WORKPOOL_ATTR_RT_PRIORITY, { .rt_priority = 100 } },
		{ WORKPOOL_ATTR_QUEUE_DEPTH,
		  { .queue_depth = WORKPOOL_DEPTH_MAX + 1 } },
		{ WORKPOOL_ATTR_CPUMASK, { .cpumask = cpu_none_mask } },
		{ 1U << 8, { .capacity = 1 } },
	};
	struct workpool *pool = st_pool(t, 2, 0);
	struct workpool_stats before = st_stats(pool), after;
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(t, workpool_set_attrs(pool, bad[i].mask,
						&bad[i].attrs, NULL, NULL),
			  -EINVAL);
	after = st_stats(pool);
	EXPECT(t, !memcmp(&before, &after, sizeof(after)));
}

/* one bad value, and the good ones are not taken either */
static void set_attrs_is_all_or_nothing(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct workpool_attrs attrs = values();

	attrs.capacity = 5;
	attrs.nice = 3;
	attrs.queue_depth = 9;
	attrs.cpumask = cpu_none_mask;
	EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_CAPACITY |
					WORKPOOL_ATTR_NICE |
					WORKPOOL_ATTR_QUEUE_DEPTH |
					WORKPOOL_ATTR_CPUMASK, &attrs, NULL,
					NULL), -EINVAL);
	EXPECT_EQ(t, workpool_capacity(pool), 2);
	EXPECT_EQ(t, st_stats(pool).nice, 0);
	EXPECT_EQ(t, st_stats(pool).queue_depth, 0);
}

static void errno_eshutdown_set_attrs(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct workpool_attrs attrs = values();

	workpool_release(pool);
	EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_NICE, &attrs, NULL,
					NULL), -ESHUTDOWN);
	EXPECT_EQ(t, workpool_set_attrs(pool, ~0U, &attrs, NULL, NULL),
		  -ESHUTDOWN);
}

static void errno_eopnotsupp_set_attrs(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, WORKPOOL_F_PREALLOC);
	struct workpool_attrs attrs = values();

	attrs.capacity = 2;
	attrs.min_workers = 2;
	EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_CAPACITY, &attrs,
					NULL, NULL), -EOPNOTSUPP);
	EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_MIN_WORKERS, &attrs,
					NULL, NULL), -EOPNOTSUPP);
	EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_NICE, &attrs, NULL,
					NULL), 0);
}

/* what was pinned is for the owner alone to change: this is the owner */
static void owner_changes_what_it_pinned(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2), old;
	struct workpool *pool;

	attrs.pinned = WORKPOOL_ATTR_CAPACITY;
	pool = st_pool_attrs(t, &attrs);
	attrs.capacity = 3;
	EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_CAPACITY, &attrs,
					&old, NULL), 0);
	EXPECT_EQ(t, old.capacity, 2);
	EXPECT_EQ(t, workpool_tune(pool, 4), 0);
}

/* a deeper queue accepts what waits; a lower depth takes nothing out */
static void queue_depth_can_change(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct workpool_attrs attrs = values(), old;
	struct st_job *first = st_block(t, pool), *jobs[3];
	struct st_thread *threads[3];
	int i;

	st_add_waiters(t, pool, jobs, threads, 3);
	attrs.queue_depth = 2;
	EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_QUEUE_DEPTH, &attrs,
					&old, NULL), 0);
	EXPECT_EQ(t, old.queue_depth, 0);
	EXPECT_EQ(t, st_join(threads[0]), 0);
	EXPECT_EQ(t, st_join(threads[1]), 0);
	EXPECT_EQ(t, workpool_waiting(pool), 1);
	EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_QUEUE_DEPTH, &old,
					NULL, NULL), 0);
	EXPECT_EQ(t, st_stats(pool).queued, 2);
	EXPECT_EQ(t, st_try(pool, st_job_quick(t)), -EAGAIN);
	st_open(first);
	for (i = 0; i < 3; i++) {
		ASSERT_SOON(t, st_begun(jobs[i]));
		st_open(jobs[i]);
	}
	EXPECT_EQ(t, st_join(threads[2]), 0);
}

/* a storm of short tasks, in a pool whose attributes change all the time */
static void every_task_runs_once_between_changes(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct workpool_attrs attrs = values();
	struct st_storm *storm = st_storm(t, pool, 3, 200);
	struct st_thread *threads[4];
	int i;

	st_storm_start(storm, threads, 4);
	for (i = 0; i < 60; i++) {
		attrs.nice = i % 5;
		attrs.queue_depth = i % 4 * 3;
		attrs.rt_priority = i % 7 == 0;
		attrs.cpumask = i % 3 ? cpumask_of(0) : NULL;
		EXPECT_EQ(t, workpool_set_attrs(pool, WORKPOOL_ATTR_NICE |
						WORKPOOL_ATTR_QUEUE_DEPTH |
						WORKPOOL_ATTR_RT_PRIORITY |
						WORKPOOL_ATTR_CPUMASK, &attrs,
						NULL, NULL), 0);
	}
	st_storm_end(storm, threads, 4);
	st_storm_expect_all_ran(storm, 800);
}

static const struct st_case attrs_cases[] = {
	ST_CASE(busy_worker_gets_new_schedule),
	ST_CASE(new_worker_gets_new_schedule),
	ST_CASE(workers_move_to_new_cpus),
	ST_CASE(errno_einval_set_attrs),
	ST_CASE(set_attrs_is_all_or_nothing),
	ST_CASE(errno_eshutdown_set_attrs),
	ST_CASE(errno_eopnotsupp_set_attrs),
	ST_CASE(owner_changes_what_it_pinned),
	ST_CASE(queue_depth_can_change),
	ST_CASE(every_task_runs_once_between_changes),
};

ST_GROUP(attrs, false);
