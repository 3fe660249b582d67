// SPDX-License-Identifier: GPL-2.0
/*
 * Pause and resume. In a pool that nobody else closes or pauses: no task starts
 * in between.
 */

#include "torture.h"

/* No worker is left that has no task: the last tasks have begun. */
static bool comes_to_rest(struct slot *slot, struct workpool_stats *s)
{
	int i;

	for (i = 0; i < 20; i++) {
		workpool_stats(slot->pool, s);
		if (s->running == s->busy)
			return true;
		usleep_range(100, 1000);
	}
	return false;
}

/* Tasks that ended, and those that run */
static u64 begun(const struct workpool_stats *s)
{
	return s->completed + s->busy;
}

/* Crashes of callbacks count as those of tasks, so it takes a test without any. */
static void check_paused(struct slot *slot, struct rnd *rnd)
{
	struct workpool_stats before, after;

	if (torture_crash || !comes_to_rest(slot, &before))
		return;
	usleep_range(10, 10 + rnd_below(rnd, 2000));
	workpool_stats(slot->pool, &after);
	if (begun(&before) != begun(&after))
		fail_stats(PAUSED, slot, "is paused, and tasks start", &after);
	count(C_PAUSE_CHECKED);
}

static void check_err(struct slot *slot, const char *what, int err)
{
	if (err && err != -ESHUTDOWN)
		fail(ERRNO, "%s of slot %u: %d", what, slot->nr, err);
}

static void pause_for_a_while(struct thread *thread, struct slot *slot)
{
	int err;

	thread_does(thread, "pause", slot);
	err = workpool_pause(slot->pool);
	check_err(slot, "pause", err);
	count(C_PAUSE);
	if (!err && slot->kind == STRICT)
		check_paused(slot, &thread->rnd);
	else
		usleep_range(10, 10 + rnd_below(&thread->rnd, 2000));
	check_err(slot, "resume", workpool_resume(slot->pool));
}

/* A strict pool is closed with its mutex held. */
static void strict_pause(struct thread *thread, struct slot *slot)
{
	thread_locks(thread, &slot->life);
	if (!slot->closing)
		pause_for_a_while(thread, slot);
	mutex_unlock(&slot->life);
}

static void pause_round(struct thread *thread)
{
	struct slot *slot = slot_any(&thread->rnd);

	if (slot->kind == STRICT) {
		strict_pause(thread, slot);
	} else if (slot->kind != SYSTEM && slot_get(slot)) {
		pause_for_a_while(thread, slot);
		slot_put(slot);
	}
	thread_pauses(thread, 5000);
}

void pause_start(void)
{
	thread_start("pause", pause_round, NULL, false);
}
