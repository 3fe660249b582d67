// SPDX-License-Identifier: GPL-2.0
/*
 * Giving up what was accepted: when a released pool can start no worker for it,
 * and when the module whose function it is goes away.
 */

#include "internal.h"

static void *drop_job_locked(struct workpool *pool, struct wp_job *job,
			     struct wp_deferred *deferred)
{
	struct workpool_group *group = job->call.group;
	void *fn = job->call.fn.any;

	wp_queue_remove_job_locked(pool, job);
	pool->counters.dropped++;
	if (group)
		wp_member_end_locked(pool, group, -ESHUTDOWN, deferred);
	return fn;
}

static void *drop_task_locked(struct workpool *pool, struct workpool_task *task,
			      struct wp_deferred *deferred)
{
	void *fn = task->fn;

	if (wp_link_remove_locked(pool, task))
		return NULL;
	pool->counters.dropped++;
	wp_link_drop_locked(pool, task, deferred);
	return fn;
}

static void *drop_waiter_locked(struct workpool *pool, struct wp_waiter *waiter,
				struct wp_deferred *deferred)
{
	void *fn = waiter->call.fn.any;

	wp_waiter_refuse_locked(pool, waiter, -ESHUTDOWN, deferred);
	return fn;
}

/*
 * Give up what stands at @node, but for the report of a crash. Returns its
 * function, or NULL: a delayed task that fires right now, look again.
 */
void *wp_drop_locked(struct workpool *pool, struct workpool_node *node,
		     struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	switch (node->kind) {
	case WP_CALL:
	case WP_MEMBER:
		return drop_job_locked(pool,
				       container_of(node, struct wp_job, node),
				       deferred);
	case WP_WAITER:
		return drop_waiter_locked(pool, wp_waiter_at(node), deferred);
	default:
		return drop_task_locked(pool, wp_task_at(node), deferred);
	}
}

/* A released pool cannot start a worker: nothing will run what it accepted. */
static bool is_hopeless_locked(struct workpool *pool)
{
	return pool->state != WP_OPEN && pool->running == pool->starting &&
	       pool->start_failures >= WP_CLOSED_ATTEMPTS &&
	       !list_empty(&pool->queue);
}

/* See that wp_drop_if_hopeless() is called, if it is time to. */
void wp_drop_check_locked(struct workpool *pool, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	if (is_hopeless_locked(pool))
		deferred->actions |= WP_DEFER_DROP;
}

static void drop_first_locked(struct workpool *pool, struct wp_worker **dead,
			      void **fn, struct wp_deferred *deferred)
{
	struct workpool_node *node;

	node = list_first_entry(&pool->queue, struct workpool_node, entry);
	if (node->kind == WP_CRASH) {
		*dead = container_of(node, struct wp_worker, report);
		wp_queue_remove_locked(pool, node);
	} else {
		*fn = wp_drop_locked(pool, node, deferred);
	}
	wp_slot_trim_locked(pool, wp_queue_unneeded_locked(pool), deferred);
	wp_queue_balance_locked(pool, deferred);
}

/* Returns false when nothing is left to give up. */
static bool drop_first(struct workpool *pool)
{
	struct wp_worker *dead = NULL;
	struct wp_deferred deferred;
	void *fn = NULL;
	bool hopeless;

	wp_pool_lock(pool, &deferred);
	hopeless = is_hopeless_locked(pool);
	if (hopeless)
		drop_first_locked(pool, &dead, &fn, &deferred);
	wp_pool_unlock(pool, &deferred);
	if (fn)
		pr_err("pool %s: task %ps dropped: the released pool could start no worker for it\n",
		       pool->name, fn);
	if (dead)
		wp_crash_drop(pool, dead);
	return hopeless;
}

/* Give up all that is pending, one by one: each is named in the log. */
void wp_drop_if_hopeless(struct workpool *pool)
{
	while (drop_first(pool))
		;
}
