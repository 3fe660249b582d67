/* SPDX-License-Identifier: GPL-2.0 */
/*
 * struct workpool: the pool, and how it is locked.
 */
#ifndef _WP_CORE_POOL_H
#define _WP_CORE_POOL_H

#include <linux/cpumask.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workpool.h>
#include <linux/workqueue.h>

#include "core/counters.h"
#include "core/pace.h"
#include "core/spawn.h"
#include "core/stack.h"

/**
 * DOC: Locking
 *
 * A pool has one lock, workpool.lock. It is a raw spinlock that is taken with
 * interrupts off, because submitters may be in hard interrupts, also on
 * PREEMPT_RT. Every decision and its bookkeeping happen in one critical
 * section. Nothing is allocated, freed, created, called back or woken under it:
 * such actions are deferred, see &struct wp_deferred. kernel/docs/locking.md
 * has the exceptions, which are timers and debugobjects.
 *
 * Lock order, the outermost lock first::
 *
 *	registry mutex
 *	workpool_multi.lifecycle -> workpool.lifecycle
 *	lock of the limits -> workpool.lifecycle
 *	workpool.placing
 *	lock of the edges, lock of the search for strays
 *	workpool.lock
 *	timer base (timers of delayed tasks, and workpool.late)
 *
 * The registry mutex, the lifecycle mutexes and the lock of the edges are not
 * taken inside of each other. No two pools' locks are held at once. A pool's
 * lock is not held with that of the worker cache or of the list of multis.
 * kernel/docs/locking.md has the whole graph.
 *
 * A section that may defer actions uses wp_pool_lock() and wp_pool_unlock(). A
 * section that only looks at what is queued or executed uses
 * wp_pool_lock_irqsave(), one that only reads or writes other fields
 * raw_spin_lock_irqsave(). The difference is in "Leases".
 *
 * A letter at each field says how it is protected::
 *
 *	I: set before the object is visible, constant from then on
 *	L: workpool.lock
 *	W: written under workpool.lock, read without it through READ_ONCE()
 *	O: written under workpool.lock; its own thread reads it without, while no
 *	   other thread writes it
 *	S: used by the worker's own thread; by another one only while that one is
 *	   parked, waits or has ended
 *	C: lock of the worker cache
 *	R: registry mutex
 *	E: lock of the edges, see "Circles of waits"
 *	M: mailbox protocol, see wp_mailbox_post()
 *	P: written by the creator, published with smp_store_release()
 *	X: used by the dying thread, then by the reaper, then by the reporter
 *	K: kernel facility that locks itself, or an atomic
 *
 * A pool is freed one RCU grace period after its last reference is dropped. A
 * reader that found the pool by number, or that still wakes a thread after a
 * decision, needs no reference within its RCU section.
 *
 * workpool.placing is held while another thread sets the CPUs or the policy of
 * workers, and while a worker leaves the pool: none gets those of a pool that
 * it left.
 *
 * workpool.lifecycle separates the end of a release, which cancels the pool's
 * works, from the beginning of a reboot, which needs them again. A tune or a
 * change of max_workers that may grow the pool's memory holds it as well, so
 * that there is one at a time.
 */

struct wp_busy;
struct wp_histograms;

/**
 * struct wp_overload - an overload, as readers of notices are told of it
 * @on: it began, and is not over
 * @since_ns: when it began
 * @blocked: that counter, then
 * @rejected: the same
 * @news: a submitter found the pool full since the last look
 */
struct wp_overload {
	bool			on;
	bool			news;
	u64			since_ns;
	u64			blocked;
	u64			rejected;
};

/* Colors at a time: see "Colors". A power of two. */
#define WP_NR_COLORS	8

/*
 * The life of a pool. The order matters to wp_pool_is_closed() and to a
 * release.
 */
enum wp_state {
	WP_OPEN,		/* accepts tasks */
	WP_BOOTING,		/* waits for the first workers */
	WP_CLOSED,		/* released, or not booted yet */
	WP_DEAD,		/* being destroyed: closed for good */
};

/* What a waiting worker holds of its pool. Each value includes those before. */
enum wp_holds {
	WP_HOLDS_THREAD,	/* it counts in workpool.alive */
	WP_HOLDS_SLOT,		/* it counts in workpool.running as well */
	WP_HOLDS_TASK,		/* it is busy */
	WP_NR_HOLDS,
};

/**
 * struct workpool - a pool
 *
 * The fields of the hot path come first.
 */
