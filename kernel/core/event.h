/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events: threads that wait until a pool has got to a certain state.
 */
#ifndef _WP_CORE_EVENT_H
#define _WP_CORE_EVENT_H

#include <linux/types.h>

#include "core/wait.h"

struct workpool;
struct wp_deferred;

/**
 * struct wp_event - what a thread waits for
 * @kind: for debugfs
 * @came_locked: has the pool got there?
 * @boot: for @came_locked: the number of a boot
 */
struct wp_event {
	enum wp_wait_kind	kind;
	bool			(*came_locked)(struct workpool *pool,
					       const struct wp_event *event);
	u64			boot;
};

long wp_event_wait(struct workpool *pool, const struct wp_event *event,
		   unsigned int state, long timeout);
void wp_event_tell_locked(struct workpool *pool, struct wp_deferred *deferred);
bool wp_event_slice_locked(struct workpool *pool, struct wp_deferred *deferred);

#endif /* _WP_CORE_EVENT_H */
