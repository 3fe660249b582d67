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
 * Every structure starts with __u32 size, which the caller sets to the size it
 * was compiled with. A structure shorter than the kernel's is taken as if its
 * tail were zero; a longer one is accepted when the tail the kernel does not
 * know is zero, up to a page in all. The kernel writes back as much as both
 * sides know. What is only "out" is not looked at on the way in.
 *
 * All reserved fields must be zero. What each errno means:
 *
 *  - ENOTTY: unknown command
 *  - E2BIG: the part of the structure that the kernel does not know is not zero
 *  - EOPNOTSUPP: a flag or mask bit that the kernel does not know, or a pool
 *    that cannot do this: TUNE of the capacity of an unlimited or preallocated
 *    pool, or of the min_workers of a preallocated one
 *  - EINVAL: understood, but wrong: size too small, reserved field not zero,
 *    value out of range, name without a final NUL, neither id nor name
 *  - ENOENT: no such pool, or no further one
 *  - EPERM: TUNE, RELEASE and REBOOT need CAP_SYS_ADMIN, a file descriptor
 *    opened for writing, and a pool whose owner allows administration
 *  - ESHUTDOWN, EALREADY, EBUSY, ETIMEDOUT, EINTR, ENOMEM: from the pool
 *
 * A pool is named by @id, or, when @id is 0, by @name. A command that changes
 * a pool changes all it was asked to or nothing.
 *
 * The type 0xB9, numbers 0x00 to 0x1f, is not registered in the kernel's
 * ioctl-number.rst; nobody else in the list uses it.
 */
#define WORKPOOL_IOC_TYPE	0xB9

/* Bytes of a pool's name, the final NUL included. */
#define WORKPOOL_IOC_NAME_MAX	32

/* The capacity of an unlimited pool. */
#define WORKPOOL_IOC_UNLIMITED	(-1)

/**
 * enum workpool_ioc_pool_flags - &workpool_ioc_stat.flags
 * @WORKPOOL_POOL_NONBLOCK: submits never wait
 * @WORKPOOL_POOL_PREALLOC: all workers exist from the start
 * @WORKPOOL_POOL_NOPURGE: idle workers stay
 * @WORKPOOL_POOL_NOADMIN: the owner allows no administration
 * @WORKPOOL_POOL_FREEZABLE: workers freeze on suspend
 * @WORKPOOL_POOL_CLOSED: released, and not rebooted since
 */
enum workpool_ioc_pool_flags {
	WORKPOOL_POOL_NONBLOCK	= 1 << 0,
	WORKPOOL_POOL_PREALLOC	= 1 << 1,
	WORKPOOL_POOL_NOPURGE	= 1 << 2,
	WORKPOOL_POOL_NOADMIN	= 1 << 3,
	WORKPOOL_POOL_FREEZABLE	= 1 << 4,
	WORKPOOL_POOL_CLOSED	= 1 << 16,
};

/**
 * struct workpool_ioc_info - WORKPOOL_IOC_INFO: the module
 * @size: sizeof(struct workpool_ioc_info)
 * @nr_pools: out: pools there are
 * @max_workers: out: workers an unlimited pool may have
 * @mailbox_depth: out: 1, or 0 where submitters yield after a hand-off
 * @cache_size: out: threads the module keeps warm at most
 * @cached: out: threads it keeps warm now
 * @features: out: none defined yet, 0
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
 * @id: in: 0, or the id before; out: the next greater id there is
 * @name: out: its name
 */
struct workpool_ioc_next {
	__u32 size;
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
};

#define WORKPOOL_IOC_NEXT	_IO(WORKPOOL_IOC_TYPE, 1)

