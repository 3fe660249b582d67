// SPDX-License-Identifier: GPL-2.0
/*
 * Scenario: how long an operation that concerns many threads or tasks keeps
 * interrupts off, and how long no other thread can run.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/umh.h>
#include <linux/vmalloc.h>

#include "bench.h"

/* Tasks that run while others are flushed; cancels while many tasks run. */
#define REPEATS		100

/* Tasks that a module leaves behind. */
#define LEFT_BEHIND	32

/* When interrupts were off for more nanoseconds, the log says where. */
#define LONG		50000

/**
 * struct stage - what an operation is done to
 * @pool: the pool
 * @nr: threads or tasks that it concerns
 * @threads: that wait
 * @nr_threads: how many
 * @left: of these, those that did not return yet
 * @call: what they wait in
 * @hold: busy workers, or NULL
 * @task: what they flush, or what is queued and done
 * @tasks: what runs or is pending, or NULL
 * @batch: the addresses of @tasks, or NULL
 * @strays: tasks of a module that goes
 * @group: what they wait for
 * @gate: where tasks wait
 * @booting: a pool whose boot fails
 * @begun: of its workers, those that began to start
 * @offline: the CPU that is, or -1
 */
struct stage {
	struct workpool			*pool;
	unsigned int			nr;
	struct task_struct		**threads;
	unsigned int			nr_threads;
	atomic_t			left;
	void				(*call)(struct stage *stage);
	struct bench_hold		*hold;
	struct workpool_delayed_task	task;
	struct workpool_task		*tasks;
	struct workpool_task		**batch;
	struct workpool_task		strays[LEFT_BEHIND];
	struct workpool_group		group;
	struct completion		gate;
	struct workpool			*booting;
	atomic_t			begun;
	int				offline;
};

/**
 * struct operation - what is measured
 * @contender: in the table
 * @capacity: of the pool, 0: as many as the operation concerns
 * @on_last: its workers run on the last CPU only
 * @prepare: before it
 * @act: the operation, until it has had its effect
 */
struct operation {
	struct bench_contender	contender;
	unsigned int		capacity;
	bool			on_last;
	int			(*prepare)(struct stage *stage);
	void			(*act)(struct stage *stage);
};

#define UNTIL(_condition)						\
	do {								\
		while (!(_condition))					\
			usleep_range(500, 1000);			\
	} while (0)

static int thread_main(void *data)
{
	struct stage *stage = data;

	stage->call(stage);
	atomic_dec(&stage->left);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ);
	return 0;
}

/* Have @nr threads wait in @call. */
static int crowd(struct stage *stage, unsigned int nr,
		 void (*call)(struct stage *stage))
{
	struct task_struct *thread;

	stage->call = call;
	stage->threads = vcalloc(nr, sizeof(*stage->threads));
	if (!stage->threads)
		return -ENOMEM;
	for (; stage->nr_threads < nr; stage->nr_threads++) {
		atomic_inc(&stage->left);
		thread = kthread_run(thread_main, stage, "crowd");
		if (IS_ERR(thread)) {
			atomic_dec(&stage->left);
			return PTR_ERR(thread);
		}
		stage->threads[stage->nr_threads] = thread;
	}
	return 0;
}

/* Sleeping threads are all that a wait that is not counted shows. */
static bool all_sleep(struct stage *stage)
{
	unsigned int i;

	for (i = 0; i < stage->nr_threads; i++)
		if (READ_ONCE(stage->threads[i]->__state) == TASK_RUNNING)
			return false;
	return true;
}

static void do_nothing(void *unused)
{
}

static void call_submit(struct stage *stage)
{
	workpool_submit(stage->pool, do_nothing, NULL);
}

static int prepare_waiters(struct stage *stage)
{
	int err;

	stage->hold = bench_hold_start(stage->pool, 1);
	if (IS_ERR(stage->hold))
		return PTR_ERR(stage->hold);
	err = crowd(stage, stage->nr, call_submit);
	if (!err)
		UNTIL(workpool_waiting(stage->pool) == stage->nr);
	return err;
}

static int prepare_idle(struct stage *stage)
{
	struct bench_hold *hold = bench_hold_start(stage->pool, stage->nr);

	if (IS_ERR(hold))
		return PTR_ERR(hold);
	bench_hold_end(hold);
	return 0;
}

static void pass_gate(struct workpool_task *task)
{
	struct stage *stage = workpool_data(workpool_current());

	bench_wait(&stage->gate);
}

