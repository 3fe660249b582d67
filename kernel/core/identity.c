// SPDX-License-Identifier: GPL-2.0
/*
 * Identity: what a worker's thread is for its pool: name, scheduling policy,
 * CPUs, and whether it freezes. On the way to the cache it loses that, and the
 * timer slack, the I/O priority and the block cgroup that it got meanwhile. What
 * a task has to change back itself is in core/traits.c.
 */

#include <linux/freezer.h>
#include <linux/iocontext.h>
#include <linux/ioprio.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <uapi/linux/sched/types.h>

#include "compat.h"
#include "core/cpus.h"
#include "core/identity.h"
#include "core/pool.h"
#include "core/traits.h"
#include "core/worker.h"

/* Number of a worker, with that of its pool in a multi in front. */
static int format_number(struct workpool *pool, unsigned int id, char *number,
			 int size)
{
	if (pool->multi)
		return scnprintf(number, size, ".%u-%u", pool->index, id);
	return scnprintf(number, size, "-%u", id);
}

/* Length of the pool's name without its number in a multi. */
static int base_length(struct workpool *pool)
{
	const char *dot = pool->multi ? strrchr(pool->name, '.') : NULL;

	return dot ? dot - pool->name : strlen(pool->name);
}

/**
 * wp_identity_name() - name of a worker's thread
 * @pool: the pool
 * @id: number of the worker
 * @name: gets "wp/<pool>-<id>", in a multi "wp/<multi>.<index>-<id>"; the name
 *	is cut so that the numbers fit
 *
 * Context: Any.
 */
void wp_identity_name(struct workpool *pool, unsigned int id,
		      char name[TASK_COMM_LEN])
{
	char number[24];
	int room;

	room = TASK_COMM_LEN - 1 - (int)strlen("wp/") -
	       format_number(pool, id, number, sizeof(number));
	room = clamp(room, 0, base_length(pool));
	scnprintf(name, TASK_COMM_LEN, "wp/%.*s%s", room, pool->name, number);
}
EXPORT_SYMBOL_IF_KUNIT(wp_identity_name);

/* set_task_comm() is not exported; this is what it does. */
static void set_name(const char *name)
{
	task_lock(current);
	strscpy_pad(current->comm, name, sizeof(current->comm));
	task_unlock(current);
}

static void set_policy(struct task_struct *task, int nice,
		       unsigned int rt_priority)
{
	struct sched_attr attr = {
		.size		= sizeof(attr),
		.sched_policy	= rt_priority ? SCHED_FIFO : SCHED_NORMAL,
		.sched_priority	= rt_priority,
		.sched_nice	= nice,
	};

	if (task->policy == attr.sched_policy &&
	    task->rt_priority == rt_priority && task_nice(task) == nice &&
	    !wp_has_own_slice(task))
		return;
	WARN_ON_ONCE(sched_setattr_nocheck(task, &attr));
}

/**
 * wp_identity_set_policy() - give a worker's thread the policy of its pool
 * @pool: the pool
 * @task: the thread
 *
 * A tune writes the new values and then calls this for each worker. A worker
 * that starts may have read the old ones, and set them after that. So look
 * again.
 *
 * Context: Process context. May sleep.
 */
void wp_identity_set_policy(struct workpool *pool, struct task_struct *task)
{
	unsigned int rt_priority;
	int nice;

	do {
		/* Pairs with the writes of a tune. */
		nice = READ_ONCE(pool->nice);
		rt_priority = READ_ONCE(pool->rt_priority);
		set_policy(task, nice, rt_priority);
	} while (nice != READ_ONCE(pool->nice) ||
		 rt_priority != READ_ONCE(pool->rt_priority));
}

/**
 * wp_identity_apply() - give the current thread what its pool asks for
 * @pool: the pool
 * @worker: the current thread's
 *
 * Context: The worker's thread. May sleep.
 */
void wp_identity_apply(struct workpool *pool, struct wp_worker *worker)
{
	char name[TASK_COMM_LEN];

	wp_identity_name(pool, worker->id, name);
	set_name(name);
	wp_identity_set_policy(pool, current);
	wp_cpus_apply(pool, worker);
	if (pool->flags & WORKPOOL_F_FREEZABLE)
		set_freezable();
	else
		current->flags |= PF_NOFREEZE;
}

static void reset_ioprio(void)
{
#ifdef CONFIG_BLOCK
	struct io_context *ioc = current->io_context;

	if (ioc && ioc->ioprio != IOPRIO_DEFAULT)
		set_task_ioprio(current, IOPRIO_DEFAULT);
#endif
}

static bool is_clamped(void)
{
#ifdef CONFIG_UCLAMP_TASK
	return current->uclamp_req[UCLAMP_MIN].user_defined ||
	       current->uclamp_req[UCLAMP_MAX].user_defined;
#else
	return false;
#endif
}

/* The group for core scheduling, which cannot be left from here. */
static unsigned long core_cookie(const struct task_struct *task)
{
#ifdef CONFIG_SCHED_CORE
	return READ_ONCE(task->core_cookie);
#else
	return 0;
#endif
}

/*
 * Is the thread where kthreadd, its parent, is, as a new one would be? That is
 * in the root of all cgroup hierarchies and in the root directory of the
 * kernel, with the same resource limits and the same neighbours for core
 * scheduling.
 */
static bool is_like_parent(void)
{
	struct task_struct *kthreadd;
	bool same;

	rcu_read_lock();
	kthreadd = rcu_dereference(current->real_parent);
	same = current->fs == READ_ONCE(kthreadd->fs) &&
	       core_cookie(current) == core_cookie(kthreadd) &&
	       !memcmp(current->signal->rlim, kthreadd->signal->rlim,
		       sizeof(current->signal->rlim));
#ifdef CONFIG_CGROUPS
	same &= rcu_access_pointer(current->cgroups) ==
		rcu_access_pointer(kthreadd->cgroups);
#endif
	rcu_read_unlock();
	return same;
}

/**
 * wp_identity_reset() - make the current thread like a new one, for the cache
 * @worker: the current thread's, which left its pool
 *
 * Context: The worker's thread. May sleep.
 * Return: false: that is impossible, and the thread is to end.
 */
bool wp_identity_reset(struct wp_worker *worker)
{
	set_name("wp/cached");
	set_policy(current, 0, 0);
	/* The slack comes after the policy, because a new policy changes it. */
	current->timer_slack_ns = current->default_timer_slack_ns;
	/* The freezer need not wait for a cached thread. */
	current->flags |= PF_NOFREEZE;
	kthread_associate_blkcg(NULL);
	reset_ioprio();
	return wp_traits_reset(worker->cred) && !is_clamped() &&
	       is_like_parent() && wp_cpus_reset(worker);
}
