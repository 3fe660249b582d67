/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes of a pool's settings: how they are made or foreseen, refused, and told.
 */
#ifndef WPADM_CHANGE_H
#define WPADM_CHANGE_H

#include "limits.h"
#include "options.h"
#include "setting.h"
#include "table.h"
#include "target.h"

/**
 * struct changer - a run of a command that changes settings
 * @opts: the options; with --dry-run nothing is changed
 * @dev: the device
 * @table: for JSON, else NULL
 */
struct changer {
	const struct options *opts;
	struct device dev;
	struct table *table;
};

int changer_start(struct changer *changer, const char *name,
		  const struct options *opts);
enum status changer_finish(struct changer *changer, enum status status);

int change_read(const struct device *dev, const struct workpool_ioc_stat *stat,
		struct values *now);
__u32 change_fixed(const struct workpool_ioc_stat *stat);
enum status change_make(const struct changer *changer,
			const struct target *target, const struct values *new,
			struct values *old);

int change_add(struct table *table, const struct setting *setting,
	       const struct values *old, const struct values *new);
int change_add_limit(struct table *table, const struct limit_change *limit);
void change_print(const struct changer *changer, const struct setting *setting,
		  const struct values *old, const struct values *new);

#endif /* WPADM_CHANGE_H */
