// SPDX-License-Identifier: GPL-2.0
/*
 * A module to be unloaded. It has nothing to do with workpool, but what slices.c
 * queues of it.
 */

#include <linux/module.h>

#include "bench.h"

void wp_other_task(struct workpool_task *task)
{
}
EXPORT_SYMBOL_GPL(wp_other_task);

static int __init wp_other_init(void)
{
	return 0;
}

static void __exit wp_other_exit(void)
{
}

module_init(wp_other_init);
module_exit(wp_other_exit);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The workpool developers");
MODULE_DESCRIPTION("A module that comes and goes");
