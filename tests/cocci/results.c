// SPDX-License-Identifier: GPL-2.0
/*
 * What was true is 0 now, in each place where somebody looks at it.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

static bool is_new(struct workqueue_struct *wq, struct work_struct *work)
{
	return queue_work(wq, work);
}

static bool was_there(struct workqueue_struct *wq, struct work_struct *work)
{
	return !queue_work(wq, work);
}

static int __maybe_unused sum_up(struct workqueue_struct *wq,
				 struct work_struct *work,
				 struct delayed_work *dwork, int *why)
{
	bool queued = queue_delayed_work(wq, dwork, HZ);
	int sum = 0;

	if (queue_work(wq, work))
		sum++;
	if (!queue_work(wq, work))
		sum++;
	else
		sum--;
	if (queued && !cancel_delayed_work(dwork) && cancel_work(work))
		sum++;
	sum += cancel_work_sync(work);
	*why = cancel_delayed_work_sync(dwork) ? 1 : 2;
	(void)queue_work(wq, work);
	while (!queue_delayed_work(wq, dwork, 1))
		cpu_relax();
	WARN_ON(!queue_work(wq, work));
	if (work_pending(work) || delayed_work_pending(dwork))
		sum++;
	if (work_busy(work) & WORK_BUSY_RUNNING)
		sum++;
	return sum + is_new(wq, work) + was_there(wq, work);
}

MODULE_DESCRIPTION("A sample for the semantic patch");
MODULE_LICENSE("GPL");
