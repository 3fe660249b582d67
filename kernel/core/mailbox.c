// SPDX-License-Identifier: GPL-2.0
/*
 * The mailbox: how a parked worker is told what to do.
 */

#include <linux/sched.h>

#include "compat.h"
#include "core/mailbox.h"
#include "core/worker.h"

/**
 * DOC: The mailbox
 *
 * A parked worker sleeps until its order is not WP_ORDER_NONE. The thread that
 * took it off its stack is the only one that may post, and posts once: it
 * writes what goes with the order (call, pool), then the order with release
 * semantics, then wakes the worker. The worker sets its task state, then reads
 * the order with acquire semantics, so it either sees the order or is woken.
 *
 * A worker that has seen its order may run to its end before the poster calls
 * wake_up_process(). The poster therefore does not touch the worker object
 * after it posted the order. The task_struct is freed by RCU: the poster must
 * not be preempted between post and wake-up, which makes it an RCU reader.
 */

/*
 * Wake the worker on this CPU. wake_up_process() would choose the CPU where it
 * ran last, and interrupt that one: kernel/docs/measurements.md has what it
 * costs.
 */
static void wake_here(struct task_struct *task)
{
#ifdef CONFIG_SMP
	task->wake_cpu = raw_smp_processor_id();
#endif
	wake_up_process(task);
}

/**
 * wp_mailbox_post() - give a parked worker its order, and wake it
 * @worker: taken off its stack by the caller
 * @order: what it is to do
 *
 * Context: Any but NMI.
 */
void wp_mailbox_post(struct wp_worker *worker, enum wp_order order)
{
	struct task_struct *task = worker->task;

	preempt_disable();
	/* Pairs with the acquire in wp_mailbox_wait(). */
	smp_store_release(&worker->order, order);
	wake_here(task);
	preempt_enable();
}
EXPORT_SYMBOL_IF_KUNIT(wp_mailbox_post);

/**
 * wp_mailbox_wait() - sleep until there is an order
 * @worker: the calling thread's
 * @flags: of these, %WORKPOOL_F_FREEZABLE lets the freezer in
 *
 * Context: The worker's thread. May sleep.
 * Return: the order.
 */
enum wp_order wp_mailbox_wait(struct wp_worker *worker, unsigned int flags)
{
	unsigned int state = TASK_IDLE;
	enum wp_order order;

	if (flags & WORKPOOL_F_FREEZABLE)
		state |= TASK_FREEZABLE;
	for (;;) {
		set_current_state(state);
		/* Pairs with the release in wp_mailbox_post(). */
		order = smp_load_acquire(&worker->order);
		if (order != WP_ORDER_NONE)
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return order;
}
EXPORT_SYMBOL_IF_KUNIT(wp_mailbox_wait);
