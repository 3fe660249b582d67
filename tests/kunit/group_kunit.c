// SPDX-License-Identifier: GPL-2.0
/*
 * Groups: members, waits, errors, crashes.
 */

#include "core/lock.h"
#include "helpers.h"

/**
 * struct part - a member of a group
 * @gate: where it waits before, or NULL
 * @w: fixture
 * @error: what it returns
 * @crash: it crashes instead
 */
struct part {
	struct wpt_gate		*gate;
	struct wpt		*w;
	int			error;
	bool			crash;
};

static struct part *new_part(struct wpt *w, struct wpt_gate *gate, int error)
{
	struct part *part = kunit_kzalloc(w->test, sizeof(*part), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(w->test, part);
	part->w = w;
	part->gate = gate;
	part->error = error;
	return part;
}

static int do_part(void *arg)
{
	struct part *part = arg;

	if (part->gate)
		wpt_pass(part->gate);
	atomic_inc(&part->w->ran);
	if (part->crash)
		workpool_task_crash(-EIO);
	return part->error;
}

static int call_group_wait(struct wpt_thread *thread)
{
	return workpool_group_wait(thread->arg);
}

static struct wpt_thread *start_wait(struct wpt *w, struct workpool_group *group)
{
	struct wpt_thread what = { .call = call_group_wait, .arg = group };

	return wpt_start(w, &what);
}

/* The number of threads that wait for the group. */
static int waiters(struct workpool *pool, struct workpool_group *group)
{
	struct list_head *node;
	struct wp_deferred deferred;
	int nr = 0;

	wp_pool_lock(pool, &deferred);
	list_for_each(node, &group->waiters)
		nr++;
	wp_pool_unlock(pool, &deferred);
	return nr;
}

static void submit_parts(struct wpt *w, struct workpool_group *group, int nr,
			 struct wpt_gate *gate, int error)
{
	int i;

	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(w->test, 0,
				workpool_group_submit(group, do_part,
						      new_part(w, gate, error)));
}

/*
 * The wait returns the first error. The next use of the group starts without.
 */
static void first_error_and_reuse(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool_group group;
	int round;

	workpool_group_init(&group, pool);
	for (round = 0; round < 3; round++) {
		submit_parts(w, &group, 2, NULL, 0);
		submit_parts(w, &group, 1, NULL, -EIO);
		submit_parts(w, &group, 1, NULL, -ENOSPC);
		submit_parts(w, &group, 1, NULL, 0);
		KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EIO);
		submit_parts(w, &group, 2, NULL, 0);
		KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 21);
}

/* A member that crashes counts as -EFAULT, and its report names it. */
static void crash_is_an_error(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 2, &wpt_ops);
	struct part *part = new_part(w, &w->gates[0], 0);
	struct workpool_group group;
	struct wpt_thread *thread;

	part->crash = true;
	workpool_group_init(&group, pool);
	KUNIT_ASSERT_EQ(test, workpool_group_submit(&group, do_part, part), 0);
	submit_parts(w, &group, 1, NULL, 0);
	thread = start_wait(w, &group);
	ASSERT_SOON(test, waiters(pool, &group) == 1);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EFAULT);
	EXPECT_SOON(test, atomic_read(&w->crashes) == 1);
	KUNIT_EXPECT_PTR_EQ(test, w->crash.fn, (void *)do_part);
	KUNIT_EXPECT_PTR_EQ(test, w->crash.arg, (void *)part);
	submit_parts(w, &group, 2, NULL, 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	wpt_settle(w, pool);
}

static struct workpool *create_deep(struct wpt *w, int capacity,
				    unsigned int depth)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	attrs.queue_depth = depth;
	return wpt_create(w, &attrs);
}

/* cancel removes the members that did not begin. The wait is for the others. */
static void cancel_removes_the_queued(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 100);
	struct workpool_group group;
	struct wpt_thread *thread;

	workpool_group_init(&group, pool);
	workpool_group_cancel(&group);
	submit_parts(w, &group, 1, &w->gates[0], -EIO);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	submit_parts(w, &group, 99, NULL, -ENOSPC);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	thread = start_wait(w, &group);
	ASSERT_SOON(test, waiters(pool, &group) == 1);
	workpool_group_cancel(&group);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 99);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 1);
	KUNIT_EXPECT_EQ(test, waiters(pool, &group), 1);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EIO);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 2);
	submit_parts(w, &group, 1, NULL, 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
}

/* A wait ends when cancel removes the last member. */
static void cancel_ends_the_wait(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 8);
	struct workpool_group group;
	struct wpt_thread *thread;

	workpool_group_init(&group, pool);
	wpt_fill(w, pool, &w->gates[0]);
	submit_parts(w, &group, 8, NULL, -EIO);
	thread = start_wait(w, &group);
	ASSERT_SOON(test, waiters(pool, &group) == 1);
	workpool_group_cancel(&group);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

/* A member is refused as any other submit. */
static void submits_like_any_other(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct workpool_group group;
	struct workpool *pool;

	attrs.flags = WORKPOOL_F_NONBLOCK;
	pool = wpt_create(w, &attrs);
	workpool_group_init(&group, pool);
	KUNIT_EXPECT_EQ(test, workpool_group_submit(&group, NULL, NULL), -EINVAL);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, -EAGAIN,
			workpool_group_submit(&group, do_part, new_part(w, NULL, 0)));
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			workpool_group_submit(&group, do_part, new_part(w, NULL, 0)));
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
}

/* Accepted members run after a release, and the wait is for them. */
static void release_runs_the_members(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 4);
	struct workpool_group group;

	workpool_group_init(&group, pool);
	wpt_fill(w, pool, &w->gates[0]);
	submit_parts(w, &group, 4, NULL, 0);
	workpool_release(pool);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 4);
}

/* A member that no worker could be started for counts as -ESHUTDOWN. */
static void dropped_members_are_an_error(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 4);
	struct workpool_group group;

	workpool_group_init(&group, pool);
	wpt_fail_threads(w, WPT_ALWAYS);
	submit_parts(w, &group, 3, NULL, 0);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 3);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(first_error_and_reuse),
	KUNIT_CASE(crash_is_an_error),
	KUNIT_CASE(cancel_removes_the_queued),
	KUNIT_CASE(cancel_ends_the_wait),
	KUNIT_CASE(submits_like_any_other),
	KUNIT_CASE(release_runs_the_members),
	KUNIT_CASE(dropped_members_are_an_error),
	{}
};

WPT_SUITE(group);
