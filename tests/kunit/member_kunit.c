// SPDX-License-Identifier: GPL-2.0
/*
 * Embedded members of groups: what a group counts of them, and when it gives it back.
 */

#include <linux/irq_work.h>
#include <linux/kdebug.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "core/lock.h"
#include "core/lookup.h"
#include "core/pool.h"
#include "core/worker.h"
#include "queue/member.h"
#include "task/group.h"
#include "worker/crash.h"
#include "helpers.h"

/**
 * struct part - an embedded member
 * @member: the member
 * @w: fixture
 * @gate: where it waits, or NULL
 * @body: what else it does, or NULL
 * @group: for @body
 * @error: what it returns
 * @crash: it crashes instead
 * @limit: so many times @body does something
 * @result: of @body
 * @begun: times it began
 * @ended: times it ended
 * @now: instances that run right now
 * @overlapped: there were two at once
 */
struct part {
	struct workpool_member	member;
	struct wpt		*w;
	struct wpt_gate		*gate;
	void			(*body)(struct part *part);
	struct workpool_group	*group;
	int			error;
	bool			crash;
	int			limit;
	int			result;
	atomic_t		begun;
	atomic_t		ended;
	atomic_t		now;
	bool			overlapped;
};

static int do_part(struct workpool_member *member)
{
	struct part *part = container_of(member, struct part, member);

	if (atomic_inc_return(&part->now) != 1)
		WRITE_ONCE(part->overlapped, true);
	atomic_inc(&part->begun);
	if (part->gate)
		wpt_pass(part->gate);
	if (part->body)
		part->body(part);
	atomic_dec(&part->now);
	if (part->crash) {
		part->crash = false;
		workpool_task_crash(-EIO);
	}
	atomic_inc(&part->ended);
	return part->error;
}

static struct part *new_part(struct wpt *w, struct wpt_gate *gate, int error)
{
	struct part *part = kunit_kzalloc(w->test, sizeof(*part), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(w->test, part);
	workpool_member_init(&part->member, do_part);
	part->w = w;
	part->gate = gate;
	part->error = error;
	return part;
}

static int queue_part(struct workpool_group *group, struct part *part)
{
	return workpool_group_queue(group, &part->member);
}

static void queue_parts(struct wpt *w, struct workpool_group *group, int nr, int error)
{
	while (nr--)
		KUNIT_ASSERT_EQ(w->test, 0,
				queue_part(group, new_part(w, NULL, error)));
}

/* Queues @part, which waits at its gate. */
static void hold_part(struct wpt *w, struct workpool_group *group, struct part *part)
{
	KUNIT_ASSERT_EQ(w->test, queue_part(group, part), 0);
	ASSERT_SOON(w->test, wpt_inside(part->gate) == 1);
}

static int begun(struct part *part)
{
	return atomic_read(&part->begun);
}

static int call_group_wait(struct wpt_thread *thread)
{
	return workpool_group_wait(thread->arg);
}

/* Does a thread wait for the group? */
static bool is_waited_for(struct workpool_group *group)
{
	struct wp_deferred deferred;
	bool waits;

	wp_pool_lock(group->pool, &deferred);
	waits = !list_empty(&group->waiters);
	wp_pool_unlock(group->pool, &deferred);
	return waits;
}

/* A thread that waits for the group, which is not empty. */
static struct wpt_thread *start_wait(struct wpt *w, struct workpool_group *group)
{
	struct wpt_thread what = { .call = call_group_wait, .arg = group };
	struct wpt_thread *thread = wpt_start(w, &what);

	ASSERT_SOON(w->test, is_waited_for(group));
	return thread;
}

/* What is left to count in @group. */
static unsigned int left(struct workpool_group *group)
{
	struct wp_deferred deferred;
	unsigned int nr;

	wp_pool_lock(group->pool, &deferred);
	nr = group->nr;
	wp_pool_unlock(group->pool, &deferred);
	return nr;
}

/* The wait ends with the last member, and has the first error. Then again. */
static void members_are_waited_for(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct part *first = new_part(w, &w->gates[0], -EIO);
	struct part *last = new_part(w, &w->gates[1], -ENOSPC);
	struct workpool_group group;
	struct wpt_thread *thread;

	workpool_group_init(&group, pool);
	hold_part(w, &group, first);
	hold_part(w, &group, last);
	queue_parts(w, &group, 10, -EDOM);
	thread = start_wait(w, &group);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, left(&group) == 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	wpt_open(&w->gates[1]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EIO);
	KUNIT_EXPECT_EQ(test, left(&group), 0);
	first->error = 0;
	KUNIT_EXPECT_EQ(test, queue_part(&group, first), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	KUNIT_EXPECT_EQ(test, begun(first), 2);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).submitted, 13);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, 13);
}

static int run_static(struct workpool_member *member);

static DEFINE_WORKPOOL_MEMBER(static_member, run_static);

static int run_static(struct workpool_member *member)
{
	return member == &static_member ? -EXDEV : -EINVAL;
}

/* A member that is defined needs no initialization. */
static void member_is_static(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool_group group;
	int i;

	workpool_group_init(&group, pool);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, workpool_group_queue(&group, &static_member), 0);
		KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EXDEV);
	}
	KUNIT_EXPECT_FALSE(test, workpool_task_pending(&static_member.task));
}

static int do_call(void *unused)
{
	return -EXDEV;
}

/* Calls and embedded members of one group run in order, and count together. */
static void members_of_both_kinds(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct workpool_group group;
	struct workpool *pool;

	attrs.queue_depth = 1;
	pool = wpt_create(w, &attrs);
	workpool_group_init(&group, pool);
	wpt_fill(w, pool, &w->gates[0]);
	queue_parts(w, &group, 1, 0);
	KUNIT_ASSERT_EQ(test, workpool_group_submit(&group, do_call, NULL), 0);
	queue_parts(w, &group, 1, -EIO);
	KUNIT_EXPECT_EQ(test, left(&group), 3);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EXDEV);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
}

/* What is pending already stays what it is, and counts once. */
static void pending_member_is_refused(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct part *part = new_part(w, NULL, 0);
	struct workpool_group group, other;

	workpool_group_init(&group, pool);
	workpool_group_init(&other, pool);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, queue_part(&group, part), 0);
	KUNIT_EXPECT_TRUE(test, workpool_task_pending(&part->member.task));
	KUNIT_EXPECT_EQ(test, queue_part(&group, part), -EALREADY);
	KUNIT_EXPECT_EQ(test, queue_part(&other, part), -EALREADY);
	KUNIT_EXPECT_EQ(test, left(&group), 1);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&other), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	KUNIT_EXPECT_EQ(test, begun(part), 1);
	KUNIT_EXPECT_EQ(test, queue_part(&other, part), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&other), 0);
}

