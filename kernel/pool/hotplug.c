// SPDX-License-Identifier: GPL-2.0
/*
 * CPU hotplug: workers go back to their pool's CPUs when one of these returns.
 *
 * When the last CPU a thread may run on goes offline, the scheduler lets it run
 * anywhere, and leaves it so.
 */

#include <linux/cpuhotplug.h>
#include <linux/sched/task.h>

#include "internal.h"

static enum cpuhp_state state;

static bool is_stray(struct workpool *pool, struct wp_worker *worker)
{
	return worker->state != WP_WORKER_DEAD &&
	       worker->state != WP_WORKER_EXITING &&
	       !cpumask_equal(worker->task->cpus_ptr, pool->cpumask);
}

/* The first stray from number @id on, whose thread is referenced; NULL: none. */
static struct task_struct *find_stray(struct workpool *pool, unsigned int *id)
{
	struct wp_worker *worker, *first = NULL;
	struct task_struct *task = NULL;
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	list_for_each_entry(worker, &pool->workers, attached)
		if (worker->id >= *id && is_stray(pool, worker) &&
		    (!first || worker->id < first->id))
			first = worker;
	if (first) {
		*id = first->id + 1;
		task = get_task_struct(first->task);
	}
	wp_pool_unlock(pool, &deferred);
	return task;
}

/* A thread that moves to another pool meanwhile sets its own CPUs again. */
static void restore(struct workpool *pool)
{
	struct task_struct *task;
	unsigned int id = 0;

	while ((task = find_stray(pool, &id))) {
		set_cpus_allowed_ptr(task, pool->cpumask);
		put_task_struct(task);
	}
}

static int restore_all(unsigned int cpu)
{
	struct workpool *pool;
	u32 id = 0;

	while ((pool = wp_registry_next(id))) {
		id = pool->id;
		if (cpumask_test_cpu(cpu, pool->cpumask))
			restore(pool);
		wp_pool_put(pool);
	}
	return 0;
}

int wp_hotplug_init(void)
{
	int err;

	err = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "workpool:online",
					restore_all, NULL);
	if (err < 0)
		return err;
	state = err;
	return 0;
}

void wp_hotplug_exit(void)
{
	cpuhp_remove_state_nocalls(state);
}
