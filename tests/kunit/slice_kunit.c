// SPDX-License-Identifier: GPL-2.0
/*
 * Slices: what one hold of a pool's lock does at most, however many threads a
 * decision concerns, and that the others get the same afterwards.
 *
 * The work that does the rest is taken away from the pool, and the test does
 * one slice after the other itself. Waiting threads are made up.
 */

#include <linux/overflow.h>
#include <linux/workqueue.h>

#include "core/busy.h"
#include "core/event.h"
#include "core/lock.h"
#include "core/pending.h"
#include "core/pool.h"
#include "core/slot.h"
#include "core/wait.h"
#include "core/walk.h"
#include "core/worker.h"
#include "pool/tune.h"
#include "queue/edge.h"
#include "queue/queue.h"
#include "queue/running.h"
#include "queue/waiter.h"
#include "worker/rest.h"
#include "helpers.h"

#define SLICE	64
#define MANY	(2 * SLICE + 22)	/* waits and tasks */
#define CROWD	(SLICE + 8)		/* threads, which take time to make */

static void do_nothing(struct work_struct *work)
{
}

static void finish_rest(struct wpt *w)
{
	while (wp_rest_slice(w->pools[0]))
		;
}

/* Leaves the pool as it should be, so that its end may be in slices, too. */
static void restore_rest(struct wpt *w)
{
	struct workpool *pool = w->pools[0];

	cancel_work_sync(&pool->rest);
	INIT_WORK(&pool->rest, wp_rest_work);
	finish_rest(w);
}

/* The work of @pool, which is the first of the fixture, does nothing. */
static struct workpool *without_rest(struct wpt *w, struct workpool *pool)
{
	INIT_WORK(&pool->rest, do_nothing);
	w->cleanup = restore_rest;
	return pool;
}

static struct wp_waiter *add_waiters(struct wpt *w, struct workpool *pool,
				     workpool_fn_t fn, void *arg)
{
	struct wp_deferred deferred;
	struct wp_waiter *waiters;
	int i;

	waiters = kunit_kcalloc(w->test, MANY, sizeof(*waiters), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(w->test, waiters);
	wp_pool_lock(pool, &deferred);
	for (i = 0; i < MANY; i++) {
		wp_wait_init(&waiters[i].wait, WP_WAIT_SUBMIT, fn);
		waiters[i].call.kind = WP_CALL;
		waiters[i].call.fn.call = fn;
		waiters[i].call.arg = arg;
		wp_waiter_add_locked(pool, &waiters[i]);
	}
	wp_pool_unlock(pool, &deferred);
	return waiters;
}

static struct wp_wait *new_waits(struct wpt *w)
{
	struct wp_wait *waits;
	int i;

	waits = kunit_kcalloc(w->test, MANY, sizeof(*waits), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(w->test, waits);
	for (i = 0; i < MANY; i++)
		wp_wait_init(&waits[i], WP_WAIT_TASK, NULL);
	return waits;
}

static void add_waits(struct workpool *pool, struct wp_wait *waits,
		      struct list_head *list)
{
	struct wp_deferred deferred;
	int i;

	wp_pool_lock(pool, &deferred);
	for (i = 0; i < MANY; i++)
		wp_wait_add_locked(pool, &waits[i], list);
	wp_pool_unlock(pool, &deferred);
}

static int told(struct wp_wait *waits)
{
	int i, nr = 0;

	for (i = 0; i < MANY; i++)
		nr += completion_done(&waits[i].done);
	return nr;
}

/* A slice at a time is told, and all get @result. */
static void expect_slices(struct kunit *test, struct workpool *pool,
			  struct wp_wait *waits, int result)
{
	int i;

	ASSERT_SOON(test, told(waits) == SLICE);
	KUNIT_EXPECT_TRUE(test, wp_rest_slice(pool));
	KUNIT_EXPECT_EQ(test, told(waits), 2 * SLICE);
	KUNIT_EXPECT_FALSE(test, wp_rest_slice(pool));
	KUNIT_EXPECT_EQ(test, told(waits), MANY);
	for (i = 0; i < MANY; i++)
		KUNIT_EXPECT_EQ(test, waits[i].result, result);
	KUNIT_EXPECT_TRUE(test, list_empty(&pool->decided));
}

/* A release refuses those that wait in slices, and all of them. */
static void release_refuses_in_slices(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = without_rest(w, wpt_create_simple(w, 1));
	struct wp_waiter *waiters;
	int i;

	wpt_fill(w, pool, &w->gates[0]);
	waiters = add_waiters(w, pool, wpt_count, &w->ran);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, workpool_waiting(pool), MANY - SLICE);
	KUNIT_EXPECT_TRUE(test, wp_rest_slice(pool));
	KUNIT_EXPECT_EQ(test, workpool_waiting(pool), MANY - 2 * SLICE);
	KUNIT_EXPECT_FALSE(test, wp_rest_slice(pool));
	KUNIT_EXPECT_EQ(test, workpool_waiting(pool), 0);
	for (i = 0; i < MANY; i++) {
		KUNIT_EXPECT_EQ(test, waiters[i].wait.result, -ESHUTDOWN);
		KUNIT_EXPECT_TRUE(test, completion_done(&waiters[i].wait.done));
	}
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).alive, 1);
}

