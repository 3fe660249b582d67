/* SPDX-License-Identifier: GPL-2.0 */
/*
 * wp_bench: workpool beside what a module would use instead.
 */
#ifndef _WP_BENCH_H
#define _WP_BENCH_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/workpool.h>
#include <linux/workqueue.h>

/* What a scenario measures about a contender, at most. */
#define BENCH_METRICS		6

/* Threads that submit at once, at most. */
#define BENCH_SUBMITTERS	16

struct bench_contender;
struct bench_crew;
struct bench_scenario;

/**
 * struct bench_item - a task, in the form each contender wants
 * @work: for workqueues
 * @kwork: for kthread workers
 * @fn: what is to be done
 * @data: for @fn
 */
struct bench_item {
	union {
		struct work_struct	work;
		struct kthread_work	kwork;
	};
	void	(*fn)(struct bench_item *item);
	void	*data;
};

/**
 * struct bench_submitter - a thread that submits, alone or with others
 * @index: from 0
 * @nr: how many there are
 * @item: for round trips
 * @done: completed when @item was done
 * @arg: the round's
 * @err: what went wrong
 * @crew: the others
 */
struct bench_submitter {
	unsigned int		index;
	unsigned int		nr;
	struct bench_item	item;
	struct completion	done;
	void			*arg;
	int			err;
	struct bench_crew	*crew;
};

/**
 * struct bench_contender - a way to get work done
 * @name: in the table
 * @dear: its rounds are that many times shorter than the others'
 * @batch: operations in one call, 0: one
 * @open: get ready for a scenario; -EOPNOTSUPP: does not take part
 * @close: undo @open
 * @init: prepare an item
 * @submit: have an item done
 * @prepare: before each call, not measured
 * @call: the whole of what is measured, instead of @submit and a wait
 * @settle: after each call, not measured
 * @data: the contender's own
 */
struct bench_contender {
	const char	*name;
	unsigned int	dear;
	unsigned int	batch;
	int	(*open)(struct bench_contender *contender,
			const struct bench_scenario *scenario);
	void	(*close)(struct bench_contender *contender);
	void	(*init)(struct bench_item *item);
	int	(*submit)(struct bench_contender *contender,
			  struct bench_item *item);
	int	(*prepare)(struct bench_contender *contender,
			   struct bench_submitter *submitter);
	int	(*call)(struct bench_contender *contender,
			struct bench_submitter *submitter);
	void	(*settle)(struct bench_contender *contender,
			  struct bench_submitter *submitter);
	void	*data;
};

/**
 * struct bench_series - samples of one metric
 * @values: the samples
 * @max: room for
 * @nr: how many there are
 */
struct bench_series {
	u64		*values;
	unsigned int	max;
	atomic_t	nr;
};

/**
 * struct bench_round - a contender's turn
 * @scenario: of it
 * @contender: whose turn it is
 * @series: for each metric of @scenario
 */
struct bench_round {
	const struct bench_scenario	*scenario;
	struct bench_contender		*contender;
	struct bench_series		*series;
};

/**
 * struct bench_scenario - what is compared
 * @name: in the table
 * @submitters: threads that submit
 * @capacity: of a pool, 0: %BENCH_CAPACITY
 * @rounds: 0: as many as the parameter says
 * @cold: no turn to warm up
 * @metrics: what is measured, in ns if the name says nothing else
 * @contenders: who takes part, NULL terminated
 * @round: a contender's turn, 0 or a negative errno
 */
struct bench_scenario {
	const char			*name;
	unsigned int			submitters;
	unsigned int			capacity;
	unsigned int			rounds;
	bool				cold;
	const char			*metrics[BENCH_METRICS + 1];
	struct bench_contender *const	*contenders;
	int	(*round)(struct bench_round *round);
};

#define BENCH_CAPACITY	64

/* main.c: parameters */
extern unsigned int bench_rounds;
extern unsigned int bench_ops;
extern unsigned int bench_burst;

/* series.c */
int bench_series_init(struct bench_series *series, unsigned int max);
void bench_series_free(struct bench_series *series);
void bench_series_clear(struct bench_series *series);
void bench_series_add(struct bench_series *series, u64 value);
void bench_series_sort(struct bench_series *series);
u64 bench_series_percentile(const struct bench_series *series,
			    unsigned int percent);
u64 bench_clock(void);
u64 bench_since(u64 start);
void bench_clock_calibrate(void);

/* report.c */
void bench_report_head(const struct bench_scenario *scenario);
void bench_report(const struct bench_scenario *scenario,
		  struct bench_series *const *series);

/* submitter.c */
int bench_submitters_run(unsigned int nr,
			 void (*fn)(struct bench_submitter *submitter),
			 void *arg, u64 *elapsed);
void bench_wait(struct completion *done);

/* The contenders */
extern struct bench_contender bench_pool;
extern struct bench_contender bench_wq_percpu;
extern struct bench_contender bench_wq_unbound;
extern struct bench_contender bench_wq_highpri;
extern struct bench_contender bench_kthread_worker;
extern struct bench_contender bench_kthread;
extern struct bench_contender bench_pingpong;
extern struct bench_contender *const bench_everybody[];

/* roundtrip.c: a round of calls */
int bench_roundtrip(struct bench_round *round);

/* The scenarios */
extern const struct bench_scenario bench_roundtrip_1;
extern const struct bench_scenario bench_roundtrip_2;
extern const struct bench_scenario bench_roundtrip_4;
extern const struct bench_scenario bench_burst_1;
extern const struct bench_scenario bench_burst_2;
extern const struct bench_scenario bench_burst_4;

#endif /* _WP_BENCH_H */
