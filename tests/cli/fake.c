// SPDX-License-Identifier: GPL-2.0
/*
 * A device for wpadm that is a text file: with LD_PRELOAD, ioctl() answers from
 * the file that --device names. For what no real module does at will: to be an
 * older one, to have multis, to refuse.
 *
 * A line for each pool, words NAME=VALUE in it: name, owner and multi are text,
 * all other members of struct workpool_ioc_stat are numbers; tune, release, wait,
 * reboot, pause and measure are the errno with which that fails. A pool with the flag
 * 0x80000 was measured before. In its histogram of run, run_before tasks are in the
 * bucket when wpadm reads first, and run_after when it reads again, the longest is
 * max_ns; wait_before and wait_after are those of wait. lost=1: somebody else switched that
 * off meanwhile, lost=2: and on again. busy_after workers are busy when wpadm asks again,
 * if that is not 0. The id is the number of the pool among the pools. A line with the word
 * total=1 is the answer of MULTI_STAT for the multi multi_id. The line "stat=SIZE" says how
 * long the module's STAT is. Nothing that is done stays, unless there is a line "keep": then
 * each TUNE adds a line "again=ID mask=MASK" with the members that it changed, which hold
 * from then on.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/workpool.h>

#define POOLS_MAX	16
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

struct pool {
	struct workpool_ioc_stat stat;
	int tune, release, wait, reboot, pause, total;
	int measure, bucket, run_before, run_after, wait_before, wait_after, lost;
	int busy_after;
	__u64 max_ns;
	int again, mask, own_cpus;
	__u64 cpus;	/* the first 64 */
};

static struct pool pools[POOLS_MAX], multis[POOLS_MAX];
static unsigned int nr_pools, nr_multis, stat_size;
static int keep;

#define U32(member)	{ #member, offsetof(struct pool, stat.member), 4 }
#define U64(member)	{ #member, offsetof(struct pool, stat.member), 8 }
#define TEXT(member)	{ #member, offsetof(struct pool, stat.member), 32 }
#define INT(member)	{ #member, offsetof(struct pool, member), 4 }

static const struct member {
	const char *name;
	size_t offset, size;
} members[] = {
	TEXT(name), TEXT(owner), TEXT(multi), U32(multi_id), U32(multi_index),
	U32(flags), U32(capacity), U32(available), U32(running), U32(busy),
	U32(idle), U32(searching), U32(alive), U32(waiting), U32(queued), U32(delayed),
	U32(queue_depth), U32(expiry_ms), U32(max_blocking), U32(min_workers),
	U64(generation), U64(submitted), U64(completed), U64(crashes),
	U32(peak_running), U32(peak_waiting), U32(nr_pools), U32(strategy),
	U64(cancelled), U64(spurious_wakeups), U64(fallbacks), U64(stolen),
	INT(tune), INT(release), INT(wait), INT(reboot), INT(pause),
	INT(measure), INT(bucket), INT(run_before), INT(run_after), INT(lost),
	INT(wait_before), INT(wait_after), INT(busy_after),
	{ "max_ns", offsetof(struct pool, max_ns), 8 },
	INT(total), INT(again), INT(mask), INT(own_cpus),
	U32(pinned), U32(nice), U32(rt_priority),
	{ "cpus", offsetof(struct pool, cpus), 8 },
};

static void die(const char *what, const char *word)
{
	fprintf(stderr, "fake device: %s '%s'\n", what, word);
	abort();
}

static void store(void *to, size_t size, const char *value)
{
	__u64 number = strtoll(value, NULL, 0);

	if (size > sizeof(number))
		snprintf(to, size, "%s", value);
	else
		memcpy(to, &number, size);	/* little endian */
}

static void set(struct pool *pool, const char *name, const char *value)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(members); i++) {
		if (!strcmp(members[i].name, name)) {
			store((char *)pool + members[i].offset,
			      members[i].size, value);
			return;
		}
	}
	die("there is no member", name);
}

static void read_line(char *line)
{
	struct pool pool = { 0 }, *to = &pool;
	char *word, *value, *rest;
	unsigned int again;

	if (sscanf(line, "stat=%u", &stat_size) == 1)
		return;
	if (!strcmp(line, "keep")) {
		keep = 1;
		return;
	}
	if (sscanf(line, "again=%u ", &again) == 1 && again <= nr_pools)
		to = &pools[again - 1];
	else if (nr_pools == POOLS_MAX || nr_multis == POOLS_MAX)
		die("too many pools", line);
	for (word = strtok_r(line, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		value = strchr(word, '=');
		if (!value)
			die("no value in", word);
		*value++ = '\0';
		set(to, word, value);
	}
	if (to != &pool)
		return;
	if (pool.total) {
		pool.stat.id = pool.stat.multi_id;
		multis[nr_multis++] = pool;
	} else {
		pools[nr_pools++] = pool;
		pools[nr_pools - 1].stat.id = nr_pools;
	}
}

static void read_pools(int fd)
{
	static char text[65536];
	char *line, *rest;
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);

	if (len < 0)
		die("cannot read", "it");
	text[len] = '\0';
	nr_pools = 0;
	nr_multis = 0;
	keep = 0;
	stat_size = sizeof(struct workpool_ioc_stat);
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		read_line(line);
}

