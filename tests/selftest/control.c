// SPDX-License-Identifier: GPL-2.0
/*
 * Pools made by hand, for tests that come from user space. Lines for
 * /sys/kernel/debug/wp_selftest/control:
 *
 *   create NAME CAPACITY [nonblock] [prealloc] [nopurge] [noadmin] [freezable]
 *          [norelease] [histograms]
 *          [min=N] [expiry=MS] [maxblock=N] [depth=N] [nice=N] [rt=N] [pin=MASK]
 *          [pools=N]		N: not a pool but a multi that takes turns
 *          [badinit]		no worker starts
 *   submit NAME sleep MS [COUNT]		COUNT tasks that sleep
 *   block NAME MS		a thread waits in workpool_submit() with such a task
 *   wake NAME			ends sleeping tasks, from now on all of them
 *   delay NAME MS		the pool's delayed task, which does nothing
 *   cancel NAME			cancels it
 *   pause NAME			as its owner
 *   resume NAME			the same
 *   crash NAME null|bug|lock|exit|task		a task that crashes
 *   destroy NAME			ends sleeping tasks early
 *
 * CAPACITY is a number or "unlimited". The write returns the errno of the call.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "control.h"
#include "crash.h"
#include "test.h"

/**
 * struct control - a pool made by hand
 * @node: in controls
 * @name: what it was created as
 * @multi: the multi, or NULL
 * @pool: the pool; the first one of @multi
 * @delayed: its delayed task
 * @threads: blocked submitters that have not come back
 * @stop: sleeping tasks are to wake up
 * @wait: where they sleep
 */
struct control {
	struct list_head node;
	char name[WORKPOOL_NAME_MAX];
	struct workpool_multi *multi;
	struct workpool *pool;
	struct workpool_delayed_task delayed;
	atomic_t threads;
	bool stop;
	wait_queue_head_t wait;
};

struct sleeper {
	struct control *control;
	unsigned int ms;
};

static DEFINE_MUTEX(lock);	/* guards controls */
static LIST_HEAD(controls);

static struct control *find(const char *name)
{
	struct control *control;

	if (!name)
		return NULL;
	list_for_each_entry(control, &controls, node)
		if (!strcmp(control->name, name))
			return control;
	return NULL;
}

static char *word(char **rest)
{
	char *w;

	do {
		w = strsep(rest, " \t");
	} while (w && !*w);
	return w;
}

static int number(const char *w, int *value)
{
	return w ? kstrtoint(w, 10, value) : -EINVAL;
}

