// SPDX-License-Identifier: GPL-2.0
/*
 * The table of commands, the help that is made from it, and usage errors.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "usage.h"

const struct command *const commands[] = {
	&list_command,		/* the first is the default */
	&show_command,
	&tune_command,
	&release_command,
	&reboot_command,
	&pause_command,
	&resume_command,
	&save_command,
	&apply_command,
	&top_command,
	&latency_command,
	&monitor_command,
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
bool key_is_plain(const struct column *column)
{
	const char *name = column->name, *key = column->key;

	for (; *name && *key; name++, key++) {
		if (*key != (*name == '-' ? '_' : tolower(*name)))
			return false;
	}
	return *name == *key;
}

const struct exit_text exit_texts[] = {
	{ STATUS_OK, "it worked" },
	{ STATUS_LOCAL, "wrong usage, or a failure outside the module" },
	{ STATUS_REFUSED, "the kernel refused; the message says why" },
	{ STATUS_NO_POOL, "there is no such pool" },
	{ STATUS_SOME, "it worked only for some of several pools; if it worked for none,\n"
	  "the exit status is that of the first pool" },
	{ 0 }
};

static void print_columns(const struct column *columns)
{
	int column;

	puts("\nColumns, * in tables without --output (in JSON: lower case, _ for -):");
	for (; columns->name; columns++) {
		column = printf(" %c%-16s ", columns->preset ? '*' : ' ',
				columns->name);
		if (key_is_plain(columns)) {
			text_print(columns->help, column, column);
			continue;
		}
		column += printf("(in JSON: %s) ", columns->key);
		text_print(columns->help, column, 19);
	}
}

static void print_settings(const struct setting_text *settings)
{
	int column;

	puts("\nSettings:");
	for (; settings->name; settings++) {
		column = printf("  %s=%s", settings->name, settings->argument);
		text_print(settings->help, column, 19);
	}
}

static void print_types(const struct setting_text *types)
{
	int column;

	puts("\nEvents:");
	for (; types->name; types++) {
		column = printf("  %s", types->name);
		text_print(types->help, column, 19);
	}
}

static void print_statuses(void)
{
	const struct exit_text *text;

	puts("\nExit status:");
	for (text = exit_texts; text->meaning; text++) {
		printf("  %2d  ", text->status);
		text_print(text->meaning, 6, 6);
	}
}

static void print_overview(void)
{
	size_t i;
	int column;

	puts("Usage: wpadm [OPTIONS] [COMMAND] [ARGUMENTS]\n\n"
	     "Look at and administer the pools of the workpool kernel module.\n\n"
	     "Commands:");
	for (i = 0; commands[i]; i++) {
		column = printf("  %s %s", commands[i]->name,
				commands[i]->arguments);
		text_print(commands[i]->summary, column, 30);
	}
	putchar('\n');
	text_print("POOL is the name of a pool, id:N, or a pattern such as 'ext4-*'.\n"
		   "'wpadm help COMMAND' lists the options of a command.", 0, 0);
	options_print(~0U);
	print_columns(list_command.columns);
	print_statuses();
}

static void print_command(const struct command *command)
{
	printf("Usage: wpadm %s%s%s [OPTIONS]\n\n%c%s.\n", command->name,
	       *command->arguments ? " " : "", command->arguments,
	       toupper(command->summary[0]), command->summary + 1);
	if (command->description) {
		putchar('\n');
		text_print(command->description, 0, 0);
	}
	if (command->settings)
		print_settings(command->settings);
	if (command->types)
		print_types(command->types);
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
	.operands = OPERANDS_COMMAND,
	.run = help_run,
};
