// SPDX-License-Identifier: GPL-2.0
/*
 * The registry: all pools by number and by name, for those who administer them.
 *
 * Observers are told when a pool comes and goes, with the registry's mutex
 * held. The mutex is the outermost lock: a pool's lock may be taken inside.
 */

#include <linux/ctype.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/xarray.h>

#include "internal.h"

static DEFINE_MUTEX(lock);			/* R: all below */
static DEFINE_XARRAY_ALLOC1(pools);
static u32 next_id;
static int nr_pools;
static RAW_NOTIFIER_HEAD(observers);

/* What debugfs keeps next to the pools' directories. */
static const char * const reserved_names[] = { "multis", "pools", "version" };

static bool is_valid(const char *name)
{
	const char *c;

	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (c = name; *c; c++)
		if (!isascii(*c) || (!isalnum(*c) && !strchr("._-:", *c)))
			return false;
	return true;
}

/* -EINVAL: it is too long, or cannot be the name of a pool. */
int wp_registry_format_name(char name[WORKPOOL_NAME_MAX], const char *namefmt,
			    va_list args)
{
	int len = vsnprintf(name, WORKPOOL_NAME_MAX, namefmt, args);

	return len < WORKPOOL_NAME_MAX && is_valid(name) ? 0 : -EINVAL;
}

static struct workpool *find_name_locked(const char *name)
{
	struct workpool *pool;
	unsigned long id;

	lockdep_assert_held(&lock);
	xa_for_each(&pools, id, pool)
		if (!strcmp(pool->name, name))
			return pool;
	return NULL;
}

static bool name_taken_locked(const char *name)
{
	return match_string(reserved_names, ARRAY_SIZE(reserved_names),
			    name) >= 0 || find_name_locked(name);
}

int wp_registry_alloc_id(struct workpool *pool)
{
	KUNIT_STATIC_STUB_REDIRECT(wp_registry_alloc_id, pool);
	return xa_alloc_cyclic(&pools, &pool->id, pool, XA_LIMIT(1, INT_MAX),
			       &next_id, GFP_KERNEL);
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_alloc_id);

static int add_locked(struct workpool *pool)
{
	int err;

	if (name_taken_locked(pool->name))
		return -EEXIST;
	err = wp_registry_alloc_id(pool);
	if (err < 0)
		return err == -EBUSY ? -ENOMEM : err;
	pool->registered = true;
	nr_pools++;
	raw_notifier_call_chain(&observers, WP_POOL_ADDED, pool);
	return 0;
}

int wp_registry_add(struct workpool *pool)
{
	int err;

	mutex_lock(&lock);
	err = add_locked(pool);
	mutex_unlock(&lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_add);

void wp_registry_remove(struct workpool *pool)
{
	mutex_lock(&lock);
	if (pool->registered) {
		raw_notifier_call_chain(&observers, WP_POOL_REMOVED, pool);
		xa_erase(&pools, pool->id);
		pool->registered = false;
		nr_pools--;
	}
	mutex_unlock(&lock);
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_remove);

/* By @id, or with @id 0 by @name. The caller puts the pool. NULL: none. */
struct workpool *wp_registry_find(u32 id, const char *name)
{
	struct workpool *pool;

	mutex_lock(&lock);
	pool = id ? xa_load(&pools, id) : find_name_locked(name);
	if (pool)
		wp_pool_get(pool);
	mutex_unlock(&lock);
	return pool;
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_find);

/* The pool with the smallest number above @id; as wp_registry_find(). */
struct workpool *wp_registry_next(u32 id)
{
	unsigned long index = id;
	struct workpool *pool;

	mutex_lock(&lock);
	pool = xa_find_after(&pools, &index, INT_MAX, XA_PRESENT);
	if (pool)
		wp_pool_get(pool);
	mutex_unlock(&lock);
	return pool;
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_next);

int wp_registry_count(void)
{
	int nr;

	mutex_lock(&lock);
	nr = nr_pools;
	mutex_unlock(&lock);
	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_count);

/* Before the first pool and after the last: nobody is told of those there are. */
void wp_registry_observe(struct notifier_block *observer)
{
	mutex_lock(&lock);
	raw_notifier_chain_register(&observers, observer);
	mutex_unlock(&lock);
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_observe);

void wp_registry_unobserve(struct notifier_block *observer)
{
	mutex_lock(&lock);
	raw_notifier_chain_unregister(&observers, observer);
	mutex_unlock(&lock);
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_unobserve);
