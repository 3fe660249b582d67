/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands, and what is said about their use.
 */
#ifndef WPADM_USAGE_H
#define WPADM_USAGE_H

#include <err.h>

#include "options.h"
#include "status.h"
#include "table.h"

/**
 * struct command - a subcommand
 * @name: what a user types
 * @arguments: behind the name
 * @summary: one line
 * @description: paragraphs for "wpadm help NAME", or NULL
 * @options: OPTION_* it has, beside those that all have
 * @columns: those of its table, or NULL
 * @run: does it
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
 * One line on standard error about a wrong command line, and where to look:
 * in the help about all, or about one command. Their value is the exit status.
 */
#define usage_error(format, ...)					\
	(warnx(format "; try 'wpadm help'", ##__VA_ARGS__), STATUS_LOCAL)
#define command_error(command, format, ...)				\
	(warnx(format "; try 'wpadm help %s'", ##__VA_ARGS__, command),	\
	 STATUS_LOCAL)

#endif /* WPADM_USAGE_H */
