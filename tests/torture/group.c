// SPDX-License-Identifier: GPL-2.0
/*
 * Groups and parallel_for: every member once, embedded ones too, every number of a range
 * once, and nothing of either runs after the call that waits.
 */

#include "torture.h"

#define NR_MEMBERS	24
#define NR_EMBEDDED	12
#define RANGE		400

static struct workpool *pool;
static atomic_t nr_ran;
static atomic_t in_member;
static atomic_t seen[RANGE];

struct embedded_member {
	struct workpool_member member;
	struct workpool_group *group;
	atomic_t running;
	int left;		/* so many times it queues itself */
};

static struct embedded_member embedded[NR_EMBEDDED];
static atomic_t nr_again;

static void run_member(long nr)
{
	atomic_inc(&in_member);
	atomic_inc(&nr_ran);
	if (nr % 7 == 3)
		usleep_range(10, 500);
	atomic_dec(&in_member);
}

static int member(void *arg)
{
	long nr = (long)arg;

	run_member(nr);
	return nr == NR_MEMBERS - 1 ? -EDOM : 0;
}

static int embedded_member(struct workpool_member *member)
{
	struct embedded_member *self = container_of(member, struct embedded_member,
						    member);
	int err;

	if (atomic_xchg(&self->running, 1))
		fail(ONCE, "embedded member %td runs twice at once", self - embedded);
	run_member(self - embedded);
	if (self->left-- > 0) {
		err = workpool_group_queue(self->group, member);
		if (!err)
			atomic_inc(&nr_again);
		else if (err != -ECANCELED && err != -EALREADY)
			fail(ERRNO, "a member that queues itself: %d", err);
	}
	atomic_set(&self->running, 0);
	return 0;
}

/* Returns how many were accepted, and not cancelled by themselves. */
static int queue_embedded(struct workpool_group *group, struct rnd *rnd)
{
	int nr, err, accepted = 0;

	for (nr = 0; nr < NR_EMBEDDED; nr++) {
		embedded[nr].group = group;
		embedded[nr].left = rnd_below(rnd, 3);
		err = workpool_group_queue(group, &embedded[nr].member);
		if (err)
			fail(ERRNO, "an embedded member of a group: %d", err);
		accepted += !err;
		if (rnd_one_in(rnd, 4))
			accepted -= !workpool_cancel(&embedded[nr].member.task);
	}
	return accepted;
}

/* Returns how many were accepted. */
static int submit_members(struct workpool_group *group, bool *last)
{
	long nr;
	int err, accepted = 0;

	for (nr = 0; nr < NR_MEMBERS; nr++) {
		err = workpool_group_submit(group, member, (void *)nr);
		if (err)
			fail(ERRNO, "a member of a group: %d", err);
		accepted += !err;
		*last = !err;
	}
	return accepted;
}

static void play_group(struct thread *thread, struct workpool_group *group)
{
	bool cancel = rnd_one_in(&thread->rnd, 4), last = false;
	int accepted, err, ran;

	atomic_set(&nr_ran, 0);
	atomic_set(&nr_again, 0);
	thread_does(thread, "group", NULL);
	accepted = queue_embedded(group, &thread->rnd);
	accepted += submit_members(group, &last);
	if (cancel && rnd_one_in(&thread->rnd, 2))
		workpool_group_cancel_sync(group);
	else if (cancel)
		workpool_group_cancel(group);
	err = workpool_group_wait(group);
	accepted += atomic_read(&nr_again);
	ran = atomic_read(&nr_ran);
	if (atomic_read(&in_member))
		fail(SEALED, "a member runs after group_wait");
	if (cancel ? ran > accepted : ran != accepted)
		fail(ONCE, "%d members, %d ran", accepted, ran);
	if (!cancel && last && err != -EDOM)
		fail(ERRNO, "group_wait: %d", err);
	count(C_GROUP);
}

static int member_on_stack(struct workpool_member *unused)
{
	run_member(3);
	return -EDOM;
}

/* A member on the stack, and its group, are gone when the call returns. */
static void play_stack(struct thread *thread)
{
	bool cancel = rnd_one_in(&thread->rnd, 2);
	struct workpool_member member;
	struct workpool_group group;
	int err;

	thread_does(thread, "group on the stack", NULL);
	workpool_group_init(&group, pool);
	workpool_member_init_onstack(&member, member_on_stack);
	err = workpool_group_queue(&group, &member);
	if (err)
		fail(ERRNO, "a member on the stack: %d", err);
	if (cancel)
		workpool_group_cancel_sync(&group);
	err = workpool_group_wait(&group);
	workpool_member_destroy_onstack(&member);
	if (err != (cancel ? 0 : -EDOM))
		fail(ERRNO, "group_wait for a member on the stack: %d", err);
	if (atomic_read(&in_member))
		fail(SEALED, "a member on the stack runs after group_wait");
	count(C_GROUP);
}

static int mark(size_t lo, size_t hi, void *arg)
{
	for (; lo < hi; lo++)
		atomic_inc(&seen[lo]);
	return 0;
}

static void play_parallel(struct thread *thread)
{
	size_t begin = rnd_below(&thread->rnd, RANGE), i;
	int err;

	for (i = 0; i < RANGE; i++)
		atomic_set(&seen[i], 0);
	thread_does(thread, "parallel_for", NULL);
	err = workpool_parallel_for(pool, begin, RANGE,
				    rnd_below(&thread->rnd, 9), mark, NULL);
	if (err)
		fail(ERRNO, "parallel_for: %d", err);
	for (i = 0; i < RANGE; i++)
		if (atomic_read(&seen[i]) != (i < begin ? 0 : 1))
			fail(ONCE, "parallel_for: %zu was seen %d times", i,
			     atomic_read(&seen[i]));
	count(C_PARALLEL);
}

static void group_round(struct thread *thread)
{
	struct workpool_group group;
	int capacity = 1 + rnd_below(&thread->rnd, 4);

	if (workpool_tune(pool, capacity))
		fail(ERRNO, "the pool of the groups keeps its capacity");
	workpool_group_init(&group, pool);
	play_group(thread, &group);
	play_stack(thread);
	play_parallel(thread);
	thread_pauses(thread, 1000);
}

void group_start(void)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	int nr;

	for (nr = 0; nr < NR_EMBEDDED; nr++)
		workpool_member_init(&embedded[nr].member, embedded_member);
	attrs.flags = WORKPOOL_F_NOADMIN;
	attrs.expiry_ms = 10;
	attrs.queue_depth = 5;
	pool = workpool_create(&attrs, "torture-group");
	if (IS_ERR(pool))
		return fail(ERRNO, "create of the groups' pool: %ld",
			    PTR_ERR(pool));
	thread_start("group", group_round, NULL, false);
}

/* After the threads ended. */
void group_stop(void)
{
	if (!IS_ERR_OR_NULL(pool))
		workpool_destroy(pool);
}
