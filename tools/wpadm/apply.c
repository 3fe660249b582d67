// SPDX-License-Identifier: GPL-2.0
/*
 * apply: give pools and the module what the configuration has for them.
 *
 * A pool gets all that the configuration has for it in one request, also what it has
 * already. So two administrators who apply different files at once leave each pool with
 * the settings of one of them.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "config.h"
#include "events.h"
#include "ini.h"
#include "refusal.h"
#include "usage.h"

/**
 * struct applying - one run of apply
 * @opts: the options
 * @path: where the configuration is
 * @config: the configuration, without errors
 * @changer: makes the changes
 * @tally: exit statuses of the module and of each pool
 * @nr_changes: how many settings changed, or would
 * @last_id: the greatest id of a pool that was looked at; later pools have greater ones
 */
struct applying {
	const struct options *opts;
	const char *path;
	struct config config;
	struct changer changer;
	struct tally tally;
	unsigned int nr_changes;
	__u32 last_id;
};

/* A change as it would be one of a file that "wpadm save" wrote; a first one has a head. */
static void print_diff(const char *section, bool is_first, const char *name,
		       const char *before, const char *after)
{
	if (is_first)
		printf(" [%s]\n", section);
	printf("-%s = %s\n+%s = %s\n", name, before, name, after);
}

static void print_setting_diff(const struct setting *setting,
			       const struct values *old,
			       const struct values *new, bool is_first)
{
	char before[CPU_LIST_MAX], after[CPU_LIST_MAX];

	setting_format(setting, old, before, sizeof(before));
	setting_format(setting, new, after, sizeof(after));
	print_diff(old->tune.name, is_first, setting->text->name, before, after);
}

static enum status tell(struct applying *applying, const struct values *old,
			const struct values *new)
{
	const struct changer *changer = &applying->changer;
	const struct setting *setting;
	bool is_first = true;

	for (setting = settings; setting->text; setting++) {
		if (!(new->tune.mask & setting->mask) ||
		    !setting_differs(setting, old, new))
			continue;
		applying->nr_changes++;
		if (applying->opts->diff)
			print_setting_diff(setting, old, new, is_first);
		else if (!changer->table)
			change_print(changer, setting, old, new);
		else if (change_add(changer->table, setting, old, new))
			return STATUS_LOCAL;
		is_first = false;
	}
	return STATUS_OK;
}

/*
 * Leave out what nobody but the owner can change, where it has its value already. Does
 * anything differ in what is left?
 */
static bool needs_change(const struct workpool_ioc_stat *stat,
			 const struct values *now, struct values *new)
{
	__u32 fixed = stat->pinned | change_fixed(stat);
	const struct setting *setting;
	bool differs = false;

	for (setting = settings; setting->text; setting++) {
		if (!(new->tune.mask & setting->mask))
			continue;
		if (setting_differs(setting, now, new))
			differs = true;
		else if (fixed & setting->mask)
			setting_remove(setting, new);
	}
	return differs;
}

static enum status change_pool(struct applying *applying,
			       const struct workpool_ioc_stat *stat,
			       struct values *new)
{
	struct target target = { .ref = { .id = stat->id }, .id = stat->id };
	struct values now, old;
	enum status status;

	if (change_read(&applying->changer.dev, stat, &now) == -ENOENT ||
	    !needs_change(stat, &now, new))
		return STATUS_OK;
	memcpy(target.ref.name, stat->name, sizeof(target.ref.name));
	status = change_make(&applying->changer, &target, new, &old);
	return status == STATUS_OK ? tell(applying, &old, new) : status;
}

/**
 * apply_to_pool() - give a pool what the configuration has for it, if anything
 * @applying: the run
 * @stat: a snapshot of the pool; one that has just appeared will do as well
 */
static void apply_to_pool(struct applying *applying,
			  const struct workpool_ioc_stat *stat)
{
	struct values new;

	if (stat->id > applying->last_id)
		applying->last_id = stat->id;
	config_merge(&applying->config, stat, &new);
	if (new.tune.mask)
		tally_add(&applying->tally, change_pool(applying, stat, &new));
}

