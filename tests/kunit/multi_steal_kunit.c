// SPDX-License-Identifier: GPL-2.0
/*
 * Embedded tasks in a multi, and pools that take them over from each other.
 */

#include <linux/delay.h>

#include "core/lock.h"
#include "core/pool.h"
#include "core/slice.h"
#include "core/wait.h"
#include "multi/multi.h"
#include "helpers.h"

/**
 * struct job - a task that notes where it runs
 * @task: the task
 * @pool: where it ran last
 * @ran: how often it began
 * @gate: where it waits then, or NULL
 */
struct job {
	struct workpool_task	task;
	struct workpool		*pool;
	atomic_t		ran;
	struct wpt_gate		*gate;
};

static void job_run(struct workpool_task *task)
{
	struct job *job = container_of(task, struct job, task);
	struct wpt_gate *gate = job->gate;

	job->pool = workpool_current();
	atomic_inc(&job->ran);
	if (gate)
		wpt_pass(gate);
}

static struct job *new_jobs(struct wpt *w, int nr, struct wpt_gate *gate)
{
	struct job *jobs = kunit_kcalloc(w->test, nr, sizeof(*jobs), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(w->test, jobs);
	for (i = 0; i < nr; i++) {
		workpool_task_init(&jobs[i].task, job_run);
		jobs[i].gate = gate;
	}
	return jobs;
}

static int ran(struct job *job)
{
	return atomic_read(&job->ran);
}

/* Two pools with a busy worker each, at a gate of its own. */
static struct workpool_multi *two_busy(struct wpt *w)
{
	struct workpool_multi *multi = wpt_multi_simple(w, 2, 1);
	int i;

	for (i = 0; i < 2; i++)
		wpt_fill(w, multi->pools[i], &w->gates[i]);
	return multi;
}

/* Tasks take turns as calls do, and one that is queued is not queued again. */
static void tasks_take_turns(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);
	struct wpt *w = test->priv;
	struct job *jobs = new_jobs(w, 4, &w->gates[0]);
	int i;

	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, workpool_multi_queue(multi, &jobs[i].task), 0);
		ASSERT_SOON(test, wpt_inside(&w->gates[0]) == i + 1);
		KUNIT_EXPECT_EQ(test, wpt_multi_index(multi, jobs[i].pool), i);
	}
	KUNIT_EXPECT_EQ(test, workpool_multi_queue(multi, &jobs[3].task), 0);
	KUNIT_EXPECT_EQ(test, workpool_multi_queue(multi, &jobs[3].task), -EALREADY);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 0).queued, 1);
	wpt_open(&w->gates[0]);
	EXPECT_SOON(test, ran(&jobs[3]) == 1);
}

/* As if a worker was on its way to the queue, or was there. */
static void set_searching(struct workpool *pool, int searching)
{
	struct wp_deferred deferred;

	wp_pool_lock(pool, &deferred);
	WRITE_ONCE(pool->searching, searching);
	wp_pool_unlock(pool, &deferred);
}

/* Tasks join those that a worker is on its way to, up to 16 of them. */
static void burst_stays_in_a_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool_multi *multi = two_busy(w);
	struct job *jobs = new_jobs(w, 18, NULL);
	int i;

	set_searching(multi->pools[0], 1);
	for (i = 0; i < 18; i++)
		KUNIT_EXPECT_EQ(test, workpool_multi_queue(multi, &jobs[i].task), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 0).queued, 17);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 1).queued, 1);
	set_searching(multi->pools[0], 0);
	wpt_open(&w->gates[0]);
	wpt_open(&w->gates[1]);
	for (i = 0; i < 18; i++)
		ASSERT_SOON(test, ran(&jobs[i]) == 1);
}

/* A pool with an idle worker keeps its task: no other pool takes it. */
static void warm_pool_keeps_its_task(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_multi *multi;
	struct job *jobs;
	int i;

	attrs.min_workers = 1;
	multi = wpt_multi(test->priv, 2, WORKPOOL_ROUND_ROBIN, &attrs);
	jobs = new_jobs(test->priv, 6, NULL);
	for (i = 0; i < 6; i++) {
		KUNIT_EXPECT_EQ(test, workpool_multi_queue(multi, &jobs[i].task), 0);
		ASSERT_SOON(test, ran(&jobs[i]) == 1);
		KUNIT_EXPECT_EQ(test, wpt_multi_index(multi, jobs[i].pool), i % 2);
		ASSERT_SOON(test, wpt_multi_stats(multi).idle == 2);
	}
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).stolen, 0);
}

