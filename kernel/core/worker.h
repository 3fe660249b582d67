/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The worker object: one kernel thread, in a pool or in the cache.
 */
#ifndef _WP_CORE_WORKER_H
#define _WP_CORE_WORKER_H

#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/task_work.h>
#include <linux/workpool.h>

#include "core/call.h"
#include "core/lease.h"
#include "core/mailbox.h"
#include "core/node.h"
#include "core/stack.h"
#include "core/traits.h"

struct wp_deferred;
struct wp_worker;

struct wp_edge;

/*
 * The most members of groups that a worker executes inside of each other: each
 * of them takes a part of its stack.
 */
#define WP_INNER_MAX	4

/* What a worker is doing; debugfs shows it. */
enum wp_worker_state {
	WP_WORKER_STARTING,	/* its thread is new, or worker_init runs */
	WP_WORKER_IDLE,		/* parked on the expiry stack */
	WP_WORKER_SEARCHING,	/* looks at the queue */
	WP_WORKER_BUSY,		/* has a task */
	WP_WORKER_EXITING,	/* out of the counts, worker_exit runs */
	WP_WORKER_DEAD,		/* crashed, not reaped and reported yet */
};

/**
 * struct wp_worker - one thread, in a pool or in the cache
 */
struct wp_worker {
	/**
	 * @parked: L or C: place on the pool's or the cache's stack. Later, without
	 * a lock, in a list of workers that the thread which took it off wakes,
	 * or that the reaper frees
	 */
	struct wp_parked	parked;
	/** @order: M: what the thread is to do next */
	enum wp_order		order;
	/** @task: I: the thread, referenced until the worker is freed */
	struct task_struct	*task;
	/** @node: I: NUMA node of its memory */
	int			node;
	/** @cred: S: the credentials that its thread was made with */
	const struct cred	*cred;
	/**
	 * @user_cpus: I: the mask of sched_setaffinity() that the thread
	 * inherited from kthreadd; empty: none
	 */
	cpumask_var_t		user_cpus;
	/** @cpus: S: the CPUs of its thread when it looked last */
	cpumask_var_t		cpus;
	/** @any_cpu: S: these were all that the kernel left to its threads */
	bool			any_cpu;
	/** @cpus_due: W: it is to take on the CPUs of @pool when it looks next */
	bool			cpus_due;

	/**
	 * @pool: S: the pool it serves, referenced; NULL in the cache. Set by
	 * wp_slot_fill() before the thread is woken. queue/edge.c reads it
	 * while the thread waits, and the reaper when that has ended
	 */
	struct workpool		*pool;
	/** @id: O: number in the pool */
	unsigned int		id;
	/** @state: O: what it is doing */
	enum wp_worker_state	state;
	/** @color: L: the mark of @call, see "Colors" */
	u8			color;
	/**
	 * @call: O: what it executes while %WP_WORKER_BUSY, or, while it is
	 * workpool.lessee, began with
	 */
	struct wp_call		call;
	/** @lease: K: tasks that it executes after @call */
	struct wp_lease		lease;
	/** @result: S: what a member of a group returned */
	int			result;
	/**
	 * @hash: L: in workpool.busy_workers while it executes an embedded
	 * task, unless it is workpool.lessee
	 */
	struct hlist_node	hash;
	/** @on_end: L: called once when the embedded task ended, or NULL */
	void			(*on_end)(struct workpool *pool,
					  struct wp_worker *worker,
					  struct wp_deferred *deferred);
	/** @flushers: L: threads that wait for the embedded task */
	struct list_head	flushers;
	/**
	 * @since: O: jiffies when @state or @call changed last under the lock,
	 * so when its lease began
	 */
	unsigned long		since;
	/**
	 * @reserved_ns: O: when its slot was reserved; this and the next three
	 * are for histograms, see wp_histogram_stamp()
	 */
	u64			reserved_ns;
	/** @queued_ns: S: when its task was accepted */
	u64			queued_ns;
	/** @begun_ns: S: when that began */
	u64			begun_ns;
	/** @ended_ns: S: when the last one ended */
	u64			ended_ns;
	/** @done: W: tasks it completed in this pool */
	u64			done;
	/** @attached: L: in workpool.workers */
	struct list_head	attached;
	/**
	 * @inner: O: what it executes inside of @call, the innermost first: the
	 * members in @inner_jobs, and one %WP_LOOP for each parallel loop
	 */
	struct list_head	inner;
	/** @nr_inner: S: how many of @inner_jobs are in @inner */
	int			nr_inner;
	/** @rerun: L: the embedded task, queued again; it waits for the worker */
	struct workpool_task	*rerun;
	/**
	 * @rerun_to: L: the pool that @rerun goes to then, which does not end
	 * before; NULL: that of the worker
	 */
	struct workpool		*rerun_to;
	/** @rerun_delayed: L: there it waits for its timer first */
	bool			rerun_delayed;

