// SPDX-License-Identifier: GPL-2.0
/*
 * Instances of the tracepoints in include/trace/events/workpool.h.
 */

#define CREATE_TRACE_POINTS
#include "trace.h"
