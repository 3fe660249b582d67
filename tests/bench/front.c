// SPDX-License-Identifier: GPL-2.0
/*
 * Scenario: one pool of 1000 workers against a multi of four of 250, under several
 * submitters: the numbers that the model of workpool claims for its MultiPool. With
 * the pools' sizes, and how often a submitter found the lock taken that it needed.
 */

#include <linux/mm.h>

#include "bench.h"
#include "core/pool.h"
#include "core/worker.h"
#include "multi/multi.h"

#define CAPACITY	1000
#define PARTS		4

/* So many are made to see what one takes. */
#define SAMPLES		64

/* Names of these. */
static int serial;

/* Tasks of a submitter for each operation of a round trip. */
#define TASKS		16

/**
 * struct front - one round
 * @contender: what is under test
 * @left: tasks that have not run, and one for each submitter
 * @done: completed by the last one
 * @taken: locks that were found taken
 */
struct front {
	struct bench_contender	*contender;
	atomic_t		left;
	struct completion	done;
	atomic_t		taken;
};

static void one_less(void *arg)
{
	struct front *front = arg;

	if (atomic_dec_and_test(&front->left))
		complete(&front->done);
}

static int one_open(struct bench_contender *contender,
		    const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(CAPACITY);
	struct workpool *pool = workpool_create(&attrs, "bench-one");

	contender->data = pool;
	return PTR_ERR_OR_ZERO(pool);
}

static void one_close(struct bench_contender *contender)
{
	workpool_destroy(contender->data);
}

static int four_open(struct bench_contender *contender,
		     const struct bench_scenario *scenario)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(CAPACITY / PARTS);
	struct workpool_multi *multi;

	multi = workpool_multi_create(PARTS, WORKPOOL_ROUND_ROBIN, &attrs,
				      "bench-four");
	contender->data = multi;
	return PTR_ERR_OR_ZERO(multi);
}

static void four_close(struct bench_contender *contender)
{
	workpool_multi_destroy(contender->data);
}

static struct bench_contender one = {
	.name = "one pool of 1000",
	.open = one_open,
	.close = one_close,
};

static struct bench_contender four = {
	.name = "four pools of 250",
	.open = four_open,
	.close = four_close,
};

static struct bench_contender *const contenders[] = { &one, &four, NULL };

/* The pool that is next, or about to be: others take turns as well. */
static struct workpool *next_pool(struct bench_contender *contender)
{
	struct workpool_multi *multi = contender->data;
	u64 turn;

	if (contender == &one)
		return contender->data;
	turn = atomic64_read(&multi->turn);
	return multi->pools[do_div(turn, multi->nr)];
}

static int submit(struct front *front)
{
	struct bench_contender *contender = front->contender;

	atomic_inc(&front->left);
	if (raw_spin_is_locked(&next_pool(contender)->lock))
		atomic_inc(&front->taken);
	return contender == &one ?
	       workpool_submit(contender->data, one_less, front) :
	       workpool_multi_submit(contender->data, one_less, front);
}

static void submit_all(struct bench_submitter *submitter)
{
	struct front *front = submitter->arg;
	unsigned int i;

	for (i = bench_ops * TASKS; i && !submitter->err; i--) {
		submitter->err = submit(front);
		if (submitter->err)
			one_less(front);
	}
	one_less(front);
}

static u64 free_bytes(void)
{
	struct sysinfo info;

	si_meminfo(&info);
	return (u64)info.freeram * info.mem_unit;
}

static void *make(const struct bench_contender *contender)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(CAPACITY);

	if (contender == &one)
		return workpool_create(&attrs, "bench-s%d", ++serial);
	attrs.capacity /= PARTS;
	return workpool_multi_create(PARTS, WORKPOOL_ROUND_ROBIN, &attrs,
				     "bench-s%d", ++serial);
}

static void unmake(const struct bench_contender *contender, void *made)
{
	if (contender == &one)
		workpool_destroy(made);
	else
		workpool_multi_destroy(made);
}

/* What @SAMPLES of them, left in @made, take, divided. */
static u64 make_samples(const struct bench_contender *contender,
			void *made[SAMPLES])
{
	u64 before = free_bytes(), after;
	int i;

	for (i = 0; i < SAMPLES; i++)
		made[i] = make(contender);
	after = free_bytes();
	return before > after ? div_u64(before - after, SAMPLES) : 0;
}

/*
 * Once, and all samples of both stay until both were measured: memory that was
 * freed would be used again, unseen.
 */
static u64 size_of(const struct bench_contender *contender)
{
	static void *made[2][SAMPLES];
	static u64 sizes[2];
	int i, which;

	if (!sizes[0]) {
		for (which = 0; contenders[which]; which++)
			sizes[which] = make_samples(contenders[which],
						    made[which]);
		for (i = 0; i < 2 * SAMPLES; i++) {
			which = i / SAMPLES;
			if (!IS_ERR(made[which][i % SAMPLES]))
				unmake(contenders[which], made[which][i % SAMPLES]);
		}
	}
	return sizes[contender != &one];
}

static int front_round(struct bench_round *round)
{
	unsigned int nr = round->scenario->submitters;
	u64 elapsed, tasks = (u64)nr * bench_ops * TASKS;
	struct front front = {
		.contender = round->contender,
		.left = ATOMIC_INIT(nr),
	};
	int err;

	init_completion(&front.done);
	err = bench_submitters_run(nr, submit_all, &front, &elapsed);
	wait_for_completion(&front.done);
	if (err)
		return err;
	bench_series_add(&round->series[0], div64_u64(elapsed, tasks));
	bench_series_add(&round->series[1],
			 div64_u64(1000ULL * atomic_read(&front.taken), tasks));
	bench_series_add(&round->series[2], size_of(round->contender));
	return 0;
}

#define FRONT(n)							\
	const struct bench_scenario bench_front_##n = {			\
		.name = "front/" #n,					\
		.submitters = n,					\
		.metrics = { "per submit", "count lock taken, of 1000",	\
			     "bytes of all pools" },			\
		.contenders = contenders,				\
		.round = front_round,					\
	}

FRONT(1);
FRONT(2);
FRONT(4);
FRONT(8);
