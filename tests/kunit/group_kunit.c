// SPDX-License-Identifier: GPL-2.0
/*
 * Groups: members, waits, errors, crashes.
 */

#include <linux/kdebug.h>
#include <linux/kthread.h>
#include <linux/notifier.h>

#include "core/lock.h"
#include "core/lookup.h"
#include "core/node.h"
#include "core/pool.h"
#include "core/scan.h"
#include "core/worker.h"
#include "queue/member.h"
#include "worker/crash.h"
#include "worker/stray.h"
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

/* A wait that times out leaves the group as it is, the error too. */
static void wait_times_out(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct workpool_group group;

	workpool_group_init(&group, pool);
	KUNIT_EXPECT_EQ(test, workpool_group_wait_timeout(&group, 0), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait_timeout(&group, -1), -EINVAL);
	submit_parts(w, &group, 1, NULL, -EIO);
	submit_parts(w, &group, 1, &w->gates[0], 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait_timeout(&group, 0), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, workpool_group_wait_timeout(&group, 2), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, waiters(pool, &group), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait_timeout(&group, WPT_DEADLINE),
			-EIO);
	KUNIT_EXPECT_EQ(test, workpool_group_wait_timeout(&group, 0), 0);
}

static int call_wait_timeout(struct wpt_thread *thread)
{
	return workpool_group_wait_timeout(thread->arg, thread->timeout);
}

static void wait_is_killable(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool_group group;
	struct wpt_thread *thread;

	workpool_group_init(&group, pool);
	submit_parts(w, &group, 1, &w->gates[0], 0);
	thread = wpt_start(w, &(struct wpt_thread) {
		.call = call_wait_timeout,
		.arg = &group,
		.timeout = MAX_SCHEDULE_TIMEOUT,
	});
	ASSERT_SOON(test, waiters(pool, &group) == 1);
	wpt_kill(thread);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EINTR);
	KUNIT_EXPECT_EQ(test, waiters(pool, &group), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
}

static int flush_task(void *task)
{
	wpt_flush(task);
	return 0;
}

/* The member waits for the task, which only asks for the group. */
static void poll_group(struct wpt_task *t)
{
	struct workpool_group *group = t->w->private;

	KUNIT_EXPECT_EQ(t->w->test, 0,
			workpool_group_submit(group, flush_task, t));
	EXPECT_SOON(t->w->test, wpt_flushers(t->pool, t) == 1);
	t->result = workpool_group_wait_timeout(group, 0);
}

static void poll_is_in_no_circle(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_task *t = wpt_task_with(w, poll_group, pool);
	struct workpool_group group;

	t->waits = false;
	workpool_group_init(&group, pool);
	w->private = &group;
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	ASSERT_SOON(test, wpt_ended(t) == 1);
	KUNIT_EXPECT_EQ(test, t->result, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 0);
}

static void look_at_group(struct wpt_task *t)
{
	struct workpool_group *group = t->w->private;

	t->result = workpool_group_wait_timeout(group, 0);
	t->limit = atomic_read(&t->w->ran);
}

/* A task without time executes no member, and leaves them to others. */
static void assistant_without_time(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 4);
	struct wpt_task *t = wpt_task_with(w, look_at_group, pool);
	struct workpool_group group;

	t->waits = false;
	workpool_group_init(&group, pool);
	w->private = &group;
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, wpt_queue_front(pool, t), 0);
	submit_parts(w, &group, 3, NULL, 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	ASSERT_SOON(test, wpt_ended(t) == 1);
	KUNIT_EXPECT_EQ(test, t->result, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, t->limit, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 3);
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
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
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

/* A submitter of a member that does not wait at a gate. */
static int call_group_submit(struct wpt_thread *thread)
{
	struct part part = { };

	return workpool_group_submit(thread->arg, do_part, &part);
}

/*
 * A cancel refuses the submitters that wait, and later ones, until the group was
 * waited for. There are more than it handles under one hold of the lock.
 */
static void cancel_refuses_submitters(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 100);
	struct part *part = new_part(w, NULL, 0);
	struct wpt_thread *threads[3];
	struct workpool_group group;
	int i;

	workpool_group_init(&group, pool);
	wpt_fill(w, pool, &w->gates[0]);
	submit_parts(w, &group, 100, NULL, -EIO);
	for (i = 0; i < 3; i++) {
		struct wpt_thread what = {
			.call = call_group_submit,
			.arg = &group,
		};

		threads[i] = wpt_start(w, &what);
		ASSERT_SOON(test, workpool_waiting(pool) == i + 1);
	}
	workpool_group_cancel(&group);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, wpt_join(threads[i]), -ECANCELED);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 100);
	KUNIT_EXPECT_EQ(test, workpool_group_submit(&group, do_part, part),
			-ECANCELED);
	KUNIT_EXPECT_EQ(test, workpool_group_submit(&group, NULL, NULL),
			-ECANCELED);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	submit_parts(w, &group, 1, NULL, -ENOSPC);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -ENOSPC);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 1);
	workpool_group_cancel(&group);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, workpool_group_submit(&group, do_part, part),
			-ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
}

