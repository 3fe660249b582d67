// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks that return with something held, or leave something in their thread. The
 * kernel log names them, with a stack; the worker is put right and goes on.
 */
#include <linux/blkdev.h>
#include <linux/bottom_half.h>
#include <linux/cred.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "crash.h"
#include "test.h"

static void leak_preempt_count(void *unused)
{
	preempt_disable();
}

static void leak_softirqs_off(void *unused)
{
	local_bh_disable();
	local_bh_disable();
}

static void leak_irqs_off(void *unused)
{
	local_irq_disable();
}

static void leak_rcu(void *unused)
{
	rcu_read_lock();
}

static void leak_lock(void *arg)
{
	mutex_lock(arg);
}

static void unlock(void *arg)
{
	mutex_unlock(arg);
}

static void leak_memalloc(void *unused)
{
	memalloc_noio_save();
	memalloc_nofs_save();
	/* only some kernels since 6.9 have these */
#ifdef PF_MEMALLOC_NORECLAIM
	current->flags |= PF_MEMALLOC_NORECLAIM;
#endif
#ifdef PF_MEMALLOC_NOWARN
	current->flags |= PF_MEMALLOC_NOWARN;
#endif
}

static void leak_reserves(void *unused)
{
	memalloc_noreclaim_save();
}

/* what set_freezable() does; the worker of a pool that does not freeze */
static void leak_freezable(void *unused)
{
	current->flags &= ~PF_NOFREEZE;
}

static void leak_signal(void *unused)
{
	allow_signal(SIGTERM);
	send_sig(SIGTERM, current, 1);
}

static void leak_allowed(void *unused)
{
	allow_signal(SIGTERM);
}

/* on 32 bits it is in the second word */
static void leak_blocked_realtime(void *unused)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 8);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void leak_blocked(void *unused)
{
	sigset_t set;

	siginitset(&set, sigmask(SIGUSR1));
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void leak_journal(void *unused)
{
	current->journal_info = &leak_journal;
}

static void leak_page_faults(void *unused)
{
	pagefault_disable();
}

static void leak_migrate(void *unused)
{
	migrate_disable();
}

#ifdef CONFIG_BLOCK
static void leak_plug(void *unused)
{
	struct blk_plug plug;

	blk_start_plug(&plug);
}
#endif

static void leak_address_space(void *mm)
{
	kthread_use_mm(mm);
}

static void leak_credentials(void *unused)
{
	const struct cred *cred = prepare_creds();

	/* the reference to the old ones is the caller's */
	if (cred)
		put_cred(override_creds(cred));
}

static void body_look(struct st_job *job)
{
	job->ret = 0;
	if (preempt_count())
		job->ret |= 1;
	if (irqs_disabled())
		job->ret |= 2;
	if (rcu_preempt_depth() > 0)
		job->ret |= 4;
	if (current->flags & (PF_MEMALLOC | PF_MEMALLOC_NOIO | PF_MEMALLOC_NOFS))
		job->ret |= 8;
#ifdef PF_MEMALLOC_NORECLAIM
	if (current->flags & PF_MEMALLOC_NORECLAIM)
		job->ret |= 8;
#endif
#ifdef PF_MEMALLOC_NOWARN
	if (current->flags & PF_MEMALLOC_NOWARN)
		job->ret |= 8;
#endif
	if (!(current->flags & PF_NOFREEZE))
		job->ret |= 1024;
	if (signal_pending(current) || !sigisemptyset(&current->blocked))
		job->ret |= 16;
	if (current->journal_info || current->pagefault_disabled)
		job->ret |= 32;
	if (current->cpus_ptr != &current->cpus_mask)
		job->ret |= 64;
	if (current->mm)
		job->ret |= 256;
	if (softirq_count())
		job->ret |= 512;
#ifdef CONFIG_BLOCK
	if (current->plug)
		job->ret |= 128;
#endif
}

/* what a task sees in the worker of @pool; 0: it is as it should be */
static int look_in(struct st_test *t, struct workpool *pool)
{
	struct st_job *job = st_job_body(t, pool, body_look);

	job->ret = -1;
	st_run(t, pool, job);
	return job->ret;
}

/* the leak is counted and repaired; the pool does what it did before */
static struct workpool *leak(struct st_test *t, workpool_fn_t fn, void *arg)
{
	struct workpool *pool = st_pool(t, 1, 0);

	EXPECT_EQ(t, workpool_submit(pool, fn, arg), 0);
	ASSERT_SOON(t, st_stats(pool).leaks == 1);
	st_settle(t, pool);
	EXPECT_EQ(t, look_in(t, pool), 0);
	st_settle(t, pool);
	EXPECT_EQ(t, st_stats(pool).leaks, 1);
	EXPECT_EQ(t, st_stats(pool).completed, 2);
	EXPECT_EQ(t, st_stats(pool).crashes, 0);
	EXPECT_EQ(t, workpool_running(pool), 1);
	return pool;
}

static void unbalanced_preempt_count(struct st_test *t)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_COUNT))
		st_skip(t, "this kernel has no preempt count");
	leak(t, leak_preempt_count, NULL);
}

