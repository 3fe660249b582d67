// SPDX-License-Identifier: GPL-2.0
/*
 * torture-events: files of /dev/workpool that collect events, until it is killed: they
 * are opened, choose, are read or not, and are closed. What they give must be in order
 * and whole. In the virtual machine of the torture test.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/workpool.h>

#define NR_FILES	16
#define HEADER		offsetof(struct workpool_event, u)
#define TYPES		((2ull << WORKPOOL_EVENT_DROPPED) - 1)

/**
 * struct file - an open file
 * @fd: its descriptor
 * @seq: number of the last event
 * @id: the pool that it has chosen, or 0
 * @ended: that pool is gone
 */
struct file {
	int fd;
	__u64 seq;
	__u32 id;
	int ended;
};

static struct file files[NR_FILES];
static unsigned long nr_read, nr_lost, nr_ended, nr_short;

/* More than one record, and for most of them no multiple of their size. */
static char bytes[1000];

static unsigned int below(unsigned int n)
{
	return (unsigned int)random() % n;
}

static void fail(const char *fmt, ...)
{
	va_list args;

	fputs("# torture-events: FAIL: ", stdout);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	exit(1);
}

static void report(int nr)
{
	printf("# torture-events: %lu read, %lu lost, %lu ended, %lu short\n",
	       nr_read, nr_lost, nr_ended, nr_short);
	exit(nr_read ? 0 : 1);
}

static void open_file(struct file *file)
{
	file->fd = open("/dev/workpool", O_RDONLY | O_NONBLOCK);
	if (file->fd < 0)
		fail("open: %s", strerror(errno));
	file->seq = 0;
	file->id = 0;
	file->ended = 0;
}

static void close_file(struct file *file)
{
	close(file->fd);
	open_file(file);
}

/* Without a name, or with that of a pool that comes and goes */
static void choose(struct file *file)
{
	struct workpool_ioc_events arg = {
		.size = sizeof(arg),
		.types = below(2) ? random() & TYPES : 0,
	};

	if (below(3))
		snprintf(arg.name, sizeof(arg.name), "torture-%u", below(7));
	if (ioctl(file->fd, WORKPOOL_IOC_EVENTS, &arg)) {
		if (errno != ENOENT && errno != ENOMEM)
			fail("ioctl: %s", strerror(errno));
		return;
	}
	file->id = arg.id;
	file->ended = 0;
}

/* Returns the size of the event at @at. */
static size_t check(struct file *file, const char *at, size_t left)
{
	struct workpool_event event;

	if (left < HEADER)
		fail("%zu bytes of an event", left);
	memcpy(&event, at, HEADER);
	if (event.size > left || event.size < HEADER || event.size % 8)
		fail("size %u, %zu left", event.size, left);
	memcpy(&event, at, event.size);
	if (event.type > WORKPOOL_EVENT_DROPPED || event.reserved)
		fail("type %u, reserved %u", event.type, event.reserved);
	if (event.seq <= file->seq)
		fail("%llu after %llu", event.seq, file->seq);
	if (event.type == WORKPOOL_EVENT_LOST ? event.pool_id : !event.pool_id)
		fail("type %u of pool %u", event.type, event.pool_id);
	file->seq = event.seq;
	nr_read++;
	if (event.type == WORKPOOL_EVENT_LOST)
		nr_lost += event.u.lost.count;
	return event.size;
}

static void check_all(struct file *file, size_t size)
{
	size_t at;

	for (at = 0; at < size; at += check(file, bytes + at, size - at))
		;
}

static void at_end(struct file *file)
{
	struct pollfd pollfd = { .fd = file->fd, .events = POLLIN };

	if (!file->id)
		fail("an end without a pool");
	if (poll(&pollfd, 1, 0) != 1 || pollfd.revents != POLLHUP)
		fail("no POLLHUP at the end");
	nr_ended += !file->ended;
	file->ended = 1;
}

static void read_file(struct file *file)
{
	ssize_t size = read(file->fd, bytes, below(4) ? sizeof(bytes) :
						       below(sizeof(bytes)));

	if (size > 0)
		check_all(file, size);
	else if (!size)
		at_end(file);
	else if (errno == EINVAL)
		nr_short++;
	else if (errno != EAGAIN && errno != ENOMEM)
		fail("read: %s", strerror(errno));
}

static void wait_for_file(struct file *file)
{
	struct pollfd pollfd = { .fd = file->fd, .events = POLLIN };

	if (poll(&pollfd, 1, below(20)) < 0)
		fail("poll: %s", strerror(errno));
	if (pollfd.revents & POLLNVAL)
		fail("poll: %#x", pollfd.revents);
}

int main(void)
{
	struct file *file;
	unsigned int i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGTERM, report);
	for (i = 0; i < NR_FILES; i++)
		open_file(&files[i]);
	for (;;) {
		/* the last ones are seldom read */
		file = &files[below(below(4) ? NR_FILES / 2 : NR_FILES)];
		switch (below(50)) {
		case 0:
			close_file(file);
			break;
		case 1: case 2: case 3:
			choose(file);
			break;
		case 4: case 5: case 6: case 7: case 8: case 9:
			wait_for_file(file);
			break;
		default:
			read_file(file);
		}
		if (!below(10))
			usleep(below(1000));
	}
}
