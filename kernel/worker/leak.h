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

/**
 * struct wp_leak - what a task must find again when it returns
 * @preempt: preempt count, see wp_leak_preempt_count()
 * @rcu: depth of RCU sections
 * @locks: locks that lockdep knows of
 * @flags: of task_struct.flags, %WP_TRAIT_FLAGS
 * @plug: plugged requests, in a frame of the stack
 * @bios: stacked bios, there, too
 */
struct wp_leak {
	int			preempt;
	int			rcu;
	int			locks;
	unsigned int		flags;
	struct blk_plug		*plug;
	struct bio_list		*bios;
};

void wp_leak_report(struct workpool *pool, void *fn,
		    const struct wp_leak *before);
void wp_leak_report_first(struct workpool *pool, struct wp_worker *worker,
			  void *fn, int locks);
void wp_leak_forget_stack(void);
void wp_leak_end_dead(struct wp_worker *worker);
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
 * How many locks more than @before are held? An oops elsewhere turns lockdep
 * off, which then loses count within a task.
 */
static inline int wp_leak_new_locks(const struct wp_leak *before)
{
#ifdef CONFIG_LOCKDEP
	if (READ_ONCE(debug_locks))
		return wp_leak_held_locks() - before->locks;
#endif
	return 0;
}

/*
 * The preempt count, with the softirqs that are off. On PREEMPT_RT the thread has
 * a count of its own for them.
 */
static inline int wp_leak_preempt_count(void)
{
#ifdef CONFIG_PREEMPT_RT
	return preempt_count() | softirq_count();
#else
	return preempt_count();
#endif
}

static inline struct wp_leak wp_leak_begin(void)
{
	return (struct wp_leak){
		.preempt = wp_leak_preempt_count(),
		.rcu = rcu_preempt_depth(),
		.locks = wp_leak_held_locks(),
		.flags = current->flags & WP_TRAIT_FLAGS,
#ifdef CONFIG_BLOCK
		.plug = current->plug,
		.bios = current->bio_list,
#endif
	};
}

/*
 * Like wp_leak_begin(), but the task runs directly in the worker. Only the flags
 * of worker_init and @locks are there then.
 */
static inline struct wp_leak wp_leak_first(struct wp_worker *worker, int locks)
{
	return (struct wp_leak){
		.locks = locks,
		.flags = worker->traits.flags,
	};
}

static inline bool wp_leak_plug(const struct wp_leak *before)
{
#ifdef CONFIG_BLOCK
	return current->plug != before->plug ||
	       current->bio_list != before->bios;
#else
	return false;
#endif
}

static inline bool wp_leak_is(const struct wp_leak *before)
{
	unsigned long left = (wp_leak_preempt_count() ^ before->preempt) |
			     (rcu_preempt_depth() ^ before->rcu) |
			     ((current->flags & WP_TRAIT_FLAGS) ^ before->flags);

	return left || wp_leak_plug(before) || irqs_disabled() ||
	       wp_leak_new_locks(before);
}

/* The task or callback @fn returned. wp_leak_begin() was called before it. */
static inline void wp_leak_end(struct workpool *pool, void *fn,
			       const struct wp_leak *before)
{
	if (unlikely(wp_leak_is(before)))
		wp_leak_report(pool, fn, before);
}

/*
 * The callback @fn, worker_init or worker_exit, returned. It may change flags
 * on purpose, for all tasks of the worker, but not whether that freezes.
 */
static inline void wp_leak_end_callback(struct workpool *pool, void *fn,
					struct wp_leak *before)
{
	before->flags &= PF_NOFREEZE;
	before->flags |= current->flags & WP_TRAIT_FLAGS & ~PF_NOFREEZE;
	wp_leak_end(pool, fn, before);
}

/* The task @fn returned. @locks were held before. */
static inline void wp_leak_end_first(struct workpool *pool,
				     struct wp_worker *worker, void *fn,
				     int locks)
{
	struct wp_leak before = wp_leak_first(worker, locks);

	if (unlikely(wp_leak_is(&before)))
		wp_leak_report_first(pool, worker, fn, locks);
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
	worker->looked = READ_ONCE(worker->done);
}

#endif /* _WP_WORKER_LEAK_H */
