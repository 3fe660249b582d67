// SPDX-License-Identifier: GPL-2.0
/*
 * wpadm: look at and administer the pools of the workpool kernel module.
 *
 * main() only finds the command and runs it. Each command is in a file of its
 * own. Only device.c talks to the module.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>

#include "usage.h"

static enum status run(struct options *opts, int argc, char **argv)
{
	const struct command *command = argc ? command_find(argv[0]) :
					       commands[0];
	int err;

	if (!command)
		return usage_error("there is no command '%s'", argv[0]);
	if (opts->help)
		return help_print(argc ? command : NULL);
	err = options_check(opts, command->name,
			    command->options | OPTIONS_COMMON);
	if (err)
		return err;
	return command->run(opts, argc ? argc - 1 : 0, argv + !!argc);
}

/* Output that did not reach its file is a failure. */
static enum status flush_output(enum status status)
{
	int failed = ferror(stdout);

	if (!fflush(stdout) && !failed)
		return status;
	warn("cannot write to standard output");
	return status == STATUS_OK ? STATUS_LOCAL : status;
}

int main(int argc, char **argv)
{
	enum status status;
	struct options opts;

	status = options_parse(&opts, argc, argv);
	if (status != STATUS_OK)
		return status;
	if (opts.version) {
		puts("wpadm " WPADM_VERSION);
		return flush_output(STATUS_OK);
	}
	return flush_output(run(&opts, argc - optind, argv + optind));
}
