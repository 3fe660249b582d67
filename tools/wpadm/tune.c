// SPDX-License-Identifier: GPL-2.0
/*
 * tune: change the settings of a running pool.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#include "array.h"
#include "device.h"
#include "refusal.h"
#include "target.h"
#include "usage.h"

static int parse_number(const char *text, __u32 min, __u32 *value)
{
	__u64 count;
	int err = parse_count(text, min, INT_MAX, &count);

	if (!err)
		*value = count;
	return err;
}

static int parse_capacity(const char *text, __u32 *value)
{
	return parse_number(text, 1, value);
}

static int parse_workers(const char *text, __u32 *value)
{
	return parse_number(text, 0, value);
}

static int parse_limit(const char *text, __u32 *value)
{
	*value = 0;
	return strcmp(text, "unlimited") ? parse_number(text, 0, value) : 0;
}

static int parse_expiry(const char *text, __u32 *value)
{
	__u64 ns;

	if (parse_duration(text, NSEC_PER_MSEC, &ns))
		return -EINVAL;
	if (!ns || ns % NSEC_PER_MSEC || ns / NSEC_PER_MSEC > INT_MAX)
		return -ERANGE;
	*value = ns / NSEC_PER_MSEC;
	return 0;
}

/* In the order of settings[] */
static const struct setting_text setting_texts[] = {
	{ "capacity", "N",
	  "maximum number of workers, 1 to 2147483647. When it grows, waiting submitters get\n"
	  "the new workers at once. When it shrinks, idle workers leave at once and busy ones\n"
	  "after their task. The capacity of an unlimited or preallocated pool is fixed." },
	{ "expiry", "TIME",
	  "idle time after which a worker leaves, at least 1 ms: 500ms, 5s, 2m, 1h; a plain\n"
	  "number is milliseconds." },
	{ "max-blocking", "N",
	  "maximum number of waiting submitters; 0 or 'unlimited': no limit." },
	{ "min-workers", "N",
	  "workers that are never purged, at most the capacity. It is fixed for a\n"
	  "preallocated pool." },
	{ 0 }
};

static const struct setting {
	const struct setting_text *text;
	const char *key;	/* in JSON */
	const char *expected;
	size_t offset;		/* in struct workpool_ioc_tune */
	__u32 mask;
	int (*parse)(const char *text, __u32 *value);
	format_fn *format;
} settings[] = {
	{ &setting_texts[0], "capacity", "a number from 1 to 2147483647",
	  offsetof(struct workpool_ioc_tune, capacity), WORKPOOL_TUNE_CAPACITY,
	  parse_capacity, format_capacity },
	{ &setting_texts[1], "expiry_ms", "a time such as 500ms, 5s, 2m or 1h, at least 1ms",
	  offsetof(struct workpool_ioc_tune, expiry_ms), WORKPOOL_TUNE_EXPIRY,
	  parse_expiry, format_ms },
	{ &setting_texts[2], "max_blocking",
	  "a number from 0 to 2147483647 or 'unlimited'",
	  offsetof(struct workpool_ioc_tune, max_blocking),
	  WORKPOOL_TUNE_MAX_BLOCKING, parse_limit, format_limit },
	{ &setting_texts[3], "min_workers", "a number from 0 to 2147483647",
	  offsetof(struct workpool_ioc_tune, min_workers),
	  WORKPOOL_TUNE_MIN_WORKERS, parse_workers, format_u32 },
};

static const struct setting *find_setting(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		if (strlen(settings[i].text->name) == len &&
		    !memcmp(settings[i].text->name, name, len))
			return &settings[i];
	}
	return NULL;
}

static enum status parse_assignment(const char *text,
				    struct workpool_ioc_tune *tune)
{
	size_t len = strcspn(text, "=");
	const struct setting *setting = find_setting(text, len);

	if (!text[len])
		return command_error("tune", "'%s' is not an assignment such as capacity=8",
				     text);
	if (!setting)
		return command_error("tune", "there is no setting '%.*s'",
				     (int)len, text);
	if (tune->mask & setting->mask)
		return command_error("tune", "%s is given twice", setting->text->name);
	if (setting->parse(text + len + 1,
			   (__u32 *)((char *)tune + setting->offset)))
		return command_error("tune", "%s '%s' is not %s", setting->text->name,
				     text + len + 1, setting->expected);
	tune->mask |= setting->mask;
	return STATUS_OK;
}