/* A member that is cancelled is waited for no more. */
static void cancelled_member_does_not_count(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct part *one = new_part(w, NULL, -EIO), *two = new_part(w, NULL, -EIO);
	struct workpool_group group;
	struct wpt_thread *thread;

	workpool_group_init(&group, pool);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, queue_part(&group, one), 0);
	KUNIT_ASSERT_EQ(test, queue_part(&group, two), 0);
	thread = start_wait(w, &group);
	KUNIT_EXPECT_EQ(test, workpool_cancel(&one->member.task), 0);
	KUNIT_EXPECT_EQ(test, workpool_cancel(&one->member.task), -ENOENT);
	KUNIT_EXPECT_TRUE(test, is_waited_for(&group));
	KUNIT_EXPECT_EQ(test, workpool_cancel_sync(&two->member.task), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 2);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
	KUNIT_EXPECT_EQ(test, queue_part(&group, two), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EIO);
	KUNIT_EXPECT_EQ(test, begun(one), 0);
	KUNIT_EXPECT_EQ(test, begun(two), 1);
}

/*
 * A cancel of the group takes out all that did not begin, a member that waits
 * for its own end too, and refuses others until the group was waited for.
 */
static void group_cancel_takes_members_out(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct part *part = new_part(w, &w->gates[0], -EIO);
	struct part *late = new_part(w, NULL, 0);
	struct workpool_group group;
	struct wpt_thread *thread;

	workpool_group_init(&group, pool);
	hold_part(w, &group, part);
	KUNIT_ASSERT_EQ(test, queue_part(&group, part), 0);
	queue_parts(w, &group, 150, -EDOM);
	KUNIT_EXPECT_EQ(test, left(&group), 152);
	thread = start_wait(w, &group);
	workpool_group_cancel(&group);
	KUNIT_EXPECT_EQ(test, left(&group), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 151);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
	KUNIT_EXPECT_EQ(test, queue_part(&group, late), -ECANCELED);
	KUNIT_EXPECT_FALSE(test, workpool_task_pending(&late->member.task));
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EIO);
	KUNIT_EXPECT_EQ(test, begun(part), 1);
	KUNIT_EXPECT_EQ(test, queue_part(&group, late), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_unaccounted(pool), 0);
}

/* Nothing of it needs interrupts. */
static void queued_with_interrupts_off(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 1);
	struct part *one = new_part(w, NULL, -EIO), *two = new_part(w, NULL, 0);
	struct workpool_group group, other;
	unsigned long flags;

	workpool_group_init(&group, pool);
	workpool_group_init(&other, pool);
	local_irq_save(flags);
	one->result = queue_part(&group, one);
	two->result = queue_part(&other, two);
	workpool_group_cancel(&other);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, one->result, 0);
	KUNIT_EXPECT_EQ(test, two->result, 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EIO);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&other), 0);
}

/**
 * struct hard_irq - a member that is queued in a hard interrupt
 * @work: runs there
 * @group: the group
 * @part: the member
 * @result: of queueing it
 * @was_hard: it was a hard interrupt
 */
struct hard_irq {
	struct irq_work		work;
	struct workpool_group	*group;
	struct part		*part;
	int			result;
	bool			was_hard;
};

static void queue_in_hard_irq(struct irq_work *work)
{
	struct hard_irq *irq = container_of(work, struct hard_irq, work);

	irq->was_hard = in_hardirq();
	irq->result = queue_part(irq->group, irq->part);
}

/* That is for drivers, which queue in their interrupts. */
static void queued_in_a_hard_irq(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool_group group;
	struct hard_irq irq = {
		.work = IRQ_WORK_INIT_HARD(queue_in_hard_irq),
		.group = &group,
		.part = new_part(w, NULL, -EIO),
		.result = 1,
	};

	workpool_group_init(&group, pool);
	irq_work_queue(&irq.work);
	irq_work_sync(&irq.work);
	KUNIT_EXPECT_TRUE(test, irq.was_hard);
	KUNIT_EXPECT_EQ(test, irq.result, 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EIO);
}

/*
 * A member that crashes counts as -EFAULT, and its report names it. What it was
 * queued for meanwhile runs.
 */
static void crash_is_an_error(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &wpt_ops);
	struct part *part = new_part(w, &w->gates[0], 0);
	struct workpool_group group, next;

	part->crash = true;
	workpool_group_init(&group, pool);
	workpool_group_init(&next, pool);
	hold_part(w, &group, part);
	KUNIT_ASSERT_EQ(test, queue_part(&next, part), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EFAULT);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&next), 0);
	EXPECT_SOON(test, atomic_read(&w->crashes) == 1);
	KUNIT_EXPECT_PTR_EQ(test, w->crash.fn, (void *)do_part);
	KUNIT_EXPECT_PTR_EQ(test, w->crash.arg, (void *)&part->member);
	KUNIT_EXPECT_EQ(test, begun(part), 2);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_unaccounted(pool), 0);
}

/* A member that no worker could be started for counts as -ESHUTDOWN. */
static void dropped_members_are_an_error(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool_group group;

	workpool_group_init(&group, pool);
	wpt_fail_threads(w, WPT_ALWAYS);
	queue_parts(w, &group, 3, 0);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 3);
	KUNIT_EXPECT_EQ(test, left(&group), 0);
}

/* What was accepted runs after a release. Others are refused. */
static void release_runs_the_members(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct part *part = new_part(w, NULL, 0), *late = new_part(w, NULL, 0);
	struct workpool_group group;

	workpool_group_init(&group, pool);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, queue_part(&group, part), 0);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, queue_part(&group, late), -ESHUTDOWN);
	workpool_group_cancel(&group);
	KUNIT_EXPECT_EQ(test, queue_part(&group, late), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 1);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	KUNIT_EXPECT_EQ(test, begun(part), 0);
}

static void queue_again(struct part *part)
{
	if (part->limit-- > 0)
		part->result = queue_part(part->group, part);
}

/* A member that queues itself is waited for until it does not. */
static void member_queues_itself(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct part *part = new_part(w, NULL, 0);
	struct workpool_group group;

	workpool_group_init(&group, pool);
	part->body = queue_again;
	part->group = &group;
	part->limit = 50;
	KUNIT_ASSERT_EQ(test, queue_part(&group, part), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	KUNIT_EXPECT_EQ(test, begun(part), 51);
	KUNIT_EXPECT_EQ(test, part->result, 0);
	KUNIT_EXPECT_FALSE(test, part->overlapped);
}

/*
 * It may queue itself to another group. The run in progress counts in the old
 * one, the next one in the new one. Nothing starts in between.
 */
static void member_changes_its_group(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct part *part = new_part(w, &w->gates[0], -EIO);
	struct workpool_group group, next;

	workpool_group_init(&group, pool);
	workpool_group_init(&next, pool);
	part->body = queue_again;
	part->group = &next;
	part->limit = 1;
	hold_part(w, &group, part);
	KUNIT_ASSERT_EQ(test, workpool_pause(pool), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EIO);
	KUNIT_EXPECT_EQ(test, begun(part), 1);
	KUNIT_EXPECT_EQ(test, left(&next), 1);
	KUNIT_EXPECT_EQ(test, workpool_resume(pool), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&next), -EIO);
	KUNIT_EXPECT_EQ(test, begun(part), 2);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
}

