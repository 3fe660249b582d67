// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls, as functions.
 */
#include <fcntl.h>
#include <sys/ioctl.h>

#include "abi.h"

int rw = -1, ro = -1;

#define COMMAND(name_, struct_, first_, admin_, pool_) {			\
	.name = #name_,							\
	.cmd = WORKPOOL_IOC_##name_,					\
	.size = sizeof(struct workpool_ioc_##struct_),			\
	.first = (first_),						\
	.admin = (admin_),						\
	.pool = (pool_),						\
}

const struct command commands[] = {
	COMMAND(INFO, info, 48, false, false),
	COMMAND(NEXT, next, 40, false, false),
	COMMAND(STAT, stat, 304, false, true),
	COMMAND(TUNE, tune, 64, true, true),
	COMMAND(RELEASE, release, 56, true, true),
	COMMAND(REBOOT, reboot, 48, true, true),
	{
		.name = "MULTI_STAT",
		.cmd = WORKPOOL_IOC_MULTI_STAT,
		.size = sizeof(struct workpool_ioc_stat),
		.first = 400,
		.multi = true,
	},
	COMMAND(PAUSE, pause, 56, true, true),
	{
		.name = "EVENTS",
		.cmd = WORKPOOL_IOC_EVENTS,
		.size = sizeof(struct workpool_ioc_events),
		.first = 56,
		.reads = true,
	},
	{
		.name = "MEASURE",
		.cmd = WORKPOOL_IOC_MEASURE,
		.size = sizeof(struct workpool_ioc_measure),
		.first = 48,
		.admin = true,
		.looks = true,
		.pool = true,
	},
	COMMAND(LATENCY, latency, 96, false, true),
};

const unsigned int nr_commands = ARRAY_SIZE(commands);

int open_device(void)
{
	rw = open("/dev/workpool", O_RDWR | O_CLOEXEC);
	ro = open("/dev/workpool", O_RDONLY | O_CLOEXEC);
	return rw < 0 || ro < 0 ? -errno : 0;
}

int call(int fd, unsigned long cmd, void *arg)
{
	int ret = ioctl(fd, cmd, arg);

	if (ret > 0)
		fail(__FILE__, __LINE__, "ioctl %#lx returned %d", cmd, ret);
	return ret < 0 ? -errno : ret;
}

/* a structure that is zero but for its size */
void prepare(void *arg, __u32 size)
{
	memset(arg, 0, size);
	memcpy(arg, &size, sizeof(size));
}

void set_name(char name[WORKPOOL_IOC_NAME_MAX], const char *to)
{
	snprintf(name, WORKPOOL_IOC_NAME_MAX, "%s", to);
}

/* here and below: everything but the input is poison */
static int stat_call(unsigned long cmd, const char *name,
		     struct workpool_ioc_stat *stat)
{
	memset(stat, POISON, sizeof(*stat));
	stat->size = sizeof(*stat);
	stat->id = 0;
	set_name(stat->name, name);
	return call(ro, cmd, stat);
}

int stat_of(const char *name, struct workpool_ioc_stat *stat)
{
	return stat_call(WORKPOOL_IOC_STAT, name, stat);
}

int multi_stat_of(const char *name, struct workpool_ioc_stat *stat)
{
	return stat_call(WORKPOOL_IOC_MULTI_STAT, name, stat);
}

struct workpool_ioc_stat state(const char *name)
{
	struct workpool_ioc_stat stat;

	EXPECT_EQ(stat_of(name, &stat), 0);
	return stat;
}

struct workpool_ioc_stat multi_state(const char *name)
{
	struct workpool_ioc_stat stat;

	EXPECT_EQ(multi_stat_of(name, &stat), 0);
	return stat;
}

__u32 id_of(const char *name)
{
	return state(name).id;
}

struct workpool_ioc_tune tuning(const char *name, __u32 mask)
{
	struct workpool_ioc_tune arg = { .size = sizeof(arg), .mask = mask };

	set_name(arg.name, name);
	return arg;
}

int tune(struct workpool_ioc_tune *arg)
{
	return call(rw, WORKPOOL_IOC_TUNE, arg);
}

int release_pool(const char *name, __u64 timeout_ns,
		 struct workpool_ioc_release *arg)
{
	memset(arg, POISON, sizeof(*arg));
	arg->size = sizeof(*arg);
	arg->id = 0;
	set_name(arg->name, name);
	arg->timeout_ns = timeout_ns;
	return call(rw, WORKPOOL_IOC_RELEASE, arg);
}

int reboot_pool(const char *name, struct workpool_ioc_reboot *arg)
{
	memset(arg, POISON, sizeof(*arg));
	arg->size = sizeof(*arg);
	arg->id = 0;
	set_name(arg->name, name);
	return call(rw, WORKPOOL_IOC_REBOOT, arg);
}

int pause_pool(const char *name, bool pause, struct workpool_ioc_pause *arg)
{
	memset(arg, POISON, sizeof(*arg));
	arg->size = sizeof(*arg);
	arg->id = 0;
	set_name(arg->name, name);
	arg->pause = pause;
	arg->reserved = 0;
	return call(rw, WORKPOOL_IOC_PAUSE, arg);
}

int measure_pool(const char *name, bool on, struct workpool_ioc_measure *arg)
{
	memset(arg, POISON, sizeof(*arg));
	arg->size = sizeof(*arg);
	arg->id = 0;
	set_name(arg->name, name);
	arg->on = on;
	return call(rw, WORKPOOL_IOC_MEASURE, arg);
}