/*
 * A worker that comes free in between runs none of the calls that the release
 * refuses. The release does not end, and no reboot begins, before the rest did.
 */
static void release_lasts_until_all_are_refused(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = without_rest(w, wpt_create_simple(w, 1));

	wpt_fill(w, pool, &w->gates[0]);
	add_waiters(w, pool, wpt_count, &w->ran);
	workpool_release(pool);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, workpool_running(pool) == 0);
	ASSERT_SOON(test, wpt_stats(pool).alive == 1);
	KUNIT_EXPECT_EQ(test, workpool_reboot(pool), -EBUSY);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, 0), -ETIMEDOUT);
	finish_rest(w);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, 0), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
	KUNIT_EXPECT_EQ(test, workpool_waiting(pool), 0);
	KUNIT_EXPECT_EQ(test, workpool_reboot(pool), 0);
}

/* A worker that looks for work passes a slice of what is not for it. */
static void worker_passes_a_slice(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = without_rest(w, wpt_create_simple(w, 1));
	struct wp_worker *worker = kunit_kzalloc(test, sizeof(*worker),
						 GFP_KERNEL);
	struct wp_deferred deferred;

	KUNIT_ASSERT_NOT_NULL(test, worker);
	wpt_fill(w, pool, &w->gates[0]);
	add_waiters(w, pool, wpt_count, &w->ran);
	workpool_release(pool);
	wp_pool_lock(pool, &deferred);
	KUNIT_EXPECT_FALSE(test, wp_queue_take_locked(pool, worker, &deferred));
	KUNIT_EXPECT_EQ(test, pool->waiting, MANY - 2 * SLICE);
	wp_pool_unlock(pool, &deferred);
	finish_rest(w);
}

/* Growth accepts the calls of those that wait in slices. */
static void growth_serves_in_slices(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = without_rest(w, wpt_create_simple(w, 2 * MANY));
	struct wp_tuning old, one = {
		.mask = WP_TUNE_CAPACITY,
		.capacity = 1,
	};
	struct wp_deferred deferred;
	struct wp_waiter *waiters;
	int i;

	KUNIT_ASSERT_EQ(test, wp_tune_apply(pool, &one, &old), 0);
	wpt_fill(w, pool, &w->gates[0]);
	waiters = add_waiters(w, pool, wpt_count, &w->ran);
	wp_pool_lock(pool, &deferred);
	pool->limit = 2 * MANY;
	wp_queue_balance_locked(pool, &deferred);
	KUNIT_EXPECT_EQ(test, pool->waiting, MANY - SLICE);
	KUNIT_EXPECT_EQ(test, deferred.waits.nr, SLICE);
	KUNIT_EXPECT_TRUE(test, pool->rest_armed);
	wp_pool_unlock(pool, &deferred);
	finish_rest(w);
	KUNIT_EXPECT_EQ(test, workpool_waiting(pool), 0);
	for (i = 0; i < MANY; i++)
		KUNIT_EXPECT_EQ(test, waiters[i].wait.result, 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == MANY);
	wp_pool_lock(pool, &deferred);
	pool->limit = 1;
	wp_pool_unlock(pool, &deferred);
}

