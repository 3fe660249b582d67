// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms of a pool, as the module measures them.
 */
#include <stdint.h>
#include <string.h>

#include "histogram.h"

#define LAST	(WORKPOOL_LATENCY_BUCKETS - 1)

const struct percent percents[NR_PERCENTS] = {
	{ 5000, "p50", "p50_ns" },
	{ 9000, "p90", "p90_ns" },
	{ 9900, "p99", "p99_ns" },
	{ 9990, "p99.9", "p99_9_ns" },
};

const struct kind kinds[NR_KINDS] = {
	[WORKPOOL_LATENCY_WAIT] = {
		"wait", "tasks, from accepted to begun",
		"How long tasks waited from the time that they were accepted" },
	[WORKPOOL_LATENCY_RUN] = {
		"run", "tasks, from begun to ended",
		"How long tasks ran" },
	[WORKPOOL_LATENCY_BLOCKED] = {
		"blocked", "submitters that waited",
		"How long submitters waited for the pool" },
	[WORKPOOL_LATENCY_START] = {
		"start", "workers, from needed to ready",
		"How long workers took to start" },
};

/* Returns 0 or a negative errno. */
int histogram_read(const struct device *dev, const struct pool_ref *ref,
		   __u32 kind, struct histogram *histogram)
{
	struct workpool_ioc_latency latency = {
		.kind = kind,
		.buckets = (uintptr_t)histogram->buckets,
		.nr_buckets = WORKPOOL_LATENCY_BUCKETS,
	};
	int err;

	memset(histogram, 0, sizeof(*histogram));
	err = device_latency(dev, ref, &latency);
	histogram->since_ns = latency.since_ns;
	histogram->count = latency.count;
	histogram->sum_ns = latency.sum_ns;
	histogram->max_ns = latency.max_ns;
	return err;
}

/* No sample of the bucket is longer. */
static __u64 end_of(unsigned int bucket, __u64 max_ns)
{
	__u64 end = bucket < LAST ? WORKPOOL_LATENCY_FROM_NS(bucket + 1) - 1 :
				    max_ns;

	return end < max_ns ? end : max_ns;
}

/*
 * Leave what came after @before was read. The longest of all may have been before:
 * then the end of a bucket is what is known.
 */
void histogram_subtract(struct histogram *histogram,
			const struct histogram *before)
{
	unsigned int i, last = 0;

	histogram->count -= before->count;
	histogram->sum_ns -= before->sum_ns;
	for (i = 0; i <= LAST; i++) {
		histogram->buckets[i] -= before->buckets[i];
		if (histogram->buckets[i])
			last = i;
	}
	if (histogram->max_ns == before->max_ns)
		histogram->max_ns = histogram->count ?
				    end_of(last, histogram->max_ns) : 0;
}

/* Add the samples of another pool. */
void histogram_add(struct histogram *histogram, const struct histogram *other)
{
	unsigned int i;

	histogram->count += other->count;
	histogram->sum_ns += other->sum_ns;
	if (other->max_ns > histogram->max_ns)
		histogram->max_ns = other->max_ns;
	for (i = 0; i <= LAST; i++)
		histogram->buckets[i] += other->buckets[i];
}

/* The length that so many of the samples do not exceed; 0: there is none. */
__u64 histogram_percentile(const struct histogram *histogram,
			   unsigned int percent_100)
{
	__u64 count = histogram->count, seen = 0, longer;
	unsigned int i;

	/* As count * (10000 - percent_100) / 10000, without an overflow. */
	longer = count / 10000 * (10000 - percent_100) +
		 count % 10000 * (10000 - percent_100) / 10000;
	for (i = 0; i < LAST; i++) {
		seen += histogram->buckets[i];
		if (seen && seen >= count - longer)
			break;
	}
	return count ? end_of(i, histogram->max_ns) : 0;
}
