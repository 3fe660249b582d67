// SPDX-License-Identifier: GPL-2.0
/*
 * The runner: runs the tests that were asked for, one after the other, and
 * keeps what they said as KTAP.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/debug.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "test.h"

#define KTAP_WRITE(line)	st_log("%s", line)
#include "../ktap.h"

#define LOG_SIZE	(512 << 10)

/* a test that is not back then is said to hang */
#define TEST_LIMIT	(180 * HZ)

static const struct st_group *const groups[] = {
	&st_create_group,
	&st_submit_group,
	&st_waiter_group,
	&st_nested_group,
	&st_tune_group,
	&st_release_group,
	&st_reboot_group,
	&st_pause_group,
	&st_attrs_group,
	&st_expiry_group,
	&st_worker_group,
	&st_cache_group,
	&st_atomic_group,
	&st_stats_group,
	&st_errno_group,
	&st_stress_group,
	&st_task_group,
	&st_delayed_group,
	&st_group_group,
	&st_parallel_group,
	&st_depth_group,
	&st_mixed_group,
	&st_multi_group,
	&st_hotplug_group,
	&st_panic_group,
	&st_crash_group,
	&st_leak_group,
	&st_warn_group,
	&st_circle_group,
};

static DEFINE_MUTEX(run_lock);	/* guards ktap and loaded, and one run at a time */
static struct ktap ktap;

/* the group of another module, from tests/cases, or NULL */
static const struct st_group *loaded;

static DEFINE_MUTEX(log_lock);	/* guards log and log_len */
static char *log;
static size_t log_len;

/* a test that could not be ended; nothing can be run after it */
static const char *stuck;

/**
 * st_log() - add a line to the results and to the kernel log
 * @fmt: printf format, without a newline
 */
void st_log(const char *fmt, ...)
{
	struct va_format line = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	line.va = &args;
	pr_info("%pV\n", &line);
	mutex_lock(&log_lock);
	log_len += scnprintf(log + log_len, LOG_SIZE - log_len, "%pV\n", &line);
	mutex_unlock(&log_lock);
	va_end(args);
}
EXPORT_SYMBOL_GPL(st_log);

static void log_clear(void)
{
	mutex_lock(&log_lock);
	log_len = 0;
	log[0] = '\0';
	mutex_unlock(&log_lock);
}

void st_runner_show(struct seq_file *m)
{
	mutex_lock(&log_lock);
	seq_write(m, log, log_len);
	mutex_unlock(&log_lock);
}

struct test_run {
	struct st_test *t;
	const struct st_case *test;
};

static int test_thread(void *data)
{
	struct test_run *arg = data;
	struct st_test *t = arg->t;

	allow_signal(SIGKILL);
	arg->test->run(t);
	kthread_complete_and_exit(&t->ended, 0);
}

static struct st_test *test_new(const struct st_case *test)
{
	struct st_test *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return NULL;
	t->name = test->name;
	init_completion(&t->ended);
	spin_lock_init(&t->lock);
	INIT_LIST_HEAD(&t->pools);
	INIT_LIST_HEAD(&t->jobs);
	INIT_LIST_HEAD(&t->threads);
	INIT_LIST_HEAD(&t->memory);
	return t;
}

static bool test_dead(struct st_test *t)
{
	return READ_ONCE(t->thread->exit_state);
}

/* the process that wrote to debugfs waits here, and may have to be frozen */
static void doze(void)
{
	/* the process holds locks of the file through which it runs the tests */
	set_current_state(TASK_IDLE | TASK_FREEZABLE_UNSAFE);
	schedule_timeout(HZ / 50);
}

/* the end of the thread, or its death, or the end of our patience */
static bool test_ended(struct st_test *t, unsigned long limit)
{
	unsigned long end = jiffies + limit;

	while (time_before(jiffies, end)) {
		if (completion_done(&t->ended))
			return true;
		if (test_dead(t) && !completion_done(&t->ended)) {
			FAIL(t, "the test has died");
			return true;
		}
		doze();
	}
	return false;
}

/* a test hangs: let loose whatever it may be waiting for */
static bool test_rescue(struct st_test *t)
{
	FAIL(t, "the test hangs, see the kernel log for where");
	sched_show_task(t->thread);
	st_pools_report(t);
	st_jobs_open(t);
	send_sig(SIGKILL, t->thread, 1);
	st_threads_kill(t);
	if (test_ended(t, ST_DEADLINE))
		return true;
	st_pools_release(t);
	return test_ended(t, ST_DEADLINE);
}

