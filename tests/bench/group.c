// SPDX-License-Identifier: GPL-2.0
/*
 * Contender: a group of tasks on a pool.
 */

#include <linux/slab.h>

#include "bench.h"

/**
 * struct team - a pool and a group on it
 * @pool: the pool
 * @group: the group
 */
struct team {
	struct workpool		*pool;
	struct workpool_group	group;
};

static int group_open(struct bench_contender *contender,
		      const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs = bench_pool_attrs(scenario);
	struct team *team = kzalloc(sizeof(*team), GFP_KERNEL);
	int err;

	if (!team)
		return -ENOMEM;
	err = bench_pool_open(contender, &attrs);
	if (err) {
		kfree(team);
		return err;
	}
	team->pool = contender->data;
	workpool_group_init(&team->group, team->pool);
	contender->data = team;
	return 0;
}

static void group_close(struct bench_contender *contender)
{
	struct team *team = contender->data;

	WARN_ON(workpool_group_wait(&team->group));
	workpool_destroy(team->pool);
	kfree(team);
}

static int run_item(void *arg)
{
	struct bench_item *item = arg;

	item->fn(item);
	return 0;
}

static int group_submit(struct bench_contender *contender,
			struct bench_item *item)
{
	struct team *team = contender->data;

	return workpool_group_submit(&team->group, run_item, item);
}

struct bench_contender bench_group = {
	.name = "workpool group",
	.open = group_open,
	.close = group_close,
	.submit = group_submit,
};
