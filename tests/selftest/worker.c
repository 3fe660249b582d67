// SPDX-License-Identifier: GPL-2.0
/*
 * What a worker is: its callbacks, its name, where and how it runs, and what a
 * task can ask about it.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/rcupdate.h>
#include <linux/topology.h>

#include "ledger.h"
#include "test.h"

static struct workpool *expiring(struct st_test *t, struct st_ledger *ledger,
				 int capacity, int expiry_ms)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	attrs.ops = &st_ledger_ops;
	attrs.data = ledger;
	attrs.expiry_ms = expiry_ms;
	return st_pool_attrs(t, &attrs);
}

/* the slot is taken when the task is accepted, before the thread is there */
static void running_counts_at_reservation(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 1, 0);
	struct st_job *job = st_job(t);
	struct workpool_stats s;

	ledger->gate_init = true;
	EXPECT_EQ(t, st_try(pool, job), 0);
	s = st_stats(pool);
	st_open(ledger->gate);
	EXPECT_EQ(t, s.running, 1);
	EXPECT_EQ(t, s.starting, 1);
	EXPECT_EQ(t, s.queued, 1);
	EXPECT_EQ(t, s.busy + s.idle + s.searching, 0);
	EXPECT_EQ(t, s.submitted, 1);
	ASSERT_SOON(t, st_begun(job));
	EXPECT_EQ(t, workpool_busy(pool), 1);
	EXPECT_EQ(t, st_stats(pool).queued, 0);
}

/* a worker that becomes free first takes the task that a starting one has */
static void free_worker_takes_the_task_of_a_starting_one(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 2, 0);
	struct st_job *first = st_block(t, pool), *second = st_job(t);

	ledger->gate_init = true;
	EXPECT_EQ(t, st_try(pool, second), 0);
	st_open(first);
	if (EXPECT(t, st_wait_until(st_begun(second))))
		EXPECT_EQ(t, second->pid, first->pid);
	st_open(ledger->gate);
}

/* a worker that is being started and has no task yet is as good as an idle one */
static void starting_worker_is_as_good_as_idle(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 2, 0);
	struct st_job *first = st_block(t, pool), *jobs[3];
	bool started;

	st_jobs(t, jobs, 3);
	ledger->gate_init = true;
	EXPECT_EQ(t, st_try(pool, jobs[0]), 0);
	st_open(first);
	started = st_wait_until(st_begun(jobs[0]));
	EXPECT_EQ(t, st_try(pool, jobs[1]), 0);
	EXPECT_EQ(t, workpool_running(pool), 2);
	EXPECT_EQ(t, st_try(pool, jobs[2]), -EAGAIN);
	st_open(ledger->gate);
	EXPECT(t, started);
	ASSERT_SOON(t, st_begun(jobs[1]));
	EXPECT_EQ(t, atomic_read(&ledger->inits), 2);
}

/* a shrink takes slots back for which no worker has come up yet */
static void shrink_of_starting_workers(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 4, 0);
	struct st_job *jobs[4];
	int i;

	ledger->gate_init = true;
	for (i = 0; i < 4; i++) {
		jobs[i] = st_job_quick(t);
		EXPECT_EQ(t, st_try(pool, jobs[i]), 0);
	}
	EXPECT_EQ(t, workpool_tune(pool, 1), 0);
	EXPECT_EQ(t, st_stats(pool).queued, 4);
	st_open(ledger->gate);
	for (i = 0; i < 4; i++)
		ASSERT_SOON(t, st_ended(jobs[i]));
	/* those that started meanwhile leave as they come up */
	ASSERT_SOON(t, workpool_running(pool) == 1);
	ASSERT_SOON(t, workpool_idle(pool) == 1);
}

