// SPDX-License-Identifier: GPL-2.0
/*
 * version: the versions of wpadm and of the module.
 */
#include <libsmartcols.h>

#include "device.h"
#include "usage.h"

struct versions {
	const char *wpadm;
	struct workpool_ioc_info info;
};

#define NUMBER(_name, _key, _field, _help)				\
	COLUMN_NUMBER(_name, _key, format_u32, struct versions, info._field, \
		      _help)

static const struct column version_columns[] = {
	{ COLUMN_TEXT("WPADM", "wpadm", format_string, struct versions, wpadm,
		      "version of wpadm") },
	{ COLUMN_TEXT("MODULE", "module", format_text, struct versions,
		      info.version, "version of the module") },
	{ NUMBER("POOLS", "pools", nr_pools, "number of pools") },
	{ NUMBER("MAX-WORKERS", "max_workers", max_workers,
		 "workers an unlimited pool may have") },
	{ NUMBER("MAILBOX-DEPTH", "mailbox_depth", mailbox_depth,
		 "0: submitters yield after a hand-off") },
	{ NUMBER("CACHE-SIZE", "cache_size", cache_size,
		 "maximum number of threads in the cache") },
	{ NUMBER("CACHED", "cached", cached,
		 "threads in the cache now") },
	{ 0 }
};

static enum status print_versions(const struct options *opts,
				  const struct versions *versions)
{
	struct table *table = table_new("version", version_columns, opts,
					LAYOUT_FIELDS);
	enum status status = STATUS_LOCAL;

	if (table && !table_add(table, versions) && !table_print(table))
		status = STATUS_OK;
	table_free(table);
	return status;
}

static enum status version_run(const struct options *opts, int argc,
			       char **argv)
{
	struct versions versions = { .wpadm = WPADM_VERSION };
	struct options only_wpadm = *opts;
	struct device dev;

	if (argc)
		return command_error("version", "unexpected argument '%s'",
				     argv[0]);
	if (device_open(&dev, opts->device, false)) {
		only_wpadm.columns = "WPADM";
		print_versions(&only_wpadm, &versions);
		return STATUS_LOCAL;
	}
	versions.info = dev.info;
	device_close(&dev);
	return print_versions(opts, &versions);
}

const struct command version_command = {
	.name = "version",
	.arguments = "",
	.summary = "show the versions of wpadm and of the module",
	.description =
"Without the module this shows the version of wpadm and fails. 'wpadm --version'\n"
"does not need the module.",
	.options = OPTION_JSON | OPTION_COLUMNS,
	.columns = version_columns,
	.run = version_run,
};
