// SPDX-License-Identifier: GPL-2.0
/*
 * Leaks: a lock, preempt count, interrupts or RCU section that a task left held
 * when it returned.
 *
 * Each is reported with the task's name. All but a lock is undone, so that the
 * worker stays usable; a lock stays held.
 */

#include <linux/spinlock.h>

#include "compat.h"
#include "core/pool.h"
#include "worker/leak.h"

/* Where rcu_read_lock() is preempt_disable(), only lockdep tells them apart. */
static void undo_rcu(const struct wp_leak *before)
{
	int nr;

	while (rcu_preempt_depth() > before->rcu) {
		__acquire(RCU);		/* the task did, out of sparse's sight */
		rcu_read_unlock();
	}
	for (nr = wp_leak_new_locks(before); nr > 0; nr--)
		if (rcu_read_lock_held())
			rcu_lock_release(&rcu_lock_map);
}

static void undo_leak(const struct wp_leak *before)
{
	undo_rcu(before);
	if (preempt_count() != before->preempt)
		preempt_count_set(before->preempt);
	if (irqs_disabled())
		local_irq_enable();
}

/* The task @fn did not leave the thread as it was @before. */
void wp_leak_report(struct workpool *pool, void *fn,
		    const struct wp_leak *before)
{
	unsigned long flags;

	pr_err("BUG: pool %s: task %ps leaked: preempt count %d, RCU depth %d, locks %d, interrupts %s\n",
	       pool->name, fn, preempt_count() - before->preempt,
	       rcu_preempt_depth() - before->rcu, wp_leak_new_locks(before),
	       irqs_disabled() ? "off" : "on");
	undo_leak(before);
	dump_stack();
	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->counters[WP_COUNT_LEAKS]++;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}
