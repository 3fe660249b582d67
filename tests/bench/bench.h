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
 * @task: for pools, without an allocation
 * @fn: what is to be done
 * @data: for @fn
 */
struct bench_item {
	union {
		struct work_struct	work;
		struct kthread_work	kwork;
		struct workpool_task	task;
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
 * @submit_all: have several done, with one call if the contender can
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
	int	(*submit_all)(struct bench_contender *contender,
			      struct bench_item **items, unsigned int nr);
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
 * @expiry_ms: of a pool
 * @flags: of a pool
 * @rounds: 0: as many as the parameter says
 * @pause_us: microseconds between two calls
 * @cold: no turn to warm up
 * @alone: each contender is there for its turn only
 * @metrics: what is measured, in ns if the name says nothing else
 * @contenders: those that take part, NULL terminated
 * @round: a contender's turn, 0 or a negative errno
 */
struct bench_scenario {
	const char			*name;
	unsigned int			submitters;
	unsigned int			capacity;
	int				expiry_ms;
	unsigned int			flags;
	unsigned int			rounds;
	unsigned int			pause_us;
	bool				cold;
	bool				alone;
	const char			*metrics[BENCH_METRICS + 1];
	struct bench_contender *const	*contenders;
	int	(*round)(struct bench_round *round);
};

#define BENCH_CAPACITY	64

/* Items in one call of submit_all(), at most. */
#define BENCH_BATCH	64

/* main.c: parameters */
extern unsigned int bench_rounds;
extern unsigned int bench_ops;
extern unsigned int bench_burst;
extern unsigned int bench_fanout;
extern unsigned int bench_workers;
extern unsigned int bench_purge;
extern unsigned int bench_many;
extern unsigned int bench_cached;

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

/* pool.c */
struct workpool_attrs bench_pool_attrs(const struct bench_scenario *scenario);
int bench_pool_open(struct bench_contender *contender,
		    const struct workpool_attrs *attrs);
void bench_pool_close(struct bench_contender *contender);
void bench_pool_close_telling(struct bench_contender *contender);
int bench_pool_submit(struct bench_contender *contender,
		      struct bench_item *item);

/* hold.c: workers that are kept busy */
struct bench_hold;
struct bench_hold *bench_hold_start(struct workpool *pool, unsigned int nr);
void bench_hold_end(struct bench_hold *hold);

/* probe.c: how long a CPU was not available */
int bench_probe_start(bool threads);
u64 bench_probe_stop(u64 *held);
void bench_probe_stack(void);

/* other.c, a module of its own: a task of it */
void wp_other_task(struct workpool_task *task);

/* roundtrip.c: a round of calls */
int bench_roundtrip(struct bench_round *round);

/* burst.c: a round of many tasks */
int bench_burst_round(struct bench_round *round,
		      void (*fn)(struct bench_item *item), unsigned int nr);
void bench_burst_done(struct bench_item *item);

/* The contenders */
extern struct bench_contender bench_pool;
extern struct bench_contender bench_depth;
extern struct bench_contender bench_depth_full;
extern struct bench_contender bench_task;
extern struct bench_contender bench_batch;
extern struct bench_contender bench_group;
extern struct bench_contender bench_multi;
extern struct bench_contender bench_multi_task;
extern struct bench_contender bench_wq_percpu;
extern struct bench_contender bench_wq_unbound;
extern struct bench_contender bench_wq_highpri;
extern struct bench_contender bench_semaphore;
extern struct bench_contender bench_kthread_worker;
extern struct bench_contender bench_kthread;
extern struct bench_contender bench_pingpong;

/* The scenarios */
extern const struct bench_scenario bench_roundtrip_1;
extern const struct bench_scenario bench_roundtrip_measured;
extern const struct bench_scenario bench_roundtrip_2;
extern const struct bench_scenario bench_roundtrip_4;
extern const struct bench_scenario bench_memory;
extern const struct bench_scenario bench_burst_1;
extern const struct bench_scenario bench_burst_measured;
extern const struct bench_scenario bench_burst_2;
extern const struct bench_scenario bench_burst_4;
extern const struct bench_scenario bench_front_1;
extern const struct bench_scenario bench_front_2;
extern const struct bench_scenario bench_front_4;
extern const struct bench_scenario bench_front_8;
extern const struct bench_scenario bench_fanout_cold;
extern const struct bench_scenario bench_fanout_cached;
extern const struct bench_scenario bench_fanout_warm;
extern const struct bench_scenario bench_mixed;
extern const struct bench_scenario bench_reuse;
extern const struct bench_scenario bench_purge_10;
extern const struct bench_scenario bench_purge_1000;
extern const struct bench_scenario bench_purge_50000;
extern const struct bench_scenario bench_full;
extern const struct bench_scenario bench_full_order;
extern const struct bench_scenario bench_full_rate;
extern const struct bench_scenario bench_locks_1;
extern const struct bench_scenario bench_locks_2;
extern const struct bench_scenario bench_locks_4;
extern const struct bench_scenario bench_life;
extern const struct bench_scenario bench_slices_1000;
extern const struct bench_scenario bench_slices_10000;

#endif /* _WP_BENCH_H */
