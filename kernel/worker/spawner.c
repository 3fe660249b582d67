// SPDX-License-Identifier: GPL-2.0
/*
 * Spawners: what each does when it is a pool's turn. The threads are started,
 * and their turns are set, in core/spawn.c.
 */

#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#include "compat.h"
#include "core/lock.h"
#include "core/pool.h"
#include "core/slot.h"
#include "core/spawn.h"
#include "core/worker.h"
#include "queue/queue.h"
#include "worker/attach.h"
#include "worker/drop.h"
#include "worker/spawner.h"

/*
 * Give back slots that nothing needs any more. Threads are made one by one, and
 * the workers that are up went on meanwhile.
 */
static void spawner_trim(struct workpool *pool)
{
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	wp_queue_trim_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
}

static void create_worker(struct workpool *pool)
{
	unsigned long began = jiffies;
	struct wp_worker *worker;
	struct wp_slot slot;

	spawner_trim(pool);
	if (!wp_slot_take(pool, false, &slot))
		return;
	worker = wp_worker_create(pool, slot.id);
	if (!IS_ERR(worker)) {
		wp_slot_fill(pool, worker, &slot, false);
		wake_up_process(worker->task);
		return;
	}
	/* This arranges for another try. */
	wp_attach_no_thread(pool, &slot, began, PTR_ERR(worker));
	wp_drop_if_hopeless(pool);
}

/* The work of workpool.turns. */
void wp_spawner_work(struct kthread_work *work)
{
	struct wp_spawn_turn *turn = container_of(work, struct wp_spawn_turn,
						  work.work);
	struct workpool *pool = turn->pool;

	/*
	 * Pairs with the writes under the lock: adding a slot queues the work.
	 */
	if (READ_ONCE(pool->to_spawn) > 0 && !wp_spawn_adopt(pool))
		create_worker(pool);
	/* A turn makes one thread: other pools want theirs. */
	if (READ_ONCE(pool->to_spawn) > 0)
		wp_spawn_again(turn);
}