/* A closed pool is passed over; when all are, that is -ESHUTDOWN. */
static void closed_pool_is_passed_over(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct job *job = new_jobs(test->priv, 1, NULL);

	workpool_release(multi->pools[0]);
	KUNIT_EXPECT_EQ(test, workpool_multi_queue(multi, &job->task), 0);
	ASSERT_SOON(test, ran(job) == 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_index(multi, job->pool), 1);
	workpool_release(multi->pools[1]);
	KUNIT_EXPECT_EQ(test, workpool_multi_queue(multi, &job->task), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, workpool_cancel(&job->task), -ENOENT);
}

/* A task queued in a busy pool goes at once to a sibling that has nothing to do. */
static void idle_sibling_relieves(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;
	struct job *job = new_jobs(w, 1, NULL);

	wpt_fill(w, multi->pools[0], &w->gates[0]);
	wpt_run(w, multi->pools[1]);
	ASSERT_SOON(test, workpool_idle(multi->pools[1]) == 1);
	KUNIT_EXPECT_EQ(test, workpool_multi_queue(multi, &job->task), 0);
	ASSERT_SOON(test, ran(job) == 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_index(multi, job->pool), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 1).stolen, 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).stolen, 1);
}

/* A pool without a worker takes the task as well: a worker is made for it. */
static void cold_sibling_relieves(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 3, 1);
	struct wpt *w = test->priv;
	struct job *jobs = new_jobs(w, 2, &w->gates[1]);
	int i;

	wpt_fill(w, multi->pools[0], &w->gates[0]);
	for (i = 0; i < 2; i++) {
		/* it is the turn of 0 again */
		atomic64_set(&multi->turn, 0);
		KUNIT_EXPECT_EQ(test, workpool_multi_queue(multi, &jobs[i].task), 0);
		ASSERT_SOON(test, ran(&jobs[i]) == 1);
		KUNIT_EXPECT_EQ(test, wpt_multi_index(multi, jobs[i].pool), i + 1);
	}
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).stolen, 2);
	wpt_open(&w->gates[1]);
}

/* A pool that runs out of tasks takes what is queued in a busy sibling. */
static void free_worker_takes_over(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool_multi *multi = two_busy(w);
	struct job *jobs = new_jobs(w, 3, NULL);
	int i;

	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, 0, workpool_queue(multi->pools[0],
							&jobs[i].task));
	wpt_open(&w->gates[1]);
	for (i = 0; i < 3; i++) {
		ASSERT_SOON(test, ran(&jobs[i]) == 1);
		KUNIT_EXPECT_EQ(test, wpt_multi_index(multi, jobs[i].pool), 1);
	}
	ASSERT_SOON(test, workpool_idle(multi->pools[1]) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 1).stolen, 3);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 1).submitted, 4);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 1).completed, 4);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 0).submitted, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 0).alive, 1);
}

/* No task is taken over past a call that was queued before it. */
static void calls_are_not_passed(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_multi *multi;
	struct wpt *w = test->priv;
	struct job *job = new_jobs(w, 1, NULL);

	attrs.queue_depth = 1;
	attrs.flags = WORKPOOL_F_NOPURGE;
	multi = wpt_multi(w, 2, WORKPOOL_ROUND_ROBIN, &attrs);
	wpt_fill(w, multi->pools[0], &w->gates[0]);
	wpt_fill(w, multi->pools[1], &w->gates[1]);
	KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(multi->pools[0], wpt_count,
						     &w->ran));
	KUNIT_ASSERT_EQ(test, workpool_queue(multi->pools[0], &job->task), 0);
	wpt_open(&w->gates[1]);
	ASSERT_SOON(test, workpool_idle(multi->pools[1]) == 1);
	wpt_run(w, multi->pools[1]);
	KUNIT_EXPECT_EQ(test, ran(job), 0);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, ran(job) == 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_index(multi, job->pool), 0);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).stolen, 0);
}

