// SPDX-License-Identifier: GPL-2.0
/*
 * Calls that are waited for together: the sum of the squares of 1 to 100, eight at a time.
 */
#include <linux/module.h>
#include <linux/workpool.h>

static struct workpool *pool;
static atomic_long_t sum;

static int add_square(void *arg)
{
	long number = (long)arg;

	atomic_long_add(number * number, &sum);
	return 0;		/* an error would be that of the whole group */
}

static int add_all(void)
{
	struct workpool_group group;
	long number;
	int waited, err = 0;

	workpool_group_init(&group, pool);
	for (number = 1; !err && number <= 100; number++)
		err = workpool_group_submit(&group, add_square, (void *)number);
	/* also after an error: the group is on this stack */
	waited = workpool_group_wait(&group);
	return err ? err : waited;
}

static int __init group_init(void)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(8);
	int err;

	attrs.queue_depth = 64;	/* so that not each call waits for a worker */
	pool = workpool_create(&attrs, "group");
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	err = add_all();
	if (err) {
		workpool_destroy(pool);
		return err;
	}
	pr_info("the sum of the squares is %ld\n", atomic_long_read(&sum));
	return 0;
}

static void __exit group_exit(void)
{
	workpool_destroy(pool);
}

module_init(group_init);
module_exit(group_exit);
MODULE_DESCRIPTION("A sample of workpool: a group");
MODULE_LICENSE("GPL");
WORKPOOL_IMPORT_NS();
