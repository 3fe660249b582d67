/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracepoints; trace.c has their instances. The event header reads private
 * structures, which come first.
 */
#include <linux/jump_label.h>

#include "core/pool.h"
#include "core/worker.h"

#include <trace/events/workpool.h>

#ifndef _WP_TRACE_H
#define _WP_TRACE_H

DECLARE_STATIC_KEY_FALSE(wp_trace_observed);
DECLARE_STATIC_KEY_FALSE(wp_trace_watched);

/*
 * Is an event of a task on, or a pool measured? If not, core/observe.c has
 * nothing to do.
 */
static inline bool wp_trace_is_observed(void)
{
	return static_branch_unlikely(&wp_trace_observed);
}

/* Is an event of a task on? While nothing is observed this is one key, too. */
static inline bool wp_trace_is_watched(void)
{
	return wp_trace_is_observed() &&
	       static_branch_unlikely(&wp_trace_watched);
}

#endif /* _WP_TRACE_H */
