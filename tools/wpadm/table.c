// SPDX-License-Identifier: GPL-2.0
/*
 * Tables: rows of fields, printed in columns, as raw lines or as JSON. No other
 * file calls libsmartcols.
 */
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libsmartcols.h>

#include "options.h"
#include "table.h"
#include "text.h"

#define CELL_MAX		128

struct table {
	struct libscols_table *scols;
	struct libscols_line *sum;	/* of the parts that are added */
	const struct column *chosen[TABLE_COLUMNS_MAX];
	size_t nr_chosen;
	enum layout layout;
	enum style style;
	bool flexible;			/* not all columns were asked for */
};

/* The column of that name, in any case, or NULL after a message. */
const struct column *column_find(const struct column *columns,
				 const char *name, size_t len)
{
	for (; columns->name; columns++) {
		if (strlen(columns->name) == len &&
		    !strncasecmp(columns->name, name, len))
			return columns;
	}
	warnx("there is no column '%.*s'; 'wpadm help COMMAND' lists them",
	      (int)len, name);
	return NULL;
}

/* What a column has in a row, in base units. Returns whether it is a number. */
static bool read_number(const struct column *column, const void *row,
			double *number)
{
	char cell[CELL_MAX], *end;

	column->format(cell, sizeof(cell), (const char *)row + column->offset,
		       STYLE_METRIC);
	*number = strtod(cell, &end);
	return end != cell;
}

static int compare_numbers(const struct column *column, const void *a,
			   const void *b, bool reverse)
{
	bool has_a, has_b;
	double x, y;

	has_a = read_number(column, a, &x);
	has_b = read_number(column, b, &y);
	if (!has_a || !has_b)
		return has_b - has_a;
	return reverse ? (x > y) - (x < y) : (x < y) - (x > y);
}

static int compare_texts(const struct column *column, const void *a,
			 const void *b, bool reverse)
{
	char x[CELL_MAX], y[CELL_MAX];

	column->format(x, sizeof(x), (const char *)a + column->offset,
		       STYLE_METRIC);
	column->format(y, sizeof(y), (const char *)b + column->offset,
		       STYLE_METRIC);
	return reverse ? strcmp(y, x) : strcmp(x, y);
}

/**
 * column_compare() - which of two rows comes first
 * @column: the column by which rows are sorted
 * @a: a row
 * @b: a row
 * @reverse: the other way round
 *
 * The greatest number comes first, and one that is missing last, also with @reverse. Text is
 * in the order of its bytes.
 *
 * Return: below 0 if @a comes first, above 0 if @b does, 0 if they are equal.
 */
int column_compare(const struct column *column, const void *a, const void *b,
		   bool reverse)
{
	return column->json == SCOLS_JSON_NUMBER ?
	       compare_numbers(column, a, b, reverse) :
	       compare_texts(column, a, b, reverse);
}

static int choose(struct table *table, const struct column *column)
{
	if (table->nr_chosen == TABLE_COLUMNS_MAX) {
		warnx("more than %d columns requested; name fewer with --output",
		      TABLE_COLUMNS_MAX);
		return -1;
	}
	table->chosen[table->nr_chosen++] = column;
	return 0;
}

static int choose_all(struct table *table, const struct column *columns,
		      bool presets_only)
{
	for (; columns->name; columns++) {
		if (presets_only && !columns->preset)
			continue;
		if (choose(table, columns))
			return -1;
	}
	return 0;
}

static int choose_listed(struct table *table, const struct column *columns,
			 const char *list)
{
	const struct column *column;
	size_t len;

	for (;; list += len + 1) {
		len = strcspn(list, ",");
		column = column_find(columns, list, len);
		if (!column || choose(table, column))
			return -1;
		if (!list[len])
			return 0;
	}
}

/* JSON and fields have all columns by default. A table must fit the screen. */
static int choose_columns(struct table *table, const struct column *columns,
			  const char *list)
{
	bool roomy = table->style == STYLE_JSON ||
		     table->layout == LAYOUT_FIELDS;

	if (list && !strcasecmp(list, "all"))
		return choose_all(table, columns, false);
	if (list && *list != '+')
		return choose_listed(table, columns, list);
	if (choose_all(table, columns, !roomy))
		return -1;
	return list ? choose_listed(table, columns, list + 1) : 0;
}

/* Only the style for people indents the parts of a sum. */
static int scols_flags(const struct table *table, const struct column *column)
{
	return table->style == STYLE_HUMAN ? column->flags :
					     column->flags & ~SCOLS_FL_TREE;
}

