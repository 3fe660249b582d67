// SPDX-License-Identifier: GPL-2.0
/*
 * Crashes: of tasks and of each callback. An oops would be the end of a user
 * mode kernel; the other ways to die take the same path from do_exit() on.
 */

#include <linux/kdebug.h>
#include <linux/kthread.h>
#include <linux/notifier.h>
#include <linux/ptrace.h>

#include "core/pace.h"
#include "core/pool.h"
#include "core/worker.h"
#include "pool/registry.h"
#include "worker/crash.h"
#include "helpers.h"

static void crash_by_call(void *arg)
{
	workpool_task_crash(-EIO);
}

static void end_thread(void *arg)
{
	kthread_complete_and_exit(NULL, 0);
}

/* What the kernel does in an oops, as far as the pool can see it. */
static void oops(void *arg)
{
	struct die_args args = {
		.trapnr = 14,
		.signr = SIGSEGV,
	};
	struct die_args again = {
		.trapnr = 6,
		.signr = SIGILL,
	};

	wp_crash_on_die(NULL, DIE_OOPS, &args);
	wp_crash_on_die(NULL, DIE_OOPS, &again);
	kthread_complete_and_exit(NULL, 0);
}

static void oops_with_registers(void *arg)
{
	struct pt_regs regs = { };
	struct die_args args = {
		.regs = &regs,
		.trapnr = 14,
		.signr = SIGSEGV,
	};

	wp_crash_on_die(NULL, DIE_OOPS, &args);
	kthread_complete_and_exit(NULL, 0);
}

/**
 * struct death - a way to die
 * @desc: name of the case
 * @fn: a task that dies so
 * @kind: what the report has to say
 * @reason: the same
 * @trapnr: the same
 */
struct death {
	const char			*desc;
	workpool_fn_t			fn;
	enum workpool_crash_kind	kind;
	int				reason;
	int				trapnr;
};

static const struct death deaths[] = {
	{ "workpool_task_crash()", crash_by_call, WORKPOOL_CRASH_TASK, -EIO, 0 },
	{ "end of the thread", end_thread, WORKPOOL_CRASH_EXIT, -EFAULT, 0 },
	{ "oops", oops, WORKPOOL_CRASH_OOPS, -EFAULT, 14 },
	{ "oops with registers", oops_with_registers, WORKPOOL_CRASH_OOPS,
	  -EFAULT, 14 },
};

WPT_PARAM(death);

/* A dying task takes only its worker along, and is reported once. */
static void death_is_contained(struct kunit *test)
{
	const struct death *death = test->param_value;
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 2, &wpt_ops);

	wpt_block(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, death->fn, w), 0);
	ASSERT_SOON(test, atomic_read(&w->crashes) == 1);
	KUNIT_EXPECT_PTR_EQ(test, w->crash.fn, (void *)death->fn);
	KUNIT_EXPECT_PTR_EQ(test, w->crash.arg, (void *)w);
	KUNIT_EXPECT_EQ(test, w->crash.kind, death->kind);
	KUNIT_EXPECT_EQ(test, w->crash.reason, death->reason);
	KUNIT_EXPECT_EQ(test, w->crash.trapnr, death->trapnr);
	KUNIT_EXPECT_EQ(test, w->crash.worker, 1);
	KUNIT_EXPECT_STREQ(test, w->crash.comm, "wp/kunit0-1");
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, wpt_count, &w->ran), 0);
	EXPECT_SOON(test, wpt_stats(pool).completed == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).crashes, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->crashes), 1);
	KUNIT_EXPECT_EQ(test, wpt_inside(&w->gates[0]), 1);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[0]), 0);
}

static unsigned int saved_rate;

static void restore_rate(struct wpt *w)
{
	WRITE_ONCE(wp_pace_rate, saved_rate);
}

static void set_rate(struct wpt *w, unsigned int rate)
{
	saved_rate = wp_pace_rate;
	w->cleanup = restore_rate;
	WRITE_ONCE(wp_pace_rate, rate);
}

