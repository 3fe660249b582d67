/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Strays: groups and embedded tasks on the stack of a task that is over.
 */
#ifndef _WP_WORKER_STRAY_H
#define _WP_WORKER_STRAY_H

#include <linux/kconfig.h>

#include "core/worker.h"

void wp_stray_detach(struct wp_worker *worker);
void wp_stray_report(struct wp_worker *worker, void *fn);
void wp_stray_forget(struct workpool *pool, struct wp_worker *worker);

/*
 * A task or callback begins, which has nothing to do with the group of the last
 * one.
 */
static inline void wp_stray_begin(struct workpool *pool,
				  struct wp_worker *worker)
{
	/* Pairs with the write for a group that died with its stack. */
	if (IS_ENABLED(CONFIG_DEBUG_OBJECTS) &&
	    unlikely(READ_ONCE(worker->dead_group)))
		wp_stray_forget(pool, worker);
}

/*
 * The task or callback @fn returned. Debug kernels look at what it left on the
 * stack.
 */
static inline void wp_stray_end(struct wp_worker *worker, void *fn)
{
	if (IS_ENABLED(CONFIG_DEBUG_OBJECTS) && unlikely(worker->stacked))
		wp_stray_report(worker, fn);
	worker->stacked = false;
}

#endif /* _WP_WORKER_STRAY_H */
