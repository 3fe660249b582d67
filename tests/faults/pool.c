// SPDX-License-Identifier: GPL-2.0
/*
 * What the test does to pools: through wp_selftest's control file, ioctls and debugfs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/workpool.h>

#include "faults.h"

#define DEBUGFS		"/sys/kernel/debug/"
/* Nothing takes that many seconds. */
#define DEADLINE	60

static int module_fd, client_fd, control_fd = -1, device_fd = -1;

void pool_setup(void)
{
	module_fd = open("/modules/workpool.ko", O_RDONLY);
	client_fd = open("/modules/wp_selftest.ko", O_RDONLY);
	if (module_fd < 0 || client_fd < 0)
		die("/modules");
}

static int result_of(long ret)
{
	return ret < 0 ? -errno : 0;
}

int control(const char *words)
{
	return result_of(write(control_fd, words, strlen(words)));
}

/* Each worker is a new thread. */
int load_module(void)
{
	return result_of(syscall(SYS_finit_module, module_fd, "cache_size=0", 0));
}

/* The same thread makes all workers. */
int load_module_with_one_spawner(void)
{
	return result_of(syscall(SYS_finit_module, module_fd, "cache_size=0 spawners=1", 0));
}

/* The module refuses its parameter before it allocates anything. */
int load_module_refused(void)
{
	return result_of(syscall(SYS_finit_module, module_fd, "max_workers=0", 0));
}

int unload_module(void)
{
	return result_of(syscall(SYS_delete_module, "workpool", O_NONBLOCK));
}

int load_client(void)
{
	int err = result_of(syscall(SYS_finit_module, client_fd, "", 0));

	if (err)
		return err;
	control_fd = open(DEBUGFS "wp_selftest/control", O_WRONLY);
	device_fd = open("/dev/workpool", O_RDWR);
	return control_fd < 0 || device_fd < 0 ? -errno : 0;
}

int unload_client(void)
{
	close(control_fd);
	close(device_fd);
	return result_of(syscall(SYS_delete_module, "wp_selftest", O_NONBLOCK));
}

/* No allocation is made for that. */
static int read_stat(struct workpool_ioc_stat *stat)
{
	memset(stat, 0, sizeof(*stat));
	stat->size = sizeof(*stat);
	snprintf(stat->name, sizeof(stat->name), "fault");
	return result_of(ioctl(device_fd, WORKPOOL_IOC_STAT, stat));
}

int ioctl_stat(void)
{
	struct workpool_ioc_stat stat;

	return read_stat(&stat);
}

/* Waits until the pool has nothing to do, and completed as many tasks at least. */
int pool_settle(unsigned int completed)
{
	time_t end = time(NULL) + DEADLINE;
	struct workpool_ioc_stat stat;

	for (;;) {
		if (read_stat(&stat))
			return -ENOENT;
		if (!stat.busy && !stat.queued && !stat.waiting &&
		    stat.completed >= completed)
			return 0;
		if (time(NULL) > end)
			return -ETIMEDOUT;
		usleep(2000);
	}
}

int read_all(const char *path)
{
	static char buf[4096];
	int fd = open(path, O_RDONLY), err = 0;
	long n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		;
	if (n < 0)
		err = -errno;
	close(fd);
	return err;
}

int device_open(void)
{
	int fd = open("/dev/workpool", O_RDWR);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* A file that has collected for a moment. */
int collect_events(void)
{
	struct workpool_ioc_events events = { .size = sizeof(events) };
	int fd = open("/dev/workpool", O_RDONLY), err;

	if (fd < 0)
		return -errno;
	err = result_of(ioctl(fd, WORKPOOL_IOC_EVENTS, &events));
	close(fd);
	return err;
}

int ioctl_info(void)
{
	struct workpool_ioc_info info = { .size = sizeof(info) };

	return result_of(ioctl(device_fd, WORKPOOL_IOC_INFO, &info));
}

int ioctl_next(void)
{
	struct workpool_ioc_next next = { .size = sizeof(next) };

	return result_of(ioctl(device_fd, WORKPOOL_IOC_NEXT, &next));
}

/* More than ever before; a failure changes nothing. */
int ioctl_grow(void)
{
	static int capacity = 10;
	int larger = capacity + 10;	/* the ioctl writes what was */
	struct workpool_ioc_tune tune = {
		.size = sizeof(tune), .name = "fault",
		.mask = WORKPOOL_TUNE_CAPACITY, .capacity = larger,
	};
	struct workpool_ioc_stat before, after;
	int err;

	if (read_stat(&before))
		return -ENOENT;
	err = result_of(ioctl(device_fd, WORKPOOL_IOC_TUNE, &tune));
	if (read_stat(&after))
		return -ENOENT;
	if (after.capacity != (err ? before.capacity : larger))
		return -ERANGE;
	if (!err)
		capacity = larger;
	return err;
}

int ioctl_release(void)
{
	struct workpool_ioc_release release = {
		.size = sizeof(release), .name = "fault",
		.timeout_ns = DEADLINE * 1000000000ull,
	};

	return result_of(ioctl(device_fd, WORKPOOL_IOC_RELEASE, &release));
}

int ioctl_reboot(void)
{
	struct workpool_ioc_reboot reboot = {
		.size = sizeof(reboot), .name = "fault",
	};

	return result_of(ioctl(device_fd, WORKPOOL_IOC_REBOOT, &reboot));
}
