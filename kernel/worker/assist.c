// SPDX-License-Identifier: GPL-2.0
/*
 * Assist: a task that waits for a group runs queued members of it itself.
 *
 * All workers of the pool may wait for groups whose members are queued. So a
 * worker that waits takes them out of the queue, one after the other, as the
 * caller of a parallel loop takes chunks. It sleeps when none is queued, and is
 * woken when another one is. It runs no other task: one that is not waited for
 * may take a lock that the waiting task holds.
 */

#include "compat.h"
#include "core/lock.h"
#include "core/node.h"
#include "core/wait.h"
#include "core/worker.h"
#include "queue/edge.h"
#include "queue/member.h"
#include "queue/queue.h"
#include "trace.h"
#include "worker/leak.h"

static int run_member(struct workpool *pool, struct wp_worker *worker,
		      const struct wp_call *call)
{
	struct wp_leak before = wp_leak_begin();
	int err;

	trace_workpool_start(pool, worker, call->fn.any);
	err = call->fn.member(call->arg);
	trace_workpool_done(pool, worker, call->fn.any);
	wp_leak_end(pool, call->fn.any, &before);
	return err;
}

static void end_member_locked(struct workpool *pool, struct wp_worker *worker,
			      struct wp_job *job, int err,
			      struct wp_deferred *deferred)
{
	worker->done++;
	pool->counters[WP_COUNT_COMPLETED]++;
	wp_queue_end_inner_locked(pool, job, err, deferred);
}

/*
 * Wait with the others. Those that assist come first: they are told when a
 * member is queued.
 */
static void add_wait_locked(struct workpool *pool, struct workpool_group *group,
			    struct wp_wait *wait, bool assists)
{
	wp_wait_add_locked(pool, wait, &group->waiters);
	wait->assists = assists;
	if (assists)
		list_move(&wait->link, &group->waiters);
}

/*
 * The worker executed the member @last, which returned @err, unless it is NULL.
 * Returns the next member for it; NULL: it @sleeps, or @wait has the result. A
 * thread that is no @worker of the pool gets none.
 */
static struct wp_job *next_member(struct workpool_group *group,
				  struct wp_worker *worker, struct wp_job *last,
				  int err, struct wp_wait *wait, bool *sleeps)
{
	struct workpool *pool = group->pool;
	struct wp_deferred deferred;
	struct wp_job *job = NULL;

	wp_pool_lock(pool, &deferred);
	if (worker)
		job = list_first_entry_or_null(&group->queued, struct wp_job,
					       member);
	if (job) {
		wp_queue_begin_inner_locked(pool, worker, job);
	} else if (group->nr) {
		/* Before the last member ends, which decides the wait. */
		add_wait_locked(pool, group, wait, worker);
		*sleeps = true;
	} else {
		wait->result = wp_member_take_error_locked(pool, group);
	}
	if (last)
		end_member_locked(pool, worker, last, err, &deferred);
	wp_queue_balance_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
	return job;
}

/* Returns when the group is complete, or a member was queued meanwhile. */
static void wait_and_assist(struct workpool_group *group, struct wp_wait *wait)
{
	struct workpool *pool = group->pool;
	struct wp_worker *worker = NULL;
	struct wp_job *job = NULL;
	struct wp_edge edge = {
		.kind = WP_EDGE_GROUP,
		.pool = pool,
		.group = group,
		.wait = wait,
	};
	bool sleeps = false;
	int err = 0;

	wp_wait_init(wait, WP_WAIT_GROUP, NULL);
	if (workpool_current() == pool)
		worker = wp_worker_current();
	while ((job = next_member(group, worker, job, err, wait, &sleeps))) {
		err = run_member(pool, worker, &job->call);
		cond_resched();
	}
	if (!sleeps)
		return;
	wp_edge_enter(&edge);
	wp_wait_sleep(wait);
	wp_edge_leave(&edge);
}

/**
 * workpool_group_wait() - wait until all members of a group have ended
 * @group: the group, which is empty then, and may be used again
 *
 * Several threads may wait at once, and all get the result. Later callers get
 * the result of the members submitted since.
 *
 * A task of the group's pool executes members that are queued itself while it
 * waits. If one of them crashes, that is a crash of the task.
 *
 * Context: Process context. May sleep.
 * Return: 0, or the first error a member returned; -EFAULT: a member crashed;
 * -ESHUTDOWN: one was dropped, see &workpool_stats.dropped; -EDEADLK: called
 * from a task that a member waits for, or that the members need a worker of.
 * Then the group is not complete, and its members may still run: @group and
 * what they use must stay until a later call has returned something else.
 */
int workpool_group_wait(struct workpool_group *group)
{
	struct wp_wait wait;

	might_sleep();
	do {
		wait_and_assist(group, &wait);
	} while (wait.again);
	return wait.result;
}
EXPORT_SYMBOL_GPL(workpool_group_wait);
