// SPDX-License-Identifier: GPL-2.0
/*
 * Assist: a task that waits for a group runs queued members of it itself.
 *
 * All workers of the pool may wait for groups whose members are queued. So a
 * worker that waits takes them out of the queue, one after the other, as the
 * caller of a parallel loop takes chunks. It sleeps when none is queued, and is
 * woken when another one is. It runs no other task: one that is not waited for
 * may take a lock that the waiting task holds. Nor does it run embedded members:
 * they are found, cancelled and queued again by the worker that executes them,
 * of which one task has no more than one. Nor does it freeze between two members:
 * it is in the middle of a task.
 *
 * A member may wait for a group itself, and so on. All of them are on one
 * stack. With WP_INNER_MAX on its stack a worker only sleeps, as any other
 * thread does. Another worker takes the members, or the wait ends as a circle
 * of waits does.
 */

#include "compat.h"
#include "core/lock.h"
#include "core/node.h"
#include "core/observe.h"
#include "core/ref.h"
#include "core/wait.h"
#include "core/worker.h"
#include "queue/edge.h"
#include "queue/member.h"
#include "queue/queue.h"
#include "task/group.h"
#include "worker/leak.h"

/**
 * struct group_assist - a thread that waits for a group
 * @group: the group
 * @pool: its pool: when the wait is decided, another thread that waited may use
 *	the group for another one
 * @worker: the worker whose thread it is; NULL: it executes no members
 * @job: the member that it executes, or NULL
 * @err: what that one returned
 * @counts: the group counts it as a member: it was woken because a member was
 *	queued, or it has cancelled the group
 * @sleeps: it is to sleep until @wait is decided
 * @must_wait: it does not get -EDEADLK
 * @state: in which it sleeps
 * @timeout: how long it waits in all, in jiffies
 * @start: jiffies when it began
 * @wait: how it waits with others; it has the result in the end
 */
struct group_assist {
	struct workpool_group	*group;
	struct workpool		*pool;
	struct wp_worker	*worker;
	struct wp_job		*job;
	int			err;
	bool			counts;
	bool			sleeps;
	bool			must_wait;
	unsigned int		state;
	long			timeout;
	unsigned long		start;
	struct wp_wait		wait;
};

/* How much longer may the thread wait? */
static long time_left(const struct group_assist *assist)
{
	return wp_wait_left(assist->timeout, assist->start);
}

/* The worker that runs here, if it may execute members of a group of @pool. */
static struct wp_worker *find_assistant(struct workpool *pool)
{
	struct wp_worker *worker;

	if (workpool_current() != pool)
		return NULL;
	worker = wp_worker_current();
	return worker->nr_inner < WP_INNER_MAX ? worker : NULL;
}

static void run_member(struct group_assist *assist)
{
	struct workpool *pool = assist->pool;
	const struct wp_call *call = &assist->job->call;
	struct wp_leak before = wp_leak_begin();

	wp_observe_start(pool, assist->worker, assist->job);
	assist->err = call->fn.member_call(call->arg);
	wp_observe_done(pool, assist->worker, assist->job);
	wp_leak_end(pool, call->fn.any, &before);
}

/*
 * Wait with the others. Those that assist come first: they are told when a
 * member is queued. A wait with a timeout of 0 executes no member; it only
 * polls. The pool may be destroyed as soon as the wait is decided:
 * sleep_until_woken() drops the reference.
 */
static void add_wait_locked(struct workpool *pool, struct group_assist *assist)
{
	struct workpool_group *group = assist->group;
	struct wp_wait *wait = &assist->wait;

	wp_pool_get(pool);
	wp_wait_add_locked(pool, wait, &group->waiters);
	wait->assists = assist->worker && time_left(assist);
	if (wait->assists)
		list_move(&wait->link, &group->waiters);
	assist->sleeps = true;
}

/* Account for the member that ended, or drop the count of the thread itself. */
static void end_last_locked(struct workpool *pool, struct group_assist *assist,
			    struct wp_deferred *deferred)
{
	if (assist->job) {
		WRITE_ONCE(assist->worker->done, assist->worker->done + 1);
		pool->counters[WP_COUNT_COMPLETED]++;
		wp_queue_end_inner_locked(pool, assist->worker, assist->job,
					  assist->err, deferred);
	} else if (assist->counts) {
		wp_member_end_locked(pool, assist->group, 0, deferred);
	}
	assist->job = NULL;
	assist->counts = false;
}

