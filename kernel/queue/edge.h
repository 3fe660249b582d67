/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Edges: workers that wait for other workers.
 */
#ifndef _WP_QUEUE_EDGE_H
#define _WP_QUEUE_EDGE_H

#include <linux/list.h>
#include <linux/types.h>

#include "core/pool.h"

struct wp_flusher;
struct wp_wait;
struct wp_waiter;
struct wp_worker;

/* What ends the wait: */
enum wp_edge_kind {
	WP_EDGE_SUBMIT,		/* a free worker of any of the pools */
	WP_EDGE_TASK,		/* an embedded task that has run */
	WP_EDGE_GROUP,		/* all members of a group, which ended */
	WP_EDGE_DRAIN,		/* all tasks of a pool, which have ended */
	WP_EDGE_FLUSH,		/* what a pool accepted before, which ended */
	WP_EDGE_RELEASE,	/* all threads of a closed pool, which are gone */
};

/**
 * struct wp_edge - a worker that waits, on its own stack
 *
 * The fields with I are set before the edge is in the list.
 */
struct wp_edge {
	/** @node: E: in the list of all edges */
	struct list_head	node;
	/** @worker: I: the worker; NULL: another thread waits, and is no edge */
	struct wp_worker	*worker;
	/** @holds: I: what the worker holds of its pool */
	enum wp_holds		holds;
	/**
	 * @stuck: E: during a look: it may wait for ever; between two looks:
	 * true
	 */
	bool			stuck;
	/** @suspect: E: it is stuck in a circle, or behind one */
	bool			suspect;
	/** @kind: I: what it waits for */
	enum wp_edge_kind	kind;
	/** @must_wait: I: it does not get -EDEADLK */
	bool			must_wait;
	/** @pool: I: where it waits; NULL with @pools or @flusher */
	struct workpool		*pool;
	/** @pools: I: where it waits in several pools, or NULL */
	struct workpool		*const *pools;
	/** @nr: I: length of @pools */
	unsigned int		nr;
	/** @waiters: I: of a %WP_EDGE_SUBMIT, one for each pool */
	struct wp_waiter	*waiters;
	/** @flusher: I: of a %WP_EDGE_TASK */
	struct wp_flusher	*flusher;
	/** @group: I: of a %WP_EDGE_GROUP */
	struct workpool_group	*group;
	/** @color: I: of a %WP_EDGE_FLUSH: the last color that it waits for */
	unsigned int		color;
	/**
	 * @wait: I: what is decided when the wait ends; NULL with a claim, and
	 * of a %WP_EDGE_RELEASE
	 */
	struct wp_wait		*wait;
};

void wp_edge_enter(struct wp_edge *edge);
void wp_edge_leave(struct wp_edge *edge);
void wp_edge_exit(void);

#endif /* _WP_QUEUE_EDGE_H */
