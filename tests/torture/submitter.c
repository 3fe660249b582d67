// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that submit, and the one that kills them while they wait.
 */

#include "torture.h"

#define NR_SUBMITTERS	8

static void submit_round(struct thread *thread)
{
	struct slot *slot = slot_any(&thread->rnd);
	enum how how = rnd_below(&thread->rnd, NR_HOW);

	if (!slot_get(slot))
		return thread_pauses(thread, 100);
	thread_does(thread, "submit", slot);
	offer(slot, &thread->rnd, how, 0);
	slot_put(slot);
	thread_pauses(thread, 500);
}

static void kill_round(struct thread *thread)
{
	thread_does(thread, "kill", NULL);
	threads_kill_one(&thread->rnd);
	usleep_range(100, 100 + rnd_below(&thread->rnd, 10000));
}

void submitters_start(void)
{
	int i;

	for (i = 0; i < NR_SUBMITTERS; i++)
		thread_start("submit", submit_round, NULL, true);
	thread_start("kill", kill_round, NULL, false);
}
