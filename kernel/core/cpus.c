// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs: where the workers of a pool may run, and what decided it.
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
 * stays. The kernel's own changes are told by this: the thread may then run on
 * all CPUs that are not isolated, see wp_cpus_unbound().
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
#include "core/traits.h"

/* How often the CPUs may change while a worker takes them on. */
#define APPLY_MAX	3

/* The parent of all kernel threads, which never ends; pid 2 in any kernel. */
static struct task_struct *kthreads_parent;

/* Restores the CPUs of the workers of all pools. */
static struct work_struct *restore_work;

/*
 * @work is queued when a worker finds that the kernel has reset its CPUs: those
 * of others may be reset, too. It is also queued when the last CPU of a pool is
 * about to go.
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
	KUNIT_STATIC_STUB_REDIRECT(wp_cpus_of_kernel, cpus);
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

/* The CPUs that @pool may have: those of the last tune, or of its creation. */
const struct cpumask *wp_cpus_set_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return pool->cpus_tuned ? pool->tuned_cpus : pool->cpumask;
}

/**
 * wp_cpus_set_for() - the CPUs that a pool may have, online or not
 * @pool: the pool
 * @cpus: gets them
 *
 * Context: Any but NMI.
 * Return: true; false when nobody named them.
 */
bool wp_cpus_set_for(struct workpool *pool, struct cpumask *cpus)
{
	unsigned long flags;
	bool named;

	raw_spin_lock_irqsave(&pool->lock, flags);
	cpumask_copy(cpus, wp_cpus_set_locked(pool));
	named = pool->cpus_tuned || pool->own_cpus;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return named;
}

/* The CPUs of all workers are looked at once CPU hotplug is over. */
void wp_cpus_restore_later(void)
{
	KUNIT_STATIC_STUB_REDIRECT(wp_cpus_restore_later);
	queue_work(wp_workqueue, restore_work);
}
EXPORT_SYMBOL_IF_KUNIT(wp_cpus_restore_later);

/*
 * Is one of @cpus online, and not going offline? One that goes takes no thread
 * any more.
 */
