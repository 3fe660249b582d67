// SPDX-License-Identifier: GPL-2.0
/*
 * Unload: modules that go while their tasks or pools are still there.
 *
 * The notifier is called after a module's exit function and before its text is
 * freed. What it finds is a bug of that module; it keeps the bug from becoming
 * a jump into freed memory. No module is referenced on the way of a task.
 */

#include <linux/bits.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "admin/unload.h"
#include "compat.h"
#include "core/lock.h"
#include "core/lookup.h"
#include "core/node.h"
#include "core/notice.h"
#include "core/pool.h"
#include "core/ref.h"
#include "core/scan.h"
#include "core/slice.h"
#include "core/walk.h"
#include "core/watch.h"
#include "core/worker.h"
#include "pool/registry.h"
#include "pool/release.h"
#include "queue/queue.h"
#include "queue/waiter.h"
#include "task/delayed.h"
#include "task/parallel.h"
#include "worker/drop.h"

/*
 * The most functions of each kind that are named: those that were pending, and
 * those that run.
 */
#define NAMED_MAX	16

/**
 * struct named_fns - functions that were named in the log
 * @nr: how many
 * @fns: these
 * @due: a bit for each one that is named once more, which costs no warning
 */
struct named_fns {
	int		nr;
	void		*fns[NAMED_MAX];
	unsigned long	due;
};

/**
 * struct unload_log - what an unload has complained of
 * @pending: functions that were dropped
 * @running: functions that run, or ran
 */
struct unload_log {
	struct named_fns	pending;
	struct named_fns	running;
};

/**
 * struct unload_look - a look into a pool
 * @mod: for what
 * @log: what was named already
 * @found: there was something of @mod
 * @again: look once more: a delayed task fires right now, or @dropped was full
 * @delayed: its delayed tasks, first: they get into the queue
 * @queue: its queue, then: what is queued gets to a worker
 * @workers: its workers
 * @workers_done: these were looked at
 * @nr_dropped: what was dropped under this hold of the lock
 * @nr_running: of @running, those that were not named yet
 * @dropped: functions of these
 * @running: functions that run
 */
struct unload_look {
	struct module		*mod;
	struct unload_log	*log;
	bool			found;
	bool			again;
	struct wp_scan		delayed;
	struct wp_scan		queue;
	struct wp_walk		workers;
	bool			workers_done;
	int			nr_dropped;
	int			nr_running;
	void			*dropped[WP_SLICE];
	void			*running[NAMED_MAX];
};

static bool is_text_of(struct module *mod, void *fn)
{
	return within_module((unsigned long)fn, mod);
}

static void *function_at_locked(struct workpool_node *node)
{
	switch (node->kind) {
	case WP_CALL:
	case WP_MEMBER_CALL:
		return wp_node_job(node)->call.fn.any;
	case WP_WAITER:
		return wp_waiter_at(node)->call.fn.any;
	case WP_CRASH:
	case WP_MARK:
		return NULL;
	case WP_LOOP:
		return wp_parallel_function(node);
	default:
		return wp_node_task(node)->fn;
	}
}

static void unload_drop_locked(struct workpool *pool,
			       struct workpool_node *node,
			       struct unload_look *look,
			       struct wp_deferred *deferred)
{
	void *fn = wp_drop_node_locked(pool, node, deferred);

	look->found = true;
	if (fn)
		look->dropped[look->nr_dropped++] = fn;
	else
		look->again = true;
}

/* Drop @node if it is of the module. */
static bool look_at_node_locked(struct workpool *pool,
				struct workpool_node *node, void *arg,
				struct wp_deferred *deferred)
{
	struct unload_look *look = arg;

	if (is_text_of(look->mod, function_at_locked(node)))
		unload_drop_locked(pool, node, look, deferred);
	return look->nr_dropped < WP_SLICE;
}

/* Returns where it is, or -1. */
static int find_fn(void *const *fns, int nr, void *fn)
{
	int i;

	for (i = 0; i < nr; i++)
		if (fns[i] == fn)
			return i;
	return -1;
}

static bool is_to_be_named(const struct named_fns *named, void *fn)
{
	int i = find_fn(named->fns, named->nr, fn);

	return i < 0 ? named->nr < NAMED_MAX : named->due & BIT(i);
}

