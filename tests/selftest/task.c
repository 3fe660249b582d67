// SPDX-License-Identifier: GPL-2.0
/*
 * Embedded tasks: queued, cancelled, waited for.
 */
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/slab.h>

#include "test.h"

/* a call from another context */
struct caller {
	struct irq_work irq_work;
	struct tasklet_struct tasklet;
	struct workpool *pool;
	struct st_task *task;
	bool right_context;
	int ret;
	struct completion done;
};

static void call_now(struct caller *c, bool right_context)
{
	c->right_context = right_context;
	c->ret = st_queue(c->pool, c->task);
	complete(&c->done);
}

static void in_hard_irq(struct irq_work *work)
{
	call_now(container_of(work, struct caller, irq_work), in_hardirq());
}

static void from_hardirq(struct caller *c)
{
	c->irq_work = IRQ_WORK_INIT_HARD(in_hard_irq);
	irq_work_queue(&c->irq_work);
	wait_for_completion(&c->done);
	irq_work_sync(&c->irq_work);
}

static void in_tasklet(struct tasklet_struct *tasklet)
{
	call_now(container_of(tasklet, struct caller, tasklet),
		 in_serving_softirq());
}

static void from_softirq(struct caller *c)
{
	tasklet_setup(&c->tasklet, in_tasklet);
	tasklet_schedule(&c->tasklet);
	wait_for_completion(&c->done);
	tasklet_kill(&c->tasklet);
}

static int queue_from(struct st_test *t, void (*from)(struct caller *c),
		      struct workpool *pool, struct st_task *task)
{
	struct caller *c = st_alloc(t, sizeof(*c));

	c->pool = pool;
	c->task = task;
	init_completion(&c->done);
	from(c);
	EXPECT(t, c->right_context);
	return c->ret;
}

/* from one context: a new worker, none, pending, an idle one, closed */
static void queue_all(struct st_test *t, void (*from)(struct caller *c))
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_task *first = st_task(t), *second = st_task_quick(t);

	EXPECT_EQ(t, queue_from(t, from, pool, first), 0);
	ASSERT_SOON(t, st_begun(first->job));
	EXPECT_EQ(t, queue_from(t, from, pool, second), 0);
	EXPECT_EQ(t, queue_from(t, from, pool, second), -EALREADY);
	st_open(first->job);
	ASSERT_SOON(t, st_ended(second->job));
	st_settle(t, pool);
	EXPECT_EQ(t, queue_from(t, from, pool, second), 0);
	ASSERT_SOON(t, atomic_read(&second->job->ended) == 2);
	workpool_release(pool);
	EXPECT_EQ(t, queue_from(t, from, pool, second), -ESHUTDOWN);
}

static void task_from_hardirq(struct st_test *t)
{
	queue_all(t, from_hardirq);
}

static void task_from_softirq(struct st_test *t)
{
	queue_all(t, from_softirq);
}

/* pending means pending: whatever the way, it runs once */
static void task_is_pending_once(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_task *task = st_task_quick(t);
	struct workpool_task *batch[3] = { &task->d.task, &task->d.task,
					   &task->d.task };
	struct st_job *job = st_block(t, pool);

	EXPECT_EQ(t, workpool_queue_batch(pool, batch, 3), 1);
	EXPECT_EQ(t, st_queue(pool, task), -EALREADY);
	EXPECT_EQ(t, workpool_queue_front(pool, &task->d.task), -EALREADY);
	EXPECT_EQ(t, workpool_queue_delayed(pool, &task->d, HZ), -EALREADY);
	EXPECT_EQ(t, st_stats(pool).queued, 1);
	st_open(job);
	st_settle(t, pool);
	EXPECT_EQ(t, atomic_read(&task->job->begun), 1);
	EXPECT_EQ(t, st_queue(pool, task), 0);
	st_settle(t, pool);
	EXPECT_EQ(t, atomic_read(&task->job->begun), 2);
}

struct mortal {
	struct workpool_task task;
	atomic_t *freed;
};

