// SPDX-License-Identifier: GPL-2.0
/*
 * Birth and death of embedded tasks, and what debugobjects knows of them.
 */

#include <linux/debugobjects.h>

#include "internal.h"

#ifdef CONFIG_DEBUG_OBJECTS

static void *task_hint(void *addr)
{
	return ((struct workpool_task *)addr)->fn;
}

/* WORKPOOL_TASK_INIT() leaves the list head initialized and nothing else. */
static bool task_is_static(void *addr)
{
	struct workpool_task *task = addr;

	return task->fn && !task->last_pool;
}

static const struct debug_obj_descr task_descr = {
	.name			= "workpool_task",
	.debug_hint		= task_hint,
	.is_static_object	= task_is_static,
};

static void debug_init(struct workpool_task *task, bool on_stack)
{
	if (on_stack)
		debug_object_init_on_stack(task, &task_descr);
	else
		debug_object_init(task, &task_descr);
}

static void debug_free(struct workpool_task *task)
{
	debug_object_free(task, &task_descr);
}

void wp_pending_debug_activate(struct workpool_task *task)
{
	debug_object_activate(task, &task_descr);
}

void wp_pending_debug_deactivate(struct workpool_task *task)
{
	debug_object_deactivate(task, &task_descr);
}

#else

static void debug_init(struct workpool_task *task, bool on_stack) { }
static void debug_free(struct workpool_task *task) { }

#endif

/**
 * __workpool_task_init() - see workpool_task_init()
 * @task: the task
 * @fn: its function
 * @name: of its lockdep class
 * @key: of its lockdep class
 * @on_stack: where it is
 *
 * Context: Any.
 */
void __workpool_task_init(struct workpool_task *task, workpool_task_fn_t fn,
			  const char *name, struct lock_class_key *key,
			  bool on_stack)
{
	debug_init(task, on_stack);
	INIT_LIST_HEAD(&task->node.entry);
	task->node.kind = WP_TASK;
	atomic_set(&task->state, 0);
	task->last_pool = 0;
	task->fn = fn;
#ifdef CONFIG_LOCKDEP
	lockdep_init_map(&task->lockdep_map, name, key, 0);
#endif
}
EXPORT_SYMBOL_GPL(__workpool_task_init);

/**
 * workpool_task_destroy_onstack() - end of a task on the stack
 * @task: prepared with workpool_task_init_onstack()
 *
 * Context: Any.
 */
void workpool_task_destroy_onstack(struct workpool_task *task)
{
	debug_free(task);
}
EXPORT_SYMBOL_GPL(workpool_task_destroy_onstack);

/**
 * workpool_delayed_task_destroy_onstack() - the same for a delayed task
 * @dtask: prepared with workpool_delayed_task_init_onstack()
 *
 * Context: Any.
 */
void workpool_delayed_task_destroy_onstack(struct workpool_delayed_task *dtask)
{
	timer_destroy_on_stack(&dtask->timer);
	debug_free(&dtask->task);
}
EXPORT_SYMBOL_GPL(workpool_delayed_task_destroy_onstack);