/* Returns the function of the module that the worker executes, or NULL. */
static void *unload_find_running_locked(struct wp_worker *worker,
					struct module *mod)
{
	struct workpool_node *inner;

	if (worker->state == WP_WORKER_BUSY &&
	    is_text_of(mod, worker->call.fn.any))
		return worker->call.fn.any;
	list_for_each_entry(inner, &worker->inner, entry)
		if (is_text_of(mod, function_at_locked(inner)))
			return function_at_locked(inner);
	return NULL;
}

/* Is something of the module at @worker? */
static bool look_at_worker_locked(struct workpool *pool,
				  struct wp_worker *worker, void *arg,
				  struct wp_deferred *deferred)
{
	struct unload_look *look = arg;
	void *fn = unload_find_running_locked(worker, look->mod);

	if (worker->rerun && is_text_of(look->mod, worker->rerun->fn)) {
		if (look->nr_dropped < WP_SLICE)
			unload_drop_locked(pool, &worker->rerun->node, look,
					   deferred);
		else
			look->again = true;
	}
	if (!fn)
		return true;
	look->found = true;
	if (look->nr_running < NAMED_MAX &&
	    is_to_be_named(&look->log->running, fn) &&
	    find_fn(look->running, look->nr_running, fn) < 0)
		look->running[look->nr_running++] = fn;
	return true;
}

/*
 * Look at a slice of each. In a pool that has more, a task may get to a place
 * that was passed: see wp_unload_clear().
 */
static void unload_look_locked(struct workpool *pool, struct unload_look *look,
			       struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	if (!look->delayed.done)
		wp_scan_slice_locked(pool, &look->delayed, &pool->delayed,
				     look_at_node_locked, look, deferred);
	if (look->delayed.done && !look->queue.done &&
	    look->nr_dropped < WP_SLICE)
		wp_scan_slice_locked(pool, &look->queue, &pool->queue,
				     look_at_node_locked, look, deferred);
	if (look->queue.done)
		look->workers_done =
			!wp_walk_slice_locked(pool, &look->workers,
					      look_at_worker_locked, look,
					      deferred);
	wp_queue_balance_locked(pool, deferred);
}

/* Name @fn, once, and no more than NAMED_MAX functions. */
static void unload_complain(struct named_fns *named, struct module *mod,
			    void *fn, const char *state, const char *pool)
{
	int i = find_fn(named->fns, named->nr, fn);

	if (!is_to_be_named(named, fn))
		return;
	if (i >= 0) {
		named->due &= ~BIT(i);
		pr_warn("the unload of module %s still waits: its task %ps %s%s\n",
			mod->name, fn, state, pool);
	} else {
		named->fns[named->nr++] = fn;
		WARN(1, "workpool: module %s is unloaded, but its task %ps %s%s\n",
		     mod->name, fn, state, pool);
	}
}

/* Name what was dropped, and what runs, each function once. */
static void complain_of(struct workpool *pool, struct unload_look *look)
{
	int i;

	for (i = 0; i < look->nr_dropped; i++)
		unload_complain(&look->log->pending, look->mod,
				look->dropped[i], "was pending in pool ",
				pool->name);
	for (i = 0; i < look->nr_running; i++)
		unload_complain(&look->log->running, look->mod,
				look->running[i], "runs in pool ", pool->name);
	look->nr_dropped = 0;
	look->nr_running = 0;
}

/* Returns false when nothing of @mod is in @pool. */
static bool look_once(struct workpool *pool, struct module *mod,
		      struct unload_log *log, bool *again)
{
	struct unload_look look = { .mod = mod, .log = log };
	struct wp_deferred deferred;

	wp_scan_init(&look.delayed);
	wp_scan_init(&look.queue);
	while (!look.workers_done) {
		wp_pool_lock(pool, &deferred);
		unload_look_locked(pool, &look, &deferred);
		wp_pool_unlock(pool, &deferred);
		complain_of(pool, &look);
		cond_resched();
	}
	*again = look.again;
	return look.found;
}

