// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms: how long the tasks of a pool wait and run, how long submitters
 * wait for the pool, and how long its workers take to start.
 *
 * While no pool is measured, a static key that tracepoints share skips all of
 * it. A task, a call and a submitter that waits have a stamp, which is written
 * when the pool is measured and counts only if it is not older than that. So
 * nothing has to be undone when the histograms of a pool are switched.
 */

#include <linux/cpumask.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "core/histogram.h"
#include "core/worker.h"

/* The shortest sample of @bucket, in nanoseconds. */
u64 wp_histogram_from(unsigned int bucket)
{
	unsigned int nr = bucket - 1;
	u64 sub;

	if (!bucket)
		return 0;
	sub = (1 << WP_HISTOGRAM_SUB_BITS) + nr % (1 << WP_HISTOGRAM_SUB_BITS);
	return sub << ((nr >> WP_HISTOGRAM_SUB_BITS) + WP_HISTOGRAM_MIN_BITS -
		       WP_HISTOGRAM_SUB_BITS);
}
EXPORT_SYMBOL_IF_KUNIT(wp_histogram_from);

u64 wp_histogram_count(const struct wp_histogram *histogram)
{
	u64 count = 0;
	unsigned int i;

	for (i = 0; i < WP_HISTOGRAM_BUCKETS; i++)
		count += histogram->buckets[i];
	return count;
}
EXPORT_SYMBOL_IF_KUNIT(wp_histogram_count);

/* How many of @count samples are no longer than the percentile. */
static u64 rank_of(u64 count, unsigned int percent_100)
{
	u64 longer = mul_u64_u32_div(count, 10000 - percent_100, 10000);

	return max(count - longer, 1ULL);
}

/**
 * wp_histogram_percentile() - the length that some of the samples do not exceed
 * @histogram: the samples
 * @percent_100: how many of them, in hundredths of a percent
 *
 * From a microsecond to an hour it is never less than the exact value, and at
 * most 12.5 % more.
 *
 * Return: the length in nanoseconds; 0: there is no sample.
 */
u64 wp_histogram_percentile(const struct wp_histogram *histogram,
			    unsigned int percent_100)
{
	u64 count = wp_histogram_count(histogram), rank, seen = 0;
	unsigned int i;

	if (!count)
		return 0;
	rank = rank_of(count, percent_100);
	for (i = 0; i < WP_HISTOGRAM_LAST; i++) {
		seen += histogram->buckets[i];
		if (seen >= rank)
			return min(wp_histogram_from(i + 1) - 1,
				   histogram->max_ns);
	}
	return histogram->max_ns;
}
EXPORT_SYMBOL_IF_KUNIT(wp_histogram_percentile);

struct wp_histograms *wp_histogram_alloc(void)
{
	struct wp_histograms *histograms;

	KUNIT_STATIC_STUB_REDIRECT(wp_histogram_alloc);
	histograms = kzalloc(sizeof(*histograms), GFP_KERNEL);
	if (!histograms)
		return NULL;
	histograms->cpus = alloc_percpu(struct wp_histogram_set);
	if (histograms->cpus)
		return histograms;
	kfree(histograms);
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(wp_histogram_alloc);

/* Free what no pool has. */
static void histogram_free(struct wp_histograms *histograms)
{
	free_percpu(histograms->cpus);
	kfree(histograms);
	static_branch_dec(&wp_trace_observed);
}

/* Returns whether @pool is measured already. */
static bool histogram_attach(struct workpool *pool,
			     struct wp_histograms *histograms)
{
	unsigned long flags;
	bool was_on;

