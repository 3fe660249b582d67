/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Histograms: how long the tasks of a pool wait and run, how long submitters
 * wait for the pool, and how long its workers take to start.
 */
#ifndef _WP_CORE_HISTOGRAM_H
#define _WP_CORE_HISTOGRAM_H

#include <linux/bitops.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/timekeeping.h>

#include "core/pool.h"
#include "trace.h"

struct wp_worker;

/* What is measured. The numbers are those of WORKPOOL_LATENCY_*. */
enum wp_histogram_kind {
	WP_HISTOGRAM_WAIT,	/* a task was accepted, until it began */
	WP_HISTOGRAM_RUN,	/* it began, until it ended */
	WP_HISTOGRAM_BLOCKED,	/* a submitter waited */
	WP_HISTOGRAM_START,	/* a slot was reserved, until its worker was up */
	WP_HISTOGRAM_NR,
};

/*
 * The first bucket has all below 2^MIN_BITS ns, which is half a microsecond,
 * the last one all from 2^MAX_BITS ns on, which is more than an hour. Each power
 * of two between them has 2^SUB_BITS buckets of the same width.
 */
#define WP_HISTOGRAM_MIN_BITS	9
#define WP_HISTOGRAM_MAX_BITS	42
#define WP_HISTOGRAM_SUB_BITS	3
#define WP_HISTOGRAM_LAST						\
	(((WP_HISTOGRAM_MAX_BITS - WP_HISTOGRAM_MIN_BITS) <<		\
	  WP_HISTOGRAM_SUB_BITS) + 1)
#define WP_HISTOGRAM_BUCKETS	(WP_HISTOGRAM_LAST + 1)

/**
 * struct wp_histogram - samples of one kind
 * @sum_ns: all added up
 * @max_ns: the longest one
 * @buckets: how many there were, by their length
 */
struct wp_histogram {
	u64			sum_ns;
	u64			max_ns;
	u64			buckets[WP_HISTOGRAM_BUCKETS];
};

/**
 * struct wp_histogram_set - what one CPU has measured
 * @kinds: by &enum wp_histogram_kind. Written by that CPU with preemption off,
 *	those of one kind either always with interrupts off or never in an
 *	interrupt; read by any
 */
struct wp_histogram_set {
	struct wp_histogram	kinds[WP_HISTOGRAM_NR];
};

/**
 * struct wp_histogram_start - slots that were reserved at once
 * @since_ns: when; 0: not known
 * @nr: how many of them no thread was taken for yet
 */
struct wp_histogram_start {
	u64			since_ns;
	int			nr;
};

/* What is reserved later than that is taken for as old as the last of these. */
#define WP_HISTOGRAM_STARTS	16

/**
 * struct wp_histograms - a pool is measured
 */
struct wp_histograms {
	/** @since_ns: I: since then; what began before is not counted */
	u64			since_ns;
	/** @cpus: I: what was measured */
	struct wp_histogram_set __percpu *cpus;
	/** @nr_starts: L: length of @starts */
	unsigned int		nr_starts;
	/** @starts: L: the slots of workpool.to_spawn, the oldest first */
	struct wp_histogram_start starts[WP_HISTOGRAM_STARTS];
};

u64 wp_histogram_from(unsigned int bucket);
u64 wp_histogram_count(const struct wp_histogram *histogram);
u64 wp_histogram_percentile(const struct wp_histogram *histogram,
			    unsigned int percent_100);

struct wp_histograms *wp_histogram_alloc(void);
int wp_histogram_begin(struct workpool *pool, bool *was_on);
bool wp_histogram_end(struct workpool *pool);
u64 wp_histogram_read(struct workpool *pool, enum wp_histogram_kind kind,
		      struct wp_histogram *sum);

void wp_histogram_reserve_slow_locked(struct workpool *pool, int nr);
void wp_histogram_trim_slow_locked(struct workpool *pool, int nr);
u64 wp_histogram_take_slow_locked(struct workpool *pool);
void wp_histogram_untake_slow_locked(struct workpool *pool, u64 since_ns);
void wp_histogram_up_slow_locked(struct workpool *pool,
				 const struct wp_worker *worker);

