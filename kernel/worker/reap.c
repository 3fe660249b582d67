// SPDX-License-Identifier: GPL-2.0
/*
 * The reaper: handles workers whose thread has exited, for whatever reason.
 *
 * exit_task_work(), which brings a worker here, runs late in do_exit(), but
 * still in text of this module. Only once exit_state is set is it certain that
 * the thread runs nothing of the module or of the pool's owner any more, also
 * when it faulted once more on its way out.
 */

#include <linux/sched.h>
#include <linux/workqueue.h>

#include "core/module.h"
#include "core/worker.h"
#include "worker/crash.h"
#include "worker/reap.h"

static void reap_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(reaper, reap_work);
static LLIST_HEAD(ending_workers);	/* their threads are about to end */
static LIST_HEAD(awaited_workers);	/* the same, in the reaper's own list */

static void reap_work(struct work_struct *work)
{
	struct wp_worker *worker, *next;

	llist_for_each_entry_safe(worker, next, llist_del_all(&ending_workers),
				  ending) {
		cond_resched();
		list_add_tail(&worker->parked.node, &awaited_workers);
	}

	list_for_each_entry_safe(worker, next, &awaited_workers, parked.node) {
		cond_resched();
		/* Written by exit_notify(), or for a recursive fault. */
		if (!smp_load_acquire(&worker->task->exit_state))
			continue;
		list_del_init(&worker->parked.node);
		if (!worker->pool)
			wp_worker_free(worker);
		else if (!wp_crash_reaped(worker->pool, worker))
			list_add(&worker->parked.node, &awaited_workers);
	}
	if (!list_empty(&awaited_workers))
		queue_delayed_work(wp_workqueue, &reaper, 1);
}

/* The current thread, which is @worker's, ends: leave @worker to the reaper. */
void wp_reap_worker(struct wp_worker *worker)
{
	llist_add(&worker->ending, &ending_workers);
	queue_delayed_work(wp_workqueue, &reaper, 1);
}

/*
 * No worker is left, but the work that handled the last one may still hold a
 * pool, and be due once more for nothing.
 */
void wp_reap_exit(void)
{
	cancel_delayed_work_sync(&reaper);
}