/* No task moves between closed pools. Each finishes what it accepted. */
static void not_from_closed_to_closed(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool_multi *multi = two_busy(w);
	struct job *job = new_jobs(w, 1, NULL);

	KUNIT_ASSERT_EQ(test, workpool_queue(multi->pools[0], &job->task), 0);
	workpool_multi_release(multi);
	wpt_open(&w->gates[1]);
	KUNIT_EXPECT_EQ(test, 0, workpool_wait_released(multi->pools[1],
							WPT_DEADLINE));
	KUNIT_EXPECT_EQ(test, ran(job), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 0).queued, 1);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_multi_wait_released(multi, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, ran(job), 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_index(multi, job->pool), 0);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).stolen, 0);
}

/* An open pool takes over tasks of a closed one. */
static void open_pool_helps_a_closed_one(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool_multi *multi = two_busy(w);
	struct job *job = new_jobs(w, 1, NULL);

	KUNIT_ASSERT_EQ(test, workpool_queue(multi->pools[0], &job->task), 0);
	workpool_release(multi->pools[0]);
	wpt_open(&w->gates[1]);
	ASSERT_SOON(test, ran(job) == 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_index(multi, job->pool), 1);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, 0, workpool_wait_released(multi->pools[0],
							WPT_DEADLINE));
	KUNIT_EXPECT_EQ(test, ran(job), 1);
}

static int call_flush(struct wpt_thread *thread)
{
	struct job *job = thread->arg;

	workpool_flush(&job->task);
	return ran(job);
}

static int flushers(struct workpool *pool)
{
	struct list_head *member;
	struct rb_node *node;
	struct wp_deferred deferred;
	int nr = 0;

	wp_pool_lock(pool, &deferred);
	for (node = rb_first(&pool->crowds); node; node = rb_next(node))
		list_for_each(member, &rb_entry(node, struct wp_wait,
						crowd)->members)
			nr++;
	wp_pool_unlock(pool, &deferred);
	return nr;
}

static int call_flush_pool(struct wpt_thread *thread)
{
	workpool_flush_pool(thread->pool);
	return 0;
}

/*
 * Expect a worker of another pool to take @moves tasks over: the one behind @nr
 * tasks, for which a thread waits.
 */
static void expect_moves(struct kunit *test, int nr, int moves)
{
	struct wpt *w = test->priv;
	struct workpool_multi *multi = two_busy(w);
	struct workpool *from = multi->pools[0], *to = multi->pools[1];
	struct job *jobs = new_jobs(w, nr + 1, NULL);
	struct wpt_thread what = { .call = call_flush_pool, .pool = from };
	struct wpt_thread *thread;
	int i;

	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, workpool_queue(from, &jobs[i].task), 0);
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, READ_ONCE(from->color) != READ_ONCE(from->oldest_color));
	KUNIT_ASSERT_EQ(test, workpool_queue(from, &jobs[nr].task), 0);
	wpt_open(&w->gates[1]);
	ASSERT_SOON(test, workpool_idle(to) == 1);
	wpt_run(w, to);
	EXPECT_SOON(test, ran(&jobs[nr]) == moves);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).stolen, moves);
	KUNIT_EXPECT_EQ(test, wpt_stats(from).queued, nr + 1 - moves);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
	EXPECT_SOON(test, ran(&jobs[nr]) == 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_index(multi, jobs[nr].pool), moves);
}

/* A task that a thread flushes stays in its pool. */
static void flushed_task_stays(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool_multi *multi = two_busy(w);
	struct job *job = new_jobs(w, 1, NULL);
	struct wpt_thread what = { .call = call_flush, .arg = job };
	struct wpt_thread *thread;

	KUNIT_ASSERT_EQ(test, workpool_queue(multi->pools[0], &job->task), 0);
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, flushers(multi->pools[0]) == 1);
	wpt_open(&w->gates[1]);
	ASSERT_SOON(test, workpool_idle(multi->pools[1]) == 1);
	wpt_run(w, multi->pools[1]);
	KUNIT_EXPECT_EQ(test, ran(job), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 1);
	KUNIT_EXPECT_EQ(test, wpt_multi_index(multi, job->pool), 0);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).stolen, 0);
}

/* A task behind those that a thread flushes moves. */
static void task_behind_flushed_ones_moves(struct kunit *test)
{
	expect_moves(test, WP_SLICE - 1, 1);
}

/* No more of the queue than a slice is searched for a task that may move. */
static void slice_is_searched_for_a_task(struct kunit *test)
{
	expect_moves(test, WP_SLICE, 0);
}