/* Replacements are delayed when many workers die, but they come. */
static void replacements_are_slowed_down(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 3);
	int i;

	set_rate(w, 2);
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, wpt_crash_at,
							 &w->gates[0]));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 3);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, wpt_stats(pool).crashes == 3);
	EXPECT_SOON(test, workpool_idle(pool) == 3);
	KUNIT_EXPECT_GT(test, pool->pace.crash, 0);
}

/* However much is submitted: a pool crashes no faster than it may. */
static void submitters_do_not_speed_crashes_up(struct kunit *test)
{
	const unsigned int rate = 10, capacity = 4;
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, capacity);
	unsigned long begin = jiffies;
	u64 crashes, most;

	set_rate(w, rate);
	do {
		workpool_try_submit(pool, crash_by_call, NULL);
		cond_resched();
		crashes = wpt_stats(pool).crashes;
		most = capacity + rate + rate * (jiffies - begin + HZ) / HZ;
		KUNIT_ASSERT_LE(test, crashes, most);
	} while (crashes < 4 * rate && time_before(jiffies, begin + WPT_DEADLINE));
	KUNIT_EXPECT_GE(test, crashes, 4 * rate);
}

static void count_crash(struct workpool *pool, const struct workpool_crash *info)
{
	struct wpt *w = workpool_data(pool);

	atomic_inc(&w->crashes);
}

/* A worker of another pool dies and is reaped. */
static void kill_one(struct wpt *w)
{
	struct workpool *pool = wpt_create_simple(w, 1);

	KUNIT_ASSERT_EQ(w->test, workpool_submit(pool, crash_by_call, NULL), 0);
	ASSERT_SOON(w->test, wpt_stats(pool).crashes == 1);
	KUNIT_ASSERT_EQ(w->test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
}

static void slow_handler(struct workpool *pool, const struct workpool_crash *info)
{
	struct wpt *w = workpool_data(pool);

	wpt_pass(&w->gates[1]);
	atomic_inc(&w->crashes);
}

static const struct workpool_ops slow_ops = {
	.crash = slow_handler,
};

static void exit_at_gate(struct workpool *pool, void *data)
{
	struct wpt *w = workpool_data(pool);

	wpt_pass(&w->gates[1]);
}

/* The reaper waits for the thread, which may be long in its worker_exit. */
static void report_waits_for_the_thread(struct kunit *test)
{
	static const struct workpool_ops ops = {
		.worker_exit = exit_at_gate,
		.crash = count_crash,
	};
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &ops);

	KUNIT_ASSERT_EQ(test, workpool_submit(pool, crash_by_call, NULL), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 0);
	/* another one is reaped meanwhile: the reaper has looked at both */
	kill_one(w);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->crashes), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).alive, 1);
	wpt_open(&w->gates[1]);
	EXPECT_SOON(test, atomic_read(&w->crashes) == 1);
}

/* What is queued does not wait for the worker_exit of a worker that crashed. */
static void replacement_comes_before_worker_exit_ends(struct kunit *test)
{
	static const struct workpool_ops ops = { .worker_exit = exit_at_gate };
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &ops);
	struct wpt_task *t = wpt_task(w);

	KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, wpt_crash_at, &w->gates[0]));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
	EXPECT_SOON(test, wpt_ended(t) == 1);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[1]), 0);
}

/* A report for which no worker can be made goes to the log. Nothing hangs. */
static void report_without_a_worker(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &wpt_ops);

	KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, wpt_crash_at, &w->gates[0]));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	workpool_release(pool);
	atomic_set(&w->fail_inits, WPT_ALWAYS);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->crashes), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).crashes, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 0);
}

/* The report comes before tasks that were accepted earlier. */
static void report_comes_first(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &slow_ops);
	struct wpt_thread *thread;

	wpt_fail_threads(w, 0);
	KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, wpt_crash_at, &w->gates[0]));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	thread = wpt_add_waiter(w, pool, wpt_count, &w->ran);
	/* the replacement is late: the report overtakes the task */
	atomic_set(&w->fail_threads, WPT_ALWAYS);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	ASSERT_SOON(test, wpt_stats(pool).queued == 2);
	atomic_set(&w->fail_threads, 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
	wpt_open(&w->gates[1]);
	EXPECT_SOON(test, atomic_read(&w->ran) == 1);
}

