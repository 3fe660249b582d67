// SPDX-License-Identifier: GPL-2.0
/*
 * Crashes: what happens when a task takes its worker's thread down.
 */

#include <linux/jiffies.h>
#include <linux/kdebug.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>

#include "compat.h"
#include "core/lock.h"
#include "core/node.h"
#include "core/notice.h"
#include "core/observe.h"
#include "core/pace.h"
#include "core/ref.h"
#include "core/slot.h"
#include "queue/member.h"
#include "queue/queue.h"
#include "task/parallel.h"
#include "trace.h"
#include "worker/attach.h"
#include "worker/crash.h"
#include "worker/leak.h"
#include "worker/stray.h"

/**
 * DOC: Crashes
 *
 * A task may oops, hit a BUG(), call kthread_exit() or workpool_task_crash().
 * In each case the kernel ends the thread through do_exit(), which calls the
 * task work that every worker registers on itself, exit_work() in loop.c.
 * Through wp_crash_account() it takes the worker out of the counts, so that the
 * next waiter gets its slot and a replacement is started, and passes the worker
 * to the reaper. The reaper waits for the end of the thread, then
 * wp_crash_reaped() has the crash reported: through ops.crash, as the first
 * task of a live worker, or in one line of the log. The dead worker counts as
 * alive until it is reported, so a release does not complete before.
 *
 * The only callback of the owner that runs in the dying thread is worker_exit.
 * It comes after everything that must not be lost: a second oops would end the
 * thread for good, on the spot, and nobody would take out of the pools what
 * refers to its stack. So a loop has no helpers there, and groups and embedded
 * tasks on the stack are warned of.
 *
 * A die notifier records reason and address of an oops, and has the other
 * threads leave alone what is on the stack: the kernel begins at its top again
 * when it has printed the oops. The notifier runs in the crashing thread, which
 * may hold any lock, with interrupts off: it writes single words and does
 * nothing else.
 *
 * What cannot be contained: a stack overflow, an oops in an interrupt that hit
 * the worker or with softirqs off, which the kernel takes for one in a softirq,
 * a second crash of a thread, in its worker_exit, panic_on_oops, UML, and a
 * crash in this module with the pool's lock held. What a crashed task held stays
 * held, but for what keeps all others waiting: see wp_leak_end_dead().
 */

int wp_crash_on_die(struct notifier_block *block, unsigned long event,
		    void *data)
{
	struct wp_worker *worker;
	struct die_args *args = data;

	if (event != DIE_OOPS)
		return NOTIFY_DONE;
	worker = wp_worker_current();
	if (!worker || worker->crash.kind)
		return NOTIFY_DONE;
	worker->crash.kind = WORKPOOL_CRASH_OOPS;
	worker->crash.reason = -EFAULT;
	worker->crash.ip = args->regs ? instruction_pointer(args->regs) : 0;
	worker->crash.trapnr = args->trapnr;
	worker->crash.signr = args->signr;
	wp_leak_forget_stack();
	wp_parallel_oops(worker);
	if (worker->stacked)
		wp_member_stack_oopsed(task_stack_page(current));
	return NOTIFY_DONE;
}
EXPORT_SYMBOL_IF_KUNIT(wp_crash_on_die);

static struct notifier_block die_notifier = { .notifier_call = wp_crash_on_die };

int wp_crash_init(void)
{
	return register_die_notifier(&die_notifier);
}

void wp_crash_exit(void)
{
	unregister_die_notifier(&die_notifier);
}

/**
 * __workpool_task_crash() - see workpool_task_crash()
 * @reason: what &workpool_crash.reason is to say
 *
 * Context: In a task of a pool, where it may sleep.
 */
