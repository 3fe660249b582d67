// SPDX-License-Identifier: GPL-2.0
/*
 * Totals: the numbers of a multi, which are sums over its pools.
 */

#include <linux/overflow.h>

#include "core/pool.h"
#include "multi/multi.h"
#include "multi/totals.h"
#include "pool/stats.h"

/*
 * How long to look for a moment without a move: so many pauses, or a hundred
 * passes over the pools. A move takes microseconds with interrupts off, but the
 * CPU may be a virtual one that waits for a real one meanwhile.
 */
#define TOTALS_PATIENCE	100000
#define TOTALS_PASS	(TOTALS_PATIENCE / 100)

static int sum_pools(struct workpool_multi *multi,
		     int (*get)(struct workpool *pool))
{
	unsigned int i;
	int total = 0;

	for (i = 0; i < multi->nr; i++)
		total += get(multi->pools[i]);
	return total;
}

/*
 * All pools are unlimited or none is. An unlimited pool that is paused may add 0
 * workers; the sum with the WORKPOOL_UNLIMITED of others is still that.
 */
static int add_limits(int sum, int limit)
{
	if (limit == WORKPOOL_UNLIMITED)
		return WORKPOOL_UNLIMITED;
	return check_add_overflow(sum, limit, &sum) ? INT_MAX : sum;
}

static int sum_limits(struct workpool_multi *multi,
		      int (*get)(struct workpool *pool))
{
	unsigned int i;
	int total = 0;

	for (i = 0; i < multi->nr; i++)
		total = add_limits(total, get(multi->pools[i]));
	return total;
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
	return sum_limits(multi, workpool_capacity);
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
 * Return: the sum, or -1 for unlimited pools; 0 if all of these are paused.
 */
int workpool_multi_available(struct workpool_multi *multi)
{
	return sum_limits(multi, workpool_available);
}
EXPORT_SYMBOL_GPL(workpool_multi_available);

/* Submitters that do not wait in the queues of other pools as well. */
static int waiting_here_only(struct workpool *pool)
{
	/* Pairs with wp_waiter_add_locked() and leave_queue_locked(). */
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

/*
 * What is not a sum comes from the first pool. Returns the available workers.
 */
static int totals_add_pools(struct workpool_multi *multi,
			    struct workpool_stats *out)
{
	int available = 0, waiting = 0;
	struct workpool_stats s;
	unsigned int i;

	*out = (struct workpool_stats){ .closed = true, .paused = ~0U };
	for (i = 0; i < multi->nr; i++) {
		waiting += wp_stats_read(multi->pools[i], &s);
		if (!i) {
			out->expiry_ms = s.expiry_ms;
			out->max_blocking = s.max_blocking;
			out->nice = s.nice;
			out->rt_priority = s.rt_priority;
			out->generation = s.generation;
		}
		wp_stats_add(out, &s);
		available = add_limits(available,
				       wp_stats_available(s.capacity,
							  s.running, s.paused));
		out->capacity = add_limits(out->capacity, s.capacity);
		out->min_workers += s.min_workers;
		out->queue_depth += s.queue_depth;
		out->peak_running += s.peak_running;
		out->peak_waiting = max(out->peak_waiting, s.peak_waiting);
		out->closed &= s.closed;
		out->paused &= s.paused;
	}
	out->waiting = waiting + atomic_read(&multi->waiting);
	return available;
}

/*
 * Is no task on its way from one pool to another? @begun gets what
 * totals_retry() compares with.
 *
 * The moves that ended are read first. If as many began by the time of the
 * second read, there was none in progress at the first.
 */
static bool totals_begin(struct workpool_multi *multi, int *begun)
{
	/* Pairs with the release in steal_one(): the task is in a queue. */
	int ended = atomic_read_acquire(&multi->moves_ended);

	*begun = atomic_read(&multi->moves_begun);
	return *begun == ended;
}

/*
 * Did a task leave one pool for another since totals_begin()? A pass that read
 * a pool after a task left it sees the count, which grew under that pool's
 * lock. A pass that read a pool after a task came sees it as well.
 */
static bool totals_retry(struct workpool_multi *multi, int begun)
{
	smp_rmb();	/* the pools were read before */
	return atomic_read(&multi->moves_begun) != begun;
}

/**
 * wp_totals_read() - workpool_multi_stats(), and the available workers
 * @multi: the multi
 * @out: gets the numbers
 *
 * Context: Any but NMI.
 * Return: as workpool_multi_available().
 */
int wp_totals_read(struct workpool_multi *multi, struct workpool_stats *out)
{
	int left = TOTALS_PATIENCE, begun, available;

	while (left > 0) {
		if (!totals_begin(multi, &begun)) {
			cpu_relax();
			left--;
			continue;
		}
		available = totals_add_pools(multi, out);
		if (!totals_retry(multi, begun))
			return available;
		left -= TOTALS_PASS;
	}
	return totals_add_pools(multi, out);
}

/**
 * workpool_multi_stats() - the numbers of all pools, added up
 * @multi: the multi
 * @out: gets them
 *
 * Most fields are sums. Exceptions: In @waiting a submitter that waits for any
 * of the pools counts once. @peak_running is the sum of the pools' peaks, which
 * they need not have reached at the same time. @peak_waiting is the highest
 * peak of a pool. @expiry_ms, @max_blocking, @nice, @rt_priority and
 * @generation are those of the first pool. @closed means that all pools are
 * closed, and a bit of @paused that all are paused so.
 *
 * The pools are read one after the other, each of them consistently. A task
 * that one pool takes over from another meanwhile counts once. What the multi
 * does between two of these reads may show in one pool and not yet in another:
 * a submitter whose call was just accepted may count in @waiting and in
 * @submitted, and a task that its owner queues again, in another pool, may count
 * twice. If pools take over tasks all the time, the call gives up, at the latest
 * after some milliseconds, and the tasks that move then may count twice or not
 * at all.
 *
 * Context: Any but NMI.
 */
void workpool_multi_stats(struct workpool_multi *multi,
			  struct workpool_stats *out)
{
	wp_totals_read(multi, out);
}
EXPORT_SYMBOL_GPL(workpool_multi_stats);
