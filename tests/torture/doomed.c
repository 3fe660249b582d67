// SPDX-License-Identifier: GPL-2.0
/*
 * A pool is destroyed while submitters wait and give up at the same moment.
 */

#include "torture.h"

#define NR_WAITERS	4

struct doomed {
	struct workpool *pool;
	struct completion gate;
	struct completion over;
	atomic_t left;
	atomic_t ran;
	atomic_t accepted;
	struct rnd rnd;
};

struct waiter {
	struct doomed *doomed;
	long timeout;
};

static struct doomed doomed;
static struct waiter waiters[NR_WAITERS];

static void hold(void *arg)
{
	wait_for_completion(&doomed.gate);
}

static void run(void *arg)
{
	atomic_inc(&doomed.ran);
}

static int wait_for_doom(void *arg)
{
	struct waiter *waiter = arg;
	int err = workpool_submit_timeout(doomed.pool, run, waiter,
					  waiter->timeout);

	if (!err)
		atomic_inc(&doomed.accepted);
	else if (err != -ESHUTDOWN && err != -ETIMEDOUT)
		fail(ERRNO, "a doomed waiter got %d", err);
	if (atomic_dec_and_test(&doomed.left))
		complete(&doomed.over);
	return 0;
}

/* Returns how many. */
static int start_waiters(struct rnd *rnd)
{
	int i, nr = 0;

	for (i = 0; i < NR_WAITERS; i++) {
		waiters[i].timeout = 1 + rnd_below(rnd, 4);
		if (!IS_ERR(kthread_run(wait_for_doom, &waiters[i],
					"tort/doomed")))
			nr++;
	}
	if (nr < NR_WAITERS && atomic_sub_and_test(NR_WAITERS - nr, &doomed.left))
		complete(&doomed.over);
	return nr;
}

/* All of them were in the pool's line. */
static void wait_blocked(int nr)
{
	struct workpool_stats s;

	do {
		cond_resched();
		workpool_stats(doomed.pool, &s);
	} while (s.blocked < nr);
}

static void play_doom(struct rnd *rnd)
{
	wait_blocked(start_waiters(rnd));
	if (rnd_one_in(rnd, 2))
		usleep_range(1, 1 + rnd_below(rnd, 12000));
	complete(&doomed.gate);
}

static void prepare(void)
{
	init_completion(&doomed.gate);
	init_completion(&doomed.over);
	atomic_set(&doomed.left, NR_WAITERS);
	atomic_set(&doomed.ran, 0);
	atomic_set(&doomed.accepted, 0);
}

static void doom_round(struct thread *thread)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.flags = WORKPOOL_F_NOADMIN;
	thread_does(thread, "doom", NULL);
	prepare();
	doomed.pool = workpool_create(&attrs, "torture-doomed");
	if (IS_ERR(doomed.pool))
		return fail(ERRNO, "create of the doomed: %ld",
			    PTR_ERR(doomed.pool));
	if (workpool_submit(doomed.pool, hold, NULL))
		fail(ERRNO, "the doomed pool is full");
	else
		play_doom(&thread->rnd);
	workpool_destroy(doomed.pool);
	wait_for_completion(&doomed.over);
	if (atomic_read(&doomed.ran) != atomic_read(&doomed.accepted))
		fail(ONCE, "%d doomed tasks accepted, %d ran",
		     atomic_read(&doomed.accepted), atomic_read(&doomed.ran));
	count(C_DOOMED);
	thread_pauses(thread, 5000);
}

void doomed_start(void)
{
	thread_start("doomed", doom_round, NULL, false);
}
