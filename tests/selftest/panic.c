// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks that give up with workpool_task_crash() or end their thread. These
 * leave no trace in the kernel; the oopses are in crash.c.
 */
#include "crash.h"
#include "ledger.h"
#include "test.h"

/* a job that dies of @fn */
static void body_die(struct st_job *job)
{
	workpool_fn_t fn = job->data;

	wait_for_completion(&job->gate);
	fn(NULL);
}

static struct st_job *victim(struct st_test *t, struct workpool *pool,
			     workpool_fn_t fn)
{
	struct st_job *job = st_job_body(t, pool, body_die);

	job->data = fn;
	return job;
}

/* submit a victim, let it die, and wait until the pool has got over it */
static struct st_job *kill_one(struct st_test *t, struct workpool *pool,
			       workpool_fn_t fn)
{
	struct st_job *job = victim(t, pool, fn);
	u64 before = st_stats(pool).crashes;

	st_open(job);
	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_stats(pool).crashes >= before + 1);
	return job;
}

/* @n workers of @pool that die when their gates are opened */
static void block_victims(struct st_test *t, struct workpool *pool,
			  struct st_job **jobs, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		jobs[i] = victim(t, pool, st_crash_task);
		ASSERT_EQ(t, st_try(pool, jobs[i]), 0);
		ASSERT_SOON(t, st_begun(jobs[i]));
	}
}

/* the worker dies, the pool lives; no handler is needed */
static void pool_survives(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = kill_one(t, pool, st_crash_task);

	st_settle(t, pool);
	EXPECT_EQ(t, workpool_busy(pool), 0);
	EXPECT(t, st_run_pid(t, pool) != job->pid);
	EXPECT_EQ(t, st_stats(pool).crashes, 1);
	EXPECT_EQ(t, st_stats(pool).completed, 1);
	EXPECT(t, READ_ONCE(job->thread->exit_state));
	EXPECT(t, !st_ended(job));
	ASSERT_SOON(t, st_stats(pool).alive <= 1);
}

/* the handler is called once, with all that is known */
static void handler_is_told(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 2, 0);
	struct st_job *job = kill_one(t, pool, st_crash_task);
	struct workpool_crash *info = &ledger->info;
	char number[12];

	ASSERT_SOON(t, atomic_read(&ledger->crashes) == 1);
	EXPECT(t, info->fn == st_job_run);
	EXPECT(t, info->arg == job);
	EXPECT_EQ(t, info->kind, WORKPOOL_CRASH_TASK);
	EXPECT_EQ(t, info->reason, -EIO);
	EXPECT_EQ(t, info->pid, job->pid);
	EXPECT_EQ(t, strcmp(info->comm, job->comm), 0);
	snprintf(number, sizeof(number), "-%u", info->worker);
	EXPECT_EQ(t, strcmp(strrchr(info->comm, '-'), number), 0);
	EXPECT(t, ledger->crash_pid != job->pid);
	st_settle(t, pool);
	EXPECT_EQ(t, atomic_read(&ledger->crashes), 1);
}

/* the handler runs when the dead thread is gone */
static void handler_runs_after_the_death(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 1, 0);
	struct st_job *job = victim(t, pool, st_crash_task);

	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job));
	ledger->watch = job->thread;
	st_open(job);
	ASSERT_SOON(t, atomic_read(&ledger->crashes) == 1);
	EXPECT(t, ledger->watch_was_dead);
}

static void handler_once_per_crash(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 3, 0);
	struct st_job *jobs[3];

	block_victims(t, pool, jobs, 3);
	st_open_all(jobs, 3);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, atomic_read(&ledger->crashes), 3);
	EXPECT_EQ(t, st_stats(pool).crashes, 3);
}

/* a thread that the task ends is a crash as well */
static void kthread_exit_is_a_crash(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 1, 0);
	struct st_job *job = kill_one(t, pool, st_crash_exit);

	ASSERT_SOON(t, atomic_read(&ledger->crashes) == 1);
	EXPECT_EQ(t, ledger->info.kind, WORKPOOL_CRASH_EXIT);
	EXPECT_EQ(t, ledger->info.reason, -EFAULT);
	EXPECT_EQ(t, ledger->info.pid, job->pid);
	/* the handler is a job of the only worker */
	st_settle(t, pool);
	EXPECT(t, st_run_pid(t, pool) != job->pid);
}

/* the other workers go on */
static void others_go_on(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 4, 0);
	struct st_job *jobs[3];
	int i;

	st_block_n(t, pool, jobs, 3);
	kill_one(t, pool, st_crash_task);
	EXPECT_EQ(t, workpool_busy(pool), 3);
	st_open_all(jobs, 3);
	for (i = 0; i < 3; i++)
		ASSERT_SOON(t, st_ended(jobs[i]));
	EXPECT_EQ(t, st_stats(pool).crashes, 1);
}

