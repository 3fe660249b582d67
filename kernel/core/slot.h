/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Slots: the places for workers that a pool's capacity allows.
 */
#ifndef _WP_CORE_SLOT_H
#define _WP_CORE_SLOT_H

#include <linux/types.h>

#include "core/observe.h"
#include "core/pool.h"
#include "core/watch.h"
#include "core/worker.h"

struct wp_deferred;

/**
 * struct wp_slot - a slot that was taken, to get a worker
 * @id: number of the worker
 * @reserved_ns: when the slot was reserved, for histograms
 */
struct wp_slot {
	unsigned int		id;
	u64			reserved_ns;
};

int wp_slot_live_locked(struct workpool *pool);
void wp_slot_end_starts_locked(struct workpool *pool, int nr);
int wp_slot_busy_locked(struct workpool *pool);
void wp_slot_reserve_locked(struct workpool *pool, int nr,
			    struct wp_deferred *deferred);
void wp_slot_trim_locked(struct workpool *pool, int nr,
			 struct wp_deferred *deferred);
bool wp_slot_take(struct workpool *pool, bool adopts, struct wp_slot *slot);
void wp_slot_fill(struct workpool *pool, struct wp_worker *worker,
		  const struct wp_slot *slot, bool adopted);
void wp_slot_retire_locked(struct workpool *pool, struct wp_worker *worker);
void wp_slot_retire_idle_locked(struct workpool *pool, int nr,
				struct wp_deferred *deferred);
int wp_slot_retire_stale_locked(struct workpool *pool, int max,
				struct wp_deferred *deferred);
void wp_slot_crash_locked(struct workpool *pool, struct wp_worker *worker);
void wp_slot_get_locked(struct workpool *pool);
void wp_slot_put_locked(struct workpool *pool, int nr,
			struct wp_deferred *deferred);

/*
 * Has the pool more workers than it may have? Those that start do not count: a
 * worker that is up leaves only if enough others are up.
 */
static inline bool wp_slot_has_surplus_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return unlikely(pool->running > pool->limit) &&
	       wp_slot_live_locked(pool) > pool->limit;
}

/* Make @worker busy with its wp_worker.call. */
static inline void
wp_slot_begin_locked(struct workpool *pool, struct wp_worker *worker, u8 color,
		     struct workpool_node *node)
{
	lockdep_assert_held(&pool->lock);
	worker->state = WP_WORKER_BUSY;
	worker->since = jiffies;
	worker->color = color;
	wp_watch_note_locked(pool, worker->call.fn.any);
	wp_observe_assign_locked(pool, worker, node);
}

/*
 * @worker, which no other thread can see idle any more, gets @call, which was
 * accepted with the mark @color. It is at @node of the queue, or, without one,
 * is accepted now.
 */
static inline void wp_slot_assign_locked(struct workpool *pool,
					 struct wp_worker *worker,
					 const struct wp_call *call, u8 color,
					 struct workpool_node *node)
{
	lockdep_assert_held(&pool->lock);
	worker->call = *call;
	wp_slot_begin_locked(pool, worker, color, node);
}

#endif /* _WP_CORE_SLOT_H */