/**
 * struct family - members that are parents of a group each
 * @w: fixture
 * @pool: where all run
 * @first: of what a parent waits for
 * @nr: how many of these there are
 * @error: of a parent's wait or submit, last
 */
struct family {
	struct wpt		*w;
	struct workpool		*pool;
	struct part		*first;
	int			nr;
	int			error;
};

static int do_parent(void *arg)
{
	struct workpool_group group;
	struct family *family = arg;
	int err = 0, err2, i;

	workpool_group_init(&group, family->pool);
	for (i = 0; i < family->nr && !err; i++)
		err = workpool_group_submit(&group, do_part, family->first);
	err2 = workpool_group_wait(&group);
	if (err ?: err2)
		WRITE_ONCE(family->error, err ?: err2);
	return err ?: err2;
}

static struct family *new_family(struct wpt *w, struct workpool *pool, int nr,
				 struct part *first)
{
	struct family *family = kunit_kzalloc(w->test, sizeof(*family),
					      GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(w->test, family);
	family->w = w;
	family->pool = pool;
	family->nr = nr;
	family->first = first;
	return family;
}

/*
 * All workers wait for groups whose members are queued: each runs those of its
 * own group, and none gets -EDEADLK.
 */
static void nested_groups_all_run(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 4, 500);
	struct family *family = new_family(w, pool, 10, new_part(w, NULL, 0));
	struct workpool_group group;
	int i;

	workpool_group_init(&group, pool);
	for (i = 0; i < 40; i++)
		KUNIT_ASSERT_EQ(test, 0, workpool_group_submit(&group, do_parent,
							       family));
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	KUNIT_EXPECT_EQ(test, family->error, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 400);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, 440);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 0);
	KUNIT_EXPECT_EQ(test, wpt_unaccounted(pool), 0);
}

/* The first error of the members comes back, also from those it ran itself. */
static void assisted_error_is_returned(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 4);
	struct family *family = new_family(w, pool, 3, new_part(w, NULL, -EIO));
	struct workpool_group group;

	workpool_group_init(&group, pool);
	KUNIT_ASSERT_EQ(test, 0, workpool_group_submit(&group, do_parent, family));
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EIO);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 3);
}

/**
 * struct level - a member that waits for a group with the next level
 * @pool: where all run
 * @next: the next level, or NULL
 * @gate: where it waits if there is no next one, or NULL
 * @ran: it ran
 * @result: of its wait
 * @again: of its wait after it gave up
 */
struct level {
	struct workpool		*pool;
	struct level		*next;
	struct wpt_gate		*gate;
	bool			ran;
	int			result;
	int			again;
};

static int do_level(void *arg)
{
	struct workpool_group group;
	struct level *level = arg;

	WRITE_ONCE(level->ran, true);
	if (level->gate)
		wpt_pass(level->gate);
	if (!level->next)
		return 0;
	workpool_group_init(&group, level->pool);
	level->result = workpool_group_submit(&group, do_level, level->next);
	level->result = level->result ?: workpool_group_wait(&group);
	if (level->result != -EDEADLK)
		return level->result;
	workpool_group_cancel(&group);
	level->again = workpool_group_wait(&group);
	return level->result;
}

/* Levels that wait for each other. The last one waits at @gate. */
static struct level *new_levels(struct wpt *w, struct workpool *pool, int nr,
				struct wpt_gate *gate)
{
	struct level *levels;
	int i;

	levels = kunit_kcalloc(w->test, nr, sizeof(*levels), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(w->test, levels);
	for (i = 0; i < nr; i++) {
		levels[i].pool = pool;
		levels[i].next = i < nr - 1 ? &levels[i + 1] : NULL;
		levels[i].again = -EINPROGRESS;
	}
	levels[nr - 1].gate = gate;
	return levels;
}

static int count_levels(struct level *levels, int nr)
{
	int i, ran = 0;

	for (i = 0; i < nr; i++)
		ran += READ_ONCE(levels[i].ran);
	return ran;
}

/*
 * The only worker executes as many members inside of each other as a stack has
 * room for. The one that would come next is an error for that who waits for it.
 */
static void nesting_is_bounded(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 20);
	struct level *levels = new_levels(w, pool, 20, NULL);
	struct workpool_group group;

