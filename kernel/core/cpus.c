// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs: where the workers of a pool may run, and who decided it.
 *
 * The owner of a pool names its CPUs, or leaves them to the kernel. The latter
 * means the CPUs that are not isolated, neither by isolcpus= or nohz_full= nor,
 * at the moment, by a partition of a cpuset.
 *
 * Others change the CPUs of a worker, too, and nobody tells it: the scheduler,
 * when the last of them goes offline; cpusets, which reset all kernel threads
 * when a partition changes; an administrator; and a task or a callback. So a
 * worker remembers with what CPUs it saw itself last, and compares after each
 * sleep. What the kernel did by itself is put right. What somebody asked for
 * stays. The difference is that the kernel lets the thread run on all of its
 * CPUs, see wp_cpus_unbound().
 */

#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/isolation.h>
#include <linux/topology.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "core/cpus.h"
#include "core/module.h"
#include "core/pool.h"

/* How often the CPUs may change while a worker takes them on. */
#define APPLY_MAX	3

/* The parent of all kernel threads, which never ends; pid 2 in any kernel. */
static struct task_struct *kthreads_parent;

/* Looks after workers that are busy. */
static struct work_struct *restore_work;

/*
 * @work is queued when a worker finds that the kernel has reset its CPUs: those
 * of others may be reset, too.
 */
void wp_cpus_init(struct work_struct *work)
{
	restore_work = work;
	rcu_read_lock();
	kthreads_parent = pid_task(find_pid_ns(2, &init_pid_ns), PIDTYPE_PID);
	rcu_read_unlock();
}

/* CPUs that no boot parameter isolates. They never change. */
void wp_cpus_never_isolated(struct cpumask *cpus)
{
	rcu_read_lock();
	cpumask_and(cpus, housekeeping_cpumask(WP_HK_TYPE_DOMAIN_BOOT),
		    housekeeping_cpumask(HK_TYPE_TICK));
	if (cpumask_empty(cpus))
		cpumask_copy(cpus, cpu_possible_mask);
	rcu_read_unlock();
}

/* CPUs that are not isolated now, for what nobody has bound to others. */
void wp_cpus_of_kernel(struct cpumask *cpus)
{
	/* The kernel frees a mask a grace period after it replaced it. */
	rcu_read_lock();
	cpumask_and(cpus, housekeeping_cpumask(HK_TYPE_DOMAIN),
		    housekeeping_cpumask(HK_TYPE_TICK));
	wp_leave_partitions(cpus, kthreads_parent);
	if (cpumask_empty(cpus))
		cpumask_copy(cpus, housekeeping_cpumask(HK_TYPE_DOMAIN));
	rcu_read_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(wp_cpus_of_kernel);

static bool share_online_cpu(const struct cpumask *a, const struct cpumask *b)
{
	unsigned int cpu;

	for_each_cpu_and(cpu, a, b)
		if (cpu_online(cpu))
			return true;
	return false;
}

/**
 * wp_cpus_of_pool() - the CPUs that workers of a pool are to have now
 * @pool: the pool
 * @cpus: gets them
 *
 * A pool whose CPUs are all offline, or all isolated though its owner did not
 * name them, runs where other kernel threads do.
 *
 * Context: Any.
 */
void wp_cpus_of_pool(struct workpool *pool, struct cpumask *cpus)
{
	if (pool->own_cpus && cpumask_intersects(pool->cpumask, cpu_online_mask)) {
		cpumask_copy(cpus, pool->cpumask);
		return;
	}
	wp_cpus_of_kernel(cpus);
	if (!pool->own_cpus && share_online_cpu(cpus, pool->cpumask))
		cpumask_and(cpus, cpus, pool->cpumask);
}

/* Has @task the CPUs of @node, as the kernel gives them to its threads? */
static bool is_bound_to_node(struct task_struct *task, int node,
			     const struct cpumask *kernel)
{
	unsigned int cpu;

	if (node == NUMA_NO_NODE ||
	    !cpumask_subset(task->cpus_ptr, cpumask_of_node(node)))
		return false;
	for_each_cpu_and(cpu, kernel, cpumask_of_node(node))
		if (!cpumask_test_cpu(cpu, task->cpus_ptr))
			return false;
	return true;
}

/**
 * wp_cpus_unbound() - has the kernel alone decided where a thread runs?
 * @task: the thread
 * @node: the NUMA node that it was made for, or NUMA_NO_NODE
 * @kernel: from wp_cpus_of_kernel()
 *
 * The scheduler and cpusets let it run at least on all CPUs that are not
 * isolated. Since 6.14 the kernel also puts a thread that was made for a node
 * on the CPUs of that node, whenever a CPU comes online.
 *
 * Context: Any.
 * Return: true, or false: somebody gave it CPUs on purpose.
 */
bool wp_cpus_unbound(struct task_struct *task, int node,
		     const struct cpumask *kernel)
{
	/* Since 6.2 this is what sched_setaffinity() was asked for. */
	if (task->user_cpus_ptr)
		return false;
	return cpumask_subset(kernel, task->cpus_ptr) ||
	       is_bound_to_node(task, node, kernel);
}
EXPORT_SYMBOL_IF_KUNIT(wp_cpus_unbound);

/*
 * Take on the CPUs of @pool; NULL: those of the kernel. They may change, and the
 * kernel may have reset this thread, before they are set. Therefore look again
 * afterwards. Returns false when something else decides, for example an
 * administrator: then the thread keeps what it has.
 */
static bool set_cpus(struct workpool *pool, struct wp_worker *worker)
{
	bool any = !pool || pool->any_cpu;
	int i;

	/* The kernel resets its threads whenever its CPUs change. */
	if (any && worker->any_cpu &&
	    cpumask_equal(current->cpus_ptr, worker->cpus))
		return true;
	worker->any_cpu = any;
	for (i = 0; i <= APPLY_MAX; i++) {
		if (any)
			wp_cpus_of_kernel(worker->cpus);
		else
			wp_cpus_of_pool(pool, worker->cpus);
		if (cpumask_equal(current->cpus_ptr, worker->cpus))
			return true;
		if (i < APPLY_MAX)
			set_cpus_allowed_ptr(current, worker->cpus);
	}
	worker->any_cpu = false;
	cpumask_copy(worker->cpus, current->cpus_ptr);
	return false;
}

/**
 * wp_cpus_apply() - take on the CPUs of a pool
 * @pool: the pool
 * @worker: the current thread's
 *
 * Context: The worker's thread. May sleep.
 */
void wp_cpus_apply(struct workpool *pool, struct wp_worker *worker)
{
	set_cpus(pool, worker);
}

/**
 * wp_cpus_reset() - take on the CPUs of the kernel, for the cache
 * @worker: the current thread's
 *
 * Context: The worker's thread. May sleep.
 * Return: false: an administrator has decided where the thread may run, and
 * this binds it as long as it lives.
 */
bool wp_cpus_reset(struct wp_worker *worker)
{
	return set_cpus(NULL, worker) && !current->user_cpus_ptr;
}

/**
 * wp_cpus_changed() - somebody changed the CPUs of this thread
 * @pool: the pool
 * @worker: the current thread's
 *
 * Context: The worker's thread. May sleep.
 */
void wp_cpus_changed(struct workpool *pool, struct wp_worker *worker)
{
	worker->any_cpu = false;
	wp_cpus_of_kernel(worker->cpus);
	if (!wp_cpus_unbound(current, worker->node, worker->cpus)) {
		cpumask_copy(worker->cpus, current->cpus_ptr);
		return;
	}
	wp_cpus_apply(pool, worker);
	queue_work(wp_workqueue, restore_work);
}
