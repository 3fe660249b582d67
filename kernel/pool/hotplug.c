// SPDX-License-Identifier: GPL-2.0
/*
 * CPU hotplug: workers go back to their pool's CPUs when one of these returns.
 *
 * When the last CPU a thread may run on goes offline, the scheduler lets it run
 * anywhere, and leaves it so.
 */

#include <linux/cpuhotplug.h>
#include <linux/sched/task.h>

#include "compat.h"
#include "core/pool.h"
#include "core/ref.h"
#include "core/worker.h"
#include "pool/hotplug.h"
#include "pool/registry.h"

static enum cpuhp_state online_state;

static bool is_stray(struct workpool *pool, struct wp_worker *worker)
{
	return worker->state != WP_WORKER_DEAD &&
	       worker->state != WP_WORKER_EXITING &&
	       !cpumask_equal(worker->task->cpus_ptr, pool->cpumask);
}

/*
 * Find the stray with the smallest number that is @id or more. Returns its
 * thread, referenced, and the next number in @id; NULL: there is none.
 */
static struct task_struct *find_stray(struct workpool *pool, unsigned int *id)
{
	struct wp_worker *worker, *first = NULL;
	struct task_struct *task = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	list_for_each_entry(worker, &pool->workers, attached)
		if (worker->id >= *id && is_stray(pool, worker) &&
		    (!first || worker->id < first->id))
			first = worker;
	if (first) {
		*id = first->id + 1;
		task = get_task_struct(first->task);
	}
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return task;
}

/*
 * A thread that moved to another pool since the lock was dropped gets the CPUs
 * of its pool again when one of these comes online, or with the next pool.
 */
static void restore_cpus(struct workpool *pool)
{
	struct task_struct *task;
	unsigned int id = 0;

	while ((task = find_stray(pool, &id))) {
		set_cpus_allowed_ptr(task, pool->cpumask);
		put_task_struct(task);
	}
}

/**
 * wp_hotplug_online() - give workers their CPUs back
 * @cpu: came online
 *
 * Context: Process context. May sleep.
 * Return: 0.
 */
int wp_hotplug_online(unsigned int cpu)
{
	struct workpool *pool;
	u32 id = 0;

	while ((pool = wp_registry_next(id))) {
		id = pool->id;
		if (cpumask_test_cpu(cpu, pool->cpumask))
			restore_cpus(pool);
		wp_pool_put(pool);
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(wp_hotplug_online);

int wp_hotplug_init(void)
{
	int err;

	err = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "workpool:online",
					wp_hotplug_online, NULL);
	if (err < 0)
		return err;
	online_state = err;
	return 0;
}

void wp_hotplug_exit(void)
{
	cpuhp_remove_state_nocalls(online_state);
}
