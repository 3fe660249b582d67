/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Leaks: a lock, preempt count, interrupts or RCU section that a task left held
 * when it returned.
 */
#ifndef _WP_WORKER_LEAK_H
#define _WP_WORKER_LEAK_H

#include <linux/irqflags.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

struct workpool;

/**
 * struct wp_leak - the state of the thread before a task runs
 * @preempt: preempt count
 * @rcu: depth of RCU sections
 * @locks: locks that lockdep knows of
 */
struct wp_leak {
	int preempt;
	int rcu;
	int locks;
};

void wp_leak_report(struct workpool *pool, void *fn,
		    const struct wp_leak *before);

static inline int wp_leak_held_locks(void)
{
#ifdef CONFIG_LOCKDEP
	return lockdep_depth(current);
#else
	return 0;
#endif
}

/* An oops elsewhere turns lockdep off, which then loses count within a task. */
static inline int wp_leak_new_locks(const struct wp_leak *before)
{
#ifdef CONFIG_LOCKDEP
	if (READ_ONCE(debug_locks))
		return wp_leak_held_locks() - before->locks;
#endif
	return 0;
}

static inline void wp_leak_begin(struct wp_leak *before)
{
	before->preempt = preempt_count();
	before->rcu = rcu_preempt_depth();
	before->locks = wp_leak_held_locks();
}

static inline void wp_leak_end(struct workpool *pool, void *fn,
			       const struct wp_leak *before)
{
	if (unlikely(preempt_count() != before->preempt || irqs_disabled() ||
		     rcu_preempt_depth() != before->rcu ||
		     wp_leak_new_locks(before)))
		wp_leak_report(pool, fn, before);
}

#endif /* _WP_WORKER_LEAK_H */
