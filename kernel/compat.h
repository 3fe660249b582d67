/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What older kernels lack, in the spelling of the newest one, or with a name of
 * our own, wp_*. The only place under kernel/ that may test the kernel's
 * version.
 */
#ifndef _WP_COMPAT_H
#define _WP_COMPAT_H

#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/topology.h>
#include <linux/version.h>

#ifndef __has_include
#define __has_include(header) 0		/* sparse */
#endif

#if __has_include("kunit/visibility.h")
#include <kunit/visibility.h>
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "workpool needs Linux 6.1 or newer"
#endif

/* Internals that the KUnit suites call; since 6.2 and 6.1-stable. */
#ifndef EXPORT_SYMBOL_IF_KUNIT
#define EXPORT_SYMBOL_IF_KUNIT(symbol)
#endif

/* Where the suites make an allocation fail; since 6.4. */
#if __has_include("kunit/static_stub.h")
#include <kunit/static_stub.h>
#endif
#ifndef KUNIT_STATIC_STUB_REDIRECT
#define KUNIT_STATIC_STUB_REDIRECT(...) do { } while (0)
#endif

/*
 * This redirects under the lock of a pool. The lock of the stubs sleeps on
 * PREEMPT_RT, and lockdep may look at other kernels as if they were that one.
 */
#if defined(CONFIG_PREEMPT_RT) || defined(CONFIG_PROVE_RAW_LOCK_NESTING)
#define WP_STATIC_STUB_LOCKED(...) do { } while (0)
#else
#define WP_STATIC_STUB_LOCKED KUNIT_STATIC_STUB_REDIRECT
#endif

/* Since 6.17: what is written before it is read need not be zeroed first. */
#ifndef __uninitialized
#if __has_attribute(__uninitialized__)
#define __uninitialized __attribute__((__uninitialized__))
#else
#define __uninitialized
#endif
#endif

/* The names since 6.2 and 6.1-stable, where this macro went. */
#ifdef del_singleshot_timer_sync
#define timer_delete(timer)		del_timer(timer)
#define timer_delete_sync(timer)	del_timer_sync(timer)
#endif

/* The name since 6.16. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
static inline void timer_destroy_on_stack(struct timer_list *timer)
{
	destroy_timer_on_stack(timer);
}
#endif

/*
 * Shrinkers are allocated since 6.7. No macro tells: SHRINKER_REGISTERED is in
 * older and newer kernels.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
static inline struct shrinker *shrinker_alloc(unsigned int flags,
					      const char *fmt, ...)
{
	struct shrinker *shrinker = kzalloc(sizeof(*shrinker), GFP_KERNEL);

	if (shrinker) {
		shrinker->flags = flags;
		shrinker->seeks = DEFAULT_SEEKS;
	}
	return shrinker;
}

static inline int wp_shrinker_register(struct shrinker *shrinker)
{
	return register_shrinker(shrinker, "workpool");
}

static inline void shrinker_free(struct shrinker *shrinker)
{
	unregister_shrinker(shrinker);
	kfree(shrinker);
}
#else
static inline int wp_shrinker_register(struct shrinker *shrinker)
{
	shrinker_register(shrinker);
	return 0;
}
#endif

/*
 * What divides the CPUs by last-level cache: 6.7 lets modules see it on x86,
 * where the package is the next best; elsewhere that is the node.
 */
static inline int wp_cpu_cache(int cpu)
{
#if defined(CONFIG_X86) && LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	return cpu_data(cpu).topo.llc_id;
#elif defined(CONFIG_X86)
	return topology_physical_package_id(cpu);
#else
	return cpu_to_node(cpu);
#endif
}

/*
 * The CPUs that no boot parameter took out of the scheduler's domains. Since
 * 7.0 HK_TYPE_DOMAIN has no CPU of an isolated partition of a cpuset, either.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define WP_HK_TYPE_DOMAIN_BOOT	HK_TYPE_DOMAIN_BOOT
#else
#define WP_HK_TYPE_DOMAIN_BOOT	HK_TYPE_DOMAIN
#endif

/*
 * Before 7.0 only cpusets know of their partitions. They keep @kthreadd and all
 * other kernel threads of the root cgroup out, but not those that are made
 * later.
 */
static inline void wp_leave_partitions(struct cpumask *cpus,
				       const struct task_struct *kthreadd)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	if (kthreadd && cpumask_intersects(cpus, kthreadd->cpus_ptr))
		cpumask_and(cpus, cpus, kthreadd->cpus_ptr);
#endif
}

/* Since 6.12 sched_setattr() sets the slice of a thread. */
static inline bool wp_has_own_slice(const struct task_struct *task)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	return task->se.custom_slice;
#else
	return false;
#endif
}

#endif /* _WP_COMPAT_H */
