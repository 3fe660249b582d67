// SPDX-License-Identifier: GPL-2.0
/*
 * latency: how long the tasks of a pool wait and run, its submitters wait, and its
 * workers take to start.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "format.h"
#include "histogram.h"
#include "refusal.h"
#include "target.h"
#include "usage.h"

#define STARS		40
/* A power of two has so many buckets, which are one line together. */
#define BUCKETS_PER_LINE	8

/**
 * struct session - one measurement
 * @opts: the options
 * @dev: the device
 * @pool: the pool, as the user named it
 * @ref: the same
 * @id: its id
 * @name: its name
 * @was_on: the pool was measured before
 * @begun_ns: when it began
 * @taken_ns: how long it took
 * @before: what had been measured when it began
 * @result: what came since then
 */
struct session {
	const struct options *opts;
	struct device dev;
	const char *pool;
	struct pool_ref ref;
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
	bool was_on;
	__u64 begun_ns;
	__u64 taken_ns;
	struct histogram before[NR_KINDS];
	struct histogram result[NR_KINDS];
};

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* The samples of a line; line 0 has the first bucket alone, the last line the last one. */
static __u64 line_count(const struct histogram *histogram, unsigned int line)
{
	unsigned int i, from = line ? (line - 1) * BUCKETS_PER_LINE + 1 : 0;
	unsigned int to = line * BUCKETS_PER_LINE + 1;
	__u64 count = 0;

	for (i = from; i < to && i < WORKPOOL_LATENCY_BUCKETS; i++)
		count += histogram->buckets[i];
	return count;
}

#define NR_LINES	((WORKPOOL_LATENCY_BUCKETS - 2) / BUCKETS_PER_LINE + 2)

static __u64 line_from(unsigned int line)
{
	unsigned int bucket = line ? (line - 1) * BUCKETS_PER_LINE + 1 : 0;

	return WORKPOOL_LATENCY_FROM_NS(bucket);
}

static void print_line(const struct histogram *histogram, unsigned int line,
		       __u64 most)
{
	__u64 count = line_count(histogram, line);
	char from[16], to[16] = "";
	int stars = most ? STARS * ((double)count / most) : 0;

	format_time(from, sizeof(from), line_from(line));
	if (line < NR_LINES - 1)
		format_time(to, sizeof(to), line_from(line + 1));
	printf("%10s -> %-10s : %-10llu |%.*s%*s|\n", from, to, count, stars,
	       "****************************************", STARS - stars, "");
}

static void print_lines(const struct histogram *histogram)
{
	unsigned int line, first = NR_LINES, last = 0;
	__u64 count, most = 0;

	for (line = 0; line < NR_LINES; line++) {
		count = line_count(histogram, line);
		if (!count)
			continue;
		if (first == NR_LINES)
			first = line;
		last = line;
		if (count > most)
			most = count;
	}
	printf("%24s : %-10s distribution\n", "", "count");
	for (line = first; line <= last; line++)
		print_line(histogram, line, most);
}

static void print_kind(const struct kind *kind,
		       const struct histogram *histogram)
{
	char text[16];
	unsigned int i;

	printf("\n%s: %llu %s\n", kind->name, histogram->count, kind->samples);
	if (!histogram->count)
		return;
	for (i = 0; i < NR_PERCENTS; i++) {
		format_time(text, sizeof(text),
			    histogram_percentile(histogram,
						 percents[i].percent_100));
		printf("%s%s %s", i ? ", " : "  ", percents[i].name, text);
	}
	format_time(text, sizeof(text), histogram->max_ns);
	printf(", max %s\n", text);
	print_lines(histogram);
}

static void print_text(const struct session *session)
{
	unsigned int i;

	printf("pool %s, %.1f s\n", session->name, session->taken_ns / 1e9);
	for (i = 0; i < NR_KINDS; i++)
		print_kind(&kinds[i], &session->result[i]);
}

static void print_json_buckets(const struct histogram *histogram)
{
	const char *separator = "";
	unsigned int i;

	fputs(", \"buckets\": [", stdout);
	for (i = 0; i < WORKPOOL_LATENCY_BUCKETS; i++) {
		if (!histogram->buckets[i])
			continue;
		printf("%s{\"from_ns\": %llu, \"to_ns\": ", separator,
		       WORKPOOL_LATENCY_FROM_NS(i));
		if (i < WORKPOOL_LATENCY_BUCKETS - 1)
			printf("%llu", WORKPOOL_LATENCY_FROM_NS(i + 1));
		else
			fputs("null", stdout);
		printf(", \"count\": %llu}", histogram->buckets[i]);
		separator = ", ";
	}
	putchar(']');
}

static void print_json_kind(const struct session *session, unsigned int nr)
{
	const struct histogram *histogram = &session->result[nr];
	unsigned int i;

	printf("%s\n      {\"kind\": \"%s\", \"count\": %llu, \"sum_ns\": %llu",
	       nr ? "," : "", kinds[nr].name, histogram->count,
	       histogram->sum_ns);
	for (i = 0; i < NR_PERCENTS; i++)
		printf(", \"%s\": %llu", percents[i].key,
		       histogram_percentile(histogram, percents[i].percent_100));
	printf(", \"max_ns\": %llu", histogram->max_ns);
	print_json_buckets(histogram);
	putchar('}');
}

static void print_json(const struct session *session)
{
	unsigned int i;

	printf("{\n   \"pool\": \"%s\",\n   \"id\": %u,\n   \"duration_ns\": %llu,\n"
	       "   \"latency\": [", session->name, session->id,
	       session->taken_ns);
	for (i = 0; i < NR_KINDS; i++)
		print_json_kind(session, i);
	puts("\n   ]\n}");
}