/* the slot of a dead worker goes to the waiter at the head */
static void crash_serves_the_next_waiter(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, WORKPOOL_F_NOPURGE);
	struct st_job *job = victim(t, pool, st_crash_task), *jobs[2];
	struct st_thread *threads[2];

	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job));
	st_add_waiters(t, pool, jobs, threads, 2);
	st_open(job);
	EXPECT_EQ(t, st_join(threads[0]), 0);
	ASSERT_SOON(t, st_begun(jobs[0]));
	EXPECT_EQ(t, workpool_waiting(pool), 1);
	EXPECT_EQ(t, workpool_running(pool), 1);
	st_open(jobs[0]);
	EXPECT_EQ(t, st_join(threads[1]), 0);
}

/* a release is not complete before the handler has returned */
static void release_waits_for_the_handler(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 1, 0);
	int early;

	ledger->gate_crash = true;
	kill_one(t, pool, st_crash_task);
	workpool_release(pool);
	early = workpool_wait_released(pool, HZ / 20);
	st_open(ledger->gate);
	EXPECT_EQ(t, early, -ETIMEDOUT);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, atomic_read(&ledger->crashes), 1);
}

/* nothing of the dead worker is used again while the handler looks at it */
static void handler_sees_its_own_crash(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 3, 0);
	struct st_job *job;
	int i;

	ledger->gate_crash = true;
	job = kill_one(t, pool, st_crash_task);
	for (i = 0; i < 10; i++)
		st_run(t, pool, st_job_quick(t));
	st_open(ledger->gate);
	ASSERT_SOON(t, atomic_read(&ledger->crashes) == 1);
	EXPECT(t, ledger->info.arg == job);
	EXPECT_EQ(t, ledger->info.pid, job->pid);
}

/* worker_exit runs in the dying thread, too */
static void worker_exit_runs_after_a_crash(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 1, 0);
	struct st_job *job = kill_one(t, pool, st_crash_task);

	ASSERT_SOON(t, atomic_read(&ledger->exits) >= 1);
	EXPECT_EQ(t, ledger->exit_pid, job->pid);
	st_pool_destroy(t, pool);
	EXPECT_EQ(t, atomic_read(&ledger->inits), atomic_read(&ledger->exits));
}

/* all workers of a PREALLOC pool are replaced */
static void prealloc_worker_is_replaced(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, WORKPOOL_F_PREALLOC);

	kill_one(t, pool, st_crash_task);
	kill_one(t, pool, st_crash_task);
	ASSERT_SOON(t, workpool_idle(pool) == 2);
	EXPECT_EQ(t, workpool_running(pool), 2);
}

/* the workers beyond min_workers come back only when there is something to do */
static void only_min_workers_are_replaced(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(4);
	struct workpool *pool;
	struct st_job *jobs[4];

	attrs.min_workers = 2;
	attrs.flags = WORKPOOL_F_NOPURGE;
	pool = st_pool_attrs(t, &attrs);
	block_victims(t, pool, jobs, 4);
	st_open_all(jobs, 4);
	ASSERT_SOON(t, st_stats(pool).crashes == 4);
	ASSERT_SOON(t, workpool_idle(pool) == 2);
	EXPECT_EQ(t, workpool_running(pool), 2);
}

/* a crash in the handler is only logged: it does not call the handler */
static void crash_in_the_handler(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 1, 0);

	t->callbacks_crash = true;
	ledger->die_in_crash = true;
	kill_one(t, pool, st_crash_task);
	ASSERT_SOON(t, st_stats(pool).crashes == 2);
	st_settle(t, pool);
	EXPECT(t, st_run_pid(t, pool) > 0);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, atomic_read(&ledger->crashes), 1);
	EXPECT_EQ(t, st_stats(pool).crashes, 2);
}

/*
 * A crash in worker_init is only logged, and the start is tried again. There
 * is no worker_exit for it.
 */
static void crash_in_worker_init(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 1, 0);
	struct st_job *job = st_job_quick(t);

	t->callbacks_crash = true;
	atomic_set(&ledger->die_in_init, 2);
	EXPECT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, st_stats(pool).crashes, 2);
	EXPECT_EQ(t, atomic_read(&ledger->inits), 1);
	EXPECT_EQ(t, atomic_read(&ledger->exits), 0);
	st_pool_destroy(t, pool);
	EXPECT_EQ(t, atomic_read(&ledger->crashes), 0);
	EXPECT_EQ(t, atomic_read(&ledger->inits), atomic_read(&ledger->exits));
}

