// SPDX-License-Identifier: GPL-2.0
/*
 * Multis: several pools with a common interface. The device knows only pools,
 * each of which names its multi.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "multi.h"

static bool is_member(const struct workpool_ioc_stat *stat, const char *multi)
{
	return stat->multi_id &&
	       !strncmp(stat->multi, multi, sizeof(stat->multi));
}

/* Do two pools belong to the same multi? */
bool multi_same(const struct workpool_ioc_stat *one,
		const struct workpool_ioc_stat *other)
{
	return one->multi_id && is_member(other, one->multi);
}

/* Does a pool of @list before @index belong to the same multi? */
bool multi_seen(const struct pool_list *list, size_t index)
{
	size_t i;

	for (i = 0; i < index; i++) {
		if (multi_same(&list->pools[i], &list->pools[index]))
			return true;
	}
	return false;
}

/* -1 in one is -1 in all. */
static __s32 add_limits(__s32 sum, __s32 limit)
{
	if (sum == WORKPOOL_IOC_UNLIMITED || limit == WORKPOOL_IOC_UNLIMITED)
		return WORKPOOL_IOC_UNLIMITED;
	return __builtin_add_overflow(sum, limit, &sum) ? INT_MAX : sum;
}

/* A submitter waits in the lines of all pools at once: it counts once. */
static void add_gauges(struct workpool_ioc_stat *sum,
		       const struct workpool_ioc_stat *stat)
{
	sum->capacity = add_limits(sum->capacity, stat->capacity);
	sum->available = add_limits(sum->available, stat->available);
	sum->running += stat->running;
	sum->busy += stat->busy;
	sum->idle += stat->idle;
	sum->searching += stat->searching;
	sum->starting += stat->starting;
	sum->alive += stat->alive;
	if (sum->waiting < stat->waiting)
		sum->waiting = stat->waiting;
	sum->queued += stat->queued;
	sum->delayed += stat->delayed;
	sum->min_workers += stat->min_workers;
	sum->queue_depth += stat->queue_depth;
}

static void add_counters(struct workpool_ioc_stat *sum,
			 const struct workpool_ioc_stat *stat)
{
	sum->submitted += stat->submitted;
	sum->completed += stat->completed;
	sum->crashes += stat->crashes;
	sum->rejected += stat->rejected;
	sum->timedout += stat->timedout;
	sum->interrupted += stat->interrupted;
	sum->deadlocks += stat->deadlocks;
	sum->blocked += stat->blocked;
	sum->spawned += stat->spawned;
	sum->adopted += stat->adopted;
	sum->retired += stat->retired;
	sum->purged += stat->purged;
	sum->spawn_failures += stat->spawn_failures;
	sum->init_failures += stat->init_failures;
	sum->dropped += stat->dropped;
	sum->leaks += stat->leaks;
	sum->cancelled += stat->cancelled;
	sum->fallbacks += stat->fallbacks;
	sum->stolen += stat->stolen;
	sum->spurious_wakeups += stat->spurious_wakeups;
}

/**
 * multi_sum() - a multi as if it was one pool
 * @list: all its members, and others
 * @member: one of them
 * @sum: the result; what cannot be added up is 0
 *
 * It is closed when all of them are.
 */
void multi_sum(const struct pool_list *list,
	       const struct workpool_ioc_stat *member,
	       struct workpool_ioc_stat *sum)
{
	size_t i;

	memset(sum, 0, sizeof(*sum));
	sum->flags = WORKPOOL_POOL_CLOSED;
	sum->multi_id = member->multi_id;
	memcpy(sum->multi, member->multi, sizeof(sum->multi));
	memcpy(sum->name, member->multi, sizeof(sum->name));
	memcpy(sum->owner, member->owner, sizeof(sum->owner));
	for (i = 0; i < list->nr; i++) {
		if (!multi_same(member, &list->pools[i]))
			continue;
		sum->flags &= list->pools[i].flags;
		add_gauges(sum, &list->pools[i]);
		add_counters(sum, &list->pools[i]);
	}
}

static void keep_members(struct pool_list *list, const char *multi)
{
	size_t i, kept = 0;

	for (i = 0; i < list->nr; i++) {
		if (is_member(&list->pools[i], multi))
			list->pools[kept++] = list->pools[i];
	}
	list->nr = kept;
}

/**
 * multi_find() - a snapshot of every member of a multi
 * @dev: the device
 * @ref: with id 0 the name of the multi
 * @members: the result; free() its pools, also after an error
 *
 * Return: 0, -ENOENT if there is no such multi, or another negative errno.
 */
int multi_find(const struct device *dev, const struct pool_ref *ref,
	       struct pool_list *members)
{
	int err;

	*members = (struct pool_list) { 0 };
	if (ref->id)
		return -ENOENT;
	err = device_stat_all(dev, members);
	if (err)
		return err;
	keep_members(members, ref->name);
	return members->nr ? 0 : -ENOENT;
}
