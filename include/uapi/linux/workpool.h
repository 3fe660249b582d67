/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * /dev/workpool: look at and administer the pools of the workpool module.
 */
#ifndef _UAPI_LINUX_WORKPOOL_H
#define _UAPI_LINUX_WORKPOOL_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * DOC: General ioctl format
 *
 * Every structure starts with __u32 size. The caller sets it to the size it was
 * compiled with. If the structure is shorter than the kernel's, the kernel
 * treats the missing tail as zero. A longer structure, of up to a page, is
 * accepted if the tail that the kernel does not know is zero. The kernel writes
 * back the part that both sides know. It ignores the input value of a field
 * that is marked "out" only.
 *
 * Reserved fields must be zero.
 *
 * The field id selects a pool, or a multi for MULTI_STAT. If it is 0, the field
 * name does. A command that changes a pool applies all requested changes or
 * none.
 *
 * These errors come from the ioctl interface:
 *
 *  - ENOTTY: The command is unknown.
 *  - E2BIG: The kernel does not know the tail of the structure, and the tail
 *    is not zero, or the structure is longer than a page.
 *  - EOPNOTSUPP: The kernel does not know a bit of the mask, or the pool does
 *    not support the change. The capacity of an unlimited or preallocated pool
 *    and the min_workers of a preallocated pool are fixed.
 *  - EINVAL: The size is too small, a reserved field is not zero, a value is
 *    out of range, a name has no final NUL, or neither id nor name is given.
 *  - EFAULT: The structure, or the array of CPUs, is not accessible memory.
 *  - ENOENT: There is no such pool or multi, or no further pool.
 *  - EPERM: TUNE, RELEASE, REBOOT and PAUSE need CAP_SYS_ADMIN, a file descriptor
 *    that is open for writing, and a pool whose owner allows administration.
 *    MEASURE needs the first two. RELEASE, and the beginning of a PAUSE, are
 *    refused to everyone if the owner does not allow RELEASE.
 *
 * All other errors come from the pool and mean what the table in README.md
 * says. A command below explains only what is special to it.
 *
 * The ioctl type is 0xB9 with numbers 0x00 to 0x1f. It is not registered in the
 * kernel's ioctl-number.rst, where no other user of it is listed.
 */
#define WORKPOOL_IOC_TYPE	0xB9

/* Size of a pool's name in bytes, including the final NUL. */
#define WORKPOOL_IOC_NAME_MAX	32

/* The capacity of an unlimited pool. */
#define WORKPOOL_IOC_UNLIMITED	(-1)

/* The largest value of max_workers, the parameter of the module. */
#define WORKPOOL_IOC_WORKERS_MAX	65536

/* The largest &workpool_ioc_tune.queue_depth. */
#define WORKPOOL_IOC_DEPTH_MAX	1048576

/**
 * enum workpool_ioc_pool_flags - values for &workpool_ioc_stat.flags
 * @WORKPOOL_POOL_NONBLOCK: submits never wait
 * @WORKPOOL_POOL_PREALLOC: all workers exist from the start
 * @WORKPOOL_POOL_NOPURGE: idle workers stay
 * @WORKPOOL_POOL_NOADMIN: the owner does not allow administration
 * @WORKPOOL_POOL_FREEZABLE: workers freeze on suspend
 * @WORKPOOL_POOL_NORELEASE: the owner allows neither WORKPOOL_IOC_RELEASE nor the
 *	beginning of a WORKPOOL_IOC_PAUSE
 * @WORKPOOL_POOL_HISTOGRAMS: the owner had the pool measured from the start
 * @WORKPOOL_POOL_CLOSED: the pool was released and not rebooted since
 * @WORKPOOL_POOL_PAUSED_BY_OWNER: the owner has paused the pool
 * @WORKPOOL_POOL_PAUSED_BY_ADMIN: an administrator has paused the pool
 * @WORKPOOL_POOL_MEASURED: the pool has histograms now, see WORKPOOL_IOC_MEASURE
 */
enum workpool_ioc_pool_flags {
	WORKPOOL_POOL_NONBLOCK	= 1 << 0,
	WORKPOOL_POOL_PREALLOC	= 1 << 1,
	WORKPOOL_POOL_NOPURGE	= 1 << 2,
	WORKPOOL_POOL_NOADMIN	= 1 << 3,
	WORKPOOL_POOL_FREEZABLE	= 1 << 4,
	WORKPOOL_POOL_NORELEASE	= 1 << 5,
	WORKPOOL_POOL_HISTOGRAMS	= 1 << 6,
	WORKPOOL_POOL_CLOSED	= 1 << 16,
	WORKPOOL_POOL_PAUSED_BY_OWNER	= 1 << 17,
	WORKPOOL_POOL_PAUSED_BY_ADMIN	= 1 << 18,
	WORKPOOL_POOL_MEASURED	= 1 << 19,
};