struct workpool {
	/** @lock: K: the pool's lock, see "Locking" */
	raw_spinlock_t		lock ____cacheline_aligned_in_smp;
	/** @state: W: where the pool is in its life */
	enum wp_state		state;
	/**
	 * @limit: W: most workers; wp_max_workers when @capacity is unlimited,
	 * 0 while the pool is paused
	 */
	int			limit;
	/** @running: W: workers that are busy, idle, searching or starting */
	int			running;
	/** @starting: W: of these, slots whose worker is not up yet */
	int			starting;
	/**
	 * @to_spawn: W: of these, slots for which no thread is being made yet
	 */
	int			to_spawn;
	/**
	 * @searching: W: workers that look at the queue and have no task: woken
	 * for it, between two slices, or because they freeze first
	 */
	int			searching;
	/** @max_searching: L: limit of @searching, see "Waking" */
	int			max_searching;
	/**
	 * @queued: W: calls, tasks and reports of crashes in @queue, and what
	 * a worker has leased and did not account for yet: a reader without the
	 * lock may see up to 15 too many while the last of them runs
	 */
	int			queued;
	/** @calls: L: of these, calls, members of groups or not */
	int			calls;
	/** @queue_depth: W: calls that are accepted without a free worker */
	unsigned int		queue_depth;
	/** @color: L: of what is accepted now, see "Colors" */
	unsigned int		color;
	/**
	 * @oldest_color: L: oldest color that a flush waits for; @color if
	 * there is none
	 */
	unsigned int		oldest_color;
	/** @waiting: W: submitters that wait in @queue */
	int			waiting;
	/**
	 * @shared: W: of these, those that wait in other pools' queues as well
	 */
	int			shared;
	/** @idle: W: parked workers; only @idle.nr is read without the lock */
	struct wp_stack		idle;
	/** @queue: L: what no worker has taken yet, see queue/queue.c */
	struct list_head	queue;
	/** @waiters: L: the waiters of @queue once more, in the same order */
	struct list_head	waiters;
	/** @reserve: L: memory for accepted calls */
	struct llist_head	reserve;
	/** @waits: L: threads that wait for this pool, for debugfs */
	struct list_head	waits;
	/**
	 * @stuck: E: workers of the pool that wait, by &enum wp_holds, and
	 * during a look those of them that may wait for ever
	 */
	int			stuck[WP_NR_HOLDS];
	/** @stuck_colors: E: of these, what they execute, by its mark */
	int			stuck_colors[WP_NR_COLORS];
	/** @nr_rerun: L: tasks in wp_worker.rerun */
	int			nr_rerun;
	/** @nr_inner: L: members in wp_worker.inner_jobs */
	int			nr_inner;
	/**
	 * @nr_left: L: embedded tasks that left for another pool so far; makes
	 * numbers of moves, see wp_link_leave_locked()
	 */
	u32			nr_left;
	/** @nr_moving: L: tasks that left @queue for another pool of @multi */
	int			nr_moving;
	/**
	 * @nr_colored: L: what has one of the colors from @oldest_color up to
	 * @color, by its mark
	 */
	int			nr_colored[WP_NR_COLORS];
	/** @flushers: L: threads that wait for a color, by its mark */
	struct list_head	flushers[WP_NR_COLORS];
	/** @purge_armed: L: @purge is pending or about to look */
	bool			purge_armed;
	/** @rest_armed: W: @rest has something to do; it counts in @alive */
	bool			rest_armed;
	/** @purge_due: W: jiffies when @purge is due */
	unsigned long		purge_due;
	/**
	 * @busy_workers: L: workers that execute an embedded task, but for
	 * @lessee; read without the lock by wp_busy_grow(), which alone writes
	 * it
	 */
	struct wp_busy		*busy_workers;
	/**
	 * @busy_before: L: a smaller table with some of them, while these
	 * are moved; or NULL
	 */
	struct wp_busy		*busy_before;
	/** @lessee: L: the worker with a lease, see "Leases"; or NULL */
	struct wp_worker	*lessee;
	/**
	 * @crowds: L: threads that wait for tasks that are queued or delayed,
	 * by the task
	 */
	struct rb_root		crowds;
	/**
	 * @dying: L: the worker whose task is over, while worker/stray.c looks
	 * for what refers to its stack. Groups on that are not touched
	 */
	struct hlist_head	dying;
	/** @delayed: L: delayed tasks whose timer runs */
	struct list_head	delayed;
	/** @nr_delayed: L: length of @delayed */
	int			nr_delayed;

