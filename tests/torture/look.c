// SPDX-License-Identifier: GPL-2.0
/*
 * A thread that reads the statistics of the pools, and one that takes CPUs offline.
 */

#include <linux/cpu.h>
#include <linux/moduleparam.h>

#include "torture.h"

static bool hotplug = true;
module_param(hotplug, bool, 0444);
MODULE_PARM_DESC(hotplug, "Take CPUs off and on");

/* What holds at every instant. */
static void check_stats(struct slot *slot, const struct workpool_stats *s)
{
	if (s->running != s->busy + s->idle + s->searching + s->starting ||
	    s->running < 0 || s->busy < 0 || s->searching < 0 ||
	    s->starting < 0 || s->alive < s->running || s->queued < 0 ||
	    s->waiting < 0)
		fail_stats(LEDGER, slot, "does not add up", s);
	/* with something queued, others may search for it: see "Waking" */
	if (s->idle && s->waiting && !s->queued)
		fail_stats(LEDGER, slot, "is idle with work to do", s);
	if (s->closed && s->waiting)
		fail_stats(LEDGER, slot, "is closed, some wait", s);
	if (s->completed + s->dropped + s->queued + s->busy + s->crashes <
	    s->submitted)
		fail_stats(LEDGER, slot, "lost a task", s);
}

static void check_running(struct slot *slot)
{
	int seq = atomic_read(&slot->cap_seq), running, cap;
	struct workpool_stats s;

	smp_rmb();	/* pairs with slot_cap() */
	cap = READ_ONCE(slot->cap);
	workpool_stats(slot->pool, &s);
	running = s.running;
	smp_rmb();	/* pairs with slot_cap() */
	check_stats(slot, &s);
	if (cap && running > cap && !(seq & 1) &&
	    atomic_read(&slot->cap_seq) == seq)
		fail(CAPACITY, "slot %u: running %d, capacity %d", slot->nr,
		     running, cap);
}

static void check_getters(struct slot *slot)
{
	struct workpool *pool = slot->pool;

	if (workpool_waiting(pool) < 0 || workpool_busy(pool) < 0 ||
	    workpool_idle(pool) < 0 || workpool_available(pool) < -1 ||
	    !*workpool_name(pool))
		fail(LEDGER, "slot %u: a negative number", slot->nr);
}

static void look_round(struct thread *thread)
{
	struct slot *slot = slot_any(&thread->rnd);

	if (slot_get(slot)) {
		thread_does(thread, "stats", slot);
		count(C_LOOK);
		check_running(slot);
		check_getters(slot);
		slot_put(slot);
	}
	thread_pauses(thread, 1000);
}

#ifdef CONFIG_HOTPLUG_CPU
static void onoff_round(struct thread *thread)
{
	int cpu = rnd_below(&thread->rnd, nr_cpu_ids);

	thread_does(thread, "hotplug", NULL);
	if (cpu && cpu_online(cpu) && !remove_cpu(cpu)) {
		count(C_OFFLINE);
		msleep(rnd_below(&thread->rnd, 200));
		if (!add_cpu(cpu))
			count(C_ONLINE);
	}
	thread_does(thread, "pause", NULL);
	msleep(200 + rnd_below(&thread->rnd, 500));
}
#else
static void onoff_round(struct thread *thread)
{
	msleep(100);
}
#endif

void looks_start(void)
{
	thread_start("look", look_round, NULL, false);
	if (hotplug)
		thread_start("onoff", onoff_round, NULL, false);
}
