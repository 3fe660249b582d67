// SPDX-License-Identifier: GPL-2.0
/*
 * Workers that are kept busy: what makes a pool have as many as one wants.
 */

#include <linux/delay.h>
#include <linux/slab.h>

#include "bench.h"

/**
 * struct bench_hold - tasks that wait for their end
 * @pool: which executes them
 * @nr: how many were accepted
 * @started: how many have begun
 * @left: how many are not done
 * @end: completed to let them go
 */
struct bench_hold {
	struct workpool		*pool;
	unsigned int		nr;
	atomic_t		started;
	atomic_t		left;
	struct completion	end;
};

static void hold_on(void *arg)
{
	struct bench_hold *hold = arg;

	atomic_inc(&hold->started);
	bench_wait(&hold->end);
	atomic_dec(&hold->left);
}

/* Gives up when no more has begun for a while: the machine has no more threads. */
static void wait_started(struct bench_hold *hold)
{
	unsigned long last = jiffies;
	int seen = 0, now;

	while ((now = atomic_read(&hold->started)) < hold->nr) {
		if (now != seen)
			last = jiffies;
		else if (time_after(jiffies, last + 5 * HZ))
			break;
		seen = now;
		usleep_range(500, 1000);
	}
}

/* Have up to @nr workers busy: fewer if the pool, or the machine, has no more. */
struct bench_hold *bench_hold_start(struct workpool *pool, unsigned int nr)
{
	struct bench_hold *hold = kzalloc(sizeof(*hold), GFP_KERNEL);

	if (!hold)
		return ERR_PTR(-ENOMEM);
	hold->pool = pool;
	init_completion(&hold->end);
	for (; hold->nr < nr; hold->nr++) {
		atomic_inc(&hold->left);
		if (workpool_submit_timeout(pool, hold_on, hold, HZ)) {
			atomic_dec(&hold->left);
			break;
		}
	}
	wait_started(hold);
	return hold;
}

/* Returns when all of them are idle. */
void bench_hold_end(struct bench_hold *hold)
{
	complete_all(&hold->end);
	while (atomic_read(&hold->left))
		usleep_range(500, 1000);
	/* until the workers are parked */
	while (workpool_busy(hold->pool))
		usleep_range(500, 1000);
	kfree(hold);
}
