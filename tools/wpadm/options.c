// SPDX-License-Identifier: GPL-2.0
/*
 * Command line options. They may stand before or after the command. Its struct
 * command says which of them it has, and options_check() refuses the others.
 */
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "device.h"
#include "options.h"
#include "text.h"
#include "usage.h"

#define DELAY_DEFAULT	(2 * NSEC_PER_SEC)
#define DELAY_MIN	(100 * NSEC_PER_MSEC)
#define DELAY_MAX	(24 * 3600 * NSEC_PER_SEC)

enum {
	VAL_DEVICE = OPTION_LETTERS,
	VAL_DIFF,
	VAL_DRY_RUN,
	VAL_FOR,
	VAL_ITER,
	VAL_MODULE,
	VAL_SUMS,
	VAL_SWITCH,
	VAL_TYPE,
	VAL_WATCH,
};

const struct option_text option_texts[] = {
	{ 'J', "json", NULL, OPTION_JSON, VALUE_NONE,
	  "JSON, with plain numbers" },
	{ 'o', "output", "COLS", OPTION_COLUMNS, VALUE_COLUMNS,
	  "columns: a,b,c; +a,b adds to the default; or all" },
	{ 'o', "output", "FILE", OPTION_FILE, VALUE_FILE,
	  "replace FILE in one step instead of printing" },
	{ 'n', "noheadings", NULL, OPTION_NOHEADINGS, VALUE_NONE,
	  "no line of headings" },
	{ 'r', "raw", NULL, OPTION_RAW, VALUE_NONE,
	  "one space between fields, plain numbers" },
	{ 't', "timeout", "TIME", OPTION_TIMEOUT, VALUE_TIME,
	  "wait for the workers: 500ms, 5s, 2m, or 'forever'" },
	{ VAL_DRY_RUN, "dry-run", NULL, OPTION_DRY_RUN, VALUE_NONE,
	  "say what would change, change nothing" },
	{ VAL_DIFF, "diff", NULL, OPTION_DIFF, VALUE_NONE,
	  "show each change as a line with - and one with +, as diff(1) does" },
	{ VAL_WATCH, "watch", NULL, OPTION_WATCH, VALUE_NONE,
	  "go on, and give each pool its settings as it is created" },
	{ VAL_MODULE, "module", NULL, OPTION_MODULE, VALUE_NONE,
	  "tune the module and not a pool" },
	{ 'd', "delay", "SECS", OPTION_DELAY, VALUE_WORD,
	  "time between two samples, 0.1 to 86400; 2 by default" },
	{ VAL_ITER, "iter", "N", OPTION_ITER, VALUE_WORD,
	  "stop after N samples" },
	{ 'b', "batch", NULL, OPTION_BATCH, VALUE_NONE,
	  "one table below the other, no terminal control" },
	{ 's', "sort", "COL", OPTION_SORT, VALUE_COLUMN,
	  "sort by a column: greatest number first, text by alphabet; -COL: the reverse" },
	{ VAL_SUMS, "sums", NULL, OPTION_SUMS, VALUE_NONE,
	  "one line for each multi, in the place of its pools" },
	{ VAL_FOR, "for", "TIME", OPTION_FOR, VALUE_DURATION,
	  "measure for so long: 500ms, 10s, 2m; until Ctrl-C by default" },
	{ VAL_SWITCH, "switch", "STATE", OPTION_SWITCH, VALUE_SWITCH,
	  "on: only begin to measure; off: only end it" },
	{ VAL_TYPE, "type", "TYPES", OPTION_TYPE, VALUE_TYPES,
	  "only these events: a,b,c" },
	{ VAL_DEVICE, "device", "PATH", OPTION_DEVICE, VALUE_FILE,
	  "the device, " DEVICE_DEFAULT " by default" },
	{ 'h', "help", NULL, OPTION_HELP, VALUE_NONE,
	  "explain the command, or wpadm" },
	{ 'V', "version", NULL, OPTION_VERSION, VALUE_NONE,
	  "the version of wpadm; this needs no module" },
	{ 0 }
};

#define NR_OPTIONS	(ARRAY_SIZE(option_texts) - 1)

static int set_timeout(struct options *opts, const char *text)
{
	if (!strcmp(text, "forever")) {
		opts->timeout_ns = WORKPOOL_TIMEOUT_MAX;
		return 0;
	}
	if (parse_duration(text, NSEC_PER_MSEC, &opts->timeout_ns))
		return usage_error("--timeout '%s' is not a time such as 500ms, 5s or 'forever'",
				   text);
	return 0;
}

static int set_delay(struct options *opts, const char *text)
{
	if (parse_duration(text, NSEC_PER_SEC, &opts->delay_ns) ||
	    opts->delay_ns < DELAY_MIN || opts->delay_ns > DELAY_MAX)
		return usage_error("--delay '%s' is not a number of seconds from 0.1 to 86400",
				   text);
	return 0;
}

static int set_iterations(struct options *opts, const char *text)
{
	if (parse_count(text, 1, UINT64_MAX, &opts->iterations))
		return usage_error("--iter '%s' is not a number from 1 up",
				   text);
	return 0;
}

static int set_for(struct options *opts, const char *text)
{
	if (parse_duration(text, NSEC_PER_SEC, &opts->for_ns) || !opts->for_ns)
		return usage_error("--for '%s' is not a time such as 500ms or 10s",
				   text);
	return 0;
}

