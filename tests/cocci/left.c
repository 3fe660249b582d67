// SPDX-License-Identifier: GPL-2.0
/*
 * What has no counterpart, or is said in a way that the semantic patch does not know: it
 * stays, and is reported. Members and labels that are called like a function are not.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

struct object {
	struct rcu_work rcu;
	struct work_struct work;
	struct delayed_work dwork;
	int flush_work;
};

static struct workqueue_struct *softirq;

static bool __maybe_unused left_of(struct object *o, struct workqueue_struct *wq)
{
	struct workqueue_struct *own = alloc_workqueue("own", WQ_UNBOUND, 0);
	bool found;

	softirq = alloc_workqueue("softirq", WQ_BH, 0);
	queue_rcu_work(wq, &o->rcu);
	queue_work(system_bh_wq, &o->work);
	queue_work(system_highpri_wq, &o->work);
	queue_work(system_freezable_wq, &o->work);
	queue_work_on(1, wq, &o->work);
	queue_delayed_work_on(1, wq, &o->dwork, HZ);
	schedule_work_on(1, &o->work);
	found = flush_delayed_work(&o->dwork);
	found |= flush_work(&o->work);
	found |= mod_delayed_work(wq, &o->dwork, HZ);
	found |= disable_work_sync(&o->work);
	found |= enable_work(&o->work);
	if (o->flush_work)
		goto queue_work;
	workqueue_set_max_active(wq, 3);
queue_work:
	o->flush_work = found;
	return found && own && current_work();
}

MODULE_DESCRIPTION("A sample for the semantic patch");
MODULE_LICENSE("GPL");
