// SPDX-License-Identifier: GPL-2.0
/*
 * Running tasks: an embedded task begins and ends, or is queued while it runs,
 * and threads wait for its end.
 */

#include "compat.h"
#include "core/deferred.h"
#include "core/lockdep.h"
#include "core/node.h"
#include "core/pending.h"
#include "core/slot.h"
#include "queue/color.h"
#include "queue/member.h"
#include "queue/running.h"

/* wp_worker.on_end: queue the task's next run first. */
static void running_requeue_locked(struct workpool *pool,
				   struct wp_worker *worker,
				   struct wp_deferred *deferred)
{
	struct workpool_task *task;

	if (!worker->rerun)
		return;
	task = wp_running_remove_rerun_locked(pool, worker);
	wp_node_add_locked(pool, &task->node, true);
}

/* @task, out of the queue, waits for @worker, which executes it. */
void wp_running_add_rerun_locked(struct workpool *pool,
				 struct workpool_task *task,
				 struct wp_worker *worker)
{
	lockdep_assert_held(&pool->lock);
	task->node.kind = WP_RERUN;
	worker->rerun = task;
	if (!worker->on_end)
		worker->on_end = running_requeue_locked;
	pool->nr_rerun++;
}

struct workpool_task *wp_running_remove_rerun_locked(struct workpool *pool,
						     struct wp_worker *worker)
{
	struct workpool_task *task = worker->rerun;

	lockdep_assert_held(&pool->lock);
	worker->rerun = NULL;
	pool->nr_rerun--;
	task->node.kind = wp_pending_is_member(task) ? WP_MEMBER_TASK : WP_TASK;
	return task;
}

/*
 * Wait for @task, which is queued or delayed. The mark spares all other tasks
 * the look-up.
 */
void wp_running_add_flusher_locked(struct workpool *pool,
				   struct wp_flusher *flusher)
{
	lockdep_assert_held(&pool->lock);
	atomic_or(WP_TASK_FLUSHED, &flusher->task->state);
	wp_wait_join_locked(pool, &flusher->wait, flusher->task);
}
EXPORT_SYMBOL_IF_KUNIT(wp_running_add_flusher_locked);

/* @task leaves for another pool: put its flushers into @list. */
void wp_running_take_flushers_locked(struct workpool *pool,
				     struct workpool_task *task,
				     struct list_head *list)
{
	struct wp_flusher *flusher, *next;
	LIST_HEAD(flushers);

	lockdep_assert_held(&pool->lock);
	if (likely(!wp_pending_is_flushed_locked(pool, task)))
		return;
	atomic_andnot(WP_TASK_FLUSHED, &task->state);
	wp_wait_dissolve_locked(pool, task, &flushers);
	list_for_each_entry_safe(flusher, next, &flushers, wait.link) {
		wp_wait_remove_locked(pool, &flusher->wait);
		WRITE_ONCE(flusher->pool, NULL);
		list_add_tail(&flusher->wait.link, list);
	}
}

/*
 * @list has the flushers of a task that moved to this pool: they wait here from
 * now on. The caller balances the queue.
 */
void wp_running_add_flushers_locked(struct workpool *pool,
				    struct list_head *list)
{
	struct wp_flusher *flusher, *next;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry_safe(flusher, next, list, wait.link) {
		list_del(&flusher->wait.link);
		WRITE_ONCE(flusher->pool, pool);
		wp_running_add_flusher_locked(pool, flusher);
	}
}

/*
 * @task leaves the queue: its flushers wait for the run in progress, or are
 * done.
 */
void wp_running_release_flushers_locked(struct workpool *pool,
					struct workpool_task *task,
					struct wp_deferred *deferred)
{
	struct wp_worker *worker;
	LIST_HEAD(flushers);

	lockdep_assert_held(&pool->lock);
	if (likely(!wp_pending_is_flushed_locked(pool, task)))
		return;
	atomic_andnot(WP_TASK_FLUSHED, &task->state);
	worker = wp_busy_find_locked(pool, task);
	if (worker) {
		wp_wait_dissolve_locked(pool, task, &worker->flushers);
		return;
	}
	wp_wait_dissolve_locked(pool, task, &flushers);
	wp_wait_complete_all_locked(pool, &flushers, 0, deferred);
}

