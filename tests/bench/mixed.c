// SPDX-License-Identifier: GPL-2.0
/*
 * Scenario: long tasks, which work and sleep in turn, and among them a stream of
 * short ones: how long does a short one take?
 *
 * A kthread_worker does not take part: it would never come to a short one.
 */

#include <linux/delay.h>
#include <linux/slab.h>

#include "bench.h"

/* Long tasks for each CPU. */
#define LONG_PER_CPU	8

/**
 * struct mix - the long tasks of a turn
 * @items: they
 * @nr: how many of them were accepted
 * @stop: they are to end
 * @left: of them at work
 */
struct mix {
	struct bench_item	*items;
	unsigned int		nr;
	bool			stop;
	atomic_t		left;
};

static void work(u64 ns)
{
	u64 start = bench_clock();

	while (bench_since(start) < ns)
		cpu_relax();
}

/* A tenth of a CPU. */
static void long_item(struct bench_item *item)
{
	struct mix *mix = item->data;

	while (!READ_ONCE(mix->stop)) {	/* set by mix_stop() */
		work(100 * NSEC_PER_USEC);
		usleep_range(900, 1000);
	}
	atomic_dec(&mix->left);
}

static void mix_stop(struct mix *mix)
{
	WRITE_ONCE(mix->stop, true);	/* read by long_item() */
	while (atomic_read(&mix->left))
		usleep_range(500, 1000);
	kfree(mix->items);
}

static int mix_start(struct mix *mix, struct bench_contender *contender)
{
	unsigned int nr = LONG_PER_CPU * num_online_cpus();
	int err = 0;

	*mix = (struct mix){ };
	nr = min(nr, BENCH_CAPACITY / 2U);
	mix->items = kcalloc(nr, sizeof(*mix->items), GFP_KERNEL);
	if (!mix->items)
		return -ENOMEM;
	for (; mix->nr < nr && !err; mix->nr++) {
		struct bench_item *item = &mix->items[mix->nr];

		item->fn = long_item;
		item->data = mix;
		if (contender->init)
			contender->init(item);
		atomic_inc(&mix->left);
		err = contender->submit(contender, item);
		if (err)
			atomic_dec(&mix->left);
	}
	if (err)
		mix_stop(mix);
	msleep(20);
	return err;
}

static int mixed_round(struct bench_round *round)
{
	struct mix mix;
	int err;

	err = mix_start(&mix, round->contender);
	if (err)
		return err;
	err = bench_roundtrip(round);
	mix_stop(&mix);
	return err;
}

static struct bench_contender *const contenders[] = {
	&bench_wq_unbound,
	&bench_wq_percpu,
	&bench_wq_highpri,
	&bench_kthread,
	&bench_pool,
	&bench_task,
	NULL
};

const struct bench_scenario bench_mixed = {
	.name = "mixed",
	.submitters = 1,
	.pause_us = 200,
	.metrics = { "short task" },
	.contenders = contenders,
	.round = mixed_round,
};