/* else each other thread of the CPU that disables them may wait, on PREEMPT_RT */
static void unbalanced_softirqs(struct st_test *t)
{
	leak(t, leak_softirqs_off, NULL);
}

static void unbalanced_irqs_off(struct st_test *t)
{
	leak(t, leak_irqs_off, NULL);
}

static void unbalanced_rcu_read_lock(struct st_test *t)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_RCU))
		st_skip(t, "this kernel cannot tell");
	leak(t, leak_rcu, NULL);
}

static void memory_flags(struct st_test *t)
{
	leak(t, leak_memalloc, NULL);
	leak(t, leak_reserves, NULL);
}

/* A suspend would fail: the worker would have to freeze, but parks where it cannot. */
static void left_freezable(struct st_test *t)
{
	leak(t, leak_freezable, NULL);
}

/* else each interruptible wait of a later task would fail */
static void allowed_signal(struct st_test *t)
{
	leak(t, leak_signal, NULL);
}

/* a signal that nobody has sent yet is found when the worker leaves */
static void allowed_signal_without_one(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool;

	attrs.expiry_ms = 100;
	pool = st_pool_attrs(t, &attrs);
	EXPECT_EQ(t, workpool_submit(pool, leak_allowed, NULL), 0);
	ASSERT_SOON(t, !st_stats(pool).alive);
	EXPECT_EQ(t, st_stats(pool).leaks, 1);
}

static void blocked_signal(struct st_test *t)
{
	leak(t, leak_blocked, NULL);
	leak(t, leak_blocked_realtime, NULL);
}

static int init_with_irqs_off(struct workpool *pool, void **worker_data)
{
	local_irq_disable();
	return 0;
}

static void exit_with_irqs_off(struct workpool *pool, void *worker_data)
{
	local_irq_disable();
}

static const struct workpool_ops leaking_ops = {
	.worker_init = init_with_irqs_off,
	.worker_exit = exit_with_irqs_off,
};

/* a task sees @seen; there are @leaks of worker_init, and as many of worker_exit */
static void check_callbacks(struct st_test *t, const struct workpool_ops *ops,
			    int seen, int leaks)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool;

	attrs.ops = ops;
	pool = st_pool_attrs(t, &attrs);
	EXPECT_EQ(t, look_in(t, pool), seen);
	EXPECT_EQ(t, st_stats(pool).leaks, leaks);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, st_stats(pool).leaks, 2 * leaks);
}

/* what a callback leaves does not get to tasks, nor to other pools */
static void leak_of_a_callback_stays_there(struct st_test *t)
{
	check_callbacks(t, &leaking_ops, 0, 1);
}

static void report_with_irqs_off(struct workpool *pool,
				 const struct workpool_crash *crash)
{
	local_irq_disable();
}

static const struct workpool_ops reporting_ops = {
	.crash = report_with_irqs_off,
};

/* nor does what the report of a crash leaves */
static void report_of_a_crash(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool;

	attrs.ops = &reporting_ops;
	pool = st_pool_attrs(t, &attrs);
	EXPECT_EQ(t, workpool_submit(pool, st_crash_task, NULL), 0);
	ASSERT_SOON(t, st_stats(pool).leaks == 1);
	st_settle(t, pool);
	EXPECT_EQ(t, look_in(t, pool), 0);
}

static int init_that_sets_flags(struct workpool *pool, void **worker_data)
{
	*worker_data = (void *)(unsigned long)memalloc_noio_save();
	return 0;
}

static void exit_that_clears_flags(struct workpool *pool, void *worker_data)
{
	memalloc_noio_restore((unsigned long)worker_data);
}

static const struct workpool_ops flag_ops = {
	.worker_init = init_that_sets_flags,
	.worker_exit = exit_that_clears_flags,
};

/* worker_init may set flags for all tasks, and worker_exit clear them */
static void flags_of_callbacks_are_no_leak(struct st_test *t)
{
	check_callbacks(t, &flag_ops, 8, 0);
}

static int init_freezable(struct workpool *pool, void **worker_data)
{
	leak_freezable(NULL);
	return 0;
}

static void exit_freezable(struct workpool *pool, void *worker_data)
{
	leak_freezable(NULL);
}

static const struct workpool_ops freezable_ops = {
	.worker_init = init_freezable,
	.worker_exit = exit_freezable,
};

/* callbacks do not decide whether the worker freezes: the pool does */
static void callback_leaves_it_freezable(struct st_test *t)
{
	check_callbacks(t, &freezable_ops, 0, 1);
}

static void leak_unfreezable(void *unused)
{
	current->flags |= PF_NOFREEZE;
}

static void body_look_freezable(struct st_job *job)
{
	job->ret = !!(current->flags & PF_NOFREEZE);
}

/* a task does not keep the worker of a freezable pool from freezing */
static void left_unfreezable(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, WORKPOOL_F_FREEZABLE);
	struct st_job *job = st_job_body(t, pool, body_look_freezable);

	EXPECT_EQ(t, workpool_submit(pool, leak_unfreezable, NULL), 0);
	ASSERT_SOON(t, st_stats(pool).leaks == 1);
	st_settle(t, pool);
	job->ret = -1;
	st_run(t, pool, job);
	EXPECT_EQ(t, job->ret, 0);
}

