// SPDX-License-Identifier: GPL-2.0
/*
 * Boot and reboot: from closed and empty to open.
 */

#include "compat.h"
#include "core/event.h"
#include "core/lock.h"
#include "core/pace.h"
#include "core/ref.h"
#include "pool/reboot.h"
#include "pool/release.h"
#include "queue/queue.h"
#include "trace.h"

static int begin_boot_locked(struct workpool *pool,
			     struct wp_deferred *deferred)
{
	switch (pool->state) {
	case WP_OPEN:
	case WP_BOOTING:
		return -EALREADY;
	case WP_DEAD:
		return -ESHUTDOWN;
	case WP_CLOSED:
		break;
	}
	if (pool->alive)
		return -EBUSY;
	WRITE_ONCE(pool->state, WP_BOOTING);
	pool->boots++;
	pool->boot_error = 0;
	/* Failed starts are forgotten. The debt of crashes stays. */
	wp_pace_up(&pool->pace);
	wp_queue_balance_locked(pool, deferred);
	return 0;
}

/* Begin to open @pool. @boot gets the number of this boot. */
int wp_reboot_begin(struct workpool *pool, unsigned int state, u64 *boot)
{
	struct wp_deferred deferred;
	int err;

	err = wp_release_lock(pool, state);
	if (err)
		return err;
	wp_pool_lock(pool, &deferred);
	err = begin_boot_locked(pool, &deferred);
	*boot = pool->boots;
	wp_pool_unlock(pool, &deferred);
	mutex_unlock(&pool->lifecycle);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(wp_reboot_begin);

/* Is the boot @boot not over? Another one may have begun since. */
static bool is_booting_locked(struct workpool *pool, u64 boot)
{
	lockdep_assert_held(&pool->lock);
	return wp_pool_is_booting(pool) && pool->boots == boot;
}

/* Are the first workers of the boot @boot up, or did it fail? */
static bool is_boot_decided_locked(struct workpool *pool,
				   const struct wp_event *event)
{
	lockdep_assert_held(&pool->lock);
	return !is_booting_locked(pool, event->boot) || !pool->starting;
}

/* Has the pool another state than booting, or is that another boot? */
static bool is_boot_over_locked(struct workpool *pool,
				const struct wp_event *event)
{
	lockdep_assert_held(&pool->lock);
	return !is_booting_locked(pool, event->boot);
}

/* The pool is open again. */
static void reboot_count_locked(struct workpool *pool, enum wp_by by)
{
	struct wp_notice notice = { .type = WP_NOTICE_REBOOTED };

	lockdep_assert_held(&pool->lock);
	pool->generation++;
	if (!wp_notice_wanted())
		return;
	notice.actor = wp_notice_actor(by);
	notice.generation = pool->generation;
	wp_notice_post(pool, &notice);
}

/*
 * Open @pool after the boot @boot, or if the thread was @killed, close it. Both
 * concern this boot alone. Returns 0, or why @pool is not open.
 */
int wp_reboot_end(struct workpool *pool, u64 boot, enum wp_by by, bool killed)
{
	struct wp_deferred deferred;
	int err = 0;

	wp_pool_lock(pool, &deferred);
	if (!is_booting_locked(pool, boot)) {
		err = pool->boots == boot ? pool->boot_error : 0;
		err = err ?: -ESHUTDOWN;
	} else if (killed) {
		wp_release_locked(pool, WP_CLOSED, by, &deferred);
	} else {
		WRITE_ONCE(pool->state, WP_OPEN);
		trace_workpool_state(pool, WP_CLOSED, WP_OPEN);
		/* Threads in wp_reboot_join() may still wait. */
		if (!list_empty(&pool->events))
			wp_event_tell_locked(pool, &deferred);
		/* The first boot is a part of the creation. */
		if (boot > 1)
			reboot_count_locked(pool, by);
	}
	wp_pool_unlock(pool, &deferred);
	return killed ? -EINTR : err;
}
EXPORT_SYMBOL_IF_KUNIT(wp_reboot_end);

/**
 * wp_reboot_open() - open a closed and empty pool
 * @pool: the pool
 * @by: whose doing it is
 * @state: of the thread while it waits: %TASK_UNINTERRUPTIBLE or
 *	%TASK_KILLABLE, and %TASK_FREEZABLE if it holds no lock, or
 *	%TASK_FREEZABLE_UNSAFE
 *
 * For a %WORKPOOL_F_FREEZABLE pool it adds %TASK_FREEZABLE, also with the
 * lifecycle of a multi held: the workers that it waits for may be frozen. A
 * thread that wants that lock meanwhile cannot freeze, and the suspend fails.
 *
 * Context: Process context. May sleep.
 * Return: 0, the min_workers are idle; -EINTR: killed, and this thread left the
 * pool closed; or as workpool_reboot(). After an error other than -EALREADY, -EBUSY and
 * -EINTR the pool is closed and empty, unless another thread boots it.
 */
int wp_reboot_open(struct workpool *pool, enum wp_by by, unsigned int state)
{
	struct wp_event up = {
		.kind = WP_WAIT_REBOOT,
		.came_locked = is_boot_decided_locked,
	};
	bool killed;
	int err;

	err = wp_reboot_begin(pool, state, &up.boot);
	if (err)
		return err;
	killed = wp_event_wait(pool, &up, state, MAX_SCHEDULE_TIMEOUT) < 0;
	err = wp_reboot_end(pool, up.boot, by, killed);
	if (!err)
		return 0;
	/*
	 * Closing it retired every worker; another thread may boot it already.
	 */
	if (killed ||
	    wp_release_wait_end(pool, state, MAX_SCHEDULE_TIMEOUT) < 0)
		return -EINTR;
	return err;
}

/**
 * wp_reboot_wait() - workpool_reboot() in a state of choice
 * @pool: the pool
 * @by: whose doing it is
 * @state: as for wp_reboot_open(), with %TASK_KILLABLE
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: as workpool_reboot().
 */
int wp_reboot_wait(struct workpool *pool, enum wp_by by, unsigned int state)
{
	int err;

	might_sleep();
	/* Another thread may destroy it while this one waits. */
	wp_pool_get(pool);
	err = wp_reboot_open(pool, by, state);
	wp_pool_put(pool);
	return err;
}

/**
 * wp_reboot_join() - wait until another thread has opened a pool
 * @pool: the pool, referenced, of which a reboot said -EALREADY
 * @state: as for wp_reboot_open()
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: 0: it is open; -EINTR: killed; or why it is not open.
 */
int wp_reboot_join(struct workpool *pool, unsigned int state)
{
	struct wp_event over = {
		.kind = WP_WAIT_REBOOT,
		.came_locked = is_boot_over_locked,
	};
	unsigned long flags;
	int err;

	raw_spin_lock_irqsave(&pool->lock, flags);
	over.boot = pool->boots;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	if (wp_event_wait(pool, &over, state, MAX_SCHEDULE_TIMEOUT) < 0)
		return -EINTR;

	raw_spin_lock_irqsave(&pool->lock, flags);
	err = wp_pool_is_open(pool) ? 0 : pool->boot_error ?: -ESHUTDOWN;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return err;
}

/**
 * workpool_reboot() - open a released pool again
 * @pool: the pool
 *
 * Attributes, as tuned, and counters are kept; the generation grows by one.
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: 0; -EALREADY: @pool is open, or another thread opens it; -EBUSY:
 * workers from before the release still run; -ESHUTDOWN: destroyed, or released
 * while it was starting; -EINTR: killed, and @pool is closed again, but perhaps
 * not empty, see workpool_wait_released(), or killed while another call changed
 * it, and nothing was done; or what starting the first workers failed with.
 */
int workpool_reboot(struct workpool *pool)
{
	return wp_reboot_wait(pool, WP_BY_OWNER, TASK_KILLABLE);
}
EXPORT_SYMBOL_GPL(workpool_reboot);
