/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of workpool share, and how it is locked.
 */
#ifndef _WP_INTERNAL_H
#define _WP_INTERNAL_H

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/hashtable.h>
#include <linux/kref.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/task_work.h>
#include <linux/wait.h>
#include <linux/workpool.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "core/stack.h"

struct notifier_block;

#define WP_VERSION		"0.1.0"
#define WP_DEFAULT_EXPIRY_MS	1000

/*
 * Calls a pool sets memory aside for, at most. A pool that starts more workers
 * at the same time treats further submitters as if it were full.
 */
#define WP_RESERVE_MAX		16384

/* Buckets of workpool.busy, as a power of two. */
#define WP_BUSY_BITS		6

/* How often a released pool tries to start a worker for what it accepted. */
#define WP_CLOSED_ATTEMPTS	4

/**
 * DOC: Locking
 *
 * There is one lock a pool, workpool.lock, a raw spinlock taken with interrupts
 * off because submitters may be in hard interrupts, also on PREEMPT_RT. Every
 * decision and its bookkeeping happen in one critical section. Nothing is
 * allocated, freed, created, called back or woken under it.
 *
 * Lock order: registry mutex -> workpool.lock -> nothing. The lock of the
 * worker cache is never taken together with a pool's.
 *
 * A letter at each field says who may touch it:
 *
 * I: set before the object is visible, constant from then on
 * L: workpool.lock
 * W: written under workpool.lock, read without it through READ_ONCE()
 * S: the worker's own thread
 * C: the lock of the worker cache
 * R: registry mutex
 * M: the mailbox protocol, see wp_mailbox_post()
 * X: the dying thread, then the reaper: one after the other, see reap.c
 * K: kernel facility with a lock of its own
 *
 * A decision under the lock often obliges its maker to wake somebody. These
 * obligations are collected in a &struct wp_deferred on the stack and met by
 * wp_pool_unlock(), after the lock was dropped.
 *
 * A pool outlives an RCU grace period after its last reference: whoever found it
 * by number, or still wakes somebody after a decision, need not hold one.
 *
 * workpool.lifecycle, a mutex, keeps the end of a release, which cancels the
 * pool's works, apart from the beginning of a reboot, which needs them again.
 * It is taken before workpool.lock and never together with the registry's.
 */

enum wp_state {
	WP_OPEN,		/* accepts tasks */
	WP_BOOTING,		/* create or reboot waits for the first workers */
	WP_CLOSED,		/* released: accepts none, finishes the accepted */
	WP_DEAD,		/* being destroyed: closed for good */
};

/* What a worker is doing; L, and shown by debugfs. */
enum wp_worker_state {
	WP_WORKER_STARTING,	/* thread being made, or worker_init runs */
	WP_WORKER_IDLE,		/* parked on the expiry stack */
	WP_WORKER_SEARCHING,	/* woken to look what is pending */
	WP_WORKER_BUSY,		/* has a task */
	WP_WORKER_EXITING,	/* left the counts, worker_exit runs */
	WP_WORKER_DEAD,		/* crashed, not yet buried or reported */
};

/* What a parked thread is woken for; see wp_mailbox_post(). */
enum wp_order {
	WP_ORDER_NONE,		/* sleep on */
	WP_ORDER_RUN,		/* execute worker.call */
	WP_ORDER_SEARCH,		/* look what is pending */
	WP_ORDER_LEAVE,		/* leave the pool */
	WP_ORDER_ADOPT,		/* cached thread: serve worker.pool */
	WP_ORDER_DIE,		/* cached thread: exit */
};

/* What a worker executes, and what workpool.pending is made of. */
enum wp_kind {
	WP_CALL,		/* fn(arg); a wp_job of workpool.reserve */
	WP_MEMBER,		/* the same for a member of a group */
	WP_WAITER,		/* pending only: a submitter that waits */
	WP_CRASH,		/* report of a crash, wp_worker.report */
	WP_TASK,		/* an embedded task */
	WP_RERUN,		/* the same, in wp_worker.bound */
	WP_DELAYED,		/* the same, in workpool.delayed */
};

/**
 * struct wp_call - what a worker executes
 * @kind: WP_CALL, WP_MEMBER, WP_CRASH or WP_TASK
 * @fn: function, of the type that @kind says
 * @arg: its argument; the dead worker for WP_CRASH, the task for WP_TASK
 * @group: for WP_MEMBER
 */