static struct pool *find(struct pool *list, unsigned int nr,
			 const struct workpool_ioc_next *ref)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (ref->id ? ref->id == list[i].stat.id :
			      !strcmp(ref->name, list[i].stat.name))
			return &list[i];
	}
	return NULL;
}

static int do_info(struct workpool_ioc_info *info)
{
	info->nr_pools = nr_pools;
	info->max_workers = 4096;
	snprintf(info->version, sizeof(info->version), "0.0.0-fake");
	return 0;
}

static int do_next(struct workpool_ioc_next *next)
{
	if (next->id >= nr_pools)
		return -ENOENT;
	memcpy(next->name, pools[next->id].stat.name, sizeof(next->name));
	next->id++;
	return 0;
}

/* As a module does whose structure has stat_size bytes. */
static int do_stat(struct pool *pool, struct workpool_ioc_stat *stat)
{
	static unsigned int asked[POOLS_MAX + 1];
	__u32 size = stat->size, i;

	if (!pool->total && asked[pool->stat.id]++ && pool->busy_after)
		pool->stat.busy = pool->busy_after;
	for (i = stat_size; i < size; i++) {
		if (((char *)stat)[i])
			return -E2BIG;
	}
	memcpy(stat, &pool->stat, size < stat_size ? size : stat_size);
	stat->size = size;
	return 0;
}

/* A line of what changed, in the file that is the device */
static void keep_tune(int fd, const struct pool *pool,
		      const struct workpool_ioc_tune *tune)
{
	const __u64 *cpus = (const __u64 *)(uintptr_t)tune->cpus;

	lseek(fd, 0, SEEK_END);
	dprintf(fd, "again=%u mask=%#x", pool->stat.id, tune->mask);
	if (tune->mask & WORKPOOL_TUNE_CAPACITY)
		dprintf(fd, " capacity=%d", tune->capacity);
	if (tune->mask & WORKPOOL_TUNE_EXPIRY)
		dprintf(fd, " expiry_ms=%u", tune->expiry_ms);
	if (tune->mask & WORKPOOL_TUNE_MAX_BLOCKING)
		dprintf(fd, " max_blocking=%u", tune->max_blocking);
	if (tune->mask & WORKPOOL_TUNE_MIN_WORKERS)
		dprintf(fd, " min_workers=%u", tune->min_workers);
	if (tune->mask & WORKPOOL_TUNE_NICE)
		dprintf(fd, " nice=%d", tune->nice);
	if (tune->mask & WORKPOOL_TUNE_RT_PRIORITY)
		dprintf(fd, " rt_priority=%u", tune->rt_priority);
	if (tune->mask & WORKPOOL_TUNE_QUEUE_DEPTH)
		dprintf(fd, " queue_depth=%u", tune->queue_depth);
	if (tune->mask & WORKPOOL_TUNE_CPUS)
		dprintf(fd, " own_cpus=%u cpus=%#llx", tune->own_cpus,
			tune->own_cpus ? *cpus : 0);
	dprintf(fd, "\n");
}

static int do_tune(int fd, struct pool *pool, struct workpool_ioc_tune *tune)
{
	if (pool->tune && (tune->mask || pool->tune == EPERM))
		return -pool->tune;
	if (keep && (pool->stat.flags & WORKPOOL_POOL_NOADMIN ||
		     pool->stat.pinned & tune->mask))
		return -EPERM;
	if (keep && tune->mask)
		keep_tune(fd, pool, tune);
	tune->capacity = pool->stat.capacity;
	tune->expiry_ms = pool->stat.expiry_ms;
	tune->max_blocking = pool->stat.max_blocking;
	tune->min_workers = pool->stat.min_workers;
	tune->nice = pool->stat.nice;
	tune->rt_priority = pool->stat.rt_priority;
	tune->queue_depth = pool->stat.queue_depth;
	tune->own_cpus = pool->own_cpus;
	if (tune->cpus) {
		memset((void *)(uintptr_t)tune->cpus, 0, tune->cpus_size);
		*(__u64 *)(uintptr_t)tune->cpus = pool->cpus;
	}
	return 0;
}