static int crashing_init(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	if (atomic_dec_if_positive(&w->fail_inits) >= 0)
		workpool_task_crash(-ENOANO);
	return 0;
}

static const struct workpool_ops init_crashes = {
	.worker_init = crashing_init,
};

/* With a worker_init that always crashes create() fails and does not hang. */
static void worker_init_crashes_at_boot(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct wpt *w = test->priv;

	attrs.min_workers = 2;
	attrs.ops = &init_crashes;
	atomic_set(&w->fail_inits, WPT_ALWAYS);
	KUNIT_EXPECT_EQ(test, PTR_ERR(wpt_try_create(w, &attrs)), -EFAULT);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 1);
}

/* With a worker_init that always crashes a closed pool drops its tasks. */
static void worker_init_crashes_on_a_closed_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &init_crashes);

	atomic_set(&w->fail_inits, WPT_ALWAYS);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, wpt_count, &w->ran), 0);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

static void crashing_exit(struct workpool *pool, void *data)
{
	workpool_task_crash(-ENOANO);
}

static const struct workpool_ops exit_crashes = {
	.worker_exit = crashing_exit,
};

static void crashing_handler(struct workpool *pool,
			     const struct workpool_crash *info)
{
	workpool_task_crash(-ENOANO);
}

static const struct workpool_ops handler_crashes = {
	.crash = crashing_handler,
};

/**
 * struct last - the last crash of a pool
 * @desc: name of the case
 * @ops: callbacks of the pool, or NULL
 * @task: what is submitted
 * @fn: what crashes last
 * @reason: why
 */
struct last {
	const char			*desc;
	const struct workpool_ops	*ops;
	workpool_fn_t			task;
	void				*fn;
	int				reason;
};

static const struct last lasts[] = {
	{ "task", NULL, crash_by_call, crash_by_call, -EIO },
	{ "worker_init", &init_crashes, wpt_nothing, crashing_init, -ENOANO },
	{ "worker_exit", &exit_crashes, wpt_nothing, crashing_exit, -ENOANO },
	{ "crash", &handler_crashes, crash_by_call, crashing_handler, -ENOANO },
};

WPT_PARAM(last);

/* The pool remembers a crash that no handler is told of. */
static void last_crash_names_what_crashed(struct kunit *test)
{
	const struct last *last = test->param_value;
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, last->ops);

	atomic_set(&w->fail_inits, 1);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, last->task, NULL), 0);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_PTR_EQ(test, pool->last_crash.fn, last->fn);
	KUNIT_EXPECT_EQ(test, pool->last_crash.reason, last->reason);
}

/* The reaper of all pools does not wait for the CPUs of one of them. */
static void reaper_does_not_wait_for_a_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *busy = wpt_create_simple(w, 1);
	struct workpool *pool = wpt_create_simple(w, 1);

	mutex_lock(&busy->placing);
	KUNIT_EXPECT_EQ(test, workpool_submit(busy, crash_by_call, NULL), 0);
	EXPECT_SOON(test, wpt_stats(busy).crashes == 1);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, crash_by_call, NULL), 0);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(busy).alive, 1);
	mutex_unlock(&busy->placing);
	EXPECT_SOON(test, !wpt_stats(busy).alive);
}

static struct task_struct *dying;

static int count_here(size_t lo, size_t hi, void *arg)
{
	struct wpt *w = arg;

	atomic_inc(current == dying ? &w->ran : &w->crashes);
	return 0;
}

static void exit_with_a_loop(struct workpool *pool, void *data)
{
	struct wpt *w = workpool_data(pool);

	dying = current;
	w->private = ERR_PTR(workpool_parallel_for(w->pools[0], 0, 10000, 1,
						   count_here, w));
	atomic_inc(&w->exits);
}

