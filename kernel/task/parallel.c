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
 *
 * A worker that takes part says so in wp_worker.inner. If it crashes it drops
 * its reference to the loop. No more is handed out as soon as it crashes, while
 * the kernel still prints the oops. The argument of a caller that crashed may
 * be on its stack: the helpers finish the chunk they work on, which nothing can
 * prevent, and see it no more.
 */

#include <linux/cpumask.h>
#include <linux/overflow.h>
#include <linux/refcount.h>
#include <linux/slab.h>

#include "compat.h"
#include "core/node.h"
#include "core/pool.h"
#include "core/ref.h"
#include "core/watch.h"
#include "core/worker.h"
#include "task/cancel.h"
#include "task/parallel.h"

/**
 * struct parallel_part - a thread that works on a loop
 * @node: in wp_worker.inner if it is a worker
 * @loop: the loop, referenced
 */
struct parallel_part {
	struct workpool_node	node;
	struct parallel_loop	*loop;
};

/**
 * struct parallel_helper - a task that takes part in a loop
 * @task: queued in the pool
 * @begun: a worker began it, and drops its reference
 * @part: how it takes part
 */
struct parallel_helper {
	struct workpool_task	task;
	bool			begun;
	struct parallel_part	part;
};

/**
 * struct parallel_loop - a range in progress
 * @ref: one for the caller and one for each helper that may still touch it
 * @next: start of what was not handed out
 * @end: of the range
 * @grain: smallest chunk, but for the last
 * @shares: chunks that all threads of the loop should get of what is left
 * @error: the first one, 0 before
 * @fn: does the work
 * @arg: for @fn
 * @caller: how the caller takes part
 * @nr: helpers
 * @helpers: these
 *
 * It is not on the caller's stack because the caller may crash in @fn.
 */
struct parallel_loop {
	refcount_t		ref;
	atomic_long_t		next;
	size_t			end;
	size_t			grain;
	size_t			shares;
	int			error;
	int			(*fn)(size_t lo, size_t hi, void *arg);
	void			*arg;
	struct parallel_part	caller;
	unsigned int		nr;
	struct parallel_helper	helpers[];
};

void *wp_parallel_alloc(size_t size)
{
	KUNIT_STATIC_STUB_REDIRECT(wp_parallel_alloc, size);
	return kzalloc(size, GFP_KERNEL);
}
EXPORT_SYMBOL_IF_KUNIT(wp_parallel_alloc);

/* The part at @node, which is in wp_worker.inner. */
static struct parallel_part *part_at(struct workpool_node *node)
{
	return container_of(node, struct parallel_part, node);
}

static void put_loop(struct parallel_loop *loop)
{
	if (refcount_dec_and_test(&loop->ref))
		kfree(loop);
}

/* Take the next chunk. Returns false when there is none. */
static bool take_chunk(struct parallel_loop *loop, size_t *lo, size_t *hi)
{
	long next = atomic_long_read(&loop->next);
	size_t left;

	do {
		if ((size_t)next >= loop->end)
			return false;
		*lo = next;
		left = loop->end - *lo;
		*hi = *lo + min(max(left / loop->shares, loop->grain), left);
	} while (!atomic_long_try_cmpxchg(&loop->next, &next, *hi));
	return true;
}

/* No chunk is handed out any more. */
static void stop_loop(struct parallel_loop *loop, int err)
{
	cmpxchg(&loop->error, 0, err);
	atomic_long_xchg(&loop->next, loop->end);
}

/* From here on a crash of the worker that runs here is one of @part. */
static struct wp_worker *begin_part(struct parallel_part *part,
				    struct parallel_loop *loop)
{
	struct wp_worker *worker = wp_worker_current();
	unsigned long flags;

	part->loop = loop;
	part->node.kind = WP_LOOP;
	if (!worker)
		return NULL;
	raw_spin_lock_irqsave(&worker->pool->lock, flags);
	list_add(&part->node.entry, &worker->inner);
	wp_watch_note_locked(worker->pool, loop->fn);
	raw_spin_unlock_irqrestore(&worker->pool->lock, flags);
	return worker;
}

