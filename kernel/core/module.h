/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Values of the whole module: its version, the limit of workers, its workqueue,
 * and whether a submitter gives way to the worker that it wakes.
 */
#ifndef _WP_CORE_MODULE_H
#define _WP_CORE_MODULE_H

#include <linux/workqueue.h>

#define WP_VERSION		"0.1.0"

/* The default of wp_max_workers, and the most that it may be. */
#define WP_MAX_WORKERS_DEFAULT	4096
#define WP_MAX_WORKERS_LIMIT	65536

/* Changes while the module works: see wp_limit_set_max_workers(). */
extern int wp_max_workers;

/* These are constant once the module is loaded. */
extern struct workqueue_struct *wp_workqueue;
extern bool wp_yield_after_handoff;

int wp_module_init(void);
void wp_module_exit(void);

#endif /* _WP_CORE_MODULE_H */
