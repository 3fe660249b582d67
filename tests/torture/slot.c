// SPDX-License-Identifier: GPL-2.0
/*
 * The pools of the test, which come and go, and what is checked of each.
 */

#include <linux/cpumask.h>

#include "torture.h"

struct slot slots[NR_SLOTS] = {
	{ .kind = STRICT }, { .kind = STRICT }, { .kind = STRICT },
	{ .kind = WILD }, { .kind = WILD },
	{ .kind = ADMIN }, { .kind = ADMIN },
	{ .kind = SYSTEM },
};

/* Returns false while the slot has no pool. Any context. */
bool slot_get(struct slot *slot)
{
	/* Pairs with the release in open_slot(). */
	if (smp_load_acquire(&slot->closing))
		return false;
	return refcount_inc_not_zero(&slot->users);
}

void slot_put(struct slot *slot)
{
	if (refcount_dec_and_test(&slot->users))
		complete(&slot->unused);
}

struct slot *slot_any(struct rnd *rnd)
{
	return &slots[rnd_below(rnd, NR_SLOTS)];
}

struct slot *slot_of_kind(struct rnd *rnd, enum slot_kind kind)
{
	struct slot *slot;

	do
		slot = slot_any(rnd);
	while (slot->kind != kind);
	return slot;
}

/* The upper bound of tasks at once is now @cap; slot->tuning is held. */
void slot_cap(struct slot *slot, int cap)
{
	atomic_inc(&slot->cap_seq);
	smp_mb__after_atomic();	/* pairs with slot_enter() */
	WRITE_ONCE(slot->cap, cap);
	smp_mb__before_atomic();	/* pairs with slot_enter() */
	atomic_inc(&slot->cap_seq);
}

/* A task begins. */
void slot_enter(struct slot *slot)
{
	int seq = atomic_read(&slot->cap_seq), now, cap;

	smp_rmb();	/* pairs with slot_cap() */
	now = atomic_inc_return(&slot->executing);
	cap = READ_ONCE(slot->cap);
	smp_rmb();	/* pairs with slot_cap() */
	if (cap && now > cap && !(seq & 1) &&
	    atomic_read(&slot->cap_seq) == seq)
		fail(CAPACITY, "slot %u: %d tasks at once, the capacity is %d",
		     slot->nr, now, cap);
	if (READ_ONCE(slot->sealed))
		fail(SEALED, "a task of slot %u begins", slot->nr);
}

void slot_leave(struct slot *slot)
{
	if (READ_ONCE(slot->sealed))
		fail(SEALED, "a task of slot %u ends", slot->nr);
	atomic_dec(&slot->executing);
}

static const unsigned int chance_flags[] = {
	WORKPOOL_F_NONBLOCK, WORKPOOL_F_PREALLOC, WORKPOOL_F_NOPURGE,
	WORKPOOL_F_FREEZABLE,
};

static void pick_flags(struct slot *slot, struct rnd *rnd,
		       struct workpool_attrs *attrs)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(chance_flags); i++)
		if (rnd_one_in(rnd, 6))
			attrs->flags |= chance_flags[i];
	if (attrs->capacity == WORKPOOL_UNLIMITED)
		attrs->flags &= ~WORKPOOL_F_PREALLOC;
	if (slot->kind != ADMIN)
		attrs->flags |= WORKPOOL_F_NOADMIN;
}

static void pick_schedule(struct rnd *rnd, struct workpool_attrs *attrs)
{
	attrs->nice = (int)rnd_below(rnd, 11) - 5;
	if (rnd_one_in(rnd, 8))
		attrs->rt_priority = 1 + rnd_below(rnd, 3);
	if (rnd_one_in(rnd, 4))
		attrs->cpumask = cpumask_of(rnd_below(rnd, nr_cpu_ids));
	if (rnd_one_in(rnd, 4))
		attrs->node = 0;
}

static void pick_attrs(struct slot *slot, struct rnd *rnd,
		       struct workpool_attrs *attrs)
{
	*attrs = (struct workpool_attrs)WORKPOOL_ATTRS_INIT(1 + rnd_below(rnd, 8));
	if (rnd_one_in(rnd, 10))
		attrs->capacity = WORKPOOL_UNLIMITED;
	pick_flags(slot, rnd, attrs);
	pick_schedule(rnd, attrs);
	attrs->expiry_ms = 1 + rnd_below(rnd, 40);
	if (rnd_one_in(rnd, 3))
		attrs->max_blocking = 1 + rnd_below(rnd, 3);
	if (rnd_one_in(rnd, 4) && attrs->capacity > 0)
		attrs->min_workers = rnd_below(rnd, attrs->capacity + 1);
	if (rnd_one_in(rnd, 3))
		attrs->queue_depth = rnd_below(rnd, 6);
	attrs->ops = &torture_ops;
	attrs->fn = run_ticket;
	attrs->data = slot;
}

