// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes the files of wpadm apply: what is read without an error is the same when it is
 * written and read again, and a pool of the name of a section gets what is in it.
 *
 * The input is the file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "target.h"

static void must(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void read_text(struct config *config, const char *text, size_t size)
{
	FILE *file = fmemopen((void *)text, size, "r");

	memset(config, 0, sizeof(*config));
	if (!file)
		return;
	config_read_stream(config, file, "fuzz");
	fclose(file);
}

static const char *key_of(const struct config_entry *entry)
{
	return entry->limit ? entry->limit->name : entry->setting->text->name;
}

/* A list of CPUs may be longer than a line: it goes on in the next one. */
static void write_value(FILE *out, const char *value)
{
	for (; *value; value++) {
		fputc(*value, out);
		if (*value == ',')
			fputc('\n', out);
	}
	fputc('\n', out);
}

static char *write_text(const struct config *config, size_t *size)
{
	const struct config_section *section;
	size_t i, entry;
	char *text;
	FILE *out = open_memstream(&text, size);

	must(!!out, "no memory");
	for (i = 0; i < config->nr; i++) {
		section = &config->sections[i];
		fprintf(out, "[%s]\n", section->name);
		for (entry = 0; entry < section->nr; entry++) {
			fprintf(out, "%s=", key_of(&section->entries[entry]));
			write_value(out, section->entries[entry].value);
		}
	}
	fclose(out);
	return text;
}

static void compare(const struct config *config, const struct config *again)
{
	const struct config_section *one, *other;
	size_t i, entry;

	must(!again->nr_errors && again->nr == config->nr, "other sections");
	for (i = 0; i < config->nr; i++) {
		one = &config->sections[i];
		other = &again->sections[i];
		must(!strcmp(one->name, other->name) && one->nr == other->nr,
		     "another section");
		for (entry = 0; entry < one->nr; entry++)
			must(!strcmp(key_of(&one->entries[entry]),
				     key_of(&other->entries[entry])) &&
			     !strcmp(one->entries[entry].value,
				     other->entries[entry].value),
			     "another entry");
	}
}

static void merge(struct config *config)
{
	struct limit_change changes[NR_LIMITS];
	struct workpool_ioc_stat stat = { 0 };
	struct config_section *section;
	struct values values;
	size_t i;

	for (i = 0; i < config->nr; i++) {
		section = &config->sections[i];
		if (section->is_module || section->is_pattern)
			continue;
		snprintf(stat.name, sizeof(stat.name), "%s", section->name);
		config_merge(config, &stat, &values);
		must(section->is_used, "no pool for a section");
		must(!section->nr || values.tune.mask, "nothing for a pool");
	}
	config_merge_limits(config, changes);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct config config, again;
	size_t length;
	char *text;

	if (!size)
		return 0;
	read_text(&config, (const char *)data, size);
	if (!config.nr_errors && config.nr) {
		text = write_text(&config, &length);
		read_text(&again, text, length);
		compare(&config, &again);
		merge(&config);
		config_free(&again);
		free(text);
	}
	config_free(&config);
	return 0;
}
