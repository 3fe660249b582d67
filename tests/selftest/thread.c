// SPDX-License-Identifier: GPL-2.0
/*
 * Actors: threads that make one call which may wait, and can be killed in it.
 */
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "test.h"

static int actor_thread(void *data)
{
	struct st_actor *actor = data;

	allow_signal(SIGKILL);
	actor->ret = actor->fn(actor);
	/* pairs with st_returned() */
	smp_store_release(&actor->returned, true);
	return 0;
}

/**
 * st_actor() - a thread that will call @fn
 * @t: the test
 * @pool: for @fn
 * @fn: makes the call
 *
 * Return: the actor, to be started with st_actor_go().
 */
struct st_actor *st_actor(struct st_test *t, struct workpool *pool,
			  int (*fn)(struct st_actor *actor))
{
	struct st_actor *actor = kzalloc(sizeof(*actor), GFP_KERNEL);

	ASSERT(t, actor);
	actor->t = t;
	actor->fn = fn;
	actor->pool = pool;
	return actor;
}

void st_actor_go(struct st_actor *actor)
{
	struct st_test *t = actor->t;
	struct task_struct *thread;

	thread = kthread_create(actor_thread, actor, "st-actor");
	ASSERT(t, !IS_ERR(thread));
	actor->thread = get_task_struct(thread);
	spin_lock_irq(&t->lock);
	list_add_tail(&actor->node, &t->actors);
	spin_unlock_irq(&t->lock);
	wake_up_process(thread);
}

bool st_returned(struct st_actor *actor)
{
	/* who sees it sees what the call has done */
	return smp_load_acquire(&actor->returned);
}

/* asleep in its call, so that it has looked at the pool before */
bool st_waits_killably(struct st_actor *actor)
{
	return READ_ONCE(actor->thread->__state) & TASK_WAKEKILL;
}

/* wait for an actor and return what its call returned */
int st_join(struct st_actor *actor)
{
	WAIT_UNTIL(actor->t, st_returned(actor));
	return actor->ret;
}

void st_kill(struct st_actor *actor)
{
	send_sig(SIGKILL, actor->thread, 1);
}

static struct st_actor *start(struct st_test *t, struct workpool *pool,
			      int (*fn)(struct st_actor *actor),
			      struct st_job *job, long timeout)
{
	struct st_actor *actor = st_actor(t, pool, fn);

	actor->job = job;
	actor->timeout = timeout;
	st_actor_go(actor);
	return actor;
}

static int call_submit(struct st_actor *actor)
{
	return workpool_submit(actor->pool, st_job_run, actor->job);
}

static int call_submit_timeout(struct st_actor *actor)
{
	return workpool_submit_timeout(actor->pool, st_job_run, actor->job,
				       actor->timeout);
}

static int call_release_timeout(struct st_actor *actor)
{
	return workpool_release_timeout(actor->pool, actor->timeout);
}

static int call_wait_released(struct st_actor *actor)
{
	return workpool_wait_released(actor->pool, actor->timeout);
}

static int call_drain(struct st_actor *actor)
{
	return workpool_drain(actor->pool, actor->timeout);
}

struct st_actor *st_submit(struct st_test *t, struct workpool *pool,
			   struct st_job *job)
{
	return start(t, pool, call_submit, job, 0);
}

struct st_actor *st_submit_timeout(struct st_test *t, struct workpool *pool,
				   struct st_job *job, long timeout)
{
	return start(t, pool, call_submit_timeout, job, timeout);
}

struct st_actor *st_release_timeout(struct st_test *t, struct workpool *pool,
				    long timeout)
{
	return start(t, pool, call_release_timeout, NULL, timeout);
}

struct st_actor *st_wait_released(struct st_test *t, struct workpool *pool,
				  long timeout)
{
	return start(t, pool, call_wait_released, NULL, timeout);
}

struct st_actor *st_drain(struct st_test *t, struct workpool *pool,
			  long timeout)
{
	return start(t, pool, call_drain, NULL, timeout);
}

/**
 * st_wait_in_line() - have @n submitters wait, in the order of the array
 * @t: the test
 * @pool: a full pool
 * @jobs: gets the jobs they submit
 * @actors: gets the submitters
 * @n: how many
 */
void st_wait_in_line(struct st_test *t, struct workpool *pool,
		     struct st_job **jobs, struct st_actor **actors, int n)
{
	int before = workpool_waiting(pool);
	int i;

	for (i = 0; i < n; i++) {
		jobs[i] = st_job(t);
		actors[i] = st_submit(t, pool, jobs[i]);
		WAIT_UNTIL(t, workpool_waiting(pool) == before + i + 1);
	}
}

static bool all_returned(struct st_test *t)
{
	struct st_actor *actor;
	bool all = true;

	spin_lock_irq(&t->lock);
	list_for_each_entry(actor, &t->actors, node)
		all = all && st_returned(actor);
	spin_unlock_irq(&t->lock);
	return all;
}

bool st_actors_home(struct st_test *t)
{
	return st_poll(all_returned(t));
}

void st_actors_kill(struct st_test *t)
{
	struct st_actor *actor;

	spin_lock_irq(&t->lock);
	list_for_each_entry(actor, &t->actors, node)
		st_kill(actor);
	spin_unlock_irq(&t->lock);
}

void st_actors_free(struct st_test *t)
{
	struct st_actor *actor, *next;

	list_for_each_entry_safe(actor, next, &t->actors, node) {
		kthread_stop(actor->thread);
		put_task_struct(actor->thread);
		kfree(actor);
	}
}