/* It never runs twice at once, though another worker has nothing to do. */
static void running_member_is_queued(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct part *part = new_part(w, &w->gates[0], 0);
	struct workpool_group group;
	struct wpt_thread *thread;

	workpool_group_init(&group, pool);
	hold_part(w, &group, part);
	KUNIT_EXPECT_EQ(test, workpool_cancel(&part->member.task), -EBUSY);
	KUNIT_EXPECT_EQ(test, queue_part(&group, part), 0);
	KUNIT_EXPECT_EQ(test, queue_part(&group, part), -EALREADY);
	KUNIT_EXPECT_EQ(test, workpool_cancel(&part->member.task), 0);
	KUNIT_EXPECT_EQ(test, left(&group), 1);
	/* behind another one: it gets to the worker when its turn comes */
	wpt_block(w, pool, &w->gates[1]);
	queue_parts(w, &group, 1, 0);
	KUNIT_EXPECT_EQ(test, queue_part(&group, part), 0);
	KUNIT_EXPECT_EQ(test, left(&group), 3);
	wpt_open(&w->gates[1]);
	ASSERT_SOON(test, left(&group) == 2 && READ_ONCE(pool->nr_rerun) == 1);
	thread = start_wait(w, &group);
	KUNIT_EXPECT_EQ(test, begun(part), 1);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, begun(part), 2);
	KUNIT_EXPECT_FALSE(test, part->overlapped);
	KUNIT_EXPECT_FALSE(test, workpool_flush(&part->member.task));
}

/*
 * A group has one pool. While a member runs in another one it is refused, as is
 * one that runs in a pool that is closed. Later it goes there.
 */
static void member_comes_from_another_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *one = wpt_create_simple(w, 1);
	struct workpool *two = wpt_create_simple(w, 1);
	struct part *part = new_part(w, &w->gates[0], 0);
	struct workpool_group group, other;

	workpool_group_init(&group, one);
	workpool_group_init(&other, two);
	hold_part(w, &group, part);
	KUNIT_EXPECT_EQ(test, queue_part(&other, part), -EBUSY);
	KUNIT_EXPECT_FALSE(test, workpool_task_pending(&part->member.task));
	workpool_release(one);
	KUNIT_EXPECT_EQ(test, queue_part(&other, part), -EBUSY);
	KUNIT_EXPECT_EQ(test, left(&other), 0);
	KUNIT_EXPECT_EQ(test, workpool_cancel(&part->member.task), -EBUSY);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	/* the worker has accounted for it, and then does not execute it */
	KUNIT_EXPECT_EQ(test, queue_part(&other, part), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&other), 0);
	KUNIT_EXPECT_EQ(test, begun(part), 2);
	wpt_settle(w, two);
	KUNIT_EXPECT_EQ(test, wpt_stats(two).submitted, 1);
	KUNIT_EXPECT_EQ(test, wpt_unaccounted(two), 0);
}

#if WPT_HAVE_STUBS

/*
 * Stub of wp_lookup_find(): this thread looks for the pool that a member was in
 * last. What the body of the member does comes in between.
 */
static struct workpool *find_after_body(u32 lookup_id)
{
	struct kunit *test = current->kunit_test;
	struct wpt *w = test->priv;
	struct part *part = w->private;
	struct workpool *pool;

	current->kunit_test = NULL;
	if (part->limit-- > 0)
		part->body(part);
	pool = wp_lookup_find(lookup_id);
	current->kunit_test = test;
	return pool;
}

/* Queues @part, while @body is done once in the middle. */
static int queue_with_stub(struct workpool_group *group, struct part *part,
			   void (*body)(struct part *part))
{
	struct wpt *w = part->w;
	int err;

	w->private = part;
	part->body = body;
	part->limit = 1;
	kunit_activate_static_stub(w->test, wp_lookup_find, find_after_body);
	err = queue_part(group, part);
	kunit_deactivate_static_stub(w->test, wp_lookup_find);
	KUNIT_EXPECT_LT(w->test, part->limit, 1);
	part->body = NULL;
	return err;
}

static void queue_it(struct part *part)
{
	part->result = queue_part(part->group, part);
}

/*
 * A member queues itself while another thread queues it to a group of another
 * pool, which is refused. It runs again.
 */
static void refusal_takes_nothing_away(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *one = wpt_create_simple(w, 1);
	struct workpool *two = wpt_create_simple(w, 1);
	struct part *part = new_part(w, &w->gates[0], 0);
	struct workpool_group group, other;

	if (!wpt_can_stub_under_lock())
		kunit_skip(test, "the lock of the stubs is not raw");
	workpool_group_init(&group, one);
	workpool_group_init(&other, two);
	hold_part(w, &group, part);
	part->group = &group;
	part->result = 1;
	KUNIT_EXPECT_EQ(test, queue_with_stub(&other, part, queue_it), -EALREADY);
	KUNIT_EXPECT_EQ(test, part->result, 0);
	KUNIT_EXPECT_EQ(test, left(&group), 2);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	KUNIT_EXPECT_EQ(test, begun(part), 2);
	KUNIT_EXPECT_EQ(test, left(&other), 0);
}

static void cancel_group_of(struct part *part)
{
	workpool_group_cancel(part->group);
}

/* A group is cancelled while a member comes to it from another pool. */
static void group_is_cancelled_meanwhile(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *one = wpt_create_simple(w, 1);
	struct workpool *two = wpt_create_simple(w, 1);
	struct part *part = new_part(w, NULL, 0);
	struct workpool_group group, other;

	if (!wpt_can_stub_under_lock())
		kunit_skip(test, "the lock of the stubs is not raw");
	workpool_group_init(&group, one);
	workpool_group_init(&other, two);
	KUNIT_ASSERT_EQ(test, queue_part(&group, part), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	part->group = &other;
	KUNIT_EXPECT_EQ(test, -ECANCELED,
			queue_with_stub(&other, part, cancel_group_of));
	KUNIT_EXPECT_FALSE(test, workpool_task_pending(&part->member.task));
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&other), 0);
	KUNIT_EXPECT_EQ(test, queue_part(&other, part), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&other), 0);
	KUNIT_EXPECT_EQ(test, begun(part), 2);
}

static void arrive(struct part *part)
{
	WRITE_ONCE(part->member.task.last_pool, part->group->pool->lookup_id);
}

/* A member that gets into a pool and runs during the look is found there. */
static void member_that_moved_is_found(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *one = wpt_create_simple(w, 1);
	struct workpool *two = wpt_create_simple(w, 1);
	struct part *part = new_part(w, &w->gates[0], 0);
	struct workpool_group group, other;

	if (!wpt_can_stub_under_lock())
		kunit_skip(test, "the lock of the stubs is not raw");
	workpool_group_init(&group, one);
	workpool_group_init(&other, two);
	hold_part(w, &group, part);
	part->group = &group;
	WRITE_ONCE(part->member.task.last_pool, WP_LOOKUP_NONE);
	KUNIT_EXPECT_EQ(test, queue_with_stub(&other, part, arrive), -EBUSY);
	KUNIT_EXPECT_FALSE(test, workpool_task_pending(&part->member.task));
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	KUNIT_EXPECT_EQ(test, begun(part), 1);
}

