// SPDX-License-Identifier: GPL-2.0
/*
 * The reaper: buries threads that ended, whatever they ended of.
 *
 * exit_task_work(), which brings a worker here, runs late in do_exit(), but
 * still in text of this module. Only once exit_state is set it is certain that
 * the thread runs nothing of the module or of the pool's owner any more, also
 * when it faulted once more on its way out.
 */

#include "internal.h"

static void reap_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(reaper, reap_work);
static LLIST_HEAD(ending);	/* workers whose threads are about to end */
static LIST_HEAD(awaited);	/* reaper only: the same, in its own list */

static void bury(struct wp_worker *worker)
{
	if (worker->pool)
		wp_crash_reaped(worker->pool, worker);
	else
		wp_worker_free(worker);
}

static void reap_work(struct work_struct *work)
{
	struct wp_worker *worker, *next;

	llist_for_each_entry_safe(worker, next, llist_del_all(&ending),
				  ending_node)
		list_add_tail(&worker->parked.node, &awaited);

	list_for_each_entry_safe(worker, next, &awaited, parked.node) {
		/* Written by exit_notify(), or for a recursive fault. */
		if (!smp_load_acquire(&worker->task->exit_state))
			continue;
		list_del_init(&worker->parked.node);
		bury(worker);
	}
	if (!list_empty(&awaited))
		queue_delayed_work(wp_workqueue, &reaper, 1);
}

/* The current thread, which is @worker's, ends. The reaper frees @worker. */
void wp_reap_worker(struct wp_worker *worker)
{
	llist_add(&worker->ending_node, &ending);
	queue_delayed_work(wp_workqueue, &reaper, 1);
}

/*
 * No worker is left, but the work that buried the last may still hold a pool,
 * and be due once more for nothing.
 */
void wp_reap_exit(void)
{
	cancel_delayed_work_sync(&reaper);
}
