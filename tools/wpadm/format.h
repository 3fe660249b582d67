/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Conversion of a pool's fields to text.
 */
#ifndef WPADM_FORMAT_H
#define WPADM_FORMAT_H

#include <stddef.h>

#include <linux/types.h>

/**
 * enum style - how a value is written
 * @STYLE_HUMAN: with units and words
 * @STYLE_RAW: plain integers as in the ABI, "-" for no value
 * @STYLE_JSON: plain integers as in the ABI, empty for no value
 * @STYLE_METRIC: base units, as Prometheus expects them
 */
enum style {
	STYLE_HUMAN,
	STYLE_RAW,
	STYLE_JSON,
	STYLE_METRIC,
};

/**
 * typedef format_fn - write a field of a row
 * @buf: the result
 * @size: size of @buf
 * @field: the field, of the type that the function handles
 * @style: how to write it
 */
typedef void format_fn(char *buf, size_t size, const void *field,
		       enum style style);

void format_cpus(char *buf, size_t size, const __u64 *cpus, size_t nr);
void format_time(char *buf, size_t size, __u64 ns);

/* For a field: */
format_fn format_u32, format_s32, format_u64, format_text;
format_fn format_rate;		/* double, NAN: none */
format_fn format_percent;	/* double, NAN: none */
format_fn format_string;	/* const char * */
format_fn format_ms;		/* __u32 milliseconds */
format_fn format_ns;		/* __u64 nanoseconds, 0: none */
format_fn format_capacity;	/* __s32, -1: unlimited */
format_fn format_limit;		/* __u32, 0: unlimited */
format_fn format_flags;		/* __u32 WORKPOOL_POOL_* */
format_fn format_pinned;	/* __u32 WORKPOOL_TUNE_* */
format_fn format_pausers;	/* __u32 WORKPOOL_POOL_PAUSED_BY_* */

/* For a struct workpool_ioc_stat: */
format_fn format_state, format_closed, format_paused, format_multi;
format_fn format_multi_index, format_strategy, format_pools;

#endif /* WPADM_FORMAT_H */
