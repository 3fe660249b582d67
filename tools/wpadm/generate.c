// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the man page and the completions of the tables that help is made of: copies
 * standard input, and puts a section in the place of each line that is @SECTION@. Only used
 * to build wpadm.
 */
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "usage.h"

static const char *const value_names[] = {
	[VALUE_NONE] = "none",
	[VALUE_WORD] = "word",
	[VALUE_COLUMNS] = "columns",
	[VALUE_COLUMN] = "column",
	[VALUE_FILE] = "file",
	[VALUE_TIME] = "time",
	[VALUE_TYPES] = "types",
	[VALUE_DURATION] = "duration",
	[VALUE_SWITCH] = "switch",
};

static const char *const operand_names[] = {
	[OPERANDS_NONE] = "none",
	[OPERANDS_POOLS] = "pools",
	[OPERANDS_TUNE] = "tune",
	[OPERANDS_FILE] = "file",
	[OPERANDS_COMMAND] = "command",
};

static bool has_letter(const struct option_text *option)
{
	return option->val < OPTION_LETTERS;
}

static bool has_option(const struct command *command,
		       const struct option_text *option)
{
	return (command->options | OPTIONS_COMMON) & option->bit;
}

/* Prints text, with a backslash before the characters that are special. */
static void print_escaped(const char *text, const char *special,
			  const char *escape)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			fputs(escape, stdout);
		putchar(*text);
	}
}

/* Text between apostrophes, for a shell */
static void print_quoted(const char *text, const char *special)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			putchar('\\');
		if (*text == '\'')
			fputs("'\\'", stdout);
		putchar(*text == '\n' ? ' ' : *text);
	}
}

/*
 * The man page, in mdoc(7)
 */

static int print_mdoc_char(char c)
{
	switch (c) {
	case '-':
		return printf("\\-");
	case '\'':
		return printf("\\(aq");
	case '\\':
		return printf("\\e");
	default:
		return printf("%c", c);
	}
}

/* A sentence begins a line, and lines have less than 80 characters. */
static void print_mdoc(const char *text)
{
	bool ends = false;
	int column = 0;

	for (; *text; text++) {
		if (!strncmp(text, "\n\n", 2)) {
			fputs("\n.Pp\n", stdout);
			column = 0;
			text++;
		} else if (isspace(*text) &&
			   (ends || column + strcspn(text + 1, "\n ") > 66)) {
			putchar('\n');
			column = 0;
		} else if (isspace(*text)) {
			column += printf("%c", ' ');
		} else {
			column += print_mdoc_char(*text);
		}
		ends = *text == '.';
	}
	putchar('\n');
}

/* The arguments of a command: a word in capitals stands for something. */
static void print_arguments(const char *arguments)
{
	if (!strcmp(arguments, "POOL..."))
		fputs(" Ar POOL ...", stdout);
	else if (!strcmp(arguments, "[POOL...]"))
		fputs(" Op Ar POOL ...", stdout);
	else if (!strcmp(arguments, "[FILE|DIR]"))
		fputs(" Op Ar FILE | Ar DIR", stdout);
	else if (!strcmp(arguments, "[COMMAND]"))
		fputs(" Op Ar COMMAND", stdout);
	else if (*arguments)
		printf(" Ar %s", arguments);
}

static void man_synopsis(void)
{
	size_t i;

	for (i = 0; commands[i]; i++) {
		printf(".Nm\n.Cm %s", commands[i]->name);
		print_arguments(commands[i]->arguments);
		puts("\n.Op Ar OPTIONS");
	}
}

static void print_flag(const struct option_text *option)
{
	if (has_letter(option))
		printf(" Fl %c ,", option->val);
	printf(" Fl \\-%s", option->name);
	if (option->argument)
		printf(" Ar %s", option->argument);
}

static void man_settings(const struct setting_text *setting)
{
	puts(".Bl -tag -width indent");
	for (; setting->name; setting++) {
		printf(".It Cm %s Ns = Ns Ar %s\n", setting->name,
		       setting->argument);
		print_mdoc(setting->help);
	}
	puts(".El");
}

