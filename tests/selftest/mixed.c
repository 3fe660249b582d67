// SPDX-License-Identifier: GPL-2.0
/*
 * Everything that can be done with embedded tasks, at once and at random: by
 * threads, by a timer, and by the tasks themselves. Each accepted queueing is a
 * ticket, for one run or one cancellation.
 */
#include <linux/random.h>
#include <linux/timer.h>

#include "test.h"

#define TASKS	6
#define POOLS	2
#define ACTORS	4
#define ROUNDS	1500

/**
 * struct lot - a task of the mix
 * @d: the task
 * @mix: the mix
 * @now: instances that run
 * @accepted: tickets given out
 * @cancelled: tickets taken back
 * @ran: tickets used
 */
struct lot {
	struct workpool_delayed_task d;
	struct mix *mix;
	atomic_t now;
	atomic_t accepted;
	atomic_t cancelled;
	atomic_t ran;
};

/**
 * struct mix - the test
 * @t: the test
 * @pools: where the tasks run
 * @lots: the tasks
 * @timer: a caller in interrupt context
 * @stopped: completed when it fired for the last time
 * @ticks: how often it fires
 * @modify: with workpool_mod_delayed(), after which nobody can tell whether a
 *	ticket was given out
 * @over: the tasks do not queue each other any more
 */
struct mix {
	struct st_test *t;
	struct workpool *pools[POOLS];
	struct lot lots[TASKS];
	struct timer_list timer;
	struct completion stopped;
	atomic_t ticks;
	bool modify;
	bool over;
};

static struct lot *any_lot(struct mix *mix)
{
	return &mix->lots[get_random_u32() % TASKS];
}

static struct workpool *any_pool(struct mix *mix)
{
	return mix->pools[get_random_u32() % POOLS];
}

static void queue_any(struct mix *mix)
{
	struct workpool *pool = any_pool(mix);
	struct lot *lot = any_lot(mix);
	struct workpool_task *task = &lot->d.task;
	int err;

	switch (get_random_u32() % 4) {
	case 0:
		err = workpool_queue(pool, task);
		break;
	case 1:
		err = workpool_queue_front(pool, task);
		break;
	case 2:
		err = workpool_queue_batch(pool, &task, 1) ? 0 : -EALREADY;
		break;
	default:
		err = workpool_queue_delayed(pool, &lot->d,
					     get_random_u32() % 3);
		break;
	}
	if (!err)
		atomic_inc(&lot->accepted);
	else if (err != -EALREADY)
		FAIL(mix->t, "a task cannot be queued: %d", err);
}

static void modify_any(struct mix *mix)
{
	struct lot *lot = any_lot(mix);
	int err;

	if (!mix->modify)
		return;
	err = workpool_mod_delayed(any_pool(mix), &lot->d, get_random_u32() % 3);
	if (err && err != -EALREADY)
		FAIL(mix->t, "a task cannot be modified: %d", err);
}

static void cancel_any(struct mix *mix)
{
	struct lot *lot = any_lot(mix);

	if (!workpool_cancel(&lot->d.task))
		atomic_inc(&lot->cancelled);
}

/* where nothing may sleep */
static void act(struct mix *mix)
{
	switch (get_random_u32() % 8) {
	case 0:
		cancel_any(mix);
		break;
	case 1:
		modify_any(mix);
		break;
	default:
		queue_any(mix);
		break;
	}
}

static void act_and_wait(struct mix *mix)
{
	struct lot *lot = any_lot(mix);

	switch (get_random_u32() % 10) {
	case 0:
		if (!workpool_cancel_sync(&lot->d.task))
			atomic_inc(&lot->cancelled);
		break;
	case 1:
		workpool_flush(&lot->d.task);
		break;
	default:
		act(mix);
		break;
	}
}

static void run_lot(struct workpool_task *task)
{
	struct lot *lot = container_of(task, struct lot, d.task);
	struct mix *mix = lot->mix;

	if (atomic_inc_return(&lot->now) != 1)
		FAIL(mix->t, "a task runs twice at once");
	atomic_inc(&lot->ran);
	if (!READ_ONCE(mix->over) && get_random_u32() % 4 == 0)
		act(mix);
	if (get_random_u32() % 8 == 0)
		usleep_range(20, 100);
	atomic_dec(&lot->now);
}