	workpool_group_init(&group, pool);
	KUNIT_ASSERT_EQ(test, 0, workpool_group_submit(&group, do_level, levels));
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EDEADLK);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, count_levels(levels, 20), WP_INNER_MAX + 1);
	KUNIT_EXPECT_EQ(test, levels[WP_INNER_MAX].result, -EDEADLK);
	KUNIT_EXPECT_EQ(test, levels[WP_INNER_MAX].again, 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 1);
	KUNIT_EXPECT_EQ(test, wpt_unaccounted(pool), 0);
}

/* What is nested deeper than one worker may go needs a second one. */
static void deep_nesting_takes_another_worker(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 2, 20);
	struct level *levels = new_levels(w, pool, WP_INNER_MAX + 2, NULL);
	struct workpool_group group;
	int i;

	workpool_group_init(&group, pool);
	for (i = 0; i < 20; i++) {
		KUNIT_ASSERT_EQ(test, 0,
				workpool_group_submit(&group, do_level, levels));
		KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	}
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, 20 * (WP_INNER_MAX + 2));
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 0);
}

/*
 * Members that a worker executes inside of its task take no memory from the calls
 * that the pool promises to accept.
 */
static void nested_members_leave_room(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 2);
	struct level *levels = new_levels(w, pool, 5, &w->gates[0]);
	struct workpool_group group;
	int i;

	workpool_group_init(&group, pool);
	KUNIT_ASSERT_EQ(test, 0, workpool_group_submit(&group, do_level, levels));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, 0, workpool_try_submit(pool, wpt_count,
							     &w->ran));
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran),
			-EAGAIN);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 2);
}

/**
 * struct assistant - a task that waits for a group
 * @group: the group
 * @result: of the wait
 */
struct assistant {
	struct workpool_group	*group;
	int			result;
};

static void assist_group(void *arg)
{
	struct assistant *assistant = arg;

	WRITE_ONCE(assistant->result, workpool_group_wait(assistant->group));
}

/* A member is queued, and ends with @err as the last one, before others look. */
static void member_comes_and_goes(struct workpool_group *group, int err)
{
	struct wp_job job = { .call = { .kind = WP_MEMBER_CALL, .group = group } };
	struct workpool *pool = group->pool;
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	wp_member_queued_locked(pool, &job, &deferred);
	list_del(&job.member);
	wp_member_end_locked(pool, group, err, &deferred);
	wp_pool_unlock(pool, &deferred);
}

/*
 * A worker that is woken to execute a member, and finds that it ended, gets the
 * error that all waiting threads get.
 */
static void late_assistant_gets_the_error(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 2, 4);
	struct assistant assistant = { .result = 1 };
	struct workpool_group group;
	struct wpt_thread *thread;

	workpool_group_init(&group, pool);
	group.nr = 1;	/* the member of member_comes_and_goes() */
	assistant.group = &group;
	thread = start_wait(w, &group);
	ASSERT_SOON(test, waiters(pool, &group) == 1);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, assist_group, &assistant), 0);
	EXPECT_SOON(test, waiters(pool, &group) == 2);
	member_comes_and_goes(&group, -EIO);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EIO);
	wpt_settle(w, pool);
	KUNIT_ASSERT_EQ(test, assistant.result, -EIO);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
}

static void wait_for_group(void *arg)
{
	struct wpt *w = workpool_data(workpool_current());

	KUNIT_EXPECT_EQ(w->test, workpool_group_wait(arg), 0);
}

/*
 * A worker that waits is told of a member that is queued later. The pool is full
 * meanwhile.
 */
static void late_member_is_assisted(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 2, 4);
	struct workpool_group group;

	workpool_group_init(&group, pool);
	submit_parts(w, &group, 1, &w->gates[0], 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, wait_for_group, &group), 0);
	ASSERT_SOON(test, waiters(pool, &group) == 1);
	submit_parts(w, &group, 2, NULL, 0);
	EXPECT_SOON(test, atomic_read(&w->ran) == 2);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[0]), 0);
	ASSERT_SOON(test, waiters(pool, &group) == 1);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 3);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
}

/* Only asks, or waits for a moment, until the gate is open. */
static void ask_for_group(void *arg)
{
	struct wpt *w = workpool_data(workpool_current());
	long timeout = 0;

	while (!completion_done(&w->gates[1].open)) {
		KUNIT_EXPECT_EQ(w->test, -ETIMEDOUT,
				workpool_group_wait_timeout(arg, timeout));
		timeout = !timeout;
		cond_resched();
	}
}

