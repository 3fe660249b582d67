// SPDX-License-Identifier: GPL-2.0
/*
 * Initialization and end of embedded tasks.
 */

#include "compat.h"
#include "core/call.h"
#include "core/pending.h"
#include "core/worker.h"

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
	wp_pending_debug_init(task, on_stack);
	if (on_stack)
		wp_worker_note_stacked(0);
	INIT_LIST_HEAD(&task->node.entry);
	task->node.kind = WP_TASK;
	atomic_set(&task->state, 0);
	task->last_pool = 0;
	task->fn = fn;
	task->queued_ns = 0;
#ifdef CONFIG_LOCKDEP
	lockdep_init_map(&task->lockdep_map, name, key, 0);
#endif
}
EXPORT_SYMBOL_GPL(__workpool_task_init);

/**
 * __workpool_member_init() - see workpool_member_init()
 * @member: the member
 * @fn: its function
 * @name: of its lockdep class
 * @key: of its lockdep class
 * @on_stack: where it is
 *
 * Context: Any.
 */
void __workpool_member_init(struct workpool_member *member,
			    workpool_member_fn_t fn, const char *name,
			    struct lock_class_key *key, bool on_stack)
{
	struct workpool_task *task = &member->task;

	/* A worker that executes it passes the address of its task. */
	static_assert(!offsetof(struct workpool_member, task));
	__workpool_task_init(task, NULL, name, key, on_stack);
	atomic_set(&task->state, WP_TASK_OF_MEMBER);
	task->member_fn = fn;
	member->group = NULL;
	INIT_LIST_HEAD(&member->link);
}
EXPORT_SYMBOL_GPL(__workpool_member_init);

/**
 * workpool_task_destroy_onstack() - end of a task on the stack
 * @task: prepared with workpool_task_init_onstack()
 *
 * Context: Any.
 */
void workpool_task_destroy_onstack(struct workpool_task *task)
{
	wp_pending_debug_free(task);
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
	wp_pending_debug_free(&dtask->task);
}
EXPORT_SYMBOL_GPL(workpool_delayed_task_destroy_onstack);
