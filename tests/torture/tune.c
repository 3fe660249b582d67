// SPDX-License-Identifier: GPL-2.0
/*
 * Tune up and down.
 */

#include "torture.h"

static bool tune_may_fail(struct slot *slot, int err)
{
	switch (err) {
	case -ESHUTDOWN:
		return slot->kind != SYSTEM;
	case -EINVAL:		/* below min_workers */
		return true;
	case -EOPNOTSUPP:
		return (slot->flags & WORKPOOL_F_PREALLOC) ||
		       workpool_capacity(slot->pool) == WORKPOOL_UNLIMITED;
	default:
		return false;
	}
}

static int tune(struct slot *slot, int capacity)
{
	int err = workpool_tune(slot->pool, capacity);

	if (err)
		count(C_TUNE_REFUSED);
	if (err && !tune_may_fail(slot, err))
		fail(ERRNO, "%s of slot %u: %d", __func__, slot->nr, err);
	return err;
}

/* Once it fits it stays so. */
static bool fits(struct slot *slot, int capacity)
{
	struct workpool_stats s;
	int i;

	for (i = 0; i < 20; i++) {
		workpool_stats(slot->pool, &s);
		if (s.running <= capacity)
			return true;
		usleep_range(100, 1000);
	}
	return false;
}

/* slot->tuning is held. */
static void tune_checked(struct slot *slot, int capacity)
{
	int cap = slot->cap;

	if (capacity > cap) {
		slot_cap(slot, capacity);
		count(C_GROW);
		if (tune(slot, capacity))
			fits(slot, cap) ? slot_cap(slot, cap) : (void)0;
		return;
	}
	count(C_SHRINK);
	if (!tune(slot, capacity) && fits(slot, capacity))
		slot_cap(slot, capacity);
}

static void tune_slot(struct slot *slot, int capacity)
{
	mutex_lock(&slot->tuning);
	if (slot->cap)
		tune_checked(slot, capacity);
	else
		tune(slot, capacity);
	mutex_unlock(&slot->tuning);
}

#define AT_WORK	(WORKPOOL_ATTR_EXPIRY | WORKPOOL_ATTR_NICE | \
		 WORKPOOL_ATTR_RT_PRIORITY | WORKPOOL_ATTR_QUEUE_DEPTH | \
		 WORKPOOL_ATTR_CPUMASK)

/* A change of what the threads of the workers have, and of the queue */
static void retune(struct slot *slot, struct rnd *rnd)
{
	struct workpool_attrs attrs = {
		.nice = (int)rnd_below(rnd, 11) - 5,
		.rt_priority = rnd_one_in(rnd, 4) ? 1 + rnd_below(rnd, 3) : 0,
		.queue_depth = rnd_below(rnd, 6),
		.expiry_ms = 1 + rnd_below(rnd, 40),
		.cpumask = rnd_one_in(rnd, 2) ?
			   cpumask_of(rnd_below(rnd, nr_cpu_ids)) : NULL,
	};
	unsigned int mask = rnd_below(rnd, 256) & AT_WORK;
	int err;

	err = workpool_set_attrs(slot->pool, mask, &attrs, NULL, NULL);
	count(C_RETUNE);
	/* A CPU may be offline. */
	if (err && err != -ESHUTDOWN && !(err == -EINVAL && attrs.cpumask))
		fail(ERRNO, "%s of slot %u: %d", __func__, slot->nr, err);
}

static void tune_round(struct thread *thread)
{
	struct slot *slot = slot_any(&thread->rnd);

	if (slot_get(slot)) {
		thread_does(thread, "tune", slot);
		tune_slot(slot, 1 + rnd_below(&thread->rnd, 12));
		if (slot->kind != SYSTEM)
			retune(slot, &thread->rnd);
		slot_put(slot);
	}
	thread_pauses(thread, 3000);
}

void tuners_start(void)
{
	thread_start("tune", tune_round, NULL, false);
	thread_start("tune", tune_round, NULL, false);
}