/*
 * May a worker that begins @task take more with it? Only one that is busy
 * alone: another one would begin later tasks before these. Not when something
 * under the lock depends on the end of each: a submitter waits for room,
 * threads flush @task or the pool, or the pool is closed. Nor while tasks are
 * traced, or a module is unloaded: each begins under the lock then. Freezable
 * workers freeze between any two tasks.
 */
static bool may_lend_locked(struct workpool *pool, struct workpool_task *task)
{
	lockdep_assert_held(&pool->lock);
	return !pool->waiting && wp_pool_is_open(pool) &&
	       wp_slot_busy_locked(pool) == 1 &&
	       !(pool->flags & WORKPOOL_F_FREEZABLE) &&
	       !wp_pending_is_flushed_locked(pool, task) &&
	       !wp_color_is_flushed_locked(pool) && !wp_watch_is_on() &&
	       !wp_trace_is_watched();
}

/* Begin @task, as %WP_TASK or %WP_MEMBER_TASK; the compiler knows which. */
static __always_inline bool running_begin_locked(struct workpool *pool,
						 struct wp_worker *worker,
						 struct workpool_task *task,
						 enum wp_kind kind)
{
	struct workpool_member *member = wp_node_member(&task->node);
	bool is_member = kind == WP_MEMBER_TASK;
	struct wp_worker *other = wp_busy_find_sole_locked(pool, task,
							   task->fn);

	lockdep_assert_held(&pool->lock);
	wp_node_remove_locked(pool, &task->node);
	if (unlikely(other)) {
		wp_running_add_rerun_locked(pool, task, other);
		return false;
	}
	/* Field by field: the compiler would make a copy on the stack first. */
	worker->call.kind = kind;
	worker->call.seq = 0;
	worker->call.fn.any = task->fn;
	worker->call.arg = task;
	worker->call.group = is_member ? member->group : NULL;
	if (is_member)
		wp_member_unlink_locked(pool, &member->link,
					&member->group->embedded);
	wp_slot_begin_locked(pool, worker, task->node.color, &task->node);
	if (is_member || worker->lease.quota == 1 ||
	    !may_lend_locked(pool, task) ||
	    !wp_busy_lend_locked(pool, worker))
		hlist_add_head(&worker->hash,
			       wp_busy_bucket(pool->busy_workers, task));
	if (unlikely(wp_pending_is_flushed_locked(pool, task)))
		wp_wait_dissolve_locked(pool, task, &worker->flushers);
	wp_lockdep_copy(worker, task);
	wp_pending_clear(task);
	/* Pairs with the barrier in wp_pending_grab(). */
	smp_mb__after_atomic();
	return true;
}

/**
 * wp_running_begin_locked() - give a worker a task of the queue
 * @pool: the pool
 * @worker: it is free
 * @task: first of the queue, and nothing is leased
 *
 * Return: false when another worker executes @task, which then waits for that
 * worker.
 */
bool wp_running_begin_locked(struct workpool *pool, struct wp_worker *worker,
			     struct workpool_task *task)
{
	lockdep_assert_held(&pool->lock);
	return running_begin_locked(pool, worker, task, WP_TASK);
}

/*
 * It is to a member of a group what wp_running_begin_locked() is to a task. The
 * worker takes no other tasks along. Not inline: most tasks are no members.
 */
noinline bool wp_running_begin_member_locked(struct workpool *pool,
					     struct wp_worker *worker,
					     struct workpool_member *member)
{
	lockdep_assert_held(&pool->lock);
	return running_begin_locked(pool, worker, &member->task,
				    WP_MEMBER_TASK);
}

/* Wake the flushers of the task, and do what waited for its end. */
void wp_running_end_slow_locked(struct workpool *pool, struct wp_worker *worker,
				struct wp_deferred *deferred)
{
	void (*on_end)(struct workpool *pool, struct wp_worker *worker,
		       struct wp_deferred *deferred) = worker->on_end;

	lockdep_assert_held(&pool->lock);
	wp_wait_complete_all_locked(pool, &worker->flushers, 0, deferred);
	worker->on_end = NULL;
	if (on_end)
		on_end(pool, worker, deferred);
}
