// SPDX-License-Identifier: GPL-2.0
/*
 * Walks: over all workers of a pool, a slice under one hold of its lock.
 */

#include <linux/sched.h>

#include "compat.h"
#include "core/lock.h"
#include "core/walk.h"
#include "core/worker.h"

/* Take @worker off the pool's list. A walk that would go on there passes it. */
void wp_walk_detach_locked(struct workpool *pool, struct wp_worker *worker)
{
	struct wp_walk *walk;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry(walk, &pool->walks, node)
		if (walk->next == &worker->attached)
			walk->next = worker->attached.next;
	list_del_init(&worker->attached);
}
EXPORT_SYMBOL_IF_KUNIT(wp_walk_detach_locked);

static bool walk_do_slice_locked(struct workpool *pool, struct wp_walk *walk,
				 wp_walk_fn fn, void *arg,
				 struct wp_deferred *deferred)
{
	struct wp_worker *worker;
	int nr;

	for (nr = 0; nr < WP_SLICE; nr++) {
		if (walk->next == &pool->workers)
			return false;
		worker = list_entry(walk->next, struct wp_worker, attached);
		walk->next = walk->next->next;
		if (!fn(pool, worker, arg, deferred))
			return false;
	}
	return true;
}

/**
 * wp_walk_slice_locked() - look at the next workers
 * @pool: the pool
 * @walk: the walk; its @next is NULL before the first slice
 * @fn: called for each of them
 * @arg: its argument
 * @deferred: also for @fn
 *
 * Return: true; false when the walk ended.
 */
bool wp_walk_slice_locked(struct workpool *pool, struct wp_walk *walk,
			  wp_walk_fn fn, void *arg,
			  struct wp_deferred *deferred)
{
	bool more;

	lockdep_assert_held(&pool->lock);
	if (!walk->next) {
		walk->next = pool->workers.next;
		list_add(&walk->node, &pool->walks);
	}
	more = walk_do_slice_locked(pool, walk, fn, arg, deferred);
	if (!more)
		list_del(&walk->node);
	return more;
}
EXPORT_SYMBOL_IF_KUNIT(wp_walk_slice_locked);

/**
 * wp_walk_workers() - look at all workers of a pool
 * @pool: the pool
 * @fn: called for each, with the pool's lock held
 * @arg: its argument
 *
 * A worker that leaves or comes meanwhile may be met or not, all others are met
 * once.
 *
 * Context: Process context. May sleep.
 */
void wp_walk_workers(struct workpool *pool, wp_walk_fn fn, void *arg)
{
	struct wp_walk walk = { .next = NULL };
	struct wp_deferred deferred;
	bool more;

	do {
		wp_pool_lock(pool, &deferred);
		more = wp_walk_slice_locked(pool, &walk, fn, arg, &deferred);
		wp_pool_unlock(pool, &deferred);
		cond_resched();
	} while (more);
}
EXPORT_SYMBOL_IF_KUNIT(wp_walk_workers);

/*
 * The worker after @worker; NULL: the first one. One at a time, because a pool
 * may have many. None leaves the list: workpool.placing is held.
 */
struct wp_worker *wp_walk_next(struct workpool *pool, struct wp_worker *worker)
{
	unsigned long flags;

	lockdep_assert_held(&pool->placing);
	raw_spin_lock_irqsave(&pool->lock, flags);
	worker = list_prepare_entry(worker, &pool->workers, attached);
	worker = list_next_entry(worker, attached);
	if (list_entry_is_head(worker, &pool->workers, attached))
		worker = NULL;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return worker;
}