void __workpool_task_crash(int reason)
{
	struct wp_worker *worker = wp_worker_current();

	if (worker) {
		/* In worker_exit there may have been a crash before. */
		if (!worker->crash.kind) {
			worker->crash.kind = WORKPOOL_CRASH_TASK;
			worker->crash.reason = reason;
		}
		kthread_complete_and_exit(NULL, 0);
	}
	WARN(1, "%s() outside a task of a pool\n", __func__);
	for (;;)
		schedule_timeout_idle(MAX_SCHEDULE_TIMEOUT);
}
EXPORT_SYMBOL_GPL(__workpool_task_crash);

/* Record the function that the worker was executing. */
static void record_function(struct workpool *pool, struct wp_worker *worker)
{
	struct workpool_crash *crash = &worker->crash;

	switch (worker->state) {
	case WP_WORKER_STARTING:
		crash->fn = pool->ops.worker_init;
		return;
	case WP_WORKER_EXITING:
		crash->fn = pool->ops.worker_exit;
		return;
	default:
		break;
	}
	if (worker->call.kind == WP_CRASH) {
		crash->fn = pool->ops.crash;
		return;
	}
	crash->fn = wp_worker_own_fn(worker);
	crash->arg = wp_worker_own_task(worker) ?: worker->call.arg;
	if (!list_empty(&worker->inner))
		/* The first that it began: others are nested in that. */
		wp_parallel_name(list_last_entry(&worker->inner,
						 struct workpool_node, entry),
				 crash);
}

/*
 * Record what the dying worker, whose thread runs here, executed. Before
 * wp_parallel_abandon(), which forgets the loops.
 */
void wp_crash_record(struct workpool *pool, struct wp_worker *worker)
{
	struct workpool_crash *crash = &worker->crash;

	if (!crash->kind) {
		crash->kind = WORKPOOL_CRASH_EXIT;
		crash->reason = -EFAULT;
	}
	record_function(pool, worker);
	crash->worker = worker->id;
	crash->pid = task_pid_nr(current);
	memcpy(crash->comm, current->comm, sizeof(crash->comm));
	static_assert(sizeof(crash->comm) == TASK_COMM_LEN);
}

/*
 * The members of groups that the task executed while it waited for them died
 * with it. It is one crash.
 */
static void end_inner_locked(struct workpool *pool, struct wp_worker *worker,
			     struct wp_deferred *deferred)
{
	struct wp_job *job, *next;

	list_for_each_entry_safe(job, next, &worker->inner, node.entry) {
		wp_observe_drop_locked(pool, job->call.fn.any,
				       wp_call_id(&job->call));
		wp_queue_end_inner_locked(pool, worker, job, -EFAULT, deferred);
	}
}

/* See wp_call_id(): the task may be one of a lease. */
static unsigned long crashed_id(const struct wp_worker *worker)
{
	if (wp_call_is_task(&worker->call))
		return (unsigned long)wp_worker_own_task(worker);
	return worker->call.seq;
}

static void crash_tell(struct workpool *pool,
		       const struct workpool_crash *crash)
{
	struct wp_notice notice = {
		.type = WP_NOTICE_CRASHED,
		.actor = wp_notice_actor(WP_BY_OWNER),
		.crashed.kind = crash->kind,
		.crashed.reason = crash->reason,
		.crashed.worker = crash->worker,
		.fn = crash->fn,
	};

	wp_notice_post(pool, &notice);
}

/*
 * Take the dying worker, whose thread runs here, out of the counts. Returns
 * true when it died before it was up, which is a start that failed.
 */
bool wp_crash_account(struct workpool *pool, struct wp_worker *worker)
{
	struct wp_deferred deferred;
	unsigned long since;
	bool starting;

	/* As when it started: a helper of a loop is a task of its own there. */
	if (worker->state == WP_WORKER_BUSY && worker->call.kind != WP_CRASH)
		trace_workpool_crash(pool, worker, wp_worker_own_fn(worker),
				     crashed_id(worker));
	else
		trace_workpool_crash(pool, worker, worker->crash.fn, 0);
	if (wp_notice_wanted())
		crash_tell(pool, &worker->crash);
	wp_pool_lock(pool, &deferred);
	pool->counters[WP_COUNT_CRASHES]++;
	pool->last_crash = worker->crash;
	wp_pace_crash(&pool->pace, get_jiffies_64());
	starting = worker->state == WP_WORKER_STARTING;
	since = worker->since;
	end_inner_locked(pool, worker, &deferred);
	if (worker->state == WP_WORKER_BUSY)
		wp_queue_end_locked(pool, worker, -EFAULT, &deferred);
	wp_slot_crash_locked(pool, worker);
	if (starting)
		wp_attach_failed_locked(pool, since, false, -EFAULT, &deferred);
	else
		wp_queue_balance_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
	return starting;
}

