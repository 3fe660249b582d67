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
 *	{ assign | wait } -> submit -> [ assign ] -> start -> done
 *	queue -> { assign -> start -> done | cancel }
 *	spawn -> { start -> done | park } ... -> exit
 *
 * A crash ends a line after start. What is dropped, and a member of a group that
 * is cancelled, has no event.
 *
 * Their stability is "testing": fields may be added, but a field changes its
 * meaning only with a new version of the module. Events identify a pool by its
 * name, a worker by its number in the pool, and a task by its function.
 */

struct workpool;
struct wp_worker;

/*
 * workpool_submit: a submit was accepted or refused, or it is about to wait.
 */
TRACE_EVENT(workpool_submit,
	    TP_PROTO(struct workpool *pool, void *fn, int result),
	    TP_ARGS(pool, fn, result),
	    TP_STRUCT__entry(__array(char, pool, WORKPOOL_NAME_MAX)
			     __field(void *, fn)
			     __field(int, result)),
	    TP_fast_assign(memcpy(__entry->pool, pool->name, WORKPOOL_NAME_MAX);
			   __entry->fn = fn;
			   __entry->result = result;),
	    TP_printk("pool=%s task=%ps result=%d", __entry->pool, __entry->fn,
		      __entry->result)
);

/*
 * workpool_wait: a submitter starts to wait, which makes @waiting of them.
 */
TRACE_EVENT(workpool_wait,
	    TP_PROTO(struct workpool *pool, void *fn, int waiting),
	    TP_ARGS(pool, fn, waiting),
	    TP_STRUCT__entry(__array(char, pool, WORKPOOL_NAME_MAX)
			     __field(void *, fn)
			     __field(int, waiting)),
	    TP_fast_assign(memcpy(__entry->pool, pool->name, WORKPOOL_NAME_MAX);
			   __entry->fn = fn;
			   __entry->waiting = waiting;),
	    TP_printk("pool=%s task=%ps waiting=%d", __entry->pool, __entry->fn,
		      __entry->waiting)
);

/*
 * workpool_queue: an embedded task is queued, or will be after @delay jiffies.
 */
TRACE_EVENT(workpool_queue,
	    TP_PROTO(struct workpool *pool, void *fn, unsigned long delay),
	    TP_ARGS(pool, fn, delay),
	    TP_STRUCT__entry(__array(char, pool, WORKPOOL_NAME_MAX)
			     __field(void *, fn)
			     __field(unsigned long, delay)),
	    TP_fast_assign(memcpy(__entry->pool, pool->name, WORKPOOL_NAME_MAX);
			   __entry->fn = fn;
			   __entry->delay = delay;),
	    TP_printk("pool=%s task=%ps delay=%lu", __entry->pool, __entry->fn,
		      __entry->delay)
);

/*
 * workpool_cancel: an embedded task was cancelled before it ran.
 */
TRACE_EVENT(workpool_cancel,
	    TP_PROTO(struct workpool *pool, void *fn),
	    TP_ARGS(pool, fn),
	    TP_STRUCT__entry(__array(char, pool, WORKPOOL_NAME_MAX)
			     __field(void *, fn)),
	    TP_fast_assign(memcpy(__entry->pool, pool->name, WORKPOOL_NAME_MAX);
			   __entry->fn = fn;),
	    TP_printk("pool=%s task=%ps", __entry->pool, __entry->fn)
);

DECLARE_EVENT_CLASS(workpool_task,
		    TP_PROTO(struct workpool *pool, struct wp_worker *worker,
			     void *fn),
		    TP_ARGS(pool, worker, fn),
		    TP_STRUCT__entry(__array(char, pool, WORKPOOL_NAME_MAX)
				     __field(unsigned int, worker)
				     __field(void *, fn)),
		    TP_fast_assign(memcpy(__entry->pool, pool->name, WORKPOOL_NAME_MAX);
				   __entry->worker = worker->id;
				   __entry->fn = fn;),
		    TP_printk("pool=%s worker=%u task=%ps", __entry->pool,
			      __entry->worker, __entry->fn)
);

/*
 * workpool_assign: a submitter gave a task to a worker, or the worker took it.
 * workpool_start: the worker begins to execute the task.
 * workpool_done: the task returned.
 * workpool_crash: the task crashed, and the worker's thread ends.
 */
#define WP_TASK_EVENT(name)						\
	DEFINE_EVENT(workpool_task, name,				\
		     TP_PROTO(struct workpool *pool,			\
			      struct wp_worker *worker, void *fn),	\
		     TP_ARGS(pool, worker, fn))

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
 * workpool_exit: a worker has left the pool.
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
