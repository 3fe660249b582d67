// SPDX-License-Identifier: GPL-2.0
/*
 * Contender: workpool.
 */

#include "bench.h"

static int pool_open(struct bench_contender *contender,
		     const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs =
		WORKPOOL_ATTRS_INIT(scenario->capacity ?: BENCH_CAPACITY);
	struct workpool *pool = workpool_create(&attrs, "bench");

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	contender->data = pool;
	return 0;
}

static void pool_close(struct bench_contender *contender)
{
	workpool_destroy(contender->data);
}

static void run_item(void *arg)
{
	struct bench_item *item = arg;

	item->fn(item);
}

static int pool_submit(struct bench_contender *contender,
		       struct bench_item *item)
{
	return workpool_submit(contender->data, run_item, item);
}

struct bench_contender bench_pool = {
	.name = "workpool submit",
	.open = pool_open,
	.close = pool_close,
	.submit = pool_submit,
};
