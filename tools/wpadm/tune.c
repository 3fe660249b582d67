// SPDX-License-Identifier: GPL-2.0
/*
 * tune: change the settings of a running pool.
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#include "array.h"
#include "device.h"
#include "limits.h"
#include "refusal.h"
#include "target.h"
#include "usage.h"

/* Room for the CPUs of any machine: what the kernel takes at most. */
#define NR_CPU_WORDS	512

/* A longer list of CPUs is cut. */
#define CPU_LIST_MAX	1024

#define CPUS_ONLINE	"/sys/devices/system/cpu/online"

/* What the setting cpus asks for, and what it was. */
static __u64 new_cpus[NR_CPU_WORDS], old_cpus[NR_CPU_WORDS];

static int parse_number(const char *text, __u32 min, __u32 *value)
{
	__u64 count;
	int err = parse_count(text, min, INT_MAX, &count);

	if (!err)
		*value = count;
	return err;
}

static int parse_capacity(const char *text, void *value)
{
	return parse_number(text, 1, value);
}

static int parse_workers(const char *text, void *value)
{
	return parse_number(text, 0, value);
}

static int parse_limit(const char *text, void *value)
{
	memset(value, 0, sizeof(__u32));
	return strcmp(text, "unlimited") ? parse_number(text, 0, value) : 0;
}

static int parse_expiry(const char *text, void *value)
{
	__u64 ns;

	if (parse_duration(text, NSEC_PER_MSEC, &ns))
		return -EINVAL;
	if (!ns || ns % NSEC_PER_MSEC || ns / NSEC_PER_MSEC > INT_MAX)
		return -ERANGE;
	*(__u32 *)value = ns / NSEC_PER_MSEC;
	return 0;
}

static int parse_nice(const char *text, void *value)
{
	bool negative = *text == '-';
	__u64 count;
	int err = parse_count(text + negative, 0, negative ? 20 : 19, &count);

	if (!err)
		*(__s32 *)value = negative ? -(__s32)count : (__s32)count;
	return err;
}

static int parse_rt(const char *text, void *value)
{
	__u64 count;
	int err = parse_count(text, 0, 99, &count);

	if (!err)
		*(__u32 *)value = count;
	return err;
}

static int parse_depth(const char *text, void *value)
{
	__u64 count;
	int err = parse_count(text, 0, 1048576, &count);

	if (!err)
		*(__u32 *)value = count;
	return err;
}

static int parse_cpu_list(const char *text, void *value)
{
	struct workpool_ioc_tune *tune = value;

	if (strcmp(text, "default")) {
		if (parse_cpus(text, new_cpus, NR_CPU_WORDS))
			return -EINVAL;
		tune->own_cpus = 1;
	}
	tune->cpus = (uintptr_t)new_cpus;
	tune->cpus_size = sizeof(new_cpus);
	return 0;
}

/* Of a struct workpool_ioc_tune. Before --dry-run nobody knows the CPUs. */
static void format_cpu_list(char *buf, size_t size, const void *field,
			    enum style style)
{
	const struct workpool_ioc_tune *tune = field;

	(void)style;
	if (!tune->cpus)
		snprintf(buf, size, "?");
	else if (!tune->own_cpus)
		snprintf(buf, size, "default");
	else
		format_cpus(buf, size, (const __u64 *)(uintptr_t)tune->cpus,
			    NR_CPU_WORDS);
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
	{ "nice", "N",
	  "nice value of the workers, -20 to 19. This and the next setting hold at once, also\n"
	  "for a worker in a task. A value below 0 needs CAP_SYS_NICE." },
	{ "rt", "N",
	  "SCHED_FIFO priority of the workers, 1 to 99, which needs CAP_SYS_NICE; 0: none." },
	{ "queue-depth", "N",
	  "calls that are accepted without a free worker, 0 to 1048576. What is queued already\n"
	  "stays when the number drops." },
	{ "cpus", "LIST",
	  "CPUs of the workers, for example 0-3,8; one of them must be online. 'default': those\n"
	  "with which the pool was created." },
	{ 0 }
};