	raw_spin_lock_irqsave(&pool->lock, flags);
	was_on = rcu_access_pointer(pool->histograms);
	if (!was_on) {
		histograms->since_ns = wp_histogram_clock();
		/* It is not known since when. */
		histograms->nr_starts = 1;
		histograms->starts[0].nr = pool->to_spawn;
		rcu_assign_pointer(pool->histograms, histograms);
	}
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return was_on;
}

/**
 * wp_histogram_begin() - measure a pool
 * @pool: the pool
 * @was_on: gets whether it was measured already
 *
 * What is queued or runs already is not counted.
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int wp_histogram_begin(struct workpool *pool, bool *was_on)
{
	struct wp_histograms *histograms;

	*was_on = wp_histogram_is_on(pool);
	if (*was_on)
		return 0;
	histograms = wp_histogram_alloc();
	if (!histograms)
		return -ENOMEM;
	/* When the pool has the histograms, all CPUs fill them. */
	static_branch_inc(&wp_trace_observed);
	*was_on = histogram_attach(pool, histograms);
	if (*was_on)
		histogram_free(histograms);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(wp_histogram_begin);

/**
 * wp_histogram_end() - do not measure a pool any more
 * @pool: the pool
 *
 * Context: Process context. May sleep.
 * Return: was it measured?
 */
bool wp_histogram_end(struct workpool *pool)
{
	struct wp_histograms *histograms;
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	histograms = rcu_dereference_protected(pool->histograms,
					       lockdep_is_held(&pool->lock));
	rcu_assign_pointer(pool->histograms, NULL);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	if (!histograms)
		return false;
	/* Threads with preemption off may still use them. */
	synchronize_rcu();
	histogram_free(histograms);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(wp_histogram_end);

/*
 * A number of another CPU. On 32 bit it has two halves, which are not written
 * at once: it is read again until two reads get the same. A CPU that is held up
 * just between the two halves, which matters once in 2^32 ns, is not noticed.
 */
static u64 read_number(const u64 *number)
{
	/* Pairs with the writes in wp_histogram_add(). */
	u64 value, again = READ_ONCE(*number);

	do {
		value = again;
		again = READ_ONCE(*number);
	} while (value != again && BITS_PER_LONG < 64);
	return value;
}

static void sum_cpu(struct wp_histogram *sum, const struct wp_histogram *cpu)
{
	unsigned int i;

	sum->sum_ns += read_number(&cpu->sum_ns);
	for (i = 0; i < WP_HISTOGRAM_BUCKETS; i++)
		sum->buckets[i] += read_number(&cpu->buckets[i]);
	/* Written first and read last: it is not below what was counted. */
	sum->max_ns = max(sum->max_ns, read_number(&cpu->max_ns));
}

/*
 * Add what @cpu has. Returns the time since which the pool is measured; 0: it is
 * not. One CPU at a time, as thousands would take long.
 */
static u64 read_cpu(struct workpool *pool, enum wp_histogram_kind kind, int cpu,
		    struct wp_histogram *sum)
{
	struct wp_histograms *histograms;
	u64 since_ns = 0;

	preempt_disable();
	histograms = wp_histogram_of(pool);
	if (histograms) {
		since_ns = histograms->since_ns;
		sum_cpu(sum, &per_cpu_ptr(histograms->cpus, cpu)->kinds[kind]);
	}
	preempt_enable();
	return since_ns;
}

/**
 * wp_histogram_read() - the samples of a pool, of all CPUs
 * @pool: the pool
 * @kind: which of them
 * @sum: gets them
 *
 * Samples that come meanwhile are there or not, one by one.
 *
 * Context: Process context. May sleep.
 * Return: since when the pool is measured, in nanoseconds of CLOCK_MONOTONIC; 0:
 * it is not, and @sum is empty.
 */
u64 wp_histogram_read(struct workpool *pool, enum wp_histogram_kind kind,
		      struct wp_histogram *sum)
{
	u64 since_ns, first;
	int cpu;

	do {
		first = 0;
		memset(sum, 0, sizeof(*sum));
		for_each_possible_cpu(cpu) {
			since_ns = read_cpu(pool, kind, cpu, sum);
			first = first ?: since_ns;
			/* They were switched off, perhaps on again: start over. */
			if (!since_ns || since_ns != first)
				break;
			cond_resched();
		}
	} while (first && since_ns != first);
	return first;
}
EXPORT_SYMBOL_IF_KUNIT(wp_histogram_read);

/* Slots that wait for a thread, reserved at @since_ns. */
static void add_start_locked(struct workpool *pool,
			     struct wp_histograms *histograms, int nr,
			     u64 since_ns)
{
	unsigned int last = histograms->nr_starts;

	lockdep_assert_held(&pool->lock);
	if (last == WP_HISTOGRAM_STARTS) {
		histograms->starts[last - 1].nr += nr;
		return;
	}
	histograms->starts[last].since_ns = since_ns;
	histograms->starts[last].nr = nr;
	histograms->nr_starts++;
}

void wp_histogram_reserve_slow_locked(struct workpool *pool, int nr)
{
	struct wp_histograms *histograms = wp_histogram_of(pool);

	lockdep_assert_held(&pool->lock);
	if (histograms)
		add_start_locked(pool, histograms, nr, wp_histogram_clock());
}

void wp_histogram_trim_slow_locked(struct workpool *pool, int nr)
{
	struct wp_histograms *histograms = wp_histogram_of(pool);
	struct wp_histogram_start *last;
	int gone;

	lockdep_assert_held(&pool->lock);
	while (histograms && nr && histograms->nr_starts) {
		last = &histograms->starts[histograms->nr_starts - 1];
		gone = min(nr, last->nr);
		nr -= gone;
		last->nr -= gone;
		if (!last->nr)
			histograms->nr_starts--;
	}
}

static void remove_first_locked(struct workpool *pool,
				struct wp_histograms *histograms)
{
	struct wp_histogram_start *starts = histograms->starts;

	lockdep_assert_held(&pool->lock);
	histograms->nr_starts--;
	memmove(starts, starts + 1, histograms->nr_starts * sizeof(*starts));
}

u64 wp_histogram_take_slow_locked(struct workpool *pool)
{
	struct wp_histograms *histograms = wp_histogram_of(pool);
	struct wp_histogram_start *starts;
	u64 since_ns;

	lockdep_assert_held(&pool->lock);
	if (!histograms)
		return 0;
	starts = histograms->starts;
	while (histograms->nr_starts && !starts->nr)
		remove_first_locked(pool, histograms);
	if (!histograms->nr_starts)
		return 0;
	since_ns = starts->since_ns;
	if (!--starts->nr)
		remove_first_locked(pool, histograms);
	return since_ns;
}

/* The slot is the next to get a thread, as it was reserved before the others. */
void wp_histogram_untake_slow_locked(struct workpool *pool, u64 since_ns)
{
	struct wp_histograms *histograms = wp_histogram_of(pool);
	struct wp_histogram_start *starts;

	lockdep_assert_held(&pool->lock);
	if (!histograms)
		return;
	starts = histograms->starts;
	if (histograms->nr_starts == WP_HISTOGRAM_STARTS) {
		starts->nr++;
		return;
	}
	memmove(starts + 1, starts, histograms->nr_starts * sizeof(*starts));
	starts->since_ns = since_ns;
	starts->nr = 1;
	histograms->nr_starts++;
}

void wp_histogram_up_slow_locked(struct workpool *pool,
				 const struct wp_worker *worker)
{
	struct wp_histograms *histograms = wp_histogram_of(pool);

	lockdep_assert_held(&pool->lock);
	if (histograms)
		wp_histogram_add(histograms, WP_HISTOGRAM_START,
				 worker->reserved_ns, wp_histogram_clock());
}
