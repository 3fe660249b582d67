// SPDX-License-Identifier: GPL-2.0
/*
 * Samples, and the clock they come from.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "bench.h"

/* What reading the clock twice adds to a sample. */
static u64 overhead;

u64 bench_clock(void)
{
	return ktime_get_ns();
}

u64 bench_since(u64 start)
{
	u64 delta = ktime_get_ns() - start;

	return delta > overhead ? delta - overhead : 0;
}

void bench_clock_calibrate(void)
{
	u64 least = U64_MAX;
	int i;

	overhead = 0;
	for (i = 0; i < 1000; i++)
		least = min(least, bench_since(bench_clock()));
	overhead = least;
	pr_info("clock: %llu ns\n", overhead);
}

int bench_series_init(struct bench_series *series, unsigned int max)
{
	series->values = kvmalloc_array(max, sizeof(u64), GFP_KERNEL);
	series->max = max;
	atomic_set(&series->nr, 0);
	return series->values ? 0 : -ENOMEM;
}

void bench_series_free(struct bench_series *series)
{
	kvfree(series->values);
	series->values = NULL;
}

void bench_series_clear(struct bench_series *series)
{
	atomic_set(&series->nr, 0);
}

void bench_series_add(struct bench_series *series, u64 value)
{
	int i = atomic_fetch_inc(&series->nr);

	if (i < series->max)
		series->values[i] = value;
}

static unsigned int series_nr(const struct bench_series *series)
{
	return min_t(unsigned int, atomic_read(&series->nr), series->max);
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

void bench_series_sort(struct bench_series *series)
{
	sort(series->values, series_nr(series), sizeof(u64), compare, NULL);
}

/* Of a sorted series. */
u64 bench_series_percentile(const struct bench_series *series,
			    unsigned int percent)
{
	unsigned int nr = series_nr(series);

	return nr ? series->values[(nr - 1) * percent / 100] : 0;
}
