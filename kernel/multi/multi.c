// SPDX-License-Identifier: GPL-2.0
/*
 * The multi: several pools with one front, which live together. Their owner
 * changes them together, an administrator one by one. How it chooses among them
 * is in route.c.
 */

#include <linux/idr.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "compat.h"
#include "core/lockdep.h"
#include "core/ref.h"
#include "core/wait.h"
#include "core/worker.h"
#include "multi/layout.h"
#include "multi/multi.h"
#include "multi/steal.h"
#include "pool/attrs.h"
#include "pool/flush.h"
#include "pool/pool.h"
#include "pool/registry.h"
#include "pool/pause.h"
#include "pool/reboot.h"
#include "pool/release.h"

static DEFINE_IDA(multi_ids);

/* By id: multis whose pools are complete, and not being destroyed yet */
static DEFINE_XARRAY(multis);

static void free_multi(struct kref *ref)
{
	struct workpool_multi *multi = container_of(ref, struct workpool_multi,
						    ref);

	if (multi->id)
		ida_free(&multi_ids, multi->id);
	mutex_destroy(&multi->lifecycle);
	kvfree(multi->of_cpu);
	kvfree(multi);
}

static void put_multi(struct workpool_multi *multi)
{
	kref_put(&multi->ref, free_multi);
}

/* Keep @multi and its pools, also when it is destroyed meanwhile. */
void wp_multi_get_all(struct workpool_multi *multi)
{
	unsigned int i;

	kref_get(&multi->ref);
	for (i = 0; i < multi->nr; i++)
		wp_pool_get(multi->pools[i]);
}

void wp_multi_put_all(struct workpool_multi *multi)
{
	unsigned int i;

	for (i = 0; i < multi->nr; i++)
		wp_pool_put(multi->pools[i]);
	put_multi(multi);
}

static int name_part(char name[WORKPOOL_NAME_MAX], const char *multi,
		     unsigned int index)
{
	int len = snprintf(name, WORKPOOL_NAME_MAX, "%s.%u", multi, index);

	return len < WORKPOOL_NAME_MAX ? 0 : -EINVAL;
}

static struct workpool_multi *get_by_id(u32 id)
{
	struct workpool_multi *multi;

	xa_lock(&multis);
	multi = xa_load(&multis, id);
	if (multi)
		wp_multi_get_all(multi);
	xa_unlock(&multis);
	return multi;
}

/* By its first pool: the name of a pool is unique. */
static struct workpool_multi *get_by_name(const char *name)
{
	struct workpool_multi *multi = NULL;
	char part[WORKPOOL_NAME_MAX];
	struct workpool *pool;

	if (name_part(part, name, 0))
		return NULL;
	pool = wp_registry_find(0, part);
	if (!pool)
		return NULL;
	if (pool->multi && !strcmp(pool->multi->name, name))
		multi = get_by_id(pool->multi->id);
	wp_pool_put(pool);
	return multi;
}

/**
 * wp_multi_find() - find a multi
 * @id: its number, or 0
 * @name: its name; looked at with @id 0 only
 *
 * Context: Process context. May sleep.
 * Return: the multi, for wp_multi_put_all(), or NULL.
 */
struct workpool_multi *wp_multi_find(u32 id, const char *name)
{
	return id ? get_by_id(id) : get_by_name(name);
}

static struct workpool_multi *alloc_multi(unsigned int nr,
					  enum workpool_strategy strategy,
					  const char *name)
{
	struct workpool_multi *multi;
	int id;

	multi = kvzalloc(struct_size(multi, pools, nr), GFP_KERNEL);
	if (!multi)
		return NULL;
	kref_init(&multi->ref);
	mutex_init(&multi->lifecycle);
	multi->strategy = strategy;
	strscpy(multi->name, name, sizeof(multi->name));
	id = ida_alloc_min(&multi_ids, 1, GFP_KERNEL);
	if (id < 0) {
		put_multi(multi);
		return NULL;
	}
	multi->id = id;
	return multi;
}

/* The pools look at each other until none of them has a worker. */
static void destroy_multi(struct workpool_multi *multi)
{
	unsigned int i;

	xa_erase(&multis, multi->id);
	for (i = 0; i < multi->nr; i++)
		wp_release_close(multi->pools[i]);
	for (i = 0; i < multi->nr; i++)
		wp_release_end(multi->pools[i]);
	wp_multi_put_all(multi);
}

