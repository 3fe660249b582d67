/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows of top: what happened between two samples.
 */
#ifndef WPADM_ROW_H
#define WPADM_ROW_H

#include "sample.h"
#include "table.h"

/**
 * struct row - a pool or a multi, between two samples
 * @stat: its numbers at the end
 * @submitted: tasks accepted per second; it and the other rates are not a number when
 *	there was only one sample
 * @completed: tasks completed per second
 * @rejected: submits refused per second
 * @crashes: crashes per second
 * @cancelled: tasks cancelled per second
 * @spurious_wakeups: wake-ups that found nothing to do, per second
 * @load: percent of the capacity that was busy; not a number if it is unlimited
 * @wait_p99: nanoseconds that 99 % of the tasks waited at most; 0: none began, or
 *	nothing is measured
 * @run_p99: the same for how long they ran
 */
struct row {
	struct workpool_ioc_stat stat;
	double submitted;
	double completed;
	double rejected;
	double crashes;
	double cancelled;
	double spurious_wakeups;
	double load;
	__u64 wait_p99;
	__u64 run_p99;
};

/**
 * struct entry - a row, and those below it
 * @row: a pool; or a multi, if there are @parts
 * @parts: the pools of the multi
 * @nr_parts: number of @parts
 */
struct entry {
	struct row row;
	struct row *parts;
	size_t nr_parts;
};

/**
 * struct rows - all that top shows
 * @entries: pools and multis
 * @nr: number of @entries
 */
struct rows {
	struct entry *entries;
	size_t nr;
};

int rows_make(struct rows *rows, const struct sample *before,
	      const struct sample *after, bool grouped);
void rows_sort(struct rows *rows, const struct column *column, bool reverse);
int rows_add(const struct rows *rows, struct table *table, bool sums_only);
void rows_free(struct rows *rows);

#endif /* WPADM_ROW_H */
