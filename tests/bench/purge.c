// SPDX-License-Identifier: GPL-2.0
/*
 * Scenario: how long the purge keeps interrupts off, which is how long it holds
 * the pool's lock, with many idle workers of which none, half or all have
 * expired. For comparison there is a turn without a purge.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>

#include "bench.h"

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
	bench_probe_start(false);
	msleep(200);
	while (workpool_running(pool) > left)
		msleep(20);
	return bench_probe_stop(NULL);
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
