// SPDX-License-Identifier: GPL-2.0
/*
 * Storms: many small tasks, and a count of how many run at once.
 */
#include "test.h"

struct st_storm *st_storm(struct st_test *t, struct workpool *pool, int limit,
			  int rounds)
{
	struct st_storm *storm = st_alloc(t, sizeof(*storm));

	storm->t = t;
	storm->pool = pool;
	storm->limit = limit;
	storm->rounds = rounds;
	return storm;
}

static void raise_to(atomic_t *most, int value)
{
	int old = atomic_read(most);

	while (value > old && !atomic_try_cmpxchg(most, &old, value))
		;
}

/**
 * st_storm_task() - one of the tasks
 * @arg: the &struct st_storm
 */
void st_storm_task(void *arg)
{
	struct st_storm *storm = arg;
	int now = atomic_inc_return(&storm->now);

	if (READ_ONCE(storm->forbidden))
		FAIL(storm->t, "a task started that must not");
	if (storm->limit && now > storm->limit)
		FAIL(storm->t, "%d tasks at once, the capacity is %d", now,
		     storm->limit);
	raise_to(&storm->most, now);
	if (atomic_inc_return(&storm->ran) % 8 == 0)
		usleep_range(20, 40);
	atomic_dec(&storm->now);
}

static void count(struct st_storm *storm, int ret)
{
	switch (ret) {
	case 0:
		atomic_inc(&storm->accepted);
		break;
	case -EAGAIN:
		atomic_inc(&storm->refused);
		break;
	case -ESHUTDOWN:
		atomic_inc(&storm->shut);
		break;
	default:
		WRITE_ONCE(storm->other, ret);
	}
}

static int call_storm(struct st_thread *thread)
{
	struct st_storm *storm = thread->data;
	struct workpool *pool = storm->pool;
	int i;

	for (i = 0; i < storm->rounds; i++) {
		if (storm->try)
			count(storm, workpool_try_submit(pool, st_storm_task,
							 storm));
		else
			count(storm, workpool_submit(pool, st_storm_task,
						     storm));
		cond_resched();
	}
	return 0;
}

/**
 * st_storm_start() - start the threads
 * @storm: the storm
 * @threads: gets them
 * @n: how many
 */
void st_storm_start(struct st_storm *storm, struct st_thread **threads, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		threads[i] = st_thread(storm->t, storm->pool, call_storm);
		threads[i]->data = storm;
	}
	for (i = 0; i < n; i++)
		st_thread_start(threads[i]);
}

/* wait for all threads and all tasks */
void st_storm_end(struct st_storm *storm, struct st_thread **threads, int n)
{
	int i;

	for (i = 0; i < n; i++)
		st_join(threads[i]);
	ASSERT_SOON(storm->t, atomic_read(&storm->ran) ==
			     atomic_read(&storm->accepted));
}

void st_storm_expect_all_ran(struct st_storm *storm, int submitted)
{
	EXPECT_EQ(storm->t, storm->other, 0);
	EXPECT_EQ(storm->t, atomic_read(&storm->accepted), submitted);
	EXPECT_EQ(storm->t, atomic_read(&storm->ran), submitted);
}
