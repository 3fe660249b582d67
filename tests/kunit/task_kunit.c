// SPDX-License-Identifier: GPL-2.0
/*
 * Embedded tasks: queueing, order, and what wakes whom.
 */

#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/slab.h>

#include "core/lock.h"
#include "core/pool.h"
#include "queue/queue.h"
#include "helpers.h"

/**
 * struct caller - somebody who queues, not in process context
 * @soft: a softirq
 * @hard: a hard interrupt
 * @pool: where to
 * @t: what
 * @result: what workpool_queue() returned
 * @right: it was called where it was meant to
 * @done: completed then
 */
struct caller {
	struct tasklet_struct	soft;
	struct irq_work		hard;
	struct workpool		*pool;
	struct wpt_task		*t;
	int			result;
	bool			right;
	struct completion	done;
};

static void call_queue(struct caller *c, bool right)
{
	c->right = right;
	c->result = wpt_queue(c->pool, c->t);
	complete(&c->done);
}

static void in_tasklet(struct tasklet_struct *tasklet)
{
	call_queue(container_of(tasklet, struct caller, soft),
		   in_serving_softirq());
}

static void from_softirq(struct caller *c)
{
	tasklet_setup(&c->soft, in_tasklet);
	tasklet_schedule(&c->soft);
	wait_for_completion(&c->done);
	tasklet_kill(&c->soft);
}

static void in_interrupt_work(struct irq_work *work)
{
	call_queue(container_of(work, struct caller, hard), in_hardirq());
}

static void from_hardirq(struct caller *c)
{
	c->hard = IRQ_WORK_INIT_HARD(in_interrupt_work);
	irq_work_queue(&c->hard);
	wait_for_completion(&c->done);
	irq_work_sync(&c->hard);
}

static void from_process(struct caller *c)
{
	call_queue(c, in_task());
}

static const struct context {
	const char	*desc;
	void		(*from)(struct caller *c);
} contexts[] = {
	{ "process", from_process },
	{ "softirq", from_softirq },
	{ "hardirq", from_hardirq },
};

WPT_PARAM(context);

static void call_from(struct kunit *test, struct caller *c)
{
	const struct context *context = test->param_value;

	c->right = false;
	init_completion(&c->done);
	context->from(c);
	KUNIT_EXPECT_TRUE(test, c->right);
}

/* Queued from anywhere: with a parked worker, with none, pending, closed. */
static void queued_from(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct caller *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->pool = wpt_create_simple(w, 1);
	c->t = wpt_task_at_gate(w);
	call_from(test, c);
	KUNIT_EXPECT_EQ(test, c->result, 0);
	ASSERT_SOON(test, wpt_begun(c->t) == 1);
	c->t = wpt_task(w);
	call_from(test, c);
	KUNIT_EXPECT_EQ(test, c->result, 0);
	call_from(test, c);
	KUNIT_EXPECT_EQ(test, c->result, -EALREADY);
	workpool_release(c->pool);
	c->t = wpt_task(w);
	call_from(test, c);
	KUNIT_EXPECT_EQ(test, c->result, -ESHUTDOWN);
}

/* While it is pending every way to queue it says so, and it runs once. */
static void already_while_pending(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);

	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), -EALREADY);
	KUNIT_EXPECT_EQ(test, wpt_queue_front(pool, t), -EALREADY);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, &t, 1), 0);
	KUNIT_EXPECT_EQ(test, wpt_delay(pool, t, HZ), -EALREADY);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).submitted, 2);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 2);
}

/* A closed pool takes nothing, in no way; once rebooted it does again. */
static void shutdown_when_closed(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);

	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_queue_front(pool, t), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, &t, 1), -ESHUTDOWN);
	KUNIT_EXPECT_FALSE(test, wpt_is_pending(t));
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, workpool_reboot(pool), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
}