	/** @traits: S: of its thread, as tasks have to leave them */
	struct wp_traits	traits;
	/** @looked: S: @done when the thread compared @traits last */
	u64			looked;
	/** @yielded: S: @done when other threads got the CPU last */
	u64			yielded;
	/** @data: S: what worker_init left */
	void			*data;
	/** @initialized: S: worker_init succeeded, worker_exit is due */
	bool			initialized;
	/** @in_task: S: a task of the pool runs, for workpool_current() */
	bool			in_task : 1;
	/**
	 * @stacked: S: what runs may have a group or an embedded task on the
	 * stack. One instruction clears @in_task and this
	 */
	bool			stacked : 1;
	/**
	 * @stacked_in: S: with @stacked, workpool.lookup_id of the only pool
	 * that can refer to these, or 0
	 */
	u32			stacked_in;
	/** @dying: L: in workpool.dying */
	struct hlist_node	dying;
#ifdef CONFIG_LOCKDEP
	/**
	 * @lockdep_map: S: copy of that of the embedded task, which may be gone
	 */
	struct lockdep_map	lockdep_map;
	/** @lockdep_held: S: this and that of the pool are taken */
	bool			lockdep_held;
#endif

	/** @edge: E: what it waits for, see "Circles of waits"; or NULL */
	struct wp_edge		*edge;

	/** @crash: X: how it died */
	struct workpool_crash	crash;
	/**
	 * @report: L: its node in workpool.queue when @crash is to be reported
	 */
	struct workpool_node	report;
	/** @exit_work: X: called in the thread however it ends */
	struct callback_head	exit_work;
	/** @ending: X: on its way to the reaper */
	struct llist_node	ending;
	/**
	 * @dead_group: W: with CONFIG_DEBUG_OBJECTS the group of the member that
	 * it executes, if that died with its stack; or NULL
	 */
	struct workpool_group	*dead_group;
	/**
	 * @inner_jobs: L: members of groups that it executes itself because it
	 * waits for them, the outermost first
	 */
	struct wp_job		inner_jobs[WP_INNER_MAX];
};

int wp_worker_init(int (*fn)(void *worker));
void wp_worker_exit(void);
struct wp_worker *wp_worker_alloc(int node);
struct task_struct *wp_worker_make_thread(struct wp_worker *worker, int node,
					  const char *name);
struct wp_worker *wp_worker_create(struct workpool *pool, unsigned int id);
void wp_worker_free(struct wp_worker *worker);
void wp_worker_wait_none(void);
struct wp_worker *wp_worker_current(void);
bool wp_worker_is_own(struct workpool *pool);
/* Did a task of the current thread, @worker's, crash? Then it runs worker_exit. */
static inline bool wp_worker_is_dying(const struct wp_worker *worker)
{
	return worker->crash.kind;
}

void wp_worker_note_stacked(u32 lookup_id);
void *wp_worker_own_fn(const struct wp_worker *worker);
struct workpool_task *wp_worker_own_task(const struct wp_worker *worker);
bool wp_worker_has_on_stack(const struct wp_worker *worker, const void *object);

/*
 * A loop in a task goes on: let other threads have the CPU, and report a
 * quiescent state to RCU tasks, which ftrace and bpf wait for.
 */
static inline void wp_worker_give_way(void)
{
	rcu_tasks_classic_qs(current, false);
	cond_resched();
}

/* The worker at @parked. */
static inline struct wp_worker *wp_worker_parked_at(struct wp_parked *parked)
{
	return container_of(parked, struct wp_worker, parked);
}

#endif /* _WP_CORE_WORKER_H */
