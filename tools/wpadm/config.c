// SPDX-License-Identifier: GPL-2.0
/*
 * The configuration: settings of pools that are there, or will be.
 *
 * Reading it reports whatever is wrong with it, in all of its files. Nobody uses a
 * configuration with an error.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config.h"
#include "ini.h"
#include "target.h"

/* What the name of a pool has, see kernel/pool/registry.c */
#define NAME_CHARS	"abcdefghijklmnopqrstuvwxyz"	\
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:!"

/**
 * struct reading - a file that is being read
 * @config: where it goes; its last section is the one that is being read
 * @in_section: there is one
 * @given: bits of what this section has already, as in its table
 * @values: what it has for a pool
 */
struct reading {
	struct config *config;
	bool in_section;
	__u32 given;
	struct values values;
};

/* Counts an error of the file that is being read. Returns its name. */
static const char *count_error(struct config *config)
{
	config->nr_errors++;
	return config->files[config->nr_files - 1];
}

#define complain(config, line, format, ...)				\
	warnx("%s:%u: " format, count_error(config), line, ##__VA_ARGS__)

static void complain_of_memory(struct config *config)
{
	warnx("out of memory");
	config->nr_errors++;
}

static struct config_section *last_section(const struct config *config)
{
	return &config->sections[config->nr - 1];
}

/* Behind the set that begins with the [ at @text; NULL if it does not end. */
static const char *set_end(const char *text)
{
	const char *c = text + 1;

	c += *c == '!' || *c == '^';
	c += *c == ']';
	for (; *c && *c != ']'; c++) {
		/* [:class:] is a part of a set. */
		if (c[0] != '[' || c[1] != ':')
			continue;
		c = strstr(c + 2, ":]");
		if (!c)
			return NULL;
		c++;
	}
	return *c ? c + 1 : NULL;
}

/* What no name and no pattern of names has, or "" */
static const char *wrong_part(const char *name)
{
	const char *end;

	while (*name) {
		end = name + 1;
		if (*name == '[')
			end = set_end(name);
		else if (!strchr(NAME_CHARS "*?", *name))
			end = NULL;
		if (!end)
			break;
		name = end;
	}
	return name;
}

static void check_name(struct config *config, unsigned int line,
		       const char *name)
{
	const char *wrong = wrong_part(name);

	if (*name == *CONFIG_MODULE)
		complain(config, line, "[%s]: with @ there is only the section of the module, [%s]",
			 name, CONFIG_MODULE);
	else if (*wrong == '[')
		complain(config, line, "[%s]: the pattern has a [ without its ]",
			 name);
	else if (!*name || *wrong)
		complain(config, line,
			 "[%s]: a name has letters, digits and ._-:!, a pattern *, ? and [...] too",
			 name);
	else if (!is_pattern(name) && strlen(name) >= WORKPOOL_IOC_NAME_MAX)
		complain(config, line, "[%s]: the name of a pool has at most %d characters",
			 name, WORKPOOL_IOC_NAME_MAX - 1);
}

/* What a section has must go together. */
static void finish_section(struct reading *reading)
{
	const __u32 both = WORKPOOL_TUNE_CAPACITY | WORKPOOL_TUNE_MIN_WORKERS;
	const struct workpool_ioc_tune *tune = &reading->values.tune;

	if (reading->in_section && (tune->mask & both) == both &&
	    tune->min_workers > (__u32)tune->capacity)
		complain(reading->config, last_section(reading->config)->line,
			 "[%s]: min-workers %u exceeds the capacity %d",
			 last_section(reading->config)->name,
			 tune->min_workers, tune->capacity);
}

static int add_section(struct config *config, unsigned int line,
		       const char *name)
{
	struct config_section *sections;

	sections = reallocarray(config->sections, config->nr + 1,
				sizeof(*sections));
	if (!sections)
		return -ENOMEM;
	config->sections = sections;
	sections[config->nr] = (struct config_section) {
		.name = strdup(name),
		.file = config->nr_files - 1,
		.line = line,
		.is_module = !strcmp(name, CONFIG_MODULE),
		.is_pattern = is_pattern(name),
	};
	if (!sections[config->nr].name)
		return -ENOMEM;
	config->nr++;
	return 0;
}

static void on_section(void *data, unsigned int line, const char *name)
{
	struct reading *reading = data;
	struct config *config = reading->config;

	finish_section(reading);
	*reading = (struct reading) { .config = config };
	if (add_section(config, line, name ? name : "?")) {
		complain_of_memory(config);
		return;
	}
	reading->in_section = true;
	if (name && !last_section(config)->is_module)
		check_name(config, line, name);
}

static void add_entry(struct config *config, const struct setting *setting,
		      const struct limit *limit, const char *value)
{
	struct config_section *section = last_section(config);
	struct config_entry *entries;

	entries = reallocarray(section->entries, section->nr + 1,
			       sizeof(*entries));
	if (!entries) {
		complain_of_memory(config);
		return;
	}
	section->entries = entries;
	entries[section->nr] = (struct config_entry) {
		.setting = setting, .limit = limit, .value = strdup(value),
	};
	if (!entries[section->nr++].value)
		complain_of_memory(config);
}

/* Was it given before in this section? */
static bool is_twice(struct reading *reading, size_t index)
{
	__u32 bit = 1U << index;
	bool twice = reading->given & bit;

	reading->given |= bit;
	return twice;
}

static void on_value(void *data, unsigned int line, const char *key,
		     const char *value)
{
	struct limit_change changes[NR_LIMITS];
	const struct setting *setting = NULL;
	const struct limit *limit = NULL;
	struct reading *reading = data;
	const char *name, *expected;
	bool is_wrong;

	if (!reading->in_section) {
		complain(reading->config, line, "'%s' stands before the first [NAME]", key);
		return;
	}
	name = last_section(reading->config)->name;
	if (last_section(reading->config)->is_module)
		limit = limit_find(key, strlen(key));
	else
		setting = setting_find(key, strlen(key));
	if (!setting && !limit) {
		complain(reading->config, line,
			 "[%s]: there is no setting '%s'; 'wpadm help tune' has all",
			 name, key);
		return;
	}
	if (is_twice(reading, limit ? limit - limits : setting - settings))
		complain(reading->config, line, "[%s]: %s is given twice", name, key);
	expected = limit ? limit->expected : setting->expected;
	is_wrong = limit ? limit_parse(limit, value, changes) :
			   setting_parse(setting, value, &reading->values);
	if (is_wrong)
		complain(reading->config, line, "[%s]: %s '%.200s' is not %s",
			 name, key, value, expected);
	else
		add_entry(reading->config, setting, limit, value);
}

static void on_error(void *data, unsigned int line, const char *what)
{
	struct reading *reading = data;

	complain(reading->config, line, "%s", what);
}

static int add_file(struct config *config, const char *name)
{
	char **files = reallocarray(config->files, config->nr_files + 1,
				    sizeof(*files));

	if (!files)
		return -ENOMEM;
	config->files = files;
	files[config->nr_files] = strdup(name);
	if (!files[config->nr_files])
		return -ENOMEM;
	config->nr_files++;
	return 0;
}

/**
 * config_read_stream() - add a file to a configuration
 * @config: the configuration; its nr_errors rises with each error
 * @file: the file
 * @name: its name
 */
void config_read_stream(struct config *config, FILE *file, const char *name)
{
	static const struct ini_calls calls = { on_section, on_value, on_error };
	struct reading reading = { .config = config };

	if (add_file(config, name)) {
		complain_of_memory(config);
		return;
	}
	ini_read(file, &calls, &reading);
	finish_section(&reading);
}

/* Reports that a file or a directory cannot be read. */
static void complain_of_file(struct config *config, const char *path,
			     const char *why)
{
	warnx("cannot read %s: %s", path, why);
	config->nr_errors++;
}

static void read_file(struct config *config, const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file) {
		complain_of_file(config, path, strerror(errno));
		return;
	}
	config_read_stream(config, file, path);
	if (ferror(file))
		complain_of_file(config, path, strerror(EIO));
	fclose(file);
}

