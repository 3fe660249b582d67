// SPDX-License-Identifier: GPL-2.0
/*
 * Scenario: the locks that could guard the stack of idle workers, around a push
 * and a pop.
 */

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#include "bench.h"

/* Pairs of a push and a pop in one measurement. */
#define PAIRS	100

/* Nodes on it in the beginning, so that no thread finds it empty. */
#define NODES	64

static LIST_HEAD(stack);
static struct list_head nodes[NODES];

static int stack_open(struct bench_contender *contender,
		      const struct bench_scenario *scenario)
{
	int i;

	INIT_LIST_HEAD(&stack);
	for (i = 0; i < NODES; i++)
		list_add(&nodes[i], &stack);
	return 0;
}

static struct list_head *pop(void)
{
	struct list_head *node = stack.next;

	list_del(node);
	return node;
}

static DEFINE_RAW_SPINLOCK(raw);

static int raw_call(struct bench_contender *contender,
		    struct bench_submitter *submitter)
{
	struct list_head *node;
	unsigned long flags;
	int i;

	for (i = 0; i < PAIRS; i++) {
		raw_spin_lock_irqsave(&raw, flags);
		node = pop();
		raw_spin_unlock_irqrestore(&raw, flags);
		raw_spin_lock_irqsave(&raw, flags);
		list_add(node, &stack);
		raw_spin_unlock_irqrestore(&raw, flags);
	}
	return 0;
}

static DEFINE_SPINLOCK(spin);

static int spin_call(struct bench_contender *contender,
		     struct bench_submitter *submitter)
{
	struct list_head *node;
	int i;

	for (i = 0; i < PAIRS; i++) {
		spin_lock(&spin);
		node = pop();
		spin_unlock(&spin);
		spin_lock(&spin);
		list_add(node, &stack);
		spin_unlock(&spin);
	}
	return 0;
}

static DEFINE_MUTEX(mutex);

static int mutex_call(struct bench_contender *contender,
		      struct bench_submitter *submitter)
{
	struct list_head *node;
	int i;

	for (i = 0; i < PAIRS; i++) {
		mutex_lock(&mutex);
		node = pop();
		mutex_unlock(&mutex);
		mutex_lock(&mutex);
		list_add(node, &stack);
		mutex_unlock(&mutex);
	}
	return 0;
}

static struct bench_contender raw_contender = {
	.name = "raw spinlock irqsave",
	.batch = 2 * PAIRS,
	.open = stack_open,
	.call = raw_call,
};

static struct bench_contender spin_contender = {
	.name = "spinlock",
	.batch = 2 * PAIRS,
	.open = stack_open,
	.call = spin_call,
};

static struct bench_contender mutex_contender = {
	.name = "mutex",
	.batch = 2 * PAIRS,
	.open = stack_open,
	.call = mutex_call,
};

static struct bench_contender *const contenders[] = {
	&raw_contender,
	&spin_contender,
	&mutex_contender,
	NULL
};

#define LOCKS(nr)						\
	const struct bench_scenario bench_locks_##nr = {	\
		.name = "locks/" #nr,				\
		.submitters = nr,				\
		.metrics = { "per operation" },			\
		.contenders = contenders,			\
		.round = bench_roundtrip,			\
	}

LOCKS(1);
LOCKS(2);
LOCKS(4);
