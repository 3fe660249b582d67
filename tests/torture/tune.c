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

static void tune_round(struct thread *thread)
{
	struct slot *slot = slot_any(&thread->rnd);

	if (slot_get(slot)) {
		thread_does(thread, "tune", slot);
		tune_slot(slot, 1 + rnd_below(&thread->rnd, 12));
		slot_put(slot);
	}
	thread_pauses(thread, 3000);
}

void tuners_start(void)
{
	thread_start("tune", tune_round, NULL, false);
	thread_start("tune", tune_round, NULL, false);
}
