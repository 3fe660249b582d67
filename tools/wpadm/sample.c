// SPDX-License-Identifier: GPL-2.0
/*
 * Samples of the pools: what the module says of them at one time.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "multi.h"
#include "sample.h"

double sample_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void add_load(struct sampled *pool, const struct workpool_ioc_stat *stat)
{
	pool->load += stat->capacity > 0 ?
		      100.0 * stat->busy / stat->capacity : NAN;
	pool->looks++;
}

/* A pool that is gone, or that an older module has, is not measured. */
static void read_latency(struct sampled *pool, const struct device *dev)
{
	struct pool_ref ref = { .id = pool->stat.id };
	unsigned int i;

	for (i = 0; i < NR_SAMPLED_KINDS; i++) {
		if (!(pool->stat.flags & WORKPOOL_POOL_MEASURED) ||
		    histogram_read(dev, &ref, i, &pool->latency[i]))
			pool->latency[i] = (struct histogram) { 0 };
	}
}

/**
 * sample_take() - take a sample
 * @sample: the result; sample_free() must follow, also after an error
 * @dev: the device
 * @list: what the module has just said of the pools
 *
 * Return: 0 or a negative errno.
 */
int sample_take(struct sample *sample, const struct device *dev,
		const struct pool_list *list)
{
	struct sampled *pool;
	size_t i;

	*sample = (struct sample) { .time = sample_now(), .nr = list->nr };
	sample->pools = calloc(list->nr + 1, sizeof(*sample->pools));
	if (!sample->pools)
		return -ENOMEM;
	for (i = 0; i < list->nr; i++) {
		pool = &sample->pools[i];
		pool->stat = list->pools[i];
		add_load(pool, &pool->stat);
		read_latency(pool, dev);
	}
	return multi_stat_all(dev, list, &sample->multis);
}

/* Look at the load of each pool of the sample once more. */
void sample_look(struct sample *sample, const struct device *dev)
{
	struct workpool_ioc_stat stat;
	struct pool_ref ref = { 0 };
	size_t i;

	for (i = 0; i < sample->nr; i++) {
		ref.id = sample->pools[i].stat.id;
		if (!device_stat(dev, &ref, &stat))
			add_load(&sample->pools[i], &stat);
	}
}

static int compare_id(const void *key, const void *pool)
{
	__u32 id = *(const __u32 *)key;
	__u32 other = ((const struct sampled *)pool)->stat.id;

	return id < other ? -1 : id > other;
}

/* The pool of that id, or NULL. */
const struct sampled *sample_find(const struct sample *sample, __u32 id)
{
	return sample->nr ? bsearch(&id, sample->pools, sample->nr,
				    sizeof(*sample->pools), compare_id) : NULL;
}

/* The multi of that id, or NULL. */
const struct workpool_ioc_stat *sample_find_multi(const struct sample *sample,
						  __u32 id)
{
	size_t i;

	for (i = 0; i < sample->multis.nr; i++) {
		if (sample->multis.pools[i].id == id)
			return &sample->multis.pools[i];
	}
	return NULL;
}

void sample_free(struct sample *sample)
{
	free(sample->pools);
	free(sample->multis.pools);
}
