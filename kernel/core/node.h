/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Nodes: what stands in a pool's queue, and how tasks and reports are put there,
 * last or first. Calls are in queue/queue.c, waiters in queue/waiter.c.
 */
#ifndef _WP_CORE_NODE_H
#define _WP_CORE_NODE_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/lockdep.h>

#include "core/call.h"
#include "core/pool.h"

/**
 * struct wp_stamped - a node, and when it was observed
 */
struct wp_stamped {
	/** @node: L: it */
	struct workpool_node	node;
	/**
	 * @since_ns: L or S: of a &struct wp_job when it was accepted, and when
	 * it began in wp_worker.inner_jobs; of a &struct wp_waiter when it began
	 * to wait. Only for histograms, see wp_histogram_stamp()
	 */
	u64			since_ns;
};

/**
 * struct wp_job - an accepted call that no worker has taken yet, or the copy of
 *	one in wp_worker.inner_jobs
 */
struct wp_job {
	union {
		/** @stamped: L or S: @node with its time; first: it is zeroed */
		struct wp_stamped	stamped;
		/** @node: L: in workpool.queue, or in wp_worker.inner */
		struct workpool_node	node;
		/** @spare: L: in workpool.reserve, instead of @node */
		struct llist_node	spare;
	};
	/**
	 * @member: L: in workpool_group.queued, for a %WP_MEMBER_CALL that no
	 * worker has taken yet
	 */
	struct list_head	member;
	/** @call: L or O: what to execute; O of a copy */
	struct wp_call		call;
};

static inline struct wp_job *wp_node_job(struct workpool_node *node)
{
	return container_of(node, struct wp_job, node);
}

static inline struct wp_stamped *wp_node_stamped(struct workpool_node *node)
{
	return container_of(node, struct wp_stamped, node);
}

static inline struct workpool_task *wp_node_task(struct workpool_node *node)
{
	return container_of(node, struct workpool_task, node);
}

/* The member of a group that has the embedded task at @node. */
static inline struct workpool_member *wp_node_member(struct workpool_node *node)
{
	return container_of(node, struct workpool_member, task.node);
}

/* Change the number of queued nodes that are no waiters. */
static inline void wp_node_add_nr_locked(struct workpool *pool, int nr)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->queued, pool->queued + nr);
}

/* Queue @node last, or @front: first. The caller kicks or balances. */
static inline void wp_node_add_locked(struct workpool *pool,
				      struct workpool_node *node, bool front)
{
	lockdep_assert_held(&pool->lock);
	if (front)
		list_add(&node->entry, &pool->queue);
	else
		list_add_tail(&node->entry, &pool->queue);
	wp_node_add_nr_locked(pool, 1);
}

/* Take @node, which is no waiter, out of the queue. */
static inline void wp_node_remove_locked(struct workpool *pool,
					 struct workpool_node *node)
{
	lockdep_assert_held(&pool->lock);
	list_del_init(&node->entry);
	wp_node_add_nr_locked(pool, -1);
}

#endif /* _WP_CORE_NODE_H */
