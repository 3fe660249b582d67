// SPDX-License-Identifier: GPL-2.0
/*
 * Waits: threads that sleep until something is decided under a pool's lock.
 */

#include <linux/swait.h>

#include "compat.h"
#include "core/deferred.h"
#include "core/pool.h"
#include "core/wait.h"
#include "core/worker.h"

void wp_wait_init(struct wp_wait *wait, enum wp_wait_kind kind, void *fn)
{
	wait->kind = kind;
	wait->fn = fn;
	wait->thread = current;
	wait->since = get_jiffies_64();
	INIT_LIST_HEAD(&wait->link);
	RB_CLEAR_NODE(&wait->crowd);
	init_completion(&wait->done);
	wait->result = -EINPROGRESS;
	wait->assists = false;
	wait->again = false;
	wait->state = 0;
	wait->leads = false;
	wait->wake = &wait->done;
}
EXPORT_SYMBOL_IF_KUNIT(wp_wait_init);

/* Wait with the others in @list. */
void wp_wait_add_locked(struct workpool *pool, struct wp_wait *wait,
			struct list_head *list)
{
	lockdep_assert_held(&pool->lock);
	wait->state = wp_wait_state(pool);
	list_add_tail(&wait->entry, &pool->waits);
	list_add_tail(&wait->link, list);
}
EXPORT_SYMBOL_IF_KUNIT(wp_wait_add_locked);

static struct wp_wait *wait_at(const struct rb_node *node)
{
	return rb_entry(node, struct wp_wait, crowd);
}

static int compare_subject(const void *subject, const struct rb_node *node)
{
	const void *other = wait_at(node)->subject;

	return subject < other ? -1 : subject > other;
}

static int compare_waits(struct rb_node *wait, const struct rb_node *node)
{
	return compare_subject(wait_at(wait)->subject, node);
}

/*
 * Wait with the others that wait for @subject. They are a crowd, which the
 * first of them leads, so that it takes one look-up to find all of them.
 */
void wp_wait_join_locked(struct workpool *pool, struct wp_wait *wait,
			 const void *subject)
{
	struct rb_node *node;

	lockdep_assert_held(&pool->lock);
	wait->subject = subject;
	INIT_LIST_HEAD(&wait->members);
	node = rb_find_add(&wait->crowd, &pool->crowds, compare_waits);
	wp_wait_add_locked(pool, wait,
			   node ? &wait_at(node)->members : &wait->members);
}

/* Move all that wait for @subject to @list. */
void wp_wait_dissolve_locked(struct workpool *pool, const void *subject,
			     struct list_head *list)
{
	struct rb_node *node = rb_find(subject, &pool->crowds, compare_subject);

	lockdep_assert_held(&pool->lock);
	if (!node)
		return;
	rb_erase(node, &pool->crowds);
	RB_CLEAR_NODE(node);
	list_splice_tail_init(&wait_at(node)->members, list);
}
EXPORT_SYMBOL_IF_KUNIT(wp_wait_dissolve_locked);

/* The first of a crowd leaves: the next one leads it. */
static void leave_crowd_locked(struct workpool *pool, struct wp_wait *wait)
{
	struct wp_wait *next = list_first_entry_or_null(&wait->members,
							struct wp_wait, link);

	lockdep_assert_held(&pool->lock);
	if (next) {
		list_replace_init(&wait->members, &next->members);
		rb_replace_node(&wait->crowd, &next->crowd, &pool->crowds);
	} else {
		rb_erase(&wait->crowd, &pool->crowds);
	}
	RB_CLEAR_NODE(&wait->crowd);
}

/* Take a wait that is not decided off its lists. */
void wp_wait_remove_locked(struct workpool *pool, struct wp_wait *wait)
{
	lockdep_assert_held(&pool->lock);
	list_del_init(&wait->link);
	list_del(&wait->entry);
	if (unlikely(!RB_EMPTY_NODE(&wait->crowd)))
		leave_crowd_locked(pool, wait);
}
EXPORT_SYMBOL_IF_KUNIT(wp_wait_remove_locked);

/* Decide: the thread gets @result, and is woken after the unlock. */
void wp_wait_complete_locked(struct workpool *pool, struct wp_wait *wait,
			     int result, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	wp_wait_remove_locked(pool, wait);
	WRITE_ONCE(wait->result, result);
	wp_deferred_add(deferred, WP_DEFER_WAITS, &deferred->waits,
			&wait->link);
}

