// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs and tracepoints.
 */

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/sizes.h>
#include <linux/stringify.h>
#include <linux/trace_events.h>
#include <linux/uaccess.h>

#include "core/lock.h"
#include "core/module.h"
#include "core/pool.h"
#include "core/wait.h"
#include "multi/multi.h"
#include "helpers.h"

#define TEXT_MAX	SZ_256K
#define DELAY		1234567
#define ROOT		"/sys/kernel/debug/workpool/"

/* These files are made for readers in user space only. */
static size_t read_all(struct wpt *w, struct file *file, char *text)
{
	void __user *user = wpt_user_memory(w, TEXT_MAX);
	size_t size = 0;
	loff_t pos = 0;
	ssize_t nr;

	do {
		nr = file->f_op->read(file, user + size, TEXT_MAX - 1 - size, &pos);
		if (nr > 0)
			size += nr;
	} while (nr > 0 && size < TEXT_MAX - 1);
	return copy_from_user(text, user, size) ? 0 : size;
}

/* The content of a file. */
static char *read_file(struct kunit *test, const char *path)
{
	struct file *file = filp_open(path, O_RDONLY, 0);
	size_t size = 0;
	char *text;

	if (PTR_ERR_OR_ZERO(file) == -ENOENT)
		kunit_skip(test, "%s is not mounted here", path);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%s: %pe", path, file);
	text = kunit_kzalloc(test, TEXT_MAX, GFP_KERNEL);
	if (text)
		size = read_all(test->priv, file, text);
	fput(file);
	flush_delayed_fput();
	KUNIT_ASSERT_GT(test, size, 0);
	return text;
}

static void expect_line(struct kunit *test, const char *text, const char *line)
{
	KUNIT_EXPECT_TRUE_MSG(test, strstr(text, line), "%s is not in:\n%s",
			      line, text);
}

/* The module as a whole. */
static void version_is_shown(struct kunit *test)
{
	char *text = read_file(test, ROOT "version");

	expect_line(test, text, "version: " WP_VERSION "\n");
	expect_line(test, text, "mailbox_depth: ");
	expect_line(test, text, "max_workers: 4096\n");
	expect_line(test, text, "cache_size: ");
	expect_line(test, text, "cached: ");
}

/* All pools, one line each. */
static void pools_are_listed(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 3);
	char *text;

	wpt_block(w, pool, &w->gates[0]);
	workpool_release(wpt_create_simple(w, 5));
	text = read_file(test, ROOT "pools");
	expect_line(test, text, " kunit0 open 3 3 1 2 0 0 0 0 0\n");
	expect_line(test, text, " kunit1 closed 5 0 0 0 0 0 0 0 0\n");
	expect_line(test, text, " system open -1 ");
}

/* Each pool of a multi has a line. */
static void multis_are_listed(struct kunit *test)
{
	char *text;

	wpt_create_simple(test->priv, 1);
	wpt_multi_simple(test->priv, 2, 1);
	text = read_file(test, ROOT "multis");
	expect_line(test, text, " multi0 round-robin 0 multi0.0\n");
	expect_line(test, text, " multi0 round-robin 1 multi0.1\n");
	KUNIT_EXPECT_NULL(test, strstr(text, "kunit0"));
}

/* More than what is copied under one hold of the lock. */
#define WAITERS		70

static int count_lines(const char *text, const char *line)
{
	int nr = 0;

	while ((text = strstr(text, line))) {
		text += strlen(line);
		nr++;
	}
	return nr;
}

/* Each thread that waits has a line: where, for what, which thread. */
static void waits_are_listed(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *thread;
	char line[64];
	char *text;
	int i;

	wpt_block(w, pool, &w->gates[0]);
	text = read_file(test, ROOT "waits");
	KUNIT_EXPECT_NULL(test, strstr(text, "kunit0"));
	for (i = 0; i < WAITERS; i++)
		thread = wpt_add_waiter(w, pool, wpt_pass, &w->gates[0]);
	text = read_file(test, ROOT "waits");
	KUNIT_EXPECT_EQ(test, count_lines(text, "kunit0 submit "), WAITERS);
	snprintf(line, sizeof(line), "kunit0 submit %d ", thread->task->pid);
	expect_line(test, text, line);
	expect_line(test, text, " wpt_pass [");
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	text = read_file(test, ROOT "waits");
	KUNIT_EXPECT_NULL(test, strstr(text, "kunit0"));
}

