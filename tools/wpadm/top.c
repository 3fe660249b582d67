// SPDX-License-Identifier: GPL-2.0
/*
 * top: what the pools do, as rates between two samples.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libsmartcols.h>

#include "refusal.h"
#include "row.h"
#include "sample.h"
#include "screen.h"
#include "selection.h"
#include "usage.h"

/* The load of the pools is looked at so often from one sample to the next. */
#define LOOKS	20

/**
 * struct watch - one run of top
 * @opts: the options
 * @dev: the device
 * @selection: the pools, multis and patterns that were given
 * @delay: seconds between two samples
 * @grouped: the pools of a multi are below a line for it
 * @sums: there is only that line
 * @sort: the column by which is sorted, or NULL
 * @reverse: the other way round
 * @on_screen: draw on a terminal, else a batch of tables
 * @screen: the terminal
 * @visible: the columns that were drawn
 * @nr_visible: how many
 * @left_out: those for which there was no room
 * @nr_left_out: how many
 * @help: what is drawn is the help
 * @hurry: the next sample is not to wait
 * @stopped: asked to end
 * @last: the last sample
 * @rows: what it shows
 * @shown: how many samples were shown
 */
struct watch {
	const struct options *opts;
	struct device dev;
	struct selection selection;
	double delay;
	bool grouped;
	bool sums;
	const struct column *sort;
	bool reverse;
	bool on_screen;
	struct screen screen;
	const struct column *visible[TABLE_COLUMNS_MAX];
	size_t nr_visible;
	const struct column *left_out[TABLE_COLUMNS_MAX];
	size_t nr_left_out;
	bool help;
	bool hurry;
	bool stopped;
	struct sample last;
	struct rows rows;
	__u64 shown;
};

#define EXTRA(_name, _key, _format, _field, _help)	\
	COLUMN_NUMBER(_name, _key, _format, struct row, _field, _help)
#define NUMBER(_name, _key, _format, _field, _help)	\
	EXTRA(_name, _key, _format, _field, _help), .preset = 1

static const struct column top_columns[] = {
	{ COLUMN_TEXT("NAME", "name", format_text, struct row, stat.name,
		      "name of the pool"), .flags = SCOLS_FL_TREE, .preset = 1 },
	{ EXTRA("ID", "id", format_u32, stat.id, "number of the pool, as in id:N"),
	  .single = true },
	{ COLUMN_TEXT("MULTI", "multi", format_multi, struct row, stat,
		      "multi to which the pool belongs") },
	{ COLUMN_TEXT("STATE", "state", format_state, struct row, stat,
		      "open, paused, draining (closed, threads are left) or closed") },
	{ EXTRA("CAPACITY", "capacity", format_capacity, stat.capacity,
		"maximum number of workers; -1: unlimited"), .preset = 6 },
	{ EXTRA("RUNNING", "running", format_u32, stat.running,
		"workers: busy, searching, idle, starting"), .preset = 7 },
	{ NUMBER("BUSY", "busy", format_u32, stat.busy,
		 "workers executing a task") },
	{ EXTRA("UTIL", "busy_percent", format_percent, load,
		"mean of BUSY by CAPACITY since the last sample"), .preset = 2 },
	{ EXTRA("IDLE", "idle", format_u32, stat.idle, "parked workers") },
	{ EXTRA("SEARCHING", "searching", format_u32, stat.searching,
		"workers that look for a queued task") },
	{ NUMBER("WAITING", "waiting", format_u32, stat.waiting,
		 "submitters that wait for a worker") },
	{ NUMBER("QUEUED", "queued", format_u32, stat.queued,
		 "accepted tasks that no worker has taken") },
	{ EXTRA("DELAYED", "delayed", format_u32, stat.delayed,
		"delayed tasks whose timer runs") },
	{ EXTRA("SUBMIT/S", "submitted_per_second", format_rate, submitted,
		"tasks accepted per second"), .preset = 5 },
	{ NUMBER("DONE/S", "completed_per_second", format_rate, completed,
		 "tasks completed per second") },
	{ NUMBER("REJECT/S", "rejected_per_second", format_rate, rejected,
		 "submits refused per second") },
	{ NUMBER("CRASH/S", "crashes_per_second", format_rate, crashes,
		 "crashes per second") },
	{ EXTRA("CANCEL/S", "cancelled_per_second", format_rate, cancelled,
		"tasks cancelled in a second before they ran") },
	{ EXTRA("SPURIOUS/S", "spurious_wakeups_per_second", format_rate,
		spurious_wakeups,
		"wake-ups in a second that found nothing to do") },
	{ EXTRA("WAIT-P99", "wait_p99_ns", format_ns, wait_p99,
		"99 % of the tasks waited no longer, if measured"), .preset = 3 },
	{ EXTRA("RUN-P99", "run_p99_ns", format_ns, run_p99,
		"99 % of the tasks ran no longer, if measured"), .preset = 4 },
	{ 0 }
};

