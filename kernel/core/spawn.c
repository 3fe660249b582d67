// SPDX-License-Identifier: GPL-2.0
/*
 * Spawn: how reserved slots get their threads, and when.
 *
 * A parked worker of the module's cache is adopted on the spot, in any context.
 * Making a thread sleeps and allocates, which must not happen in a submitter
 * that holds locks or reclaims memory: one kernel thread makes the workers of
 * all pools. What it does is in worker/spawner.c.
 */

#include <linux/kthread.h>

#include "compat.h"
#include "core/cache.h"
#include "core/mailbox.h"
#include "core/pool.h"
#include "core/slot.h"
#include "core/spawn.h"

/* First and longest delay before a failed start is tried again, in ms. */
#define RETRY_MIN	10
#define RETRY_MAX	2000

/*
 * Replacements of crashed workers a second, and the delay of further ones, in
 * ms.
 */
#define REPLACE_MAX	100
#define REPLACE_DELAY	100

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
	ratelimit_state_init(&pool->respawns, HZ, REPLACE_MAX);
	ratelimit_set_flags(&pool->respawns, RATELIMIT_MSG_ON_RELEASE);
}

/**
 * wp_spawn_adopt() - give one slot a worker from the cache
 * @pool: the pool
 *
 * Context: Any but NMI.
 * Return: false when the cache has no worker for @pool.
 */
bool wp_spawn_adopt(struct workpool *pool)
{
	struct wp_worker *worker = wp_cache_take(pool->node);
	unsigned int id;

	if (!worker)
		return false;
	if (!wp_slot_take(pool, &id)) {
		wp_cache_untake(worker);
		return true;
	}
	wp_slot_fill(pool, worker, id, true);
	wp_mailbox_post(worker, WP_ORDER_ADOPT);
	return true;
}

/* Let the spawner have another turn; a delayed start that is pending stays. */
void wp_spawn_again(struct workpool *pool)
{
	kthread_queue_delayed_work(spawner, &pool->spawn, 0);
}

/* Get threads for all slots that want one. Any context but NMI. */
void wp_spawn_start(struct workpool *pool)
{
	/* Pairs with the writes under the lock. */
	while (READ_ONCE(pool->to_spawn) > 0) {
		if (!wp_spawn_adopt(pool)) {
			wp_spawn_again(pool);
			return;
		}
	}
}

static void spawn_in(struct workpool *pool, unsigned int ms)
{
	kthread_mod_delayed_work(spawner, &pool->spawn, msecs_to_jiffies(ms));
}

/* A start failed: try again, each time after twice as long. */
void wp_spawn_retry(struct workpool *pool)
{
	/* Pairs with the writes under the lock; an old value does no harm. */
	unsigned int failures = min(READ_ONCE(pool->start_failures), 8U);

	spawn_in(pool, min(RETRY_MIN << failures, RETRY_MAX));
}

/*
 * Starts after a crash come at a limited rate: each crash may be an oops, and
 * kernel.oops_limit of them end in a panic.
 */
void wp_spawn_replace(struct workpool *pool)
{
	/* Pairs with the writes under the lock; an old value does no harm. */
	if (READ_ONCE(pool->start_failures))
		wp_spawn_retry(pool);
	else if (__ratelimit(&pool->respawns))
		wp_spawn_start(pool);
	else
		spawn_in(pool, REPLACE_DELAY);
}

/* Process context. May sleep. */
void wp_spawn_cancel(struct workpool *pool)
{
	kthread_cancel_delayed_work_sync(&pool->spawn);
}