#endif

/**
 * struct short_lived - an object that its member frees
 * @member: the member
 * @ran: counted up by it
 */
struct short_lived {
	struct workpool_member	member;
	atomic_t		*ran;
};

static int free_it(struct workpool_member *member)
{
	struct short_lived *object = container_of(member, struct short_lived, member);

	atomic_inc(object->ran);
	kfree(object);
	return -EDOM;
}

/* A member may free itself. It counts until its function has returned. */
static void member_frees_itself(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct short_lived *object;
	struct workpool_group group;
	int i;

	workpool_group_init(&group, pool);
	for (i = 0; i < 20; i++) {
		object = kzalloc(sizeof(*object), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, object);
		workpool_member_init(&object->member, free_it);
		object->ran = &w->ran;
		KUNIT_ASSERT_EQ(test, 0,
				workpool_group_queue(&group, &object->member));
	}
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EDOM);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 20);
}

/* While a member is cancelled and waited for, it cannot queue itself. */
static void cancel_sync_waits_for_the_member(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct part *part = new_part(w, &w->gates[0], 0);
	struct wpt_thread what = {
		.call = wpt_call_cancel_sync,
		.arg = &part->member.task,
	};
	struct workpool_group group;
	struct wpt_thread *thread;

	workpool_group_init(&group, pool);
	part->body = queue_again;
	part->group = &group;
	part->limit = 1;
	hold_part(w, &group, part);
	KUNIT_ASSERT_EQ(test, queue_part(&group, part), 0);
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, left(&group) == 1);
	KUNIT_EXPECT_EQ(test, queue_part(&group, part), -EALREADY);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, part->result, -EALREADY);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	KUNIT_EXPECT_EQ(test, begun(part), 1);
	KUNIT_EXPECT_EQ(test, workpool_disable(&part->member.task), -ENOENT);
	KUNIT_EXPECT_EQ(test, queue_part(&group, part), -EALREADY);
	KUNIT_EXPECT_TRUE(test, workpool_enable(&part->member.task));
	KUNIT_EXPECT_EQ(test, queue_part(&group, part), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
}

/**
 * struct doomed - a task that crashes with a group or a member on its stack
 * @w: fixture
 * @parts: members of the group on the stack
 * @group: the group of the member on the stack
 */
struct doomed {
	struct wpt		*w;
	struct part		*parts[4];
	struct workpool_group	*group;
};

static void crash_with_group(void *arg)
{
	struct workpool_group group;
	struct doomed *doomed = arg;
	struct wpt *w = doomed->w;
	int i;

	workpool_group_init(&group, workpool_current());
	hold_part(w, &group, doomed->parts[0]);
	/* the first one waits for its own end */
	KUNIT_EXPECT_EQ(w->test, queue_part(&group, doomed->parts[0]), 0);
	for (i = 1; i < 4; i++)
		KUNIT_EXPECT_EQ(w->test, queue_part(&group, doomed->parts[i]), 0);
	wpt_pass(&w->gates[1]);
	workpool_task_crash(-EIO);
}

/*
 * A task crashes with a group on its stack. Queued members are dropped and can
 * be queued again. The one that runs ends without the group.
 */
static void group_dies_with_its_stack(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct doomed doomed = { .w = w };
	struct workpool_group group;
	int i;

	doomed.parts[0] = new_part(w, &w->gates[0], -EIO);
	for (i = 1; i < 4; i++)
		doomed.parts[i] = new_part(w, NULL, 0);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, crash_with_group, &doomed), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
	wpt_open(&w->gates[1]);
	ASSERT_SOON(test, wpt_stats(pool).crashes == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 4);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_FALSE(test, workpool_task_pending(&doomed.parts[i]->member.task));
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, begun(doomed.parts[0]), 1);
	KUNIT_EXPECT_EQ(test, wpt_unaccounted(pool), 0);
	workpool_group_init(&group, pool);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, queue_part(&group, doomed.parts[i]), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EIO);
}

/* Two members on the stack are neighbours, one is behind a member elsewhere. */
static void crash_with_members(void *arg)
{
	struct workpool_member members[3];
	struct doomed *doomed = arg;
	struct kunit *test = doomed->w->test;
	int i;

	for (i = 0; i < 3; i++) {
		workpool_member_init_onstack(&members[i], do_part);
		if (i == 2)
			KUNIT_EXPECT_EQ(test, 0, queue_part(doomed->group,
							    doomed->parts[0]));
		KUNIT_EXPECT_EQ(test, 0,
				workpool_group_queue(doomed->group, &members[i]));
	}
	workpool_task_crash(-EIO);
}

/* Members die with the stack that they are on. Their group lives. */
static void member_dies_with_its_stack(struct kunit *test)
{
	enum { NR = 65 };
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool *other = wpt_create_simple(w, 1);
	struct workpool_group group;
	struct doomed doomed = { .w = w, .group = &group };

	doomed.parts[0] = new_part(w, NULL, 0);
	workpool_group_init(&group, other);
	wpt_fill(w, other, &w->gates[0]);
	/* more than a slice of the search */
	queue_parts(w, &group, NR, 0);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, crash_with_members, &doomed), 0);
	ASSERT_SOON(test, wpt_stats(pool).crashes == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(other).dropped, 3);
	KUNIT_EXPECT_EQ(test, left(&group), NR + 1);
	queue_parts(w, &group, 2, 0);
	KUNIT_EXPECT_EQ(test, workpool_cancel(&doomed.parts[0]->member.task), 0);
	KUNIT_EXPECT_EQ(test, left(&group), NR + 2);
	workpool_group_cancel(&group);
	KUNIT_EXPECT_EQ(test, wpt_stats(other).cancelled, NR + 3);
	KUNIT_EXPECT_EQ(test, left(&group), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&group.embedded));
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -ESHUTDOWN);
	queue_parts(w, &group, 1, -EIO);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EIO);
}

/**
 * struct lost - a member on the stack of a task that crashes
 * @group: to which it is queued
 * @member: the member
 */
struct lost {
	struct workpool_group	*group;
	struct workpool_member	*member;
};

static void crash_with_lost(void *arg)
{
	struct wpt *w = workpool_data(workpool_current());
	struct workpool_member member;
	struct lost *lost = arg;

	workpool_member_init_onstack(&member, do_part);
	lost->member = &member;
	KUNIT_EXPECT_EQ(w->test, workpool_group_queue(lost->group, &member), 0);
	workpool_task_crash(-EIO);
}

static void exit_at_gate(struct workpool *pool, void *worker_data)
{
	struct wpt *w = workpool_data(pool);

	wpt_pass(&w->gates[1]);
}

static int call_cancel_lost(struct wpt_thread *thread)
{
	struct lost *lost = thread->arg;
	int err;

	workpool_flush(&lost->member->task);
	err = workpool_cancel_sync(&lost->member->task);
	return err == -ENOENT ? workpool_group_queue(lost->group, lost->member) : err;
}

