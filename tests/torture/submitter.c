// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that submit, and the one that kills them while they wait.
 */

#include "torture.h"

#define NR_SUBMITTERS	8

static void submit_round(struct actor *actor)
{
	struct slot *slot = slot_any(&actor->rnd);
	enum how how = rnd_below(&actor->rnd, NR_HOW);

	if (!slot_get(slot))
		return actor_pauses(actor, 100);
	actor_does(actor, "submit", slot);
	offer(slot, &actor->rnd, how, 0);
	slot_put(slot);
	actor_pauses(actor, 500);
}

static void kill_round(struct actor *actor)
{
	actor_does(actor, "kill", NULL);
	actors_kill_one(&actor->rnd);
	usleep_range(100, 100 + rnd_below(&actor->rnd, 10000));
}

void submitters_start(void)
{
	int i;

	for (i = 0; i < NR_SUBMITTERS; i++)
		actor_start("submit", submit_round, NULL, true);
	actor_start("kill", kill_round, NULL, false);
}
