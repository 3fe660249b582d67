// SPDX-License-Identifier: GPL-2.0
/*
 * Embedded members of a group: the sum of the numbers 1 to 1000, in four parts.
 */
#include <linux/module.h>
#include <linux/workpool.h>

#define PARTS		4
#define NUMBERS		250	/* in a part */

struct part {
	struct workpool_member member;
	long first;
	long sum;
};

static struct workpool *pool, *ordered;
static struct part parts[PARTS];

static int add_part(struct workpool_member *member)
{
	struct part *part = container_of(member, struct part, member);
	long number;

	for (number = part->first; number < part->first + NUMBERS; number++)
		part->sum += number;
	return 0;		/* an error would be that of the whole group */
}

static int queue_parts(struct workpool_group *group)
{
	int i, err = 0;

	for (i = 0; !err && i < PARTS; i++) {
		parts[i].first = 1 + i * NUMBERS;
		parts[i].sum = 0;
		workpool_member_init(&parts[i].member, add_part);
		err = workpool_group_queue(group, &parts[i].member);
	}
	return err;
}

static int add_all(struct workpool *workers)
{
	struct workpool_group group;
	int err;

	workpool_group_init(&group, workers);
	err = queue_parts(&group);
	if (!err)
		err = workpool_group_wait(&group);
	/* after an error parts may still be queued, and the group is on this stack */
	workpool_group_cancel_sync(&group);
	return err;
}

/* The parts need a worker of the pool, and the only one waits for them. */
static void add_in_the_only_worker(void *unused)
{
	int err = add_all(ordered);

	pr_info("member: in a task of an ordered pool: %d\n", err);
}

static int add_in_both(void)
{
	long sum = 0;
	int i, err;

	err = workpool_submit(ordered, add_in_the_only_worker, NULL);
	if (err)
		return err;
	workpool_flush_pool(ordered);
	err = add_all(pool);
	if (err)
		return err;
	for (i = 0; i < PARTS; i++)
		sum += parts[i].sum;
	pr_info("member: the sum is %ld\n", sum);
	return 0;
}

static int __init member_init(void)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(PARTS);
	int err;

	pool = workpool_create(&attrs, "member");
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	attrs.capacity = 1;
	ordered = workpool_create(&attrs, "member-ordered");
	err = PTR_ERR_OR_ZERO(ordered);
	if (!err) {
		err = add_in_both();
		workpool_destroy(ordered);
	}
	if (err)
		workpool_destroy(pool);
	return err;
}

static void __exit member_exit(void)
{
	workpool_destroy(pool);
}

module_init(member_init);
module_exit(member_exit);
MODULE_DESCRIPTION("A sample of workpool: embedded members of a group");
MODULE_LICENSE("GPL");
WORKPOOL_IMPORT_NS();