static int make_tasks(struct stage *stage)
{
	unsigned int i;

	stage->tasks = vcalloc(stage->nr, sizeof(*stage->tasks));
	stage->batch = vcalloc(stage->nr, sizeof(*stage->batch));
	if (!stage->tasks || !stage->batch)
		return -ENOMEM;
	for (i = 0; i < stage->nr; i++) {
		workpool_task_init(&stage->tasks[i], pass_gate);
		stage->batch[i] = &stage->tasks[i];
	}
	return 0;
}

static int queue_tasks(struct stage *stage)
{
	unsigned int i;
	int err = make_tasks(stage);

	for (i = 0; !err && i < stage->nr; i++)
		workpool_queue(stage->pool, &stage->tasks[i]);
	return err;
}

/* The only worker is busy. */
static int prepare_batch(struct stage *stage)
{
	stage->hold = bench_hold_start(stage->pool, 1);
	if (IS_ERR(stage->hold))
		return PTR_ERR(stage->hold);
	return make_tasks(stage);
}

static int prepare_idle_and_tasks(struct stage *stage)
{
	return prepare_idle(stage) ?: make_tasks(stage);
}

static int prepare_running(struct stage *stage)
{
	int err = queue_tasks(stage);

	if (!err)
		UNTIL(workpool_busy(stage->pool) == stage->nr);
	return err;
}

static void end_gate(struct workpool_task *task)
{
}

static void call_flush(struct stage *stage)
{
	workpool_flush(&stage->task.task);
}

static int prepare_flushers(struct stage *stage)
{
	int err;

	workpool_queue_delayed(stage->pool, &stage->task, 24 * 3600 * HZ);
	err = crowd(stage, stage->nr, call_flush);
	if (!err)
		UNTIL(all_sleep(stage));
	return err;
}

static int member(void *arg)
{
	struct stage *stage = arg;

	bench_wait(&stage->gate);
	return 0;
}

static void call_group_wait(struct stage *stage)
{
	if (workpool_group_wait(&stage->group))
		pr_warn("a group failed\n");
}

static int prepare_group(struct stage *stage)
{
	int err;

	workpool_group_init(&stage->group, stage->pool);
	err = workpool_group_submit(&stage->group, member, stage);
	if (!err)
		err = crowd(stage, stage->nr, call_group_wait);
	if (!err)
		UNTIL(all_sleep(stage));
	return err;
}

/* All workers but the last one start at once. That one fails in the end. */
static int start_or_fail(struct workpool *pool, void **data)
{
	struct stage *stage = workpool_data(pool);

	/* Pairs with the read in prepare_boot(). */
	WRITE_ONCE(stage->booting, pool);
	if (atomic_inc_return(&stage->begun) < stage->nr)
		return 0;
	bench_wait(&stage->gate);
	return -EIO;
}

static void call_boot(struct stage *stage)
{
	static const struct workpool_ops ops = { .worker_init = start_or_fail };
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(stage->nr);
	struct workpool *pool;

	attrs.min_workers = stage->nr;
	attrs.ops = &ops;
	attrs.data = stage;
	pool = workpool_create(&attrs, "bench-boot");
	if (IS_ERR(pool))
		return;
	pr_warn("a boot did not fail\n");
	workpool_destroy(pool);
}

static int prepare_boot(struct stage *stage)
{
	int err = crowd(stage, 1, call_boot);

	if (!err)
		UNTIL(!atomic_read(&stage->left) ||
		      (atomic_read(&stage->begun) == stage->nr &&
		       workpool_idle(READ_ONCE(stage->booting)) ==
		       stage->nr - 1));
	return err;
}

#ifdef CONFIG_HOTPLUG_CPU
static int take_last_cpu(struct stage *stage)
{
	int cpu = cpumask_last(cpu_online_mask), err = remove_cpu(cpu);

	if (!err)
		stage->offline = cpu;
	return err;
}

static void act_cpu(struct stage *stage)
{
	if (add_cpu(stage->offline))
		pr_warn("a CPU does not come back\n");
	stage->offline = -1;
}
#else
static int take_last_cpu(struct stage *stage)
{
	return -EOPNOTSUPP;
}

static void act_cpu(struct stage *stage)
{
}
#endif

/* A CPU comes, and no worker has to move. */
static int prepare_cpu(struct stage *stage)
{
	if (num_online_cpus() < 2)
		return -EOPNOTSUPP;
	return prepare_idle(stage) ?: take_last_cpu(stage);
}

