/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spawn: how reserved slots get their threads, and when.
 */
#ifndef _WP_CORE_SPAWN_H
#define _WP_CORE_SPAWN_H

#include <linux/kthread.h>
#include <linux/types.h>

struct workpool;

int wp_spawn_init(void);
void wp_spawn_exit(void);
void wp_spawn_setup(struct workpool *pool, kthread_work_func_t work);
bool wp_spawn_adopt(struct workpool *pool);
void wp_spawn_start(struct workpool *pool);
void wp_spawn_again(struct workpool *pool);
void wp_spawn_cancel(struct workpool *pool);

#endif /* _WP_CORE_SPAWN_H */
