// SPDX-License-Identifier: GPL-2.0
/*
 * Drop: queued work that will not run, because a released pool can start no
 * worker for it, or because the module of its function goes away.
 */

#include "compat.h"
#include "core/lock.h"
#include "core/node.h"
#include "core/observe.h"
#include "core/slot.h"
#include "queue/color.h"
#include "queue/member.h"
#include "queue/queue.h"
#include "queue/waiter.h"
#include "task/link.h"
#include "worker/crash.h"
#include "worker/drop.h"

static void *drop_job_locked(struct workpool *pool, struct wp_job *job,
			     struct wp_deferred *deferred)
{
	struct workpool_group *group = job->call.group;
	void *fn = job->call.fn.any;

	wp_observe_drop_locked(pool, fn, wp_call_id(&job->call));
	wp_queue_drop_job_locked(pool, job, deferred);
	if (group)
		wp_member_end_locked(pool, group, -ESHUTDOWN, deferred);
	return fn;
}

static void *drop_task_locked(struct workpool *pool, struct workpool_task *task,
			      struct wp_deferred *deferred)
{
	void *fn = task->fn;

	if (wp_link_remove_locked(pool, task, deferred))
		return NULL;
	wp_observe_drop_task_locked(pool, task);
	wp_link_drop_locked(pool, task, -ESHUTDOWN, deferred);
	return fn;
}

static void *drop_waiter_locked(struct workpool *pool, struct wp_waiter *waiter,
				struct wp_deferred *deferred)
{
	void *fn = waiter->call.fn.any;

	wp_waiter_drop_locked(pool, waiter, -ESHUTDOWN, deferred);
	return fn;
}

/*
 * Drop @node, which is no report of a crash and no mark. Returns its function,
 * or NULL: it is a delayed task that fires right now, look again. The caller
 * balances.
 */
void *wp_drop_node_locked(struct workpool *pool, struct workpool_node *node,
			  struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	switch (node->kind) {
	case WP_CALL:
	case WP_MEMBER_CALL:
		return drop_job_locked(pool, wp_node_job(node), deferred);
	case WP_WAITER:
		return drop_waiter_locked(pool, wp_waiter_at(node), deferred);
	default:
		return drop_task_locked(pool, wp_node_task(node), deferred);
	}
}
EXPORT_SYMBOL_IF_KUNIT(wp_drop_node_locked);

/*
 * So many dropped tasks are named: it may be a million, and a spawner, which
 * drops them, has other pools to serve.
 */
#define DROPS_NAMED	8

/* Will nothing run what a released pool accepted, as it can start no worker? */
static bool is_hopeless_locked(struct workpool *pool)
{
	unsigned int attempts = WP_DROP_ATTEMPTS;

	/* One that is under way may come up. But it may never end, either. */
	if (pool->starting > pool->to_spawn)
		attempts *= 2;
	return !wp_pool_is_open(pool) && pool->running == pool->starting &&
	       pool->pace.failures >= attempts && !list_empty(&pool->queue);
}

static void drop_first_locked(struct workpool *pool, struct wp_worker **dead,
			      void **fn, struct wp_deferred *deferred)
{
	struct workpool_node *node;

	node = list_first_entry(&pool->queue, struct workpool_node, entry);
	if (node->kind == WP_MARK) {
		list_del_init(&node->entry);
	} else if (node->kind == WP_WAITER) {
		wp_waiter_refuse_locked(pool, wp_waiter_at(node), -ESHUTDOWN,
					deferred);
	} else if (node->kind == WP_CRASH) {
		*dead = container_of(node, struct wp_worker, report);
		wp_color_leave_locked(pool, node->color, deferred);
		wp_node_remove_locked(pool, node);
	} else {
		*fn = wp_drop_node_locked(pool, node, deferred);
	}
	wp_queue_trim_locked(pool, deferred);
}

/* Returns false when nothing is left to drop. */
static bool drop_first_placed(struct workpool *pool, int *nr_dropped)
{
	struct wp_worker *dead = NULL;
	struct wp_deferred deferred;
	void *fn = NULL;
	bool hopeless;

	lockdep_assert_held(&pool->placing);
	wp_pool_lock(pool, &deferred);
	hopeless = is_hopeless_locked(pool);
	if (hopeless)
		drop_first_locked(pool, &dead, &fn, &deferred);
	wp_pool_unlock(pool, &deferred);
	if (fn && ++*nr_dropped <= DROPS_NAMED)
		pr_err("pool %s: task %ps dropped: the released pool could start no worker for it\n",
		       pool->name, fn);
	if (dead)
		wp_crash_drop_placed(pool, dead);
	return hopeless;
}

/*
 * A spawner, which may call this, does not wait for workpool.placing of one
 * pool: it has others to serve. A start that failed has set another turn. After
 * a crash the timer of late starts does so at the latest.
 */
static bool drop_first(struct workpool *pool, int *nr_dropped)
{
	bool more;

	if (!mutex_trylock(&pool->placing))
		return false;
	more = drop_first_placed(pool, nr_dropped);
	mutex_unlock(&pool->placing);
	return more;
}

/**
 * wp_drop_if_hopeless() - drop what a released pool can start no worker for
 * @pool: the pool, which does not end while the caller runs: a worker has a
 *	reference, and free_work() waits for the turns of the spawners
 *
 * The first of them are named in the log, the others are counted. While another
 * thread holds workpool.placing, all is left to the next start: to its worker,
 * or to the next call of this if it fails.
 *
 * Context: Process context. May sleep.
 */
void wp_drop_if_hopeless(struct workpool *pool)
{
	int nr_dropped = 0;

	while (drop_first(pool, &nr_dropped))
		cond_resched();
	if (nr_dropped > DROPS_NAMED)
		pr_err("pool %s: %d more tasks dropped\n", pool->name,
		       nr_dropped - DROPS_NAMED);
}
