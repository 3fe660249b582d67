// SPDX-License-Identifier: GPL-2.0
/*
 * The spawner: one kernel thread that makes the workers of all pools.
 *
 * Submitters only reserve slots, in whatever context they are. Creating a
 * thread sleeps and allocates, and must not happen in a submitter that holds
 * locks or reclaims memory. A parked worker from the module's cache is adopted
 * on the spot, in any context.
 */

#include "internal.h"

/* First and longest delay before a failed start is tried again, in ms. */
#define RETRY_MIN	10
#define RETRY_MAX	2000

/* Delay of a replacement when workers crash too often, in ms. */
#define REPLACE_DELAY	100

static struct kthread_worker *spawner;

/* Returns false when the cache has no worker for @pool. */
static bool adopt_one(struct workpool *pool)
{
	struct wp_worker *worker = wp_cache_take(pool->node);
	unsigned int id;

	if (!worker)
		return false;
	if (!wp_slot_take(pool, &id)) {
		wp_cache_untake(worker);
		return true;
	}
	wp_slot_attach(pool, worker, id, true);
	wp_mailbox_post(worker, WP_ORDER_ADOPT);
	return true;
}

/* Returns false when no slot is left, or none can get a thread now. */
static bool create_one(struct workpool *pool)
{
	struct wp_worker *worker;
	unsigned int id;

	if (!wp_slot_take(pool, &id))
		return false;
	worker = wp_worker_create(pool, id);
	if (!IS_ERR(worker))
		return true;
	/* This arranges for another try. */
	wp_attach_failed(pool, NULL, PTR_ERR(worker));
	return false;
}

static void spawn_work(struct kthread_work *work)
{
	struct workpool *pool = container_of(work, struct workpool, spawn.work);

	/* Pairs with the writes under the lock: whoever adds comes again. */
	if (READ_ONCE(pool->to_spawn) <= 0 ||
	    (!adopt_one(pool) && !create_one(pool)))
		return;
	/* One at a time: other pools want their turn. */
	if (READ_ONCE(pool->to_spawn) > 0)
		kthread_queue_delayed_work(spawner, &pool->spawn, 0);
}

void wp_spawn_setup(struct workpool *pool)
{
	kthread_init_delayed_work(&pool->spawn, spawn_work);
}

void wp_spawn_cancel(struct workpool *pool)
{
	kthread_cancel_delayed_work_sync(&pool->spawn);
}

/* Any context. While a delayed start is pending, that one is waited for. */
void wp_spawn_start(struct workpool *pool)
{
	/* Pairs with the writes under the lock. */
	while (READ_ONCE(pool->to_spawn) > 0) {
		if (!adopt_one(pool)) {
			kthread_queue_delayed_work(spawner, &pool->spawn, 0);
			return;
		}
	}
}

static void spawn_in(struct workpool *pool, unsigned int ms)
{
	kthread_mod_delayed_work(spawner, &pool->spawn, msecs_to_jiffies(ms));
}

/* A start failed: again, each time after twice as long. */
void wp_spawn_retry(struct workpool *pool)
{
	/* Pairs with the writes under the lock; an old value does no harm. */
	unsigned int failures = min(READ_ONCE(pool->start_failures), 8U);

	spawn_in(pool, min(RETRY_MIN << failures, RETRY_MAX));
}

/* Replacements come at a limited rate: kernel.oops_limit ends in a panic. */
void wp_spawn_replace(struct workpool *pool)
{
	if (READ_ONCE(pool->start_failures))
		wp_spawn_retry(pool);
	else if (__ratelimit(&pool->respawns))
		wp_spawn_start(pool);
	else
		spawn_in(pool, REPLACE_DELAY);
}

int wp_spawn_init(void)
{
	spawner = kthread_create_worker(0, "wp/spawner");
	if (IS_ERR(spawner))
		return PTR_ERR(spawner);
	/* Since 6.14 the thread is created asleep; before, this does nothing. */
	wake_up_process(spawner->task);
	return 0;
}

void wp_spawn_exit(void)
{
	kthread_destroy_worker(spawner);
}
