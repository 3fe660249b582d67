// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that submit, each on a CPU of its own as far as there are enough.
 */

#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "bench.h"

/**
 * struct bench_crew - submitters that start together
 * @fn: what each of them does
 * @start: says go
 * @left: submitters at work
 * @end: when the last one was done
 * @finished: the last one is done
 * @members: the submitters
 * @tasks: their threads
 */
struct bench_crew {
	void			(*fn)(struct bench_submitter *submitter);
	struct completion	start;
	atomic_t		left;
	u64			end;
	struct completion	finished;
	struct bench_submitter	members[BENCH_SUBMITTERS];
	struct task_struct	*tasks[BENCH_SUBMITTERS];
};

/* Without a complaint of the hung task detector. */
void bench_wait(struct completion *done)
{
	while (!wait_for_completion_timeout(done, 10 * HZ))
		;
}

static void item_done(struct bench_item *item)
{
	struct bench_submitter *submitter = item->data;

	complete(&submitter->done);
}

static int member_main(void *data)
{
	struct bench_submitter *submitter = data;
	struct bench_crew *crew = submitter->crew;

	bench_wait(&crew->start);
	crew->fn(submitter);
	if (atomic_dec_and_test(&crew->left)) {
		crew->end = bench_clock();
		complete(&crew->finished);
	}
	return 0;
}

static int hire(struct bench_crew *crew, unsigned int index, unsigned int nr,
		void *arg)
{
	struct bench_submitter *submitter = &crew->members[index];
	unsigned int cpu = cpumask_first(cpu_online_mask), i;
	struct task_struct *task;

	for (i = 0; i < index % num_online_cpus(); i++)
		cpu = cpumask_next(cpu, cpu_online_mask);
	*submitter = (struct bench_submitter){
		.index = index,
		.nr = nr,
		.item = { .fn = item_done, .data = submitter },
		.arg = arg,
		.crew = crew,
	};
	init_completion(&submitter->done);
	task = kthread_create(member_main, submitter, "bench/%u", index);
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, cpu);
	crew->tasks[index] = get_task_struct(task);
	atomic_inc(&crew->left);
	wake_up_process(task);
	return 0;
}

static int dismiss(struct bench_crew *crew)
{
	int i, err = 0;

	for (i = 0; i < BENCH_SUBMITTERS && crew->tasks[i]; i++) {
		kthread_stop(crew->tasks[i]);
		put_task_struct(crew->tasks[i]);
		err = err ?: crew->members[i].err;
	}
	return err;
}

static void nothing(struct bench_submitter *submitter)
{
}

/* Have @nr threads do @fn at once. */
int bench_submitters_run(unsigned int nr,
			 void (*fn)(struct bench_submitter *submitter),
			 void *arg, u64 *elapsed)
{
	struct bench_crew *crew = kzalloc(sizeof(*crew), GFP_KERNEL);
	int err = 0, i;
	u64 start;

	if (!crew)
		return -ENOMEM;
	crew->fn = fn;
	init_completion(&crew->start);
	init_completion(&crew->finished);
	for (i = 0; i < nr && !err; i++)
		err = hire(crew, i, nr, arg);
	if (err)
		crew->fn = nothing;

	start = bench_clock();
	complete_all(&crew->start);
	if (crew->tasks[0])
		bench_wait(&crew->finished);
	if (elapsed)
		*elapsed = crew->end - start;
	err = dismiss(crew) ?: err;
	kfree(crew);
	return err;
}
