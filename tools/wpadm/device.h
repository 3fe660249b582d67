/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/workpool: the only place with ioctl() calls.
 */
#ifndef WPADM_DEVICE_H
#define WPADM_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/workpool.h>

#include "parse.h"

#define DEVICE_DEFAULT	"/dev/workpool"

/**
 * struct device - the open device
 * @fd: its file descriptor
 * @writable: it is open for commands that change a pool
 * @info: information about the module when the device was opened
 */
struct device {
	int fd;
	bool writable;
	struct workpool_ioc_info info;
};

/**
 * struct pool_list - a list of pools, or of multis
 * @pools: a snapshot of each of them, by id
 * @nr: number of @pools
 */
struct pool_list {
	struct workpool_ioc_stat *pools;
	size_t nr;
};

int device_open(struct device *dev, const char *path, bool writable);
void device_close(struct device *dev);

/* All of these return 0 or a negative errno. */
int device_read_info(struct device *dev);
int device_stat(const struct device *dev, const struct pool_ref *ref,
		struct workpool_ioc_stat *stat);
int device_multi_stat(const struct device *dev, __u32 id,
		      struct workpool_ioc_stat *stat);
int device_append_multi(const struct device *dev, __u32 id,
			struct pool_list *list);
int device_stat_all(const struct device *dev, struct pool_list *list);
int device_tune(const struct device *dev, const struct pool_ref *ref,
		struct workpool_ioc_tune *tune);
int device_release(const struct device *dev, const struct pool_ref *ref,
		   struct workpool_ioc_release *release);
int device_reboot(const struct device *dev, const struct pool_ref *ref,
		  struct workpool_ioc_reboot *reboot);
int device_pause(const struct device *dev, const struct pool_ref *ref,
		 struct workpool_ioc_pause *pause);
int device_measure(const struct device *dev, const struct pool_ref *ref,
		   struct workpool_ioc_measure *measure);
int device_latency(const struct device *dev, const struct pool_ref *ref,
		   struct workpool_ioc_latency *latency);
int device_choose(const struct device *dev, __u32 id, __u64 types);

#endif /* WPADM_DEVICE_H */
