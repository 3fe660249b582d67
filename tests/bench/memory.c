// SPDX-License-Identifier: GPL-2.0
/*
 * Scenario: what an idle worker takes of the memory, and what a thread takes that
 * does nothing but sleep. All of them stay until both were measured: memory that
 * threads have left would be used again, unseen.
 */

#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "bench.h"

static u64 free_memory(void)
{
	struct sysinfo info;

	si_meminfo(&info);
	return (u64)info.freeram * info.mem_unit;
}

static struct task_struct **threads;
static unsigned int nr_threads;

static int threads_open(struct bench_contender *contender,
			const struct bench_scenario *scenario)
{
	nr_threads = 0;
	threads = kvcalloc(bench_workers, sizeof(*threads), GFP_KERNEL);
	return threads ? 0 : -ENOMEM;
}

static void threads_close(struct bench_contender *contender)
{
	while (nr_threads)
		kthread_stop(threads[--nr_threads]);
	kvfree(threads);
}

static int asleep(void *data)
{
	while (!kthread_should_stop())
		schedule_timeout_interruptible(10 * HZ);
	return 0;
}

static int start_threads(void)
{
	while (nr_threads < bench_workers) {
		struct task_struct *task = kthread_run(asleep, NULL, "wp_bench");

		if (IS_ERR(task))
			return PTR_ERR(task);
		threads[nr_threads++] = task;
	}
	msleep(20);
	return 0;
}

static int pool_open(struct bench_contender *contender,
		     const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(bench_workers);

	attrs.flags = WORKPOOL_F_NOPURGE;
	return bench_pool_open(contender, &attrs);
}

static int start_workers(struct workpool *pool)
{
	struct bench_hold *hold = bench_hold_start(pool, bench_workers);

	if (IS_ERR(hold))
		return PTR_ERR(hold);
	bench_hold_end(hold);
	return workpool_idle(pool) == bench_workers ? 0 : -EAGAIN;
}

static struct bench_contender bare_threads = {
	.name = "kthread asleep",
	.open = threads_open,
	.close = threads_close,
};

static struct bench_contender pool_workers = {
	.name = "workpool idle worker",
	.open = pool_open,
	.close = bench_pool_close,
};

static int memory_round(struct bench_round *round)
{
	u64 before = free_memory(), after;
	int err;

	if (round->contender == &bare_threads)
		err = start_threads();
	else
		err = start_workers(round->contender->data);
	after = free_memory();
	if (!err && before > after)
		bench_series_add(&round->series[0],
				 div_u64(before - after, bench_workers));
	return err;
}

static struct bench_contender *const contenders[] = {
	&bare_threads,
	&pool_workers,
	NULL
};

const struct bench_scenario bench_memory = {
	.name = "memory",
	.rounds = 1,
	.cold = true,
	.metrics = { "bytes per thread" },
	.contenders = contenders,
	.round = memory_round,
};
