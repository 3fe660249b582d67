// SPDX-License-Identifier: GPL-2.0
/*
 * Strays: groups and embedded tasks on the stack of a task that is over.
 *
 * A task may have them there, and waits for them before it returns. When it
 * crashes it waits for nothing, and the memory is soon used for something else.
 * So the dying thread takes out of the pools what refers to its stack: members
 * of such groups and such tasks that are pending are dropped, and members that
 * run have no group from then on.
 *
 * A member that runs must not submit or queue others to such a group: that
 * cannot be told in time. Debug kernels remember the group in
 * wp_worker.dead_group.
 *
 * An oops lets the dying thread use its stack from the top again, before this
 * code runs. Groups are therefore found by their address alone, and are not
 * touched. While a pool is searched, slice by slice, its members do not touch
 * them either: the worker is in workpool.dying from the first slice to the
 * last. From the oops to the end of the search its stack is also known to
 * queue/member.c: a member that ends meanwhile, or leaves the queue, does not
 * touch a group there. An embedded task is in a list with its own node, which
 * an oops may have overwritten: see workpool_task_init_onstack().
 */

#include <linux/mutex.h>
#include <linux/sched/task_stack.h>

#include "compat.h"
#include "core/lock.h"
#include "core/lookup.h"
#include "core/node.h"
#include "core/pending.h"
#include "core/ref.h"
#include "core/scan.h"
#include "core/walk.h"
#include "queue/member.h"
#include "queue/queue.h"
#include "queue/running.h"
#include "queue/waiter.h"
#include "task/link.h"
#include "worker/stray.h"

/*
 * There is one search at a time, because it keeps its worker in workpool.dying,
 * and a check whether a group is dead compares it with every worker there, under
 * the pool's lock.
 */
static DEFINE_MUTEX(search_lock);

/**
 * struct stray_look - a look into a pool
 * @dying: the worker whose task is over
 * @nr: how many refer to its stack, and do not any more
 * @again: the timer of one just fired: look again
 * @delayed: the delayed tasks, first: they get into the queue
 * @queue: the queue, then: what is queued gets to a worker
 * @workers: the workers
 * @done: all were looked at
 */
struct stray_look {
	struct wp_worker	*dying;
	int			nr;
	bool			again;
	struct wp_scan		delayed;
	struct wp_scan		queue;
	struct wp_walk		workers;
	bool			done;
};

static void stray_drop_task_locked(struct workpool *pool,
				   struct workpool_task *task,
				   struct stray_look *look,
				   struct wp_deferred *deferred)
{
	if (wp_link_remove_locked(pool, task, deferred)) {
		look->again = true;
		return;
	}
	wp_observe_drop_task_locked(pool, task);
	if (!wp_worker_has_on_stack(look->dying, task)) {
		/* Its group is there. */
		wp_link_drop_locked(pool, task, -ESHUTDOWN, deferred);
		return;
	}
	wp_running_release_flushers_locked(pool, task, deferred);
	if (wp_pending_is_member(task))
		wp_member_leave_locked(pool, wp_node_member(&task->node),
				       -ESHUTDOWN, deferred);
	/* Another thread may still know it, as long as worker_exit goes on. */
	wp_pending_bar(task);
	wp_pending_debug_free(task);
}

static void drop_member_locked(struct workpool *pool, struct wp_job *job,
			       struct wp_deferred *deferred)
{
	wp_observe_drop_locked(pool, job->call.fn.any, wp_call_id(&job->call));
	wp_queue_drop_job_locked(pool, job, deferred);
}

/* Is @task, which is pending, on the stack, or the group that it belongs to? */
static bool is_stray_task_locked(struct stray_look *look,
				 struct workpool_task *task)
{
	struct workpool_member *member = wp_node_member(&task->node);

	return wp_worker_has_on_stack(look->dying, task) ||
	       (wp_pending_is_member(task) &&
		wp_worker_has_on_stack(look->dying, member->group));
}

static bool is_stray_locked(struct stray_look *look, struct workpool_node *node)
{
	switch (node->kind) {
	case WP_CALL:
	case WP_CRASH:
	case WP_LOOP:
	case WP_MARK:
		return false;
	case WP_MEMBER_CALL:
		return wp_worker_has_on_stack(look->dying,
					      wp_node_job(node)->call.group);
	case WP_WAITER:
		return wp_worker_has_on_stack(look->dying,
					      wp_waiter_at(node)->call.group);
	default:
		return is_stray_task_locked(look, wp_node_task(node));
	}
}

/* Take @node out if it refers to the stack. */
static bool clear_node_locked(struct workpool *pool, struct workpool_node *node,
			      void *arg, struct wp_deferred *deferred)
{
	struct stray_look *look = arg;

	if (!is_stray_locked(look, node))
		return true;
	look->nr++;
	if (node->kind == WP_MEMBER_CALL) {
		drop_member_locked(pool, wp_node_job(node), deferred);
	} else if (node->kind == WP_WAITER) {
		wp_waiter_deny_locked(pool, wp_waiter_at(node), -ECANCELED,
				      deferred);
	} else {
		stray_drop_task_locked(pool, wp_node_task(node), look,
				       deferred);
	}
	return wp_wait_room(deferred);
}