/* Does a worker of one of the pools run here? */
static bool is_own_multi(struct workpool_multi *multi)
{
	struct wp_worker *worker = wp_worker_current();

	return worker && worker->pool && worker->pool->multi == multi;
}

/**
 * workpool_multi_destroy() - release all pools of a multi, wait, free them
 * @multi: the multi, ERR_PTR() or NULL
 *
 * As workpool_destroy() of each.
 *
 * Context: Process context. May sleep, not killable.
 */
void workpool_multi_destroy(struct workpool_multi *multi)
{
	might_sleep();
	if (IS_ERR_OR_NULL(multi))
		return;
	if (WARN_ONCE(is_own_multi(multi),
		      "%s() of multi %s from its own worker: nothing is done\n",
		      __func__, multi->name))
		return;
	destroy_multi(multi);
}
EXPORT_SYMBOL_GPL(workpool_multi_destroy);

static void put_multi_of(struct workpool *pool)
{
	put_multi(pool->multi);
}

static int add_pool(struct workpool_multi *multi, struct module *owner,
		    const struct workpool_attrs *attrs, bool own_cpus)
{
	char name[WORKPOOL_NAME_MAX];
	struct wp_pool_part part = {
		.multi = multi,
		.ref = &multi->ref,
		.index = multi->nr,
		.own_cpus = own_cpus,
		.on_park = wp_steal_for,
		.on_free = put_multi_of,
	};
	struct workpool *pool;
	int err;

	err = name_part(name, multi->name, multi->nr);
	if (err) {
		pr_debug("%s is not created: no room in a name for \".%u\"\n",
			 multi->name, multi->nr);
		return err;
	}
	pool = wp_pool_create(owner, name, attrs, &part);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	multi->pools[multi->nr] = pool;
	/* Pairs with the acquire in wp_steal_for(): a worker may look. */
	smp_store_release(&multi->nr, multi->nr + 1);
	return 0;
}

static int add_pools(struct workpool_multi *multi, struct module *owner,
		     const struct workpool_attrs *each, struct wp_layout *layout)
{
	struct workpool_attrs attrs = *each;
	int err = 0;

	while (multi->nr < layout->nr && !err) {
		if (multi->strategy == WORKPOOL_LOCAL)
			attrs.cpumask = wp_layout_part(layout, multi->nr);
		err = add_pool(multi, owner, &attrs, each->cpumask);
	}
	return err;
}

/* The multi takes over the layout's map of CPUs. */
static struct workpool_multi *create_pools(struct module *owner,
					   enum workpool_strategy strategy,
					   const struct workpool_attrs *each,
					   const char *name,
					   struct wp_layout *layout)
{
	struct workpool_multi *multi = alloc_multi(layout->nr, strategy, name);
	int err;

	if (!multi)
		return ERR_PTR(-ENOMEM);
	err = add_pools(multi, owner, each, layout);
	swap(multi->of_cpu, layout->of_cpu);
	if (!err)
		err = xa_err(xa_store(&multis, multi->id, multi, GFP_KERNEL));
	if (err) {
		destroy_multi(multi);
		return ERR_PTR(err);
	}
	return multi;
}

static struct workpool_multi *create_multi(struct module *owner, unsigned int n,
					   enum workpool_strategy strategy,
					   const struct workpool_attrs *each,
					   const char *name)
{
	struct workpool_multi *multi;
	struct wp_layout layout;
	int err;

	err = wp_layout_init(&layout, n, each);
	if (err)
		return ERR_PTR(err);
	multi = create_pools(owner, strategy, each, name, &layout);
	wp_layout_exit(&layout);
	return multi;
}

