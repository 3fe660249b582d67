// SPDX-License-Identifier: GPL-2.0
/*
 * Threads of the test, and who of them does not get on.
 */

#include <linux/sched/debug.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "torture.h"

bool torture_stop;

static LIST_HEAD(actors);
static DEFINE_MUTEX(lock);	/* actors */
static atomic_t nr_alive;
static u64 next_salt = 1000;

void actor_does(struct actor *actor, const char *what, struct slot *where)
{
	actor->where = where;
	WRITE_ONCE(actor->since, jiffies);
	WRITE_ONCE(actor->doing, what);
}

/* Up to @max_us; often not at all. */
void actor_pauses(struct actor *actor, unsigned int max_us)
{
	actor_does(actor, "pause", NULL);
	if (rnd_one_in(&actor->rnd, 4))
		usleep_range(1, 1 + rnd_below(&actor->rnd, max_us));
	else
		cond_resched();
}

static int play(void *data)
{
	struct actor *actor = data;

	if (actor->killable) {
		allow_signal(SIGKILL);
		/* the many that submit shall not keep the few from their turns */
		set_user_nice(current, 5);
	}
	while (!READ_ONCE(torture_stop)) {
		actor->round(actor);
		if (signal_pending(current))
			flush_signals(current);
	}
	actor_does(actor, NULL, NULL);
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
struct actor *actor_start(const char *name, void (*round)(struct actor *actor),
			  struct slot *slot, bool killable)
{
	struct actor *actor = kzalloc(sizeof(*actor), GFP_KERNEL);

	if (!actor)
		return ERR_PTR(-ENOMEM);
	actor->name = name;
	actor->round = round;
	actor->slot = slot;
	actor->killable = killable;
	actor->since = jiffies;
	rnd_seed(&actor->rnd, next_salt++);
	actor->task = kthread_create(play, actor, "tort/%s", name);
	if (IS_ERR(actor->task)) {
		void *err = actor->task;

		kfree(actor);
		return err;
	}
	get_task_struct(actor->task);
	atomic_inc(&nr_alive);
	mutex_lock(&lock);
	list_add_tail(&actor->node, &actors);
	mutex_unlock(&lock);
	wake_up_process(actor->task);
	return actor;
}

static bool is_stuck(struct actor *actor)
{
	return READ_ONCE(actor->doing) && !actor->stuck &&
	       time_after(jiffies, READ_ONCE(actor->since) + PATIENCE * HZ);
}

/* Who waits for what for too long? */
void actors_watch(void)
{
	struct actor *actor;
	bool any = false;

	mutex_lock(&lock);
	list_for_each_entry(actor, &actors, node) {
		if (!is_stuck(actor))
			continue;
		actor->stuck = true;
		any = true;
		fail(PROGRESS, "%s: %s of slot %d since %u s", actor->name,
		     actor->doing, actor->where ? (int)actor->where->nr : -1,
		     jiffies_to_msecs(jiffies - actor->since) / 1000);
		sched_show_task(actor->task);
	}
	mutex_unlock(&lock);
	if (any)
		slots_show();
}

/* A signal for one who may be killed. */
void actors_kill_one(struct rnd *rnd)
{
	u32 nr = rnd_below(rnd, 16);
	struct actor *actor;

	mutex_lock(&lock);
	list_for_each_entry(actor, &actors, node) {
		if (!actor->killable || nr--)
			continue;
		count(C_SIGNAL);
		send_sig(SIGKILL, actor->task, 1);
		break;
	}
	mutex_unlock(&lock);
}

static void actors_free(void)
{
	struct actor *actor, *next;

	list_for_each_entry_safe(actor, next, &actors, node) {
		list_del(&actor->node);
		kthread_stop(actor->task);
		put_task_struct(actor->task);
		kfree(actor);
	}
}

/* All end their rounds. Returns -EBUSY when some do not. */
int actors_join(void)
{
	unsigned long end = jiffies + 2 * PATIENCE * HZ;

	WRITE_ONCE(torture_stop, true);
	while (atomic_read(&nr_alive)) {
		if (time_after(jiffies, end)) {
			fail(PROGRESS, "%d threads do not end",
			     atomic_read(&nr_alive));
			return -EBUSY;
		}
		msleep(20);
		actors_watch();
	}
	actors_free();
	return 0;
}
