/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text for people, in lines that a terminal of 80 columns shows.
 */
#ifndef WPADM_TEXT_H
#define WPADM_TEXT_H

#define TEXT_WIDTH	80

/* The value of a macro as a string literal. */
#define STRINGIFY(macro)	STRINGIFY_VALUE(macro)
#define STRINGIFY_VALUE(value)	#value

void text_print(const char *text, int column, int indent);
int terminal_width(void);

#endif /* WPADM_TEXT_H */