static void init_and_exit_are_paired(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 4, 0);

	st_park(t, pool, NULL, 4);
	EXPECT_EQ(t, atomic_read(&ledger->inits), 4);
	EXPECT_EQ(t, atomic_read(&ledger->exits), 0);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, atomic_read(&ledger->exits), 4);
	EXPECT_EQ(t, workpool_reboot(pool), 0);
	st_park(t, pool, NULL, 2);
	EXPECT_EQ(t, atomic_read(&ledger->inits), 6);
	st_pool_destroy(t, pool);
	EXPECT_EQ(t, atomic_read(&ledger->exits), 6);
}

static void exit_runs_on_purge_and_shrink(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = expiring(t, ledger, 3, 30);
	struct st_job *jobs[3];

	st_block_n(t, pool, jobs, 3);
	EXPECT_EQ(t, workpool_tune(pool, 2), 0);
	st_open(jobs[0]);
	ASSERT_SOON(t, atomic_read(&ledger->exits) == 1);
	st_open_all(jobs, 3);
	ASSERT_SOON(t, atomic_read(&ledger->exits) == 3);
	EXPECT_EQ(t, atomic_read(&ledger->inits), 3);
	EXPECT_EQ(t, workpool_running(pool), 0);
}

static void body_badge(struct st_job *job)
{
	struct st_badge *badge = workpool_worker_data();

	job->ret = badge ? badge->pid : 0;
}

static void init_runs_in_the_worker_before_its_tasks(struct st_test *t)
{
	struct workpool *pool = st_ledger_pool(t, st_ledger(t), 2, 0);
	struct st_job *job = st_job_body(t, pool, body_badge);

	st_run(t, pool, job);
	EXPECT_EQ(t, job->ret, job->pid);
	st_settle(t, pool);
	job = st_job_body(t, pool, body_badge);
	st_run(t, pool, job);
	EXPECT_EQ(t, job->ret, job->pid);
}

static void body_data(struct st_job *job)
{
	job->ret = workpool_worker_data() ? 1 : 0;
}

static void worker_data_without_init_is_null(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job_body(t, pool, body_data);

	job->ret = -1;
	st_run(t, pool, job);
	EXPECT_EQ(t, job->ret, 0);
}

/* a worker_init that fails is tried again; the task does not notice */
static void init_failure_is_retried(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 2, 0);
	struct st_job *job = st_job_quick(t);

	atomic_set(&ledger->fail, 2);
	EXPECT_EQ(t, workpool_submit(pool, st_job_run, job), 0);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, st_stats(pool).init_failures, 2);
	EXPECT_EQ(t, atomic_read(&ledger->failed), 2);
	EXPECT_EQ(t, atomic_read(&ledger->inits), 1);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, atomic_read(&ledger->exits), 1);
	EXPECT_EQ(t, st_stats(pool).crashes, 0);
}

/* while no worker comes up the capacity holds, and waiters wait */
static void init_failure_keeps_the_capacity(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 1, 0);
	struct st_job *job = st_job_quick(t), *waiting;
	struct st_thread *thread;

	atomic_set(&ledger->fail, INT_MAX);
	EXPECT_EQ(t, st_try(pool, job), 0);
	st_add_waiters(t, pool, &waiting, &thread, 1);
	ASSERT_SOON(t, st_stats(pool).init_failures >= 3);
	EXPECT_EQ(t, workpool_running(pool), 1);
	EXPECT_EQ(t, workpool_waiting(pool), 1);
	EXPECT_EQ(t, st_try(pool, job), -EAGAIN);
	atomic_set(&ledger->fail, 0);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, st_join(thread), 0);
	ASSERT_SOON(t, st_begun(waiting));
}

/* on a closed pool the tasks that no worker can be had for are dropped */
/* the log names 8 of them: see the file guest */
#define DROPPED	13