struct wp_call {
	enum wp_kind		kind;
	union {
		workpool_fn_t		call;
		int			(*member)(void *arg);
		workpool_task_fn_t	task;
		void			*any;
	} fn;
	void			*arg;
	struct workpool_group	*group;
};

/**
 * struct wp_job - an accepted call that no worker has taken yet
 * @place: L: in workpool.pending
 * @spare: L: in workpool.reserve, instead
 * @member: L: in workpool_group.queued, for WP_MEMBER
 * @call: L: what is to be executed
 */
struct wp_job {
	union {
		struct workpool_node	node;
		struct llist_node	spare;
	};
	struct list_head	member;
	struct wp_call		call;
};

/**
 * struct wp_wait - a thread that waits for a decision, on its own stack
 * @link: L: in the list of those it waits with while undecided, then in
 *	wp_deferred.waits
 * @nested: L: in workpool.nested while a worker of the pool itself waits
 * @done: K: completed by the decider after it dropped the lock
 * @result: L: the decision; -EINPROGRESS until there is one
 * @submits: I: it is part of a &struct wp_waiter
 * @must_wait: I: not to be given up, because what it waits for will come
 * @wake: I: what the decider completes: @done, or that of a &struct wp_claim
 *
 * Once decided the frame belongs to the decider until it completed @done.
 */
struct wp_wait {
	struct list_head	link;
	struct list_head	nested;
	struct completion	done;
	int			result;
	bool			submits;
	bool			must_wait;
	struct completion	*wake;
};

/**
 * struct wp_claim - what the lines of several pools share of one submitter
 * @state: K: who changes it from %WP_CLAIM_OPEN decides, under the pool's lock
 * @lines: K: those it still stands in
 * @nested: I: counts it while undecided, if it is a worker of these pools
 * @done: K: completed by the decider
 */
struct wp_claim {
	atomic_t		state;
	atomic_t		queues;
	atomic_t		*nested;
	struct completion	done;
};

#define WP_CLAIM_OPEN		0
#define WP_CLAIM_TAKEN		1

/**
 * struct wp_waiter - a submitter that waits
 * @place: L: in workpool.pending while undecided
 * @sleep: L: in workpool.waiters while undecided
 * @call: L: what it submits
 * @claim: I: NULL, or it waits in other pools' lines as well
 */
struct wp_waiter {
	struct workpool_node	node;
	struct wp_wait		wait;
	struct wp_call		call;
	struct wp_claim		*claim;
};

/**
 * struct wp_flusher - a thread that waits for a task
 * @sleep: L: in workpool.flushers while the task is pending, in
 *	wp_worker.flushers while it runs
 * @task: I: the task
 * @watching: I: there was something to wait for
 */
struct wp_flusher {
	struct wp_wait		wait;
	struct workpool_task	*task;
	bool			watching;
};

/**
 * struct wp_worker - one thread, in a pool or in the cache
 * @parked: L or C: place on the pool's or the cache's stack, or in a list of
 *	those being told to leave
 * @order: M: what the thread is to do next
 * @task: I: the thread, referenced until the reaper buried it
 * @node: I: NUMA node of its memory
 * @pool: S: the pool it serves, NULL in the cache; referenced. Set by whoever
 *	assigns the worker, before the order
 * @id: L: number in the pool
 * @state: L: what it is doing
 * @call: L: what it executes while WP_WORKER_BUSY
 * @result: S: what a member of a group returned
 * @hash: L: in workpool.busy while it executes an embedded task
 * @bound: L: the same task, queued again, to be executed here
 * @flushers: L: those who wait for the embedded task
 * @since: L: jiffies when @state or @call changed last
 * @done: L: tasks it completed in this pool
 * @member: L: in workpool.workers
 * @data: S: what worker_init left
 * @initialized: S: worker_init succeeded, worker_exit is due
 * @running: S: a task of the pool runs, for workpool_current()
 * @lockdep_map: S: that of the embedded task, which may be gone
 * @lockdep_held: S: this and that of the pool are taken
 * @crash: X: how it died
 * @report: L: its place in the line when @crash is to be reported
 * @exit_work: X: called in the thread however it ends
 * @ending_node: X: in the reaper's list
 */
struct wp_worker {
	struct wp_parked	parked;
	enum wp_order		order;
	struct task_struct	*task;
	int			node;

