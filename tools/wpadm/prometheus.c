// SPDX-License-Identifier: GPL-2.0
/*
 * prometheus: all numbers in the text format of Prometheus, which the textfile
 * collector of its node exporter reads.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "device.h"
#include "histogram.h"
#include "multi.h"
#include "numbers.h"
#include "refusal.h"
#include "replace.h"
#include "usage.h"

#define VALUE_MAX	64

/* Consecutive entries of one name are one metric with different labels. */
static const struct metric {
	const char *name;
	const char *type;
	const char *help;
	const char *label;	/* beside pool=, or NULL */
	format_fn *format;
	size_t offset;		/* in struct workpool_ioc_stat */
} metrics[] = {
#define METRIC(_name, _type, _help, _label, _format, _field)		\
	{ "workpool_" _name, _type, _help, _label, _format,		\
	  offsetof(struct workpool_ioc_stat, _field) }
#define GAUGE(_name, _format, _field, _help)				\
	METRIC(_name, "gauge", _help, NULL, _format, _field)
#define COUNTER(_name, _field, _help)					\
	METRIC(_name "_total", "counter", _help, NULL, format_u64, _field)
#define SETTING(_column, _field, _format, _name, _flags, _help, _note)	\
	GAUGE(_name, _format, _field, _help),
#define LISTED_COUNTER(_column, _field, _name, _preset, _help)			\
	COUNTER(_name, _field, _help),
	GAUGE("closed", format_closed, size,
	      "1 if the pool was released and not rebooted since."),
	GAUGE("paused", format_paused, size,
	      "1 if the pool is paused and starts no tasks."),
	SETTINGS(SETTING)
	METRIC("workers", "gauge", "Workers by state.", "state=\"idle\"",
	       format_u32, idle),
	METRIC("workers", "gauge", NULL, "state=\"searching\"", format_u32,
	       searching),
	METRIC("workers", "gauge", NULL, "state=\"busy\"", format_u32, busy),
	METRIC("workers", "gauge", NULL, "state=\"starting\"", format_u32,
	       starting),
	GAUGE("workers_peak", format_u32, peak_running,
	      "Highest number of workers so far."),
	GAUGE("threads", format_u32, alive,
	      "Threads, including those that are leaving."),
	GAUGE("waiters", format_u32, waiting,
	      "Submitters that wait for a worker."),
	GAUGE("waiters_peak", format_u32, peak_waiting,
	      "Highest number of waiting submitters so far."),
	GAUGE("tasks_queued", format_u32, queued,
	      "Accepted tasks that no worker has taken yet."),
	GAUGE("tasks_delayed", format_u32, delayed,
	      "Delayed tasks whose timer runs."),
	COUNTER("reboots", generation, "Reboots of the pool."),
	COUNTERS(LISTED_COUNTER)
};

/* @help becomes a sentence. */
static void print_head(FILE *out, const char *name, const char *type,
		       const char *help)
{
	fprintf(out, "# HELP %s %c%s%s\n# TYPE %s %s\n", name,
		toupper((unsigned char)*help), help + 1,
		help[strlen(help) - 1] == '.' ? "" : ".", name, type);
}

/* The format needs backslash, quote and newline in a label to be escaped. */
static void print_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", out);
		else if (*value == '"' || *value == '\\')
			fprintf(out, "\\%c", *value);
		else
			fputc(*value, out);
	}
	fputc('"', out);
}

static void print_module(FILE *out, const struct workpool_ioc_info *info)
{
	print_head(out, "workpool_info", "gauge", "The module; always 1.");
	fputs("workpool_info{", out);
	print_label(out, "version", info->version);
	fputs("} 1\n", out);
	print_head(out, "workpool_cached_threads", "gauge",
		   "Threads in the module's cache.");
	fprintf(out, "workpool_cached_threads %u\n", info->cached);
	print_head(out, "workpool_cached_threads_max", "gauge",
		   "Maximum number of threads in the module's cache.");
	fprintf(out, "workpool_cached_threads_max %u\n",
		info->cache_size);
}

static void print_pool_info(FILE *out, const struct workpool_ioc_stat *stat)
{
	fputs("workpool_pool_info{", out);
	print_label(out, "pool", stat->name);
	fputc(',', out);
	print_label(out, "owner", stat->owner);
	if (stat->multi_id) {
		fputc(',', out);
		print_label(out, "multi", stat->multi);
	}
	fputs("} 1\n", out);
}

