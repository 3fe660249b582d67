// SPDX-License-Identifier: GPL-2.0
/*
 * The floor: two threads that wake each other, with nothing in between.
 */

#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "bench.h"

/**
 * struct table - where two threads play
 * @partner: the thread that returns the ball
 * @caller: the thread that serves
 * @ball: it is the partner's turn
 */
struct table {
	struct task_struct	*partner;
	struct task_struct	*caller;
	int			ball;
} ____cacheline_aligned_in_smp;

static void wake_here(struct task_struct *task)
{
#ifdef CONFIG_SMP
	task->wake_cpu = raw_smp_processor_id();
#endif
	wake_up_process(task);
}

static int partner_main(void *data)
{
	struct table *table = data;

	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		/* Pairs with the release in pingpong_call(). */
		if (!smp_load_acquire(&table->ball)) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		/* Pairs with the acquire in pingpong_call(). */
		smp_store_release(&table->ball, 0);
		wake_here(table->caller);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static void pingpong_close(struct bench_contender *contender)
{
	struct table *tables = contender->data;
	int i;

	for (i = 0; i < BENCH_SUBMITTERS && tables[i].partner; i++)
		kthread_stop(tables[i].partner);
	kfree(tables);
}

static int pingpong_open(struct bench_contender *contender,
			 const struct bench_scenario *scenario)
{
	struct table *tables = kcalloc(BENCH_SUBMITTERS, sizeof(*tables),
				       GFP_KERNEL);
	struct task_struct *task;
	int i;

	if (!tables)
		return -ENOMEM;
	contender->data = tables;
	for (i = 0; i < scenario->submitters; i++) {
		task = kthread_run(partner_main, &tables[i], "wp_bench/pong");
		if (IS_ERR(task)) {
			pingpong_close(contender);
			return PTR_ERR(task);
		}
		tables[i].partner = task;
	}
	return 0;
}

static int pingpong_call(struct bench_contender *contender,
			 struct bench_submitter *submitter)
{
	struct table *tables = contender->data;
	struct table *table = &tables[submitter->index];

	table->caller = current;
	/* Pairs with the acquire in partner_main(). */
	smp_store_release(&table->ball, 1);
	wake_here(table->partner);
	/* As wait_for_completion() does: on one CPU it saves going to sleep. */
	cond_resched();
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		/* Pairs with the release in partner_main(). */
		if (!smp_load_acquire(&table->ball))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

struct bench_contender bench_pingpong = {
	.name = "wake_up_process ping-pong",
	.open = pingpong_open,
	.close = pingpong_close,
	.call = pingpong_call,
};
