// SPDX-License-Identifier: GPL-2.0
/*
 * Rows of top: what happened between two samples.
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>

#include "row.h"

#define P99	9900	/* in hundredths of a percent */

static void fill_rates(struct row *row, const struct workpool_ioc_stat *stat,
		       const struct workpool_ioc_stat *old, double elapsed)
{
	*row = (struct row) {
		.stat = *stat,
		.submitted = (stat->submitted - old->submitted) / elapsed,
		.completed = (stat->completed - old->completed) / elapsed,
		.rejected = (stat->rejected - old->rejected) / elapsed,
		.crashes = (stat->crashes - old->crashes) / elapsed,
		.cancelled = (stat->cancelled - old->cancelled) / elapsed,
		.spurious_wakeups = (stat->spurious_wakeups - old->spurious_wakeups) / elapsed,
		.load = NAN,
	};
}

static void fill_latency(struct row *row, const struct histogram *latency)
{
	row->wait_p99 = histogram_percentile(&latency[WORKPOOL_LATENCY_WAIT],
					     P99);
	row->run_p99 = histogram_percentile(&latency[WORKPOOL_LATENCY_RUN], P99);
}

/* If the pool was switched on since the last sample, all tasks are of the interval. */
static struct histogram latency_between(const struct sampled *pool,
					const struct sampled *old,
					unsigned int kind)
{
	struct histogram histogram = pool->latency[kind];

	if (old && old->latency[kind].since_ns == histogram.since_ns)
		histogram_subtract(&histogram, &old->latency[kind]);
	return histogram;
}

/* @old was looked at until now, and @pool is the last look. */
static double load_between(const struct sampled *pool, const struct sampled *old)
{
	return old ? (old->load + pool->load) / (old->looks + pool->looks) :
		     pool->load;
}

/*
 * A pool that is missing in the last sample was created since, at zero. Its latencies are
 * added to those of @all.
 */
static void fill_pool(struct row *row, struct histogram *all,
		      const struct sampled *pool, const struct sample *before,
		      double elapsed)
{
	static const struct workpool_ioc_stat zero;
	const struct sampled *old = sample_find(before, pool->stat.id);
	struct histogram latency[NR_SAMPLED_KINDS];
	unsigned int i;

	fill_rates(row, &pool->stat, old ? &old->stat : &zero, elapsed);
	if (isnan(elapsed))
		return;
	for (i = 0; i < NR_SAMPLED_KINDS; i++) {
		latency[i] = latency_between(pool, old, i);
		histogram_add(&all[i], &latency[i]);
	}
	fill_latency(row, latency);
	row->load = load_between(pool, old);
}

/* A multi is as busy as its pools are on the average, each by its capacity. */
static double load_of_parts(const struct entry *entry)
{
	double load = 0, capacity = 0;
	size_t i;

	for (i = 0; i < entry->nr_parts; i++) {
		load += entry->parts[i].load * entry->parts[i].stat.capacity;
		capacity += entry->parts[i].stat.capacity;
	}
	return load / capacity;
}

static size_t count_pools(const struct sample *sample, size_t nr, __u32 multi_id)
{
	size_t i, found = 0;

	for (i = 0; i < nr; i++)
		found += sample->pools[i].stat.multi_id == multi_id;
	return found;
}

/*
 * The multi to which a pool belongs, unless some of its pools are not shown: what the
 * module says of the multi is about all of them.
 */
static const struct workpool_ioc_stat *
complete_multi(const struct sample *sample, const struct workpool_ioc_stat *stat)
{
	const struct workpool_ioc_stat *multi;

	if (!stat->multi_id)
		return NULL;
	multi = sample_find_multi(sample, stat->multi_id);
	return multi && multi->nr_pools ==
	       count_pools(sample, sample->nr, multi->id) ? multi : NULL;
}

/* In the order of ids, a multi is where its first pool would be. */
static int fill_multi(struct entry *entry, const struct workpool_ioc_stat *multi,
		      const struct sample *before, const struct sample *after,
		      double elapsed)
{
	static const struct workpool_ioc_stat zero;
	const struct workpool_ioc_stat *old = sample_find_multi(before, multi->id);
	struct histogram latency[NR_SAMPLED_KINDS] = { 0 };
	size_t i;

	entry->parts = calloc(multi->nr_pools, sizeof(*entry->parts));
	if (!entry->parts)
		return -1;
	for (i = 0; i < after->nr; i++) {
		if (after->pools[i].stat.multi_id == multi->id)
			fill_pool(&entry->parts[entry->nr_parts++], latency,
				  &after->pools[i], before, elapsed);
	}
	fill_rates(&entry->row, multi, old ?: &zero, elapsed);
	fill_latency(&entry->row, latency);
	entry->row.load = load_of_parts(entry);
	entry->row.stat.id = entry->parts[0].stat.id;
	return 0;
}

