// SPDX-License-Identifier: GPL-2.0
/*
 * The bench runs while the module is being loaded.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

#include "bench.h"

unsigned int bench_rounds = 5;
module_param_named(rounds, bench_rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "Turns of each contender in a scenario");

unsigned int bench_ops = 1000;
module_param_named(ops, bench_ops, uint, 0444);
MODULE_PARM_DESC(ops, "Operations of each submitter in a round");

unsigned int bench_burst = 200000;
module_param_named(burst, bench_burst, uint, 0444);
MODULE_PARM_DESC(burst, "Tasks in a burst");

unsigned int bench_fanout = 10000;
module_param_named(fanout, bench_fanout, uint, 0444);
MODULE_PARM_DESC(fanout, "Tasks of a fan-out");

unsigned int bench_workers = 4096;
module_param_named(workers, bench_workers, uint, 0444);
MODULE_PARM_DESC(workers, "Workers of a large pool");

unsigned int bench_purge = 50000;
module_param_named(purge, bench_purge, uint, 0444);
MODULE_PARM_DESC(purge, "Leave out purges of more workers");

unsigned int bench_many = 10000;
module_param_named(many, bench_many, uint, 0444);
MODULE_PARM_DESC(many, "Leave out operations on more threads or tasks");

unsigned int bench_cached;
module_param_named(cached, bench_cached, uint, 0444);
MODULE_PARM_DESC(cached, "Threads in workpool's cache: fan out from there, and no more");

static char *only = "";
module_param(only, charp, 0444);
MODULE_PARM_DESC(only, "Run scenarios whose name begins like this");

static char *who = "";
module_param(who, charp, 0444);
MODULE_PARM_DESC(who, "Only contenders whose name begins like this");

/*
 * The first is what all others are compared to. Memory and cold fan-out need a
 * machine that has not run many threads yet.
 */
static const struct bench_scenario *const scenarios[] = {
	&bench_roundtrip_1,
	&bench_memory,
	&bench_fanout_cold,
	&bench_fanout_cached,
	&bench_fanout_warm,
	&bench_roundtrip_2,
	&bench_roundtrip_4,
	&bench_burst_1,
	&bench_burst_2,
	&bench_burst_4,
	&bench_mixed,
	&bench_reuse,
	&bench_full,
	&bench_full_order,
	&bench_full_rate,
	&bench_locks_1,
	&bench_locks_2,
	&bench_locks_4,
	&bench_front_1,
	&bench_front_2,
	&bench_front_4,
	&bench_front_8,
	&bench_life,
	&bench_purge_10,
	&bench_purge_1000,
	&bench_purge_50000,
	&bench_slices_1000,
	&bench_slices_10000,
	&bench_burst_measured,
	&bench_roundtrip_measured,
};

#define CONTENDERS	20

/**
 * struct session - one scenario in progress
 * @scenario: it
 * @rounds: turns of each contender
 * @open: which contenders take part
 * @series: what was measured, for each contender and metric
 */
struct session {
	const struct bench_scenario	*scenario;
	unsigned int			rounds;
	bool				open[CONTENDERS];
	struct bench_series		*series[CONTENDERS];
};

static int alloc_series(struct session *session, int i)
{
	const struct bench_scenario *scenario = session->scenario;
	int m, err = 0;

	session->series[i] = kcalloc(BENCH_METRICS, sizeof(struct bench_series),
				     GFP_KERNEL);
	if (!session->series[i])
		return -ENOMEM;
	for (m = 0; scenario->metrics[m] && !err; m++)
		err = bench_series_init(&session->series[i][m],
					session->rounds *
					bench_ops *
					max(scenario->submitters, 1U));
	return err;
}

static int open_contender(struct session *session, int i)
{
	struct bench_contender *contender = session->scenario->contenders[i];
	int err = 0;

	if (!strstarts(contender->name, who))
		return 0;
	if (contender->open)
		err = contender->open(contender, session->scenario);
	session->open[i] = !err;
	return err == -EOPNOTSUPP ? 0 : err;
}

