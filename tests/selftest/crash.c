// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks that crash the hard way. Each of these taints the kernel and switches
 * lockdep off: they need a boot of their own.
 */
#include <linux/blkdev.h>
#include <linux/bug.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include "crash.h"
#include "ledger.h"
#include "test.h"

/* this is what is tested: checkpatch is not to warn of it */
#define st_bug	BUG

static int *nowhere;

/* without a report of KASAN before the oops */
__no_sanitize_address void st_crash_null(void *arg)
{
	*READ_ONCE(nowhere) = 1;
}

void st_crash_bug(void *arg)
{
	st_bug();
}

/* dies with interrupts off and with a lock that no other task takes */
__no_sanitize_address void st_crash_lock(void *arg)
{
	DEFINE_RAW_SPINLOCK(lock);
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	*READ_ONCE(nowhere) = 1;
	raw_spin_unlock_irqrestore(&lock, flags);
}

void st_crash_exit(void *arg)
{
	kthread_complete_and_exit(NULL, -7);
}

void st_crash_task(void *arg)
{
	workpool_task_crash(-EIO);
}

/* dies in a section of RCU */
__no_sanitize_address void st_crash_rcu(void *arg)
{
	rcu_read_lock();
	*READ_ONCE(nowhere) = 1;
	rcu_read_unlock();
}

#ifdef CONFIG_BLOCK

/* dies with plugged requests, in a frame of its stack */
static __no_sanitize_address void st_crash_plugged(void *arg)
{
	struct blk_plug plug;

	blk_start_plug(&plug);
	*READ_ONCE(nowhere) = 1;
	blk_finish_plug(&plug);
}

static int look_for_plug(struct workpool *pool)
{
	struct st_ledger *ledger = workpool_data(pool);

	return ledger->inside_ret || current->plug;
}

#endif

static const struct {
	const char *name;
	workpool_fn_t fn;
} kinds[] = {
	{ "null", st_crash_null },
	{ "bug", st_crash_bug },
	{ "lock", st_crash_lock },
	{ "exit", st_crash_exit },
	{ "task", st_crash_task },
};

/* the function that crashes in the way called @kind, or NULL */
workpool_fn_t st_crash_fn(const char *kind)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, kind))
			return kinds[i].fn;
	return NULL;
}

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
	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_begun(job));
	return job;
}

static void check_info(struct st_test *t, struct st_ledger *ledger,
		       struct st_job *job, enum workpool_crash_kind kind,
		       int reason)
{
	struct workpool_crash *info = &ledger->info;

	EXPECT(t, info->fn == st_job_run);
	EXPECT(t, info->arg == job);
	EXPECT_EQ(t, info->kind, kind);
	EXPECT_EQ(t, info->reason, reason);
	EXPECT_EQ(t, info->pid, job->pid);
	EXPECT_EQ(t, strcmp(info->comm, job->comm), 0);
	if (kind != WORKPOOL_CRASH_OOPS)
		return;
	EXPECT(t, within_module(info->ip, THIS_MODULE));
	EXPECT(t, info->signr == 9 || info->signr == 11);
}

/*
 * One worker of three dies. The others go on, the waiter gets its slot, the
 * handler is told once, the pool can be released, rebooted and used.
 */
static struct st_ledger *die(struct st_test *t, workpool_fn_t fn,
			     enum workpool_crash_kind kind, int reason)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 3, 0);
	struct st_job *busy[2], *dying = victim(t, pool, fn), *waiting;
	struct st_thread *thread;

	st_block_n(t, pool, busy, 2);
	st_add_waiters(t, pool, &waiting, &thread, 1);
	st_open(dying);
	EXPECT_EQ(t, st_join(thread), 0);
	ASSERT_SOON(t, st_begun(waiting));
	EXPECT_EQ(t, workpool_running(pool), 3);
	EXPECT(t, !st_ended(busy[0]) && !st_ended(busy[1]));
	st_jobs_open(t);
	ASSERT_SOON(t, atomic_read(&ledger->crashes) == 1);
	check_info(t, ledger, dying, kind, reason);
	EXPECT(t, READ_ONCE(dying->thread->exit_state));
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT(t, st_ended(busy[0]) && st_ended(busy[1]) && st_ended(waiting));
	EXPECT_EQ(t, st_stats(pool).crashes, 1);
	EXPECT_EQ(t, st_stats(pool).completed, 3);
	EXPECT_EQ(t, atomic_read(&ledger->inits), atomic_read(&ledger->exits));
	EXPECT_EQ(t, workpool_reboot(pool), 0);
	EXPECT(t, st_run_pid(t, pool) > 0);
	EXPECT_EQ(t, atomic_read(&ledger->crashes), 1);
	return ledger;
}

static void body_hold(struct st_job *job)
{
	mutex_lock(job->data);
	wait_for_completion(&job->gate);
	mutex_unlock(job->data);
}

/* an oops elsewhere switches lockdep off, which misses the unlock */
static void no_leak_when_lockdep_goes_off(struct st_test *t)
{
	static DEFINE_MUTEX(some_mutex);
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = st_job_body(t, pool, body_hold);

	job->data = &some_mutex;
	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, mutex_is_locked(&some_mutex));
	st_open(victim(t, pool, st_crash_null));
	ASSERT_SOON(t, st_stats(pool).crashes == 1);
	st_open(job);
	st_settle(t, pool);
	EXPECT(t, st_ended(job));
	EXPECT_EQ(t, st_stats(pool).leaks, 0);
}

static void crash_null_dereference(struct st_test *t)
{
	die(t, st_crash_null, WORKPOOL_CRASH_OOPS, -EFAULT);
}

