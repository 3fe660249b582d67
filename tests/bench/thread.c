// SPDX-License-Identifier: GPL-2.0
/*
 * Contenders: one thread for all tasks, and one thread for each.
 */

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "bench.h"

static int worker_open(struct bench_contender *contender,
		       const struct bench_scenario *scenario)
{
	struct kthread_worker *worker = kthread_create_worker(0, "wp_bench");

	if (IS_ERR(worker))
		return PTR_ERR(worker);
	/* Since 6.14 the thread is created asleep; before, this does nothing. */
	wake_up_process(worker->task);
	contender->data = worker;
	return 0;
}

static void worker_close(struct bench_contender *contender)
{
	kthread_destroy_worker(contender->data);
}

static void run_kwork(struct kthread_work *kwork)
{
	struct bench_item *item = container_of(kwork, struct bench_item, kwork);

	item->fn(item);
}

static void worker_init(struct bench_item *item)
{
	kthread_init_work(&item->kwork, run_kwork);
}

static int worker_submit(struct bench_contender *contender,
			 struct bench_item *item)
{
	return kthread_queue_work(contender->data, &item->kwork) ? 0 : -EALREADY;
}

struct bench_contender bench_kthread_worker = {
	.name = "kthread_worker",
	.open = worker_open,
	.close = worker_close,
	.init = worker_init,
	.submit = worker_submit,
};

/* Each thread holds a reference on this module until it is out of it. */
static int thread_open(struct bench_contender *contender,
		       const struct bench_scenario *scenario)
{
	contender->data = (void *)(unsigned long)module_refcount(THIS_MODULE);
	return 0;
}

static void thread_close(struct bench_contender *contender)
{
	while (module_refcount(THIS_MODULE) > (unsigned long)contender->data)
		msleep(20);
}

static int run_thread(void *data)
{
	struct bench_item *item = data;

	item->fn(item);
	module_put_and_kthread_exit(0);
	return 0;
}

static int thread_submit(struct bench_contender *contender,
			 struct bench_item *item)
{
	struct task_struct *task;

	__module_get(THIS_MODULE);
	task = kthread_run(run_thread, item, "wp_bench");
	if (!IS_ERR(task))
		return 0;
	module_put(THIS_MODULE);
	return PTR_ERR(task);
}

struct bench_contender bench_kthread = {
	.name = "kthread_run for each",
	.dear = 10,
	.open = thread_open,
	.close = thread_close,
	.submit = thread_submit,
};
