// SPDX-License-Identifier: GPL-2.0
/*
 * Contenders: a pool, with tasks that are embedded as a work_struct is.
 */

#include "bench.h"

static int task_open(struct bench_contender *contender,
		     const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs = bench_pool_attrs(scenario);

	return bench_pool_open(contender, &attrs);
}

static void run_task(struct workpool_task *task)
{
	struct bench_item *item = container_of(task, struct bench_item, task);

	item->fn(item);
}

static void task_init(struct bench_item *item)
{
	workpool_task_init(&item->task, run_task);
}

static int task_submit(struct bench_contender *contender,
		       struct bench_item *item)
{
	return workpool_queue(contender->data, &item->task);
}

struct bench_contender bench_task = {
	.name = "workpool task",
	.open = task_open,
	.close = bench_pool_close,
	.init = task_init,
	.submit = task_submit,
};

static int batch_submit(struct bench_contender *contender,
			struct bench_item **items, unsigned int nr)
{
	struct workpool_task *tasks[BENCH_BATCH];
	unsigned int i;

	for (i = 0; i < nr; i++)
		tasks[i] = &items[i]->task;
	return workpool_queue_batch(contender->data, tasks, nr) == nr ?
	       0 : -EIO;
}

struct bench_contender bench_batch = {
	.name = "workpool batch",
	.open = task_open,
	.close = bench_pool_close,
	.init = task_init,
	.submit_all = batch_submit,
};
