// SPDX-License-Identifier: GPL-2.0
/*
 * Scenario: where the thread for a task comes from: it is idle in the pool, it
 * is in the module's cache of warm threads, kthreadd makes it, or there is no
 * pool and a thread for each task.
 */

#include "bench.h"

/* No cache of the module is larger by default. */
#define CACHE_MOST	64

static int cached_open(struct bench_contender *contender,
		       const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs = bench_pool_attrs(scenario);

	return bench_pool_open(contender, &attrs);
}

/* Its worker goes to the cache. */
static int cached_prepare(struct bench_contender *contender,
			  struct bench_submitter *submitter)
{
	int err = workpool_release_timeout(contender->data, 10 * HZ);

	return err ?: workpool_reboot(contender->data);
}

static struct bench_contender cached = {
	.name = "workpool from the cache",
	.dear = 10,
	.open = cached_open,
	.close = bench_pool_close_telling,
	.prepare = cached_prepare,
	.submit = bench_pool_submit,
};

/*
 * Each task keeps its worker, so that the next one needs another. Another pool
 * keeps all threads of the cache.
 */
static DECLARE_COMPLETION(all_made);
static struct bench_contender hog;
static struct bench_hold *hogged;

static void release_hog(void)
{
	bench_hold_end(hogged);
	bench_pool_close(&hog);
}

static int made_open(struct bench_contender *contender,
		     const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(CACHE_MOST);
	int err = bench_pool_open(&hog, &attrs);

	if (err)
		return err;
	hogged = bench_hold_start(hog.data, CACHE_MOST);
	if (IS_ERR(hogged)) {
		bench_pool_close(&hog);
		return PTR_ERR(hogged);
	}
	reinit_completion(&all_made);
	attrs.capacity = WORKPOOL_UNLIMITED;
	err = bench_pool_open(contender, &attrs);
	if (err)
		release_hog();
	return err;
}

static void made_close(struct bench_contender *contender)
{
	complete_all(&all_made);
	bench_pool_close_telling(contender);
	release_hog();
}

static void run_and_stay(void *arg)
{
	struct bench_item *item = arg;

	item->fn(item);
	bench_wait(&all_made);
}

static int made_submit(struct bench_contender *contender,
		       struct bench_item *item)
{
	return workpool_submit(contender->data, run_and_stay, item);
}

static struct bench_contender made = {
	.name = "workpool from kthreadd",
	.dear = 10,
	.open = made_open,
	.close = made_close,
	.submit = made_submit,
};

static struct bench_contender *const contenders[] = {
	&bench_pool,
	&cached,
	&made,
	&bench_kthread,
	NULL
};

const struct bench_scenario bench_reuse = {
	.name = "reuse",
	.submitters = 1,
	.expiry_ms = 300000,
	.metrics = { "round trip" },
	.contenders = contenders,
	.round = bench_roundtrip,
};
