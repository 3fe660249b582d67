/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What lockdep is told, as workqueue tells it: a worker holds a map of its
 * pool, and one of the embedded task, while it executes it. A thread that waits
 * for one of them takes the map for a moment. Lockdep then reports a wait while
 * a lock is held that the task takes as well, even if nothing hung this time.
 */
#ifndef _WP_CORE_LOCKDEP_H
#define _WP_CORE_LOCKDEP_H

#include <linux/lockdep.h>

#include "core/pool.h"
#include "core/worker.h"

#ifdef CONFIG_LOCKDEP

static inline void wp_lockdep_init(struct workpool *pool)
{
	lockdep_register_key(&pool->lockdep_key);
	/* The name is written before the map is used for the first time. */
	lockdep_init_map(&pool->lockdep_map, pool->name, &pool->lockdep_key, 0);
}

static inline void wp_lockdep_exit(struct workpool *pool)
{
	lockdep_unregister_key(&pool->lockdep_key);
}

/* The task may be gone when the map is released: use a copy. */
static inline void wp_lockdep_copy(struct wp_worker *worker,
				   struct workpool_task *task)
{
	lockdep_copy_map(&worker->lockdep_map, &task->lockdep_map);
}

static inline void wp_lockdep_begin(struct workpool *pool,
				    struct wp_worker *worker)
{
	/* wp_leak_report() reports a lock that an earlier task left behind. */
	worker->lockdep_held = !lockdep_depth(current);
	if (!worker->lockdep_held)
		return;
	lock_map_acquire(&pool->lockdep_map);
	if (wp_call_is_task(&worker->call))
		lock_map_acquire(&worker->lockdep_map);
}

static inline void wp_lockdep_end(struct workpool *pool,
				  struct wp_worker *worker)
{
	if (!worker->lockdep_held)
		return;
	if (wp_call_is_task(&worker->call))
		lock_map_release(&worker->lockdep_map);
	lock_map_release(&pool->lockdep_map);
}

static inline void wp_lockdep_wait_pool(struct workpool *pool)
{
	lock_map_acquire(&pool->lockdep_map);
	lock_map_release(&pool->lockdep_map);
}

static inline void wp_lockdep_wait_task(struct workpool_task *task)
{
	lock_map_acquire(&task->lockdep_map);
	lock_map_release(&task->lockdep_map);
}

#else

static inline void wp_lockdep_init(struct workpool *pool) { }
static inline void wp_lockdep_exit(struct workpool *pool) { }
static inline void wp_lockdep_copy(struct wp_worker *worker,
				   struct workpool_task *task) { }
static inline void wp_lockdep_begin(struct workpool *pool,
				    struct wp_worker *worker) { }
static inline void wp_lockdep_end(struct workpool *pool,
				  struct wp_worker *worker) { }
static inline void wp_lockdep_wait_pool(struct workpool *pool) { }
static inline void wp_lockdep_wait_task(struct workpool_task *task) { }

#endif

#endif /* _WP_CORE_LOCKDEP_H */
