/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Edges: workers that wait for other workers.
 */
#ifndef _WP_QUEUE_EDGE_H
#define _WP_QUEUE_EDGE_H

#include <linux/list.h>
#include <linux/types.h>

struct wp_flusher;
struct wp_wait;
struct wp_waiter;
struct wp_worker;
struct workpool;
struct workpool_group;

/* What ends the wait: */
enum wp_edge_kind {
	WP_EDGE_SUBMIT,		/* a free worker of any of the pools */
	WP_EDGE_TASK,		/* an embedded task that has run */
	WP_EDGE_GROUP,		/* all members of a group, which ended */
	WP_EDGE_QUIET,		/* all workers of a pool, which have no task */
};

/**
 * struct wp_edge - a worker that waits, on its own stack
 *
 * The fields that are constant are set before wp_edge_enter().
 */
struct wp_edge {
	/** @node: E: in the list of all edges */
	struct list_head	node;
	/** @worker: E: the worker; NULL: another thread waits, and is no edge */
	struct wp_worker	*worker;
	/** @stuck: E: it may wait for ever */
	bool			stuck;
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
	/** @wait: I: what is decided when the wait ends, or NULL */
	struct wp_wait		*wait;
};

void wp_edge_enter(struct wp_edge *edge);
void wp_edge_leave(struct wp_edge *edge);
void wp_edge_exit(void);

#endif /* _WP_QUEUE_EDGE_H */
