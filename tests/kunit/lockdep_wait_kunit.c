// SPDX-License-Identifier: GPL-2.0
/*
 * What a task that waits for another pool tells lockdep. As in lockdep_kunit.c,
 * there is one test, as lockdep stops at its first report. The lane boots once
 * more for this one alone.
 */

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/debug_locks.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/workpool.h>

#ifdef CONFIG_PROVE_LOCKING

#define DEADLINE	(30 * HZ)

static void destroy_pool(void *pool)
{
	workpool_destroy(pool);
}

static struct workpool *create_pool(struct kunit *test, const char *name)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool = workpool_create(&attrs, "%s", name);

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, destroy_pool, pool));
	return pool;
}

static void wait_at_gate(void *gate)
{
	wait_for_completion(gate);
}

static void do_nothing(void *arg)
{
}

/**
 * struct submitter - a task that submits to a pool
 * @pool: the pool
 * @ret: what it got
 * @done: it got it
 */
struct submitter {
	struct workpool *pool;
	int ret;
	struct completion done;
};

static void submit_to_other(void *arg)
{
	struct submitter *submitter = arg;

	submitter->ret = workpool_submit(submitter->pool, do_nothing, NULL);
	complete(&submitter->done);
}

/* A task of @from waits for the only worker of @to, and then gets it. */
static void wait_for_other(struct kunit *test, struct workpool *from,
			   struct workpool *to)
{
	struct submitter *submitter = kunit_kzalloc(test, sizeof(*submitter),
						    GFP_KERNEL);
	struct completion *gate = kunit_kzalloc(test, sizeof(*gate), GFP_KERNEL);
	unsigned long end = jiffies + DEADLINE;

	KUNIT_ASSERT_NOT_NULL(test, submitter);
	KUNIT_ASSERT_NOT_NULL(test, gate);
	submitter->pool = to;
	init_completion(&submitter->done);
	init_completion(gate);
	KUNIT_ASSERT_EQ(test, workpool_submit(to, wait_at_gate, gate), 0);
	KUNIT_EXPECT_EQ(test, workpool_submit(from, submit_to_other, submitter),
			0);
	while (!workpool_waiting(to) && time_before(jiffies, end))
		usleep_range(1000, 2000);
	complete_all(gate);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&submitter->done,
							    DEADLINE));
	KUNIT_EXPECT_EQ(test, submitter->ret, 0);
	KUNIT_EXPECT_EQ(test, workpool_drain(to, DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, workpool_drain(from, DEADLINE), 0);
}

/*
 * Tasks of two pools wait for each other, one after the other, and both get
 * what they wait for. At the second wait lockdep reports the circle that these
 * waits may be one day; the log stays silent.
 */
static void waits_between_pools(struct kunit *test)
{
	struct workpool *a = create_pool(test, "kunit-lockdep-a");
	struct workpool *b = create_pool(test, "kunit-lockdep-b");
	bool before, after;

	if (!debug_locks)
		kunit_skip(test, "lockdep has been turned off before");
	debug_locks_silent = 1;
	wait_for_other(test, a, b);
	before = !debug_locks;
	wait_for_other(test, b, a);
	after = !debug_locks;
	debug_locks_silent = 0;
	KUNIT_EXPECT_FALSE(test, before);
	KUNIT_EXPECT_TRUE(test, after);
}

#else

static void waits_between_pools(struct kunit *test)
{
	kunit_skip(test, "this kernel proves no locks");
}

#endif

static struct kunit_case cases[] = {
	KUNIT_CASE(waits_between_pools),
	{}
};

static struct kunit_suite suite = {
	.name = "workpool_lockdep_wait",
	.test_cases = cases,
};

kunit_test_suite(suite);

WORKPOOL_IMPORT_NS();
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The workpool developers");
MODULE_DESCRIPTION("Unit test of what lockdep is told of waits between pools");
