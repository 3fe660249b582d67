// SPDX-License-Identifier: GPL-2.0
/*
 * Values of the whole module: its version, the limit of workers, its workqueue.
 */

#include <linux/cpumask.h>
#include <linux/module.h>

#include "compat.h"
#include "core/module.h"

/*
 * For the purge, the rest of what is more than a slice, the look for circles of
 * waits and that for overloads, the delivery of notices, the cache's expiry, the
 * reaper, pools that are freed, and workers that get their CPUs back.
 */
struct workqueue_struct *wp_workqueue;

/* With one CPU a submitter gives way to the worker that it woke. */
bool wp_yield_after_handoff;
EXPORT_SYMBOL_IF_KUNIT(wp_yield_after_handoff);

int wp_max_workers = WP_MAX_WORKERS_DEFAULT;
EXPORT_SYMBOL_IF_KUNIT(wp_max_workers);

int wp_module_init(void)
{
	if (wp_max_workers < 1 || wp_max_workers > WP_MAX_WORKERS_LIMIT) {
		pr_err("max_workers=%d is not within 1 to %d\n", wp_max_workers,
		       WP_MAX_WORKERS_LIMIT);
		return -EINVAL;
	}
	wp_yield_after_handoff = num_online_cpus() == 1;
	wp_workqueue = alloc_workqueue("workpool", WQ_UNBOUND | WQ_MEM_RECLAIM,
				       0);
	return wp_workqueue ? 0 : -ENOMEM;
}

/* Waits for pools that are about to be freed. */
void wp_module_exit(void)
{
	rcu_barrier();
	/*
	 * The works that free pools cancel others, which must not be queued
	 * later.
	 */
	flush_workqueue(wp_workqueue);
	destroy_workqueue(wp_workqueue);
}
