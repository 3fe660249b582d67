/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of workpool share, and how it is locked.
 */
#ifndef _WP_INTERNAL_H
#define _WP_INTERNAL_H

#include <linux/completion.h>
#include <linux/cpumask.h>
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

struct notifier_block;

#define WP_VERSION		"0.1.0"
#define WP_DEFAULT_EXPIRY_MS	1000

/*
 * Calls a pool sets memory aside for, at most. A pool that starts more workers
 * at the same time treats further submitters as if it were full.
 */
#define WP_RESERVE_MAX		16384

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
 * M: the mailbox protocol, see wp_worker_post()
 * X: the dying thread, then the reaper: one after the other, see reap.c
 * K: kernel facility with a lock of its own
 *
 * A decision under the lock often obliges its maker to wake somebody. These
 * obligations are collected in a &struct wp_dues on the stack and met by
 * wp_pool_unlock(), after the lock was dropped.
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
	WP_WORKER_BUSY,		/* has a task */
	WP_WORKER_EXITING,	/* left the counts, worker_exit runs */
	WP_WORKER_DEAD,		/* crashed, not yet buried or reported */
};

/* What a parked thread is woken for; see wp_worker_post(). */
enum wp_order {
	WP_ORDER_NONE,		/* sleep on */
	WP_ORDER_RUN,		/* take worker.job */
	WP_ORDER_LEAVE,		/* leave the pool */
	WP_ORDER_ADOPT,		/* cached thread: serve worker.pool */
	WP_ORDER_DIE,		/* cached thread: exit */
};

enum wp_job_kind {
	WP_JOB_CALL,		/* accepted fn(arg), from workpool.reserve */
	WP_JOB_WAITER,		/* a submitter that waits, embedded in wp_waiter */
	WP_JOB_CRASH,		/* report of a crash, embedded in wp_worker */
};

/**
 * struct wp_job - something a worker can take
 * @node: L: workpool.pending or workpool.reserve
 * @fn: L: function, NULL for WP_JOB_CRASH
 * @arg: L: its argument; the dead worker for WP_JOB_CRASH
 * @kind: L: what the job is embedded in
 */
struct wp_job {
	struct list_head	node;
	workpool_fn_t		fn;
	void			*arg;
	enum wp_job_kind	kind;
};

/**
 * struct wp_waiter - a submitter that waits, on its own stack
 * @job: L: in workpool.pending while undecided, then in the decider's
 *	wp_dues.waiters
 * @link: L: in workpool.waiters while undecided
 * @nested: L: in workpool.nested while a worker of the pool itself waits
 * @done: K: completed by the decider after it dropped the lock
 * @result: L: the decision; -EINPROGRESS until there is one
 *
 * Once decided the frame belongs to the decider until it completed @done.
 */
struct wp_waiter {
	struct wp_job		job;
	struct list_head	link;
	struct list_head	nested;
	struct completion	done;
	int			result;
};

/**
 * struct wp_stack - idle workers, the most recently used on top
 * @list: from the top, newest, to the bottom, oldest
 * @nr: how many
 *
 * The users' lock protects it; the caller passes the time.
 */
struct wp_stack {
	struct list_head	list;
	int			nr;
};

/**
 * struct wp_parked - what is on a wp_stack
 * @node: in wp_stack.list
 * @stamp: jiffies when it was pushed
 */
struct wp_parked {
	struct list_head	node;
	unsigned long		stamp;
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
 * @job: L: the task; its kind says what it is
 * @since: L: jiffies when @state or @job changed last
 * @done: L: tasks it completed in this pool
 * @member: L: in workpool.workers
 * @data: S: what worker_init left
 * @initialized: S: worker_init succeeded, worker_exit is due
 * @running: S: a task of the pool runs, for workpool_current()
 * @crash: X: how it died
 * @report: L: the job that reports @crash
 * @exit_work: X: called in the thread however it ends
 * @grave: X: in the reaper's list
 */
struct wp_worker {
	struct wp_parked	parked;
	enum wp_order		order;
	struct task_struct	*task;
	int			node;

	struct workpool		*pool;
	unsigned int		id;
	enum wp_worker_state	state;
	struct wp_job		job;
	unsigned long		since;
	u64			done;
	struct list_head	member;

	void			*data;
	bool			initialized;
	bool			running;