/* The bucket of a sample of @ns nanoseconds. */
static inline unsigned int wp_histogram_bucket(u64 ns)
{
	unsigned int shift;

	if (ns < 1ULL << WP_HISTOGRAM_MIN_BITS)
		return 0;
	if (ns >= 1ULL << WP_HISTOGRAM_MAX_BITS)
		return WP_HISTOGRAM_LAST;
	shift = fls64(ns) - 1 - WP_HISTOGRAM_SUB_BITS;
	/* ns >> shift has SUB_BITS + 1 bits, the first of which is set. */
	return 1 + (ns >> shift) +
	       ((shift - (WP_HISTOGRAM_MIN_BITS - WP_HISTOGRAM_SUB_BITS) - 1) <<
		WP_HISTOGRAM_SUB_BITS);
}

/*
 * A clock that any context may read, and that has no time of sleep. It may step
 * back by a little between two CPUs.
 */
static __always_inline u64 wp_histogram_clock(void)
{
	return ktime_get_mono_fast_ns();
}

/*
 * The histograms of @pool, or NULL. Preemption is off, and keeps them: see
 * wp_histogram_end().
 */
static __always_inline struct wp_histograms *
wp_histogram_of(struct workpool *pool)
{
	return rcu_dereference_sched(pool->histograms);
}

/* Is @pool measured? The answer may be an old one. */
static inline bool wp_histogram_is_on(const struct workpool *pool)
{
	/* Pairs with the writes of wp_histogram_begin() and wp_histogram_end(). */
	return rcu_access_pointer(pool->histograms);
}

/* What begins now is stamped with this; 0: @pool is not measured. */
static __always_inline u64 wp_histogram_stamp(struct workpool *pool)
{
	return wp_histogram_of(pool) ? wp_histogram_clock() : 0;
}

/*
 * Something had the stamp @from, and ended at @to. What was stamped before the
 * pool was measured, or when it was measured the last time, is left out. Such a
 * stamp is old, or 0.
 */
static __always_inline void
wp_histogram_add(struct wp_histograms *histograms, enum wp_histogram_kind kind,
		 u64 from, u64 to)
{
	struct wp_histogram __percpu *histogram = &histograms->cpus->kinds[kind];
	u64 ns = to > from ? to - from : 0;

	if (from < histograms->since_ns)
		return;
	if (unlikely(ns > this_cpu_read(histogram->max_ns)))
		this_cpu_write(histogram->max_ns, ns);
	this_cpu_add(histogram->sum_ns, ns);
	this_cpu_inc(histogram->buckets[wp_histogram_bucket(ns)]);
}

/* @nr slots were added to workpool.to_spawn. */
static inline void wp_histogram_reserve_locked(struct workpool *pool, int nr)
{
	lockdep_assert_held(&pool->lock);
	if (wp_trace_is_observed())
		wp_histogram_reserve_slow_locked(pool, nr);
}

/* @nr of them are given back, those that were reserved last. */
static inline void wp_histogram_trim_locked(struct workpool *pool, int nr)
{
	lockdep_assert_held(&pool->lock);
	if (wp_trace_is_observed())
		wp_histogram_trim_slow_locked(pool, nr);
}

/* A worker is made for the oldest. Returns when that was reserved, or 0. */
static inline u64 wp_histogram_take_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return wp_trace_is_observed() ? wp_histogram_take_slow_locked(pool) : 0;
}

/* There is no worker, and the slot wants another one. */
static inline void wp_histogram_untake_locked(struct workpool *pool,
					      u64 since_ns)
{
	lockdep_assert_held(&pool->lock);
	if (wp_trace_is_observed())
		wp_histogram_untake_slow_locked(pool, since_ns);
}

/* @worker is up. */
static inline void wp_histogram_up_locked(struct workpool *pool,
					  const struct wp_worker *worker)
{
	lockdep_assert_held(&pool->lock);
	if (wp_trace_is_observed())
		wp_histogram_up_slow_locked(pool, worker);
}

#endif /* _WP_CORE_HISTOGRAM_H */