/* A wait that is as good as younger than the reader hides no other one. */
static void old_wait_hides_none(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *threads[2];
	unsigned long flags;
	char line[64];
	char *text;
	int i;

	wpt_fill(w, pool, &w->gates[0]);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = wpt_add_waiter(w, pool, wpt_pass, &w->gates[1]);
	raw_spin_lock_irqsave(&pool->lock, flags);
	list_first_entry(&pool->waits, struct wp_wait, entry)->since =
		get_jiffies_64() + 3600 * HZ;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	text = read_file(test, ROOT "waits");
	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		snprintf(line, sizeof(line), "kunit0 submit %d ",
			 threads[i]->task->pid);
		expect_line(test, text, line);
	}
	wpt_open(&w->gates[0]);
	wpt_open(&w->gates[1]);
	wpt_settle(w, pool);
}

static int nr_waits(struct workpool *pool)
{
	struct wp_deferred deferred;
	struct list_head *node;
	int nr = 0;

	wp_pool_lock(pool, &deferred);
	list_for_each(node, &pool->waits)
		nr++;
	wp_pool_unlock(pool, &deferred);
	return nr;
}

static int call_flush_pool(struct wpt_thread *thread)
{
	workpool_flush_pool(thread->pool);
	return 0;
}

static int call_group_wait(struct wpt_thread *thread)
{
	return workpool_group_wait(thread->arg);
}

static int do_nothing(void *unused)
{
	return 0;
}

static const struct {
	const char *name;
	int (*call)(struct wpt_thread *thread);
} waits[] = {
	{ "task", wpt_call_flush },
	{ "group", call_group_wait },
	{ "drain", wpt_call_drain },
	{ "flush_pool", call_flush_pool },
	{ "release", wpt_call_release },
};

/* So has each kind of wait, see the next one, too. */
static void kinds_of_waits_are_listed(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt_thread what = { .timeout = WPT_DEADLINE };
	struct wpt *w = test->priv;
	struct wpt_task *t = wpt_task_at_gate(w);
	int pids[ARRAY_SIZE(waits)], i;
	struct workpool_group group;
	char line[64];
	char *text;

	attrs.queue_depth = 1;
	what.pool = wpt_create(w, &attrs);
	wpt_hold(w, what.pool, t);
	workpool_group_init(&group, what.pool);
	KUNIT_ASSERT_EQ(test, 0, workpool_group_submit(&group, do_nothing, NULL));
	for (i = 0; i < ARRAY_SIZE(waits); i++) {
		what.call = waits[i].call;
		what.arg = i ? (void *)&group : &t->d.task;
		pids[i] = wpt_start(w, &what)->task->pid;
		ASSERT_SOON(test, nr_waits(what.pool) == i + 1);
	}
	text = read_file(test, ROOT "waits");
	for (i = 0; i < ARRAY_SIZE(waits); i++) {
		snprintf(line, sizeof(line), "kunit0 %s %d ", waits[i].name,
			 pids[i]);
		expect_line(test, text, line);
	}
	wpt_open(&t->gate);
	EXPECT_SOON(test, nr_waits(what.pool) == 0);
	/* of the group, which is on this stack */
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
}

/* So has the wait for the first workers of a pool. */
static void wait_for_a_boot_is_listed(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread *thread = wpt_start_reboot(w);
	char line[64];

	ASSERT_SOON(test, nr_waits(thread->pool) == 1);
	snprintf(line, sizeof(line), "kunit0 reboot %d ", thread->task->pid);
	expect_line(test, read_file(test, ROOT "waits"), line);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, nr_waits(thread->pool), 0);
}

/* The numbers of one pool, and its last crash. */
static void stats_are_shown(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 2, &wpt_ops);
	char *text;

	wpt_run(w, pool);
	text = read_file(test, ROOT "kunit0/stats");
	expect_line(test, text, "state: open\n");
	expect_line(test, text, "completed: 1\n");
	KUNIT_EXPECT_NULL(test, strstr(text, "last_crash"));

	KUNIT_ASSERT_EQ(test, workpool_submit(pool, wpt_crash_at, &w->gates[0]), 0);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, atomic_read(&w->crashes) == 1);
	workpool_release(pool);
	text = read_file(test, ROOT "kunit0/stats");
	expect_line(test, text, "state: closed\n");
	expect_line(test, text, "crashes: 1\n");
	expect_line(test, text, "last_crash_task: wpt_crash_at");
	expect_line(test, text, "last_crash_reason: -5\n");
	expect_line(test, text, "stranded: 0\n");
}

