// SPDX-License-Identifier: GPL-2.0
/*
 * The table of commands, the help that is made from it, and usage errors.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "usage.h"

const struct command *const commands[] = {
	&list_command,		/* the first is the default */
	&show_command,
	&tune_command,
	&release_command,
	&reboot_command,
	&top_command,
	&prometheus_command,
	&version_command,
	&help_command,
	NULL
};

const struct command *command_find(const char *name)
{
	size_t i;

	for (i = 0; commands[i]; i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	}
	return NULL;
}

/* Is a column's JSON key its name in lower case, with _ for -? */
static bool key_is_plain(const struct column *column)
{
	const char *name = column->name, *key = column->key;

	for (; *name && *key; name++, key++) {
		if (*key != (*name == '-' ? '_' : tolower(*name)))
			return false;
	}
	return *name == *key;
}

static void print_columns(const struct column *columns)
{
	puts("\nColumns, * in tables without --output (in JSON: lower case, _ for -):");
	for (; columns->name; columns++) {
		printf(" %c%-16s %s", columns->preset ? '*' : ' ',
		       columns->name, columns->help);
		if (!key_is_plain(columns))
			printf(" (in JSON: %s)", columns->key);
		putchar('\n');
	}
}

static void print_statuses(void)
{
	puts("\nExit status:\n"
	     "   0  it worked\n"
	     "   1  wrong usage, or a failure outside the module\n"
	     "   2  the kernel refused\n"
	     "  32  there is no such pool\n"
	     "  64  it worked only for some of several pools");
}

static void print_overview(void)
{
	char left[48];
	size_t i;

	puts("Usage: wpadm [OPTIONS] [COMMAND] [ARGUMENTS]\n\n"
	     "Look at and administer the pools of the workpool kernel module.\n\n"
	     "Commands:");
	for (i = 0; commands[i]; i++) {
		snprintf(left, sizeof(left), "%s %s", commands[i]->name,
			 commands[i]->arguments);
		printf("  %-27s %s\n", left, commands[i]->summary);
	}
	puts("\nPOOL is the name of a pool, or id:N. 'wpadm help COMMAND' lists the options of a\n"
	     "command.");
	options_print(~0U);
	print_columns(list_command.columns);
	print_statuses();
}

static void print_command(const struct command *command)
{
	printf("Usage: wpadm %s%s%s [OPTIONS]\n\n%c%s.\n", command->name,
	       *command->arguments ? " " : "", command->arguments,
	       toupper(command->summary[0]), command->summary + 1);
	if (command->description)
		printf("\n%s\n", command->description);
	options_print(command->options | OPTIONS_COMMON);
	if (command->columns)
		print_columns(command->columns);
}

/**
 * help_print() - print help on standard output
 * @command: the command to explain, or NULL for an overview
 */
enum status help_print(const struct command *command)
{
	if (command)
		print_command(command);
	else
		print_overview();
	puts("\nSee wpadm(8).");
	return STATUS_OK;
}

static enum status help_run(const struct options *opts, int argc, char **argv)
{
	const struct command *command;

	(void)opts;
	if (argc > 1)
		return command_error("help", "help is about one command, not %d",
				     argc);
	if (!argc)
		return help_print(NULL);
	command = command_find(argv[0]);
	if (!command)
		return usage_error("there is no command '%s'", argv[0]);
	return help_print(command);
}

const struct command help_command = {
	.name = "help",
	.arguments = "[COMMAND]",
	.summary = "explain wpadm, or one of its commands",
	.run = help_run,
};
