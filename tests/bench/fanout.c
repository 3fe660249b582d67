// SPDX-License-Identifier: GPL-2.0
/*
 * Scenario: more tasks than threads, each of which sleeps. A workqueue gets the
 * concurrency it asks for up to WQ_MAX_ACTIVE, 512 or 2048 works at once.
 */

#include <linux/delay.h>

#include "bench.h"

#define FANOUT_CAPACITY	4096

/* An idle kworker stays five minutes. */
#define WQ_EXPIRY_MS	300000

static void sleep_item(struct bench_item *item)
{
	usleep_range(10000, 10100);
	bench_burst_done(item);
}

static int fanout_round(struct bench_round *round)
{
	return bench_burst_round(round, sleep_item, bench_fanout);
}

static int limited_open(struct bench_contender *contender,
			const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(WQ_MAX_ACTIVE);

	return bench_pool_open(contender, &attrs);
}

static int prealloc_open(struct bench_contender *contender,
			 const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs = bench_pool_attrs(scenario);

	attrs.flags = WORKPOOL_F_PREALLOC;
	return bench_pool_open(contender, &attrs);
}

static struct bench_contender limited = {
	.name = "workpool submit as many as wq",
	.open = limited_open,
	.close = bench_pool_close,
	.submit = bench_pool_submit,
};

static struct bench_contender prealloc = {
	.name = "workpool submit PREALLOC",
	.open = prealloc_open,
	.close = bench_pool_close,
	.submit = bench_pool_submit,
};

/* Leave @bench_cached threads of another pool in the module's cache. */
static int fill_cache(void)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(bench_cached);
	struct bench_contender other;
	struct bench_hold *hold;
	int err;

	err = bench_pool_open(&other, &attrs);
	if (err)
		return err;
	hold = bench_hold_start(other.data, bench_cached);
	if (!IS_ERR(hold))
		bench_hold_end(hold);
	bench_pool_close(&other);
	return PTR_ERR_OR_ZERO(hold);
}

static int cached_open(struct bench_contender *contender,
		       const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs = bench_pool_attrs(scenario);

	return fill_cache() ?: bench_pool_open(contender, &attrs);
}

static struct bench_contender from_cache = {
	.name = "workpool submit from the cache",
	.open = cached_open,
	.close = bench_pool_close_telling,
	.submit = bench_pool_submit,
};

static struct bench_contender *const cached[] = {
	&from_cache,
	NULL
};

static struct bench_contender *const cold[] = {
	&bench_wq_unbound,
	&bench_wq_percpu,
	&bench_wq_highpri,
	&bench_pool,
	&bench_task,
	&limited,
	&bench_kthread,
	&prealloc,
	NULL
};

static struct bench_contender *const warm[] = {
	&bench_wq_unbound,
	&bench_wq_percpu,
	&bench_wq_highpri,
	&bench_pool,
	&prealloc,
	&bench_task,
	NULL
};

/* One round: what a workqueue starts stays for minutes. */
const struct bench_scenario bench_fanout_cold = {
	.name = "fanout/cold",
	.submitters = 1,
	.capacity = FANOUT_CAPACITY,
	.rounds = 1,
	.cold = true,
	.alone = true,
	.metrics = { "per task" },
	.contenders = cold,
	.round = fanout_round,
};

/* A pool without workers, and threads enough in the module's cache. */
const struct bench_scenario bench_fanout_cached = {
	.name = "fanout/cached",
	.submitters = 1,
	.capacity = FANOUT_CAPACITY,
	.rounds = 1,
	.cold = true,
	.alone = true,
	.metrics = { "per task" },
	.contenders = cached,
	.round = fanout_round,
};

const struct bench_scenario bench_fanout_warm = {
	.name = "fanout/warm",
	.submitters = 1,
	.capacity = FANOUT_CAPACITY,
	.expiry_ms = WQ_EXPIRY_MS,
	.metrics = { "per task" },
	.contenders = warm,
	.round = fanout_round,
};
