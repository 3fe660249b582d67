// SPDX-License-Identifier: GPL-2.0
/*
 * Attach: how a worker joins its pool, and how it leaves.
 */

#include <linux/jiffies.h>

#include "compat.h"
#include "core/event.h"
#include "core/histogram.h"
#include "core/lock.h"
#include "core/notice.h"
#include "core/pace.h"
#include "core/ref.h"
#include "core/slot.h"
#include "core/walk.h"
#include "queue/late.h"
#include "queue/queue.h"
#include "trace.h"
#include "worker/attach.h"

/* The starting @worker is up. */
void wp_attach_up_locked(struct workpool *pool, const struct wp_worker *worker,
			 struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	wp_slot_end_starts_locked(pool, 1);
	wp_histogram_up_locked(pool, worker);
	if (wp_pace_up(&pool->pace) && pool->to_spawn)
		deferred->actions |= WP_DEFER_SPAWN;
	wp_late_reset_locked(pool);
	if (wp_pool_is_booting(pool) && !pool->starting)
		wp_event_tell_locked(pool, deferred);
}

static void attach_tell_failed_locked(struct workpool *pool, bool no_thread,
				      int err)
{
	struct wp_notice notice = {
		.type = WP_NOTICE_START_FAILED,
		.start_failed.no_thread = no_thread,
		.start_failed.error = err,
	};

	lockdep_assert_held(&pool->lock);
	wp_notice_post(pool, &notice);
}

/*
 * A start that began in the jiffy @began failed; @no_thread: no thread could be
 * made. It is retried later unless the slot is no longer needed or the pool
 * shrank. With no other start under way, the interval of late starts begins
 * again. A pool that boots closes instead.
 */
void wp_attach_failed_locked(struct workpool *pool, unsigned long began,
			     bool no_thread, int err,
			     struct wp_deferred *deferred)
{
	unsigned long took = jiffies - began;
	u64 now = get_jiffies_64();

	lockdep_assert_held(&pool->lock);
	if (wp_notice_wanted())
		attach_tell_failed_locked(pool, no_thread, err);
	wp_pace_fail(&pool->pace, now, now - took, no_thread);
	if (wp_pool_is_booting(pool)) {
		WRITE_ONCE(pool->state, WP_CLOSED);
		pool->boot_error = err;
		wp_event_tell_locked(pool, deferred);
	}
	wp_queue_trim_locked(pool, deferred);
	if (pool->to_spawn)
		deferred->actions |= WP_DEFER_SPAWN;
	if (pool->starting == pool->to_spawn) {
		pool->overdue = 0;
		wp_late_reset_locked(pool);
	}
}

/* A taken slot got no worker: it wants another one. */
static void attach_untake_locked(struct workpool *pool, u64 reserved_ns,
				 unsigned long began, bool no_thread, int err,
				 struct wp_deferred *deferred)
{
	WRITE_ONCE(pool->to_spawn, pool->to_spawn + 1);
	wp_histogram_untake_locked(pool, reserved_ns);
	wp_attach_failed_locked(pool, began, no_thread, err, deferred);
}

static void log_failure(struct workpool *pool, const char *what, int err)
{
	pr_warn_ratelimited("pool %s: cannot start a worker: %s: %pe\n",
			    pool->name, what, ERR_PTR(err));
}

/**
 * wp_attach_failed() - the worker_init of a starting worker failed
 * @pool: the pool
 * @worker: the worker, whose thread runs here
 * @err: why
 *
 * A closed pool may be unable to run what it accepted: the caller calls
 * wp_drop_if_hopeless() next.
 *
 * Context: Process context. May sleep.
 */
void wp_attach_failed(struct workpool *pool, struct wp_worker *worker, int err)
{
	struct wp_deferred deferred;

	log_failure(pool, "worker_init", err);
	mutex_lock(&pool->placing);
	wp_pool_lock(pool, &deferred);
	wp_walk_detach_locked(pool, worker);
	pool->counters[WP_COUNT_INIT_FAILURES]++;
	attach_untake_locked(pool, worker->reserved_ns, worker->since, false,
			     err, &deferred);
	wp_pool_unlock(pool, &deferred);
	mutex_unlock(&pool->placing);
}

/**
 * wp_attach_no_thread() - no thread could be made for a taken slot
 * @pool: the pool
 * @slot: the slot
 * @began: jiffies when making it began
 * @err: why
 *
 * As wp_attach_failed(). It needs no workpool.placing: there is no thread.
 *
 * Context: Process context.
 */
void wp_attach_no_thread(struct workpool *pool, const struct wp_slot *slot,
			 unsigned long began, int err)
{
	struct wp_deferred deferred;

	log_failure(pool, "thread", err);
	wp_pool_lock(pool, &deferred);
	pool->counters[WP_COUNT_SPAWN_FAILURES]++;
	attach_untake_locked(pool, slot->reserved_ns, began, true, err,
			     &deferred);
	wp_pool_unlock(pool, &deferred);
}

/*
 * The retired or dead worker has nothing to do with the pool any more, and puts
 * its reference. The caller, which holds workpool.placing, has one as well.
 */
void wp_attach_leave_placed(struct workpool *pool, struct wp_worker *worker)
{
	struct wp_deferred deferred;

	lockdep_assert_held(&pool->placing);
	trace_workpool_exit(pool, worker);
	wp_pool_lock(pool, &deferred);
	wp_walk_detach_locked(pool, worker);
	wp_slot_put_locked(pool, 1, &deferred);
	wp_queue_balance_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
	wp_pool_put(pool);
}

/* Take workpool.placing, and leave the pool. */
void wp_attach_leave(struct workpool *pool, struct wp_worker *worker)
{
	wp_pool_get(pool);
	mutex_lock(&pool->placing);
	wp_attach_leave_placed(pool, worker);
	mutex_unlock(&pool->placing);
	wp_pool_put(pool);
}
