// SPDX-License-Identifier: GPL-2.0
/*
 * list and show: the pools, as rows and as fields.
 */
#include <stdlib.h>

#include <libsmartcols.h>

#include "device.h"
#include "refusal.h"
#include "usage.h"

#define NUMBER(_name, _key, _format, _field, _help)	\
	COLUMN_NUMBER(_name, _key, _format, struct workpool_ioc_stat, _field, \
		      _help)
#define TEXT(_name, _key, _format, _field, _help)	\
	COLUMN_TEXT(_name, _key, _format, struct workpool_ioc_stat, _field, \
		    _help)

static const struct column pool_columns[] = {
	{ TEXT("NAME", "name", format_text, name, "name of the pool"),
	  .preset = true },
	{ NUMBER("ID", "id", format_u32, id, "its number, as in id:N") },
	{ TEXT("OWNER", "owner", format_text, owner,
	       "module that created it") },
	{ TEXT("STATE", "state", format_state, size,
	       "open; draining: closed, threads left; closed"),
	  .preset = true },
	{ TEXT("FLAGS", "flags", format_flags, flags,
	       "nonblock, prealloc, nopurge, noadmin, freezable") },
	{ NUMBER("CAPACITY", "capacity", format_capacity, capacity,
		 "workers at most; -1: unlimited"), .preset = true },
	{ NUMBER("AVAILABLE", "available", format_capacity, available,
		 "capacity that is free; -1: unlimited") },
	{ NUMBER("RUNNING", "running", format_u32, running,
		 "workers: idle, busy and being started"), .preset = true },
	{ NUMBER("BUSY", "busy", format_u32, busy,
		 "workers executing a task"), .preset = true },
	{ NUMBER("IDLE", "idle", format_u32, idle, "parked workers"),
	  .preset = true },
	{ NUMBER("STARTING", "starting", format_u32, starting,
		 "workers being started") },
	{ NUMBER("ALIVE", "alive", format_u32, alive,
		 "threads, also those on their way out") },
	{ NUMBER("WAITING", "waiting", format_u32, waiting,
		 "submitters that wait for a worker"), .preset = true },
	{ NUMBER("QUEUED", "queued", format_u32, queued,
		 "accepted tasks that no worker has yet"), .preset = true },
	{ NUMBER("EXPIRY", "expiry_ms", format_ms, expiry_ms,
		 "idle time before a worker leaves; plain: ms") },
	{ NUMBER("MAX-BLOCKING", "max_blocking", format_limit, max_blocking,
		 "submitters that may wait; plain 0: unlimited") },
	{ NUMBER("MIN-WORKERS", "min_workers", format_u32, min_workers,
		 "workers that are never purged") },
	{ NUMBER("PEAK-RUNNING", "peak_running", format_u32, peak_running,
		 "most workers at once") },
	{ NUMBER("PEAK-WAITING", "peak_waiting", format_u32, peak_waiting,
		 "most waiting submitters at once") },
	{ NUMBER("NICE", "nice", format_s32, nice,
		 "nice value of the workers") },
	{ NUMBER("RT-PRIORITY", "rt_priority", format_u32, rt_priority,
		 "their SCHED_FIFO priority; 0: none") },
	{ NUMBER("GENERATION", "generation", format_u64, generation,
		 "reboots") },
	{ NUMBER("SUBMITTED", "submitted", format_u64, submitted,
		 "tasks accepted") },
	{ NUMBER("COMPLETED", "completed", format_u64, completed,
		 "tasks that returned"), .preset = true },
	{ NUMBER("CRASHES", "crashes", format_u64, crashes,
		 "workers that died in a task"), .preset = true },
	{ NUMBER("REJECTED", "rejected", format_u64, rejected,
		 "submits refused: overload") },
	{ NUMBER("TIMEDOUT", "timedout", format_u64, timedout,
		 "submits that timed out") },
	{ NUMBER("INTERRUPTED", "interrupted", format_u64, interrupted,
		 "submits killed while they waited") },
	{ NUMBER("DEADLOCKS", "deadlocks", format_u64, deadlocks,
		 "submits refused: would wait for themselves") },
	{ NUMBER("BLOCKED", "blocked", format_u64, blocked,
		 "submits that had to wait") },
	{ NUMBER("SPAWNED", "spawned", format_u64, spawned, "threads made") },
	{ NUMBER("ADOPTED", "adopted", format_u64, adopted,
		 "threads taken from the module's cache") },
	{ NUMBER("RETIRED", "retired", format_u64, retired,
		 "workers that left") },
	{ NUMBER("PURGED", "purged", format_u64, purged,
		 "of these, those that had expired") },
	{ NUMBER("SPAWN-FAILURES", "spawn_failures", format_u64,
		 spawn_failures, "threads that could not be made") },
	{ NUMBER("INIT-FAILURES", "init_failures", format_u64, init_failures,
		 "workers whose worker_init failed") },
	{ NUMBER("DROPPED", "dropped", format_u64, dropped,
		 "accepted tasks given up") },
	{ NUMBER("LEAKS", "leaks", format_u64, leaks,
		 "tasks that returned with a lock or the like") },
	{ NUMBER("DORMANT-RESCUES", "dormant_rescues", format_u64,
		 dormant_rescues, "submitters found stranded; always 0") },
	{ 0 }
};

static enum status add_all(const struct device *dev, struct table *table)
{
	enum status status = STATUS_OK;
	struct pool_list list;
	size_t i;
	int err;

	err = device_stat_all(dev, &list);
	if (err)
		status = refusal_report_list(err);
	for (i = 0; status == STATUS_OK && i < list.nr; i++) {
		if (table_add(table, &list.pools[i]))
			status = STATUS_LOCAL;
	}
	free(list.pools);
	return status;
}

static enum status add_one(const struct device *dev, struct table *table,
			   const char *pool)
{
	struct workpool_ioc_stat stat;
	struct pool_ref ref;
	enum status status;
	int err;

	status = pool_ref_or_report(pool, VERB_SHOW, &ref);
	if (status != STATUS_OK)
		return status;
	err = device_stat(dev, &ref, &stat);
	if (err)
		return refusal_report(dev, VERB_SHOW, pool, err);
	return table_add(table, &stat) ? STATUS_LOCAL : STATUS_OK;
}

static enum status add_named(const struct device *dev, struct table *table,
			     int argc, char **argv)
{
	struct tally tally = { 0 };
	int i;

	for (i = 0; i < argc; i++)
		tally_add(&tally, add_one(dev, table, argv[i]));
	return tally_status(&tally);
}

static enum status print_pools(const struct options *opts, enum layout layout,
			       int argc, char **argv)
{
	enum status status;
	struct table *table;
	struct device dev;

	table = table_new("pools", pool_columns, opts, layout);
	if (!table)
		return STATUS_LOCAL;
	status = STATUS_LOCAL;
	if (!device_open(&dev, opts->device, false)) {
		status = argc ? add_named(&dev, table, argc, argv) :
				add_all(&dev, table);
		device_close(&dev);
		if (table_print(table))
			status = STATUS_LOCAL;
	}
	table_free(table);
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
	.summary = "show pools, one in a line (the default command)",
	.description =
"Which columns a table has without --output may change: scripts should ask for\n"
"those they need. JSON has all columns, and its names stay.",
	.options = OPTIONS_TABLE,
	.columns = pool_columns,
	.run = list_run,
};

const struct command show_command = {
	.name = "show",
	.arguments = "POOL...",
	.summary = "show all about a pool, one value in a line",
	.options = OPTION_JSON | OPTION_COLUMNS,
	.columns = pool_columns,
	.run = show_run,
};
