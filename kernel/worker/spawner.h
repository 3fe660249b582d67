/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spawners: what each does when it is a pool's turn.
 */
#ifndef _WP_WORKER_SPAWNER_H
#define _WP_WORKER_SPAWNER_H

struct kthread_work;

void wp_spawner_work(struct kthread_work *work);

#endif /* _WP_WORKER_SPAWNER_H */
