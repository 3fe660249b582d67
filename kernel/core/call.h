/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls: what a worker executes.
 */
#ifndef _WP_CORE_CALL_H
#define _WP_CORE_CALL_H

#include <linux/workpool.h>

/* The kind of a &struct wp_call, and of a &struct workpool_node. */
enum wp_kind {
	WP_CALL,		/* fn(arg); queued as a &struct wp_job */
	WP_MEMBER_CALL,		/* a call that is a member of a group */
	WP_WAITER,		/* queued only: a submitter that waits */
	WP_CRASH,		/* report of a crash, wp_worker.report */
	WP_TASK,		/* an embedded task */
	WP_MEMBER_TASK,		/* an embedded task that is one */
	WP_RERUN,		/* node only: the task in wp_worker.rerun */
	WP_DELAYED,		/* node only: a task in workpool.delayed */
	WP_LOOP,		/* node only: a part in a parallel loop */
	WP_MARK,		/* node only: where a thread looks at the list */
	WP_LEASED,		/* node only: a task in wp_worker.lease */
};

/**
 * struct wp_call - what a worker executes
 */
struct wp_call {
	/**
	 * @kind: %WP_CALL, %WP_MEMBER_CALL, %WP_CRASH, %WP_TASK or
	 * %WP_MEMBER_TASK
	 */
	enum wp_kind		kind;
	/**
	 * @seq: for tracepoints: a number that no other call of the pool has,
	 * or 0. It fills a hole, so that a copy costs no more
	 */
	u32			seq;
	/** @fn: the function, of the type that @kind says */
	union {
		workpool_fn_t		call;
		int			(*member_call)(void *arg);
		workpool_task_fn_t	task;
		workpool_member_fn_t	member_task;
		void			*any;
	} fn;
	/**
	 * @arg: its argument; for %WP_CRASH the dead worker, for %WP_TASK and
	 * %WP_MEMBER_TASK the task
	 */
	void			*arg;
	/**
	 * @group: the group of a %WP_MEMBER_CALL or %WP_MEMBER_TASK, else NULL
	 */
	struct workpool_group	*group;
};

/* Is it an embedded task? */
static inline bool wp_call_is_task(const struct wp_call *call)
{
	return call->kind == WP_TASK || call->kind == WP_MEMBER_TASK;
}

/* Returns what tells the call from others of its pool; 0: nothing does. */
static inline unsigned long wp_call_id(const struct wp_call *call)
{
	return wp_call_is_task(call) ? (unsigned long)call->arg : call->seq;
}

#endif /* _WP_CORE_CALL_H */