/* Returns what is wrong with the arguments of a creation, or NULL. */
const char *wp_multi_find_bad(unsigned int n, enum workpool_strategy strategy)
{
	switch (strategy) {
	case WORKPOOL_ROUND_ROBIN:
	case WORKPOOL_LEAST_TASKS:
		if (!n)
			return "n is 0, which needs WORKPOOL_LOCAL";
		break;
	case WORKPOOL_LOCAL:
		break;
	default:
		return "strategy is unknown";
	}
	return n > WORKPOOL_MULTI_MAX ? "n is above WORKPOOL_MULTI_MAX" : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(wp_multi_find_bad);

/* Check the arguments, and log what is wrong. */
static int multi_check(const char *name, unsigned int n,
		       enum workpool_strategy strategy,
		       const struct workpool_attrs *each)
{
	const char *bad = wp_multi_find_bad(n, strategy);

	if (!bad)
		return wp_attrs_check(name, each);
	pr_debug("%s is not created: %s\n", name, bad);
	return -EINVAL;
}

/**
 * __workpool_multi_create() - create a multi; use workpool_multi_create()
 * @owner: the module whose multi it is
 * @n: how many pools
 * @strategy: which of them gets the next task
 * @each: how each of them is to be
 * @namefmt: printf format of its name
 *
 * Context: Process context. May sleep.
 * Return: see workpool_multi_create().
 */
struct workpool_multi *
__workpool_multi_create(struct module *owner, unsigned int n,
			enum workpool_strategy strategy,
			const struct workpool_attrs *each,
			const char *namefmt, ...)
{
	char name[WORKPOOL_NAME_MAX];
	va_list args;
	int err;

	might_sleep();
	va_start(args, namefmt);
	err = wp_registry_format_name(name, namefmt, args);
	va_end(args);
	if (err || multi_check(name, n, strategy, each))
		return ERR_PTR(-EINVAL);
	return create_multi(owner, n, strategy, each, name);
}
EXPORT_SYMBOL_GPL(__workpool_multi_create);

/**
 * workpool_multi_count() - pools of a multi
 * @multi: the multi
 *
 * Context: Any.
 * Return: how many.
 */
unsigned int workpool_multi_count(struct workpool_multi *multi)
{
	return multi->nr;
}
EXPORT_SYMBOL_GPL(workpool_multi_count);

/**
 * workpool_multi_at() - one pool of a multi
 * @multi: the multi
 * @index: from 0
 *
 * The pool may be used like any other, but not destroyed.
 *
 * Context: Any.
 * Return: the pool, or ERR_PTR(-ERANGE).
 */
struct workpool *workpool_multi_at(struct workpool_multi *multi, int index)
{
	if (index < 0 || index >= multi->nr)
		return ERR_PTR(-ERANGE);
	return multi->pools[index];
}
EXPORT_SYMBOL_GPL(workpool_multi_at);

/**
 * workpool_multi_is_closed() - are all pools of a multi closed?
 * @multi: the multi
 *
 * An administrator may close and open them one by one.
 *
 * Context: Any.
 * Return: true if submits fail with -ESHUTDOWN.
 */
bool workpool_multi_is_closed(struct workpool_multi *multi)
{
	unsigned int i;

	for (i = 0; i < multi->nr; i++)
		if (wp_pool_is_open(multi->pools[i]))
			return false;
	return true;
}
EXPORT_SYMBOL_GPL(workpool_multi_is_closed);

/* Returns the first error; the other pools are changed all the same. */
static int pause_all(struct workpool_multi *multi, bool pause)
{
	unsigned int i;
	int err, first = 0;

	for (i = 0; i < multi->nr; i++) {
		err = wp_pause_set(multi->pools[i], WORKPOOL_PAUSED_BY_OWNER,
				   pause);
		first = first ?: err;
	}
	return first;
}

/**
 * workpool_multi_pause() - let all pools start no more tasks
 * @multi: the multi
 *
 * As workpool_pause() of each. The last task may begin just before this
 * returns.
 *
 * Context: Process or softirq context.
 * Return: 0; -ESHUTDOWN: at least one pool is closed; the others are paused all
 * the same.
 */
int workpool_multi_pause(struct workpool_multi *multi)
{
	return pause_all(multi, true);
}
EXPORT_SYMBOL_GPL(workpool_multi_pause);

/**
 * workpool_multi_resume() - end the pause of all pools
 * @multi: the multi
 *
 * As workpool_resume() of each.
 *
 * Context: Process or softirq context.
 * Return: as workpool_multi_pause().
 */
int workpool_multi_resume(struct workpool_multi *multi)
{
	return pause_all(multi, false);
}
EXPORT_SYMBOL_GPL(workpool_multi_resume);

/**
 * workpool_multi_tune() - change the capacity of each pool
 * @multi: the multi
 * @capacity: of each of them
 *
 * Context: Process context. May sleep.
 * Return: 0, or the first error that workpool_tune() returned for one of them;
 * the others are changed all the same.
 */
int workpool_multi_tune(struct workpool_multi *multi, int capacity)
{
	unsigned int i;
	int err, first = 0;

	might_sleep();
	for (i = 0; i < multi->nr; i++) {
		err = workpool_tune(multi->pools[i], capacity);
		first = first ?: err;
	}
	return first;
}
EXPORT_SYMBOL_GPL(workpool_multi_tune);

/**
 * workpool_multi_release() - close all pools
 * @multi: the multi
 *
 * As workpool_release() of each. Does not wait.
 *
 * Context: Process or softirq context.
 */
void workpool_multi_release(struct workpool_multi *multi)
{
	unsigned int i;

	/* These are ordered before what follows: see multi_reboot(). */
	atomic_inc_return(&multi->releasing);
	atomic_inc_return(&multi->releases);
	for (i = 0; i < multi->nr; i++)
		workpool_release(multi->pools[i]);
	atomic_dec_return(&multi->releasing);
}
EXPORT_SYMBOL_GPL(workpool_multi_release);

/*
 * No task moves any more: those that steal read @flushing under the lock. Moves
 * that had begun take no longer than interrupts are off.
 */
static void wait_for_moves(struct workpool_multi *multi)
{
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < multi->nr; i++) {
		raw_spin_lock_irqsave(&multi->pools[i]->lock, flags);
		raw_spin_unlock_irqrestore(&multi->pools[i]->lock, flags);
	}
	/* Pairs with the release in steal_one(). */
	while (atomic_read_acquire(&multi->moves_ended) !=
	       atomic_read(&multi->moves_begun))
		cond_resched();
}