/* What there is of embedded tasks: queued, delayed, cancelled. */
static void tasks_are_shown(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct wpt_task *tasks[4];
	struct workpool *pool;
	char *text;

	attrs.queue_depth = 7;
	pool = wpt_create(w, &attrs);
	wpt_tasks(w, tasks, 4);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 3), 3);
	KUNIT_EXPECT_EQ(test, wpt_cancel(tasks[2]), 0);
	KUNIT_EXPECT_EQ(test, wpt_delay(pool, tasks[3], 3600 * HZ), 0);
	text = read_file(test, ROOT "kunit0/stats");
	expect_line(test, text, "queued: 2\n");
	expect_line(test, text, "delayed: 1\n");
	expect_line(test, text, "cancelled: 1\n");
	expect_line(test, text, "spurious_wakeups: 0\n");
	expect_line(test, text, "submitted: 5\n");
	text = read_file(test, ROOT "kunit0/attrs");
	expect_line(test, text, "queue_depth: 7\n");
	text = read_file(test, ROOT "pools");
	expect_line(test, text, " kunit0 open 1 1 1 0 0 0 2 0 0\n");
}

/* A worker is shown with the task it executes. */
static void running_tasks_are_shown(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);

	wpt_hold(w, pool, wpt_task_at_gate(w));
	expect_line(test, read_file(test, ROOT "kunit0/workers"), " wpt_task_fn");
}

/* The attributes of one pool. */
static void attrs_are_shown(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	char *text;

	attrs.nice = 3;
	attrs.cpumask = cpumask_of(0);
	wpt_create(test->priv, &attrs);
	text = read_file(test, ROOT "kunit0/attrs");
	expect_line(test, text, "owner: workpool_kunit\n");
	expect_line(test, text, "capacity: 2\n");
	expect_line(test, text, "expiry_ms: 1000\n");
	expect_line(test, text, "nice: 3\n");
	expect_line(test, text, "node: -1\n");
	expect_line(test, text, "cpus: 0\n");
}

/* A part of a multi says so, and what it did for others. */
static void multi_is_shown(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool_multi *multi = wpt_multi_simple(w, 2, 1);
	char *text;

	wpt_fill(w, multi->pools[0], &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_multi_pick(w, multi), 1);
	text = read_file(test, ROOT "multi0.1/attrs");
	expect_line(test, text, "multi: multi0\n");
	text = read_file(test, ROOT "multi0.1/stats");
	expect_line(test, text, "fallbacks: 1\n");
	expect_line(test, text, "stolen: 0\n");
	wpt_create_simple(w, 1);
	text = read_file(test, ROOT "kunit0/attrs");
	KUNIT_EXPECT_NULL(test, strstr(text, "multi:"));
}

static int init_at_gate(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	if (wpt_inside(&w->gates[0]))
		wpt_pass(&w->gates[1]);
	return 0;
}

static void exit_at_gate(struct workpool *pool, void *data)
{
	struct wpt *w = workpool_data(pool);

	if (wpt_inside(&w->gates[0]))
		wpt_pass(&w->gates[2]);
}

/* Each worker of one pool, in each state. */
static void workers_are_shown(struct kunit *test)
{
	static const struct workpool_ops ops = {
		.worker_init = init_at_gate,
		.worker_exit = exit_at_gate,
	};
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	struct wpt *w = test->priv;
	struct workpool *pool;
	char *text;

	attrs.ops = &ops;
	attrs.min_workers = 2;
	pool = wpt_create(w, &attrs);
	text = read_file(test, ROOT "kunit0/workers");
	expect_line(test, text, "id pid state ms done task\n");
	expect_line(test, text, " idle ");

	wpt_block(w, pool, &w->gates[0]);
	wpt_block(w, pool, &w->gates[3]);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
	workpool_release(pool);
	wpt_open(&w->gates[3]);
	ASSERT_SOON(test, wpt_inside(&w->gates[2]) == 1);
	text = read_file(test, ROOT "kunit0/workers");
	expect_line(test, text, " busy ");
	expect_line(test, text, " wpt_pass");
	expect_line(test, text, " starting ");
	expect_line(test, text, " exiting ");
	wpt_open(&w->gates[0]);
	wpt_open(&w->gates[1]);
	wpt_open(&w->gates[2]);
}

