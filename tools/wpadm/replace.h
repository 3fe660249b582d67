/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that are written under another name and renamed.
 */
#ifndef WPADM_REPLACE_H
#define WPADM_REPLACE_H

#include <stdio.h>

#include "status.h"

typedef void print_fn(FILE *out, const void *data);

enum status replace_file(const char *file, print_fn *print, const void *data);

#endif /* WPADM_REPLACE_H */
