// SPDX-License-Identifier: GPL-2.0
/*
 * A pool whose only worker is held up while submitters queue, one after the
 * other: they must be served in that order, and a growth by k serves k of them.
 */

#include "torture.h"

#define NR_WAITERS	6

struct waiter {
	struct task_struct *task;
	struct completion over;
	int nr;
	long timeout;
	int result;
};

static struct workpool *pool;
static struct waiter waiters[NR_WAITERS];
static struct completion gate;
static int order[NR_WAITERS];
static atomic_t nr_served;

static void hold(void *unused)
{
	wait_for_completion(&gate);
}

static void serve(void *arg)
{
	struct waiter *waiter = arg;
	int at = atomic_inc_return(&nr_served) - 1;

	if (at < NR_WAITERS)
		order[at] = waiter->nr;
}

static int wait_in_line(void *arg)
{
	struct waiter *waiter = arg;

	waiter->result = workpool_submit_timeout(pool, serve, waiter,
						 waiter->timeout);
	complete(&waiter->over);
	return 0;
}

/* Returns when the waiter waits, or its submit has ended. */
static bool wait_in_queue(struct waiter *waiter, int nr, struct rnd *rnd)
{
	u64 before;
	struct workpool_stats s;

	workpool_stats(pool, &s);
	before = s.blocked;
	waiter->nr = nr;
	waiter->timeout = rnd_one_in(rnd, 4) ? 1 : MAX_SCHEDULE_TIMEOUT;
	init_completion(&waiter->over);
	waiter->task = kthread_run(wait_in_line, waiter, "tort/line");
	if (IS_ERR(waiter->task))
		return false;
	do {
		cond_resched();
		workpool_stats(pool, &s);
	} while (s.blocked == before);
	return true;
}

/* @one: there was one worker all the time. */
static void check_order(int nr_waiters, bool one)
{
	int i, served = 0, nr;

	for (i = 0; i < nr_waiters; i++) {
		wait_for_completion(&waiters[i].over);
		if (waiters[i].result && waiters[i].result != -ETIMEDOUT)
			fail(ERRNO, "a waiter got %d", waiters[i].result);
		served += !waiters[i].result;
	}
	if (workpool_drain(pool, MAX_SCHEDULE_TIMEOUT))
		fail(ERRNO, "cannot drain");
	nr = atomic_read(&nr_served);
	if (nr != served)
		fail(ONCE, "%d waiters were served, %d ran", served, nr);
	for (i = 1; one && i < nr; i++)
		if (order[i] < order[i - 1])
			fail(FIFO, "%d before %d", order[i - 1], order[i]);
}

/* Growth by @by hands a slot to as many of the waiters, at once. */
static void check_growth(int by)
{
	int before = workpool_waiting(pool), after;

	if (workpool_tune(pool, 1 + by))
		fail(ERRNO, "the pool of the line does not grow");
	after = workpool_waiting(pool);
	if (after > max(before - by, 0))
		fail(FIFO, "growth by %d: %d of %d still wait", by, after,
		     before);
}

static void play_line(struct thread *thread)
{
	bool grow = rnd_one_in(&thread->rnd, 3);
	int nr;

	for (nr = 0; nr < NR_WAITERS; nr++)
		if (!wait_in_queue(&waiters[nr], nr, &thread->rnd))
			break;
	if (grow)
		check_growth(1 + rnd_below(&thread->rnd, NR_WAITERS));
	complete(&gate);
	check_order(nr, !grow);
	count(C_FIFO);
}

static void fifo_round(struct thread *thread)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.flags = WORKPOOL_F_NOADMIN;
	attrs.expiry_ms = 1 + rnd_below(&thread->rnd, 20);
	thread_does(thread, "line", NULL);
	init_completion(&gate);
	atomic_set(&nr_served, 0);
	pool = workpool_create(&attrs, "torture-line");
	if (IS_ERR(pool))
		return fail(ERRNO, "the pool of the line cannot be created: %ld", PTR_ERR(pool));
	if (workpool_submit(pool, hold, NULL))
		fail(ERRNO, "the pool of the line is full");
	else
		play_line(thread);
	workpool_destroy(pool);
	thread_pauses(thread, 5000);
}

void fifo_start(void)
{
	thread_start("fifo", fifo_round, NULL, false);
}