/* A callback that crashed is called a task here, too. */
static void log_crash(struct workpool *pool, const struct workpool_crash *crash)
{
	static const char * const kinds[] = {
		[WORKPOOL_CRASH_TASK] = "called workpool_task_crash()",
		[WORKPOOL_CRASH_OOPS] = "oopsed",
		[WORKPOOL_CRASH_EXIT] = "ended its thread",
	};

	pr_err("pool %s: task %ps %s, reason %d, in worker %s[%d]\n",
	       pool->name, crash->fn, kinds[crash->kind], crash->reason,
	       crash->comm, crash->pid);
}

/* Report the crash of @dead, as the task of a live worker. */
void wp_crash_report(struct workpool *pool, struct wp_worker *dead)
{
	struct wp_worker *worker = wp_worker_current();
	struct wp_leak before = wp_leak_begin();

	wp_stray_begin(pool, worker);
	pool->ops.crash(pool, &dead->crash);
	wp_stray_end(worker, pool->ops.crash);
	wp_leak_end(pool, pool->ops.crash, &before);
	wp_attach_leave(pool, dead);
	wp_worker_free(dead);
}

static void queue_report(struct workpool *pool, struct wp_worker *worker)
{
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	wp_queue_report_locked(pool, worker, &deferred);
	wp_pool_unlock(pool, &deferred);
}

/*
 * The crash of a callback is only logged: reporting it takes a worker, which
 * may crash in the same callback, and so on.
 */
static bool died_in_task(struct workpool *pool, struct wp_worker *worker)
{
	return worker->crash.fn != pool->ops.crash &&
	       worker->crash.fn != pool->ops.worker_init &&
	       worker->crash.fn != pool->ops.worker_exit;
}

static void free_dead_placed(struct workpool *pool, struct wp_worker *dead)
{
	lockdep_assert_held(&pool->placing);
	wp_attach_leave_placed(pool, dead);
	wp_worker_free(dead);
}

/* No worker will report the crash of @dead: log it instead. */
void wp_crash_drop_placed(struct workpool *pool, struct wp_worker *dead)
{
	lockdep_assert_held(&pool->placing);
	log_crash(pool, &dead->crash);
	free_dead_placed(pool, dead);
}

static void crash_finish_placed(struct workpool *pool, struct wp_worker *worker)
{
	lockdep_assert_held(&pool->placing);
	/* It died in the report of another dead worker, which ends that. */
	if (pool->ops.crash && worker->crash.fn == pool->ops.crash)
		free_dead_placed(pool, worker->call.arg);
	if (pool->ops.crash && died_in_task(pool, worker)) {
		queue_report(pool, worker);
		return;
	}
	wp_crash_drop_placed(pool, worker);
}

/*
 * The thread of @worker, which crashed in @pool, is gone: report it, or log.
 * Returns false when another thread holds workpool.placing, perhaps for long:
 * the reaper, which calls this, has other pools to serve and tries again.
 */
bool wp_crash_reaped(struct workpool *pool, struct wp_worker *worker)
{
	bool may_leave;

	wp_pool_get(pool);
	may_leave = mutex_trylock(&pool->placing);
	if (may_leave) {
		crash_finish_placed(pool, worker);
		mutex_unlock(&pool->placing);
	}
	wp_pool_put(pool);
	return may_leave;
}
