// SPDX-License-Identifier: GPL-2.0
/*
 * Edges: workers that wait for other workers, and circles of them.
 */

#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "core/lock.h"
#include "core/lockdep.h"
#include "core/module.h"
#include "core/node.h"
#include "core/worker.h"
#include "queue/edge.h"
#include "queue/queue.h"
#include "queue/running.h"
#include "queue/waiter.h"

/**
 * DOC: Circles of waits
 *
 * A worker that waits for a pool, a task or a group is an edge. Edges are kept
 * in one list for all pools. A circle of them is found by elimination: at first
 * each edge is taken for stuck, then each one that something other than a stuck
 * worker can end is not, until nothing changes. What is left waits for ever.
 *
 *	a submit	is stuck while all workers that its pools may have are
 *	a task		while its worker is; a queued one as a submit
 *	a group		while the worker of one member is; if one is queued also
 *			as a submit
 *	a drain		while one worker of the pool is, and so a release
 *
 * An edge that is decided is not stuck, and one decision is never taken back. So
 * all edges that are stuck after a round without a change were undecided when
 * that round began, although they belong to pools with different locks.
 *
 * A worker looks when its wait begins, and the last one of a circle gets
 * -EDEADLK. In nearly all cases the pool that it waits for has a worker that
 * does not wait, and the look ends there. A pool may shrink later: a work looks
 * once a second while any worker waits. A time-out of one of the waits does not
 * count as an end.
 *
 * A chain of more than ROUNDS_MAX pools may take more rounds. Then nothing is
 * certain, and nobody gets an error.
 */

/* The most rounds of one elimination. */
#define ROUNDS_MAX	64

/* Interval at which waits are looked at that began earlier. */
#define LOOK_INTERVAL	HZ

static void look(struct work_struct *work);

/*
 * Protects edges, and what has the letter E. Only wp_edge_enter(),
 * wp_edge_leave() and look() take it, everything else is called with it held.
 */
static DEFINE_MUTEX(edges_lock);
static LIST_HEAD(edges);
static DECLARE_DELAYED_WORK(look_work, look);

static void set_stuck(struct wp_edge *edge, bool stuck)
{
	if (edge->stuck == stuck)
		return;
	edge->stuck = stuck;
	edge->worker->pool->stuck += stuck ? 1 : -1;
}

static bool has_no_result(struct wp_wait *wait)
{
	/* Pairs with the write in wp_wait_complete_locked(). */
	return READ_ONCE(wait->result) == -EINPROGRESS;
}

/* The pool in which the edge waits, or NULL while its task moves to another. */
static struct workpool *pool_of_wait(struct wp_edge *edge)
{
	/* Pairs with the write in wp_running_add_flushers_locked(). */
	return edge->flusher ? READ_ONCE(edge->flusher->pool) : edge->pool;
}

/*
 * Within an RCU section. While the pool has a rest, the wait may be one of
 * those that are decided and do not have their result yet: see "Slices". Such
 * an edge is looked at again later.
 */
static bool is_undecided(struct wp_edge *edge)
{
	struct workpool *pool;

	if (edge->waiters && edge->waiters->claim)
		return atomic_read(&edge->waiters->claim->state) ==
		       WP_CLAIM_OPEN;
	if (!edge->wait)
		return true;
	/* A pool with a wait without a result is not freed within the section. */
	if (!has_no_result(edge->wait))
		return false;
	pool = pool_of_wait(edge);
	/* Pairs with the writes of rest_armed. The results come before. */
	if (pool && smp_load_acquire(&pool->rest_armed))
		return false;
	return has_no_result(edge->wait);
}

/* Are all workers stuck that @pool may have? Or have now, with @now? */
static bool is_pool_stuck(struct workpool *pool, bool now)
{
	int running = READ_ONCE(pool->running);

	/* Pairs with the writes under the lock. */
	return pool->stuck >= (now ? running :
			       max(running, READ_ONCE(pool->limit)));
}

/* A pool that is closed takes no waiter, but its workers may end. */
static bool is_submit_stuck(struct wp_edge *edge)
{
	unsigned int i;

	if (!edge->pools)
		return is_pool_stuck(edge->pool, !wp_pool_is_open(edge->pool));
	for (i = 0; i < edge->nr; i++)
		if (!is_pool_stuck(edge->pools[i],
				   !wp_pool_is_open(edge->pools[i])))
			return false;
	return true;
}

/*
 * The edge of the worker that @edge waits for. Its task may be queued in the
 * pool @queue, or will be. If it runs there, that worker does not wait or is
 * one of those that are stuck, so that the pool adds nothing. A task on its way
 * to another pool is not stuck.
 */
static struct wp_edge *edge_of_task(struct wp_edge *edge,
				    struct workpool **queue)
{
	struct wp_flusher *flusher = edge->flusher;
	/* Pairs with the write in wp_running_add_flushers_locked(). */
	struct workpool *pool = READ_ONCE(flusher->pool);
	struct wp_edge *found = NULL;
	struct wp_worker *worker;
	unsigned long flags;