static struct workpool *many_idle(struct wpt *w)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(CROWD);

	attrs.min_workers = CROWD;
	attrs.expiry_ms = 3600 * 1000;
	return without_rest(w, wpt_create(w, &attrs));
}

/*
 * A shrink retires idle workers in slices. Those that are left over meanwhile
 * get no call: the capacity holds. Workers that leave do a slice as well, so
 * that it is looked at under the lock.
 */
static void shrink_retires_in_slices(struct kunit *test)
{
	struct wp_call call = { .kind = WP_CALL, .fn.call = wpt_nothing };
	struct wpt *w = test->priv;
	struct workpool *pool = many_idle(w);
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	pool->min_workers = 0;
	pool->capacity = 1;
	pool->limit = 1;
	wp_queue_balance_locked(pool, &deferred);
	KUNIT_EXPECT_EQ(test, pool->running, CROWD - SLICE);
	KUNIT_EXPECT_EQ(test, pool->idle.nr, CROWD - SLICE);
	KUNIT_EXPECT_EQ(test, deferred.leavers.nr, SLICE);
	KUNIT_EXPECT_TRUE(test, pool->rest_armed);
	KUNIT_EXPECT_FALSE(test, wp_queue_hand_off_locked(pool, &call,
							  &deferred));
	wp_pool_unlock(pool, &deferred);
	finish_rest(w);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 1);
	KUNIT_EXPECT_FALSE(test, pool->rest_armed);
	wpt_run(w, pool);
}

/* A release retires idle workers in slices. */
static void release_retires_in_slices(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = many_idle(w);
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	WRITE_ONCE(pool->state, WP_CLOSED);
	wp_queue_balance_locked(pool, &deferred);
	KUNIT_EXPECT_EQ(test, pool->idle.nr, CROWD - SLICE);
	KUNIT_EXPECT_EQ(test, deferred.leavers.nr, SLICE);
	KUNIT_EXPECT_TRUE(test, pool->rest_armed);
	wp_pool_unlock(pool, &deferred);
	finish_rest(w);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), 0);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
}

/* The purge retires a slice of stale workers. */
static void purge_retires_a_slice(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = many_idle(w);
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	pool->min_workers = 0;
	pool->expiry = 0;
	KUNIT_EXPECT_EQ(test, SLICE,
			wp_slot_retire_stale_locked(pool, INT_MAX, &deferred));
	KUNIT_EXPECT_EQ(test, 0,
			wp_slot_retire_stale_locked(pool, INT_MAX, &deferred));
	wp_pool_unlock(pool, &deferred);
	KUNIT_EXPECT_EQ(test, workpool_idle(pool), CROWD - SLICE);
}

/*
 * A slice of idle workers is woken for many tasks, and no slot is reserved
 * while others are idle.
 */
static void search_wakes_a_slice(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = many_idle(w);
	struct wp_deferred deferred;

	KUNIT_ASSERT_EQ(test, workpool_tune(pool, 2 * CROWD), 0);
	wp_pool_lock(pool, &deferred);
	pool->max_searching = CROWD;
	pool->queued += CROWD;
	wp_queue_kick_locked(pool, &deferred);
	/* and the one that is posted first */
	KUNIT_EXPECT_EQ(test, pool->searching, SLICE + 1);
	KUNIT_EXPECT_EQ(test, pool->running, CROWD);
	pool->queued -= CROWD;
	wp_pool_unlock(pool, &deferred);
	EXPECT_SOON(test, workpool_idle(pool) == CROWD);
}

