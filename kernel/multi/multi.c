// SPDX-License-Identifier: GPL-2.0
/*
 * The multi: several pools with one front, which live and are administered
 * together. How it chooses among them is in route.c.
 */

#include <linux/idr.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "internal.h"

static DEFINE_IDA(ids);

static void multi_free(struct kref *ref)
{
	struct workpool_multi *multi = container_of(ref, struct workpool_multi,
						    ref);

	if (multi->id)
		ida_free(&ids, multi->id);
	mutex_destroy(&multi->lifecycle);
	kvfree(multi->of_cpu);
	kvfree(multi);
}

void wp_multi_put(struct workpool_multi *multi)
{
	kref_put(&multi->ref, multi_free);
}

static struct workpool_multi *multi_alloc(unsigned int nr,
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
	id = ida_alloc_min(&ids, 1, GFP_KERNEL);
	if (id < 0) {
		wp_multi_put(multi);
		return NULL;
	}
	multi->id = id;
	return multi;
}

static void close_all(struct workpool_multi *multi)
{
	unsigned int i;

	for (i = 0; i < multi->nr; i++)
		wp_release_close(multi->pools[i]);
}

/* The pools look at each other until none has a worker. */
static void destroy(struct workpool_multi *multi)
{
	unsigned int i;

	close_all(multi);
	for (i = 0; i < multi->nr; i++)
		wp_release_end(multi->pools[i]);
	for (i = 0; i < multi->nr; i++)
		wp_pool_put(multi->pools[i]);
	wp_multi_put(multi);
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
	if (WARN_ONCE(wp_multi_is_own(multi),
		      "%s() of %s from its own worker\n", __func__,
		      multi->name))
		return;
	destroy(multi);
}
EXPORT_SYMBOL_GPL(workpool_multi_destroy);

static int add_pool(struct workpool_multi *multi, struct module *owner,
		    const struct workpool_attrs *attrs)
{
	char name[WORKPOOL_NAME_MAX];
	struct workpool *pool;
	int len;

	len = snprintf(name, sizeof(name), "%s.%u", multi->name, multi->nr);
	if (len >= sizeof(name))
		return -EINVAL;
	pool = wp_pool_create(owner, name, attrs, multi, multi->nr);
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
		err = add_pool(multi, owner, &attrs);
	}
	return err;
}

/* The layout's map of CPUs becomes the multi's. */
static struct workpool_multi *create(struct module *owner,
				     enum workpool_strategy strategy,
				     const struct workpool_attrs *each,
				     const char *name, struct wp_layout *layout)
{
	struct workpool_multi *multi = multi_alloc(layout->nr, strategy, name);
	int err;

	if (!multi)
		return ERR_PTR(-ENOMEM);
	err = add_pools(multi, owner, each, layout);
	if (err) {
		destroy(multi);
		return ERR_PTR(err);
	}
	swap(multi->of_cpu, layout->of_cpu);
	return multi;
}

static struct workpool_multi *
create_laid_out(struct module *owner, unsigned int n,
		enum workpool_strategy strategy,
		const struct workpool_attrs *each, const char *name)
{
	struct workpool_multi *multi;
	struct wp_layout layout;
	int err;

	err = wp_layout_init(&layout, n, each);
	if (err)
		return ERR_PTR(err);
	multi = create(owner, strategy, each, name, &layout);
	wp_layout_exit(&layout);
	return multi;
}

static bool strategy_valid(unsigned int n, enum workpool_strategy strategy)
{
	if (n > WORKPOOL_MULTI_MAX || (!n && strategy != WORKPOOL_LOCAL))
		return false;
	return strategy == WORKPOOL_ROUND_ROBIN ||
	       strategy == WORKPOOL_LEAST_TASKS || strategy == WORKPOOL_LOCAL;
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
	if (err || !strategy_valid(n, strategy) || wp_attrs_check(each))
		return ERR_PTR(-EINVAL);
	return create_laid_out(owner, n, strategy, each, name);
}
EXPORT_SYMBOL_GPL(__workpool_multi_create);

/* Is this a worker of one of the pools? */
bool wp_multi_is_own(struct workpool_multi *multi)
{
	struct wp_worker *worker = wp_worker_current();

	return worker && worker->pool && worker->pool->multi == multi;
}

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
	int err = 0;

	might_sleep();
	for (i = 0; i < multi->nr; i++)
		err = workpool_tune(multi->pools[i], capacity) ?: err;
	return err;
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

	/* Ordered before what follows: see reboot_locked(). */
	atomic_inc_return(&multi->releasing);
	atomic_inc_return(&multi->releases);
	for (i = 0; i < multi->nr; i++)
		workpool_release(multi->pools[i]);
	atomic_dec_return(&multi->releasing);
}
EXPORT_SYMBOL_GPL(workpool_multi_release);

