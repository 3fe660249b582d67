// SPDX-License-Identifier: GPL-2.0
/*
 * The limits of the whole module, which are its parameters, and tune --module.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libsmartcols.h>

#include "limits.h"
#include "parse.h"
#include "text.h"
#include "usage.h"

#define PARAMETERS	"/sys/module/workpool/parameters"

const struct limit limits[NR_LIMITS] = {
	[LIMIT_MAX_WORKERS] = {
		"max-workers", "max_workers",
		"a number from 1 to " STRINGIFY(WORKPOOL_IOC_WORKERS_MAX),
		1, WORKPOOL_IOC_WORKERS_MAX },
	[LIMIT_CACHE_SIZE] = {
		"cache-size", "cache_size", "a number from 0 to 2147483647",
		0, 2147483647 },
};

static const struct column limit_columns[] = {
	{ COLUMN_TEXT("SETTING", "setting", format_string, struct limit_change,
		      setting, "the setting") },
	{ COLUMN_NUMBER("OLD", "old", format_u32, struct limit_change, before,
			"old value") },
	{ COLUMN_NUMBER("NEW", "new", format_u32, struct limit_change, after,
			"new value") },
	{ 0 }
};

const struct limit *limit_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < NR_LIMITS; i++) {
		if (strlen(limits[i].name) == len &&
		    !memcmp(limits[i].name, name, len))
			return &limits[i];
	}
	return NULL;
}

/**
 * limit_parse() - read a value
 * @limit: the limit
 * @text: its value and nothing else
 * @changes: where it goes, one for each of limits[]
 *
 * Return: 0 or a negative errno: @text is not what @limit expects.
 */
int limit_parse(const struct limit *limit, const char *text,
		struct limit_change *changes)
{
	struct limit_change *change = &changes[limit - limits];
	__u64 value;
	int err = parse_count(text, limit->min, limit->max, &value);

	if (err)
		return err;
	change->wanted = true;
	change->after = value;
	return 0;
}

static enum status parse_limit_assignment(const char *text,
					  struct limit_change *changes)
{
	size_t len = strcspn(text, "=");
	const struct limit *limit = limit_find(text, len);

	if (!text[len])
		return command_error("tune", "'%s' is not an assignment such as max-workers=512",
				     text);
	if (!limit)
		return command_error("tune", "the module has no setting '%.*s'",
				     (int)len, text);
	if (changes[limit - limits].wanted)
		return command_error("tune", "%s is given twice", limit->name);
	if (limit_parse(limit, text + len + 1, changes))
		return command_error("tune", "%s '%s' is not %s", limit->name,
				     text + len + 1, limit->expected);
	return STATUS_OK;
}

static void file_of(const struct limit *limit, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", PARAMETERS, limit->key);
}

static enum status report_file(const char *verb, const struct limit *limit,
			       int error)
{
	char path[128];

	file_of(limit, path, sizeof(path));
	switch (error) {
	case ENOENT:
		warnx("cannot %s %s: the module is not loaded; try 'modprobe workpool'",
		      verb, path);
		return STATUS_LOCAL;
	case EACCES:
	case EPERM:
		warnx("cannot %s %s: permission denied; try as root", verb, path);
		return STATUS_LOCAL;
	case EINVAL:
		warnx("cannot change %s: an unlimited pool has more min-workers; try 'wpadm list'",
		      limit->name);
		return STATUS_REFUSED;
	default:
		warnx("cannot %s %s: %s", verb, path, strerror(error));
		return STATUS_REFUSED;
	}
}

/* Returns 0 or an errno. */
static int read_limit(const struct limit *limit, __u32 *value)
{
	char path[128];
	int got, error;
	FILE *file;

	file_of(limit, path, sizeof(path));
	file = fopen(path, "r");
	if (!file)
		return errno;
	errno = EIO;
	got = fscanf(file, "%u", value);
	error = errno;
	fclose(file);
	return got == 1 ? 0 : error;
}

/* Returns 0 or an errno. */
static int write_limit(const struct limit *limit, __u32 value)
{
	char path[128];
	FILE *file;
	int error;

	file_of(limit, path, sizeof(path));
	file = fopen(path, "w");
	if (!file)
		return errno;
	error = fprintf(file, "%u\n", value) < 0 || fflush(file) ? errno : 0;
	fclose(file);
	return error;
}

/* Read those of limits[] that are wanted. */
enum status limits_read(struct limit_change *changes)
{
	size_t i;
	int error;

	for (i = 0; i < NR_LIMITS; i++) {
		if (!changes[i].wanted)
			continue;
		changes[i].setting = limits[i].key;
		error = read_limit(&limits[i], &changes[i].before);
		if (error)
			return report_file("read", &limits[i], error);
	}
	return STATUS_OK;
}

/* Write them all, or those that changed already change back. */
enum status limits_write(const struct limit_change *changes)
{
	size_t i, done;
	int error;

	for (i = 0; i < NR_LIMITS; i++) {
		if (!changes[i].wanted)
			continue;
		error = write_limit(&limits[i], changes[i].after);
		if (!error)
			continue;
		for (done = 0; done < i; done++) {
			if (changes[done].wanted)
				write_limit(&limits[done], changes[done].before);
		}
		return report_file("write", &limits[i], error);
	}
	return STATUS_OK;
}

/* Say what a limit was and is. */
void limit_print(const struct limit *limit, const struct limit_change *change,
		 bool dry_run)
{
	if (change->before == change->after)
		printf("module: %s %u (unchanged)\n", limit->name,
		       change->before);
	else
		printf("module: %s %u -> %u%s\n", limit->name, change->before,
		       change->after, dry_run ? " (not done: dry run)" : "");
}

static enum status print_limits(const struct options *opts,
				const struct limit_change *changes)
{
	enum status status = STATUS_OK;
	struct table *table = NULL;
	size_t i;

	if (opts->json) {
		table = table_new("tune", limit_columns, opts, LAYOUT_ROWS);
		if (!table)
			return STATUS_LOCAL;
	}
	for (i = 0; i < NR_LIMITS; i++) {
		if (!changes[i].wanted)
			continue;
		if (!table)
			limit_print(&limits[i], &changes[i], opts->dry_run);
		else if (table_add(table, &changes[i]))
			status = STATUS_LOCAL;
	}
	if (table && table_print(table))
		status = STATUS_LOCAL;
	table_free(table);
	return status;
}

/**
 * limits_tune() - "wpadm tune --module SETTING=VALUE..."
 * @opts: the options
 * @argc: number of the settings
 * @argv: the settings
 *
 * Return: the exit status, after a message if need be.
 */
enum status limits_tune(const struct options *opts, int argc, char **argv)
{
	struct limit_change changes[NR_LIMITS] = { 0 };
	enum status status = STATUS_OK;
	int i;

	if (!argc)
		return command_error("tune", "no setting such as max-workers=512 is given");
	for (i = 0; i < argc && status == STATUS_OK; i++)
		status = parse_limit_assignment(argv[i], changes);
	if (status == STATUS_OK)
		status = limits_read(changes);
	if (status == STATUS_OK && !opts->dry_run)
		status = limits_write(changes);
	return status == STATUS_OK ? print_limits(opts, changes) : status;
}
