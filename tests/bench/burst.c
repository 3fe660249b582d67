// SPDX-License-Identifier: GPL-2.0
/*
 * Scenario: as many tasks that do nothing as fast as possible.
 */

#include <linux/mm.h>
#include <linux/slab.h>

#include "bench.h"

/**
 * struct burst - a lot of tasks
 * @contender: what does them
 * @items: the tasks
 * @nr: how many
 * @left: not done yet
 * @done: completed by the last one
 */
struct burst {
	struct bench_contender	*contender;
	struct bench_item	*items;
	unsigned int		nr;
	atomic_t		left;
	struct completion	done;
};

/* One of them is done. */
void bench_burst_done(struct bench_item *item)
{
	struct burst *burst = item->data;

	if (atomic_dec_and_test(&burst->left))
		complete_all(&burst->done);
}

static int burst_init(struct burst *burst, struct bench_contender *contender,
		      void (*fn)(struct bench_item *item), unsigned int nr)
{
	unsigned int i;

	burst->contender = contender;
	burst->nr = nr;
	atomic_set(&burst->left, nr);
	init_completion(&burst->done);
	burst->items = kvcalloc(nr, sizeof(*burst->items), GFP_KERNEL);
	if (!burst->items)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		burst->items[i].fn = fn;
		burst->items[i].data = burst;
		if (contender->init)
			contender->init(&burst->items[i]);
	}
	return 0;
}

static void submit_batches(struct bench_submitter *submitter)
{
	struct burst *burst = submitter->arg;
	struct bench_item *items[BENCH_BATCH];
	unsigned int i, nr = 0;

	for (i = submitter->index; i < burst->nr; i += submitter->nr) {
		items[nr++] = &burst->items[i];
		if (nr < BENCH_BATCH && i + submitter->nr < burst->nr)
			continue;
		submitter->err = burst->contender->submit_all(burst->contender,
							      items, nr);
		nr = 0;
	}
}

static void submit_each(struct bench_submitter *submitter)
{
	struct burst *burst = submitter->arg;
	unsigned int i;

	for (i = submitter->index; i < burst->nr; i += submitter->nr) {
		int err = burst->contender->submit(burst->contender,
						   &burst->items[i]);

		if (err) {
			submitter->err = err;
			bench_burst_done(&burst->items[i]);
		}
	}
}

static void submit_share(struct bench_submitter *submitter)
{
	struct burst *burst = submitter->arg;

	if (burst->contender->submit_all)
		submit_batches(submitter);
	else
		submit_each(submitter);
	bench_wait(&burst->done);
}

/* All of @nr tasks, submitted and done. */
int bench_burst_round(struct bench_round *round,
		      void (*fn)(struct bench_item *item), unsigned int nr)
{
	struct burst burst;
	u64 elapsed;
	int err;

	err = burst_init(&burst, round->contender, fn, nr);
	if (err)
		return err;
	err = bench_submitters_run(round->scenario->submitters, submit_share,
				   &burst, &elapsed);
	do_div(elapsed, nr);
	bench_series_add(&round->series[0], elapsed);
	kvfree(burst.items);
	return err;
}

static int burst_round(struct bench_round *round)
{
	unsigned int nr = bench_burst;

	if (round->contender->dear)
		nr /= 10 * round->contender->dear;
	return bench_burst_round(round, bench_burst_done, max(nr, 1U));
}

static struct bench_contender *const contenders[] = {
	&bench_wq_unbound,
	&bench_wq_percpu,
	&bench_wq_highpri,
	&bench_kthread_worker,
	&bench_kthread,
	&bench_pool,
	&bench_depth,
	&bench_depth_full,
	&bench_task,
	&bench_batch,
	&bench_group,
	&bench_multi,
	&bench_multi_task,
	NULL
};

#define BURST(n)						\
	const struct bench_scenario bench_burst_##n = {		\
		.name = "burst/" #n,				\
		.submitters = n,				\
		.metrics = { "per task" },			\
		.contenders = contenders,			\
		.round = burst_round,				\
	}

BURST(1);
BURST(2);
BURST(4);

static struct bench_contender *const measured[] = {
	&bench_depth,
	&bench_depth_full,
	&bench_task,
	&bench_batch,
	NULL
};

/* All contenders of this burst have histograms. */
const struct bench_scenario bench_burst_measured = {
	.name = "measured/burst",
	.submitters = 1,
	.flags = WORKPOOL_F_HISTOGRAMS,
	.metrics = { "per task" },
	.contenders = measured,
	.round = burst_round,
};