static int set_switch(struct options *opts, const char *text)
{
	opts->on = !strcmp(text, "on");
	if (!opts->on && strcmp(text, "off"))
		return usage_error("--switch '%s' is neither on nor off", text);
	return 0;
}

static int set_option(struct options *opts, int val, const char *text)
{
	switch (val) {
	case 'J':
		opts->json = true;
		break;
	case 'o':	/* options_check() knows which of the two it is */
		opts->columns = text;
		opts->file = text;
		break;
	case 'n':
		opts->noheadings = true;
		break;
	case 'r':
		opts->raw = true;
		break;
	case 't':
		return set_timeout(opts, text);
	case VAL_DRY_RUN:
		opts->dry_run = true;
		break;
	case VAL_DIFF:
		opts->diff = true;
		break;
	case VAL_WATCH:
		opts->watch = true;
		break;
	case 'd':
		return set_delay(opts, text);
	case VAL_ITER:
		return set_iterations(opts, text);
	case VAL_FOR:
		return set_for(opts, text);
	case VAL_SWITCH:
		return set_switch(opts, text);
	case VAL_MODULE:
		opts->module = true;
		break;
	case VAL_TYPE:
		opts->types = text;
		break;
	case 'b':
		opts->batch = true;
		break;
	case 's':
		opts->sort = text;
		break;
	case VAL_SUMS:
		opts->sums = true;
		break;
	case VAL_DEVICE:
		opts->device = text;
		break;
	case 'h':
		opts->help = true;
		break;
	case 'V':
		opts->version = true;
		break;
	}
	return 0;
}

/* Makes the arguments of getopt_long() from the table. */
static void fill_getopt(struct option *longs, char *shorts)
{
	const struct option_text *d;

	*shorts++ = ':';	/* a missing argument is not a wrong option */
	for (d = option_texts; d->name; d++) {
		*longs++ = (struct option) {
			.name = d->name,
			.has_arg = d->argument ? required_argument :
						 no_argument,
			.val = d->val,
		};
		if (d->val >= VAL_DEVICE)
			continue;
		*shorts++ = d->val;
		if (d->argument)
			*shorts++ = ':';
	}
	*longs = (struct option) { 0 };
	*shorts = '\0';
}

static unsigned int bits_of(int val)
{
	unsigned int bits = 0;
	size_t i;

	for (i = 0; i < NR_OPTIONS; i++) {
		if (option_texts[i].val == val)
			bits |= option_texts[i].bit;
	}
	return bits;
}

/* getopt_long() sets optopt to 0 for an unknown long option. */
static int report_unknown(char **argv)
{
	const char *word = argv[optind - 1];

	if (optopt && bits_of(optopt))
		return usage_error("option '%s' takes no value", word);
	if (optopt)
		return usage_error("there is no option '-%c'", optopt);
	return usage_error("there is no option '%s'", word);
}

/**
 * options_parse() - parse the options of the command line
 * @opts: the result
 * @argc: argument of main()
 * @argv: argument of main(); words that are not options are moved to optind and
 *	after it
 *
 * Return: 0, or STATUS_LOCAL after a message.
 */
int options_parse(struct options *opts, int argc, char **argv)
{
	struct option longs[NR_OPTIONS + 1];
	char shorts[2 * NR_OPTIONS + 2];
	int val, err;

	*opts = (struct options) {
		.device = DEVICE_DEFAULT,
		.delay_ns = DELAY_DEFAULT,
	};
	fill_getopt(longs, shorts);
	opterr = 0;
	while ((val = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (val == '?')
			return report_unknown(argv);
		if (val == ':')
			return usage_error("option '%s' needs a value",
					   argv[optind - 1]);
		err = set_option(opts, val, optarg);
		if (err)
			return err;
		opts->given |= bits_of(val);
	}
	return 0;
}

static int check_conflicts(const struct options *opts, const char *command)
{
	if (opts->json && opts->raw)
		return command_error(command, "--json and --raw exclude each other");
	if (opts->json && opts->noheadings)
		return command_error(command, "--json has no headings to leave out");
	return 0;
}

/**
 * options_check() - check that a command has the options that were given
 * @opts: the options
 * @command: the name of the command
 * @accepted: OPTION_* that the command has
 *
 * Return: 0, or STATUS_LOCAL after a message.
 */
int options_check(struct options *opts, const char *command,
		  unsigned int accepted)
{
	size_t i;

	for (i = 0; i < NR_OPTIONS; i++) {
		if (opts->given & option_texts[i].bit &&
		    !(accepted & bits_of(option_texts[i].val)))
			return command_error(command, "'%s' has no option --%s",
					     command, option_texts[i].name);
	}
	if (!(accepted & OPTION_COLUMNS))
		opts->columns = NULL;
	if (!(accepted & OPTION_FILE))
		opts->file = NULL;
	return check_conflicts(opts, command);
}

/**
 * options_print() - print the part of a help text about options
 * @accepted: OPTION_* to print
 */
void options_print(unsigned int accepted)
{
	const struct option_text *d;
	char left[32];
	int column;

	puts("\nOptions:");
	for (d = option_texts; d->name; d++) {
		if (!(accepted & d->bit))
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", d->name,
			 d->argument ? " " : "",
			 d->argument ? d->argument : "");
		column = d->val < OPTION_LETTERS ?
			 printf("  -%c, %-17s ", d->val, left) :
			 printf("      %-17s ", left);
		text_print(d->help, column, column);
	}
}
