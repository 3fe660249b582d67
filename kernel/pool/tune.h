/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tune: change a pool while it works.
 */
#ifndef _WP_POOL_TUNE_H
#define _WP_POOL_TUNE_H

#include <linux/types.h>

#include "core/notice.h"
#include "core/tunables.h"

struct cpumask;
struct workpool;

/**
 * struct wp_tuning - what wp_tune_apply() is to change
 * @mask: WP_TUNE_*
 * @cpus_tuned: %WP_TUNE_CPUS: the pool gets @cpus; false: those of its creation
 * @cpus: new CPUs of the workers
 * @old_cpus: gets the old ones, or NULL
 * @by: whose doing it is
 *
 * The values, new or old, are members with the names that WP_TUNABLES() lists.
 */
struct wp_tuning {
	unsigned int		mask;
	/* the tunables; @mask says which ones change */
	WP_TUNABLES(WP_TUNABLE_MEMBER)
	bool			cpus_tuned;
	const struct cpumask	*cpus;
	struct cpumask		*old_cpus;
	enum wp_by		by;
};

int wp_tune_apply(struct workpool *pool, const struct wp_tuning *new,
		  struct wp_tuning *old);

#endif /* _WP_POOL_TUNE_H */
