// SPDX-License-Identifier: GPL-2.0
/*
 * Conversion of a pool's fields to text. Each kind of field has a function.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <linux/workpool.h>

#include "array.h"
#include "format.h"
#include "setting.h"

static const struct {
	__u32 flag;
	const char *word;
} flag_words[] = {
	{ WORKPOOL_POOL_NONBLOCK, "nonblock" },
	{ WORKPOOL_POOL_PREALLOC, "prealloc" },
	{ WORKPOOL_POOL_NOPURGE, "nopurge" },
	{ WORKPOOL_POOL_NOADMIN, "noadmin" },
	{ WORKPOOL_POOL_FREEZABLE, "freezable" },
	{ WORKPOOL_POOL_NORELEASE, "norelease" },
	{ WORKPOOL_POOL_HISTOGRAMS, "histograms" },
	{ WORKPOOL_POOL_MEASURED, "measured" },
};

void format_u32(char *buf, size_t size, const void *field, enum style style)
{
	(void)style;
	snprintf(buf, size, "%u", *(const __u32 *)field);
}

void format_s32(char *buf, size_t size, const void *field, enum style style)
{
	(void)style;
	snprintf(buf, size, "%d", *(const __s32 *)field);
}

void format_u64(char *buf, size_t size, const void *field, enum style style)
{
	(void)style;
	snprintf(buf, size, "%llu", *(const __u64 *)field);
}

static void format_nothing(char *buf, size_t size, enum style style)
{
	snprintf(buf, size, "%s", style == STYLE_JSON ? "" : "-");
}

/* A double, which is NAN as long as the rate is not known. */
void format_rate(char *buf, size_t size, const void *field, enum style style)
{
	double rate = *(const double *)field;

	if (!isnan(rate))
		snprintf(buf, size, "%.1f", rate);
	else
		format_nothing(buf, size, style);
}

/* A double of 0 to 100, or more. */
void format_percent(char *buf, size_t size, const void *field,
		    enum style style)
{
	double percent = *(const double *)field;

	if (isnan(percent))
		format_nothing(buf, size, style);
	else if (style == STYLE_HUMAN)
		snprintf(buf, size, "%.0f%%", percent);
	else
		snprintf(buf, size, "%.1f", percent);
}

static bool has_cpu(const __u64 *cpus, size_t nr, size_t cpu)
{
	return cpu < nr * 64 && (cpus[cpu / 64] >> cpu % 64 & 1);
}

/* A list such as "0-3,8" of the @nr elements of @cpus. See parse_cpus(). */
void format_cpus(char *buf, size_t size, const __u64 *cpus, size_t nr)
{
	size_t cpu, last, used = 0;

	buf[0] = '\0';
	for (cpu = 0; cpu < nr * 64 && used < size; cpu++) {
		if (!has_cpu(cpus, nr, cpu))
			continue;
		for (last = cpu; has_cpu(cpus, nr, last + 1); last++)
			;
		used += snprintf(buf + used, size - used, "%s%zu",
				 used ? "," : "", cpu);
		if (last > cpu && used < size)
			used += snprintf(buf + used, size - used, "-%zu", last);
		cpu = last;
	}
}

void format_text(char *buf, size_t size, const void *field, enum style style)
{
	(void)style;
	snprintf(buf, size, "%s", (const char *)field);
}

void format_string(char *buf, size_t size, const void *field, enum style style)
{
	format_text(buf, size, *(const char *const *)field, style);
}

static void format_human_ms(char *buf, size_t size, __u32 ms)
{
	static const struct {
		__u32 ms;
		const char *suffix;
	} units[] = { { 3600000, "h" }, { 60000, "m" }, { 1000, "s" } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (ms && !(ms % units[i].ms)) {
			snprintf(buf, size, "%u%s", ms / units[i].ms,
				 units[i].suffix);
			return;
		}
	}
	snprintf(buf, size, "%ums", ms);
}

void format_ms(char *buf, size_t size, const void *field, enum style style)
{
	__u32 ms = *(const __u32 *)field;

	if (style == STYLE_HUMAN)
		format_human_ms(buf, size, ms);
	else if (style == STYLE_METRIC)
		snprintf(buf, size, "%u.%03u", ms / 1000,
			 ms % 1000);
	else
		format_u32(buf, size, field, style);
}

/* Three digits and a unit. */
void format_time(char *buf, size_t size, __u64 ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double value = ns;
	int unit = 0;

	while (unit < 3 && value >= 999.5) {
		value /= 1000;
		unit++;
	}
	snprintf(buf, size, "%.*f%s",
		 !unit || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2, value,
		 units[unit]);
}

void format_ns(char *buf, size_t size, const void *field, enum style style)
{
	__u64 ns = *(const __u64 *)field;

	if (!ns)
		format_nothing(buf, size, style);
	else if (style == STYLE_HUMAN)
		format_time(buf, size, ns);
	else if (style == STYLE_METRIC)
		snprintf(buf, size, "%llu.%09llu", ns / 1000000000,
			 ns % 1000000000);
	else
		format_u64(buf, size, field, style);
}

