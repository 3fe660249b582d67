/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The counters of a pool: one list, which the snapshot, the totals of a multi,
 * debugfs and the device walk.
 *
 * A new counter costs a line here, a member of struct workpool_stats, where its
 * kernel-doc says what it counts, a member of struct workpool_ioc_stat, the
 * place that counts, and a line in the list of wpadm.
 */
#ifndef _WP_CORE_COUNTERS_H
#define _WP_CORE_COUNTERS_H

/* X(name in enum wp_counter, member of both structures) */
#define WP_COUNTERS(X)					\
	X(SUBMITTED,		submitted)		\
	X(COMPLETED,		completed)		\
	X(CRASHES,		crashes)		\
	X(REJECTED,		rejected)		\
	X(TIMEDOUT,		timedout)		\
	X(INTERRUPTED,		interrupted)		\
	X(DEADLOCKS,		deadlocks)		\
	X(BLOCKED,		blocked)		\
	X(SPAWNED,		spawned)		\
	X(ADOPTED,		adopted)		\
	X(RETIRED,		retired)		\
	X(PURGED,		purged)			\
	X(SPAWN_FAILURES,	spawn_failures)		\
	X(INIT_FAILURES,	init_failures)		\
	X(DROPPED,		dropped)		\
	X(CANCELLED,		cancelled)		\
	X(SPURIOUS_WAKEUPS,	spurious_wakeups)	\
	X(FALLBACKS,		fallbacks)		\
	X(STOLEN,		stolen)			\
	X(LEAKS,		leaks)

#define WP_COUNT(_name, _member)	WP_COUNT_##_name,

/* Indices of workpool.counters */
enum wp_counter {
	WP_COUNTERS(WP_COUNT)
	WP_NR_COUNTERS
};

#undef WP_COUNT

#endif /* _WP_CORE_COUNTERS_H */
