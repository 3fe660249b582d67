// SPDX-License-Identifier: GPL-2.0
/*
 * list and show: the pools, as rows and as fields.
 */
#include <errno.h>
#include <stdlib.h>

#include <libsmartcols.h>

#include "device.h"
#include "multi.h"
#include "numbers.h"
#include "refusal.h"
#include "target.h"
#include "usage.h"

#define NUMBER(_name, _key, _format, _field, _help)	\
	COLUMN_NUMBER(_name, _key, _format, struct workpool_ioc_stat, _field, \
		      _help)
#define TEXT(_name, _key, _format, _field, _help)	\
	COLUMN_TEXT(_name, _key, _format, struct workpool_ioc_stat, _field, \
		    _help)

#define SETTING(_name, _field, _format, _metric, _flags, _help, _note) \
	{ NUMBER(_name, #_field, _format, _field, _help _note), _flags },
#define COUNTER(_name, _field, _metric, _preset, _help)	\
	{ NUMBER(_name, #_field, format_u64, _field, _help), \
	  .preset = (_preset) },

static const struct column pool_columns[] = {
	{ TEXT("NAME", "name", format_text, name, "name of the pool"),
	  .flags = SCOLS_FL_TREE, .preset = 1 },
	{ NUMBER("ID", "id", format_u32, id, "number of the pool, as in id:N"),
	  .single = true },
	{ TEXT("MULTI", "multi", format_multi, size,
	       "multi to which the pool belongs") },
	{ NUMBER("MULTI-INDEX", "multi_index", format_multi_index, size,
		 "index of the pool in its multi"), .single = true },
	{ TEXT("STRATEGY", "strategy", format_strategy, size,
	       "round-robin, least-tasks or local, of the multi") },
	{ NUMBER("POOLS", "pools", format_pools, size,
		 "number of pools in the multi") },
	{ TEXT("OWNER", "owner", format_text, owner,
	       "module that created the pool") },
	{ TEXT("STATE", "state", format_state, size,
	       "open, paused, draining (closed, threads are left) or closed"),
	  .preset = 1 },
	{ TEXT("PAUSED-BY", "paused_by", format_pausers, flags,
	       "owner, admin or both, who keep it from starting tasks") },
	{ TEXT("FLAGS", "flags", format_flags, flags,
	       "nonblock, prealloc, nopurge, noadmin, freezable, norelease"),
	  .single = true },
	{ TEXT("PINNED", "pinned", format_pinned, pinned,
	       "settings that only the owner changes"), .single = true },
	SETTINGS(SETTING)
	{ NUMBER("AVAILABLE", "available", format_capacity, available,
		 "free capacity; -1: unlimited") },
	{ NUMBER("RUNNING", "running", format_u32, running,
		 "workers: busy, searching, idle, starting"), .preset = 5 },
	{ NUMBER("BUSY", "busy", format_u32, busy,
		 "workers executing a task"), .preset = 1 },
	{ NUMBER("IDLE", "idle", format_u32, idle, "parked workers"),
	  .preset = 4 },
	{ NUMBER("SEARCHING", "searching", format_u32, searching,
		 "workers that look for a queued task") },
	{ NUMBER("STARTING", "starting", format_u32, starting,
		 "workers being started") },
	{ NUMBER("ALIVE", "alive", format_u32, alive,
		 "threads, including those that are leaving") },
	{ NUMBER("WAITING", "waiting", format_u32, waiting,
		 "submitters that wait for a worker"), .preset = 1 },
	{ NUMBER("QUEUED", "queued", format_u32, queued,
		 "accepted tasks that no worker has taken"), .preset = 1 },
	{ NUMBER("DELAYED", "delayed", format_u32, delayed,
		 "delayed tasks whose timer runs") },
	{ NUMBER("PEAK-RUNNING", "peak_running", format_u32, peak_running,
		 "highest number of workers so far") },
	{ NUMBER("PEAK-WAITING", "peak_waiting", format_u32, peak_waiting,
		 "highest number of waiting submitters so far") },
	{ NUMBER("NICE", "nice", format_s32, nice,
		 "nice value of the workers"),
	  .single = true },
	{ NUMBER("RT-PRIORITY", "rt_priority", format_u32, rt_priority,
		 "their SCHED_FIFO priority; 0: none"),
	  .single = true },
	{ NUMBER("GENERATION", "generation", format_u64, generation,
		 "number of reboots"),
	  .single = true },
	COUNTERS(COUNTER)
	{ 0 }
};

/* One run of list or show. */
struct listing {
	struct device dev;
	struct table *table;
	bool grouped;	/* a multi comes before its pools */
};

/* A multi that is being created or destroyed has no line of its own. */
static int add_multi(const struct listing *listing,
		     const struct pool_list *list, size_t first)
{
	const struct workpool_ioc_stat *pool = &list->pools[first];
	int (*add)(struct table *table, const void *row) = table_add;
	struct workpool_ioc_stat sum;
	size_t i;
	int err;

	err = device_multi_stat(&listing->dev, pool->multi_id, &sum);
	if (err && err != -ENOENT) {
		refusal_report_list(err);
		return -1;
	}
	if (!err) {
		add = table_add_part;
		if (table_add_sum(listing->table, &sum))
			return -1;
	}
	for (i = first; i < list->nr; i++) {
		if (multi_same(pool, &list->pools[i]) &&
		    add(listing->table, &list->pools[i]))
			return -1;
	}
	return 0;
}

static int add_pool(const struct listing *listing,
		    const struct pool_list *list, size_t index)
{
	if (!listing->grouped || !list->pools[index].multi_id)
		return table_add(listing->table, &list->pools[index]);
	if (multi_seen(list, index))
		return 0;
	return add_multi(listing, list, index);
}

static enum status add_list(const struct listing *listing,
			    const struct pool_list *list)
{
	size_t i;

	for (i = 0; i < list->nr; i++) {
		if (add_pool(listing, list, i))
			return STATUS_LOCAL;
	}
	return STATUS_OK;
}

static enum status add_all(const struct listing *listing)
{
	struct pool_list list;
	enum status status;
	int err;

	err = device_stat_all(&listing->dev, &list);
	status = err ? refusal_report_list(err) : add_list(listing, &list);
	free(list.pools);
	return status;
}

/* Add the pools of the multi of that name. */
static enum status add_pools_of(const struct listing *listing,
				const struct pool_ref *ref, const char *name)
{
	struct pool_list list;
	enum status status;
	int err;

	err = multi_find(&listing->dev, ref, &list);
	status = err ? refusal_report(&listing->dev, VERB_SHOW, name, err) :
		       add_list(listing, &list);
	free(list.pools);
	return status;
}

static enum status add_matching(const struct listing *listing,
				const char *pattern)
{
	struct pool_list list;
	enum status status;
	int err;

	err = device_stat_all(&listing->dev, &list);
	if (err)
		status = refusal_report_list(err);
	else if (!pattern_select(&list, pattern))
		status = refusal_report_pattern(VERB_SHOW, pattern);
	else
		status = add_list(listing, &list);
	free(list.pools);
	return status;
}

static enum status add_one(const struct listing *listing, const char *pool)
{
	struct workpool_ioc_stat stat;
	struct pool_ref ref;
	enum status status;
	int err;

	if (is_pattern(pool))
		return add_matching(listing, pool);

	status = pool_ref_or_report(pool, VERB_SHOW, &ref);
	if (status != STATUS_OK)
		return status;
	err = device_stat(&listing->dev, &ref, &stat);
	if (err == -ENOENT)
		return add_pools_of(listing, &ref, pool);
	if (err)
		return refusal_report(&listing->dev, VERB_SHOW, pool, err);
	return table_add(listing->table, &stat) ? STATUS_LOCAL : STATUS_OK;
}

static enum status add_named(const struct listing *listing, int argc,
			     char **argv)
{
	struct tally tally = { 0 };
	int i;

	for (i = 0; i < argc; i++)
		tally_add(&tally, add_one(listing, argv[i]));
	return tally_status(&tally);
}

static enum status print_pools(const struct options *opts, enum layout layout,
			       int argc, char **argv)
{
	struct listing listing = {
		.grouped = !opts->json && !opts->raw,
	};
	enum status status;

	listing.table = table_new("pools", pool_columns, opts, layout);
	if (!listing.table)
		return STATUS_LOCAL;
	status = STATUS_LOCAL;
	if (!device_open(&listing.dev, opts->device, false)) {
		status = argc ? add_named(&listing, argc, argv) :
				add_all(&listing);
		device_close(&listing.dev);
		if (table_print(listing.table))
			status = STATUS_LOCAL;
	}
	table_free(listing.table);
	return status;
}

static enum status list_run(const struct options *opts, int argc, char **argv)
{
	return print_pools(opts, LAYOUT_ROWS, argc, argv);
}

static enum status show_run(const struct options *opts, int argc, char **argv)
{
	if (!argc)
		return command_error("show", "no pool is given");
	return print_pools(opts, LAYOUT_FIELDS, argc, argv);
}

const struct command list_command = {
	.name = "list",
	.arguments = "[POOL...]",
	.summary = "show pools, one per line (the default command)",
	.description =
"The columns of a table without --output may change, so scripts should name those\n"
"they need. On a narrow terminal some of them are left out. JSON has all columns,\n"
"and their names never change.\n"
"\n"
"The pools of a multi are indented, below a line for the multi. With --raw and\n"
"--json there is no such line. The name of a multi stands for all its pools.",
	.operands = OPERANDS_POOLS,
	.options = OPTIONS_TABLE,
	.columns = pool_columns,
	.run = list_run,
};

const struct command show_command = {
	.name = "show",
	.arguments = "POOL...",
	.summary = "show all numbers of a pool, one value per line",
	.description =
"The name of a multi stands for the multi and all its pools. With --json it\n"
"stands for the pools only.",
	.operands = OPERANDS_POOLS,
	.options = OPTION_JSON | OPTION_COLUMNS,
	.columns = pool_columns,
	.run = show_run,
};