static int add_scols_columns(struct table *table)
{
	struct libscols_column *scols;
	const struct column *column;
	size_t i;

	if (table->layout == LAYOUT_FIELDS)
		return scols_table_new_column(table->scols, "NAME", 1, 0) &&
		       scols_table_new_column(table->scols, "VALUE", 1, 0) ?
		       0 : -1;
	for (i = 0; i < table->nr_chosen; i++) {
		column = table->chosen[i];
		scols = scols_table_new_column(table->scols,
					       table->style == STYLE_JSON ?
					       column->key : column->name,
					       column->width,
					       scols_flags(table, column));
		if (!scols || scols_column_set_json_type(scols, column->json))
			return -1;
	}
	return 0;
}

/* The parts of a sum are indented by two blanks. */
static int setup_symbols(struct table *table)
{
	struct libscols_symbols *symbols = scols_new_symbols();
	int err;

	if (!symbols)
		return -1;
	err = scols_symbols_set_branch(symbols, "  ") ||
	      scols_symbols_set_vertical(symbols, "  ") ||
	      scols_symbols_set_right(symbols, "  ") ||
	      scols_table_set_symbols(table->scols, symbols) ? -1 : 0;
	scols_unref_symbols(symbols);
	return err;
}

static int setup_scols(struct table *table, const char *name,
		       const struct options *opts)
{
	bool bare = opts->noheadings || table->layout == LAYOUT_FIELDS;

	table->scols = scols_new_table();
	if (!table->scols ||
	    scols_table_set_name(table->scols, name) ||
	    scols_table_enable_json(table->scols, opts->json) ||
	    scols_table_enable_raw(table->scols, opts->raw) ||
	    scols_table_enable_noheadings(table->scols, bare) ||
	    setup_symbols(table) || add_scols_columns(table)) {
		warnx("out of memory");
		return -1;
	}
	return 0;
}

/**
 * table_new() - create an empty table
 * @name: name of the array in JSON
 * @columns: all columns of the table
 * @opts: --json, --raw, --noheadings, and --output to choose columns
 * @layout: the layout, unless the output is JSON
 *
 * Return: the table, or NULL after a message.
 */
struct table *table_new(const char *name, const struct column *columns,
			const struct options *opts, enum layout layout)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table) {
		warnx("out of memory");
		return NULL;
	}
	table->layout = opts->json ? LAYOUT_ROWS : layout;
	table->flexible = !opts->columns || *opts->columns == '+';
	table->style = opts->json ? STYLE_JSON :
		       opts->raw ? STYLE_RAW : STYLE_HUMAN;
	if (choose_columns(table, columns, opts->columns) ||
	    setup_scols(table, name, opts)) {
		table_free(table);
		return NULL;
	}
	return table;
}

static void format_cell(const struct table *table, const struct column *column,
			const void *row, char *buf, size_t size)
{
	buf[0] = '\0';
	column->format(buf, size, (const char *)row + column->offset,
		       table->style);
}

/* Programs that split a line into fields find one in the place of each column. */
static void format_single(const struct table *table, char *buf, size_t size)
{
	snprintf(buf, size, "%s", table->style == STYLE_RAW ? "-" : "");
}

static struct libscols_line *add_row(struct table *table, const void *row,
				     struct libscols_line *parent, bool is_sum)
{
	struct libscols_line *line = scols_table_new_line(table->scols, parent);
	char cell[CELL_MAX];
	size_t i;

	for (i = 0; line && i < table->nr_chosen; i++) {
		if (is_sum && table->chosen[i]->single)
			format_single(table, cell, sizeof(cell));
		else
			format_cell(table, table->chosen[i], row, cell,
				    sizeof(cell));
		if (cell[0] && scols_line_set_data(line, i, cell))
			return NULL;
	}
	return line;
}

static void field_label(char *buf, size_t size, const char *name)
{
	size_t i;

	snprintf(buf, size, "%s:", name);
	for (i = 0; buf[i]; i++)
		buf[i] = tolower((unsigned char)buf[i]);
}

static int add_fields(struct table *table, const void *row, bool is_sum)
{
	struct libscols_line *line;
	char cell[CELL_MAX];
	size_t i;

	if (scols_table_get_nlines(table->scols)) {
		/* Each row is a table; an empty line separates them. */
		if (scols_print_table(table->scols))
			return -1;
		putchar('\n');
		scols_table_remove_lines(table->scols);
	}
	for (i = 0; i < table->nr_chosen; i++) {
		if (is_sum && table->chosen[i]->single)
			continue;
		line = scols_table_new_line(table->scols, NULL);
		if (!line)
			return -1;
		field_label(cell, sizeof(cell), table->chosen[i]->name);
		if (scols_line_set_data(line, 0, cell))
			return -1;
		format_cell(table, table->chosen[i], row, cell, sizeof(cell));
		if (scols_line_set_data(line, 1, cell))
			return -1;
	}
	return 0;
}

static int added(bool ok)
{
	if (ok)
		return 0;
	warnx("out of memory");
	return -1;
}

