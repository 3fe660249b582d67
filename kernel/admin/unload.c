// SPDX-License-Identifier: GPL-2.0
/*
 * Unload: modules that go while their tasks or pools are still there.
 *
 * The notifier is called after a module's exit function and before its text is
 * freed. What it finds is a bug of that module; it keeps the bug from becoming
 * a jump into freed memory.
 */

#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/sched.h>

#include "admin/unload.h"
#include "compat.h"
#include "core/lock.h"
#include "core/lookup.h"
#include "core/node.h"
#include "core/pool.h"
#include "core/ref.h"
#include "core/worker.h"
#include "pool/registry.h"
#include "queue/queue.h"
#include "queue/waiter.h"
#include "task/parallel.h"
#include "worker/drop.h"

/* The most tasks that are named under one hold of the lock. */
#define NAMED_MAX	16

/**
 * struct found - functions of a module
 * @nr: how many
 * @more: there are others, whose turn comes later
 * @fns: these
 */
struct found {
	int	nr;
	bool	more;
	void	*fns[NAMED_MAX];
};

static bool is_text_of(struct module *mod, void *fn)
{
	return within_module((unsigned long)fn, mod);
}

static void *function_at(struct workpool_node *node)
{
	switch (node->kind) {
	case WP_CALL:
	case WP_MEMBER:
		return wp_node_job(node)->call.fn.any;
	case WP_WAITER:
		return wp_waiter_at(node)->call.fn.any;
	case WP_CRASH:
		return NULL;
	case WP_LOOP:
		return wp_parallel_function(node);
	default:
		return wp_node_task(node)->fn;
	}
}

static struct workpool_node *find_locked(struct list_head *list,
					 struct module *mod)
{
	struct workpool_node *node;

	list_for_each_entry(node, list, entry)
		if (is_text_of(mod, function_at(node)))
			return node;
	return NULL;
}

/*
 * Drop what is of @mod in @list. Returns how many. Dropping one may let a
 * waiter in and change the list: restart.
 */
static int drop_from_locked(struct workpool *pool, struct list_head *list,
			    struct module *mod, void **fns, int max,
			    struct wp_deferred *deferred)
{
	struct workpool_node *node;
	int nr = 0;

	while (nr < max && (node = find_locked(list, mod))) {
		fns[nr] = wp_drop_node_locked(pool, node, deferred);
		if (!fns[nr])
			break;
		nr++;
	}
	return nr;
}

static int drop_rerun_locked(struct workpool *pool, struct module *mod,
			     void **fns, int max, struct wp_deferred *deferred)
{
	struct wp_worker *worker;
	int nr = 0;

	list_for_each_entry(worker, &pool->workers, attached)
		if (nr < max && worker->rerun &&
		    is_text_of(mod, worker->rerun->fn))
			fns[nr++] = wp_drop_node_locked(pool,
							&worker->rerun->node,
							deferred);
	return nr;
}

/* What of @mod the worker executes, or NULL. */
static void *find_running_locked(struct wp_worker *worker, struct module *mod)
{
	struct workpool_node *inner;

	if (worker->state == WP_WORKER_BUSY &&
	    is_text_of(mod, worker->call.fn.any))
		return worker->call.fn.any;
	inner = find_locked(&worker->inner, mod);
	return inner ? function_at(inner) : NULL;
}

/* What of @mod runs right now. Returns how many. */
static int find_left_locked(struct workpool *pool, struct module *mod,
			    void **fns)
{
	struct wp_worker *worker;
	int nr = 0;

	list_for_each_entry(worker, &pool->workers, attached) {
		if (nr == NAMED_MAX)
			break;
		fns[nr] = find_running_locked(worker, mod);
		nr += !!fns[nr];
	}
	return nr;
}

/*
 * Under one hold of the lock, so that nothing gets from one to the other
 * unseen: drop what is pending into @pending, and see what is left.
 */
static void drop_some(struct workpool *pool, struct module *mod,
		      struct found *pending, struct found *left)
{
	struct wp_deferred deferred;
	int nr;

