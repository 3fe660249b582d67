// SPDX-License-Identifier: GPL-2.0
/*
 * Embedded tasks: queued, delayed, cancelled and waited for by many at once, in two pools
 * that close and open, between which the tasks wander.
 */

#include <linux/slab.h>
#include <linux/timer.h>

#include "torture.h"

#define NR_POOLS	2
#define NR_TASKS	8
#define NR_THREADS	4

/* How a task may be used, which decides what can be said of it in the end. */
enum use {
	PLAIN,		/* never delayed: is never dropped */
	DELAYED,	/* may be dropped when its timer fires */
	MODIFIED,	/* in ways that do not tell whether it was queued */
};

struct embedded {
	struct workpool_delayed_task delayed;
	enum use use;
	atomic_t running;
	atomic_t seed;
	atomic_long_t accepted;
	atomic_long_t ran;
	atomic_long_t crashed;
	atomic_long_t cancelled;
};

static struct workpool *pools[NR_POOLS];
static struct embedded tasks[NR_TASKS];
static struct timer_list ticker;
static struct rnd ticker_rnd;

static struct workpool *any_pool(struct rnd *rnd)
{
	return pools[rnd_below(rnd, NR_POOLS)];
}

static struct embedded *any_task(struct rnd *rnd)
{
	return &tasks[rnd_below(rnd, NR_TASKS)];
}

static void check_queued(struct embedded *task, int err)
{
	if (!err) {
		count(C_QUEUED);
		atomic_long_inc(&task->accepted);
	} else if (err != -EALREADY && err != -ESHUTDOWN) {
		fail(ERRNO, "queueing a task: %d", err);
	}
}

/* Any context. */
static void queue(struct embedded *task, struct rnd *rnd)
{
	struct workpool *pool = any_pool(rnd);
	struct workpool_delayed_task *delayed = &task->delayed;

	switch (task->use == PLAIN ? rnd_below(rnd, 2) : rnd_below(rnd, 4)) {
	case 0:
		return check_queued(task, workpool_queue(pool, &delayed->task));
	case 1:
		return check_queued(task, workpool_queue_front(pool, &delayed->task));
	}
	if (task->use == MODIFIED)
		check_queued(task, workpool_mod_delayed(pool, delayed,
							rnd_below(rnd, 5)));
	else
		check_queued(task, workpool_queue_delayed(pool, delayed,
							  rnd_below(rnd, 5)));
}

static void embedded_run(struct workpool_task *embedded)
{
	struct embedded *task = container_of(embedded, struct embedded,
					     delayed.task);
	struct rnd rnd;

	rnd_seed(&rnd, atomic_inc_return(&task->seed));
	if (atomic_xchg(&task->running, 1))
		fail(ONCE, "embedded task %td runs twice at once", task - tasks);
	atomic_long_inc(&task->ran);
	if (rnd_one_in(&rnd, 3))
		udelay(rnd_below(&rnd, 100));
	else if (rnd_one_in(&rnd, 8))
		usleep_range(10, 10 + rnd_below(&rnd, 2000));
	if (rnd_one_in(&rnd, 3))
		queue(task, &rnd);
	atomic_set(&task->running, 0);
	if (torture_crash && rnd_one_in(&rnd, 512)) {
		atomic_long_inc(&task->crashed);
		crash_somehow(rnd_below(&rnd, NR_CRASH_WAYS));
	}
}

/* It does not tell which ones it queued. */
static void queue_some(struct rnd *rnd)
{
	struct workpool_task *batch[] = {
		&tasks[0].delayed.task, &tasks[NR_TASKS - 1].delayed.task,
	};
	int nr = ARRAY_SIZE(batch);
	int ret = workpool_queue_batch(any_pool(rnd), batch, nr);

	if (ret != -ESHUTDOWN && (ret < 0 || ret > nr))
		fail(ERRNO, "queueing %d tasks: %d", nr, ret);
}

static void check_cancelled(struct embedded *task, int err)
{
	if (!err) {
		count(C_CANCELLED);
		atomic_long_inc(&task->cancelled);
	} else if (err != -EBUSY && err != -ENOENT) {
		fail(ERRNO, "cancelling a task: %d", err);
	}
}

static atomic_long_t flushed_ran;

static void flushed_run(struct workpool_task *task)
{
	atomic_long_inc(&flushed_ran);
}

/* What was accepted before a flush of the pool is nowhere any more. */
static void flush_pool(struct rnd *rnd)
{
	struct workpool *pool = any_pool(rnd);
	struct workpool_task *task = kmalloc(sizeof(*task), GFP_KERNEL);
	int err;

	if (!task)
		return;
	workpool_task_init(task, flushed_run);
	if (!workpool_queue(pool, task)) {
		workpool_flush_pool(pool);
		count(C_POOL_FLUSHED);
		err = workpool_cancel(task);
		if (err != -ENOENT)
			fail(FLUSH, "task of %s: %d", workpool_name(pool), err);
	}
	workpool_cancel_sync(task);
	kfree(task);
}

static void embed_round(struct thread *thread)
{
	struct embedded *task = any_task(&thread->rnd);

	switch (rnd_below(&thread->rnd, 12)) {
	case 0:
		thread_does(thread, "cancel_sync", NULL);
		check_cancelled(task, workpool_cancel_sync(&task->delayed.task));
		break;
	case 1:
		thread_does(thread, "flush", NULL);
		workpool_flush(&task->delayed.task);
		count(C_FLUSHED);
		break;
	case 2:
	case 3:
		thread_does(thread, "cancel", NULL);
		check_cancelled(task, workpool_cancel_delayed(&task->delayed));
		break;
	case 4:
		thread_does(thread, "batch", NULL);
		queue_some(&thread->rnd);
		break;
	case 5:
		thread_does(thread, "flush_pool", NULL);
		flush_pool(&thread->rnd);
		break;
	default:
		thread_does(thread, "queue", NULL);
		queue(task, &thread->rnd);
	}
	thread_pauses(thread, 500);
}

