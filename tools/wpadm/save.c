// SPDX-License-Identifier: GPL-2.0
/*
 * save: write the settings of pools as a configuration, which apply reads.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "change.h"
#include "config.h"
#include "refusal.h"
#include "replace.h"
#include "usage.h"

/* A longer list of CPUs goes on in the next line, and libinih can read each line. */
#define LINE_WIDTH	72

/**
 * struct saved - what is written
 * @pools: the pools
 * @values: of each of them
 * @limits: those of the module; one that is not wanted is not written
 */
struct saved {
	struct pool_list pools;
	struct values *values;
	struct limit_change limits[NR_LIMITS];
};

/* Write "NAME = VALUE". Only a list of CPUs has a comma. */
static void print_value(FILE *out, const char *name, const char *value)
{
	int indent = fprintf(out, "%s = ", name), column = indent;
	size_t len;

	while (*value) {
		len = strcspn(value, ",");
		len += value[len] == ',';
		if (column > indent && column + len > LINE_WIDTH)
			column = fprintf(out, "\n%*s", indent, "") - 1;
		column += fprintf(out, "%.*s", (int)len, value);
		value += len;
	}
	fputc('\n', out);
}

static void print_setting(FILE *out, const struct workpool_ioc_stat *stat,
			  const struct values *values,
			  const struct setting *setting)
{
	static char value[CPU_TEXT_MAX];

	setting_format(setting, values, value, sizeof(value));
	if (stat->pinned & setting->mask)
		fprintf(out, "# %s: its owner %s has pinned it\n",
			setting->text->name, stat->owner);
	else if (change_fixed(stat) & setting->mask)
		fprintf(out, "# %s: fixed, because the pool is %s\n",
			setting->text->name,
			stat->flags & WORKPOOL_POOL_PREALLOC ?
			"preallocated" : "unlimited");
	else if (setting->mask == WORKPOOL_TUNE_CPUS && !values->knows_cpus)
		fprintf(out, "# %s: unknown without the right to tune the pool\n",
			setting->text->name);
	else
		print_value(out, setting->text->name, value);
}

static void print_pool(FILE *out, const struct workpool_ioc_stat *stat,
		       const struct values *values)
{
	const struct setting *setting;

	if (stat->flags & WORKPOOL_POOL_NOADMIN) {
		fprintf(out, "\n# %s: it refuses administration; only its owner %s can tune it\n",
			stat->name, stat->owner);
		return;
	}
	fprintf(out, "\n[%s]\n", stat->name);
	for (setting = settings; setting->text; setting++)
		print_setting(out, stat, values, setting);
}

static void print_limits(FILE *out, const struct limit_change *changes)
{
	size_t i;

	if (!changes[0].wanted)
		return;
	fprintf(out, "\n[%s]\n", CONFIG_MODULE);
	for (i = 0; i < NR_LIMITS; i++)
		fprintf(out, "%s = %u\n", limits[i].name, changes[i].before);
}

static void print_saved(FILE *out, const void *data)
{
	const struct saved *saved = data;
	size_t i;

	fputs("# Settings of workpool, written by wpadm save; see wpadm(8)\n",
	      out);
	print_limits(out, saved->limits);
	for (i = 0; i < saved->pools.nr; i++)
		print_pool(out, &saved->pools.pools[i], &saved->values[i]);
}

/* The values that the pools have now; a pool that is gone is left out. */
static enum status read_values(struct saved *saved, const struct device *dev)
{
	struct pool_list *pools = &saved->pools;
	size_t i, nr = 0;

	saved->values = calloc(pools->nr + 1, sizeof(*saved->values));
	if (!saved->values) {
		warnx("out of memory");
		return STATUS_LOCAL;
	}
	for (i = 0; i < pools->nr; i++) {
		if (change_read(dev, &pools->pools[i], &saved->values[nr]))
			continue;
		pools->pools[nr++] = pools->pools[i];
	}
	pools->nr = nr;
	return STATUS_OK;
}

/* Those that an administrator can tune, and the module */
static enum status select_all(struct saved *saved, const struct device *dev)
{
	struct pool_list *pools = &saved->pools;
	size_t i, nr = 0;
	int err;

	for (i = 0; i < NR_LIMITS; i++)
		saved->limits[i].wanted = true;
	err = device_stat_all(dev, pools);
	if (err)
		return refusal_report_list(err);
	for (i = 0; i < pools->nr; i++) {
		if (!(pools->pools[i].flags & WORKPOOL_POOL_NOADMIN))
			pools->pools[nr++] = pools->pools[i];
	}
	pools->nr = nr;
	return limits_read(saved->limits);
}

static enum status stat_targets(struct saved *saved, const struct device *dev,
				const struct target_list *list)
{
	struct pool_list *pools = &saved->pools;
	size_t i;
	int err;

	pools->pools = calloc(list->nr + 1, sizeof(*pools->pools));
	if (!pools->pools) {
		warnx("out of memory");
		return STATUS_LOCAL;
	}
	for (i = 0; i < list->nr; i++) {
		err = device_stat(dev, &list->targets[i].ref,
				  &pools->pools[pools->nr]);
		if (err)
			return refusal_report(dev, VERB_SAVE,
					      target_label(&list->targets[i]),
					      err);
		pools->nr++;
	}
	return STATUS_OK;
}

/* If one of them is not there, nothing is written. */
static enum status select_named(struct saved *saved, const struct device *dev,
				int argc, char **argv)
{
	struct target_list list = { 0 };
	struct tally tally = { 0 };
	enum status status;
	int i;

	for (i = 0; i < argc; i++)
		tally_add(&tally, targets_add(&list, dev, VERB_SAVE, argv[i]));
	status = tally.bad;
	if (status == STATUS_OK)
		status = stat_targets(saved, dev, &list);
	free(list.targets);
	return status;
}

static enum status save(const struct options *opts, const struct device *dev,
			int argc, char **argv)
{
	struct saved saved = { 0 };
	enum status status;

	status = argc ? select_named(&saved, dev, argc, argv) :
			select_all(&saved, dev);
	if (status == STATUS_OK)
		status = read_values(&saved, dev);
	if (status == STATUS_OK && opts->file)
		status = replace_file(opts->file, print_saved, &saved);
	else if (status == STATUS_OK)
		print_saved(stdout, &saved);
	free(saved.values);
	free(saved.pools.pools);
	return status;
}

/* Only those who may tune a pool learn its CPUs. */
static enum status save_run(const struct options *opts, int argc, char **argv)
{
	enum status status;
	struct device dev;

	if (device_open(&dev, opts->device, !access(opts->device, W_OK)))
		return STATUS_LOCAL;
	status = save(opts, &dev, argc, argv);
	device_close(&dev);
	return status;
}

const struct command save_command = {
	.name = "save",
	.arguments = "[POOL...]",
	.summary = "write settings as a configuration, for apply",
	.description =
"Without POOL, these are the settings of all pools that can be tuned, and the limits of\n"
"the module. Each pool has a section. A setting that cannot be tuned is a comment that\n"
"says why. If one of several pools is not there, nothing is written. With --output, FILE\n"
"is written under another name and renamed in one step.",
	.operands = OPERANDS_POOLS,
	.options = OPTION_FILE,
	.run = save_run,
};
