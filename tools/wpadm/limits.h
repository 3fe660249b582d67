/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The limits of the whole module, which are its parameters.
 */
#ifndef WPADM_LIMITS_H
#define WPADM_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#include "options.h"
#include "status.h"

/**
 * struct limit - a limit
 * @name: its name for an administrator
 * @key: its name in JSON, and that of the parameter
 * @expected: what a value is
 * @min: the smallest value
 * @max: the greatest
 */
struct limit {
	const char *name;
	const char *key;
	const char *expected;
	__u32 min;
	__u32 max;
};

enum {
	LIMIT_MAX_WORKERS,
	LIMIT_CACHE_SIZE,
	NR_LIMITS
};

extern const struct limit limits[NR_LIMITS];

/**
 * struct limit_change - what happens to a limit
 * @wanted: it is to change
 * @setting: its key, for JSON
 * @before: its old value
 * @after: the new one
 */
struct limit_change {
	bool wanted;
	const char *setting;
	__u32 before;
	__u32 after;
};

const struct limit *limit_find(const char *name, size_t len);
int limit_parse(const struct limit *limit, const char *text,
		struct limit_change *changes);
enum status limits_read(struct limit_change *changes);
enum status limits_write(const struct limit_change *changes);
void limit_print(const struct limit *limit, const struct limit_change *change,
		 bool dry_run);
enum status limits_tune(const struct options *opts, int argc, char **argv);

#endif /* WPADM_LIMITS_H */