static struct wp_worker *only_worker(struct workpool *pool)
{
	return list_first_entry(&pool->workers, struct wp_worker, attached);
}

/* The end of a task wakes those that flush it in slices. */
static void flushers_are_told_in_slices(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = without_rest(w, wpt_create_simple(w, 1));
	struct wpt_task *t = wpt_task_at_gate(w);
	struct wp_wait *waits = new_waits(w);

	wpt_hold(w, pool, t);
	add_waits(pool, waits, &only_worker(pool)->flushers);
	wpt_open(&t->gate);
	expect_slices(test, pool, waits, 0);
}

/* The first quiet moment wakes those that drain in slices. */
static void drainers_are_told_in_slices(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = without_rest(w, wpt_create_simple(w, 1));
	struct wp_wait *waits = new_waits(w);

	wpt_block(w, pool, &w->gates[0]);
	add_waits(pool, waits, &pool->drainers);
	wpt_open(&w->gates[0]);
	expect_slices(test, pool, waits, 0);
}

/**
 * struct circle - a task waits for a pool, of which a task waits for the first
 * @own: the pool of the first task
 * @other: that of the second one
 * @err: what the first one got
 * @found: what the second one got
 * @ended: tasks that ended
 */
struct circle {
	struct workpool	*own;
	struct workpool	*other;
	int		err;
	int		found;
	atomic_t	ended;
};

static void drain_other(void *arg)
{
	struct circle *circle = arg;

	circle->err = workpool_drain(circle->other, WPT_DEADLINE);
	atomic_inc(&circle->ended);
}

/* Wait for the first task as long as it takes to look for a circle. */
static void close_circle(void *arg)
{
	struct circle *circle = arg;
	struct workpool *pool = circle->own;
	struct wp_wait wait;
	struct wp_edge edge = {
		.kind = WP_EDGE_DRAIN,
		.pool = pool,
		.wait = &wait,
	};
	struct wp_deferred deferred;

	wp_wait_init(&wait, WP_WAIT_DRAIN, NULL);
	wp_pool_lock(pool, &deferred);
	wp_wait_add_locked(pool, &wait, &pool->drainers);
	wp_pool_unlock(pool, &deferred);
	wp_edge_enter(&edge);
	wp_edge_leave(&edge);
	wp_pool_lock(pool, &deferred);
	circle->found = wait.result;
	if (wait.result == -EINPROGRESS)
		wp_wait_remove_locked(pool, &wait);
	wp_pool_unlock(pool, &deferred);
	if (circle->found != -EINPROGRESS)
		wait_for_completion(&wait.done);
	atomic_inc(&circle->ended);
}

/* A wait that is decided, but not told yet, is in no circle of waits. */
static void rest_is_in_no_circle(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = without_rest(w, wpt_create_simple(w, 1));
	struct circle *circle = kunit_kzalloc(test, sizeof(*circle),
					      GFP_KERNEL);
	struct wp_wait *waits = new_waits(w);

	KUNIT_ASSERT_NOT_NULL(test, circle);
	circle->other = pool;
	circle->own = wpt_create_simple(w, 1);
	wpt_block(w, pool, &w->gates[0]);
	add_waits(pool, waits, &pool->drainers);
	KUNIT_ASSERT_EQ(test, 0, workpool_submit(circle->own, drain_other,
						 circle));
	ASSERT_SOON(test, READ_ONCE(only_worker(circle->own)->edge));
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, told(waits) == SLICE);
	KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, close_circle, circle));
	ASSERT_SOON(test, atomic_read(&circle->ended) == 1);
	KUNIT_EXPECT_EQ(test, circle->found, -EINPROGRESS);
	finish_rest(w);
	ASSERT_SOON(test, atomic_read(&circle->ended) == 2);
	KUNIT_EXPECT_EQ(test, circle->err, 0);
	KUNIT_EXPECT_EQ(test, told(waits), MANY);
}

