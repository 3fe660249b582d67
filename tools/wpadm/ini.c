// SPDX-License-Identifier: GPL-2.0
/*
 * The lines of a configuration file. No other file calls libinih, which tells keys,
 * values and comments apart.
 *
 * It has habits that an administrator would not notice: it cuts long lines and names,
 * lets pass what follows a section's name, ends that at its first ], takes an indented
 * line for more of the value before it, and tells of one error only. So it gets its lines
 * from next_line(), which takes the names of sections and finds what is wrong.
 */
#include "ini.h"

#ifdef WPADM_INIH

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#define BOM	"\xef\xbb\xbf"

/**
 * struct source - a file that is read
 * @file: the file
 * @calls: what is called
 * @data: its first argument
 * @line: number of the line that was read last
 * @is_unread: libinih has not made a key and a value of it yet
 * @key: the last key, until its value is complete; else NULL
 * @key_line: its line
 * @value: its value so far
 */
struct source {
	FILE *file;
	const struct ini_calls *calls;
	void *data;
	unsigned int line;
	bool is_unread;
	char *key;
	unsigned int key_line;
	char *value;
};

/* Passes on the last key and its value. */
static void finish_value(struct source *source)
{
	if (source->key && source->value)
		source->calls->value(source->data, source->key_line,
				     source->key, source->value);
	free(source->key);
	free(source->value);
	source->key = NULL;
	source->value = NULL;
}

static void complain(struct source *source, const char *what)
{
	finish_value(source);
	source->calls->error(source->data, source->line, what);
}

static void finish_line(struct source *source)
{
	if (source->is_unread)
		complain(source, "this is neither [NAME] nor SETTING = VALUE");
	source->is_unread = false;
}

/* A value that ends in a comma goes on in the next line. */
static bool is_open(const struct source *source)
{
	return source->value && *source->value &&
	       source->value[strlen(source->value) - 1] == ',';
}

/* The ] behind which there is nothing, or a comment; or NULL */
static char *section_end(char *text)
{
	char *end = text, *rest;

	while ((end = strchr(end, ']'))) {
		rest = end + 1 + strspn(end + 1, " \t");
		if (!*rest || strchr(";#", *rest))
			return end;
		end++;
	}
	return NULL;
}

static void take_section(struct source *source, char *text)
{
	char *end = section_end(text);

	finish_value(source);
	if (end)
		*end = '\0';
	else
		complain(source, "the name of a section ends with ], and nothing follows it");
	source->calls->section(source->data, source->line,
			       end ? text + 1 : NULL);
}

/**
 * struct line - a line of the file
 * @text: its characters, without blanks at both ends
 * @size: room for them
 * @is_long: there were more
 * @is_odd: some of them are no text
 */
struct line {
	char *text;
	size_t size;
	bool is_long;
	bool is_odd;
};

static void add_char(struct line *line, size_t *len, int c)
{
	if (c != '\t' && (c < ' ' || c == 0x7f))
		line->is_odd = true;
	if (!*len && (c == ' ' || c == '\t'))
		return;
	if (*len + 1 < line->size)
		line->text[(*len)++] = c;
	else
		line->is_long = true;
}

/* Carriage returns end lines as well, in files from elsewhere. */
static int next_char(FILE *file)
{
	int c = getc(file), next;

	if (c != '\r')
		return c;
	next = getc(file);
	if (next == '\n' || next == EOF)
		return '\n';
	ungetc(next, file);
	return c;
}

/* Returns false at the end of the file. */
static bool read_line(struct source *source, struct line *line)
{
	int c = next_char(source->file);
	size_t len = 0;

	if (c == EOF)
		return false;
	source->line++;
	for (; c != '\n' && c != EOF; c = next_char(source->file))
		add_char(line, &len, c);
	while (len && isblank((unsigned char)line->text[len - 1]))
		len--;
	line->text[len] = '\0';
	if (source->line == 1 && !strncmp(line->text, BOM, strlen(BOM)))
		memmove(line->text, line->text + strlen(BOM),
			len + 1 - strlen(BOM));
	return true;
}

/* Does libinih read this line? All the others are done with here. */
static bool is_for_inih(struct source *source, const struct line *line)
{
	if (line->is_odd)
		complain(source, "a NUL byte or another control character is in this line");
	else if (!*line->text || strchr(";#", *line->text))
		finish_value(source);
	else if (line->is_long)
		complain(source, "the line is too long; after a comma a value goes on in the next");
	else if (*line->text == '[')
		take_section(source, line->text);
	else
		return true;
	return false;
}

/*
 * As fgets() does, for libinih. Only a line that continues a value begins with a blank,
 * which tells libinih so. There is room for it, and for the end of the line.
 */
static char *next_line(char *buf, int size, void *stream)
{
	struct source *source = stream;
	struct line line;

	finish_line(source);
	do {
		line = (struct line) { .text = buf + 1, .size = size - 2 };
		if (!read_line(source, &line)) {
			finish_value(source);
			return NULL;
		}
	} while (!is_for_inih(source, &line));

	source->is_unread = true;
	strcat(line.text, "\n");
	buf[0] = ' ';
	if (is_open(source))
		return buf;
	finish_value(source);
	return memmove(buf, line.text, strlen(line.text) + 1);
}

/* The value of the last key and @more */
static char *join(const struct source *source, const char *more)
{
	size_t len = source->value ? strlen(source->value) : 0;
	char *value = realloc(source->value, len + strlen(more) + 1);

	return value ? strcpy(value + len, more) - len : NULL;
}

/* Always returns 1: what is wrong is said elsewhere. */
static int take_pair(void *user, const char *section, const char *key,
		     const char *text)
{
	struct source *source = user;
	char *value;

	(void)section;
	if (!text)
		return 1;
	source->is_unread = false;
	if (!source->key) {
		source->key = strdup(key);
		source->key_line = source->line;
	}
	value = join(source, text);
	if (value)
		source->value = value;
	if (!value || !source->key)
		complain(source, "out of memory");
	return 1;
}

/* Is there a parser in this wpadm? */
bool ini_is_built(void)
{
	return true;
}

/**
 * ini_read() - read a configuration file
 * @file: the file
 * @calls: what is called for its lines
 * @data: its first argument
 *
 * An error of reading ends it: see ferror().
 */
void ini_read(FILE *file, const struct ini_calls *calls, void *data)
{
	struct source source = { .file = file, .calls = calls, .data = data };

	/* A positive result is the first line that is wrong, which is known already. */
	if (ini_parse_stream(next_line, &source, take_pair, &source) < 0)
		complain(&source, "out of memory");
	finish_line(&source);
	finish_value(&source);
}

#else

bool ini_is_built(void)
{
	return false;
}

void ini_read(FILE *file, const struct ini_calls *calls, void *data)
{
	(void)file;
	(void)calls;
	(void)data;
}

#endif /* WPADM_INIH */
