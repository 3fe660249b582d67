/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spawn: how reserved slots get their threads, and when.
 */
#ifndef _WP_CORE_SPAWN_H
#define _WP_CORE_SPAWN_H

#include <linux/kthread.h>
#include <linux/types.h>

/* Threads of one pool that may be made at the same time. */
#define WP_SPAWNERS_MAX	4

struct workpool;

/**
 * struct wp_spawn_turn - makes threads of one pool, one after the other
 *
 * All fields but the work's own are set when the pool is set up.
 */
struct wp_spawn_turn {
	/** @work: what a spawner does */
	struct kthread_delayed_work work;
	/** @pool: the pool */
	struct workpool		*pool;
	/** @index: which spawner does it */
	unsigned int		index;
};

extern unsigned int wp_spawners;

int wp_spawn_init(void);
void wp_spawn_exit(void);
void wp_spawn_setup(struct workpool *pool, kthread_work_func_t work);
bool wp_spawn_adopt(struct workpool *pool);
void wp_spawn_start(struct workpool *pool);
void wp_spawn_again(struct wp_spawn_turn *turn);
void wp_spawn_cancel(struct workpool *pool);

#endif /* _WP_CORE_SPAWN_H */
