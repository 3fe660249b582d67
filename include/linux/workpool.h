/* SPDX-License-Identifier: GPL-2.0 */
/*
 * workpool: pools of kernel threads with a hard cap on concurrency,
 * back-pressure, runtime administration and containment of crashing tasks.
 *
 * A module that uses it needs WORKPOOL_IMPORT_NS() next to MODULE_LICENSE().
 *
 * All functions use the same errno values. README.md has the table. The comment
 * at the definition of a function, below kernel/, says in which contexts it may
 * be called and what it returns, and explains only what is special to it.
 *
 * A function is __must_check if memory must not be freed after it failed: what
 * its tasks use, or the pool that it made. These are not, although a task may
 * run on after -EDEADLK: workpool_cancel_sync(), workpool_cancel_delayed_sync(),
 * workpool_disable_sync(), workpool_flush(), workpool_flush_delayed(),
 * workpool_flush_pool(), workpool_multi_flush(), workpool_group_cancel_sync().
 * Such a caller would wait for itself: that is a bug of the caller, and a
 * warning reports it. Users of workqueue ignore what cancel_work_sync()
 * returns, which would hang there. Nor are those that do not wait:
 * workpool_cancel(), workpool_cancel_delayed(), workpool_disable(). Whatever they
 * return, the task may still run.
 */
#ifndef _LINUX_WORKPOOL_H
#define _LINUX_WORKPOOL_H

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/processor.h>
#include <linux/timer.h>
#include <linux/types.h>

struct cpumask;
struct device;
struct workpool;
struct workpool_attrs;
struct workpool_crash;
struct workpool_stats;

/**
 * WORKPOOL_VERSION_OF() - a version as a number, to compare it with
 * %WORKPOOL_VERSION
 * @major: its first part
 * @minor: its second part, up to 255
 * @patch: its third part, up to 255
 */
#define WORKPOOL_VERSION_OF(major, minor, patch) \
	(((major) << 16) + ((minor) << 8) + (patch))

/* The version of this header, for #if. */
#define WORKPOOL_VERSION	WORKPOOL_VERSION_OF(0, 1, 0)

/**
 * WORKPOOL_IMPORT_NS() - import the symbol namespace of workpool
 *
 * MODULE_IMPORT_NS() takes an identifier before Linux 6.13 and a string since
 * then. Both write the same modinfo entry.
 */
#define WORKPOOL_IMPORT_NS()	MODULE_INFO(import_ns, "WORKPOOL")

/* A capacity that only the module parameter max_workers limits. */
#define WORKPOOL_UNLIMITED	(-1)

/*
 * A capacity for owners without a better number, as WQ_DFL_ACTIVE of newer
 * kernels. That is 256 in 6.1.
 */
#define WORKPOOL_CAPACITY_DEFAULT	1024

/* Size of a pool's name in bytes, including the final NUL. */
#define WORKPOOL_NAME_MAX	32

/* The largest &workpool_attrs.queue_depth. */
#define WORKPOOL_DEPTH_MAX	1048576

/**
 * typedef workpool_fn_t - function of a task
 * @arg: the argument that the submitter passed
 *
 * Context: Process context, in a worker of the pool. May sleep. Must return
 * with the locks, preempt count and interrupt state it was called with, and
 * leave the thread as it found it: PF_MEMALLOC and its like, credentials,
 * address space, signals, page faults, plug and journal. What it leaves is
 * reported in the kernel log with its name, counted, and undone where possible;
 * locks only while lockdep works. Some of it is only found when the worker
 * sleeps, or, as signals, when it leaves: then an earlier task may be to blame.
 * These may be set from outside as well, by an administrator, and are nobody's
 * fault. What a task sets stays until the worker leaves the pool: policy, nice
 * value, utilization clamp, timer slack, I/O priority, block cgroup, cgroups,
 * CPUs and name of the thread. When the policy or the CPUs of the pool change,
 * those of the thread do. All CPUs that are not isolated are no choice of a
 * task: a thread that has these gets the pool's back.
 */
typedef void (*workpool_fn_t)(void *arg);

/**
 * enum workpool_flags - values for &workpool_attrs.flags
 * @WORKPOOL_F_NONBLOCK: workpool_submit() never waits; it returns -EAGAIN when
 *	the pool is full
 * @WORKPOOL_F_PREALLOC: all workers are started at creation and stay. This
 *	needs a finite capacity, which workpool_tune() refuses to change
 * @WORKPOOL_F_NOPURGE: idle workers stay
 * @WORKPOOL_F_NOADMIN: users of /dev/workpool may look at the pool but not
 *	change it
 * @WORKPOOL_F_FREEZABLE: workers freeze on suspend, between two tasks, and with
 *	them the threads that wait for the pool. Such a thread should not hold a
 *	lock that another thread must take before it can freeze. A task of a
 *	pool without this flag should not wait for a pool that has it: the
 *	threads that wait for that task do not freeze, because they may hold
 *	such a lock, and the suspend would fail. So would it with a kernel
 *	thread that waits for a task which runs in such a pool and is queued to
 *	this one meanwhile. In a suspend or resume callback of a driver, which
 *	runs while the workers are frozen, workpool_cancel_sync(),
 *	workpool_group_cancel(), workpool_group_cancel_sync() and
 *	workpool_parallel_for() do not wait for them, unless a task was frozen
 *	in its middle, also one that waits for the same group. That happens
 *	where it waits for a freezable pool, and where the kernel sleeps
 *	freezably for it: in wait_event_freezable(), in I/O of FUSE or of a
 *	network, in a write to a frozen file system. Do not wait for what a
 *	frozen worker has to do: not in a submit, in a flush of a task, in
 *	workpool_group_wait(), for a release or destroy, nor for the min_workers
 *	of a create or reboot. Pause the pool there. A task that waits for a
 *	group executes its members that are queued first, but for embedded
 *	ones: the suspend waits for them, and fails after 20 s. The flag is not
 *	for freezer cgroups of version 1: while some workers of a pool are in
 *	one that is frozen, its tasks may wait for the thaw, and a worker that
 *	is busy at that moment may keep the cgroup from becoming FROZEN
 * @WORKPOOL_F_NORELEASE: users of /dev/workpool may tune and reboot the pool
 *	but neither release nor pause it. For owners that would lose requests on
 *	-ESHUTDOWN, or whose tasks are needed to resume the pool
 * @WORKPOOL_F_HISTOGRAMS: from its creation on the pool has histograms of how
 *	long its tasks wait and run, its submitters wait, and its workers take to
 *	start. Users of /dev/workpool read them, and switch those of any pool on
 *	and off. They take up to 9 KiB for each possible CPU
 */