static void journal_left_open(struct st_test *t)
{
	leak(t, leak_journal, NULL);
}

static void page_faults_left_off(struct st_test *t)
{
	leak(t, leak_page_faults, NULL);
}

static void migration_left_off(struct st_test *t)
{
	if (!IS_ENABLED(CONFIG_SMP))
		st_skip(t, "there is but one CPU");
	leak(t, leak_migrate, NULL);
}

/* else the next task that sleeps would send requests from a dead stack frame */
static void plug_left_open(struct st_test *t)
{
#ifdef CONFIG_BLOCK
	leak(t, leak_plug, NULL);
#else
	st_skip(t, "there are no block devices");
#endif
}

static struct mm_struct *mm_of_init(void)
{
	struct mm_struct *mm = NULL;
	struct task_struct *init;

	rcu_read_lock();
	init = pid_task(find_vpid(1), PIDTYPE_PID);
	if (init)
		mm = get_task_mm(init);
	rcu_read_unlock();
	return mm;
}

/* else a later task would read and write the memory of a process */
static void address_space_left_in_use(struct st_test *t)
{
	struct mm_struct *mm = mm_of_init();

	ASSERT(t, mm);
	leak(t, leak_address_space, mm);
	mmput(mm);
}

/* credentials cannot be given back: no other pool gets the thread */
static void credentials_left_overridden(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job_quick(t);

	EXPECT_EQ(t, workpool_submit(pool, leak_credentials, NULL), 0);
	ASSERT_SOON(t, st_stats(pool).leaks == 1);
	st_run(t, pool, job);
	st_settle(t, pool);
	EXPECT_EQ(t, st_stats(pool).leaks, 1);
	EXPECT_EQ(t, workpool_running(pool), 1);
	st_pool_destroy(t, pool);
	ASSERT_SOON(t, READ_ONCE(job->thread->exit_state));
}

static int leak_in_member(void *unused)
{
	memalloc_noio_save();
	return 0;
}

static void body_wait_for_group(struct st_job *job)
{
	struct workpool_group group;

	workpool_group_init(&group, job->pool);
	job->ret = workpool_group_submit(&group, leak_in_member, NULL) ?:
		   workpool_group_wait(&group);
	if (current->flags & PF_MEMALLOC_NOIO)
		job->ret = 1;
}

/* what a member leaks does not get to the task that waits, and runs it */
static void member_of_a_waiting_task(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool;
	struct st_job *job;

	attrs.queue_depth = 1;
	pool = st_pool_attrs(t, &attrs);
	job = st_job_body(t, pool, body_wait_for_group);
	job->ret = -1;
	st_run(t, pool, job);
	EXPECT_EQ(t, job->ret, 0);
	EXPECT_EQ(t, st_stats(pool).leaks, 1);
}

static bool lockdep_works(void)
{
#ifdef CONFIG_LOCKDEP
	return debug_locks;
#else
	return false;
#endif
}

/* a lock cannot be given back for a task, but it can be named */
static void unbalanced_mutex(struct st_test *t)
{
	static DEFINE_MUTEX(some_mutex);
	struct workpool *pool;

	if (!lockdep_works())
		st_skip(t, "this kernel cannot tell");
	pool = leak(t, leak_lock, &some_mutex);
	/* the same worker, which owns it */
	EXPECT_EQ(t, workpool_submit(pool, unlock, &some_mutex), 0);
	st_settle(t, pool);
	EXPECT(t, !mutex_is_locked(&some_mutex));
}

static void no_leak_is_reported_for_clean_tasks(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);

	EXPECT(t, st_run_pid(t, pool) > 0);
	EXPECT_EQ(t, st_stats(pool).leaks, 0);
}

static const struct st_case leak_cases[] = {
	ST_CASE(no_leak_is_reported_for_clean_tasks),
	ST_CASE(unbalanced_preempt_count),
	ST_CASE(unbalanced_softirqs),
	ST_CASE(unbalanced_irqs_off),
	ST_CASE(unbalanced_rcu_read_lock),
	ST_CASE(unbalanced_mutex),
	ST_CASE(memory_flags),
	ST_CASE(left_freezable),
	ST_CASE(allowed_signal),
	ST_CASE(allowed_signal_without_one),
	ST_CASE(blocked_signal),
	ST_CASE(leak_of_a_callback_stays_there),
	ST_CASE(report_of_a_crash),
	ST_CASE(flags_of_callbacks_are_no_leak),
	ST_CASE(callback_leaves_it_freezable),
	ST_CASE(left_unfreezable),
	ST_CASE(journal_left_open),
	ST_CASE(page_faults_left_off),
	ST_CASE(migration_left_off),
	ST_CASE(plug_left_open),
	ST_CASE(address_space_left_in_use),
	ST_CASE(credentials_left_overridden),
	ST_CASE(member_of_a_waiting_task),
};

ST_GROUP(leak, true);
