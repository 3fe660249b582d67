// SPDX-License-Identifier: GPL-2.0
/*
 * Identity: name, scheduling policy and CPUs of a worker's thread.
 */

#include <linux/freezer.h>
#include <linux/sched/task.h>
#include <uapi/linux/sched/types.h>

#include "compat.h"
#include "core/cpus.h"
#include "core/identity.h"
#include "core/pool.h"
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
 * @name: gets "wp/<pool>-<id>"; the pool's name is cut so that the number fits,
 *	and so does the number of the pool in a multi, which ends its name
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

static void apply_name(struct workpool *pool, unsigned int id)
{
	char name[TASK_COMM_LEN];

	wp_identity_name(pool, id, name);
	/* set_task_comm() is not exported; this is what it does. */
	task_lock(current);
	strscpy_pad(current->comm, name, sizeof(current->comm));
	task_unlock(current);
}

static void apply_policy(struct workpool *pool)
{
	struct sched_attr attr = {
		.size		= sizeof(attr),
		.sched_policy	= pool->rt_priority ? SCHED_FIFO : SCHED_NORMAL,
		.sched_priority	= pool->rt_priority,
		.sched_nice	= pool->nice,
	};

	if (current->policy == attr.sched_policy &&
	    current->rt_priority == pool->rt_priority &&
	    task_nice(current) == pool->nice)
		return;
	WARN_ON_ONCE(sched_setattr_nocheck(current, &attr));
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
	apply_name(pool, worker->id);
	apply_policy(pool);
	wp_cpus_apply(pool, worker);
	if (pool->flags & WORKPOOL_F_FREEZABLE)
		set_freezable();
	else
		current->flags |= PF_NOFREEZE;
}
