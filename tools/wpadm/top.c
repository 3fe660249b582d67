// SPDX-License-Identifier: GPL-2.0
/*
 * top: what the pools do, as rates between two samples.
 */
#include <err.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <libsmartcols.h>

#include "array.h"
#include "device.h"
#include "refusal.h"
#include "selection.h"
#include "usage.h"

/* Control sequences that every terminal since the VT100 knows. */
#define TERM_ENTER	"\033[?1049h\033[?25l"	/* other screen, no cursor */
#define TERM_LEAVE	"\033[?25h\033[?1049l"
#define TERM_HOME	"\033[H"
#define TERM_CLEAR_LINE	"\033[K"
#define TERM_CLEAR_REST	"\033[J"

/* A pool in one sample; rates are not a number in the first. */
struct row {
	struct workpool_ioc_stat stat;
	double submitted;
	double completed;
	double rejected;
	double crashes;
	double cancelled;
	double spurious_wakeups;
};

struct sample {
	struct pool_list list;
	double time;	/* 0: there was none yet */
};

/**
 * struct watch - one run of top
 * @opts: the options
 * @dev: the device
 * @selection: the pools, multis and patterns that were given
 * @delay: seconds between two samples
 * @screen: draw on a terminal, else a batch of tables
 * @signals: where signals are read while it draws, or -1
 * @stopped: asked to end
 * @before: the last sample
 * @after: the one that is being shown
 * @shown: how many were shown
 */
struct watch {
	const struct options *opts;
	const struct device *dev;
	struct selection selection;
	double delay;
	bool screen;
	int signals;
	bool stopped;
	struct sample before;
	struct sample after;
	__u64 shown;
};

#define EXTRA(_name, _key, _format, _field, _help)	\
	COLUMN_NUMBER(_name, _key, _format, struct row, _field, _help)
#define NUMBER(_name, _key, _format, _field, _help)	\
	EXTRA(_name, _key, _format, _field, _help), .preset = 1

