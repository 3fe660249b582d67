// SPDX-License-Identifier: GPL-2.0
/*
 * Scenario: how long the purge keeps interrupts off, which is how long it holds
 * the pool's lock, with many idle workers of which none, half or all have
 * expired.
 *
 * A timer on each CPU that comes all the time tells how late it is. That also
 * finds what else has interrupts off: the scheduler, starts and ends of threads.
 * For comparison there is a turn without a purge.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "bench.h"

/*
 * Nanoseconds between two looks: not in step with anything. In user mode Linux an
 * interrupt is a signal, which may take longer than the shorter of these.
 */
#define PROBE_PERIOD	(IS_ENABLED(CONFIG_UML) ? 1000003 : 10007)

/**
 * struct probe - a timer on one CPU
 * @timer: it
 * @latest: how late it has been
 */
struct probe {
	struct hrtimer	timer;
	u64		latest;
};

static DEFINE_PER_CPU(struct probe, probes);

static enum hrtimer_restart look(struct hrtimer *timer)
{
	struct probe *probe = container_of(timer, struct probe, timer);
	s64 late = ktime_to_ns(ktime_sub(ktime_get(),
					 hrtimer_get_expires(timer)));

	if (late > 0 && late > probe->latest)
		probe->latest = late;
	hrtimer_forward_now(timer, PROBE_PERIOD);
	return HRTIMER_RESTART;
}

static void start_probe(void *unused)
{
	struct probe *probe = this_cpu_ptr(&probes);

	probe->latest = 0;
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

static u64 stop_probes(void)
{
	u64 latest = 0;
	int cpu;

	for_each_online_cpu(cpu) {
		struct probe *probe = per_cpu_ptr(&probes, cpu);

		hrtimer_cancel(&probe->timer);
		latest = max(latest, probe->latest);
	}
	return latest;
}

/* Long enough for all of @nr to become busy and idle again. */
static unsigned int expiry_of(unsigned int nr)
{
	return 1000 + nr / 10;
}

static struct bench_contender quiet = { .name = "no purge" };
static struct bench_contender none = { .name = "workpool none stale" };
static struct bench_contender half = { .name = "workpool half stale" };
static struct bench_contender all = { .name = "workpool all stale" };

/* @nr of the workers are used, which makes them young again. */
static int use(struct workpool *pool, unsigned int nr)
{
	struct bench_hold *hold;

	if (!nr)
		return 0;
	hold = bench_hold_start(pool, nr);
	if (IS_ERR(hold))
		return PTR_ERR(hold);
	bench_hold_end(hold);
	return 0;
}

/* How many of @nr are to be stale when the first of them would expire. */
static unsigned int stale_of(const struct bench_contender *contender,
			     unsigned int nr)
{
	if (contender == &half)
		return nr / 2;
	return contender == &all ? nr : 0;
}

/* The time from just before the first may expire, until all that expired went. */
static u64 watch(struct workpool *pool, unsigned int nr, unsigned int left,
		 unsigned long first)
{
	unsigned long start = first + msecs_to_jiffies(expiry_of(nr) - 50);

	while (time_before(jiffies, start))
		msleep(20);
	on_each_cpu(start_probe, NULL, 1);
	msleep(200);
	while (workpool_running(pool) > left)
		msleep(20);
	return stop_probes();
}

static int purge(struct bench_round *round, struct workpool *pool)
{
	unsigned int nr = round->scenario->capacity, stale;
	unsigned long first = jiffies;
	int err = use(pool, nr);

	if (err)
		return err;
	nr = workpool_idle(pool);
	if (nr < round->scenario->capacity)
		pr_info("%s: %u workers reached\n", round->scenario->name, nr);
	stale = stale_of(round->contender, nr);
	msleep(expiry_of(nr) / 2);
	err = use(pool, nr - stale);
	if (!err)
		bench_series_add(&round->series[0],
				 watch(pool, nr, nr - stale, first));
	return err;
}

static int purge_round(struct bench_round *round)
{
	unsigned int nr = round->scenario->capacity;
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(nr);
	struct bench_contender pool = { };
	int err;

	if (nr > bench_purge)
		return 0;
	attrs.expiry_ms = expiry_of(nr);
	if (round->contender == &quiet)
		attrs.flags = WORKPOOL_F_NOPURGE;
	err = bench_pool_open(&pool, &attrs);
	if (err)
		return err;
	err = purge(round, pool.data);
	bench_pool_close(&pool);
	return err;
}

static struct bench_contender *const contenders[] = {
	&quiet,
	&none,
	&half,
	&all,
	NULL
};

#define PURGE(n)						\
	const struct bench_scenario bench_purge_##n = {		\
		.name = "purge/" #n,				\
		.capacity = n,					\
		.rounds = 1,					\
		.cold = true,					\
		.metrics = { "interrupts off" },		\
		.contenders = contenders,			\
		.round = purge_round,				\
	}

PURGE(10);
PURGE(1000);
PURGE(50000);
