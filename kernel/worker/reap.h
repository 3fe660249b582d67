/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reaper: handles workers whose thread has exited.
 */
#ifndef _WP_WORKER_REAP_H
#define _WP_WORKER_REAP_H

struct wp_worker;

void wp_reap_worker(struct wp_worker *worker);
void wp_reap_exit(void);

#endif /* _WP_WORKER_REAP_H */
