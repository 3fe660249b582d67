/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows of fields, as a table, as lines of raw fields or as JSON.
 */
#ifndef WPADM_TABLE_H
#define WPADM_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "format.h"

struct options;

/**
 * struct column - a column of a table
 * @name: name in the heading and in --output
 * @key: name in JSON. Scripts depend on it, so it never changes
 * @help: one line for --help
 * @format: writes the field
 * @offset: offset of the field in the row
 * @width: width hint of libsmartcols: < 1 a share, else characters
 * @flags: SCOLS_FL_*
 * @json: SCOLS_JSON_*
 * @preset: shown in tables without --output; the greatest is the first that is left out
 *	where the terminal is too narrow, 1 never, 0 is not shown
 * @single: left empty in a row of sums
 *
 * A column without a @name ends an array of columns.
 */
struct column {
	const char *name;
	const char *key;
	const char *help;
	format_fn *format;
	size_t offset;
	double width;
	int flags;
	int json;
	int preset;
	bool single;
};

/* Initializers: numbers are aligned to the right, text to the left. */
#define COLUMN_NUMBER(_name, _key, _format, _row, _field, _help)	\
	.name = (_name), .key = (_key), .help = (_help),		\
	.format = (_format), .offset = offsetof(_row, _field),		\
	.width = 1, .flags = SCOLS_FL_RIGHT, .json = SCOLS_JSON_NUMBER
#define COLUMN_TEXT(_name, _key, _format, _row, _field, _help)		\
	.name = (_name), .key = (_key), .help = (_help),		\
	.format = (_format), .offset = offsetof(_row, _field), .width = 1

/**
 * enum layout - layout of a table
 * @LAYOUT_ROWS: one line for each row, with headings
 * @LAYOUT_FIELDS: one "name: value" line for each field; JSON has rows
 */
enum layout {
	LAYOUT_ROWS,
	LAYOUT_FIELDS,
};

struct table;

/* A table has no more columns. */
#define TABLE_COLUMNS_MAX	64

const struct column *column_find(const struct column *columns,
				 const char *name, size_t len);
int column_compare(const struct column *column, const void *a, const void *b,
		   bool reverse);

struct table *table_new(const char *name, const struct column *columns,
			const struct options *opts, enum layout layout);
int table_add(struct table *table, const void *row);
int table_add_sum(struct table *table, const void *row);
int table_add_part(struct table *table, const void *row);
int table_print(struct table *table);
char *table_text(struct table *table, size_t width);
size_t table_columns(const struct table *table, bool visible,
		     const struct column **columns);
void table_free(struct table *table);

#endif /* WPADM_TABLE_H */
