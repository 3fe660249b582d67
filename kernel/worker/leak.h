/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Leaks: what a task left held, or changed in its thread, when it returned.
 */
#ifndef _WP_WORKER_LEAK_H
#define _WP_WORKER_LEAK_H

#include <linux/irqflags.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "core/worker.h"

struct workpool;

void wp_leak_report(struct workpool *pool, struct wp_worker *worker, void *fn,
		    int locks);
void wp_leak_report_traits(struct workpool *pool, struct wp_worker *worker,
			   void *last);

/* Locks that lockdep knows of. */
static inline int wp_leak_held_locks(void)
{
#ifdef CONFIG_LOCKDEP
	return lockdep_depth(current);
#else
	return 0;
#endif
}

/*
 * How many locks more than @locks are held? An oops elsewhere turns lockdep off,
 * which then loses count within a task.
 */
static inline int wp_leak_new_locks(int locks)
{
#ifdef CONFIG_LOCKDEP
	if (READ_ONCE(debug_locks))
		return wp_leak_held_locks() - locks;
#endif
	return 0;
}

/* Plugged requests and stacked bios, which are in a frame of the task's stack. */
static inline unsigned long wp_leak_plug(void)
{
#ifdef CONFIG_BLOCK
	return (unsigned long)current->plug | (unsigned long)current->bio_list;
#else
	return 0;
#endif
}

/* Between tasks none of this is there, but for the flags of worker_init. */
static inline unsigned long wp_leak_left(struct wp_worker *worker)
{
	return preempt_count() | rcu_preempt_depth() | wp_leak_plug() |
	       ((current->flags ^ worker->traits.flags) & WP_TRAIT_FLAGS);
}

/* The task @fn returned. When it began, @locks were held. */
static inline void wp_leak_end(struct workpool *pool, struct wp_worker *worker,
			       void *fn, int locks)
{
	if (unlikely(wp_leak_left(worker) || irqs_disabled() ||
		     wp_leak_new_locks(locks)))
		wp_leak_report(pool, worker, fn, locks);
}

/*
 * The thread is about to sleep or to leave: has it still the traits that it had
 * before its tasks, the last of which was @last? That costs more than
 * wp_leak_end() and is asked more rarely.
 */
static inline void wp_leak_look(struct workpool *pool, struct wp_worker *worker,
				void *last)
{
	if (unlikely(!wp_traits_same(&worker->traits)))
		wp_leak_report_traits(pool, worker, last);
	worker->looked = worker->done;
}

#endif /* _WP_WORKER_LEAK_H */
