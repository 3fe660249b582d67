/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Statistics: the numbers of a pool by name.
 */
#ifndef _WP_POOL_STATS_H
#define _WP_POOL_STATS_H

#include <linux/minmax.h>
#include <linux/workpool.h>

#include "core/counters.h"

/*
 * X(member): a gauge, an int of struct workpool_stats that a multi adds up. The
 * ioctl STAT has a member of the same name.
 */
#define WP_GAUGES(X)	\
	X(running)	\
	X(busy)		\
	X(idle)		\
	X(searching)	\
	X(starting)	\
	X(alive)	\
	X(waiting)	\
	X(queued)	\
	X(delayed)

enum wp_stats_kind {
	WP_STATS_ATTRIBUTE,	/* 32 bits: what may be tuned */
	WP_STATS_GAUGE,		/* int: how many there are */
	WP_STATS_COUNTER,	/* u64: how many there were */
};

/**
 * struct wp_stats_field - an attribute, a gauge or a counter
 * @name: what it is called
 * @kind: which of them
 * @is_signed: it may be negative
 * @offset: where it is in &struct workpool_stats
 */
struct wp_stats_field {
	const char		*name;
	enum wp_stats_kind	kind;
	bool			is_signed;
	size_t			offset;
};

extern const struct wp_stats_field wp_stats_fields[];
extern const unsigned int wp_stats_nr_fields;

/* How many workers a pool of this capacity may still add */
static inline int wp_stats_available(int capacity, int running,
				     unsigned int paused)
{
	if (paused)
		return 0;
	return capacity == WORKPOOL_UNLIMITED ? -1 : max(capacity - running, 0);
}

int wp_stats_read(struct workpool *pool, struct workpool_stats *out);
s64 wp_stats_get(const struct workpool_stats *stats,
		 const struct wp_stats_field *field);
void wp_stats_add(struct workpool_stats *total,
		  const struct workpool_stats *stats);

#endif /* _WP_POOL_STATS_H */