/*
 * A second oops in worker_exit would leave helpers with an argument on a stack
 * that is gone, so that a loop has none there.
 */
static void loop_of_a_dying_worker_has_no_helpers(struct kunit *test)
{
	static const struct workpool_ops ops = {
		.worker_exit = exit_with_a_loop,
	};
	struct wpt *w = test->priv;
	struct workpool *pool;

	wpt_create_warm(w, 2);
	pool = wpt_create_with_ops(w, 1, &ops);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, crash_by_call, NULL), 0);
	EXPECT_SOON(test, atomic_read(&w->exits) == 1);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(w->private), 0);
	KUNIT_EXPECT_GT(test, atomic_read(&w->ran), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->crashes), 0);
}

#ifdef kunit_warning_suppress

static void exit_with_a_group(struct workpool *pool, void *data)
{
	struct wpt *w = workpool_data(pool);
	struct workpool_group group;

	current->kunit_test = w->test;
	kunit_warning_suppress(w->test) {
		workpool_group_init(&group, pool);
		atomic_add(KUNIT_SUPPRESSED_WARNING_COUNT(), &w->crashes);
	}
	current->kunit_test = NULL;
	wp_worker_current()->stacked = false;
	atomic_inc(&w->exits);
}

/* Groups and tasks on the stack are forbidden there. */
static void group_of_a_dying_worker_is_warned_of(struct kunit *test)
{
	static const struct workpool_ops ops = {
		.worker_exit = exit_with_a_group,
	};
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &ops);

	wpt_run(w, pool);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->exits), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->crashes), 0);
	KUNIT_EXPECT_EQ(test, workpool_reboot(pool), 0);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, crash_by_call, NULL), 0);
	EXPECT_SOON(test, atomic_read(&w->exits) == 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->crashes), 1);
}

#endif

/* The die notifier ignores other threads and other events. */
static void others_die_unnoticed(struct kunit *test)
{
	struct die_args args = { };

	KUNIT_EXPECT_EQ(test, wp_crash_on_die(NULL, DIE_OOPS, &args), NOTIFY_DONE);
	KUNIT_EXPECT_EQ(test, wp_crash_on_die(NULL, DIE_OOPS + 1, &args), NOTIFY_DONE);
}

/* Many crashes one after the other leave nothing behind. */
static void crashes_leak_nothing(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 4, &wpt_ops);
	int i;

	for (i = 0; i < 20; i++)
		KUNIT_ASSERT_EQ(test, workpool_submit(pool, crash_by_call, NULL), 0);
	EXPECT_SOON(test, atomic_read(&w->crashes) == 20);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).crashes, 20);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->inits), atomic_read(&w->exits));
	KUNIT_EXPECT_TRUE(test, list_empty(&pool->workers));
	wpt_empty_cache(w);
	wp_worker_wait_none();
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(death_is_contained, death_gen_params),
	KUNIT_CASE(replacements_are_slowed_down),
	KUNIT_CASE(submitters_do_not_speed_crashes_up),
	KUNIT_CASE(report_waits_for_the_thread),
	KUNIT_CASE(replacement_comes_before_worker_exit_ends),
	KUNIT_CASE(report_without_a_worker),
	KUNIT_CASE(report_comes_first),
	KUNIT_CASE(worker_init_crashes_at_boot),
	KUNIT_CASE(worker_init_crashes_on_a_closed_pool),
	KUNIT_CASE_PARAM(last_crash_names_what_crashed, last_gen_params),
	KUNIT_CASE(reaper_does_not_wait_for_a_pool),
	KUNIT_CASE(loop_of_a_dying_worker_has_no_helpers),
#ifdef kunit_warning_suppress
	KUNIT_CASE(group_of_a_dying_worker_is_warned_of),
#endif
	KUNIT_CASE(others_die_unnoticed),
	KUNIT_CASE(crashes_leak_nothing),
	{}
};

WPT_SUITE(crash);