bool wp_cpus_stay(const struct cpumask *cpus)
{
	unsigned int cpu;

	KUNIT_STATIC_STUB_REDIRECT(wp_cpus_stay, cpus);
	for_each_cpu_and(cpu, cpus, cpu_online_mask)
		if (!cpu_dying(cpu))
			return true;
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(wp_cpus_stay);

/**
 * wp_cpus_of_pool() - the CPUs that workers of a pool are to have now
 * @pool: the pool
 * @cpus: gets them
 *
 * A pool whose CPUs are all offline, or all isolated though nobody named them,
 * runs where other kernel threads do.
 *
 * Context: Any but NMI.
 * Return: true; false: the last CPU of the pool is about to go offline. The
 * kernel may still refuse that, and tells nobody.
 */
bool wp_cpus_of_pool(struct workpool *pool, struct cpumask *cpus)
{
	bool named = wp_cpus_set_for(pool, cpus);
	bool goes;

	if (named && wp_cpus_stay(cpus))
		return true;
	goes = named && share_online_cpu(cpus, cpu_online_mask);
	wp_cpus_of_kernel(cpus);
	if (!named && share_online_cpu(cpus, pool->cpumask))
		cpumask_and(cpus, cpus, pool->cpumask);
	return !goes;
}

/* The thread of @worker is new: remember what it inherited from kthreadd. */
void wp_cpus_inherited(struct wp_worker *worker)
{
	struct task_struct *task = worker->task;
	unsigned long flags;

	raw_spin_lock_irqsave(&task->pi_lock, flags);
	if (task->user_cpus_ptr)
		cpumask_copy(worker->user_cpus, task->user_cpus_ptr);
	raw_spin_unlock_irqrestore(&task->pi_lock, flags);
}

/*
 * Did anybody call sched_setaffinity() for this thread? Since 6.2 the kernel
 * keeps what it was asked for, and replaces it under this lock.
 */
static bool has_user_changed(struct wp_worker *worker)
{
	struct task_struct *task = worker->task;
	unsigned long flags;
	bool changed;

	raw_spin_lock_irqsave(&task->pi_lock, flags);
	changed = task->user_cpus_ptr &&
		  !cpumask_equal(task->user_cpus_ptr, worker->user_cpus);
	raw_spin_unlock_irqrestore(&task->pi_lock, flags);
	return changed;
}

/*
 * The kernel intersects any new mask with the one of sched_setaffinity(),
 * unless the result is empty.
 */
static void cpus_confine(const struct wp_worker *worker, struct cpumask *cpus)
{
	if (cpumask_intersects(cpus, worker->user_cpus))
		cpumask_and(cpus, cpus, worker->user_cpus);
}

/* May the thread run on all CPUs of @kernel within @within that it can get? */
static bool has_all(const struct wp_worker *worker,
		    const struct cpumask *kernel, const struct cpumask *within)
{
	bool confined = cpumask_intersects(kernel, worker->user_cpus);
	unsigned int cpu;

	for_each_cpu_and(cpu, kernel, within)
		if ((!confined || cpumask_test_cpu(cpu, worker->user_cpus)) &&
		    !cpumask_test_cpu(cpu, worker->task->cpus_ptr))
			return false;
	return true;
}

/* Has it the CPUs of its node, as the kernel gives them to its threads? */
static bool is_bound_to_node(const struct wp_worker *worker,
			     const struct cpumask *kernel)
{
	const struct cpumask *node;

	if (worker->node == NUMA_NO_NODE)
		return false;
	node = cpumask_of_node(worker->node);
	return cpumask_subset(worker->task->cpus_ptr, node) &&
	       has_all(worker, kernel, node);
}

/**
 * wp_cpus_unbound() - has the kernel alone decided where a thread runs?
 * @worker: the thread's
 * @kernel: from wp_cpus_of_kernel()
 *
 * The scheduler and cpusets let it run at least on all CPUs that are not
 * isolated. Since 6.14 the kernel also puts a thread that was made for a node
 * on the CPUs of that node, whenever a CPU comes online. An administrator may
 * have confined kthreadd, and thereby all threads that were made since. That is
 * nothing of this thread.
 *
 * Context: Any.
 * Return: true, or false: somebody gave it CPUs on purpose.
 */
bool wp_cpus_unbound(struct wp_worker *worker, const struct cpumask *kernel)
{
	return !has_user_changed(worker) &&
	       (has_all(worker, kernel, cpu_possible_mask) ||
		is_bound_to_node(worker, kernel));
}
EXPORT_SYMBOL_IF_KUNIT(wp_cpus_unbound);

/* Are the CPUs of @pool those of the kernel? NULL: yes. */
static bool is_any_cpu(struct workpool *pool)
{
	/* Pairs with the write of a tune. */
	return !pool || (pool->any_cpu && !READ_ONCE(pool->cpus_tuned));
}

static bool runs_where_it_may(void)
{
	bool may = cpumask_test_cpu(get_cpu(), current->cpus_ptr);

	put_cpu();
	return may;
}

/*
 * Take on the CPUs of @pool; NULL: those of the kernel. These may change
 * meanwhile, and the kernel or a tune may set the CPUs of this thread: so it
 * compares again after each set. If the only CPU begins to go offline just then,
 * the kernel leaves the thread where it may not be. Returns false when something
 * else decides, for example an administrator: then the thread keeps what it has.
 */
static bool set_cpus(struct workpool *pool, struct wp_worker *worker)
{
	bool any = is_any_cpu(pool);
	int i;

	/* If its CPUs had changed, the kernel would have reset this thread. */
	if (any && worker->any_cpu &&
	    cpumask_equal(current->cpus_ptr, worker->cpus))
		return true;
	for (i = 0; i <= APPLY_MAX; i++) {
		any = is_any_cpu(pool);
		worker->any_cpu = any;
		if (any)
			wp_cpus_of_kernel(worker->cpus);
		else if (!wp_cpus_of_pool(pool, worker->cpus))
			wp_cpus_restore_later();
		cpus_confine(worker, worker->cpus);
		if (cpumask_equal(current->cpus_ptr, worker->cpus) &&
		    runs_where_it_may())
			return true;
		if (i < APPLY_MAX)
			set_cpus_allowed_ptr(current, worker->cpus);
	}
	worker->any_cpu = false;
	cpumask_copy(worker->cpus, current->cpus_ptr);
	return false;
}

static bool set_due(struct workpool *pool, struct wp_worker *worker, bool due)
{
	unsigned long flags;
	bool was_due;

	raw_spin_lock_irqsave(&pool->lock, flags);
	was_due = worker->cpus_due;
	/* Pairs with the read in wp_cpus_check(). */
	WRITE_ONCE(worker->cpus_due, due);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return was_due;
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
	/* This comes first: CPUs that are set after they were read make it due. */
	set_due(pool, worker, false);
	set_cpus(pool, worker);
}
EXPORT_SYMBOL_IF_KUNIT(wp_cpus_apply);

/**
 * wp_cpus_place() - move another worker to CPUs
 * @pool: its pool, whose @placing is held
 * @worker: the worker
 * @cpus: these
 *
 * The kernel waits until the thread may migrate, which may take as long as its
 * task does. So a thread that may not is left alone, and takes on the CPUs of
 * @pool itself when it has slept next. The few instructions between the look
 * and the kernel's own remain: a thread that has disabled its migration just
 * then is waited for. If it dies there, exit_work() enables it.
 *
 * Context: Process context. May sleep.
 */
void wp_cpus_place(struct workpool *pool, struct wp_worker *worker,
		   const struct cpumask *cpus)
{
	lockdep_assert_held(&pool->placing);
	if (wp_traits_migration(worker->task))
		set_due(pool, worker, true);
	else
		set_cpus_allowed_ptr(worker->task, cpus);
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
	return set_cpus(NULL, worker) && !has_user_changed(worker);
}

/**
 * wp_cpus_changed() - somebody changed the CPUs of this thread, or wants to
 * @pool: the pool
 * @worker: the current thread's
 *
 * One that worker_init has kept from migrating stays where it is.
 *
 * Context: The worker's thread. May sleep.
 */
void wp_cpus_changed(struct workpool *pool, struct wp_worker *worker)
{
	bool due = set_due(pool, worker, false);

	if (due && !wp_traits_migration(current)) {
		set_cpus(pool, worker);
		return;
	}
	worker->any_cpu = false;
	wp_cpus_of_kernel(worker->cpus);
	if (wp_traits_migration(current) ||
	    !wp_cpus_unbound(worker, worker->cpus)) {
		cpumask_copy(worker->cpus, current->cpus_ptr);
		return;
	}
	wp_cpus_apply(pool, worker);
	wp_cpus_restore_later();
}