static const struct column top_columns[] = {
	{ COLUMN_TEXT("NAME", "name", format_text, struct row, stat.name,
		      "name of the pool"), .preset = 1 },
	{ EXTRA("ID", "id", format_u32, stat.id, "number of the pool, as in id:N") },
	{ COLUMN_TEXT("MULTI", "multi", format_multi, struct row, stat,
		      "multi to which the pool belongs") },
	{ COLUMN_TEXT("STATE", "state", format_state, struct row, stat,
		      "open, paused, draining (closed, threads are left) or closed") },
	{ EXTRA("CAPACITY", "capacity", format_capacity, stat.capacity,
		"maximum number of workers; -1: unlimited"), .preset = 3 },
	{ EXTRA("RUNNING", "running", format_u32, stat.running,
		"workers: busy, searching, idle, starting"), .preset = 4 },
	{ NUMBER("BUSY", "busy", format_u32, stat.busy,
		 "workers executing a task") },
	{ EXTRA("IDLE", "idle", format_u32, stat.idle, "parked workers") },
	{ EXTRA("SEARCHING", "searching", format_u32, stat.searching,
		"workers woken to take a queued task") },
	{ NUMBER("WAITING", "waiting", format_u32, stat.waiting,
		 "submitters that wait for a worker") },
	{ NUMBER("QUEUED", "queued", format_u32, stat.queued,
		 "accepted tasks that no worker has taken") },
	{ EXTRA("DELAYED", "delayed", format_u32, stat.delayed,
		"delayed tasks whose timer runs") },
	{ EXTRA("SUBMIT/S", "submitted_per_second", format_rate, submitted,
		"tasks accepted per second"), .preset = 2 },
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
	{ 0 }
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static const struct workpool_ioc_stat *find_pool(const struct pool_list *list,
						 __u32 id)
{
	size_t i;

	for (i = 0; i < list->nr; i++) {
		if (list->pools[i].id == id)
			return &list->pools[i];
	}
	return NULL;
}

/* A pool that is missing in the previous sample was created since, at zero. */
static void fill_row(struct row *row, const struct workpool_ioc_stat *stat,
		     const struct sample *before, double elapsed)
{
	static const struct workpool_ioc_stat zero;
	const struct workpool_ioc_stat *old = find_pool(&before->list,
							stat->id);

	if (!old)
		old = &zero;
	*row = (struct row) {
		.stat = *stat,
		.submitted = (stat->submitted - old->submitted) / elapsed,
		.completed = (stat->completed - old->completed) / elapsed,
		.rejected = (stat->rejected - old->rejected) / elapsed,
		.crashes = (stat->crashes - old->crashes) / elapsed,
		.cancelled = (stat->cancelled - old->cancelled) / elapsed,
		.spurious_wakeups = (stat->spurious_wakeups - old->spurious_wakeups) / elapsed,
	};
}

static struct table *sample_table(const struct options *opts,
				  const struct sample *before,
				  const struct sample *after)
{
	struct table *table = table_new("top", top_columns, opts, LAYOUT_ROWS);
	double elapsed = before->time ? after->time - before->time : NAN;
	struct row row;
	size_t i;

	for (i = 0; table && i < after->list.nr; i++) {
		fill_row(&row, &after->list.pools[i], before, elapsed);
		if (table_add(table, &row)) {
			table_free(table);
			return NULL;
		}
	}
	return table;
}

static enum status sample_read(struct watch *watch)
{
	struct sample *sample = &watch->after;
	enum status status;
	int err;

	err = device_stat_all(watch->dev, &sample->list);
	sample->time = now();
	if (err)
		return refusal_report_list(err);
	/* Later it may be gone. */
	status = watch->before.time ? STATUS_OK :
		 selection_check(&watch->selection, watch->dev, &sample->list);
	return status == STATUS_OK ?
	       selection_keep(&watch->selection, &sample->list) : status;
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

/* Draws as many lines as fit, over those of the previous sample. */
static void draw_lines(const char *text, unsigned int rows, size_t cols)
{
	size_t len;

	for (; *text && rows; rows--) {
		len = strcspn(text, "\n");
		printf("\r\n%.*s" TERM_CLEAR_LINE,
		       (int)(len < cols ? len : cols), text);
		text += len + (text[len] == '\n');
	}
}

static enum status draw_screen(const struct watch *watch, struct table *table)
{
	struct winsize size = { 0 };
	char *text;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col) {
		size.ws_row = 24;
		size.ws_col = 80;
	}
	text = table_text(table, size.ws_col);
	if (!text)
		return STATUS_LOCAL;
	printf(TERM_HOME "%zu pools, every %g s; q quits" TERM_CLEAR_LINE,
	       watch->after.list.nr, watch->delay);
	draw_lines(text, size.ws_row - 1, size.ws_col);
	fputs(TERM_CLEAR_REST, stdout);
	fflush(stdout);
	free(text);
	return STATUS_OK;
}

static void read_key(struct watch *watch)
{
	char key;

	if (read(STDIN_FILENO, &key, 1) != 1 || key == 'q')
		watch->stopped = true;
}

static void read_signal(struct watch *watch)
{
	struct signalfd_siginfo info;

	if (read(watch->signals, &info, sizeof(info)) != sizeof(info) ||
	    info.ssi_signo != SIGWINCH)
		watch->stopped = true;
}

/* Sleeps until the deadline, a key or a signal. */
static void wait_until(struct watch *watch, double deadline)
{
	struct pollfd inputs[] = {
		{ .fd = watch->screen ? STDIN_FILENO : -1, .events = POLLIN },
		{ .fd = watch->signals, .events = POLLIN },
	};
	double left = fmax(deadline - now(), 0);

	if (poll(inputs, ARRAY_SIZE(inputs), ceil(left * 1000)) <= 0)
		return;
	if (inputs[0].revents)
		read_key(watch);
	if (inputs[1].revents)
		read_signal(watch);
}

static enum status show_sample(struct watch *watch)
{
	struct table *table = sample_table(watch->opts, &watch->before,
					   &watch->after);
	enum status status;

	if (!table)
		return STATUS_LOCAL;
	status = watch->screen ? draw_screen(watch, table) :
				 print_batch(watch, table);
	table_free(table);
	watch->shown++;
	return status;
}

/* The first sample has no rates, so a batch does not print it. */
static enum status next_sample(struct watch *watch)
{
	enum status status = sample_read(watch);

	if (status == STATUS_OK && (watch->screen || watch->before.time))
		status = show_sample(watch);
	free(watch->before.list.pools);
	watch->before = watch->after;
	return status;
}

static bool watch_ended(const struct watch *watch)
{
	return watch->stopped || (watch->opts->iterations &&
			   watch->shown >= watch->opts->iterations);
}

static enum status watch_run(struct watch *watch)
{
	enum status status;

	for (;;) {
		status = next_sample(watch);
		if (status != STATUS_OK || watch_ended(watch))
			break;
		wait_until(watch, watch->before.time + watch->delay);
		if (watch->stopped)
			break;
	}
	free(watch->before.list.pools);
	return status;
}

/* Signals end the loop, so that the terminal is restored. */
static int catch_signals(struct watch *watch)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	watch->signals = signalfd(-1, &set, SFD_CLOEXEC);
	return watch->signals;
}

static enum status watch_screen(struct watch *watch)
{
	struct termios saved, keys;
	enum status status;

	if (tcgetattr(STDIN_FILENO, &saved) || catch_signals(watch) < 0) {
		warn("cannot take over the terminal; try --batch");
		return STATUS_LOCAL;
	}
	keys = saved;
	keys.c_lflag &= ~(ICANON | ECHO);
	keys.c_cc[VSUSP] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &keys);
	fputs(TERM_ENTER, stdout);
	status = watch_run(watch);
	fputs(TERM_LEAVE, stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved);
	close(watch->signals);
	return status;
}

/* A terminal of which nothing is known, or that has no control sequences. */
static bool is_dumb(void)
{
	const char *term = getenv("TERM");

	return !term || !*term || !strcmp(term, "dumb");
}

static enum status top_run(const struct options *opts, int argc, char **argv)
{
	struct watch watch = {
		.opts = opts,
		.selection = { .given = argv, .nr = argc },
		.signals = -1,
		.delay = (double)opts->delay_ns / NSEC_PER_SEC,
		.screen = !opts->batch && !opts->json && !opts->raw &&
			  isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
			  !is_dumb(),
	};
	struct device dev;
	enum status status;

	if (device_open(&dev, opts->device, false))
		return STATUS_LOCAL;
	watch.dev = &dev;
	status = watch.screen ? watch_screen(&watch) : watch_run(&watch);
	device_close(&dev);
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
"On a terminal the table is redrawn after each delay. The key q quits, and any\n"
"other key takes a sample at once. Columns for which there is no room are left out.\n"
"Elsewhere, where TERM is dumb, and with --batch, --json or --raw, the tables follow\n"
"each other, the first one after one delay.",
	.operands = OPERANDS_POOLS,
	.options = OPTIONS_TABLE | OPTION_DELAY | OPTION_ITER | OPTION_BATCH,
	.columns = top_columns,
	.run = top_run,
};