/* flush and cancel find a task in the pool that took it over. */
static void taken_over_task_is_found(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool_multi *multi = two_busy(w);
	struct job *job = new_jobs(w, 1, &w->gates[2]);
	struct wpt_thread what = { .call = call_flush, .arg = job };
	struct wpt_thread *thread;

	KUNIT_ASSERT_EQ(test, workpool_queue(multi->pools[0], &job->task), 0);
	wpt_open(&w->gates[1]);
	ASSERT_SOON(test, wpt_inside(&w->gates[2]) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats_at(multi, 1).stolen, 1);
	thread = wpt_start(w, &what);
	KUNIT_EXPECT_EQ(test, workpool_cancel(&job->task), -EBUSY);
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	wpt_open(&w->gates[2]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 1);
	EXPECT_SOON(test, workpool_cancel(&job->task) == -ENOENT);
}

/* A task that runs and is queued again stays in its pool. */
static void running_task_stays(struct kunit *test)
{
	struct workpool_multi *multi = wpt_multi_simple(test->priv, 2, 1);
	struct wpt *w = test->priv;
	struct job *job = new_jobs(w, 1, &w->gates[0]);

	wpt_run(w, multi->pools[1]);
	KUNIT_ASSERT_EQ(test, workpool_multi_queue(multi, &job->task), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	KUNIT_ASSERT_EQ(test, workpool_multi_queue(multi, &job->task), 0);
	wpt_run(w, multi->pools[1]);
	ASSERT_SOON(test, workpool_idle(multi->pools[1]) == 1);
	KUNIT_EXPECT_EQ(test, ran(job), 1);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, ran(job) == 2);
	KUNIT_EXPECT_EQ(test, wpt_multi_index(multi, job->pool), 0);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).stolen, 0);
}

#define MOVES		300

/* A task that moves while the totals are read counts once. */
static void moving_task_counts_once(struct kunit *test)
{
	struct workpool_multi *multi = two_busy(test->priv);
	unsigned long end = jiffies + WPT_DEADLINE;
	struct wpt *w = test->priv;
	struct job *jobs = new_jobs(w, MOVES, NULL);
	struct workpool_stats s;
	int i;

	for (i = 0; i < MOVES; i++)
		KUNIT_ASSERT_EQ(test, 0, workpool_queue(multi->pools[0], &jobs[i].task));
	/* the second pool is free and takes one after the other */
	wpt_open(&w->gates[1]);
	do {
		s = wpt_multi_stats(multi);
		KUNIT_ASSERT_EQ(test, s.submitted, MOVES + 2);
		cond_resched();
	} while (s.completed < MOVES + 1 && time_before(jiffies, end));
	KUNIT_EXPECT_EQ(test, s.completed, MOVES + 1);
	KUNIT_EXPECT_EQ(test, s.stolen, MOVES);
	KUNIT_EXPECT_EQ(test, atomic_read(&multi->moves_begun),
			atomic_read(&multi->moves_ended));
}

/* A move that does not end holds up nobody who reads the totals. */
static void endless_move_ends_the_attempts(struct kunit *test)
{
	struct workpool_multi *multi = two_busy(test->priv);

	atomic_inc(&multi->moves_begun);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).busy, 2);
	atomic_inc(&multi->moves_ended);
	KUNIT_EXPECT_EQ(test, wpt_multi_stats(multi).busy, 2);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(tasks_take_turns),
	KUNIT_CASE(burst_stays_in_a_pool),
	KUNIT_CASE(warm_pool_keeps_its_task),
	KUNIT_CASE(closed_pool_is_passed_over),
	KUNIT_CASE(idle_sibling_relieves),
	KUNIT_CASE(cold_sibling_relieves),
	KUNIT_CASE(free_worker_takes_over),
	KUNIT_CASE(calls_are_not_passed),
	KUNIT_CASE(not_from_closed_to_closed),
	KUNIT_CASE(open_pool_helps_a_closed_one),
	KUNIT_CASE(flushed_task_stays),
	KUNIT_CASE(task_behind_flushed_ones_moves),
	KUNIT_CASE(slice_is_searched_for_a_task),
	KUNIT_CASE(taken_over_task_is_found),
	KUNIT_CASE(running_task_stays),
	KUNIT_CASE(moving_task_counts_once),
	KUNIT_CASE(endless_move_ends_the_attempts),
	{}
};

WPT_SUITE(multi_steal);
