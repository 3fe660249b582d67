// SPDX-License-Identifier: GPL-2.0
/*
 * Colors: what was accepted before a flush is told from what is accepted later.
 */

#include "compat.h"
#include "core/slot.h"
#include "core/wait.h"
#include "queue/color.h"

/**
 * DOC: Colors
 *
 * What a pool accepts is marked with the pool's present color, as workqueue
 * does with its work_color. It keeps its mark in the queue, while a worker
 * executes it, and while it waits to run again. A flush counts what is in the
 * pool, gives the pool another color, and waits until all of the colors before
 * have left: ended, cancelled, dropped, or moved to another pool. Nothing is
 * counted while no thread flushes.
 *
 * A color is a number that only grows. There are never more than WP_NR_COLORS
 * of them in a pool, so its remainder is enough as a mark. When all are in use,
 * flush_accepted() of pool/flush.c first waits for the youngest of them.
 */

void wp_color_init(struct workpool *pool)
{
	int i;

	for (i = 0; i < WP_NR_COLORS; i++)
		INIT_LIST_HEAD(&pool->flushers[i]);
}

/* Number of tasks and calls that were accepted and have not left the pool. */
static int in_pool_locked(struct workpool *pool)
{
	lockdep_assert_held(&pool->lock);
	return pool->queued + pool->nr_rerun + pool->nr_moving +
	       wp_slot_busy_locked(pool) + pool->nr_inner;
}

/*
 * Count a colored entry out, and tell the threads that flush (slow path of
 * wp_color_leave_locked()). What has the present color is not counted yet.
 */
void wp_color_leave_slow_locked(struct workpool *pool, u8 mark,
				struct wp_deferred *deferred)
{
	unsigned int oldest;

	lockdep_assert_held(&pool->lock);
	if (mark == wp_color_mark_locked(pool))
		return;
	pool->nr_colored[mark]--;
	while (wp_color_is_flushed_locked(pool)) {
		oldest = pool->oldest_color % WP_NR_COLORS;
		if (pool->nr_colored[oldest])
			return;
		wp_wait_complete_all_locked(pool, &pool->flushers[oldest], 0,
					    deferred);
		pool->oldest_color++;
	}
}
EXPORT_SYMBOL_IF_KUNIT(wp_color_leave_slow_locked);

/**
 * wp_color_open_locked() - give what is accepted from here on another color
 * @pool: the pool
 * @color: gets the last color of what was accepted before
 *
 * Return: true; false when all colors are in use. Then @color is the last one
 * that can be waited for.
 */
bool wp_color_open_locked(struct workpool *pool, unsigned int *color)
{
	int nr = in_pool_locked(pool);
	unsigned int i;

	lockdep_assert_held(&pool->lock);
	for (i = pool->oldest_color; i != pool->color; i++)
		nr -= pool->nr_colored[i % WP_NR_COLORS];
	*color = pool->color - 1;
	if (!nr)
		return true;
	if (pool->color - pool->oldest_color == WP_NR_COLORS - 1)
		return false;
	pool->nr_colored[wp_color_mark_locked(pool)] = nr;
	*color = pool->color++;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(wp_color_open_locked);

/* Wait until @color and those before have left. Returns false if they have. */
bool wp_color_wait_locked(struct workpool *pool, unsigned int color,
			  struct wp_wait *wait)
{
	lockdep_assert_held(&pool->lock);
	if ((int)(color - pool->oldest_color) < 0)
		return false;
	wp_wait_add_locked(pool, wait, &pool->flushers[color % WP_NR_COLORS]);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(wp_color_wait_locked);
