// SPDX-License-Identifier: GPL-2.0
/*
 * Four pools with one interface, whose workers have data of their own, and an owner that is
 * told when a task crashes.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workpool.h>

/* What each worker has, so that tasks need no lock for it */
struct scratch {
	unsigned int used;
	char text[64];
};

static struct workpool_multi *multi;
static atomic_t crashes;

static int make_scratch(struct workpool *pool, void **worker_data)
{
	struct scratch *scratch = kzalloc(sizeof(*scratch), GFP_KERNEL);

	*worker_data = scratch;
	return scratch ? 0 : -ENOMEM;
}

static void free_scratch(struct workpool *pool, void *worker_data)
{
	kfree(worker_data);	/* also after a task of the worker crashed */
}

static void report(struct workpool *pool, const struct workpool_crash *info)
{
	pr_info("multi: task %ld of pool %s crashed: %d\n", (long)info->arg,
		workpool_name(pool), info->reason);
	atomic_inc(&crashes);
}

static const struct workpool_ops ops = {
	.worker_init	= make_scratch,
	.worker_exit	= free_scratch,
	.crash		= report,
};

static void format(void *arg)
{
	struct scratch *scratch = workpool_worker_data();

	if ((long)arg % 10 == 9)
		workpool_task_crash(-EIO);	/* as an oops would end it */
	scratch->used++;
	scnprintf(scratch->text, sizeof(scratch->text), "task %ld", (long)arg);
}

static int __init multi_init(void)
{
	struct workpool_attrs each = WORKPOOL_ATTRS_INIT(3);
	long i;
	int err = 0;

	each.ops = &ops;
	multi = workpool_multi_create(4, WORKPOOL_LEAST_TASKS, &each, "multi");
	if (IS_ERR(multi))
		return PTR_ERR(multi);
	for (i = 0; !err && i < 40; i++)
		err = workpool_multi_submit(multi, format, (void *)i);
	if (err)
		workpool_multi_destroy(multi);
	return err;
}

static void __exit multi_exit(void)
{
	workpool_multi_destroy(multi);
	pr_info("multi: %d tasks crashed\n", atomic_read(&crashes));
}

module_init(multi_init);
module_exit(multi_exit);
MODULE_DESCRIPTION("A sample of workpool: a multi, worker data, crashes");
MODULE_LICENSE("GPL");
WORKPOOL_IMPORT_NS();