static const char *unlimited(enum style style)
{
	return style == STYLE_METRIC ? "+Inf" : "unlimited";
}

void format_capacity(char *buf, size_t size, const void *field,
		     enum style style)
{
	__s32 capacity = *(const __s32 *)field;

	if (capacity == WORKPOOL_IOC_UNLIMITED &&
	    (style == STYLE_HUMAN || style == STYLE_METRIC))
		snprintf(buf, size, "%s", unlimited(style));
	else
		format_s32(buf, size, field, style);
}

void format_limit(char *buf, size_t size, const void *field, enum style style)
{
	__u32 limit = *(const __u32 *)field;

	if (!limit && (style == STYLE_HUMAN || style == STYLE_METRIC))
		snprintf(buf, size, "%s", unlimited(style));
	else
		format_u32(buf, size, field, style);
}

void format_flags(char *buf, size_t size, const void *field, enum style style)
{
	__u32 flags = *(const __u32 *)field;
	size_t i, used = 0;

	buf[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(flag_words); i++) {
		if (!(flags & flag_words[i].flag) || used >= size)
			continue;
		used += snprintf(buf + used, size - used, "%s%s",
				 used ? "," : "", flag_words[i].word);
	}
	if (!used)
		format_nothing(buf, size, style);
}

/* From WORKPOOL_TUNE_*; the words are those of "wpadm tune" */
void format_pinned(char *buf, size_t size, const void *field, enum style style)
{
	__u32 mask = *(const __u32 *)field;
	const struct setting *setting;
	size_t used = 0;

	buf[0] = '\0';
	for (setting = settings; setting->text && used < size; setting++) {
		if (mask & setting->mask)
			used += snprintf(buf + used, size - used, "%s%s",
					 used ? "," : "", setting->text->name);
	}
	if (!used)
		format_nothing(buf, size, style);
}

static bool is_paused(const struct workpool_ioc_stat *stat)
{
	return stat->flags & (WORKPOOL_POOL_PAUSED_BY_OWNER |
			      WORKPOOL_POOL_PAUSED_BY_ADMIN);
}

/* From WORKPOOL_POOL_PAUSED_BY_* */
void format_pausers(char *buf, size_t size, const void *field,
		    enum style style)
{
	static const char *const words[] = { "", "owner", "admin", "owner,admin" };
	__u32 flags = *(const __u32 *)field;
	unsigned int who = !!(flags & WORKPOOL_POOL_PAUSED_BY_OWNER) +
			   2 * !!(flags & WORKPOOL_POOL_PAUSED_BY_ADMIN);

	if (who)
		format_text(buf, size, words[who], style);
	else
		format_nothing(buf, size, style);
}

void format_state(char *buf, size_t size, const void *field, enum style style)
{
	const struct workpool_ioc_stat *stat = field;
	const char *state = "open";

	(void)style;
	if (is_paused(stat))
		state = "paused";
	if (stat->flags & WORKPOOL_POOL_CLOSED)
		state = stat->alive ? "draining" : "closed";
	snprintf(buf, size, "%s", state);
}

void format_closed(char *buf, size_t size, const void *field, enum style style)
{
	const struct workpool_ioc_stat *stat = field;

	(void)style;
	snprintf(buf, size, "%d", !!(stat->flags & WORKPOOL_POOL_CLOSED));
}

void format_paused(char *buf, size_t size, const void *field, enum style style)
{
	(void)style;
	snprintf(buf, size, "%d", is_paused(field));
}

void format_multi(char *buf, size_t size, const void *field, enum style style)
{
	const struct workpool_ioc_stat *stat = field;

	if (stat->multi_id)
		format_text(buf, size, stat->multi, style);
	else
		format_nothing(buf, size, style);
}

void format_multi_index(char *buf, size_t size, const void *field,
			enum style style)
{
	const struct workpool_ioc_stat *stat = field;

	if (stat->multi_id)
		format_u32(buf, size, &stat->multi_index, style);
	else
		format_nothing(buf, size, style);
}

void format_strategy(char *buf, size_t size, const void *field,
		     enum style style)
{
	static const char *const words[] = {
		[WORKPOOL_STRATEGY_ROUND_ROBIN]	= "round-robin",
		[WORKPOOL_STRATEGY_LEAST_TASKS]	= "least-tasks",
		[WORKPOOL_STRATEGY_LOCAL]	= "local",
	};
	const struct workpool_ioc_stat *stat = field;

	if (stat->strategy < ARRAY_SIZE(words) && words[stat->strategy])
		format_text(buf, size, words[stat->strategy], style);
	else
		format_nothing(buf, size, style);
}

void format_pools(char *buf, size_t size, const void *field, enum style style)
{
	const struct workpool_ioc_stat *stat = field;

	if (stat->multi_id)
		format_u32(buf, size, &stat->nr_pools, style);
	else
		format_nothing(buf, size, style);
}