static void print_pool_infos(FILE *out, const struct pool_list *list)
{
	size_t i;

	print_head(out, "workpool_pool_info", "gauge",
		   "Owner and multi of the pool; always 1.");
	for (i = 0; i < list->nr; i++)
		print_pool_info(out, &list->pools[i]);
}

static void print_metric(FILE *out, const struct metric *metric,
			 const struct pool_list *list)
{
	char value[VALUE_MAX];
	size_t i;

	if (metric->help)
		print_head(out, metric->name, metric->type, metric->help);
	for (i = 0; i < list->nr; i++) {
		metric->format(value, sizeof(value),
			       (const char *)&list->pools[i] + metric->offset,
			       STYLE_METRIC);
		fprintf(out, "%s{", metric->name);
		print_label(out, "pool", list->pools[i].name);
		fprintf(out, "%s%s} %s\n", metric->label ? "," : "",
			metric->label ? metric->label : "", value);
	}
}

static void print_multi_info(FILE *out, const struct workpool_ioc_stat *stat)
{
	char strategy[VALUE_MAX];

	format_strategy(strategy, sizeof(strategy), stat, STYLE_METRIC);
	fputs("workpool_multi_info{", out);
	print_label(out, "multi", stat->name);
	fputc(',', out);
	print_label(out, "owner", stat->owner);
	fputc(',', out);
	print_label(out, "strategy", strategy);
	fputs("} 1\n", out);
}

static void print_multi_number(FILE *out, const char *name,
			       const struct workpool_ioc_stat *stat,
			       __u32 value)
{
	fprintf(out, "%s{", name);
	print_label(out, "multi", stat->name);
	fprintf(out, "} %u\n", value);
}

/*
 * The other numbers of a multi are sums, which Prometheus can make. A metric
 * without a value gets no head.
 */
static void print_multis(FILE *out, const struct pool_list *multis)
{
	size_t i;

	if (!multis->nr)
		return;
	print_head(out, "workpool_multi_info", "gauge",
		   "Owner and strategy of the multi; always 1.");
	for (i = 0; i < multis->nr; i++)
		print_multi_info(out, &multis->pools[i]);
	print_head(out, "workpool_multi_pools", "gauge",
		   "Number of pools in the multi.");
	for (i = 0; i < multis->nr; i++)
		print_multi_number(out, "workpool_multi_pools",
				   &multis->pools[i],
				   multis->pools[i].nr_pools);
	print_head(out, "workpool_multi_waiters", "gauge",
		   "Submitters that wait for a worker of the multi; each counts once.");
	for (i = 0; i < multis->nr; i++)
		print_multi_number(out, "workpool_multi_waiters",
				   &multis->pools[i], multis->pools[i].waiting);
}

/**
 * struct snapshot - what is printed
 * @info: the module
 * @pools: all pools
 * @multis: all multis
 * @histograms: all kinds of each pool; without a time if it is not measured
 */
struct snapshot {
	struct workpool_ioc_info info;
	struct pool_list pools;
	struct pool_list multis;
	struct histogram (*histograms)[NR_KINDS];
};

/* Prometheus gets one bucket for each power of two, up to the end of this one. */
#define BUCKETS_PER_LE	8

static void print_bucket(FILE *out, const char *metric, const char *pool,
			 const char *le, __u64 count)
{
	fprintf(out, "%s_bucket{", metric);
	print_label(out, "pool", pool);
	fprintf(out, ",le=\"%s\"} %llu\n", le, count);
}

/* A bucket has all that is shorter as well. Its edge is not a part of ours. */
static void print_histogram(FILE *out, const char *metric, const char *pool,
			    const struct histogram *histogram)
{
	char le[VALUE_MAX];
	__u64 count = 0;
	unsigned int i;

	for (i = 0; i < WORKPOOL_LATENCY_BUCKETS - 1; i++) {
		count += histogram->buckets[i];
		if (i % BUCKETS_PER_LE)
			continue;
		snprintf(le, sizeof(le), "%.9g",
			 WORKPOOL_LATENCY_FROM_NS(i + 1) / 1e9);
		print_bucket(out, metric, pool, le, count);
	}
	print_bucket(out, metric, pool, "+Inf", histogram->count);
	fprintf(out, "%s_sum{", metric);
	print_label(out, "pool", pool);
	fprintf(out, "} %.9f\n%s_count{", histogram->sum_ns / 1e9, metric);
	print_label(out, "pool", pool);
	fprintf(out, "} %llu\n", histogram->count);
}

