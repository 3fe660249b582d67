// SPDX-License-Identifier: GPL-2.0
/*
 * What the pool tells lockdep. Lockdep stops at its first report. That is why
 * this is a module of its own with one test, loaded after all others.
 */

#include <kunit/test.h>
#include <linux/debug_locks.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/workpool.h>

static void destroy_pool(void *pool)
{
	workpool_destroy(pool);
}

static struct workpool *create_pool(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool = workpool_create(&attrs, "kunit-lockdep");

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, destroy_pool, pool));
	return pool;
}

#ifdef CONFIG_PROVE_LOCKING

static DEFINE_MUTEX(some_lock);

static void take_lock(struct workpool_task *task)
{
	mutex_lock(&some_lock);
	mutex_unlock(&some_lock);
}

/* Does lockdep report the flush of an idle task? The log stays silent. */
static bool is_reported(struct workpool_task *task)
{
	bool reported;

	debug_locks_silent = 1;
	workpool_flush(task);
	reported = !debug_locks;
	debug_locks_silent = 0;
	return reported;
}

/*
 * Lockdep reports a flush with a lock held that the task takes, even if there
 * was nothing to wait for this time. Without the lock it reports nothing.
 */
static void flush_with_a_lock_held(struct kunit *test)
{
	struct workpool *pool = create_pool(test);
	struct workpool_task task;
	bool before, after;

	if (!debug_locks)
		kunit_skip(test, "lockdep has been turned off before");
	workpool_task_init_onstack(&task, take_lock);
	KUNIT_EXPECT_EQ(test, workpool_queue(pool, &task), 0);
	before = is_reported(&task);
	mutex_lock(&some_lock);
	after = is_reported(&task);
	mutex_unlock(&some_lock);
	workpool_task_destroy_onstack(&task);
	KUNIT_EXPECT_FALSE(test, before);
	KUNIT_EXPECT_TRUE(test, after);
}

#else

static void flush_with_a_lock_held(struct kunit *test)
{
	create_pool(test);
	kunit_skip(test, "this kernel proves no locks");
}

#endif

static struct kunit_case cases[] = {
	KUNIT_CASE(flush_with_a_lock_held),
	{}
};

static struct kunit_suite suite = {
	.name = "workpool_lockdep",
	.test_cases = cases,
};

kunit_test_suite(suite);

WORKPOOL_IMPORT_NS();
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The workpool developers");
MODULE_DESCRIPTION("Unit test of what lockdep is told by workpool");
