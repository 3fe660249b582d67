// SPDX-License-Identifier: GPL-2.0
/*
 * Release, reboot, drain, destroy and create.
 */

#include "torture.h"

/* The pool is closed and empty: nothing runs until the reboot. */
static void check_sealed(struct slot *slot, struct rnd *rnd)
{
	struct workpool_stats s;

	count(C_SEALED);
	WRITE_ONCE(slot->sealed, true);
	if (atomic_read(&slot->executing) || atomic_read(&slot->in_callback))
		fail(SEALED, "slot %u is released, %d tasks and %d callbacks run",
		     slot->nr, atomic_read(&slot->executing),
		     atomic_read(&slot->in_callback));
	usleep_range(10, 10 + rnd_below(rnd, 5000));
	workpool_stats(slot->pool, &s);
	if (s.completed != atomic_long_read(&slot->ledger.finished) ||
	    s.alive || s.running || s.queued || s.waiting)
		fail_stats(LEDGER, slot, "is released, not empty", &s);
	WRITE_ONCE(slot->sealed, false);
}

static void wait_released(struct thread *thread, struct slot *slot)
{
	int err = slot_release_timeout(slot, rnd_below(&thread->rnd, 10));

	while (err == -ETIMEDOUT)
		err = workpool_wait_released(slot->pool,
					     rnd_below(&thread->rnd, 50));
	if (err && err != -ESHUTDOWN)
		fail(ERRNO, "%s of slot %u: %d", __func__, slot->nr, err);
}

static int reboot(struct slot *slot)
{
	int err = workpool_reboot(slot->pool);

	count(err ? C_REBOOT_FAILED : C_REBOOT);
	return err;
}

static bool reboot_may_fail(struct slot *slot, int err)
{
	return err == -EBUSY || (err == -EIO && slot->init_fails) ||
	       (err == -EFAULT && torture_crash);
}

/*
 * No other thread closes and opens this pool. One that is to begin with 30
 * workers would hardly ever come up when one start in four fails.
 */
static void reopen(struct thread *thread, struct slot *slot)
{
	int err = reboot(slot), tries = 0;

	while (err && !READ_ONCE(torture_stop)) {
		if (!reboot_may_fail(slot, err))
			fail(ERRNO, "reboot of slot %u: %d", slot->nr, err);
		usleep_range(10, 1000);
		if (++tries == 16)
			WRITE_ONCE(slot->init_must_not_fail, true);
		err = reboot(slot);
	}
	WRITE_ONCE(slot->init_must_not_fail, false);
	if (err)
		return;
	if (workpool_is_closed(slot->pool))
		fail(REBOOT, "slot %u is closed", slot->nr);
}

static void renew(struct thread *thread, struct slot *slot)
{
	thread_closes(thread, "destroy", slot);
	slot_destroy(slot);
	thread_does(thread, "create", slot);
	slot_create(slot, &thread->rnd);
}

static void strict_life(struct thread *thread, struct slot *slot)
{
	switch (rnd_below(&thread->rnd, 4)) {
	case 0:
		return renew(thread, slot);
	case 1:
		thread_closes(thread, "release", slot);
		slot_release(slot);
		break;
	default:
		thread_closes(thread, "release_timeout", slot);
		wait_released(thread, slot);
		check_sealed(slot, &thread->rnd);
	}
	thread_closes(thread, "reboot", slot);
	reopen(thread, slot);
}

static void strict_round(struct thread *thread)
{
	struct slot *slot = slot_of_kind(&thread->rnd, STRICT);

	thread_locks(thread, &slot->life);
	if (!slot->closing)
		strict_life(thread, slot);
	mutex_unlock(&slot->life);
	thread_does(thread, "pause", NULL);
	usleep_range(100, 100 + rnd_below(&thread->rnd, 20000));
}

/* Reboot the pool. It must be open afterwards if no release came meanwhile. */
static void wild_reboot(struct slot *slot, struct rnd *rnd)
{
	int before = atomic_read(&slot->releases), err;
	bool quiet = !atomic_read(&slot->releasing);

	smp_mb();	/* the counters first */
	err = reboot(slot);
	if (err && err != -EALREADY && err != -ESHUTDOWN &&
	    !reboot_may_fail(slot, err))
		fail(ERRNO, "reboot of slot %u: %d", slot->nr, err);
	if (err)
		return;
	if (rnd_one_in(rnd, 2))
		usleep_range(10, 200);
	if (slot->kind == WILD && quiet && workpool_is_closed(slot->pool)) {
		smp_mb();	/* the state first */
		if (atomic_read(&slot->releases) == before)
			fail(REBOOT, "slot %u was rebooted and is closed",
			     slot->nr);
	}
}

static void drain(struct slot *slot, struct rnd *rnd)
{
	int err = workpool_drain(slot->pool, rnd_below(rnd, 10));

	count(err == -ETIMEDOUT ? C_DRAIN_LATE : C_DRAIN);
	if (err && err != -ETIMEDOUT)
		fail(ERRNO, "%s of slot %u: %d", __func__, slot->nr, err);
}

static void wild_wait(struct slot *slot, struct rnd *rnd)
{
	int err = workpool_wait_released(slot->pool, rnd_below(rnd, 10));

	if (err && err != -EINVAL && err != -ETIMEDOUT)
		fail(ERRNO, "wait_released of slot %u: %d", slot->nr, err);
}

static void wild_life(struct thread *thread, struct slot *slot)
{
	switch (rnd_below(&thread->rnd, 8)) {
	case 0:
		thread_does(thread, "release", slot);
		return slot_release(slot);
	case 1:
		thread_does(thread, "release_timeout", slot);
		slot_release_timeout(slot, rnd_below(&thread->rnd, 20));
		return;
	case 2:
		thread_does(thread, "wait_released", slot);
		return wild_wait(slot, &thread->rnd);
	case 3:
		thread_does(thread, "drain", slot);
		return drain(slot, &thread->rnd);
	default:
		thread_does(thread, "reboot", slot);
		return wild_reboot(slot, &thread->rnd);
	}
}

static void wild_round(struct thread *thread)
{
	struct slot *slot = slot_of_kind(&thread->rnd,
					 rnd_one_in(&thread->rnd, 4) ? ADMIN :
								      WILD);

	if (slot_get(slot)) {
		wild_life(thread, slot);
		slot_put(slot);
	}
	thread_pauses(thread, 5000);
}

/* Wild pools come and go too, but not as often. */
static void wild_end_round(struct thread *thread)
{
	struct slot *slot = slot_of_kind(&thread->rnd,
					 rnd_one_in(&thread->rnd, 2) ? ADMIN :
								      WILD);

	thread_locks(thread, &slot->life);
	if (!slot->closing)
		renew(thread, slot);
	mutex_unlock(&slot->life);
	thread_does(thread, "pause", NULL);
	msleep(1 + rnd_below(&thread->rnd, 200));
}

static void drain_round(struct thread *thread)
{
	struct slot *slot = slot_any(&thread->rnd);

	if (slot_get(slot)) {
		thread_does(thread, "drain", slot);
		drain(slot, &thread->rnd);
		slot_put(slot);
	}
	thread_pauses(thread, 20000);
}

void lives_start(void)
{
	int i;

	for (i = 0; i < 2; i++)
		thread_start("life", strict_round, NULL, false);
	for (i = 0; i < 4; i++)
		thread_start("wild", wild_round, NULL, false);
	thread_start("end", wild_end_round, NULL, false);
	thread_start("drain", drain_round, NULL, false);
}