	struct workpool		*pool;
	unsigned int		id;
	enum wp_worker_state	state;
	struct wp_call		call;
	int			result;
	struct hlist_node	hash;
	struct workpool_task	*rerun;
	struct list_head	flushers;
	unsigned long		since;
	u64			done;
	struct list_head	attached;

	void			*data;
	bool			initialized;
	bool			running;
#ifdef CONFIG_LOCKDEP
	struct lockdep_map	lockdep_map;
	bool			lockdep_held;
#endif

	struct workpool_crash	crash;
	struct workpool_node	report;
	struct callback_head	exit_work;
	struct llist_node	ending_node;
};

/**
 * struct workpool - a pool
 * @lock: the pool's lock
 * @state: W: where it is in its life
 * @limit: W: workers at most; wp_max_workers when @capacity is unlimited
 * @running: W: workers: idle, busy or starting
 * @starting: W: of these, slots whose worker is not up yet
 * @to_spawn: W: of these, slots for which no thread is being made yet
 * @searching: W: workers woken, or spinning, to look what is pending
 * @max_searching: L: how many of those there may be, see "Waking"
 * @queued: W: accepted jobs and tasks in @pending
 * @calls: L: of these, calls and members of groups
 * @queue_depth: I: calls accepted without a free worker
 * @waiting: W: waiters in @pending
 * @shared: W: of these, those that wait in other pools' lines as well
 * @idle: W: parked workers
 * @pending: L: what no worker has taken yet, oldest first
 * @waiters: L: the waiters of @pending once more, in the same order
 * @reserve: L: memory for accepted calls
 * @nested: L: those who wait for this pool and are workers of it
 * @nr_nested: W: how many these are
 * @busy: L: workers that execute an embedded task, by its address
 * @nr_rerun: L: tasks in wp_worker.bound
 * @flushers: L: those who wait for an embedded task that is pending or delayed
 * @delayed: L: delayed tasks whose timer runs
 * @nr_delayed: L: how many these are
 * @purge_armed: L: @purge is pending or about to look
 * @purge_due: W: jiffies when @purge is due
 * @counters: L: the counters and peaks of workpool_stats(), not its gauges
 * @capacity: W: as set by the owner
 * @expiry: W: jiffies after which an idle worker is stale
 * @expiry_ms: W: the same as set, in ms
 * @max_blocking: W: waiters at most; 0: no limit
 * @min_workers: W: never purge below
 * @alive: W: threads that belong to the pool and slots for them: @running, and
 *	the exiting and dead
 * @workers: L: all its worker objects
 * @chunks: L: what @reserve is made of
 * @nr_reserve: W: jobs in all chunks
 * @next_worker: L: number of the next worker
 * @start_failures: W: worker starts that failed since the last that succeeded
 * @boot_error: L: why the first start failed while WP_BOOTING
 * @drainers: L: callers in workpool_drain()
 * @last_crash: L: the most recent crash
 * @events: K: woken when @alive fell to 0 or the first workers are up
 * @purge: K: retires stale workers, due when the oldest expires
 * @spawn: K: makes threads for @to_spawn slots
 * @respawns: K: slows replacements of crashed workers down
 * @lifecycle: K: see "Locking"
 * @ref: K: one for the owner, one for each attached worker, each waiting
 *	submitter and each look-up
 * @name: I: unique name
 * @id: I: unique number
 * @flags: I: WORKPOOL_F_*
 * @nice: I: of the workers
 * @rt_priority: I: of the workers
 * @node: I: of the workers
 * @cpumask: I: of the workers
 * @ops: I: owner's callbacks, never NULL
 * @fn: I: for workpool_invoke()
 * @data: I: the owner's
 * @owner: I: name of the module that created it, which may be gone before an
 *	ioctl lets go of the pool
 * @module: I: that module, to compare with, or NULL
 * @home: I: number under which its tasks find it
 * @multi: I: what it is a part of, referenced, or NULL
 * @index: I: which part
 * @free: K: frees the pool after a grace period
 * @lockdep_key: K: a class for each pool
 * @lockdep_map: K: held by workers while they execute a task, and for a moment
 *	by whoever waits for all of them
 * @registered: R: in the registry
 */
