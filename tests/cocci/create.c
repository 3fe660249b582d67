// SPDX-License-Identifier: GPL-2.0
/*
 * Each way to create a workqueue, and what max_active and the flags become.
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#define PREFIX	"create"

static struct workqueue_struct *wq[22];
static unsigned int more_flags;
static int how_many = 3;

static int create_by_max_active(void)
{
	wq[0] = alloc_workqueue("unbound-default-%d", WQ_UNBOUND, 0, 1);
	wq[1] = alloc_workqueue("unbound-4-%d", WQ_UNBOUND, 4, 1);
	wq[2] = alloc_workqueue("each-cpu-default-%d", WQ_PERCPU, 0, 1);
	wq[3] = alloc_workqueue("each-cpu-4-%d", 0, 4, 1);
	wq[4] = alloc_workqueue("each-cpu-1-%d", WQ_PERCPU | WQ_SYSFS, 1, 1);
	wq[5] = alloc_workqueue("variable-%d", WQ_UNBOUND, how_many, 1);
	wq[6] = alloc_workqueue("cpus-%d", WQ_UNBOUND, num_online_cpus(), 1);
	wq[20] = alloc_workqueue("more-cpus-%d", WQ_UNBOUND,
				 num_possible_cpus() + 1, 1);
	wq[21] = alloc_workqueue("some-%d", WQ_UNBOUND,
				 how_many > 1 ? 0 : 4, 1);
	return wq[0] && wq[6] ? 0 : -ENOMEM;
}

static int create_by_flags(void)
{
	wq[7] = alloc_workqueue("reclaim-%d", WQ_MEM_RECLAIM | WQ_UNBOUND, 1, 1);
	wq[8] = alloc_workqueue("all-%d",
				WQ_MEM_RECLAIM | WQ_UNBOUND | WQ_HIGHPRI |
				WQ_FREEZABLE | WQ_SYSFS | WQ_POWER_EFFICIENT |
				WQ_CPU_INTENSIVE, 2, 1);
	wq[9] = alloc_workqueue("variable-flags-%d",
				more_flags | WQ_MEM_RECLAIM, 1, 1);
	wq[10] = alloc_workqueue("chosen-%d", how_many > 3 ? WQ_UNBOUND : 0, 0,
				 1);
	return 0;
}

static int create_ordered(void)
{
	wq[11] = alloc_ordered_workqueue("ordered", 0);
	wq[12] = alloc_ordered_workqueue(PREFIX "-%s-%d", WQ_MEM_RECLAIM, "a",
					 1);
	wq[13] = create_singlethread_workqueue("single");
	wq[14] = create_freezable_workqueue("freezable");
	wq[15] = create_workqueue("old");
	return 0;
}

static int create_in_a_condition(void)
{
	if (!(wq[16] = alloc_workqueue("condition", WQ_UNBOUND, 1)))
		return -ENOMEM;
	if (how_many)
		wq[17] = alloc_workqueue("sub name", WQ_UNBOUND, 1);
	else
		wq[17] = NULL;
	return wq[17] ? 0 : -ENOMEM;
}

static int __maybe_unused create_managed(struct device *dev)
{
	wq[18] = devm_alloc_workqueue(dev, "managed-%s", WQ_UNBOUND, 0, "a");
	if (!wq[18])
		return -ENOMEM;
	wq[19] = devm_alloc_ordered_workqueue(dev, "managed", WQ_MEM_RECLAIM);
	return wq[19] ? 0 : -ENOMEM;
}

static int __init create_init(void)
{
	return create_by_max_active() ?: create_by_flags() ?:
	       create_ordered() ?: create_in_a_condition();
}

module_init(create_init);
MODULE_DESCRIPTION("A sample for the semantic patch");
MODULE_LICENSE("GPL");
