// SPDX-License-Identifier: GPL-2.0
/*
 * The registry: all pools by number and by name, for administration.
 *
 * Observers are told when a pool comes and goes, with the registry's mutex
 * held. The mutex is the outermost lock: a pool's lock may be taken inside.
 */

#include <linux/ctype.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rbtree.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "compat.h"
#include "core/notice.h"
#include "core/pool.h"
#include "core/ref.h"
#include "pool/registry.h"

static DEFINE_MUTEX(registry_lock);		/* R */
static DEFINE_XARRAY_ALLOC1(pools);		/* R */
static struct rb_root pools_by_name = RB_ROOT;	/* R */
static u32 next_id;				/* R */
static int nr_pools;				/* R */
static RAW_NOTIFIER_HEAD(observers);		/* R */

/* Names that no pool may have; constant once the first pool exists. */
static const char * const *reserved_names;
static unsigned int nr_reserved_names;

static bool is_valid_name(const char *name)
{
	const char *c;

	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (c = name; *c; c++)
		if (!isascii(*c) || (!isalnum(*c) && !strchr("._-:!", *c)))
			return false;
	return true;
}

/*
 * A slash becomes "!", as in sysfs, because a name is one of a directory.
 * Returns 0; -EINVAL: the name is too long, or cannot be that of a pool.
 */
int wp_registry_format_name(char name[WORKPOOL_NAME_MAX], const char *namefmt,
			    va_list args)
{
	int len = vsnprintf(name, WORKPOOL_NAME_MAX, namefmt, args);

	strreplace(name, '/', '!');
	if (len < WORKPOOL_NAME_MAX && is_valid_name(name))
		return 0;
	pr_debug("\"%s\" is not a valid pool name%s\n", name,
		 len < WORKPOOL_NAME_MAX ? "" : ": it is too long");
	return -EINVAL;
}

static struct workpool *pool_at(const struct rb_node *node)
{
	return rb_entry(node, struct workpool, by_name);
}

static int compare_name(const void *name, const struct rb_node *node)
{
	return strcmp(name, pool_at(node)->name);
}

static bool name_is_less(struct rb_node *node, const struct rb_node *other)
{
	return compare_name(pool_at(node)->name, other) < 0;
}

static struct workpool *find_name(const char *name)
{
	struct rb_node *node = rb_find(name, &pools_by_name, compare_name);

	lockdep_assert_held(&registry_lock);
	return node ? pool_at(node) : NULL;
}

static bool is_name_taken(const char *name)
{
	unsigned int i;

	lockdep_assert_held(&registry_lock);
	for (i = 0; i < nr_reserved_names; i++)
		if (!strcmp(reserved_names[i], name))
			return true;
	return find_name(name);
}

/* Keep pools from getting one of @names. To be called before the first pool. */
void wp_registry_reserve_names(const char * const *names, unsigned int nr)
{
	reserved_names = names;
	nr_reserved_names = nr;
}

int wp_registry_alloc_id(struct workpool *pool)
{
	KUNIT_STATIC_STUB_REDIRECT(wp_registry_alloc_id, pool);
	return xa_alloc_cyclic(&pools, &pool->id, pool, XA_LIMIT(1, INT_MAX),
			       &next_id, GFP_KERNEL);
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_alloc_id);

static int registry_add_pool(struct workpool *pool)
{
	int err;

	lockdep_assert_held(&registry_lock);
	if (is_name_taken(pool->name))
		return -EEXIST;
	err = wp_registry_alloc_id(pool);
	if (err < 0)
		return err == -EBUSY ? -ENOMEM : err;
	rb_add(&pool->by_name, &pools_by_name, name_is_less);
	pool->registered = true;
	nr_pools++;
	raw_notifier_call_chain(&observers, WP_POOL_ADDED, pool);
	wp_notice_created(pool);
	return 0;
}

int wp_registry_add(struct workpool *pool)
{
	int err;

	mutex_lock(&registry_lock);
	err = registry_add_pool(pool);
	mutex_unlock(&registry_lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_add);

void wp_registry_remove(struct workpool *pool)
{
	mutex_lock(&registry_lock);
	if (pool->registered) {
		raw_notifier_call_chain(&observers, WP_POOL_REMOVED, pool);
		xa_erase(&pools, pool->id);
		rb_erase(&pool->by_name, &pools_by_name);
		pool->registered = false;
		nr_pools--;
	}
	mutex_unlock(&registry_lock);
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_remove);

/**
 * wp_registry_find() - find a pool
 * @id: its number, or 0
 * @name: its name; looked at with @id 0 only
 *
 * Context: Process context. May sleep.
 * Return: the pool, which the caller puts, or NULL.
 */
struct workpool *wp_registry_find(u32 id, const char *name)
{
	struct workpool *pool;

	mutex_lock(&registry_lock);
	pool = id ? xa_load(&pools, id) : find_name(name);
	if (pool)
		wp_pool_get(pool);
	mutex_unlock(&registry_lock);
	return pool;
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_find);

/* Find the pool with the smallest number above @id, like wp_registry_find(). */
struct workpool *wp_registry_next(u32 id)
{
	unsigned long index = id;
	struct workpool *pool;

	mutex_lock(&registry_lock);
	pool = xa_find_after(&pools, &index, INT_MAX, XA_PRESENT);
	if (pool)
		wp_pool_get(pool);
	mutex_unlock(&registry_lock);
	return pool;
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_next);

int wp_registry_count(void)
{
	int nr;

	mutex_lock(&registry_lock);
	nr = nr_pools;
	mutex_unlock(&registry_lock);
	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_count);

/*
 * To be called before the first pool exists: existing pools are not announced.
 */
void wp_registry_observe(struct notifier_block *observer)
{
	mutex_lock(&registry_lock);
	raw_notifier_chain_register(&observers, observer);
	mutex_unlock(&registry_lock);
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_observe);

void wp_registry_unobserve(struct notifier_block *observer)
{
	mutex_lock(&registry_lock);
	raw_notifier_chain_unregister(&observers, observer);
	mutex_unlock(&registry_lock);
}
EXPORT_SYMBOL_IF_KUNIT(wp_registry_unobserve);
