// SPDX-License-Identifier: GPL-2.0
/*
 * The crash storm: one task in ten crashes, the others know nothing of it.
 */

#include "torture.h"

#define NR_STORMERS	4

struct drop {
	atomic_t ran;
	bool crashes;
	unsigned int way;
};

static struct drop *drops;
static int nr_drops;
static atomic_t next_drop;
static atomic_t nr_calls;
static atomic_t nr_refused;
static struct workpool *pool;
static struct slot storm_slot;	/* a name for its numbers */

static void storm_crash(struct workpool *crashed,
			const struct workpool_crash *info)
{
	struct drop *drop = info->arg;

	atomic_inc(&nr_calls);
	count(C_CRASH_CALL);
	if (!drop->crashes || (drop->way == 0 && info->reason != -42))
		fail(STORM, "drop %td did not crash", drop - drops);
}

static const struct workpool_ops storm_ops = { .crash = storm_crash };

static void fall(void *arg)
{
	struct drop *drop = arg;

	if (atomic_inc_return(&drop->ran) != 1)
		fail(STORM, "drop %td fell again", drop - drops);
	if (drop->crashes)
		crash_somehow(drop->way);
}

static int rain(void *over)
{
	int nr;

	while ((nr = atomic_inc_return(&next_drop) - 1) < nr_drops)
		if (workpool_submit(pool, fall, &drops[nr]))
			atomic_inc(&nr_refused);
	complete(over);
	return 0;
}

static void make_rain(void)
{
	struct completion over[NR_STORMERS];
	int i;

	for (i = 0; i < NR_STORMERS; i++) {
		init_completion(&over[i]);
		if (IS_ERR(kthread_run(rain, &over[i], "tort/rain")))
			complete(&over[i]);
	}
	for (i = 0; i < NR_STORMERS; i++)
		wait_for_completion(&over[i]);
}

static void check_drops(int crashes)
{
	int i, never = 0;

	for (i = 0; i < nr_drops; i++)
		never += !atomic_read(&drops[i].ran);
	if (never || atomic_read(&nr_refused))
		fail(STORM, "storm: %d tasks never ran, %d were refused", never,
		     atomic_read(&nr_refused));
	if (atomic_read(&nr_calls) != crashes)
		fail(STORM, "storm: %d crashes, %d calls", crashes,
		     atomic_read(&nr_calls));
}

/* The pool comes to rest: the dead workers are reaped, the others idle. */
static void check_rest(int crashes)
{
	struct workpool_stats s;
	int tries = DEADLINE * 10;

	do {
		msleep(100);
		workpool_stats(pool, &s);
	} while ((s.alive != s.idle || s.queued) && --tries);
	if (s.crashes != crashes || s.completed != nr_drops - crashes ||
	    s.busy || s.queued || s.waiting || s.starting ||
	    s.alive != s.idle || s.running != s.idle || s.dropped || s.leaks)
		fail_stats(STORM, &storm_slot, "of the storm is not at rest", &s);
}

static int fill_drops(void)
{
	int i, crashes = 0;

	for (i = 0; i < nr_drops; i++) {
		drops[i].crashes = i % 10 == 3;
		drops[i].way = i / 10 % NR_CRASH_WAYS;
		crashes += drops[i].crashes;
	}
	return crashes;
}

static void play_storm(void)
{
	int crashes = fill_drops(), err;

	make_rain();
	check_rest(crashes);
	check_drops(crashes);
	err = workpool_release_timeout(pool, DEADLINE * HZ);
	if (err)
		fail(STORM, "release after the storm: %d", err);
	workpool_destroy(pool);
	count(C_STORM);
	pr_info("# torture: %d tasks, %d crashes\n", nr_drops, crashes);
}

/* @tasks tasks. */
int storm(int tasks)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(16);

	nr_drops = tasks;
	drops = kvcalloc(tasks, sizeof(*drops), GFP_KERNEL);
	if (!drops)
		return -ENOMEM;
	attrs.ops = &storm_ops;
	attrs.flags = WORKPOOL_F_NOADMIN;
	pool = workpool_create(&attrs, "torture-burst");
	if (IS_ERR(pool)) {
		kvfree(drops);
		return PTR_ERR(pool);
	}
	play_storm();
	kvfree(drops);
	return 0;
}