/*
 * Decide for all waits in @list, which is empty afterwards. Those that are more
 * than a slice get @result a little later. Until then only the first of them
 * has it: see wp_wait_complete_rest_locked().
 */
void wp_wait_complete_all_locked(struct workpool *pool, struct list_head *list,
				 int result, struct wp_deferred *deferred)
{
	struct wp_wait *wait;

	lockdep_assert_held(&pool->lock);
	while ((wait = list_first_entry_or_null(list, struct wp_wait, link))) {
		if (!wp_wait_room(deferred)) {
			wait->leads = true;
			/* Pairs with the reads of queue/edge.c. */
			WRITE_ONCE(wait->result, result);
			list_splice_tail_init(list, &pool->decided);
			wp_slice_rest_locked(pool, deferred);
			return;
		}
		wp_wait_complete_locked(pool, wait, result, deferred);
	}
}

/* Tell a slice of the threads whose waits were decided all at once. */
void wp_wait_complete_rest_locked(struct workpool *pool,
				  struct wp_deferred *deferred)
{
	struct wp_wait *wait;

	lockdep_assert_held(&pool->lock);
	while (!list_empty(&pool->decided)) {
		if (!wp_wait_room(deferred)) {
			wp_slice_rest_locked(pool, deferred);
			return;
		}
		wait = list_first_entry(&pool->decided, struct wp_wait, link);
		if (wait->leads)
			pool->decided_result = wait->result;
		wp_wait_complete_locked(pool, wait, pool->decided_result,
					deferred);
	}
}

/*
 * The thread has waited long enough, or was killed: its wait ends with @err.
 * Returns false when it was decided just before. Then the thread is told soon.
 */
bool wp_wait_give_up_locked(struct workpool *pool, struct wp_wait *wait,
			    int err)
{
	lockdep_assert_held(&pool->lock);
	if (wait->result != -EINPROGRESS)
		return false;
	wp_wait_remove_locked(pool, wait);
	/* Pairs with the read of those that still find the edge. */
	WRITE_ONCE(wait->result, err);
	return true;
}

/**
 * wp_wait_state() - may the freezer take a thread that waits for a pool?
 * @pool: the pool
 *
 * It must if the workers that the thread waits for may be frozen. Other workers
 * go on, and the wait ends. The thread may hold a lock that another thread must
 * take before it can freeze: a file system's, while it waits for a write.
 * Therefore it does not freeze for a pool whose workers do not, even if one of
 * these waits for a frozen pool: see WORKPOOL_F_FREEZABLE.
 *
 * To lockdep the maps that a worker holds are locks, hence
 * TASK_FREEZABLE_UNSAFE.
 *
 * Context: Any.
 * Return: %TASK_FREEZABLE, or 0.
 */
unsigned int wp_wait_state(struct workpool *pool)
{
	if (!(pool->flags & WORKPOOL_F_FREEZABLE))
		return 0;
	return wp_worker_current() ? TASK_FREEZABLE_UNSAFE : TASK_FREEZABLE;
}

static long wait_freezable(struct completion *done, unsigned int state,
			   long timeout)
{
	return ___swait_event(done->wait,
			      ___wait_cond_timeout(try_wait_for_completion(done)),
			      state, timeout, __ret = schedule_timeout(__ret));
}

/**
 * wp_wait_done() - wait_for_completion_timeout() in a state of choice
 * @done: what to wait for
 * @state: of the thread
 * @timeout: in jiffies
 *
 * Context: Process context. May sleep.
 * Return: more than 0; 0: @timeout passed; %-ERESTARTSYS: killed.
 */
long wp_wait_done(struct completion *done, unsigned int state, long timeout)
{
	/* These take the lock of @done half as often. */
	if (state == TASK_KILLABLE)
		return wait_for_completion_killable_timeout(done, timeout);
	if (state == TASK_UNINTERRUPTIBLE)
		return wait_for_completion_timeout(done, timeout);
	return wait_freezable(done, state, timeout);
}

/* Sleep until there is a decision, and return it. Not killable. */
int wp_wait_sleep(struct wp_wait *wait)
{
	wp_wait_done(&wait->done, TASK_UNINTERRUPTIBLE | wait->state,
		     MAX_SCHEDULE_TIMEOUT);
	return wait->result;
}