static int fail_at_gate(void *gate)
{
	wpt_pass(gate);
	return -EIO;
}

/* All that wait for a group get its error, also when the group is gone. */
static void group_is_told_in_slices(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = without_rest(w, wpt_create_simple(w, 2));
	struct wp_wait *waits = new_waits(w), *others = new_waits(w);
	struct workpool_group *group;

	group = kunit_kcalloc(test, 2, sizeof(*group), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, group);
	workpool_group_init(&group[0], pool);
	workpool_group_init(&group[1], pool);
	KUNIT_ASSERT_EQ(test, 0, workpool_group_submit(&group[0], fail_at_gate,
						       &w->gates[0]));
	KUNIT_ASSERT_EQ(test, 0, workpool_group_submit(&group[1], fail_at_gate,
						       &w->gates[1]));
	add_waits(pool, waits, &group[0].waiters);
	add_waits(pool, others, &group[1].waiters);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, told(waits) == SLICE);
	KUNIT_EXPECT_TRUE(test, list_empty(&group[0].waiters));
	memset(&group[0], 0x6b, sizeof(group[0]));
	expect_slices(test, pool, waits, -EIO);
	wpt_open(&w->gates[1]);
	expect_slices(test, pool, others, -EIO);
}

/*
 * Threads that flush a task cost other tasks nothing: only the task itself is
 * marked, and all that wait for it are found, and moved, at once.
 */
static void flushers_concern_their_task_only(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wp_flusher flushers[4] = { };
	struct wp_deferred deferred;
	struct wpt_task *tasks[2];
	LIST_HEAD(list);
	int i;

	wpt_tasks(w, tasks, 2);
	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_EQ(test, wpt_delay(pool, tasks[i], 3600 * HZ), 0);
	wp_pool_lock(pool, &deferred);
	for (i = 0; i < 4; i++) {
		flushers[i].task = &tasks[0]->d.task;
		wp_wait_init(&flushers[i].wait, WP_WAIT_TASK, NULL);
		wp_running_add_flusher_locked(pool, &flushers[i]);
	}
	KUNIT_EXPECT_TRUE(test, wp_pending_is_flushed_locked(pool, &tasks[0]->d.task));
	KUNIT_EXPECT_FALSE(test, wp_pending_is_flushed_locked(pool, &tasks[1]->d.task));
	/* the first leaves, then one in between */
	wp_wait_remove_locked(pool, &flushers[0].wait);
	wp_wait_remove_locked(pool, &flushers[2].wait);
	wp_wait_dissolve_locked(pool, &tasks[1]->d.task, &list);
	KUNIT_EXPECT_TRUE(test, list_empty(&list));
	wp_wait_dissolve_locked(pool, &tasks[0]->d.task, &list);
	KUNIT_EXPECT_PTR_EQ(test, list.next, &flushers[1].wait.link);
	KUNIT_EXPECT_PTR_EQ(test, list.prev, &flushers[3].wait.link);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&pool->crowds));
	/* nobody is left: the last one takes the crowd along */
	wp_running_add_flusher_locked(pool, &flushers[0]);
	wp_wait_remove_locked(pool, &flushers[0].wait);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&pool->crowds));
	wp_pool_unlock(pool, &deferred);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, wpt_cancel(tasks[i]), 0);
}

static bool meet_locked(struct workpool *pool, struct wp_worker *worker,
			void *met, struct wp_deferred *deferred)
{
	(*(int *)met)++;
	return true;
}

/* The last one of a slice leaves, and so does the one that comes next. */
static bool meet_and_detach_locked(struct workpool *pool,
				   struct wp_worker *worker, void *met,
				   struct wp_deferred *deferred)
{
	meet_locked(pool, worker, met, deferred);
	if (*(int *)met == SLICE) {
		wp_walk_detach_locked(pool, list_next_entry(worker, attached));
		wp_walk_detach_locked(pool, worker);
	}
	return true;
}

/*
 * A walk meets all workers. One that leaves between two slices does not end it,
 * also if it is the one to be met next.
 */