static void tick(struct timer_list *timer)
{
	struct mix *mix = container_of(timer, struct mix, timer);

	if (READ_ONCE(mix->over)) {
		complete(&mix->stopped);
		return;
	}
	act(mix);
	atomic_inc(&mix->ticks);
	mod_timer(timer, jiffies + 1);
}

static int call_mix(struct st_thread *thread)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		act_and_wait(thread->data);
		cond_resched();
	}
	return 0;
}

static struct mix *mix_of(struct st_test *t, bool modify)
{
	struct mix *mix = st_alloc(t, sizeof(*mix));
	int i;

	mix->t = t;
	mix->modify = modify;
	mix->pools[0] = st_pool(t, 3, 0);
	mix->pools[1] = st_pool(t, 1, 0);
	for (i = 0; i < TASKS; i++) {
		mix->lots[i].mix = mix;
		workpool_delayed_task_init(&mix->lots[i].d, run_lot);
	}
	init_completion(&mix->stopped);
	timer_setup(&mix->timer, tick, 0);
	return mix;
}

/* the timer stops by itself, and then nothing is queued any more */
static void stop(struct mix *mix)
{
	int i;

	WRITE_ONCE(mix->over, true);
	ASSERT_SOON(mix->t, completion_done(&mix->stopped));
	for (i = 0; i < TASKS; i++)
		workpool_flush(&mix->lots[i].d.task);
	for (i = 0; i < POOLS; i++)
		st_settle(mix->t, mix->pools[i]);
}

static void run_mix(struct mix *mix)
{
	struct st_thread *threads[ACTORS];
	struct st_test *t = mix->t;
	int i;

	mod_timer(&mix->timer, jiffies + 1);
	for (i = 0; i < ACTORS; i++) {
		threads[i] = st_thread(t, NULL, call_mix);
		threads[i]->data = mix;
		st_thread_start(threads[i]);
	}
	for (i = 0; i < ACTORS; i++)
		EXPECT_EQ(t, st_join(threads[i]), 0);
	ASSERT_SOON(t, atomic_read(&mix->ticks) > 10);
	stop(mix);
}

static void expect_balance(struct mix *mix, struct workpool *pool)
{
	struct workpool_stats s = st_stats(pool);

	EXPECT_EQ(mix->t, st_unaccounted(&s), 0);
	EXPECT_EQ(mix->t, s.delayed, 0);
	EXPECT_EQ(mix->t, s.dropped, 0);
	EXPECT_EQ(mix->t, s.deadlocks, 0);
}

/* each ticket is used once or taken back */
static void mixed_tickets(struct st_test *t)
{
	struct mix *mix = mix_of(t, false);
	int i;

	run_mix(mix);
	for (i = 0; i < TASKS; i++) {
		struct lot *lot = &mix->lots[i];

		EXPECT(t, atomic_read(&lot->ran) > 0);
		EXPECT_EQ(t, atomic_read(&lot->ran) +
			     atomic_read(&lot->cancelled),
			  atomic_read(&lot->accepted));
	}
	for (i = 0; i < POOLS; i++)
		expect_balance(mix, mix->pools[i]);
}

/* with tasks that move between the pools: what they count is what happened */
static void mixed_moves(struct st_test *t)
{
	struct mix *mix = mix_of(t, true);
	u64 completed = 0, cancelled = 0;
	int i, ran = 0, taken_back = 0;

	run_mix(mix);
	for (i = 0; i < TASKS; i++) {
		ran += atomic_read(&mix->lots[i].ran);
		taken_back += atomic_read(&mix->lots[i].cancelled);
	}
	for (i = 0; i < POOLS; i++) {
		expect_balance(mix, mix->pools[i]);
		completed += st_stats(mix->pools[i]).completed;
		cancelled += st_stats(mix->pools[i]).cancelled;
	}
	EXPECT_EQ(t, completed, ran);
	EXPECT_EQ(t, cancelled, taken_back);
}

static const struct st_case mixed_cases[] = {
	ST_CASE(mixed_tickets),
	ST_CASE(mixed_moves),
};

ST_GROUP(mixed, false);