/* A file that blocks, such as a pipe, does not belong in the directory. */
static void read_conf_file(struct config *config, const char *path)
{
	struct stat stat_of;

	if (stat(path, &stat_of))
		complain_of_file(config, path, strerror(errno));
	else if (S_ISREG(stat_of.st_mode) || S_ISCHR(stat_of.st_mode))
		read_file(config, path);
	else
		complain_of_file(config, path, "it is no file");
}

static int is_conf(const struct dirent *entry)
{
	return !fnmatch("*.conf", entry->d_name, FNM_PERIOD);
}

/* The same order for everybody, whatever the locale */
static int by_bytes(const struct dirent **one, const struct dirent **other)
{
	return strcmp((*one)->d_name, (*other)->d_name);
}

static void read_directory(struct config *config, const char *path)
{
	struct dirent **names;
	int i, nr = scandir(path, &names, is_conf, by_bytes);
	char *file;

	if (nr < 0) {
		complain_of_file(config, path, strerror(errno));
		return;
	}
	for (i = 0; i < nr; i++) {
		if (asprintf(&file, "%s/%s", path, names[i]->d_name) < 0) {
			complain_of_memory(config);
		} else {
			read_conf_file(config, file);
			free(file);
		}
		free(names[i]);
	}
	free(names);
}

