/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Samples of the pools: what the module says of them at one time.
 */
#ifndef WPADM_SAMPLE_H
#define WPADM_SAMPLE_H

#include "histogram.h"

/* The first kinds of histograms are sampled: WORKPOOL_LATENCY_WAIT and _RUN. */
#define NR_SAMPLED_KINDS	2

/**
 * struct sampled - a pool in a sample
 * @stat: its numbers
 * @latency: its histograms, by WORKPOOL_LATENCY_*; empty if it is not measured
 * @load: its busy workers in percent of the capacity, added up over @looks; not a number
 *	if it is unlimited
 * @looks: how often they were looked at: in this sample, and until the next one
 */
struct sampled {
	struct workpool_ioc_stat stat;
	struct histogram latency[NR_SAMPLED_KINDS];
	double load;
	unsigned int looks;
};

/**
 * struct sample - all pools at one time
 * @pools: the pools, by id
 * @nr: number of @pools
 * @multis: their multis
 * @time: seconds of CLOCK_MONOTONIC; 0: there was no sample yet
 */
struct sample {
	struct sampled *pools;
	size_t nr;
	struct pool_list multis;
	double time;
};

double sample_now(void);
int sample_take(struct sample *sample, const struct device *dev,
		const struct pool_list *list);
void sample_look(struct sample *sample, const struct device *dev);
const struct sampled *sample_find(const struct sample *sample, __u32 id);
const struct workpool_ioc_stat *sample_find_multi(const struct sample *sample,
						  __u32 id);
void sample_free(struct sample *sample);

#endif /* WPADM_SAMPLE_H */
