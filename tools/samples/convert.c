// SPDX-License-Identifier: GPL-2.0
/*
 * A user of a workqueue, converted. What stood there before is in the comments:
 *
 *	wq = alloc_ordered_workqueue("convert", 0);
 *	destroy_workqueue(wq);
 *
 * A pool with one worker runs its tasks in the order in which they were queued, one at a time.
 * Mind the values that functions return: queue_work() says true when it queued the work,
 * workpool_queue() says 0, and -EALREADY when the task is pending already.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workpool.h>

static struct workpool *pool;		/* struct workqueue_struct *wq; */

struct line {
	int number;
	struct workpool_task task;	/* struct work_struct work; */
};

static int last;
static bool in_order = true;

/* static void print_line(struct work_struct *work) */
static void print_line(struct workpool_task *task)
{
	struct line *line = container_of(task, struct line, task);

	if (line->number != last + 1)
		in_order = false;
	last = line->number;
	kfree(line);
}

static int queue_line(int number)
{
	struct line *line = kzalloc(sizeof(*line), GFP_KERNEL);

	if (!line)
		return -ENOMEM;
	line->number = number;
	workpool_task_init(&line->task, print_line);	/* INIT_WORK() */
	/* if (!queue_work(wq, &line->work)) */
	return workpool_queue(pool, &line->task);
}

static int __init convert_init(void)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	int i, err = 0;

	pool = workpool_create(&attrs, "convert");
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	for (i = 1; !err && i <= 20; i++)
		err = queue_line(i);
	if (err)
		workpool_destroy(pool);
	return err;
}

static void __exit convert_exit(void)
{
	workpool_destroy(pool);		/* runs what is queued, as destroy_workqueue() */
	pr_info("convert: %d lines, %s\n", last, in_order ? "in order" : "mixed up");
}

module_init(convert_init);
module_exit(convert_exit);
MODULE_DESCRIPTION("A sample of workpool: a converted user of a workqueue");
MODULE_LICENSE("GPL");
WORKPOOL_IMPORT_NS();
