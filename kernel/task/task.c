// SPDX-License-Identifier: GPL-2.0
/*
 * Embedded tasks: queued without memory and without failure.
 */

#include "compat.h"
#include "core/lock.h"
#include "core/lookup.h"
#include "core/watch.h"
#include "task/move.h"
#include "task/task.h"

/**
 * DOC: Embedded tasks
 *
 * workpool_task.state is 0 while a task is neither pending nor being cancelled
 * nor disabled, so that anybody may queue it. The thread that changes
 * it from 0 to WP_TASK_PENDING is the only one that may link the task
 * somewhere. The task stays pending until a worker begins it or a thread drops
 * it. workpool_cancel_sync() adds WP_TASK_CANCELLING, which lets no thread make
 * the task pending. The state of a member of a group has WP_TASK_OF_MEMBER from
 * the beginning: only workpool_group_queue() makes it pending.
 *
 * workpool_task.last_pool is the number of the pool that the task was linked in
 * last. There a pending task can be unlinked, and a running one can be found by
 * its address among the running tasks: the task itself may be freed while it
 * runs, and is not touched once its function was called. Under the lock of the
 * one pool last_pool changes to the number of a move, and from there to another
 * pool under the lock of that. So a thread that holds the lock of the pool it
 * names may rely on it.
 *
 * From pending to linked interrupts are off: a thread that finds a task pending
 * but not linked only has to look again.
 *
 * A task that is queued while it runs goes to the pool it runs in. There it
 * stands in the queue like any other. When its turn comes, which is at once if
 * nothing is queued, it waits for the worker that executes it. Once that worker
 * is done, the task comes first. If the pool is closed, the task waits for that
 * worker at once, and then moves on: see move.c.
 */

/**
 * wp_task_settle_locked() - find the pool that a pending task goes to
 * @pool: where to; gets the pool that the task still runs in, if that is open.
 *	The lock of the one is dropped, and that of the other held
 * @task: the task
 * @delay: jiffies until it is queued
 * @deferred: for @pool
 *
 * Interrupts are off throughout. The locks of two pools never nest.
 *
 * Return: 0; %WP_TASK_ATTACHED: it runs in a closed pool and moves here once it
 *	has ended.
 */
noinline int wp_task_settle_locked(struct workpool **pool,
				   struct workpool_task *task,
				   unsigned long delay,
				   struct wp_deferred *deferred)
	__must_hold(&(*pool)->lock)
{
	struct workpool *last, *to = *pool;
	bool runs = false;

	lockdep_assert_held(&to->lock);
	raw_spin_unlock(&to->lock);
	last = wp_lookup_find(task->last_pool);
	if (last) {
		raw_spin_lock(&last->lock);
		runs = wp_busy_find_locked(last, task);
		if (runs && !wp_pool_is_closed(last)) {
			*pool = last;
			return 0;
		}
		if (!runs)
			wp_link_leave_locked(last, task);
		raw_spin_unlock(&last->lock);
	}
	raw_spin_lock(&to->lock);
	if (!runs || last == to)
		return 0;
	return wp_move_attach_locked(to, last, task, delay, deferred);
}

/*
 * A task without a function was never initialized. Returns why it is refused.
 */
noinline int wp_task_refuse_blank(struct workpool *pool)
{
	if (!wp_pool_is_open(pool))
		return -ESHUTDOWN;
	WARN_ONCE(1, "workpool: pool %s: a task that is not initialized is queued\n",
		  pool->name);
	return -EINVAL;
}

static noinline int refuse_member(struct workpool *pool,
				  struct workpool_task *task)
{
	WARN_ONCE(1, "workpool: pool %s: %ps, a member of a group, is queued without workpool_group_queue()\n",
		  pool->name, task->member_fn);
	return -EINVAL;
}

static __always_inline int queue_task(struct workpool *pool,
				      struct workpool_task *task, bool front)
{
	struct wp_deferred deferred __uninitialized;
	int err;