enum workpool_flags {
	WORKPOOL_F_NONBLOCK	= 1 << 0,
	WORKPOOL_F_PREALLOC	= 1 << 1,
	WORKPOOL_F_NOPURGE	= 1 << 2,
	WORKPOOL_F_NOADMIN	= 1 << 3,
	WORKPOOL_F_FREEZABLE	= 1 << 4,
	WORKPOOL_F_NORELEASE	= 1 << 5,
	WORKPOOL_F_HISTOGRAMS	= 1 << 6,
};

/**
 * enum workpool_attr_mask - attributes that can change while a pool works
 * @WORKPOOL_ATTR_CAPACITY: &workpool_attrs.capacity
 * @WORKPOOL_ATTR_EXPIRY: &workpool_attrs.expiry_ms
 * @WORKPOOL_ATTR_MAX_BLOCKING: &workpool_attrs.max_blocking
 * @WORKPOOL_ATTR_MIN_WORKERS: &workpool_attrs.min_workers
 * @WORKPOOL_ATTR_NICE: &workpool_attrs.nice
 * @WORKPOOL_ATTR_RT_PRIORITY: &workpool_attrs.rt_priority
 * @WORKPOOL_ATTR_QUEUE_DEPTH: &workpool_attrs.queue_depth
 * @WORKPOOL_ATTR_CPUMASK: &workpool_attrs.cpumask
 *
 * For workpool_set_attrs() and &workpool_attrs.pinned.
 */
enum workpool_attr_mask {
	WORKPOOL_ATTR_CAPACITY		= 1 << 0,
	WORKPOOL_ATTR_EXPIRY		= 1 << 1,
	WORKPOOL_ATTR_MAX_BLOCKING	= 1 << 2,
	WORKPOOL_ATTR_MIN_WORKERS	= 1 << 3,
	WORKPOOL_ATTR_NICE		= 1 << 4,
	WORKPOOL_ATTR_RT_PRIORITY	= 1 << 5,
	WORKPOOL_ATTR_QUEUE_DEPTH	= 1 << 6,
	WORKPOOL_ATTR_CPUMASK		= 1 << 7,
};

/**
 * struct workpool_ops - callbacks of a pool's owner, all optional
 *
 * Callbacks run in process context, without a lock of the pool, and may sleep.
 * What one of them leaves held or switched off is reported, undone and counted
 * as &workpool_stats.leaks, as it is for a task. worker_init and worker_exit
 * may change flags such as those of memalloc_noio_save(). They must not call
 * set_freezable(): WORKPOOL_F_FREEZABLE decides whether the thread freezes.
 *
 * After workpool_release_timeout() or workpool_wait_released() returned 0, and
 * after workpool_destroy() returned, no callback runs and none will be called,
 * after the first two unless the pool is rebooted. An administrator may do that
 * as well, without WORKPOOL_F_NOADMIN, so what callbacks use stays until the
 * pool is destroyed. A pool whose callbacks are in a module that is unloaded is
 * closed for good, with a warning.
 *
 * When a task crashes, worker_exit runs in the thread that it ends. There it
 * must not have a group or an embedded task on its stack, which is warned of.
 */
struct workpool_ops {
	/**
	 * @worker_init: prepare a new worker. It is called in the worker's
	 * thread before the first task. workpool_worker_data() returns what
	 * it stores through @worker_data. After an error the worker leaves
	 * and the error is counted. The start is retried with a growing delay
	 * while the pool needs the worker. During workpool_create() and
	 * workpool_reboot() the error is also theirs: it should not be -EBUSY,
	 * -EALREADY or -EEXIST, which mean something else there.
	 * Return: 0 or a negative errno. What is no errno counts as
	 * -EINVAL.
	 */
	int (*worker_init)(struct workpool *pool, void **worker_data);

	/**
	 * @worker_exit: undo @worker_init. It is called once for each
	 * @worker_init that succeeded, in the worker's thread, even after a
	 * task of the worker crashed. Then a crash of it is the second one of
	 * the thread, which is not contained. The slot of the worker is free
	 * already: the worker_init and tasks of the next one run beside it.
	 */
	void (*worker_exit)(struct workpool *pool, void *worker_data);

	/**
	 * @crash: report that a task crashed. It runs in a live worker, once
	 * for each crash, after the dead thread is gone. Without this callback
	 * a crash is one line in the log. A crash in a callback is always
	 * logged that way, but not the second one of a thread. If a released
	 * pool can start no worker for it, the crash is one line in the log,
	 * too.
	 */
	void (*crash)(struct workpool *pool, const struct workpool_crash *info);
};