struct workpool {
	raw_spinlock_t		lock ____cacheline_aligned_in_smp;
	enum wp_state		state;
	int			limit;
	int			running;
	int			starting;
	int			to_spawn;
	int			searching;
	int			max_searching;
	int			queued;
	int			calls;
	unsigned int		queue_depth;
	int			waiting;
	int			shared;
	struct wp_stack		idle;
	struct list_head	queue;
	struct list_head	waiters;
	struct llist_head	reserve;
	struct list_head	nested;
	int			nr_nested;
	int			nr_rerun;
	bool			purge_armed;
	unsigned long		purge_due;
	DECLARE_HASHTABLE(busy, WP_BUSY_BITS);
	struct list_head	flushers;
	struct list_head	delayed;
	int			nr_delayed;

	struct workpool_stats	counters ____cacheline_aligned_in_smp;
	int			capacity;
	unsigned long		expiry;
	int			expiry_ms;
	unsigned int		max_blocking;
	unsigned int		min_workers;
	int			alive;
	struct list_head	workers;
	struct list_head	chunks;
	int			nr_reserve;
	unsigned int		next_worker;
	unsigned int		start_failures;
	int			boot_error;
	struct list_head	drainers;
	struct workpool_crash	last_crash;

	wait_queue_head_t	events;
	struct delayed_work	purge;
	struct kthread_delayed_work spawn;
	struct ratelimit_state	respawns;
	struct mutex		lifecycle; /* see "Locking" */

	struct kref		ref;
	char			name[WORKPOOL_NAME_MAX];
	u32			id;
	unsigned int		flags;
	int			nice;
	unsigned int		rt_priority;
	int			node;
	cpumask_var_t		cpumask;
	const struct workpool_ops *ops;
	workpool_fn_t		fn;
	void			*data;
	char			owner[MODULE_NAME_LEN];
	struct module		*module;
	u32			lookup_id;
	struct workpool_multi	*multi;
	unsigned int		index;
	bool			registered;
	struct rcu_work		free;
#ifdef CONFIG_LOCKDEP
	struct lock_class_key	lockdep_key;
	struct lockdep_map	lockdep_map;
#endif
};

/**
 * struct workpool_multi - several pools with one front
 * @turn: K: pools picked so far, for taking turns
 * @strategy: I: which pool gets the next task
 * @releases: K: how often it was released, for a reboot at the same time
 * @releasing: K: releases in progress, for the same
 * @waiting: K: submitters that wait for any of the pools
 * @nested: K: of these, workers of the pools, while undecided
 * @lifecycle: K: one release or reboot at a time
 * @ref: K: one for the owner and one for each pool
 * @id: I: unique number
 * @name: I: what the names of the pools begin with
 * @of_cpu: I: index of each CPU's pool, for WORKPOOL_LOCAL
 * @nr: I: pools
 * @pools: I: these
 *
 * The pools are in each other's reach until the last one is empty for good: see
 * workpool_multi_destroy().
 */
struct workpool_multi {
	atomic64_t		turn;
	enum workpool_strategy	strategy;
	atomic_t		releases;
	atomic_t		releasing;
	atomic_t		waiting;
	atomic_t		nested;
	struct mutex		lifecycle; /* see above */
	struct kref		ref;
	u32			id;
	char			name[WORKPOOL_NAME_MAX];
	u16			*of_cpu;
	unsigned int		nr;
	struct workpool		*pools[];
};

/**
 * struct wp_layout - how CPUs are divided among the pools of a multi
 * @cpus: those to be divided
 * @part: of one pool
 * @nr: parts
 * @of_cpu: the part of each CPU
 */
struct wp_layout {
	cpumask_var_t		cpus;
	cpumask_var_t		part;
	unsigned int		nr;
	u16			*of_cpu;
};

enum wp_defer_action {
	WP_DEFER_POST	= 1 << 0,	/* post wp_deferred.order to wp_deferred.worker */
	WP_DEFER_SEARCHERS	= 1 << 1,	/* tell wp_deferred.searchers to look */
	WP_DEFER_WAITS	= 1 << 2,	/* complete wp_deferred.waits */
	WP_DEFER_LEAVERS	= 1 << 3,	/* tell wp_deferred.leavers to leave */
	WP_DEFER_DROP	= 1 << 4,	/* call wp_drop_if_hopeless() */
	WP_DEFER_SPAWN	= 1 << 5,	/* see that threads come for to_spawn */
	WP_DEFER_RETRY	= 1 << 6,	/* the same, after a delay */
	WP_DEFER_PURGE	= 1 << 7,	/* arm the purge */
	WP_DEFER_EVENT	= 1 << 8,	/* wake workpool.events */
};

