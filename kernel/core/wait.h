/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waits: threads that sleep until something is decided under a pool's lock.
 */
#ifndef _WP_CORE_WAIT_H
#define _WP_CORE_WAIT_H

#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/sched.h>

#include "core/deferred.h"

struct workpool;

/* What a thread waits for; debugfs shows it. */
enum wp_wait_kind {
	WP_WAIT_SUBMIT,		/* a free worker */
	WP_WAIT_TASK,		/* an embedded task */
	WP_WAIT_GROUP,		/* the members of a group */
	WP_WAIT_DRAIN,		/* a pool without anything to do */
	WP_WAIT_FLUSH,		/* what a pool accepted before */
	WP_WAIT_RELEASE,	/* a pool without threads */
	WP_WAIT_REBOOT,		/* the first workers of a pool */
	WP_WAIT_CURSOR,		/* no thread: where a reader has got to */
};

/**
 * struct wp_wait - a thread that waits for a decision, on its own stack
 *
 * Once the wait is decided the frame belongs to the thread that decided, until
 * that thread has completed @done.
 */
struct wp_wait {
	/**
	 * @link: L: in the list of those it waits with, then perhaps in
	 * workpool.decided or workpool.told, then in wp_deferred.waits
	 */
	struct list_head	link;
	/** @entry: L: in workpool.waits until the thread is told, or gives up */
	struct list_head	entry;
	/** @kind: I: what it waits for */
	enum wp_wait_kind	kind;
	/** @fn: I: the function that is to run or to end, or NULL */
	void			*fn;
	/** @thread: I: the thread */
	struct task_struct	*thread;
	/** @since: I: get_jiffies_64() when the wait began */
	u64			since;
	/** @done: K: completed after the lock was dropped */
	struct completion	done;
	/** @result: W or O: the decision; -EINPROGRESS until there is one */
	int			result;
	/** @assists: L: a worker that runs queued members of the group itself */
	bool			assists;
	/**
	 * @again: O: it was woken to do so. The group counts it as a member until
	 * it looked for one, and perhaps waits again
	 */
	bool			again;
	/** @state: O: %TASK_FREEZABLE, if the workers it waits for may freeze */
	unsigned int		state;
	/** @leads: L: it and those after it in workpool.decided get @result */
	bool			leads;
	/** @subject: L: what the waits of its crowd have in common */
	const void		*subject;
	/** @crowd: L: in workpool.crowds, if it is the first of its crowd */
	struct rb_node		crowd;
	/** @members: L: the whole crowd, by @link, if it is the first */
	struct list_head	members;
	/** @wake: I: what to complete: @done, or that of a &struct wp_claim */
	struct completion	*wake;
};

void wp_wait_init(struct wp_wait *wait, enum wp_wait_kind kind, void *fn);
void wp_wait_add_locked(struct workpool *pool, struct wp_wait *wait,
			struct list_head *list);
void wp_wait_join_locked(struct workpool *pool, struct wp_wait *wait,
			 const void *subject);
void wp_wait_dissolve_locked(struct workpool *pool, const void *subject,
			     struct list_head *list);
void wp_wait_remove_locked(struct workpool *pool, struct wp_wait *wait);
void wp_wait_complete_locked(struct workpool *pool, struct wp_wait *wait,
			     int result, struct wp_deferred *deferred);
void wp_wait_complete_all_locked(struct workpool *pool, struct list_head *list,
				 int result, struct wp_deferred *deferred);
void wp_wait_complete_rest_locked(struct workpool *pool,
				  struct wp_deferred *deferred);
bool wp_wait_give_up_locked(struct workpool *pool, struct wp_wait *wait,
			    int err);
long wp_wait_done(struct completion *done, unsigned int state, long timeout);
int wp_wait_sleep(struct wp_wait *wait);
unsigned int wp_wait_state(struct workpool *pool);

/* What is left in jiffies of @timeout, which began at @start. */
static inline long wp_wait_left(long timeout, unsigned long start)
{
	unsigned long passed = jiffies - start;

	if (timeout == MAX_SCHEDULE_TIMEOUT)
		return timeout;
	return passed < timeout ? timeout - passed : 0;
}

/* May another wait be decided under this hold of the lock? */
static inline bool wp_wait_room(const struct wp_deferred *deferred)
{
	return wp_deferred_room(deferred, WP_DEFER_WAITS, &deferred->waits) > 0;
}

#endif /* _WP_CORE_WAIT_H */
