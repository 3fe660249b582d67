// SPDX-License-Identifier: GPL-2.0
/*
 * The table, and the same as comma separated values.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/math64.h>

#include "bench.h"

/* Two numbers of 64 and 32 bits, a point and a NUL. */
#define RATIO_SIZE 40

/* Round trips of one submitter, which everything else is compared to. */
static u64 unbound;
static u64 floor;

void bench_report_head(const struct bench_scenario *scenario)
{
	pr_info("\n");
	pr_info("%-28s %8s %8s %8s %8s %9s %8s\n", scenario->name, "median",
		"p90", "p95", "p99", "x unbound", "x floor");
}

/* @value as a multiple of @base with two digits, or "-". */
static const char *ratio(char buf[RATIO_SIZE], u64 value, u64 base)
{
	u64 percent;
	u32 rest;

	if (!base)
		return "-";
	percent = div64_u64(value * 100 + base / 2, base);
	percent = div_u64_rem(percent, 100, &rest);
	snprintf(buf, RATIO_SIZE, "%llu.%02u", percent, rest);
	return buf;
}

static bool is_time(const char *metric)
{
	return !strstarts(metric, "count ") && !strstarts(metric, "bytes ");
}

static void report_line(const struct bench_scenario *scenario,
			const char *metric, const char *name,
			struct bench_series *series, u64 base)
{
	u64 p50 = bench_series_percentile(series, 50);
	u64 p90 = bench_series_percentile(series, 90);
	u64 p95 = bench_series_percentile(series, 95);
	u64 p99 = bench_series_percentile(series, 99);
	char to_unbound[RATIO_SIZE], to_floor[RATIO_SIZE];
	const char *x_unbound = ratio(to_unbound, p50, base);
	const char *x_floor = ratio(to_floor, p50,
				    is_time(metric) ? floor : 0);

	pr_info("  %-26s %8llu %8llu %8llu %8llu %9s %8s\n", name, p50, p90, p95,
		p99, x_unbound, x_floor);
	pr_info("csv %s,%s,%s,%u,%llu,%llu,%llu,%llu,%s,%s\n", scenario->name,
		metric, name, atomic_read(&series->nr), p50, p90, p95, p99,
		x_unbound, x_floor);
}

/* The line everything in the scenario is compared to. */
static u64 find_base(const struct bench_scenario *scenario,
		     struct bench_series *const *series, int metric)
{
	int i;

	for (i = 0; scenario->contenders[i]; i++)
		if (scenario->contenders[i] == &bench_wq_unbound)
			return bench_series_percentile(&series[i][metric], 50);
	return is_time(scenario->metrics[metric]) ? unbound : 0;
}

static void remember(const struct bench_scenario *scenario,
		     struct bench_series *const *series)
{
	int i;

	if (scenario != &bench_roundtrip_1)
		return;
	for (i = 0; scenario->contenders[i]; i++) {
		u64 median = bench_series_percentile(&series[i][0], 50);

		if (scenario->contenders[i] == &bench_wq_unbound)
			unbound = median;
		else if (scenario->contenders[i] == &bench_pingpong)
			floor = median;
	}
}

void bench_report(const struct bench_scenario *scenario,
		  struct bench_series *const *series)
{
	const char *metric;
	int i, m;

	remember(scenario, series);
	for (m = 0; (metric = scenario->metrics[m]); m++) {
		u64 base = find_base(scenario, series, m);

		pr_info(" %s\n", metric);
		for (i = 0; scenario->contenders[i]; i++)
			if (atomic_read(&series[i][m].nr))
				report_line(scenario, metric,
					    scenario->contenders[i]->name,
					    &series[i][m], base);
	}
}
