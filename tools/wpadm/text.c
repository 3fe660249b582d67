// SPDX-License-Identifier: GPL-2.0
/*
 * Text for people, in lines that a terminal of 80 columns shows.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "text.h"

/**
 * text_print() - print a text, in lines of less than TEXT_WIDTH columns
 * @text: the words, a blank or a newline between two of them; an empty line between two
 *	paragraphs
 * @column: where the cursor is
 * @indent: where each further line begins
 */
void text_print(const char *text, int column, int indent)
{
	int len, blank = 0;

	while (*text) {
		len = strcspn(text, "\n ");
		if (column > indent && column + blank + len >= TEXT_WIDTH) {
			putchar('\n');
			column = 0;
		}
		if (column < indent)
			column += printf("%*s", indent - column, "");
		else if (blank && column)
			column += printf("%c", ' ');
		column += printf("%.*s", len, text);
		text += len;
		blank = *text != '\0';
		if (!strncmp(text, "\n\n", 2)) {
			puts("\n");
			column = 0;
			text++;
		}
		text += blank;
	}
	putchar('\n');
}

/* Returns the width of the terminal that is standard output, or 0. */
int terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return TEXT_WIDTH;
	return size.ws_col;
}
