// SPDX-License-Identifier: GPL-2.0
/*
 * Macros and types of functions.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

struct object {
	struct workqueue_struct *wq;
	struct work_struct work;
	work_func_t fn;
	void (*other)(struct work_struct *work);
};

typedef void (*object_fn_t)(struct work_struct *work);

#define object_wake(o)		queue_work((o)->wq, &(o)->work)
#define object_init(o, f)	INIT_WORK(&(o)->work, (f))
#define object_stop(o)		\
do {				\
	cancel_work_sync(&(o)->work); \
} while (0)

static struct object object;

static void fn(struct work_struct *work)
{
	container_of(work, struct object, work)->fn(work);
}

static void end(struct work_struct *work)
{
}

static int __init macros_init(void)
{
	object_fn_t first = fn;

	object.fn = end;
	object.other = first;
	object.wq = alloc_ordered_workqueue("macros-%d", 0, 1);
	if (!object.wq)
		return -ENOMEM;
	object_init(&object, object.other);
	if (!object_wake(&object))
		pr_info("it waits already\n");
	return 0;
}

static void __exit macros_exit(void)
{
	object_stop(&object);
	destroy_workqueue(object.wq);
}

module_init(macros_init);
module_exit(macros_exit);
MODULE_DESCRIPTION("A sample for the semantic patch");
MODULE_LICENSE("GPL");
