// SPDX-License-Identifier: GPL-2.0
/*
 * Scenario: submit one task and wait for it.
 */

#include <linux/delay.h>

#include "bench.h"

static void add(struct bench_round *round, int metric, u64 value)
{
	if (round->scenario->metrics[metric])
		bench_series_add(&round->series[metric], value);
}

/* Submit, wait; the metrics are the round trip and the submit alone. */
static int do_item(struct bench_round *round, struct bench_submitter *submitter)
{
	struct bench_contender *contender = round->contender;
	u64 start, submit;
	int err;

	reinit_completion(&submitter->done);
	start = bench_clock();
	err = contender->submit(contender, &submitter->item);
	submit = bench_since(start);
	if (err)
		return err;
	wait_for_completion(&submitter->done);
	add(round, 0, bench_since(start));
	add(round, 1, submit);
	return 0;
}

static int do_call(struct bench_round *round, struct bench_submitter *submitter)
{
	struct bench_contender *contender = round->contender;
	u64 start, call;
	int err;

	start = bench_clock();
	err = contender->call(contender, submitter);
	call = bench_since(start);
	if (contender->batch)
		do_div(call, contender->batch);
	if (!err)
		add(round, 0, call);
	return err;
}

static int do_one(struct bench_round *round, struct bench_submitter *submitter)
{
	struct bench_contender *contender = round->contender;
	int err;

	if (contender->prepare) {
		err = contender->prepare(contender, submitter);
		if (err)
			return err;
	}
	if (contender->call)
		err = do_call(round, submitter);
	else
		err = do_item(round, submitter);
	if (contender->settle)
		contender->settle(contender, submitter);
	return err;
}

static unsigned int ops_of(const struct bench_contender *contender)
{
	return max(bench_ops / (contender->dear ?: 1), 1U);
}

static void submit_all(struct bench_submitter *submitter)
{
	struct bench_round *round = submitter->arg;
	struct bench_contender *contender = round->contender;
	unsigned int i;

	if (contender->init)
		contender->init(&submitter->item);
	for (i = ops_of(contender); i && !submitter->err; i--) {
		submitter->err = do_one(round, submitter);
		if (round->scenario->pause_us)
			usleep_range(round->scenario->pause_us,
				     round->scenario->pause_us + 50);
	}
}

int bench_roundtrip(struct bench_round *round)
{
	unsigned int nr = round->scenario->submitters;
	u64 elapsed;
	int err;

	err = bench_submitters_run(nr, submit_all, round, &elapsed);
	do_div(elapsed, nr * ops_of(round->contender));
	add(round, 2, elapsed);
	add(round, 3, div64_u64(NSEC_PER_SEC, elapsed ?: 1));
	return err;
}

static struct bench_contender *const everybody[] = {
	&bench_pingpong,
	&bench_wq_unbound,
	&bench_wq_percpu,
	&bench_wq_highpri,
	&bench_kthread_worker,
	&bench_kthread,
	&bench_pool,
	&bench_depth,
	&bench_task,
	&bench_group,
	&bench_multi,
	&bench_multi_task,
	NULL
};

#define ROUNDTRIP(nr)							\
	const struct bench_scenario bench_roundtrip_##nr = {		\
		.name = "roundtrip/" #nr,				\
		.submitters = nr,					\
		.metrics = { "round trip", "submit call", "per task",	\
			     "count of items per second" },		\
		.contenders = everybody,				\
		.round = bench_roundtrip,				\
	}

ROUNDTRIP(1);
ROUNDTRIP(2);
ROUNDTRIP(4);

static struct bench_contender *const measured[] = {
	&bench_pool,
	&bench_depth,
	&bench_task,
	NULL
};

/* All contenders of this round trip have histograms. */
const struct bench_scenario bench_roundtrip_measured = {
	.name = "measured/roundtrip",
	.submitters = 1,
	.flags = WORKPOOL_F_HISTOGRAMS,
	.metrics = { "round trip", "submit call" },
	.contenders = measured,
	.round = bench_roundtrip,
};
