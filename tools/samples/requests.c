// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workpool.h>

struct request {
	int number;
	struct workpool_task task;
};

static struct workpool *pool;
static struct workpool_delayed_task tick;
static int ticks;

static void serve(struct workpool_task *task)
{
	struct request *req = container_of(task, struct request, task);

	pr_info("request %d is served\n", req->number);
	kfree(req);			/* nothing touches a task after it ran */
}

static void count(struct workpool_task *task)
{
	pr_info("tick %d\n", ++ticks);
	workpool_queue_delayed(pool, &tick, HZ / 10);	/* once more */
}

static int __init requests_init(void)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(4);
	struct request *req;
	int i;

	pool = workpool_create(&attrs, "requests");
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	workpool_delayed_task_init(&tick, count);
	workpool_queue_delayed(pool, &tick, HZ / 10);
	for (i = 0; i < 8; i++) {
		req = kzalloc(sizeof(*req), GFP_KERNEL);
		if (!req)
			break;
		req->number = i;
		workpool_task_init(&req->task, serve);
		workpool_queue(pool, &req->task);
	}
	return 0;
}

static void __exit requests_exit(void)
{
	workpool_cancel_delayed_sync(&tick);
	workpool_destroy(pool);		/* the requests are served before */
}

module_init(requests_init);
module_exit(requests_exit);
MODULE_DESCRIPTION("The second example in the README of workpool");
MODULE_LICENSE("GPL");
WORKPOOL_IMPORT_NS();
