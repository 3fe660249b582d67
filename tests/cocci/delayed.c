// SPDX-License-Identifier: GPL-2.0
/*
 * Delayed work: the name of its member changes, and only where it is of delayed work.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

struct other {
	struct work_struct work;
};

struct poller {
	struct delayed_work poll;
	struct other other;
	struct delayed_work *next;
	int polls;
};

static void tick(struct work_struct *work);
static DECLARE_DELAYED_WORK(ticker, tick);
static DECLARE_DEFERRABLE_WORK(lazy, tick);
static DECLARE_WORK(once, tick);

static struct poller poller;

static void tick(struct work_struct *work)
{
	schedule_delayed_work(to_delayed_work(work), HZ);
}

static void poll(struct work_struct *work)
{
	struct poller *p = container_of(work, struct poller, poll.work);

	p->polls++;
	mod_delayed_work(system_wq, &p->poll, HZ / 10);
}

static void poll_other(struct work_struct *work)
{
	struct poller *p = container_of(work, struct poller, other.work);

	flush_work(&p->poll.work);
	flush_work(&p->next->work);
	poll(&p->poll.work);
	schedule_work(&p->other.work);
}

static void on_the_stack(void)
{
	struct delayed_work dwork;

	INIT_DELAYED_WORK_ONSTACK(&dwork, tick);
	schedule_delayed_work(&dwork, 1);
	flush_work(&dwork.work);
	flush_delayed_work(&dwork);
	cancel_delayed_work_sync(&dwork);
	destroy_delayed_work_on_stack(&dwork);
}

static int __init delayed_init(void)
{
	INIT_DELAYED_WORK(&poller.poll, poll);
	INIT_WORK(&poller.other.work, poll_other);
	poller.next = &ticker;
	queue_delayed_work(system_wq, &poller.poll, HZ);
	schedule_delayed_work(&ticker, HZ);
	schedule_delayed_work(&lazy, HZ);
	schedule_work(&once);
	on_the_stack();
	return 0;
}

static void __exit delayed_exit(void)
{
	cancel_work_sync(&once);
	cancel_work_sync(&poller.other.work);
	cancel_delayed_work_sync(&lazy);
	cancel_delayed_work_sync(&ticker);
	cancel_delayed_work_sync(&poller.poll);
}

module_init(delayed_init);
module_exit(delayed_exit);
MODULE_DESCRIPTION("A sample for the semantic patch");
MODULE_LICENSE("GPL");