/* What was given has to stand for a pool in the first sample. Later it may be gone. */
static enum status take_sample(struct watch *watch, struct sample *sample)
{
	struct pool_list list;
	enum status status = STATUS_OK;
	int err = device_stat_all(&watch->dev, &list);

	*sample = (struct sample) { 0 };
	if (err)
		status = refusal_report_list(err);
	else if (!watch->last.time)
		status = selection_check(&watch->selection, &watch->dev, &list);
	if (status == STATUS_OK)
		status = selection_keep(&watch->selection, &list);
	if (status == STATUS_OK) {
		err = sample_take(sample, &watch->dev, &list);
		if (err)
			status = refusal_report_list(err);
	}
	free(list.pools);
	return status;
}

static enum status next_sample(struct watch *watch)
{
	struct sample sample;
	enum status status = take_sample(watch, &sample);

	rows_free(&watch->rows);
	watch->rows = (struct rows) { 0 };
	if (status == STATUS_OK &&
	    rows_make(&watch->rows, &watch->last, &sample, watch->grouped))
		status = STATUS_LOCAL;
	sample_free(&watch->last);
	watch->last = sample;
	return status;
}

static struct table *make_table(struct watch *watch)
{
	struct table *table = table_new("top", top_columns, watch->opts,
					LAYOUT_ROWS);

	if (!table)
		return NULL;
	rows_sort(&watch->rows, watch->sort, watch->reverse);
	if (!rows_add(&watch->rows, table, watch->sums))
		return table;
	table_free(table);
	return NULL;
}

static enum status print_batch(const struct watch *watch, struct table *table)
{
	const struct options *opts = watch->opts;

	if (watch->shown && !opts->json && !opts->noheadings)
		putchar('\n');
	if (table_print(table) || fflush(stdout))
		return STATUS_LOCAL;
	return STATUS_OK;
}

static void draw(const struct watch *watch, const char *text)
{
	char order[64] = "", room[64] = "", title[256];

	if (watch->sort)
		snprintf(order, sizeof(order), ", by %s%s", watch->sort->name,
			 watch->reverse ? " reversed" : "");
	if (watch->nr_left_out)
		snprintf(room, sizeof(room), ", no room for %zu columns",
			 watch->nr_left_out);
	snprintf(title, sizeof(title), "%zu pools%s, every %g s%s; h: help, q: quit",
		 watch->last.nr, room, watch->delay, order);
	screen_draw(&watch->screen, title, text);
}

static void print_help(const struct watch *watch, FILE *out)
{
	size_t i;

	fputs("Keys:\n"
	      "  q      quit\n"
	      "  h ?    this help; any key ends it\n"
	      "  < >    sort by another column, to the left or to the right\n"
	      "  r      reverse the order\n"
	      "  m      show the multis without or with their pools\n"
	      "  other  take a sample at once\n"
	      "Columns:\n", out);
	for (i = 0; i < watch->nr_visible; i++)
		fprintf(out, "  %-10s %s\n", watch->visible[i]->name,
			watch->visible[i]->help);
	for (i = 0; i < watch->nr_left_out; i++)
		fprintf(out, "%s %s%s", i ? "" : "No room for",
			watch->left_out[i]->name,
			i + 1 < watch->nr_left_out ? "," : "\n");
}

