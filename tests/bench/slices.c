// SPDX-License-Identifier: GPL-2.0
/*
 * Scenario: how long an operation that concerns many threads or tasks keeps
 * interrupts off, and how long no other thread can run.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/kmod.h>
#include <linux/slab.h>
#include <linux/umh.h>
#include <linux/vmalloc.h>

#include "bench.h"

/* Tasks that run while others are flushed; cancels while many tasks run. */
#define REPEATS		100

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
 * @group: what they wait for
 * @gate: where tasks wait
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
	struct workpool_group		group;
	struct completion		gate;
};

/**
 * struct operation - what is measured
 * @contender: in the table
 * @capacity: of the pool, 0: as many as the operation concerns
 * @prepare: before it
 * @act: the operation, until it has had its effect
 */
struct operation {
	struct bench_contender	contender;
	unsigned int		capacity;
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

/* Have many threads wait in @call. */
static int crowd(struct stage *stage, void (*call)(struct stage *stage))
{
	struct task_struct *thread;

	stage->call = call;
	stage->threads = vcalloc(stage->nr, sizeof(*stage->threads));
	if (!stage->threads)
		return -ENOMEM;
	for (; stage->nr_threads < stage->nr; stage->nr_threads++) {
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
	err = crowd(stage, call_submit);
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

static int queue_tasks(struct stage *stage)
{
	unsigned int i;

	stage->tasks = vcalloc(stage->nr, sizeof(*stage->tasks));
	if (!stage->tasks)
		return -ENOMEM;
	for (i = 0; i < stage->nr; i++) {
		workpool_task_init(&stage->tasks[i], pass_gate);
		workpool_queue(stage->pool, &stage->tasks[i]);
	}
	return 0;
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
	err = crowd(stage, call_flush);
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
		err = crowd(stage, call_group_wait);
	if (!err)
		UNTIL(all_sleep(stage));
	return err;
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

static void shell(const char *command)
{
	static char *envp[] = { "HOME=/", "PATH=/sbin:/bin:/usr/sbin:/usr/bin",
				NULL };
	char *argv[] = { "/bin/sh", "-c", (char *)command, NULL };
	int err = call_usermodehelper(argv[0], argv, envp, UMH_WAIT_PROC);

	if (err)
		pr_warn("%s: %d\n", command, err);
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
	shell("insmod /modules/wp_other.ko && rmmod wp_other");
}

static struct operation operations[] = {
	{ { .name = "nothing" }, 1, NULL, act_quiet },
	{ { .name = "release, many wait" }, 1, prepare_waiters, act_refuse },
	{ { .name = "tune up, many wait" }, 1, prepare_waiters, act_grow },
	{ { .name = "release, many idle" }, 0, prepare_idle, act_release },
	{ { .name = "tune down, many idle" }, 0, prepare_idle, act_shrink },
	{ { .name = "tasks, many flush another" }, 1, prepare_flushers,
	  act_run },
	{ { .name = "cancel, many flush" }, 1, prepare_flushers,
	  act_cancel_flushed },
	{ { .name = "group ends, many wait" }, 1, prepare_group,
	  act_end_group },
	{ { .name = "cancel, many run" }, 0, prepare_running, act_cancel },
	{ { .name = "debugfs, many idle" }, 0, prepare_idle, act_list },
	{ { .name = "rmmod, many pending" }, 1, queue_tasks, act_unload },
};

static void clear(struct stage *stage)
{
	unsigned int i;

	complete_all(&stage->gate);
	workpool_cancel_delayed_sync(&stage->task);
	if (!IS_ERR_OR_NULL(stage->hold))
		bench_hold_end(stage->hold);
	for (i = 0; i < stage->nr_threads; i++)
		kthread_stop(stage->threads[i]);
	workpool_destroy(stage->pool);
	vfree(stage->threads);
	vfree(stage->tasks);
}

static int do_operation(struct bench_round *round, struct operation *operation,
			struct stage *stage)
{
	u64 held = 0, off;
	int err = 0;

	if (operation->prepare)
		err = operation->prepare(stage);
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
	init_completion(&stage->gate);
	workpool_delayed_task_init(&stage->task, end_gate);
	attrs = (struct workpool_attrs)
		WORKPOOL_ATTRS_INIT(operation->capacity ?: stage->nr);
	attrs.flags = WORKPOOL_F_NOPURGE;
	attrs.data = stage;
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
	CONTENDER(10), NULL
};

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