	/** @counters: L: event counts, by &enum wp_counter */
	u64			counters[WP_NR_COUNTERS] ____cacheline_aligned_in_smp;
	/** @stranded: W: times the purge found what it should never find */
	unsigned int		stranded;
	/** @boots: L: how often a boot began, the first one included */
	u64			boots;
	/** @generation: L: reboots so far */
	u64			generation;
	/** @peak_running: L: highest value of @running so far */
	int			peak_running;
	/** @peak_waiting: L: highest value of @waiting so far */
	int			peak_waiting;
	/** @capacity: W: as the owner or an administrator set it */
	int			capacity;
	/** @paused: W: WORKPOOL_PAUSED_BY_* */
	unsigned int		paused;
	/** @expiry: L: jiffies after which an idle worker is stale */
	unsigned long		expiry;
	/** @expiry_ms: L: the same in milliseconds, as it was set */
	int			expiry_ms;
	/** @max_blocking: L: most waiters; 0: no limit */
	unsigned int		max_blocking;
	/** @min_workers: L: an open pool starts them unasked, and keeps them */
	unsigned int		min_workers;
	/**
	 * @alive: W: threads that belong to the pool and slots for them:
	 * @running, the exiting and dead workers, tasks on their way to another
	 * pool of @multi, workers whose wp_worker.rerun_to it is, and @rest
	 * while it has something to do
	 */
	int			alive;
	/** @workers: L: all worker objects of the pool */
	struct list_head	workers;
	/** @walks: L: threads that look at all @workers */
	struct list_head	walks;
	/** @chunks: L: what @reserve is made of */
	struct list_head	chunks;
	/** @nr_reserve: W: jobs in all chunks */
	int			nr_reserve;
	/** @next_worker: L: number of the next worker */
	unsigned int		next_worker;
	/** @last_seq: L: the last wp_call.seq that was given */
	u32			last_seq;
	/** @boot_error: L: why the first start failed while %WP_BOOTING */
	int			boot_error;
	/** @drainers: L: callers in workpool_drain() */
	struct list_head	drainers;
	/**
	 * @decided: L: waits that were decided together, and are not told yet.
	 * The first wait of each batch leads: it holds the result
	 */
	struct list_head	decided;
	/** @decided_result: L: of the first in @decided, unless it leads */
	int			decided_result;
	/**
	 * @events: L: waits that are told when @alive fell to 0, and when a boot
	 * is decided or over: the first workers are up, or one of them failed,
	 * or the pool is closed, or opened
	 */
	struct list_head	events;
	/** @told: L: of these, the ones that are told next, see core/event.c */
	struct list_head	told;
	/** @last_crash: L: the most recent crash */
	struct workpool_crash	last_crash;
	/** @overload: L: see queue/overload.c */
	struct wp_overload	overload;
	/**
	 * @histograms: W: while the pool is measured, else NULL; read without the
	 * lock, with preemption off, see wp_histogram_of()
	 */
	struct wp_histograms __rcu *histograms;

	/** @purge: K: retires stale workers, due when the oldest expires */
	struct delayed_work	purge;
	/**
	 * @late_looks: W: 0: @late found nothing to help; else one more than
	 * the times it reserved slots since
	 */
	unsigned int		late_looks;
	/**
	 * @overdue: L: of @starting, those that @late found to take long and
	 * that are not expected to serve the queue
	 */
	int			overdue;
	/**
	 * @late: K: begun when workers start, goes on while something is queued
	 * as well, see queue/late.c
	 */
	struct timer_list	late;
	/** @rest: K: does what is more than a slice, see "Slices" */
	struct work_struct	rest;
	/** @turns: K: these make threads for @to_spawn slots */
	struct wp_spawn_turn	turns[WP_SPAWNERS_MAX];
	/** @pace: W: how fast threads start, see core/pace.c */
	struct wp_pace		pace;
	/** @lifecycle: K: see "Locking" */
	struct mutex		lifecycle;	/* see above */
	/** @placing: K: see "Locking" */
	struct mutex		placing;	/* see above */