static void die(struct workpool_task *task)
{
	struct mortal *mortal = container_of(task, struct mortal, task);
	atomic_t *freed = mortal->freed;

	memset(mortal, 0x5a, sizeof(*mortal));
	kfree(mortal);
	atomic_inc(freed);
}

/* a task may free itself */
static void task_frees_itself(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 2, 0);
	atomic_t *freed = st_alloc(t, sizeof(*freed));
	struct mortal *mortal;
	int i;

	for (i = 0; i < 500; i++) {
		mortal = kzalloc(sizeof(*mortal), GFP_KERNEL);
		ASSERT(t, mortal);
		workpool_task_init(&mortal->task, die);
		mortal->freed = freed;
		EXPECT_EQ(t, workpool_queue(pool, &mortal->task), 0);
	}
	ASSERT_SOON(t, atomic_read(freed) == 500);
}

static void body_requeue(struct st_job *job)
{
	struct st_task *task = job->data;

	if (atomic_read(&job->begun) < 500)
		job->ret |= st_queue(job->pool, task);
}

/* a task may queue itself: it never runs twice at once */
static void task_requeues_itself(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct st_task *task = st_task_body(t, pool, body_requeue);

	st_park(t, pool, NULL, 3);
	EXPECT_EQ(t, st_queue(pool, task), 0);
	ASSERT_SOON(t, atomic_read(&task->job->ended) == 500);
	st_settle(t, pool);
	EXPECT_EQ(t, task->job->ret, 0);
	EXPECT(t, !task->overlapped);
}

/* queued elsewhere it stays where it runs, until it has ended */
static void task_follows_itself(struct st_test *t)
{
	struct workpool *first = st_pool(t, 1, 0), *second = st_pool(t, 1, 0);
	struct st_task *task = st_task(t);

	EXPECT_EQ(t, st_queue(first, task), 0);
	ASSERT_SOON(t, st_begun(task->job));
	EXPECT_EQ(t, st_queue(second, task), 0);
	EXPECT_EQ(t, st_stats(first).queued, 1);
	st_open(task->job);
	ASSERT_SOON(t, atomic_read(&task->job->ended) == 2);
	EXPECT_EQ(t, st_stats(second).submitted, 0);
	st_settle(t, first);
	EXPECT_EQ(t, st_stats(first).completed, 2);
	EXPECT(t, !task->overlapped);
	EXPECT_EQ(t, st_queue(second, task), 0);
	st_settle(t, second);
	EXPECT_EQ(t, st_stats(second).completed, 1);
}

/* the pool it runs in is closed: it goes to the open one when it has ended */
static void task_in_a_closed_pool(struct st_test *t)
{
	struct workpool *first = st_pool(t, 1, 0), *second = st_pool(t, 1, 0);
	struct st_task *task = st_task(t);

	EXPECT_EQ(t, st_queue(first, task), 0);
	ASSERT_SOON(t, st_begun(task->job));
	workpool_release(first);
	EXPECT_EQ(t, st_queue(second, task), 0);
	EXPECT_EQ(t, st_queue(second, task), -EALREADY);
	st_open(task->job);
	EXPECT_EQ(t, workpool_wait_released(first, ST_DEADLINE), 0);
	ASSERT_SOON(t, atomic_read(&task->job->ended) == 2);
	EXPECT(t, !task->overlapped);
	st_settle(t, second);
	EXPECT_EQ(t, st_stats(second).completed, 1);
}

/* the last one in front comes first, then the rest as they came */
static void task_front_order(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_block(t, pool);
	struct st_task *tasks[6];
	int i;

	st_tasks_quick(t, tasks, 6);
	for (i = 3; i < 6; i++)
		EXPECT_EQ(t, st_queue(pool, tasks[i]), 0);
	for (i = 2; i >= 0; i--)
		EXPECT_EQ(t, workpool_queue_front(pool, &tasks[i]->d.task), 0);
	st_open(job);
	st_settle(t, pool);
	for (i = 0; i < 6; i++)
		EXPECT_EQ(t, tasks[i]->job->turn, i + 2);
}

