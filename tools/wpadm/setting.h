/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The settings of a pool that an administrator changes: how they are named, read and
 * written.
 */
#ifndef WPADM_SETTING_H
#define WPADM_SETTING_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/workpool.h>

#include "format.h"
#include "usage.h"

/* Room for the CPUs of any machine: what the kernel takes at most. */
#define NR_CPU_WORDS	512

/* Room for the longest list of CPUs, which has each second one. */
#define CPU_TEXT_MAX	(NR_CPU_WORDS * 64 / 2 * 6 + 1)

/* In messages a longer list of CPUs is cut. */
#define CPU_LIST_MAX	1024

/**
 * struct values - values of some settings, or of all
 * @tune: they are in it, and its mask says which they are
 * @knows_cpus: @cpus is set, or @tune says that the pool has no CPUs of its own
 * @cpus: its CPUs: bit N % 64 of element N / 64 is CPU N
 */
struct values {
	struct workpool_ioc_tune tune;
	bool knows_cpus;
	__u64 cpus[NR_CPU_WORDS];
};

/**
 * struct setting - a setting
 * @text: its name and what is said about it
 * @key: its name in JSON
 * @expected: what a value is
 * @offset: of its field in &struct values
 * @stat_offset: of the field of &struct workpool_ioc_stat with the same value, which is
 *	also 32 bits long; CPUs have none
 * @event_offset: of the same field of &struct workpool_event_values; CPUs have none, as an
 *	event says only whether they are the pool's own
 * @mask: WORKPOOL_TUNE_*
 * @parse: reads a value into the field; 0 or a negative errno
 * @format: writes the field
 */
struct setting {
	const struct setting_text *text;
	const char *key;
	const char *expected;
	size_t offset;
	size_t stat_offset;
	size_t event_offset;
	__u32 mask;
	int (*parse)(const char *text, void *field);
	format_fn *format;
};

/* The last one has no text. */
extern const struct setting settings[];
extern const struct setting_text setting_texts[];

const struct setting *setting_find(const char *name, size_t len);
int setting_parse(const struct setting *setting, const char *text,
		  struct values *values);
void setting_remove(const struct setting *setting, struct values *values);
void setting_read_stat(const struct workpool_ioc_stat *stat, struct values *values);
void read_cpu_list(const char *path, char *buf, size_t size);
bool setting_differs(const struct setting *setting, const struct values *one,
		     const struct values *other);
void setting_format(const struct setting *setting, const struct values *values,
		    char *buf, size_t size);
void setting_format_event(const struct setting *setting,
			  const struct workpool_event_values *values,
			  char *buf, size_t size, enum style style);

#endif /* WPADM_SETTING_H */
