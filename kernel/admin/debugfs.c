// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs: /sys/kernel/debug/workpool, for people. Stable numbers are those of
 * /dev/workpool.
 */

#include <linux/debugfs.h>
#include <linux/math64.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "admin/debugfs.h"
#include "core/cache.h"
#include "core/cpus.h"
#include "core/histogram.h"
#include "core/lookup.h"
#include "core/module.h"
#include "core/pool.h"
#include "core/ref.h"
#include "core/wait.h"
#include "core/walk.h"
#include "core/worker.h"
#include "multi/multi.h"
#include "pool/registry.h"
#include "pool/stats.h"

static struct dentry *root;

static const char * const state_names[] = {
	[WP_WORKER_STARTING]	= "starting",
	[WP_WORKER_IDLE]	= "idle",
	[WP_WORKER_SEARCHING]	= "searching",
	[WP_WORKER_BUSY]	= "busy",
	[WP_WORKER_EXITING]	= "exiting",
	[WP_WORKER_DEAD]	= "dead",
};

static const char * const pauser_names[] = {
	[WORKPOOL_PAUSED_BY_OWNER] = "owner",
	[WORKPOOL_PAUSED_BY_ADMIN] = "admin",
	[WORKPOOL_PAUSED_BY_OWNER | WORKPOOL_PAUSED_BY_ADMIN] = "owner,admin",
};

static const char *state_of(const struct workpool_stats *s)
{
	if (s->closed)
		return "closed";
	return s->paused ? "paused" : "open";
}

/* mailbox_depth: 0: submitters yield the CPU after a hand-off; else 1. */
static int version_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "version: %s\n", WP_VERSION);
	seq_printf(m, "mailbox_depth: %d\n", !wp_yield_after_handoff);
	/* Pairs with the writes of the parameters. */
	seq_printf(m, "max_workers: %d\n", READ_ONCE(wp_max_workers));
	seq_printf(m, "cache_size: %d\n", READ_ONCE(wp_cache_limit));
	seq_printf(m, "cached: %d\n", wp_cache_nr());
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(version);

static void show_pool_line(struct seq_file *m, struct workpool *pool)
{
	struct workpool_stats s;

	workpool_stats(pool, &s);
	seq_printf(m, "%u %s %s %d %d %d %d %d %d %d %llu %llu\n", pool->id,
		   pool->name, state_of(&s), s.capacity,
		   s.running, s.busy, s.idle, s.searching, s.waiting, s.queued,
		   s.completed, s.crashes);
}

