// SPDX-License-Identifier: GPL-2.0
/*
 * What nearly every user of a workqueue does.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct request {
	int number;
	struct work_struct work;
};

static struct workqueue_struct *requests;
static struct work_struct again;

static void serve(struct work_struct *work)
{
	struct request *req = container_of(work, struct request, work);

	pr_info("request %d\n", req->number);
	kfree(req);
}

static void serve_again(struct work_struct *work)
{
	queue_work(requests, work);
}

static int submit(int number)
{
	struct request *req = kzalloc(sizeof(*req), GFP_KERNEL);

	if (!req)
		return -ENOMEM;
	req->number = number;
	INIT_WORK(&req->work, serve);
	queue_work(requests, &req->work);
	return 0;
}

static void on_the_stack(void)
{
	struct request req = { .number = 1 };

	INIT_WORK_ONSTACK(&req.work, serve_again);
	queue_work(requests, &req.work);
	flush_work(&req.work);
	cancel_work_sync(&req.work);
	destroy_work_on_stack(&req.work);
}

static int __init basic_init(void)
{
	int err;

	requests = alloc_workqueue("basic%d", WQ_UNBOUND | WQ_FREEZABLE, 4, 1);
	if (!requests)
		return -ENOMEM;
	INIT_WORK(&again, serve_again);
	err = submit(1);
	if (err)
		destroy_workqueue(requests);
	on_the_stack();
	return err;
}

static void __exit basic_exit(void)
{
	cancel_work_sync(&again);
	flush_workqueue(requests);
	drain_workqueue(requests);
	destroy_workqueue(requests);
}

module_init(basic_init);
module_exit(basic_exit);
MODULE_DESCRIPTION("A sample for the semantic patch");
MODULE_LICENSE("GPL");
