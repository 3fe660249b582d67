/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Notices: what happened to the pools, for those who read it from the device.
 */
#ifndef _WP_CORE_NOTICE_H
#define _WP_CORE_NOTICE_H

#include <linux/jump_label_ratelimit.h>
#include <linux/kfifo.h>
#include <linux/workpool.h>
#include <linux/workqueue.h>

#include "core/tunables.h"

/* The type of a notice. The numbers are those of WORKPOOL_EVENT_*. */
enum wp_notice_type {
	WP_NOTICE_LOST,
	WP_NOTICE_CREATED,
	WP_NOTICE_DESTROYED,
	WP_NOTICE_RELEASED,
	WP_NOTICE_CLOSED,
	WP_NOTICE_REBOOTED,
	WP_NOTICE_TUNED,
	WP_NOTICE_PAUSED,
	WP_NOTICE_RESUMED,
	WP_NOTICE_OVERLOADED,
	WP_NOTICE_RELIEVED,
	WP_NOTICE_CRASHED,
	WP_NOTICE_START_FAILED,
	WP_NOTICE_DROPPED,
	WP_NOTICE_NR
};

/* The role of a thread that acts. The numbers are those of WORKPOOL_BY_*. */
enum wp_by {
	WP_BY_OWNER,
	WP_BY_ADMIN,
};

/* Size of the name of a function, with the final NUL. A longer one is cut. */
#define WP_FUNCTION_MAX		96

/**
 * struct wp_actor - the thread that did something
 * @by: in which role
 * @pid: the process, 0: an interrupt
 * @uid: its user
 * @comm: name of the thread
 */
struct wp_actor {
	enum wp_by		by;
	pid_t			pid;
	uid_t			uid;
	char			comm[TASK_COMM_LEN];
};

/*
 * Values of all tunables. @own_cpus: the pool has other CPUs than those with
 * which it was created.
 */
struct wp_notice_values {
	WP_TUNABLES(WP_TUNABLE_MEMBER)
	bool			own_cpus;
};

/* Something that happened to a pool. */
struct wp_notice {
	enum wp_notice_type	type;
	/* the pool may be gone */
	u32			pool_id;
	char			pool[WORKPOOL_NAME_MAX];
	/* number of the notice, and when it was posted */
	u64			seq;
	u64			time_ns;
	/* the thread that did it; of WP_NOTICE_CRASHED: the one that died */
	struct wp_actor		actor;
	union {
		/* of WP_NOTICE_LOST, and WP_NOTICE_DROPPED: how many */
		u64		count;
		/* of WP_NOTICE_REBOOTED */
		u64		generation;
		/* of WP_NOTICE_PAUSED and WP_NOTICE_RESUMED: what it is now */
		unsigned int	paused;
		struct {
			char	owner[MODULE_NAME_LEN];
			unsigned int flags;
			int	capacity;
		} created;
		struct {
			bool	destroyed;
			int	alive;
		} released;
		struct {
			unsigned int mask;
			struct wp_notice_values before;
			struct wp_notice_values after;
		} tuned;
		struct {
			int	waiting;
			int	queued;
			int	busy;
			int	limit;
		} overloaded;
		struct {
			u64	duration_ns;
			u64	blocked;
			u64	rejected;
		} relieved;
		struct {
			enum workpool_crash_kind kind;
			int	reason;
			unsigned int worker;
		} crashed;
		struct {
			bool	no_thread;
			int	error;
		} start_failed;
	};
	/* of WP_NOTICE_CRASHED and WP_NOTICE_DROPPED; readers get its name */
	void			*fn;
	char			function[WP_FUNCTION_MAX];
};

/**
 * struct wp_notice_queue - a bounded queue of notices, in order
 * @fifo: the notices
 * @lost: those that did not fit since the last one that did; none if its count
 *	is 0
 * @buffer: the memory of @fifo
 * @size: how many fit there, a power of two
 * @nr_put: how many were put there so far
 */
struct wp_notice_queue {
	DECLARE_KFIFO_PTR(fifo, struct wp_notice);
	struct wp_notice	lost;
	struct wp_notice	*buffer;
	unsigned int		size;
	unsigned int		nr_put;
};

/* It is on while a reader exists, and for a second after the last one. */
extern struct static_key_false_deferred wp_notice_key;

/* Is somebody there to read notices? If not, this is one instruction. */
static __always_inline bool wp_notice_wanted(void)
{
	return static_branch_unlikely(&wp_notice_key.key);
}

/* The most notices that wait to be delivered. A power of two. */
#define WP_NOTICES_MAX	512

struct wp_notice *wp_notice_alloc(unsigned int nr);
void wp_notice_queue_init(struct wp_notice_queue *queue,
			  struct wp_notice *buffer, unsigned int nr);
bool wp_notice_queue_put(struct wp_notice_queue *queue,
			 const struct wp_notice *notice);
bool wp_notice_queue_merge(struct wp_notice_queue *queue,
			   const struct wp_notice *notice);
bool wp_notice_queue_peek(struct wp_notice_queue *queue,
			  struct wp_notice *notice);
void wp_notice_queue_skip(struct wp_notice_queue *queue);

struct wp_actor wp_notice_actor(enum wp_by by);
void wp_notice_post(struct workpool *pool, struct wp_notice *notice);
void wp_notice_simple(struct workpool *pool, enum wp_notice_type type);
void wp_notice_created(struct workpool *pool);
void wp_notice_destroyed(struct workpool *pool);
void wp_notice_dropped(struct workpool *pool, void *fn);
bool wp_notice_take(struct wp_notice *notice);
void wp_notice_flush(void);
int wp_notice_begin(void);
void wp_notice_end(void);
void wp_notice_init(work_func_t deliver);
void wp_notice_exit(void);

#endif /* _WP_CORE_NOTICE_H */