/**
 * enum workpool_ioc_strategy - values for &workpool_ioc_stat.strategy
 * @WORKPOOL_STRATEGY_ROUND_ROBIN: the pools take turns
 * @WORKPOOL_STRATEGY_LEAST_TASKS: the pool with the fewest tasks is next
 * @WORKPOOL_STRATEGY_LOCAL: the pool of the submitter's CPU is next
 */
enum workpool_ioc_strategy {
	WORKPOOL_STRATEGY_ROUND_ROBIN	= 1,
	WORKPOOL_STRATEGY_LEAST_TASKS	= 2,
	WORKPOOL_STRATEGY_LOCAL		= 3,
};

/**
 * struct workpool_ioc_info - WORKPOOL_IOC_INFO: the module
 * @size: sizeof(struct workpool_ioc_info)
 * @nr_pools: out: number of pools
 * @max_workers: out: number of workers an unlimited pool may have, 1 to
 *	WORKPOOL_IOC_WORKERS_MAX
 * @mailbox_depth: out: 0 if submitters yield the CPU after a hand-off, which
 *	they do if only one CPU was online when the module was loaded; else 1
 * @cache_size: out: maximum number of threads in the module's cache
 * @cached: out: number of threads in the cache now
 * @features: out: 0, no feature is defined yet
 * @version: out: version of the module, NUL-terminated
 */
struct workpool_ioc_info {
	__u32 size;
	__u32 nr_pools;
	__u32 max_workers;
	__u32 mailbox_depth;
	__u32 cache_size;
	__u32 cached;
	__aligned_u64 features;
	char version[16];
};

#define WORKPOOL_IOC_INFO	_IO(WORKPOOL_IOC_TYPE, 0)

/**
 * struct workpool_ioc_next - WORKPOOL_IOC_NEXT: the next pool by id
 * @size: sizeof(struct workpool_ioc_next)
 * @id: in: 0, or an id; out: the next greater id in use
 * @name: out: name of the pool with that id
 */
struct workpool_ioc_next {
	__u32 size;
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
};

#define WORKPOOL_IOC_NEXT	_IO(WORKPOOL_IOC_TYPE, 1)

/**
 * struct workpool_ioc_stat - WORKPOOL_IOC_STAT: a consistent snapshot of a pool
 * @size: sizeof(struct workpool_ioc_stat)
 * @id: in: id of the pool, or 0; out: its id
 * @name: in: name of the pool if @id is 0; out: its name
 * @owner: out: name of the module that created the pool
 * @flags: out: WORKPOOL_POOL_*
 * @capacity: out: maximum number of workers, or WORKPOOL_IOC_UNLIMITED
 * @available: out: @capacity - @running, never negative; -1 if unlimited; 0 while
 *	the pool is paused
 * @running: out: all workers, the sum of @busy, @idle, @searching and @starting
 * @busy: out: workers executing a task
 * @idle: out: parked workers, which wait for a task
 * @starting: out: workers being started
 * @alive: out: @running, plus threads that are leaving the pool, crashes that
 *	are not reported yet, and tasks on their way to or from another pool;
 *	plus one while a release or a tune still has threads to tell
 * @waiting: out: submitters that wait for a worker
 * @queued: out: accepted tasks, and reports of crashes, that no worker has taken
 *	yet
 * @expiry_ms: out: idle time in milliseconds after which a worker leaves
 * @max_blocking: out: maximum number of waiting submitters; 0: no limit
 * @min_workers: out: number of workers that are never purged
 * @peak_running: out: highest value of @running so far
 * @peak_waiting: out: highest value of @waiting so far
 * @nice: out: nice value of the workers
 * @rt_priority: out: 0, or the SCHED_FIFO priority of the workers
 * @pinned: out: WORKPOOL_TUNE_* of what the owner does not let TUNE change; 0 from a
 *	module that does not know it
 * @generation: out: number of reboots
 * @submitted: out: tasks accepted
 * @completed: out: tasks that returned
 * @crashes: out: workers that died in a task or a callback
 * @rejected: out: submits refused because of overload
 * @timedout: out: submits that timed out
 * @interrupted: out: submits whose submitter was killed while it waited
 * @deadlocks: out: submits, drains, flushes of the pool, and waits for a task or
 *	a group, that would have waited for ever
 * @blocked: out: submits that had to wait
 * @spawned: out: threads created
 * @adopted: out: threads taken from the module's cache
 * @retired: out: workers that left after worker_init succeeded, other than by a
 *	crash
 * @purged: out: retired workers that had expired
 * @spawn_failures: out: failed attempts to create a thread
 * @init_failures: out: workers whose worker_init failed
 * @dropped: out: accepted tasks that will not run, see &struct workpool_stats
 * @leaks: out: times that tasks or callbacks returned with a lock, preempt
 *	count, interrupts or RCU held, or with their thread changed, see
 *	workpool_fn_t of the kernel API
 * @delayed: out: delayed tasks whose timer runs
 * @queue_depth: out: number of calls that are accepted without a free worker
 * @cancelled: out: tasks cancelled before they ran
 * @spurious_wakeups: out: times a worker was woken and found nothing to do
 * @multi_id: out: number of the multi that it is a part of, or 0
 * @multi_index: out: index of the pool in the multi, from 0
 * @multi: out: name of the multi, or empty
 * @fallbacks: out: submits to the multi that this pool accepted because the
 *	pool chosen first was full or closed
 * @stolen: out: embedded tasks taken over from another pool of the multi
 * @searching: out: workers that look for a queued task, or freeze before
 * @strategy: out: strategy of the multi, or 0
 * @nr_pools: out: number of pools in the multi, or 0
 * @reserved2: out: 0
 *
 * @delayed and the fields after it were added later. A caller with a shorter
 * structure gets the fields before them.
 *
 * The answer of WORKPOOL_IOC_MULTI_STAT has the same structure and describes a
 * multi. @id and @name are those of the multi there, in and out. The other
 * fields have these rules:
 *
 *  - @waiting: Submitters that wait for any pool of the multi count once.
 *    Submitters that wait for one of its pools are added.
 *  - @peak_running: The sum of the pools' peaks. The pools need not have reached
 *    them at the same time.
 *  - @peak_waiting: The highest peak of a pool.
 *  - @flags: The flags of the first pool, which are those of each pool.
 *    WORKPOOL_POOL_CLOSED means that all pools are closed,
 *    WORKPOOL_POOL_PAUSED_BY_* that all are paused so, and
 *    WORKPOOL_POOL_MEASURED that all are measured.
 *  - @owner, @pinned: Those of the first pool, which are those of each pool.
 *  - @expiry_ms, @max_blocking, @nice, @rt_priority, @generation: Those of the
 *    first pool. An administrator may change those of each pool.
 *  - @multi_id, @multi: As @id and @name.
 *  - @multi_index: 0.
 *  - @capacity, @available: The sum, or -1 if the pools are unlimited.
 *  - @nr_pools: The number of pools. @strategy: That of the multi.
 *  - All other numbers: The sum.
 *
 * A task that one pool takes over from another during the call counts once, if
 * the pools do not do that all the time.
 */