static bool unload_clear_pool(struct workpool *pool, struct module *mod,
			      struct unload_log *log)
{
	bool found = false, again;

	do {
		found |= look_once(pool, mod, log, &again);
	} while (again);
	return found;
}

/*
 * Has @pool nothing of any module, but perhaps idle workers? One that comes or
 * goes may be in a callback, with a parallel loop. This look is one moment, and
 * takes no longer for a large pool.
 */
static bool has_nothing(struct workpool *pool)
{
	unsigned long flags;
	bool nothing;

	wp_pool_lock_irqsave(pool, &flags);
	nothing = wp_queue_is_quiet_locked(pool) && !pool->nr_delayed &&
		  !pool->nr_rerun && pool->alive == pool->idle.nr;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return nothing;
}

/* Is it a pool of @mod, or one that may call its text by itself? */
static bool is_pool_of(struct module *mod, struct workpool *pool)
{
	const struct workpool_ops *ops = &pool->ops;

	return pool->module == mod || is_text_of(mod, pool->fn) ||
	       is_text_of(mod, ops->worker_init) ||
	       is_text_of(mod, ops->worker_exit) || is_text_of(mod, ops->crash);
}

/*
 * Has @pool no thread and no delayed task, and will have none? One that never
 * booted will.
 */
static bool unload_is_over(struct workpool *pool)
{
	unsigned long flags;
	bool over;

	raw_spin_lock_irqsave(&pool->lock, flags);
	over = pool->boots && wp_pool_is_over(pool) && !pool->nr_delayed;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return over;
}

/*
 * Look into each pool, also into one that is being created or destroyed. Those
 * of @mod itself are found as long as a thread serves them, or may yet.
 */
static bool unload_clear_pools(struct module *mod, struct unload_log *log)
{
	struct workpool *pool;
	bool found = false;
	u32 id = 0;

	while ((pool = wp_lookup_next(id))) {
		id = pool->lookup_id;
		if (!has_nothing(pool))
			found |= unload_clear_pool(pool, mod, log);
		if (is_pool_of(mod, pool))
			found |= !unload_is_over(pool);
		wp_pool_put(pool);
		cond_resched();
	}
	return found;
}

/*
 * Close @pool for good. Its owner may destroy it at the same time, in a task
 * that still runs. So it is not destroyed here, see destroy_pools(). Returns
 * false if it was closed for good already.
 */
static bool unload_close_pool(struct workpool *pool, struct module *mod)
{
	/* Pairs with the write under the lock. */
	if (READ_ONCE(pool->state) == WP_DEAD)
		return false;
	/* Of a multi the first is enough. */
	WARN(!pool->index, "workpool: module %s is unloaded, but not its pool %s\n",
	     mod->name, pool->name);
	wp_release_begin(pool, WP_DEAD, WP_BY_OWNER);
	wp_delayed_drop_all(pool);
	return true;
}

/*
 * Close the pools of @mod, so that their workers end. What is not registered
 * is being created, or destroyed. Returns true if there was one to close.
 */
static bool close_pools(struct module *mod)
{
	struct workpool *pool;
	bool closed = false;
	u32 id = 0;

	while ((pool = wp_registry_next(id))) {
		id = pool->id;
		if (is_pool_of(mod, pool))
			closed |= unload_close_pool(pool, mod);
		wp_pool_put(pool);
		cond_resched();
	}
	return closed;
}

/*
 * Nothing of @mod runs any more: destroy the pools that it left, each without a
 * thread. A pool of another module that only has callbacks of @mod stays closed
 * until its owner destroys it, and so does one of a device.
 */
static void destroy_pools(struct module *mod)
{
	struct workpool *pool;
	u32 id = 0;

	while ((pool = wp_registry_next(id))) {
		id = pool->id;
		/* Pairs with the write in __devm_workpool_create(). */
		if (pool->module == mod && pool->multi)
			workpool_multi_destroy(pool->multi);
		else if (pool->module == mod && !READ_ONCE(pool->of_device))
			workpool_destroy(pool);
		wp_pool_put(pool);
		cond_resched();
	}
}