/**
 * struct wp_deferred - what the maker of decisions owes after the lock is dropped
 * @flags: interrupt state to restore
 * @due: WP_DUE_*; the fields below are valid only with their bit
 * @order: for @worker: to execute its call, or to look what is pending
 * @worker: parked worker, the first one that is woken
 * @searchers: further parked workers that shall look what is pending
 * @waits: decided &struct wp_wait
 * @leavers: workers cut off the idle stack
 */
struct wp_deferred {
	unsigned long		flags;
	unsigned int		actions;
	enum wp_order		order;
	struct wp_worker	*worker;
	struct list_head	searchers;
	struct list_head	waits;
	struct list_head	leavers;
};

/**
 * struct wp_tuning - what wp_tune_apply() is to change
 * @mask: WP_TUNE_*
 * @capacity: workers at most
 * @expiry_ms: ms, 0: the default
 * @max_blocking: waiters at most, 0: no limit
 * @min_workers: workers that stay
 */
struct wp_tuning {
	unsigned int		mask;
	int			capacity;
	int			expiry_ms;
	unsigned int		max_blocking;
	unsigned int		min_workers;
};

enum wp_tune_mask {
	WP_TUNE_CAPACITY	= 1 << 0,
	WP_TUNE_EXPIRY		= 1 << 1,
	WP_TUNE_MAX_BLOCKING	= 1 << 2,
	WP_TUNE_MIN_WORKERS	= 1 << 3,
};

/* main.c */
extern struct workqueue_struct *wp_workqueue;
extern int wp_max_workers;
extern int wp_mailbox_depth;

/* worker.c */
int wp_worker_init(void);
void wp_worker_exit(void);
struct wp_worker *wp_worker_alloc(int node);
struct task_struct *wp_worker_make_thread(struct wp_worker *worker, int node,
					  const char *name);
struct wp_worker *wp_worker_create(struct workpool *pool, unsigned int id);
void wp_worker_free(struct wp_worker *worker);
void wp_worker_wait_none(void);
void wp_mailbox_post(struct wp_worker *worker, enum wp_order order);
enum wp_order wp_mailbox_wait(struct wp_worker *worker, unsigned int state);
struct wp_worker *wp_worker_current(void);

/* cache.c */
extern int wp_cache_limit;
extern struct shrinker *wp_cache_shrinker;
extern struct delayed_work wp_cache_expire_work;

int wp_cache_init(void);
void wp_cache_exit(void);
enum wp_order wp_cache_park(struct wp_worker *worker);
struct wp_worker *wp_cache_take(int node);
void wp_cache_untake(struct wp_worker *worker);
unsigned long wp_cache_expire(unsigned long now);
int wp_cache_nr(void);
int wp_cache_size(void);

/* spawn.c */
int wp_spawn_init(void);
void wp_spawn_exit(void);
void wp_spawn_setup(struct workpool *pool);
void wp_spawn_cancel(struct workpool *pool);
void wp_spawn_start(struct workpool *pool);
void wp_spawn_retry(struct workpool *pool);
void wp_spawn_replace(struct workpool *pool);

/* reap.c */
void wp_reap_worker(struct wp_worker *worker);
void wp_reap_exit(void);

/* crash.c */
int wp_crash_init(void);
void wp_crash_exit(void);
int wp_crash_on_die(struct notifier_block *block, unsigned long event,
		    void *data);
void wp_crash_account(struct workpool *pool, struct wp_worker *worker);
void wp_crash_reaped(struct workpool *pool, struct wp_worker *worker);
void wp_crash_report(struct workpool *pool, struct wp_worker *dead);
void wp_crash_drop(struct workpool *pool, struct wp_worker *dead);

/* attrs.c */
int wp_attrs_check(const struct workpool_attrs *attrs);
void wp_attrs_cpus(const struct workpool_attrs *attrs, struct cpumask *cpus);
int wp_attrs_copy(struct workpool *pool, const struct workpool_attrs *attrs);
void wp_identity_name(struct workpool *pool, unsigned int id,
		   char name[TASK_COMM_LEN]);
void wp_identity_apply(struct workpool *pool, struct wp_worker *worker);

/* pool.c */
struct workpool *wp_pool_alloc(void);
struct workpool *wp_pool_alloc_closed(struct module *owner, const char *name,
				const struct workpool_attrs *attrs);
void wp_pool_get(struct workpool *pool);
void wp_pool_put(struct workpool *pool);

