// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes wpadm as a whole, behind main() and in front of the device.
 *
 * The input is what the device answers, a line, and then the words of the command line, a
 * line each. Nothing is written but the standard output.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "usage.h"
#include "target.h"

#define MOST_WORDS	16
#define MOST_POOLS	4
#define MOST_EVENTS	8
#define MOST_SAMPLES	3

/* What the device answers: its bytes again and again. */
static const unsigned char *answer;
static size_t answer_size, answer_pos;

/* The command that runs reads events. */
static int reads_events;

static unsigned char next_byte(void)
{
	return answer_size ? answer[answer_pos++ % answer_size] : 0;
}

static void fill(void *to, size_t size)
{
	unsigned char *byte = to;

	while (size--)
		*byte++ = next_byte();
}

static int error(void)
{
	static const int errors[] = {
		0, 0, 0, 0, -ENOENT, -EPERM, -ESHUTDOWN, -EINVAL, -EOPNOTSUPP,
		-EBUSY, -EALREADY, -ETIMEDOUT, -EINTR, -ENOMEM, -ENOTTY, -EIO,
	};

	return errors[next_byte() % (sizeof(errors) / sizeof(*errors))];
}

static void fill_stat(struct workpool_ioc_stat *stat)
{
	fill(stat, sizeof(*stat));
	stat->name[sizeof(stat->name) - 1] = 0;	/* the kernel promises that */
	stat->owner[sizeof(stat->owner) - 1] = 0;
	stat->multi[sizeof(stat->multi) - 1] = 0;
}

/* The kernel promises that the text in it ends. One of a newer module is longer. */
static void write_event(int fd)
{
	char bytes[WORKPOOL_EVENT_SIZE_MAX];
	struct workpool_event *event = (void *)bytes;

	fill(bytes, sizeof(bytes));
	event->size = offsetof(struct workpool_event, u) + next_byte();
	event->type %= WORKPOOL_EVENT_DROPPED + 2;
	event->pool[sizeof(event->pool) - 1] = 0;
	event->u.created.owner[sizeof(event->u.created.owner) - 1] = 0;
	event->u.tuned.actor.comm[sizeof(event->u.tuned.actor.comm) - 1] = 0;
	event->u.crashed.comm[sizeof(event->u.crashed.comm) - 1] = 0;
	event->u.crashed.function[sizeof(event->u.crashed.function) - 1] = 0;
	event->u.dropped.function[sizeof(event->u.dropped.function) - 1] = 0;
	if (write(fd, bytes, event->size) != (ssize_t)event->size)
		abort();
}

/* Let the device have some events, and then the end. */
static void device_write_events(struct device *dev)
{
	unsigned int nr = next_byte() % MOST_EVENTS;

	dev->fd = memfd_create("events", MFD_CLOEXEC);
	if (dev->fd < 0)
		abort();
	while (nr--)
		write_event(dev->fd);
	if (lseek(dev->fd, 0, SEEK_SET))
		abort();
}

int device_read_info(struct device *dev)
{
	fill(&dev->info, sizeof(dev->info));
	dev->info.version[sizeof(dev->info.version) - 1] = 0;
	return error();
}

int device_open(struct device *dev, const char *path, bool writable)
{
	(void)path;
	(void)writable;
	memset(dev, 0, sizeof(*dev));
	dev->fd = -1;
	device_read_info(dev);
	if (next_byte() == 255)
		return -ENOENT;
	if (reads_events)
		device_write_events(dev);
	return 0;
}

void device_close(struct device *dev)
{
	if (dev->fd >= 0)
		close(dev->fd);
}

int device_stat(const struct device *dev, const struct pool_ref *ref,
		struct workpool_ioc_stat *stat)
{
	(void)dev;
	(void)ref;
	fill_stat(stat);
	return error();
}

int device_stat_all(const struct device *dev, struct pool_list *list)
{
	size_t i;

	(void)dev;
	list->nr = next_byte() % (MOST_POOLS + 1);
	list->pools = calloc(MOST_POOLS, sizeof(*list->pools));
	if (!list->pools)
		return -ENOMEM;
	for (i = 0; i < list->nr; i++)
		fill_stat(&list->pools[i]);
	return 0;
}

int device_multi_stat(const struct device *dev, __u32 id,
		      struct workpool_ioc_stat *stat)
{
	struct pool_ref ref = { .id = id };

	return device_stat(dev, &ref, stat);
}

int device_append_multi(const struct device *dev, __u32 id,
			struct pool_list *list)
{
	struct workpool_ioc_stat *pools;

	pools = reallocarray(list->pools, list->nr + 1, sizeof(*pools));
	if (!pools)
		return -ENOMEM;
	list->pools = pools;
	return device_multi_stat(dev, id, &pools[list->nr++]);
}