/*
 * A worker that has no time for a member leaves it to one that waits, also when
 * its time was over only after it was woken.
 */
static void no_time_takes_no_wake_up(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 3, 4);
	struct workpool_group group;
	int i;

	workpool_group_init(&group, pool);
	submit_parts(w, &group, 1, &w->gates[0], 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, wait_for_group, &group), 0);
	ASSERT_SOON(test, waiters(pool, &group) == 1);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, ask_for_group, &group), 0);
	for (i = 1; i <= 32; i++) {
		submit_parts(w, &group, 1, NULL, 0);
		ASSERT_SOON(test, atomic_read(&w->ran) == i);
	}
	wpt_open(&w->gates[1]);
	ASSERT_SOON(test, workpool_busy(pool) == 2);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
}

/*
 * A member that crashes in the worker that waits for it takes that one's task
 * along: one crash, and both are accounted for.
 */
static void assisted_member_crashes(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 4);
	struct part *part = new_part(w, NULL, 0);
	struct family *family = new_family(w, pool, 3, part);
	struct workpool_group group;

	part->crash = true;
	workpool_group_init(&group, pool);
	KUNIT_ASSERT_EQ(test, 0, workpool_group_submit(&group, do_parent, family));
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EFAULT);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).crashes, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 3);
	KUNIT_EXPECT_EQ(test, wpt_unaccounted(pool), 0);
	submit_parts(w, &group, 1, NULL, 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
}

static void crash_with_members(void *arg)
{
	struct wpt *w = workpool_data(workpool_current());
	struct workpool_group group;

	workpool_group_init(&group, workpool_current());
	submit_parts(w, &group, 6, arg, 0);
	wpt_pass(&w->gates[1]);
	workpool_task_crash(-EIO);
}

/*
 * A task crashes with a group on its stack. Its queued members are dropped, and
 * the one that runs ends without the group.
 */
static void group_dies_with_its_stack(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 2, 8);

	KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, crash_with_members,
						 &w->gates[0]));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	wpt_open(&w->gates[1]);
	ASSERT_SOON(test, wpt_stats(pool).crashes == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 5);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[0]), 1);
	KUNIT_EXPECT_EQ(test, wpt_unaccounted(pool), 0);
}

static int call_stack_submit(struct wpt_thread *thread)
{
	return workpool_group_submit(READ_ONCE(thread->arg), do_part, NULL);
}

static void crash_with_submitter(void *arg)
{
	struct wpt *w = workpool_data(workpool_current());
	struct workpool_group group;

	workpool_group_init(&group, workpool_current());
	WRITE_ONCE(w->private, &group);
	wpt_pass(arg);
	workpool_task_crash(-EIO);
}

/* A thread that waits in a submit to such a group is refused. */
static void submitter_of_a_dead_group(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 0);
	struct wpt_thread what = { .call = call_stack_submit };
	struct wpt_thread *thread;

	KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, crash_with_submitter,
						 &w->gates[0]));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	what.arg = READ_ONCE(w->private);
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, workpool_waiting(pool) == 1);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -ECANCELED);
	wpt_settle(w, pool);
}

/*
 * While a pool is searched, nothing of it touches a group on the stack of a
 * task that is over: members run and leave the queue, and a submitter is
 * refused. The stack of this thread is that of a made-up worker.
 */
static void dead_group_is_left_alone(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 4);
	struct wp_worker *dead = kunit_kzalloc(test, sizeof(*dead), GFP_KERNEL);
	struct wpt_thread what = { .call = call_stack_submit };
	struct workpool_group group;
	struct wpt_thread *thread;
	unsigned long flags;

	KUNIT_ASSERT_NOT_NULL(test, dead);
	dead->task = current;
	workpool_group_init(&group, pool);
	wpt_fill(w, pool, &w->gates[0]);
	submit_parts(w, &group, 4, NULL, 0);
	what.arg = &group;
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, workpool_waiting(pool) == 1);
	raw_spin_lock_irqsave(&pool->lock, flags);
	hlist_add_head(&dead->dying, &pool->dying);
	memset(&group, 0x6b, sizeof(group));
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -ECANCELED);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 4);
	KUNIT_EXPECT_NULL(test, memchr_inv(&group, 0x6b, sizeof(group)));
	raw_spin_lock_irqsave(&pool->lock, flags);
	hlist_del(&dead->dying);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/* An oops, as far as the pool sees it. The kernel then uses the stack itself. */
