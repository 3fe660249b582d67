// SPDX-License-Identifier: GPL-2.0
/*
 * Contenders: a pool, with the calls that take a function and an argument.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "bench.h"

/* Several pools at once must not have one name. */
static atomic_t serial;

struct workpool_attrs bench_pool_attrs(const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs =
		WORKPOOL_ATTRS_INIT(scenario->capacity ?: BENCH_CAPACITY);

	attrs.expiry_ms = scenario->expiry_ms;
	attrs.flags = scenario->flags;
	return attrs;
}

int bench_pool_open(struct bench_contender *contender,
		    const struct workpool_attrs *attrs)
{
	struct workpool *pool = workpool_create(attrs, "bench-%d",
						atomic_inc_return(&serial));

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	contender->data = pool;
	return 0;
}

static int pool_open(struct bench_contender *contender,
		     const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs = bench_pool_attrs(scenario);

	return bench_pool_open(contender, &attrs);
}

void bench_pool_close(struct bench_contender *contender)
{
	workpool_destroy(contender->data);
}

/* Close the pool, and say where its threads came from. */
void bench_pool_close_telling(struct bench_contender *contender)
{
	struct workpool_stats stats;

	workpool_stats(contender->data, &stats);
	pr_info("%s: %llu threads made and %llu from the cache\n",
		contender->name, stats.spawned, stats.adopted);
	bench_pool_close(contender);
}

static void run_item(void *arg)
{
	struct bench_item *item = arg;

	item->fn(item);
}

int bench_pool_submit(struct bench_contender *contender,
		      struct bench_item *item)
{
	return workpool_submit(contender->data, run_item, item);
}

struct bench_contender bench_pool = {
	.name = "workpool submit",
	.open = pool_open,
	.close = bench_pool_close,
	.submit = bench_pool_submit,
};

static int queue_open(struct bench_contender *contender,
		      const struct bench_scenario *scenario, unsigned int depth)
{
	struct workpool_attrs attrs = bench_pool_attrs(scenario);

	attrs.queue_depth = depth;
	return bench_pool_open(contender, &attrs);
}

/* A burst has room in it. */
static int depth_open(struct bench_contender *contender,
		      const struct bench_scenario *scenario)
{
	return queue_open(contender, scenario,
			  min_t(unsigned int, bench_burst, WORKPOOL_DEPTH_MAX));
}

struct bench_contender bench_depth = {
	.name = "workpool queue_depth",
	.open = depth_open,
	.close = bench_pool_close,
	.submit = bench_pool_submit,
};

/* A burst fills it at once, and waits then. */
static int full_open(struct bench_contender *contender,
		     const struct bench_scenario *scenario)
{
	return queue_open(contender, scenario, BENCH_CAPACITY);
}

struct bench_contender bench_depth_full = {
	.name = "workpool full queue_depth",
	.open = full_open,
	.close = bench_pool_close,
	.submit = bench_pool_submit,
};