/*
 * The thread was woken for a member that is queued, and has no time for it any
 * more. Another one that assists may be asleep.
 */
static void pass_on_locked(struct workpool *pool, struct group_assist *assist,
			   struct wp_deferred *deferred)
{
	if (assist->counts && !list_empty(&assist->group->queued))
		wp_member_wake_assistant_locked(pool, assist->group, deferred);
}

/*
 * Find the next member for the thread, assist.job. Without one it waits with
 * the others, or has the result. Returns false then.
 */
static bool next_member(struct group_assist *assist)
{
	struct workpool_group *group = assist->group;
	struct workpool *pool = assist->pool;
	struct wp_deferred deferred;
	struct wp_job *job = NULL;

	wp_pool_lock(pool, &deferred);
	if (assist->worker && time_left(assist))
		job = list_first_entry_or_null(&group->queued, struct wp_job,
					       member);
	/* This precedes the end of the last member, which decides the wait. */
	if (!job && group->nr)
		add_wait_locked(pool, assist);
	else if (!job)
		WRITE_ONCE(assist->wait.result,
			   wp_member_take_error_locked(pool, group));
	if (!job)
		pass_on_locked(pool, assist, &deferred);
	end_last_locked(pool, assist, &deferred);
	if (job)
		assist->job = wp_queue_begin_inner_locked(pool, assist->worker,
							  job);
	wp_queue_balance_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
	return assist->job;
}

/*
 * The result is @err, unless the wait was decided just before: then another
 * thread that waited may use the group for another pool already.
 */
static void assist_give_up(struct workpool *pool, struct group_assist *assist,
			   int err)
{
	struct wp_deferred deferred;
	bool decided;

	wp_pool_lock(pool, &deferred);
	decided = !wp_wait_give_up_locked(pool, &assist->wait, err);
	wp_pool_unlock(pool, &deferred);
	if (decided)
		wp_wait_sleep(&assist->wait);
}

/* Returns false when the group is complete, or the wait has failed. */
static bool sleep_until_woken(struct group_assist *assist)
{
	struct wp_edge edge = {
		.kind = WP_EDGE_GROUP,
		.pool = assist->pool,
		.group = assist->group,
		.wait = &assist->wait,
		.must_wait = assist->must_wait,
	};
	long left = time_left(assist);

	assist->sleeps = false;
	if (try_wait_for_completion(&assist->wait.done)) {
		/* Only the thread itself still counted. */
	} else if (left) {
		wp_edge_enter(&edge);
		left = wp_wait_done(&assist->wait.done,
				    assist->state | assist->wait.state, left);
		if (left <= 0)
			assist_give_up(edge.pool, assist,
				       left ? -EINTR : -ETIMEDOUT);
		wp_edge_leave(&edge);
	} else {
		/* It only asked: that is no part of a circle of waits. */
		assist_give_up(edge.pool, assist, -ETIMEDOUT);
	}
	assist->counts = assist->wait.again;
	wp_pool_put(edge.pool);
	return assist->counts;
}

static int wait_for_group(struct group_assist *assist)
{
	might_sleep();
	assist->pool = assist->group->pool;
	assist->worker = find_assistant(assist->pool);
	assist->start = jiffies;
	do {
		wp_wait_init(&assist->wait, WP_WAIT_GROUP, NULL);
		while (next_member(assist)) {
			run_member(assist);
			wp_worker_give_way();
		}
	} while (assist->sleeps && sleep_until_woken(assist));
	return assist->wait.result;
}

/**
 * workpool_group_wait() - wait until all members of a group have ended
 * @group: the group, which is empty then, and may be used again
 *
 * Several threads may wait at once, and all get the result. Later callers get
 * the result of the members submitted or queued since.
 *
 * A task of the group's pool executes queued members of workpool_group_submit()
 * itself while it waits. If one of them crashes, that is a crash of the task. A
 * worker executes up to four members inside of each other. A group that is
 * nested deeper needs another worker, as embedded members do, and if that does
 * not come, the wait ends with -EDEADLK. So in a pool of capacity 1 a task
 * cannot wait for embedded members that are queued: it always gets -EDEADLK.
 *
 * Context: Process context. May sleep.
 * Return: 0, also if members were cancelled, or what a member returned first
 * other than 0; -EFAULT: a member crashed;
 * -ESHUTDOWN: one was dropped, see &workpool_stats.dropped; -EDEADLK: called
 * from a task that a member waits for, or that the members need a worker of.
 * Then the group is not complete, and its members may still run: @group and
 * what they use must stay until a later call has returned something else. After
 * workpool_group_cancel() a call waits only for members that run, and for tasks
 * that wait for the group as well and were woken for a member: a moment, or, with
 * %WORKPOOL_F_FREEZABLE, until the end of a suspend.
 */