/* three workers, mixed lengths: each that ends lets the next in the queue begin */
static void task_order_with_three_workers(struct st_test *t)
{
	static const int ends[] = { 1, 3, 0, 4, 2 };
	struct workpool *pool = st_pool(t, 3, 0);
	struct st_task *tasks[8];
	int i;

	for (i = 0; i < 8; i++) {
		tasks[i] = st_task(t);
		EXPECT_EQ(t, st_queue(pool, tasks[i]), 0);
	}
	for (i = 0; i < 3; i++)
		ASSERT_SOON(t, st_begun(tasks[i]->job));
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(t, workpool_busy(pool), 3);
		st_open(tasks[ends[i]]->job);
		ASSERT_SOON(t, st_begun(tasks[3 + i]->job));
		EXPECT_EQ(t, tasks[3 + i]->job->turn, 4 + i);
	}
}

static void body_descend(struct st_job *job)
{
	if (job->data)
		job->ret = st_queue(job->pool, job->data);
}

/* each of 16 tasks queues the next, to the one worker */
static void task_recursion(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_task *tasks[16];
	int i;

	for (i = 15; i >= 0; i--) {
		tasks[i] = st_task_body(t, pool, body_descend);
		tasks[i]->job->data = i < 15 ? tasks[i + 1] : NULL;
	}
	EXPECT_EQ(t, st_queue(pool, tasks[0]), 0);
	ASSERT_SOON(t, st_ended(tasks[15]->job));
	for (i = 0; i < 16; i++)
		EXPECT_EQ(t, tasks[i]->job->turn, i + 1);
	EXPECT_EQ(t, st_stats(pool).peak_running, 1);
}

/* a burst of tasks gets as many workers as there may be, and no more */
static void task_burst(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 5, 0);
	struct st_task *tasks[7];
	int i;

	for (i = 0; i < 7; i++) {
		tasks[i] = st_task(t);
		EXPECT_EQ(t, st_queue(pool, tasks[i]), 0);
	}
	for (i = 0; i < 5; i++)
		ASSERT_SOON(t, st_begun(tasks[i]->job));
	EXPECT_EQ(t, workpool_running(pool), 5);
	EXPECT_EQ(t, st_stats(pool).queued, 2);
	for (i = 0; i < 7; i++)
		st_open(tasks[i]->job);
	st_settle(t, pool);
	EXPECT_EQ(t, st_stats(pool).completed, 7);
}

/* workers that are awake drain short tasks without waking all the others */
static void task_short_burst(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 8, 0);
	struct workpool_task **batch = st_alloc(t, 500 * sizeof(*batch));
	struct st_task *task;
	int i;

	st_park(t, pool, NULL, 8);
	for (i = 0; i < 500; i++) {
		task = st_task_quick(t);
		batch[i] = &task->d.task;
	}
	EXPECT_EQ(t, workpool_queue_batch(pool, batch, 500), 500);
	st_settle(t, pool);
	EXPECT_EQ(t, st_stats(pool).completed, 508);
	EXPECT(t, st_stats(pool).spurious_wakeups < 125);
}

