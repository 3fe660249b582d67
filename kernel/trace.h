/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracepoints; trace.c has their instances. The event header reads private
 * structures, which come first.
 */
#include "core/pool.h"
#include "core/worker.h"

#include <trace/events/workpool.h>
