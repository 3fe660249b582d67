// SPDX-License-Identifier: GPL-2.0
/*
 * CPU hotplug: workers go back to their pool's CPUs when one of these returns.
 *
 * When the last CPU a thread may run on goes offline, the scheduler lets it run
 * anywhere, and leaves it so. A worker puts that right when it has slept, see
 * core/cpus.c. Here it is done at once for all of them, also after cpusets have
 * reset all threads: one that is busy may not sleep for long.
 */

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "core/cpus.h"
#include "core/lookup.h"
#include "core/pool.h"
#include "core/ref.h"
#include "core/walk.h"
#include "core/worker.h"
#include "pool/hotplug.h"

static enum cpuhp_state online_state;

/*
 * Give @wanted to workers that run on @kernel's CPUs by the kernel's choice
 * alone.
 */
static void restore_cpus(struct workpool *pool, const struct cpumask *wanted,
			 const struct cpumask *kernel)
{
	struct wp_worker *worker = NULL;

	lockdep_assert_held(&pool->placing);
	while ((worker = wp_walk_next(pool, worker))) {
		if (!cpumask_equal(worker->task->cpus_ptr, wanted) &&
		    wp_cpus_unbound(worker, kernel))
			wp_cpus_place(pool, worker, wanted);
		cond_resched();
	}
}

/*
 * Pools that are being created or destroyed have workers, too, and are not in
 * the registry.
 */
static void restore_pools(const struct cpumask *kernel)
{
	static struct cpumask wanted;
	struct workpool *pool;
	u32 id = 0;

	while ((pool = wp_lookup_next(id))) {
		id = pool->lookup_id;
		mutex_lock(&pool->placing);
		wp_cpus_of_pool(pool, &wanted);
		restore_cpus(pool, &wanted, kernel);
		mutex_unlock(&pool->placing);
		wp_pool_put(pool);
		cond_resched();
	}
}

/*
 * The workers of all pools are looked at: cpusets reset all threads, and since
 * 6.14 the kernel moves threads that were made for a node, whatever CPU comes.
 * Cpusets may change in the middle, and then the pools handled first have
 * outdated masks. CPUs neither come nor go meanwhile: a callback of CPU hotplug
 * and wp_hotplug_work are never here at the same time.
 */
static void restore_all(void)
{
	static struct cpumask kernel, now;

	wp_cpus_of_kernel(&now);
	do {
		cpumask_copy(&kernel, &now);
		restore_pools(&kernel);
		wp_cpus_of_kernel(&now);
	} while (!cpumask_equal(&kernel, &now));
}

/**
 * wp_hotplug_online() - give workers their CPUs back
 * @cpu: came online
 *
 * Context: Process context, CPU hotplug is locked. May sleep.
 * Return: 0.
 */
int wp_hotplug_online(unsigned int cpu)
{
	restore_all();
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(wp_hotplug_online);

static void hotplug_work(struct work_struct *work)
{
	cpus_read_lock();
	restore_all();
	cpus_read_unlock();
}

/* Queued by wp_cpus_restore_later(). */
DECLARE_WORK(wp_hotplug_work, hotplug_work);

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
	/* No worker of a pool is left to queue it again. */
	cancel_work_sync(&wp_hotplug_work);
}
