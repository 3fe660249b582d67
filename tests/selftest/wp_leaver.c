// SPDX-License-Identifier: GPL-2.0
/*
 * wp_leaver: a module that goes and forgets what it queued. workpool has to
 * notice before the text of its tasks is gone: they are refused, cancelled or
 * waited for, and the log names each function.
 *
 * In the system's pool it leaves a task that runs, and tries to queue another
 * when it ends, the same queued again, and some that wait for a timer; in one of
 * wp_selftest, st-leaver with capacity 1, a call that runs and a task behind it;
 * and of its own a pool.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/workpool.h>

#include "control.h"

#define HOUR	(3600 * HZ)

/* what workpool has to wait for takes so long that it cannot be missed */
#define SHORT_MS	700
#define LONG_MS		2000

static bool leaving;
static bool running;
static bool fired;

static struct workpool *own;

static void leaver_chained(struct workpool_task *task)
{
	msleep(SHORT_MS);
}

static struct workpool_task chained = WORKPOOL_TASK_INIT(chained, leaver_chained);

/* ends after the module's exit function has returned, and would queue another */
static void leaver_running(struct workpool_task *task)
{
	WRITE_ONCE(running, true);
	while (!READ_ONCE(leaving))
		msleep(20);
	msleep(LONG_MS);
	pr_info("queued late: %d\n", workpool_queue(workpool_system, &chained));
}

static struct workpool_task run = WORKPOOL_TASK_INIT(run, leaver_running);

static void leaver_delayed(struct workpool_task *task)
{
}

static void leaver_soon(struct workpool_task *task)
{
	WRITE_ONCE(fired, true);
	msleep(LONG_MS);
}

static struct workpool_delayed_task later[20];
static struct workpool_delayed_task soon;

static void leaver_queued(struct workpool_task *task)
{
}

static struct workpool_task queued = WORKPOOL_TASK_INIT(queued, leaver_queued);

static void leaver_call(void *unused)
{
	while (!READ_ONCE(leaving))
		msleep(20);
	msleep(LONG_MS);
}

static void leaver_forgotten(struct workpool_task *task)
{
	msleep(SHORT_MS);
}

static struct workpool_task forgotten =
	WORKPOOL_TASK_INIT(forgotten, leaver_forgotten);

static int make_pool(void)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	own = workpool_create(&attrs, "leaver");
	return PTR_ERR_OR_ZERO(own);
}

static int queue_behind(struct workpool *narrow)
{
	return workpool_try_submit(narrow, leaver_call, NULL) ?:
	       workpool_queue(narrow, &queued);
}

static void queue_all(void)
{
	int i;

	workpool_queue(workpool_system, &run);
	while (!READ_ONCE(running))
		msleep(20);
	workpool_queue(workpool_system, &run);
	for (i = 0; i < ARRAY_SIZE(later); i++) {
		workpool_delayed_task_init(&later[i], leaver_delayed);
		workpool_queue_delayed(workpool_system, &later[i], HOUR);
	}
	workpool_queue(own, &forgotten);
}

static int __init leaver_init(void)
{
	struct workpool *narrow = st_control_pool("st-leaver");
	int err;

	if (!narrow)
		return -ENOENT;
	err = make_pool();
	if (err)
		return err;
	err = queue_behind(narrow);
	if (err) {
		workpool_destroy(own);
		return err;
	}
	workpool_delayed_task_init(&soon, leaver_soon);
	queue_all();
	return 0;
}

/* Nothing is cleaned up, on purpose. */
static void __exit leaver_exit(void)
{
	workpool_queue_delayed(workpool_system, &soon, 1);
	while (!READ_ONCE(fired))
		msleep(20);
	/* a task that sees it knows that the module goes */
	WRITE_ONCE(leaving, true);
}

module_init(leaver_init);
module_exit(leaver_exit);
MODULE_LICENSE("GPL");
WORKPOOL_IMPORT_NS();
MODULE_AUTHOR("workpool developers");
MODULE_DESCRIPTION("Forgets its tasks when it is unloaded");