/* cancel has three answers */
static void task_cancel(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_task *runs = st_task(t), *queued = st_task_quick(t);

	EXPECT_EQ(t, workpool_cancel(&runs->d.task), -ENOENT);
	EXPECT_EQ(t, st_queue(pool, runs), 0);
	ASSERT_SOON(t, st_begun(runs->job));
	EXPECT_EQ(t, workpool_cancel(&runs->d.task), -EBUSY);
	EXPECT_EQ(t, st_queue(pool, queued), 0);
	EXPECT_EQ(t, workpool_cancel(&queued->d.task), 0);
	EXPECT_EQ(t, workpool_cancel(&queued->d.task), -ENOENT);
	EXPECT_EQ(t, st_queue(pool, queued), 0);
	EXPECT_EQ(t, workpool_cancel_sync(&queued->d.task), 0);
	EXPECT_EQ(t, workpool_cancel_sync(&queued->d.task), -ENOENT);
	EXPECT_EQ(t, st_stats(pool).queued, 0);
	EXPECT_EQ(t, st_queue(pool, runs), 0);
	EXPECT_EQ(t, workpool_cancel(&runs->d.task), 0);
	EXPECT_EQ(t, workpool_cancel(&runs->d.task), -EBUSY);
	st_open(runs->job);
	EXPECT(t, workpool_cancel_sync(&runs->d.task) != 0);
	EXPECT(t, st_ended(runs->job));
	st_settle(t, pool);
	EXPECT_EQ(t, workpool_cancel_sync(&runs->d.task), -ENOENT);
	EXPECT_EQ(t, st_stats(pool).cancelled, 3);
	EXPECT(t, !st_begun(queued->job));
}

static void body_for_ever(struct st_job *job)
{
	if (!completion_done(&job->gate))
		st_queue(job->pool, job->data);
}

/* cancel_sync beats a task that queues itself all the time */
static void task_cancel_sync(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct st_task *task = st_task_body(t, pool, body_for_ever);
	int i, done;

	for (i = 0; i < 200; i++) {
		done = atomic_read(&task->job->ended);
		EXPECT_EQ(t, st_queue(pool, task), 0);
		ASSERT_SOON(t, atomic_read(&task->job->ended) > done);
		workpool_cancel_sync(&task->d.task);
		done = atomic_read(&task->job->ended);
		ASSERT_EQ(t, atomic_read(&task->job->begun), done);
		ASSERT_EQ(t, workpool_cancel(&task->d.task), -ENOENT);
	}
	EXPECT(t, !task->overlapped);
}

/* a disabled task is cancelled, and queued by nobody until it is enabled */
static void task_disable(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *busy = st_block(t, pool);
	struct st_task *task = st_task_quick(t);

	EXPECT_EQ(t, st_queue(pool, task), 0);
	EXPECT_EQ(t, workpool_disable(&task->d.task), 0);
	EXPECT_EQ(t, workpool_disable(&task->d.task), -ENOENT);
	EXPECT_EQ(t, st_queue(pool, task), -EALREADY);
	EXPECT_EQ(t, workpool_queue_delayed(pool, &task->d, 1), -EALREADY);
	EXPECT_EQ(t, workpool_mod_delayed(pool, &task->d, 1), -EALREADY);
	EXPECT(t, !workpool_enable(&task->d.task));
	EXPECT_EQ(t, st_queue(pool, task), -EALREADY);
	EXPECT(t, workpool_enable(&task->d.task));
	st_open(busy);
	st_settle(t, pool);
	EXPECT(t, !st_begun(task->job));
	EXPECT_EQ(t, st_queue(pool, task), 0);
	ASSERT_SOON(t, st_ended(task->job));
	st_settle(t, pool);
	EXPECT_EQ(t, st_stats(pool).cancelled, 1);
}

static int call_disable_sync(struct st_thread *thread)
{
	return workpool_disable_sync(thread->data);
}

/* disable_sync waits for a task that runs, and which cannot queue itself either */
static void task_disable_sync(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_thread *thread = st_thread(t, pool, call_disable_sync);
	struct st_task *task = st_task(t);

	thread->data = &task->d.task;
	EXPECT_EQ(t, st_queue(pool, task), 0);
	ASSERT_SOON(t, st_begun(task->job));
	st_thread_start(thread);
	ASSERT_SOON(t, st_asleep(thread->task));
	EXPECT_EQ(t, st_queue(pool, task), -EALREADY);
	EXPECT(t, !st_returned(thread));
	st_open(task->job);
	EXPECT_EQ(t, st_join(thread), -EBUSY);
	EXPECT(t, st_ended(task->job));
	EXPECT_EQ(t, st_queue(pool, task), -EALREADY);
	EXPECT(t, workpool_enable(&task->d.task));
	EXPECT_EQ(t, atomic_read(&task->job->begun), 1);
}

