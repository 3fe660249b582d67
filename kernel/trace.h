/* SPDX-License-Identifier: GPL-2.0 */
/* The tracepoints, defined in trace.c. */
#include <trace/events/workpool.h>
