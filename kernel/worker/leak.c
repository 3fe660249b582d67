// SPDX-License-Identifier: GPL-2.0
/*
 * Leaks: what a task left held, or changed in its thread, when it returned or
 * crashed.
 *
 * Each is reported with the task's name. It is undone, so that the worker stays
 * usable, with four exceptions: a lock, credentials, an address space other
 * than before, and too many migrate_enable(). A callback of the owner is a task
 * here, too.
 */

#include <linux/bottom_half.h>
#include <linux/spinlock.h>

#include "compat.h"
#include "core/pool.h"
#include "core/traits.h"
#include "core/worker.h"
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

/*
 * The frame that a plug was in is gone. Before a task is switched to again, the
 * scheduler writes to its plug if the plug holds a time, which PF_BLOCK_TS
 * says. So the flag goes first, and nothing that may be preempted comes before.
 */
static void drop_plug(const struct wp_leak *before)
{
#ifdef CONFIG_BLOCK
#ifdef PF_BLOCK_TS
	if (current->plug != before->plug)
		current->flags &= ~PF_BLOCK_TS;
#endif
	current->plug = before->plug;
	current->bio_list = before->bios;
#endif
}

static const struct wp_leak no_leak;

/*
 * The thread oopses, and its stack is used for something else when that is
 * printed. If worker_exit sleeps or writes, no plug and no list of an I/O is
 * looked for there. Any context.
 */
void wp_leak_forget_stack(void)
{
	drop_plug(&no_leak);
}

/*
 * How many calls of local_bh_enable() are missing? Negative if there were too
 * many. The mask has the upper byte of 16 bits.
 */
static int missing_bh_enables(const struct wp_leak *before)
{
	return (s16)(softirq_count() - (before->preempt & SOFTIRQ_MASK)) /
	       SOFTIRQ_DISABLE_OFFSET;
}

/*
 * The calls that are missing run what was raised meanwhile. On PREEMPT_RT they
 * may also give a lock of the CPU back, and end a section of RCU. These are not
 * there if softirqs were disabled in atomic context: then it is one again.
 */
static void undo_softirqs(const struct wp_leak *before, int missing)
{
	bool atomic = rcu_preempt_depth() <= before->rcu;

	if (!missing)
		return;
	if (atomic)
		preempt_disable();
	for (; missing > 0; missing--)
		local_bh_enable();
	for (; missing < 0; missing++)
		local_bh_disable();
	if (atomic)
		preempt_enable();
}

static void undo_leak(const struct wp_leak *before)
{
	int missing = missing_bh_enables(before);
	int preempt = before->preempt;

	/* Elsewhere they are part of the count, and stay until they are undone. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt &= ~SOFTIRQ_MASK;
	else
		preempt += missing * SOFTIRQ_DISABLE_OFFSET;
	current->flags = (current->flags & ~WP_TRAIT_FLAGS) | before->flags;
	if (preempt_count() != preempt)
		preempt_count_set(preempt);
	if (irqs_disabled())
		local_irq_enable();
	/* The section of RCU that local_bh_disable() may begin ends with it. */
	undo_softirqs(before, missing);
	undo_rcu(before);
}

static void count_leak(struct workpool *pool)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->counters[WP_COUNT_LEAKS]++;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	dump_stack();
}

/* The task @fn did not leave the thread as it was @before. */
void wp_leak_report(struct workpool *pool, void *fn,
		    const struct wp_leak *before)
{
	bool plugged = wp_leak_plug(before);

	drop_plug(before);
	pr_err("BUG: pool %s: task %ps leaked: preempt count %d, RCU depth %d, locks %d, interrupts %s, flags %#x, plug %s\n",
	       pool->name, fn, wp_leak_preempt_count() - before->preempt,
	       rcu_preempt_depth() - before->rcu, wp_leak_new_locks(before),
	       irqs_disabled() ? "off" : "on",
	       (current->flags & WP_TRAIT_FLAGS) ^ before->flags,
	       plugged ? "left" : "none");
	undo_leak(before);
	count_leak(pool);
}

void wp_leak_report_first(struct workpool *pool, struct wp_worker *worker,
			  void *fn, int locks)
{
	struct wp_leak before = wp_leak_first(worker, locks);

	wp_leak_report(pool, fn, &before);
}

/**
 * wp_leak_end_dead() - a task crashed: give back what keeps all others waiting
 * @worker: the current thread's
 *
 * A section of RCU keeps each grace period from ending. A thread that may not
 * migrate keeps its CPU from going offline, and a thread that moves it to
 * another CPU waits. The first two would last until the thread is gone, which
 * worker_exit may put off for a long time. The third would last for ever, and so
 * may a lock of the CPU if softirqs are off on PREEMPT_RT. An oops with
 * preemption or interrupts off needs nothing here: the kernel has switched them
 * on. What worker_init did is worker_exit's to undo, if that is still to come.
 *
 * Context: The dying thread. Interrupts are on.
 */
void wp_leak_end_dead(struct wp_worker *worker)
{
	undo_softirqs(&no_leak, missing_bh_enables(&no_leak));
	undo_rcu(&no_leak);
	wp_traits_restore_migration(worker->initialized ?
				    worker->traits.migration : 0);
}

/*
 * The tasks since the last look, of which @last ran last, may have changed the
 * thread. Allowed signals are not looked for each time, so that any task of
 * this worker may have left them.
 */
void wp_leak_report_traits(struct workpool *pool, struct wp_worker *worker,
			   void *last)
{
	bool signals = !worker->traits.takes_signals &&
		       wp_traits_takes_signals();
	u64 done = READ_ONCE(worker->done);
	u64 others = signals ? done : done - worker->looked;
	char text[160];

	others -= !!others;
	if (worker->traits.takes_signals)
		worker->traits.signal = task_sigpending(current);
	if (!signals && wp_traits_same(&worker->traits))
		return;
	wp_traits_compare(&worker->traits, text, sizeof(text));
	if (others)
		pr_err("BUG: pool %s: task %ps, or one of %llu before it, leaked:%s\n",
		       pool->name, last, others, text);
	else
		pr_err("BUG: pool %s: task %ps leaked:%s\n", pool->name, last,
		       text);
	/* What stays is reported once. */
	if (!wp_traits_restore(&worker->traits))
		wp_traits_save(&worker->traits,
			       worker->traits.takes_signals);
	count_leak(pool);
}
