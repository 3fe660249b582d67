/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands, their help, and usage errors.
 */
#ifndef WPADM_USAGE_H
#define WPADM_USAGE_H

#include <err.h>

#include "options.h"
#include "status.h"
#include "table.h"

/* What the words after a command are, for completion. */
enum operands {
	OPERANDS_NONE,
	OPERANDS_POOLS,
	OPERANDS_TUNE,		/* a pool, then settings */
	OPERANDS_FILE,
	OPERANDS_COMMAND,
};

/**
 * struct setting_text - what is said about a setting of "wpadm tune", or about an event
 * @name: the word before the =
 * @argument: stands for the word after it. NULL: it is a word of --type
 * @help: sentences
 *
 * One without a @name ends an array.
 */
struct setting_text {
	const char *name;
	const char *argument;
	const char *help;
};

/**
 * struct command - a subcommand; help, completions and the man page are made of it
 * @name: its name
 * @arguments: its arguments, for the help
 * @summary: one line of help
 * @description: paragraphs for "wpadm help NAME", or NULL
 * @operands: what @arguments are
 * @options: OPTION_* it has in addition to OPTIONS_COMMON
 * @settings: what is said about its settings, or NULL
 * @columns: the columns of its table, or NULL
 * @types: what is said about the values of --type, or NULL
 * @run: runs it
 */
struct command {
	const char *name;
	const char *arguments;
	const char *summary;
	const char *description;
	enum operands operands;
	unsigned int options;
	const struct setting_text *settings;
	const struct column *columns;
	const struct setting_text *types;
	enum status (*run)(const struct options *opts, int argc, char **argv);
};

extern const struct command list_command, show_command, tune_command,
	release_command, reboot_command, pause_command, resume_command,
	save_command, apply_command, top_command, latency_command,
	monitor_command, prometheus_command, version_command, help_command;

#define OPTIONS_COMMON	(OPTION_DEVICE | OPTION_HELP | OPTION_VERSION)

extern const struct command *const commands[];

/* The exit statuses and what they mean; one without a meaning is the last. */
extern const struct exit_text {
	int status;
	const char *meaning;
} exit_texts[];

bool key_is_plain(const struct column *column);

const struct command *command_find(const char *name);
enum status help_print(const struct command *command);

/*
 * Report a wrong command line in one line on standard error. It names the help to
 * read: the overview, or the help of @command. The value is the exit status.
 */
#define usage_error(format, ...)					\
	(warnx(format "; try 'wpadm help'", ##__VA_ARGS__), STATUS_LOCAL)
#define command_error(command, format, ...)				\
	(warnx(format "; try 'wpadm help %s'", ##__VA_ARGS__, command),	\
	 STATUS_LOCAL)

#endif /* WPADM_USAGE_H */