struct workpool_ioc_stat {
	__u32 size;
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
	char owner[56];
	__u32 flags;
	__s32 capacity;
	__s32 available;
	__u32 running;
	__u32 busy;
	__u32 idle;
	__u32 starting;
	__u32 alive;
	__u32 waiting;
	__u32 queued;
	__u32 expiry_ms;
	__u32 max_blocking;
	__u32 min_workers;
	__u32 peak_running;
	__u32 peak_waiting;
	__s32 nice;
	__u32 rt_priority;
	__u32 pinned;
	__aligned_u64 generation;
	__aligned_u64 submitted;
	__aligned_u64 completed;
	__aligned_u64 crashes;
	__aligned_u64 rejected;
	__aligned_u64 timedout;
	__aligned_u64 interrupted;
	__aligned_u64 deadlocks;
	__aligned_u64 blocked;
	__aligned_u64 spawned;
	__aligned_u64 adopted;
	__aligned_u64 retired;
	__aligned_u64 purged;
	__aligned_u64 spawn_failures;
	__aligned_u64 init_failures;
	__aligned_u64 dropped;
	__aligned_u64 leaks;
	__u32 delayed;
	__u32 queue_depth;
	__aligned_u64 cancelled;
	__aligned_u64 spurious_wakeups;
	__u32 multi_id;
	__u32 multi_index;
	char multi[WORKPOOL_IOC_NAME_MAX];
	__aligned_u64 fallbacks;
	__aligned_u64 stolen;
	__u32 searching;
	__u32 strategy;
	__u32 nr_pools;
	__u32 reserved2;
};

#define WORKPOOL_IOC_STAT	_IO(WORKPOOL_IOC_TYPE, 2)

/* The pools of a multi together. The argument is a struct workpool_ioc_stat. */
#define WORKPOOL_IOC_MULTI_STAT	_IO(WORKPOOL_IOC_TYPE, 6)

/**
 * enum workpool_ioc_tune_mask - values for &workpool_ioc_tune.mask
 * @WORKPOOL_TUNE_CAPACITY: &workpool_ioc_tune.capacity
 * @WORKPOOL_TUNE_EXPIRY: &workpool_ioc_tune.expiry_ms
 * @WORKPOOL_TUNE_MAX_BLOCKING: &workpool_ioc_tune.max_blocking
 * @WORKPOOL_TUNE_MIN_WORKERS: &workpool_ioc_tune.min_workers
 * @WORKPOOL_TUNE_NICE: &workpool_ioc_tune.nice
 * @WORKPOOL_TUNE_RT_PRIORITY: &workpool_ioc_tune.rt_priority
 * @WORKPOOL_TUNE_QUEUE_DEPTH: &workpool_ioc_tune.queue_depth
 * @WORKPOOL_TUNE_CPUS: &workpool_ioc_tune.own_cpus and, if that is 1,
 *	&workpool_ioc_tune.cpus
 */
