/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tunables of a pool, which are attributes that can change while it works:
 * one list, which a tune and its notice, the snapshot, debugfs and the device
 * walk. kernel/docs/design.md has the files that a new one touches.
 */
#ifndef _WP_CORE_TUNABLES_H
#define _WP_CORE_TUNABLES_H

#include <linux/container_of.h>
#include <linux/workpool.h>

/**
 * WP_TUNABLES() - list the tunables
 * @X: macro of two arguments, which is expanded for each of them: the name in
 *	&enum wp_tune_mask, and the member
 *
 * The member has the same name in struct workpool, struct workpool_attrs, struct
 * workpool_stats and the structures of STAT, TUNE and events:
 *
 *  - capacity: most workers, > 0
 *  - expiry_ms: idle time of a worker until it leaves, in ms; 0: the default
 *  - max_blocking: most waiting submitters, 0: no limit
 *  - min_workers: workers that stay
 *  - nice: nice value of the workers
 *  - rt_priority: SCHED_FIFO priority of the workers, 0: none
 *  - queue_depth: calls that are accepted without a free worker
 */
#define WP_TUNABLES(X)				\
	X(CAPACITY,	capacity)		\
	X(EXPIRY,	expiry_ms)		\
	X(MAX_BLOCKING,	max_blocking)		\
	X(MIN_WORKERS,	min_workers)		\
	X(NICE,		nice)			\
	X(RT_PRIORITY,	rt_priority)		\
	X(QUEUE_DEPTH,	queue_depth)

/* For WP_TUNABLES() in a structure: a member of the type that attributes have. */
#define WP_TUNABLE_MEMBER(_name, _member)	\
	typeof_member(struct workpool_attrs, _member) _member;

#define WP_TUNE_MASK(_name, _member)	WP_TUNE_##_name = WORKPOOL_ATTR_##_name,
#define WP_TUNE_OR(_name, _member)	WP_TUNE_##_name |

enum wp_tune_mask {
	WP_TUNABLES(WP_TUNE_MASK)
	WP_TUNE_CPUS = WORKPOOL_ATTR_CPUMASK,
	WP_TUNE_ALL = WP_TUNABLES(WP_TUNE_OR) WP_TUNE_CPUS
};

#undef WP_TUNE_MASK
#undef WP_TUNE_OR

#endif /* _WP_CORE_TUNABLES_H */
