// SPDX-License-Identifier: GPL-2.0
/*
 * Giving up what was accepted: when a released pool can start no worker for it,
 * and when the module whose function it is goes away.
 */

#include "internal.h"

static void *drop_job_locked(struct workpool *pool, struct wp_job *job,
			     struct wp_dues *dues)
{
	struct workpool_group *group = job->call.group;
	void *fn = job->call.fn.any;

	wp_pool_unqueue_job_locked(pool, job);
	pool->counters.dropped++;
	if (group)
		wp_group_end_locked(pool, group, -ESHUTDOWN, dues);
	return fn;
}

static void *drop_task_locked(struct workpool *pool, struct workpool_task *task,
			      struct wp_dues *dues)
{
	void *fn = task->fn;

	if (wp_task_unlink_locked(pool, task))
		return NULL;
	pool->counters.dropped++;
	wp_task_forget_locked(pool, task, dues);
	return fn;
}

static void *drop_waiter_locked(struct workpool *pool, struct wp_waiter *waiter,
				struct wp_dues *dues)
{
	void *fn = waiter->call.fn.any;

	wp_pool_refuse_locked(pool, waiter, -ESHUTDOWN, dues);
	return fn;
}

/*
 * Give up what stands at @place, but for the report of a crash. Returns its
 * function, or NULL: a delayed task that fires right now, look again.
 */
void *wp_drop_locked(struct workpool *pool, struct workpool_place *place,
		     struct wp_dues *dues)
{
	lockdep_assert_held(&pool->lock);
	switch (place->kind) {
	case WP_CALL:
	case WP_MEMBER:
		return drop_job_locked(pool, container_of(place, struct wp_job,
							  place), dues);
	case WP_WAITER:
		return drop_waiter_locked(pool, wp_waiter_at(place), dues);
	default:
		return drop_task_locked(pool, wp_task_at(place), dues);
	}
}

/* A released pool cannot start a worker: nothing will run what it accepted. */
static bool is_hopeless_locked(struct workpool *pool)
{
	return pool->state != WP_OPEN && pool->running == pool->starting &&
	       pool->start_failures >= WP_CLOSED_ATTEMPTS &&
	       !list_empty(&pool->pending);
}

/* See that wp_drop_pending() is called, if it is time to. */
void wp_drop_check_locked(struct workpool *pool, struct wp_dues *dues)
{
	lockdep_assert_held(&pool->lock);
	if (is_hopeless_locked(pool))
		dues->due |= WP_DUE_DROP;
}

static void drop_first_locked(struct workpool *pool, struct wp_worker **dead,
			      void **fn, struct wp_dues *dues)
{
	struct workpool_place *place;

	place = list_first_entry(&pool->pending, struct workpool_place, node);
	if (place->kind == WP_CRASH) {
		*dead = container_of(place, struct wp_worker, report);
		wp_pool_unqueue_locked(pool, place);
	} else {
		*fn = wp_drop_locked(pool, place, dues);
	}
	wp_slot_trim_locked(pool, wp_slot_unneeded_locked(pool), dues);
	wp_pool_balance_locked(pool, dues);
}

/* Returns false when nothing is left to give up. */
static bool drop_first(struct workpool *pool)
{
	struct wp_worker *dead = NULL;
	struct wp_dues dues;
	void *fn = NULL;
	bool hopeless;

	wp_pool_lock(pool, &dues);
	hopeless = is_hopeless_locked(pool);
	if (hopeless)
		drop_first_locked(pool, &dead, &fn, &dues);
	wp_pool_unlock(pool, &dues);
	if (fn)
		pr_err("pool %s: task %ps dropped: the released pool could start no worker for it\n",
		       pool->name, fn);
	if (dead)
		wp_crash_drop(pool, dead);
	return hopeless;
}

/* Give up all that is pending, one by one: each is named in the log. */
void wp_drop_pending(struct workpool *pool)
{
	while (drop_first(pool))
		;
}
