// SPDX-License-Identifier: GPL-2.0
/*
 * Submitting in all forms, and what each may answer.
 */

#include <linux/sched/signal.h>

#include "torture.h"

static bool may_wait(struct slot *slot, enum how how)
{
	return how != BY_TRY && !(slot->flags & WORKPOOL_F_NONBLOCK);
}

static bool errno_fine(struct slot *slot, enum how how, int err)
{
	switch (err) {
	case 0:
		return true;
	case -ESHUTDOWN:
		return slot->kind != SYSTEM;
	case -EAGAIN:
		return !may_wait(slot, how);
	case -EBUSY:
		return may_wait(slot, how) &&
		       (slot->max_blocking || slot->kind == ADMIN);
	case -ETIMEDOUT:
		return how == BY_TIMEOUT && may_wait(slot, how);
	case -EINTR:
		return may_wait(slot, how) && signal_pending(current);
	case -EDEADLK:
		return may_wait(slot, how) && workpool_current() == slot->pool;
	default:
		return false;
	}
}

static void count_result(int err)
{
	switch (err) {
	case 0:
		return count(C_ACCEPTED);
	case -EAGAIN:
		return count(C_FULL);
	case -EBUSY:
		return count(C_BUSY);
	case -ETIMEDOUT:
		return count(C_TIMEDOUT);
	case -EINTR:
		return count(C_KILLED);
	case -EDEADLK:
		return count(C_DEADLOCK);
	case -ESHUTDOWN:
		return count(C_CLOSED);
	}
}

static int submit_by(struct slot *slot, struct rnd *rnd, enum how how,
		     void *code)
{
	switch (how) {
	case BY_SUBMIT:
		count(C_SUBMIT);
		return workpool_submit(slot->pool, run_ticket, code);
	case BY_TIMEOUT:
		count(C_SUBMIT_TIMEOUT);
		return workpool_submit_timeout(slot->pool, run_ticket, code,
					       rnd_below(rnd, 8));
	case BY_INVOKE:
		count(C_INVOKE);
		return workpool_invoke(slot->pool, code);
	default:
		count(C_TRY);
		return workpool_try_submit(slot->pool, run_ticket, code);
	}
}

static enum deed pick_deed(struct rnd *rnd, unsigned int depth)
{
	static const enum deed deeds[] = {
		DO_NOTHING, DO_NOTHING, DO_NOTHING, DO_SPIN, DO_SPIN, DO_SLEEP,
		DO_TRY, DO_TRY, DO_SUBMIT, DO_SUBMIT, DO_FORBIDDEN, DO_RELEASE,
	};

	if (torture_crash && rnd_one_in(rnd, 64))
		return DO_CRASH;
	if (depth > 2)
		return DO_NOTHING;
	return deeds[rnd_below(rnd, ARRAY_SIZE(deeds))];
}

/* What is refused in any case; process context. */
static void offer_nonsense(struct slot *slot, struct rnd *rnd)
{
	int err;

	count(C_NULL);
	if (rnd_one_in(rnd, 2))
		err = workpool_submit_timeout(slot->pool, run_ticket, NULL, -1);
	else
		err = workpool_submit(slot->pool, NULL, NULL);
	if (err != -EINVAL && err != -ESHUTDOWN)
		fail(ERRNO, "nonsense: %d", err);
}

/* Offer a task to the pool of @slot, which the caller has. BY_TRY: any context. */
int offer(struct slot *slot, struct rnd *rnd, enum how how, unsigned int depth)
{
	struct task_info info = {
		.slot = slot, .deed = pick_deed(rnd, depth), .depth = depth,
	};
	void *code;
	int err;

	if (how == BY_INVOKE && slot->kind == SYSTEM)
		how = BY_SUBMIT;	/* it has no function of its own */
	if (how != BY_TRY && rnd_one_in(rnd, 64))
		offer_nonsense(slot, rnd);
	code = ticket_take(&info);
	if (!code)
		return -ENOMEM;
	err = submit_by(slot, rnd, how, code);
	ticket_settle(code, !err);
	count_result(err);
	if (!errno_fine(slot, how, err))
		fail(ERRNO, "submit of kind %d to slot %u: %d", how, slot->nr,
		     err);
	return err;
}
