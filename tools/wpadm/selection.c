// SPDX-License-Identifier: GPL-2.0
/*
 * The pools for which the arguments of a command stand, among all that there are.
 */
#include <err.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "selection.h"
#include "target.h"

static bool has_name(const struct pool_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->nr; i++) {
		if (!strcmp(list->pools[i].name, name))
			return true;
	}
	return false;
}

/* Does what was given stand for a pool? A name is that of a pool, else that of a multi. */
static bool stands_for(const char *given, const struct pool_list *list,
		       const struct workpool_ioc_stat *stat)
{
	struct pool_ref ref;

	if (is_pattern(given))
		return !fnmatch(given, stat->name, 0);
	if (parse_pool_ref(given, &ref))
		return false;
	if (ref.id)
		return ref.id == stat->id;
	return !strcmp(has_name(list, given) ? stat->name : stat->multi, given);
}

static enum status check_one(const struct device *dev, const char *given,
			     const struct pool_list *list)
{
	struct pool_ref ref;
	enum status status;
	size_t i;

	for (i = 0; i < list->nr; i++) {
		if (stands_for(given, list, &list->pools[i]))
			return STATUS_OK;
	}
	if (is_pattern(given))
		return refusal_report_pattern(VERB_SHOW, given);
	status = pool_ref_or_report(given, VERB_SHOW, &ref);
	return status == STATUS_OK ?
	       refusal_report(dev, VERB_SHOW, given, -ENOENT) : status;
}

/**
 * selection_check() - check that each argument stands for a pool
 * @selection: the arguments
 * @dev: the device
 * @list: all pools
 *
 * Return: STATUS_OK, or that of the first argument that stands for none, after a
 * message for each of them.
 */
enum status selection_check(const struct selection *selection,
			    const struct device *dev,
			    const struct pool_list *list)
{
	enum status status, first = STATUS_OK;
	int i;

	for (i = 0; i < selection->nr; i++) {
		status = check_one(dev, selection->given[i], list);
		if (first == STATUS_OK)
			first = status;
	}
	return first;
}

/**
 * selection_keep() - keep the pools for which an argument stands
 * @selection: the arguments; without any, all pools stay
 * @list: all pools
 *
 * Return: STATUS_OK, or STATUS_LOCAL after a message.
 */
enum status selection_keep(const struct selection *selection,
			   struct pool_list *list)
{
	struct workpool_ioc_stat *kept;
	size_t i, nr = 0;
	int given;

	if (!selection->nr)
		return STATUS_OK;
	kept = calloc(list->nr + 1, sizeof(*kept));
	if (!kept) {
		warnx("out of memory");
		return STATUS_LOCAL;
	}
	for (i = 0; i < list->nr; i++) {
		for (given = 0; given < selection->nr; given++) {
			if (!stands_for(selection->given[given], list,
					&list->pools[i]))
				continue;
			kept[nr++] = list->pools[i];
			break;
		}
	}
	free(list->pools);
	*list = (struct pool_list) { .pools = kept, .nr = nr };
	return STATUS_OK;
}
