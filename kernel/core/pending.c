// SPDX-License-Identifier: GPL-2.0
/*
 * What debugobjects knows of an embedded task. The pending bit is in pending.h.
 */

#include <linux/debugobjects.h>
#include <linux/sched/task_stack.h>

#include "core/pending.h"

#ifdef CONFIG_DEBUG_OBJECTS

static void *task_hint(void *addr)
{
	return ((struct workpool_task *)addr)->fn;
}

/*
 * A task of WORKPOOL_TASK_INIT() has a function and was never in a pool. On the
 * stack nobody would know of it there.
 */
static bool task_is_static(void *addr)
{
	struct workpool_task *task = addr;

	return task->fn && !task->last_pool && !object_is_on_stack(task);
}

/* Takes a task out of its pool; in a higher layer. */
static void (*drop_task)(struct workpool_task *task);

static const struct debug_obj_descr task_descr;

/* A pending task is initialized once more: the pool must not keep it. */
static bool fixup_init(void *addr, enum debug_obj_state state)
{
	if (state != ODEBUG_STATE_ACTIVE)
		return false;
	drop_task(addr);
	debug_object_init(addr, &task_descr);
	return true;
}

/*
 * A task is queued that task_is_static() does not know. It was reported; from
 * here on it is as good as one of wp_pending_debug_init().
 */
static bool fixup_activate(void *addr, enum debug_obj_state state)
{
	if (state != ODEBUG_STATE_NOTAVAILABLE)
		return false;
	wp_pending_debug_init(addr, object_is_on_stack(addr));
	debug_object_activate(addr, &task_descr);
	return true;
}

/* The memory of a pending task is freed: the same. */
static bool fixup_free(void *addr, enum debug_obj_state state)
{
	if (state != ODEBUG_STATE_ACTIVE)
		return false;
	drop_task(addr);
	debug_object_free(addr, &task_descr);
	return true;
}

static const struct debug_obj_descr task_descr = {
	.name			= "workpool_task",
	.debug_hint		= task_hint,
	.is_static_object	= task_is_static,
	.fixup_init		= fixup_init,
	.fixup_activate		= fixup_activate,
	.fixup_free		= fixup_free,
};

/* To be called before the first task is initialized. */
void wp_pending_debug_setup(void (*drop)(struct workpool_task *task))
{
	drop_task = drop;
}

void wp_pending_debug_init(struct workpool_task *task, bool on_stack)
{
	if (on_stack)
		debug_object_init_on_stack(task, &task_descr);
	else
		debug_object_init(task, &task_descr);
}

void wp_pending_debug_free(struct workpool_task *task)
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

#endif
