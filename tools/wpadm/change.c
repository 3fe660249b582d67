// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of a pool's settings: how they are made or foreseen, refused, and told.
 */
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <libsmartcols.h>

#include "change.h"
#include "refusal.h"

#define CPUS_ONLINE	"/sys/devices/system/cpu/online"

/*
 * TUNE reads the new CPUs, and writes the old ones, where @values has them. An older
 * module has no CPUs, and refuses to be asked for them.
 */
static int values_tune(const struct device *dev, const struct pool_ref *ref,
		       struct values *values, bool with_cpus)
{
	if (with_cpus) {
		values->tune.cpus = (uintptr_t)values->cpus;
		values->tune.cpus_size = sizeof(values->cpus);
	}
	values->knows_cpus = with_cpus;
	return device_tune(dev, ref, &values->tune);
}

/**
 * change_read() - read all settings of a pool
 * @dev: the device
 * @stat: a snapshot of the pool
 * @now: the result; the CPUs of a pool are known only to those who may tune it
 *
 * Return: 0, or -ENOENT: the pool is gone.
 */
int change_read(const struct device *dev, const struct workpool_ioc_stat *stat,
		struct values *now)
{
	struct pool_ref ref = { .id = stat->id };
	int err = -EPERM;

	memset(now, 0, sizeof(*now));
	if (dev->writable)
		err = values_tune(dev, &ref, now, true);
	if (!err || err == -ENOENT)
		return err;
	memset(now, 0, sizeof(*now));
	memcpy(now->tune.name, stat->name, sizeof(now->tune.name));
	setting_read_stat(stat, now);
	return 0;
}

/* The settings of a pool's size that cannot be tuned. */
__u32 change_fixed(const struct workpool_ioc_stat *stat)
{
	if (stat->flags & WORKPOOL_POOL_PREALLOC)
		return WORKPOOL_TUNE_CAPACITY | WORKPOOL_TUNE_MIN_WORKERS;
	if (stat->capacity == WORKPOOL_IOC_UNLIMITED)
		return WORKPOOL_TUNE_CAPACITY;
	return 0;
}

/* Is none of the requested CPUs online? @online gets those that are. */
static bool are_cpus_offline(const struct values *values, char *online,
			     size_t size)
{
	__u64 cpus[NR_CPU_WORDS];
	size_t i;

	read_cpu_list(CPUS_ONLINE, online, size);
	if (!values->tune.own_cpus || parse_cpus(online, cpus, NR_CPU_WORDS))
		return false;
	for (i = 0; i < NR_CPU_WORDS; i++) {
		if (cpus[i] & values->cpus[i])
			return false;
	}
	return true;
}

/* Returns the errno with which the kernel would refuse. */
static int foresee(const struct device *dev,
		   const struct workpool_ioc_stat *stat,
		   const struct values *new)
{
	__u32 capacity = stat->capacity, min_workers = stat->min_workers;
	char online[CPU_LIST_MAX];

	if (stat->flags & WORKPOOL_POOL_NOADMIN ||
	    stat->pinned & new->tune.mask)
		return -EPERM;
	if (stat->flags & WORKPOOL_POOL_CLOSED)
		return -ESHUTDOWN;
	if (new->tune.mask & change_fixed(stat))
		return -EOPNOTSUPP;
	if (stat->capacity == WORKPOOL_IOC_UNLIMITED)
		capacity = dev->info.max_workers;
	if (new->tune.mask & WORKPOOL_TUNE_CAPACITY)
		capacity = new->tune.capacity;
	if (new->tune.mask & WORKPOOL_TUNE_MIN_WORKERS)
		min_workers = new->tune.min_workers;
	return min_workers > capacity ||
	       are_cpus_offline(new, online, sizeof(online)) ? -EINVAL : 0;
}

/* What a change would find, for --dry-run */
static int rehearse(const struct device *dev, const struct pool_ref *ref,
		    const struct values *new, struct values *old)
{
	struct workpool_ioc_stat stat;
	int err = device_stat(dev, ref, &stat);

	if (err)
		return err;
	err = foresee(dev, &stat, new);
	return err ? err : change_read(dev, &stat, old);
}

/* May the caller change the pool at all? */
static bool may_tune(const struct changer *changer, const struct pool_ref *ref)
{
	struct workpool_ioc_tune nothing = { 0 };

	return changer->opts->dry_run ||
	       device_tune(&changer->dev, ref, &nothing) != -EPERM;
}

/* Returns false when the reason is another one, or nobody knows it. */
static bool report_eperm(const struct changer *changer,
			 const struct target *target,
			 const struct values *new,
			 const struct workpool_ioc_stat *stat)
{
	__u32 pinned = stat->pinned & new->tune.mask;
	char names[128];

	if (stat->flags & WORKPOOL_POOL_NOADMIN ||
	    !may_tune(changer, &target->ref))
		return false;
	format_pinned(names, sizeof(names), &pinned, STYLE_HUMAN);
	if (pinned)
		warnx("cannot tune pool '%s': its owner %s has pinned %s; the rest can be tuned",
		      target_label(target), stat->owner, names);
	else if (new->tune.rt_priority || new->tune.nice < 0)
		warnx("cannot tune pool '%s': rt above 0 and nice below 0 need CAP_SYS_NICE",
		      target_label(target));
	else
		return false;
	return true;
}

/* Reports the reasons that lie in what is asked for. */
static bool report_reason(const struct changer *changer,
			  const struct target *target,
			  const struct values *new, int err)
{
	struct workpool_ioc_stat stat;
	char online[CPU_LIST_MAX];

	if (err == -EPERM && !device_stat(&changer->dev, &target->ref, &stat))
		return report_eperm(changer, target, new, &stat);
	if (err != -EINVAL || !are_cpus_offline(new, online, sizeof(online)))
		return false;
	warnx("cannot tune pool '%s': cpus: none of these is online; online are %s",
	      target_label(target), online);
	return true;
}

