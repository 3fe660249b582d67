/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tune: change a pool while it works.
 */
#ifndef _WP_POOL_TUNE_H
#define _WP_POOL_TUNE_H

#include <linux/types.h>

#include "core/notice.h"

struct cpumask;
struct workpool;

/*
 * X(name in enum wp_tune_mask, member): an attribute that can change while the
 * pool works. The member has the same name in struct workpool, in struct
 * workpool_stats and in the structures of STAT and TUNE.
 */
#define WP_TUNABLES(X)				\
	X(CAPACITY,	capacity)		\
	X(EXPIRY,	expiry_ms)		\
	X(MAX_BLOCKING,	max_blocking)		\
	X(MIN_WORKERS,	min_workers)		\
	X(NICE,		nice)			\
	X(RT_PRIORITY,	rt_priority)		\
	X(QUEUE_DEPTH,	queue_depth)

#define WP_TUNE_BIT(_name, _member)	WP_TUNE_BIT_##_name,
#define WP_TUNE_MASK(_name, _member)	WP_TUNE_##_name = 1 << WP_TUNE_BIT_##_name,

enum wp_tune_bit {
	WP_TUNABLES(WP_TUNE_BIT)
	WP_TUNE_NR
};

enum wp_tune_mask {
	WP_TUNABLES(WP_TUNE_MASK)
	WP_TUNE_CPUS = 1 << WP_TUNE_NR,
	WP_TUNE_ALL = 2 * WP_TUNE_CPUS - 1
};

#undef WP_TUNE_BIT
#undef WP_TUNE_MASK

/**
 * struct wp_tuning - what wp_tune_apply() is to change
 * @mask: WP_TUNE_*
 * @capacity: most workers, > 0
 * @expiry_ms: ms, 0: the default
 * @max_blocking: most waiters, 0: no limit
 * @min_workers: workers that stay
 * @nice: of the workers
 * @rt_priority: of the workers
 * @queue_depth: calls that are accepted without a free worker
 * @cpus_tuned: %WP_TUNE_CPUS: the pool gets @cpus; false: those of its creation
 * @cpus: new CPUs of the workers
 * @old_cpus: gets the old ones, or NULL
 * @by: whose doing it is
 */
struct wp_tuning {
	unsigned int		mask;
	int			capacity;
	int			expiry_ms;
	unsigned int		max_blocking;
	unsigned int		min_workers;
	int			nice;
	unsigned int		rt_priority;
	unsigned int		queue_depth;
	bool			cpus_tuned;
	const struct cpumask	*cpus;
	struct cpumask		*old_cpus;
	enum wp_by		by;
};

int wp_tune_apply(struct workpool *pool, const struct wp_tuning *new,
		  struct wp_tuning *old);

#endif /* _WP_POOL_TUNE_H */