	if (unlikely(!task->fn))
		return wp_task_refuse_blank(pool);
	if (wp_watch_covers(task->fn))
		return -ESHUTDOWN;
	wp_pool_lock_loose(pool, &deferred);
	err = wp_task_accept_locked(&pool, task, WP_TASK_FREE, 0, &deferred);
	if (unlikely(err)) {
		wp_pool_unlock(pool, &deferred);
		if (err == -EINVAL)
			return refuse_member(pool, task);
		return err == WP_TASK_ATTACHED ? 0 : err;
	}
	/* What is queued to the front comes before what is leased. */
	if (front)
		wp_busy_recall_locked(pool);
	wp_link_queue_locked(pool, task, front);
	wp_queue_kick_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
	return 0;
}

/**
 * workpool_queue() - have a task run
 * @pool: the pool; if @task runs in another one right now that is open, it goes
 *	there
 * @task: the task
 *
 * Appends the task to the queue. It needs no memory and is never refused
 * because the pool is full. If it is already pending, its function still sees
 * what the caller wrote before the call.
 *
 * While it runs in a closed pool, it waits there for its own end. Then it goes
 * to @pool, which does not end before.
 *
 * When several threads queue one task to several pools, and one of the pools is
 * closed at that moment, the queueing that a thread got -EALREADY for may be the
 * one that fails with -ESHUTDOWN: then the task is queued nowhere.
 *
 * Context: Any but NMI.
 * Return: 0; -ESHUTDOWN: pool closed, or the module of the task's function is
 * being unloaded; -EINVAL: it was never initialized, or with no function, or is
 * that of a &struct workpool_member, which is reported with one warning;
 * -EALREADY: it is pending, delayed, disabled, or being cancelled by
 * workpool_cancel_sync().
 */
int workpool_queue(struct workpool *pool, struct workpool_task *task)
{
	return queue_task(pool, task, false);
}
EXPORT_SYMBOL_GPL(workpool_queue);

/**
 * workpool_queue_front() - have a task run before all that is pending
 * @pool: the pool
 * @task: the task
 *
 * Tasks queued this way run in reverse order.
 *
 * Context: Any but NMI.
 * Return: as workpool_queue().
 */
int workpool_queue_front(struct workpool *pool, struct workpool_task *task)
{
	return queue_task(pool, task, true);
}
EXPORT_SYMBOL_GPL(workpool_queue_front);

/*
 * Link tasks up to one that was in another pool last, which needs that pool's
 * lock, or that workpool_queue() warns of. Returns how many were looked at.
 */
static unsigned int link_some_locked(struct workpool *pool,
				     struct workpool_task **tasks,
				     unsigned int n, unsigned int *queued)
{
	unsigned int i, max = min_t(unsigned int, n, WP_SLICE);

	lockdep_assert_held(&pool->lock);
	for (i = 0; i < max; i++) {
		struct workpool_task *task = tasks[i];

		if (unlikely(!task->fn))
			break;
		if (!wp_pending_grab(task)) {
			if (unlikely(wp_pending_is_member(task)))
				break;
			continue;
		}
		/* Only now no other thread changes last_pool. */
		if (unlikely(task->last_pool &&
			     task->last_pool != pool->lookup_id)) {
			wp_pending_ungrab(task);
			break;
		}
		wp_pending_debug_activate(task);
		wp_link_queue_locked(pool, task, false);
		(*queued)++;
	}
	return i;
}

/*
 * Returns how many were looked at; 0: the first needs workpool_queue();
 * -ESHUTDOWN: the pool is closed.
 */
static int queue_some(struct workpool *pool, struct workpool_task **tasks,
		      unsigned int n, unsigned int *queued)
{
	struct wp_deferred deferred __uninitialized;
	unsigned int before = *queued;
	int nr = -ESHUTDOWN;

	/* One of them may be refused. */
	if (wp_watch_is_on())
		return 0;
	wp_pool_lock_loose(pool, &deferred);
	if (wp_pool_is_open(pool)) {
		nr = link_some_locked(pool, tasks, n, queued);
		pool->counters[WP_COUNT_SUBMITTED] += *queued - before;
		wp_queue_kick_locked(pool, &deferred);
	}
	wp_pool_unlock(pool, &deferred);
	return nr;
}