static void end_part(struct parallel_part *part, struct wp_worker *worker)
{
	unsigned long flags;

	if (!worker)
		return;
	raw_spin_lock_irqsave(&worker->pool->lock, flags);
	wp_watch_note_locked(worker->pool, part->loop->fn);
	list_del(&part->node.entry);
	raw_spin_unlock_irqrestore(&worker->pool->lock, flags);
}

static void work_on(struct parallel_loop *loop, struct parallel_part *part)
{
	struct wp_worker *worker = begin_part(part, loop);
	size_t lo, hi;
	int err;

	while (take_chunk(loop, &lo, &hi)) {
		err = loop->fn(lo, hi, loop->arg);
		if (err)
			stop_loop(loop, err);
		wp_worker_give_way();
	}
	end_part(part, worker);
}

static void helper_fn(struct workpool_task *task)
{
	struct parallel_helper *helper =
		container_of(task, struct parallel_helper, task);
	struct parallel_loop *loop = helper->part.loop;

	/* Pairs with the read in dismiss_helper(). */
	WRITE_ONCE(helper->begun, true);
	work_on(loop, &helper->part);
	put_loop(loop);
}

/* The least of: chunks but one, workers allowed, CPUs online. */
static unsigned int count_helpers(struct workpool *pool, size_t chunks)
{
	/* Pairs with the writes under the lock. */
	unsigned int most = min_t(unsigned int, READ_ONCE(pool->limit),
				  num_online_cpus());

	struct wp_worker *worker = wp_worker_current();

	if (!wp_pool_is_open(pool) || (worker && wp_worker_is_dying(worker)))
		return 0;
	return min_t(size_t, chunks - 1, most);
}

static void queue_helpers(struct workpool *pool, struct parallel_loop *loop)
{
	struct parallel_helper *helper;

	for (helper = loop->helpers; helper < loop->helpers + loop->nr;
	     helper++) {
		workpool_task_init(&helper->task, helper_fn);
		helper->part.loop = loop;
		refcount_inc(&loop->ref);
		if (workpool_queue(pool, &helper->task)) {
			put_loop(loop);
			break;
		}
	}
	loop->nr = helper - loop->helpers;
}

/* @err is from the cancel of @helper. One that was dropped never began. */
static void dismiss_helper(struct parallel_loop *loop,
			   struct parallel_helper *helper, int err)
{
	/*
	 * Pairs with the write in helper_fn(). When the cancel finds that a
	 * helper ended, a lock or the word of its lease is in between.
	 */
	if (err != -EBUSY && !READ_ONCE(helper->begun))
		put_loop(loop);
}

/*
 * Nothing is left to hand out: wait for the last chunks. The loop itself makes
 * a helper wait for nothing but the helpers of a nested loop, which were queued
 * later. So the wait ends when the callers' functions do, although lockdep
 * would see one helper wait for another.
 */
static void dismiss_helpers(struct parallel_loop *loop)
{
	struct parallel_helper *helper;

	for (helper = loop->helpers; helper < loop->helpers + loop->nr;
	     helper++)
		dismiss_helper(loop, helper,
			       wp_cancel_must_wait(&helper->task));
}

/* The caller crashed: do not wait for those that work on a chunk. */
static void abandon_helpers(struct parallel_loop *loop)
{
	struct parallel_helper *helper;

	for (helper = loop->helpers; helper < loop->helpers + loop->nr;
	     helper++)
		dismiss_helper(loop, helper, workpool_cancel(&helper->task));
}

/**
 * wp_parallel_oops() - a worker oopses: hand out no more of its loops
 * @worker: the worker, whose thread runs here
 *
 * From here to wp_parallel_abandon() the kernel prints the oops, and uses the
 * stack for something else, on which the argument of the loop may be. Only the
 * worker itself changes its list.
 *
 * Context: Any, with any lock held.
 */
