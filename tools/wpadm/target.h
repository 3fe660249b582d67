/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pools that a command changes.
 */
#ifndef WPADM_TARGET_H
#define WPADM_TARGET_H

#include "refusal.h"

/**
 * struct target - one of them
 * @ref: which
 * @given: how the user named it; NULL: as member of a multi
 */
struct target {
	struct pool_ref ref;
	const char *given;
};

/**
 * struct target_list - all of them
 * @targets: in the order given, the members of a multi by id
 * @nr: how many
 */
struct target_list {
	struct target *targets;
	size_t nr;
};

enum status targets_add(struct target_list *list, const struct device *dev,
			enum verb verb, const char *text);
const char *target_label(const struct target *target);

#endif /* WPADM_TARGET_H */
