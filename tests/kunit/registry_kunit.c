// SPDX-License-Identifier: GPL-2.0
/*
 * The registry: look-ups, numbers, references, observers, pools of devices.
 */

#include <linux/notifier.h>

#include "core/pool.h"
#include "core/ref.h"
#include "pool/registry.h"
#include "helpers.h"

#if __has_include("kunit/device.h")
#include <kunit/device.h>
#endif

/* A pool is found by number and by name until it is destroyed. */
static void pools_are_found(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	u32 id = pool->id;

	KUNIT_EXPECT_PTR_EQ(test, wp_registry_find(id, NULL), pool);
	KUNIT_EXPECT_PTR_EQ(test, wp_registry_find(id, "other"), pool);
	KUNIT_EXPECT_PTR_EQ(test, wp_registry_find(0, "kunit0"), pool);
	KUNIT_EXPECT_NULL(test, wp_registry_find(0, "kunit1"));
	KUNIT_EXPECT_EQ(test, kref_read(&pool->ref), 4);
	wp_pool_put(pool);
	wp_pool_put(pool);
	wp_pool_put(pool);
	wpt_destroy(w, pool);
	KUNIT_EXPECT_NULL(test, wp_registry_find(id, NULL));
	KUNIT_EXPECT_NULL(test, wp_registry_find(0, "kunit0"));
}

/* A new pool does not get the number of an old one. */
static void numbers_grow(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	u32 id = pool->id;

	KUNIT_EXPECT_GT(test, id, workpool_system->id);
	wpt_destroy(w, pool);
	pool = wpt_create_simple(w, 1);
	KUNIT_EXPECT_GT(test, pool->id, id);
}

/* Walking by number meets each pool once, in order, and ends. */
static void walk_meets_all(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool;
	int nr = 0;
	u32 id = 0;

	wpt_create_simple(w, 1);
	wpt_create_simple(w, 1);
	while ((pool = wp_registry_next(id))) {
		KUNIT_EXPECT_GT(test, pool->id, id);
		id = pool->id;
		wp_pool_put(pool);
		nr++;
	}
	KUNIT_EXPECT_EQ(test, nr, 3);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 3);
	KUNIT_EXPECT_NULL(test, wp_registry_next(INT_MAX));
	KUNIT_EXPECT_NULL(test, wp_registry_next(U32_MAX));
}

/* A reference keeps the object, though not the pool. */
static void reference_keeps_the_object(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool *found = wp_registry_find(pool->id, NULL);

	wpt_destroy(w, pool);
	KUNIT_EXPECT_STREQ(test, workpool_name(found), "kunit0");
	KUNIT_EXPECT_EQ(test, kref_read(&found->ref), 1);
	wp_pool_put(found);
}

/* What is not in the registry can be removed from it. */
static void remove_twice(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, 1);

	wp_registry_remove(pool);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 1);
	wp_registry_remove(pool);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 1);
}

/**
 * struct witness - an observer
 * @block: in the chain
 * @added: pools that came
 * @removed: pools that went
 * @last: the last of them
 */
struct witness {
	struct notifier_block	block;
	int			added;
	int			removed;
	struct workpool		*last;
};

static int see(struct notifier_block *block, unsigned long event, void *pool)
{
	struct witness *witness = container_of(block, struct witness, block);

	witness->added += event == WP_POOL_ADDED;
	witness->removed += event == WP_POOL_REMOVED;
	witness->last = pool;
	return NOTIFY_OK;
}

/* Observers see each pool come and go, until they are removed. */
static void observers_are_told(struct kunit *test)
{
	struct witness witness = { .block.notifier_call = see };
	struct wpt *w = test->priv;
	struct workpool *pool;

	wp_registry_observe(&witness.block);
	pool = wpt_create_simple(w, 1);
	KUNIT_EXPECT_EQ(test, witness.added, 1);
	KUNIT_EXPECT_PTR_EQ(test, witness.last, pool);
	wpt_destroy(w, pool);
	KUNIT_EXPECT_EQ(test, witness.removed, 1);
	wp_registry_unobserve(&witness.block);
	wpt_create_simple(w, 1);
	KUNIT_EXPECT_EQ(test, witness.added, 1);
}

#if __has_include("kunit/device.h")

static struct device *device(struct kunit *test)
{
	struct device *dev = kunit_device_register(test, "wpt");

	KUNIT_ASSERT_FALSE(test, IS_ERR(dev));
	return dev;
}

/*
 * The pool of a device goes with the device. The selftest
 * devm_pool_goes_with_device cannot count pools.
 */
static void device_takes_its_pool_along(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct device *dev = device(test);
	struct wpt *w = test->priv;
	struct workpool *pool;

	pool = devm_workpool_create(dev, &attrs, "dev-%s", "pool");
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	KUNIT_EXPECT_STREQ(test, workpool_name(pool), "dev-pool");
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 2);
	wpt_run(w, pool);
	kunit_device_unregister(test, dev);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 1);
}

/* devm_workpool_create() refuses what workpool_create() refuses. */
static void device_pool_is_checked(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(0);
	struct device *dev = device(test);

	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(devm_workpool_create(dev, &attrs, "dev")));
	attrs.capacity = 1;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(devm_workpool_create(dev, &attrs, "%040d", 1)));
	KUNIT_EXPECT_EQ(test, -EEXIST,
			PTR_ERR(devm_workpool_create(dev, &attrs, "system")));
}

#endif

#define NAMES	256

/* How many names are compared with to find that of @pool. */
static int names_compared(struct workpool *pool)
{
	struct rb_node *node = &pool->by_name;
	int nr = 0;

	for (; node; node = rb_parent(node))
		nr++;
	return nr;
}

/*
 * To find a name among many, or that it is free, few are compared with: twice
 * the logarithm of how many there are.
 */
static void few_names_are_compared(struct kunit *test)
{
	struct workpool *pools = kvcalloc(NAMES, sizeof(*pools), GFP_KERNEL);
	struct workpool *found;
	int i, nr, longest = 0;

	KUNIT_ASSERT_NOT_NULL(test, pools);
	for (nr = 0; nr < NAMES; nr++) {
		snprintf(pools[nr].name, sizeof(pools[nr].name), "n%u", nr);
		kref_init(&pools[nr].ref);
		if (wp_registry_add(&pools[nr]))
			break;
	}
	KUNIT_EXPECT_EQ(test, nr, NAMES);
	KUNIT_EXPECT_EQ(test, wp_registry_add(&pools[7]), -EEXIST);
	for (i = 0; i < nr; i++) {
		found = wp_registry_find(0, pools[i].name);
		KUNIT_EXPECT_PTR_EQ(test, found, &pools[i]);
		longest = max(longest, names_compared(&pools[i]));
	}
	KUNIT_EXPECT_LE(test, longest, 2 * 9);
	for (i = 0; i < nr; i++)
		wp_registry_remove(&pools[i]);
	KUNIT_EXPECT_NULL(test, wp_registry_find(0, "n7"));
	kvfree(pools);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(pools_are_found),
	KUNIT_CASE(numbers_grow),
	KUNIT_CASE(walk_meets_all),
	KUNIT_CASE(reference_keeps_the_object),
	KUNIT_CASE(remove_twice),
	KUNIT_CASE(observers_are_told),
#if __has_include("kunit/device.h")
	KUNIT_CASE(device_takes_its_pool_along),
	KUNIT_CASE(device_pool_is_checked),
#endif
	KUNIT_CASE(few_names_are_compared),
	{}
};

WPT_SUITE(registry);