/**
 * struct workpool_ioc_stat - WORKPOOL_IOC_STAT: one consistent snapshot
 * @size: sizeof(struct workpool_ioc_stat)
 * @id: in: the pool, or 0; out: its id
 * @name: in: with @id 0 the pool; out: its name
 * @owner: out: name of the module that created it
 * @flags: out: WORKPOOL_POOL_*
 * @capacity: out: workers at most; WORKPOOL_IOC_UNLIMITED
 * @available: out: @capacity - @running, never negative; -1 if unlimited
 * @running: out: workers: idle, busy and being started
 * @busy: out: workers executing a task
 * @idle: out: parked workers
 * @starting: out: workers being started
 * @alive: out: threads of the pool, also those on their way out
 * @waiting: out: submitters that wait
 * @queued: out: accepted tasks that no worker has taken yet
 * @expiry_ms: out: milliseconds after which an idle worker leaves
 * @max_blocking: out: submitters that may wait at once; 0: no limit
 * @min_workers: out: workers that are never purged
 * @peak_running: out: most workers at once
 * @peak_waiting: out: most waiting submitters at once
 * @nice: out: nice value of the workers
 * @rt_priority: out: 0, or the SCHED_FIFO priority of the workers
 * @reserved: out: 0
 * @generation: out: reboots
 * @submitted: out: tasks accepted
 * @completed: out: tasks that returned
 * @crashes: out: workers that died in a task
 * @rejected: out: submits refused because of overload
 * @timedout: out: submits that timed out
 * @interrupted: out: submits whose submitter was killed while it waited
 * @deadlocks: out: submits refused because they would have waited for themselves
 * @blocked: out: submits that had to wait
 * @spawned: out: threads made
 * @adopted: out: threads taken from the module's cache
 * @retired: out: workers that left
 * @purged: out: of these, those that had expired
 * @spawn_failures: out: threads that could not be made
 * @init_failures: out: workers whose worker_init failed
 * @dropped: out: accepted tasks given up, see &struct workpool_stats
 * @leaks: out: tasks that returned with a lock or the like held
 * @dormant_rescues: out: always 0
 * @delayed: out: delayed tasks whose timer runs
 * @queue_depth: out: calls accepted without a free worker, at most
 * @cancelled: out: tasks cancelled before they ran
 * @spurious_wakeups: out: times a worker was woken and found nothing to do
 * @multi_id: out: number of the multi that it is a part of, or 0
 * @multi_index: out: which part, from 0
 * @multi: out: name of that multi, or empty
 * @fallbacks: out: submits to the multi that came here because another pool of
 *	it was full
 * @stolen: out: embedded tasks taken over from another pool of the multi
 *
 * @delayed and what follows it came later; a caller with a shorter structure
 * gets the rest.
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
	__u32 reserved;
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
	__aligned_u64 dormant_rescues;
	__u32 delayed;
	__u32 queue_depth;
	__aligned_u64 cancelled;
	__aligned_u64 spurious_wakeups;
	__u32 multi_id;
	__u32 multi_index;
	char multi[WORKPOOL_IOC_NAME_MAX];
	__aligned_u64 fallbacks;
	__aligned_u64 stolen;
};

#define WORKPOOL_IOC_STAT	_IO(WORKPOOL_IOC_TYPE, 2)

/**
 * enum workpool_ioc_tune_mask - fields that TUNE is to set
 * @WORKPOOL_TUNE_CAPACITY: &workpool_ioc_tune.capacity
 * @WORKPOOL_TUNE_EXPIRY: &workpool_ioc_tune.expiry_ms
 * @WORKPOOL_TUNE_MAX_BLOCKING: &workpool_ioc_tune.max_blocking
 * @WORKPOOL_TUNE_MIN_WORKERS: &workpool_ioc_tune.min_workers
 */
enum workpool_ioc_tune_mask {
	WORKPOOL_TUNE_CAPACITY		= 1 << 0,
	WORKPOOL_TUNE_EXPIRY		= 1 << 1,
	WORKPOOL_TUNE_MAX_BLOCKING	= 1 << 2,
	WORKPOOL_TUNE_MIN_WORKERS	= 1 << 3,
};

/**
 * struct workpool_ioc_tune - WORKPOOL_IOC_TUNE: change a running pool
 * @size: sizeof(struct workpool_ioc_tune)
 * @id: in: the pool, or 0; out: its id
 * @name: in: with @id 0 the pool; out: its name
 * @mask: in: WORKPOOL_TUNE_* of the fields to set; 0 only reads
 * @capacity: in: > 0; out: the value before
 * @expiry_ms: in: 1 to 2147483647 milliseconds, 0: the default of 1000;
 *	out: the value before
 * @max_blocking: in: submitters that may wait, 0: no limit; out: the value before
 * @min_workers: in: at most the capacity, or max_workers of INFO in an
 *	unlimited pool; out: the value before
 * @reserved: zero
 *
 * Fields outside @mask must be zero on the way in. All four are written back.
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
};

#define WORKPOOL_IOC_TUNE	_IO(WORKPOOL_IOC_TYPE, 3)

/* A timeout_ns that waits for ever (killable). */
#define WORKPOOL_TIMEOUT_MAX	(~(__u64)0)

/**
 * struct workpool_ioc_release - WORKPOOL_IOC_RELEASE: close a pool
 * @size: sizeof(struct workpool_ioc_release)
 * @id: in: the pool, or 0; out: its id
 * @name: in: with @id 0 the pool; out: its name
 * @timeout_ns: in: nanoseconds to wait for the last worker; 0: do not wait;
 *	WORKPOOL_TIMEOUT_MAX: for ever
 * @alive: out: threads of the pool that are still there
 * @busy: out: of these, those executing a task
 *
 * @alive and @busy are written back on success, ETIMEDOUT and EINTR. With
 * @timeout_ns 0 a pool that is closed already is no error; with another value,
 * ESHUTDOWN says that it was closed and empty before.
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
 * @id: in: the pool, or 0; out: its id
 * @name: in: with @id 0 the pool; out: its name
 * @generation: out: the pool's generation
 *
 * EALREADY: the pool is open. EBUSY: workers from before the release still run.
 */
struct workpool_ioc_reboot {
	__u32 size;
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
	__aligned_u64 generation;
};

#define WORKPOOL_IOC_REBOOT	_IO(WORKPOOL_IOC_TYPE, 5)

#endif /* _UAPI_LINUX_WORKPOOL_H */
