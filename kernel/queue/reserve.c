// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for accepted calls: what a submit from atomic context remembers while
 * a worker starts. It is set aside when the pool is made or grown, so that an
 * accepted call never needs an allocation.
 */

#include <linux/overflow.h>
#include <linux/slab.h>

#include "internal.h"

/**
 * struct wp_chunk - jobs allocated at once
 * @node: L: in workpool.chunks
 * @jobs: L: the jobs
 */
struct wp_chunk {
	struct list_head	node;
	struct wp_job		jobs[];
};

struct wp_chunk *wp_reserve_alloc(int nr)
{
	struct wp_chunk *chunk;

	KUNIT_STATIC_STUB_REDIRECT(wp_reserve_alloc, nr);
	return kvzalloc(struct_size(chunk, jobs, nr), GFP_KERNEL);
}
EXPORT_SYMBOL_IF_KUNIT(wp_reserve_alloc);

/* For calls that wait for a worker to start, and for those in the queue. */
int wp_reserve_grow(struct workpool *pool, int capacity)
{
	int have = READ_ONCE(pool->nr_reserve); /* pairs with the write below */
	int nr = min(capacity, WP_RESERVE_MAX) + (int)pool->queue_depth - have;
	struct wp_chunk *chunk;
	unsigned long flags;
	LLIST_HEAD(jobs);
	int i;

	if (nr <= 0)
		return 0;
	chunk = wp_reserve_alloc(nr);
	if (!chunk)
		return -ENOMEM;

	for (i = nr - 1; i >= 0; i--)
		__llist_add(&chunk->jobs[i].spare, &jobs);

	raw_spin_lock_irqsave(&pool->lock, flags);
	list_add(&chunk->node, &pool->chunks);
	__llist_add_batch(jobs.first, &chunk->jobs[nr - 1].spare,
			  &pool->reserve);
	WRITE_ONCE(pool->nr_reserve, pool->nr_reserve + nr);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return 0;
}

void wp_reserve_free(struct workpool *pool)
{
	struct wp_chunk *chunk, *next;

	list_for_each_entry_safe(chunk, next, &pool->chunks, node)
		kvfree(chunk);
}
