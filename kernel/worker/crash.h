/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Crashes: what happens when a task takes its worker's thread down.
 */
#ifndef _WP_WORKER_CRASH_H
#define _WP_WORKER_CRASH_H

#include <linux/types.h>

struct notifier_block;
struct workpool;
struct wp_worker;

int wp_crash_init(void);
void wp_crash_exit(void);
int wp_crash_on_die(struct notifier_block *block, unsigned long event,
		    void *data);
void wp_crash_record(struct workpool *pool, struct wp_worker *worker);
bool wp_crash_account(struct workpool *pool, struct wp_worker *worker);
bool wp_crash_reaped(struct workpool *pool, struct wp_worker *worker);
void wp_crash_report(struct workpool *pool, struct wp_worker *dead);
void wp_crash_drop_placed(struct workpool *pool, struct wp_worker *dead);

#endif /* _WP_WORKER_CRASH_H */