/*
 * Returns 1: so many were looked at. *@result is -ESHUTDOWN until a task gets
 * another answer than that, then 0.
 */
static int queue_first(struct workpool *pool, struct workpool_task *task,
		       unsigned int *queued, int *result)
{
	int err = workpool_queue(pool, task);

	*queued += !err;
	if (err != -ESHUTDOWN)
		*result = 0;
	return 1;
}

/**
 * workpool_queue_batch() - have many tasks run, in order
 * @pool: the pool
 * @tasks: the tasks
 * @n: how many
 *
 * As workpool_queue() of each, but with one hold of the pool's lock and one
 * wake-up for many of them. Those that are pending already or disabled are left
 * alone, and so are those that are not initialized, or members of groups, with
 * the warning of workpool_queue(). With interrupts off it keeps them off for all
 * @n.
 *
 * Context: Any but NMI.
 * Return: how many were queued; -ESHUTDOWN: pool closed, none was; or each was
 * refused, as the module of its function is being unloaded.
 */
int workpool_queue_batch(struct workpool *pool, struct workpool_task **tasks,
			 unsigned int n)
{
	u32 lookup_id = pool->lookup_id;
	unsigned int queued = 0;
	int nr, result = n ? -ESHUTDOWN : 0;

	if (!wp_pool_is_open(pool))
		return -ESHUTDOWN;
	while (n) {
		rcu_read_lock();
		/* The first ones may have let the owner destroy the pool. */
		pool = wp_lookup_find(lookup_id);
		nr = pool ? queue_some(pool, tasks, n, &queued) : -ESHUTDOWN;
		if (nr > 0)
			result = 0;
		else if (!nr)
			nr = queue_first(pool, *tasks, &queued, &result);
		rcu_read_unlock();
		if (nr < 0)
			return queued ?: nr;
		tasks += nr;
		n -= nr;
	}
	return queued ?: result;
}
EXPORT_SYMBOL_GPL(workpool_queue_batch);

/**
 * wp_task_at_last_pool() - act on a task in the pool that it was linked in last
 * @task: the task
 * @act: called with the pool's lock held; -EAGAIN makes it look again
 * @arg: for @act
 *
 * Context: Any but NMI.
 * Return: what @act returned; -ENOENT: it is in no pool.
 */
int wp_task_at_last_pool(struct workpool_task *task, wp_task_act_t act,
			 void *arg)
{
	struct workpool *pool;
	struct wp_deferred deferred;
	int err;

	do {
		/*
		 * Pairs with the writes under a pool's lock. Before the look
		 * whether it is pending, which concerns this number.
		 */
		u32 lookup_id = smp_load_acquire(&task->last_pool);

		err = -EAGAIN;
		rcu_read_lock();
		pool = wp_lookup_find(lookup_id);
		if (pool) {
			wp_pool_lock(pool, &deferred);
			if (task->last_pool == lookup_id)
				err = act(pool, task, arg, &deferred);
			wp_pool_unlock(pool, &deferred);
		} else if (!wp_pending_is_set(task)) {
			/*
			 * It may have got from one pool into another and begun
			 * to run since the first look: then it is found there.
			 * Each move has another number, so it was nowhere if
			 * that is the same. Pairs with the lock that is held
			 * when a task is linked, and again when a worker takes
			 * it.
			 */
			smp_rmb();
			if (READ_ONCE(task->last_pool) == lookup_id)
				err = -ENOENT;
		}
		rcu_read_unlock();
		if (err == -EAGAIN)
			cpu_relax();
	} while (err == -EAGAIN);
	return err;
}