enum workpool_ioc_tune_mask {
	WORKPOOL_TUNE_CAPACITY		= 1 << 0,
	WORKPOOL_TUNE_EXPIRY		= 1 << 1,
	WORKPOOL_TUNE_MAX_BLOCKING	= 1 << 2,
	WORKPOOL_TUNE_MIN_WORKERS	= 1 << 3,
	WORKPOOL_TUNE_NICE		= 1 << 4,
	WORKPOOL_TUNE_RT_PRIORITY	= 1 << 5,
	WORKPOOL_TUNE_QUEUE_DEPTH	= 1 << 6,
	WORKPOOL_TUNE_CPUS		= 1 << 7,
};

/**
 * struct workpool_ioc_tune - WORKPOOL_IOC_TUNE: change a running pool
 * @size: sizeof(struct workpool_ioc_tune)
 * @id: in: id of the pool, or 0; out: its id
 * @name: in: name of the pool if @id is 0; out: its name
 * @mask: in: WORKPOOL_TUNE_* of the fields to set; 0 only reads them
 * @capacity: in: maximum number of workers, > 0; out: the old value
 * @expiry_ms: in: idle time after which a worker leaves, 1 to 2147483647
 *	milliseconds; 0: the default of 1000; out: the old value
 * @max_blocking: in: maximum number of waiting submitters, 0: no limit;
 *	out: the old value
 * @min_workers: in: number of workers that are never purged, at most the
 *	capacity; in an unlimited pool at most max_workers of INFO;
 *	out: the old value
 * @reserved: zero
 * @nice: in: nice value of the workers, -20 to 19; out: the old value
 * @rt_priority: in: 0, or 1 to 99: the SCHED_FIFO priority of the workers;
 *	out: the old value
 * @queue_depth: in: number of calls that are accepted without a free worker, 0 to
 *	WORKPOOL_IOC_DEPTH_MAX; out: the old value
 * @own_cpus: in: 1: the workers get @cpus, of which one must be online; 0: those
 *	with which the pool was created; out: 1 if they had others than these
 * @cpus: in: 0, or address of an array of __u64, in which bit N % 64 of element
 *	N / 64 stands for CPU N. The CPUs that the pool had are written there, also
 *	if WORKPOOL_TUNE_CPUS is not in @mask
 * @cpus_size: in: its size in bytes: a multiple of 8 with a bit for each CPU that
 *	the machine may have, of a page at most; 0 if there is none
 * @reserved2: zero
 *
 * Fields that are not in @mask must be zero. All of them are written back.
 * @nice and the fields after it were added later.
 *
 * EPERM also means that the owner pinned one of the values, see
 * &workpool_ioc_stat.pinned, or that CAP_SYS_NICE is missing, which an
 * rt_priority above 0 and a nice value below 0 need.
 */
struct workpool_ioc_tune {
	__u32 size;
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
	__u32 mask;
	__s32 capacity;
	__u32 expiry_ms;
	__u32 max_blocking;
	__u32 min_workers;
	__u32 reserved;
	__s32 nice;
	__u32 rt_priority;
	__u32 queue_depth;
	__u32 own_cpus;
	__aligned_u64 cpus;
	__u32 cpus_size;
	__u32 reserved2;
};

#define WORKPOOL_IOC_TUNE	_IO(WORKPOOL_IOC_TYPE, 3)

/* A timeout_ns without a limit. The wait is killable, and freezes on suspend. */
#define WORKPOOL_TIMEOUT_MAX	(~(__u64)0)

/**
 * struct workpool_ioc_release - WORKPOOL_IOC_RELEASE: close a pool
 * @size: sizeof(struct workpool_ioc_release)
 * @id: in: id of the pool, or 0; out: its id
 * @name: in: name of the pool if @id is 0; out: its name
 * @timeout_ns: in: nanoseconds to wait for the last worker; 0: do not wait;
 *	WORKPOOL_TIMEOUT_MAX: no limit
 * @alive: out: threads of the pool that are left
 * @busy: out: threads of @alive that execute a task
 *
 * @alive and @busy are written back on success, ETIMEDOUT and EINTR.
 *
 * If @timeout_ns is 0, a pool that is already closed is not an error. Otherwise
 * ESHUTDOWN means that the pool was closed and empty before the call.
 */
struct workpool_ioc_release {
	__u32 size;
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
	__aligned_u64 timeout_ns;
	__u32 alive;
	__u32 busy;
};

#define WORKPOOL_IOC_RELEASE	_IO(WORKPOOL_IOC_TYPE, 4)