/* What was queued before a release runs before the workers leave. */
static void release_runs_the_queued(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *tasks[5];
	int i;

	wpt_tasks(w, tasks, 5);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 5), 5);
	workpool_release(pool);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, wpt_begun(tasks[i]), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).dropped, 0);
}

/**
 * struct mortal - a task that frees itself
 * @task: the task
 * @freed: counts these
 */
struct mortal {
	struct workpool_task	task;
	atomic_t		*freed;
};

static void die(struct workpool_task *task)
{
	struct mortal *mortal = container_of(task, struct mortal, task);
	atomic_t *freed = mortal->freed;

	memset(mortal, 0x5a, sizeof(*mortal));
	kfree(mortal);
	atomic_inc(freed);
}

/* A task may free itself: KASAN sees that nobody touches it afterwards. */
static void frees_itself(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct mortal *mortal;
	int i;

	for (i = 0; i < 200; i++) {
		mortal = kzalloc(sizeof(*mortal), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, mortal);
		workpool_task_init(&mortal->task, die);
		mortal->freed = &w->ran;
		KUNIT_EXPECT_EQ(test, workpool_queue(pool, &mortal->task), 0);
	}
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 200);
}

static void requeue(struct wpt_task *t)
{
	if (wpt_begun(t) < READ_ONCE(t->limit))
		t->result |= wpt_queue(t->pool, t);
}

/* A task may queue itself, with other workers idle: never two at once. */
static void requeues_itself(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 3);
	struct wpt_task *t = wpt_task_with(w, requeue, pool);

	t->limit = 160;
	wpt_open(&t->gate);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	ASSERT_SOON(test, wpt_ended(t) == 160);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, t->result, 0);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 160);
	KUNIT_EXPECT_FALSE(test, t->overlapped);
}

/* Queued while it runs it waits for its own worker, however many are idle. */
static void waits_for_its_worker(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 3);
	struct wpt_task *t = wpt_task_at_gate(w);

	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), -EALREADY);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 1);
	wpt_run_beside(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
	wpt_open(&t->gate);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 2);
	KUNIT_EXPECT_FALSE(test, t->overlapped);
}

/* The same when it had to stand in line, and another worker comes to it. */
static void waits_for_its_worker_from_the_line(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 2);
	struct wpt_task *t = wpt_task_at_gate(w), *other = wpt_task_at_gate(w);
	struct wpt_task *between = wpt_task(w);

	wpt_hold(w, pool, t);
	wpt_hold(w, pool, other);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, between), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	wpt_open(&other->gate);
	ASSERT_SOON(test, wpt_ended(between) == 1);
	ASSERT_SOON(test, workpool_idle(pool) == 1);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
	wpt_open(&t->gate);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_ended(t), 2);
	KUNIT_EXPECT_FALSE(test, t->overlapped);
}

/* A burst of long tasks starts more and more workers, but not more than there may be. */
static void burst_stays_within_the_capacity(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 4);
	struct wpt_task *tasks[16];
	int i;

	for (i = 0; i < 16; i++)
		tasks[i] = wpt_task_at_gate(w);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 16), 16);
	ASSERT_SOON(test, wpt_stats(pool).queued == 12);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 4);
	for (i = 0; i < 16; i++)
		wpt_open(&tasks[i]->gate);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).spawned + wpt_stats(pool).adopted, 4);
}

/* It stands in line like any other until its turn comes. */
static void keeps_its_place(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_task *t = wpt_task_at_gate(w), *tasks[3];
	int i;

	wpt_tasks(w, tasks, 3);
	wpt_block(w, pool, &w->gates[0]);
	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[0]), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[1]), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue_front(pool, tasks[2]), 0);
	wpt_open(&t->gate);
	EXPECT_SOON(test, wpt_begun(tasks[1]) == 1);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 2);
	KUNIT_EXPECT_EQ(test, tasks[2]->turn, 2);
	KUNIT_EXPECT_EQ(test, tasks[0]->turn, 3);
	KUNIT_EXPECT_EQ(test, t->turn, 4);
	KUNIT_EXPECT_EQ(test, tasks[1]->turn, 5);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, wpt_begun(tasks[i]), 1);
}

