/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiters: submitters that wait in a pool's queue.
 */
#ifndef _WP_QUEUE_WAITER_H
#define _WP_QUEUE_WAITER_H

#include <linux/atomic.h>
#include <linux/completion.h>

#include "core/call.h"
#include "core/node.h"
#include "core/pool.h"
#include "core/wait.h"

/* wp_claim.state: */
#define WP_CLAIM_OPEN		0
#define WP_CLAIM_TAKEN		1

/**
 * struct wp_claim - what the waiters of one submitter share that waits in the
 *	queues of several pools
 */
struct wp_claim {
	/** @state: K: the thread that changes it from %WP_CLAIM_OPEN decides */
	atomic_t		state;
	/** @queues: K: queues in which a waiter still stands */
	atomic_t		queues;
	/** @done: K: completed after the decision */
	struct completion	done;
};

/**
 * struct wp_waiter - a submitter that waits
 */
struct wp_waiter {
	union {
		/** @stamped: L: @node with its time; first: it is zeroed */
		struct wp_stamped	stamped;
		/** @node: L: in workpool.queue while undecided */
		struct workpool_node	node;
	};
	/** @wait: L: in workpool.waiters while undecided */
	struct wp_wait		wait;
	/** @call: L: what it submits */
	struct wp_call		call;
	/** @member: L: in workpool_group.submitters, for a %WP_MEMBER_CALL */
	struct list_head	member;
	/** @claim: I: NULL, or it waits in other pools' queues as well */
	struct wp_claim		*claim;
};

static inline struct wp_waiter *wp_waiter_at(struct workpool_node *node)
{
	return container_of(node, struct wp_waiter, node);
}

/* Do as many submitters wait as max_blocking allows? */
static inline bool wp_waiter_limit_reached_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return pool->max_blocking && pool->waiting >= pool->max_blocking;
}

void wp_waiter_add_locked(struct workpool *pool, struct wp_waiter *waiter);
void wp_waiter_remove_locked(struct workpool *pool, struct wp_waiter *waiter);
bool wp_waiter_win_locked(struct workpool *pool, struct wp_waiter *waiter);
void wp_waiter_complete_locked(struct workpool *pool, struct wp_waiter *waiter,
			       int result, struct wp_deferred *deferred);
void wp_waiter_deny_locked(struct workpool *pool, struct wp_waiter *waiter,
			   int err, struct wp_deferred *deferred);
void wp_waiter_refuse_locked(struct workpool *pool, struct wp_waiter *waiter,
			     int err, struct wp_deferred *deferred);
void wp_waiter_drop_locked(struct workpool *pool, struct wp_waiter *waiter,
			   int err, struct wp_deferred *deferred);
bool wp_claim_take(struct wp_claim *claim);

#endif /* _WP_QUEUE_WAITER_H */