static void reset_slot(struct slot *slot, const struct workpool_attrs *attrs)
{
	slot->ledger = (struct ledger){};
	slot->flags = attrs->flags;
	slot->max_blocking = attrs->max_blocking;
	slot_cap(slot, slot->kind == ADMIN || attrs->capacity < 0 ?
		       0 : attrs->capacity);
}

static void open_slot(struct slot *slot, struct workpool *pool)
{
	slot->pool = pool;
	reinit_completion(&slot->unused);
	refcount_set(&slot->users, 1);
	/* Pairs with the acquire in slot_get(). */
	smp_store_release(&slot->closing, false);
}

static bool create_may_fail(struct slot *slot, int err)
{
	switch (err) {
	case -EIO:
		return slot->init_fails;
	case -EFAULT:
		return torture_crash;
	case -ESHUTDOWN:	/* userspace was faster */
		return slot->kind == ADMIN;
	default:
		return false;
	}
}

static int create_pool(struct slot *slot, struct rnd *rnd)
{
	struct workpool_attrs attrs;
	struct workpool *pool;

	slot->init_fails = slot->kind != ADMIN && rnd_one_in(rnd, 3) ? 4 : 0;
	pick_attrs(slot, rnd, &attrs);
	reset_slot(slot, &attrs);
	count(C_CREATE);
	pool = workpool_create(&attrs, "torture-%u", slot->nr);
	if (!IS_ERR(pool)) {
		open_slot(slot, pool);
		return 0;
	}
	count(C_CREATE_FAILED);
	if (!create_may_fail(slot, PTR_ERR(pool)))
		fail(ERRNO, "create of slot %u: %ld", slot->nr, PTR_ERR(pool));
	return PTR_ERR(pool);
}

/* A new pool with random attributes; the slot has none. */
int slot_create(struct slot *slot, struct rnd *rnd)
{
	int tries = 0, err;

	mutex_lock(&slot->tuning);
	do
		err = create_pool(slot, rnd);
	while (err && ++tries < 100);
	mutex_unlock(&slot->tuning);
	if (err)
		fail(ERRNO, "slot %u gets no pool: %d", slot->nr, err);
	return err;
}

/* To know whether a pool may be closed. */
void slot_release(struct slot *slot)
{
	atomic_inc(&slot->releasing);
	atomic_inc(&slot->releases);
	count(C_RELEASE);
	workpool_release(slot->pool);
	atomic_dec(&slot->releasing);
}

int slot_release_timeout(struct slot *slot, long timeout)
{
	int err;

	atomic_inc(&slot->releasing);
	atomic_inc(&slot->releases);
	err = workpool_release_timeout(slot->pool, timeout);
	atomic_dec(&slot->releasing);
	count(err == -ETIMEDOUT ? C_RELEASE_LATE : C_RELEASE_TIMEOUT);
	if (err && err != -ESHUTDOWN && err != -ETIMEDOUT &&
	    !(err == -EINTR && signal_pending(current)))
		fail(ERRNO, "release_timeout of slot %u: %d", slot->nr, err);
	return err;
}

/* Nobody has the slot any more; others may reboot until then. */
static void empty_slot(struct slot *slot)
{
	WRITE_ONCE(slot->closing, true);
	slot_put(slot);
	do
		slot_release(slot);
	while (!wait_for_completion_timeout(&slot->unused, HZ / 10));
}

static void check_number(struct slot *slot, const char *what, u64 pool, long own)
{
	if (pool != own)
		fail(LEDGER, "slot %u: %s: %llu, but %ld", slot->nr, what, pool,
		     own);
}

/* All threads of the pool are gone, and all submitters. */
static void check_ledger(struct slot *slot, long dropped)
{
	struct ledger *own = &slot->ledger;
	struct workpool_stats s;

	workpool_stats(slot->pool, &s);
	check_number(slot, "submitted", s.submitted,
		     atomic_long_read(&own->accepted));
	check_number(slot, "completed", s.completed,
		     atomic_long_read(&own->finished));
	check_number(slot, "crashes", s.crashes,
		     atomic_long_read(&own->crashed) +
		     atomic_long_read(&own->callback_crashed));
	check_number(slot, "dropped", s.dropped, dropped);
	check_number(slot, "leaks", s.leaks, 0);
	if (s.running || s.busy || s.idle || s.searching || s.starting || s.alive ||
	    s.waiting || s.queued)
		fail_stats(LEDGER, slot, "is released, not empty", &s);
}