/* a crash in worker_exit: the release goes through all the same, and so does a reboot */
static void crash_in_worker_exit(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 2, 0);

	t->callbacks_crash = true;
	st_park(t, pool, NULL, 2);
	atomic_set(&ledger->die_in_exit, 2);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, atomic_read(&ledger->exits), 2);
	EXPECT_EQ(t, atomic_read(&ledger->crashes), 0);
	EXPECT_EQ(t, st_stats(pool).crashes, 2);
	EXPECT_EQ(t, st_stats(pool).retired, 2);
	EXPECT_EQ(t, workpool_reboot(pool), 0);
	EXPECT(t, st_run_pid(t, pool) > 0);
}

/* a crash while the pool closes: the handler still runs, before the end */
static void crash_on_a_closed_pool(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 2, 0);
	struct st_job *job = victim(t, pool, st_crash_task);

	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job));
	workpool_release(pool);
	st_open(job);
	EXPECT_EQ(t, workpool_wait_released(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, atomic_read(&ledger->crashes), 1);
	/* a worker was made for it */
	EXPECT_EQ(t, atomic_read(&ledger->inits), 2);
	EXPECT_EQ(t, atomic_read(&ledger->exits), 2);
	EXPECT_EQ(t, workpool_running(pool), 0);
}

/* the slot of a surplus worker goes away with it when it crashes */
static void crash_of_a_surplus_worker(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, WORKPOOL_F_NOPURGE);
	struct st_job *job = victim(t, pool, st_crash_task), *busy, *waiting;
	struct st_thread *thread;

	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job));
	busy = st_block(t, pool);
	st_add_waiters(t, pool, &waiting, &thread, 1);
	EXPECT_EQ(t, workpool_tune(pool, 1), 0);
	st_open(job);
	ASSERT_SOON(t, st_stats(pool).crashes == 1);
	EXPECT_EQ(t, workpool_running(pool), 1);
	EXPECT_EQ(t, workpool_waiting(pool), 1);
	st_open(busy);
	EXPECT_EQ(t, st_join(thread), 0);
}

static void drain_gets_over_a_crash(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = victim(t, pool, st_crash_task);
	struct st_thread *drain;

	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job));
	drain = st_drain(t, pool, MAX_SCHEDULE_TIMEOUT);
	st_open(job);
	EXPECT_EQ(t, st_join(drain), 0);
	EXPECT_EQ(t, st_stats(pool).crashes, 1);
}

/* submitters storm the pool while its workers die */
static void storm_with_crashes(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, WORKPOOL_F_NOPURGE);
	struct st_storm *storm = st_storm(t, pool, 2, 300);
	struct st_thread *threads[3];
	int i, ret;

	st_storm_start(storm, threads, 3);
	for (i = 0; i < 10; i++) {
		ret = workpool_submit(pool, st_crash_task, NULL);
		EXPECT_EQ(t, ret, 0);
	}
	st_storm_end(storm, threads, 3);
	st_storm_expect_all_ran(storm, 900);
	ASSERT_SOON(t, st_stats(pool).crashes == 10);
	st_settle(t, pool);
	EXPECT_EQ(t, st_stats(pool).completed, 900);
}

/* the four things the module is for, in one pool */
static void headline_features(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct workpool *pool;

	attrs.expiry_ms = 20;
	pool = st_pool_attrs(t, &attrs);
	kill_one(t, pool, st_crash_task);
	EXPECT_EQ(t, workpool_tune(pool, 3), 0);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, workpool_reboot(pool), 0);
	st_run(t, pool, st_job_quick(t));
	ASSERT_SOON(t, st_stats(pool).purged > 0);
	ASSERT_SOON(t, workpool_running(pool) == 0);
	EXPECT_EQ(t, workpool_capacity(pool), 3);
}

static const struct st_case panic_cases[] = {
	ST_CASE(pool_survives),
	ST_CASE(handler_is_told),
	ST_CASE(handler_runs_after_the_death),
	ST_CASE(handler_once_per_crash),
	ST_CASE(kthread_exit_is_a_crash),
	ST_CASE(others_go_on),
	ST_CASE(crash_serves_the_next_waiter),
	ST_CASE(release_waits_for_the_handler),
	ST_CASE(handler_sees_its_own_crash),
	ST_CASE(worker_exit_runs_after_a_crash),
	ST_CASE(prealloc_worker_is_replaced),
	ST_CASE(only_min_workers_are_replaced),
	ST_CASE(crash_in_the_handler),
	ST_CASE(crash_in_worker_init),
	ST_CASE(crash_in_worker_exit),
	ST_CASE(crash_on_a_closed_pool),
	ST_CASE(crash_of_a_surplus_worker),
	ST_CASE(drain_gets_over_a_crash),
	ST_CASE(storm_with_crashes),
	ST_CASE(headline_features),
};

ST_GROUP(panic, false);
