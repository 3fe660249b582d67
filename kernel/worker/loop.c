// SPDX-License-Identifier: GPL-2.0
/*
 * The loop: the life of a worker's thread.
 */

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/freezer.h>
#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/task_work.h>

#include "compat.h"
#include "core/busy.h"
#include "core/cache.h"
#include "core/cpus.h"
#include "core/identity.h"
#include "core/lock.h"
#include "core/lockdep.h"
#include "core/mailbox.h"
#include "core/observe.h"
#include "core/ref.h"
#include "core/slot.h"
#include "core/traits.h"
#include "queue/queue.h"
#include "task/parallel.h"
#include "trace.h"
#include "worker/attach.h"
#include "worker/crash.h"
#include "worker/drop.h"
#include "worker/leak.h"
#include "worker/loop.h"
#include "worker/purge.h"
#include "worker/reap.h"
#include "worker/stray.h"

/* A worker that never sleeps looks at its thread after this many tasks. */
#define LOOK_EVERY	64

/*
 * It gives way to other threads after this many. If it did so after each, a
 * submitter that it wakes would come, fill the one free place and sleep again.
 */
#define YIELD_EVERY	16

/**
 * DOC: Life of a worker
 *
 * A spawner makes a thread for a slot that was reserved in a pool, or a
 * parked worker is adopted from the module's cache. In its own thread the
 * worker takes on the pool's scheduling attributes and calls worker_init. Then
 * it takes task after task, parked on the pool's expiry stack in between. It
 * leaves when it is told to, or when it comes back to a pool that shrank or
 * closed: it calls worker_exit, leaves the pool's books and parks in the cache.
 * A thread that does not crash ends only when the cache has no room for it,
 * drops it, or cannot make it like a new one.
 *
 * However the thread ends, by return or in an oops, exit_task_work() calls
 * exit_work() in it, see "Crashes". A worker is freed after the reaper saw its
 * thread end.
 *
 * Two things are reused: the parked thread, which is what makes a pool fast,
 * and the memory of the worker object, which comes from a kmem_cache and lives
 * as long as its thread.
 */

/* Returns the number of locks that are held. */
static __always_inline int begin_task(struct workpool *pool,
				      struct wp_worker *worker)
{
	int locks;

	wp_stray_begin(pool, worker);
	wp_lockdep_begin(pool, worker);
	locks = wp_leak_held_locks();
	wp_observe_start(pool, worker, NULL);
	worker->in_task = true;
	return locks;
}

static __always_inline void end_task(struct workpool *pool,
				     struct wp_worker *worker, void *fn,
				     int locks)
{
	wp_stray_end(worker, fn);
	worker->in_task = false;
	wp_observe_done(pool, worker, NULL);
	wp_leak_end_first(pool, worker, fn, locks);
	wp_lockdep_end(pool, worker);
}

/* Execute wp_worker.call. An embedded task may be gone when it returns. */
static void run_task(struct workpool *pool, struct wp_worker *worker)
{
	struct wp_call *call = &worker->call;
	void *fn = call->fn.any;
	int locks = begin_task(pool, worker);

	switch (call->kind) {
	case WP_TASK:
		call->fn.task(call->arg);
		break;
	case WP_MEMBER_CALL:
		worker->result = call->fn.member_call(call->arg);
		break;
	case WP_MEMBER_TASK:
		worker->result = call->fn.member_task(call->arg);
		break;
	default:
		call->fn.call(call->arg);
		break;
	}
	end_task(pool, worker, fn, locks);
}

/*
 * Execute what follows wp_worker.call. Returns the function that was the last.
 * Not inline: what has no lease needs the registers.
 */
static noinline void *
run_leased(struct workpool *pool, struct wp_worker *worker, void *last)
{
	const struct wp_lease_entry *entry;
	struct workpool_task *task;
	workpool_task_fn_t fn;
	int locks;

	while ((entry = wp_busy_next(worker))) {
		task = entry->task;
		fn = entry->fn;
		locks = begin_task(pool, worker);
		fn(task);
		end_task(pool, worker, fn, locks);
		last = fn;
	}
	return last;
}

/*
 * A worker that never sleeps does now and then what others do before and after
 * they sleep. One that @leaves does it a last time, and looks for allowed
 * signals.
 */
static noinline void
look_at_thread(struct workpool *pool, struct wp_worker *worker, void *last,
	       bool leaves)
{
	if (leaves)
		wp_leak_report_traits(pool, worker, last);
	wp_leak_look(pool, worker, last);
	wp_cpus_check(pool, worker);
}

/*
 * The worker goes on without sleeping. Now and then, and whenever time has
 * passed, other threads get the CPU, and ftrace and bpf a quiescent state.
 * @last: jiffies of the previous yield. Returns the new value.
 */
static __always_inline unsigned long
give_way(struct wp_worker *worker, unsigned long last)
{
	/* Its task was given to it just now. */
	unsigned long now = worker->since;

	/* Pairs with the write in wp_busy_recall_slow_locked(). */
	u64 done = READ_ONCE(worker->done);

	if (likely(now == last && done - worker->yielded < YIELD_EVERY))
		return last;
	worker->yielded = done;
	rcu_tasks_classic_qs(current, false);
	cond_resched();
	return now;
}