static void close_contender(struct session *session, int i)
{
	struct bench_contender *contender = session->scenario->contenders[i];

	if (session->open[i] && contender->close)
		contender->close(contender);
	session->open[i] = false;
}

static int open_contenders(struct session *session)
{
	int i, err;

	for (i = 0; session->scenario->contenders[i]; i++) {
		if (WARN_ON(i == CONTENDERS))
			return -E2BIG;
		err = alloc_series(session, i);
		if (!err && !session->scenario->alone)
			err = open_contender(session, i);
		if (err)
			return err;
	}
	return 0;
}

static void close_contenders(struct session *session)
{
	int i, m;

	for (i = 0; session->scenario->contenders[i]; i++) {
		close_contender(session, i);
		if (!session->series[i])
			continue;
		for (m = 0; m < BENCH_METRICS; m++)
			bench_series_free(&session->series[i][m]);
		kfree(session->series[i]);
	}
}

static int take_turn(struct session *session, int i)
{
	struct bench_round round = {
		.scenario = session->scenario,
		.contender = session->scenario->contenders[i],
		.series = session->series[i],
	};
	int err;

	if (!session->open[i])
		return 0;
	err = session->scenario->round(&round);
	if (err)
		pr_err("%s failed: %pe\n", round.contender->name, ERR_PTR(err));
	return err;
}

static int do_round(struct session *session, int i)
{
	int err = 0;

	if (session->scenario->alone)
		err = open_contender(session, i);
	if (!err)
		err = take_turn(session, i);
	if (session->scenario->alone)
		close_contender(session, i);
	return err;
}

static void forget(struct session *session, int i)
{
	int m;

	for (m = 0; m < BENCH_METRICS; m++)
		bench_series_clear(&session->series[i][m]);
}

/*
 * Each contender's turn, then again: a disturbance meets them all. The first
 * turns bring up threads and the scheduler's idea of them, and do not count.
 */
static int do_rounds(struct session *session)
{
	unsigned int nr;
	int i, err;

	for (nr = 0; nr <= session->rounds; nr++) {
		if (!nr && session->scenario->cold)
			continue;
		for (i = 0; session->scenario->contenders[i]; i++) {
			err = do_round(session, i);
			if (err)
				return err;
			if (!nr)
				forget(session, i);
		}
	}
	return 0;
}

static void report(struct session *session)
{
	int i, m;

	for (i = 0; session->scenario->contenders[i]; i++)
		for (m = 0; session->scenario->metrics[m]; m++)
			bench_series_sort(&session->series[i][m]);
	bench_report_head(session->scenario);
	bench_report(session->scenario, session->series);
}

static int run_scenario(const struct bench_scenario *scenario)
{
	struct session session = {
		.scenario = scenario,
		.rounds = scenario->rounds ?: bench_rounds,
	};
	int err;

	err = open_contenders(&session);
	if (!err)
		err = do_rounds(&session);
	if (!err)
		report(&session);
	close_contenders(&session);
	return err;
}

/* Everything is compared to the first scenario. */
static bool is_wanted(int i)
{
	if (bench_cached || scenarios[i] == &bench_fanout_cached)
		return bench_cached && scenarios[i] == &bench_fanout_cached;
	return !i || strstarts(scenarios[i]->name, only);
}

static int __init wp_bench_init(void)
{
	int i, err = 0;

	if (!bench_rounds || !bench_ops || !bench_burst || !bench_fanout ||
	    !bench_workers)
		return -EINVAL;
	bench_clock_calibrate();
	for (i = 0; i < ARRAY_SIZE(scenarios) && !err; i++)
		if (is_wanted(i))
			err = run_scenario(scenarios[i]);
	return err;
}

static void __exit wp_bench_exit(void)
{
}

module_init(wp_bench_init);
module_exit(wp_bench_exit);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The workpool developers");
MODULE_DESCRIPTION("workpool beside workqueue, kthread_worker and threads");
WORKPOOL_IMPORT_NS();