/**
 * struct workpool_attrs - attributes of a new pool
 * @capacity: maximum number of workers, > 0, or WORKPOOL_UNLIMITED. 1: the pool
 *	is ordered, as alloc_ordered_workqueue(): one task runs after the other
 * @flags: WORKPOOL_F_*
 * @pinned: WORKPOOL_ATTR_* of attributes that users of /dev/workpool cannot
 *	change. With WORKPOOL_F_NOADMIN they can change none
 * @expiry_ms: idle time in milliseconds after which a worker leaves; 0: 1000
 * @max_blocking: maximum number of waiting submitters; 0: no limit
 * @min_workers: workers that are started at creation and never purged; at most
 *	@capacity. Busy ones count. A worker that still starts does not: an idle
 *	one stays until another one is up
 * @queue_depth: number of calls that are accepted without a free worker, so
 *	that their submitters need not wait; at most %WORKPOOL_DEPTH_MAX. The
 *	memory is allocated at creation. 0: none, every call gets a worker of
 *	its own
 * @nice: nice value of the workers, -20 to 19; WQ_HIGHPRI is -20
 * @rt_priority: 0: SCHED_NORMAL; 1 to 99: SCHED_FIFO at that priority
 * @node: NUMA node for the workers' memory and, without @cpumask, their CPUs;
 *	NUMA_NO_NODE: any
 * @cpumask: CPUs for the workers, copied, isolated or not; a pool whose CPUs are
 *	all offline works elsewhere until one returns. NULL: all CPUs that are
 *	not isolated, neither by isolcpus= or nohz_full= nor, at the time, by a
 *	partition of a cpuset. When a cpuset changes, also that of a pool with
 *	a cpumask, a worker in the middle of a long task may run on others
 *	until an idle worker of any pool wakes up
 * @ops: callbacks, copied; their functions must outlive the pool; may be NULL
 * @fn: function for workpool_invoke(); may be NULL. When its module is unloaded
 *	the pool is closed, as with a callback
 * @data: private data of the owner, see workpool_data()
 */
struct workpool_attrs {
	int capacity;
	unsigned int flags;
	unsigned int pinned;
	int expiry_ms;
	unsigned int max_blocking;
	unsigned int min_workers;
	unsigned int queue_depth;
	int nice;
	unsigned int rt_priority;
	int node;
	const struct cpumask *cpumask;
	const struct workpool_ops *ops;
	workpool_fn_t fn;
	void *data;
};

/**
 * WORKPOOL_ATTRS_INIT() - initializer of a &struct workpool_attrs
 * @cap: the capacity
 *
 * All other attributes get their defaults.
 */
#define WORKPOOL_ATTRS_INIT(cap)	{ .capacity = (cap), .node = NUMA_NO_NODE }

/**
 * enum workpool_crash_kind - how a worker died
 * @WORKPOOL_CRASH_TASK: the task called workpool_task_crash()
 * @WORKPOOL_CRASH_OOPS: an oops or BUG() in the task
 * @WORKPOOL_CRASH_EXIT: the task ended its thread, for example by
 *	kthread_exit(). On an architecture that does not report an oops to die
 *	notifiers, this may also be an oops
 */
enum workpool_crash_kind {
	WORKPOOL_CRASH_TASK = 1,
	WORKPOOL_CRASH_OOPS = 2,
	WORKPOOL_CRASH_EXIT = 3,
};

/**
 * struct workpool_crash - description of a crash
 * @fn: function of the task, or of the loop that it helped, or the callback that
 *	crashed
 * @arg: argument of that. A loop has returned by the time of the report, and
 *	threads that waited for the task have gone on, workpool_cancel_sync() for
 *	example: what ops->crash uses of it must not be freed before the pool
 *	was released or destroyed
 * @kind: how the worker died
 * @reason: argument of workpool_task_crash(), otherwise -EFAULT
 * @ip: WORKPOOL_CRASH_OOPS: the faulting instruction, 0 if not known
 * @trapnr: WORKPOOL_CRASH_OOPS: the architecture's trap number
 * @signr: WORKPOOL_CRASH_OOPS: the signal the kernel chose
 * @worker: number of the worker in its pool
 * @pid: PID of the dead thread
 * @comm: name of the dead thread
 */
struct workpool_crash {
	void *fn;
	void *arg;
	enum workpool_crash_kind kind;
	int reason;
	unsigned long ip;
	int trapnr;
	int signr;
	unsigned int worker;
	pid_t pid;
	char comm[16];
};

/**
 * enum workpool_pausers - values for &workpool_stats.paused
 * @WORKPOOL_PAUSED_BY_OWNER: workpool_pause() was called
 * @WORKPOOL_PAUSED_BY_ADMIN: an administrator paused the pool
 */
enum workpool_pausers {
	WORKPOOL_PAUSED_BY_OWNER	= 1 << 0,
	WORKPOOL_PAUSED_BY_ADMIN	= 1 << 1,
};