/*
 * The worker comes back to the lock after one or more tasks. If that took less
 * than a jiffy it takes more of them at once next time.
 */
static void end_lease_locked(struct workpool *pool, struct wp_worker *worker)
{
	struct wp_lease *lease = &worker->lease;
	unsigned long now = jiffies;

	lockdep_assert_held(&pool->lock);
	if (pool->lessee == worker)
		wp_busy_recall_locked(pool);
	atomic_set(&lease->word, 0);
	if (worker->since != now)
		lease->quota = 1;
	else if (lease->quota < WP_LEASE_MAX)
		lease->quota *= 2;
}

/* The worker ended a task. */
static void loop_finish_locked(struct workpool *pool, struct wp_worker *worker,
			       struct wp_deferred *deferred)
{
	if (worker->call.kind == WP_TASK)
		end_lease_locked(pool, worker);
	wp_queue_end_locked(pool, worker, worker->result, deferred);
	if (worker->call.kind == WP_CRASH)
		return;
	WRITE_ONCE(worker->done, worker->done + 1);
	pool->counters[WP_COUNT_COMPLETED]++;
	pool->max_searching = 1;
}

/* The worker comes to look at the queue without having had a task. */
static void loop_arrive_locked(struct workpool *pool, struct wp_worker *worker,
			       struct wp_deferred *deferred)
{
	if (worker->state == WP_WORKER_SEARCHING) {
		WRITE_ONCE(pool->searching, pool->searching - 1);
		pool->counters[WP_COUNT_SPURIOUS_WAKEUPS] +=
			list_empty(&pool->queue);
	} else {
		wp_attach_up_locked(pool, worker, deferred);
		if (pool->idle.nr)
			wp_purge_arm_locked(pool, deferred);
	}
	if (pool->max_searching < pool->queued)
		pool->max_searching *= 2;
	else
		pool->max_searching = 1;
}

/*
 * The worker has nothing of the queue, which is not empty: what it looked at was
 * for others, or it freezes first.
 */
static void look_again_locked(struct workpool *pool, struct wp_worker *worker,
			      struct wp_deferred *deferred)
{
	worker->state = WP_WORKER_SEARCHING;
	worker->since = jiffies;
	WRITE_ONCE(pool->searching, pool->searching + 1);
	wp_queue_balance_locked(pool, deferred);
}

static void loop_park_locked(struct workpool *pool, struct wp_worker *worker,
			     struct wp_deferred *deferred)
{
	u64 now = get_jiffies_64();

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

/*
 * A worker takes nothing before it freezes: what is in the queue can still be
 * cancelled, by a thread that does not freeze.
 */
static bool must_freeze(struct workpool *pool)
{
	return unlikely(pool->flags & WORKPOOL_F_FREEZABLE) && freezing(current);
}

/*
 * Account for what the worker did, and find out what it does next:
 * WP_ORDER_RUN: wp_worker.call; WP_ORDER_LEAVE: it is retired; WP_ORDER_SEARCH:
 * the same again; WP_ORDER_NONE: it is parked.
 */
static enum wp_order next_order(struct workpool *pool, struct wp_worker *worker)
{
	struct wp_deferred deferred __uninitialized;
	enum wp_order order;
	bool busy;

	wp_pool_lock_loose(pool, &deferred);
	busy = worker->state == WP_WORKER_BUSY;
	if (likely(busy))
		loop_finish_locked(pool, worker, &deferred);
	/* What another worker has leased comes before all that is queued. */
	wp_busy_recall_locked(pool);
	if (unlikely(!busy))
		loop_arrive_locked(pool, worker, &deferred);