static int do_release(struct pool *pool, struct workpool_ioc_release *release)
{
	int error = release->timeout_ns ? pool->wait : pool->release;

	if (error && error != ETIMEDOUT)
		return -error;
	release->alive = error ? pool->stat.alive : 0;
	release->busy = error ? pool->stat.busy : 0;
	return -error;
}

static int do_reboot(struct pool *pool, struct workpool_ioc_reboot *reboot)
{
	reboot->generation = pool->stat.generation + 1;
	return -pool->reboot;
}

static int do_pause(struct pool *pool, struct workpool_ioc_pause *pause)
{
	pause->paused = pool->stat.flags & WORKPOOL_POOL_PAUSED_BY_OWNER;
	if (pause->pause)
		pause->paused |= WORKPOOL_POOL_PAUSED_BY_ADMIN;
	pause->busy = pool->stat.busy;
	return -pool->pause;
}

/* With FAKE_TELLS in the environment, what is switched is told on standard error. */
static int do_measure(struct pool *pool, struct workpool_ioc_measure *measure)
{
	if (pool->measure)
		return -pool->measure;
	measure->was_on = !!(pool->stat.flags & WORKPOOL_POOL_MEASURED);
	if (getenv("FAKE_TELLS"))
		fprintf(stderr, "MEASURE %u\n", measure->on);
	return 0;
}

static int do_latency(struct pool *pool, struct workpool_ioc_latency *latency)
{
	static unsigned int reads[POOLS_MAX + 1][4];
	bool again = reads[pool->stat.id][latency->kind]++;
	__u64 *buckets = (__u64 *)(uintptr_t)latency->buckets;

	memset(buckets, 0, latency->nr_buckets * sizeof(*buckets));
	latency->since_ns = 1;
	if (again && pool->lost)
		latency->since_ns = pool->lost == 1 ? 0 : 2;
	if (latency->kind == WORKPOOL_LATENCY_RUN)
		latency->count = again ? pool->run_after : pool->run_before;
	else if (latency->kind == WORKPOOL_LATENCY_WAIT)
		latency->count = again ? pool->wait_after : pool->wait_before;
	if (!latency->since_ns || !latency->count) {
		latency->count = 0;
		return 0;
	}
	latency->max_ns = pool->max_ns;
	latency->sum_ns = latency->count * WORKPOOL_LATENCY_FROM_NS(pool->bucket);
	buckets[pool->bucket] = latency->count;
	return 0;
}

static int do_command(int fd, struct pool *pool, unsigned long command,
		      void *arg)
{
	struct workpool_ioc_next *ref = arg;

	ref->id = pool->stat.id;
	memcpy(ref->name, pool->stat.name, sizeof(ref->name));
	switch (command) {
	case WORKPOOL_IOC_STAT:
	case WORKPOOL_IOC_MULTI_STAT:
		return do_stat(pool, arg);
	case WORKPOOL_IOC_TUNE:
		return do_tune(fd, pool, arg);
	case WORKPOOL_IOC_RELEASE:
		return do_release(pool, arg);
	case WORKPOOL_IOC_REBOOT:
		return do_reboot(pool, arg);
	case WORKPOOL_IOC_PAUSE:
		return do_pause(pool, arg);
	case WORKPOOL_IOC_MEASURE:
		return do_measure(pool, arg);
	case WORKPOOL_IOC_LATENCY:
		return do_latency(pool, arg);
	}
	return -ENOTTY;
}

static int do_ioctl(int fd, unsigned long command, void *arg)
{
	struct pool *pool;

	if (command == WORKPOOL_IOC_INFO)
		return do_info(arg);
	if (command == WORKPOOL_IOC_NEXT)
		return do_next(arg);
	if (command == WORKPOOL_IOC_EVENTS)	/* it is an older one */
		return -ENOTTY;
	pool = command == WORKPOOL_IOC_MULTI_STAT ?
	       find(multis, nr_multis, arg) : find(pools, nr_pools, arg);
	return pool ? do_command(fd, pool, command, arg) : -ENOENT;
}

int ioctl(int fd, unsigned long command, ...)
{
	int (*real)(int fd, unsigned long command, ...);
	va_list args;
	void *arg;

	va_start(args, command);
	arg = va_arg(args, void *);
	va_end(args);
	if (_IOC_TYPE(command) != WORKPOOL_IOC_TYPE) {
		real = dlsym(RTLD_NEXT, "ioctl");
		return real(fd, command, arg);
	}
	read_pools(fd);
	errno = -do_ioctl(fd, command, arg);
	return errno ? -1 : 0;
}
