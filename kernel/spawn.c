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

/* First and longest delay before a failed start is tried again. */
#define SPAWN_DELAY_MIN_MS	10
#define SPAWN_DELAY_MAX_MS	2000

static struct kthread_worker *spawner;

static int spawn_one(struct workpool *pool, unsigned int id)
{
	struct wp_worker *worker = wp_worker_create(pool, id);

	if (!IS_ERR(worker))
		return 0;
	wp_member_start_failed(pool, NULL, PTR_ERR(worker));
	return PTR_ERR(worker);
}

/* After a failure wp_member_start_failed() has arranged for another try. */
static void spawn_work(struct kthread_work *work)
{
	struct workpool *pool = container_of(work, struct workpool, spawn.work);
	unsigned int id;

	while (wp_member_claim(pool, &id))
		if (spawn_one(pool, id))
			return;
}

void wp_spawn_setup(struct workpool *pool)
{
	kthread_init_delayed_work(&pool->spawn, spawn_work);
}

void wp_spawn_cancel(struct workpool *pool)
{
	kthread_cancel_delayed_work_sync(&pool->spawn);
}

/* Returns false when the cache has no worker for @pool. */
static bool adopt_one(struct workpool *pool)
{
	struct wp_worker *worker = wp_cache_take(pool->node);
	unsigned int id;

	if (!worker)
		return false;
	if (!wp_member_claim(pool, &id)) {
		wp_cache_untake(worker);
		return true;
	}
	wp_member_attach(pool, worker, id, true);
	wp_worker_post(worker, WP_ORDER_ADOPT);
	return true;
}

/* Any context. While a delayed start is pending, that one is waited for. */
void wp_spawn_now(struct workpool *pool)
{
	/* Pairs with the writes under the lock; nobody else wakes the spawner. */
	while (READ_ONCE(pool->to_spawn) > 0) {
		if (!adopt_one(pool)) {
			kthread_queue_delayed_work(spawner, &pool->spawn, 0);
			return;
		}
	}
}

/* A start failed or a worker crashed: 10 ms, doubled up to 2 s. */
void wp_spawn_later(struct workpool *pool)
{
	unsigned int failures = min(READ_ONCE(pool->start_failures), 8U);
	unsigned int ms;

	ms = min(SPAWN_DELAY_MIN_MS << failures, SPAWN_DELAY_MAX_MS);
	kthread_mod_delayed_work(spawner, &pool->spawn, msecs_to_jiffies(ms));
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
