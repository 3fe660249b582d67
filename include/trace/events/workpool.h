/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM workpool

#if !defined(_TRACE_WORKPOOL_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_WORKPOOL_H

#include <linux/tracepoint.h>

/**
 * DOC: Tracepoints
 *
 * Events follow a task from submit to done and a worker from spawn to exit::
 *
 *	[ wait ] -> submit -> assign -> start -> { done | crash }
 *	queue -> { assign -> start -> { done | crash } | cancel | drop }
 *	spawn -> { start -> done | park } ... -> exit
 *
 * A submit is accepted if its result is 0. A call that was accepted may also be
 * cancelled with its group, or dropped. A member of a group that a waiting task
 * executes itself has no assign. A task that is delayed has two queue events. A
 * worker whose worker_init fails has no exit.
 *
 * Their stability is "testing": fields may be added, but a field changes its
 * meaning only with a new version of the module. Events identify a pool by its
 * name, and a worker by its number in the pool. The field id tells the tasks of
 * a pool apart: for an embedded task it is the address, for a call a number
 * that no other call of the pool has. It is 0 for a call that is refused at
 * once, and for one that was accepted while no event of a task was on.
 */

struct workpool;
struct wp_worker;

/*
 * workpool_submit: a submit was accepted or refused.
 */
TRACE_EVENT_FN(workpool_submit,
	       TP_PROTO(struct workpool *pool, void *fn, unsigned long id,
			int result),
	       TP_ARGS(pool, fn, id, result),
	       TP_STRUCT__entry(__array(char, pool, WORKPOOL_NAME_MAX)
				__field(unsigned long, fn)
				__field(unsigned long, id)
				__field(int, result)),
	       TP_fast_assign(memcpy(__entry->pool, pool->name, WORKPOOL_NAME_MAX);
			      __entry->fn = (unsigned long)fn;
			      __entry->id = id;
			      __entry->result = result;),
	       TP_printk("pool=%s task=%ps id=%#lx result=%d", __entry->pool,
			 (void *)__entry->fn, __entry->id, __entry->result),
	       wp_trace_watch, wp_trace_unwatch
);

/*
 * workpool_wait: a submitter starts to wait, which makes @waiting of them.
 */
TRACE_EVENT_FN(workpool_wait,
	       TP_PROTO(struct workpool *pool, void *fn, unsigned long id,
			int waiting),
	       TP_ARGS(pool, fn, id, waiting),
	       TP_STRUCT__entry(__array(char, pool, WORKPOOL_NAME_MAX)
				__field(unsigned long, fn)
				__field(unsigned long, id)
				__field(int, waiting)),
	       TP_fast_assign(memcpy(__entry->pool, pool->name, WORKPOOL_NAME_MAX);
			      __entry->fn = (unsigned long)fn;
			      __entry->id = id;
			      __entry->waiting = waiting;),
	       TP_printk("pool=%s task=%ps id=%#lx waiting=%d", __entry->pool,
			 (void *)__entry->fn, __entry->id, __entry->waiting),
	       wp_trace_watch, wp_trace_unwatch
);

/*
 * workpool_queue: an embedded task is queued, or will be after @delay jiffies.
 */
TRACE_EVENT_FN(workpool_queue,
	       TP_PROTO(struct workpool *pool, void *fn, unsigned long id,
			unsigned long delay),
	       TP_ARGS(pool, fn, id, delay),
	       TP_STRUCT__entry(__array(char, pool, WORKPOOL_NAME_MAX)
				__field(unsigned long, fn)
				__field(unsigned long, id)
				__field(unsigned long, delay)),
	       TP_fast_assign(memcpy(__entry->pool, pool->name, WORKPOOL_NAME_MAX);
			      __entry->fn = (unsigned long)fn;
			      __entry->id = id;
			      __entry->delay = delay;),
	       TP_printk("pool=%s task=%ps id=%#lx delay=%lu", __entry->pool,
			 (void *)__entry->fn, __entry->id, __entry->delay),
	       wp_trace_watch, wp_trace_unwatch
);

DECLARE_EVENT_CLASS(workpool_removed,
		    TP_PROTO(struct workpool *pool, void *fn, unsigned long id),
		    TP_ARGS(pool, fn, id),
		    TP_STRUCT__entry(__array(char, pool, WORKPOOL_NAME_MAX)
				     __field(unsigned long, fn)
				     __field(unsigned long, id)),
		    TP_fast_assign(memcpy(__entry->pool, pool->name, WORKPOOL_NAME_MAX);
				   __entry->fn = (unsigned long)fn;
				   __entry->id = id;),
		    TP_printk("pool=%s task=%ps id=%#lx", __entry->pool,
			      (void *)__entry->fn, __entry->id)
);

/*
 * workpool_cancel: a task, or a member of a group, was cancelled before it ran.
 * workpool_drop: an accepted task will not run, see &workpool_stats.dropped.
 */
DEFINE_EVENT_FN(workpool_removed, workpool_cancel,
		TP_PROTO(struct workpool *pool, void *fn, unsigned long id),
		TP_ARGS(pool, fn, id),
		wp_trace_watch, wp_trace_unwatch
);

DEFINE_EVENT_FN(workpool_removed, workpool_drop,
		TP_PROTO(struct workpool *pool, void *fn, unsigned long id),
		TP_ARGS(pool, fn, id),
		wp_trace_watch, wp_trace_unwatch
);

