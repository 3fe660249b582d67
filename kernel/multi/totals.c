// SPDX-License-Identifier: GPL-2.0
/*
 * Totals: the numbers of a multi, which are sums over its pools.
 */

#include "core/pool.h"
#include "multi/multi.h"
#include "pool/stats.h"

static int sum_pools(struct workpool_multi *multi, int (*get)(struct workpool *pool))
{
	unsigned int i;
	int total = 0;

	for (i = 0; i < multi->nr; i++)
		total += get(multi->pools[i]);
	return total;
}

/* All pools are unlimited or none is. */
static bool is_unlimited(struct workpool_multi *multi)
{
	return workpool_capacity(multi->pools[0]) == WORKPOOL_UNLIMITED;
}

/**
 * workpool_multi_capacity() - workers all pools may have
 * @multi: the multi
 *
 * Context: Any.
 * Return: the sum, or WORKPOOL_UNLIMITED.
 */
int workpool_multi_capacity(struct workpool_multi *multi)
{
	return is_unlimited(multi) ? WORKPOOL_UNLIMITED :
				     sum_pools(multi, workpool_capacity);
}
EXPORT_SYMBOL_GPL(workpool_multi_capacity);

/**
 * workpool_multi_running() - workers all pools have
 * @multi: the multi
 *
 * Context: Any.
 * Return: the sum.
 */
int workpool_multi_running(struct workpool_multi *multi)
{
	return sum_pools(multi, workpool_running);
}
EXPORT_SYMBOL_GPL(workpool_multi_running);

/**
 * workpool_multi_available() - workers all pools may still add
 * @multi: the multi
 *
 * Context: Any.
 * Return: the sum, or -1 for unlimited pools.
 */
int workpool_multi_available(struct workpool_multi *multi)
{
	return is_unlimited(multi) ? -1 : sum_pools(multi, workpool_available);
}
EXPORT_SYMBOL_GPL(workpool_multi_available);

/* Submitters that do not wait in the queues of other pools as well. */
static int waiting_here_only(struct workpool *pool)
{
	/* Pairs with the writes under the lock. */
	return max(READ_ONCE(pool->waiting) - READ_ONCE(pool->shared), 0);
}

/**
 * workpool_multi_waiting() - submitters that wait for a slot
 * @multi: the multi
 *
 * Context: Any.
 * Return: those that wait for any of the pools, and those that wait for one.
 */
int workpool_multi_waiting(struct workpool_multi *multi)
{
	return atomic_read(&multi->waiting) + sum_pools(multi, waiting_here_only);
}
EXPORT_SYMBOL_GPL(workpool_multi_waiting);

/**
 * workpool_multi_busy() - workers that execute a task
 * @multi: the multi
 *
 * Context: Any but NMI.
 * Return: the sum.
 */
int workpool_multi_busy(struct workpool_multi *multi)
{
	return sum_pools(multi, workpool_busy);
}
EXPORT_SYMBOL_GPL(workpool_multi_busy);

/**
 * workpool_multi_stats() - the numbers of all pools, added up
 * @multi: the multi
 * @out: gets them; each pool's are consistent, their sum may not be
 *
 * @expiry_ms, @max_blocking, @min_workers, @queue_depth and @generation are those
 * of the first pool.
 *
 * Context: Any but NMI.
 */
void workpool_multi_stats(struct workpool_multi *multi,
			  struct workpool_stats *out)
{
	struct workpool_stats s;
	unsigned int i;

	workpool_stats(multi->pools[0], out);
	for (i = 1; i < multi->nr; i++) {
		workpool_stats(multi->pools[i], &s);
		wp_stats_add(out, &s);
		out->peak_running += s.peak_running;
		out->peak_waiting = max(out->peak_waiting, s.peak_waiting);
	}
	out->capacity = workpool_multi_capacity(multi);
	out->waiting = workpool_multi_waiting(multi);
	out->closed = workpool_multi_is_closed(multi);
}
EXPORT_SYMBOL_GPL(workpool_multi_stats);
