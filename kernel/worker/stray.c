// SPDX-License-Identifier: GPL-2.0
/*
 * Strays: groups and embedded tasks on the stack of a task that is over.
 *
 * A task may have them there, and waits for them before it returns. When it
 * crashes it waits for nothing, and the memory is soon used for something else.
 * So the dying thread takes out of all pools what refers to its stack: members
 * of such groups and such tasks that are pending are dropped, and members that
 * run have no group from then on.
 *
 * A member that runs must not submit others to such a group: that cannot be told
 * in time. Debug kernels remember the group in wp_worker.dead_group.
 *
 * An oops lets the dying thread use its stack from the top again, before this
 * code runs. Groups are therefore found by their address alone, and are not
 * touched. Nothing helps against a member that ends before: it counts itself
 * down in memory that the dying thread uses for something else. An embedded task
 * is in a list with its own node, which an oops may have overwritten: see
 * workpool_task_init_onstack().
 */

#include <linux/sched/task_stack.h>
#include <linux/timer.h>

#include "compat.h"
#include "core/lock.h"
#include "core/lookup.h"
#include "core/node.h"
#include "core/pending.h"
#include "core/ref.h"
#include "queue/queue.h"
#include "queue/running.h"
#include "queue/waiter.h"
#include "task/link.h"
#include "worker/stray.h"

/**
 * struct strays - what was found in a pool
 * @nr: how many refer to the stack, and do not any more
 * @again: the timer of one just fired: look again
 */
struct strays {
	int	nr;
	bool	again;
};

/* The ring of the members leads through the group: leave it, do not unlink. */
static void drop_job_locked(struct workpool *pool, struct wp_job *job)
{
	INIT_LIST_HEAD(&job->member);
	job->call.group = NULL;
	wp_queue_remove_job_locked(pool, job);
	pool->counters[WP_COUNT_DROPPED]++;
}

static void refuse_submitter_locked(struct workpool *pool,
				    struct wp_waiter *waiter,
				    struct wp_deferred *deferred)
{
	INIT_LIST_HEAD(&waiter->member);
	wp_waiter_complete_locked(pool, waiter, -ECANCELED, deferred);
}

static void drop_task_locked(struct workpool *pool, struct workpool_task *task,
			     struct strays *found, struct wp_deferred *deferred)
{
	if (wp_link_remove_locked(pool, task)) {
		found->again = true;
		return;
	}
	pool->counters[WP_COUNT_DROPPED]++;
	wp_running_release_flushers_locked(pool, task, deferred);
	wp_pending_debug_deactivate(task);
	wp_pending_debug_free(task);
}

static bool is_stray(struct workpool_node *node)
{
	switch (node->kind) {
	case WP_CALL:
	case WP_CRASH:
	case WP_LOOP:
	case WP_MARK:
		return false;
	case WP_MEMBER:
		return object_is_on_stack(wp_node_job(node)->call.group);
	case WP_WAITER:
		return object_is_on_stack(wp_waiter_at(node)->call.group);
	default:
		return object_is_on_stack(wp_node_task(node));
	}
}

/* Take what refers to the stack out of the queue, or of the delayed tasks. */
static void clear_list_locked(struct workpool *pool, struct list_head *list,
			      struct strays *found,
			      struct wp_deferred *deferred)
{
	struct workpool_node *node, *next;

	list_for_each_entry_safe(node, next, list, entry) {
		if (!is_stray(node))
			continue;
		found->nr++;
		if (node->kind == WP_MEMBER)
			drop_job_locked(pool, wp_node_job(node));
		else if (node->kind == WP_WAITER)
			refuse_submitter_locked(pool, wp_waiter_at(node),
						deferred);
		else
			drop_task_locked(pool, wp_node_task(node), found,
					 deferred);
	}
}

static void leave_group(struct wp_worker *worker, struct wp_call *call,
			struct strays *found)
{
	if (call->kind != WP_MEMBER || !object_is_on_stack(call->group))
		return;
	if (IS_ENABLED(CONFIG_DEBUG_OBJECTS))
		WRITE_ONCE(worker->dead_group, call->group);
	call->group = NULL;
	found->nr++;
}

static void clear_worker_locked(struct workpool *pool, struct wp_worker *worker,
				struct strays *found,
				struct wp_deferred *deferred)
{
	struct workpool_node *node;

	if (worker->state == WP_WORKER_BUSY)
		leave_group(worker, &worker->call, found);
	list_for_each_entry(node, &worker->inner, entry)
		if (node->kind == WP_MEMBER)
			leave_group(worker, &wp_node_job(node)->call, found);
	if (worker->rerun && is_stray(&worker->rerun->node)) {
		found->nr++;
		drop_task_locked(pool, worker->rerun, found, deferred);
	}
}

/*
 * All under one hold of the lock: a member that is unlinked in the usual way
 * while another one of its group is not detached yet may write to the group.
 */
static struct strays clear_pool(struct workpool *pool)
{
	struct strays found = { .nr = 0 };
	struct wp_deferred deferred;
	struct wp_worker *worker;

	wp_pool_lock(pool, &deferred);
	list_for_each_entry(worker, &pool->workers, attached)
		clear_worker_locked(pool, worker, &found, &deferred);
	clear_list_locked(pool, &pool->queue, &found, &deferred);
	clear_list_locked(pool, &pool->delayed, &found, &deferred);
	wp_queue_balance_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
	return found;
}

/* Returns how many referred to the stack. */
static int clear_pools_once(void)
{
	struct workpool *pool;
	struct strays found;
	u32 id = 0;
	int nr = 0;

	while ((pool = wp_lookup_next(id))) {
		found = clear_pool(pool);
		nr += found.nr;
		if (!found.again)
			id = pool->lookup_id;
		wp_pool_put(pool);
	}
	return nr;
}

/*
 * Returns how many referred to the stack, in whichever pool. A task may meanwhile
 * move to a pool that was looked into already: again, until nothing was found
 * twice.
 */
static int clear_pools(void)
{
	int before, now = 1, nr = 0;

	do {
		before = now;
		now = clear_pools_once();
		nr += now;
	} while (now || before);
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
	if (worker->stacked)
		clear_pools();
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
	int nr = clear_pools();

	worker->stacked = false;
	WARN(nr, "workpool: task %ps returned, but not %d members of groups or tasks on its stack\n",
	     fn, nr);
}
EXPORT_SYMBOL_IF_KUNIT(wp_stray_report);

/* A task begins: what died with the member that ran before is another matter. */
void wp_stray_forget(struct workpool *pool, struct wp_worker *worker)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	WRITE_ONCE(worker->dead_group, NULL);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}
