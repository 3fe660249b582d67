/* SPDX-License-Identifier: GPL-2.0 */
/*
 * workpool: pools of kernel threads with a hard cap on concurrency,
 * back-pressure, runtime administration and containment of crashing tasks.
 *
 * A module that uses it says WORKPOOL_IMPORT_NS() next to its MODULE_LICENSE().
 * The errno table that every function follows stands in README.md.
 */
#ifndef _LINUX_WORKPOOL_H
#define _LINUX_WORKPOOL_H

#include <linux/module.h>
#include <linux/numa.h>
#include <linux/processor.h>
#include <linux/types.h>

struct cpumask;
struct device;
struct workpool;
struct workpool_attrs;
struct workpool_crash;
struct workpool_stats;

/**
 * WORKPOOL_IMPORT_NS() - import the symbol namespace of workpool
 *
 * MODULE_IMPORT_NS() takes an identifier before Linux 6.13 and a string since;
 * the modinfo entry both of them write is the same everywhere.
 */
#define WORKPOOL_IMPORT_NS()	MODULE_INFO(import_ns, "WORKPOOL")

/* A capacity without limit but the module's max_workers. */
#define WORKPOOL_UNLIMITED	(-1)

/* Bytes of a pool's name, the final NUL included. */
#define WORKPOOL_NAME_MAX	32

/**
 * typedef workpool_fn_t - a task
 * @arg: what the submitter passed
 *
 * Context: Process context, in a worker of the pool. May sleep. Must return
 * with the locks, preempt count and interrupt state it was called with.
 */
typedef void (*workpool_fn_t)(void *arg);

/**
 * enum workpool_flags - what may be set in &workpool_attrs.flags
 * @WORKPOOL_F_NONBLOCK: workpool_submit() never waits, a full pool is -EAGAIN
 * @WORKPOOL_F_PREALLOC: all workers are started at creation and stay; needs a
 *	finite capacity, which workpool_tune() then refuses to change
 * @WORKPOOL_F_NOPURGE: idle workers stay
 * @WORKPOOL_F_NOADMIN: /dev/workpool may look at the pool, not change it
 * @WORKPOOL_F_FREEZABLE: workers freeze on suspend, between two tasks
 */
enum workpool_flags {
	WORKPOOL_F_NONBLOCK	= 1 << 0,
	WORKPOOL_F_PREALLOC	= 1 << 1,
	WORKPOOL_F_NOPURGE	= 1 << 2,
	WORKPOOL_F_NOADMIN	= 1 << 3,
	WORKPOOL_F_FREEZABLE	= 1 << 4,
};

/**
 * struct workpool_ops - callbacks of a pool's owner, all optional
 *
 * None is called with a lock of the pool held; all run in process context and
 * may sleep. When workpool_release_timeout() or workpool_wait_released()
 * returned 0, or workpool_destroy() returned, none runs and none will.
 */
struct workpool_ops {
	/**
	 * @worker_init: prepare a new worker, called in its own thread before
	 * its first task. *worker_data is what workpool_worker_data() returns
	 * later. An error makes the worker leave; it is counted, and the start
	 * is tried again with a growing delay while the pool needs it.
	 * Return: 0 or a negative errno.
	 */
	int (*worker_init)(struct workpool *pool, void **worker_data);

	/**
	 * @worker_exit: undo @worker_init, once for each that succeeded, in
	 * the worker's own thread, also when a task of the worker crashed.
	 */
	void (*worker_exit)(struct workpool *pool, void *worker_data);

	/**
	 * @crash: a task crashed. Runs as a task of a live worker, once for
	 * each crash, after the dead thread is gone. Without it each crash is
	 * one line in the log, and so is a crash in a callback.
	 */
	void (*crash)(struct workpool *pool, const struct workpool_crash *info);
};

/**
 * struct workpool_attrs - how a pool is to be
 * @capacity: workers at most, > 0, or WORKPOOL_UNLIMITED
 * @flags: WORKPOOL_F_*
 * @expiry_ms: milliseconds after which an idle worker leaves; 0: 1000
 * @max_blocking: submitters that may wait at once; 0: no limit
 * @min_workers: workers started at creation and never purged; <= @capacity
 * @nice: nice value of the workers, -20 to 19
 * @rt_priority: 0: SCHED_NORMAL; 1 to 99: SCHED_FIFO at that priority
 * @node: NUMA node for the workers' memory and, without @cpumask, their CPUs;
 *	NUMA_NO_NODE: any
 * @cpumask: CPUs for the workers, copied; NULL: the kernel's housekeeping CPUs
 * @ops: callbacks, must outlive the pool; may be NULL
 * @fn: what workpool_invoke() runs; may be NULL
 * @data: the owner's, see workpool_data()
 */
