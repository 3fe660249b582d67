// SPDX-License-Identifier: GPL-2.0
/*
 * Groups.
 */
#include "test.h"

/* a member: a job, and what it returns */
struct part {
	struct st_job *job;
	struct workpool_group *group;
	struct task_struct *thread;
	int ret;
	int depth;
	bool crash;
};

static struct part *part_of(struct st_test *t, struct st_job *job, int ret)
{
	struct part *part = st_alloc(t, sizeof(*part));

	part->job = job;
	part->ret = ret;
	return part;
}

static int run_part(void *arg)
{
	struct part *part = arg;

	st_job_run(part->job);
	if (part->crash)
		workpool_task_crash(-EIO);
	return part->ret;
}

static int call_wait(struct st_thread *thread)
{
	return workpool_group_wait(thread->data);
}

static struct st_thread *wait_for(struct st_test *t, struct workpool *pool,
				  struct workpool_group *group)
{
	struct st_thread *thread = st_thread(t, pool, call_wait);

	thread->data = group;
	st_thread_start(thread);
	ASSERT_SOON(t, st_asleep(thread->task) || st_returned(thread));
	return thread;
}

static struct workpool_group *group_of(struct st_test *t, struct workpool *pool)
{
	struct workpool_group *group = st_alloc(t, sizeof(*group));

	workpool_group_init(group, pool);
	return group;
}

static struct workpool *deep_pool(struct st_test *t, int capacity, int depth)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	attrs.queue_depth = depth;
	return st_pool_attrs(t, &attrs);
}

/* the wait ends when all have ended, with the first error; then again */
static void group_waits_and_returns_the_first_error(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct workpool_group *group = group_of(t, pool);
	struct st_job *jobs[3];
	struct st_thread *thread;
	int i;

	EXPECT_EQ(t, workpool_group_wait(group), 0);
	st_jobs(t, jobs, 3);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(t, 0, workpool_group_submit(group, run_part,
						      part_of(t, jobs[i], -1 - i)));
	for (i = 0; i < 3; i++)
		ASSERT_SOON(t, st_begun(jobs[i]));
	thread = wait_for(t, pool, group);
	st_open(jobs[1]);
	ASSERT_SOON(t, workpool_busy(pool) == 2);
	EXPECT(t, !st_returned(thread));
	st_open(jobs[0]);
	st_open(jobs[2]);
	EXPECT_EQ(t, st_join(thread), -2);
	for (i = 0; i < 3; i++)
		EXPECT(t, st_ended(jobs[i]));
	EXPECT_EQ(t, 0, workpool_group_submit(group, run_part,
					      part_of(t, st_job_quick(t), 0)));
	EXPECT_EQ(t, workpool_group_wait(group), 0);
}

/* a member crashes: the wait ends, with -EFAULT */
static void group_member_crashes(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct workpool_group *group = group_of(t, pool);
	struct part *part = part_of(t, st_job(t), 0);
	struct st_thread *thread;

	part->crash = true;
	EXPECT_EQ(t, workpool_group_submit(group, run_part, part), 0);
	thread = wait_for(t, pool, group);
	st_open(part->job);
	EXPECT_EQ(t, st_join(thread), -EFAULT);
	EXPECT_EQ(t, st_stats(pool).crashes, 1);
	EXPECT_EQ(t, 0, workpool_group_submit(group, run_part,
					      part_of(t, st_job_quick(t), 0)));
	EXPECT_EQ(t, workpool_group_wait(group), 0);
}

/* those that did not begin are removed, those that run are waited for */
static void group_cancelled(struct st_test *t)
{
	struct workpool *pool = deep_pool(t, 1, 100);
	struct workpool_group *group = group_of(t, pool);
	struct st_job *first = st_job(t), *other = st_job_quick(t);
	int i;

	EXPECT_EQ(t, 0, workpool_group_submit(group, run_part,
					      part_of(t, first, -EIO)));
	ASSERT_SOON(t, st_begun(first));
	for (i = 0; i < 99; i++)
		EXPECT_EQ(t, 0, workpool_group_submit(group, run_part,
						      part_of(t, other, -EBADF)));
	workpool_group_cancel(group);
	EXPECT_EQ(t, st_stats(pool).cancelled, 99);
	st_open(first);
	EXPECT_EQ(t, workpool_group_wait(group), -EIO);
	EXPECT(t, !st_begun(other));
}

static int run_parent(void *arg)
{
	struct part *part = arg, *child;
	int i;

	st_job_run(part->job);
	for (i = 0; part->depth && i < 2; i++) {
		child = part_of(part->job->t, part->job, 0);
		child->group = part->group;
		child->depth = part->depth - 1;
		part->ret |= workpool_group_submit(part->group, run_parent,
						   child);
	}
	return part->ret;
}

