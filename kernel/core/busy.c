// SPDX-License-Identifier: GPL-2.0
/*
 * Busy workers: those that execute embedded tasks, found by the address of the
 * task.
 */

#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "compat.h"
#include "core/busy.h"
#include "core/slice.h"

/* The number of buckets, as a power of two. */
#define RUNNING_BITS_MIN	6
#define RUNNING_BITS_MAX	14

/* Look into the smaller table, while wp_busy_grow() moves its tasks. */
struct wp_worker *wp_busy_find_before_locked(struct workpool *pool,
					     struct workpool_task *task,
					     void *fn)
{
	struct wp_busy *running = pool->busy_before;
	struct wp_worker *worker;

	lockdep_assert_held(&pool->lock);
	hlist_for_each_entry(worker, wp_busy_bucket(running, task), hash)
		if (worker->call.arg == task && worker->call.fn.any == fn)
			return worker;
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(wp_busy_find_before_locked);

/*
 * Move a slice of the tasks from the smaller table. Returns false when none is
 * left there. Those that begin meanwhile are in the new one.
 */
static bool move_running_locked(struct workpool *pool, unsigned int *at)
{
	struct wp_busy *from = pool->busy_before;
	struct wp_worker *worker;
	int nr;

	lockdep_assert_held(&pool->lock);
	for (nr = 0; nr < WP_SLICE && *at < 1U << from->bits; nr++) {
		if (hlist_empty(&from->buckets[*at])) {
			(*at)++;
			continue;
		}
		worker = hlist_entry(from->buckets[*at].first,
				     struct wp_worker, hash);
		hlist_del(&worker->hash);
		hlist_add_head(&worker->hash,
			       wp_busy_bucket(pool->busy_workers,
					      worker->call.arg));
	}
	return *at < 1U << from->bits;
}

static bool move_running(struct workpool *pool, unsigned int *at)
{
	unsigned long flags;
	bool more;

	raw_spin_lock_irqsave(&pool->lock, flags);
	more = move_running_locked(pool, at);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return more;
}

/**
 * wp_busy_grow() - have a table for a capacity
 * @pool: the pool
 * @capacity: the number of tasks that may run
 *
 * Context: Process context. May sleep. Once at a time for a pool.
 * Return: 0 or -ENOMEM.
 */
int wp_busy_grow(struct workpool *pool, int capacity)
{
	unsigned int bits = clamp(ilog2(max(capacity, 4)) - 2,
				  RUNNING_BITS_MIN, RUNNING_BITS_MAX);
	struct wp_busy *old = pool->busy_workers, *running;
	unsigned long flags;
	unsigned int at = 0;

	if (old && old->bits >= bits)
		return 0;
	running = kvzalloc(struct_size(running, buckets, 1UL << bits),
			   GFP_KERNEL);
	if (!running)
		return -ENOMEM;
	running->bits = bits;
	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->busy_before = old;
	pool->busy_workers = running;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	if (!old)
		return 0;
	while (move_running(pool, &at))
		cond_resched();
	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->busy_before = NULL;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	kvfree(old);
	return 0;
}

/* Free the table of a pool that has no worker. Process context. */
void wp_busy_free(struct workpool *pool)
{
	kvfree(pool->busy_workers);
}