/**
 * struct workpool_stats - a consistent snapshot of a pool
 * @capacity: the capacity, or WORKPOOL_UNLIMITED
 * @running: all workers, the sum of @busy, @idle, @searching and @starting
 * @busy: workers executing a task
 * @idle: parked workers, which wait for a task
 * @searching: workers that look for a queued task, or freeze before they do
 * @starting: workers being started
 * @alive: @running, plus threads that are leaving the pool, crashes that are
 *	not reported yet, and tasks on their way to or from another pool; plus
 *	one while a release or a tune still has threads to tell
 * @waiting: submitters that wait for a worker
 * @queued: accepted tasks, and reports of crashes, that no worker has taken yet
 * @delayed: delayed tasks whose timer runs
 * @queue_depth: number of calls that are accepted without a free worker
 * @expiry_ms: idle time in milliseconds after which a worker leaves
 * @max_blocking: maximum number of waiting submitters; 0: no limit
 * @min_workers: number of workers that are never purged
 * @nice: nice value of the workers
 * @rt_priority: 0, or the SCHED_FIFO priority of the workers
 * @peak_running: highest value of @running so far
 * @peak_waiting: highest value of @waiting so far
 * @closed: the pool was released
 * @paused: WORKPOOL_PAUSED_BY_*; 0: tasks may start
 * @generation: number of reboots of the pool
 * @submitted: tasks accepted
 * @completed: tasks that returned
 * @crashes: workers that died in a task or a callback
 * @rejected: submits refused with -EAGAIN or -EBUSY
 * @timedout: submits that failed with -ETIMEDOUT
 * @interrupted: submits that failed with -EINTR
 * @deadlocks: submits, drains, and waits for a task or a group, that ended with
 *	-EDEADLK because they were part of a circle of waits, and flushes of the
 *	pool that returned for that reason
 * @blocked: submits that had to wait
 * @spawned: threads created for the pool
 * @adopted: threads taken from the module's cache
 * @retired: workers that left after worker_init succeeded, other than by a crash
 * @purged: retired workers that had expired
 * @spawn_failures: failed attempts to create a thread
 * @init_failures: workers whose worker_init failed
 * @dropped: accepted tasks that will not run, because a released pool could not
 *	start a worker, because the pool was closed or destroyed before a delayed
 *	task could be queued, because the module of the task was unloaded, or
 *	because a task that crashed had it, or its group, on the stack; and
 *	members that crashed in a task that waited for them
 * @cancelled: tasks cancelled before they ran
 * @fallbacks: submits to a multi that this pool accepted because the pool
 *	chosen first was full or closed
 * @stolen: embedded tasks taken over from another pool of the same multi
 * @spurious_wakeups: times a worker was woken and found nothing to do
 * @leaks: times that tasks or callbacks returned with a lock, preempt count,
 *	interrupts or RCU held, or with their thread changed, see workpool_fn_t
 */
struct workpool_stats {
	int capacity;
	int running;
	int busy;
	int idle;
	int searching;
	int starting;
	int alive;
	int waiting;
	int queued;
	int delayed;
	int expiry_ms;
	unsigned int max_blocking;
	unsigned int min_workers;
	unsigned int queue_depth;
	int nice;
	unsigned int rt_priority;
	int peak_running;
	int peak_waiting;
	bool closed;
	unsigned int paused;
	u64 generation;
	u64 submitted;
	u64 completed;
	u64 crashes;
	u64 rejected;
	u64 timedout;
	u64 interrupted;
	u64 deadlocks;
	u64 blocked;
	u64 spawned;
	u64 adopted;
	u64 retired;
	u64 purged;
	u64 spawn_failures;
	u64 init_failures;
	u64 dropped;
	u64 cancelled;
	u64 fallbacks;
	u64 stolen;
	u64 spurious_wakeups;
	u64 leaks;
};

/*
 * A pool that all modules share.
 *
 * It is created when the module loads, and its capacity is unlimited. Do not
 * release it. A task in it should not wait for another task in it: when
 * all of max_workers do, the youngest wait gets -EDEADLK.
 */
extern struct workpool *workpool_system;

__printf(3, 4) struct workpool * __must_check
__workpool_create(struct module *owner, const struct workpool_attrs *attrs,
		  const char *namefmt, ...);
__printf(4, 5) struct workpool *
__devm_workpool_create(struct device *dev, struct module *owner,
		       const struct workpool_attrs *attrs,
		       const char *namefmt, ...);

/**
 * workpool_create() - create a pool
 * @attrs: attributes of the pool, copied
 * @namefmt: printf format of the name. The name has 1 to WORKPOOL_NAME_MAX - 1
 *	letters, digits and "._-:!", and is unique in the system. It is neither
 *	"." nor "..". Files of debugfs have taken "pools", "multis", "waits" and
 *	"version". A slash becomes "!", as in sysfs
 *
 * With WORKPOOL_F_PREALLOC or min_workers this waits until the first workers
 * are idle.
 *
 * The threads are called wp/NAME-NUMBER. The name of a thread has at most 15
 * letters: the end of a longer NAME is cut, and threads of two pools may be
 * called the same. The file "workers" of a pool in debugfs has their pids.
 *
 * Context: Process context. May sleep.
 * Return: the pool; ERR_PTR() of -EINVAL, -EEXIST, -ENOMEM or the error that
 * occurred when the first workers were started. A pr_debug() line of the module
 * names the attribute or the name behind -EINVAL.
 */
