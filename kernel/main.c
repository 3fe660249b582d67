// SPDX-License-Identifier: GPL-2.0
/*
 * The module: wires the parts, and unwinds in reverse.
 */

#include <linux/module.h>
#include <linux/workpool.h>

#include "admin/chardev.h"
#include "admin/debugfs.h"
#include "admin/reader.h"
#include "admin/unload.h"
#include "core/cache.h"
#include "core/cpus.h"
#include "core/module.h"
#include "core/notice.h"
#include "core/spawn.h"
#include "core/worker.h"
#include "pool/hotplug.h"
#include "queue/edge.h"
#include "queue/overload.h"
#include "task/cancel.h"
#include "worker/crash.h"
#include "worker/loop.h"
#include "worker/reap.h"

struct workpool *workpool_system;
EXPORT_SYMBOL_GPL(workpool_system);

static int create_system(void)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(WORKPOOL_UNLIMITED);
	struct workpool *pool;

	attrs.flags = WORKPOOL_F_NOADMIN;
	pool = workpool_create(&attrs, "system");
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	workpool_system = pool;
	return 0;
}

static int init_threads(void)
{
	int err;

	wp_cpus_init(&wp_hotplug_work);
	err = wp_worker_init(wp_loop_thread);
	if (err)
		return err;
	err = wp_spawn_init();
	if (err)
		goto err_worker;
	wp_cancel_init();
	wp_notice_init(wp_reader_deliver);
	err = wp_module_init();
	if (err)
		goto err_spawn;
	err = wp_cache_init();
	if (err)
		goto err_module;
	return 0;

err_module:
	wp_module_exit();
err_spawn:
	wp_spawn_exit();
err_worker:
	wp_worker_exit();
	return err;
}

/* The cache ends the last threads, and waits for them. */
static void exit_threads(void)
{
	wp_cache_exit();
	wp_reap_exit();
	wp_edge_exit();
	wp_overload_exit();
	wp_notice_exit();
	wp_module_exit();
	wp_spawn_exit();
	wp_worker_exit();
}

static int __init wp_init(void)
{
	int err;

	err = init_threads();
	if (err)
		return err;
	err = wp_crash_init();
	if (err)
		goto err_threads;
	wp_debugfs_init();
	err = wp_unload_init();
	if (err)
		goto err_debugfs;
	err = wp_hotplug_init();
	if (err)
		goto err_unload;
	err = create_system();
	if (err)
		goto err_hotplug;
	err = wp_chardev_init();
	if (err)
		goto err_system;
	return 0;

err_system:
	workpool_destroy(workpool_system);
err_hotplug:
	wp_hotplug_exit();
err_unload:
	wp_unload_exit();
err_debugfs:
	wp_debugfs_exit();
	wp_crash_exit();
err_threads:
	exit_threads();
	return err;
}

static void __exit wp_exit(void)
{
	wp_chardev_exit();
	workpool_destroy(workpool_system);
	wp_hotplug_exit();
	wp_unload_exit();
	wp_debugfs_exit();
	wp_crash_exit();
	exit_threads();
}

module_init(wp_init);
module_exit(wp_exit);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The workpool developers");
MODULE_DESCRIPTION("Pools of kernel threads with back-pressure and administration");
MODULE_VERSION(WP_VERSION);