/* Its turn came, but it still runs: those behind it go on with other workers. */
static void does_not_hold_up_the_line(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 2);
	struct wpt_task *t = wpt_task_at_gate(w), *tasks[4];
	int i;

	wpt_tasks(w, tasks, 4);
	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 4), 4);
	for (i = 0; i < 4; i++)
		EXPECT_SOON(test, wpt_ended(tasks[i]) == 1);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 1);
}

/* Queued elsewhere while it runs it goes to the pool it runs in. */
static void follows_itself(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *first = wpt_create_simple(w, 1);
	struct workpool *second = wpt_create_warm(w, 1);
	struct wpt_task *t = wpt_task_at_gate(w);

	wpt_hold(w, first, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(second, t), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(first).queued, 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(second).submitted, 0);
	wpt_open(&t->gate);
	wpt_settle(w, first);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 2);
	KUNIT_EXPECT_PTR_EQ(test, t->ran_in, first);
	KUNIT_EXPECT_EQ(test, wpt_queue(second, t), 0);
	wpt_settle(w, second);
	KUNIT_EXPECT_PTR_EQ(test, t->ran_in, second);
	KUNIT_EXPECT_FALSE(test, t->overlapped);
}

/* The same in a batch. */
static void follows_itself_in_a_batch(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *first = wpt_create_simple(w, 1);
	struct workpool *second = wpt_create_simple(w, 1);
	struct wpt_task *tasks[3];

	wpt_tasks(w, tasks, 3);
	tasks[1]->waits = true;
	wpt_hold(w, first, tasks[1]);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(second, tasks, 3), 3);
	EXPECT_SOON(test, wpt_ended(tasks[0]) && wpt_ended(tasks[2]));
	KUNIT_EXPECT_PTR_EQ(test, tasks[2]->ran_in, second);
	wpt_open(&tasks[1]->gate);
	EXPECT_SOON(test, wpt_ended(tasks[1]) == 2);
	KUNIT_EXPECT_PTR_EQ(test, tasks[1]->ran_in, first);
	wpt_settle(w, first);
	wpt_settle(w, second);
}

/* The pool it runs in is closed: nobody may queue it before it ended. */
static void runs_in_a_closed_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *first = wpt_create_simple(w, 1);
	struct workpool *second = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task_at_gate(w);

	wpt_hold(w, first, t);
	workpool_release(first);
	KUNIT_EXPECT_EQ(test, wpt_queue(second, t), -ESHUTDOWN);
	KUNIT_EXPECT_FALSE(test, wpt_is_pending(t));
	wpt_open(&t->gate);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(first, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(second, t), 0);
	wpt_settle(w, second);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 2);
}

/* A task outlives the pool it ran in. */
static void outlives_its_pool(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *first = wpt_create_simple(w, 1);
	struct workpool *second = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);

	KUNIT_EXPECT_EQ(test, wpt_queue(first, t), 0);
	wpt_settle(w, first);
	wpt_destroy(w, first);
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), -ENOENT);
	wpt_flush(t);
	KUNIT_EXPECT_EQ(test, wpt_queue(second, t), 0);
	wpt_settle(w, second);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 2);
}

/* Its worker has to leave because the pool shrank: another one takes it. */
static void bound_when_the_pool_shrinks(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 2);
	struct wpt_task *t = wpt_task_at_gate(w);

	wpt_block(w, pool, &w->gates[0]);
	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	KUNIT_EXPECT_EQ(test, workpool_tune(pool, 1), 0);
	wpt_open(&t->gate);
	EXPECT_SOON(test, workpool_running(pool) == 1);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 1);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 2);
}