	wp_pool_lock(pool, &deferred);
	nr = drop_rerun_locked(pool, mod, pending->fns, NAMED_MAX, &deferred);
	nr += drop_from_locked(pool, &pool->queue, mod, pending->fns + nr,
			       NAMED_MAX - nr, &deferred);
	nr += drop_from_locked(pool, &pool->delayed, mod, pending->fns + nr,
			       NAMED_MAX - nr, &deferred);
	pending->nr = nr;
	pending->more = find_locked(&pool->queue, mod) ||
			find_locked(&pool->delayed, mod);
	left->nr = find_left_locked(pool, mod, left->fns);
	wp_queue_balance_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
}

static void complain(struct workpool *pool, struct module *mod, void *fn,
		     const char *state)
{
	WARN(1, "workpool: module %s is unloaded, but its task %ps %s in pool %s\n",
	     mod->name, fn, state, pool->name);
}

static bool is_in(struct found *found, void *fn)
{
	int i;

	for (i = 0; i < found->nr; i++)
		if (found->fns[i] == fn)
			return true;
	return false;
}

/* Name what runs, each function once. */
static void complain_of(struct workpool *pool, struct module *mod,
			struct found *left, struct found *named)
{
	int i;

	for (i = 0; i < left->nr; i++) {
		if (named->nr == NAMED_MAX || is_in(named, left->fns[i]))
			continue;
		complain(pool, mod, left->fns[i], "runs");
		named->fns[named->nr++] = left->fns[i];
	}
}

/* Returns false when nothing of @mod is in @pool. */
static bool clear_pool(struct workpool *pool, struct module *mod,
		       struct found *named)
{
	struct found pending, left;
	bool found = false;
	int i;

	do {
		drop_some(pool, mod, &pending, &left);
		for (i = 0; i < pending.nr; i++)
			complain(pool, mod, pending.fns[i], "was pending");
		complain_of(pool, mod, &left, named);
		found |= pending.nr || pending.more || left.nr;
	} while (pending.nr == NAMED_MAX);
	return found;
}

/* With all the pools of its multi. */
static void destroy_pool(struct workpool *pool)
{
	if (pool->multi)
		workpool_multi_destroy(pool->multi);
	else
		workpool_destroy(pool);
}

/*
 * Look into each pool, also into one that is being created or destroyed. Those
 * of @mod itself are found as long as a thread serves them.
 */
static bool clear_pools(struct module *mod, struct found *named)
{
	struct workpool *pool;
	bool found = false;
	u32 id = 0;

	while ((pool = wp_lookup_next(id))) {
		id = pool->lookup_id;
		if (pool->module == mod)
			found |= !wp_pool_is_over(pool);
		else
			found |= clear_pool(pool, mod, named);
		wp_pool_put(pool);
	}
	return found;
}

/* Those that another thread creates or destroys are not registered. */
static void destroy_pools(struct module *mod)
{
	struct workpool *pool;
	u32 id = 0;

	while ((pool = wp_registry_next(id))) {
		id = pool->id;
		if (pool->module == mod) {
			WARN(1, "workpool: module %s is unloaded, but not its pool %s\n",
			     mod->name, pool->name);
			destroy_pool(pool);
		}
		wp_pool_put(pool);
	}
}

/**
 * wp_unload_clear() - drop what a module left in the pools, and its pools
 * @mod: the module
 *
 * What is pending is dropped before anything is waited for, and a task that
 * runs may queue others, also in a pool that was looked into before: again,
 * until nothing was found twice.
 *
 * Context: Process context. May sleep.
 */
void wp_unload_clear(struct module *mod)
{
	struct found named = { .nr = 0 };
	bool found, before;

	before = clear_pools(mod, &named);
	destroy_pools(mod);
	while ((found = clear_pools(mod, &named)) || before) {
		before = found;
		schedule_timeout_uninterruptible(1);
		destroy_pools(mod);
	}
}
EXPORT_SYMBOL_IF_KUNIT(wp_unload_clear);

static int observe_modules(struct notifier_block *block, unsigned long event,
			   void *mod)
{
	if (event == MODULE_STATE_GOING)
		wp_unload_clear(mod);
	return NOTIFY_OK;
}

static struct notifier_block module_observer = {
	.notifier_call = observe_modules,
};

int wp_unload_init(void)
{
	return register_module_notifier(&module_observer);
}

void wp_unload_exit(void)
{
	unregister_module_notifier(&module_observer);
}
