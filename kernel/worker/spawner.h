/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The spawner: the kernel thread that makes the workers of all pools.
 */
#ifndef _WP_WORKER_SPAWNER_H
#define _WP_WORKER_SPAWNER_H

struct kthread_work;

void wp_spawner_work(struct kthread_work *work);

#endif /* _WP_WORKER_SPAWNER_H */
