// SPDX-License-Identifier: GPL-2.0
/*
 * The pools that a command changes: the named pools and the pools of the named
 * multis.
 */
#include <err.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "multi.h"
#include "target.h"

/* Is @text a pattern as those of a shell? No name of a pool has such a character. */
bool is_pattern(const char *text)
{
	return strpbrk(text, "*?[");
}

/**
 * pattern_select() - keep those of some pools whose names match a pattern
 * @pools: the pools
 * @pattern: the pattern
 *
 * Return: how many are left, the first of @pools.
 */
size_t pattern_select(struct pool_list *pools, const char *pattern)
{
	size_t i, nr = 0;

	for (i = 0; i < pools->nr; i++) {
		if (!fnmatch(pattern, pools->pools[i].name, 0))
			pools->pools[nr++] = pools->pools[i];
	}
	pools->nr = nr;
	return nr;
}

static bool has_target(const struct target_list *list, __u32 id)
{
	size_t i;

	for (i = 0; i < list->nr; i++) {
		if (list->targets[i].id == id)
			return true;
	}
	return false;
}

/* A pool that @list has already stays where it is. */
static enum status append(struct target_list *list, const struct pool_ref *ref,
			  const char *given, __u32 id)
{
	struct target *targets;

	if (has_target(list, id))
		return STATUS_OK;
	targets = reallocarray(list->targets, list->nr + 1, sizeof(*targets));
	if (!targets) {
		warnx("out of memory");
		return STATUS_LOCAL;
	}
	list->targets = targets;
	targets[list->nr++] = (struct target) {
		.ref = *ref, .given = given, .id = id,
	};
	return STATUS_OK;
}

static enum status append_pools(struct target_list *list,
				const struct pool_list *pools)
{
	enum status status = STATUS_OK;
	struct pool_ref ref;
	size_t i;

	for (i = 0; status == STATUS_OK && i < pools->nr; i++) {
		ref.id = pools->pools[i].id;
		memcpy(ref.name, pools->pools[i].name, sizeof(ref.name));
		status = append(list, &ref, NULL, ref.id);
	}
	return status;
}

static enum status add_multi(struct target_list *list, const struct device *dev,
			     enum verb verb, const struct pool_ref *ref,
			     const char *text)
{
	struct pool_list pools;
	enum status status;
	int err;

	err = multi_find(dev, ref, &pools);
	status = err ? refusal_report(dev, verb, text, err) :
		       append_pools(list, &pools);
	free(pools.pools);
	return status;
}

static enum status add_matching(struct target_list *list,
				const struct device *dev, enum verb verb,
				const char *pattern)
{
	struct pool_list pools;
	enum status status;
	int err;

	err = device_stat_all(dev, &pools);
	if (err)
		status = refusal_report_list(err);
	else if (!pattern_select(&pools, pattern))
		status = refusal_report_pattern(verb, pattern);
	else
		status = append_pools(list, &pools);
	free(pools.pools);
	return status;
}

/**
 * targets_add() - add the pool or all pools of the multi of a name, or all pools
 *	that match a pattern
 * @list: the list to add to; its targets must be freed with free()
 * @dev: the device
 * @verb: the action that will be requested
 * @text: what the user typed; it must outlive @list
 *
 * Return: STATUS_OK, or another status after a message.
 */
enum status targets_add(struct target_list *list, const struct device *dev,
			enum verb verb, const char *text)
{
	struct workpool_ioc_stat stat;
	struct pool_ref ref;
	enum status status;
	int err;

	if (is_pattern(text))
		return add_matching(list, dev, verb, text);
	status = pool_ref_or_report(text, verb, &ref);
	if (status != STATUS_OK)
		return status;
	err = device_stat(dev, &ref, &stat);
	if (err == -ENOENT)
		return add_multi(list, dev, verb, &ref, text);
	if (err)
		return refusal_report(dev, verb, text, err);
	return append(list, &ref, text, stat.id);
}

/* The name of @target in messages. */
const char *target_label(const struct target *target)
{
	return target->given ? target->given : target->ref.name;
}