/* @after: to pools with a greater id */
static void apply_to_pools(struct applying *applying, __u32 after)
{
	struct pool_list pools;
	size_t i;
	int err;

	err = device_stat_all(&applying->changer.dev, &pools);
	if (err)
		tally_add(&applying->tally, refusal_report_list(err));
	for (i = 0; !err && i < pools.nr; i++) {
		if (pools.pools[i].id > after)
			apply_to_pool(applying, &pools.pools[i]);
	}
	free(pools.pools);
}

static enum status tell_limits(struct applying *applying,
			       const struct limit_change *changes)
{
	char before[16], after[16];
	bool is_first = true;
	size_t i;

	for (i = 0; i < NR_LIMITS; i++) {
		if (!changes[i].wanted || changes[i].before == changes[i].after)
			continue;
		applying->nr_changes++;
		snprintf(before, sizeof(before), "%u", changes[i].before);
		snprintf(after, sizeof(after), "%u", changes[i].after);
		if (applying->opts->diff)
			print_diff(CONFIG_MODULE, is_first, limits[i].name,
				   before, after);
		else if (!applying->changer.table)
			limit_print(&limits[i], &changes[i],
				    applying->opts->dry_run);
		else if (change_add_limit(applying->changer.table, &changes[i]))
			return STATUS_LOCAL;
		is_first = false;
	}
	return STATUS_OK;
}

static bool limits_differ(const struct limit_change *changes)
{
	size_t i;

	for (i = 0; i < NR_LIMITS; i++) {
		if (changes[i].wanted && changes[i].before != changes[i].after)
			return true;
	}
	return false;
}

static void apply_limits(struct applying *applying,
			 struct limit_change *changes)
{
	enum status status = limits_read(changes);

	if (status == STATUS_OK && limits_differ(changes)) {
		if (!applying->opts->dry_run)
			status = limits_write(changes);
		if (status == STATUS_OK)
			status = tell_limits(applying, changes);
	}
	tally_add(&applying->tally, status);
}

/*
 * An unlimited pool has no more min-workers than max-workers. So the latter grows before
 * the pools change, and shrinks after them.
 */
static void apply_all(struct applying *applying)
{
	struct workpool_ioc_info *info = &applying->changer.dev.info;
	struct limit_change changes[NR_LIMITS];
	const struct limit_change *max_workers = &changes[LIMIT_MAX_WORKERS];
	bool has_limits, grows;

	has_limits = config_merge_limits(&applying->config, changes);
	grows = max_workers->wanted && max_workers->after > info->max_workers;
	if (grows) {
		apply_limits(applying, changes);
		info->max_workers = max_workers->after;
	}
	apply_to_pools(applying, 0);
	if (has_limits && !grows)
		apply_limits(applying, changes);
}

/* Beside JSON these lines are no part of the output. */
static void tell_rest(const struct applying *applying)
{
	const struct config *config = &applying->config;
	FILE *out = applying->opts->json ? stderr : stdout;
	size_t i;

	for (i = 0; i < config->nr; i++) {
		if (!config->sections[i].is_used)
			fprintf(out, "%s: no pool yet (%s:%u)\n",
				config->sections[i].name,
				config->files[config->sections[i].file],
				config->sections[i].line);
	}
	if (!applying->nr_changes && applying->tally.bad == STATUS_OK)
		fputs("nothing to do\n", out);
}

static enum status apply_once(struct applying *applying)
{
	applying->tally = (struct tally){ 0 };
	applying->nr_changes = 0;
	apply_all(applying);
	tell_rest(applying);
	return tally_status(&applying->tally);
}

/* Returns false after a message. */
static bool read_config(struct config *config, const char *path,
			const char *outcome)
{
	config_read(config, path);
	if (config->nr_errors)
		warnx("%s: %s has %u %s", outcome, path, config->nr_errors,
		      config->nr_errors == 1 ? "error" : "errors");
	return !config->nr_errors;
}