static void tick(struct timer_list *timer)
{
	queue(any_task(&ticker_rnd), &ticker_rnd);
	check_cancelled(&tasks[1], workpool_cancel(&tasks[1].delayed.task));
	if (!READ_ONCE(torture_stop))
		mod_timer(timer, jiffies + 1);
}

/* Only this one opens and closes the pools. */
static void embed_life_round(struct thread *thread)
{
	struct workpool *pool = any_pool(&thread->rnd);
	int err;

	thread_does(thread, "close", NULL);
	err = workpool_release_timeout(pool, DEADLINE * HZ);
	if (err)
		fail(PROGRESS, "release of %s: %d", workpool_name(pool), err);
	usleep_range(10, 10 + rnd_below(&thread->rnd, 3000));
	thread_does(thread, "open", NULL);
	err = workpool_reboot(pool);
	if (err)
		fail(ERRNO, "reboot of %s: %d", workpool_name(pool), err);
	thread_does(thread, "pause", NULL);
	usleep_range(1000, 1000 + rnd_below(&thread->rnd, 50000));
}

static void set_up_task(struct embedded *task)
{
	static const enum use uses[] = {
		MODIFIED, PLAIN, PLAIN, PLAIN, PLAIN, DELAYED, DELAYED, MODIFIED,
	};

	task->use = uses[task - tasks];
	atomic_set(&task->seed, (task - tasks) * 1000000);
	workpool_delayed_task_init(&task->delayed, embedded_run);
}

void embed_start(void)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	int i;

	attrs.flags = WORKPOOL_F_NOADMIN;
	attrs.expiry_ms = 5;
	for (i = 0; i < NR_POOLS; i++, attrs.capacity++) {
		attrs.queue_depth = 3 * i;
		pools[i] = workpool_create(&attrs, "torture-embed-%d", i);
		if (IS_ERR(pools[i]))
			return fail(ERRNO, "create of an embedding pool: %ld",
				    PTR_ERR(pools[i]));
	}
	for (i = 0; i < NR_TASKS; i++)
		set_up_task(&tasks[i]);
	rnd_seed(&ticker_rnd, 400);
	timer_setup(&ticker, tick, 0);
	mod_timer(&ticker, jiffies + 1);
	for (i = 0; i < NR_THREADS; i++)
		thread_start("embed", embed_round, NULL, false);
	thread_start("embed_life", embed_life_round, NULL, false);
}

/* The task is nowhere any more. */
static void check_task(struct embedded *task, u64 dropped)
{
	long accepted = atomic_long_read(&task->accepted);
	long ended = atomic_long_read(&task->ran) +
		     atomic_long_read(&task->cancelled);

	if (atomic_read(&task->running))
		fail(ONCE, "embedded task %td still runs", task - tasks);
	if (task->use == MODIFIED)
		return;
	if (ended > accepted || accepted - ended > dropped ||
	    (task->use == PLAIN && ended != accepted))
		fail(ONCE, "embedded task %td: queued %ld, ended %ld, dropped %llu",
		     task - tasks, accepted, ended, dropped);
}

/* What two pools did in all. */
static void sum_up(struct workpool_stats *sum)
{
	struct workpool_stats s;
	int i;

	*sum = (struct workpool_stats){};
	for (i = 0; i < NR_POOLS; i++) {
		workpool_stats(pools[i], &s);
		sum->submitted += s.submitted;
		sum->completed += s.completed;
		sum->cancelled += s.cancelled;
		sum->dropped += s.dropped;
		sum->crashes += s.crashes;
		if (s.alive || s.queued || s.delayed)
			fail(LEDGER, "%s: alive %d queued %d delayed %d",
			     workpool_name(pools[i]), s.alive, s.queued,
			     s.delayed);
	}
	if (sum->submitted !=
	    sum->completed + sum->cancelled + sum->dropped + sum->crashes)
		fail(LEDGER, "embedded %llu, ran %llu, cancelled %llu, dropped %llu, crashed %llu",
		     sum->submitted, sum->completed, sum->cancelled,
		     sum->dropped, sum->crashes);
}

static void close_pools(void)
{
	int i, err;

	for (i = 0; i < NR_POOLS; i++) {
		err = workpool_release_timeout(pools[i], DEADLINE * HZ);
		if (err && err != -ESHUTDOWN)
			fail(PROGRESS, "last release of %s: %d",
			     workpool_name(pools[i]), err);
	}
}

/* After the threads ended. */
void embed_stop(void)
{
	struct workpool_stats sum;
	long ran, crashed = 0;
	int i;

	if (IS_ERR_OR_NULL(pools[NR_POOLS - 1]))
		return;
	timer_delete_sync(&ticker);
	for (i = 0; i < NR_TASKS; i++)
		check_cancelled(&tasks[i],
				workpool_cancel_delayed_sync(&tasks[i].delayed));
	close_pools();
	sum_up(&sum);
	ran = atomic_long_read(&flushed_ran);
	for (i = 0; i < NR_TASKS; i++) {
		check_task(&tasks[i], sum.dropped);
		ran += atomic_long_read(&tasks[i].ran);
		crashed += atomic_long_read(&tasks[i].crashed);
	}
	if (ran - crashed != sum.completed || crashed != sum.crashes)
		fail(LEDGER, "embedded tasks: %ld ran, %llu completed, %ld crashed, %llu crashes",
		     ran, sum.completed, crashed, sum.crashes);
	for (i = 0; i < NR_POOLS; i++)
		workpool_destroy(pools[i]);
}