/* home.c */
int wp_lookup_add(struct workpool *pool);
void wp_lookup_remove(struct workpool *pool);
struct workpool *wp_lookup_find(u32 id);

/* slot.c */
int wp_slot_busy_locked(struct workpool *pool);
void wp_slot_reserve_locked(struct workpool *pool, int nr,
			    struct wp_deferred *deferred);
void wp_slot_put_locked(struct workpool *pool, int nr, struct wp_deferred *deferred);
void wp_slot_trim_locked(struct workpool *pool, int nr, struct wp_deferred *deferred);
int wp_queue_unneeded_locked(struct workpool *pool);
void wp_slot_retire_locked(struct workpool *pool, struct wp_worker *worker);
int wp_slot_retire_idle_locked(struct workpool *pool, int nr,
			       struct wp_deferred *deferred);
int wp_slot_retire_stale_locked(struct workpool *pool, int max,
				struct wp_deferred *deferred);
void wp_slot_crash_locked(struct workpool *pool, struct wp_worker *worker);

/* pending.c */
int wp_queue_need_locked(struct workpool *pool);
bool wp_queue_is_quiet_locked(struct workpool *pool);
void wp_queue_balance_locked(struct workpool *pool, struct wp_deferred *deferred);
void wp_queue_kick_slow_locked(struct workpool *pool, struct wp_deferred *deferred);
bool wp_queue_hand_off_locked(struct workpool *pool, const struct wp_call *call,
			 struct wp_deferred *deferred);
bool wp_queue_accept_locked(struct workpool *pool, const struct wp_call *call,
			   struct wp_deferred *deferred);
bool wp_queue_take_locked(struct workpool *pool, struct wp_worker *worker,
			 struct wp_deferred *deferred);
void wp_queue_report_locked(struct workpool *pool, struct wp_worker *dead,
			   struct wp_deferred *deferred);
void wp_waiter_add_locked(struct workpool *pool, struct wp_waiter *waiter,
			   bool nested);
void wp_waiter_remove_locked(struct workpool *pool, struct wp_waiter *waiter);
void wp_waiter_refuse_locked(struct workpool *pool, struct wp_waiter *waiter,
			   int err, struct wp_deferred *deferred);
void wp_waiter_complete_locked(struct workpool *pool, struct wp_waiter *waiter,
			   int result, struct wp_deferred *deferred);
void wp_queue_remove_job_locked(struct workpool *pool, struct wp_job *job);

static inline void wp_queue_add_nr_locked(struct workpool *pool, int nr)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->queued, pool->queued + nr);
}

/* Into the line, @front: before all that is there. The caller rouses. */
static inline void wp_queue_add_locked(struct workpool *pool,
					  struct workpool_node *node,
					  bool front)
{
	lockdep_assert_held(&pool->lock);
	if (front)
		list_add(&node->entry, &pool->queue);
	else
		list_add_tail(&node->entry, &pool->queue);
	wp_queue_add_nr_locked(pool, 1);
}

/* Out of the line, but for waiters. */
static inline void wp_queue_remove_locked(struct workpool *pool,
					  struct workpool_node *node)
{
	lockdep_assert_held(&pool->lock);
	list_del_init(&node->entry);
	wp_queue_add_nr_locked(pool, -1);
}

/* See that somebody looks at what is queued, if nobody is about to. */
static inline void wp_queue_kick_locked(struct workpool *pool,
					struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	/* In a burst this is what is found most of the time. */
	if (pool->queue_depth || pool->calls <= 1) {
		if (pool->searching >= pool->max_searching)
			return;
		if (!pool->idle.nr &&
		    (pool->searching + pool->starting >= pool->max_searching ||
		     pool->running >= pool->limit))
			return;
	}
	wp_queue_kick_slow_locked(pool, deferred);
}

/* sleep.c */
void wp_wait_init(struct wp_wait *wait);
bool wp_wait_is_nested(struct workpool *pool);
void wp_wait_add_locked(struct workpool *pool, struct wp_wait *wait,
			    struct list_head *list, bool nested);
void wp_wait_remove_locked(struct workpool *pool, struct wp_wait *wait);
void wp_wait_complete_locked(struct workpool *pool, struct wp_wait *wait,
			    int result, struct wp_deferred *deferred);
void wp_wait_complete_all_locked(struct workpool *pool, struct list_head *list,
				int result, struct wp_deferred *deferred);
