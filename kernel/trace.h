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

DECLARE_STATIC_KEY_FALSE(wp_trace_watched);

/* Is an event of a task on? If not, core/observe.c has nothing to do. */
static inline bool wp_trace_is_watched(void)
{
	return static_branch_unlikely(&wp_trace_watched);
}

#endif /* _WP_TRACE_H */