static void crash_bug(struct st_test *t)
{
	struct st_ledger *ledger;

	ledger = die(t, st_crash_bug, WORKPOOL_CRASH_OOPS, -EFAULT);
	if (IS_ENABLED(CONFIG_X86))
		EXPECT_EQ(t, ledger->info.trapnr, 6);
}

static void crash_with_lock_held_and_irqs_off(struct st_test *t)
{
	die(t, st_crash_lock, WORKPOOL_CRASH_OOPS, -EFAULT);
}

/* a task dies of @fn; worker_exit, and the report in another worker, call @inside */
static struct st_ledger *die_watched(struct st_test *t, workpool_fn_t fn,
				     int (*inside)(struct workpool *pool))
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool;

	ledger->inside = inside;
	pool = st_ledger_pool(t, ledger, 1, 0);
	st_open(victim(t, pool, fn));
	ASSERT_SOON(t, atomic_read(&ledger->exits) == 1);
	ASSERT_SOON(t, atomic_read(&ledger->crashes) == 1);
	return ledger;
}

static int wait_for_rcu(struct workpool *pool)
{
	synchronize_rcu();
	return 0;
}

/* an oops in a section of RCU ends it: worker_exit may wait for all of them */
static void crash_ends_the_rcu_section(struct st_test *t)
{
	die_watched(t, st_crash_rcu, wait_for_rcu);
}

/*
 * The kernel uses the stack of a thread that oopsed again. What worker_exit does
 * then must not find a plug there.
 */
static void crash_forgets_the_plug(struct st_test *t)
{
#ifdef CONFIG_BLOCK
	struct st_ledger *ledger;

	ledger = die_watched(t, st_crash_plugged, look_for_plug);
	EXPECT_EQ(t, ledger->inside_ret, 0);
#else
	st_skip(t, "there are no block devices");
#endif
}

static void crash_kthread_exit(struct st_test *t)
{
	die(t, st_crash_exit, WORKPOOL_CRASH_EXIT, -EFAULT);
}

static void crash_task_crash(struct st_test *t)
{
	die(t, st_crash_task, WORKPOOL_CRASH_TASK, -EIO);
}

/* without a handler there is a line in the log, and nothing else */
static void crash_without_handler(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = victim(t, pool, st_crash_null);

	st_open(job);
	ASSERT_SOON(t, st_stats(pool).crashes == 1);
	EXPECT(t, st_run_pid(t, pool) != job->pid);
}

/* one after the other, and nothing is used up */
static void crash_again_and_again(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool = st_ledger_pool(t, ledger, 1, 0);
	int i;

	for (i = 1; i <= 20; i++) {
		st_open(victim(t, pool, i & 1 ? st_crash_bug : st_crash_null));
		ASSERT_SOON(t, atomic_read(&ledger->crashes) == i);
		/* its report is a job of the only worker */
		ASSERT_SOON(t, !workpool_busy(pool));
	}
	st_settle(t, pool);
	EXPECT_EQ(t, st_stats(pool).crashes, 20);
	EXPECT(t, workpool_running(pool) <= 1);
	EXPECT(t, st_run_pid(t, pool) > 0);
}

static void crash_of_all_prealloc_workers(struct st_test *t)
{
	struct st_ledger *ledger = st_ledger(t);
	struct workpool *pool;
	struct st_job *jobs[3];
	int i;

	pool = st_ledger_pool(t, ledger, 3, WORKPOOL_F_PREALLOC);
	for (i = 0; i < 3; i++)
		jobs[i] = victim(t, pool, st_crash_null);
	st_open_all(jobs, 3);
	ASSERT_SOON(t, atomic_read(&ledger->crashes) == 3);
	ASSERT_SOON(t, workpool_idle(pool) == 3);
	EXPECT_EQ(t, workpool_running(pool), 3);
}

/* the worker dies while the pool waits for it */
static void crash_during_release(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = victim(t, pool, st_crash_null);
	struct st_thread *thread;

	thread = st_release_timeout(t, pool, MAX_SCHEDULE_TIMEOUT);
	ASSERT_SOON(t, workpool_is_closed(pool));
	st_open(job);
	EXPECT_EQ(t, st_join(thread), 0);
	EXPECT_EQ(t, st_stats(pool).alive, 0);
	EXPECT_EQ(t, workpool_reboot(pool), 0);
	EXPECT(t, st_run_pid(t, pool) > 0);
}

static void body_nest(struct st_job *job)
{
	wait_for_completion(&job->gate);
	job->ret = workpool_submit(job->pool, st_job_run, job->data);
}

/* no task hangs after an oops that leaves only blocked workers */
static void crash_leaves_only_blocked_workers(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = st_job_body(t, pool, body_nest), *dying;

	job->data = st_job_quick(t);
	ASSERT_EQ(t, st_try(pool, job), 0);
	dying = victim(t, pool, st_crash_null);
	st_open(job);
	ASSERT_SOON(t, workpool_waiting(pool) == 1);
	EXPECT_EQ(t, workpool_tune(pool, 1), 0);
	st_open(dying);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, job->ret, -EDEADLK);
}

static const struct st_case crash_cases[] = {
	ST_CASE(crash_task_crash),
	ST_CASE(crash_kthread_exit),
	ST_CASE(no_leak_when_lockdep_goes_off),
	ST_CASE(crash_null_dereference),
	ST_CASE(crash_bug),
	ST_CASE(crash_with_lock_held_and_irqs_off),
	ST_CASE(crash_ends_the_rcu_section),
	ST_CASE(crash_forgets_the_plug),
	ST_CASE(crash_without_handler),
	ST_CASE(crash_again_and_again),
	ST_CASE(crash_of_all_prealloc_workers),
	ST_CASE(crash_during_release),
	ST_CASE(crash_leaves_only_blocked_workers),
};

ST_GROUP(crash, true);
