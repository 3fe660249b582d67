// SPDX-License-Identifier: GPL-2.0
/*
 * The pools that a command changes: the named pools and the pools of the named
 * multis.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "multi.h"
#include "target.h"

static enum status append(struct target_list *list, const struct pool_ref *ref,
			  const char *given)
{
	struct target *targets = reallocarray(list->targets, list->nr + 1,
					      sizeof(*targets));

	if (!targets) {
		warnx("out of memory");
		return STATUS_LOCAL;
	}
	list->targets = targets;
	targets[list->nr++] = (struct target) { .ref = *ref, .given = given };
	return STATUS_OK;
}

static enum status append_members(struct target_list *list,
				  const struct pool_list *members)
{
	enum status status = STATUS_OK;
	struct pool_ref ref;
	size_t i;

	for (i = 0; status == STATUS_OK && i < members->nr; i++) {
		ref.id = members->pools[i].id;
		memcpy(ref.name, members->pools[i].name, sizeof(ref.name));
		status = append(list, &ref, NULL);
	}
	return status;
}

static enum status add_multi(struct target_list *list, const struct device *dev,
			     enum verb verb, const struct pool_ref *ref,
			     const char *text)
{
	struct pool_list members;
	enum status status;
	int err;

	err = multi_find(dev, ref, &members);
	status = err ? refusal_report(dev, verb, text, err) :
		       append_members(list, &members);
	free(members.pools);
	return status;
}

/**
 * targets_add() - add the pool or all pools of the multi of a name
 * @list: the list to add to; its targets must be freed with free()
 * @dev: the device
 * @verb: the action that will be requested
 * @text: the name that the user typed; it must outlive @list
 *
 * Return: STATUS_OK, or another status after a message.
 */
enum status targets_add(struct target_list *list, const struct device *dev,
			enum verb verb, const char *text)
{
	struct workpool_ioc_stat stat;
	struct pool_ref ref;
	enum status status;

	status = pool_ref_or_report(text, verb, &ref);
	if (status != STATUS_OK)
		return status;
	if (device_stat(dev, &ref, &stat) == -ENOENT)
		return add_multi(list, dev, verb, &ref, text);
	return append(list, &ref, text);
}

/* The name of @target in messages. */
const char *target_label(const struct target *target)
{
	return target->given ? target->given : target->ref.name;
}
