/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of the device: what happens to the pools, one after the other.
 */
#ifndef WPADM_EVENTS_H
#define WPADM_EVENTS_H

#include <poll.h>

#include "device.h"

/**
 * struct event_file - what was read from an open device
 * @at: where the next event is in @buffer, in bytes
 * @used: bytes of @buffer
 * @buffer: what was read at once
 */
struct event_file {
	size_t at;
	size_t used;
	__u64 buffer[WORKPOOL_EVENT_SIZE_MAX];
};

/**
 * struct events - events that are read, of all pools or of some
 * @files: what was read, by device
 * @polls: the devices, in the same order
 * @nr: how many
 * @last_lost: the number of the last event that tells of a loss
 */
struct events {
	struct event_file *files;
	struct pollfd *polls;
	size_t nr;
	__u64 last_lost;
};

void events_catch_signals(bool hup_ends);
int events_signal(void);
bool events_flush(void);
int events_add(struct events *events, const struct device *dev, __u32 id, __u64 types);
void events_free(struct events *events);
int events_next(struct events *events, struct workpool_event *event);

#endif /* WPADM_EVENTS_H */