	*queue = NULL;
	if (!pool)
		return NULL;
	raw_spin_lock_irqsave(&pool->lock, flags);
	if (is_undecided(edge) && flusher->pool == pool) {
		worker = wp_running_find_fn_locked(pool, flusher->task,
						   flusher->wait.fn);
		found = worker ? worker->edge : NULL;
		*queue = pool;
	}
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return found;
}

static bool is_task_stuck(struct wp_edge *edge)
{
	struct workpool *queue;
	struct wp_edge *other = edge_of_task(edge, &queue);

	return (other && other->stuck) ||
	       (queue && is_pool_stuck(queue, false));
}

static bool is_member_queued(struct wp_edge *edge)
{
	struct workpool *pool = edge->pool;
	unsigned long flags;
	bool queued;

	raw_spin_lock_irqsave(&pool->lock, flags);
	queued = is_undecided(edge) && !list_empty(&edge->group->queued);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return queued;
}

/* Does the worker of @edge execute a member of @group? */
static bool is_member(struct wp_edge *edge, struct workpool_group *group)
{
	struct wp_worker *worker = edge->worker;
	struct workpool_node *node;

	/* None of this changes: the worker waits in what it executes. */
	list_for_each_entry(node, &worker->inner, entry)
		if (node->kind == WP_MEMBER &&
		    wp_node_job(node)->call.group == group)
			return true;
	return worker->state == WP_WORKER_BUSY &&
	       worker->call.kind == WP_MEMBER && worker->call.group == group;
}

static bool is_any_member_stuck(struct workpool_group *group)
{
	struct wp_edge *edge;

	list_for_each_entry(edge, &edges, node)
		if (edge->stuck && is_member(edge, group))
			return true;
	return false;
}

/* A pool with an undecided wait is not freed within an RCU section. */
static bool is_stuck_by_pool(struct wp_edge *edge)
{
	switch (edge->kind) {
	case WP_EDGE_SUBMIT:
		return is_submit_stuck(edge);
	case WP_EDGE_TASK:
		return is_task_stuck(edge);
	case WP_EDGE_GROUP:
		return is_member_queued(edge) &&
		       is_pool_stuck(edge->pool, false);
	case WP_EDGE_QUIET:
		return edge->pool->stuck;
	}
	return false;
}

/* Can only stuck workers end the wait? */
static bool is_stuck(struct wp_edge *edge)
{
	bool undecided, stuck;

	rcu_read_lock();
	undecided = is_undecided(edge);
	stuck = undecided && is_stuck_by_pool(edge);
	rcu_read_unlock();
	if (undecided && !stuck && edge->kind == WP_EDGE_GROUP)
		stuck = is_any_member_stuck(edge->group);
	return stuck;
}

static void assume_all_stuck(void)
{
	struct wp_edge *edge;

	list_for_each_entry(edge, &edges, node)
		set_stuck(edge, true);
}

static void assume_none_stuck(void)
{
	struct wp_edge *edge;

	list_for_each_entry(edge, &edges, node)
		set_stuck(edge, false);
}

/* The youngest first: it waits for one that was there before. */
static bool eliminate_once(void)
{
	struct wp_edge *edge;
	bool changed = false;

	list_for_each_entry_reverse(edge, &edges, node) {
		if (edge->stuck && !is_stuck(edge)) {
			set_stuck(edge, false);
			changed = true;
		}
		cond_resched();
	}
	return changed;
}

/* Of the edges that are taken for stuck, leave those that are. */
static void eliminate_locked(void)
{
	int rounds = 0;

	lockdep_assert_held(&edges_lock);
	while (eliminate_once()) {
		if (++rounds == ROUNDS_MAX) {
			assume_none_stuck();
			return;
		}
	}
}

/* The youngest edge in which a worker of @pool is stuck. */
static struct wp_edge *edge_in_pool(struct workpool *pool)
{
	struct wp_edge *edge;

	list_for_each_entry_reverse(edge, &edges, node)
		if (edge->stuck && edge->worker->pool == pool)
			return edge;
	return NULL;
}

/* An edge that @edge, which is stuck, waits for; it is stuck as well. */
static struct wp_edge *follow(struct wp_edge *edge)
{
	struct wp_edge *next = NULL;
	struct workpool *queue;

	rcu_read_lock();
	if (edge->kind == WP_EDGE_QUIET)
		next = edge_in_pool(edge->pool);
	else if (is_undecided(edge))
		next = edge_of_task(edge, &queue);
	rcu_read_unlock();
	return next;
}

/* The first one from @edge on that can get an error, or NULL. */
static struct wp_edge *find_refusable(struct wp_edge *edge)
{
	int steps;

	for (steps = 0; edge && edge->must_wait; steps++)
		edge = steps == ROUNDS_MAX ? NULL : follow(edge);
	return edge;
}