/**
 * struct workpool_ioc_reboot - WORKPOOL_IOC_REBOOT: open a closed pool again
 * @size: sizeof(struct workpool_ioc_reboot)
 * @id: in: id of the pool, or 0; out: its id
 * @name: in: name of the pool if @id is 0; out: its name
 * @generation: out: number of reboots, including this one
 *
 * The wait for the first workers is killable, and freezes on suspend. A caller
 * that is killed leaves the pool closed.
 */
struct workpool_ioc_reboot {
	__u32 size;
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
	__aligned_u64 generation;
};

#define WORKPOOL_IOC_REBOOT	_IO(WORKPOOL_IOC_TYPE, 5)

/**
 * struct workpool_ioc_pause - WORKPOOL_IOC_PAUSE: pause or resume a pool
 * @size: sizeof(struct workpool_ioc_pause)
 * @id: in: id of the pool, or 0; out: its id
 * @name: in: name of the pool if @id is 0; out: its name
 * @pause: in: 1: pause; 0: resume
 * @paused: out: WORKPOOL_POOL_PAUSED_BY_* of the pauses that the pool has now
 * @busy: out: threads that execute a task
 * @reserved: zero
 *
 * A paused pool starts no tasks. Those that run go on; the command does not
 * wait for them. For submitters the pool is full. Pausing a paused pool, or
 * resuming one that is not paused, is no error. The owner's own pause is not
 * touched. Closing the pool ends both.
 */
struct workpool_ioc_pause {
	__u32 size;
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
	__u32 pause;
	__u32 paused;
	__u32 busy;
	__u32 reserved;
};

#define WORKPOOL_IOC_PAUSE	_IO(WORKPOOL_IOC_TYPE, 7)

/**
 * DOC: Events
 *
 * read() of the device gives records of what happens to the pools. A file
 * begins to collect them with its first read() or poll(), or with
 * WORKPOOL_IOC_EVENTS, which also chooses among them. Permission to read the
 * device is enough.
 *
 * A read() gives as many whole records as fit. It waits for the first one; with
 * O_NONBLOCK it fails with EAGAIN instead. If the buffer is too small for the
 * next record it fails with EINVAL, and the record stays.
 *
 * Each record is a &struct workpool_event. Its size says where the next one
 * begins, and is a multiple of 8. What follows the header depends on the type,
 * see &struct workpool_event.u. A later version may have further types, and
 * further fields behind those of a type: skip what you do not know. No record
 * is ever longer than %WORKPOOL_EVENT_SIZE_MAX. All numbers of processes and
 * users are those of the initial namespaces.
 *
 * At least 256 records are kept for a file that is not read. Those that come
 * when there is no room are lost. So are some of those that come faster than
 * they are told, of whichever pools and types. Where they were is a record of
 * the type %WORKPOOL_EVENT_LOST, which says how many. That type cannot be left
 * out.
 *
 * A file that has chosen one pool comes to its end when the pool is destroyed.
 * After the last record read() returns 0, and poll() says POLLHUP.
 */

/* No record is longer than that, of any version. */
#define WORKPOOL_EVENT_SIZE_MAX	512

/* Size of a function's name in bytes, including the final NUL. */
#define WORKPOOL_EVENT_FUNCTION_MAX	96

/**
 * enum workpool_event_type - values for &workpool_event.type
 * @WORKPOOL_EVENT_LOST: records were lost, of any pool
 * @WORKPOOL_EVENT_CREATED: the pool was created, and is open
 * @WORKPOOL_EVENT_DESTROYED: the pool is gone. No other event of it follows
 * @WORKPOOL_EVENT_RELEASED: the open pool was closed
 * @WORKPOOL_EVENT_CLOSED: no thread of a closed pool is left
 * @WORKPOOL_EVENT_REBOOTED: the closed pool is open again
 * @WORKPOOL_EVENT_TUNED: the pool was tuned
 * @WORKPOOL_EVENT_PAUSED: a pause began, that of the owner or that of an
 *	administrator
 * @WORKPOOL_EVENT_RESUMED: one of them ended. When a release ends them there is
 *	no such event
 * @WORKPOOL_EVENT_OVERLOADED: a submitter found the pool full: it waits, or was
 *	refused with EAGAIN or EBUSY. It does not matter why the pool is full,
 *	so a pause can be the reason. There is no further such event before the
 *	pool is relieved
 * @WORKPOOL_EVENT_RELIEVED: the overload is over: nobody waits, the pool has
 *	room, and for a second at least no submitter found it full. A release
 *	ends it at once. A file that begins to collect events in the middle of
 *	an overload may get only this one
 * @WORKPOOL_EVENT_CRASHED: a task, or a callback of the owner, crashed
 * @WORKPOOL_EVENT_START_FAILED: a worker could not be started. It is tried
 *	again after a delay, while it is needed
 * @WORKPOOL_EVENT_DROPPED: tasks will not run, see &workpool_ioc_stat.dropped
 */
