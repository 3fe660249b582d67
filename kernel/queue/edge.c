// SPDX-License-Identifier: GPL-2.0
/*
 * Edges: workers that wait for other workers, and circles of them. This is
 * where a deadlock is found, and -EDEADLK comes from.
 */

#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "core/lock.h"
#include "core/lockdep.h"
#include "core/module.h"
#include "core/node.h"
#include "core/slice.h"
#include "core/worker.h"
#include "queue/edge.h"
#include "queue/member.h"
#include "queue/queue.h"
#include "queue/running.h"
#include "queue/waiter.h"

/**
 * DOC: Circles of waits
 *
 * A worker that waits for a pool, a task or a group is an edge. Edges are kept
 * in one list for all pools. Those that wait for ever are found by elimination:
 * at first each edge is taken for stuck, then each one that something other
 * than a stuck worker can end is not, until nothing changes.
 *
 *	a submit	is stuck while all workers that its pools may have are
 *	a task		while its worker is; a queued one as a submit
 *	a group		while the worker of one member is; if one is queued also
 *			as a submit, or while its worker is if it runs as well
 *	a drain		while the worker of one task is; if something is queued
 *			also as a submit
 *	a flush		while the worker of one task of its colors is; or as a
 *			submit
 *	a release	while one thread of the pool is
 *
 * An edge that is decided is not stuck, and no decision is taken back. So all
 * edges that are stuck after a round without a change were undecided when that
 * round began, although they belong to pools with different locks.
 *
 * Not all of them are part of a circle. Others wait behind it, and end when it
 * is broken. To find the one that gets -EDEADLK, the youngest are left out, as
 * if they had got the error, and the elimination is repeated. What is still
 * stuck without them is a circle that they have no part in. When nothing is
 * stuck without one more, all that was stuck waited for that one, also what it
 * waits for itself. A bisection finds how many are to be left out.
 *
 * A worker looks when its wait begins, and the last one of a circle gets
 * -EDEADLK. In nearly all cases the pool that it waits for has a worker that
 * does not wait, and the look ends there. A pool may shrink later: a work looks
 * once a second while any worker waits. That a wait may time out or be killed
 * does not count.
 *
 * A round takes a step for each edge, in turns from the youngest and from the
 * oldest, as a chain of waits is in one of these orders as a rule. One that
 * changes its direction more than ROUNDS_MAX times may take more rounds. Then
 * nothing is certain, and nobody gets an error.
 */

/* The most rounds of one elimination. */
#define ROUNDS_MAX	64

/* The most waits of a circle that the log names. */
#define LOGGED_MAX	16

/* Interval at which waits are looked at that began earlier. */
#define LOOK_INTERVAL	HZ

static void edge_look(struct work_struct *work);

/*
 * Protects edges, and what has the letter E. wp_edge_enter(), wp_edge_leave()
 * and edge_look() take it.
 */
static DEFINE_MUTEX(edges_lock);
static LIST_HEAD(edges);
static bool unsure;	/* E: a wait was met that may be decided */
static DECLARE_DELAYED_WORK(look_work, edge_look);

/* @call, which has @mark, is executed by a worker of @pool. */
static void add_to_call_locked(struct workpool *pool, struct wp_call *call,
			       u8 mark, int nr)
{
	pool->stuck_colors[mark] += nr;
	/* It is dead, or NULL, when it died with its stack: worker/stray.c. */
	if (call->group && !wp_member_is_dead_locked(pool, call->group))
		call->group->stuck += nr;
}

