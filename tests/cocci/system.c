// SPDX-License-Identifier: GPL-2.0
/*
 * The workqueues that always exist, which become the pool that always exists.
 */
#include <linux/module.h>

struct object {
	struct work_struct work;
	struct workqueue_struct *wq;
};

static struct object object;

static void do_nothing(struct work_struct *work)
{
}

static int __init system_init(void)
{
	struct object *o = &object;

	INIT_WORK(&o->work, do_nothing);
	schedule_work(&o->work);
	queue_work(system_wq, &o->work);
	queue_work(system_percpu_wq, &o->work);
	queue_work(system_unbound_wq, &o->work);
	queue_work(system_dfl_wq, &o->work);
	queue_work(system_long_wq, &o->work);
	queue_work(system_power_efficient_wq, &o->work);
	o->wq = system_unbound_wq;
	queue_work(o->wq ?: system_wq, &o->work);
	return 0;
}

static void __exit system_exit(void)
{
	cancel_work_sync(&object.work);
}

module_init(system_init);
module_exit(system_exit);
MODULE_DESCRIPTION("A sample for the semantic patch");
MODULE_LICENSE("GPL");
