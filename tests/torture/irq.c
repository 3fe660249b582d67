// SPDX-License-Identifier: GPL-2.0
/*
 * Submitters in softirq (timers) and hardirq context (hard irq_works here, calls
 * across to other CPUs).
 */

#include <linux/cpu.h>
#include <linux/irq_work.h>
#include <linux/smp.h>
#include <linux/timer.h>

#include "torture.h"

#define NR_TIMERS	2
#define NR_WORKS	2

struct ticker {
	struct timer_list timer;
	struct rnd rnd;
};

struct striker {
	struct irq_work work;
	call_single_data_t call;
	atomic_t busy;
	struct rnd rnd;
};

static struct ticker tickers[NR_TIMERS];
static struct striker strikers[NR_WORKS];

static void submit_some(struct rnd *rnd, enum count what)
{
	u32 nr = 1 + rnd_below(rnd, 4);
	struct slot *slot = slot_any(rnd);

	if (!slot_get(slot))
		return;
	while (nr--) {
		count(what);
		offer(slot, rnd, BY_TRY, 0);
	}
	slot_put(slot);
}

static void release_some(struct rnd *rnd)
{
	struct slot *slot = slot_of_kind(rnd, WILD);

	if (!slot_get(slot))
		return;
	slot_release(slot);
	slot_put(slot);
}

static void tick(struct timer_list *timer)
{
	struct ticker *ticker = container_of(timer, struct ticker, timer);

	submit_some(&ticker->rnd, C_SOFTIRQ);
	if (rnd_one_in(&ticker->rnd, 64))
		release_some(&ticker->rnd);
	if (!READ_ONCE(torture_stop))
		mod_timer(timer, jiffies + 1);
}

static void strike(struct irq_work *work)
{
	struct striker *striker = container_of(work, struct striker, work);

	submit_some(&striker->rnd, C_HARDIRQ);
	atomic_set_release(&striker->busy, 0);
}

static void strike_across(void *striker)
{
	strike(&((struct striker *)striker)->work);
}

static int any_online_cpu(struct rnd *rnd)
{
	u32 nr = rnd_below(rnd, num_online_cpus());
	int cpu;

	for_each_online_cpu(cpu)
		if (!nr--)
			break;
	return cpu < nr_cpu_ids ? cpu : cpumask_first(cpu_online_mask);
}

static void start_strike(struct striker *striker, struct rnd *rnd)
{
	int err = -EAGAIN;

	if (rnd_one_in(rnd, 2)) {
		cpus_read_lock();
		err = smp_call_function_single_async(any_online_cpu(rnd),
						     &striker->call);
		cpus_read_unlock();
	}
	if (err)
		irq_work_queue(&striker->work);
}

static void strike_round(struct thread *thread)
{
	struct striker *striker = &strikers[rnd_below(&thread->rnd, NR_WORKS)];

	thread_does(thread, "strike", NULL);
	if (!atomic_xchg(&striker->busy, 1))
		start_strike(striker, &thread->rnd);
	usleep_range(20, 20 + rnd_below(&thread->rnd, 500));
}

void irqs_start(void)
{
	int i;

	for (i = 0; i < NR_WORKS; i++) {
		strikers[i].work = IRQ_WORK_INIT_HARD(strike);
		INIT_CSD(&strikers[i].call, strike_across, &strikers[i]);
		rnd_seed(&strikers[i].rnd, 200 + i);
	}
	for (i = 0; i < NR_TIMERS; i++) {
		timer_setup(&tickers[i].timer, tick, 0);
		rnd_seed(&tickers[i].rnd, 300 + i);
		mod_timer(&tickers[i].timer, jiffies + 1);
	}
	thread_start("strike", strike_round, NULL, false);
}

/* After the threads ended. */
void irqs_stop(void)
{
	int i;

	for (i = 0; i < NR_TIMERS; i++)
		timer_delete_sync(&tickers[i].timer);
	for (i = 0; i < NR_WORKS; i++)
		while (atomic_read_acquire(&strikers[i].busy))
			usleep_range(100, 1000);
	msleep(20);	/* the last of them has returned */
}
