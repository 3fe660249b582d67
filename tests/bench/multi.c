// SPDX-License-Identifier: GPL-2.0
/*
 * Contenders: several pools as one.
 */

#include "bench.h"

#define POOLS	4

/* Several at once must not have one name. */
static atomic_t serial;

/* As many workers in all as one pool has. */
static int multi_open(struct bench_contender *contender,
		      const struct bench_scenario *scenario)
{
	unsigned int capacity = scenario->capacity ?: BENCH_CAPACITY;
	struct workpool_attrs attrs =
		WORKPOOL_ATTRS_INIT(DIV_ROUND_UP(capacity, POOLS));
	struct workpool_multi *multi =
		workpool_multi_create(POOLS, WORKPOOL_ROUND_ROBIN, &attrs,
				      "bench-multi-%d",
				      atomic_inc_return(&serial));

	if (IS_ERR(multi))
		return PTR_ERR(multi);
	contender->data = multi;
	return 0;
}

static void multi_close(struct bench_contender *contender)
{
	workpool_multi_destroy(contender->data);
}

static void run_item(void *arg)
{
	struct bench_item *item = arg;

	item->fn(item);
}

static int multi_submit(struct bench_contender *contender,
			struct bench_item *item)
{
	return workpool_multi_submit(contender->data, run_item, item);
}

struct bench_contender bench_multi = {
	.name = "workpool multi of 4",
	.open = multi_open,
	.close = multi_close,
	.submit = multi_submit,
};

static void run_task(struct workpool_task *task)
{
	struct bench_item *item = container_of(task, struct bench_item, task);

	item->fn(item);
}

static void multi_task_init(struct bench_item *item)
{
	workpool_task_init(&item->task, run_task);
}

static int multi_task_submit(struct bench_contender *contender,
			     struct bench_item *item)
{
	return workpool_multi_queue(contender->data, &item->task);
}

struct bench_contender bench_multi_task = {
	.name = "workpool multi of 4 task",
	.open = multi_open,
	.close = multi_close,
	.init = multi_task_init,
	.submit = multi_task_submit,
};