static void oops_with_members(void *arg)
{
	struct wpt *w = workpool_data(workpool_current());
	struct die_args args = { .signr = SIGSEGV };
	struct workpool_group group;

	workpool_group_init(&group, workpool_current());
	submit_parts(w, &group, 4, arg, 0);
	wpt_wait_until(wpt_inside(arg) == 1);
	wp_crash_on_die(NULL, DIE_OOPS, &args);
	memset(&group, 0x6b, sizeof(group));
	wpt_open(arg);
	wpt_wait_until(wpt_past(arg) == 4 &&
		       workpool_busy(workpool_current()) == 1);
	w->private = memchr_inv(&group, 0x6b, sizeof(group));
	kthread_complete_and_exit(NULL, 0);
}

/*
 * From an oops on nothing touches a group on the stack of the task: members end
 * and leave the queue before the thread has got to exit_work().
 */
static void oopsed_group_is_left_alone(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 2, 4);

	w->private = w;
	KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, oops_with_members,
						 &w->gates[0]));
	ASSERT_SOON(test, wpt_stats(pool).crashes == 1);
	KUNIT_EXPECT_NULL(test, w->private);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[0]), 4);
	KUNIT_EXPECT_EQ(test, wpt_unaccounted(pool), 0);
	EXPECT_SOON(test, !atomic_read(&wp_member_nr_oopsed));
}

static void oops_with_a_group(void *arg)
{
	struct die_args args = { .signr = SIGSEGV };
	struct workpool_group group;

	workpool_group_init(&group, workpool_current());
	wp_crash_on_die(NULL, DIE_OOPS, &args);
	kthread_complete_and_exit(NULL, 0);
}

/*
 * An oopsed stack is remembered until it was searched, and no longer: there is
 * room for few, and groups get to the same address again.
 */
static void oopsed_stacks_are_forgotten(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	int i;

	for (i = 1; i <= 20; i++) {
		KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool,
							 oops_with_a_group,
							 NULL));
		ASSERT_SOON(test, wpt_stats(pool).crashes == i);
		ASSERT_SOON(test, !atomic_read(&wp_member_nr_oopsed));
	}
	wpt_settle(w, pool);
}

static struct wp_worker *only_worker(struct workpool *pool)
{
	return list_first_entry(&pool->workers, struct wp_worker, attached);
}

/**
 * struct tidy - a task that waits for a group on its stack
 * @w: fixture
 * @noted: its worker knew of the group
 */
struct tidy {
	struct wpt	*w;
	bool		noted;
};

static void use_group_on_stack(void *arg)
{
	struct workpool_group group;
	struct tidy *tidy = arg;

	workpool_group_init(&group, workpool_current());
	submit_parts(tidy->w, &group, 2, NULL, 0);
	KUNIT_EXPECT_EQ(tidy->w->test, workpool_group_wait(&group), 0);
	tidy->noted = wp_worker_current()->stacked;
}

/*
 * A group on the stack of a task concerns that task only. When a later task of
 * the worker crashes, nothing is searched.
 */
static void stack_is_forgotten_with_its_task(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 4);
	struct tidy tidy = { .w = w };

	KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, use_group_on_stack,
						 &tidy));
	wpt_settle(w, pool);
	KUNIT_EXPECT_TRUE(test, tidy.noted);
	KUNIT_EXPECT_FALSE(test, only_worker(pool)->stacked);
}

/**
 * struct search - what a search for strays did
 * @own: the pool of the task
 * @first: number of the first pool that was looked into
 * @last: number of the last one
 */
struct search {
	struct workpool	*own;
	u32		first;
	u32		last;
};

/* Stub of wp_lookup_next(). */
static struct workpool *next_pool_noting(u32 lookup_id)
{
	struct kunit *test = current->kunit_test;
	struct search *search = ((struct wpt *)test->priv)->private;
	struct workpool *pool;

	current->kunit_test = NULL;
	pool = wp_lookup_next(lookup_id);
	if (pool) {
		search->first = min(search->first, lookup_id + 1);
		search->last = max(search->last, lookup_id + 1);
	}
	current->kunit_test = test;
	return pool;
}

/* As if the task returned. Nothing is left on its stack. */
static void search_for_strays(struct wpt *w)
{
	struct search *search = w->private;

	search->first = U32_MAX;
	search->last = 0;
	current->kunit_test = w->test;
	wp_stray_report(wp_worker_current(), search_for_strays);
	current->kunit_test = NULL;
}