/* All workers are busy on other CPUs, because the only one of their pool went. */
static int prepare_cpu_of_all(struct stage *stage)
{
	int err = prepare_cpu(stage);

	if (err)
		return err;
	stage->hold = bench_hold_start(stage->pool, stage->nr);
	return PTR_ERR_OR_ZERO(stage->hold);
}

static void shell(const char *command)
{
	static char *envp[] = { "HOME=/", "PATH=/sbin:/bin:/usr/sbin:/usr/bin",
				NULL };
	char *argv[] = { "/bin/sh", "-c", (char *)command, NULL };
	int err = call_usermodehelper(argv[0], argv, envp, UMH_WAIT_PROC);

	if (err)
		pr_warn("%s: %d\n", command, err);
}

static int prepare_other(struct stage *stage)
{
	shell("insmod /modules/wp_other.ko");
	return queue_tasks(stage);
}

/* Behind all others are tasks of a module, which does not wait for them. */
static int prepare_left(struct stage *stage)
{
	void (*fn)(struct workpool_task *task);
	int i, err = prepare_other(stage);

	if (err)
		return err;
	fn = symbol_get(wp_other_task);
	if (!fn)
		return -ENOENT;
	for (i = 0; i < LEFT_BEHIND; i++) {
		workpool_task_init(&stage->strays[i], fn);
		workpool_queue(stage->pool, &stage->strays[i]);
	}
	symbol_put(wp_other_task);
	return 0;
}

static void act_quiet(struct stage *stage)
{
	msleep(50);
}

static void act_refuse(struct stage *stage)
{
	workpool_release(stage->pool);
	UNTIL(!workpool_waiting(stage->pool));
}

static void act_grow(struct stage *stage)
{
	workpool_tune(stage->pool, stage->nr + 1);
	UNTIL(!workpool_waiting(stage->pool));
}

static void act_release(struct stage *stage)
{
	workpool_release(stage->pool);
	UNTIL(!workpool_idle(stage->pool));
}

static void act_shrink(struct stage *stage)
{
	workpool_tune(stage->pool, 1);
	UNTIL(workpool_running(stage->pool) <= 1);
}

static void act_run(struct stage *stage)
{
	struct workpool_task task;
	unsigned int i;

	workpool_task_init_onstack(&task, end_gate);
	for (i = 0; i < REPEATS; i++) {
		workpool_queue(stage->pool, &task);
		workpool_flush(&task);
	}
	workpool_task_destroy_onstack(&task);
}

static void act_cancel_flushed(struct stage *stage)
{
	workpool_cancel_delayed(&stage->task);
	UNTIL(!atomic_read(&stage->left));
}

static void act_end_group(struct stage *stage)
{
	complete_all(&stage->gate);
	UNTIL(!atomic_read(&stage->left));
}

static void act_cancel(struct stage *stage)
{
	unsigned int i;

	for (i = 0; i < REPEATS; i++)
		workpool_cancel(&stage->tasks[i]);
}

static void act_list(struct stage *stage)
{
	char command[128];

	snprintf(command, sizeof(command),
		 "cat /sys/kernel/debug/workpool/%s/workers > /dev/null",
		 workpool_name(stage->pool));
	shell(command);
}

static void act_unload(struct stage *stage)
{
	shell("rmmod wp_other");
}

/* The warnings about the tasks are not shown: that keeps interrupts off, too. */
static void act_unload_left(struct stage *stage)
{
	int level = console_loglevel;

	console_loglevel = CONSOLE_LOGLEVEL_SILENT;
	act_unload(stage);
	console_loglevel = level;
}

static void act_batch(struct stage *stage)
{
	workpool_queue_batch(stage->pool, stage->batch, stage->nr);
}

static void act_begin(struct stage *stage)
{
	act_batch(stage);
	UNTIL(workpool_busy(stage->pool) == stage->nr);
}

static void act_fail_boot(struct stage *stage)
{
	complete_all(&stage->gate);
	UNTIL(!atomic_read(&stage->left));
}

