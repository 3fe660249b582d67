/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Command line options.
 */
#ifndef WPADM_OPTIONS_H
#define WPADM_OPTIONS_H

#include <stdbool.h>

#include <linux/types.h>

/* Bits for struct command.options: the options a command has. */
enum option_bit {
	OPTION_JSON		= 1 << 0,
	OPTION_COLUMNS		= 1 << 1,
	OPTION_FILE		= 1 << 2,
	OPTION_NOHEADINGS	= 1 << 3,
	OPTION_RAW		= 1 << 4,
	OPTION_TIMEOUT		= 1 << 5,
	OPTION_DRY_RUN		= 1 << 6,
	OPTION_DELAY		= 1 << 7,
	OPTION_ITER		= 1 << 8,
	OPTION_BATCH		= 1 << 9,
	OPTION_DEVICE		= 1 << 10,
	OPTION_HELP		= 1 << 11,
	OPTION_VERSION		= 1 << 12,
	OPTION_MODULE		= 1 << 13,
	OPTION_DIFF		= 1 << 14,
	OPTION_TYPE		= 1 << 15,
	OPTION_WATCH		= 1 << 16,
	OPTION_FOR		= 1 << 17,
	OPTION_SWITCH		= 1 << 18,
	OPTION_SORT		= 1 << 19,
	OPTION_SUMS		= 1 << 20,
};

#define OPTIONS_TABLE	(OPTION_JSON | OPTION_COLUMNS | OPTION_NOHEADINGS | \
			 OPTION_RAW)

/**
 * struct options - values of the options
 * @given: OPTION_* that were given
 * @device: the device, /dev/workpool by default
 * @columns: --output of a command that has columns, or NULL
 * @file: --output of any other command, or NULL
 * @types: the events that monitor shows, with commas; NULL: all
 * @sort: the column by which top sorts, with - in front the other way round, or NULL
 * @timeout_ns: how long release waits; 0: it does not wait
 * @delay_ns: delay between two samples of top
 * @for_ns: how long latency measures
 * @iterations: number of samples of top; 0: no limit
 */
struct options {
	unsigned int given;
	const char *device;
	const char *columns;
	const char *file;
	const char *types;
	const char *sort;
	__u64 timeout_ns;
	__u64 delay_ns;
	__u64 for_ns;
	__u64 iterations;
	bool json;
	bool noheadings;
	bool raw;
	bool dry_run;
	bool batch;
	bool sums;
	bool module;
	bool diff;
	bool watch;
	bool on;	/* --switch on, not off */
	bool help;
	bool version;
};

/* What an option wants, for completion. */
enum option_value {
	VALUE_NONE,
	VALUE_WORD,		/* nothing that could be guessed */
	VALUE_COLUMNS,
	VALUE_COLUMN,
	VALUE_FILE,
	VALUE_TIME,
	VALUE_TYPES,
	VALUE_DURATION,
	VALUE_SWITCH,
};

/* The letter of an option that has none is above those that have one. */
#define OPTION_LETTERS	256

/**
 * struct option_text - an option, as it is parsed and as it is explained
 * @val: its letter, or a number from OPTION_LETTERS on
 * @name: its long name
 * @argument: stands for its value, or NULL
 * @bit: OPTION_*
 * @value: what the value is
 * @help: what it does
 *
 * One without a @name ends an array. Two commands may have the same option with another
 * meaning.
 */
struct option_text {
	int val;
	const char *name;
	const char *argument;
	unsigned int bit;
	enum option_value value;
	const char *help;
};

extern const struct option_text option_texts[];

int options_parse(struct options *opts, int argc, char **argv);
int options_check(struct options *opts, const char *command,
		  unsigned int accepted);
void options_print(unsigned int accepted);

#endif /* WPADM_OPTIONS_H */