static void check_callbacks(struct slot *slot)
{
	struct ledger *own = &slot->ledger;
	long inits = atomic_long_read(&own->inits);
	long exits = atomic_long_read(&own->exits);
	long crashed = atomic_long_read(&own->crashed);
	long calls = atomic_long_read(&own->crash_calls);

	if (inits != exits)
		fail(CALLBACKS, "slot %u: %ld worker_init, %ld worker_exit",
		     slot->nr, inits, exits);
	/* a report that finds no worker is logged instead */
	if (calls > crashed ||
	    (calls != crashed && !slot->init_fails && !torture_crash))
		fail(CALLBACKS, "slot %u: %ld crashes, %ld calls", slot->nr,
		     crashed, calls);
	if (atomic_read(&slot->executing) || atomic_read(&slot->in_callback))
		fail(SEALED, "slot %u: %d tasks and %d callbacks run", slot->nr,
		     atomic_read(&slot->executing),
		     atomic_read(&slot->in_callback));
}

static void check_tickets(struct slot *slot, long lost)
{
	struct ledger *own = &slot->ledger;
	long accepted = atomic_long_read(&own->accepted);
	long ran = atomic_long_read(&own->ran);

	if (accepted - ran != lost)
		fail(ONCE, "slot %u: %ld tasks accepted, %ld ran", slot->nr,
		     accepted, ran);
	if (lost && !slot->init_fails && !torture_crash)
		fail(ONCE, "slot %u: %ld tasks were dropped", slot->nr, lost);
	for (; lost > 0; lost--)
		count(C_DROPPED);
}

/* Give the pool up, and see that nothing is left. */
void slot_destroy(struct slot *slot)
{
	long lost = 0;

	empty_slot(slot);
	if (slot->kind != ADMIN) {
		while (slot_release_timeout(slot, HZ) == -ETIMEDOUT)
			;
		WRITE_ONCE(slot->sealed, true);
		lost = ticket_collect(slot);
		check_ledger(slot, lost);
	}
	workpool_destroy(slot->pool);
	count(C_DESTROY);
	lost += ticket_collect(slot);
	check_callbacks(slot);
	check_tickets(slot, lost);
	WRITE_ONCE(slot->sealed, false);
}

static void show_slot(struct slot *slot)
{
	struct workpool_stats s;

	if (!slot_get(slot)) {
		pr_err("# torture: slot %u: no pool\n", slot->nr);
		return;
	}
	workpool_stats(slot->pool, &s);
	stats_show(slot, &s);
	slot_put(slot);
}

void slots_show(void)
{
	int i;

	for (i = 0; i < NR_SLOTS; i++)
		show_slot(&slots[i]);
}

static void init_slot(struct slot *slot, unsigned int nr)
{
	slot->nr = nr;
	slot->closing = true;
	init_completion(&slot->unused);
	mutex_init(&slot->life);
	mutex_init(&slot->tuning);
}

void slots_init(void)
{
	int i;

	for (i = 0; i < NR_SLOTS; i++)
		init_slot(&slots[i], i);
}

int slots_create(void)
{
	struct rnd rnd;
	int i, err = 0;

	rnd_seed(&rnd, 0);
	for (i = 0; i < NR_SLOTS; i++) {
		if (slots[i].kind == SYSTEM)
			open_slot(&slots[i], workpool_system);
		else
			err = err ?: slot_create(&slots[i], &rnd);
	}
	return err;
}

/* workpool_system is not ours: its tasks end, that is all. */
static void leave_system(struct slot *slot)
{
	int err;

	WRITE_ONCE(slot->closing, true);
	slot_put(slot);
	wait_for_completion(&slot->unused);
	err = workpool_drain(slot->pool, DEADLINE * HZ);
	if (err)
		fail(PROGRESS, "drain of the system pool: %d", err);
	check_tickets(slot, ticket_collect(slot));
}

void slots_destroy(void)
{
	int i;

	for (i = 0; i < NR_SLOTS; i++) {
		if (slots[i].kind == SYSTEM)
			leave_system(&slots[i]);
		else if (!slots[i].closing)
			slot_destroy(&slots[i]);
	}
}
