// SPDX-License-Identifier: GPL-2.0
/*
 * Spawn: how reserved slots get their threads, and when.
 *
 * A parked worker of the module's cache is adopted on the spot, in any context.
 * Making a thread sleeps and allocates, which must not happen in a submitter
 * that holds locks or reclaims memory: one kernel thread makes the workers of
 * all pools. What it does is in worker/spawner.c.
 */

#include <linux/jiffies.h>
#include <linux/kthread.h>

#include "compat.h"
#include "core/cache.h"
#include "core/mailbox.h"
#include "core/pace.h"
#include "core/pool.h"
#include "core/slice.h"
#include "core/slot.h"
#include "core/spawn.h"

static struct kthread_worker *spawner;

int wp_spawn_init(void)
{
	spawner = kthread_create_worker(0, "wp/spawner");
	if (IS_ERR(spawner))
		return PTR_ERR(spawner);
	/*
	 * Since 6.14 the thread is created asleep; before, this does nothing.
	 */
	wake_up_process(spawner->task);
	return 0;
}

void wp_spawn_exit(void)
{
	kthread_destroy_worker(spawner);
}

/* Prepare a new pool; @work makes a thread for one slot. */
void wp_spawn_setup(struct workpool *pool, kthread_work_func_t work)
{
	kthread_init_delayed_work(&pool->spawn, work);
}

/**
 * wp_spawn_adopt() - give one slot a worker from the cache
 * @pool: the pool
 *
 * Context: Any but NMI.
 * Return: false when the cache has no worker for @pool, or no slot wants one
 * now.
 */
bool wp_spawn_adopt(struct workpool *pool)
{
	struct wp_worker *worker;
	struct wp_slot slot;

	/* A hint: wp_slot_take() looks again. */
	if (wp_pace_wait_adopt(&pool->pace, get_jiffies_64()))
		return false;
	worker = wp_cache_take(pool->node);
	if (!worker)
		return false;
	if (!wp_slot_take(pool, true, &slot)) {
		wp_cache_untake(worker);
		return false;
	}
	wp_slot_fill(pool, worker, &slot, true);
	wp_mailbox_post(worker, WP_ORDER_ADOPT);
	return true;
}

/* Jiffies at which a thread may be made. */
static u64 next_start(struct workpool *pool)
{
	unsigned long flags;
	u64 now;

	raw_spin_lock_irqsave(&pool->lock, flags);
	now = get_jiffies_64();
	now += wp_pace_wait(&pool->pace, now);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return now;
}

/*
 * A turn that is already queued is left alone, because each new slot would
 * postpone it. A turn whose timer runs is rescheduled: a start that succeeded
 * since, or a reboot, made it an earlier one.
 */
static void set_turn(struct workpool *pool, u64 due)
{
	u64 now = get_jiffies_64();
	unsigned long delay = due > now ? due - now : 0;

	if (timer_pending(&pool->spawn.timer))
		kthread_mod_delayed_work(spawner, &pool->spawn, delay);
	else
		kthread_queue_delayed_work(spawner, &pool->spawn, delay);
}

/*
 * Let the spawner have another turn, as soon as a thread may start. The lock
 * was dropped since: another thread may have found that it is earlier, and have
 * set the turn before this one did.
 */
void wp_spawn_again(struct workpool *pool)
{
	u64 due;

	do {
		due = next_start(pool);
		set_turn(pool, due);
	} while (next_start(pool) < due);
}

/*
 * Get threads for all slots that want one. Any context but NMI: what is more
 * than a slice is left to the spawner.
 */
void wp_spawn_start(struct workpool *pool)
{
	int nr;

	/* Pairs with the writes under the lock. */
	for (nr = 0; READ_ONCE(pool->to_spawn) > 0; nr++) {
		if (nr == WP_SLICE || !wp_spawn_adopt(pool)) {
			wp_spawn_again(pool);
			return;
		}
	}
}

/* Process context. May sleep. */
void wp_spawn_cancel(struct workpool *pool)
{
	kthread_cancel_delayed_work_sync(&pool->spawn);
}
