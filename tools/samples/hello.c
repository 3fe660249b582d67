// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/workpool.h>

static struct workpool *pool;

static void greet(void *arg)
{
	pr_info("hello from task %ld of pool %s\n", (long)arg,
		workpool_name(workpool_current()));
}

static int __init hello_init(void)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(4);
	long i;

	pool = workpool_create(&attrs, "hello");
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	for (i = 0; i < 8; i++)		/* waits while four tasks run */
		workpool_submit(pool, greet, (void *)i);
	return 0;
}

static void __exit hello_exit(void)
{
	workpool_destroy(pool);		/* waits for what was accepted */
}

module_init(hello_init);
module_exit(hello_exit);
MODULE_DESCRIPTION("The example in the README of workpool");
MODULE_LICENSE("GPL");
WORKPOOL_IMPORT_NS();