enum workpool_event_type {
	WORKPOOL_EVENT_LOST		= 0,
	WORKPOOL_EVENT_CREATED		= 1,
	WORKPOOL_EVENT_DESTROYED	= 2,
	WORKPOOL_EVENT_RELEASED		= 3,
	WORKPOOL_EVENT_CLOSED		= 4,
	WORKPOOL_EVENT_REBOOTED		= 5,
	WORKPOOL_EVENT_TUNED		= 6,
	WORKPOOL_EVENT_PAUSED		= 7,
	WORKPOOL_EVENT_RESUMED		= 8,
	WORKPOOL_EVENT_OVERLOADED	= 9,
	WORKPOOL_EVENT_RELIEVED		= 10,
	WORKPOOL_EVENT_CRASHED		= 11,
	WORKPOOL_EVENT_START_FAILED	= 12,
	WORKPOOL_EVENT_DROPPED		= 13,
};

/**
 * struct workpool_ioc_events - WORKPOOL_IOC_EVENTS: choose the events to read
 * @size: sizeof(struct workpool_ioc_events)
 * @id: in: id of the only pool, or 0; out: its id, or 0
 * @name: in: name of the only pool if @id is 0, or empty: all pools; out: its
 *	name, or empty
 * @types: in: a bit 1 << WORKPOOL_EVENT_* for each type, or 0: all types; out:
 *	the types that were chosen
 * @flags: zero
 * @reserved: zero
 *
 * The file collects these events from now on, instead of what it collected
 * before. What it has already stays. A name stands for the pool that has it
 * now.
 *
 * EBADF means that the file is not open for reading, and EINVAL also that
 * @types has a bit that the kernel does not know.
 */
struct workpool_ioc_events {
	__u32 size;
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
	__aligned_u64 types;
	__u32 flags;
	__u32 reserved;
};

#define WORKPOOL_IOC_EVENTS	_IO(WORKPOOL_IOC_TYPE, 8)

/**
 * struct workpool_ioc_measure - WORKPOOL_IOC_MEASURE: switch the histograms of a
 *	pool
 * @size: sizeof(struct workpool_ioc_measure)
 * @id: in: id of the pool, or 0; out: its id
 * @name: in: name of the pool if @id is 0; out: its name
 * @on: in: 1: measure the pool from now on; 0: stop, and forget what was measured
 * @was_on: out: 1: the pool was measured before; 0: it was not
 *
 * While a pool is measured it takes up to 9 KiB for each possible CPU, and each
 * of its tasks takes a little longer. So do, by less, the tasks of the others:
 * the code is switched for all pools at once. Measuring a pool that is measured already is no
 * error, and changes nothing. Nobody else is asked when a pool is not measured
 * any more: a program switches off only what it switched on. The owner need not
 * allow administration, as nothing changes for the tasks.
 *
 * ENOMEM means that there is no memory for the histograms.
 */
struct workpool_ioc_measure {
	__u32 size;
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
	__u32 on;
	__u32 was_on;
};

#define WORKPOOL_IOC_MEASURE	_IO(WORKPOOL_IOC_TYPE, 9)

/**
 * enum workpool_ioc_latency_kind - values for &workpool_ioc_latency.kind
 * @WORKPOOL_LATENCY_WAIT: from the time that a task was accepted until it began.
 *	A delayed task is accepted when its time has come, and one that was
 *	queued while it ran in a closed pool when that run has ended
 * @WORKPOOL_LATENCY_RUN: from then until it ended. A task that crashed is left
 *	out. What a task runs while it waits for a group counts on its own, too
 * @WORKPOOL_LATENCY_BLOCKED: how long a submitter waited for the pool, until it
 *	was accepted, was refused or gave up. One that waits for any pool of a
 *	multi counts in the pool that accepted or refused it, from the time that
 *	it waited there; if it gives up, it counts in none
 * @WORKPOOL_LATENCY_START: from the time that a worker was found to be needed
 *	until it was ready, with the starts that failed in between, but not those
 *	that crashed
 */
enum workpool_ioc_latency_kind {
	WORKPOOL_LATENCY_WAIT		= 0,
	WORKPOOL_LATENCY_RUN		= 1,
	WORKPOOL_LATENCY_BLOCKED	= 2,
	WORKPOOL_LATENCY_START		= 3,
};

/*
 * The number of buckets of a histogram. It never changes: neither do they. The
 * first one has what is shorter than 512 ns, the last one what takes 2^42 ns,
 * which is 73 minutes, or longer. Each power of two between them is divided
 * into eight of the same width, so none is wider than 12.5 % of where it begins.
 */
#define WORKPOOL_LATENCY_BUCKETS	266

/* Nanoseconds of the shortest sample in bucket nr, from 0. */
#define WORKPOOL_LATENCY_FROM_NS(nr)					\
	((nr) ? (__u64)(8 + ((nr) - 1) % 8) << (((nr) - 1) / 8 + 6) : 0)