static void search_twice(void *arg)
{
	struct wpt *w = workpool_data(workpool_current());
	struct search *search = arg;
	struct workpool_group group;
	struct workpool_task task;

	workpool_group_init(&group, search->own);
	search_for_strays(w);
	/* the second look finds what is behind, and does not look into it */
	KUNIT_EXPECT_EQ(w->test, search->first, search->own->lookup_id);
	KUNIT_EXPECT_EQ(w->test, search->last, search->own->lookup_id + 1);
	workpool_group_init(&group, search->own);
	workpool_task_init_onstack(&task, NULL);
	search_for_strays(w);
	workpool_task_destroy_onstack(&task);
	KUNIT_EXPECT_EQ(w->test, search->first, 1);
}

/*
 * Only the pool of a group can refer to it. An embedded task may be in any
 * pool.
 */
static void only_the_pool_of_the_group_is_searched(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct search search;

	wpt_need_stubs(w);
	wpt_create_simple(w, 1);
	search.own = create_deep(w, 1, 4);
	wpt_create_simple(w, 1);
	w->private = &search;
	kunit_activate_static_stub(test, wp_lookup_next, next_pool_noting);
	KUNIT_ASSERT_EQ(test, 0, workpool_submit(search.own, search_twice,
						 &search));
	wpt_settle(w, search.own);
}

static int leave_group_in_init(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);
	struct wp_worker *worker = wp_worker_current();
	struct workpool_group group;

	workpool_group_init(&group, pool);
	KUNIT_EXPECT_TRUE(w->test, worker->stacked);
	return 0;
}

static void look_at_the_note(void *arg)
{
	struct wpt *w = arg;

	KUNIT_EXPECT_FALSE(w->test, wp_worker_current()->stacked);
}

/* What worker_init had on its stack is not taken for the next task's. */
static void group_of_worker_init_is_its_own(struct kunit *test)
{
	static const struct workpool_ops ops = {
		.worker_init = leave_group_in_init,
	};
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &ops);

	KUNIT_ASSERT_EQ(test, workpool_submit(pool, look_at_the_note, w), 0);
	wpt_settle(w, pool);
}

#ifdef kunit_warning_suppress

static void leave_members(void *arg)
{
	struct wp_worker *worker = wp_worker_current();
	struct wpt *w = workpool_data(workpool_current());
	struct workpool_group group;
	int nr = -1;

	workpool_group_init(&group, workpool_current());
	submit_parts(w, &group, 3, NULL, 0);
	kunit_warning_suppress(w->test) {
		/* as if it returned */
		wp_stray_report(worker, leave_members);
		nr = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
	KUNIT_EXPECT_EQ(w->test, nr, 1);
	KUNIT_EXPECT_EQ(w->test, workpool_group_wait(arg), 0);
}

/* A task that returns without waiting for a group on its stack is reported. */
static void group_left_on_the_stack(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, 8);
	struct workpool_group other;

	workpool_group_init(&other, pool);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, leave_members, &other), 0);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

#define LEFT	150	/* members: two slices, and a part of one */

/**
 * struct spy - what a search did under one hold of the lock at most
 * @dropped: members that were dropped
 * @unmarked: the worker was not in workpool.dying
 */
struct spy {
	int	dropped;
	bool	unmarked;
};

/* Stub of wp_scan_slice_locked(). */
static void scan_counting(struct workpool *pool, struct wp_scan *scan,
			  struct list_head *list, wp_scan_fn fn, void *arg,
			  struct wp_deferred *deferred)
{
	struct kunit *test = current->kunit_test;
	struct spy *spy = ((struct wpt *)test->priv)->private;
	u64 before = pool->counters[WP_COUNT_DROPPED];

	current->kunit_test = NULL;
	spy->unmarked |= hlist_empty(&pool->dying);
	wp_scan_slice_locked(pool, scan, list, fn, arg, deferred);
	spy->dropped = max_t(int, spy->dropped,
			     pool->counters[WP_COUNT_DROPPED] - before);
	current->kunit_test = test;
}

static void leave_many_members(void *arg)
{
	struct wp_worker *worker = wp_worker_current();
	struct wpt *w = workpool_data(workpool_current());
	struct workpool_group group;
	int nr = -1;

	workpool_group_init(&group, workpool_current());
	submit_parts(w, &group, LEFT, NULL, 0);
	current->kunit_test = w->test;
	kunit_warning_suppress(w->test) {
		/* as if it returned */
		wp_stray_report(worker, leave_many_members);
		nr = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
	current->kunit_test = NULL;
	KUNIT_EXPECT_EQ(w->test, nr, 1);
}

/*
 * A long queue is searched in slices. In between nothing touches the group, and
 * in the end nothing of the search is left.
 */
static void strays_are_dropped_in_slices(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 1, LEFT);
	struct spy spy = { };

	if (!wpt_can_stub_under_lock())
		kunit_skip(test, "the lock of the stubs is not raw");
	w->private = &spy;
	kunit_activate_static_stub(test, wp_scan_slice_locked, scan_counting);
	KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, leave_many_members,
						 NULL));
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, spy.dropped, 64);
	KUNIT_EXPECT_FALSE(test, spy.unmarked);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, LEFT);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&pool->dying));
}