static void crash_first(struct wpt_task *t)
{
	if (wpt_begun(t) > 1)
		return;
	atomic_dec(&t->now);
	workpool_task_crash(-EIO);
}

/* Its worker dies of it: it runs again nevertheless. */
static void bound_when_it_crashes(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &wpt_ops);
	struct wpt_task *t = wpt_task_with(w, crash_first, pool);

	wpt_hold(w, pool, t);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, t), 0);
	wpt_open(&t->gate);
	EXPECT_SOON(test, wpt_ended(t) == 1);
	EXPECT_SOON(test, atomic_read(&w->crashes) == 1);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 2);
	KUNIT_EXPECT_PTR_EQ(test, w->crash.arg, (void *)&t->d.task);
	KUNIT_EXPECT_PTR_EQ(test, w->crash.fn, (void *)wpt_task_fn);
}

static void expect_turns(struct kunit *test, struct wpt_task **tasks, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ_MSG(test, tasks[i]->turn, i + 1, "task %d", i);
}

/* First come, first served. */
static void runs_in_order(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *tasks[6];
	int i;

	wpt_tasks(w, tasks, 6);
	wpt_fill(w, pool, &w->gates[0]);
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[i]), 0);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	expect_turns(test, tasks, 6);
}

/* The last one queued in front comes first. */
static void front_comes_first(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *tasks[5];

	wpt_tasks(w, tasks, 5);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[3]), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue_front(pool, tasks[2]), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue_front(pool, tasks[1]), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[4]), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue_front(pool, tasks[0]), 0);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	expect_turns(test, tasks, 5);
}

static void take_turn(void *arg)
{
	struct wpt_task *t = arg;

	t->turn = atomic_inc_return(&t->w->turns);
}

/* Tasks and submitters that wait stand in one line. */
static void one_line_for_all(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_thread *threads[2];
	struct wpt_task *tasks[5];

	wpt_tasks(w, tasks, 5);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[1]), 0);
	threads[0] = wpt_line_up(w, pool, take_turn, tasks[2]);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[3]), 0);
	threads[1] = wpt_line_up(w, pool, take_turn, tasks[4]);
	KUNIT_EXPECT_EQ(test, wpt_queue_front(pool, tasks[0]), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[0]), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(threads[1]), 0);
	wpt_settle(w, pool);
	expect_turns(test, tasks, 5);
}

/* A batch queues those that are not pending, says how many, and keeps order. */
static void batch_counts(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *tasks[5], *batch[6];
	int i;

	wpt_tasks(w, tasks, 5);
	for (i = 0; i < 5; i++)
		batch[i] = tasks[i];
	batch[5] = tasks[2];
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, batch, 0), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[0]), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[1]), 0);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, batch, 6), 3);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, batch, 6), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 5);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).submitted, 6);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	expect_turns(test, tasks, 5);
}

/* One larger than what is queued under one hold of the lock. */
static void large_batch(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task **tasks;

	tasks = kunit_kcalloc(test, 160, sizeof(*tasks), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tasks);
	wpt_tasks(w, tasks, 160);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 160), 160);
	wpt_settle(w, pool);
	expect_turns(test, tasks, 160);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 160), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, 160);
}

/* A burst of short tasks does not wake a worker for each. */
static void short_burst_wakes_few(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 8);
	struct wpt_task **tasks;

	tasks = kunit_kcalloc(test, 128, sizeof(*tasks), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tasks);
	wpt_tasks(w, tasks, 128);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 128), 128);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, 128);
	KUNIT_EXPECT_LT(test, wpt_stats(pool).spurious_wakeups, 32);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).peak_running, 8);
}