/**
 * workpool_multi_flush() - wait for what the pools of a multi accepted before
 * @multi: the multi
 *
 * As workpool_flush_pool() of all pools at once. What is waited for does not
 * move to another pool meanwhile. Not waited for is a task that was queued in
 * one of them while it still runs in another one that is closed.
 *
 * When other threads flush the multi or one of its pools as well, it may also
 * wait for what was accepted before these began.
 *
 * Context: as workpool_flush_pool().
 */
void workpool_multi_flush(struct workpool_multi *multi)
{
	unsigned int i;
	int err = 0;

	might_sleep();
	if (WARN(is_own_multi(multi),
		 "workpool: flush of multi %s by its own task\n", multi->name))
		return;
	wp_multi_get_all(multi);
	atomic_inc(&multi->flushing);
	wait_for_moves(multi);
	for (i = 0; !err && i < multi->nr; i++)
		err = wp_flush_begin(multi->pools[i]);
	atomic_dec(&multi->flushing);
	for (i = 0; !err && i < multi->nr; i++) {
		wp_lockdep_wait_pool(multi->pools[i]);
		err = wp_flush_end(multi->pools[i]);
	}
	wp_multi_put_all(multi);
}
EXPORT_SYMBOL_GPL(workpool_multi_flush);

static bool all_pools(struct workpool_multi *multi,
		      bool (*is)(const struct workpool *pool))
{
	unsigned int i;

	for (i = 0; i < multi->nr; i++)
		if (!is(multi->pools[i]))
			return false;
	return true;
}

/*
 * Wait for one pool for @left jiffies, of @timeout for all of them. Returns
 * @err, or the error of the wait. One opened on its own is no error.
 */
static int wait_one(struct workpool *pool, long timeout, long left, int err)
{
	int err2 = workpool_wait_released(pool, left);

	/* That was only a look, which names nobody. The caller waited for others. */
	if (err2 == -ETIMEDOUT && timeout && !left)
		wp_release_log_stragglers(pool);
	return err2 && err2 != -EINVAL ? err2 : err;
}

/* All pools share one deadline. Those after it are only looked at. */
static int wait_all(struct workpool_multi *multi, long timeout)
{
	unsigned long start = jiffies;
	unsigned int i;
	int err = 0;

	for (i = 0; i < multi->nr && err != -EINTR; i++) {
		err = wait_one(multi->pools[i], timeout,
			       wp_wait_left(timeout, start), err);
	}
	return err;
}

/**
 * workpool_multi_release_timeout() - close all pools and wait until they are
 * empty
 * @multi: the multi
 * @timeout_jiffies: how long to wait for all of them, in jiffies
 *
 * After a timeout the log names what still runs in each of the pools, but no
 * more than it names of ten pools within five seconds. Beside the
 * workpool_multi_reboot() of another thread this may return 0 while that one
 * still starts workers, before it closes the pools again.
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: as workpool_release_timeout(); -ETIMEDOUT: at least one is not empty
 * yet, see workpool_multi_wait_released().
 */