static struct operation operations[] = {
	{ { .name = "nothing" }, 1, false, NULL, act_quiet },
	{ { .name = "release: many wait" }, 1, false, prepare_waiters,
	  act_refuse },
	{ { .name = "tune up: many wait" }, 1, false, prepare_waiters,
	  act_grow },
	{ { .name = "release: many idle" }, 0, false, prepare_idle,
	  act_release },
	{ { .name = "tune down: many idle" }, 0, false, prepare_idle,
	  act_shrink },
	{ { .name = "boot fails: many idle" }, 1, false, prepare_boot,
	  act_fail_boot },
	{ { .name = "queue_batch of many" }, 1, false, prepare_batch,
	  act_batch },
	{ { .name = "long tasks: many idle" }, 0, false,
	  prepare_idle_and_tasks, act_begin },
	{ { .name = "tasks: many flush another" }, 1, false, prepare_flushers,
	  act_run },
	{ { .name = "cancel: many flush" }, 1, false, prepare_flushers,
	  act_cancel_flushed },
	{ { .name = "group ends: many wait" }, 1, false, prepare_group,
	  act_end_group },
	{ { .name = "cancel: many run" }, 0, false, prepare_running,
	  act_cancel },
	{ { .name = "debugfs: many idle" }, 0, false, prepare_idle, act_list },
	{ { .name = "CPU online: many idle" }, 0, false, prepare_cpu,
	  act_cpu },
	{ { .name = "CPU online: of many busy" }, 0, true, prepare_cpu_of_all,
	  act_cpu },
	{ { .name = "rmmod: many pending" }, 1, false, prepare_other,
	  act_unload },
	{ { .name = "rmmod: its own behind many" }, 1, false, prepare_left,
	  act_unload_left },
};

static void clear(struct stage *stage)
{
	unsigned int i;

	if (stage->offline >= 0)
		act_cpu(stage);
	complete_all(&stage->gate);
	workpool_cancel_delayed_sync(&stage->task);
	if (!IS_ERR_OR_NULL(stage->hold))
		bench_hold_end(stage->hold);
	for (i = 0; i < stage->nr_threads; i++)
		kthread_stop(stage->threads[i]);
	workpool_destroy(stage->pool);
	vfree(stage->threads);
	vfree(stage->tasks);
	vfree(stage->batch);
}

static int do_operation(struct bench_round *round, struct operation *operation,
			struct stage *stage)
{
	u64 held = 0, off;
	int err = 0;

	if (operation->prepare)
		err = operation->prepare(stage);
	if (err == -EOPNOTSUPP)
		return 0;
	if (!err)
		err = bench_probe_start(true);
	if (err)
		return err;
	operation->act(stage);
	off = bench_probe_stop(&held);
	if (off > LONG)
		bench_probe_stack();
	bench_series_add(&round->series[0], off);
	bench_series_add(&round->series[1], held);
	return 0;
}

static int slices_round(struct bench_round *round)
{
	struct operation *operation = container_of(round->contender,
						   struct operation, contender);
	struct bench_contender pool = { };
	struct workpool_attrs attrs;
	struct stage *stage;
	int err;

	if (round->scenario->capacity > bench_many)
		return 0;
	stage = kzalloc(sizeof(*stage), GFP_KERNEL);
	if (!stage)
		return -ENOMEM;
	stage->nr = round->scenario->capacity;
	stage->offline = -1;
	init_completion(&stage->gate);
	workpool_delayed_task_init(&stage->task, end_gate);
	attrs = (struct workpool_attrs)
		WORKPOOL_ATTRS_INIT(operation->capacity ?: stage->nr);
	attrs.flags = WORKPOOL_F_NOPURGE;
	attrs.data = stage;
	if (operation->on_last)
		attrs.cpumask = cpumask_of(cpumask_last(cpu_online_mask));
	err = bench_pool_open(&pool, &attrs);
	if (!err) {
		stage->pool = pool.data;
		err = do_operation(round, operation, stage);
		clear(stage);
	}
	kfree(stage);
	return err;
}

#define CONTENDER(i)	(&operations[i].contender)

static struct bench_contender *const contenders[] = {
	CONTENDER(0), CONTENDER(1), CONTENDER(2), CONTENDER(3), CONTENDER(4),
	CONTENDER(5), CONTENDER(6), CONTENDER(7), CONTENDER(8), CONTENDER(9),
	CONTENDER(10), CONTENDER(11), CONTENDER(12), CONTENDER(13),
	CONTENDER(14), CONTENDER(15), CONTENDER(16), NULL
};

static_assert(ARRAY_SIZE(contenders) == ARRAY_SIZE(operations) + 1);

#define SLICES(n)						\
	const struct bench_scenario bench_slices_##n = {	\
		.name = "interrupts off/" #n,			\
		.capacity = n,					\
		.rounds = 1,					\
		.cold = true,					\
		.metrics = { "interrupts off", "held up" },	\
		.contenders = contenders,			\
		.round = slices_round,					\
	}

SLICES(1000);
SLICES(10000);