/* One searching worker is enough: a second task wakes no other while it comes. */
static void one_searching_worker_at_a_time(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 4);
	struct wp_deferred deferred, later;
	int i;

	wp_pool_lock(pool, &deferred);
	WRITE_ONCE(pool->queued, 3);
	for (i = 0; i < 3; i++)
		wp_queue_balance_locked(pool, &deferred);
	KUNIT_EXPECT_EQ(test, pool->searching, 1);
	KUNIT_EXPECT_EQ(test, pool->idle.nr, 3);
	KUNIT_EXPECT_EQ(test, pool->starting, 0);
	WRITE_ONCE(pool->queued, 0);
	wp_pool_unlock(pool, &deferred);
	EXPECT_SOON(test, wpt_stats(pool).spurious_wakeups == 1);
	wp_pool_lock(pool, &later);
	KUNIT_EXPECT_EQ(test, pool->searching, 0);
	KUNIT_EXPECT_EQ(test, pool->idle.nr, 4);
	wp_pool_unlock(pool, &later);
}

static void queue_gated(struct wpt *w, struct workpool *pool,
			struct wpt_task **tasks, int nr)
{
	int i;

	wpt_tasks(w, tasks, nr);
	for (i = 0; i < nr; i++)
		tasks[i]->waits = true;
	KUNIT_ASSERT_EQ(w->test, wpt_queue_batch(pool, tasks, nr), nr);
}

/* A burst of long tasks gets all idle workers. */
static void long_burst_gets_the_idle(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 6);
	struct wpt_task *tasks[6];
	u64 spawned = wpt_stats(pool).spawned + wpt_stats(pool).adopted;
	int i;

	queue_gated(w, pool, tasks, 6);
	for (i = 0; i < 6; i++)
		EXPECT_SOON(test, wpt_begun(tasks[i]) == 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).spawned + wpt_stats(pool).adopted,
			spawned);
}

/* And where none is idle, a new one each, up to the capacity. */
static void long_burst_gets_the_capacity(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 6);
	struct wpt_task *tasks[8];
	int i;

	queue_gated(w, pool, tasks, 8);
	for (i = 0; i < 6; i++)
		EXPECT_SOON(test, wpt_begun(tasks[i]) == 1);
	KUNIT_EXPECT_EQ(test, wpt_begun(tasks[6]) + wpt_begun(tasks[7]), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 2);
	KUNIT_EXPECT_EQ(test, workpool_running(pool), 6);
}

/* While there are workers, or capacity, a long task holds back nobody. */
static void long_task_holds_back_nobody(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 4);
	struct wpt_task *tasks[12];
	int i;

	wpt_tasks(w, tasks, 12);
	tasks[0]->waits = true;
	tasks[1]->waits = true;
	tasks[7]->waits = true;
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 12), 12);
	for (i = 0; i < 12; i++)
		EXPECT_SOON(test, wpt_ended(tasks[i]) == !tasks[i]->waits);
	KUNIT_EXPECT_EQ(test, workpool_busy(pool), 3);
}

/* One task after the other needs one worker. */
static void few_workers_for_few_tasks(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 8);
	struct wpt_task *t = wpt_task(w);
	int i;

	for (i = 0; i < 50; i++) {
		KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
		wpt_settle(w, pool);
	}
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 50);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).peak_running, 1);
}

/* Three workers, tasks of mixed length: they begin in the order of the queue. */
static void order_with_three_workers(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 3);
	struct wpt_task *tasks[8];
	int i;

	queue_gated(w, pool, tasks, 8);
	for (i = 0; i < 3; i++)
		ASSERT_SOON(test, wpt_begun(tasks[i]) == 1);
	/* each that ends lets the next begin, whichever it is */
	wpt_open(&tasks[2]->gate);
	ASSERT_SOON(test, wpt_begun(tasks[3]) == 1);
	wpt_open(&tasks[3]->gate);
	ASSERT_SOON(test, wpt_begun(tasks[4]) == 1);
	wpt_open(&tasks[0]->gate);
	ASSERT_SOON(test, wpt_begun(tasks[5]) == 1);
	KUNIT_EXPECT_EQ(test, wpt_begun(tasks[6]) + wpt_begun(tasks[7]), 0);
	wpt_open(&tasks[4]->gate);
	ASSERT_SOON(test, wpt_begun(tasks[6]) == 1);
	wpt_open(&tasks[1]->gate);
	ASSERT_SOON(test, wpt_begun(tasks[7]) == 1);
	for (i = 3; i < 8; i++)
		KUNIT_EXPECT_EQ(test, tasks[i]->turn, i + 1);
}

