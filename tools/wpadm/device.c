// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/workpool: the only place with ioctl() calls.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "device.h"

/* This exists while the module is loaded. */
#define DEVICE_SYSFS	"/sys/class/misc/workpool"

/* The first fields of every structure about a pool. */
struct head {
	__u32 size;
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
};

static int device_ioctl(const struct device *dev, unsigned long command,
			void *arg)
{
	return ioctl(dev->fd, command, arg) < 0 ? -errno : 0;
}

static int pool_ioctl(const struct device *dev, unsigned long command,
		      const struct pool_ref *ref, void *arg, size_t size)
{
	struct head *head = arg;

	head->size = size;
	head->id = ref->id;
	memcpy(head->name, ref->name, sizeof(head->name));
	return device_ioctl(dev, command, arg);
}

static void report_absence(const char *path)
{
	if (strcmp(path, DEVICE_DEFAULT))
		warnx("cannot open %s: there is no such device; try without --device",
		      path);
	else if (access(DEVICE_SYSFS, F_OK))
		warnx("cannot open %s: the module is not loaded; try 'modprobe workpool'",
		      path);
	else
		warnx("cannot open %s: the module has no node there; is devtmpfs on /dev?",
		      path);
}

static void report_open(const char *path, bool writable, int error)
{
	const char *mode = writable ? " for writing" : "";

	switch (error) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		report_absence(path);
		break;
	case EACCES:
		warnx("cannot open %s%s: permission denied; try as root", path,
		      mode);
		break;
	case EPERM:
		warnx("cannot open %s%s: this container may not use the device; try outside of it",
		      path, mode);
		break;
	default:
		warnx("cannot open %s%s: %s", path, mode, strerror(error));
	}
}

static void report_info(const char *path, int err)
{
	if (err == -ENOTTY || err == -EINVAL)
		warnx("%s is not a workpool device; try without --device",
		      path);
	else
		warnx("%s does not answer: %s", path, strerror(-err));
}

/* Reads @info again. */
int device_read_info(struct device *dev)
{
	memset(&dev->info, 0, sizeof(dev->info));
	dev->info.size = sizeof(dev->info);
	return device_ioctl(dev, WORKPOOL_IOC_INFO, &dev->info);
}

/**
 * device_open() - open the device and check that it is one
 * @dev: the result
 * @path: path of the device
 * @writable: commands that change a pool will follow
 *
 * Return: 0, or -1 after a message.
 */
int device_open(struct device *dev, const char *path, bool writable)
{
	int err;

	dev->fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (dev->fd < 0) {
		report_open(path, writable, errno);
		return -1;
	}
	dev->writable = writable;
	err = device_read_info(dev);
	if (err) {
		report_info(path, err);
		device_close(dev);
		return -1;
	}
	return 0;
}

void device_close(struct device *dev)
{
	close(dev->fd);
}

/*
 * An older module has a shorter structure. It accepts a longer one because the
 * tail is zero, and it leaves the tail zero.
 */
static int stat_ioctl(const struct device *dev, unsigned long command,
		      const struct pool_ref *ref,
		      struct workpool_ioc_stat *stat)
{
	memset(stat, 0, sizeof(*stat));
	return pool_ioctl(dev, command, ref, stat, sizeof(*stat));
}

int device_stat(const struct device *dev, const struct pool_ref *ref,
		struct workpool_ioc_stat *stat)
{
	return stat_ioctl(dev, WORKPOOL_IOC_STAT, ref, stat);
}

/* The multi of that id, as if it was one pool. */
int device_multi_stat(const struct device *dev, __u32 id,
		      struct workpool_ioc_stat *stat)
{
	struct pool_ref ref = { .id = id };

	return stat_ioctl(dev, WORKPOOL_IOC_MULTI_STAT, &ref, stat);
}

static int append_stat(const struct device *dev, unsigned long command,
		       __u32 id, struct pool_list *list)
{
	struct pool_ref ref = { .id = id };
	struct workpool_ioc_stat *pools;
	int err;

	pools = reallocarray(list->pools, list->nr + 1, sizeof(*pools));
	if (!pools)
		return -ENOMEM;
	list->pools = pools;
	err = stat_ioctl(dev, command, &ref, &pools[list->nr]);
	if (!err)
		list->nr++;
	return err == -ENOENT ? 0 : err;	/* it was destroyed */
}

/* Append the multi of that id to @list, if there is one. */
int device_append_multi(const struct device *dev, __u32 id,
			struct pool_list *list)
{
	return append_stat(dev, WORKPOOL_IOC_MULTI_STAT, id, list);
}

/**
 * device_stat_all() - take a snapshot of every pool
 * @dev: the device
 * @list: the result; its pools must be freed with free(), also after an error
 *
 * Return: 0 or a negative errno.
 */
int device_stat_all(const struct device *dev, struct pool_list *list)
{
	struct workpool_ioc_next next = { .size = sizeof(next) };
	int err;

	*list = (struct pool_list) { 0 };
	for (;;) {
		err = device_ioctl(dev, WORKPOOL_IOC_NEXT, &next);
		if (err)
			return err == -ENOENT ? 0 : err;
		err = append_stat(dev, WORKPOOL_IOC_STAT, next.id, list);
		if (err)
			return err;
	}
}

int device_tune(const struct device *dev, const struct pool_ref *ref,
		struct workpool_ioc_tune *tune)
{
	return pool_ioctl(dev, WORKPOOL_IOC_TUNE, ref, tune, sizeof(*tune));
}

int device_release(const struct device *dev, const struct pool_ref *ref,
		   struct workpool_ioc_release *release)
{
	return pool_ioctl(dev, WORKPOOL_IOC_RELEASE, ref, release, sizeof(*release));
}

int device_reboot(const struct device *dev, const struct pool_ref *ref,
		  struct workpool_ioc_reboot *reboot)
{
	return pool_ioctl(dev, WORKPOOL_IOC_REBOOT, ref, reboot, sizeof(*reboot));
}

int device_pause(const struct device *dev, const struct pool_ref *ref,
		 struct workpool_ioc_pause *pause)
{
	return pool_ioctl(dev, WORKPOOL_IOC_PAUSE, ref, pause, sizeof(*pause));
}

int device_measure(const struct device *dev, const struct pool_ref *ref,
		   struct workpool_ioc_measure *measure)
{
	return pool_ioctl(dev, WORKPOOL_IOC_MEASURE, ref, measure, sizeof(*measure));
}

int device_latency(const struct device *dev, const struct pool_ref *ref,
		   struct workpool_ioc_latency *latency)
{
	return pool_ioctl(dev, WORKPOOL_IOC_LATENCY, ref, latency, sizeof(*latency));
}

/* Collect the events of the pool of that id, or 0: of all; of some types, or 0: of all. */
int device_choose(const struct device *dev, __u32 id, __u64 types)
{
	struct workpool_ioc_events events = {
		.size = sizeof(events),
		.id = id,
		.types = types,
	};

	return device_ioctl(dev, WORKPOOL_IOC_EVENTS, &events);
}