/* members submit members, and are all waited for */
static void group_members_submit_members(struct st_test *t)
{
	struct workpool *pool = deep_pool(t, 2, 128);
	struct workpool_group *group = group_of(t, pool);
	struct part *part = part_of(t, st_job_quick(t), 0);

	part->group = group;
	part->depth = 6;
	EXPECT_EQ(t, workpool_group_submit(group, run_parent, part), 0);
	EXPECT_EQ(t, workpool_group_wait(group), 0);
	EXPECT_EQ(t, atomic_read(&part->job->ended), 127);
}

/* all waiters are woken */
static void group_has_many_waiters(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct workpool_group *group = group_of(t, pool);
	struct st_job *job = st_job(t);
	struct st_thread *threads[6];
	int i;

	EXPECT_EQ(t, 0, workpool_group_submit(group, run_part,
					      part_of(t, job, -EIO)));
	for (i = 0; i < 6; i++)
		threads[i] = wait_for(t, pool, group);
	st_open(job);
	for (i = 0; i < 6; i++)
		EXPECT_EQ(t, st_join(threads[i]), -EIO);
}

/* submits a member to its own pool, and waits for it */
static void body_wait(struct st_job *job)
{
	struct workpool_group group;
	struct part *part = job->data;

	workpool_group_init(&group, job->pool);
	job->ret = workpool_group_submit(&group, run_part, part) ?:
		   workpool_group_wait(&group);
}

/* a task waits for members in its own pool: another worker runs them */
static void group_wait_inside(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = st_job_body(t, pool, body_wait);

	job->data = part_of(t, st_job_quick(t), -EIO);
	st_run(t, pool, job);
	EXPECT_EQ(t, job->ret, -EIO);
	EXPECT_EQ(t, st_stats(pool).deadlocks, 0);
}

/* or it does so itself, if there is no other */
static void group_wait_in_the_only_worker(struct st_test *t)
{
	struct workpool *pool = deep_pool(t, 1, 1);
	struct st_job *job = st_job_body(t, pool, body_wait);
	struct part *part = part_of(t, st_job_quick(t), -EIO);

	job->data = part;
	st_run(t, pool, job);
	EXPECT_EQ(t, job->ret, -EIO);
	EXPECT(t, st_ended(part->job));
	EXPECT_EQ(t, part->job->pid, job->pid);
	EXPECT_EQ(t, st_stats(pool).deadlocks, 0);
}

static int run_submitter(void *arg)
{
	struct part *part = arg;

	WRITE_ONCE(part->thread, current);
	return workpool_submit(workpool_current(), st_job_run, part->job);
}

static void body_wait_last(struct st_job *job)
{
	struct part *part = job->data;

	/* the last one gets the error: the other counts before it sleeps */
	st_wait_until(workpool_waiting(job->pool) == 1 &&
		      st_asleep(READ_ONCE(part->thread)));
	job->ret = workpool_group_wait(part->group);
}

/*
 * a member waits for a worker, and the only other one for the group: that one
 * gets -EDEADLK, and the group is complete later
 */
static void group_wait_would_deadlock(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_job *job = st_job_body(t, pool, body_wait_last);
	struct part *part = part_of(t, st_job_quick(t), 0);

	part->group = group_of(t, pool);
	job->data = part;
	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_EQ(t, workpool_group_submit(part->group, run_submitter, part), 0);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, job->ret, -EDEADLK);
	EXPECT_EQ(t, workpool_group_wait(part->group), 0);
	ASSERT_SOON(t, st_ended(part->job));
	EXPECT_EQ(t, st_stats(pool).deadlocks, 1);
}

/* an embedded member: a job, and what it returns */
struct piece {
	struct workpool_member member;
	struct workpool_group *group;
	struct st_job *job;
	int ret;
	int again;
	int queued;
	bool crash;
};

static int run_piece(struct workpool_member *member)
{
	struct piece *piece = container_of(member, struct piece, member);

	st_job_run(piece->job);
	if (piece->again-- > 0)
		piece->queued = workpool_group_queue(piece->group, member);
	if (piece->crash)
		workpool_task_crash(-EIO);
	return piece->ret;
}

static struct piece *piece_of(struct st_test *t, struct workpool_group *group,
			      struct st_job *job, int ret)
{
	struct piece *piece = st_alloc(t, sizeof(*piece));

	workpool_member_init(&piece->member, run_piece);
	piece->group = group;
	piece->job = job;
	piece->ret = ret;
	return piece;
}

static int queue_piece(struct piece *piece)
{
	return workpool_group_queue(piece->group, &piece->member);
}

static void queue_pieces(struct st_test *t, struct workpool_group *group,
			 struct st_job *job, int n)
{
	while (n--)
		EXPECT_EQ(t, queue_piece(piece_of(t, group, job, -EBADF)), 0);
}

