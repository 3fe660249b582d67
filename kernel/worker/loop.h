/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The loop: the life of a worker's thread.
 */
#ifndef _WP_WORKER_LOOP_H
#define _WP_WORKER_LOOP_H

int wp_loop_thread(void *worker);

#endif /* _WP_WORKER_LOOP_H */
