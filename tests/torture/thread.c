// SPDX-License-Identifier: GPL-2.0
/*
 * Threads of the test, and which of them are stuck.
 */

#include <linux/sched/debug.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "torture.h"

bool torture_stop;

static LIST_HEAD(threads);
static DEFINE_MUTEX(lock);	/* threads */
static atomic_t nr_alive;
static u64 next_salt = 1000;

void thread_does(struct thread *thread, const char *what, struct slot *where)
{
	WRITE_ONCE(thread->closes, false);
	thread->where = where;
	WRITE_ONCE(thread->since, jiffies);
	WRITE_ONCE(thread->doing, what);
}

/*
 * It waits for all that @slot has accepted, or for all workers with which the
 * pool opens, in many tries as some fail. That may be thousands of tasks for a
 * few workers, because the others crashed, and a busy machine makes few threads
 * a second: it is stuck when no task and no worker begins any more.
 */
void thread_closes(struct thread *thread, const char *what, struct slot *slot)
{
	thread_does(thread, what, slot);
	WRITE_ONCE(thread->closes_since, jiffies);
	WRITE_ONCE(thread->closes, true);
}

/* The thread that has @mutex is watched itself. */
void thread_locks(struct thread *thread, struct mutex *mutex)
{
	thread_does(thread, NULL, NULL);
	mutex_lock(mutex);
}

/* Up to @max_us; often not at all. */
void thread_pauses(struct thread *thread, unsigned int max_us)
{
	thread_does(thread, "pause", NULL);
	if (rnd_one_in(&thread->rnd, 4))
		usleep_range(1, 1 + rnd_below(&thread->rnd, max_us));
	else
		cond_resched();
}

static int play(void *data)
{
	struct thread *thread = data;

	if (thread->killable) {
		allow_signal(SIGKILL);
		/* keep the many that submit from starving the few others */
		set_user_nice(current, 5);
	}
	while (!READ_ONCE(torture_stop)) {
		thread->round(thread);
		if (signal_pending(current))
			flush_signals(current);
	}
	thread_does(thread, NULL, NULL);
	atomic_dec(&nr_alive);
	while (!kthread_should_stop()) {
		set_current_state(TASK_IDLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

/* @round is called again and again until the test ends. */
struct thread *thread_start(const char *name,
			    void (*round)(struct thread *thread),
			    struct slot *slot, bool killable)
{
	struct thread *thread = kzalloc(sizeof(*thread), GFP_KERNEL);

	if (!thread)
		return ERR_PTR(-ENOMEM);
	thread->name = name;
	thread->round = round;
	thread->slot = slot;
	thread->killable = killable;
	thread->since = jiffies;
	rnd_seed(&thread->rnd, next_salt++);
	thread->task = kthread_create(play, thread, "tort/%s", name);
	if (IS_ERR(thread->task)) {
		void *err = thread->task;

		kfree(thread);
		return err;
	}
	get_task_struct(thread->task);
	atomic_inc(&nr_alive);
	mutex_lock(&lock);
	list_add_tail(&thread->node, &threads);
	mutex_unlock(&lock);
	wake_up_process(thread->task);
	return thread;
}

/* Does the pool that @thread waits for still go on, and not for too long? */
static bool goes_on(struct thread *thread)
{
	struct slot *slot = READ_ONCE(thread->where);
	long begun;

	if (!READ_ONCE(thread->closes) || !slot ||
	    time_after(jiffies, READ_ONCE(thread->closes_since) +
				CLOSE_DEADLINE * HZ))
		return false;
	begun = atomic_long_read(&slot->ledger.ran) +
		atomic_long_read(&slot->ledger.inits);
	swap(begun, thread->begun);
	return begun != thread->begun;
}

static bool is_stuck(struct thread *thread)
{
	if (goes_on(thread))
		WRITE_ONCE(thread->since, jiffies);
	return READ_ONCE(thread->doing) && !thread->stuck &&
	       time_after(jiffies, READ_ONCE(thread->since) + DEADLINE * HZ);
}

/* Report threads that have been in one call for too long. */
void threads_watch(void)
{
	struct thread *thread;
	bool any = false;

	mutex_lock(&lock);
	list_for_each_entry(thread, &threads, node) {
		if (!is_stuck(thread))
			continue;
		thread->stuck = true;
		any = true;
		fail(PROGRESS, "%s: %s of slot %d since %u s", thread->name,
		     thread->doing, thread->where ? (int)thread->where->nr : -1,
		     jiffies_to_msecs(jiffies - thread->since) / 1000);
		sched_show_task(thread->task);
	}
	mutex_unlock(&lock);
	if (any)
		slots_show();
}

/* Kill a random thread of those that may be killed. */
void threads_kill_one(struct rnd *rnd)
{
	u32 nr = rnd_below(rnd, 16);
	struct thread *thread;

	mutex_lock(&lock);
	list_for_each_entry(thread, &threads, node) {
		if (!thread->killable || nr--)
			continue;
		count(C_SIGNAL);
		send_sig(SIGKILL, thread->task, 1);
		break;
	}
	mutex_unlock(&lock);
}

static void threads_free(void)
{
	struct thread *thread, *next;

	list_for_each_entry_safe(thread, next, &threads, node) {
		list_del(&thread->node);
		kthread_stop(thread->task);
		put_task_struct(thread->task);
		kfree(thread);
	}
}

/* All end their rounds. Returns -EBUSY when some do not. */
int threads_join(void)
{
	unsigned long end = jiffies + 2 * DEADLINE * HZ;

	WRITE_ONCE(torture_stop, true);
	while (atomic_read(&nr_alive)) {
		if (time_after(jiffies, end)) {
			fail(PROGRESS, "%d threads do not end",
			     atomic_read(&nr_alive));
			return -EBUSY;
		}
		msleep(20);
		threads_watch();
	}
	threads_free();
	return 0;
}