static void leave_group_locked(struct wp_worker *worker, struct wp_call *call,
			       struct stray_look *look)
{
	if (!wp_worker_has_on_stack(look->dying, call->group))
		return;
	if (IS_ENABLED(CONFIG_DEBUG_OBJECTS))
		WRITE_ONCE(worker->dead_group, call->group);
	call->group = NULL;
	look->nr++;
}

static bool clear_worker_locked(struct workpool *pool, struct wp_worker *worker,
				void *arg, struct wp_deferred *deferred)
{
	struct workpool_node *node;
	struct stray_look *look = arg;

	if (worker->state == WP_WORKER_BUSY)
		leave_group_locked(worker, &worker->call, look);
	list_for_each_entry(node, &worker->inner, entry)
		if (node->kind == WP_MEMBER_CALL)
			leave_group_locked(worker, &wp_node_job(node)->call,
					   look);
	if (worker->rerun && is_stray_locked(look, &worker->rerun->node)) {
		look->nr++;
		stray_drop_task_locked(pool, worker->rerun, look, deferred);
	}
	return true;
}

/*
 * Look at a slice of each. A member that begins meanwhile does so at a worker
 * that is looked at later.
 */
static void stray_look_locked(struct workpool *pool, struct stray_look *look,
			      struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	if (!look->delayed.done)
		wp_scan_slice_locked(pool, &look->delayed, &pool->delayed,
				     clear_node_locked, look, deferred);
	if (look->delayed.done && !look->queue.done && wp_wait_room(deferred))
		wp_scan_slice_locked(pool, &look->queue, &pool->queue,
				     clear_node_locked, look, deferred);
	if (look->queue.done)
		look->done = !wp_walk_slice_locked(pool, &look->workers,
						   clear_worker_locked, look,
						   deferred);
	wp_queue_balance_locked(pool, deferred);
}

/* Returns how many referred to the stack. @again: look again. */
static int stray_clear_pool(struct workpool *pool, struct wp_worker *dying,
			    bool *again)
{
	struct stray_look look = { .dying = dying };
	struct wp_deferred deferred;

	wp_scan_init(&look.delayed);
	wp_scan_init(&look.queue);
	wp_pool_lock(pool, &deferred);
	hlist_add_head(&dying->dying, &pool->dying);
	stray_look_locked(pool, &look, &deferred);
	while (!look.done) {
		wp_pool_unlock(pool, &deferred);
		cond_resched();
		wp_pool_lock(pool, &deferred);
		stray_look_locked(pool, &look, &deferred);
	}
	hlist_del(&dying->dying);
	wp_pool_unlock(pool, &deferred);
	*again = look.again;
	return look.nr;
}

/* Look into each pool, or into the only one that can refer to the stack. */
static int clear_pools_once(struct wp_worker *dying)
{
	u32 only = dying->stacked_in, id = only ? only - 1 : 0;
	struct workpool *pool;
	bool again;
	int nr = 0;

	while ((pool = wp_lookup_next(id))) {
		if (only && pool->lookup_id != only) {
			wp_pool_put(pool);
			break;
		}
		nr += stray_clear_pool(pool, dying, &again);
		if (!again)
			id = pool->lookup_id;
		wp_pool_put(pool);
		cond_resched();
	}
	return nr;
}

/*
 * Returns how many referred to the stack, in whichever pool. A task may
 * meanwhile move to a pool that was looked into already, or to a place of a
 * large pool that was passed: again, until two looks in a row found nothing.
 */
static int stray_clear_pools(struct wp_worker *dying)
{
	int before, now = 1, nr = 0;

	mutex_lock(&search_lock);
	do {
		before = now;
		now = clear_pools_once(dying);
		nr += now;
	} while (now || before);
	mutex_unlock(&search_lock);
	return nr;
}

/**
 * wp_stray_detach() - a worker crashed: nothing uses its stack any more
 * @worker: the worker, whose thread runs here
 *
 * Context: Process context.
 */
void wp_stray_detach(struct wp_worker *worker)
{
	if (!worker->stacked)
		return;
	stray_clear_pools(worker);
	worker->stacked = false;
	wp_member_stack_searched(task_stack_page(current));
}

/**
 * wp_stray_report() - a task returned: did it wait for all on its stack?
 * @worker: the worker that executed it, whose thread runs here
 * @fn: its function
 *
 * Context: Process context.
 */
void wp_stray_report(struct wp_worker *worker, void *fn)
{
	int nr = stray_clear_pools(worker);

	WARN(nr, "workpool: task %ps returned while %d members or tasks on its stack were still in use\n",
	     fn, nr);
}
EXPORT_SYMBOL_IF_KUNIT(wp_stray_report);

#ifdef CONFIG_DEBUG_OBJECTS
/* A task or callback begins: forget the dead group of the last member. */
void wp_stray_forget(struct workpool *pool, struct wp_worker *worker)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	WRITE_ONCE(worker->dead_group, NULL);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}
#endif
