// SPDX-License-Identifier: GPL-2.0
/*
 * Contenders: workqueues.
 */

#include <linux/semaphore.h>
#include <linux/slab.h>

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

/* What a user writes to limit how many run at once. */
struct limited {
	struct workqueue_struct	*wq;
	struct semaphore	room;
};

static int semaphore_open(struct bench_contender *contender,
			  const struct bench_scenario *scenario)
{
	struct limited *limited = kzalloc(sizeof(*limited), GFP_KERNEL);

	if (!limited)
		return -ENOMEM;
	sema_init(&limited->room, scenario->capacity ?: BENCH_CAPACITY);
	limited->wq = alloc_workqueue("wp_bench", WQ_UNBOUND, 0);
	if (!limited->wq) {
		kfree(limited);
		return -ENOMEM;
	}
	contender->data = limited;
	return 0;
}

static void semaphore_close(struct bench_contender *contender)
{
	struct limited *limited = contender->data;

	destroy_workqueue(limited->wq);
	kfree(limited);
}

static void run_limited(struct work_struct *work)
{
	struct bench_item *item = container_of(work, struct bench_item, work);
	struct limited *limited = bench_semaphore.data;

	item->fn(item);
	up(&limited->room);
}

static void semaphore_init(struct bench_item *item)
{
	INIT_WORK(&item->work, run_limited);
}

static int semaphore_submit(struct bench_contender *contender,
			    struct bench_item *item)
{
	struct limited *limited = contender->data;
	int err = down_killable(&limited->room);

	if (err)
		return err;
	queue_work(limited->wq, &item->work);
	return 0;
}

struct bench_contender bench_semaphore = {
	.name = "semaphore + workqueue unbound",
	.open = semaphore_open,
	.close = semaphore_close,
	.init = semaphore_init,
	.submit = semaphore_submit,
};
