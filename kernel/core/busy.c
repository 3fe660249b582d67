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
#include "core/node.h"
#include "core/slice.h"

/* The number of buckets, as a power of two. */
#define BUSY_BITS_MIN	6
#define BUSY_BITS_MAX	14

/*
 * Move a slice of the workers from the smaller table. Returns false when none
 * is left there. Those that begin a task meanwhile are in the new one.
 */
static bool move_busy_locked(struct workpool *pool, unsigned int *at)
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

static bool move_busy(struct workpool *pool, unsigned int *at)
{
	unsigned long flags;
	bool more;

	raw_spin_lock_irqsave(&pool->lock, flags);
	more = move_busy_locked(pool, at);
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
				  BUSY_BITS_MIN, BUSY_BITS_MAX);
	struct wp_busy *old = pool->busy_workers, *busy;
	unsigned long flags;
	unsigned int at = 0;

	if (old && old->bits >= bits)
		return 0;
	busy = kvzalloc(struct_size(busy, buckets, 1UL << bits), GFP_KERNEL);
	if (!busy)
		return -ENOMEM;
	busy->bits = bits;
	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->busy_before = old;
	pool->busy_workers = busy;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	if (!old)
		return 0;
	while (move_busy(pool, &at))
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

/**
 * DOC: Leases
 *
 * A worker that is busy alone, and has found that tasks are short, takes up to
 * WP_LEASE_MAX of them out of the queue with the first one. It begins the
 * others without the pool's lock. From then on these are in no list, but still
 * count in workpool.queued, until the worker comes to the lock again.
 *
 * wp_pool_lock() and wp_pool_lock_irqsave() take back the lease: what has not
 * begun is the first of the queue again, in order, and wp_worker.call is what
 * the worker executes. So does a worker that comes for the next task, so that
 * tasks begin in the order of the queue. Only where a task is queued, last, the
 * lease stays.
 *
 * A long task delays none of those behind it: the worker that took a lease has
 * told another one to look, as for what is queued.
 */

/**
 * wp_busy_lend_locked() - let a worker take more tasks
 * @pool: the pool
 * @worker: it has begun the first one, and no other worker is busy
 *
 * A task that threads wait for is left in the queue with all behind it.
 *
 * Return: true when it has a lease.
 */
bool wp_busy_lend_locked(struct workpool *pool, struct wp_worker *worker)
{
	struct list_head *entry = pool->queue.next;
	struct wp_lease *lease = &worker->lease;
	struct workpool_node *node;
	struct workpool_task *task;
	unsigned int nr = 1;

	lockdep_assert_held(&pool->lock);
	while (nr < lease->quota && entry != &pool->queue) {
		node = list_entry(entry, struct workpool_node, entry);
		if (node->kind != WP_TASK)
			break;
		task = wp_node_task(node);
		if (wp_pending_is_flushed_locked(pool, task))
			break;
		entry = entry->next;
		node->kind = WP_LEASED;
		INIT_LIST_HEAD(&node->entry);
		lease->entries[nr].task = task;
		lease->entries[nr++].fn = task->fn;
	}
	if (nr == 1)
		return false;
	pool->queue.next = entry;
	entry->prev = &pool->queue;
	lease->entries[0].task = worker->call.arg;
	lease->entries[0].fn = worker->call.fn.task;
	atomic_set(&lease->word, WP_LEASE_WORD(1, nr));
	pool->lessee = worker;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(wp_busy_lend_locked);

/* A part of wp_busy_next(): while tasks are traced or measured. */
struct wp_lease_entry *wp_busy_next_observed(struct wp_worker *worker)
{
	struct wp_lease_entry *entry;

	if (wp_watch_is_on() || wp_trace_is_watched())
		return NULL;
	entry = wp_lease_next(&worker->lease);
	if (entry)
		worker->queued_ns = entry->task->queued_ns;
	return entry;
}

/*
 * Put what has not begun at the front of the queue, and account for the rest.
 */
void wp_busy_recall_slow_locked(struct workpool *pool)
{
	struct wp_worker *worker = pool->lessee;
	struct wp_lease *lease = &worker->lease;
	struct workpool_node *node;
	int word, begun, nr;

	lockdep_assert_held(&pool->lock);
	word = wp_lease_freeze(lease);
	begun = WP_LEASE_BEGUN(word);
	for (nr = WP_LEASE_NR(word); nr > begun; nr--) {
		node = &lease->entries[nr - 1].task->node;
		node->kind = WP_TASK;
		list_add(&node->entry, &pool->queue);
	}
	pool->lessee = NULL;
	if (begun > 1) {
		worker->call.arg = lease->entries[begun - 1].task;
		worker->call.fn.task = lease->entries[begun - 1].fn;
		WRITE_ONCE(worker->done, worker->done + begun - 1);
		pool->counters[WP_COUNT_COMPLETED] += begun - 1;
		wp_node_add_nr_locked(pool, 1 - begun);
	}
	hlist_add_head(&worker->hash,
		       wp_busy_bucket(pool->busy_workers, worker->call.arg));
}
EXPORT_SYMBOL_IF_KUNIT(wp_busy_recall_slow_locked);

/*
 * Does the worker with a lease execute @task? If so, it has no lease any more.
 */
struct wp_worker *wp_busy_find_lessee_locked(struct workpool *pool,
					     struct workpool_task *task,
					     void *fn)
{
	struct wp_worker *worker = pool->lessee;
	struct wp_lease_entry *entry;
	int word;

	lockdep_assert_held(&pool->lock);
	word = atomic_read(&worker->lease.word);
	entry = &worker->lease.entries[WP_LEASE_BEGUN(word) - 1];
	if (entry->task != task || entry->fn != fn)
		return NULL;
	/*
	 * From the recall on the worker comes to the lock when the task ends.
	 * If the task ended before the recall, the worker executes another one.
	 */
	wp_busy_recall_locked(pool);
	return worker->call.arg == task ? worker : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(wp_busy_find_lessee_locked);