static void body_look(struct st_job *job)
{
	struct st_task *task = job->data;

	job->ret = workpool_current_task() == (task ? &task->d.task : NULL) &&
		   workpool_current_fn();
}

/* a function can find out which task and which function it is */
static void task_knows_itself(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_task *task = st_task_body(t, pool, body_look);
	struct st_job *call = st_job_body(t, pool, body_look);

	task->job->data = task;
	EXPECT(t, !workpool_current_task() && !workpool_current_fn());
	EXPECT_EQ(t, st_queue(pool, task), 0);
	ASSERT_SOON(t, st_ended(task->job));
	EXPECT_EQ(t, task->job->ret, 1);
	ASSERT_SOON(t, st_try(pool, call) == 0);
	ASSERT_SOON(t, st_ended(call));
	EXPECT_EQ(t, call->ret, 1);
}

static int call_flush(struct st_thread *thread)
{
	return workpool_flush(thread->data);
}

/* flush waits for what runs and what is queued */
static void task_flush_waits_for_running_and_queued(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_thread *thread = st_thread(t, pool, call_flush);
	struct st_task *task = st_task(t);

	EXPECT(t, !workpool_flush(&task->d.task));
	EXPECT_EQ(t, st_queue(pool, task), 0);
	ASSERT_SOON(t, st_begun(task->job));
	EXPECT_EQ(t, st_queue(pool, task), 0);
	thread->data = &task->d.task;
	st_thread_start(thread);
	ASSERT_SOON(t, st_asleep(thread->task));
	EXPECT(t, !st_returned(thread));
	st_open(task->job);
	EXPECT_EQ(t, st_join(thread), 1);
	EXPECT_EQ(t, atomic_read(&task->job->ended), 2);
}

/* 100 tasks, some cancelled while others run: each ran or was cancelled */
static void task_random_cancels(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 3, 0);
	struct st_job *jobs[3];
	struct st_task **tasks = st_alloc(t, 100 * sizeof(*tasks));
	struct workpool_task *task;
	int i, cancelled = 0, ran = 0;

	st_block_n(t, pool, jobs, 3);
	st_tasks_quick(t, tasks, 100);
	for (i = 0; i < 100; i++)
		EXPECT_EQ(t, st_queue(pool, tasks[i]), 0);
	for (i = 0; i < 200; i++) {
		if (i == 50)
			st_open_all(jobs, 3);
		task = &tasks[i * 37 % 100]->d.task;
		cancelled += !(i / 100 ? workpool_cancel_sync(task) :
					 workpool_cancel(task));
	}
	st_settle(t, pool);
	for (i = 0; i < 100; i++) {
		EXPECT(t, atomic_read(&tasks[i]->job->begun) <= 1);
		ran += st_ended(tasks[i]->job);
	}
	EXPECT(t, cancelled >= 50);
	EXPECT_EQ(t, ran + cancelled, 100);
	EXPECT_EQ(t, st_stats(pool).cancelled, cancelled);
	EXPECT_EQ(t, st_stats(pool).completed, ran + 3);
}

static const struct st_case task_cases[] = {
	ST_CASE(task_from_hardirq),
	ST_CASE(task_from_softirq),
	ST_CASE(task_is_pending_once),
	ST_CASE(task_frees_itself),
	ST_CASE(task_requeues_itself),
	ST_CASE(task_follows_itself),
	ST_CASE(task_in_a_closed_pool),
	ST_CASE(task_front_order),
	ST_CASE(task_order_with_three_workers),
	ST_CASE(task_recursion),
	ST_CASE(task_burst),
	ST_CASE(task_short_burst),
	ST_CASE(task_cancel),
	ST_CASE(task_cancel_sync),
	ST_CASE(task_disable),
	ST_CASE(task_disable_sync),
	ST_CASE(task_knows_itself),
	ST_CASE(task_flush_waits_for_running_and_queued),
	ST_CASE(task_random_cancels),
};

ST_GROUP(task, false);