void break_deadlock_locked(struct workpool *pool,
				    struct wp_deferred *deferred);
int wp_wait_sleep(struct wp_wait *wait);
bool wp_claim_take(struct wp_claim *claim);

/* submit.c */
int wp_submit(struct workpool *pool, const struct wp_call *call, long timeout);
int wp_submit_try(struct workpool *pool, const struct wp_call *call,
		  bool fallback);
void wp_submit_count_refusal(struct workpool *pool, int err);

/* multi.c */
void wp_multi_put(struct workpool_multi *multi);
bool wp_multi_is_own(struct workpool_multi *multi);

/* layout.c */
int wp_layout_init(struct wp_layout *layout, unsigned int n,
		   const struct workpool_attrs *each);
const struct cpumask *wp_layout_part(struct wp_layout *layout,
				     unsigned int index);
void wp_layout_exit(struct wp_layout *layout);

/* steal.c */
void wp_steal_for(struct workpool *pool);
void wp_steal_relieve(struct workpool *pool);

/* hotplug.c */
int wp_hotplug_init(void);
void wp_hotplug_exit(void);

/* task.c */
#define WP_TASK_PENDING		1	/* claimed: queued, delayed or about to be */
#define WP_TASK_CANCELLING	2	/* added by each workpool_cancel_sync() */

/* Who places a task: has he claimed it, and did the pool accept it before? */
enum wp_progress {
	WP_TASK_FREE,		/* to be claimed, unless it is pending */
	WP_TASK_CLAIMED,	/* claimed by the caller */
	WP_TASK_ACCEPTED,	/* claimed by the caller, and counted as submitted */
};

typedef void (*wp_task_link_t)(struct workpool *pool,
			       struct workpool_task *task, unsigned long arg,
			       struct wp_deferred *deferred);
typedef int (*wp_task_act_t)(struct workpool *pool, struct workpool_task *task,
			     void *arg, struct wp_deferred *deferred);

static inline struct wp_waiter *wp_waiter_at(struct workpool_node *node)
{
	return container_of(node, struct wp_waiter, node);
}

static inline struct workpool_task *wp_task_at(struct workpool_node *node)
{
	return container_of(node, struct workpool_task, node);
}

static inline bool wp_pending_is_cancelling(struct workpool_task *task)
{
	return atomic_read(&task->state) >= WP_TASK_CANCELLING;
}

void wp_link_queue_locked(struct workpool *pool, struct workpool_task *task,
		  unsigned long front, struct wp_deferred *deferred);
int wp_task_queue(struct workpool *pool, struct workpool_task *task,
		  enum wp_progress progress, wp_task_link_t link, unsigned long arg);
int wp_task_at_last_pool(struct workpool_task *task, wp_task_act_t act, void *arg);
int wp_task_steal(struct workpool *pool, struct workpool_task *task, void *arg,
		  struct wp_deferred *deferred);
int wp_cancel_dismiss(struct workpool_task *task);
bool wp_running_begin_locked(struct workpool *pool, struct wp_worker *worker,
			 struct workpool_task *task);
void wp_running_end_slow_locked(struct workpool *pool, struct wp_worker *worker,
			     struct wp_deferred *deferred);

/* The task of @worker returned, or crashed. It may be gone. */
static inline void wp_running_end_locked(struct workpool *pool,
				      struct wp_worker *worker,
				      struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	hash_del(&worker->hash);
	if (unlikely(worker->rerun || !list_empty(&worker->flushers)))
		wp_running_end_slow_locked(pool, worker, deferred);
}

int wp_link_remove_locked(struct workpool *pool, struct workpool_task *task);
bool wp_link_steal_locked(struct workpool *pool, struct workpool_task *task);
void wp_link_drop_locked(struct workpool *pool, struct workpool_task *task,
			   struct wp_deferred *deferred);

/* taskinit.c */
#ifdef CONFIG_DEBUG_OBJECTS
void wp_pending_debug_activate(struct workpool_task *task);
void wp_pending_debug_deactivate(struct workpool_task *task);
#else
static inline void wp_pending_debug_activate(struct workpool_task *task) { }
static inline void wp_pending_debug_deactivate(struct workpool_task *task) { }
#endif

/* delayed.c */
int disarm_locked(struct workpool *pool, struct workpool_task *task);
void wp_delayed_drop_all(struct workpool *pool);