/*
 * While worker_exit goes on, the stack of a task that crashed is still there. A
 * member on it that was dropped is in no group, and gets into none.
 */
static void dropped_member_can_be_cancelled(struct kunit *test)
{
	static const struct workpool_ops ops = { .worker_exit = exit_at_gate };
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &ops);
	struct workpool *other = wpt_create_simple(w, 1);
	struct workpool_group group;
	struct lost lost = { .group = &group };
	struct wpt_thread what = { .call = call_cancel_lost, .arg = &lost };
	struct wpt_thread *thread;

	workpool_group_init(&group, other);
	wpt_fill(w, other, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, crash_with_lost, &lost), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(other).dropped, 1);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -ESHUTDOWN);
	thread = wpt_start(w, &what);
	EXPECT_SOON(test, completion_done(&thread->done));
	wpt_open(&w->gates[1]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EALREADY);
	KUNIT_EXPECT_EQ(test, left(&group), 0);
}

/*
 * While a pool is searched, the list of a group that lives stays whole, though
 * members are on the stack of a task that is over: that of this thread, as if it
 * were that of a worker.
 */
static void neighbours_on_a_dead_stack(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wp_worker *dead = kunit_kzalloc(test, sizeof(*dead), GFP_KERNEL);
	struct workpool_group *group = kunit_kzalloc(test, sizeof(*group), GFP_KERNEL);
	struct part *parts[] = { new_part(w, NULL, 0), new_part(w, NULL, 0) };
	struct workpool_member members[2];
	unsigned long flags;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, dead);
	KUNIT_ASSERT_NOT_NULL(test, group);
	dead->task = current;
	workpool_group_init(group, pool);
	wpt_fill(w, pool, &w->gates[0]);
	for (i = 0; i < 2; i++) {
		workpool_member_init_onstack(&members[i], do_part);
		KUNIT_EXPECT_EQ(test, queue_part(group, parts[i]), 0);
		KUNIT_EXPECT_EQ(test, workpool_group_queue(group, &members[i]), 0);
	}
	raw_spin_lock_irqsave(&pool->lock, flags);
	hlist_add_head(&dead->dying, &pool->dying);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	/* both of its neighbours are on the stack */
	KUNIT_EXPECT_EQ(test, workpool_cancel(&parts[1]->member.task), 0);
	KUNIT_EXPECT_EQ(test, workpool_cancel(&members[0].task), 0);
	KUNIT_EXPECT_EQ(test, workpool_cancel(&parts[0]->member.task), 0);
	KUNIT_EXPECT_EQ(test, workpool_cancel(&members[1].task), 0);
	raw_spin_lock_irqsave(&pool->lock, flags);
	hlist_del(&dead->dying);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	KUNIT_EXPECT_TRUE(test, list_empty(&group->embedded));
	KUNIT_EXPECT_EQ(test, workpool_group_wait(group), 0);
	for (i = 0; i < 2; i++)
		workpool_member_destroy_onstack(&members[i]);
}

/*
 * While a pool is searched, nothing of it touches a group on the stack of a
 * task that is over: members run, leave the queue and are cancelled. The stack
 * of this thread is that of a made-up worker.
 */
static void dead_group_is_left_alone(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wp_worker *dead = kunit_kzalloc(test, sizeof(*dead), GFP_KERNEL);
	struct part *parts[4];
	struct workpool_group group;
	unsigned long flags;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, dead);
	dead->task = current;
	workpool_group_init(&group, pool);
	wpt_fill(w, pool, &w->gates[0]);
	for (i = 0; i < 4; i++) {
		parts[i] = new_part(w, NULL, 0);
		KUNIT_ASSERT_EQ(test, queue_part(&group, parts[i]), 0);
	}
	raw_spin_lock_irqsave(&pool->lock, flags);
	hlist_add_head(&dead->dying, &pool->dying);
	memset(&group, 0x6b, sizeof(group));
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	KUNIT_EXPECT_EQ(test, workpool_cancel(&parts[3]->member.task), 0);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, begun(parts[0]), 1);
	KUNIT_EXPECT_EQ(test, begun(parts[2]), 1);
	KUNIT_EXPECT_EQ(test, begun(parts[3]), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(&group, 0x6b, sizeof(group)));
	raw_spin_lock_irqsave(&pool->lock, flags);
	hlist_del(&dead->dying);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/* An oops, as far as the pool sees it. The kernel then uses the stack itself. */
static void oops_with_group(void *arg)
{
	struct die_args args = { .signr = SIGSEGV };
	struct workpool_group group;
	struct doomed *doomed = arg;
	struct wpt *w = doomed->w;
	int i;

	workpool_group_init(&group, workpool_current());
	hold_part(w, &group, doomed->parts[0]);
	for (i = 1; i < 4; i++)
		KUNIT_EXPECT_EQ(w->test, queue_part(&group, doomed->parts[i]), 0);
	wp_crash_on_die(NULL, DIE_OOPS, &args);
	memset(&group, 0x6b, sizeof(group));
	wpt_open(&w->gates[0]);
	wpt_wait_until(begun(doomed->parts[3]) == 1 &&
		       workpool_busy(workpool_current()) == 1);
	w->private = memchr_inv(&group, 0x6b, sizeof(group));
	kthread_complete_and_exit(NULL, 0);
}

/* From an oops on nothing touches the group, either. */
static void oopsed_group_is_left_alone(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct doomed doomed = { .w = w };
	int i;

	w->private = w;
	doomed.parts[0] = new_part(w, &w->gates[0], 0);
	for (i = 1; i < 4; i++)
		doomed.parts[i] = new_part(w, NULL, 0);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, oops_with_group, &doomed), 0);
	ASSERT_SOON(test, wpt_stats(pool).crashes == 1);
	KUNIT_EXPECT_NULL(test, w->private);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, 4);
	KUNIT_EXPECT_EQ(test, wpt_unaccounted(pool), 0);
	EXPECT_SOON(test, !atomic_read(&wp_member_nr_oopsed));
}

/**
 * struct inside - a task that queues a member of its own pool and waits for it
 * @part: the member
 * @group: its group
 * @result: of the wait
 */
struct inside {
	struct part		*part;
	struct workpool_group	*group;
	int			result;
};

static void wait_inside(void *arg)
{
	struct inside *inside = arg;

	inside->result = queue_part(inside->group, inside->part) ?:
			 workpool_group_wait(inside->group);
}

/* A member needs a worker: if the only one waits for it, that is a deadlock. */
static void wait_in_the_only_worker(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool_group group;
	struct inside inside = { .group = &group };

	inside.part = new_part(w, NULL, -EIO);
	workpool_group_init(&group, pool);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, wait_inside, &inside), 0);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EIO);
	KUNIT_EXPECT_EQ(test, inside.result, -EDEADLK);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 1);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 2), 0);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, wait_inside, &inside), 0);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, inside.result, -EIO);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).deadlocks, 1);
}