static int pools_show(struct seq_file *m, void *unused)
{
	struct workpool *pool;
	u32 id = 0;

	seq_puts(m, "id name state capacity running busy idle searching waiting queued completed crashes\n");
	while ((pool = wp_registry_next(id))) {
		id = pool->id;
		show_pool_line(m, pool);
		wp_pool_put(pool);
		cond_resched();
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pools);

static const char * const strategy_names[] = {
	[WORKPOOL_ROUND_ROBIN]	= "round-robin",
	[WORKPOOL_LEAST_TASKS]	= "least-tasks",
	[WORKPOOL_LOCAL]	= "local",
};

static int multis_show(struct seq_file *m, void *unused)
{
	struct workpool *pool;
	u32 id = 0;

	seq_puts(m, "id name strategy index pool\n");
	while ((pool = wp_registry_next(id))) {
		id = pool->id;
		if (pool->multi)
			seq_printf(m, "%u %s %s %u %s\n", pool->multi->id,
				   pool->multi->name,
				   strategy_names[pool->multi->strategy],
				   pool->index, pool->name);
		wp_pool_put(pool);
		cond_resched();
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(multis);

/* The attributes that can change, or the counters and gauges */
static void show_fields(struct seq_file *m, const struct workpool_stats *s,
			bool attributes)
{
	unsigned int i;

	for (i = 0; i < wp_stats_nr_fields; i++) {
		const struct wp_stats_field *field = &wp_stats_fields[i];
		bool is_attribute = field->kind == WP_STATS_ATTRIBUTE;

		if (is_attribute == attributes)
			seq_printf(m, "%s: %lld\n", field->name,
				   wp_stats_get(s, field));
	}
}

static void show_last_crash(struct seq_file *m, struct workpool *pool)
{
	struct workpool_crash crash;
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	crash = pool->last_crash;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	if (!crash.kind)
		return;
	seq_printf(m, "last_crash_task: %ps\n", crash.fn);
	seq_printf(m, "last_crash_kind: %d\n", crash.kind);
	seq_printf(m, "last_crash_reason: %d\n", crash.reason);
	seq_printf(m, "last_crash_at: %pS\n", (void *)crash.ip);
	seq_printf(m, "last_crash_trapnr: %d\n", crash.trapnr);
	seq_printf(m, "last_crash_thread: %s\n", crash.comm);
	seq_printf(m, "last_crash_pid: %d\n", crash.pid);
}

static int stats_show(struct seq_file *m, void *unused)
{
	struct workpool *pool = m->private;
	struct workpool_stats stats;

	workpool_stats(pool, &stats);
	seq_printf(m, "state: %s\n", state_of(&stats));
	if (stats.paused)
		seq_printf(m, "paused_by: %s\n", pauser_names[stats.paused]);
	seq_printf(m, "generation: %llu\n", stats.generation);
	seq_printf(m, "capacity: %d\n", stats.capacity);
	seq_printf(m, "peak_running: %d\n", stats.peak_running);
	seq_printf(m, "peak_waiting: %d\n", stats.peak_waiting);
	show_fields(m, &stats, false);
	/* Pairs with the write in check_stranded_locked(). */
	seq_printf(m, "stranded: %u\n", READ_ONCE(pool->stranded));
	show_last_crash(m, pool);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int attrs_show(struct seq_file *m, void *unused)
{
	struct workpool *pool = m->private;
	struct workpool_stats stats;
	cpumask_var_t cpus;

	if (!alloc_cpumask_var(&cpus, GFP_KERNEL))
		return -ENOMEM;
	wp_cpus_set_for(pool, cpus);
	workpool_stats(pool, &stats);
	seq_printf(m, "id: %u\n", pool->id);
	seq_printf(m, "owner: %s\n", pool->owner);
	if (pool->multi)
		seq_printf(m, "multi: %s\n", pool->multi->name);
	seq_printf(m, "flags: %#x\n", pool->flags);
	show_fields(m, &stats, true);
	seq_printf(m, "pinned: %#x\n", pool->pinned);
	seq_printf(m, "node: %d\n", pool->node);
	seq_printf(m, "cpus: %*pbl\n", cpumask_pr_args(cpus));
	free_cpumask_var(cpus);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(attrs);

/**
 * struct worker_row - one worker, as copied under the pool's lock
 * @task: what it executes, or NULL
 * @pid: its thread
 * @state: what it is doing
 * @id: its number
 * @ms: milliseconds since @state or @task changed
 * @done: tasks it completed
 */
struct worker_row {
	void			*task;
	pid_t			pid;
	enum wp_worker_state	state;
	unsigned int		id;
	unsigned int		ms;
	u64			done;
};

/**
 * struct worker_rows - room for workers
 * @nr: how many were copied
 * @max: how many there is room for
 * @rows: them
 */
struct worker_rows {
	int			nr;
	int			max;
	struct worker_row	*rows;
};

static bool copy_row_locked(struct workpool *pool, struct wp_worker *worker,
			    void *arg, struct wp_deferred *deferred)
{
	struct worker_rows *rows = arg;
	struct worker_row *row = &rows->rows[rows->nr];

	row->task = worker->state == WP_WORKER_BUSY ? worker->call.fn.any : NULL;
	row->pid = task_pid_nr(worker->task);
	row->state = worker->state;
	row->id = worker->id;
	row->ms = jiffies_to_msecs(jiffies - worker->since);
	row->done = worker->done;
	return ++rows->nr < rows->max;
}

static void show_row(struct seq_file *m, const struct worker_row *row)
{
	seq_printf(m, "%u %d %s %u %llu ", row->id, row->pid,
		   state_names[row->state], row->ms, row->done);
	if (row->task)
		seq_printf(m, "%ps\n", row->task);
	else
		seq_puts(m, "-\n");
}

static int workers_show(struct seq_file *m, void *unused)
{
	struct workpool *pool = m->private;
	struct workpool_stats stats;
	struct worker_rows rows = { .nr = 0 };
	int i;

	workpool_stats(pool, &stats);
	rows.max = stats.alive + 1;
	rows.rows = kvcalloc(rows.max, sizeof(*rows.rows), GFP_KERNEL);
	if (!rows.rows)
		return -ENOMEM;
	wp_walk_workers(pool, copy_row_locked, &rows);
	seq_puts(m, "id pid state ms done task\n");
	for (i = 0; i < rows.nr; i++) {
		show_row(m, &rows.rows[i]);
		cond_resched();
	}
	kvfree(rows.rows);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(workers);

static const char * const wait_names[] = {
	[WP_WAIT_SUBMIT]	= "submit",
	[WP_WAIT_TASK]		= "task",
	[WP_WAIT_GROUP]		= "group",
	[WP_WAIT_DRAIN]		= "drain",
	[WP_WAIT_FLUSH]		= "flush_pool",
	[WP_WAIT_RELEASE]	= "release",
	[WP_WAIT_REBOOT]	= "reboot",
};

/**
 * struct wait_row - one thread that waits, as copied under the pool's lock
 * @kind: what it waits for
 * @pid: the thread
 * @comm: its name, which tells whose worker it is
 * @ms: milliseconds since the wait began
 * @fn: the function that is to run or to end, or NULL
 */
struct wait_row {
	enum wp_wait_kind	kind;
	pid_t			pid;
	char			comm[TASK_COMM_LEN];
	u64			ms;
	void			*fn;
};

/* The most waits that are copied under one hold of the lock. */
#define WAIT_ROWS	32

static void copy_wait_locked(struct wait_row *row, struct wp_wait *wait)
{
	row->kind = wait->kind;
	row->pid = task_pid_nr(wait->thread);
	strscpy(row->comm, wait->thread->comm, sizeof(row->comm));
	row->ms = jiffies64_to_msecs(get_jiffies_64() - wait->since);
	row->fn = wait->fn;
}

/**
 * struct wait_reader - a reader of a pool's waits, a slice at a time
 * @cursor: in workpool.waits, behind those that were copied
 * @last: where the list ended when it began; what came later is not shown
 * @ended: neither is in the list any more
 * @nr: how many @rows the last slice has
 * @rows: these
 */
struct wait_reader {
	struct wp_wait		cursor;
	struct wp_wait		last;
	bool			ended;
	int			nr;
	struct wait_row		rows[WAIT_ROWS];
};

static void begin_waits(struct workpool *pool, struct wait_reader *reader)
{
	unsigned long flags;

	wp_wait_init(&reader->cursor, WP_WAIT_CURSOR, NULL);
	wp_wait_init(&reader->last, WP_WAIT_CURSOR, NULL);
	reader->ended = false;
	raw_spin_lock_irqsave(&pool->lock, flags);
	list_add(&reader->cursor.entry, &pool->waits);
	list_add_tail(&reader->last.entry, &pool->waits);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

static void copy_waits_locked(struct workpool *pool, struct wait_reader *reader)
{
	struct wp_wait *wait = &reader->cursor;
	int steps;

	reader->nr = 0;
	for (steps = 0; steps < WAIT_ROWS && !reader->ended; steps++) {
		wait = list_next_entry(wait, entry);
		reader->ended = wait == &reader->last;
		/* There may be other readers. */
		if (wait->kind != WP_WAIT_CURSOR)
			copy_wait_locked(&reader->rows[reader->nr++], wait);
	}
	if (!reader->ended) {
		list_move(&reader->cursor.entry, &wait->entry);
		return;
	}
	list_del(&reader->cursor.entry);
	list_del(&reader->last.entry);
}

static void show_waits_of(struct seq_file *m, struct workpool *pool,
			  struct wait_reader *reader)
{
	const struct wait_row *row;
	unsigned long flags;

	begin_waits(pool, reader);
	do {
		raw_spin_lock_irqsave(&pool->lock, flags);
		copy_waits_locked(pool, reader);
		raw_spin_unlock_irqrestore(&pool->lock, flags);
		for (row = reader->rows; row < reader->rows + reader->nr; row++) {
			seq_printf(m, "%s %s %d %llu ", pool->name,
				   wait_names[row->kind], row->pid, row->ms);
			if (row->fn)
				seq_printf(m, "%ps %s\n", row->fn, row->comm);
			else
				seq_printf(m, "- %s\n", row->comm);
		}
		cond_resched();
	} while (!reader->ended);
}

static int waits_show(struct seq_file *m, void *unused)
{
	struct wait_reader *reader = kmalloc(sizeof(*reader), GFP_KERNEL);
	struct workpool *pool;
	u32 id = 0;

	if (!reader)
		return -ENOMEM;
	seq_puts(m, "pool for pid ms task thread\n");
	/* This includes pools that are being created or destroyed. */
	while ((pool = wp_lookup_next(id))) {
		id = pool->lookup_id;
		show_waits_of(m, pool, reader);
		wp_pool_put(pool);
	}
	kfree(reader);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(waits);

static const char * const kind_names[] = {
	[WP_HISTOGRAM_WAIT]	= "wait",
	[WP_HISTOGRAM_RUN]	= "run",
	[WP_HISTOGRAM_BLOCKED]	= "blocked",
	[WP_HISTOGRAM_START]	= "start",
};

/* Print @ns in microseconds, with a decimal fraction. */
static void show_us(struct seq_file *m, u64 ns)
{
	u32 rest;
	u64 us = div_u64_rem(ns, NSEC_PER_USEC, &rest);

	seq_printf(m, " %llu.%03u", us, rest);
}

static void show_summary(struct seq_file *m, const char *name,
			 const struct wp_histogram *histogram)
{
	static const unsigned int percents[] = { 5000, 9000, 9900, 9990 };
	unsigned int i;

	seq_printf(m, "%s %llu", name, wp_histogram_count(histogram));
	for (i = 0; i < ARRAY_SIZE(percents); i++)
		show_us(m, wp_histogram_percentile(histogram, percents[i]));
	show_us(m, histogram->max_ns);
	seq_putc(m, '\n');
}

/* Buckets without a sample of any kind are left out. */
static void show_bucket(struct seq_file *m,
			const struct wp_histogram *histograms,
			unsigned int bucket)
{
	bool empty = true;
	int kind;

	for (kind = 0; kind < WP_HISTOGRAM_NR; kind++)
		empty &= !histograms[kind].buckets[bucket];
	if (empty)
		return;
	seq_puts(m, "from");
	show_us(m, wp_histogram_from(bucket));
	for (kind = 0; kind < WP_HISTOGRAM_NR; kind++)
		seq_printf(m, " %llu", histograms[kind].buckets[bucket]);
	seq_putc(m, '\n');
}

static int latency_show(struct seq_file *m, void *unused)
{
	struct workpool *pool = m->private;
	struct wp_histogram *histograms;
	unsigned int i;
	bool on = false;

	histograms = kcalloc(WP_HISTOGRAM_NR, sizeof(*histograms), GFP_KERNEL);
	if (!histograms)
		return -ENOMEM;
	for (i = 0; i < WP_HISTOGRAM_NR; i++)
		if (wp_histogram_read(pool, i, &histograms[i]))
			on = true;
	seq_printf(m, "measured: %s\n", on ? "yes" : "no");
	if (on) {
		seq_puts(m, "us count p50 p90 p99 p99.9 max\n");
		for (i = 0; i < WP_HISTOGRAM_NR; i++)
			show_summary(m, kind_names[i], &histograms[i]);
		seq_puts(m, "bucket us wait run blocked start\n");
		for (i = 0; i < WP_HISTOGRAM_BUCKETS; i++)
			show_bucket(m, histograms, i);
	}
	kfree(histograms);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(latency);

static void add_pool_dir(struct workpool *pool)
{
	struct dentry *dir = debugfs_create_dir(pool->name, root);

	debugfs_create_file("stats", 0444, dir, pool, &stats_fops);
	debugfs_create_file("attrs", 0444, dir, pool, &attrs_fops);
	debugfs_create_file("workers", 0444, dir, pool, &workers_fops);
	debugfs_create_file("latency", 0444, dir, pool, &latency_fops);
}

static void remove_pool_dir(struct workpool *pool)
{
	debugfs_lookup_and_remove(pool->name, root);
}

static int observe_pools(struct notifier_block *block, unsigned long event,
			 void *data)
{
	if (event == WP_POOL_ADDED)
		add_pool_dir(data);
	else
		remove_pool_dir(data);
	return NOTIFY_OK;
}

static struct notifier_block pool_observer = { .notifier_call = observe_pools };

/* Files beside the pools' directories. */
static const char * const reserved_names[] = {
	"multis", "pools", "version", "waits",
};

/* The module works without debugfs: errors are ignored. */
void wp_debugfs_init(void)
{
	root = debugfs_create_dir("workpool", NULL);
	debugfs_create_file("version", 0444, root, NULL, &version_fops);
	debugfs_create_file("pools", 0444, root, NULL, &pools_fops);
	debugfs_create_file("multis", 0444, root, NULL, &multis_fops);
	debugfs_create_file("waits", 0444, root, NULL, &waits_fops);
	wp_registry_reserve_names(reserved_names, ARRAY_SIZE(reserved_names));
	wp_registry_observe(&pool_observer);
}

void wp_debugfs_exit(void)
{
	wp_registry_unobserve(&pool_observer);
	debugfs_remove(root);
}