/* Name the threads that the unload waits for in pools of @mod. */
static void complain_of_stragglers(struct module *mod)
{
	struct workpool *pool;
	u32 id = 0;

	while ((pool = wp_lookup_next(id))) {
		id = pool->lookup_id;
		if (is_pool_of(mod, pool) && !unload_is_over(pool))
			wp_release_log_stragglers(pool);
		wp_pool_put(pool);
		cond_resched();
	}
}

/*
 * Something of @mod began or ended while no thread looked at it. It is named,
 * too: if it always escapes the look, the log says at least why the unload
 * takes so long.
 */
static bool take_note(struct wp_watch *watch, struct unload_log *log)
{
	void *fn = wp_watch_take(watch);

	if (fn)
		unload_complain(&log->running, watch->mod, fn, "ran", "");
	return fn;
}

/* Returns false when something of the module was found, or ran meanwhile. */
static bool clear_once(struct wp_watch *watch, struct unload_log *log)
{
	bool found = unload_clear_pools(watch->mod, log);

	return !take_note(watch, log) && !found;
}

/* Is @pool the only one, and is nothing in it? */
static bool is_alone_and_quiet(struct workpool *pool)
{
	struct workpool *other = wp_lookup_next(pool->lookup_id);

	if (!other)
		return has_nothing(pool);
	wp_pool_put(other);
	return false;
}

/*
 * Is workpool_system the only pool, and is nothing in it? If no pool is created
 * meanwhile, all that runs or waits is there at the one moment of the look. The
 * grace period is for a delayed task that is between two times: interrupts are
 * off as long as no look finds it, see requeue_delayed().
 */
static bool is_unused(struct module *mod)
{
	u32 last = wp_lookup_last();
	struct workpool *pool = wp_lookup_next(0);
	bool unused;

	if (!pool)
		return true;
	unused = !is_pool_of(mod, pool) && is_alone_and_quiet(pool);
	if (unused) {
		synchronize_rcu();
		unused = is_alone_and_quiet(pool) && wp_lookup_last() == last;
	}
	wp_pool_put(pool);
	return unused;
}

/**
 * wp_unload_clear() - drop what a module left in the pools, and its pools
 * @mod: the module
 *
 * What is pending is dropped before anything is waited for. A task that runs
 * may have queued others, also in a pool that was looked into before, or at a
 * place of a large pool that was passed: again, until nothing of @mod is left.
 * Work with text of @mod is refused from the beginning on. Pools of @mod
 * are closed at once, and destroyed when no task of @mod can destroy them as
 * well. A device destroys its own.
 *
 * If a look finds nothing, no function of @mod began or ended meanwhile, and no
 * pool had to be closed after it, then nothing of @mod is left. What ran when
 * the look began would have been found, or have ended. So none of it ran, and
 * nothing was queued by it. What was queued when the look began would have been
 * found where it stood, or have begun, or have left for another pool or another
 * time, which is noted as well.
 *
 * Context: Process context. May sleep.
 */
void wp_unload_clear(struct module *mod)
{
	unsigned long complain = jiffies + WP_RELEASE_PATIENCE;
	struct unload_log log = {};
	struct wp_watch watch;
	bool clean;

	if (is_unused(mod))
		return;
	wp_watch_begin(&watch, mod);
	do {
		clean = clear_once(&watch, &log);
		/* One may have been rebooted since it was looked at. */
		clean &= !close_pools(mod);
		if (!clean) {
			schedule_timeout_uninterruptible(1);
			/* A task that was noted on its way has arrived then. */
			synchronize_rcu();
		}
		if (time_after(jiffies, complain)) {
			/* Name again what the unload waits for. */
			log.running.due = BIT(log.running.nr) - 1;
			complain_of_stragglers(mod);
			complain = jiffies + WP_RELEASE_PATIENCE;
		}
	} while (!clean);
	wp_watch_end(&watch);
	destroy_pools(mod);
}
EXPORT_SYMBOL_IF_KUNIT(wp_unload_clear);

static int observe_modules(struct notifier_block *block, unsigned long event,
			   void *mod)
{
	if (event != MODULE_STATE_GOING)
		return NOTIFY_OK;
	wp_unload_clear(mod);
	/* Notices of dropped tasks get the names of its functions. */
	wp_notice_flush();
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
