// SPDX-License-Identifier: GPL-2.0
/*
 * The tasks.
 */

#include "torture.h"

static void nest_try(struct rnd *rnd, unsigned int depth)
{
	struct slot *slot = slot_any(rnd);

	if (!slot_get(slot))
		return;
	count(C_NESTED);
	offer(slot, rnd, BY_TRY, depth + 1);
	slot_put(slot);
}

/* Waits, in this pool or one further on: two pools that wait for each other are
 * a deadlock of the user's.
 */
static void nest_wait(struct slot *own, struct rnd *rnd, unsigned int depth)
{
	struct slot *slot = own + rnd_below(rnd, NR_SLOTS - own->nr);

	if (!slot_get(slot))
		return;
	count(C_NESTED);
	offer(slot, rnd, rnd_below(rnd, NR_HOW), depth + 1);
	slot_put(slot);
}

static void try_forbidden(struct workpool *pool, struct rnd *rnd)
{
	int err;

	if (rnd_one_in(rnd, 2))
		err = workpool_release_timeout(pool, 1);
	else
		err = workpool_drain(pool, 1);
	if (err == -EDEADLK)
		count(C_DEADLOCK);
	else
		fail(ERRNO, "a task waits for itself: %d", err);
}

static void release_own(struct slot *slot, struct rnd *rnd)
{
	if ((slot->kind == WILD || slot->kind == ADMIN) && rnd_one_in(rnd, 64))
		slot_release(slot);
}

static void act(const struct task_info *info, struct rnd *rnd)
{
	switch (info->deed) {
	case DO_NOTHING:
	case DO_CRASH:
		return;
	case DO_SPIN:
		udelay(rnd_below(rnd, 50));
		return;
	case DO_SLEEP:
		usleep_range(10, 10 + rnd_below(rnd, 2000));
		return;
	case DO_TRY:
		return nest_try(rnd, info->depth);
	case DO_SUBMIT:
		return nest_wait(info->slot, rnd, info->depth);
	case DO_FORBIDDEN:
		return try_forbidden(workpool_current(), rnd);
	case DO_RELEASE:
		return release_own(info->slot, rnd);
	}
}

static void check_context(struct slot *slot)
{
	struct workpool *pool = workpool_current();

	if (pool != slot->pool)
		fail(CONTEXT, "workpool_current() in slot %u is %p", slot->nr,
		     pool);
	if (slot->kind != SYSTEM)
		check_worker_data(slot);
	if (workpool_should_stop() && !workpool_is_closed(pool) &&
	    slot->kind == SYSTEM)
		fail(CONTEXT, "the system pool closes");
}

/* The function of all tasks; @code is that of a ticket. */
void run_ticket(void *code)
{
	struct task_info info;
	struct rnd rnd;

	if (!ticket_begin(code, &info))
		return;
	rnd_seed(&rnd, (unsigned long)code);
	slot_enter(info.slot);
	check_context(info.slot);
	act(&info, &rnd);
	slot_leave(info.slot);
	if (info.deed == DO_CRASH) {
		atomic_long_inc(&info.slot->ledger.crashed);
		crash_somehow(rnd_below(&rnd, NR_CRASH_WAYS));
	}
	atomic_long_inc(&info.slot->ledger.finished);
}