static bool all_pools(struct workpool_multi *multi,
		      bool (*is)(struct workpool *pool))
{
	unsigned int i;

	for (i = 0; i < multi->nr; i++)
		if (!is(multi->pools[i]))
			return false;
	return true;
}

static bool is_open(struct workpool *pool)
{
	return !workpool_is_closed(pool);
}

static bool is_released(struct workpool *pool)
{
	/* Pairs with the writes under the pool's lock. */
	return READ_ONCE(pool->state) >= WP_CLOSED && !READ_ONCE(pool->alive);
}

/* Returns @err, or the error of the wait. One opened on its own is no error. */
static int wait_one(struct workpool *pool, long timeout, int err)
{
	int err2 = workpool_wait_released(pool, timeout);

	return err2 && err2 != -EINVAL ? err2 : err;
}

/* One deadline for all: those after it are only looked at. */
static int wait_all(struct workpool_multi *multi, long timeout)
{
	unsigned long start = jiffies;
	unsigned int i;
	int err = 0;

	for (i = 0; i < multi->nr && err != -EINTR; i++) {
		long left = timeout;

		if (timeout != MAX_SCHEDULE_TIMEOUT)
			left -= min(timeout, (long)(jiffies - start));
		err = wait_one(multi->pools[i], left, err);
	}
	return err;
}

/**
 * workpool_multi_release_timeout() - close all pools and wait until they are empty
 * @multi: the multi
 * @timeout_jiffies: how long to wait for all of them, in jiffies
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: as workpool_release_timeout(); -ETIMEDOUT: at least one is not empty
 * yet, see workpool_multi_wait_released().
 */
int workpool_multi_release_timeout(struct workpool_multi *multi,
				   long timeout_jiffies)
{
	might_sleep();
	if (workpool_multi_is_closed(multi) && all_pools(multi, is_released))
		return -ESHUTDOWN;
	if (wp_multi_is_own(multi))
		return -EDEADLK;
	if (timeout_jiffies < 0)
		return -EINVAL;
	workpool_multi_release(multi);
	return wait_all(multi, timeout_jiffies);
}
EXPORT_SYMBOL_GPL(workpool_multi_release_timeout);

/**
 * workpool_multi_wait_released() - wait until closed pools are empty
 * @multi: the multi
 * @timeout_jiffies: how long to wait for all of them, in jiffies
 *
 * May be called as often as one likes, after either form of release. Pools that
 * were opened on their own are not waited for.
 *
 * Context: Process context. May sleep; the wait is killable.
 * Return: as workpool_wait_released(); -EINVAL: all pools are open.
 */
int workpool_multi_wait_released(struct workpool_multi *multi,
				 long timeout_jiffies)
{
	might_sleep();
	if (all_pools(multi, is_open) || timeout_jiffies < 0)
		return -EINVAL;
	if (wp_multi_is_own(multi))
		return -EDEADLK;
	return wait_all(multi, timeout_jiffies);
}
EXPORT_SYMBOL_GPL(workpool_multi_wait_released);

/* One that an administrator opened again on its own is no error. */
static int reboot_all(struct workpool_multi *multi)
{
	unsigned int i;
	int err;

	for (i = 0; i < multi->nr; i++) {
		err = workpool_reboot(multi->pools[i]);
		if (err && err != -EALREADY)
			break;
	}
	if (i == multi->nr)
		return 0;
	workpool_multi_release(multi);
	return err;
}

static int reboot_locked(struct workpool_multi *multi)
{
	int releases = atomic_read(&multi->releases), err;

	lockdep_assert_held(&multi->lifecycle);
	if (all_pools(multi, is_open))
		return -EALREADY;
	/* Pairs with the order in workpool_multi_release(). */
	smp_mb();
	if (atomic_read(&multi->releasing) ||
	    !all_pools(multi, wp_release_is_over))
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
 * Taking turns begins with the first pool again.
 *
 * Context: Process context. May sleep.
 * Return: as workpool_reboot(); after an error all are closed.
 */
int workpool_multi_reboot(struct workpool_multi *multi)
{
	int err;

	might_sleep();
	mutex_lock(&multi->lifecycle);
	err = reboot_locked(multi);
	mutex_unlock(&multi->lifecycle);
	return err;
}
EXPORT_SYMBOL_GPL(workpool_multi_reboot);