static void man_types(const struct setting_text *type)
{
	puts(".Bl -tag -width indent -compact");
	for (; type->name; type++) {
		printf(".It Cm %s\n", type->name);
		print_mdoc(type->help);
	}
	puts(".El");
}

static void man_command_options(const struct command *command)
{
	const struct option_text *option;
	const char *separator = "";

	if (!command->options)
		return;
	fputs(".Pp\nOptions:\n", stdout);
	for (option = option_texts; option->name; option++) {
		if (!(command->options & option->bit))
			continue;
		printf("%s.Fl \\-%s", separator, option->name);
		separator = " ,\n";
	}
	puts("");
}

static void man_commands(void)
{
	size_t i;

	puts(".Bl -tag -width indent");
	for (i = 0; commands[i]; i++) {
		printf(".It Cm %s", commands[i]->name);
		print_arguments(commands[i]->arguments);
		printf("\n%c%s.\n", toupper(commands[i]->summary[0]),
		       commands[i]->summary + 1);
		if (commands[i]->description) {
			puts(".Pp");
			print_mdoc(commands[i]->description);
		}
		if (commands[i]->settings)
			man_settings(commands[i]->settings);
		if (commands[i]->types)
			man_types(commands[i]->types);
		man_command_options(commands[i]);
	}
	puts(".El");
}

static void man_options(void)
{
	const struct option_text *option;

	puts(".Bl -tag -width indent");
	for (option = option_texts; option->name; option++) {
		fputs(".It", stdout);
		print_flag(option);
		putchar('\n');
		print_mdoc(option->help);
	}
	puts(".El");
}

static void man_columns(const struct command *command)
{
	const struct column *column;

	puts(".Bl -tag -width indent -compact");
	for (column = command->columns; column->name; column++) {
		printf(".It Cm %s\n", column->name);
		print_mdoc(column->help);
		if (!key_is_plain(column))
			printf("(in JSON: %s)\n", column->key);
	}
	puts(".El");
}

static void man_list_columns(void)
{
	man_columns(&list_command);
}

static void man_top_columns(void)
{
	man_columns(&top_command);
}

static void man_statuses(void)
{
	const struct exit_text *text;

	puts(".Bl -tag -width indent -compact");
	for (text = exit_texts; text->meaning; text++) {
		printf(".It %d\n", text->status);
		print_mdoc(text->meaning);
	}
	puts(".El");
}

/*
 * bash: the cases of a function that answers what it is asked
 */

static void bash_options(const char *command, unsigned int options)
{
	const struct option_text *option;

	printf("\toptions.%s) echo '", command);
	for (option = option_texts; option->name; option++) {
		if (options & option->bit)
			printf("--%s ", option->name);
	}
	puts("' ;;");
	for (option = option_texts; option->name; option++) {
		if (!(options & option->bit) || !option->argument)
			continue;
		printf("\tvalue.%s.--%s", command, option->name);
		if (has_letter(option))
			printf(" | value.%s.-%c", command, option->val);
		printf(") echo %s ;;\n", value_names[option->value]);
	}
}

static void bash_columns(const char *command, const struct column *column)
{
	printf("\tcolumns.%s) echo 'all", command);
	for (; column->name; column++)
		printf(" %s", column->name);
	puts("' ;;");
}

static void bash_settings(const struct setting_text *setting)
{
	fputs("\tsettings) echo '", stdout);
	for (; setting->name; setting++)
		printf("%s= ", setting->name);
	puts("' ;;");
}

static void bash_types(const struct setting_text *type)
{
	fputs("\ttypes) echo '", stdout);
	for (; type->name; type++)
		printf("%s ", type->name);
	puts("' ;;");
}

static void bash_table(void)
{
	size_t i;

	fputs("\tcommands) echo '", stdout);
	for (i = 0; commands[i]; i++)
		printf("%s ", commands[i]->name);
	puts("' ;;");
	for (i = 0; commands[i]; i++) {
		printf("\toperands.%s) echo %s ;;\n", commands[i]->name,
		       operand_names[commands[i]->operands]);
		bash_options(commands[i]->name,
			     commands[i]->options | OPTIONS_COMMON);
		if (commands[i]->columns)
			bash_columns(commands[i]->name, commands[i]->columns);
		if (commands[i]->settings)
			bash_settings(commands[i]->settings);
		if (commands[i]->types)
			bash_types(commands[i]->types);
	}
}

