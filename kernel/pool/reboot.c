// SPDX-License-Identifier: GPL-2.0
/*
 * Boot and reboot: from closed and empty to open.
 */

#include "internal.h"
#include "trace.h"

static int begin_locked(struct workpool *pool, struct wp_deferred *deferred)
{
	switch (pool->state) {
	case WP_OPEN:
	case WP_BOOTING:
		return -EALREADY;
	case WP_DEAD:
		return -ESHUTDOWN;
	case WP_CLOSED:
		break;
	}
	if (pool->alive)
		return -EBUSY;
	WRITE_ONCE(pool->state, WP_BOOTING);
	pool->boot_error = 0;
	WRITE_ONCE(pool->start_failures, 0);
	wp_queue_balance_locked(pool, deferred);
	return 0;
}

static int begin(struct workpool *pool)
{
	struct wp_deferred deferred;
	int err;

	mutex_lock(&pool->lifecycle);
	wp_pool_lock(pool, &deferred);
	err = begin_locked(pool, &deferred);
	wp_pool_unlock(pool, &deferred);
	mutex_unlock(&pool->lifecycle);
	return err;
}

/* Pairs with writes under the lock. */
static bool is_decided(struct workpool *pool)
{
	return READ_ONCE(pool->state) != WP_BOOTING ||
	       !READ_ONCE(pool->starting);
}

static int finish(struct workpool *pool)
{
	struct wp_deferred deferred;
	int err = 0;

	wp_pool_lock(pool, &deferred);
	if (pool->state == WP_BOOTING)
		WRITE_ONCE(pool->state, WP_OPEN);
	else
		err = pool->boot_error ?: -ESHUTDOWN;
	wp_pool_unlock(pool, &deferred);
	return err;
}

/*
 * Open a closed and empty pool. The workers it shall always have are idle when
 * this returns 0; when one cannot be started the pool is closed and empty
 * again.
 */
static int boot(struct workpool *pool)
{
	int err;

	err = begin(pool);
	if (err)
		return err;
	wait_event(pool->events, is_decided(pool));
	err = finish(pool);
	if (!err) {
		trace_workpool_state(pool, WP_CLOSED, WP_OPEN);
		return 0;
	}
	/* Whoever closed it retired all there was; another may boot it already. */
	wait_event(pool->events, wp_release_is_over(pool));
	return err;
}

/**
 * workpool_reboot() - open a released pool again
 * @pool: the pool
 *
 * Attributes, as tuned, and counters are kept; the generation grows by one.
 *
 * Context: Process context. May sleep.
 * Return: 0; -EALREADY: @pool is open; -EBUSY: workers from before the release
 * still run; -ESHUTDOWN: released or destroyed while it was starting; or what
 * starting the first workers failed with.
 */
int workpool_reboot(struct workpool *pool)
{
	struct wp_deferred deferred;
	int err;

	might_sleep();
	err = boot(pool);
	if (err)
		return err;
	wp_pool_lock(pool, &deferred);
	pool->counters.generation++;
	wp_pool_unlock(pool, &deferred);
	return 0;
}
EXPORT_SYMBOL_GPL(workpool_reboot);

/* Nobody finds the pool before it is open. */
struct workpool *wp_pool_create(struct module *owner, const char *name,
				const struct workpool_attrs *attrs,
				struct workpool_multi *multi,
				unsigned int index)
{
	struct workpool *pool = wp_pool_alloc_closed(owner, name, attrs);
	int err;

	if (IS_ERR(pool))
		return pool;
	if (multi)
		kref_get(&multi->ref);
	pool->multi = multi;
	pool->index = index;
	err = boot(pool);
	if (err)
		goto err_put;
	err = wp_registry_add(pool);
	if (err)
		goto err_end;
	return pool;

err_end:
	wp_release_close(pool);
	wp_release_end(pool);
err_put:
	wp_pool_put(pool);
	return ERR_PTR(err);
}

/**
 * __workpool_create() - create a pool; use workpool_create()
 * @owner: the module whose pool it is
 * @attrs: how it is to be
 * @namefmt: printf format of its name
 *
 * Context: Process context. May sleep.
 * Return: see workpool_create().
 */
struct workpool *__workpool_create(struct module *owner,
				   const struct workpool_attrs *attrs,
				   const char *namefmt, ...)
{
	char name[WORKPOOL_NAME_MAX];
	va_list args;
	int err;

	might_sleep();
	va_start(args, namefmt);
	err = wp_registry_format_name(name, namefmt, args);
	va_end(args);
	if (err || wp_attrs_check(attrs))
		return ERR_PTR(-EINVAL);
	return wp_pool_create(owner, name, attrs, NULL, 0);
}
EXPORT_SYMBOL_GPL(__workpool_create);
