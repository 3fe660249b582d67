// SPDX-License-Identifier: GPL-2.0
/*
 * Scenario: what it costs to change a pool with many idle workers.
 */

#include <linux/delay.h>

#include "bench.h"

enum life_metric {
	TUNE_DOWN,
	TUNE_UP,
	RELEASE,
	REBOOT,
};

static int fill(struct workpool *pool, unsigned int nr)
{
	struct bench_hold *hold = bench_hold_start(pool, nr);

	if (IS_ERR(hold))
		return PTR_ERR(hold);
	bench_hold_end(hold);
	return 0;
}

/* Until those that a pool has retired are gone. */
static void wait_alive(struct workpool *pool, int nr)
{
	struct workpool_stats stats;

	do {
		msleep(20);
		workpool_stats(pool, &stats);
	} while (stats.alive > nr);
}

static int tune(struct bench_round *round, struct workpool *pool)
{
	u64 start = bench_clock();
	int err = workpool_tune(pool, 1);

	bench_series_add(&round->series[TUNE_DOWN], bench_since(start));
	if (err)
		return err;
	wait_alive(pool, 1);
	start = bench_clock();
	err = workpool_tune(pool, bench_workers);
	bench_series_add(&round->series[TUNE_UP], bench_since(start));
	return err;
}

static int restart(struct bench_round *round, struct workpool *pool)
{
	u64 start = bench_clock();
	int err = workpool_release_timeout(pool, 600 * HZ);

	bench_series_add(&round->series[RELEASE], bench_since(start));
	if (err)
		return err;
	start = bench_clock();
	err = workpool_reboot(pool);
	bench_series_add(&round->series[REBOOT], bench_since(start));
	return err;
}

/* Everything with as many workers as there are to be, all idle. */
static int life_round(struct bench_round *round)
{
	struct workpool *pool = round->contender->data;
	int err = fill(pool, bench_workers);

	if (!err)
		err = tune(round, pool);
	if (!err)
		err = fill(pool, bench_workers);
	return err ?: restart(round, pool);
}

static int life_open(struct bench_contender *contender,
		     const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(bench_workers);

	attrs.flags = WORKPOOL_F_NOPURGE;
	return bench_pool_open(contender, &attrs);
}

static struct bench_contender pool_life = {
	.name = "workpool",
	.open = life_open,
	.close = bench_pool_close,
};

static struct bench_contender *const contenders[] = {
	&pool_life,
	NULL
};

const struct bench_scenario bench_life = {
	.name = "life",
	.rounds = 1,
	.metrics = { "tune down", "tune up", "release", "reboot" },
	.contenders = contenders,
	.round = life_round,
};