/*
 * zsh: the specifications of _arguments, of _describe, and the columns
 */

static void zsh_commands(void)
{
	size_t i;

	for (i = 0; commands[i]; i++) {
		printf("\t'%s:", commands[i]->name);
		print_quoted(commands[i]->summary, ":");
		puts("'");
	}
}

static void zsh_value(const struct command *command,
		      const struct option_text *option)
{
	printf(":%s:", option->argument);
	switch (option->value) {
	case VALUE_COLUMNS:
		printf(" _wpadm_columns %s", command->name);
		break;
	case VALUE_COLUMN:
		printf(" _wpadm_column %s", command->name);
		break;
	case VALUE_FILE:
		fputs("_files", stdout);
		break;
	case VALUE_TIME:
		fputs("(1s 5s 30s forever)", stdout);
		break;
	case VALUE_DURATION:
		fputs("(1s 10s 1m)", stdout);
		break;
	case VALUE_SWITCH:
		fputs("(on off)", stdout);
		break;
	case VALUE_TYPES:
		fputs(" _wpadm_types", stdout);
		break;
	default:
		break;
	}
}

static void zsh_option(const struct command *command,
		       const struct option_text *option)
{
	if (has_letter(option))
		printf("\t\t'(-%c --%s)'{-%c,--%s}'[", option->val, option->name,
		       option->val, option->name);
	else
		printf("\t\t'--%s[", option->name);
	print_quoted(option->help, "[]");
	putchar(']');
	if (option->argument)
		zsh_value(command, option);
	puts("'");
}

static void zsh_arguments(void)
{
	static const char *const operands[] = {
		[OPERANDS_NONE] = "",
		[OPERANDS_POOLS] = "\t\t'*:pool: _wpadm_pools'\n",
		[OPERANDS_TUNE] = "\t\t'1:pool: _wpadm_pools'\n"
				  "\t\t'*:setting: _wpadm_settings'\n",
		[OPERANDS_FILE] = "\t\t'1:file:_files'\n",
		[OPERANDS_COMMAND] = "\t\t'1:command: _wpadm_commands'\n",
	};
	const struct option_text *option;
	size_t i;

	for (i = 0; commands[i]; i++) {
		printf("\t%s) specs=(\n", commands[i]->name);
		for (option = option_texts; option->name; option++) {
			if (has_option(commands[i], option))
				zsh_option(commands[i], option);
		}
		printf("%s\t) ;;\n", operands[commands[i]->operands]);
	}
}

static void zsh_settings(void)
{
	const struct setting_text *setting;

	for (setting = tune_command.settings; setting->name; setting++) {
		printf("\t'%s:", setting->name);
		print_quoted(setting->help, ":");
		puts("'");
	}
}

static void zsh_types(void)
{
	const struct setting_text *type;

	for (type = monitor_command.types; type->name; type++) {
		printf("\t'%s[", type->name);
		print_quoted(type->help, "[]:");
		puts("]'");
	}
}

static void zsh_columns(void)
{
	const struct column *column;
	size_t i;

	for (i = 0; commands[i]; i++) {
		if (!commands[i]->columns)
			continue;
		printf("\t%s) columns=(all\n", commands[i]->name);
		for (column = commands[i]->columns; column->name; column++) {
			printf("\t\t'%s[", column->name);
			print_quoted(column->help, "[]:");
			puts("]'");
		}
		puts("\t) ;;");
	}
}

/*
 * fish: a command for each option and each kind of word
 */

