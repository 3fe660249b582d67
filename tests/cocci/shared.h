/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A header whose types its users need to know.
 */
#ifndef _SHARED_H
#define _SHARED_H

#include <linux/workqueue.h>

struct device_state {
	struct delayed_work poll;
	struct work_struct reset;
	struct workqueue_struct *wq;
};

static inline void device_state_reset(struct device_state *state)
{
	queue_work(state->wq, &state->reset);
}

#endif /* _SHARED_H */