/**
 * config_read() - read a configuration, and report all that is wrong with it
 * @config: the result; config_free() frees it, also after errors
 * @path: a file, or a directory, of which each *.conf is read, in the order of their
 *	names
 */
void config_read(struct config *config, const char *path)
{
	struct stat stat_of;

	*config = (struct config) { 0 };
	if (stat(path, &stat_of))
		complain_of_file(config, path, strerror(errno));
	else if (S_ISDIR(stat_of.st_mode))
		read_directory(config, path);
	else
		read_file(config, path);
}

static void free_section(struct config_section *section)
{
	size_t i;

	for (i = 0; i < section->nr; i++)
		free(section->entries[i].value);
	free(section->entries);
	free(section->name);
}

void config_free(struct config *config)
{
	size_t i;

	for (i = 0; i < config->nr; i++)
		free_section(&config->sections[i]);
	for (i = 0; i < config->nr_files; i++)
		free(config->files[i]);
	free(config->sections);
	free(config->files);
}

/*
 * A pattern leaves out the pools that refuse administration. The name of a multi
 * stands for its pools.
 */
static bool is_for(const struct config_section *section,
		   const struct workpool_ioc_stat *stat)
{
	if (section->is_module)
		return false;
	if (section->is_pattern)
		return !(stat->flags & WORKPOOL_POOL_NOADMIN) &&
		       !fnmatch(section->name, stat->name, 0);
	return !strcmp(section->name, stat->name) ||
	       (stat->multi_id && !strcmp(section->name, stat->multi));
}

/**
 * config_merge() - collect the settings of a pool
 * @config: the configuration; its sections for the pool become used
 * @stat: a snapshot of the pool
 * @values: the result; of several values of a setting, the last one
 */
void config_merge(struct config *config, const struct workpool_ioc_stat *stat,
		  struct values *values)
{
	struct config_section *section;
	size_t i, entry;

	memset(values, 0, sizeof(*values));
	for (i = 0; i < config->nr; i++) {
		section = &config->sections[i];
		if (!is_for(section, stat))
			continue;
		section->is_used = true;
		for (entry = 0; entry < section->nr; entry++)
			setting_parse(section->entries[entry].setting,
				      section->entries[entry].value, values);
	}
}

/**
 * config_merge_limits() - collect the limits of the module
 * @config: the configuration
 * @changes: the result, one for each of limits[]
 *
 * Return: is there any?
 */
bool config_merge_limits(struct config *config, struct limit_change *changes)
{
	struct config_section *section;
	bool is_any = false;
	size_t i, entry;

	memset(changes, 0, NR_LIMITS * sizeof(*changes));
	for (i = 0; i < config->nr; i++) {
		section = &config->sections[i];
		if (!section->is_module)
			continue;
		section->is_used = true;
		for (entry = 0; entry < section->nr; entry++)
			limit_parse(section->entries[entry].limit,
				    section->entries[entry].value, changes);
		is_any |= section->nr;
	}
	return is_any;
}
