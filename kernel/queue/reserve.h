/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reserve: memory for accepted calls that no worker has taken yet.
 */
#ifndef _WP_QUEUE_RESERVE_H
#define _WP_QUEUE_RESERVE_H

#include <linux/llist.h>
#include <linux/lockdep.h>

#include "core/node.h"
#include "core/pool.h"

/*
 * The most calls that a pool has memory for beyond its queue_depth. When so
 * many wait for workers that start, the pool counts as full.
 */
#define WP_RESERVE_MAX		16384

struct wp_chunk;

struct wp_chunk *wp_reserve_alloc(int nr);
int wp_reserve_grow(struct workpool *pool, int capacity, unsigned int depth);
void wp_reserve_free(struct workpool *pool);

static inline struct wp_job *wp_reserve_take_locked(struct workpool *pool)
{
	struct llist_node *first;

	lockdep_assert_held(&pool->lock);
	first = llist_del_first(&pool->reserve);
	return first ? llist_entry(first, struct wp_job, spare) : NULL;
}

/* To the front: the next to take it finds it in the CPU's cache. */
static inline void wp_reserve_return_locked(struct workpool *pool,
					    struct wp_job *job)
{
	lockdep_assert_held(&pool->lock);
	__llist_add(&job->spare, &pool->reserve);
}

#endif /* _WP_QUEUE_RESERVE_H */
