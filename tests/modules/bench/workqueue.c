// SPDX-License-Identifier: GPL-2.0
/*
 * Contenders: workqueues.
 */

#include "bench.h"

static int wq_open(struct bench_contender *contender,
		   const struct bench_scenario *scenario, unsigned int flags)
{
	int active = min_t(int, scenario->capacity, WQ_MAX_ACTIVE);

	contender->data = alloc_workqueue("wp_bench", flags, active);
	return contender->data ? 0 : -ENOMEM;
}

static int percpu_open(struct bench_contender *contender,
		       const struct bench_scenario *scenario)
{
	return wq_open(contender, scenario, WQ_PERCPU);
}

static int unbound_open(struct bench_contender *contender,
			const struct bench_scenario *scenario)
{
	return wq_open(contender, scenario, WQ_UNBOUND);
}

static int highpri_open(struct bench_contender *contender,
			const struct bench_scenario *scenario)
{
	return wq_open(contender, scenario, WQ_UNBOUND | WQ_HIGHPRI);
}

static void wq_close(struct bench_contender *contender)
{
	destroy_workqueue(contender->data);
}

static void run_work(struct work_struct *work)
{
	struct bench_item *item = container_of(work, struct bench_item, work);

	item->fn(item);
}

static void wq_init(struct bench_item *item)
{
	INIT_WORK(&item->work, run_work);
}

static int wq_submit(struct bench_contender *contender, struct bench_item *item)
{
	return queue_work(contender->data, &item->work) ? 0 : -EALREADY;
}

struct bench_contender bench_wq_percpu = {
	.name = "workqueue per-CPU",
	.open = percpu_open,
	.close = wq_close,
	.init = wq_init,
	.submit = wq_submit,
};

struct bench_contender bench_wq_unbound = {
	.name = "workqueue unbound",
	.open = unbound_open,
	.close = wq_close,
	.init = wq_init,
	.submit = wq_submit,
};

struct bench_contender bench_wq_highpri = {
	.name = "workqueue unbound highpri",
	.open = highpri_open,
	.close = wq_close,
	.init = wq_init,
	.submit = wq_submit,
};