static void print_kind(FILE *out, const struct snapshot *snapshot,
		       unsigned int kind)
{
	const struct histogram *histogram;
	char metric[VALUE_MAX];
	bool head = false;
	size_t i;

	snprintf(metric, sizeof(metric), "workpool_%s_seconds", kinds[kind].name);
	for (i = 0; i < snapshot->pools.nr; i++) {
		histogram = &snapshot->histograms[i][kind];
		if (!histogram->since_ns)
			continue;
		if (!head)
			print_head(out, metric, "histogram", kinds[kind].help);
		head = true;
		print_histogram(out, metric, snapshot->pools.pools[i].name,
				histogram);
	}
}

static void print_all(FILE *out, const void *data)
{
	const struct snapshot *snapshot = data;
	size_t i;

	print_module(out, &snapshot->info);
	print_pool_infos(out, &snapshot->pools);
	print_multis(out, &snapshot->multis);
	for (i = 0; i < ARRAY_SIZE(metrics); i++)
		print_metric(out, &metrics[i], &snapshot->pools);
	for (i = 0; i < NR_KINDS; i++)
		print_kind(out, snapshot, i);
}

/* A pool that is gone, or not measured any more, has no histograms. */
static void read_histograms(const struct device *dev,
			    const struct workpool_ioc_stat *stat,
			    struct histogram *histograms)
{
	struct pool_ref ref = { .id = stat->id };
	unsigned int i;

	for (i = 0; i < NR_KINDS && stat->flags & WORKPOOL_POOL_MEASURED; i++) {
		if (histogram_read(dev, &ref, i, &histograms[i]))
			histograms[i].since_ns = 0;
	}
}

static int take_snapshot(const struct device *dev, struct snapshot *snapshot)
{
	size_t i;
	int err;

	*snapshot = (struct snapshot) { .info = dev->info };
	err = device_stat_all(dev, &snapshot->pools);
	if (err)
		return err;
	snapshot->histograms = calloc(snapshot->pools.nr,
				      sizeof(*snapshot->histograms));
	if (snapshot->pools.nr && !snapshot->histograms)
		return -ENOMEM;
	for (i = 0; i < snapshot->pools.nr; i++)
		read_histograms(dev, &snapshot->pools.pools[i],
				snapshot->histograms[i]);
	return multi_stat_all(dev, &snapshot->pools, &snapshot->multis);
}

static enum status prometheus_run(const struct options *opts, int argc,
				  char **argv)
{
	struct snapshot snapshot;
	struct device dev;
	enum status status = STATUS_OK;
	int err;

	if (argc)
		return command_error("prometheus", "unexpected argument '%s'",
				     argv[0]);
	if (device_open(&dev, opts->device, false))
		return STATUS_LOCAL;
	err = take_snapshot(&dev, &snapshot);
	device_close(&dev);
	if (err)
		status = refusal_report_list(err);
	else if (opts->file)
		status = replace_file(opts->file, print_all, &snapshot);
	else
		print_all(stdout, &snapshot);
	free(snapshot.histograms);
	free(snapshot.pools.pools);
	free(snapshot.multis.pools);
	return status;
}

const struct command prometheus_command = {
	.name = "prometheus",
	.arguments = "",
	.summary = "print all numbers for Prometheus",
	.description =
"The numbers are those of all pools, and those of the multis that are no sums over\n"
"their pools. With --output, FILE is written under another name and renamed in one\n"
"step, as the textfile collector of the node exporter needs it. An unlimited value is\n"
"+Inf.\n\n"
"A pool that is measured has histograms, see latency: workpool_wait_seconds,\n"
"workpool_run_seconds, workpool_blocked_seconds and workpool_start_seconds.\n\n"
"A dashboard for Grafana and alerts for Prometheus are installed with wpadm, in\n"
"/usr/share/wpadm or /usr/local/share/wpadm: workpool.json and workpool.rules.yml.",
	.options = OPTION_FILE,
	.run = prometheus_run,
};