/* Returns 0 or a negative errno. */
static int read_all(struct session *session, struct histogram *histograms)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < NR_KINDS && !err; i++)
		err = histogram_read(&session->dev, &session->ref, i,
				     &histograms[i]);
	return err;
}

/*
 * Measure, unless somebody does already. From here on the pool is meant that has the
 * name now.
 */
static int begin(struct session *session)
{
	struct workpool_ioc_measure measure = { .on = 1 };
	int err = device_measure(&session->dev, &session->ref, &measure);

	if (err)
		return err;
	session->id = measure.id;
	session->ref.id = measure.id;
	memcpy(session->name, measure.name, sizeof(session->name));
	session->was_on = measure.was_on;
	session->begun_ns = now_ns();
	return read_all(session, session->before);
}

static void end(struct session *session)
{
	struct workpool_ioc_measure measure = { .on = 0 };

	if (!session->was_on)
		device_measure(&session->dev, &session->ref, &measure);
}

/* Waits until a signal of @set comes, or --for is over. */
static void wait_for_end(const struct session *session, const sigset_t *set)
{
	__u64 ns = session->opts->for_ns;
	struct timespec ts = {
		.tv_sec = ns / NSEC_PER_SEC,
		.tv_nsec = ns % NSEC_PER_SEC,
	};
	int sig;

	if (session->opts->given & OPTION_FOR) {
		sigtimedwait(set, NULL, &ts);
		return;
	}
	fprintf(stderr, "measuring pool '%s', Ctrl-C ends it\n", session->pool);
	sigwait(set, &sig);
}

/* Somebody else may have switched the histograms off, and on again. */
static bool is_complete(const struct session *session)
{
	return session->before[0].since_ns &&
	       session->result[NR_KINDS - 1].since_ns == session->before[0].since_ns;
}

static enum status measure(struct session *session, const sigset_t *set)
{
	unsigned int i;
	int err = begin(session);

	if (!err)
		wait_for_end(session, set);
	session->taken_ns = now_ns() - session->begun_ns;
	err = err ?: read_all(session, session->result);
	if (session->id)
		end(session);
	if (err)
		return refusal_report(&session->dev, VERB_MEASURE,
				      session->pool, err);
	if (!is_complete(session)) {
		warnx("pool '%s': somebody else switched its histograms off; try again",
		      session->pool);
		return STATUS_REFUSED;
	}
	for (i = 0; i < NR_KINDS; i++)
		histogram_subtract(&session->result[i], &session->before[i]);
	if (session->opts->json)
		print_json(session);
	else
		print_text(session);
	return STATUS_OK;
}

/* For --switch */
static enum status switch_only(struct session *session)
{
	struct workpool_ioc_measure change = { .on = session->opts->on };
	int err = device_measure(&session->dev, &session->ref, &change);

	if (err)
		return refusal_report(&session->dev, VERB_MEASURE,
				      session->pool, err);
	printf("%.*s: histograms %s%s\n", (int)sizeof(change.name), change.name,
	       change.on ? "on" : "off",
	       change.was_on == change.on ? " (unchanged)" : "");
	return STATUS_OK;
}

/* What ends the command does not end it before the histograms are off again. */
static void block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGQUIT);
	sigprocmask(SIG_BLOCK, set, NULL);
}

static enum status latency_run(const struct options *opts, int argc,
			       char **argv)
{
	struct session session = { .opts = opts };
	enum status status;
	sigset_t set;

	if (argc != 1)
		return command_error("latency", "latency is about one pool, not %d",
				     argc);
	if (opts->given & OPTION_SWITCH && opts->given & (OPTION_FOR | OPTION_JSON))
		return command_error("latency", "--switch excludes --for and --json");
	if (is_pattern(argv[0]))
		return command_error("latency", "latency is about one pool, and '%s' is a pattern",
				     argv[0]);
	session.pool = argv[0];
	status = pool_ref_or_report(argv[0], VERB_MEASURE, &session.ref);
	if (status != STATUS_OK)
		return status;
	if (device_open(&session.dev, opts->device, true))
		return STATUS_LOCAL;
	if (opts->given & OPTION_SWITCH) {
		status = switch_only(&session);
	} else {
		block_signals(&set);
		status = measure(&session, &set);
	}
	device_close(&session.dev);
	return status;
}

const struct command latency_command = {
	.name = "latency",
	.arguments = "POOL",
	.summary = "measure how long tasks wait and run",
	.description =
"For the time of --for, or until Ctrl-C, the pool is measured. Then a histogram is\n"
"printed of each of these: wait, how long a task waited from the time that it was\n"
"accepted until it began; run, how long it ran; blocked, how long a submitter waited\n"
"for the pool; start, how long a worker took to start from the time that it was needed.\n"
"What began before the measurement is left out. A percentile is at most 12.5 % above the\n"
"exact value.\n\n"
"A pool that is not measured yet is switched on, and off again at the end. That takes\n"
"CAP_SYS_ADMIN, a few kilobytes for each CPU, and a little time of each task. With\n"
"--switch on it stays measured, for 'wpadm prometheus' or for a later look, until\n"
"--switch off or its end. So it does after SIGKILL.",
	.operands = OPERANDS_POOLS,
	.options = OPTION_JSON | OPTION_FOR | OPTION_SWITCH,
	.run = latency_run,
};