/**
 * table_add() - add a row
 * @table: the table
 * @row: the object to which the offsets of the columns apply; it is copied
 *
 * Return: 0, or -1 after a message.
 */
int table_add(struct table *table, const void *row)
{
	if (table->layout == LAYOUT_FIELDS)
		return added(!add_fields(table, row, false));
	return added(add_row(table, row, NULL, false));
}

/* Adds a row with the sums of the rows that table_add_part() adds next. */
int table_add_sum(struct table *table, const void *row)
{
	if (table->layout == LAYOUT_FIELDS)
		return added(!add_fields(table, row, true));
	table->sum = add_row(table, row, NULL, true);
	return added(table->sum);
}

int table_add_part(struct table *table, const void *row)
{
	if (table->layout == LAYOUT_FIELDS)
		return table_add(table, row);
	return added(add_row(table, row, table->sum, false));
}

static struct libscols_column *scols_at(const struct table *table, size_t i)
{
	return scols_table_get_column(table->scols, i);
}

static bool hidden(const struct table *table, size_t i)
{
	return scols_column_get_flags(scols_at(table, i)) & SCOLS_FL_HIDDEN;
}

/* The parts of a sum are indented. */
static size_t cell_width(struct libscols_line *line, size_t i, bool is_tree)
{
	const char *text = scols_cell_get_data(scols_line_get_cell(line, i));

	return (text ? strlen(text) : 0) +
	       (is_tree && scols_line_get_parent(line) ? 2 : 0);
}

static size_t column_width(const struct table *table, size_t i)
{
	bool is_tree = table->chosen[i]->flags & SCOLS_FL_TREE;
	size_t width = strlen(table->chosen[i]->name), line, cell;

	for (line = 0; line < scols_table_get_nlines(table->scols); line++) {
		cell = cell_width(scols_table_get_line(table->scols, line), i,
				  is_tree);
		if (cell > width)
			width = cell;
	}
	return width;
}

/* Of columns that were asked for, the last one is the first to be left out. */
static int rank(const struct table *table, size_t i)
{
	return table->flexible ? table->chosen[i]->preset : 0;
}

/* The column to leave out next, other than the first one; 0: there is none. */
static size_t dispensable(const struct table *table, int least)
{
	size_t i, found = 0;

	for (i = 1; i < table->nr_chosen; i++) {
		if (hidden(table, i) || rank(table, i) < least)
			continue;
		if (!found || rank(table, i) >= rank(table, found))
			found = i;
	}
	return found;
}

/* Leaves out columns of at least that rank until the others fit into the width, if they can. */
static void fit(struct table *table, size_t width, int least)
{
	size_t i, used = 0;

	for (i = 0; i < table->nr_chosen; i++)
		used += column_width(table, i) + 1;
	while (used > width + 1) {
		i = dispensable(table, least);
		if (!i)
			break;
		scols_column_set_flags(scols_at(table, i), SCOLS_FL_HIDDEN);
		used -= column_width(table, i) + 1;
	}
}

static bool is_for_people(const struct table *table)
{
	return table->style == STYLE_HUMAN && table->layout == LAYOUT_ROWS;
}

/**
 * table_print() - write the table to standard output
 * @table: the table
 *
 * Return: 0, or -1 after a message.
 */
int table_print(struct table *table)
{
	int width = terminal_width();

	if (width && table->flexible && is_for_people(table))
		fit(table, width, 2);
	if (!scols_print_table(table->scols))
		return 0;
	warnx("cannot lay out the table: out of memory");
	return -1;
}

/**
 * table_text() - format the table for a terminal
 * @table: the table
 * @width: number of columns of the terminal
 *
 * Columns for which there is no room are left out, whether they were asked for or not.
 *
 * Return: text to free(), or NULL after a message.
 */
char *table_text(struct table *table, size_t width)
{
	char *text;

	if (is_for_people(table))
		fit(table, width, 0);
	scols_table_set_termforce(table->scols, SCOLS_TERMFORCE_ALWAYS);
	scols_table_set_termwidth(table->scols, width);
	if (!scols_print_table_to_string(table->scols, &text))
		return text;
	warnx("cannot lay out the table: out of memory");
	return NULL;
}

/**
 * table_columns() - list the columns of the table
 * @table: the table
 * @visible: list those that are shown, not those for which table_text() had no room
 * @columns: the result, with room for TABLE_COLUMNS_MAX
 *
 * Return: how many there are.
 */
size_t table_columns(const struct table *table, bool visible,
		     const struct column **columns)
{
	size_t i, nr = 0;

	for (i = 0; i < table->nr_chosen; i++) {
		if (hidden(table, i) != visible)
			columns[nr++] = table->chosen[i];
	}
	return nr;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	scols_unref_table(table->scols);
	free(table);
}
