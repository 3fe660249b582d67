// SPDX-License-Identifier: GPL-2.0
/*
 * Jobs that are queued as embedded tasks.
 */
#include <linux/export.h>

#include "test.h"

static void run(struct workpool_task *task)
{
	struct st_task *self = container_of(task, struct st_task, d.task);

	if (atomic_inc_return(&self->now) != 1)
		WRITE_ONCE(self->overlapped, true);
	if (self->due && time_before(jiffies, self->due))
		WRITE_ONCE(self->early, true);
	st_job_run(self->job);
	atomic_dec(&self->now);
}

static struct st_task *task_of(struct st_test *t, struct st_job *job)
{
	struct st_task *task = st_alloc(t, sizeof(*task));

	workpool_delayed_task_init(&task->d, run);
	task->job = job;
	return task;
}

/* a task that runs until st_open() of its job */
struct st_task *st_task(struct st_test *t)
{
	return task_of(t, st_job(t));
}
EXPORT_SYMBOL_GPL(st_task);

/* a task that ends at once */
struct st_task *st_task_quick(struct st_test *t)
{
	return task_of(t, st_job_quick(t));
}
EXPORT_SYMBOL_GPL(st_task_quick);

/* a task that runs @body, of whose job data is the task */
struct st_task *st_task_body(struct st_test *t, struct workpool *pool,
			     void (*body)(struct st_job *job))
{
	struct st_task *task = task_of(t, st_job_body(t, pool, body));

	task->job->data = task;
	return task;
}
EXPORT_SYMBOL_GPL(st_task_body);

void st_tasks_quick(struct st_test *t, struct st_task **tasks, int n)
{
	int i;

	for (i = 0; i < n; i++)
		tasks[i] = st_task_quick(t);
}
EXPORT_SYMBOL_GPL(st_tasks_quick);

int st_queue(struct workpool *pool, struct st_task *task)
{
	return workpool_queue(pool, &task->d.task);
}
EXPORT_SYMBOL_GPL(st_queue);