DECLARE_EVENT_CLASS(workpool_task,
		    TP_PROTO(struct workpool *pool, struct wp_worker *worker,
			     void *fn, unsigned long id),
		    TP_ARGS(pool, worker, fn, id),
		    TP_STRUCT__entry(__array(char, pool, WORKPOOL_NAME_MAX)
				     __field(unsigned int, worker)
				     __field(unsigned long, fn)
				     __field(unsigned long, id)),
		    TP_fast_assign(memcpy(__entry->pool, pool->name, WORKPOOL_NAME_MAX);
				   __entry->worker = worker->id;
				   __entry->fn = (unsigned long)fn;
				   __entry->id = id;),
		    TP_printk("pool=%s worker=%u task=%ps id=%#lx",
			      __entry->pool, __entry->worker,
			      (void *)__entry->fn, __entry->id)
);

/*
 * workpool_assign: a submitter gave a task to a worker, or the worker took it.
 * workpool_start: the worker begins to execute the task.
 * workpool_done: the task returned.
 * workpool_crash: the task crashed, and the worker's thread ends.
 */
#define WP_TASK_EVENT(name)						\
	DEFINE_EVENT_FN(workpool_task, name,				\
			TP_PROTO(struct workpool *pool,			\
				 struct wp_worker *worker, void *fn,	\
				 unsigned long id),			\
			TP_ARGS(pool, worker, fn, id),			\
			wp_trace_watch, wp_trace_unwatch)

WP_TASK_EVENT(workpool_assign);
WP_TASK_EVENT(workpool_start);
WP_TASK_EVENT(workpool_done);
WP_TASK_EVENT(workpool_crash);

/*
 * workpool_spawn: a slot got a new thread or, if @adopted, one from the cache.
 */
TRACE_EVENT(workpool_spawn,
	    TP_PROTO(struct workpool *pool, struct wp_worker *worker,
		     bool adopted),
	    TP_ARGS(pool, worker, adopted),
	    TP_STRUCT__entry(__array(char, pool, WORKPOOL_NAME_MAX)
			     __field(unsigned int, worker)
			     __field(bool, adopted)),
	    TP_fast_assign(memcpy(__entry->pool, pool->name, WORKPOOL_NAME_MAX);
			   __entry->worker = worker->id;
			   __entry->adopted = adopted;),
	    TP_printk("pool=%s worker=%u adopted=%d", __entry->pool,
		      __entry->worker, __entry->adopted)
);

DECLARE_EVENT_CLASS(workpool_worker,
		    TP_PROTO(struct workpool *pool, struct wp_worker *worker),
		    TP_ARGS(pool, worker),
		    TP_STRUCT__entry(__array(char, pool, WORKPOOL_NAME_MAX)
				     __field(unsigned int, worker)),
		    TP_fast_assign(memcpy(__entry->pool, pool->name, WORKPOOL_NAME_MAX);
				   __entry->worker = worker->id;),
		    TP_printk("pool=%s worker=%u", __entry->pool,
			      __entry->worker)
);

/*
 * workpool_park: a worker parks on top of the expiry stack.
 * workpool_exit: a worker leaves the pool.
 */
DEFINE_EVENT(workpool_worker, workpool_park,
	     TP_PROTO(struct workpool *pool, struct wp_worker *worker),
	     TP_ARGS(pool, worker)
);

DEFINE_EVENT(workpool_worker, workpool_exit,
	     TP_PROTO(struct workpool *pool, struct wp_worker *worker),
	     TP_ARGS(pool, worker)
);

/*
 * workpool_purge: the purge ran and retired @purged workers.
 */
TRACE_EVENT(workpool_purge,
	    TP_PROTO(struct workpool *pool, int purged),
	    TP_ARGS(pool, purged),
	    TP_STRUCT__entry(__array(char, pool, WORKPOOL_NAME_MAX)
			     __field(int, purged)),
	    TP_fast_assign(memcpy(__entry->pool, pool->name, WORKPOOL_NAME_MAX);
			   __entry->purged = purged;),
	    TP_printk("pool=%s purged=%d", __entry->pool, __entry->purged)
);

DECLARE_EVENT_CLASS(workpool_change,
		    TP_PROTO(struct workpool *pool, int before, int after),
		    TP_ARGS(pool, before, after),
		    TP_STRUCT__entry(__array(char, pool, WORKPOOL_NAME_MAX)
				     __field(int, before)
				     __field(int, after)),
		    TP_fast_assign(memcpy(__entry->pool, pool->name, WORKPOOL_NAME_MAX);
				   __entry->before = before;
				   __entry->after = after;),
		    TP_printk("pool=%s before=%d after=%d", __entry->pool,
			      __entry->before, __entry->after)
);

/*
 * workpool_tune: the pool was tuned; @before and @after are its capacity.
 * workpool_state: the state changed: 0 open, 1 starting the first workers,
 * 2 closed, 3 being destroyed.
 * workpool_pause: the pool was paused or resumed; @before and @after say whose
 * pauses it had and has: 1 that of its owner, 2 that of an administrator.
 */
DEFINE_EVENT(workpool_change, workpool_tune,
	     TP_PROTO(struct workpool *pool, int before, int after),
	     TP_ARGS(pool, before, after)
);

DEFINE_EVENT(workpool_change, workpool_state,
	     TP_PROTO(struct workpool *pool, int before, int after),
	     TP_ARGS(pool, before, after)
);

DEFINE_EVENT(workpool_change, workpool_pause,
	     TP_PROTO(struct workpool *pool, int before, int after),
	     TP_ARGS(pool, before, after)
);

#endif /* _TRACE_WORKPOOL_H */

#include <trace/define_trace.h>