int workpool_multi_release_timeout(struct workpool_multi *multi,
				   long timeout_jiffies)
{
	int err;

	might_sleep();
	if (workpool_multi_is_closed(multi) && all_pools(multi, wp_pool_is_over))
		return -ESHUTDOWN;
	if (is_own_multi(multi))
		return -EDEADLK;
	if (timeout_jiffies < 0)
		return -EINVAL;
	/* A thread that finds it closed may destroy it. */
	wp_multi_get_all(multi);
	workpool_multi_release(multi);
	err = wait_all(multi, timeout_jiffies);
	wp_multi_put_all(multi);
	return err;
}
EXPORT_SYMBOL_GPL(workpool_multi_release_timeout);

/**
 * workpool_multi_wait_released() - wait until closed pools are empty
 * @multi: the multi
 * @timeout_jiffies: how long to wait for all of them, in jiffies
 *
 * May be called repeatedly, after either form of release. Pools that
 * were opened on their own are not waited for.
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: as workpool_wait_released(); -EINVAL: all pools are open.
 */
int workpool_multi_wait_released(struct workpool_multi *multi,
				 long timeout_jiffies)
{
	int err;

	might_sleep();
	if (all_pools(multi, wp_pool_is_open) || timeout_jiffies < 0)
		return -EINVAL;
	if (is_own_multi(multi))
		return -EDEADLK;
	wp_multi_get_all(multi);
	err = wait_all(multi, timeout_jiffies);
	wp_multi_put_all(multi);
	return err;
}
EXPORT_SYMBOL_GPL(workpool_multi_wait_released);

/*
 * One that an administrator opens again on its own is no error. The lock that
 * the caller holds does not keep it from freezing: see wp_reboot_open().
 */
static int reboot_one(struct workpool *pool)
{
	unsigned int state = TASK_KILLABLE;
	int err;

	if (pool->flags & WORKPOOL_F_FREEZABLE)
		state |= TASK_FREEZABLE_UNSAFE;
	err = wp_reboot_wait(pool, WP_BY_OWNER, state);
	return err == -EALREADY ? wp_reboot_join(pool, state) : err;
}

static int reboot_all(struct workpool_multi *multi)
{
	unsigned int i;
	int err;

	lockdep_assert_held(&multi->lifecycle);
	for (i = 0; i < multi->nr; i++) {
		err = reboot_one(multi->pools[i]);
		if (err)
			break;
	}
	if (i == multi->nr)
		return 0;
	workpool_multi_release(multi);
	return err;
}

static int multi_reboot(struct workpool_multi *multi)
{
	int releases = atomic_read(&multi->releases), err;

	lockdep_assert_held(&multi->lifecycle);
	if (all_pools(multi, wp_pool_is_open))
		return -EALREADY;
	/* Pairs with the order in workpool_multi_release(). */
	smp_mb();
	if (atomic_read(&multi->releasing) ||
	    !all_pools(multi, wp_pool_release_ended))
		return -EBUSY;
	err = reboot_all(multi);
	if (err)
		return err;
	atomic64_set(&multi->turn, 0);
	/* Pairs with the order in workpool_multi_release(). */
	smp_mb();
	if (atomic_read(&multi->releases) == releases)
		return 0;
	workpool_multi_release(multi);
	return -ESHUTDOWN;
}

/**
 * workpool_multi_reboot() - open all pools of a released multi again
 * @multi: the multi
 *
 * Taking turns begins with the first pool again. With %WORKPOOL_F_FREEZABLE the
 * caller freezes while it waits for workers. A second caller that waits for the
 * first one does not: if it has to freeze, the suspend fails.
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: as workpool_reboot(); -EALREADY: all are open; -EBUSY: a pool is not
 * empty yet, and nothing changed, unless it was released during the call, or
 * the call is from a worker_init that opens one of them;
 * after another error all are closed, but after -EINTR another thread may have
 * opened them.
 */
int workpool_multi_reboot(struct workpool_multi *multi)
{
	int err;

	might_sleep();
	/* A boot of the pool waits for the worker_init that calls this. */
	if (is_own_multi(multi) && wp_pool_is_booting(wp_worker_current()->pool))
		return -EBUSY;
	wp_multi_get_all(multi);
	err = mutex_lock_killable(&multi->lifecycle);
	if (!err) {
		err = multi_reboot(multi);
		mutex_unlock(&multi->lifecycle);
	}
	wp_multi_put_all(multi);
	return err;
}
EXPORT_SYMBOL_GPL(workpool_multi_reboot);