static void init_failure_on_closed_pool_drops(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, DROPPED, 0);
	struct st_job *jobs[DROPPED];
	int i;

	atomic_set(&ledger->fail, INT_MAX);
	st_jobs(t, jobs, DROPPED);
	for (i = 0; i < DROPPED; i++)
		EXPECT_EQ(t, st_try(pool, jobs[i]), 0);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, st_stats(pool).dropped, DROPPED);
	EXPECT_EQ(t, st_stats(pool).queued, 0);
	for (i = 0; i < DROPPED; i++)
		EXPECT(t, !st_begun(jobs[i]));
	EXPECT_EQ(t, atomic_read(&ledger->exits), 0);
	EXPECT(t, st_stats(pool).init_failures >= 1);
}

static void current_outside_is_null(struct st_test *t)
{
	EXPECT(t, !workpool_current());
	EXPECT(t, !workpool_worker_data());
	EXPECT(t, !workpool_should_stop());
}

static int no_task_here(struct workpool *pool)
{
	struct st_ledger *ledger = workpool_data(pool);

	current_outside_is_null(ledger->t);
	return 1;
}

static void body_crash(struct st_job *job)
{
	workpool_task_crash(-EIO);
}

/* the callbacks are no tasks, in a worker whose task crashed neither */
static void current_in_callbacks_is_null(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool;

	ledger->inside = no_task_here;
	pool = st_ledger_pool(t, ledger, 1, 0);
	ASSERT_EQ(t, st_try(pool, st_job_body(t, pool, body_crash)), 0);
	ASSERT_SOON(t, atomic_read(&ledger->crashes) == 1);
	EXPECT_EQ(t, atomic_read(&ledger->exits), 1);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, atomic_read(&ledger->exits), 2);
	EXPECT_EQ(t, ledger->inside_ret, 1);
}

static void body_current(struct st_job *job)
{
	job->ret = workpool_current() == job->pool;
}

static void current_is_the_pool_of_the_task(struct st_test *t)
{
	struct workpool *pools[2] = { st_pool(t, 1, 0), st_pool(t, 1, 0) };
	struct st_job *job;
	int i;

	for (i = 0; i < 2; i++) {
		job = st_job_body(t, pools[i], body_current);
		st_run(t, pools[i], job);
		EXPECT_EQ(t, job->ret, 1);
	}
}

/* the name says which pool and which worker */
static void comm_names_pool_and_worker(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *jobs[2];
	char prefix[48];

	snprintf(prefix, sizeof(prefix), "wp/%s-", workpool_name(pool));
	st_block_n(t, pool, jobs, 2);
	EXPECT(t, str_has_prefix(jobs[0]->comm, prefix));
	EXPECT(t, str_has_prefix(jobs[1]->comm, prefix));
	EXPECT(t, strcmp(jobs[0]->comm, jobs[1]->comm));
}

struct view {
	int policy;
	int nice;
	int rt_priority;
	const struct cpumask *want;
	bool same_cpus;
	bool on_them;
};

static void body_view(struct st_job *job)
{
	struct view *view = job->data;

	view->policy = current->policy;
	view->nice = task_nice(current);
	view->rt_priority = current->rt_priority;
	if (!view->want)
		return;
	view->same_cpus = cpumask_equal(current->cpus_ptr, view->want);
	view->on_them = cpumask_test_cpu(raw_smp_processor_id(), view->want);
}

static struct view *look(struct st_test *t, const struct workpool_attrs *attrs,
			 const struct cpumask *want)
{
	struct workpool *pool = st_pool_attrs(t, attrs);
	struct st_job *job = st_job_body(t, pool, body_view);
	struct view *view = st_alloc(t, sizeof(*view));

	view->want = want;
	job->data = view;
	st_run(t, pool, job);
	return view;
}

static void default_scheduling(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct view *view = look(t, &attrs, NULL);

	EXPECT_EQ(t, view->policy, SCHED_NORMAL);
	EXPECT_EQ(t, view->nice, 0);
	EXPECT_EQ(t, view->rt_priority, 0);
}