static enum status parse_assignments(int argc, char **argv,
				     struct workpool_ioc_tune *tune)
{
	enum status status;
	int i;

	memset(tune, 0, sizeof(*tune));
	for (i = 0; i < argc; i++) {
		status = parse_assignment(argv[i], tune);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

/* The settings of a pool's size that cannot be tuned. */
static __u32 fixed_settings(const struct workpool_ioc_stat *stat)
{
	if (stat->flags & WORKPOOL_POOL_PREALLOC)
		return WORKPOOL_TUNE_CAPACITY | WORKPOOL_TUNE_MIN_WORKERS;
	if (stat->capacity == WORKPOOL_IOC_UNLIMITED)
		return WORKPOOL_TUNE_CAPACITY;
	return 0;
}

/* Returns the errno with which the kernel would refuse, for --dry-run. */
static int foresee(const struct device *dev,
		   const struct workpool_ioc_stat *stat,
		   const struct workpool_ioc_tune *tune)
{
	__u32 capacity = stat->capacity, min_workers = stat->min_workers;

	if (stat->flags & WORKPOOL_POOL_NOADMIN)
		return -EPERM;
	if (stat->flags & WORKPOOL_POOL_CLOSED)
		return -ESHUTDOWN;
	if (tune->mask & fixed_settings(stat))
		return -EOPNOTSUPP;
	if (stat->capacity == WORKPOOL_IOC_UNLIMITED)
		capacity = dev->info.max_workers;
	if (tune->mask & WORKPOOL_TUNE_CAPACITY)
		capacity = tune->capacity;
	if (tune->mask & WORKPOOL_TUNE_MIN_WORKERS)
		min_workers = tune->min_workers;
	return min_workers > capacity ? -EINVAL : 0;
}

/* Like device_tune(), but changes nothing. */
static int rehearse(const struct device *dev, const struct pool_ref *ref,
		    struct workpool_ioc_tune *tune)
{
	struct workpool_ioc_stat stat;
	int err = device_stat(dev, ref, &stat);

	if (err)
		return err;
	err = foresee(dev, &stat, tune);
	if (err)
		return err;
	memcpy(tune->name, stat.name, sizeof(tune->name));
	tune->capacity = stat.capacity;
	tune->expiry_ms = stat.expiry_ms;
	tune->max_blocking = stat.max_blocking;
	tune->min_workers = stat.min_workers;
	return 0;
}

/* The old and the new value of a setting, for JSON. */
struct change {
	char pool[WORKPOOL_IOC_NAME_MAX];
	const char *setting;
	__s32 before;
	__s32 after;
};

static void format_setting(char *buf, size_t size, const void *field,
			   enum style style)
{
	format_text(buf, size, *(const char *const *)field, style);
}

static const struct column change_columns[] = {
	{ COLUMN_TEXT("POOL", "pool", format_text, struct change, pool,
		      "name of the pool") },
	{ COLUMN_TEXT("SETTING", "setting", format_setting, struct change,
		      setting, "the setting") },
	{ COLUMN_NUMBER("OLD", "old", format_s32, struct change, before,
			"old value") },
	{ COLUMN_NUMBER("NEW", "new", format_s32, struct change, after,
			"new value") },
	{ 0 }
};

static int add_change(struct table *table, const struct setting *setting,
		      const struct workpool_ioc_tune *old,
		      const struct workpool_ioc_tune *new)
{
	struct change change = { .setting = setting->key };

	memcpy(change.pool, old->name, sizeof(change.pool));
	memcpy(&change.before, (const char *)old + setting->offset,
	       sizeof(change.before));
	memcpy(&change.after, (const char *)new + setting->offset,
	       sizeof(change.after));
	return table_add(table, &change);
}

static enum status add_changes(struct table *table,
			       const struct workpool_ioc_tune *old,
			       const struct workpool_ioc_tune *new)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		if (new->mask & settings[i].mask &&
		    add_change(table, &settings[i], old, new))
			return STATUS_LOCAL;
	}
	return STATUS_OK;
}

