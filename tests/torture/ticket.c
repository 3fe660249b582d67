// SPDX-License-Identifier: GPL-2.0
/*
 * Tickets: each task that is offered to a pool has one. They are taken in any
 * context, from an array that stays: a task that runs late or twice finds its
 * ticket in another state or of another generation.
 */

#include <linux/bits.h>
#include <linux/spinlock.h>

#include "torture.h"

#define NR_TICKETS	16384
#define INDEX_BITS	16

#define OFFERED		BIT(0)
#define ACCEPTED	BIT(1)
#define RAN		BIT(2)
#define REFUSED		BIT(3)

struct ticket {
	atomic_t state;
	u32 generation;
	struct task_info info;
};

static struct ticket tickets[NR_TICKETS];
static u16 unused[NR_TICKETS];
static int nr_unused;
static DEFINE_RAW_SPINLOCK(lock);	/* unused, nr_unused */

void tickets_init(void)
{
	for (nr_unused = 0; nr_unused < NR_TICKETS; nr_unused++)
		unused[nr_unused] = nr_unused;
}

static void *ticket_code(struct ticket *ticket)
{
	return (void *)((unsigned long)ticket->generation << INDEX_BITS |
			(ticket - tickets));
}

static struct ticket *find_ticket(void *code)
{
	return &tickets[(unsigned long)code & (NR_TICKETS - 1)];
}

/* NULL: all are in use. */
void *ticket_take(const struct task_info *info)
{
	struct ticket *ticket = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	if (nr_unused)
		ticket = &tickets[unused[--nr_unused]];
	raw_spin_unlock_irqrestore(&lock, flags);
	if (!ticket)
		return NULL;
	ticket->generation++;
	ticket->info = *info;
	atomic_set_release(&ticket->state, OFFERED);
	return ticket_code(ticket);
}

static void ticket_free(struct ticket *ticket)
{
	unsigned long flags;

	atomic_set(&ticket->state, 0);
	raw_spin_lock_irqsave(&lock, flags);
	unused[nr_unused++] = ticket - tickets;
	raw_spin_unlock_irqrestore(&lock, flags);
}

/* The submitter knows. */
void ticket_settle(void *code, bool accepted)
{
	struct ticket *ticket = find_ticket(code);
	struct slot *slot = ticket->info.slot;
	int old;

	old = atomic_fetch_or(accepted ? ACCEPTED : REFUSED, &ticket->state);
	if (!accepted && (old & RAN))
		fail(ONCE, "a task of slot %u ran that was refused", slot->nr);
	if (accepted)
		atomic_long_inc(&slot->ledger.accepted);
	if (!accepted || (old & RAN))
		ticket_free(ticket);
}

/* The task runs. Returns false when it must not. */
bool ticket_begin(void *code, struct task_info *info)
{
	struct ticket *ticket = find_ticket(code);
	int old;

	*info = ticket->info;
	if (ticket_code(ticket) != code) {
		fail(ONCE, "a task of another age runs");
		return false;
	}
	old = atomic_fetch_or(RAN, &ticket->state);
	if (!(old & OFFERED) || (old & (RAN | REFUSED))) {
		fail(ONCE, "a task of slot %u runs in state %#x",
		     info->slot->nr, old);
		return false;
	}
	atomic_long_inc(&info->slot->ledger.ran);
	if (old & ACCEPTED)
		ticket_free(ticket);
	return true;
}

/* Tickets of accepted tasks that were dropped; the pool is gone. */
long ticket_collect(struct slot *slot)
{
	long nr = 0;
	int i;

	for (i = 0; i < NR_TICKETS; i++) {
		if (atomic_read(&tickets[i].state) != (OFFERED | ACCEPTED) ||
		    tickets[i].info.slot != slot)
			continue;
		ticket_free(&tickets[i]);
		nr++;
	}
	return nr;
}