/* A configuration with an error replaces nothing. */
static void reload(struct applying *applying)
{
	struct config config = { 0 };
	int err;

	if (!read_config(&config, applying->path,
			 "the configuration is not loaded again")) {
		config_free(&config);
		return;
	}
	config_free(&applying->config);
	applying->config = config;
	err = device_read_info(&applying->changer.dev);
	if (err)
		refusal_report_list(err);
	else
		apply_once(applying);
}

/* A pool may be gone by now, or may have got its settings with the others. */
static void apply_to_new(struct applying *applying, __u32 id)
{
	struct pool_ref ref = { .id = id };
	struct workpool_ioc_stat stat;
	int err;

	if (id <= applying->last_id)
		return;
	err = device_stat(&applying->changer.dev, &ref, &stat);
	if (!err)
		apply_to_pool(applying, &stat);
	else if (err != -ENOENT)
		refusal_report_list(err);
}

/* Goes on until a signal asks to end, which is no failure. */
static enum status watch(struct applying *applying, struct events *events)
{
	struct workpool_event event;
	int more, signal;

	while (events_flush()) {
		more = events_next(events, &event);
		if (more < 0)
			return refusal_report_events(more);
		signal = more ? 0 : events_signal();
		if (signal == SIGHUP)
			reload(applying);
		else if (!more)
			return STATUS_OK;
		else if (event.type == WORKPOOL_EVENT_CREATED)
			apply_to_new(applying, event.pool_id);
		else if (event.type == WORKPOOL_EVENT_LOST)
			apply_to_pools(applying, applying->last_id);
	}
	return ferror(stdout) ? STATUS_LOCAL : STATUS_OK;
}

/* Pools that are created meanwhile are seen as they are by the events. */
static enum status apply_and_watch(struct applying *applying)
{
	struct events events = { 0 };
	enum status status;
	int err;

	err = events_add(&events, &applying->changer.dev, 0,
			 1ull << WORKPOOL_EVENT_CREATED);
	if (err)
		return refusal_report_events(err);
	apply_once(applying);
	status = watch(applying, &events);
	events_free(&events);
	return status;
}

static enum status apply_path(struct applying *applying)
{
	enum status status;

	/* A signal to read the files again may come before they were read. */
	if (applying->opts->watch)
		events_catch_signals(false);
	if (!read_config(&applying->config, applying->path,
			 "nothing was changed"))
		return STATUS_LOCAL;
	if (changer_start(&applying->changer, "apply", applying->opts))
		return STATUS_LOCAL;
	status = applying->opts->watch ? apply_and_watch(applying) :
					 apply_once(applying);
	return changer_finish(&applying->changer, status);
}

static enum status apply_run(const struct options *opts, int argc, char **argv)
{
	struct applying applying = {
		.opts = opts,
		.path = argc ? argv[0] : CONFIG_DEFAULT,
	};
	enum status status;

	if (argc > 1)
		return command_error("apply", "unexpected argument '%s'", argv[1]);
	if (opts->json && opts->diff)
		return command_error("apply", "--json and --diff exclude each other");
	if (opts->json && opts->watch)
		return command_error("apply", "--json and --watch exclude each other");
	if (!ini_is_built()) {
		warnx("built without libinih, which reads files; install libinih-dev, build again");
		return STATUS_LOCAL;
	}
	status = apply_path(&applying);
	config_free(&applying.config);
	return status;
}

const struct command apply_command = {
	.name = "apply",
	.arguments = "[FILE|DIR]",
	.summary = "give pools the settings of configuration files",
	.description =
"Reads FILE, or each *.conf in DIR in the order of the names, by bytes; without either,\n"
CONFIG_DEFAULT ". All of it is checked first. If anything is wrong, each error is\n"
"reported and nothing changes. Then each pool gets what is there for it, all of that or\n"
"nothing, and the old and new values are printed. What a pool has already is left\n"
"alone. A section for which there is no pool yet is no error.\n"
"With --watch it goes on: each pool that is created gets its settings at once. SIGHUP\n"
"has it read the files again; if they have an error, it keeps what it read before. The\n"
"module cannot be unloaded meanwhile.",
	.operands = OPERANDS_FILE,
	.options = OPTION_JSON | OPTION_DRY_RUN | OPTION_DIFF | OPTION_WATCH,
	.run = apply_run,
};
