/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lines of a configuration file, which libinih reads.
 */
#ifndef WPADM_INI_H
#define WPADM_INI_H

#include <stdbool.h>
#include <stdio.h>

/**
 * struct ini_calls - what is called for the lines of a file, in their order
 * @section: "[name]"; NULL after an error in it
 * @value: "key = value", at the line of the key
 * @error: what is wrong with a line; the next lines are read all the same
 */
struct ini_calls {
	void (*section)(void *data, unsigned int line, const char *name);
	void (*value)(void *data, unsigned int line, const char *key,
		      const char *value);
	void (*error)(void *data, unsigned int line, const char *what);
};

bool ini_is_built(void);
void ini_read(FILE *file, const struct ini_calls *calls, void *data);

#endif /* WPADM_INI_H */