static void wait_for_itself(struct part *part)
{
	if (part->limit-- > 0)
		part->result = queue_part(part->group, part) ?:
			       workpool_group_wait(part->group);
}

/* So it is if a member waits for its own next run, although others are idle. */
static void member_waits_for_itself(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 3);
	struct part *part = new_part(w, NULL, 0);
	struct workpool_group group, next;

	workpool_group_init(&group, pool);
	workpool_group_init(&next, pool);
	part->body = wait_for_itself;
	part->group = &next;
	part->limit = 1;
	KUNIT_ASSERT_EQ(test, queue_part(&group, part), 0);
	KUNIT_EXPECT_EQ(test, 0, workpool_group_wait_timeout(&group, WPT_DEADLINE));
	KUNIT_EXPECT_EQ(test, part->result, -EDEADLK);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&next), 0);
	KUNIT_EXPECT_EQ(test, begun(part), 2);
	/* in the group in which it runs as well */
	part->group = &group;
	part->limit = 1;
	KUNIT_ASSERT_EQ(test, queue_part(&group, part), 0);
	KUNIT_EXPECT_EQ(test, 0, workpool_group_wait_timeout(&group, WPT_DEADLINE));
	KUNIT_EXPECT_EQ(test, part->result, -EDEADLK);
	KUNIT_EXPECT_EQ(test, begun(part), 4);
}

/*
 * A look for circles sees a slice of the members of a group. One that waits for
 * itself behind as many others, which run, is found when these have ended.
 */
static void member_waits_for_itself_behind_others(struct kunit *test)
{
	enum { NR = 65 };
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, NR + 1);
	struct part *part = new_part(w, NULL, 0), *others[NR];
	struct workpool_group group, next;
	int i;

	workpool_group_init(&group, pool);
	workpool_group_init(&next, pool);
	for (i = 0; i < NR; i++) {
		others[i] = new_part(w, &w->gates[0], 0);
		KUNIT_ASSERT_EQ(test, queue_part(&group, others[i]), 0);
	}
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == NR);
	for (i = 0; i < NR; i++)
		KUNIT_ASSERT_EQ(test, queue_part(&next, others[i]), 0);
	ASSERT_SOON(test, READ_ONCE(pool->nr_rerun) == NR);
	part->body = wait_for_itself;
	part->group = &next;
	part->limit = 1;
	KUNIT_ASSERT_EQ(test, queue_part(&group, part), 0);
	ASSERT_SOON(test, is_waited_for(&next));
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, 0, workpool_group_wait_timeout(&group, WPT_DEADLINE));
	KUNIT_EXPECT_EQ(test, part->result, -EDEADLK);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&next), 0);
	KUNIT_EXPECT_EQ(test, begun(part), 2);
}

static int call_cancel_sync(struct wpt_thread *thread)
{
	return workpool_group_cancel_sync(thread->arg);
}

/* It takes out what is queued and waits for what runs. It returns the error. */
static void group_cancel_sync_waits(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct part *part = new_part(w, &w->gates[0], -EIO);
	struct wpt_thread what = { .call = call_cancel_sync };
	struct workpool_group group;
	struct wpt_thread *thread;

	workpool_group_init(&group, pool);
	KUNIT_EXPECT_EQ(test, workpool_group_cancel_sync(&group), 0);
	hold_part(w, &group, part);
	queue_parts(w, &group, 3, -EDOM);
	what.arg = &group;
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, is_waited_for(&group));
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 3);
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EIO);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	KUNIT_EXPECT_EQ(test, queue_part(&group, part), 0);
	ASSERT_SOON(test, left(&group) == 0);
	/* that of a group that is over already, too, and a cancel ends with it */
	workpool_group_cancel(&group);
	KUNIT_EXPECT_EQ(test, workpool_group_cancel_sync(&group), -EIO);
	KUNIT_EXPECT_EQ(test, queue_part(&group, part), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EIO);
}

static int call_group_submit(struct wpt_thread *thread)
{
	return workpool_group_submit(thread->arg, do_call, NULL);
}

/* A group is not over while a submitter waits, which does not count yet. */
static void group_cancel_sync_refuses_submitters(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread what = { .call = call_group_submit };
	struct workpool_group group;
	struct wpt_thread *thread;

	workpool_group_init(&group, pool);
	wpt_fill(w, pool, &w->gates[0]);
	what.arg = &group;
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, workpool_waiting(pool) == 1);
	KUNIT_EXPECT_EQ(test, left(&group), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_cancel_sync(&group), 0);
	KUNIT_EXPECT_EQ(test, workpool_waiting(pool), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -ECANCELED);
}

/*
 * Between its cancel and its wait the group is not complete, and lets nothing in,
 * although another thread waits for the group and the last member ends.
 */
static void group_cancel_sync_lets_nothing_in(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct part *part = new_part(w, &w->gates[0], -EIO);
	struct wp_deferred deferred;
	struct workpool_group group;
	struct wpt_thread *thread;

	workpool_group_init(&group, pool);
	hold_part(w, &group, part);
	thread = start_wait(w, &group);
	wp_group_cancel(&group, true);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	KUNIT_EXPECT_EQ(test, queue_part(&group, part), -ECANCELED);
	KUNIT_EXPECT_EQ(test, workpool_group_wait_timeout(&group, 0), -ETIMEDOUT);
	wp_pool_lock(pool, &deferred);
	wp_member_end_locked(pool, &group, 0, &deferred);
	wp_pool_unlock(pool, &deferred);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EIO);
	KUNIT_EXPECT_EQ(test, queue_part(&group, part), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EIO);
}

static void wait_for_other_group(struct part *part)
{
	part->result = workpool_group_wait(part->group);
}

/**
 * struct circle - a call that cancels a group of which a member waits for it
 * @w: fixture
 * @group: the group
 * @returned: of the cancel: the member had ended
 * @part: the member
 */
struct circle {
	struct wpt		*w;
	struct workpool_group	*group;
	struct part		*part;
	bool			returned;
};

static int cancel_in_circle(void *arg)
{
	struct circle *circle = arg;

	wpt_pass(&circle->w->gates[0]);
	workpool_group_cancel_sync(circle->group);
	circle->returned = atomic_read(&circle->part->ended) == 1;
	return 0;
}

/* It never returns too early: in a circle of waits another one gets the error. */
static void group_cancel_sync_must_wait(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct workpool_group group, callers;
	struct circle circle = { .w = w, .group = &group };

	circle.part = new_part(w, NULL, 0);
	workpool_group_init(&group, pool);
	workpool_group_init(&callers, pool);
	circle.part->body = wait_for_other_group;
	circle.part->group = &callers;
	KUNIT_ASSERT_EQ(test, 0,
			workpool_group_submit(&callers, cancel_in_circle, &circle));
	KUNIT_ASSERT_EQ(test, queue_part(&group, circle.part), 0);
	ASSERT_SOON(test, is_waited_for(&callers));
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, 0, workpool_group_wait_timeout(&callers, WPT_DEADLINE));
	KUNIT_EXPECT_EQ(test, circle.part->result, -EDEADLK);
	KUNIT_EXPECT_TRUE(test, circle.returned);
}

