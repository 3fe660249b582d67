/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Running tasks: an embedded task begins and ends, or is queued while it runs,
 * and threads wait for its end.
 */
#ifndef _WP_QUEUE_RUNNING_H
#define _WP_QUEUE_RUNNING_H

#include <linux/list.h>

#include "core/busy.h"
#include "core/pool.h"
#include "core/wait.h"
#include "core/worker.h"

/**
 * struct wp_flusher - a thread that waits for an embedded task
 */
struct wp_flusher {
	/**
	 * @wait: L: in a crowd of workpool.crowds while the task is queued or
	 * delayed, in wp_worker.flushers while it runs
	 */
	struct wp_wait		wait;
	/** @pool: W: where it waits; NULL while the task moves to another one */
	struct workpool		*pool;
	/** @task: I: the task */
	struct workpool_task	*task;
	/** @waits: O: there was something to wait for */
	bool			waits;
	/** @must_wait: I: it does not get -EDEADLK: what it waits for ends */
	bool			must_wait;
};

bool wp_running_begin_locked(struct workpool *pool, struct wp_worker *worker,
			     struct workpool_task *task);
bool wp_running_begin_member_locked(struct workpool *pool,
				    struct wp_worker *worker,
				    struct workpool_member *member);
void wp_running_end_slow_locked(struct workpool *pool, struct wp_worker *worker,
				struct wp_deferred *deferred);
void wp_running_add_rerun_locked(struct workpool *pool,
				 struct workpool_task *task,
				 struct wp_worker *worker);
struct workpool_task *wp_running_remove_rerun_locked(struct workpool *pool,
						     struct wp_worker *worker);
void wp_running_take_flushers_locked(struct workpool *pool,
				     struct workpool_task *task,
				     struct list_head *list);
void wp_running_add_flushers_locked(struct workpool *pool,
				    struct list_head *list);
void wp_running_add_flusher_locked(struct workpool *pool,
				   struct wp_flusher *flusher);
void wp_running_release_flushers_locked(struct workpool *pool,
					struct workpool_task *task,
					struct wp_deferred *deferred);

/* The task of @worker returned, or crashed. The task may be gone. */
static inline void wp_running_end_locked(struct workpool *pool,
					 struct wp_worker *worker,
					 struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	hlist_del_init(&worker->hash);
	if (unlikely(worker->on_end || !list_empty(&worker->flushers)))
		wp_running_end_slow_locked(pool, worker, deferred);
}

#endif /* _WP_QUEUE_RUNNING_H */
