/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPUs: where the workers of a pool may run, and what decided it.
 */
#ifndef _WP_CORE_CPUS_H
#define _WP_CORE_CPUS_H

#include <linux/cpumask.h>
#include <linux/sched.h>

#include "core/worker.h"

struct work_struct;
struct workpool;

void wp_cpus_init(struct work_struct *work);
void wp_cpus_never_isolated(struct cpumask *cpus);
void wp_cpus_of_kernel(struct cpumask *cpus);
const struct cpumask *wp_cpus_set_locked(struct workpool *pool);
bool wp_cpus_set_for(struct workpool *pool, struct cpumask *cpus);
void wp_cpus_restore_later(void);
bool wp_cpus_stay(const struct cpumask *cpus);
bool wp_cpus_of_pool(struct workpool *pool, struct cpumask *cpus);
void wp_cpus_inherited(struct wp_worker *worker);
bool wp_cpus_unbound(struct wp_worker *worker, const struct cpumask *kernel);
void wp_cpus_apply(struct workpool *pool, struct wp_worker *worker);
bool wp_cpus_reset(struct wp_worker *worker);
void wp_cpus_changed(struct workpool *pool, struct wp_worker *worker);
void wp_cpus_place(struct workpool *pool, struct wp_worker *worker,
		   const struct cpumask *cpus);

/*
 * Did the CPUs of this thread, which is @worker's, change behind its back, or
 * are they to change? A worker looks whenever it has slept, before it begins a
 * task.
 */
static inline void wp_cpus_check(struct workpool *pool,
				 struct wp_worker *worker)
{
	/* Pairs with the write in set_due(). */
	if (unlikely(!cpumask_equal(current->cpus_ptr, worker->cpus) ||
		     READ_ONCE(worker->cpus_due)))
		wp_cpus_changed(pool, worker);
}

#endif /* _WP_CORE_CPUS_H */
