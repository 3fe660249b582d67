// SPDX-License-Identifier: GPL-2.0
/*
 * The reserve: memory for accepted calls that no worker has taken yet.
 *
 * It is allocated when the pool is created or grows, so that accepting a call,
 * which may happen in atomic context, never needs an allocation.
 */

#include <linux/overflow.h>
#include <linux/slab.h>

#include "compat.h"
#include "core/pool.h"
#include "core/slice.h"
#include "queue/reserve.h"

/**
 * struct wp_chunk - jobs that were allocated at once
 */
struct wp_chunk {
	/** @node: L: in workpool.chunks */
	struct list_head	node;
	/** @jobs: L: the jobs */
	struct wp_job		jobs[];
};

struct wp_chunk *wp_reserve_alloc(int nr)
{
	struct wp_chunk *chunk;

	KUNIT_STATIC_STUB_REDIRECT(wp_reserve_alloc, nr);
	return kvzalloc(struct_size(chunk, jobs, nr), GFP_KERNEL);
}
EXPORT_SYMBOL_IF_KUNIT(wp_reserve_alloc);

/**
 * wp_reserve_grow() - have memory for a capacity and a queue_depth
 * @pool: the pool
 * @capacity: the calls that may wait for workers to start
 * @depth: those that the queue_depth allows, which come on top
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int wp_reserve_grow(struct workpool *pool, int capacity, unsigned int depth)
{
	int have = READ_ONCE(pool->nr_reserve); /* pairs with the write below */
	int nr = clamp(capacity, 0, WP_RESERVE_MAX) + (int)depth - have;
	struct wp_chunk *chunk;
	unsigned long flags;
	LLIST_HEAD(jobs);
	int i;

	if (nr <= 0)
		return 0;
	chunk = wp_reserve_alloc(nr);
	if (!chunk)
		return -ENOMEM;

	for (i = nr - 1; i >= 0; i--) {
		__llist_add(&chunk->jobs[i].spare, &jobs);
		if (i % WP_SLICE == 0)
			cond_resched();
	}

	raw_spin_lock_irqsave(&pool->lock, flags);
	list_add(&chunk->node, &pool->chunks);
	__llist_add_batch(jobs.first, &chunk->jobs[nr - 1].spare,
			  &pool->reserve);
	WRITE_ONCE(pool->nr_reserve, pool->nr_reserve + nr);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return 0;
}

/* Free the memory of a pool that has nothing queued. Process context. */
void wp_reserve_free(struct workpool *pool)
{
	struct wp_chunk *chunk, *next;
	unsigned long flags;
	LIST_HEAD(chunks);

	raw_spin_lock_irqsave(&pool->lock, flags);
	list_splice_init(&pool->chunks, &chunks);
	init_llist_head(&pool->reserve);
	WRITE_ONCE(pool->nr_reserve, 0);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	list_for_each_entry_safe(chunk, next, &chunks, node)
		kvfree(chunk);
}