static void walk_goes_on_when_a_worker_leaves(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = many_idle(w);
	int met = 0;

	wp_walk_workers(pool, meet_locked, &met);
	KUNIT_EXPECT_EQ(test, met, CROWD);
	met = 0;
	wp_walk_workers(pool, meet_and_detach_locked, &met);
	KUNIT_EXPECT_EQ(test, met, CROWD - 1);
	met = 0;
	wp_walk_workers(pool, meet_locked, &met);
	KUNIT_EXPECT_EQ(test, met, CROWD - 2);
	KUNIT_EXPECT_TRUE(test, list_empty(&pool->walks));
}

/* One hold of the lock is for a slice of the workers. */
static void walk_looks_at_a_slice_at_a_time(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = many_idle(w);
	struct wp_walk walk = { .next = NULL };
	struct wp_deferred deferred;
	int met = 0, before;
	bool more;

	do {
		before = met;
		wp_pool_lock(pool, &deferred);
		more = wp_walk_slice_locked(pool, &walk, meet_locked, &met,
					    &deferred);
		wp_pool_unlock(pool, &deferred);
		KUNIT_EXPECT_LE(test, met - before, SLICE);
	} while (more);
	KUNIT_EXPECT_EQ(test, met, CROWD);
}

#define TASKS	4096

/* The longest list of the table when as many tasks run as @capacity allows. */
static int longest_bucket(struct kunit *test, struct workpool *pool)
{
	struct wp_busy *running = pool->busy_workers;
	struct workpool_task *tasks;
	struct wp_worker *workers;
	int i, nr, longest = 0;
	struct hlist_node *node;
	unsigned int at;

	tasks = kvcalloc(TASKS, sizeof(*tasks), GFP_KERNEL);
	workers = kvcalloc(TASKS, sizeof(*workers), GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, tasks && workers);
	for (i = 0; tasks && workers && i < TASKS; i++)
		hlist_add_head(&workers[i].hash,
			       wp_busy_bucket(running, &tasks[i]));
	for (at = 0; at < 1U << running->bits; at++) {
		nr = 0;
		hlist_for_each(node, &running->buckets[at])
			nr++;
		longest = max(longest, nr);
		INIT_HLIST_HEAD(&running->buckets[at]);
	}
	kvfree(workers);
	kvfree(tasks);
	return longest;
}

/*
 * A look-up among the running tasks compares with a few of them only, also when
 * the capacity was raised while tasks ran. These are found throughout.
 */
static void lookup_is_short_at_any_capacity(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *large = wpt_create_simple(w, TASKS);
	struct workpool *grown = wpt_create_simple(w, 2);
	struct wpt_task *t = wpt_task_at_gate(w);

	KUNIT_EXPECT_LE(test, longest_bucket(test, large), 24);
	wpt_hold(w, grown, t);
	KUNIT_ASSERT_EQ(test, workpool_tune(grown, TASKS), 0);
	KUNIT_EXPECT_NULL(test, grown->busy_before);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), -EBUSY);
	wpt_open(&t->gate);
	wpt_settle(w, grown);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), -ENOENT);
	KUNIT_EXPECT_LE(test, longest_bucket(test, grown), 24);
}

static void set_tables(struct workpool *pool, struct wp_busy *busy,
		       struct wp_busy *before)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->busy_workers = busy;
	pool->busy_before = before;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/* A task that runs is found while it is still in the smaller table. */
static void lookup_while_the_table_grows(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wp_busy *busy, *before = pool->busy_workers;
	struct wpt_task *t = wpt_task_at_gate(w);
	int err;

	busy = kunit_kzalloc(test, struct_size(busy, buckets, 1UL << before->bits),
			     GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, busy);
	busy->bits = before->bits;
	wpt_hold(w, pool, t);
	set_tables(pool, busy, before);
	err = wpt_cancel(t);
	set_tables(pool, before, NULL);
	KUNIT_EXPECT_EQ(test, err, -EBUSY);
}