static enum status report_refusal(const struct changer *changer,
				  const struct target *target,
				  const struct values *new, int err)
{
	if (report_reason(changer, target, new, err))
		return STATUS_REFUSED;
	return refusal_report(&changer->dev, VERB_TUNE, target_label(target),
			      err);
}

/**
 * change_make() - change settings of a pool, all or none
 * @changer: the run; with --dry-run nothing is changed
 * @target: the pool
 * @new: the settings
 * @old: gets what they were; all of them, also those not in @new
 *
 * Return: STATUS_OK, or another status after a message.
 */
enum status change_make(const struct changer *changer,
			const struct target *target, const struct values *new,
			struct values *old)
{
	int err;

	if (changer->opts->dry_run) {
		err = rehearse(&changer->dev, &target->ref, new, old);
	} else {
		*old = *new;
		err = values_tune(&changer->dev, &target->ref, old,
				  new->tune.mask & WORKPOOL_TUNE_CPUS);
	}
	return err ? report_refusal(changer, target, new, err) : STATUS_OK;
}

/* The old and the new value of a setting, for JSON. CPUs are text. */
struct change {
	char pool[WORKPOOL_IOC_NAME_MAX];
	const char *setting;
	bool is_text;
	__s32 before;
	__s32 after;
	char text_before[CPU_LIST_MAX];
	char text_after[CPU_LIST_MAX];
};

static void format_number(char *buf, size_t size, const struct change *change,
			  __s32 number)
{
	if (change->is_text)
		buf[0] = '\0';
	else
		snprintf(buf, size, "%d", number);
}

static void format_before(char *buf, size_t size, const void *field,
			  enum style style)
{
	const struct change *change = field;

	(void)style;
	format_number(buf, size, change, change->before);
}

static void format_after(char *buf, size_t size, const void *field,
			 enum style style)
{
	const struct change *change = field;

	(void)style;
	format_number(buf, size, change, change->after);
}

static const struct column change_columns[] = {
	{ COLUMN_TEXT("POOL", "pool", format_text, struct change, pool,
		      "name of the pool") },
	{ COLUMN_TEXT("SETTING", "setting", format_string, struct change,
		      setting, "the setting") },
	{ COLUMN_NUMBER("OLD", "old", format_before, struct change, pool,
			"old value") },
	{ COLUMN_NUMBER("NEW", "new", format_after, struct change, pool,
			"new value") },
	{ COLUMN_TEXT("OLD-TEXT", "old_text", format_text, struct change,
		      text_before, "old value of cpus, which is no number") },
	{ COLUMN_TEXT("NEW-TEXT", "new_text", format_text, struct change,
		      text_after, "its new value") },
	{ 0 }
};

/* Add a change to the JSON. Returns 0, or -1 after a message. */
int change_add(struct table *table, const struct setting *setting,
	       const struct values *old, const struct values *new)
{
	struct change change = {
		.setting = setting->key,
		.is_text = setting->mask == WORKPOOL_TUNE_CPUS,
	};

	memcpy(change.pool, old->tune.name, sizeof(change.pool));
	if (change.is_text) {
		setting_format(setting, old, change.text_before, CPU_LIST_MAX);
		setting_format(setting, new, change.text_after, CPU_LIST_MAX);
		return table_add(table, &change);
	}
	memcpy(&change.before, (const char *)old + setting->offset,
	       sizeof(change.before));
	memcpy(&change.after, (const char *)new + setting->offset,
	       sizeof(change.after));
	return table_add(table, &change);
}

/* Add the change of a limit of the module. No limit is above 2147483647. */
int change_add_limit(struct table *table, const struct limit_change *limit)
{
	struct change change = {
		.setting = limit->setting,
		.before = limit->before,
		.after = limit->after,
	};

	return table_add(table, &change);
}

/* Say what a setting was and is. */
void change_print(const struct changer *changer, const struct setting *setting,
		  const struct values *old, const struct values *new)
{
	char before[CPU_LIST_MAX], after[CPU_LIST_MAX];

	setting_format(setting, old, before, sizeof(before));
	setting_format(setting, new, after, sizeof(after));
	if (strcmp(before, after))
		printf("%s: %s %s -> %s%s\n", old->tune.name,
		       setting->text->name, before, after,
		       changer->opts->dry_run ? " (not done: dry run)" : "");
	else
		printf("%s: %s %s (unchanged)\n", old->tune.name,
		       setting->text->name, before);
}

/* With --dry-run, only those who may change a pool learn its CPUs. */
static bool needs_to_write(const struct options *opts)
{
	return !opts->dry_run || !access(opts->device, W_OK);
}

/**
 * changer_start() - begin a run of a command that changes settings
 * @changer: the run
 * @name: the command
 * @opts: the options
 *
 * Return: 0, or -1 after a message.
 */
int changer_start(struct changer *changer, const char *name,
		  const struct options *opts)
{
	*changer = (struct changer) { .opts = opts };
	if (opts->json) {
		changer->table = table_new(name, change_columns, opts,
					   LAYOUT_ROWS);
		if (!changer->table)
			return -1;
	}
	if (!device_open(&changer->dev, opts->device, needs_to_write(opts)))
		return 0;
	table_free(changer->table);
	return -1;
}

/* End it. Returns @status, unless the JSON cannot be printed. */
enum status changer_finish(struct changer *changer, enum status status)
{
	device_close(&changer->dev);
	if (changer->table && table_print(changer->table))
		status = STATUS_LOCAL;
	table_free(changer->table);
	return status;
}