int device_tune(const struct device *dev, const struct pool_ref *ref,
		struct workpool_ioc_tune *tune)
{
	(void)dev;
	(void)ref;
	fill(tune, sizeof(*tune));
	tune->name[sizeof(tune->name) - 1] = 0;
	return error();
}

int device_release(const struct device *dev, const struct pool_ref *ref,
		   struct workpool_ioc_release *release)
{
	(void)dev;
	(void)ref;
	fill(release, sizeof(*release));
	release->name[sizeof(release->name) - 1] = 0;
	return error();
}

int device_reboot(const struct device *dev, const struct pool_ref *ref,
		  struct workpool_ioc_reboot *reboot)
{
	(void)dev;
	(void)ref;
	fill(reboot, sizeof(*reboot));
	reboot->name[sizeof(reboot->name) - 1] = 0;
	return error();
}

int device_pause(const struct device *dev, const struct pool_ref *ref,
		 struct workpool_ioc_pause *pause)
{
	(void)dev;
	(void)ref;
	fill(pause, sizeof(*pause));
	pause->name[sizeof(pause->name) - 1] = 0;
	return error();
}

int device_measure(const struct device *dev, const struct pool_ref *ref,
		   struct workpool_ioc_measure *measure)
{
	(void)dev;
	(void)ref;
	fill(measure, sizeof(*measure));
	measure->name[sizeof(measure->name) - 1] = 0;
	return error();
}

/* The numbers need not be in accord with each other. */
int device_latency(const struct device *dev, const struct pool_ref *ref,
		   struct workpool_ioc_latency *latency)
{
	__u64 *buckets = (__u64 *)(uintptr_t)latency->buckets;
	__u32 i;

	(void)dev;
	(void)ref;
	for (i = 0; i < latency->nr_buckets; i++)
		buckets[i] = next_byte() < 16 ? next_byte() : 0;
	fill(&latency->since_ns, sizeof(latency->since_ns));
	latency->since_ns %= 2;
	fill(&latency->count, sizeof(latency->count));
	fill(&latency->sum_ns, sizeof(latency->sum_ns));
	fill(&latency->max_ns, sizeof(latency->max_ns));
	return error();
}

int device_choose(const struct device *dev, __u32 id, __u64 types)
{
	(void)dev;
	(void)id;
	(void)types;
	return error();
}

/* The device answers at once, so top need not wait for its next sample. */
int nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)time;
	(void)left;
	return 0;
}

/* Without --for, latency waits for a signal. */
static int waits(const struct command *command, const struct options *opts)
{
	return command == &latency_command && !(opts->given & OPTION_SWITCH) &&
	       (!(opts->given & OPTION_FOR) || opts->for_ns > NSEC_PER_MSEC);
}

/* Without --iter, top goes on for ever. */
static int goes_on(const struct command *command, const struct options *opts)
{
	return command == &top_command &&
	       (!opts->iterations || opts->iterations > MOST_SAMPLES);
}

/* apply reads any file, and a file or a parameter would be written */
static int is_harmless(const struct command *command, const struct options *opts)
{
	return !waits(command, opts) && !goes_on(command, opts) && command != &apply_command &&
	       !opts->module && !(command->options & OPTION_FILE && opts->file);
}

/* monitor waits for signals. They are to end this program as before. */
static void restore_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void run(int argc, char **argv)
{
	const struct command *command;
	struct options opts;

	optind = 0;	/* getopt_long() starts from the beginning */
	if (options_parse(&opts, argc, argv) || opts.version)
		return;
	argc -= optind;
	argv += optind;
	command = argc ? command_find(argv[0]) : commands[0];
	if (!command || !is_harmless(command, &opts))
		return;
	reads_events = command == &monitor_command;
	if (opts.help)
		help_print(command);
	else if (!options_check(&opts, command->name,
				command->options | OPTIONS_COMMON))
		command->run(&opts, argc ? argc - 1 : 0, argv + !!argc);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const unsigned char *end = memchr(data, '\n', size);
	char *argv[MOST_WORDS + 2] = { "wpadm" }, *text, *rest;
	int argc = 1;

	if (!end || size > 2000)
		return 0;
	answer = data;
	answer_size = end - data;
	answer_pos = 0;
	text = strndup((const char *)end + 1, size - answer_size - 1);
	if (!text)
		return 0;
	rest = text;
	while (argc <= MOST_WORDS && *rest) {
		argv[argc++] = rest;
		rest += strcspn(rest, "\n");
		if (*rest)
			*rest++ = 0;
	}
	run(argc, argv);
	restore_signals();
	free(text);
	return 0;
}
