// SPDX-License-Identifier: GPL-2.0
/*
 * A module that has nothing to do with workpool, to be unloaded.
 */

#include <linux/module.h>

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
