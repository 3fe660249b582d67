/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pools that a command changes.
 */
#ifndef WPADM_TARGET_H
#define WPADM_TARGET_H

#include <stdbool.h>

#include "refusal.h"

/**
 * struct target - a pool that a command changes
 * @ref: the pool
 * @id: its id
 * @given: the name that the user gave; NULL: the pool is part of a named multi, or
 *	its name matches a pattern
 */
struct target {
	struct pool_ref ref;
	__u32 id;
	const char *given;
};

/**
 * struct target_list - all pools that a command changes
 * @targets: the pools in the order given, those of a multi by id
 * @nr: number of @targets
 */
struct target_list {
	struct target *targets;
	size_t nr;
};

bool is_pattern(const char *text);
size_t pattern_select(struct pool_list *pools, const char *pattern);
enum status targets_add(struct target_list *list, const struct device *dev,
			enum verb verb, const char *text);
const char *target_label(const struct target *target);

#endif /* WPADM_TARGET_H */
