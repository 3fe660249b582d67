// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics: the getters, lockless but for busy, and the snapshot that ioctl
 * and debugfs show.
 */

#include <linux/overflow.h>

#include "core/lock.h"
#include "core/pool.h"
#include "core/slot.h"
#include "core/tunables.h"
#include "pool/stats.h"

/* READ_ONCE() in the getters pairs with WRITE_ONCE() under the pool's lock. */

/**
 * workpool_capacity() - workers a pool may have
 * @pool: the pool
 *
 * Context: Any.
 * Return: the capacity, or WORKPOOL_UNLIMITED.
 */
int workpool_capacity(struct workpool *pool)
{
	return READ_ONCE(pool->capacity);
}
EXPORT_SYMBOL_GPL(workpool_capacity);

/**
 * workpool_running() - workers a pool has, whatever they do
 * @pool: the pool
 *
 * Context: Any.
 * Return: how many.
 */
int workpool_running(struct workpool *pool)
{
	return READ_ONCE(pool->running);
}
EXPORT_SYMBOL_GPL(workpool_running);

/**
 * workpool_available() - workers a pool may still add; Free() of ants
 * @pool: the pool
 *
 * Context: Any.
 * Return: capacity - running, never negative; -1 for an unlimited pool; 0 for
 * one that is paused. A closed one counts as if it was open.
 */
int workpool_available(struct workpool *pool)
{
	return wp_stats_available(workpool_capacity(pool),
				  workpool_running(pool),
				  READ_ONCE(pool->paused));
}
EXPORT_SYMBOL_GPL(workpool_available);

/**
 * workpool_waiting() - submitters that wait for a worker
 * @pool: the pool
 *
 * Context: Any.
 * Return: how many.
 */
int workpool_waiting(struct workpool *pool)
{
	return READ_ONCE(pool->waiting);
}
EXPORT_SYMBOL_GPL(workpool_waiting);

/**
 * workpool_idle() - parked workers, which wait for a task
 * @pool: the pool
 *
 * Context: Any.
 * Return: how many.
 */
int workpool_idle(struct workpool *pool)
{
	return READ_ONCE(pool->idle.nr);
}
EXPORT_SYMBOL_GPL(workpool_idle);

/**
 * workpool_busy() - workers that execute a task
 * @pool: the pool
 *
 * Context: Any but NMI.
 * Return: how many.
 */
int workpool_busy(struct workpool *pool)
{
	unsigned long flags;
	int busy;

	raw_spin_lock_irqsave(&pool->lock, flags);
	busy = wp_slot_busy_locked(pool);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return busy;
}
EXPORT_SYMBOL_GPL(workpool_busy);

#define FIELD(_member, _kind, _type)					\
	{								\
		.name = #_member,					\
		.kind = (_kind),					\
		.is_signed = is_signed_type(FIELD_TYPE(_member)),	\
		.offset = offsetof(struct workpool_stats, _member) +	\
			  BUILD_BUG_ON_ZERO(sizeof(FIELD_TYPE(_member)) != \
					    sizeof(_type)),		\
	}
#define FIELD_TYPE(_member)	typeof(((struct workpool_stats *)0)->_member)
#define ATTRIBUTE(_name, _member) FIELD(_member, WP_STATS_ATTRIBUTE, int),
#define GAUGE(_member)		FIELD(_member, WP_STATS_GAUGE, int),
#define COUNTER(_name, _member)	FIELD(_member, WP_STATS_COUNTER, u64),

/* The counters are the last ones, in the order of enum wp_counter. */
const struct wp_stats_field wp_stats_fields[] = {
	WP_TUNABLES(ATTRIBUTE)
	WP_GAUGES(GAUGE)
	WP_COUNTERS(COUNTER)
};

const unsigned int wp_stats_nr_fields = ARRAY_SIZE(wp_stats_fields);

static int *stats_word32(struct workpool_stats *stats,
			 const struct wp_stats_field *field)
{
	return (void *)stats + field->offset;
}

static u64 *stats_word64(struct workpool_stats *stats,
			 const struct wp_stats_field *field)
{
	return (void *)stats + field->offset;
}

/* The value of one of wp_stats_fields in @stats */
s64 wp_stats_get(const struct workpool_stats *stats,
		 const struct wp_stats_field *field)
{
	struct workpool_stats *from = (struct workpool_stats *)stats;

	if (field->kind == WP_STATS_COUNTER)
		return *stats_word64(from, field);
	if (field->is_signed)
		return *stats_word32(from, field);
	return (unsigned int)*stats_word32(from, field);
}

/* Add all gauges and counters of @stats to those of @total. */
void wp_stats_add(struct workpool_stats *total,
		  const struct workpool_stats *stats)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wp_stats_fields); i++) {
		const struct wp_stats_field *field = &wp_stats_fields[i];

		if (field->kind == WP_STATS_COUNTER)
			*stats_word64(total, field) +=
				wp_stats_get(stats, field);
		else if (field->kind == WP_STATS_GAUGE)
			*stats_word32(total, field) +=
				wp_stats_get(stats, field);
	}
}

static void copy_counters_locked(struct workpool *pool,
				 struct workpool_stats *out)
{
	const struct wp_stats_field *fields;
	unsigned int i;

	lockdep_assert_held(&pool->lock);
	fields = &wp_stats_fields[ARRAY_SIZE(wp_stats_fields) - WP_NR_COUNTERS];
	for (i = 0; i < WP_NR_COUNTERS; i++)
		*stats_word64(out, &fields[i]) = pool->counters[i];
}

#define COPY(_name, _member)	._member = pool->_member,

static void stats_snapshot_locked(struct workpool *pool,
				  struct workpool_stats *out)
{
	*out = (struct workpool_stats){
		WP_TUNABLES(COPY)
		.running	= pool->running,
		.busy		= wp_slot_busy_locked(pool),
		.idle		= pool->idle.nr,
		.searching	= pool->searching,
		.starting	= pool->starting,
		.alive		= pool->alive,
		.waiting	= pool->waiting,
		.queued		= pool->queued + pool->nr_rerun,
		.delayed	= pool->nr_delayed,
		.peak_running	= pool->peak_running,
		.peak_waiting	= pool->peak_waiting,
		.closed		= !wp_pool_is_open(pool),
		.paused		= pool->paused,
		.generation	= pool->generation,
	};
	copy_counters_locked(pool, out);
}

/* As workpool_stats(). Returns submitters that wait for this pool only. */
int wp_stats_read(struct workpool *pool, struct workpool_stats *out)
{
	unsigned long flags;
	int waiting;

	wp_pool_lock_irqsave(pool, &flags);
	stats_snapshot_locked(pool, out);
	waiting = pool->waiting - pool->shared;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return waiting;
}

/**
 * workpool_stats() - take a consistent snapshot of a pool
 * @pool: the pool
 * @out: gets it
 *
 * Context: Any but NMI.
 */
void workpool_stats(struct workpool *pool, struct workpool_stats *out)
{
	wp_stats_read(pool, out);
}
EXPORT_SYMBOL_GPL(workpool_stats);
