// SPDX-License-Identifier: GPL-2.0
/*
 * The pool: how it comes and goes, and the rules that hold whenever its lock is
 * free.
 *
 * Lock order: see "Locking" in internal.h.
 */

#include <linux/slab.h>

#include "internal.h"
#include "core/lockdep.h"

/**
 * DOC: From submit to done
 *
 * A submitter takes the pool's lock once. If a worker is parked and nothing is
 * pending it pops the one on top of the expiry stack, writes the call into its
 * mailbox and, after the lock, wakes it. Otherwise, if fewer are busy and pending
 * than the capacity allows, or the queue has room, the call goes to the end of
 * the pending list and is accepted. Otherwise the pool is full, and the submitter
 * gets -EAGAIN or appends itself to the same list and sleeps. An embedded task
 * always goes to the pending list. What is pending is found by searchers: see
 * "Waking".
 *
 * A worker that becomes free takes the lock once: it accounts for the task it
 * finished and takes the first of the pending list, or parks. When that first
 * one is a waiting submitter, the worker takes its call out of the submitter's
 * stack frame and wakes it: a hand-off, which nobody can overtake.
 *
 * What always holds while the lock is free, and is restored by
 * wp_queue_balance_locked() in each critical section that may have broken it:
 *
 *  - running = idle + searching + busy + starting, and running <= limit but for the
 *    surplus a shrink left, which only falls;
 *  - while something is queued and a worker is parked, a searcher is on its way;
 *  - while something is queued and running < limit, so is one, or starting, and
 *    without queue_depth as many as calls are queued;
 *  - the pending list is in order of arrival, but for what was queued to its
 *    front, and reports of crashes, which go there too;
 *  - nobody waits while the pool has room;
 *  - not all workers it may have wait for a worker of this pool;
 *  - a closed pool has no more parked workers than jobs for them.
 *
 * No wake-up can be lost because whoever changes one of the numbers makes, in
 * the same critical section, the decisions that follow from it.
 */

void wp_pool_get(struct workpool *pool)
{
	kref_get(&pool->ref);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_get);

/* The grace period is over: see "Locking". */
static void free_work(struct work_struct *work)
{
	struct workpool *pool = container_of(to_rcu_work(work), struct workpool,
					     free);

	wp_lockdep_exit(pool);
	kfree(pool);
}

static void pool_free(struct kref *ref)
{
	struct workpool *pool = container_of(ref, struct workpool, ref);

	wp_lookup_remove(pool);
	if (pool->multi)
		wp_multi_put(pool->multi);
	/* An ioctl that raced with workpool_destroy() may have armed these. */
	cancel_delayed_work_sync(&pool->purge);
	wp_spawn_cancel(pool);
	wp_reserve_free(pool);
	free_cpumask_var(pool->cpumask);
	mutex_destroy(&pool->lifecycle);
	queue_rcu_work(wp_workqueue, &pool->free);
}

/* Process context: it may free. */
void wp_pool_put(struct workpool *pool)
{
	kref_put(&pool->ref, pool_free);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_put);

static void pool_init(struct workpool *pool)
{
	raw_spin_lock_init(&pool->lock);
	pool->state = WP_CLOSED;
	pool->max_searching = 1;
	wp_stack_init(&pool->idle);
	INIT_LIST_HEAD(&pool->queue);
	INIT_LIST_HEAD(&pool->waiters);
	init_llist_head(&pool->reserve);
	INIT_LIST_HEAD(&pool->nested);
	INIT_LIST_HEAD(&pool->flushers);
	INIT_LIST_HEAD(&pool->delayed);
	INIT_LIST_HEAD(&pool->drainers);
	INIT_LIST_HEAD(&pool->workers);
	INIT_LIST_HEAD(&pool->chunks);
	hash_init(pool->busy);
	init_waitqueue_head(&pool->events);
	INIT_DELAYED_WORK(&pool->purge, wp_purge_work);
	wp_spawn_setup(pool);
	ratelimit_state_init(&pool->respawns, HZ, 100);
	ratelimit_set_flags(&pool->respawns, RATELIMIT_MSG_ON_RELEASE);
	mutex_init(&pool->lifecycle);
	kref_init(&pool->ref);
	INIT_RCU_WORK(&pool->free, free_work);
	wp_lockdep_init(pool);
}

struct workpool *wp_pool_alloc(void)
{
	KUNIT_STATIC_STUB_REDIRECT(wp_pool_alloc);
	return kzalloc(sizeof(struct workpool), GFP_KERNEL);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_alloc);

/* A closed pool that nobody knows of yet. */
struct workpool *wp_pool_alloc_closed(struct module *owner, const char *name,
				      const struct workpool_attrs *attrs)
{
	struct workpool *pool;
	int err;

	pool = wp_pool_alloc();
	if (!pool)
		return ERR_PTR(-ENOMEM);
	pool_init(pool);
	pool->module = owner;
	strscpy(pool->owner, module_name(owner), sizeof(pool->owner));
	strscpy(pool->name, name, sizeof(pool->name));
	err = wp_attrs_copy(pool, attrs);
	if (!err)
		err = wp_lookup_add(pool);
	if (!err)
		err = wp_reserve_grow(pool, pool->limit);
	if (err) {
		wp_pool_put(pool);
		return ERR_PTR(err);
	}
	return pool;
}
EXPORT_SYMBOL_IF_KUNIT(wp_pool_alloc_closed);
