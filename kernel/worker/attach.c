// SPDX-License-Identifier: GPL-2.0
/*
 * A worker's dealings with its pool, from the slot reserved for it to the
 * moment it has nothing to do with the pool any more.
 */

#include "internal.h"
#include "trace.h"

/* Take one of the slots for which a thread is wanted. */
bool wp_slot_take(struct workpool *pool, unsigned int *id)
{
	unsigned long flags;
	bool claimed;

	raw_spin_lock_irqsave(&pool->lock, flags);
	claimed = pool->to_spawn > 0;
	if (claimed) {
		WRITE_ONCE(pool->to_spawn, pool->to_spawn - 1);
		*id = pool->next_worker++;
	}
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return claimed;
}

/* The claimed slot gets its worker, which is not running yet. */
void wp_slot_attach(struct workpool *pool, struct wp_worker *worker,
		    unsigned int id, bool adopted)
{
	unsigned long flags;

	wp_pool_get(pool);
	worker->pool = pool;

	raw_spin_lock_irqsave(&pool->lock, flags);
	worker->id = id;
	worker->state = WP_WORKER_STARTING;
	worker->since = jiffies;
	worker->done = 0;
	worker->call = (struct wp_call){};
	worker->rerun = NULL;
	INIT_LIST_HEAD(&worker->flushers);
	list_add_tail(&worker->attached, &pool->workers);
	if (adopted)
		pool->counters.adopted++;
	else
		pool->counters.spawned++;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	trace_workpool_spawn(pool, worker, adopted);
}

/*
 * A start failed. What needs the slot gets another try, later; a pool that
 * boots gives up, and so does a closed one, after some tries.
 */
void wp_attach_failed_locked(struct workpool *pool, int err,
			     struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(pool->start_failures, pool->start_failures + 1);
	if (pool->state == WP_BOOTING) {
		WRITE_ONCE(pool->state, WP_CLOSED);
		pool->boot_error = err;
		wp_slot_retire_idle_locked(pool, INT_MAX, deferred);
		deferred->actions |= WP_DEFER_EVENT;
	}
	wp_drop_check_locked(pool, deferred);
	wp_slot_trim_locked(pool, wp_queue_unneeded_locked(pool), deferred);
	wp_queue_balance_locked(pool, deferred);
	if (pool->to_spawn)
		deferred->actions |= WP_DEFER_RETRY;
}

/*
 * A claimed slot got no worker: no thread could be made, or the worker_init of
 * @worker failed.
 */
void wp_attach_failed(struct workpool *pool, struct wp_worker *worker, int err)
{
	struct wp_deferred deferred;

	pr_warn_ratelimited("pool %s: cannot start a worker: %s: %pe\n",
			    pool->name, worker ? "worker_init" : "thread",
			    ERR_PTR(err));
	wp_pool_lock(pool, &deferred);
	if (worker) {
		list_del_init(&worker->attached);
		pool->counters.init_failures++;
	} else {
		pool->counters.spawn_failures++;
	}
	WRITE_ONCE(pool->to_spawn, pool->to_spawn + 1);
	wp_attach_failed_locked(pool, err, &deferred);
	wp_pool_unlock(pool, &deferred);
}

static void arrive_locked(struct workpool *pool, struct wp_deferred *deferred)
{
	WRITE_ONCE(pool->starting, pool->starting - 1);
	WRITE_ONCE(pool->start_failures, 0);
	if (pool->state == WP_BOOTING && !pool->starting)
		deferred->actions |= WP_DEFER_EVENT;
}

/* Whoever waits for what @worker executed need not any more. */
void wp_queue_end_locked(struct workpool *pool, struct wp_worker *worker,
			 int err, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	if (worker->call.kind == WP_TASK)
		wp_running_end_locked(pool, worker, deferred);
	else if (worker->call.kind == WP_MEMBER)
		wp_member_end_locked(pool, worker->call.group, err, deferred);
}