	struct workpool_crash	crash;
	struct wp_job		report;
	struct callback_head	exit_work;
	struct llist_node	grave;
};

/**
 * struct workpool - a pool
 * @lock: the pool's lock
 * @state: W: where it is in its life
 * @limit: W: workers at most; wp_max_workers when @capacity is unlimited
 * @running: W: workers: idle, busy or starting
 * @starting: W: of these, slots whose worker is not up yet
 * @to_spawn: W: of these, slots for which no thread is being made yet
 * @queued: W: accepted jobs in @pending
 * @waiting: W: waiters in @pending
 * @idle: W: parked workers; none while @pending has something
 * @pending: L: what no worker has taken yet, oldest first
 * @waiters: L: the waiters of @pending once more, in the same order
 * @reserve: L: memory for accepted calls
 * @nested: L: those of the waiters that are workers of this pool
 * @nr_nested: L: how many these are
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
 * @quiet_seq: W: counts how often a drainer could have seen the pool quiet
 * @last_crash: L: the most recent crash
 * @events: K: woken when @alive fell to 0, when the pool got quiet, or when
 *	the first workers are up
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
 * @registered: R: in the registry
 */
struct workpool {
	raw_spinlock_t		lock ____cacheline_aligned_in_smp;
	enum wp_state		state;
	int			limit;
	int			running;
	int			starting;
	int			to_spawn;
	int			queued;
	int			waiting;
	struct wp_stack		idle;
	struct list_head	pending;
	struct list_head	waiters;
	struct list_head	reserve;
	struct list_head	nested;
	int			nr_nested;
	bool			purge_armed;
	unsigned long		purge_due;

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
	unsigned int		drainers;
	unsigned long		quiet_seq;
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
	bool			registered;
};

enum wp_due {
	WP_DUE_RUNNER	= 1 << 0,	/* post wp_dues.runner its job */
	WP_DUE_WAITERS	= 1 << 1,	/* complete wp_dues.waiters */
	WP_DUE_LEAVERS	= 1 << 2,	/* tell wp_dues.leavers to leave */
	WP_DUE_DROPPED	= 1 << 3,	/* log and bury wp_dues.dropped */
	WP_DUE_SPAWN	= 1 << 4,	/* see that threads come for to_spawn */
	WP_DUE_RETRY	= 1 << 5,	/* the same, after a delay */
	WP_DUE_PURGE	= 1 << 6,	/* arm the purge */
	WP_DUE_EVENT	= 1 << 7,	/* wake workpool.events */
};

/**
 * struct wp_dues - what the maker of decisions owes after the lock is dropped
 * @flags: interrupt state to restore
 * @due: WP_DUE_*; the fields below are valid only with their bit
 * @runner: parked worker that was given a job
 * @waiters: decided waiters
 * @leavers: workers cut off the idle stack
 * @dropped: accepted jobs given up
 */
struct wp_dues {
	unsigned long		flags;
	unsigned int		due;
	struct wp_worker	*runner;
	struct list_head	waiters;
	struct list_head	leavers;
	struct list_head	dropped;
};

/**
 * struct wp_tuning - what wp_pool_tune() is to change
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

/* stack.c */
void wp_stack_init(struct wp_stack *stack);
void wp_stack_push(struct wp_stack *stack, struct wp_parked *parked,
		   unsigned long now);
struct wp_parked *wp_stack_pop(struct wp_stack *stack);
void wp_stack_remove(struct wp_stack *stack, struct wp_parked *parked);
struct wp_parked *wp_stack_oldest(struct wp_stack *stack);
int wp_stack_cut_oldest(struct wp_stack *stack, int max, struct list_head *cut);
int wp_stack_cut_stale(struct wp_stack *stack, unsigned long limit, int max,
		       struct list_head *cut);

/* worker.c */
int wp_worker_init(void);
void wp_worker_exit(void);
struct wp_worker *wp_worker_alloc(int node);
struct task_struct *wp_worker_make_thread(struct wp_worker *worker, int node,
					  const char *name);
struct wp_worker *wp_worker_create(struct workpool *pool, unsigned int id);
void wp_worker_free(struct wp_worker *worker);
void wp_worker_wait_none(void);
void wp_worker_post(struct wp_worker *worker, enum wp_order order);
enum wp_order wp_worker_sleep(struct wp_worker *worker, unsigned int state);
struct wp_worker *wp_worker_current(void);

/* cache.c */
extern int wp_cache_limit;
extern struct shrinker *wp_cache_shrinker;

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
void wp_spawn_now(struct workpool *pool);
void wp_spawn_retry(struct workpool *pool);
void wp_spawn_replace(struct workpool *pool);

/* reap.c */
void wp_reap(struct wp_worker *worker);
void wp_reap_exit(void);

/* crash.c */
int wp_crash_init(void);
void wp_crash_exit(void);
int wp_crash_on_die(struct notifier_block *block, unsigned long event,
		    void *data);
void wp_crash_books(struct workpool *pool, struct wp_worker *worker);
void wp_crash_bury(struct workpool *pool, struct wp_worker *worker);
void wp_crash_report(struct workpool *pool, struct wp_worker *dead);
void wp_crash_drop(struct workpool *pool, struct wp_worker *dead);

/* attrs.c */
int wp_attrs_check(const struct workpool_attrs *attrs);
int wp_attrs_copy(struct workpool *pool, const struct workpool_attrs *attrs);
void wp_attrs_name(struct workpool *pool, unsigned int id,
		   char name[TASK_COMM_LEN]);
void wp_attrs_apply(struct workpool *pool, struct wp_worker *worker);

/* pool.c: life of the object and the rules that hold whenever it is unlocked */
struct workpool *wp_pool_alloc(void);
struct workpool *wp_pool_create(struct module *owner, const char *name,
				const struct workpool_attrs *attrs);
void wp_pool_get(struct workpool *pool);
void wp_pool_put(struct workpool *pool);
void wp_pool_unlock_owing(struct workpool *pool, struct wp_dues *dues)
	__releases(&pool->lock);
void wp_pool_balance_locked(struct workpool *pool, struct wp_dues *dues);
void wp_pool_trim_locked(struct workpool *pool, int nr);
void wp_pool_retire_locked(struct workpool *pool, struct wp_worker *worker);
int wp_pool_retire_idle_locked(struct workpool *pool, int nr,
			       struct wp_dues *dues);
int wp_pool_retire_stale_locked(struct workpool *pool, int max,
				struct wp_dues *dues);
void wp_pool_lose_locked(struct workpool *pool, struct wp_worker *worker);
int wp_pool_unneeded_locked(struct workpool *pool);
bool wp_pool_accept_locked(struct workpool *pool, workpool_fn_t fn, void *arg,
			   struct wp_dues *dues);
void wp_pool_push_front_locked(struct workpool *pool, struct wp_job *job,
			       struct wp_dues *dues);
void wp_pool_decide_locked(struct workpool *pool, struct wp_waiter *waiter,
			   int result, struct wp_dues *dues);
void wp_pool_enlist_locked(struct workpool *pool, struct wp_waiter *waiter,
			   bool nested);
void wp_pool_forget_locked(struct workpool *pool, struct wp_waiter *waiter);
void wp_pool_take_locked(struct workpool *pool, struct wp_worker *worker,
			 struct wp_job *job, struct wp_dues *dues);
void wp_pool_hand_locked(struct workpool *pool, struct wp_parked *parked,
			 const struct wp_job *job, struct wp_dues *dues);
void wp_pool_give_up_locked(struct workpool *pool, struct wp_dues *dues);
int wp_pool_busy_locked(struct workpool *pool);

static inline void wp_pool_lock(struct workpool *pool, struct wp_dues *dues)
	__acquires(&pool->lock)
{
	dues->due = 0;
	raw_spin_lock_irqsave(&pool->lock, dues->flags);
}

static inline void wp_pool_unlock(struct workpool *pool, struct wp_dues *dues)
	__releases(&pool->lock)
{
	if (dues->due)
		wp_pool_unlock_owing(pool, dues);
	else
		raw_spin_unlock_irqrestore(&pool->lock, dues->flags);
}

/* member.c: what a worker asks its pool */
bool wp_member_claim(struct workpool *pool, unsigned int *id);
void wp_member_attach(struct workpool *pool, struct wp_worker *worker,
		      unsigned int id, bool adopted);
void wp_member_failed_locked(struct workpool *pool, int err,
			     struct wp_dues *dues);
void wp_member_start_failed(struct workpool *pool, struct wp_worker *worker,
			    int err);
bool wp_member_next(struct workpool *pool, struct wp_worker *worker);

void wp_member_gone(struct workpool *pool, struct wp_worker *worker);

/* reserve.c */
struct wp_chunk;

struct wp_chunk *wp_reserve_alloc(int nr);
int wp_reserve_grow(struct workpool *pool, int capacity);
void wp_reserve_free(struct workpool *pool);
struct wp_job *wp_reserve_take_locked(struct workpool *pool);
void wp_reserve_return_locked(struct workpool *pool, struct wp_job *job);

/* purge.c */
void wp_purge_work(struct work_struct *work);
void wp_purge_arm_locked(struct workpool *pool, struct wp_dues *dues);
void wp_purge_start(struct workpool *pool);

/* tune.c */
int wp_pool_tune(struct workpool *pool, const struct wp_tuning *new,
		 struct wp_tuning *old);

/* release.c */
bool wp_release_is_over(struct workpool *pool);
void wp_release_end(struct workpool *pool);

/* registry.c */
#define WP_POOL_ADDED		1
#define WP_POOL_REMOVED		2

int wp_registry_alloc_id(struct workpool *pool);
bool wp_registry_name_valid(const char *name);
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
