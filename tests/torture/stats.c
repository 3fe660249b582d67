// SPDX-License-Identifier: GPL-2.0
/*
 * The numbers of a pool, printed.
 */

#include <linux/printk.h>

#include "torture.h"

void stats_show(struct slot *slot, const struct workpool_stats *s)
{
	pr_err("# torture: slot %u: %s capacity %d min %u flags %#x; %d tasks and %d callbacks run\n",
	       slot->nr, s->closed ? "closed" : "open", s->capacity,
	       s->min_workers, slot->flags, atomic_read(&slot->executing),
	       atomic_read(&slot->in_callback));
	pr_err("# torture: slot %u: running %d busy %d idle %d searching %d starting %d alive %d waiting %d queued %d\n",
	       slot->nr, s->running, s->busy, s->idle, s->searching,
	       s->starting, s->alive, s->waiting, s->queued);
	pr_err("# torture: slot %u: submitted %llu completed %llu dropped %llu crashes %llu leaks %llu\n",
	       slot->nr, s->submitted, s->completed, s->dropped, s->crashes,
	       s->leaks);
	pr_err("# torture: slot %u: spawned %llu adopted %llu retired %llu spawn_failures %llu init_failures %llu\n",
	       slot->nr, s->spawned, s->adopted, s->retired, s->spawn_failures,
	       s->init_failures);
}

void fail_stats(enum claim claim, struct slot *slot, const char *why,
		const struct workpool_stats *s)
{
	fail(claim, "slot %u %s", slot->nr, why);
	stats_show(slot, s);
}