static void print_change(const struct setting *setting,
			 const struct workpool_ioc_tune *old,
			 const struct workpool_ioc_tune *new, bool dry_run)
{
	char before[32], after[32];

	setting->format(before, sizeof(before),
			(const char *)old + setting->offset, STYLE_HUMAN);
	setting->format(after, sizeof(after),
			(const char *)new + setting->offset, STYLE_HUMAN);
	if (strcmp(before, after))
		printf("%s: %s %s -> %s%s\n", old->name, setting->text->name, before,
		       after, dry_run ? " (not done: dry run)" : "");
	else
		printf("%s: %s %s (unchanged)\n", old->name, setting->text->name,
		       before);
}

static void print_changes(const struct options *opts,
			  const struct workpool_ioc_tune *old,
			  const struct workpool_ioc_tune *new)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		if (new->mask & settings[i].mask)
			print_change(&settings[i], old, new, opts->dry_run);
	}
}

/**
 * struct tuning - one run of tune
 * @opts: the options
 * @dev: the device
 * @new: what to set
 * @table: for JSON, else NULL
 */
struct tuning {
	const struct options *opts;
	struct device dev;
	struct workpool_ioc_tune new;
	struct table *table;
};

static enum status tune_one(const struct tuning *tuning,
			    const struct target *target)
{
	struct workpool_ioc_tune old = tuning->new;
	int err;

	err = tuning->opts->dry_run ?
	      rehearse(&tuning->dev, &target->ref, &old) :
	      device_tune(&tuning->dev, &target->ref, &old);
	if (err)
		return refusal_report(&tuning->dev, VERB_TUNE,
				      target_label(target), err);
	if (tuning->table)
		return add_changes(tuning->table, &old, &tuning->new);
	print_changes(tuning->opts, &old, &tuning->new);
	return STATUS_OK;
}

static enum status tune_targets(const struct tuning *tuning, const char *pool)
{
	struct target_list list = { 0 };
	struct tally tally = { 0 };
	enum status status;
	size_t i;

	status = targets_add(&list, &tuning->dev, VERB_TUNE, pool);
	for (i = 0; status == STATUS_OK && i < list.nr; i++)
		tally_add(&tally, tune_one(tuning, &list.targets[i]));
	free(list.targets);
	return status == STATUS_OK ? tally_status(&tally) : status;
}

static enum status tune_pool(struct tuning *tuning, const char *pool)
{
	const struct options *opts = tuning->opts;
	enum status status;

	if (opts->json) {
		tuning->table = table_new("tune", change_columns, opts,
					  LAYOUT_ROWS);
		if (!tuning->table)
			return STATUS_LOCAL;
	}
	status = STATUS_LOCAL;
	if (!device_open(&tuning->dev, opts->device, !opts->dry_run)) {
		status = tune_targets(tuning, pool);
		device_close(&tuning->dev);
		if (tuning->table && table_print(tuning->table))
			status = STATUS_LOCAL;
	}
	table_free(tuning->table);
	return status;
}

static enum status tune_run(const struct options *opts, int argc, char **argv)
{
	struct tuning tuning = { .opts = opts };
	struct pool_ref ref;
	enum status status;

	if (!argc)
		return command_error("tune", "no pool is given");
	if (argc == 1)
		return command_error("tune", "no setting such as capacity=8 is given");
	status = parse_assignments(argc - 1, argv + 1, &tuning.new);
	if (status == STATUS_OK)
		status = pool_ref_or_report(argv[0], VERB_TUNE, &ref);
	return status == STATUS_OK ? tune_pool(&tuning, argv[0]) : status;
}

const struct command tune_command = {
	.name = "tune",
	.arguments = "POOL SETTING=VALUE...",
	.summary = "change a running pool",
	.description =
"Either all requested settings change or none. The old and new values are printed.\n"
"The name of a multi stands for all its pools, and each is tuned by itself.",
	.operands = OPERANDS_TUNE,
	.settings = setting_texts,
	.options = OPTION_JSON | OPTION_DRY_RUN,
	.run = tune_run,
};