	/**
	 * @ref: K: one for the owner, one for each attached worker, each thread
	 * that waits for a worker, a group, or the pool, and each look-up by
	 * name, by number or through a multi
	 */
	struct kref		ref;
	/** @name: I: unique name */
	char			name[WORKPOOL_NAME_MAX];
	/** @id: I: unique number, 0 before the pool is registered */
	u32			id;
	/**
	 * @lookup_id: I: number by which its tasks find it. It is not @id, because
	 * a pool that is not registered any more still finishes its tasks
	 */
	u32			lookup_id;
	/** @flags: I: WORKPOOL_F_* */
	unsigned int		flags;
	/** @pinned: I: WORKPOOL_ATTR_* that no administrator changes */
	unsigned int		pinned;
	/** @nice: W: of the workers */
	int			nice;
	/** @rt_priority: W: of the workers */
	unsigned int		rt_priority;
	/** @node: I: of the workers */
	int			node;
	/** @cpumask: I: of the workers, see wp_cpus_of_pool() */
	cpumask_var_t		cpumask;
	/** @tuned_cpus: L: instead of @cpumask, when @cpus_tuned */
	cpumask_var_t		tuned_cpus;
	/** @cpus_tuned: W: the pool was given other CPUs than at its creation */
	bool			cpus_tuned;
	/** @own_cpus: I: the owner named them: isolation does not matter */
	bool			own_cpus;
	/** @any_cpu: I: all CPUs that are not isolated, whatever @cpumask is */
	bool			any_cpu;
	/**
	 * @ops: I: the owner's callbacks; a copy, as the owner may be gone while
	 * there are references
	 */
	struct workpool_ops	ops;
	/** @fn: I: for workpool_invoke() */
	workpool_fn_t		fn;
	/** @data: I: the owner's */
	void			*data;
	/**
	 * @owner: I: name of the module that created it, which may be gone
	 * while an ioctl still holds the pool
	 */
	char			owner[MODULE_NAME_LEN];
	/** @module: I: that module, to compare with, or NULL */
	struct module		*module;
	/** @of_device: W: a device destroys it, not the unload of its module */
	bool			of_device;
	/** @multi: I: the multi that it is a part of, referenced, or NULL */
	struct workpool_multi	*multi;
	/** @index: I: which part of @multi */
	unsigned int		index;
	/**
	 * @on_park: I: called by a worker that parked; set by @multi, or NULL
	 */
	void			(*on_park)(struct workpool *pool);
	/**
	 * @on_free: I: called a grace period after the last reference, before
	 * the pool is freed; set by @multi, or NULL
	 */
	void			(*on_free)(struct workpool *pool);
	/** @announced: K: its creation was told; with the lock of the notices */
	bool			announced;
	/** @registered: R: it is in the registry */
	bool			registered;
	/** @by_name: R: in the registry's tree of names */
	struct rb_node		by_name;
	/** @free: K: frees the pool after a grace period */
	struct rcu_work		free;
#ifdef CONFIG_LOCKDEP
	/** @lockdep_key: K: a class for each pool */
	struct lock_class_key	lockdep_key;
	/**
	 * @lockdep_map: K: held by workers while they execute a task, and for a
	 * moment by a thread that waits for all of them
	 */
	struct lockdep_map	lockdep_map;
#endif
};

/*
 * The state of a pool. With the pool's lock held the answer stays true; without
 * it, READ_ONCE() pairs with the WRITE_ONCE() where the state changes.
 */

/* Does the pool accept tasks? */
static inline bool wp_pool_is_open(const struct workpool *pool)
{
	return READ_ONCE(pool->state) == WP_OPEN;
}

/* Does the pool wait for its first workers? */
static inline bool wp_pool_is_booting(const struct workpool *pool)
{
	return READ_ONCE(pool->state) == WP_BOOTING;
}

/*
 * Was the pool released, so that it only finishes what it accepted, or not
 * booted yet?
 */
static inline bool wp_pool_is_closed(const struct workpool *pool)
{
	return READ_ONCE(pool->state) >= WP_CLOSED;
}

/* Is the pool closed, and without a thread? */
static inline bool wp_pool_is_over(const struct workpool *pool)
{
	/*
	 * Pairs with the lock that a release takes: a thread that came before
	 * is counted.
	 */
	return smp_load_acquire(&pool->state) >= WP_CLOSED &&
	       !READ_ONCE(pool->alive);
}

/* Did the last release end? A pool that is open has been rebooted since. */
static inline bool wp_pool_release_ended(const struct workpool *pool)
{
	return !READ_ONCE(pool->alive) || !wp_pool_is_closed(pool);
}

#endif /* _WP_CORE_POOL_H */