static int flag_of(const char *w)
{
	static const struct {
		const char *name;
		int flag;
	} flags[] = {
		{ "nonblock", WORKPOOL_F_NONBLOCK },
		{ "prealloc", WORKPOOL_F_PREALLOC },
		{ "nopurge", WORKPOOL_F_NOPURGE },
		{ "noadmin", WORKPOOL_F_NOADMIN },
		{ "freezable", WORKPOOL_F_FREEZABLE },
		{ "norelease", WORKPOOL_F_NORELEASE },
		{ "histograms", WORKPOOL_F_HISTOGRAMS },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (!strcmp(flags[i].name, w))
			return flags[i].flag;
	return 0;
}

/* What "create" is to create */
struct recipe {
	struct workpool_attrs attrs;
	unsigned int pools;	/* 0: no multi */
};

static int bad_init(struct workpool *pool, void **data)
{
	return -ENODEV;
}

static const struct workpool_ops bad_ops = {
	.worker_init = bad_init,
};

static int parse_value(struct recipe *recipe, const char *w)
{
	struct workpool_attrs *attrs = &recipe->attrs;

	if (!strcmp(w, "badinit")) {
		attrs->ops = &bad_ops;
		return 0;
	}
	if (sscanf(w, "pools=%u", &recipe->pools) == 1 ||
	    sscanf(w, "min=%u", &attrs->min_workers) == 1 ||
	    sscanf(w, "expiry=%d", &attrs->expiry_ms) == 1 ||
	    sscanf(w, "maxblock=%u", &attrs->max_blocking) == 1 ||
	    sscanf(w, "depth=%u", &attrs->queue_depth) == 1 ||
	    sscanf(w, "nice=%d", &attrs->nice) == 1 ||
	    sscanf(w, "rt=%u", &attrs->rt_priority) == 1 ||
	    sscanf(w, "pin=%i", (int *)&attrs->pinned) == 1)
		return 0;
	return -EINVAL;
}

static int parse_recipe(struct recipe *recipe, char **rest)
{
	struct workpool_attrs *attrs = &recipe->attrs;
	char *w = word(rest);
	int ret = 0;

	if (w && !strcmp(w, "unlimited"))
		attrs->capacity = WORKPOOL_UNLIMITED;
	else
		ret = number(w, &attrs->capacity);
	while (!ret) {
		w = word(rest);
		if (!w)
			break;
		if (flag_of(w))
			attrs->flags |= flag_of(w);
		else
			ret = parse_value(recipe, w);
	}
	return ret;
}

static void do_nothing(struct workpool_task *task)
{
}

static struct control *control_new(const char *name)
{
	struct control *control = kzalloc(sizeof(*control), GFP_KERNEL);

	if (control) {
		strscpy(control->name, name, sizeof(control->name));
		init_waitqueue_head(&control->wait);
		workpool_delayed_task_init(&control->delayed, do_nothing);
	}
	return control;
}

static int create_pools(struct control *control, const struct recipe *recipe)
{
	if (!recipe->pools) {
		control->pool = workpool_create(&recipe->attrs, "%s",
						control->name);
		return PTR_ERR_OR_ZERO(control->pool);
	}
	control->multi = workpool_multi_create(recipe->pools,
					       WORKPOOL_ROUND_ROBIN,
					       &recipe->attrs, "%s",
					       control->name);
	if (IS_ERR(control->multi))
		return PTR_ERR(control->multi);
	control->pool = workpool_multi_at(control->multi, 0);
	return 0;
}

static int create(const char *name, char **rest)
{
	struct recipe recipe = { .attrs = WORKPOOL_ATTRS_INIT(0) };
	struct control *control;
	int ret;

	ret = parse_recipe(&recipe, rest);
	if (ret)
		return ret;
	if (strlen(name) >= sizeof(control->name))
		return -EINVAL;
	control = control_new(name);
	if (!control)
		return -ENOMEM;
	ret = create_pools(control, &recipe);
	if (ret) {
		kfree(control);
		return ret;
	}
	list_add_tail(&control->node, &controls);
	return 0;
}

static void sleep_task(void *arg)
{
	struct sleeper *sleeper = arg;
	struct control *control = sleeper->control;

	wait_event_idle_timeout(control->wait, READ_ONCE(control->stop),
				msecs_to_jiffies(sleeper->ms));
	kfree(sleeper);
}

static struct sleeper *sleeper_new(struct control *control, int ms)
{
	struct sleeper *sleeper = kmalloc(sizeof(*sleeper), GFP_KERNEL);

	if (sleeper) {
		sleeper->control = control;
		sleeper->ms = ms;
	}
	return sleeper;
}

static int submit_one(struct control *control, int ms)
{
	struct sleeper *sleeper = sleeper_new(control, ms);
	int ret;

	if (!sleeper)
		return -ENOMEM;
	if (control->multi)
		ret = workpool_multi_try_submit(control->multi, sleep_task,
						sleeper);
	else
		ret = workpool_try_submit(control->pool, sleep_task, sleeper);
	if (ret)
		kfree(sleeper);
	return ret;
}

static int submit(struct control *control, char **rest)
{
	const char *kind = word(rest);
	int ms, n = 1, ret;
	char *w;

	if (!kind || strcmp(kind, "sleep"))
		return -EINVAL;
	ret = number(word(rest), &ms);
	w = word(rest);
	if (!ret && w)
		ret = number(w, &n);
	while (!ret && n-- > 0)
		ret = submit_one(control, ms);
	return ret;
}

static int wait_and_submit(struct control *control, struct sleeper *sleeper)
{
	if (control->multi)
		return workpool_multi_submit(control->multi, sleep_task,
					     sleeper);
	return workpool_submit(control->pool, sleep_task, sleeper);
}

static int block_thread(void *data)
{
	struct sleeper *sleeper = data;
	struct control *control = sleeper->control;

	if (wait_and_submit(control, sleeper))
		kfree(sleeper);
	atomic_dec(&control->threads);
	module_put_and_kthread_exit(0);
}

static int block_one(struct control *control, char **rest)
{
	struct task_struct *thread;
	struct sleeper *sleeper;
	int ms, ret;

	ret = number(word(rest), &ms);
	if (ret)
		return ret;
	sleeper = sleeper_new(control, ms);
	if (!sleeper)
		return -ENOMEM;
	__module_get(THIS_MODULE);
	atomic_inc(&control->threads);
	thread = kthread_run(block_thread, sleeper, "st-block");
	if (!IS_ERR(thread))
		return 0;
	atomic_dec(&control->threads);
	module_put(THIS_MODULE);
	kfree(sleeper);
	return PTR_ERR(thread);
}

static int wake(struct control *control, char **rest)
{
	WRITE_ONCE(control->stop, true);
	wake_up_all(&control->wait);
	return 0;
}

static int delay(struct control *control, char **rest)
{
	int ms, ret = number(word(rest), &ms);

	return ret ?: workpool_queue_delayed(control->pool, &control->delayed,
					     msecs_to_jiffies(ms));
}

static int cancel(struct control *control, char **rest)
{
	return workpool_cancel_delayed(&control->delayed);
}

static int crash(struct control *control, char **rest)
{
	const char *kind = word(rest);
	workpool_fn_t fn = kind ? st_crash_fn(kind) : NULL;

	return fn ? workpool_try_submit(control->pool, fn, NULL) : -EINVAL;
}

static int pause(struct control *control, char **rest)
{
	return control->multi ? workpool_multi_pause(control->multi) :
				workpool_pause(control->pool);
}

static int resume(struct control *control, char **rest)
{
	return control->multi ? workpool_multi_resume(control->multi) :
				workpool_resume(control->pool);
}

static int destroy(struct control *control, char **rest)
{
	list_del(&control->node);
	wake(control, NULL);
	if (control->multi)
		workpool_multi_release(control->multi);
	else
		workpool_release(control->pool);
	while (atomic_read(&control->threads))
		usleep_range(500, 1000);
	if (control->multi)
		workpool_multi_destroy(control->multi);
	else
		workpool_destroy(control->pool);
	kfree(control);
	return 0;
}

static int run_line(char *line)
{
	static const struct {
		const char *name;
		int (*fn)(struct control *control, char **rest);
	} commands[] = {
		{ "submit", submit },
		{ "block", block_one },
		{ "wake", wake },
		{ "delay", delay },
		{ "cancel", cancel },
		{ "pause", pause },
		{ "resume", resume },
		{ "crash", crash },
		{ "destroy", destroy },
	};
	const char *command = word(&line);
	const char *name = word(&line);
	int i;

	if (!command || !name)
		return -EINVAL;
	if (!strcmp(command, "create"))
		return create(name, &line);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i].name, command))
			continue;
		if (!find(name))
			return -ENOENT;
		return commands[i].fn(find(name), &line);
	}
	return -EINVAL;
}

/**
 * st_control_line() - do what a line says
 * @line: the line, without its end; is cut to pieces
 *
 * Return: 0 or a negative errno.
 */
int st_control_line(char *line)
{
	int ret;

	mutex_lock(&lock);
	ret = run_line(line);
	mutex_unlock(&lock);
	return ret;
}

/**
 * st_control_pool() - a pool made by hand, for another module
 * @name: of the pool
 *
 * Return: the pool, which stays until "destroy" is written; or NULL.
 */
struct workpool *st_control_pool(const char *name)
{
	struct control *control;

	mutex_lock(&lock);
	control = find(name);
	mutex_unlock(&lock);
	return control ? control->pool : NULL;
}
EXPORT_SYMBOL_GPL(st_control_pool);

void st_control_exit(void)
{
	struct control *control, *next;

	mutex_lock(&lock);
	list_for_each_entry_safe(control, next, &controls, node)
		destroy(control, NULL);
	mutex_unlock(&lock);
}
