// SPDX-License-Identifier: GPL-2.0
/*
 * The ledger: callbacks that write down what they see.
 */
#include <linux/slab.h>

#include "ledger.h"

static void enter(struct st_ledger *ledger, struct workpool *pool, bool gated)
{
	if (gated) {
		atomic_inc(&ledger->gated);
		wait_for_completion(&ledger->gate->gate);
	}
	if (ledger->inside)
		ledger->inside_ret = ledger->inside(pool);
}

static int init_worker(struct workpool *pool, void **worker_data)
{
	struct st_ledger *ledger = workpool_data(pool);
	struct st_badge *badge;

	enter(ledger, pool, READ_ONCE(ledger->gate_init));
	if (atomic_dec_if_positive(&ledger->die_in_init) >= 0)
		workpool_task_crash(-EIO);
	if (atomic_dec_if_positive(&ledger->fail) >= 0) {
		atomic_inc(&ledger->failed);
		return -ENODEV;
	}
	badge = kzalloc(sizeof(*badge), GFP_KERNEL);
	if (!badge)
		return -ENOMEM;
	badge->pid = current->pid;
	*worker_data = badge;
	atomic_inc(&ledger->inits);
	return 0;
}

static void exit_worker(struct workpool *pool, void *worker_data)
{
	struct st_ledger *ledger = workpool_data(pool);
	struct st_badge *badge = worker_data;

	enter(ledger, pool, false);
	if (!EXPECT(ledger->t, badge))
		return;
	EXPECT_EQ(ledger->t, badge->pid, current->pid);
	kfree(badge);
	if (!ledger->exit_pid)
		ledger->exit_pid = current->pid;
	atomic_inc_return_release(&ledger->exits);
	if (atomic_dec_if_positive(&ledger->die_in_exit) >= 0)
		workpool_task_crash(-EIO);
}

static void note_crash(struct workpool *pool, const struct workpool_crash *info)
{
	struct st_ledger *ledger = workpool_data(pool);

	enter(ledger, pool, READ_ONCE(ledger->gate_crash));
	ledger->info = *info;
	ledger->crash_pid = current->pid;
	if (ledger->watch)
		ledger->watch_was_dead = READ_ONCE(ledger->watch->exit_state);
	atomic_inc_return_release(&ledger->crashes);
	if (ledger->die_in_crash)
		workpool_task_crash(-EIO);
}

const struct workpool_ops st_ledger_ops = {
	.worker_init = init_worker,
	.worker_exit = exit_worker,
	.crash = note_crash,
};
EXPORT_SYMBOL_GPL(st_ledger_ops);

struct st_ledger *st_ledger(struct st_test *t)
{
	struct st_ledger *ledger = st_alloc(t, sizeof(*ledger));

	ledger->t = t;
	ledger->gate = st_job(t);
	return ledger;
}
EXPORT_SYMBOL_GPL(st_ledger);

/**
 * st_ledger_pool() - a pool whose callbacks write into a ledger
 * @t: the test
 * @ledger: the ledger
 * @capacity: of the pool
 * @flags: WORKPOOL_F_*
 *
 * Return: the pool; its idle workers do not expire while the test runs.
 */
struct workpool *st_ledger_pool(struct st_test *t, struct st_ledger *ledger,
				int capacity, unsigned int flags)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	attrs.flags = flags;
	attrs.ops = &st_ledger_ops;
	attrs.data = ledger;
	attrs.expiry_ms = 3600 * MSEC_PER_SEC;
	return st_pool_attrs(t, &attrs);
}
