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
#include <stdlib.h>
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
	bool written = !fflush(stdout) && !ferror(stdout);

	if (ending) {
		__fpurge(stdout);
		clearerr(stdout);
	}
	return written;
}

/**
 * events_add() - collect the events of a pool, or of all, from now on
 * @events: the events, zeroed before the first call
 * @dev: a device that is open for this alone, until events_free()
 * @id: of the pool; 0: all pools
 * @types: a bit for each type, or 0: all types
 *
 * What is looked up after this is not older than the first event. See
 * events_catch_signals().
 *
 * Return: 0 or a negative errno; -ENOENT: there is no such pool.
 */
int events_add(struct events *events, const struct device *dev, __u32 id, __u64 types)
{
	struct event_file *files;
	struct pollfd *polls;
	size_t nr = events->nr + 1;
	int err;

	err = device_choose(dev, id, types);
	if (err)
		return err;
	files = realloc(events->files, nr * sizeof(*files));
	if (files)
		events->files = files;
	polls = realloc(events->polls, nr * sizeof(*polls));
	if (polls)
		events->polls = polls;
	if (!files || !polls)
		return -ENOMEM;
	files[events->nr] = (struct event_file){ 0 };
	polls[events->nr] = (struct pollfd){ .fd = dev->fd, .events = POLLIN };
	events->nr = nr;
	return 0;
}

void events_free(struct events *events)
{
	free(events->files);
	free(events->polls);
}

/* A file without a descriptor has ended. */
static bool have_ended(const struct events *events)
{
	size_t i;

	for (i = 0; i < events->nr; i++) {
		if (events->polls[i].fd >= 0)
			return false;
	}
	return true;
}

/*
 * Returns 1, or 0: all have ended, or a signal came. Signals are blocked but while it
 * waits: none comes between the look and the wait.
 */
static int wait_for_any(const struct events *events)
{
	sigset_t before;
	int err = 0;

	if (have_ended(events))
		return 0;
	sigprocmask(SIG_BLOCK, &signal_set, &before);
	while (!is_signalled() && ppoll(events->polls, events->nr, NULL, &before) < 0) {
		if (errno != EINTR) {
			err = -errno;
			break;
		}
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err ? err : !is_signalled();
}

static bool has_event(const struct event_file *file)
{
	return file->at < file->used;
}

/* Returns 1; 0: there is nothing now; or a negative errno. */
static int read_file(struct event_file *file, struct pollfd *file_poll)
{
	ssize_t size;

	if (file_poll->fd < 0 || has_event(file) || poll(file_poll, 1, 0) <= 0)
		return 0;
	size = read(file_poll->fd, file->buffer, sizeof(file->buffer));
	if (size < 0)
		return -errno;
	if (!size)
		file_poll->fd = -1;
	file->at = 0;
	file->used = size;
	return size > 0;
}

/*
 * Read from each file that has no event here. What is older than an event that was
 * read has been there before it: so the look ends when it finds nothing new.
 */
static int read_files(struct events *events)
{
	bool again;
	size_t i;
	int nr;

	do {
		again = false;
		for (i = 0; i < events->nr; i++) {
			nr = read_file(&events->files[i], &events->polls[i]);
			if (nr < 0)
				return nr;
			again |= nr > 0;
		}
	} while (again);
	return 0;
}

static const struct workpool_event *first_event(const struct event_file *file)
{
	return (const void *)((const char *)file->buffer + file->at);
}

/* The file with the oldest event, or NULL. */
static struct event_file *find_oldest(const struct events *events)
{
	struct event_file *file, *oldest = NULL;
	size_t i;

	for (i = 0; i < events->nr; i++) {
		file = &events->files[i];
		if (has_event(file) && (!oldest || first_event(file)->seq <
						   first_event(oldest)->seq))
			oldest = file;
	}
	return oldest;
}

static int take_event(struct event_file *file, struct workpool_event *event)
{
	const struct workpool_event *from = first_event(file);
	__u32 size = from->size;

	if (size < offsetof(struct workpool_event, u) || size % sizeof(__u64) ||
	    size > file->used - file->at)
		return -EPROTO;
	memset(event, 0, sizeof(*event));
	memcpy(event, from, size < sizeof(*event) ? size : sizeof(*event));
	file->at += size;
	return 1;
}

/* What was lost before it came to the files is told in each of them. */
static bool is_told(struct events *events, const struct workpool_event *event)
{
	if (event->type != WORKPOOL_EVENT_LOST)
		return false;
	if (event->seq == events->last_lost)
		return true;
	events->last_lost = event->seq;
	return false;
}

/**
 * events_next() - wait for the next event
 * @events: the events
 * @event: the result. What an older module does not know is 0
 *
 * Events of several pools come in the order in which they happened.
 *
 * Return: 1; 0: there will be none, or a signal came; or a negative errno.
 */
int events_next(struct events *events, struct workpool_event *event)
{
	struct event_file *file;
	int more;

	for (;;) {
		more = is_signalled() ? 0 : read_files(events);
		if (more < 0)
			return more;
		file = find_oldest(events);
		if (file) {
			more = take_event(file, event);
			if (more < 0 || !is_told(events, event))
				return more;
		} else {
			more = wait_for_any(events);
			if (more <= 0)
				return more;
		}
	}
}