static void refuse_waiter(struct workpool *pool, struct wp_waiter *waiter)
{
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	if (!list_empty(&waiter->node.entry)) {
		if (wp_waiter_win_locked(pool, waiter)) {
			/* With a claim the submitter counts it. */
			pool->counters[WP_COUNT_DEADLOCKS] += !waiter->claim;
			wp_waiter_complete_locked(pool, waiter, -EDEADLK,
						  &deferred);
		}
		wp_queue_balance_locked(pool, &deferred);
	}
	wp_pool_unlock(pool, &deferred);
}

static void refuse_wait(struct wp_edge *edge)
{
	struct wp_flusher *flusher = edge->flusher;
	/* Pairs with the write in wp_running_add_flushers_locked(). */
	struct workpool *pool = flusher ? READ_ONCE(flusher->pool) : edge->pool;
	struct wp_deferred deferred;

	if (!pool)
		return;
	wp_pool_lock(pool, &deferred);
	if (is_undecided(edge) && (!flusher || flusher->pool == pool)) {
		pool->counters[WP_COUNT_DEADLOCKS]++;
		wp_wait_complete_locked(pool, edge->wait, -EDEADLK, &deferred);
	}
	wp_pool_unlock(pool, &deferred);
}

/* The wait of @edge ends with -EDEADLK, unless it was just decided. */
static void refuse(struct wp_edge *edge)
{
	unsigned int i;

	rcu_read_lock();
	if (!is_undecided(edge))
		goto unlock;
	if (edge->pools)
		for (i = 0; i < edge->nr; i++)
			refuse_waiter(edge->pools[i], &edge->waiters[i]);
	else if (edge->waiters)
		refuse_waiter(edge->pool, edge->waiters);
	else
		refuse_wait(edge);
unlock:
	rcu_read_unlock();
}

/* Refuse as many waits as it takes to end that of @edge. */
static void free_edge_locked(struct wp_edge *edge)
{
	struct wp_edge *found;

	lockdep_assert_held(&edges_lock);
	while (edge->stuck) {
		found = find_refusable(edge);
		if (!found)
			return;
		refuse(found);
		set_stuck(found, false);
		eliminate_locked();
	}
}

static void look(struct work_struct *work)
{
	struct wp_edge *edge;

	mutex_lock(&edges_lock);
	eliminate_locked();
	list_for_each_entry_reverse(edge, &edges, node)
		free_edge_locked(edge);
	assume_all_stuck();
	if (!list_empty(&edges))
		queue_delayed_work(wp_workqueue, &look_work, LOOK_INTERVAL);
	mutex_unlock(&edges_lock);
}

/* All workers have ended. */
void wp_edge_exit(void)
{
	cancel_delayed_work_sync(&look_work);
}

/* The worker that runs here, if it keeps a slot of its pool. */
static struct wp_worker *current_with_slot(void)
{
	struct wp_worker *worker = wp_worker_current();

	if (worker && worker->pool && wp_wait_is_nested(worker->pool))
		return worker;
	return NULL;
}

/*
 * Lockdep learns that a task of one pool waits for another pool. Pools of a
 * multi, whose tasks may submit to each other, are not told apart.
 */
static void tell_lockdep(struct wp_edge *edge)
{
	struct workpool *own = edge->worker->pool;

	if (edge->kind != WP_EDGE_SUBMIT && edge->kind != WP_EDGE_GROUP)
		return;
	if (!edge->worker->in_task || edge->pools || edge->pool == own ||
	    (own->multi && edge->pool->multi == own->multi))
		return;
	wp_lockdep_wait_pool(edge->pool);
}

/**
 * wp_edge_enter() - this thread begins to wait
 * @edge: what it waits for
 *
 * If the thread is a worker, and the last one of a circle, its wait is over
 * with -EDEADLK, or with must_wait that of another worker of the circle.
 *
 * Context: Process context. May sleep.
 */
void wp_edge_enter(struct wp_edge *edge)
{
	edge->worker = current_with_slot();
	if (likely(!edge->worker))
		return;
	tell_lockdep(edge);
	mutex_lock(&edges_lock);
	if (list_empty(&edges))
		queue_delayed_work(wp_workqueue, &look_work, LOOK_INTERVAL);
	list_add_tail(&edge->node, &edges);
	edge->worker->edge = edge;
	set_stuck(edge, true);
	if (is_stuck(edge)) {
		eliminate_locked();
		free_edge_locked(edge);
		assume_all_stuck();
	}
	mutex_unlock(&edges_lock);
}
EXPORT_SYMBOL_IF_KUNIT(wp_edge_enter);

/**
 * wp_edge_leave() - this thread ended a wait
 * @edge: as it was given to wp_edge_enter()
 *
 * Context: Process context. May sleep.
 */
void wp_edge_leave(struct wp_edge *edge)
{
	if (likely(!edge->worker))
		return;
	mutex_lock(&edges_lock);
	set_stuck(edge, false);
	edge->worker->edge = NULL;
	list_del(&edge->node);
	mutex_unlock(&edges_lock);
}
EXPORT_SYMBOL_IF_KUNIT(wp_edge_leave);