static atomic_t works;

/* Held by a caller that must not sleep. */
static DEFINE_RAW_SPINLOCK(outer);

static void count_work(struct work_struct *work)
{
	atomic_inc(&works);
}

static void set_state(struct workpool *pool, enum wp_state state)
{
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	WRITE_ONCE(pool->state, state);
	wp_pool_unlock(pool, &deferred);
}

/*
 * Threads that wait for an event are told in slices, and do not count as a
 * thread of the pool meanwhile. A caller that must not sleep tells the first of
 * them, too, and takes no lock that sleeps on PREEMPT_RT: a kernel with
 * PROVE_RAW_LOCK_NESTING would complain, which user mode Linux does not have.
 * Here it gives up a boot. A release is no event before no thread is left.
 */
static void events_are_told_in_slices(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = without_rest(w, wpt_create_simple(w, 1));
	struct wp_wait *waits = new_waits(w);
	int at_once, queued;

	INIT_WORK(&pool->rest, count_work);
	atomic_set(&works, 0);
	wpt_block(w, pool, &w->gates[0]);
	add_waits(pool, waits, &pool->events);
	workpool_release(pool);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, told(waits), 0);
	set_state(pool, WP_BOOTING);
	raw_spin_lock_irq(&outer);
	workpool_release(pool);
	at_once = told(waits);
	raw_spin_unlock_irq(&outer);
	flush_work(&pool->rest);
	queued = atomic_read(&works);
	KUNIT_EXPECT_EQ(test, at_once, SLICE);
	KUNIT_EXPECT_EQ(test, queued, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).alive, 1);
	expect_slices(test, pool, waits, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&works), queued);
}

static int call_wait_released(struct wpt_thread *thread)
{
	return workpool_wait_released(thread->pool, thread->timeout);
}

/*
 * A thread that is told looks, and waits again when its event did not come. One
 * whose time is over before it is told is not told any more.
 */
static void told_thread_looks(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = without_rest(w, wpt_create_simple(w, 1));
	struct wpt_thread what = {
		.call = call_wait_released,
		.pool = pool,
		.timeout = WPT_DEADLINE,
	};
	struct wp_deferred deferred;
	struct wpt_thread *thread;

	wpt_block(w, pool, &w->gates[0]);
	workpool_release(pool);
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, !list_empty_careful(&pool->events));
	wp_pool_lock(pool, &deferred);
	wp_event_tell_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
	ASSERT_SOON(test, !list_empty_careful(&pool->events));
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, 1), -ETIMEDOUT);
	wp_pool_lock(pool, &deferred);
	KUNIT_EXPECT_TRUE(test, list_is_singular(&pool->events));
	wp_pool_unlock(pool, &deferred);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&pool->events));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(release_refuses_in_slices),
	KUNIT_CASE(release_lasts_until_all_are_refused),
	KUNIT_CASE(worker_passes_a_slice),
	KUNIT_CASE(growth_serves_in_slices),
	KUNIT_CASE(shrink_retires_in_slices),
	KUNIT_CASE(release_retires_in_slices),
	KUNIT_CASE(purge_retires_a_slice),
	KUNIT_CASE(search_wakes_a_slice),
	KUNIT_CASE(flushers_are_told_in_slices),
	KUNIT_CASE(drainers_are_told_in_slices),
	KUNIT_CASE(rest_is_in_no_circle),
	KUNIT_CASE(group_is_told_in_slices),
	KUNIT_CASE(flushers_concern_their_task_only),
	KUNIT_CASE(events_are_told_in_slices),
	KUNIT_CASE(told_thread_looks),
	KUNIT_CASE(walk_goes_on_when_a_worker_leaves),
	KUNIT_CASE(walk_looks_at_a_slice_at_a_time),
	KUNIT_CASE(lookup_is_short_at_any_capacity),
	KUNIT_CASE(lookup_while_the_table_grows),
	{}
};

WPT_SUITE(slice);