static void fish_option(const struct command *command,
			const struct option_text *option)
{
	static const char *const values[] = {
		[VALUE_NONE] = "",
		[VALUE_WORD] = " -x",
		[VALUE_COLUMNS] = " -x -a",
		[VALUE_COLUMN] = " -x -a",
		[VALUE_FILE] = " -r -F",
		[VALUE_TIME] = " -x -a '1s 5s 30s forever'",
		[VALUE_TYPES] = " -x -a '(__fish_complete_list , __wpadm_list_types)'",
		[VALUE_DURATION] = " -x -a '1s 10s 1m'",
		[VALUE_SWITCH] = " -x -a 'on off'",
	};

	printf("complete -c wpadm -n '__wpadm_is %s' -l %s", command->name,
	       option->name);
	if (has_letter(option))
		printf(" -s %c", option->val);
	fputs(values[option->value], stdout);
	if (option->value == VALUE_COLUMNS)
		printf(" '(__fish_complete_list , \"__wpadm_columns %s\")'",
		       command->name);
	if (option->value == VALUE_COLUMN)
		printf(" '(__wpadm_columns %s | string match -v all)'",
		       command->name);
	fputs(" -d '", stdout);
	print_escaped(option->help, "'\\", "\\");
	puts("'");
}

static void fish_command(const struct command *command)
{
	static const char *const operands[] = {
		[OPERANDS_POOLS] = "__wpadm_pools",
		[OPERANDS_TUNE] = "__wpadm_tune",
		[OPERANDS_COMMAND] = "__wpadm_commands",
	};
	const struct option_text *option;

	printf("complete -c wpadm -n __wpadm_is_first -a %s -d '", command->name);
	print_escaped(command->summary, "'\\", "\\");
	puts("'");
	if (command->operands == OPERANDS_FILE)
		printf("complete -c wpadm -n '__wpadm_is %s' -F\n",
		       command->name);
	else if (command->operands)
		printf("complete -c wpadm -n '__wpadm_is %s' -a '(%s)'\n",
		       command->name, operands[command->operands]);
	for (option = option_texts; option->name; option++) {
		if (has_option(command, option))
			fish_option(command, option);
	}
}

static void fish_complete(void)
{
	size_t i;

	for (i = 0; commands[i]; i++)
		fish_command(commands[i]);
}

/* The words for which bash has a table */
static void fish_table(void)
{
	const struct setting_text *setting;
	const struct column *column;
	size_t i;

	for (i = 0; commands[i]; i++) {
		printf("set -a __wpadm_command_names %s\n", commands[i]->name);
		if (!commands[i]->columns)
			continue;
		printf("set -g __wpadm_columns_%s all", commands[i]->name);
		for (column = commands[i]->columns; column->name; column++)
			printf(" %s", column->name);
		putchar('\n');
	}
	fputs("set -g __wpadm_settings", stdout);
	for (setting = tune_command.settings; setting->name; setting++)
		printf(" %s=", setting->name);
	fputs("\nset -g __wpadm_types", stdout);
	for (setting = monitor_command.types; setting->name; setting++)
		printf(" %s", setting->name);
	putchar('\n');
}

static const struct section {
	const char *name;
	void (*print)(void);
} sections[] = {
	{ "@MAN_SYNOPSIS@", man_synopsis },
	{ "@MAN_COMMANDS@", man_commands },
	{ "@MAN_OPTIONS@", man_options },
	{ "@MAN_LIST_COLUMNS@", man_list_columns },
	{ "@MAN_TOP_COLUMNS@", man_top_columns },
	{ "@MAN_STATUSES@", man_statuses },
	{ "@BASH_TABLE@", bash_table },
	{ "@ZSH_COMMANDS@", zsh_commands },
	{ "@ZSH_ARGUMENTS@", zsh_arguments },
	{ "@ZSH_SETTINGS@", zsh_settings },
	{ "@ZSH_COLUMNS@", zsh_columns },
	{ "@ZSH_TYPES@", zsh_types },
	{ "@FISH_TABLE@", fish_table },
	{ "@FISH_COMPLETE@", fish_complete },
};

static void copy_line(const char *line)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sections); i++) {
		if (!strcmp(line, sections[i].name)) {
			sections[i].print();
			return;
		}
	}
	if (*line == '@')
		errx(1, "there is no section %s", line);
	puts(line);
}

int main(void)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		copy_line(line);
	}
	return ferror(stdin) || fflush(stdout) ? 1 : 0;
}