static void finish_locked(struct workpool *pool, struct wp_worker *worker,
			  struct wp_deferred *deferred)
{
	wp_queue_end_locked(pool, worker, worker->result, deferred);
	if (worker->call.kind == WP_CRASH)
		return;
	worker->done++;
	pool->counters.completed++;
	pool->max_searching = 1;
}

/* The worker is back from what it was doing, and has nothing to do. */
static void come_back_locked(struct workpool *pool, struct wp_worker *worker,
			     struct wp_deferred *deferred)
{
	if (likely(worker->state == WP_WORKER_BUSY)) {
		finish_locked(pool, worker, deferred);
		return;
	}
	if (worker->state == WP_WORKER_SEARCHING) {
		WRITE_ONCE(pool->searching, pool->searching - 1);
		pool->counters.spurious_wakeups += list_empty(&pool->queue);
	} else {
		arrive_locked(pool, deferred);
	}
	pool->max_searching = pool->max_searching < pool->queued ?
				      2 * pool->max_searching :
				      1;
}

static void park_locked(struct workpool *pool, struct wp_worker *worker,
			struct wp_deferred *deferred)
{
	unsigned long now = jiffies;

	worker->state = WP_WORKER_IDLE;
	worker->since = now;
	WRITE_ONCE(worker->order, WP_ORDER_NONE);
	wp_stack_push(&pool->idle, &worker->parked, now);
	if (!pool->purge_armed)
		wp_purge_arm_locked(pool, deferred);
	trace_workpool_park(pool, worker);
	if (unlikely(!list_empty(&pool->drainers)))
		wp_queue_balance_locked(pool, deferred);
}

/* What a worker that is free does next; WP_ORDER_NONE: it was parked. */
static enum wp_order next_locked(struct workpool *pool,
				 struct wp_worker *worker,
				 struct wp_deferred *deferred)
{
	if (likely(pool->running <= pool->limit) && !list_empty(&pool->queue) &&
	    wp_queue_take_locked(pool, worker, deferred)) {
		if (unlikely(pool->waiting || pool->state >= WP_CLOSED))
			wp_queue_balance_locked(pool, deferred);
		else if (pool->queued)
			wp_queue_kick_locked(pool, deferred);
		return WP_ORDER_RUN;
	}
	if (pool->running > pool->limit || pool->state >= WP_CLOSED) {
		wp_slot_retire_locked(pool, worker);
		wp_queue_balance_locked(pool, deferred);
		return WP_ORDER_LEAVE;
	}
	park_locked(pool, worker, deferred);
	return WP_ORDER_NONE;
}

/* One look at the pool. */
static enum wp_order look(struct workpool *pool, struct wp_worker *worker)
{
	struct wp_deferred deferred __uninitialized;
	enum wp_order order;

	wp_pool_lock(pool, &deferred);
	come_back_locked(pool, worker, &deferred);
	order = next_locked(pool, worker, &deferred);
	wp_pool_unlock(pool, &deferred);
	return order;
}

/*
 * The worker, just started or done with a job, waits for the next. Returns
 * false when it is to leave.
 */
bool wp_loop_next(struct workpool *pool, struct wp_worker *worker)
{
	enum wp_order order;

	do {
		order = look(pool, worker);
		if (order != WP_ORDER_NONE) {
			cond_resched();
			continue;
		}
		if (unlikely(pool->multi))
			wp_steal_for(pool);
		order = wp_mailbox_wait(worker, pool->flags);
	} while (order == WP_ORDER_SEARCH);
	return order == WP_ORDER_RUN;
}

/* The retired or dead worker is out of everything that belongs to the pool. */
void wp_attach_leave(struct workpool *pool, struct wp_worker *worker)
{
	struct wp_deferred deferred;

	trace_workpool_exit(pool, worker);
	wp_pool_lock(pool, &deferred);
	list_del_init(&worker->attached);
	wp_slot_put_locked(pool, 1, &deferred);
	wp_queue_balance_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
	wp_pool_put(pool);
}
