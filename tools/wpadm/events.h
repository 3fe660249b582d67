/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of the device: what happens to the pools, one after the other.
 */
#ifndef WPADM_EVENTS_H
#define WPADM_EVENTS_H

#include "device.h"

/**
 * struct events - events that are read
 * @dev: the device, which collects them
 * @at: where the next event is in @buffer, in bytes
 * @used: bytes of @buffer
 * @buffer: what was read at once
 */
struct events {
	const struct device *dev;
	size_t at;
	size_t used;
	__u64 buffer[WORKPOOL_EVENT_SIZE_MAX];
};

int events_start(struct events *events, const struct device *dev, __u64 types);
void events_catch_signals(bool hup_ends);
int events_signal(void);
bool events_flush(void);
bool events_are_there(const struct events *events);
int events_next(struct events *events, struct workpool_event *event);

#endif /* WPADM_EVENTS_H */