/**
 * struct mover - moves a task while a thread looks into the pools
 * @from: the pool that it is in
 * @to: an older pool, which the thread looks into earlier
 * @dtask: the task
 * @moved: it was moved
 * @warnings: how often the thread complained
 */
struct mover {
	struct workpool			*from;
	struct workpool			*to;
	struct workpool_delayed_task	*dtask;
	int				moved;
	int				warnings;
};

/* Stub of wp_lookup_next(). */
static struct workpool *next_pool_moving(u32 lookup_id)
{
	struct kunit *test = current->kunit_test;
	struct mover *mover = ((struct wpt *)test->priv)->private;
	struct workpool *pool;

	current->kunit_test = NULL;
	pool = wp_lookup_next(lookup_id);
	if (pool == mover->from && !mover->moved++)
		KUNIT_EXPECT_EQ(test, 0, workpool_mod_delayed(mover->to,
							      mover->dtask, 0));
	current->kunit_test = test;
	return pool;
}

static void leave_moving_task(void *arg)
{
	struct wp_worker *worker = wp_worker_current();
	struct wpt *w = workpool_data(workpool_current());
	struct workpool_delayed_task dtask;
	struct mover *mover = arg;

	workpool_delayed_task_init_onstack(&dtask, wpt_task_fn);
	KUNIT_EXPECT_EQ(w->test, workpool_queue(mover->from, &dtask.task), 0);
	mover->dtask = &dtask;
	current->kunit_test = w->test;
	kunit_warning_suppress(w->test) {
		/* as if it returned */
		wp_stray_report(worker, leave_moving_task);
		mover->warnings = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
	current->kunit_test = NULL;
	if (wpt_stats(mover->to).queued)
		workpool_cancel(&dtask.task);
}

/*
 * A task on such a stack is found when it moves from a pool that was not looked
 * into to one that was.
 */
static void moving_task_is_found_on_the_stack(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct mover mover = { .to = wpt_create_simple(w, 1) };

	wpt_need_stubs(w);
	mover.from = wpt_create_simple(w, 1);
	w->private = &mover;
	wpt_fill(w, mover.from, &w->gates[0]);
	wpt_fill(w, mover.to, &w->gates[0]);
	kunit_activate_static_stub(test, wp_lookup_next, next_pool_moving);
	KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, leave_moving_task, &mover));
	wpt_settle(w, pool);
	KUNIT_EXPECT_GE(test, mover.moved, 1);
	KUNIT_EXPECT_EQ(test, mover.warnings, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(mover.to).dropped, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(mover.to).cancelled, 0);
}

#else