void wp_parallel_oops(struct wp_worker *worker)
{
	struct workpool_node *node;

	list_for_each_entry(node, &worker->inner, entry)
		if (node->kind == WP_LOOP)
			stop_loop(part_at(node)->loop, -EFAULT);
}

static struct parallel_part *take_part(struct workpool *pool,
				       struct wp_worker *worker)
{
	struct workpool_node *node;
	struct parallel_part *part = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	list_for_each_entry(node, &worker->inner, entry) {
		if (node->kind != WP_LOOP)
			continue;
		part = part_at(node);
		/* This precedes the list_del(): no helper calls fn after it. */
		stop_loop(part->loop, -EFAULT);
		wp_watch_note_locked(pool, part->loop->fn);
		list_del(&node->entry);
		break;
	}
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return part;
}

/**
 * wp_parallel_abandon() - a worker crashed: end its part in parallel loops
 * @pool: its pool
 * @worker: the worker, whose thread runs here
 *
 * Context: Process context.
 */
void wp_parallel_abandon(struct workpool *pool, struct wp_worker *worker)
{
	struct parallel_part *part;

	while ((part = take_part(pool, worker))) {
		struct parallel_loop *loop = part->loop;

		if (part == &loop->caller)
			abandon_helpers(loop);
		put_loop(loop);
	}
}

/* The function of the loop at @node, which is in wp_worker.inner. */
void *wp_parallel_function(struct workpool_node *node)
{
	return part_at(node)->loop->fn;
}

/*
 * A worker crashed in @node of wp_worker.inner. If it helps a loop there, the
 * function of that is told instead of the one that all helpers have.
 */
void wp_parallel_name(struct workpool_node *node, struct workpool_crash *crash)
{
	struct parallel_part *part;

	if (node->kind != WP_LOOP)
		return;
	part = part_at(node);
	if (part == &part->loop->caller)
		return;
	crash->fn = part->loop->fn;
	crash->arg = part->loop->arg;
}

static int run_loop(struct workpool *pool, struct parallel_loop *loop)
{
	int err;

	if (loop->nr) {
		/* A helper may let the owner destroy the pool. */
		wp_pool_get(pool);
		queue_helpers(pool, loop);
		wp_pool_put(pool);
	}
	work_on(loop, &loop->caller);
	dismiss_helpers(loop);
	err = loop->error;
	put_loop(loop);
	return err;
}

/*
 * Without memory, or without helpers and outside of a worker, the caller does
 * all of it. If it is a worker, an unload does not see that it calls @fn here.
 */
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
		wp_worker_give_way();
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
 * is full or closed, in a nested call, in the worker_exit of a thread that
 * crashed, or without memory. The order of the chunks is not defined.
 *
 * If the caller is a task of a pool, of whichever, and crashes in @fn, helpers
 * work on no further chunk. Those that work on one finish it, so @arg should
 * not be on the stack of a task that may crash. Nothing notices that any other
 * thread crashes: its helpers go on with @arg to the end of the range, so @arg
 * must not be on the stack of a thread that may oops.
 *
 * Context: Process context, also in a task of @pool. May sleep.
 * Return: 0: the whole range was worked on, or is empty, as @end is not above
 * @begin; what @fn returned first other than 0, after which nothing was handed
 * out any more; -EFAULT: a helper crashed in @fn; -EINVAL: @fn is NULL.
 */
int workpool_parallel_for(struct workpool *pool, size_t begin, size_t end,
			  size_t grain,
			  int (*fn)(size_t lo, size_t hi, void *arg), void *arg)
{
	struct parallel_loop *loop = NULL;
	unsigned int nr;

	might_sleep();
	if (begin >= end)
		return 0;
	if (!fn)
		return -EINVAL;
	grain = grain ?: 1;
	nr = count_helpers(pool, (end - begin - 1) / grain + 1);
	/* Without helpers it is there for an unload, which looks at workers. */
	if (nr || wp_worker_current())
		loop = wp_parallel_alloc(struct_size(loop, helpers, nr));
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
