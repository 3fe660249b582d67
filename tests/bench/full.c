// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios: a pool that is full.
 */

#include <linux/delay.h>
#include <linux/slab.h>

#include "bench.h"

/* Submits that are refused in one measurement. */
#define REFUSALS	100

/* The only worker of @refuse is busy. */
static struct bench_hold *held;

static void nothing(void *arg)
{
}

static int refuse_open(struct bench_contender *contender,
		       const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	int err = bench_pool_open(contender, &attrs);

	if (err)
		return err;
	held = bench_hold_start(contender->data, 1);
	if (!IS_ERR(held))
		return 0;
	bench_pool_close(contender);
	return PTR_ERR(held);
}

static void refuse_close(struct bench_contender *contender)
{
	bench_hold_end(held);
	bench_pool_close(contender);
}

static int refuse_call(struct bench_contender *contender,
		       struct bench_submitter *submitter)
{
	int i;

	for (i = 0; i < REFUSALS; i++)
		if (workpool_try_submit(contender->data, nothing, NULL) !=
		    -EAGAIN)
			return -EIO;
	return 0;
}

static struct bench_contender refuse = {
	.name = "workpool try_submit refused",
	.batch = REFUSALS,
	.open = refuse_open,
	.close = refuse_close,
	.call = refuse_call,
};

static int accept_open(struct bench_contender *contender,
		       const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs = bench_pool_attrs(scenario);

	return bench_pool_open(contender, &attrs);
}

static void run_item(void *arg)
{
	struct bench_item *item = arg;

	item->fn(item);
}

static int accept_submit(struct bench_contender *contender,
			 struct bench_item *item)
{
	return workpool_try_submit(contender->data, run_item, item);
}

static struct bench_contender accept = {
	.name = "workpool try_submit accepted",
	.open = accept_open,
	.close = bench_pool_close,
	.submit = accept_submit,
};

static struct bench_contender *const callers[] = {
	&bench_wq_unbound,
	&accept,
	&refuse,
	NULL
};

/* A refused submit is all there is of it. */
const struct bench_scenario bench_full = {
	.name = "full/refuse",
	.submitters = 1,
	.metrics = { "all of it", "submit call" },
	.contenders = callers,
	.round = bench_roundtrip,
};

/* Submitters that wait. */
#define QUEUE		BENCH_SUBMITTERS

/**
 * struct queue - submitters that wait for the one worker
 * @contender: the owner of that worker
 * @first: what keeps it busy until they have all arrived
 * @items: theirs
 * @order: whose task was done when
 * @arrived: how many have come, the last of them maybe not asleep yet
 * @last: the thread of the last of them
 * @served: how many of their tasks were done
 * @start: when the worker became free
 * @end: when it had done the last task
 * @done: it has
 * @sleeps: most times that a submit slept
 */
struct queue {
	struct bench_contender	*contender;
	struct bench_item	first;
	struct bench_item	items[QUEUE];
	unsigned int		order[QUEUE];
	atomic_t		arrived;
	struct task_struct	*last;
	unsigned int		served;
	u64			start;
	u64			end;
	struct completion	done;
	unsigned long		sleeps;
};

/* Until @nr of them wait: one arrives when the one before sleeps in its submit. */
static void wait_arrived(struct queue *queue, int nr)
{
	/* Pairs with the release in arrive(). */
	while (atomic_read_acquire(&queue->arrived) < nr ||
	       (nr && task_is_running(queue->last)))
		usleep_range(500, 1000);
}

static void first_item(struct bench_item *item)
{
	struct queue *queue = item->data;

	wait_arrived(queue, QUEUE);
	queue->start = bench_clock();
}

static void queued_item(struct bench_item *item)
{
	struct queue *queue = item->data;

	queue->order[queue->served++] = item - queue->items;
	if (queue->served < QUEUE)
		return;
	queue->end = bench_clock();
	complete_all(&queue->done);
}

static void arrive(struct bench_submitter *submitter)
{
	struct queue *queue = submitter->arg;
	struct bench_contender *contender = queue->contender;
	unsigned long sleeps;

	wait_arrived(queue, submitter->index);
	queue->last = current;
	/* Pairs with the acquire in wait_arrived(). */
	atomic_set_release(&queue->arrived, submitter->index + 1);
	sleeps = current->nvcsw;
	submitter->err = contender->submit(contender,
					   &queue->items[submitter->index]);
	sleeps = current->nvcsw - sleeps;
	bench_wait(&queue->done);
	/* No two of them matter: all are woken one after the other. */
	queue->sleeps = max(queue->sleeps, sleeps);
}

static void init_item(struct queue *queue, struct bench_item *item,
		      void (*fn)(struct bench_item *item))
{
	item->fn = fn;
	item->data = queue;
	if (queue->contender->init)
		queue->contender->init(item);
}

static void add_results(struct bench_round *round, struct queue *queue)
{
	u64 elapsed = queue->end - queue->start;
	unsigned int i, strays = 0;

	for (i = 0; i < QUEUE; i++)
		strays += queue->order[i] != i;
	do_div(elapsed, QUEUE);
	bench_series_add(&round->series[0], elapsed);
	bench_series_add(&round->series[1], strays);
	bench_series_add(&round->series[2], queue->sleeps);
}

static int order_round(struct bench_round *round)
{
	struct queue *queue = kzalloc(sizeof(*queue), GFP_KERNEL);
	int i, err;

	if (!queue)
		return -ENOMEM;
	queue->contender = round->contender;
	init_completion(&queue->done);
	init_item(queue, &queue->first, first_item);
	for (i = 0; i < QUEUE; i++)
		init_item(queue, &queue->items[i], queued_item);
	err = round->contender->submit(round->contender, &queue->first);
	if (!err)
		err = bench_submitters_run(QUEUE, arrive, queue, NULL);
	if (!err)
		add_results(round, queue);
	kfree(queue);
	return err;
}

static struct bench_contender *const limited[] = {
	&bench_semaphore,
	&bench_pool,
	NULL
};

const struct bench_scenario bench_full_order = {
	.name = "full/order",
	.submitters = QUEUE,
	.capacity = 1,
	.metrics = { "per hand-over", "count out of order",
		     "count of sleeps in a submit" },
	.contenders = limited,
	.round = order_round,
};

/*
 * Fewer tasks would take less than a tick under bench-check, and be 2 % dearer
 * where the tick falls among them.
 */
#define RATE_TASKS_MIN	5000U

static int rate_round(struct bench_round *round)
{
	return bench_burst_round(round, bench_burst_done,
				 max(bench_burst / 10, RATE_TASKS_MIN));
}

const struct bench_scenario bench_full_rate = {
	.name = "full/rate",
	.submitters = 8,
	.capacity = 1,
	.metrics = { "per task" },
	.contenders = limited,
	.round = rate_round,
};
