/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Links: where an embedded task that is pending stands.
 */
#ifndef _WP_TASK_LINK_H
#define _WP_TASK_LINK_H

#include <linux/hash.h>
#include <linux/list.h>
#include <linux/lockdep.h>

#include "core/lookup.h"
#include "core/node.h"
#include "core/observe.h"
#include "core/pool.h"
#include "queue/color.h"
#include "queue/member.h"
#include "queue/queue.h"
#include "queue/running.h"

struct workpool_delayed_task;
struct wp_deferred;

void wp_link_set_expiry(struct workpool_delayed_task *dtask,
			unsigned long delay);
void wp_link_timer_locked(struct workpool *pool,
			  struct workpool_delayed_task *dtask);
void wp_link_timer_gone_locked(struct workpool *pool,
			       struct workpool_task *task);
int wp_link_remove_locked(struct workpool *pool, struct workpool_task *task,
			  struct wp_deferred *deferred);
int wp_link_remove_misused_locked(struct workpool *pool,
				  struct workpool_task *task,
				  struct wp_deferred *deferred);
bool wp_link_steal_locked(struct workpool *pool, struct workpool_task *task);
void wp_link_drop_locked(struct workpool *pool, struct workpool_task *task,
			 int err, struct wp_deferred *deferred);
void wp_link_end_locked(struct workpool *pool, struct workpool_task *task,
			struct wp_deferred *deferred);

/* Is the pending @task linked already? */
static inline bool wp_link_is_set_locked(struct workpool *pool,
					 struct workpool_task *task)
{
	lockdep_assert_held(&pool->lock);
	return task->node.kind == WP_RERUN || !list_empty(&task->node.entry);
}

/*
 * The pending @task leaves @pool for another one. Until it is linked there it
 * has a number that no pool has. Moves out of one pool have different numbers,
 * and those out of two pools nearly always: see wp_task_at_last_pool().
 */
static inline void wp_link_leave_locked(struct workpool *pool,
					struct workpool_task *task)
{
	u32 number = pool->lookup_id * GOLDEN_RATIO_32 + pool->nr_left++;

	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(task->last_pool, number | WP_LOOKUP_NONE);
}

/*
 * Call wp_link_queue_locked(), wp_link_moved_locked() with @moved, or
 * wp_link_join_locked() with %WP_MEMBER_TASK.
 */
static __always_inline void wp_link_add_locked(struct workpool *pool,
					       struct workpool_task *task,
					       enum wp_kind kind, bool front,
					       bool moved)
{
	struct wp_worker *worker;

	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(task->last_pool, pool->lookup_id);
	task->node.color = wp_color_mark_locked(pool);
	wp_observe_queue_locked(pool, task, moved);
	if (list_empty(&pool->queue)) {
		worker = wp_busy_find_locked(pool, task);
		/*
		 * The look may have put what its worker leased into the queue.
		 */
		if (unlikely(worker && list_empty(&pool->queue))) {
			wp_running_add_rerun_locked(pool, task, worker);
			return;
		}
	}
	task->node.kind = kind;
	wp_node_add_locked(pool, &task->node, front);
}

/*
 * Link the pending @task into the queue, last or @front: first; when the queue
 * is empty and the task runs, to the worker that executes it. The caller kicks.
 */
static __always_inline void wp_link_queue_locked(struct workpool *pool,
						 struct workpool_task *task,
						 bool front)
{
	lockdep_assert_held(&pool->lock);
	wp_link_add_locked(pool, task, WP_TASK, front, false);
}

/* Link a @task that another pool had accepted: it waits since then. */
static __always_inline void wp_link_moved_locked(struct workpool *pool,
						 struct workpool_task *task,
						 bool front)
{
	lockdep_assert_held(&pool->lock);
	wp_link_add_locked(pool, task, WP_TASK, front, true);
}

/* Link the pending @member, last, as a member of @group. The caller kicks. */
static inline void wp_link_join_locked(struct workpool *pool,
				       struct workpool_group *group,
				       struct workpool_member *member)
{
	lockdep_assert_held(&pool->lock);
	wp_member_join_locked(pool, group, member);
	wp_link_add_locked(pool, &member->task, WP_MEMBER_TASK, false, false);
}

#endif /* _WP_TASK_LINK_H */