/* group.c */
void wp_member_end_locked(struct workpool *pool, struct workpool_group *group,
			 int err, struct wp_deferred *deferred);

/* drop.c */
void *wp_drop_locked(struct workpool *pool, struct workpool_node *node,
		     struct wp_deferred *deferred);
void wp_drop_check_locked(struct workpool *pool, struct wp_deferred *deferred);
void wp_drop_if_hopeless(struct workpool *pool);

/* unload.c */
int wp_unload_init(void);
void wp_unload_exit(void);

/* deferred.c */
struct list_head *wp_deferred_list(struct wp_deferred *deferred, enum wp_defer_action bit,
			       struct list_head *list);
void wp_pool_unlock_deferred(struct workpool *pool, struct wp_deferred *deferred)
	__releases(&pool->lock);

static inline void wp_pool_lock(struct workpool *pool, struct wp_deferred *deferred)
	__acquires(&pool->lock)
{
	deferred->actions = 0;
	raw_spin_lock_irqsave(&pool->lock, deferred->flags);
}

static inline void wp_pool_unlock(struct workpool *pool, struct wp_deferred *deferred)
	__releases(&pool->lock)
{
	if (deferred->actions)
		wp_pool_unlock_deferred(pool, deferred);
	else
		raw_spin_unlock_irqrestore(&pool->lock, deferred->flags);
}

/* member.c: what a worker asks its pool */
bool wp_slot_take(struct workpool *pool, unsigned int *id);
void wp_slot_attach(struct workpool *pool, struct wp_worker *worker,
		      unsigned int id, bool adopted);
void wp_queue_end_locked(struct workpool *pool, struct wp_worker *worker,
			  int err, struct wp_deferred *deferred);
void wp_attach_failed_locked(struct workpool *pool, int err,
			     struct wp_deferred *deferred);
void wp_attach_failed(struct workpool *pool, struct wp_worker *worker,
			    int err);
bool wp_loop_next(struct workpool *pool, struct wp_worker *worker);

void wp_attach_leave(struct workpool *pool, struct wp_worker *worker);

/* reserve.c */
struct wp_chunk;

struct wp_chunk *wp_reserve_alloc(int nr);
int wp_reserve_grow(struct workpool *pool, int capacity);
void wp_reserve_free(struct workpool *pool);

static inline struct wp_job *wp_reserve_take_locked(struct workpool *pool)
{
	struct llist_node *first;

	lockdep_assert_held(&pool->lock);
	first = llist_del_first(&pool->reserve);
	return first ? llist_entry(first, struct wp_job, spare) : NULL;
}

/* To the front: the next to take it finds it in the cache. */
static inline void wp_reserve_return_locked(struct workpool *pool,
					    struct wp_job *job)
{
	lockdep_assert_held(&pool->lock);
	__llist_add(&job->spare, &pool->reserve);
}

/* purge.c */
void wp_purge_work(struct work_struct *work);
void wp_purge_arm_locked(struct workpool *pool, struct wp_deferred *deferred);
void wp_purge_start(struct workpool *pool);

/* tune.c */
int wp_tune_apply(struct workpool *pool, const struct wp_tuning *new,
		 struct wp_tuning *old);

/* release.c */
bool wp_release_is_over(struct workpool *pool);
void wp_release_close(struct workpool *pool);
void wp_release_end(struct workpool *pool);

/* reboot.c */
struct workpool *wp_pool_create(struct module *owner, const char *name,
				const struct workpool_attrs *attrs,
				struct workpool_multi *multi,
				unsigned int index);

/* registry.c */
#define WP_POOL_ADDED		1
#define WP_POOL_REMOVED		2

int wp_registry_alloc_id(struct workpool *pool);
__printf(2, 0)
int wp_registry_format_name(char name[WORKPOOL_NAME_MAX], const char *namefmt,
			    va_list args);
int wp_registry_add(struct workpool *pool);
void wp_registry_remove(struct workpool *pool);
struct workpool *wp_registry_find(u32 id, const char *name);
struct workpool *wp_registry_next(u32 id);
int wp_registry_count(void);
void wp_registry_observe(struct notifier_block *observer);
void wp_registry_unobserve(struct notifier_block *observer);

/* chardev.c, debugfs.c */
int wp_chardev_init(void);
void wp_chardev_exit(void);
void wp_debugfs_init(void);
void wp_debugfs_exit(void);

#endif /* _WP_INTERNAL_H */