#ifdef DEFINE_GUARD

/* Returns early, with a member that runs and one that is queued. */
static int leave_group_scope(struct wpt_thread *thread)
{
	struct part **parts = thread->arg;
	struct workpool_group group;

	workpool_group_init(&group, thread->pool);
	guard(workpool_group)(&group);
	if (queue_part(&group, parts[0]) || queue_part(&group, parts[1]))
		return -EINVAL;
	if (!wpt_wait_until(begun(parts[0]) == 1))
		return -ETIME;
	return -EAGAIN;
}

static int wait_in_group_scope(struct workpool *pool, struct part *part)
{
	struct workpool_group group;

	workpool_group_init(&group, pool);
	guard(workpool_group)(&group);
	return queue_part(&group, part) ?: workpool_group_wait(&group);
}

static int run_nothing(struct workpool_member *unused)
{
	return 0;
}

/* A member on the stack outlives the scope of its group, which cancels it. */
static void guarded_group_has_members_on_the_stack(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool_member member;
	struct workpool_group group;

	workpool_group_init(&group, pool);
	workpool_member_init_onstack(&member, run_nothing);
	wpt_fill(w, pool, &w->gates[0]);
	scoped_guard(workpool_group, &group)
		KUNIT_EXPECT_EQ(test, workpool_group_queue(&group, &member), 0);
	workpool_member_destroy_onstack(&member);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
}

static void note_pending(struct part *part)
{
	part->result = workpool_task_pending(&part->member.task);
}

DEFINE_FREE(note_pending, struct part *, note_pending(_T))

/* Returns early, with a member on the stack and one that a variable has. */
static int leave_member_scope(struct workpool *pool, struct part *has)
{
	struct part *part __free(note_pending) = has;
	struct workpool_member member;
	struct workpool_group group;

	workpool_group_init(&group, pool);
	workpool_member_init_onstack(&member, run_nothing);
	guard(workpool_member_onstack)(&member);
	guard(workpool_group)(&group);
	return workpool_group_queue(&group, &member) ?: queue_part(&group, part) ?: -EAGAIN;
}

/* What is declared before the guard of a group outlives what the guard does. */
static void guard_of_group_comes_first(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct part *part = new_part(w, NULL, 0);
	int i;

	wpt_fill(w, pool, &w->gates[0]);
	for (i = 1; i < 3; i++) {
		part->result = 1;
		KUNIT_EXPECT_EQ(test, leave_member_scope(pool, part), -EAGAIN);
		KUNIT_EXPECT_EQ(test, part->result, 0);
		KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 2 * i);
		KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
	}
	KUNIT_EXPECT_EQ(test, begun(part), 0);
}

/* A group that goes out of scope is cancelled and waited for. */
static void guarded_group_leaves_nothing(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct part *parts[] = {
		new_part(w, &w->gates[0], 0), new_part(w, NULL, -EIO),
	};
	struct wpt_thread what = {
		.call = leave_group_scope,
		.pool = pool,
		.arg = parts,
	};
	struct wpt_thread *thread = wpt_start(w, &what);

	ASSERT_SOON(test, wpt_stats(pool).cancelled == 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), -EAGAIN);
	KUNIT_EXPECT_EQ(test, atomic_read(&parts[0]->ended), 1);
	KUNIT_EXPECT_EQ(test, begun(parts[1]), 0);
	KUNIT_EXPECT_EQ(test, wait_in_group_scope(pool, parts[1]), -EIO);
}

#else

static void guarded_group_leaves_nothing(struct kunit *test)
{
	kunit_skip(test, "this kernel has no guards");
}

static void guarded_group_has_members_on_the_stack(struct kunit *test)
{
	kunit_skip(test, "this kernel has no guards");
}

static void guard_of_group_comes_first(struct kunit *test)
{
	kunit_skip(test, "this kernel has no guards");
}

#endif

#ifdef kunit_warning_suppress

/* A member is not queued as a task. Returns the number of warnings. */
static int queue_as_task(struct wpt *w, struct workpool *pool, struct part *part)
{
	struct workpool_task *task = &part->member.task;
	struct kunit *test = w->test;
	struct wpt_task *t = wpt_task(w);
	struct workpool_task *tasks[] = { task, &t->d.task };
	int nr = 0;

	kunit_warning_suppress(test) {
		KUNIT_EXPECT_EQ(test, workpool_queue(pool, task), -EINVAL);
		KUNIT_EXPECT_EQ(test, workpool_queue_front(pool, task), -EINVAL);
		/* the others of a batch are queued */
		KUNIT_EXPECT_EQ(test, workpool_queue_batch(pool, tasks, 2), 1);
		nr = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
	return nr;
}

/*
 * A member is not queued without its group: its function has another type. It
 * is one warning in a boot. On x86 the kernel counts a suppressed warning before
 * it looks whether it is the first.
 */
static void member_is_no_task(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct part *part = new_part(w, NULL, 0);
	struct workpool_group group;
	int nr;

	workpool_group_init(&group, pool);
	nr = queue_as_task(w, pool, part);
	if (IS_ENABLED(CONFIG_X86) && !IS_ENABLED(CONFIG_UML))
		KUNIT_EXPECT_EQ(test, nr, 3);
	else
		KUNIT_EXPECT_LE(test, nr, 1);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, begun(part), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).submitted, 1);
	KUNIT_EXPECT_EQ(test, queue_part(&group, part), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
}

/* Cancels the group and waits, which is one warning in a member of it. */
static int cancel_own_group(struct kunit *test, struct workpool_group *group)
{
	int nr = 0;

	kunit_warning_suppress(test) {
		KUNIT_EXPECT_EQ(test, workpool_group_cancel_sync(group), -EDEADLK);
		nr = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
	return nr;
}

static void cancel_itself(struct part *part)
{
	part->result = cancel_own_group(part->w->test, part->group);
}

/**
 * struct nested - a call in a group that cancels the group
 * @w: fixture
 * @group: the group
 * @outer: the group of the task that waits for @group, or NULL
 * @warnings: that the call gave
 */
struct nested {
	struct wpt		*w;
	struct workpool_group	*group;
	struct workpool_group	*outer;
	int			warnings;
};

static int cancel_nested(void *arg)
{
	struct nested *nested = arg;

	nested->warnings = cancel_own_group(nested->w->test, nested->group);
	if (nested->outer)
		nested->warnings += cancel_own_group(nested->w->test, nested->outer);
	return 0;
}

/* The worker of a member executes another one inside of it, and waits for that. */
static int wait_for_nested(void *arg)
{
	struct nested *nested = arg;

	return workpool_group_submit(nested->group, cancel_nested, nested) ?:
	       workpool_group_wait(nested->group);
}

/* A member that would wait for itself warns, and cancels the others. */
static void member_cancels_its_own_group(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct part *part = new_part(w, &w->gates[0], -EIO);
	struct workpool_group group, inner;
	struct nested nested = { .w = w, .group = &inner, .outer = &group };
	struct workpool *pool;

	attrs.queue_depth = 4;
	pool = wpt_create(w, &attrs);
	workpool_group_init(&group, pool);
	workpool_group_init(&inner, pool);
	part->body = cancel_itself;
	part->group = &group;
	hold_part(w, &group, part);
	queue_parts(w, &group, 2, -EDOM);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, left(&group) == 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EIO);
	KUNIT_EXPECT_EQ(test, part->result, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 2);
	KUNIT_ASSERT_EQ(test, 0,
			workpool_group_submit(&group, wait_for_nested, &nested));
	KUNIT_EXPECT_EQ(test, 0, workpool_group_wait_timeout(&group, WPT_DEADLINE));
	KUNIT_EXPECT_EQ(test, nested.warnings, 2);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&inner), 0);
}

