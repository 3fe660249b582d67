// SPDX-License-Identifier: GPL-2.0
/*
 * Spawn: how reserved slots get their threads, and when.
 *
 * A parked worker of the module's cache is adopted on the spot, in any context.
 * Making a thread sleeps and allocates, which must not happen in a submitter
 * that holds locks or reclaims memory: a few kernel threads, the spawners, make
 * the workers of all pools. What they do is in worker/spawner.c.
 *
 * The kernel makes a thread in three steps, each of which waits for a CPU:
 * kthreadd forks, the new thread reports, and its maker goes on. On a busy
 * machine that takes long and little of it is work. So a pool that opens, or
 * whose threads are late, see queue/late.c, has a turn with each spawner. Others
 * have one with the first, because a thread that is not made yet may turn out to
 * be of no use.
 *
 * A turn sets itself again. Others are set by what a section deferred. A thread
 * that still does so while wp_spawn_cancel() runs may set a turn once more,
 * which finds no slot. free_work() cancels again after a grace period: then no
 * such thread is left, as the unlock and what it defers are one section of RCU.
 */

#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/moduleparam.h>
#include <linux/stringify.h>

#include "compat.h"
#include "core/cache.h"
#include "core/mailbox.h"
#include "core/pace.h"
#include "core/pool.h"
#include "core/slice.h"
#include "core/slot.h"
#include "core/spawn.h"

/* Only a KUnit test changes it while pools want threads. */
unsigned int wp_spawners = WP_SPAWNERS_MAX;
EXPORT_SYMBOL_IF_KUNIT(wp_spawners);

static int set_spawners(const char *text, const struct kernel_param *param)
{
	return param_set_uint_minmax(text, param, 1, WP_SPAWNERS_MAX);
}

static const struct kernel_param_ops spawners_ops = {
	.set = set_spawners,
	.get = param_get_uint,
};

module_param_cb(spawners, &spawners_ops, &wp_spawners, 0444);
MODULE_PARM_DESC(spawners,
		 "Threads that make the threads of all pools, 1 to "
		 __stringify(WP_SPAWNERS_MAX) " (default "
		 __stringify(WP_SPAWNERS_MAX) ")");

static struct kthread_worker *spawners[WP_SPAWNERS_MAX];
static unsigned int nr_spawners;

int wp_spawn_init(void)
{
	struct kthread_worker *spawner;

	for (nr_spawners = 0; nr_spawners < wp_spawners; nr_spawners++) {
		spawner = kthread_create_worker(0, "wp/spawner/%u",
						nr_spawners);
		if (IS_ERR(spawner)) {
			wp_spawn_exit();
			return PTR_ERR(spawner);
		}
		spawners[nr_spawners] = spawner;
		/*
		 * Since 6.14 the thread is created asleep; before, this does
		 * nothing.
		 */
		wake_up_process(spawner->task);
	}
	return 0;
}

void wp_spawn_exit(void)
{
	while (nr_spawners)
		kthread_destroy_worker(spawners[--nr_spawners]);
}

/* Prepare a new pool; @work makes a thread for one slot. */
void wp_spawn_setup(struct workpool *pool, kthread_work_func_t work)
{
	struct wp_spawn_turn *turn;
	unsigned int i;

	for (i = 0; i < WP_SPAWNERS_MAX; i++) {
		turn = &pool->turns[i];
		kthread_init_delayed_work(&turn->work, work);
		turn->pool = pool;
		turn->index = i;
	}
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
static void set_turn(struct wp_spawn_turn *turn, u64 due)
{
	struct kthread_worker *spawner = spawners[turn->index];
	u64 now = get_jiffies_64();
	unsigned long delay = due > now ? due - now : 0;

	if (timer_pending(&turn->work.timer))
		kthread_mod_delayed_work(spawner, &turn->work, delay);
	else
		kthread_queue_delayed_work(spawner, &turn->work, delay);
}

/*
 * Set a turn again, for as soon as a thread may start. The lock was dropped
 * since: another thread may have found that it is earlier, and have set the turn
 * before this one did.
 */
void wp_spawn_again(struct wp_spawn_turn *turn)
{
	u64 due;

	do {
		due = next_start(turn->pool);
		set_turn(turn, due);
	} while (next_start(turn->pool) < due);
}

/*
 * Set the pool's turn with the first spawner. Set all when its threads are late:
 * that one may be what is late. Set all when it opens, too: then queue/late.c
 * does not look, and the caller waits for each thread.
 */
static void take_turns(struct workpool *pool)
{
	unsigned int nr = 1, i;

	/*
	 * The first two pair with the writes under the lock, the third one with
	 * the write in a KUnit test.
	 */
	if (READ_ONCE(pool->late_looks) || wp_pool_is_booting(pool))
		nr = READ_ONCE(wp_spawners);
	for (i = 0; i < nr; i++)
		wp_spawn_again(&pool->turns[i]);
}

/*
 * Get threads for all slots that want one. Any context but NMI: what is more
 * than a slice is left to the spawners.
 */
void wp_spawn_start(struct workpool *pool)
{
	int nr;

	/* Pairs with the writes under the lock. */
	for (nr = 0; READ_ONCE(pool->to_spawn) > 0; nr++) {
		if (nr == WP_SLICE || !wp_spawn_adopt(pool)) {
			take_turns(pool);
			return;
		}
	}
}

/* Process context. May sleep. */
void wp_spawn_cancel(struct workpool *pool)
{
	int i;

	for (i = 0; i < WP_SPAWNERS_MAX; i++)
		kthread_cancel_delayed_work_sync(&pool->turns[i].work);
}