struct workpool_attrs {
	int capacity;
	unsigned int flags;
	int expiry_ms;
	unsigned int max_blocking;
	unsigned int min_workers;
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
 * Everything else gets its default.
 */
#define WORKPOOL_ATTRS_INIT(cap)	{ .capacity = (cap), .node = NUMA_NO_NODE }

/**
 * enum workpool_crash_kind - how a worker died
 * @WORKPOOL_CRASH_TASK: the task called workpool_task_crash()
 * @WORKPOOL_CRASH_OOPS: an oops or BUG() in the task
 * @WORKPOOL_CRASH_EXIT: the task ended the thread, as kthread_exit() does; on
 *	an architecture whose oopses reach no die notifier, an oops as well
 */
enum workpool_crash_kind {
	WORKPOOL_CRASH_TASK = 1,
	WORKPOOL_CRASH_OOPS = 2,
	WORKPOOL_CRASH_EXIT = 3,
};

/**
 * struct workpool_crash - one crash
 * @fn: the task's function; that of a callback when one of them crashed
 * @arg: the task's argument
 * @kind: how the worker died
 * @reason: what workpool_task_crash() was given; else -EFAULT
 * @ip: WORKPOOL_CRASH_OOPS: the faulting instruction, 0 if not known
 * @trapnr: WORKPOOL_CRASH_OOPS: the architecture's trap number
 * @signr: WORKPOOL_CRASH_OOPS: the signal the kernel picked
 * @worker: number of the worker in its pool
 * @pid: the dead thread
 * @comm: its name
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
 * struct workpool_stats - a consistent snapshot of a pool
 * @capacity: as set; WORKPOOL_UNLIMITED
 * @running: workers: idle, busy and those being started
 * @busy: workers executing a task
 * @idle: workers parked on the expiry stack
 * @starting: workers being started
 * @alive: threads that belong to the pool, also those on their way out
 * @waiting: submitters that wait for a worker
 * @queued: accepted tasks that no worker has taken yet
 * @expiry_ms: milliseconds after which an idle worker leaves
 * @max_blocking: submitters that may wait at once; 0: no limit
 * @min_workers: workers that are never purged
 * @peak_running: most workers at once
 * @peak_waiting: most waiting submitters at once
 * @closed: the pool was released
 * @generation: reboots of the pool
 * @submitted: tasks accepted
 * @completed: tasks that returned
 * @crashes: workers that died in a task or a callback
 * @rejected: submits refused with -EAGAIN or -EBUSY
 * @timedout: submits that gave up with -ETIMEDOUT
 * @interrupted: submits that gave up with -EINTR
 * @deadlocks: submits refused with -EDEADLK
 * @blocked: submits that had to wait
 * @spawned: threads made for the pool
 * @adopted: threads taken from the module's cache
 * @retired: workers that left, for whatever reason but a crash
 * @purged: of these, those that had expired
 * @spawn_failures: threads that could not be made
 * @init_failures: workers whose worker_init failed
 * @dropped: accepted tasks given up because a released pool could start no worker
 * @leaks: tasks that returned with a lock, preempt count, interrupts or RCU held
 * @dormant_rescues: submitters the purge found stranded; always 0
 */
struct workpool_stats {
	int capacity;
	int running;
	int busy;
	int idle;
	int starting;
	int alive;
	int waiting;
	int queued;
	int expiry_ms;
	unsigned int max_blocking;
	unsigned int min_workers;
	int peak_running;
	int peak_waiting;
	bool closed;
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
	u64 leaks;
	u64 dormant_rescues;
};

/*
 * The pool for everybody.
 *
 * Unlimited capacity, created when the module loads. It is shared: do not
 * release it, and do not wait in it for another of its tasks.
 */
extern struct workpool *workpool_system;

__printf(3, 4) struct workpool *
__workpool_create(struct module *owner, const struct workpool_attrs *attrs,
		  const char *namefmt, ...);
__printf(4, 5) struct workpool *
__devm_workpool_create(struct device *dev, struct module *owner,
		       const struct workpool_attrs *attrs,
		       const char *namefmt, ...);

/**
 * workpool_create() - create a pool
 * @attrs: how it is to be; copied
 * @namefmt: printf format of its name: 1 to WORKPOOL_NAME_MAX - 1 letters,
 *	digits and "._-:", unique in the system
 *
 * With WORKPOOL_F_PREALLOC or min_workers it returns when these are idle.
 *
 * Context: Process context. May sleep.
 * Return: the pool, or ERR_PTR() of -EINVAL (attributes or name), -EEXIST (name
 * taken), -ENOMEM, or what starting the first workers failed with.
 */
#define workpool_create(attrs, namefmt, ...) \
	__workpool_create(THIS_MODULE, attrs, namefmt, ##__VA_ARGS__)

/**
 * devm_workpool_create() - create a pool that goes with a device
 * @dev: the device; when it is unbound the pool is destroyed
 * @attrs: see workpool_create()
 * @namefmt: see workpool_create()
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
void workpool_release(struct workpool *pool);
int workpool_release_timeout(struct workpool *pool, long timeout_jiffies);
int workpool_wait_released(struct workpool *pool, long timeout_jiffies);
int workpool_reboot(struct workpool *pool);
int workpool_drain(struct workpool *pool, long timeout_jiffies);
void __workpool_task_crash(int reason);

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

struct workpool *workpool_current(void);
void *workpool_worker_data(void);
bool workpool_should_stop(void);

/**
 * workpool_task_crash() - give up: the cooperative panic()
 * @reason: what &workpool_crash.reason shall say
 *
 * Ends the worker that runs the task, as an oops would, but without taint. Locks
 * the task holds stay held.
 *
 * objtool does not know noreturn functions of modules, hence the loop, which is
 * never reached.
 *
 * Context: In a task of a pool, where it may sleep. Anywhere else it is a bug:
 * the caller, which must not go on, sleeps for ever.
 * Return: Does not return.
 */
static inline void __noreturn workpool_task_crash(int reason)
{
	__workpool_task_crash(reason);
	for (;;)
		cpu_relax();
}

#endif /* _LINUX_WORKPOOL_H */