static enum status draw_help(const struct watch *watch)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	bool ok = out;

	if (out) {
		print_help(watch, out);
		ok = !fclose(out);
	}
	if (ok)
		draw(watch, text);
	else
		warnx("out of memory");
	free(text);
	return ok ? STATUS_OK : STATUS_LOCAL;
}

static enum status draw_table(struct watch *watch, struct table *table)
{
	char *text = table_text(table, watch->screen.cols);

	if (!text)
		return STATUS_LOCAL;
	watch->nr_visible = table_columns(table, true, watch->visible);
	watch->nr_left_out = table_columns(table, false, watch->left_out);
	draw(watch, text);
	free(text);
	return STATUS_OK;
}

/* Shows what the last sample has, or the help. */
static enum status show(struct watch *watch)
{
	enum status status;
	struct table *table;

	if (watch->help)
		return draw_help(watch);
	table = make_table(watch);
	if (!table)
		return STATUS_LOCAL;
	status = watch->on_screen ? draw_table(watch, table) :
				    print_batch(watch, table);
	table_free(table);
	return status;
}

/* Before the first column that is shown is the order of the module, without any column. */
static void sort_by_next(struct watch *watch, int step)
{
	int i = -1, nr = watch->nr_visible;

	while (++i < nr && watch->visible[i] != watch->sort)
		;
	if (i == nr)	/* none, or it is not shown */
		i = -1;
	i += step;
	if (i < nr && i >= -1)
		watch->sort = i < 0 ? NULL : watch->visible[i];
}

static void press(struct watch *watch, int key)
{
	bool back = watch->help;

	watch->help = false;
	switch (key) {
	case SCREEN_END:
	case 'q':
		watch->stopped = true;
		break;
	case SCREEN_RESIZED:
		screen_measure(&watch->screen);
		watch->help = back;
		break;
	case 'h':
	case '?':
		watch->help = !back;
		break;
	case '<':
		sort_by_next(watch, -1);
		break;
	case '>':
		sort_by_next(watch, 1);
		break;
	case 'r':
		watch->reverse = watch->sort && !watch->reverse;
		break;
	case 'm':
		watch->sums = !watch->sums;
		break;
	default:
		watch->hurry = !back;
		break;
	}
}

/* Until the time has come, keys do what they stand for. */
static enum status wait_on_screen(struct watch *watch, double deadline)
{
	enum status status = STATUS_OK;
	int key;

	while (status == STATUS_OK) {
		key = screen_wait(&watch->screen, deadline - sample_now());
		if (key == SCREEN_TIMEOUT)
			break;
		press(watch, key);
		if (watch->stopped || watch->hurry)
			break;
		status = show(watch);
	}
	return status;
}

static void sleep_until(double deadline)
{
	double seconds = fmax(deadline - sample_now(), 0);
	struct timespec ts = {
		.tv_sec = seconds,
		.tv_nsec = fmod(seconds, 1) * NSEC_PER_SEC,
	};

	nanosleep(&ts, NULL);
}

/* Waits for the next sample, and looks at the load of the pools meanwhile. */
static enum status wait_for_next(struct watch *watch)
{
	enum status status = STATUS_OK;
	double deadline;
	int look;

	watch->hurry = false;
	for (look = 1; look <= LOOKS; look++) {
		deadline = watch->last.time + watch->delay * look / LOOKS;
		if (watch->on_screen)
			status = wait_on_screen(watch, deadline);
		else
			sleep_until(deadline);
		if (status != STATUS_OK || watch->stopped || watch->hurry)
			break;
		if (look < LOOKS)
			sample_look(&watch->last, &watch->dev);
	}
	return status;
}

