// SPDX-License-Identifier: GPL-2.0
/*
 * The module: wires the parts, and unwinds in reverse.
 */

#include <linux/cpumask.h>
#include <linux/module.h>

#include "internal.h"

#define WP_MAX_WORKERS_LIMIT	65536

struct workqueue_struct *wp_workqueue;	/* I: purge, cache expiry, reaper */
int wp_mailbox_depth;			/* I: 1, or 0 with one CPU online */
EXPORT_SYMBOL_IF_KUNIT(wp_mailbox_depth);

int wp_max_workers = 4096;		/* I */
EXPORT_SYMBOL_IF_KUNIT(wp_max_workers);
module_param_named(max_workers, wp_max_workers, int, 0444);
MODULE_PARM_DESC(max_workers,
		 "Workers an unlimited pool may have, 1 to 65536 (default 4096)");

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

	wp_workqueue = alloc_workqueue("workpool", WQ_UNBOUND | WQ_MEM_RECLAIM,
				       0);
	if (!wp_workqueue)
		return -ENOMEM;
	err = wp_worker_init();
	if (err)
		goto err_workqueue;
	err = wp_spawn_init();
	if (err)
		goto err_worker;
	err = wp_cache_init();
	if (err)
		goto err_spawn;
	return 0;

err_spawn:
	wp_spawn_exit();
err_worker:
	wp_worker_exit();
err_workqueue:
	destroy_workqueue(wp_workqueue);
	return err;
}

/* The cache ends the last threads, and waits for them. */
static void exit_threads(void)
{
	wp_cache_exit();
	wp_reap_exit();
	wp_spawn_exit();
	rcu_barrier();		/* pools that are about to be freed */
	destroy_workqueue(wp_workqueue);
	wp_worker_exit();
}

static int __init wp_init(void)
{
	int err;

	if (wp_max_workers < 1 || wp_max_workers > WP_MAX_WORKERS_LIMIT) {
		pr_err("max_workers=%d is not within 1 to %d\n", wp_max_workers,
		       WP_MAX_WORKERS_LIMIT);
		return -EINVAL;
	}
	wp_mailbox_depth = num_online_cpus() > 1;
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