#define workpool_create(attrs, namefmt, ...) \
	__workpool_create(THIS_MODULE, attrs, namefmt, ##__VA_ARGS__)

/**
 * devm_workpool_create() - create a pool that is managed by a device
 * @dev: the device; the pool is destroyed when the device is unbound
 * @attrs: see workpool_create()
 * @namefmt: see workpool_create()
 *
 * A module that goes before the device leaves a closed pool behind, with a
 * warning. Its name is taken, and workpool in use, until the device goes.
 *
 * Context: Process context. May sleep.
 * Return: see workpool_create().
 */
#define devm_workpool_create(dev, attrs, namefmt, ...) \
	__devm_workpool_create(dev, THIS_MODULE, attrs, namefmt, ##__VA_ARGS__)

void workpool_destroy(struct workpool *pool);

int workpool_submit(struct workpool *pool, workpool_fn_t fn, void *arg);
int workpool_submit_timeout(struct workpool *pool, workpool_fn_t fn, void *arg,
			    long timeout_jiffies);
int workpool_try_submit(struct workpool *pool, workpool_fn_t fn, void *arg);
int workpool_invoke(struct workpool *pool, void *arg);

int workpool_tune(struct workpool *pool, int capacity);
int workpool_set_attrs(struct workpool *pool, unsigned int mask,
		       const struct workpool_attrs *attrs,
		       struct workpool_attrs *old, struct cpumask *old_cpus);
int workpool_pause(struct workpool *pool);
int workpool_resume(struct workpool *pool);
void workpool_release(struct workpool *pool);
int __must_check workpool_release_timeout(struct workpool *pool,
					  long timeout_jiffies);
int __must_check workpool_wait_released(struct workpool *pool,
					long timeout_jiffies);
int workpool_reboot(struct workpool *pool);
int __must_check workpool_drain(struct workpool *pool, long timeout_jiffies);
void workpool_flush_pool(struct workpool *pool);
void __workpool_task_crash(int reason);

struct workpool_task;

/**
 * typedef workpool_task_fn_t - function of an embedded task
 * @task: the task; container_of() leads to the object that contains it
 *
 * The function may free the task, queue it again or cancel it. The pool does
 * not touch the task after it called the function.
 *
 * Context: as &typedef workpool_fn_t.
 */
typedef void (*workpool_task_fn_t)(struct workpool_task *task);

struct workpool_member;

/**
 * typedef workpool_member_fn_t - function of an embedded member of a group
 * @member: the member; container_of() leads to the object that contains it
 *
 * The function may free the member, or queue it again with
 * workpool_group_queue(). The pool does not touch it after it called the
 * function.
 *
 * Context: as &typedef workpool_fn_t.
 * Return: 0, or an error, which workpool_group_wait() returns as it is. That
 * returns -EDEADLK, -ETIMEDOUT and -EINTR for reasons of its own, while members
 * still run, so the function should not return these.
 */
typedef int (*workpool_member_fn_t)(struct workpool_member *member);

/* private: an entry in a pool's queue, or in what a worker executes */
struct workpool_node {
	struct list_head entry;
	unsigned int kind;
	u8 color;
};

/**
 * struct workpool_task - a task that is embedded in an object of its owner
 *
 * Queueing a task allocates nothing and does not fail when all workers are
 * busy.
 *
 * A task must not be initialized while it is queued, delayed or running, and
 * must not be freed while it is queued or delayed. CONFIG_DEBUG_OBJECTS reports
 * the former, and CONFIG_DEBUG_OBJECTS_FREE the latter. A task never runs twice
 * at the same time, even when it is queued to several pools in turn.
 */
struct workpool_task {
	/* private: */
	struct workpool_node node;
	atomic_t state;
	u32 last_pool;
	union {
		workpool_task_fn_t fn;
		workpool_member_fn_t member_fn;
	};
	u64 queued_ns;
#ifdef CONFIG_LOCKDEP
	struct lockdep_map lockdep_map;
#endif
};

/**
 * struct workpool_delayed_task - a task that is queued when a timer fires
 * @task: the task, for workpool_flush() and container_of()
 */
struct workpool_delayed_task {
	struct workpool_task task;
	/* private: */
	struct timer_list timer;
	struct workpool *pool;
};

void __workpool_task_init(struct workpool_task *task, workpool_task_fn_t fn,
			  const char *name, struct lock_class_key *key,
			  bool on_stack);
void workpool_delayed_timer(struct timer_list *timer);

/**
 * WORKPOOL_TASK_INIT() - initializer of a static &struct workpool_task
 * @task: the variable
 * @func: its function, a &typedef workpool_task_fn_t
 */
#define WORKPOOL_TASK_INIT(task, func) {				\
	.node.entry = LIST_HEAD_INIT((task).node.entry),		\
	.fn = (func),							\
	__WORKPOOL_TASK_LOCKDEP(task)					\
}

/**
 * DEFINE_WORKPOOL_TASK() - define a &struct workpool_task that is ready for use
 * @name: name of the variable; static may precede the macro
 * @func: its function, a &typedef workpool_task_fn_t
 *
 * In a function it must be static. A task on the stack takes
 * workpool_task_init_onstack() instead, without which it is not dropped when
 * the task that has it there crashes; CONFIG_DEBUG_OBJECTS reports it.
 */
#define DEFINE_WORKPOOL_TASK(name, func) \
	struct workpool_task name = WORKPOOL_TASK_INIT(name, func)

/**
 * DEFINE_WORKPOOL_DELAYED_TASK() - define a &struct workpool_delayed_task
 * @name: name of the variable; static may precede the macro
 * @func: its function, which gets &workpool_delayed_task.task
 */
#define DEFINE_WORKPOOL_DELAYED_TASK(name, func)			\
	struct workpool_delayed_task name = {				\
		.task = WORKPOOL_TASK_INIT((name).task, func),		\
		.timer = __TIMER_INITIALIZER(workpool_delayed_timer,	\
					     TIMER_IRQSAFE),		\
	}

#ifdef CONFIG_LOCKDEP
#define __WORKPOOL_TASK_LOCKDEP(task)					\
	.lockdep_map = STATIC_LOCKDEP_MAP_INIT(#task, &(task)),
#else
#define __WORKPOOL_TASK_LOCKDEP(task)
#endif

#define __workpool_task_setup(task, fn, on_stack) do {			\
	static struct lock_class_key __key;				\
									\
	__workpool_task_init(task, fn, "(task)" #task, &__key, on_stack); \
} while (0)

/**
 * workpool_task_init() - prepare a task
 * @task: the &struct workpool_task
 * @fn: its function, a &typedef workpool_task_fn_t
 *
 * Context: Any.
 */
#define workpool_task_init(task, fn)	__workpool_task_setup(task, fn, false)

/**
 * workpool_task_init_onstack() - prepare a task on the stack
 * @task: the &struct workpool_task
 * @fn: its function, a &typedef workpool_task_fn_t
 *
 * Call workpool_task_destroy_onstack() after the task has run, or was cancelled
 * with workpool_cancel_sync().
 *
 * On the stack of a task of a pool, it is dropped from whichever pool it is in
 * when that task crashes. One that was dropped cannot be queued again. One that
 * runs goes on, and must not use @task. An oops may overwrite the stack before,
 * and the pool with it: a task that may oops must not have others on its stack.
 *
 * Context: Any.
 */
#define workpool_task_init_onstack(task, fn) \
	__workpool_task_setup(task, fn, true)

/**
 * workpool_delayed_task_init() - prepare a delayed task
 * @dtask: the &struct workpool_delayed_task
 * @fn: its function, which gets &workpool_delayed_task.task
 *
 * Context: Any.
 */
#define workpool_delayed_task_init(dtask, fn) do {			\
	struct workpool_delayed_task *__dtask = (dtask);		\
									\
	workpool_task_init(&__dtask->task, fn);				\
	timer_setup(&__dtask->timer, workpool_delayed_timer, TIMER_IRQSAFE); \
} while (0)

/**
 * workpool_delayed_task_init_onstack() - prepare a delayed task on the stack
 * @dtask: the &struct workpool_delayed_task
 * @fn: its function, which gets &workpool_delayed_task.task
 *
 * Call workpool_delayed_task_destroy_onstack() in the end. On the stack of a
 * task of a pool, what workpool_task_init_onstack() says holds for it, too.
 *
 * Context: Any.
 */
#define workpool_delayed_task_init_onstack(dtask, fn) do {		\
	struct workpool_delayed_task *__dtask = (dtask);		\
									\
	workpool_task_init_onstack(&__dtask->task, fn);			\
	timer_setup_on_stack(&__dtask->timer, workpool_delayed_timer,	\
			     TIMER_IRQSAFE);				\
} while (0)