static bool ended(const struct watch *watch)
{
	return watch->stopped || (watch->opts->iterations &&
			   watch->shown >= watch->opts->iterations);
}

/* The first sample has no rates, so a batch does not print it. */
static enum status go_on(struct watch *watch)
{
	enum status status = STATUS_OK;

	if (watch->on_screen) {
		status = show(watch);
		watch->shown++;
	}
	while (status == STATUS_OK && !ended(watch)) {
		status = wait_for_next(watch);
		if (status != STATUS_OK || watch->stopped)
			break;
		status = next_sample(watch);
		if (status == STATUS_OK)
			status = show(watch);
		watch->shown++;
	}
	return status;
}

/* What is wrong with the pools that were given is said before the terminal is taken over. */
static enum status run(struct watch *watch)
{
	enum status status = next_sample(watch);

	if (status != STATUS_OK || !watch->on_screen)
		return status == STATUS_OK ? go_on(watch) : status;
	if (screen_open(&watch->screen))
		return STATUS_LOCAL;
	status = go_on(watch);
	screen_close(&watch->screen);
	return status;
}

/* For --output and --sort. Returns 0, or -1 after a message. */
static int check_columns(struct watch *watch, const char *sort)
{
	struct table *table = table_new("top", top_columns, watch->opts,
					LAYOUT_ROWS);

	table_free(table);
	if (!table || !sort)
		return table ? 0 : -1;
	watch->reverse = *sort == '-';
	sort += watch->reverse;
	watch->sort = column_find(top_columns, sort, strlen(sort));
	return watch->sort ? 0 : -1;
}

static enum status top_run(const struct options *opts, int argc, char **argv)
{
	bool for_people = !opts->json && !opts->raw;
	struct watch watch = {
		.opts = opts,
		.selection = { .given = argv, .nr = argc },
		.delay = (double)opts->delay_ns / NSEC_PER_SEC,
		.grouped = for_people || opts->sums,
		.sums = opts->sums,
		.on_screen = for_people && !opts->batch && screen_possible(),
	};
	enum status status;

	if (check_columns(&watch, opts->sort) ||
	    device_open(&watch.dev, opts->device, false))
		return STATUS_LOCAL;
	status = run(&watch);
	rows_free(&watch.rows);
	sample_free(&watch.last);
	device_close(&watch.dev);
	return status;
}

const struct command top_command = {
	.name = "top",
	.arguments = "[POOL...]",
	.summary = "watch what the pools do, as rates",
	.description =
"The name of a multi stands for all its pools. A pool that is destroyed and created\n"
"once more is shown once more, and a pattern stands for pools that come later, too.\n"
"\n"
"The pools of a multi are indented, below a line for the multi, if all of them are\n"
"shown. With --raw and --json there is no such line. With --sums there is the line\n"
"and not the pools, everywhere.\n"
"\n"
"UTIL is the mean of 20 looks from one sample to the next, so it has an error where\n"
"tasks are short and workers few. It is above 100 % as long as a pool that was tuned has\n"
"more busy workers than it may have. WAIT-P99 and RUN-P99 are those of a pool that is\n"
"measured, see latency, and in which a task began or ended since the last sample. Those\n"
"of a multi are about its pools that are measured.\n"
"\n"
"On a terminal the table is redrawn after each delay. The key h explains the keys and\n"
"the columns, and q quits. Columns for which there is no room are left out, those that\n"
"--output names as well, and the first line says so. Elsewhere, where TERM is dumb, and\n"
"with --batch, --json or --raw, the tables follow each other, the first one after one\n"
"delay.",
	.operands = OPERANDS_POOLS,
	.options = OPTIONS_TABLE | OPTION_DELAY | OPTION_ITER | OPTION_BATCH |
		   OPTION_SORT | OPTION_SUMS,
	.columns = top_columns,
	.run = top_run,
};
