// SPDX-License-Identifier: GPL-2.0
/*
 * The member of delayed work that only the header declares.
 */
#include <linux/module.h>

#include "shared.h"

static void __maybe_unused flush_state(struct device_state *state)
{
	device_state_reset(state);
	flush_work(&state->poll.work);
	flush_work(&state->reset);
}

MODULE_DESCRIPTION("A sample for the semantic patch");
MODULE_LICENSE("GPL");