/* the wait ends when all have ended, with the first error; then again */
static void embedded_members_are_waited_for(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct workpool_group *group = group_of(t, pool);
	struct piece *one = piece_of(t, group, st_job(t), -EIO);
	struct piece *two = piece_of(t, group, st_job(t), -EBADF);
	struct st_job *quick = st_job_quick(t);
	struct st_thread *thread;

	EXPECT_EQ(t, queue_piece(one), 0);
	EXPECT_EQ(t, queue_piece(two), 0);
	ASSERT_SOON(t, st_begun(one->job) && st_begun(two->job));
	queue_pieces(t, group, quick, 20);
	thread = wait_for(t, pool, group);
	st_open(one->job);
	ASSERT_SOON(t, atomic_read(&quick->ended) == 20);
	EXPECT(t, !st_returned(thread));
	st_open(two->job);
	EXPECT_EQ(t, st_join(thread), -EIO);
	EXPECT_EQ(t, queue_piece(two), 0);
	EXPECT_EQ(t, workpool_group_wait(group), -EBADF);
	EXPECT_EQ(t, atomic_read(&two->job->ended), 2);
}

/* one that is pending, or runs in another pool, is refused and counts once */
static void embedded_member_is_in_one_group(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0), *elsewhere = st_pool(t, 1, 0);
	struct workpool_group *group = group_of(t, pool);
	struct workpool_group *other = group_of(t, pool);
	struct workpool_group *far = group_of(t, elsewhere);
	struct piece *piece = piece_of(t, group, st_job(t), 0);
	struct st_job *first = st_block(t, pool);

	EXPECT_EQ(t, queue_piece(piece), 0);
	EXPECT_EQ(t, queue_piece(piece), -EALREADY);
	EXPECT_EQ(t, workpool_group_queue(other, &piece->member), -EALREADY);
	EXPECT_EQ(t, workpool_group_queue(far, &piece->member), -EALREADY);
	st_open(first);
	ASSERT_SOON(t, st_begun(piece->job));
	EXPECT_EQ(t, workpool_group_queue(far, &piece->member), -EBUSY);
	st_open(piece->job);
	EXPECT_EQ(t, workpool_group_wait(group), 0);
	EXPECT_EQ(t, workpool_group_wait(other), 0);
	EXPECT_EQ(t, workpool_group_queue(far, &piece->member), 0);
	EXPECT_EQ(t, workpool_group_wait(far), 0);
	EXPECT_EQ(t, atomic_read(&piece->job->ended), 2);
}

/* those that did not begin are removed, one by one or with the group */
static void embedded_members_cancelled(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct workpool_group *group = group_of(t, pool);
	struct piece *running = piece_of(t, group, st_job(t), -EIO);
	struct piece *one = piece_of(t, group, st_job_quick(t), -EBADF);
	struct st_job *other = st_job_quick(t);

	EXPECT_EQ(t, queue_piece(running), 0);
	ASSERT_SOON(t, st_begun(running->job));
	EXPECT_EQ(t, queue_piece(one), 0);
	queue_pieces(t, group, other, 99);
	EXPECT_EQ(t, workpool_cancel(&one->member.task), 0);
	EXPECT_EQ(t, st_stats(pool).cancelled, 1);
	workpool_group_cancel(group);
	EXPECT_EQ(t, st_stats(pool).cancelled, 100);
	EXPECT_EQ(t, queue_piece(one), -ECANCELED);
	st_open(running->job);
	EXPECT_EQ(t, workpool_group_wait(group), -EIO);
	EXPECT(t, !st_begun(one->job) && !st_begun(other));
	EXPECT_EQ(t, queue_piece(one), 0);
	EXPECT_EQ(t, workpool_group_wait(group), -EBADF);
}

static int call_cancel_sync(struct st_thread *thread)
{
	return workpool_group_cancel_sync(thread->data);
}

/* cancel_sync also waits for those that run, and has their error */
static void group_cancelled_sync(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct workpool_group *group = group_of(t, pool);
	struct piece *running = piece_of(t, group, st_job(t), -EIO);
	struct st_thread *thread = st_thread(t, pool, call_cancel_sync);
	struct st_job *other = st_job_quick(t);

	EXPECT_EQ(t, queue_piece(running), 0);
	ASSERT_SOON(t, st_begun(running->job));
	queue_pieces(t, group, other, 9);
	thread->data = group;
	st_thread_start(thread);
	ASSERT_SOON(t, st_stats(pool).cancelled == 9);
	EXPECT(t, !st_returned(thread));
	st_open(running->job);
	EXPECT_EQ(t, st_join(thread), -EIO);
	EXPECT(t, st_ended(running->job) && !st_begun(other));
	EXPECT_EQ(t, queue_piece(running), 0);
	EXPECT_EQ(t, workpool_group_wait(group), -EIO);
}