static bool test_execute(struct st_test *t, const struct st_case *test)
{
	struct test_run arg = { .t = t, .test = test };
	struct task_struct *thread;

	thread = kthread_create(test_thread, &arg, "st-test");
	if (IS_ERR(thread)) {
		FAIL(t, "no thread: %ld", PTR_ERR(thread));
		return true;
	}
	t->thread = get_task_struct(thread);
	wake_up_process(thread);
	if (!test_ended(t, TEST_LIMIT) && !test_rescue(t))
		return false;
	kthread_stop(thread);
	put_task_struct(thread);
	return true;
}

static bool test_clean(struct st_test *t)
{
	if (t->failures)
		st_pools_report(t);
	st_jobs_open(t);
	st_pools_release(t);
	if (!st_threads_ended(t)) {
		FAIL(t, "a thread of the test does not end");
		st_threads_kill(t);
		if (!st_threads_ended(t))
			return false;
	}
	if (!st_pools_destroy(t))
		return false;
	st_threads_free(t);
	st_jobs_free(t);
	st_memory_free(t);
	return true;
}

static void report(struct st_test *t)
{
	if (t->failures)
		ktap_result(&ktap, false, "%s # %s", t->name, t->first);
	else if (t->skip[0])
		ktap_skip(&ktap, t->name, t->skip);
	else
		ktap_result(&ktap, true, "%s", t->name);
}

static void run_test(const struct st_case *test)
{
	struct st_test *t;

	if (stuck) {
		ktap_result(&ktap, false, "%s # not run, %s is stuck",
			    test->name, stuck);
		return;
	}
	t = test_new(test);
	if (!t) {
		ktap_result(&ktap, false, "%s # no memory", test->name);
		return;
	}
	pr_info("%s\n", test->name);
	if (test_execute(t, test) && test_clean(t)) {
		report(t);
		kfree(t);
		return;
	}
	report(t);
	stuck = test->name;
	__module_get(THIS_MODULE);
	if (loaded)
		__module_get(loaded->owner);
}

static bool wanted(const char *what, const struct st_group *group,
		   const struct st_case *test)
{
	return (!strcmp(what, "all") && !group->apart) ||
	       !strcmp(what, group->name) || !strcmp(what, test->name);
}

static int visit_group(const char *what, const struct st_group *group,
		       void (*fn)(const struct st_case *test))
{
	int c, n = 0;

	for (c = 0; c < group->nr_cases; c++) {
		if (!wanted(what, group, &group->cases[c]))
			continue;
		n++;
		if (fn)
			fn(&group->cases[c]);
	}
	return n;
}

static int visit_wanted(const char *what,
			void (*fn)(const struct st_case *test))
{
	int g, n = 0;

	for (g = 0; g < ARRAY_SIZE(groups); g++)
		n += visit_group(what, groups[g], fn);
	return n + (loaded ? visit_group(what, loaded, fn) : 0);
}

/**
 * st_group_load() - add the tests of another module
 * @group: the tests; no other module's can be added before st_group_unload()
 *
 * Return: 0 or -EBUSY.
 */
int st_group_load(const struct st_group *group)
{
	int ret = -EBUSY;

	mutex_lock(&run_lock);
	if (!loaded) {
		loaded = group;
		ret = 0;
	}
	mutex_unlock(&run_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(st_group_load);

void st_group_unload(void)
{
	mutex_lock(&run_lock);
	loaded = NULL;
	mutex_unlock(&run_lock);
}
EXPORT_SYMBOL_GPL(st_group_unload);

/**
 * st_runner_run() - run tests
 * @what: a test, a group, or "all"
 *
 * Return: 0, whatever the tests said; -ENOENT when there is no such test.
 */
int st_runner_run(const char *what)
{
	int n;

	mutex_lock(&run_lock);
	n = visit_wanted(what, NULL);
	if (n) {
		log_clear();
		ktap = (struct ktap){};
		ktap_version();
		ktap_plan(n);
		visit_wanted(what, run_test);
	}
	mutex_unlock(&run_lock);
	return n ? 0 : -ENOENT;
}

void st_runner_list(struct seq_file *m)
{
	int g, c;

	for (g = 0; g < ARRAY_SIZE(groups); g++)
		for (c = 0; c < groups[g]->nr_cases; c++)
			seq_printf(m, "%s %s\n", groups[g]->name,
				   groups[g]->cases[c].name);
}

int st_runner_init(void)
{
	log = vzalloc(LOG_SIZE);
	return log ? 0 : -ENOMEM;
}

void st_runner_exit(void)
{
	vfree(log);
}
