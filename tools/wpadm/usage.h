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

/**
 * struct command - a subcommand
 * @name: its name
 * @arguments: its arguments, for the help
 * @summary: one line of help
 * @description: paragraphs for "wpadm help NAME", or NULL
 * @options: OPTION_* it has in addition to OPTIONS_COMMON
 * @columns: the columns of its table, or NULL
 * @run: runs it
 */
struct command {
	const char *name;
	const char *arguments;
	const char *summary;
	const char *description;
	unsigned int options;
	const struct column *columns;
	enum status (*run)(const struct options *opts, int argc, char **argv);
};

extern const struct command list_command, show_command, tune_command,
	release_command, reboot_command, top_command, prometheus_command,
	version_command, help_command;

#define OPTIONS_COMMON	(OPTION_DEVICE | OPTION_HELP | OPTION_VERSION)

extern const struct command *const commands[];

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
