// SPDX-License-Identifier: GPL-2.0
/*
 * The settings of a pool that an administrator changes: how they are named, read and
 * written.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "parse.h"
#include "setting.h"
#include "text.h"

#define CPUS_POSSIBLE	"/sys/devices/system/cpu/possible"

static int parse_number(const char *text, __u32 min, __u32 *value)
{
	__u64 count;
	int err = parse_count(text, min, INT_MAX, &count);

	if (!err)
		*value = count;
	return err;
}

static int parse_capacity(const char *text, void *value)
{
	return parse_number(text, 1, value);
}

static int parse_workers(const char *text, void *value)
{
	return parse_number(text, 0, value);
}

static int parse_limit(const char *text, void *value)
{
	memset(value, 0, sizeof(__u32));
	return strcmp(text, "unlimited") ? parse_number(text, 0, value) : 0;
}

static int parse_expiry(const char *text, void *value)
{
	__u64 ns;

	if (parse_duration(text, NSEC_PER_MSEC, &ns))
		return -EINVAL;
	if (!ns || ns % NSEC_PER_MSEC || ns / NSEC_PER_MSEC > INT_MAX)
		return -ERANGE;
	*(__u32 *)value = ns / NSEC_PER_MSEC;
	return 0;
}

static int parse_nice(const char *text, void *value)
{
	bool negative = *text == '-';
	__u64 count;
	int err = parse_count(text + negative, 0, negative ? 20 : 19, &count);

	if (!err)
		*(__s32 *)value = negative ? -(__s32)count : (__s32)count;
	return err;
}

static int parse_rt(const char *text, void *value)
{
	__u64 count;
	int err = parse_count(text, 0, 99, &count);

	if (!err)
		*(__u32 *)value = count;
	return err;
}

static int parse_depth(const char *text, void *value)
{
	__u64 count;
	int err = parse_count(text, 0, WORKPOOL_IOC_DEPTH_MAX, &count);

	if (!err)
		*(__u32 *)value = count;
	return err;
}

static int parse_cpu_list(const char *text, void *field)
{
	struct values *values = field;
	bool own = strcmp(text, "default");

	if (own && parse_cpus(text, values->cpus, NR_CPU_WORDS))
		return -EINVAL;
	values->tune.own_cpus = own;
	values->knows_cpus = true;
	return 0;
}

static void format_cpu_list(char *buf, size_t size, const void *field,
			    enum style style)
{
	const struct values *values = field;

	(void)style;
	if (!values->knows_cpus)
		snprintf(buf, size, "?");
	else if (!values->tune.own_cpus)
		snprintf(buf, size, "default");
	else
		format_cpus(buf, size, values->cpus, NR_CPU_WORDS);
}

/* An event says only whether the CPUs are those with which the pool was created. */
static void format_own_cpus(char *buf, size_t size, __u32 own, enum style style)
{
	const char *quote = style == STYLE_JSON ? "\"" : "";

	snprintf(buf, size, "%s%s%s", quote, own ? "own" : "default", quote);
}

/* In the order of settings[] */
const struct setting_text setting_texts[] = {
	{ "capacity", "N",
	  "maximum number of workers, 1 to 2147483647. When it grows, waiting submitters get\n"
	  "the new workers at once. When it shrinks, idle workers leave at once and busy ones\n"
	  "after their task. The capacity of an unlimited or preallocated pool is fixed." },
	{ "expiry", "TIME",
	  "idle time after which a worker leaves, at least 1 ms: 500ms, 5s, 2m, 1h; a plain\n"
	  "number is milliseconds." },
	{ "max-blocking", "N",
	  "maximum number of waiting submitters; 0 or 'unlimited': no limit." },
	{ "min-workers", "N",
	  "workers that are never purged, at most the capacity. It is fixed for a\n"
	  "preallocated pool." },
	{ "nice", "N",
	  "nice value of the workers, -20 to 19. This and the next setting hold at once, also\n"
	  "for a worker in a task. A value below 0 needs CAP_SYS_NICE." },
	{ "rt", "N",
	  "SCHED_FIFO priority of the workers, 1 to 99, which needs CAP_SYS_NICE; 0: none." },
	{ "queue-depth", "N",
	  "calls that are accepted without a free worker, 0 to "
	  STRINGIFY(WORKPOOL_IOC_DEPTH_MAX) ". What is queued already\n"
	  "stays when the number drops." },
	{ "cpus", "LIST",
	  "CPUs of the workers, for example 0-3,8; one of them must be online. 'default': those\n"
	  "with which the pool was created." },
	{ 0 }
};

/* The offsets of a field that TUNE, STAT and events have */
#define IN_ALL(_field)							\
	.offset = offsetof(struct values, tune._field),			\
	.stat_offset = offsetof(struct workpool_ioc_stat, _field),	\
	.event_offset = offsetof(struct workpool_event_values, _field)