void workpool_task_destroy_onstack(struct workpool_task *task);
void workpool_delayed_task_destroy_onstack(struct workpool_delayed_task *dtask);

int workpool_queue(struct workpool *pool, struct workpool_task *task);
int workpool_queue_front(struct workpool *pool, struct workpool_task *task);
int workpool_queue_batch(struct workpool *pool, struct workpool_task **tasks,
			 unsigned int n);
int workpool_queue_delayed(struct workpool *pool,
			   struct workpool_delayed_task *dtask,
			   unsigned long delay);
int workpool_mod_delayed(struct workpool *pool,
			 struct workpool_delayed_task *dtask,
			 unsigned long delay);
int workpool_cancel(struct workpool_task *task);
int workpool_cancel_sync(struct workpool_task *task);
int workpool_cancel_delayed(struct workpool_delayed_task *dtask);
int workpool_cancel_delayed_sync(struct workpool_delayed_task *dtask);
int workpool_disable(struct workpool_task *task);
int workpool_disable_sync(struct workpool_task *task);
bool workpool_enable(struct workpool_task *task);
bool workpool_flush(struct workpool_task *task);
bool workpool_flush_delayed(struct workpool_delayed_task *dtask);

/**
 * enum workpool_task_busy - what workpool_task_busy() adds up
 * @WORKPOOL_BUSY_PENDING: the task is queued or delayed
 * @WORKPOOL_BUSY_RUNNING: it runs in the pool to which it was queued last
 */
enum workpool_task_busy {
	WORKPOOL_BUSY_PENDING	= 1 << 0,
	WORKPOOL_BUSY_RUNNING	= 1 << 1,
};

bool workpool_task_pending(struct workpool_task *task);
unsigned int workpool_task_busy(struct workpool_task *task);

/**
 * to_workpool_delayed_task() - get the delayed task that contains a task
 * @task: &workpool_delayed_task.task
 *
 * Return: the &struct workpool_delayed_task that contains @task.
 */
static inline struct workpool_delayed_task *
to_workpool_delayed_task(struct workpool_task *task)
{
	return container_of(task, struct workpool_delayed_task, task);
}

/**
 * struct workpool_group - calls and tasks that are waited for together
 *
 * A group is embedded in an object of its owner, or lives on the stack. All its
 * members run in one pool: calls of workpool_group_submit(), and tasks that are
 * embedded in objects, &struct workpool_member. It may be reused when
 * workpool_group_wait() or workpool_group_wait_timeout() has returned another
 * result than -EDEADLK, -ETIMEDOUT and -EINTR, or workpool_group_cancel_sync()
 * another one than -EDEADLK. It must not be freed while members are queued or
 * run, or a thread is in a call with it. It must not be used after its
 * pool was destroyed, not even to wait.
 *
 * On the stack of a task of a pool it dies when that task crashes: members that
 * are queued are dropped, those that run go on, and submitters that wait get
 * -ECANCELED. That holds from an oops on, also while the kernel prints it, for
 * up to 16 tasks that oops at once. Only the task itself may wait for it. If
 * the task may crash, its members must not submit others to the group or cancel
 * it: the memory is not a group any more. A task that returns without having
 * waited, and a member that uses a dead group, are reported with
 * CONFIG_DEBUG_OBJECTS. Nothing finds the group on the stack of another thread:
 * one that may oops must not have it there. An embedded member that was dropped
 * with its group can be queued again, unless it is on that stack itself.
 */
struct workpool_group {
	/* private: */
	struct workpool *pool;
	struct list_head queued;
	struct list_head embedded;
	struct list_head submitters;
	struct list_head waiters;
	unsigned int nr;
	unsigned int stuck;
	int error;
	bool cancelled;
};

/**
 * struct workpool_member - a member of a group that is embedded in an object of
 * its owner
 * @task: the task, for workpool_cancel(), workpool_flush() and their like. It
 *	is only queued with workpool_group_queue(): workpool_queue() refuses it
 *	with a warning
 *
 * As for any &struct workpool_task, queueing it allocates nothing, and it never
 * runs twice at the same time. It belongs to a group from when it is queued
 * until it has run, and may then be queued to another one.
 */