static void nice_of_workers(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct view *view;

	attrs.nice = 7;
	view = look(t, &attrs, NULL);
	EXPECT_EQ(t, view->policy, SCHED_NORMAL);
	EXPECT_EQ(t, view->nice, 7);
	attrs.nice = -11;
	EXPECT_EQ(t, look(t, &attrs, NULL)->nice, -11);
}

static void rt_priority_of_workers(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct view *view;

	attrs.rt_priority = 3;
	view = look(t, &attrs, NULL);
	EXPECT_EQ(t, view->policy, SCHED_FIFO);
	EXPECT_EQ(t, view->rt_priority, 3);
}

static void cpumask_of_workers(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct view *view;
	int cpu;

	for_each_online_cpu(cpu) {
		attrs.cpumask = cpumask_of(cpu);
		view = look(t, &attrs, attrs.cpumask);
		EXPECT(t, view->same_cpus);
		EXPECT(t, view->on_them);
	}
}

static void body_housekeeping(struct st_job *job)
{
	int cpu;

	job->ret = 0;
	for_each_online_cpu(cpu)
		if (cpumask_test_cpu(cpu, current->cpus_ptr) ==
		    st_cpu_is_isolated(cpu))
			job->ret++;
}

static void default_cpus_are_housekeeping(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job_body(t, pool, body_housekeeping);

	job->ret = -1;
	st_run(t, pool, job);
	EXPECT_EQ(t, job->ret, 0);
}

static void body_on_node(struct st_job *job)
{
	const struct cpumask *mask = cpumask_of_node(first_online_node);

	job->ret = cpumask_subset(current->cpus_ptr, mask) ||
		   nr_online_nodes == 1;
}

static void node_of_workers(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool;
	struct st_job *job;

	attrs.node = first_online_node;
	pool = st_pool_attrs(t, &attrs);
	job = st_job_body(t, pool, body_on_node);
	st_run(t, pool, job);
	EXPECT(t, job->ret);
}

/* the life of a worker as its states show it */
static void life_of_a_worker(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = expiring(t, ledger, 1, 100);
	struct st_job *job = st_job(t);

	ledger->gate_init = true;
	EXPECT_EQ(t, st_try(pool, job), 0);
	EXPECT_EQ(t, st_stats(pool).starting, 1);
	st_open(ledger->gate);
	ASSERT_SOON(t, workpool_busy(pool) == 1);
	st_open(job);
	ASSERT_SOON(t, workpool_busy(pool) == 0);
	ASSERT_SOON(t, workpool_running(pool) == 0);
	ASSERT_SOON(t, st_stats(pool).alive == 0);
	EXPECT_EQ(t, st_stats(pool).purged, 1);
}

#ifdef CONFIG_TASKS_RCU
static int sync_tasks(struct st_thread *thread)
{
	synchronize_rcu_tasks();
	return 0;
}

static void body_again(struct st_job *job)
{
	struct st_task *task = job->data;

	mdelay(1);
	if (!READ_ONCE(job->ret))
		st_queue(job->pool, task);
}

static void sync_and_join(struct st_test *t)
{
	struct st_thread *thread = st_thread(t, NULL, sync_tasks);

	st_thread_start(thread);
	ASSERT_SOON(t, st_returned(thread));
}

/* a worker that always has a next task does not hold up ftrace and bpf */
static void busy_worker_passes_rcu_tasks(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_task *tasks[2];
	int i;

	sync_and_join(t);
	for (i = 0; i < 2; i++) {
		tasks[i] = st_task_body(t, pool, body_again);
		tasks[i]->job->data = tasks[i];
		ASSERT_EQ(t, st_queue(pool, tasks[i]), 0);
	}
	sync_and_join(t);
	for (i = 0; i < 2; i++)
		WRITE_ONCE(tasks[i]->job->ret, 1);
	st_settle(t, pool);
}

static int chunk(size_t lo, size_t hi, void *arg)
{
	struct st_job *job = arg;

	mdelay(1);
	return READ_ONCE(job->ret);
}