static void group_left_on_the_stack(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void strays_are_dropped_in_slices(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void moving_task_is_found_on_the_stack(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

#endif

#if defined(kunit_warning_suppress) && defined(CONFIG_DEBUG_OBJECTS)

/**
 * struct orphan - a member of a group on the stack of a task that crashes
 * @w: fixture
 * @group: the group
 * @result: of its submit
 * @warnings: that its submit and its cancel gave
 * @ended: it ended
 */
struct orphan {
	struct wpt		*w;
	struct workpool_group	*group;
	int			result;
	int			warnings;
	bool			ended;
};

static int do_orphan(void *arg)
{
	struct orphan *orphan = arg;
	struct part part = { .w = orphan->w };

	wpt_pass(&orphan->w->gates[0]);
	kunit_warning_suppress(orphan->w->test) {
		orphan->result = workpool_group_submit(orphan->group, do_part,
						       &part);
		workpool_group_cancel(orphan->group);
		orphan->warnings = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
	WRITE_ONCE(orphan->ended, true);
	return 0;
}

static void crash_with_orphan(void *arg)
{
	struct workpool_group group;
	struct orphan *orphan = arg;

	workpool_group_init(&group, workpool_current());
	orphan->group = &group;
	KUNIT_EXPECT_EQ(orphan->w->test, 0,
			workpool_group_submit(&group, do_orphan, orphan));
	wpt_pass(&orphan->w->gates[1]);
	workpool_task_crash(-EIO);
}

/*
 * Debug kernels keep a member from using a group that died with its stack. What
 * the worker executes later is not suspected.
 */
static void member_uses_a_dead_group(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_deep(w, 2, 8);
	struct orphan orphan = { .w = w };

	KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, crash_with_orphan,
						 &orphan));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	wpt_open(&w->gates[1]);
	ASSERT_SOON(test, wpt_stats(pool).crashes == 1);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, READ_ONCE(orphan.ended));
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, orphan.result, -ECANCELED);
	KUNIT_EXPECT_EQ(test, orphan.warnings, 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

#else

static void member_uses_a_dead_group(struct kunit *test)
{
	kunit_skip(test, "needs CONFIG_DEBUG_OBJECTS, and to suppress warnings");
}

#endif

/* Add @nr to the members that the group counts; @cancel: it is cancelled. */
static void add_members(struct workpool_group *group, int nr, bool cancel)
{
	struct wp_deferred deferred;

	wp_pool_lock(group->pool, &deferred);
	group->nr += nr;
	group->cancelled |= cancel;
	wp_pool_unlock(group->pool, &deferred);
}

/**
 * struct group_waiter - a task that waits for a group
 * @group: the group
 * @thread: where it runs
 * @ret: what it got
 * @over: the wait is over
 */
struct group_waiter {
	struct workpool_group group;
	struct task_struct *thread;
	int ret;
	struct completion over;
};

static void wait_for_cancelled(void *arg)
{
	struct group_waiter *waiter = arg;

	WRITE_ONCE(waiter->thread, current);
	waiter->ret = workpool_group_wait(&waiter->group);
	complete(&waiter->over);
}

static bool sleeps_or_is_over(struct group_waiter *waiter)
{
	struct task_struct *thread = READ_ONCE(waiter->thread);

	return completion_done(&waiter->over) ||
	       (thread && READ_ONCE(thread->__state) == TASK_UNINTERRUPTIBLE);
}

/*
 * While a group is being cancelled it counts one more than its members. The only
 * worker of the pool may wait for it meanwhile, and that is no deadlock.
 */
static void wait_during_a_cancel(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct group_waiter *waiter = kunit_kzalloc(test, sizeof(*waiter),
						    GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, waiter);
	init_completion(&waiter->over);
	workpool_group_init(&waiter->group, pool);
	add_members(&waiter->group, 1, true);
	KUNIT_ASSERT_EQ(test, 0,
			workpool_try_submit(pool, wait_for_cancelled, waiter));
	ASSERT_SOON(test, sleeps_or_is_over(waiter));
	KUNIT_EXPECT_FALSE(test, completion_done(&waiter->over));
	add_members(&waiter->group, -1, false);
	workpool_group_cancel(&waiter->group);
	ASSERT_SOON(test, completion_done(&waiter->over));
	KUNIT_EXPECT_EQ(test, waiter->ret, 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 0);
	wpt_settle(w, pool);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(crash_is_an_error),
	KUNIT_CASE(wait_times_out),
	KUNIT_CASE(wait_is_killable),
	KUNIT_CASE(assistant_without_time),
	KUNIT_CASE(poll_is_in_no_circle),
	KUNIT_CASE(cancel_removes_the_queued),
	KUNIT_CASE(cancel_ends_the_wait),
	KUNIT_CASE(submits_like_any_other),
	KUNIT_CASE(release_runs_the_members),
	KUNIT_CASE(dropped_members_are_an_error),
	KUNIT_CASE(cancel_refuses_submitters),
	KUNIT_CASE(nested_groups_all_run),
	KUNIT_CASE(assisted_error_is_returned),
	KUNIT_CASE(nesting_is_bounded),
	KUNIT_CASE(deep_nesting_takes_another_worker),
	KUNIT_CASE(nested_members_leave_room),
	KUNIT_CASE(late_assistant_gets_the_error),
	KUNIT_CASE(late_member_is_assisted),
	KUNIT_CASE(no_time_takes_no_wake_up),
	KUNIT_CASE(assisted_member_crashes),
	KUNIT_CASE(group_dies_with_its_stack),
	KUNIT_CASE(submitter_of_a_dead_group),
	KUNIT_CASE(dead_group_is_left_alone),
	KUNIT_CASE(oopsed_group_is_left_alone),
	KUNIT_CASE(oopsed_stacks_are_forgotten),
	KUNIT_CASE(stack_is_forgotten_with_its_task),
	KUNIT_CASE(only_the_pool_of_the_group_is_searched),
	KUNIT_CASE(group_left_on_the_stack),
	KUNIT_CASE(group_of_worker_init_is_its_own),
	KUNIT_CASE(strays_are_dropped_in_slices),
	KUNIT_CASE(wait_during_a_cancel),
	KUNIT_CASE(moving_task_is_found_on_the_stack),
	KUNIT_CASE(member_uses_a_dead_group),
	{}
};

WPT_SUITE(group);