struct workpool_member {
	struct workpool_task task;
	/* private: */
	struct workpool_group *group;
	struct list_head link;
};

/* private: in the state of the task of a member */
#define __WORKPOOL_MEMBER	4

/**
 * WORKPOOL_MEMBER_INIT() - initializer of a static &struct workpool_member
 * @member: the variable
 * @func: its function, a &typedef workpool_member_fn_t
 */
#define WORKPOOL_MEMBER_INIT(member, func) {				\
	.task = {							\
		.node.entry = LIST_HEAD_INIT((member).task.node.entry),	\
		.state = ATOMIC_INIT(__WORKPOOL_MEMBER),		\
		.member_fn = (func),					\
		__WORKPOOL_TASK_LOCKDEP((member).task)			\
	},								\
	.link = LIST_HEAD_INIT((member).link),				\
}

/**
 * DEFINE_WORKPOOL_MEMBER() - define a &struct workpool_member
 * @name: name of the variable; static may precede the macro
 * @func: its function, a &typedef workpool_member_fn_t
 *
 * In a function it must be static. A member on the stack takes
 * workpool_member_init_onstack() instead, as DEFINE_WORKPOOL_TASK() says of
 * tasks.
 */
#define DEFINE_WORKPOOL_MEMBER(name, func) \
	struct workpool_member name = WORKPOOL_MEMBER_INIT(name, func)

void __workpool_member_init(struct workpool_member *member,
			    workpool_member_fn_t fn, const char *name,
			    struct lock_class_key *key, bool on_stack);

#define __workpool_member_setup(member, fn, on_stack) do {		\
	static struct lock_class_key __key;				\
									\
	__workpool_member_init(member, fn, "(member)" #member, &__key,	\
			       on_stack);				\
} while (0)

/**
 * workpool_member_init() - prepare an embedded member
 * @member: the &struct workpool_member
 * @fn: its function, a &typedef workpool_member_fn_t
 *
 * Context: Any.
 */
#define workpool_member_init(member, fn) \
	__workpool_member_setup(member, fn, false)

/**
 * workpool_member_init_onstack() - prepare an embedded member on the stack
 * @member: the &struct workpool_member
 * @fn: its function, a &typedef workpool_member_fn_t
 *
 * Call workpool_member_destroy_onstack() after the member has run or was
 * cancelled, or have a guard(workpool_member_onstack) before the one of its
 * group. What workpool_task_init_onstack() says holds for it, too.
 *
 * Context: Any.
 */
#define workpool_member_init_onstack(member, fn) \
	__workpool_member_setup(member, fn, true)

/**
 * workpool_member_destroy_onstack() - end of an embedded member on the stack
 * @member: prepared with workpool_member_init_onstack()
 *
 * Context: Any.
 */
static inline void workpool_member_destroy_onstack(struct workpool_member *member)
{
	workpool_task_destroy_onstack(&member->task);
}

void workpool_group_init(struct workpool_group *group, struct workpool *pool);
int __must_check workpool_group_submit(struct workpool_group *group,
				       int (*fn)(void *arg), void *arg);
int __must_check workpool_group_queue(struct workpool_group *group,
				      struct workpool_member *member);
int __must_check workpool_group_wait(struct workpool_group *group);
int __must_check workpool_group_wait_timeout(struct workpool_group *group,
					     long timeout_jiffies);
void workpool_group_cancel(struct workpool_group *group);
int workpool_group_cancel_sync(struct workpool_group *group);

int workpool_parallel_for(struct workpool *pool, size_t begin, size_t end,
			  size_t grain,
			  int (*fn)(size_t lo, size_t hi, void *arg),
			  void *arg);

struct workpool_multi;

/**
 * enum workpool_strategy - which pool of a multi gets the next task
 * @WORKPOOL_ROUND_ROBIN: the pools take turns, beginning with the first; see
 *	workpool_multi_queue() for bursts of embedded tasks
 * @WORKPOOL_LEAST_TASKS: the pool with the smallest sum of busy workers, queued
 *	tasks and waiting submitters; pools with equal sums take turns, and one
 *	that is paused comes last
 * @WORKPOOL_LOCAL: the pool of the submitter's CPU. A multi of 0 pools gets one
 *	for each last-level cache where modules can see it, else for each package
 *	or node. A multi of n pools divides the CPUs into n parts of equal size
 */
enum workpool_strategy {
	WORKPOOL_ROUND_ROBIN	= 1,
	WORKPOOL_LEAST_TASKS	= 2,
	WORKPOOL_LOCAL		= 3,
};

/* The largest number of pools in a multi. */
#define WORKPOOL_MULTI_MAX	256

__printf(5, 6) struct workpool_multi * __must_check
__workpool_multi_create(struct module *owner, unsigned int n,
			enum workpool_strategy strategy,
			const struct workpool_attrs *each,
			const char *namefmt, ...);

/**
 * workpool_multi_create() - create several pools with a common interface
 * @n: number of pools, at most %WORKPOOL_MULTI_MAX; 0 is allowed with
 *	WORKPOOL_LOCAL and means the number of last-level caches
 * @strategy: which pool gets the next task
 * @each: attributes of each pool; WORKPOOL_LOCAL divides the cpumask among the
 *	pools
 * @namefmt: printf format of the name; the pools are called NAME.0, NAME.1, ...
 *
 * When one pool cannot be created, those created before it are destroyed.
 *
 * Context: Process context. May sleep.
 * Return: the multi; ERR_PTR() as for workpool_create(), where -EINVAL also
 * stands for a wrong @n or @strategy.
 */
