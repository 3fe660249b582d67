// SPDX-License-Identifier: GPL-2.0
/*
 * A watchdog: as long as it is fed it stays quiet, otherwise it barks once.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/workpool.h>

#define PATIENCE	(HZ / 5)

static struct workpool *pool;
static int barks;

static void complain(struct workpool_task *task)
{
	pr_info("delayed: bark %d\n", ++barks);
}

static DEFINE_WORKPOOL_DELAYED_TASK(watchdog, complain);

static void feed(void)
{
	workpool_mod_delayed(pool, &watchdog, PATIENCE);
}

static int __init delayed_init(void)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	int i;

	pool = workpool_create(&attrs, "delayed");
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	for (i = 0; i < 10; i++) {
		feed();
		msleep(20);
	}
	return 0;		/* nobody feeds it any more */
}

static void __exit delayed_exit(void)
{
	workpool_cancel_delayed_sync(&watchdog);
	workpool_destroy(pool);
}

module_init(delayed_init);
module_exit(delayed_exit);
MODULE_DESCRIPTION("A sample of workpool: a delayed task");
MODULE_LICENSE("GPL");
WORKPOOL_IMPORT_NS();
