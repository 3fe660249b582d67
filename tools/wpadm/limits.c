// SPDX-License-Identifier: GPL-2.0
/*
 * tune --module: the limits of the whole module, which are its parameters.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#include "array.h"
#include "limits.h"
#include "parse.h"
#include "usage.h"

#define PARAMETERS	"/sys/module/workpool/parameters"

/* Those of the module; the file has the name of the key. */
static const struct limit {
	const char *name;
	const char *key;	/* in JSON */
	__u32 min, max;
} limits[] = {
	{ "max-workers", "max_workers", 1, 65536 },
	{ "cache-size", "cache_size", 0, 2147483647 },
};

/**
 * struct limit_change - what happens to a limit
 * @wanted: it is to change
 * @setting: its key, for JSON
 * @before: its old value
 * @after: the new one
 */
struct limit_change {
	bool wanted;
	const char *setting;
	__u32 before;
	__u32 after;
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

static enum status parse_limit_assignment(const char *text,
					  struct limit_change *changes)
{
	size_t len = strcspn(text, "=");
	__u64 value;
	size_t i;

	if (!text[len])
		return command_error("tune", "'%s' is not an assignment such as max-workers=512",
				     text);
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		if (strlen(limits[i].name) == len &&
		    !memcmp(limits[i].name, text, len))
			break;
	}
	if (i == ARRAY_SIZE(limits))
		return command_error("tune", "the module has no setting '%.*s'",
				     (int)len, text);
	if (changes[i].wanted)
		return command_error("tune", "%s is given twice", limits[i].name);
	if (parse_count(text + len + 1, limits[i].min, limits[i].max, &value))
		return command_error("tune", "%s '%s' is not a number from %u to %u",
				     limits[i].name, text + len + 1,
				     limits[i].min, limits[i].max);
	changes[i].wanted = true;
	changes[i].after = value;
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

static enum status read_all(struct limit_change *changes)
{
	size_t i;
	int error;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		if (!changes[i].wanted)
			continue;
		changes[i].setting = limits[i].key;
		error = read_limit(&limits[i], &changes[i].before);
		if (error)
			return report_file("read", &limits[i], error);
	}
	return STATUS_OK;
}

/* All, or those that changed already change back. */
static enum status write_all(const struct limit_change *changes)
{
	size_t i, done;
	int error;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
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

static void print_limit(const struct limit *limit,
			const struct limit_change *change, bool dry_run)
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
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		if (!changes[i].wanted)
			continue;
		if (!table)
			print_limit(&limits[i], &changes[i], opts->dry_run);
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
	struct limit_change changes[ARRAY_SIZE(limits)] = { 0 };
	enum status status = STATUS_OK;
	int i;

	if (!argc)
		return command_error("tune", "no setting such as max-workers=512 is given");
	for (i = 0; i < argc && status == STATUS_OK; i++)
		status = parse_limit_assignment(argv[i], changes);
	if (status == STATUS_OK)
		status = read_all(changes);
	if (status == STATUS_OK && !opts->dry_run)
		status = write_all(changes);
	return status == STATUS_OK ? print_limits(opts, changes) : status;
}