/* one that queues itself is waited for to the last time, also in a crash */
static void embedded_member_queues_itself(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct workpool_group *group = group_of(t, pool);
	struct piece *piece = piece_of(t, group, st_job_quick(t), 0);

	piece->again = 20;
	EXPECT_EQ(t, queue_piece(piece), 0);
	EXPECT_EQ(t, workpool_group_wait(group), 0);
	EXPECT_EQ(t, piece->queued, 0);
	EXPECT_EQ(t, atomic_read(&piece->job->ended), 21);
	piece->again = 1;
	piece->crash = true;
	EXPECT_EQ(t, queue_piece(piece), 0);
	EXPECT_EQ(t, workpool_group_wait(group), -EFAULT);
	EXPECT_EQ(t, atomic_read(&piece->job->ended), 23);
	EXPECT_EQ(t, st_stats(pool).crashes, 2);
}

/* a release lets them run, and refuses others */
static void embedded_members_of_a_closed_pool(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct workpool_group *group = group_of(t, pool);
	struct piece *piece = piece_of(t, group, st_job_quick(t), -EIO);
	struct piece *late = piece_of(t, group, st_job_quick(t), 0);
	struct st_job *first = st_block(t, pool);

	EXPECT_EQ(t, queue_piece(piece), 0);
	workpool_release(pool);
	EXPECT_EQ(t, queue_piece(late), -ESHUTDOWN);
	st_open(first);
	EXPECT_EQ(t, workpool_group_wait(group), -EIO);
}

static void body_wait_embedded(struct st_job *job)
{
	struct piece *piece = job->data;

	job->ret = queue_piece(piece) ?: workpool_group_wait(piece->group);
}

/* another worker runs it; without one that is a deadlock, and it runs later */
static void embedded_member_needs_a_worker(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct workpool_group *group = group_of(t, pool);
	struct st_job *first = st_job_body(t, pool, body_wait_embedded);
	struct st_job *second = st_job_body(t, pool, body_wait_embedded);

	first->data = piece_of(t, group, st_job_quick(t), -EIO);
	second->data = first->data;
	st_run(t, pool, first);
	EXPECT_EQ(t, first->ret, -EIO);
	ASSERT_EQ(t, workpool_tune(pool, 1), 0);
	st_settle(t, pool);
	st_run(t, pool, second);
	EXPECT_EQ(t, second->ret, -EDEADLK);
	EXPECT_EQ(t, workpool_group_wait(group), -EIO);
	EXPECT_EQ(t, st_stats(pool).deadlocks, 1);
}

static void body_crash_with_group(struct st_job *job)
{
	struct workpool_group group;
	struct piece *piece = job->data;

	workpool_group_init(&group, job->pool);
	piece->group = &group;
	piece->queued = queue_piece(piece);
	workpool_task_crash(-EIO);
}

/* the group was on the stack of a task that crashed: it is free again */
static void embedded_member_of_a_dead_group(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct workpool_group *group = group_of(t, pool);
	struct st_job *job = st_job_body(t, pool, body_crash_with_group);
	struct piece *piece = piece_of(t, NULL, st_job_quick(t), 0);

	job->data = piece;
	ASSERT_EQ(t, st_try(pool, job), 0);
	ASSERT_SOON(t, st_stats(pool).crashes == 1);
	EXPECT_EQ(t, piece->queued, 0);
	EXPECT_EQ(t, st_stats(pool).dropped, 1);
	EXPECT(t, !workpool_task_pending(&piece->member.task));
	piece->group = group;
	EXPECT_EQ(t, queue_piece(piece), 0);
	EXPECT_EQ(t, workpool_group_wait(group), 0);
	EXPECT_EQ(t, atomic_read(&piece->job->ended), 1);
}

static const struct st_case group_cases[] = {
	ST_CASE(group_waits_and_returns_the_first_error),
	ST_CASE(group_member_crashes),
	ST_CASE(group_cancelled),
	ST_CASE(group_members_submit_members),
	ST_CASE(group_has_many_waiters),
	ST_CASE(group_wait_inside),
	ST_CASE(group_wait_in_the_only_worker),
	ST_CASE(group_wait_would_deadlock),
	ST_CASE(embedded_members_are_waited_for),
	ST_CASE(embedded_member_is_in_one_group),
	ST_CASE(embedded_members_cancelled),
	ST_CASE(group_cancelled_sync),
	ST_CASE(embedded_member_queues_itself),
	ST_CASE(embedded_members_of_a_closed_pool),
	ST_CASE(embedded_member_needs_a_worker),
	ST_CASE(embedded_member_of_a_dead_group),
};

ST_GROUP(group, false);
