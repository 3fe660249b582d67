/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Histograms of a pool, as the module measures them.
 */
#ifndef WPADM_HISTOGRAM_H
#define WPADM_HISTOGRAM_H

#include "device.h"

#define NR_KINDS	4

/* Percentiles that are told, in hundredths of a percent */
#define NR_PERCENTS	4

extern const struct percent {
	unsigned int percent_100;
	const char *name;	/* "p99.9" */
	const char *key;	/* in JSON */
} percents[NR_PERCENTS];

/* What is measured, by WORKPOOL_LATENCY_* */
extern const struct kind {
	const char *name;
	const char *samples;	/* what the samples are, many of them */
	const char *help;
} kinds[NR_KINDS];

/**
 * struct histogram - samples of one kind
 * @since_ns: CLOCK_MONOTONIC when the module began to measure; 0: it does not
 * @count: how many samples
 * @sum_ns: all added up
 * @max_ns: no sample is longer
 * @buckets: how many, by their length, see WORKPOOL_LATENCY_FROM_NS()
 */
struct histogram {
	__u64 since_ns;
	__u64 count;
	__u64 sum_ns;
	__u64 max_ns;
	__u64 buckets[WORKPOOL_LATENCY_BUCKETS];
};

int histogram_read(const struct device *dev, const struct pool_ref *ref,
		   __u32 kind, struct histogram *histogram);
void histogram_add(struct histogram *histogram,
		   const struct histogram *other);
void histogram_subtract(struct histogram *histogram,
			const struct histogram *before);
__u64 histogram_percentile(const struct histogram *histogram,
			   unsigned int percent_100);

#endif /* WPADM_HISTOGRAM_H */
