// SPDX-License-Identifier: GPL-2.0
/*
 * Scenario: as many tasks that do nothing as fast as possible.
 */

#include <linux/mm.h>
#include <linux/slab.h>

#include "bench.h"

/**
 * struct burst - a lot of tasks
 * @contender: who does them
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

static void item_done(struct bench_item *item)
{
	struct burst *burst = item->data;

	if (atomic_dec_and_test(&burst->left))
		complete_all(&burst->done);
}

static int burst_init(struct burst *burst, struct bench_contender *contender,
		      unsigned int nr)
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
		burst->items[i].fn = item_done;
		burst->items[i].data = burst;
		if (contender->init)
			contender->init(&burst->items[i]);
	}
	return 0;
}

static void submit_share(struct bench_submitter *submitter)
{
	struct burst *burst = submitter->arg;
	unsigned int i;

	for (i = submitter->index; i < burst->nr; i += submitter->nr) {
		int err = burst->contender->submit(burst->contender,
						   &burst->items[i]);

		if (err) {
			submitter->err = err;
			item_done(&burst->items[i]);
		}
	}
	bench_wait(&burst->done);
}

static int burst_round(struct bench_round *round)
{
	struct bench_contender *contender = round->contender;
	struct burst burst;
	u64 elapsed;
	int err;

	err = burst_init(&burst, contender,
			 max(bench_burst / (contender->dear ?: 1), 1U));
	if (err)
		return err;
	err = bench_submitters_run(round->scenario->submitters, submit_share,
				   &burst, &elapsed);
	do_div(elapsed, burst.nr);
	bench_series_add(&round->series[0], elapsed);
	kvfree(burst.items);
	return err;
}

static struct bench_contender *const contenders[] = {
	&bench_wq_unbound,
	&bench_wq_percpu,
	&bench_wq_highpri,
	&bench_kthread_worker,
	&bench_kthread,
	&bench_pool,
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
