// SPDX-License-Identifier: GPL-2.0
/*
 * Events of the device: what happens to the pools, one after the other.
 */
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "events.h"

/**
 * events_start() - collect the events of all pools from now on
 * @events: the result; the caller sets @signals and @stop
 * @dev: the device, which nobody else reads
 * @types: a bit for each type, or 0: all types
 *
 * What is looked up after this is not older than the first event. See
 * device_choose() to leave out other pools.
 *
 * Return: 0 or a negative errno.
 */
int events_start(struct events *events, const struct device *dev, __u64 types)
{
	events->dev = dev;
	events->at = 0;
	events->used = 0;
	return device_choose(dev, 0, types);
}

/*
 * Returns 1, or 0: to be stopped. The signals are blocked but while it waits:
 * none comes between the look at @stop and the wait.
 */
static int wait_for_any(const struct events *events)
{
	struct pollfd file = { .fd = events->dev->fd, .events = POLLIN };
	sigset_t before;
	int err = 0;

	sigprocmask(SIG_BLOCK, &events->signals, &before);
	while (!*events->stop && ppoll(&file, 1, NULL, &before) < 0) {
		if (errno != EINTR) {
			err = -errno;
			break;
		}
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err ? err : !*events->stop;
}

/* Is there an event that can be had without a wait? */
bool events_are_there(const struct events *events)
{
	struct pollfd file = { .fd = events->dev->fd, .events = POLLIN };

	return events->at < events->used ||
	       (poll(&file, 1, 0) > 0 && (file.revents & POLLIN));
}

static int read_some(struct events *events)
{
	int more = wait_for_any(events);
	ssize_t size;

	if (more <= 0)
		return more;
	size = read(events->dev->fd, events->buffer, sizeof(events->buffer));
	if (size < 0)
		return -errno;
	events->at = 0;
	events->used = size;
	return size > 0;
}

/**
 * events_next() - wait for the next event
 * @events: the events
 * @event: the result. What an older module does not know is 0
 *
 * Return: 1; 0: there will be none, or a signal came; or a negative errno.
 */
int events_next(struct events *events, struct workpool_event *event)
{
	const char *from;
	__u32 size;
	int more;

	if (events->at == events->used) {
		more = read_some(events);
		if (more <= 0)
			return more;
	}
	from = (const char *)events->buffer + events->at;
	memcpy(&size, from, sizeof(size));
	if (size < offsetof(struct workpool_event, u) ||
	    size > events->used - events->at)
		return -EPROTO;
	memset(event, 0, sizeof(*event));
	memcpy(event, from, size < sizeof(*event) ? size : sizeof(*event));
	events->at += size;
	return 1;
}