/* loops in the pool of ->data, where no worker is free */
static void body_loop(struct st_job *job)
{
	while (!READ_ONCE(job->ret))
		workpool_parallel_for(job->data, 0, 1000, 1, chunk, job);
}

/*
 * Nor does a task that works on a loop, with helpers that do not come, or
 * without any in a closed pool.
 */
static void parallel_loop_passes_rcu_tasks(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0), *closed = st_pool(t, 1, 0);
	struct st_job *job;
	int i;

	workpool_release(closed);
	for (i = 0; i < 2; i++) {
		job = st_job_body(t, pool, body_loop);
		job->data = i ? closed : pool;
		ASSERT_EQ(t, st_try(pool, job), 0);
		ASSERT_SOON(t, st_begun(job));
		sync_and_join(t);
		WRITE_ONCE(job->ret, 1);
		st_settle(t, pool);
	}
}

/**
 * struct chain - a group whose members submit each other
 * @group: the group
 * @stop: no more
 */
struct chain {
	struct workpool_group group;
	bool stop;
};

static int do_link(void *arg)
{
	struct chain *chain = arg;

	mdelay(1);
	if (READ_ONCE(chain->stop))
		return 0;
	return workpool_group_submit(&chain->group, do_link, chain);
}

static void body_assist(struct st_job *job)
{
	struct chain *chain = job->data;

	job->ret = do_link(chain) ?: workpool_group_wait(&chain->group);
}

/* nor one that runs the members of a group for which it waits */
static void assistant_passes_rcu_tasks(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct chain *chain = st_alloc(t, sizeof(*chain));
	struct workpool *pool;
	struct st_job *job;

	attrs.queue_depth = 2;
	pool = st_pool_attrs(t, &attrs);
	workpool_group_init(&chain->group, pool);
	job = st_job_body(t, pool, body_assist);
	job->data = chain;
	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job));
	sync_and_join(t);
	WRITE_ONCE(chain->stop, true);
	st_settle(t, pool);
	EXPECT_EQ(t, job->ret, 0);
}

#else

static void busy_worker_passes_rcu_tasks(struct st_test *t)
{
	st_skip(t, "no RCU tasks in this kernel");
}

static void parallel_loop_passes_rcu_tasks(struct st_test *t)
{
	st_skip(t, "no RCU tasks in this kernel");
}

static void assistant_passes_rcu_tasks(struct st_test *t)
{
	st_skip(t, "no RCU tasks in this kernel");
}
#endif

static const struct st_case worker_cases[] = {
	ST_CASE(running_counts_at_reservation),
	ST_CASE(free_worker_takes_the_task_of_a_starting_one),
	ST_CASE(starting_worker_is_as_good_as_idle),
	ST_CASE(shrink_of_starting_workers),
	ST_CASE(init_and_exit_are_paired),
	ST_CASE(exit_runs_on_purge_and_shrink),
	ST_CASE(init_runs_in_the_worker_before_its_tasks),
	ST_CASE(worker_data_without_init_is_null),
	ST_CASE(init_failure_is_retried),
	ST_CASE(init_failure_keeps_the_capacity),
	ST_CASE(init_failure_on_closed_pool_drops),
	ST_CASE(current_outside_is_null),
	ST_CASE(current_in_callbacks_is_null),
	ST_CASE(current_is_the_pool_of_the_task),
	ST_CASE(comm_names_pool_and_worker),
	ST_CASE(default_scheduling),
	ST_CASE(nice_of_workers),
	ST_CASE(rt_priority_of_workers),
	ST_CASE(cpumask_of_workers),
	ST_CASE(default_cpus_are_housekeeping),
	ST_CASE(node_of_workers),
	ST_CASE(life_of_a_worker),
	ST_CASE(busy_worker_passes_rcu_tasks),
	ST_CASE(parallel_loop_passes_rcu_tasks),
	ST_CASE(assistant_passes_rcu_tasks),
};

ST_GROUP(worker, false);