#define workpool_multi_create(n, strategy, each, namefmt, ...)		\
	__workpool_multi_create(THIS_MODULE, n, strategy, each, namefmt, \
				##__VA_ARGS__)

void workpool_multi_destroy(struct workpool_multi *multi);

int workpool_multi_submit(struct workpool_multi *multi, workpool_fn_t fn,
			  void *arg);
int workpool_multi_submit_timeout(struct workpool_multi *multi,
				  workpool_fn_t fn, void *arg,
				  long timeout_jiffies);
int workpool_multi_try_submit(struct workpool_multi *multi, workpool_fn_t fn,
			      void *arg);
int workpool_multi_invoke(struct workpool_multi *multi, void *arg);
int workpool_multi_queue(struct workpool_multi *multi,
			 struct workpool_task *task);

int workpool_multi_tune(struct workpool_multi *multi, int capacity);
void workpool_multi_flush(struct workpool_multi *multi);
int workpool_multi_pause(struct workpool_multi *multi);
int workpool_multi_resume(struct workpool_multi *multi);
void workpool_multi_release(struct workpool_multi *multi);
int __must_check workpool_multi_release_timeout(struct workpool_multi *multi,
						long timeout_jiffies);
int __must_check workpool_multi_wait_released(struct workpool_multi *multi,
					      long timeout_jiffies);
int workpool_multi_reboot(struct workpool_multi *multi);

int workpool_multi_capacity(struct workpool_multi *multi);
int workpool_multi_running(struct workpool_multi *multi);
int workpool_multi_available(struct workpool_multi *multi);
int workpool_multi_waiting(struct workpool_multi *multi);
int workpool_multi_busy(struct workpool_multi *multi);
bool workpool_multi_is_closed(struct workpool_multi *multi);
void workpool_multi_stats(struct workpool_multi *multi,
			  struct workpool_stats *out);
unsigned int workpool_multi_count(struct workpool_multi *multi);
struct workpool *workpool_multi_at(struct workpool_multi *multi, int index);

int workpool_capacity(struct workpool *pool);
int workpool_running(struct workpool *pool);
int workpool_available(struct workpool *pool);
int workpool_waiting(struct workpool *pool);
int workpool_busy(struct workpool *pool);
int workpool_idle(struct workpool *pool);
bool workpool_is_closed(struct workpool *pool);
void workpool_stats(struct workpool *pool, struct workpool_stats *out);
const char *workpool_name(struct workpool *pool);
void *workpool_data(struct workpool *pool);

/*
 * Where the kernel has cleanup.h, which module.h includes, a local variable
 * with __free(workpool_destroy) or __free(workpool_multi_destroy) destroys what
 * it holds when it goes out of scope. It may hold NULL or an ERR_PTR().
 */
#ifdef DEFINE_FREE
static inline void __workpool_free(struct workpool *pool)
{
	if (!IS_ERR_OR_NULL(pool))
		workpool_destroy(pool);
}

static inline void __workpool_multi_free(struct workpool_multi *multi)
{
	if (!IS_ERR_OR_NULL(multi))
		workpool_multi_destroy(multi);
}

DEFINE_FREE(workpool_destroy, struct workpool *, __workpool_free(_T))
DEFINE_FREE(workpool_multi_destroy, struct workpool_multi *,
	    __workpool_multi_free(_T))
#endif

/*
 * guard(workpool_group)(&group) calls workpool_group_cancel_sync() at the end
 * of its scope. So a scope that returns early leaves no member behind, and one
 * that has waited for the group loses nothing. What a member returned is lost in
 * a scope that has not waited. The guard locks nothing: it does nothing at the
 * beginning, and other threads may use the group meanwhile.
 *
 * Cleanups run in reverse order. So whatever has a member of the group must be
 * declared before the guard, also a variable with __free(): one that is declared
 * later is freed while its member is still queued or runs. The group is
 * initialized before as well, and its pool is destroyed later.
 *
 * guard(workpool_member_onstack)(&member) calls
 * workpool_member_destroy_onstack() at the end. For the same reason it comes
 * before the guard of the group:
 *
 *	struct object *object __free(kfree) =
 *		kzalloc(sizeof(*object), GFP_KERNEL);
 *	struct workpool_member member;
 *	struct workpool_group group;
 *
 *	workpool_group_init(&group, pool);
 *	workpool_member_init_onstack(&member, fn);
 *	guard(workpool_member_onstack)(&member);
 *	guard(workpool_group)(&group);
 *
 * From here on a return is safe, with @object->member in the group, too.
 */
#ifdef DEFINE_GUARD
DEFINE_GUARD(workpool_group, struct workpool_group *, (void)0,
	     workpool_group_cancel_sync(_T))
DEFINE_GUARD(workpool_member_onstack, struct workpool_member *, (void)0,
	     workpool_member_destroy_onstack(_T))
#endif

struct workpool *workpool_current(void);
struct workpool_task *workpool_current_task(void);
void *workpool_current_fn(void);
void *workpool_worker_data(void);
bool workpool_should_stop(void);

/**
 * workpool_task_crash() - end a task and its worker, as panic() does in Go
 * @reason: value for &workpool_crash.reason
 *
 * This ends the worker that runs the task like an oops, but without tainting
 * the kernel. Locks that the task holds stay held.
 *
 * The loop is never reached. It is there because objtool does not know noreturn
 * functions of modules.
 *
 * Context: In a task of a pool, where sleeping is allowed. Calling it anywhere
 * else is a bug: it warns, and the caller sleeps forever.
 * Return: Does not return.
 */
static inline void __noreturn workpool_task_crash(int reason)
{
	__workpool_task_crash(reason);
	for (;;)
		cpu_relax();
}

#endif /* _LINUX_WORKPOOL_H */