#ifdef CONFIG_DEBUG_OBJECTS

/**
 * struct orphan - a member of a group on the stack of a task that crashes
 * @member: the member
 * @w: fixture
 * @group: the group
 * @result: of queueing it again
 * @cancelled: of the cancel that waits
 * @warnings: that these and the other cancel gave
 * @ended: it ended
 */
struct orphan {
	struct workpool_member	member;
	struct wpt		*w;
	struct workpool_group	*group;
	int			result;
	int			cancelled;
	int			warnings;
	bool			ended;
};

static int do_orphan(struct workpool_member *member)
{
	struct orphan *orphan = container_of(member, struct orphan, member);

	wpt_pass(&orphan->w->gates[0]);
	kunit_warning_suppress(orphan->w->test) {
		orphan->result = workpool_group_queue(orphan->group, member);
		workpool_group_cancel(orphan->group);
		orphan->cancelled = workpool_group_cancel_sync(orphan->group);
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
			workpool_group_queue(&group, &orphan->member));
	wpt_pass(&orphan->w->gates[1]);
	workpool_task_crash(-EIO);
}

/* Debug kernels keep a member from using a group that died with its stack. */
static void member_uses_a_dead_group(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct orphan *orphan = kunit_kzalloc(test, sizeof(*orphan), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, orphan);
	orphan->w = w;
	workpool_member_init(&orphan->member, do_orphan);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, crash_with_orphan, orphan), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	wpt_open(&w->gates[1]);
	ASSERT_SOON(test, wpt_stats(pool).crashes == 1);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, READ_ONCE(orphan->ended));
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, orphan->result, -ECANCELED);
	KUNIT_EXPECT_EQ(test, orphan->cancelled, -ECANCELED);
	KUNIT_EXPECT_EQ(test, orphan->warnings, 3);
}

#else

static void member_uses_a_dead_group(struct kunit *test)
{
	kunit_skip(test, "needs CONFIG_DEBUG_OBJECTS");
}

#endif

/* debugobjects has a member that is initialized leave its group. */
static void init_while_queued(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct part *part = new_part(w, NULL, -EIO);
	struct workpool_group group;
	struct wpt_thread *thread;

	if (!IS_ENABLED(CONFIG_DEBUG_OBJECTS))
		kunit_skip(test, "needs CONFIG_DEBUG_OBJECTS");
	workpool_group_init(&group, pool);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, queue_part(&group, part), 0);
	thread = start_wait(w, &group);
	kunit_warning_suppress(test)
		workpool_member_init(&part->member, do_part);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
}

static void free_queued_member(struct kunit *test, struct workpool_group *group)
{
	struct workpool_member *member = kzalloc(sizeof(*member), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, member);
	workpool_member_init(member, run_static);
	KUNIT_EXPECT_EQ(test, workpool_group_queue(group, member), 0);
	kfree(member);
}

/* One that is freed leaves its group as well. */
static void free_while_queued(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct part *part = new_part(w, &w->gates[0], -EIO);
	struct workpool_group group;

	if (!IS_ENABLED(CONFIG_DEBUG_OBJECTS_FREE))
		kunit_skip(test, "needs CONFIG_DEBUG_OBJECTS_FREE");
	workpool_group_init(&group, pool);
	hold_part(w, &group, part);
	kunit_warning_suppress(test)
		free_queued_member(test, &group);
	KUNIT_EXPECT_EQ(test, left(&group), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -EIO);
}

#else

static void free_while_queued(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void member_is_no_task(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void member_cancels_its_own_group(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void member_uses_a_dead_group(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void init_while_queued(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

#endif

static struct kunit_case cases[] = {
#if WPT_HAVE_STUBS
	KUNIT_CASE(refusal_takes_nothing_away),
	KUNIT_CASE(group_is_cancelled_meanwhile),
	KUNIT_CASE(member_that_moved_is_found),
#endif
	KUNIT_CASE(members_are_waited_for),
	KUNIT_CASE(members_of_both_kinds),
	KUNIT_CASE(member_is_static),
	KUNIT_CASE(pending_member_is_refused),
	KUNIT_CASE(cancelled_member_does_not_count),
	KUNIT_CASE(group_cancel_takes_members_out),
	KUNIT_CASE(queued_with_interrupts_off),
	KUNIT_CASE(queued_in_a_hard_irq),
	KUNIT_CASE(crash_is_an_error),
	KUNIT_CASE(dropped_members_are_an_error),
	KUNIT_CASE(release_runs_the_members),
	KUNIT_CASE(member_queues_itself),
	KUNIT_CASE(member_changes_its_group),
	KUNIT_CASE(running_member_is_queued),
	KUNIT_CASE(member_comes_from_another_pool),
	KUNIT_CASE(member_frees_itself),
	KUNIT_CASE(cancel_sync_waits_for_the_member),
	KUNIT_CASE(group_dies_with_its_stack),
	KUNIT_CASE(member_dies_with_its_stack),
	KUNIT_CASE(dropped_member_can_be_cancelled),
	KUNIT_CASE(neighbours_on_a_dead_stack),
	KUNIT_CASE(dead_group_is_left_alone),
	KUNIT_CASE(oopsed_group_is_left_alone),
	KUNIT_CASE(wait_in_the_only_worker),
	KUNIT_CASE(member_waits_for_itself),
	KUNIT_CASE(member_waits_for_itself_behind_others),
	KUNIT_CASE(group_cancel_sync_waits),
	KUNIT_CASE(group_cancel_sync_refuses_submitters),
	KUNIT_CASE(group_cancel_sync_lets_nothing_in),
	KUNIT_CASE(group_cancel_sync_must_wait),
	KUNIT_CASE(guarded_group_leaves_nothing),
	KUNIT_CASE(guarded_group_has_members_on_the_stack),
	KUNIT_CASE(guard_of_group_comes_first),
	KUNIT_CASE(member_is_no_task),
	KUNIT_CASE(member_cancels_its_own_group),
	KUNIT_CASE(member_uses_a_dead_group),
	KUNIT_CASE(init_while_queued),
	KUNIT_CASE(free_while_queued),
	{}
};

WPT_SUITE(member);
