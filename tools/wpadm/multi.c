// SPDX-License-Identifier: GPL-2.0
/*
 * Multis: several pools with a common interface. The device lists pools only,
 * and each pool names its multi.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "multi.h"

static bool is_pool_of(const struct workpool_ioc_stat *stat, const char *multi)
{
	return stat->multi_id &&
	       !strncmp(stat->multi, multi, sizeof(stat->multi));
}

/* Do two pools belong to the same multi? */
bool multi_same(const struct workpool_ioc_stat *one,
		const struct workpool_ioc_stat *other)
{
	return one->multi_id && is_pool_of(other, one->multi);
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

/**
 * multi_stat_all() - take a snapshot of every multi
 * @dev: the device
 * @list: all pools
 * @multis: the result; free() its pools, also after an error
 *
 * Return: 0 or a negative errno.
 */
int multi_stat_all(const struct device *dev, const struct pool_list *list,
		   struct pool_list *multis)
{
	size_t i;
	int err;

	*multis = (struct pool_list) { 0 };
	for (i = 0; i < list->nr; i++) {
		if (!list->pools[i].multi_id || multi_seen(list, i))
			continue;
		err = device_append_multi(dev, list->pools[i].multi_id,
					  multis);
		if (err)
			return err;
	}
	return 0;
}

static void keep_pools_of(struct pool_list *list, const char *multi)
{
	size_t i, kept = 0;

	for (i = 0; i < list->nr; i++) {
		if (is_pool_of(&list->pools[i], multi))
			list->pools[kept++] = list->pools[i];
	}
	list->nr = kept;
}

/**
 * multi_find() - a snapshot of every pool of a multi
 * @dev: the device
 * @ref: with id 0 the name of the multi
 * @list: the result; free() its pools, also after an error
 *
 * Return: 0, -ENOENT if there is no such multi, or another negative errno.
 */
int multi_find(const struct device *dev, const struct pool_ref *ref,
	       struct pool_list *list)
{
	int err;

	*list = (struct pool_list) { 0 };
	if (ref->id)
		return -ENOENT;
	err = device_stat_all(dev, list);
	if (err)
		return err;
	keep_pools_of(list, ref->name);
	return list->nr ? 0 : -ENOENT;
}