	if (!wp_slot_has_surplus_locked(pool) && !list_empty(&pool->queue) &&
	    !must_freeze(pool) &&
	    wp_queue_take_locked(pool, worker, &deferred)) {
		if (unlikely(pool->waiting || wp_pool_is_closed(pool)))
			wp_queue_balance_locked(pool, &deferred);
		else if (pool->queued)
			wp_queue_kick_locked(pool, &deferred);
		order = WP_ORDER_RUN;
	} else if (wp_slot_has_surplus_locked(pool) ||
		   (wp_pool_is_closed(pool) && list_empty(&pool->queue))) {
		wp_slot_retire_locked(pool, worker);
		wp_queue_balance_locked(pool, &deferred);
		order = WP_ORDER_LEAVE;
	} else if (unlikely(!list_empty(&pool->queue))) {
		look_again_locked(pool, worker, &deferred);
		order = WP_ORDER_SEARCH;
	} else {
		loop_park_locked(pool, worker, &deferred);
		order = WP_ORDER_NONE;
	}
	wp_pool_unlock(pool, &deferred);
	return order;
}

/*
 * Look until there is an order to run something or to leave. In between the
 * worker may be parked. @last: the function that it executed last.
 */
static __always_inline enum wp_order find_order(struct workpool *pool,
						struct wp_worker *worker,
						void *last,
						unsigned long *gave_way)
{
	enum wp_order order;

	do {
		order = next_order(pool, worker);
		if (unlikely(order == WP_ORDER_SEARCH)) {
			if (pool->flags & WORKPOOL_F_FREEZABLE)
				try_to_freeze();
			cond_resched();
		} else if (order != WP_ORDER_NONE) {
			*gave_way = give_way(worker, *gave_way);
		} else {
			if (unlikely(pool->on_park))
				pool->on_park(pool);
			wp_leak_look(pool, worker, last);
			order = wp_mailbox_wait(worker, pool->flags);
			wp_cpus_check(pool, worker);
		}
	} while (order == WP_ORDER_SEARCH);
	return order;
}

/* Run what is found, until the order is to leave. */
static void run_tasks(struct workpool *pool, struct wp_worker *worker)
{
	unsigned long gave_way = jiffies;
	enum wp_order order;
	void *last = NULL;

	for (;;) {
		order = find_order(pool, worker, last, &gave_way);
		if (unlikely(order != WP_ORDER_RUN ||
			     READ_ONCE(worker->done) - worker->looked >=
			     LOOK_EVERY))
			look_at_thread(pool, worker, last,
				       order != WP_ORDER_RUN);
		if (order != WP_ORDER_RUN)
			return;
		last = worker->call.fn.any;
		if (worker->call.kind == WP_CRASH) {
			last = pool->ops.crash;
			wp_crash_report(pool, worker->call.arg);
		} else {
			run_task(pool, worker);
			if (wp_lease_is_open(&worker->lease))
				last = run_leased(pool, worker, last);
		}
	}
}

static int call_worker_init(struct workpool *pool, struct wp_worker *worker)
{
	struct wp_leak before = wp_leak_begin();
	int err;

	worker->data = NULL;
	if (!pool->ops.worker_init)
		return 0;
	wp_stray_begin(pool, worker);
	err = pool->ops.worker_init(pool, &worker->data);
	wp_stray_end(worker, pool->ops.worker_init);
	wp_leak_end_callback(pool, pool->ops.worker_init, &before);
	/* ERR_PTR() of something else would be taken for a pool. */
	return err && !IS_ERR_VALUE((long)err) ? -EINVAL : err;
}

static void call_worker_exit(struct workpool *pool, struct wp_worker *worker)
{
	struct wp_leak before = wp_leak_begin();

	worker->initialized = false;
	if (!pool->ops.worker_exit)
		return;
	wp_stray_begin(pool, worker);
	pool->ops.worker_exit(pool, worker->data);
	wp_stray_end(worker, pool->ops.worker_exit);
	wp_leak_end_callback(pool, pool->ops.worker_exit, &before);
}

/* Serve wp_worker.pool until the worker leaves it. */
static void serve_pool(struct wp_worker *worker)
{
	struct workpool *pool = worker->pool;
	int err;

	wp_identity_apply(pool, worker);
	err = call_worker_init(pool, worker);
	if (err) {
		wp_attach_failed(pool, worker, err);
		wp_drop_if_hopeless(pool);
		worker->pool = NULL;
		wp_pool_put(pool);
		return;
	}
	worker->initialized = true;
	wp_traits_save(&worker->traits, pool->ops.worker_init);
	worker->looked = 0;
	worker->yielded = 0;

	run_tasks(pool, worker);

	call_worker_exit(pool, worker);
	worker->pool = NULL;
	wp_attach_leave(pool, worker);
}

/* The task work of each worker: runs in its thread, late in do_exit(). */
static void exit_work(struct callback_head *head)
{
	struct wp_worker *worker = container_of(head, struct wp_worker,
						exit_work);
	struct workpool *pool = worker->pool;
	bool exit_due = worker->initialized;

	wp_leak_end_dead(worker);
	if (worker->in_task)
		wp_lockdep_end(pool, worker);
	worker->in_task = false;	/* worker_exit is no task */
	if (pool) {
		wp_crash_record(pool, worker);
		wp_parallel_abandon(pool, worker);
		/*
		 * This precedes the end of the slot: the next worker would
		 * execute what is queued for a group on the stack.
		 */
		wp_stray_detach(worker);
	}
	if (pool && wp_crash_account(pool, worker))
		wp_drop_if_hopeless(pool);
	/*
	 * The reaper waits for exit_state: it frees the worker after we are
	 * done, or after a crash in worker_exit ended this thread for good.
	 */
	worker->initialized = false;
	wp_reap_worker(worker);
	if (exit_due) {
		call_worker_exit(pool, worker);
		wp_leak_end_dead(worker);
	}
}

/* What a worker's thread executes: it serves one pool after the other. */
int wp_loop_thread(void *data)
{
	struct wp_worker *worker = data;

	worker->cred = current_cred();
	init_task_work(&worker->exit_work, exit_work);
	if (WARN_ON(task_work_add(current, &worker->exit_work, TWA_NONE)))
		return -ESRCH;
	do {
		serve_pool(worker);
	} while (wp_cache_park(worker) == WP_ORDER_ADOPT);
	return 0;
}
