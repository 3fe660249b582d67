// SPDX-License-Identifier: GPL-2.0
/*
 * parallel_for: a range, shared by the caller and what workers a pool has free.
 *
 * The caller works until nothing is left to hand out, cancels the helpers that
 * no worker began, and waits for those that work on a last chunk. It never
 * waits for a worker to get free. So neither a full or closed pool nor a nested
 * call keeps it from finishing.
 *
 * A chunk is a quarter of the fair share of what is left, as in the guided
 * schedule of OpenMP (Polychronopoulos and Kuck, 1987), and at least the grain.
 * So there are few large chunks at first, and small ones at the end, so that
 * all threads finish together.
 */

#include <linux/cpumask.h>
#include <linux/overflow.h>
#include <linux/refcount.h>
#include <linux/slab.h>

#include "compat.h"
#include "core/pool.h"
#include "task/cancel.h"

/**
 * struct helper - a task that takes part in a loop
 * @task: queued in the pool
 * @loop: the loop
 * @working: the task works on a chunk
 */
struct helper {
	struct workpool_task	task;
	struct loop		*loop;
	bool			working;
};

/**
 * struct loop - a range in progress
 * @ref: one for the caller and one for each helper that may still touch it
 * @next: start of what was not handed out
 * @end: of the range
 * @grain: chunk at least
 * @shares: chunks that all who work on it should get of what is left
 * @error: the first one, 0 before
 * @fn: does the work
 * @arg: for @fn
 * @nr: helpers
 * @helpers: these
 *
 * It is not on the caller's stack because the caller may crash in @fn.
 */
struct loop {
	refcount_t		ref;
	atomic_long_t		next;
	size_t			end;
	size_t			grain;
	size_t			shares;
	int			error;
	int			(*fn)(size_t lo, size_t hi, void *arg);
	void			*arg;
	unsigned int		nr;
	struct helper		helpers[];
};

static void put_loop(struct loop *loop)
{
	if (refcount_dec_and_test(&loop->ref))
		kfree(loop);
}

/* The next chunk. Returns false when there is none. */
static bool take_chunk(struct loop *loop, size_t *lo, size_t *hi)
{
	long next = atomic_long_read(&loop->next);
	size_t left;

	do {
		/* Pairs with the cmpxchg() in work_on(). */
		if ((size_t)next >= loop->end || READ_ONCE(loop->error))
			return false;
		*lo = next;
		left = loop->end - *lo;
		*hi = *lo + min(max(left / loop->shares, loop->grain), left);
	} while (!atomic_long_try_cmpxchg(&loop->next, &next, *hi));
	return true;
}

static void work_on(struct loop *loop)
{
	size_t lo, hi;
	int err;

	while (take_chunk(loop, &lo, &hi)) {
		err = loop->fn(lo, hi, loop->arg);
		if (err)
			cmpxchg(&loop->error, 0, err);
		cond_resched();
	}
}

static void helper_fn(struct workpool_task *task)
{
	struct helper *helper = container_of(task, struct helper, task);

	helper->working = true;
	work_on(helper->loop);
	helper->working = false;
	put_loop(helper->loop);
}

/* As many as there is work for, workers are allowed, and CPUs can run. */
static unsigned int count_helpers(struct workpool *pool, size_t chunks)
{
	/* Pairs with the writes under the lock. */
	unsigned int most = min_t(unsigned int, READ_ONCE(pool->limit),
				  num_online_cpus());

	return wp_pool_is_open(pool) ? min_t(size_t, chunks - 1, most) : 0;
}

static void queue_helpers(struct workpool *pool, struct loop *loop)
{
	struct helper *helper;

	for (helper = loop->helpers; helper < loop->helpers + loop->nr;
	     helper++) {
		workpool_task_init(&helper->task, helper_fn);
		helper->loop = loop;
		refcount_inc(&loop->ref);
		if (workpool_queue(pool, &helper->task)) {
			put_loop(loop);
			break;
		}
	}
	loop->nr = helper - loop->helpers;
}

/*
 * Nothing is left to hand out: wait for the last chunks. The loop itself makes
 * a helper wait for nothing but the helpers of a nested loop, which were queued
 * later. So the wait ends when the callers' functions do, although lockdep
 * would see one helper wait for another.
 */
static void dismiss_helpers(struct loop *loop)
{
	struct helper *helper;

	for (helper = loop->helpers; helper < loop->helpers + loop->nr;
	     helper++) {
		if (!wp_cancel_must_wait(&helper->task)) {
			put_loop(loop);
		} else if (helper->working) { /* still: it crashed */
			cmpxchg(&loop->error, 0, -EFAULT);
			put_loop(loop);
		}
	}
}

static int run_loop(struct workpool *pool, struct loop *loop)
{
	int err;

	queue_helpers(pool, loop);
	work_on(loop);
	dismiss_helpers(loop);
	err = loop->error;
	put_loop(loop);
	return err;
}

/* Without memory or helpers the caller does all of it. */
static int run_alone(size_t begin, size_t end, size_t grain,
		     int (*fn)(size_t lo, size_t hi, void *arg), void *arg)
{
	size_t step;
	int err;

	for (; begin < end; begin += step) {
		step = min(grain, end - begin);
		err = fn(begin, begin + step, arg);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/**
 * workpool_parallel_for() - work on a range together
 * @pool: the pool whose workers may help
 * @begin: start of the range
 * @end: end of the range, itself not part of it
 * @grain: what to work on at once at least; 0: 1
 * @fn: works on @lo to @hi - 1; what it returns first other than 0 ends the loop
 * @arg: for @fn
 *
 * The caller takes part, and finishes the range alone if it must: when the pool
 * is full or closed, in a nested call, or without memory. The order of the
 * chunks is not defined.
 *
 * Context: Process context, also in a task of @pool. May sleep.
 * Return: 0: the whole range was worked on; the first error of @fn, after which
 * nothing was handed out any more; -EFAULT: a helper crashed in @fn.
 */
int workpool_parallel_for(struct workpool *pool, size_t begin, size_t end,
			  size_t grain,
			  int (*fn)(size_t lo, size_t hi, void *arg), void *arg)
{
	struct loop *loop = NULL;
	unsigned int nr;

	might_sleep();
	if (begin >= end)
		return 0;
	grain = grain ?: 1;
	nr = count_helpers(pool, (end - begin - 1) / grain + 1);
	if (nr)
		loop = kzalloc(struct_size(loop, helpers, nr), GFP_KERNEL);
	if (!loop)
		return run_alone(begin, end, grain, fn, arg);

	refcount_set(&loop->ref, 1);
	atomic_long_set(&loop->next, begin);
	loop->end = end;
	loop->grain = grain;
	loop->shares = 4 * (nr + 1);
	loop->fn = fn;
	loop->arg = arg;
	loop->nr = nr;
	return run_loop(pool, loop);
}
EXPORT_SYMBOL_GPL(workpool_parallel_for);