static void descend(struct wpt_task *t)
{
	if (t->other)
		t->result = wpt_queue(t->pool, t->other);
}

/* Each of 16 tasks queues the next, to one worker. */
static void recursion_with_one_worker(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *tasks[16];
	int i;

	wpt_tasks(w, tasks, 16);
	for (i = 0; i < 16; i++) {
		tasks[i]->pool = pool;
		tasks[i]->body = descend;
		tasks[i]->other = i < 15 ? tasks[i + 1] : NULL;
	}
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[0]), 0);
	EXPECT_SOON(test, wpt_ended(tasks[15]) == 1);
	expect_turns(test, tasks, 16);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).peak_running, 1);
}

static void count_static(struct workpool_task *task);
static struct workpool_task static_task =
	WORKPOOL_TASK_INIT(static_task, count_static);
static atomic_t static_ran;

static void count_static(struct workpool_task *task)
{
	atomic_inc(&static_ran);
}

/* A task may be a variable, and it may be on the stack. */
static void static_or_on_the_stack(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool_task task;

	atomic_set(&static_ran, 0);
	KUNIT_EXPECT_EQ(test, workpool_queue(pool, &static_task), 0);
	workpool_flush(&static_task);
	KUNIT_EXPECT_EQ(test, atomic_read(&static_ran), 1);
	workpool_task_init_onstack(&task, count_static);
	KUNIT_EXPECT_EQ(test, workpool_queue(pool, &task), 0);
	workpool_flush(&task);
	workpool_task_destroy_onstack(&task);
	KUNIT_EXPECT_EQ(test, atomic_read(&static_ran), 2);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(queued_from, context_gen_params),
	KUNIT_CASE(already_while_pending),
	KUNIT_CASE(shutdown_when_closed),
	KUNIT_CASE(release_runs_the_queued),
	KUNIT_CASE(frees_itself),
	KUNIT_CASE(requeues_itself),
	KUNIT_CASE(waits_for_its_worker),
	KUNIT_CASE(waits_for_its_worker_from_the_line),
	KUNIT_CASE(burst_stays_within_the_capacity),
	KUNIT_CASE(keeps_its_place),
	KUNIT_CASE(does_not_hold_up_the_line),
	KUNIT_CASE(follows_itself),
	KUNIT_CASE(follows_itself_in_a_batch),
	KUNIT_CASE(runs_in_a_closed_pool),
	KUNIT_CASE(outlives_its_pool),
	KUNIT_CASE(bound_when_the_pool_shrinks),
	KUNIT_CASE(bound_when_it_crashes),
	KUNIT_CASE(runs_in_order),
	KUNIT_CASE(front_comes_first),
	KUNIT_CASE(one_line_for_all),
	KUNIT_CASE(batch_counts),
	KUNIT_CASE(large_batch),
	KUNIT_CASE(short_burst_wakes_few),
	KUNIT_CASE(one_searching_worker_at_a_time),
	KUNIT_CASE(long_burst_gets_the_idle),
	KUNIT_CASE(long_burst_gets_the_capacity),
	KUNIT_CASE(long_task_holds_back_nobody),
	KUNIT_CASE(few_workers_for_few_tasks),
	KUNIT_CASE(order_with_three_workers),
	KUNIT_CASE(recursion_with_one_worker),
	KUNIT_CASE(static_or_on_the_stack),
	{}
};

WPT_SUITE(task);