const struct setting settings[] = {
	{ &setting_texts[0], "capacity", "a number from 1 to 2147483647",
	  IN_ALL(capacity), WORKPOOL_TUNE_CAPACITY, parse_capacity,
	  format_capacity },
	{ &setting_texts[1], "expiry_ms",
	  "a time such as 500ms, 5s, 2m or 1h, from 1ms to 2147483647ms",
	  IN_ALL(expiry_ms), WORKPOOL_TUNE_EXPIRY, parse_expiry, format_ms },
	{ &setting_texts[2], "max_blocking",
	  "a number from 0 to 2147483647 or 'unlimited'",
	  IN_ALL(max_blocking), WORKPOOL_TUNE_MAX_BLOCKING, parse_limit,
	  format_limit },
	{ &setting_texts[3], "min_workers", "a number from 0 to 2147483647",
	  IN_ALL(min_workers), WORKPOOL_TUNE_MIN_WORKERS, parse_workers,
	  format_u32 },
	{ &setting_texts[4], "nice", "a number from -20 to 19",
	  IN_ALL(nice), WORKPOOL_TUNE_NICE, parse_nice, format_s32 },
	{ &setting_texts[5], "rt_priority", "a number from 0 to 99",
	  IN_ALL(rt_priority), WORKPOOL_TUNE_RT_PRIORITY, parse_rt,
	  format_u32 },
	{ &setting_texts[6], "queue_depth",
	  "a number from 0 to " STRINGIFY(WORKPOOL_IOC_DEPTH_MAX),
	  IN_ALL(queue_depth), WORKPOOL_TUNE_QUEUE_DEPTH, parse_depth,
	  format_u32 },
	{ &setting_texts[7], "cpus",
	  "a list of CPUs such as 0-3,8, up to 32767, or 'default'",
	  0, 0, 0, WORKPOOL_TUNE_CPUS, parse_cpu_list, format_cpu_list },
	{ 0 }
};

const struct setting *setting_find(const char *name, size_t len)
{
	const struct setting *setting;

	for (setting = settings; setting->text; setting++) {
		if (strlen(setting->text->name) == len &&
		    !memcmp(setting->text->name, name, len))
			return setting;
	}
	return NULL;
}

/**
 * setting_parse() - read a value
 * @setting: the setting
 * @text: its value and nothing else
 * @values: where it goes
 *
 * Return: 0 or a negative errno: @text is not what @setting expects.
 */
int setting_parse(const struct setting *setting, const char *text,
		  struct values *values)
{
	int err = setting->parse(text, (char *)values + setting->offset);

	if (!err)
		values->tune.mask |= setting->mask;
	return err;
}

/* Let a setting not be one of @values. */
void setting_remove(const struct setting *setting, struct values *values)
{
	values->tune.mask &= ~setting->mask;
	if (setting->mask == WORKPOOL_TUNE_CPUS) {
		values->tune.own_cpus = 0;
		values->knows_cpus = false;
		return;
	}
	memset((char *)values + setting->offset, 0, sizeof(__u32));
}

/* Read all values but the CPUs, which a snapshot does not have. */
void setting_read_stat(const struct workpool_ioc_stat *stat, struct values *values)
{
	const struct setting *setting;

	for (setting = settings; setting->text; setting++) {
		if (setting->mask != WORKPOOL_TUNE_CPUS)
			memcpy((char *)values + setting->offset,
			       (const char *)stat + setting->stat_offset,
			       sizeof(__u32));
	}
}

/**
 * read_cpu_list() - read a list of CPUs that the kernel writes
 * @path: its file
 * @buf: the result; "" if nobody knows
 * @size: size of @buf
 */
void read_cpu_list(const char *path, char *buf, size_t size)
{
	FILE *file = fopen(path, "r");

	buf[0] = '\0';
	if (!file)
		return;
	if (!fgets(buf, size, file))
		buf[0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	fclose(file);
}

/* A pool has none of the CPUs that the machine cannot have. */
static bool do_cpus_differ(const struct values *one, const struct values *other)
{
	__u64 possible[NR_CPU_WORDS];
	char text[CPU_LIST_MAX];
	size_t i;

	if (!one->knows_cpus || !other->knows_cpus ||
	    one->tune.own_cpus != other->tune.own_cpus)
		return true;
	if (!one->tune.own_cpus)
		return false;
	read_cpu_list(CPUS_POSSIBLE, text, sizeof(text));
	if (parse_cpus(text, possible, NR_CPU_WORDS))
		memset(possible, 0xff, sizeof(possible));
	for (i = 0; i < NR_CPU_WORDS; i++) {
		if ((one->cpus[i] ^ other->cpus[i]) & possible[i])
			return true;
	}
	return false;
}

/* Would a change from one value to the other be one, as far as is known? */
bool setting_differs(const struct setting *setting, const struct values *one,
		     const struct values *other)
{
	if (setting->mask == WORKPOOL_TUNE_CPUS)
		return do_cpus_differ(one, other);
	return memcmp((const char *)one + setting->offset,
		      (const char *)other + setting->offset, sizeof(__u32));
}

/* Write a value as setting_parse() reads it. */
void setting_format(const struct setting *setting, const struct values *values,
		    char *buf, size_t size)
{
	setting->format(buf, size, (const char *)values + setting->offset,
			STYLE_HUMAN);
}

/* Write a value that an event has. */
void setting_format_event(const struct setting *setting,
			  const struct workpool_event_values *values,
			  char *buf, size_t size, enum style style)
{
	if (setting->mask == WORKPOOL_TUNE_CPUS)
		format_own_cpus(buf, size, values->own_cpus, style);
	else
		setting->format(buf, size,
				(const char *)values + setting->event_offset,
				style);
}
