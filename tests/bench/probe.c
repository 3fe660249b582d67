// SPDX-License-Identifier: GPL-2.0
/*
 * Probes: how long a CPU was not available.
 *
 * A timer on each CPU that comes all the time tells how late it is: so long were
 * interrupts off. That also finds what else has interrupts off: the scheduler,
 * starts and ends of threads. The timer wakes a thread of the highest priority,
 * which tells how late it is after the timer: so long was preemption off, or, on
 * a kernel without preemption, was there no point to reschedule.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/stacktrace.h>

#include "bench.h"

/*
 * Nanoseconds between two looks: not in step with anything. In user mode Linux an
 * interrupt is a signal, which may take longer than the shorter of these.
 */
#define PROBE_PERIOD	(IS_ENABLED(CONFIG_UML) ? 1000003 : 10007)

/* How much is kept of a stack; that of the timer's interrupt is a part of it. */
#define STACK_MAX	32

/**
 * struct probe - a timer on one CPU
 * @timer: it
 * @latest: how late it has been
 * @stack: where interrupts were turned on then
 * @depth: length of @stack
 * @thread: what it wakes, or NULL
 * @up: @thread waits for that
 * @woken: when it did so last; 0: @thread has seen that
 * @held: how late @thread has been after it
 */
struct probe {
	struct hrtimer		timer;
	u64			latest;
	unsigned long		stack[STACK_MAX];
	unsigned int		depth;
	struct task_struct	*thread;
	bool			up;
	u64			woken;
	u64			held;
};

static DEFINE_PER_CPU(struct probe, probes);

/* The CPUs that are watched: another one may come meanwhile. */
static struct cpumask watched;

/* Without stack traces a section is measured all the same: it has no stack. */
static void note_stack(struct probe *probe)
{
#ifdef CONFIG_STACKTRACE
	probe->depth = stack_trace_save(probe->stack, STACK_MAX, 1);
#endif
}

static enum hrtimer_restart look(struct hrtimer *timer)
{
	struct probe *probe = container_of(timer, struct probe, timer);
	u64 now = ktime_get_ns();
	s64 late = now - ktime_to_ns(hrtimer_get_expires(timer));

	if (late > 0 && late > probe->latest) {
		probe->latest = late;
		note_stack(probe);
	}
	if (probe->thread && !READ_ONCE(probe->woken)) {
		WRITE_ONCE(probe->woken, now);
		wake_up_process(probe->thread);
	}
	hrtimer_forward_now(timer, PROBE_PERIOD);
	return HRTIMER_RESTART;
}

static int watch(void *data)
{
	struct probe *probe = data;
	u64 woken, late;

	/* Pairs with the read in hire_thread(). */
	WRITE_ONCE(probe->up, true);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		woken = READ_ONCE(probe->woken);
		if (!woken && kthread_should_stop())
			break;
		if (!woken) {
			schedule();
			continue;
		}
		late = ktime_get_ns() - woken;
		if (late > probe->held)
			probe->held = late;
		WRITE_ONCE(probe->woken, 0);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static void start_timer(void *unused)
{
	struct probe *probe = this_cpu_ptr(&probes);

#ifdef BENCH_HRTIMER_SETUP
	hrtimer_setup(&probe->timer, look, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
#else
	hrtimer_init(&probe->timer, CLOCK_MONOTONIC,
		     HRTIMER_MODE_REL_PINNED_HARD);
	probe->timer.function = look;
#endif
	hrtimer_start(&probe->timer, PROBE_PERIOD,
		      HRTIMER_MODE_REL_PINNED_HARD);
}

static int hire_thread(struct probe *probe, int cpu)
{
	struct task_struct *thread = kthread_create(watch, probe, "probe/%d",
						    cpu);

	if (IS_ERR(thread))
		return PTR_ERR(thread);
	kthread_bind(thread, cpu);
	sched_set_fifo(thread);
	probe->thread = thread;
	wake_up_process(thread);
	/* An operation that never sleeps would be over before it runs. */
	while (!READ_ONCE(probe->up))
		usleep_range(50, 100);
	return 0;
}

/* Start to watch all CPUs, @threads: for the second number, too. */
int bench_probe_start(bool threads)
{
	int cpu, err = 0;

	cpumask_copy(&watched, cpu_online_mask);
	for_each_cpu(cpu, &watched) {
		struct probe *probe = per_cpu_ptr(&probes, cpu);

		*probe = (struct probe){ };
		if (threads && !err)
			err = hire_thread(probe, cpu);
	}
	on_each_cpu_mask(&watched, start_timer, NULL, true);
	return err;
}

/* Where the interrupts were turned on that were off for the longest time. */
void bench_probe_stack(void)
{
	struct probe *latest = per_cpu_ptr(&probes, 0), *probe;
	unsigned int i;
	int cpu;

	for_each_cpu(cpu, &watched) {
		probe = per_cpu_ptr(&probes, cpu);
		if (probe->latest > latest->latest)
			latest = probe;
	}
	for (i = 0; i < latest->depth; i++)
		pr_info("interrupts off until %pS\n", (void *)latest->stack[i]);
}

/* How long interrupts were off; and @held, if not NULL: no thread could run. */
u64 bench_probe_stop(u64 *held)
{
	u64 latest = 0;
	int cpu;

	for_each_cpu(cpu, &watched) {
		struct probe *probe = per_cpu_ptr(&probes, cpu);

		hrtimer_cancel(&probe->timer);
		if (probe->thread)
			kthread_stop(probe->thread);
		latest = max(latest, probe->latest);
		if (held)
			*held = max(*held, probe->held);
	}
	return latest;
}