/**
 * struct workpool_ioc_latency - WORKPOOL_IOC_LATENCY: read a histogram of a pool
 * @size: sizeof(struct workpool_ioc_latency)
 * @id: in: id of the pool, or 0; out: its id
 * @name: in: name of the pool if @id is 0; out: its name
 * @kind: in: WORKPOOL_LATENCY_*
 * @reserved: zero
 * @since_ns: out: CLOCK_MONOTONIC when the pool began to be measured; 0: it is
 *	not measured, and all counts are 0
 * @count: out: number of samples
 * @sum_ns: out: all of them added up
 * @max_ns: out: the longest one
 * @buckets: in: 0, or address of an array of __u64, which gets the number of
 *	samples in each bucket
 * @nr_buckets: in: its length, or 0 without an array. Buckets for which there is
 *	no room are left out, and there are no more than
 *	%WORKPOOL_LATENCY_BUCKETS; out: so many were written
 * @reserved2: zero
 *
 * What was accepted, began or was needed before the pool was measured is not
 * counted when it ends. A file descriptor that is open is enough.
 */
struct workpool_ioc_latency {
	__u32 size;
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
	__u32 kind;
	__u32 reserved;
	__aligned_u64 since_ns;
	__aligned_u64 count;
	__aligned_u64 sum_ns;
	__aligned_u64 max_ns;
	__aligned_u64 buckets;
	__u32 nr_buckets;
	__u32 reserved2;
};

#define WORKPOOL_IOC_LATENCY	_IO(WORKPOOL_IOC_TYPE, 10)

/**
 * enum workpool_event_by - values for &workpool_event_actor.by
 * @WORKPOOL_BY_OWNER: the module that created the pool
 * @WORKPOOL_BY_ADMIN: an administrator, through the device
 */
enum workpool_event_by {
	WORKPOOL_BY_OWNER	= 0,
	WORKPOOL_BY_ADMIN	= 1,
};

/**
 * struct workpool_event_actor - the thread that did it
 * @by: WORKPOOL_BY_*
 * @pid: the process; 0: an interrupt
 * @uid: its user
 * @reserved: 0
 * @comm: name of the thread; empty: an interrupt
 */
struct workpool_event_actor {
	__u32 by;
	__s32 pid;
	__u32 uid;
	__u32 reserved;
	char comm[16];
};

/**
 * struct workpool_event_lost - behind the header of WORKPOOL_EVENT_LOST
 * @count: so many records. Some may be of types or pools that were not chosen
 */
struct workpool_event_lost {
	__aligned_u64 count;
};

/**
 * struct workpool_event_created - behind the header of WORKPOOL_EVENT_CREATED
 * @owner: name of the module that created the pool
 * @flags: WORKPOOL_POOL_*
 * @capacity: maximum number of workers, or WORKPOOL_IOC_UNLIMITED
 */
struct workpool_event_created {
	char owner[56];
	__u32 flags;
	__s32 capacity;
};

/**
 * struct workpool_event_released - behind the header of WORKPOOL_EVENT_RELEASED
 * @actor: the one that closed the pool
 * @destroyed: 1: the owner destroys it; 0: it may be rebooted
 * @alive: threads of the pool that are left
 */
struct workpool_event_released {
	struct workpool_event_actor actor;
	__u32 destroyed;
	__u32 alive;
};

/**
 * struct workpool_event_rebooted - behind the header of WORKPOOL_EVENT_REBOOTED
 * @actor: the one that opened the pool
 * @generation: number of reboots, including this one
 */
struct workpool_event_rebooted {
	struct workpool_event_actor actor;
	__aligned_u64 generation;
};

/**
 * struct workpool_event_values - what may be tuned
 * @capacity: see &workpool_ioc_stat.capacity
 * @expiry_ms: see &workpool_ioc_stat.expiry_ms
 * @max_blocking: see &workpool_ioc_stat.max_blocking
 * @min_workers: see &workpool_ioc_stat.min_workers
 * @nice: see &workpool_ioc_stat.nice
 * @rt_priority: see &workpool_ioc_stat.rt_priority
 * @queue_depth: see &workpool_ioc_stat.queue_depth
 * @own_cpus: 1: the pool has other CPUs than those with which it was created
 */
struct workpool_event_values {
	__s32 capacity;
	__u32 expiry_ms;
	__u32 max_blocking;
	__u32 min_workers;
	__s32 nice;
	__u32 rt_priority;
	__u32 queue_depth;
	__u32 own_cpus;
};

/**
 * struct workpool_event_tuned - behind the header of WORKPOOL_EVENT_TUNED
 * @actor: the one that tuned the pool
 * @mask: WORKPOOL_TUNE_* of what was set
 * @reserved: 0
 * @before: all values before
 * @after: all values after
 */
struct workpool_event_tuned {
	struct workpool_event_actor actor;
	__u32 mask;
	__u32 reserved;
	struct workpool_event_values before;
	struct workpool_event_values after;
};

