// SPDX-License-Identifier: GPL-2.0
/*
 * The callbacks of the pools.
 */

#include "torture.h"

#define TOKEN_MAGIC	0x746f6b656e

/* What worker_init leaves. */
struct token {
	u64 magic;
	struct slot *slot;
	struct task_struct *task;
};

static void enter(struct slot *slot)
{
	atomic_inc(&slot->in_callback);
	if (READ_ONCE(slot->sealed))
		fail(SEALED, "a callback of slot %u begins", slot->nr);
}

static void leave(struct slot *slot)
{
	if (READ_ONCE(slot->sealed))
		fail(SEALED, "a callback of slot %u ends", slot->nr);
	atomic_dec(&slot->in_callback);
}

static struct token *new_token(struct slot *slot)
{
	struct token *token = kzalloc(sizeof(*token), GFP_KERNEL);

	if (!token)
		return NULL;
	token->magic = TOKEN_MAGIC;
	token->slot = slot;
	token->task = current;
	return token;
}

/*
 * In a callback. A thread that ends already must not crash once more: it would
 * stay for ever.
 */
static void may_crash(struct slot *slot)
{
	struct rnd rnd;

	rnd_seed(&rnd, atomic_inc_return(&slot->init_nr));
	if (!torture_crash || !rnd_one_in(&rnd, 64) ||
	    READ_ONCE(slot->init_must_not_fail) ||
	    (current->flags & PF_EXITING))
		return;
	atomic_dec(&slot->in_callback);
	atomic_long_inc(&slot->ledger.callback_crashed);
	crash_somehow(rnd_below(&rnd, NR_CRASH_WAYS));
}

static int init_worker(struct slot *slot, void **data)
{
	struct rnd rnd;
	int fails = READ_ONCE(slot->init_must_not_fail) ? 0 :
						READ_ONCE(slot->init_fails);

	rnd_seed(&rnd, atomic_inc_return(&slot->init_nr));
	if (rnd_one_in(&rnd, 4))
		usleep_range(10, 500);
	if (fails && rnd_one_in(&rnd, fails)) {
		count(C_INIT_FAILED);
		return -EIO;
	}
	*data = new_token(slot);
	if (!*data)
		return -ENOMEM;
	count(C_INIT);
	atomic_long_inc(&slot->ledger.inits);
	return 0;
}

static int worker_init(struct workpool *pool, void **data)
{
	struct slot *slot = workpool_data(pool);
	int err;

	enter(slot);
	may_crash(slot);
	err = init_worker(slot, data);
	leave(slot);
	return err;
}

static bool token_fine(struct slot *slot, const struct token *token)
{
	return token && token->magic == TOKEN_MAGIC && token->slot == slot &&
	       token->task == current;
}

static void worker_exit(struct workpool *pool, void *data)
{
	struct slot *slot = workpool_data(pool);
	struct token *token = data;

	enter(slot);
	count(C_EXIT);
	if (!token_fine(slot, token))
		fail(CALLBACKS, "other data at the exit of a worker of slot %u",
		     slot->nr);
	token->magic = 0;
	kfree(token);
	atomic_long_inc(&slot->ledger.exits);
	may_crash(slot);
	leave(slot);
}

static void worker_crash(struct workpool *pool, const struct workpool_crash *info)
{
	struct slot *slot = workpool_data(pool);

	enter(slot);
	count(C_CRASH_CALL);
	atomic_long_inc(&slot->ledger.crash_calls);
	if (info->fn != run_ticket)
		fail(CALLBACKS, "crash of %ps in slot %u", info->fn, slot->nr);
	may_crash(slot);
	leave(slot);
}

const struct workpool_ops torture_ops = {
	.worker_init	= worker_init,
	.worker_exit	= worker_exit,
	.crash		= worker_crash,
};

/* In a task. */
void check_worker_data(struct slot *slot)
{
	if (!token_fine(slot, workpool_worker_data()))
		fail(CONTEXT, "a worker of slot %u has other data", slot->nr);
}