int workpool_group_wait(struct workpool_group *group)
{
	struct group_assist assist = {
		.group = group,
		.state = TASK_UNINTERRUPTIBLE,
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};

	return wait_for_group(&assist);
}
EXPORT_SYMBOL_GPL(workpool_group_wait);

/**
 * workpool_group_wait_timeout() - the same, but not for ever
 * @group: the group
 * @timeout_jiffies: how long to wait, in jiffies; MAX_SCHEDULE_TIMEOUT: until
 *	the caller is killed
 *
 * A task of the group's pool that executes a member itself looks at the time
 * when that has ended. With 0 it executes none, and only asks.
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: as workpool_group_wait(); -EINVAL: negative timeout; -ETIMEDOUT;
 * -EINTR: killed. After these errors the members may still run, as after
 * -EDEADLK.
 */
int workpool_group_wait_timeout(struct workpool_group *group,
				long timeout_jiffies)
{
	struct group_assist assist = {
		.group = group,
		.state = TASK_KILLABLE,
		.timeout = timeout_jiffies,
	};

	if (timeout_jiffies < 0)
		return -EINVAL;
	return wait_for_group(&assist);
}
EXPORT_SYMBOL_GPL(workpool_group_wait_timeout);

/* Does @worker, which runs here, execute a member of @group? */
static bool runs_member_locked(struct workpool *pool, struct wp_worker *worker,
			       struct workpool_group *group)
{
	struct workpool_node *node;

	lockdep_assert_held(&pool->lock);
	if (worker->call.group == group)
		return true;
	list_for_each_entry(node, &worker->inner, entry)
		if (node->kind == WP_MEMBER_CALL &&
		    wp_node_job(node)->call.group == group)
			return true;
	return false;
}

/* Is what runs here a member of @group? */
static bool is_own_group(struct workpool_group *group)
{
	struct workpool *pool = workpool_current();
	unsigned long flags;
	bool own;

	if (!pool)
		return false;
	/* What is leased is in no group. */
	raw_spin_lock_irqsave(&pool->lock, flags);
	own = runs_member_locked(pool, wp_worker_current(), group);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return WARN(own,
		    "workpool: pool %s: workpool_group_cancel_sync() by a member of the group: it returns without waiting\n",
		    pool->name);
}

/**
 * workpool_group_cancel_sync() - keep members from running, and wait for others
 * @group: the group, which is empty then, and may be used again
 *
 * This is workpool_group_cancel() and then workpool_group_wait(), but it always
 * waits until no member runs, so that the group can be freed. No member is
 * accepted before this wait has ended, also if others wait.
 *
 * In a circle of waits another call gets -EDEADLK; if there is none that can, it
 * never returns. A member must not call it for its own group: it would wait for
 * itself. Nor must a parallel loop that a member of the group waits for: on a
 * helper nothing notices that.
 *
 * Context: Process context. May sleep. Not with a lock that a member takes, which
 * lockdep does not notice.
 * Return: 0, or the first error, as workpool_group_wait(); -EDEADLK: called from
 * a member of @group, which is reported with a warning: members may still run;
 * -ECANCELED, only with CONFIG_DEBUG_OBJECTS: called from a member whose group
 * died with the stack that it was on, which is reported with a warning.
 */
int workpool_group_cancel_sync(struct workpool_group *group)
{
	struct group_assist assist = {
		.group = group,
		.counts = true,
		.must_wait = true,
		.state = TASK_UNINTERRUPTIBLE,
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};
	int result;

	might_sleep();
	if (wp_group_take_result(group, &result))
		return result;
	if (is_own_group(group)) {
		workpool_group_cancel(group);
		return -EDEADLK;
	}
	/* What is counted keeps the group until the wait began. */
	wp_group_cancel(group, true);
	return wait_for_group(&assist);
}
EXPORT_SYMBOL_GPL(workpool_group_cancel_sync);