/* Count what the worker of @edge executes, by color and in its groups. */
static void add_to_calls(struct wp_edge *edge, int nr)
{
	struct wp_worker *worker = edge->worker;
	struct workpool *pool = worker->pool;
	struct workpool_node *node;
	unsigned long flags;

	lockdep_assert_held(&edges_lock);
	if (edge->holds != WP_HOLDS_TASK)
		return;
	/* Nothing of it changes: the worker waits in what it executes. */
	wp_pool_lock_irqsave(pool, &flags);
	add_to_call_locked(pool, &worker->call, worker->color, nr);
	list_for_each_entry(node, &worker->inner, entry)
		if (node->kind == WP_MEMBER_CALL)
			add_to_call_locked(pool, &wp_node_job(node)->call,
					   node->color, nr);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

static void set_stuck(struct wp_edge *edge, bool stuck)
{
	int nr = stuck ? 1 : -1;
	int i;

	lockdep_assert_held(&edges_lock);
	if (edge->stuck == stuck)
		return;
	edge->stuck = stuck;
	for (i = 0; i <= edge->holds; i++)
		edge->worker->pool->stuck[i] += nr;
	add_to_calls(edge, nr);
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

	lockdep_assert_held(&edges_lock);
	if (edge->kind == WP_EDGE_RELEASE)
		return !wp_pool_release_ended(edge->pool);
	if (edge->waiters && edge->waiters->claim)
		return atomic_read(&edge->waiters->claim->state) ==
		       WP_CLAIM_OPEN;
	/* A pool with a wait without a result is not freed within the section. */
	if (!has_no_result(edge->wait))
		return false;
	pool = pool_of_wait(edge);
	/* Pairs with the writes of rest_armed. The results come before. */
	if (pool && smp_load_acquire(&pool->rest_armed)) {
		unsure = true;
		return false;
	}
	return has_no_result(edge->wait);
}

/*
 * Are all workers stuck that @pool may have? Or have now, with @now? A pool
 * that is paused may have none, but will when it is resumed.
 */
static bool is_pool_stuck(struct workpool *pool, bool now)
{
	/* Pairs with the writes under the lock. */
	int running = READ_ONCE(pool->running);
	int limit = READ_ONCE(pool->limit);

	lockdep_assert_held(&edges_lock);
	return limit && pool->stuck[WP_HOLDS_SLOT] >=
			(now ? running : max(running, limit));
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
 * one of those that are stuck, so the state of the pool does not matter. A task
 * on its way to another pool is not stuck.
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

	lockdep_assert_held(&edges_lock);
	*queue = NULL;
	if (!pool)
		return NULL;
	wp_pool_lock_irqsave(pool, &flags);
	if (is_undecided(edge) && flusher->pool == pool) {
		worker = wp_busy_find_fn_locked(pool, flusher->task,
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

static bool has_queued_locked(struct workpool *pool,
			      struct workpool_group *group)
{
	lockdep_assert_held(&pool->lock);
	return !list_empty(&group->queued) || !list_empty(&group->embedded);
}

/*
 * Is a queued member executed by a stuck worker, perhaps for another group, so
 * that it waits for that one? It looks at a slice of those that were queued
 * first. They stay the first while they are stuck.
 */
static bool is_rerun_stuck_locked(struct workpool *pool,
				  struct workpool_group *group)
{
	struct workpool_member *member;
	struct wp_worker *worker;
	int nr = 0;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry(member, &group->embedded, link) {
		if (nr++ == WP_SLICE)
			return false;
		if (member->task.node.kind != WP_RERUN)
			continue;
		worker = wp_busy_find_locked(pool, &member->task);
		if (worker->edge && worker->edge->stuck)
			return true;
	}
	return false;
}

/* Members that are queued while workpool_group_cancel() runs do not count. */
static bool is_group_stuck(struct wp_edge *edge)
{
	struct workpool_group *group = edge->group;
	struct workpool *pool = edge->pool;
	bool queued = false, stuck = false;
	unsigned long flags;

	wp_pool_lock_irqsave(pool, &flags);
	if (is_undecided(edge)) {
		queued = has_queued_locked(pool, group) && !group->cancelled;
		stuck = group->stuck ||
			(queued && is_rerun_stuck_locked(pool, group));
	}
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return stuck || (queued && is_pool_stuck(pool, false));
}

static bool is_drain_stuck(struct workpool *pool)
{
	/* Pairs with the writes under the lock. */
	bool queued = READ_ONCE(pool->queued) || READ_ONCE(pool->waiting);

	return pool->stuck[WP_HOLDS_TASK] ||
	       (queued && is_pool_stuck(pool, false));
}

/*
 * What has not left is executed by a worker, or another one has to take it. It
 * is not stuck while a task moves to another pool: that may be all.
 */
static bool is_flush_stuck(struct wp_edge *edge)
{
	struct workpool *pool = edge->pool;
	bool undecided, stuck = false;
	unsigned long flags;
	unsigned int i;

	wp_pool_lock_irqsave(pool, &flags);
	undecided = is_undecided(edge) && !pool->nr_moving;
	if (undecided)
		for (i = pool->oldest_color; (int)(edge->color - i) >= 0; i++)
			stuck |= pool->stuck_colors[i % WP_NR_COLORS] > 0;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return undecided && (stuck || is_pool_stuck(pool, false));
}

static bool is_stuck_if_undecided(struct wp_edge *edge)
{
	switch (edge->kind) {
	case WP_EDGE_SUBMIT:
		return is_submit_stuck(edge);
	case WP_EDGE_TASK:
		return is_task_stuck(edge);
	case WP_EDGE_GROUP:
		return is_group_stuck(edge);
	case WP_EDGE_DRAIN:
		return is_drain_stuck(edge->pool);
	case WP_EDGE_FLUSH:
		return is_flush_stuck(edge);
	case WP_EDGE_RELEASE:
		return edge->pool->stuck[WP_HOLDS_THREAD];
	}
	return false;
}

/*
 * Can only stuck workers end the wait? A pool with an undecided wait is not
 * freed within an RCU section.
 */
static bool is_stuck(struct wp_edge *edge)
{
	bool stuck;

	lockdep_assert_held(&edges_lock);
	rcu_read_lock();
	stuck = is_undecided(edge) && is_stuck_if_undecided(edge);
	rcu_read_unlock();
	return stuck;
}

static void assume_all_stuck(void)
{
	struct wp_edge *edge;

	lockdep_assert_held(&edges_lock);
	list_for_each_entry(edge, &edges, node) {
		set_stuck(edge, true);
		cond_resched();
	}
}

static void assume_none_stuck(void)
{
	struct wp_edge *edge;

	lockdep_assert_held(&edges_lock);
	list_for_each_entry(edge, &edges, node) {
		set_stuck(edge, false);
		cond_resched();
	}
}

/* Returns true when @edge was taken for stuck, and is not. */
static bool eliminate_edge(struct wp_edge *edge)
{
	cond_resched();
	if (!edge->stuck || is_stuck(edge))
		return false;
	set_stuck(edge, false);
	return true;
}

static bool eliminate_once(bool oldest_first)
{
	struct wp_edge *edge;
	bool changed = false;

	lockdep_assert_held(&edges_lock);
	if (oldest_first)
		list_for_each_entry(edge, &edges, node)
			changed |= eliminate_edge(edge);
	else
		list_for_each_entry_reverse(edge, &edges, node)
			changed |= eliminate_edge(edge);
	return changed;
}

/*
 * Of the edges that are taken for stuck, leave those that are. Returns false
 * when it left too few: some waits may be decided, or it would take too long.
 */
static bool edge_eliminate(void)
{
	int rounds;

	lockdep_assert_held(&edges_lock);
	unsure = false;
	for (rounds = 0; rounds < ROUNDS_MAX; rounds++)
		if (!eliminate_once(rounds % 2))
			return !unsure;
	assume_none_stuck();
	return false;
}

/* Find all edges that are stuck. Returns how many may get an error. */
static int find_suspects(void)
{
	struct wp_edge *edge;
	int nr = 0;

	lockdep_assert_held(&edges_lock);
	edge_eliminate();
	list_for_each_entry(edge, &edges, node) {
		edge->suspect = edge->stuck;
		nr += edge->suspect && !edge->must_wait;
		cond_resched();
	}
	return nr;
}

/*
 * Find what is stuck without the @nr youngest suspects that may get an error.
 * Returns true if one that may get an error is, or if that is not certain.
 */
static bool eliminate_without(int nr)
{
	struct wp_edge *edge;

	lockdep_assert_held(&edges_lock);
	list_for_each_entry_reverse(edge, &edges, node) {
		set_stuck(edge, edge->suspect && (edge->must_wait || nr <= 0));
		nr -= edge->suspect && !edge->must_wait;
		cond_resched();
	}
	if (!edge_eliminate())
		return true;
	list_for_each_entry(edge, &edges, node) {
		if (edge->stuck && !edge->must_wait)
			return true;
		cond_resched();
	}
	return false;
}

/* The youngest suspect that may get an error, but for @nr younger ones. */
static struct wp_edge *nth_suspect(int nr)
{
	struct wp_edge *edge;

	lockdep_assert_held(&edges_lock);
	list_for_each_entry_reverse(edge, &edges, node) {
		if (edge->suspect && !edge->must_wait && !nr--)
			return edge;
		cond_resched();
	}
	return NULL;
}

/*
 * The youngest edge of a circle, or NULL. Without the few youngest suspects
 * something is stuck, without the many youngest nothing is. In the end these
 * differ by one, and in nearly all cases that is the youngest of all: so one is
 * tried first, and only then the middle.
 */
static struct wp_edge *find_refusable(void)
{
	int many = find_suspects();
	int few = 0, nr = 1;
	struct wp_edge *edge;

	lockdep_assert_held(&edges_lock);
	if (!many)
		return NULL;
	while (many - few > 1) {
		if (eliminate_without(nr))
			few = nr;
		else
			many = nr;
		nr = (few + many) / 2;
	}
	/* Waits may have ended meanwhile, and broken the circle. */
	eliminate_without(few);
	edge = nth_suspect(few);
	return edge->stuck ? edge : NULL;
}

static void refuse_waiter(struct workpool *pool, struct wp_waiter *waiter)
{
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	if (!list_empty(&waiter->node.entry)) {
		if (wp_waiter_win_locked(pool, waiter)) {
			/* With a claim the submitter counts it. */
			pool->counters[WP_COUNT_DEADLOCKS] += !waiter->claim;
			wp_waiter_deny_locked(pool, waiter, -EDEADLK,
					      &deferred);
		}
		wp_queue_balance_locked(pool, &deferred);
	}
	wp_pool_unlock(pool, &deferred);
}

static void refuse_wait(struct wp_edge *edge)
{
	struct wp_flusher *flusher = edge->flusher;
	struct workpool *pool = pool_of_wait(edge);
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

/* The function that the worker of @edge executes. */
static void *waiting_fn(struct wp_edge *edge)
{
	struct wp_worker *worker = edge->worker;

	switch (edge->holds) {
	case WP_HOLDS_TASK:
		if (worker->call.kind == WP_CRASH)
			return worker->pool->ops.crash;
		return wp_worker_own_fn(worker);
	case WP_HOLDS_SLOT:
		return worker->pool->ops.worker_init;
	default:
		return worker->pool->ops.worker_exit;
	}
}

/* Returns false if @edge is decided. Otherwise see is_stuck() for its pool. */
static bool log_edge(struct wp_edge *edge, const char *how)
{
	static const char *const kinds[] = {
		[WP_EDGE_SUBMIT]	= "a worker",
		[WP_EDGE_TASK]		= "a task",
		[WP_EDGE_GROUP]		= "a group",
		[WP_EDGE_DRAIN]		= "the drain",
		[WP_EDGE_FLUSH]		= "the flush",
		[WP_EDGE_RELEASE]	= "the release",
	};
	struct workpool *pool;
	bool undecided;

	lockdep_assert_held(&edges_lock);
	rcu_read_lock();
	undecided = is_undecided(edge);
	pool = edge->pools ? edge->pools[edge->nr - 1] : pool_of_wait(edge);
	if (undecided)
		pr_debug("pool %s: %ps %s for %s of pool %s%s\n",
			 edge->worker->pool->name, waiting_fn(edge), how,
			 kinds[edge->kind], pool ? pool->name : "(on its way)",
			 edge->pools ? " or its siblings" : "");
	rcu_read_unlock();
	return undecided;
}

/* What is stuck beside @refused is the rest of its circle, or waits for that. */
static void log_circle(struct wp_edge *refused)
{
	struct wp_edge *edge;
	int nr = 0;

	lockdep_assert_held(&edges_lock);
	log_edge(refused, "gets -EDEADLK, as it would wait");
	list_for_each_entry(edge, &edges, node) {
		cond_resched();
		if (edge == refused || !edge->stuck || !log_edge(edge, "waits"))
			continue;
		if (++nr == LOGGED_MAX)
			break;
	}
}

/* The wait of @edge ends with -EDEADLK, unless it was just decided. */
static void edge_refuse(struct wp_edge *edge)
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

/* Break one circle. Returns false when there is none. */
static bool break_circle(void)
{
	struct wp_edge *edge = find_refusable();

	lockdep_assert_held(&edges_lock);
	if (edge) {
		log_circle(edge);
		edge_refuse(edge);
	}
	/* This is the state between two looks. */
	assume_all_stuck();
	return edge;
}

/* One circle at a time, as those that begin or end a wait need the lock. */
static void edge_look(struct work_struct *work)
{
	bool again;

	mutex_lock(&edges_lock);
	again = break_circle();
	if (!list_empty(&edges))
		queue_delayed_work(wp_workqueue, &look_work,
				   again ? 0 : LOOK_INTERVAL);
	mutex_unlock(&edges_lock);
}

/* All workers have ended. */
void wp_edge_exit(void)
{
	cancel_delayed_work_sync(&look_work);
}

/* The worker that runs here, if it serves a pool. */
static struct wp_worker *current_in_pool(void)
{
	struct wp_worker *worker = wp_worker_current();

	return worker && worker->pool ? worker : NULL;
}

static enum wp_holds what_holds(struct wp_worker *worker)
{
	/* None of them changes while its thread waits. */
	switch (worker->state) {
	case WP_WORKER_BUSY:
		return WP_HOLDS_TASK;
	case WP_WORKER_STARTING:
		return WP_HOLDS_SLOT;
	default:
		return WP_HOLDS_THREAD;
	}
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
 * If the thread is a worker, and the last one of a circle, its wait ends with
 * -EDEADLK; with must_wait another wait of the circle does.
 *
 * Context: Process context. May sleep.
 */
void wp_edge_enter(struct wp_edge *edge)
{
	edge->worker = current_in_pool();
	if (likely(!edge->worker))
		return;
	edge->holds = what_holds(edge->worker);
	tell_lockdep(edge);
	mutex_lock(&edges_lock);
	if (list_empty(&edges))
		queue_delayed_work(wp_workqueue, &look_work, LOOK_INTERVAL);
	list_add_tail(&edge->node, &edges);
	edge->worker->edge = edge;
	set_stuck(edge, true);
	/* The edge may be part of several circles: look again at once. */
	if (is_stuck(edge) && break_circle())
		mod_delayed_work(wp_workqueue, &look_work, 0);
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