/* The pools of a multi after the first one are below the same line. */
static int add_entry(struct rows *rows, const struct sample *before,
		     const struct sample *after, size_t index, bool grouped)
{
	double elapsed = before->time ? after->time - before->time : NAN;
	const struct sampled *pool = &after->pools[index];
	struct histogram ignored[NR_SAMPLED_KINDS] = { 0 };
	const struct workpool_ioc_stat *multi =
		grouped ? complete_multi(after, &pool->stat) : NULL;

	if (multi && count_pools(after, index, multi->id))
		return 0;
	if (multi)
		return fill_multi(&rows->entries[rows->nr++], multi, before,
				  after, elapsed);
	fill_pool(&rows->entries[rows->nr++].row, ignored, pool, before, elapsed);
	return 0;
}

/**
 * rows_make() - make rows of two samples
 * @rows: the result; rows_free() must follow, also after an error
 * @before: the first sample; without a time there is none
 * @after: the second sample
 * @grouped: the pools of a multi are below a row for it
 *
 * Return: 0, or -1 after a message.
 */
int rows_make(struct rows *rows, const struct sample *before,
	      const struct sample *after, bool grouped)
{
	size_t i;

	*rows = (struct rows) {
		.entries = calloc(after->nr + 1, sizeof(*rows->entries)),
	};
	for (i = 0; rows->entries && i < after->nr; i++) {
		if (add_entry(rows, before, after, i, grouped))
			break;
	}
	if (rows->entries && i == after->nr)
		return 0;
	warnx("out of memory");
	return -1;
}

/* How rows are sorted. */
struct order {
	const struct column *column;	/* NULL: by id */
	bool reverse;
};

static int compare_rows(const void *a, const void *b, void *data)
{
	const struct row *one = a, *other = b;
	const struct order *order = data;
	int result = 0;

	if (order->column)
		result = column_compare(order->column, one, other,
					order->reverse);
	if (!result)
		result = one->stat.id < other->stat.id ? -1 :
			 one->stat.id > other->stat.id;
	return result;
}

static int compare_entries(const void *a, const void *b, void *data)
{
	const struct entry *one = a, *other = b;

	return compare_rows(&one->row, &other->row, data);
}

/**
 * rows_sort() - sort the rows, and those of each multi
 * @rows: the rows
 * @column: the column, see column_compare(); NULL: the order of ids
 * @reverse: the other way round
 */
void rows_sort(struct rows *rows, const struct column *column, bool reverse)
{
	struct order order = { .column = column, .reverse = reverse };
	size_t i;

	qsort_r(rows->entries, rows->nr, sizeof(*rows->entries),
		compare_entries, &order);
	for (i = 0; i < rows->nr; i++) {
		if (rows->entries[i].nr_parts)
			qsort_r(rows->entries[i].parts,
				rows->entries[i].nr_parts,
				sizeof(*rows->entries[i].parts), compare_rows,
				&order);
	}
}

static int add_parts(const struct entry *entry, struct table *table)
{
	size_t i;

	for (i = 0; i < entry->nr_parts; i++) {
		if (table_add_part(table, &entry->parts[i]))
			return -1;
	}
	return 0;
}

/* Adds the rows to a table. Returns 0, or -1 after a message. */
int rows_add(const struct rows *rows, struct table *table, bool sums_only)
{
	const struct entry *entry;
	size_t i;

	for (i = 0; i < rows->nr; i++) {
		entry = &rows->entries[i];
		if (!entry->nr_parts) {
			if (table_add(table, &entry->row))
				return -1;
			continue;
		}
		if (table_add_sum(table, &entry->row) ||
		    (!sums_only && add_parts(entry, table)))
			return -1;
	}
	return 0;
}

void rows_free(struct rows *rows)
{
	size_t i;

	for (i = 0; i < rows->nr; i++)
		free(rows->entries[i].parts);
	free(rows->entries);
}
