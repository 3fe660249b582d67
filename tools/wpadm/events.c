// SPDX-License-Identifier: GPL-2.0
/*
 * Events of the device: what happens to the pools, one after the other.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "events.h"

/* What asks a command that reads events to do something else. */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
static sigset_t signal_set;

/* Of them, the one that asked to end, or 0; and whether SIGHUP asked for something else */
static volatile sig_atomic_t ending, hung_up;

/* What SIGHUP asks for */
static bool is_hup_end;

/* To be asked twice to end means at once, however long a write takes. */
static void note_signal(int signal)
{
	if (signal == SIGHUP && !is_hup_end)
		hung_up = 1;
	else if (ending)
		_exit(128 + signal);
	else
		ending = signal;
}

static bool is_signalled(void)
{
	return ending || hung_up;
}

/**
 * events_catch_signals() - from here on signals end the wait for an event
 * @hup_ends: SIGHUP asks to end, too, as far as it is not ignored, as with nohup
 *
 * Those that ask to end also end a write.
 */
void events_catch_signals(bool hup_ends)
{
	struct sigaction action = { .sa_handler = note_signal }, before;
	size_t i;

	is_hup_end = hup_ends;
	sigemptyset(&action.sa_mask);
	sigemptyset(&signal_set);
	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		sigaction(signals[i], NULL, &before);
		if (signals[i] == SIGHUP && hup_ends && before.sa_handler == SIG_IGN)
			continue;
		sigaddset(&signal_set, signals[i]);
		action.sa_flags = signals[i] == SIGHUP && !hup_ends ? SA_RESTART : 0;
		sigaction(signals[i], &action, NULL);
	}
}

/* Returns the signal that asked to end; SIGHUP that did not, once for each; or 0. */
int events_signal(void)
{
	int signal = ending;

	if (!signal && hung_up) {
		/* One that comes after this is not lost. */
		hung_up = 0;
		signal = SIGHUP;
	}
	return signal;
}

/**
 * events_flush() - write what was printed
 *
 * Return: true; false: it has failed, see ferror(), or a signal that asks to end came
 * while it waited. That is no failure, and the rest of the output is thrown away.
 */
bool events_flush(void)
{
	bool written = !fflush(stdout);

	if (!written && ending) {
		__fpurge(stdout);
		clearerr(stdout);
	}
	return written;
}

/**
 * events_start() - collect the events of all pools from now on
 * @events: the result
 * @dev: the device, which nobody else reads
 * @types: a bit for each type, or 0: all types
 *
 * What is looked up after this is not older than the first event. See
 * device_choose() to leave out other pools, and events_catch_signals().
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
 * Returns 1, or 0: a signal came. They are blocked but while it waits: none
 * comes between the look and the wait.
 */
static int wait_for_any(const struct events *events)
{
	struct pollfd file = { .fd = events->dev->fd, .events = POLLIN };
	sigset_t before;
	int err = 0;

	sigprocmask(SIG_BLOCK, &signal_set, &before);
	while (!is_signalled() && ppoll(&file, 1, NULL, &before) < 0) {
		if (errno != EINTR) {
			err = -errno;
			break;
		}
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err ? err : !is_signalled();
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