/**
 * struct workpool_event_paused - behind the headers of WORKPOOL_EVENT_PAUSED
 *	and WORKPOOL_EVENT_RESUMED
 * @actor: whose pause began or ended
 * @paused: WORKPOOL_POOL_PAUSED_BY_* of the pauses that the pool has now
 * @reserved: 0
 */
struct workpool_event_paused {
	struct workpool_event_actor actor;
	__u32 paused;
	__u32 reserved;
};

/**
 * struct workpool_event_overloaded - behind the header of
 *	WORKPOOL_EVENT_OVERLOADED
 * @waiting: submitters that wait
 * @queued: accepted tasks that no worker has taken yet
 * @busy: workers executing a task
 * @limit: workers that the pool may have; 0: it is paused
 */
struct workpool_event_overloaded {
	__u32 waiting;
	__u32 queued;
	__u32 busy;
	__u32 limit;
};

/**
 * struct workpool_event_relieved - behind the header of WORKPOOL_EVENT_RELIEVED
 * @duration_ns: how long the overload took, up to this event
 * @blocked: further submits that had to wait, after the one with which it began
 * @rejected: further submits that were refused
 */
struct workpool_event_relieved {
	__aligned_u64 duration_ns;
	__aligned_u64 blocked;
	__aligned_u64 rejected;
};

/**
 * enum workpool_event_crash - values for &workpool_event_crashed.kind
 * @WORKPOOL_EVENT_CRASH_TASK: the task gave up by itself
 * @WORKPOOL_EVENT_CRASH_OOPS: an oops or a BUG() in the task
 * @WORKPOOL_EVENT_CRASH_EXIT: the task ended its thread
 */
enum workpool_event_crash {
	WORKPOOL_EVENT_CRASH_TASK	= 1,
	WORKPOOL_EVENT_CRASH_OOPS	= 2,
	WORKPOOL_EVENT_CRASH_EXIT	= 3,
};

/**
 * struct workpool_event_crashed - behind the header of WORKPOOL_EVENT_CRASHED
 * @kind: WORKPOOL_EVENT_CRASH_*
 * @reason: what the task gave as the reason, or a negative errno
 * @pid: the thread
 * @worker: number of the worker in the pool
 * @comm: name of the thread
 * @function: the task's function, or the callback; empty: it has no name
 */
struct workpool_event_crashed {
	__u32 kind;
	__s32 reason;
	__s32 pid;
	__u32 worker;
	char comm[16];
	char function[WORKPOOL_EVENT_FUNCTION_MAX];
};

/**
 * enum workpool_event_cause - values for &workpool_event_start_failed.cause
 * @WORKPOOL_EVENT_CAUSE_THREAD: no thread could be created
 * @WORKPOOL_EVENT_CAUSE_INIT: the owner's worker_init failed
 */
enum workpool_event_cause {
	WORKPOOL_EVENT_CAUSE_THREAD	= 1,
	WORKPOOL_EVENT_CAUSE_INIT	= 2,
};

/**
 * struct workpool_event_start_failed - behind the header of
 *	WORKPOOL_EVENT_START_FAILED
 * @cause: WORKPOOL_EVENT_CAUSE_*
 * @error: a negative errno
 */
struct workpool_event_start_failed {
	__u32 cause;
	__s32 error;
};

/**
 * struct workpool_event_dropped - behind the header of WORKPOOL_EVENT_DROPPED
 * @count: so many tasks, one after the other, of the same function
 * @function: the function; empty: it has no name
 */
struct workpool_event_dropped {
	__aligned_u64 count;
	char function[WORKPOOL_EVENT_FUNCTION_MAX];
};

/**
 * struct workpool_event - a record
 * @size: bytes of the record
 * @type: WORKPOOL_EVENT_*
 * @seq: number of the event. Later ones have greater numbers, in all files.
 *	Those that the file has not chosen are left out. Of several that are one
 *	record, as for LOST and DROPPED, it is that of the first
 * @time_ns: when it happened, in nanoseconds of CLOCK_MONOTONIC
 * @pool_id: id of the pool, or 0
 * @reserved: 0
 * @pool: name of the pool, or empty
 * @u: what else there is to say, with a member for each type that has such
 */
struct workpool_event {
	__u32 size;
	__u32 type;
	__aligned_u64 seq;
	__aligned_u64 time_ns;
	__u32 pool_id;
	__u32 reserved;
	char pool[WORKPOOL_IOC_NAME_MAX];
	union {
		struct workpool_event_lost lost;
		struct workpool_event_created created;
		struct workpool_event_released released;
		struct workpool_event_rebooted rebooted;
		struct workpool_event_tuned tuned;
		struct workpool_event_paused paused;
		struct workpool_event_overloaded overloaded;
		struct workpool_event_relieved relieved;
		struct workpool_event_crashed crashed;
		struct workpool_event_start_failed start_failed;
		struct workpool_event_dropped dropped;
	} u;
};

#endif /* _UAPI_LINUX_WORKPOOL_H */