/* The directory goes with the pool. */
static void directory_goes_with_the_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct file *file;

	read_file(test, ROOT "kunit0/stats");
	wpt_destroy(w, pool);
	file = filp_open(ROOT "kunit0/stats", O_RDONLY, 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(file), -ENOENT);
	if (!IS_ERR(file))
		fput(file);
}

static void stop_tracing(struct wpt *w)
{
	trace_set_clr_event("workpool", NULL, 0);
}

static void do_tasks(struct wpt *w, struct workpool *pool)
{
	struct wpt_task *t = wpt_task(w);

	KUNIT_ASSERT_EQ(w->test, wpt_delay(pool, t, DELAY), 0);
	KUNIT_ASSERT_EQ(w->test, wpt_cancel(t), 0);
	KUNIT_ASSERT_EQ(w->test, wpt_queue(pool, t), 0);
	ASSERT_SOON(w->test, wpt_ended(t) == 1);
}

/* Something for each tracepoint. */
static void do_all(struct wpt *w)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool;

	attrs.ops = &wpt_ops;
	attrs.expiry_ms = 1;
	pool = wpt_create(w, &attrs);
	wpt_fill(w, pool, &w->gates[0]);
	wpt_add_waiter(w, pool, wpt_nothing, NULL);
	wpt_open(&w->gates[0]);
	KUNIT_ASSERT_EQ(w->test, 0, workpool_submit(pool, wpt_crash_at, &w->gates[0]));
	ASSERT_SOON(w->test, atomic_read(&w->crashes) == 1);
	do_tasks(w, pool);
	KUNIT_ASSERT_EQ(w->test, workpool_tune(pool, 2), 0);
	ASSERT_SOON(w->test, workpool_running(pool) == 0);
	wpt_destroy(w, pool);
}

static const char * const events[] = {
	"workpool_submit: pool=kunit0 task=wpt_pass",
	"workpool_wait: pool=kunit0 task=wpt_nothing",
	"workpool_spawn: pool=kunit0 worker=0 adopted=",
	"workpool_queue: pool=kunit0 task=wpt_task_fn [workpool_kunit] id=",
	" delay=0",
	(" delay=" __stringify(DELAY)),
	"workpool_cancel: pool=kunit0 task=wpt_task_fn",
	"workpool_assign: pool=kunit0 worker=0 task=wpt_nothing",
	"workpool_start: pool=kunit0 worker=0 task=wpt_pass",
	"workpool_done: pool=kunit0 worker=0 task=wpt_pass",
	"workpool_crash: pool=kunit0 worker=0 task=wpt_crash_at",
	"workpool_park: pool=kunit0 worker=",
	"workpool_exit: pool=kunit0 worker=",
	"workpool_purge: pool=kunit0 purged=1",
	"workpool_tune: pool=kunit0 before=1 after=2",
	"workpool_state: pool=kunit0 before=0 after=3",
};

/* Each tracepoint fires, and says which pool and worker and task. */
static void tracepoints_fire(struct kunit *test)
{
	struct wpt *w = test->priv;
	char *text;
	int i;

	if (trace_set_clr_event("workpool", NULL, 1))
		kunit_skip(test, "this kernel does not trace");
	w->cleanup = stop_tracing;
	do_all(w);
	text = read_file(test, "/sys/kernel/tracing/trace");
	for (i = 0; i < ARRAY_SIZE(events); i++)
		KUNIT_EXPECT_TRUE_MSG(test, strstr(text, events[i]), "%s", events[i]);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(version_is_shown),
	KUNIT_CASE(pools_are_listed),
	KUNIT_CASE(multis_are_listed),
	KUNIT_CASE(waits_are_listed),
	KUNIT_CASE(old_wait_hides_none),
	KUNIT_CASE(kinds_of_waits_are_listed),
	KUNIT_CASE(wait_for_a_boot_is_listed),
	KUNIT_CASE(stats_are_shown),
	KUNIT_CASE(tasks_are_shown),
	KUNIT_CASE(running_tasks_are_shown),
	KUNIT_CASE(attrs_are_shown),
	KUNIT_CASE(multi_is_shown),
	KUNIT_CASE(workers_are_shown),
	KUNIT_CASE(directory_goes_with_the_pool),
	KUNIT_CASE(tracepoints_fire),
	{}
};

WPT_SUITE(debugfs);