static const struct setting {
	const struct setting_text *text;
	const char *key;	/* in JSON */
	const char *expected;
	size_t offset;		/* in struct workpool_ioc_tune */
	__u32 mask;
	int (*parse)(const char *text, void *value);
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
	{ &setting_texts[4], "nice", "a number from -20 to 19",
	  offsetof(struct workpool_ioc_tune, nice), WORKPOOL_TUNE_NICE,
	  parse_nice, format_s32 },
	{ &setting_texts[5], "rt_priority", "a number from 0 to 99",
	  offsetof(struct workpool_ioc_tune, rt_priority),
	  WORKPOOL_TUNE_RT_PRIORITY, parse_rt, format_u32 },
	{ &setting_texts[6], "queue_depth", "a number from 0 to 1048576",
	  offsetof(struct workpool_ioc_tune, queue_depth),
	  WORKPOOL_TUNE_QUEUE_DEPTH, parse_depth, format_u32 },
	{ &setting_texts[7], "cpus",
	  "a list of CPUs such as 0-3,8, up to 32767, or 'default'",
	  0, WORKPOOL_TUNE_CPUS, parse_cpu_list, format_cpu_list },
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
	if (setting->parse(text + len + 1, (char *)tune + setting->offset))
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

/* The text of the CPUs that are online; "" if nobody knows. */
static void read_online(char *buf, size_t size)
{
	FILE *file = fopen(CPUS_ONLINE, "r");

	buf[0] = '\0';
	if (!file)
		return;
	if (!fgets(buf, size, file))
		buf[0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	fclose(file);
}

/* Is none of the requested CPUs online? @online gets those that are. */
static bool are_cpus_offline(const struct workpool_ioc_tune *tune, char *online,
			     size_t size)
{
	__u64 cpus[NR_CPU_WORDS];
	size_t i;

	read_online(online, size);
	if (!tune->own_cpus || parse_cpus(online, cpus, NR_CPU_WORDS))
		return false;
	for (i = 0; i < NR_CPU_WORDS; i++) {
		if (cpus[i] & new_cpus[i])
			return false;
	}
	return true;
}

/* Returns the errno with which the kernel would refuse, for --dry-run. */
static int foresee(const struct device *dev,
		   const struct workpool_ioc_stat *stat,
		   const struct workpool_ioc_tune *tune)
{
	__u32 capacity = stat->capacity, min_workers = stat->min_workers;
	char online[CPU_LIST_MAX];

	if (stat->flags & WORKPOOL_POOL_NOADMIN || stat->pinned & tune->mask)
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
	return min_workers > capacity ||
	       are_cpus_offline(tune, online, sizeof(online)) ? -EINVAL : 0;
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
	tune->nice = stat.nice;
	tune->rt_priority = stat.rt_priority;
	tune->queue_depth = stat.queue_depth;
	tune->cpus = 0;
	return 0;
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

static int add_change(struct table *table, const struct setting *setting,
		      const struct workpool_ioc_tune *old,
		      const struct workpool_ioc_tune *new)
{
	struct change change = {
		.setting = setting->key,
		.is_text = setting->mask == WORKPOOL_TUNE_CPUS,
	};

	memcpy(change.pool, old->name, sizeof(change.pool));
	if (change.is_text) {
		setting->format(change.text_before, CPU_LIST_MAX, old,
				STYLE_JSON);
		setting->format(change.text_after, CPU_LIST_MAX, new,
				STYLE_JSON);
		return table_add(table, &change);
	}
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
	char before[CPU_LIST_MAX], after[CPU_LIST_MAX];

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

/* May the caller change the pool at all? */
static bool may_tune(const struct tuning *tuning, const struct pool_ref *ref)
{
	struct workpool_ioc_tune nothing = { 0 };

	return tuning->opts->dry_run ||
	       device_tune(&tuning->dev, ref, &nothing) != -EPERM;
}

/* Returns false when the reason is another one, or nobody knows it. */
static bool report_eperm(const struct tuning *tuning,
			 const struct target *target,
			 const struct workpool_ioc_stat *stat)
{
	__u32 pinned = stat->pinned & tuning->new.mask;
	char names[128];

	if (stat->flags & WORKPOOL_POOL_NOADMIN ||
	    !may_tune(tuning, &target->ref))
		return false;
	format_pinned(names, sizeof(names), &pinned, STYLE_HUMAN);
	if (pinned)
		warnx("cannot tune pool '%s': its owner %s has pinned %s; the rest can be tuned",
		      target_label(target), stat->owner, names);
	else if (tuning->new.rt_priority || tuning->new.nice < 0)
		warnx("cannot tune pool '%s': rt above 0 and nice below 0 need CAP_SYS_NICE",
		      target_label(target));
	else
		return false;
	return true;
}

/* Reports the reasons that lie in what is asked for. */
static bool report_reason(const struct tuning *tuning,
			  const struct target *target, int err)
{
	struct workpool_ioc_stat stat;
	char online[CPU_LIST_MAX];

	if (err == -EPERM && !device_stat(&tuning->dev, &target->ref, &stat))
		return report_eperm(tuning, target, &stat);
	if (err != -EINVAL ||
	    !are_cpus_offline(&tuning->new, online, sizeof(online)))
		return false;
	warnx("cannot tune pool '%s': cpus: none of these is online; online are %s",
	      target_label(target), online);
	return true;
}

static enum status report_tune(const struct tuning *tuning,
			       const struct target *target, int err)
{
	if (report_reason(tuning, target, err))
		return STATUS_REFUSED;
	return refusal_report(&tuning->dev, VERB_TUNE, target_label(target),
			      err);
}

static enum status tune_one(const struct tuning *tuning,
			    const struct target *target)
{
	struct workpool_ioc_tune old = tuning->new;
	int err;

	/* The kernel writes the old CPUs where it reads the new ones. */
	memcpy(old_cpus, new_cpus, sizeof(old_cpus));
	if (old.cpus)
		old.cpus = (uintptr_t)old_cpus;

	err = tuning->opts->dry_run ?
	      rehearse(&tuning->dev, &target->ref, &old) :
	      device_tune(&tuning->dev, &target->ref, &old);
	if (err)
		return report_tune(tuning, target, err);
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

	if (opts->module)
		return limits_tune(opts, argc, argv);
	if (!argc)
		return command_error("tune", "no pool is given");
	if (argc == 1)
		return command_error("tune", "no setting such as capacity=8 is given");
	status = parse_assignments(argc - 1, argv + 1, &tuning.new);
	if (status == STATUS_OK && !is_pattern(argv[0]))
		status = pool_ref_or_report(argv[0], VERB_TUNE, &ref);
	return status == STATUS_OK ? tune_pool(&tuning, argv[0]) : status;
}

const struct command tune_command = {
	.name = "tune",
	.arguments = "POOL SETTING=VALUE...",
	.summary = "change a running pool",
	.description =
"Either all requested settings change or none. The old and new values are printed.\n"
"The name of a multi stands for all its pools, a pattern such as 'ext4-*' for all pools\n"
"with such a name, and each is tuned by itself.\n"
"\n"
"With --module there is no POOL, and the settings are max-workers=N, the workers that an\n"
"unlimited pool may have, 1 to 65536, and cache-size=N, the threads kept warm for any\n"
"pool, 0 to 2147483647. They hold at once, until the module is unloaded.",
	.operands = OPERANDS_TUNE,
	.settings = setting_texts,
	.options = OPTION_JSON | OPTION_DRY_RUN | OPTION_MODULE,
	.run = tune_run,
};
