// SPDX-License-Identifier: GPL-2.0
/*
 * Much at once, with the invariants watched from inside the tasks.
 */
#include "test.h"

/* neither tasks at once nor threads made are more than the capacity */
static void never_more_than_capacity(struct st_test *t)
{
	static const int capacities[] = { 1, 2, 5 };
	struct st_thread *threads[8];
	struct workpool_stats s;
	struct st_storm *storm;
	int i;

	for (i = 0; i < ARRAY_SIZE(capacities); i++) {
		storm = st_storm(t, st_pool(t, capacities[i],
					    WORKPOOL_F_NOPURGE),
				 capacities[i], 150);
		st_storm_start(storm, threads, 8);
		st_storm_end(storm, threads, 8);
		st_storm_expect_all_ran(storm, 8 * 150);
		s = st_stats(storm->pool);
		EXPECT_EQ(t, s.submitted, 8 * 150);
		EXPECT(t, s.peak_running <= capacities[i]);
		EXPECT(t, s.spawned + s.adopted <= capacities[i]);
		EXPECT(t, atomic_read(&storm->most) <= capacities[i]);
	}
}

static void try_storm_accounts_for_every_submit(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	struct st_storm *storm = st_storm(t, pool, 2, 500);
	struct st_thread *threads[4];
	int accepted, refused;

	storm->try = true;
	st_storm_start(storm, threads, 4);
	st_storm_end(storm, threads, 4);
	accepted = atomic_read(&storm->accepted);
	refused = atomic_read(&storm->refused);
	EXPECT_EQ(t, storm->other, 0);
	EXPECT_EQ(t, accepted + refused, 2000);
	EXPECT_EQ(t, st_stats(pool).submitted, accepted);
	EXPECT_EQ(t, st_stats(pool).rejected, refused);
}

static void unlimited_storm(struct st_test *t)
{
	struct workpool *pool = st_pool(t, WORKPOOL_UNLIMITED, 0);
	struct st_storm *storm = st_storm(t, pool, 0, 300);
	struct st_thread *threads[4];

	st_storm_start(storm, threads, 4);
	st_storm_end(storm, threads, 4);
	st_storm_expect_all_ran(storm, 1200);
	EXPECT_EQ(t, workpool_available(pool), -1);
}

/* pools that share the spawner, the reaper and the cache */
static void many_pools_at_once(struct st_test *t)
{
	struct st_storm *storms[6];
	struct st_thread *threads[6][2];
	struct workpool_attrs attrs;
	int i;

	for (i = 0; i < 6; i++) {
		attrs = (struct workpool_attrs)WORKPOOL_ATTRS_INIT(1 + i % 3);
		attrs.expiry_ms = 1 + i;
		attrs.nice = i;
		storms[i] = st_storm(t, st_pool_attrs(t, &attrs), 1 + i % 3,
				     200);
		st_storm_start(storms[i], threads[i], 2);
	}
	for (i = 0; i < 6; i++) {
		st_storm_end(storms[i], threads[i], 2);
		st_storm_expect_all_ran(storms[i], 400);
	}
}

static int call_create_and_destroy(struct st_thread *thread)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct st_storm *storm = thread->data;
	struct workpool *pool;
	int i, ret = 0;

	attrs.min_workers = 1;
	for (i = 0; i < 40 && !ret; i++) {
		pool = workpool_create(&attrs, "st-life-%d-%d",
				       current->pid, i);
		if (IS_ERR(pool))
			return PTR_ERR(pool);
		ret = workpool_submit(pool, st_storm_task, storm);
		workpool_destroy(pool);
	}
	return ret;
}

/* pools come and go on several CPUs; destroy() means that the task has run */
static void create_and_destroy_at_once(struct st_test *t)
{
	struct st_storm *storm = st_storm(t, NULL, 0, 0);
	struct st_thread *threads[4];
	int i;

	for (i = 0; i < 4; i++) {
		threads[i] = st_thread(t, NULL, call_create_and_destroy);
		threads[i]->data = storm;
		st_thread_start(threads[i]);
	}
	for (i = 0; i < 4; i++)
		EXPECT_EQ(t, st_join(threads[i]), 0);
	EXPECT_EQ(t, atomic_read(&storm->ran), 160);
}

/* waiters that are killed, time out and are served, all at once */
static int call_impatient(struct st_thread *thread)
{
	struct st_storm *storm = thread->data;
	int i, ret;

	for (i = 0; i < 200; i++) {
		ret = workpool_submit_timeout(thread->pool, st_storm_task,
					      storm, i % 2);
		if (!ret)
			atomic_inc(&storm->accepted);
		else if (ret != -ETIMEDOUT && ret != -EAGAIN)
			return ret;
	}
	return 0;
}

static void impatient_waiters(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_storm *storm = st_storm(t, pool, 1, 0);
	struct st_thread *threads[5];
	int i;

	for (i = 0; i < 5; i++) {
		threads[i] = st_thread(t, pool, call_impatient);
		threads[i]->data = storm;
		st_thread_start(threads[i]);
	}
	for (i = 0; i < 5; i++)
		EXPECT_EQ(t, st_join(threads[i]), 0);
	ASSERT_SOON(t, atomic_read(&storm->ran) ==
		      atomic_read(&storm->accepted));
	EXPECT_EQ(t, st_stats(pool).submitted, atomic_read(&storm->accepted));
	EXPECT_EQ(t, workpool_waiting(pool), 0);
}

static const struct st_case stress_cases[] = {
	ST_CASE(never_more_than_capacity),
	ST_CASE(try_storm_accounts_for_every_submit),
	ST_CASE(unlimited_storm),
	ST_CASE(many_pools_at_once),
	ST_CASE(create_and_destroy_at_once),
	ST_CASE(impatient_waiters),
};

ST_GROUP(stress, false);
