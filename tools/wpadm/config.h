/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The configuration: settings of pools that are there, or will be.
 */
#ifndef WPADM_CONFIG_H
#define WPADM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "limits.h"
#include "setting.h"

#define CONFIG_DEFAULT	"/etc/workpool.d"

/* The section of the module. No pool has such a name. */
#define CONFIG_MODULE	"@module"

/**
 * struct config_entry - "KEY = VALUE", which has been checked
 * @setting: the setting of a pool, or NULL
 * @limit: else the limit of the module
 * @value: its value
 */
struct config_entry {
	const struct setting *setting;
	const struct limit *limit;
	char *value;
};

/**
 * struct config_section - "[NAME]" and its entries
 * @name: the name of a pool, of a multi, a pattern, or CONFIG_MODULE
 * @file: index of its file in &struct config
 * @line: its line there
 * @is_module: it is the section of the module
 * @is_pattern: @name is a pattern
 * @is_used: a pool has got it
 * @entries: its entries
 * @nr: number of @entries
 */
struct config_section {
	char *name;
	size_t file;
	unsigned int line;
	bool is_module;
	bool is_pattern;
	bool is_used;
	struct config_entry *entries;
	size_t nr;
};

/**
 * struct config - all sections of all files, in the order in which they count
 * @files: the names of the files
 * @nr_files: number of @files
 * @sections: the sections
 * @nr: number of @sections
 * @nr_errors: how many errors were reported
 */
struct config {
	char **files;
	size_t nr_files;
	struct config_section *sections;
	size_t nr;
	unsigned int nr_errors;
};

void config_read(struct config *config, const char *path);
void config_read_stream(struct config *config, FILE *file, const char *name);
void config_free(struct config *config);

void config_merge(struct config *config, const struct workpool_ioc_stat *stat,
		  struct values *values);
bool config_merge_limits(struct config *config, struct limit_change *changes);

#endif /* WPADM_CONFIG_H */
