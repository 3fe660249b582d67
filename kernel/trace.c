// SPDX-License-Identifier: GPL-2.0
/*
 * Instances of the tracepoints in include/trace/events/workpool.h, and the keys
 * that they share.
 */

#include <linux/jump_label.h>

/*
 * The events of a task and the histograms have one key. Without it each of them
 * would need an instruction of its own in the hot path, and so would the number
 * of a call. The second key is only looked at while the first one is on.
 */
DECLARE_STATIC_KEY_FALSE(wp_trace_observed);
DEFINE_STATIC_KEY_FALSE(wp_trace_observed);
DECLARE_STATIC_KEY_FALSE(wp_trace_watched);
DEFINE_STATIC_KEY_FALSE(wp_trace_watched);

/* An event of a task is switched on. A kernel may be without events. */
static int __maybe_unused wp_trace_watch(void)
{
	static_branch_inc(&wp_trace_observed);
	static_branch_inc(&wp_trace_watched);
	return 0;
}

/* It is off again. */
static void __maybe_unused wp_trace_unwatch(void)
{
	static_branch_dec(&wp_trace_watched);
	static_branch_dec(&wp_trace_observed);
}

#define CREATE_TRACE_POINTS
#include "trace.h"
