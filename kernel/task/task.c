// SPDX-License-Identifier: GPL-2.0
/*
 * Embedded tasks: queued without memory and without failure, found again to be
 * cancelled or waited for.
 *
 * Lock order: see "Locking" in internal.h. Two pools' locks are never nested.
 */

#include "internal.h"
#include "core/lockdep.h"
#include "trace.h"

/**
 * DOC: Embedded tasks
 *
 * workpool_task.state is 0 while a task may be queued. Whoever changes it from 0
 * to WP_TASK_PENDING has claimed the task and is the only one who may link it
 * somewhere; the claim ends when a worker begins the task, or somebody removes
 * it. workpool_cancel_sync() adds WP_TASK_CANCELLING, which lets nobody claim.
 *
 * workpool_task.home is the number of the pool the task was linked in last. It
 * is where a task that is pending can be unlinked, and where one that runs can
 * be found, by its address, among the busy workers: the task itself may be freed
 * while it runs, and is not touched once its function was called. home changes
 * from one pool to 0 under the first one's lock, and from 0 to another under the
 * other's, so that whoever holds the lock of the pool it says may rely on it.
 *
 * From claim to link interrupts are off: whoever finds a task claimed but not
 * linked only has to look again.
 *
 * A task queued while it runs goes to the pool it runs in. There it stands in
 * line like any other; when its turn comes it is bound to the worker that
 * executes it and, once that is done, comes first.
 */

static bool wp_pending_is_set(struct workpool_task *task)
{
	return atomic_read(&task->state) & WP_TASK_PENDING;
}

static bool is_linked(struct workpool_task *task)
{
	return task->node.kind == WP_RERUN || !list_empty(&task->node.entry);
}

static bool claim(struct workpool_task *task)
{
	/*
	 * What was written before a queueing that found the task pending is
	 * seen by the function when it runs. Pairs with the barrier in
	 * wp_task_begin_locked().
	 */
	smp_mb__before_atomic();
	return !atomic_cmpxchg(&task->state, 0, WP_TASK_PENDING);
}

/* From here on the task may be claimed by others. */
static void unclaim(struct workpool_task *task)
{
	wp_pending_debug_deactivate(task);
	atomic_andnot(WP_TASK_PENDING, &task->state);
}

/* The worker that executes @task in @pool, or NULL. */
static struct wp_worker *wp_running_find_locked(struct workpool *pool,
						struct workpool_task *task)
{
	struct wp_worker *worker;

	lockdep_assert_held(&pool->lock);
	hash_for_each_possible(pool->busy, worker, hash, (unsigned long)task)
		if (worker->call.arg == task &&
		    worker->call.fn.task == task->fn)
			return worker;
	return NULL;
}

/* @task, out of the line, waits for @worker, which executes it. */
static void wp_running_add_rerun_locked(struct workpool *pool,
					struct workpool_task *task,
					struct wp_worker *worker)
{
	task->node.kind = WP_RERUN;
	worker->rerun = task;
	pool->nr_rerun++;
}

static struct workpool_task *
wp_running_remove_rerun_locked(struct workpool *pool, struct wp_worker *worker)
{
	struct workpool_task *task = worker->rerun;

	worker->rerun = NULL;
	pool->nr_rerun--;
	task->node.kind = WP_TASK;
	return task;
}

/* Those who wait for @task wait for @worker from now on. */
static void move_flushers_locked(struct workpool *pool,
				 struct workpool_task *task,
				 struct wp_worker *worker)
{
	struct wp_flusher *flusher, *next;

	list_for_each_entry_safe(flusher, next, &pool->flushers, wait.link)
		if (flusher->task == task)
			list_move_tail(&flusher->wait.link, &worker->flushers);
}

static void wake_flushers_locked(struct workpool *pool,
				 struct workpool_task *task,
				 struct wp_deferred *deferred)
{
	struct wp_flusher *flusher, *next;

	list_for_each_entry_safe(flusher, next, &pool->flushers, wait.link)
		if (flusher->task == task)
			wp_wait_complete_locked(pool, &flusher->wait, 0,
						deferred);
}

static void begin_locked(struct workpool *pool, struct wp_worker *worker,
			 struct workpool_task *task)
{
	worker->state = WP_WORKER_BUSY;
	worker->since = jiffies;
	worker->call.kind = WP_TASK;
	worker->call.fn.task = task->fn;
	worker->call.arg = task;
	hash_add(pool->busy, &worker->hash, (unsigned long)task);
	trace_workpool_assign(pool, worker, task->fn);
	if (unlikely(!list_empty(&pool->flushers)))
		move_flushers_locked(pool, task, worker);
	wp_lockdep_copy(worker, task);
	unclaim(task);
	/* Pairs with the barrier in claim(). */
	smp_mb__after_atomic();
}

/* Returns false when another worker executes @task, which waits for that one. */
bool wp_running_begin_locked(struct workpool *pool, struct wp_worker *worker,
			     struct workpool_task *task)
{
	struct wp_worker *busy = wp_running_find_locked(pool, task);

	lockdep_assert_held(&pool->lock);
	wp_queue_remove_locked(pool, &task->node);
	if (unlikely(busy)) {
		wp_running_add_rerun_locked(pool, task, busy);
		return false;
	}
	begin_locked(pool, worker, task);
	return true;
}

/* The rest of wp_running_end_locked(). */
void wp_running_end_slow_locked(struct workpool *pool, struct wp_worker *worker,
				struct wp_deferred *deferred)
{
	struct workpool_task *again;

	lockdep_assert_held(&pool->lock);
	wp_wait_complete_all_locked(pool, &worker->flushers, 0, deferred);
	if (worker->rerun) {
		again = wp_running_remove_rerun_locked(pool, worker);
		wp_queue_add_locked(pool, &again->node, true);
	}
}

/* Link the claimed @task. The caller rouses. */
static __always_inline void link_locked(struct workpool *pool,
					struct workpool_task *task, bool front)
{
	struct wp_worker *busy;

	lockdep_assert_held(&pool->lock);
	WRITE_ONCE(task->last_pool, pool->lookup_id);
	trace_workpool_queue(pool, task->fn, 0);
	if (list_empty(&pool->queue)) {
		busy = wp_running_find_locked(pool, task);
		if (unlikely(busy)) {
			wp_running_add_rerun_locked(pool, task, busy);
			return;
		}
	}
	task->node.kind = WP_TASK;
	wp_queue_add_locked(pool, &task->node, front);
}

/* Link the claimed @task, @front or last. */
void wp_link_queue_locked(struct workpool *pool, struct workpool_task *task,
			  unsigned long front, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	link_locked(pool, task, front);
	wp_queue_kick_locked(pool, deferred);
}

/* Out of wherever it is linked, without an end to the claim. 0 or -EAGAIN. */
int wp_link_remove_locked(struct workpool *pool, struct workpool_task *task)
{
	lockdep_assert_held(&pool->lock);
	switch (task->node.kind) {
	case WP_DELAYED:
		return disarm_locked(pool, task);
	case WP_RERUN:
		wp_running_remove_rerun_locked(
			pool, wp_running_find_locked(pool, task));
		return 0;
	default:
		/* Claimed, but not linked: look again. */
		if (!is_linked(task))
			return -EAGAIN;
		wp_queue_remove_locked(pool, &task->node);
		return 0;
	}
}

/*
 * Take @task, which is in the line and nobody waits for, out of it, on its way to
 * another pool. Returns false when it runs here and must stay.
 */
bool wp_link_steal_locked(struct workpool *pool, struct workpool_task *task)
{
	lockdep_assert_held(&pool->lock);
	if (wp_running_find_locked(pool, task))
		return false;
	wp_queue_remove_locked(pool, &task->node);
	WRITE_ONCE(task->last_pool, 0);
	return true;
}

/* Those who wait for the pending @task need not any more. */
static void wp_running_release_flushers_locked(struct workpool *pool,
					       struct workpool_task *task,
					       struct wp_deferred *deferred)
{
	struct wp_worker *worker = wp_running_find_locked(pool, task);

	if (worker)
		move_flushers_locked(pool, task, worker);
	else
		wake_flushers_locked(pool, task, deferred);
}

/* What the unlinked @task was accepted for will not happen: end the claim. */
void wp_link_drop_locked(struct workpool *pool, struct workpool_task *task,
			 struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	wp_running_release_flushers_locked(pool, task, deferred);
	unclaim(task);
	wp_queue_balance_locked(pool, deferred);
}

/*
 * The claimed @task goes to @pool, unless it still runs in another one, where it
 * was last. Called with the lock of @pool held, returns with that of the pool
 * it returns.
 */
static noinline struct workpool *settle(struct workpool *pool,
					struct workpool_task *task)
	__must_hold(&pool->lock)
{
	struct workpool *last;

	raw_spin_unlock(&pool->lock);	/* interrupts stay off */
	last = wp_lookup_find(task->last_pool);
	if (last) {
		raw_spin_lock(&last->lock);
		if (wp_running_find_locked(last, task))
			return last;
		WRITE_ONCE(task->last_pool, 0);
		raw_spin_unlock(&last->lock);
	} else {
		WRITE_ONCE(task->last_pool, 0);
	}
	raw_spin_lock(&pool->lock);
	return pool;
}

static int accept_locked(struct workpool *pool, struct workpool_task *task)
{
	lockdep_assert_held(&pool->lock);
	if (pool->state != WP_OPEN)
		return -ESHUTDOWN;
	if (!claim(task))
		return -EALREADY;
	wp_pending_debug_activate(task);
	return 0;
}

/* @pool may have been closed before its lock was taken, or taken again. */
static __always_inline int
link_claimed_locked(struct workpool *pool, struct workpool_task *task,
		    enum wp_progress progress, wp_task_link_t link,
		    unsigned long arg, struct wp_deferred *deferred)
{
	lockdep_assert_held(&pool->lock);
	if (unlikely(pool->state != WP_OPEN)) {
		pool->counters.dropped += progress == WP_TASK_ACCEPTED;
		wp_link_drop_locked(pool, task, deferred);
		return -ESHUTDOWN;
	}
	pool->counters.submitted += progress != WP_TASK_ACCEPTED;
	link(pool, task, arg, deferred);
	return 0;
}

static __always_inline int place(struct workpool *pool,
				 struct workpool_task *task,
				 enum wp_progress progress,
				 wp_task_link_t link, unsigned long arg)
{
	struct wp_deferred deferred __uninitialized;
	int err = 0;

	wp_pool_lock(pool, &deferred);
	if (progress == WP_TASK_FREE)
		err = accept_locked(pool, task);
	if (!err) {
		if (unlikely(task->last_pool &&
			     task->last_pool != pool->lookup_id))
			pool = settle(pool, task);
		err = link_claimed_locked(pool, task, progress, link, arg,
					  &deferred);
	}
	wp_pool_unlock(pool, &deferred);
	return err;
}

/**
 * wp_task_queue() - link a task
 * @pool: where, unless it runs elsewhere
 * @task: the task
 * @progress: if it is claimed, the caller has interrupts off
 * @link: links it, with the lock of the pool it gets held
 * @arg: for @link
 *
 * Return: 0; -ESHUTDOWN: pool closed, the task is not claimed; -EALREADY: it is
 * pending or being cancelled.
 */
int wp_task_queue(struct workpool *pool, struct workpool_task *task,
		  enum wp_progress progress, wp_task_link_t link,
		  unsigned long arg)
{
	return place(pool, task, progress, link, arg);
}

/**
 * workpool_queue() - have a task run
 * @pool: the pool; if @task runs in another one right now, it goes there
 * @task: the task
 *
 * Behind all that is pending. It needs no memory and is never refused because
 * the pool is full. When it is pending already, what the caller wrote before is
 * seen by the function when it runs.
 *
 * Context: Any but NMI.
 * Return: 0; -ESHUTDOWN: pool closed; -EALREADY: it is pending, delayed, or
 * being cancelled by workpool_cancel_sync().
 */
int workpool_queue(struct workpool *pool, struct workpool_task *task)
{
	return place(pool, task, WP_TASK_FREE, wp_link_queue_locked, false);
}
EXPORT_SYMBOL_GPL(workpool_queue);

/**
 * workpool_queue_front() - have a task run before all that is pending
 * @pool: the pool
 * @task: the task
 *
 * Of several queued so, the last one comes first.
 *
 * Context: Any but NMI.
 * Return: as workpool_queue().
 */
int workpool_queue_front(struct workpool *pool, struct workpool_task *task)
{
	return place(pool, task, WP_TASK_FREE, wp_link_queue_locked, true);
}
EXPORT_SYMBOL_GPL(workpool_queue_front);

/* Tasks that may be linked under one hold of the lock, at most. */
#define BATCH_MAX	128

/* Link those of @tasks that need no other lock. Returns how many it looked at. */
static unsigned int link_some_locked(struct workpool *pool,
				     struct workpool_task **tasks,
				     unsigned int n, unsigned int *queued)
{
	unsigned int i, max = min_t(unsigned int, n, BATCH_MAX);

	lockdep_assert_held(&pool->lock);
	for (i = 0; i < max; i++) {
		struct workpool_task *task = tasks[i];

		if (!claim(task))
			continue;
		/* Only now nobody else makes another pool its home. */
		if (unlikely(task->last_pool &&
			     task->last_pool != pool->lookup_id)) {
			atomic_andnot(WP_TASK_PENDING, &task->state);
			break;
		}
		wp_pending_debug_activate(task);
		link_locked(pool, task, false);
		(*queued)++;
	}
	return i;
}

/* Returns how many it looked at, 0: the first one was elsewhere. */
static int queue_some(struct workpool *pool, struct workpool_task **tasks,
		      unsigned int n, unsigned int *queued)
{
	struct wp_deferred deferred __uninitialized;
	unsigned int before = *queued;
	int nr = -ESHUTDOWN;

	wp_pool_lock(pool, &deferred);
	if (pool->state == WP_OPEN) {
		nr = link_some_locked(pool, tasks, n, queued);
		pool->counters.submitted += *queued - before;
		wp_queue_kick_locked(pool, &deferred);
	}
	wp_pool_unlock(pool, &deferred);
	return nr;
}

/**
 * workpool_queue_batch() - have many tasks run, in order
 * @pool: the pool
 * @tasks: the tasks
 * @n: how many
 *
 * As workpool_queue() of each, but with one hold of the pool's lock and one
 * wake-up for many of them. Those that are pending already are left alone.
 *
 * Context: Any but NMI.
 * Return: how many were queued; -ESHUTDOWN: pool closed, none was.
 */
int workpool_queue_batch(struct workpool *pool, struct workpool_task **tasks,
			 unsigned int n)
{
	unsigned int queued = 0;

	if (workpool_is_closed(pool))
		return -ESHUTDOWN;
	while (n) {
		int nr = queue_some(pool, tasks, n, &queued);

		if (nr < 0)
			return queued ?: nr;
		if (!nr) {
			nr = 1;
			if (!workpool_queue(pool, *tasks))
				queued++;
		}
		tasks += nr;
		n -= nr;
	}
	return queued;
}
EXPORT_SYMBOL_GPL(workpool_queue_batch);

/**
 * wp_task_at_last_pool() - do something with a task where it was linked last
 * @task: the task
 * @act: what, with the pool's lock held; -EAGAIN makes it look again
 * @arg: for @act
 *
 * Return: what @act returned; -ENOENT: it is nowhere.
 */
int wp_task_at_last_pool(struct workpool_task *task, wp_task_act_t act,
			 void *arg)
{
	struct workpool *pool;
	struct wp_deferred deferred;
	int err;

	do {
		/* Pairs with the writes under a pool's lock. */
		u32 home = READ_ONCE(task->last_pool);

		err = -EAGAIN;
		rcu_read_lock();
		pool = wp_lookup_find(home);
		if (pool) {
			wp_pool_lock(pool, &deferred);
			if (task->last_pool == home)
				err = act(pool, task, arg, &deferred);
			wp_pool_unlock(pool, &deferred);
		} else if (!wp_pending_is_set(task)) {
			err = -ENOENT;
		}
		rcu_read_unlock();
		if (err == -EAGAIN)
			cpu_relax();
	} while (err == -EAGAIN);
	return err;
}

/*
 * Remove the pending @task, and keep the claim. @arg points to the pool it is
 * meant for; when that is another one, it counts there, and *@arg is NULL.
 * -ENOENT: it is not pending.
 */
int wp_task_steal(struct workpool *pool, struct workpool_task *task, void *arg,
		  struct wp_deferred *deferred)
{
	struct workpool **to = arg;
	int err;

	lockdep_assert_held(&pool->lock);
	if (!wp_pending_is_set(task))
		return -ENOENT;
	err = wp_link_remove_locked(pool, task);
	if (!err) {
		if (*to != pool) {
			pool->counters.submitted--;
			*to = NULL;
		}
		wp_running_release_flushers_locked(pool, task, deferred);
		wp_queue_balance_locked(pool, deferred);
	}
	return err;
}

static int cancel(struct workpool *pool, struct workpool_task *task, void *arg,
		  struct wp_deferred *deferred)
{
	int err;

	lockdep_assert_held(&pool->lock);
	if (!wp_pending_is_set(task))
		return wp_running_find_locked(pool, task) ? -EBUSY : -ENOENT;
	err = wp_link_remove_locked(pool, task);
	if (err)
		return err;
	pool->counters.cancelled++;
	trace_workpool_cancel(pool, task->fn);
	wp_link_drop_locked(pool, task, deferred);
	return 0;
}

/**
 * workpool_cancel() - keep a task from running
 * @task: the task
 *
 * Context: Any but NMI.
 * Return: 0: it was queued or delayed, and will not run; -EBUSY: it runs right
 * now and is not queued again; -ENOENT: neither.
 */
int workpool_cancel(struct workpool_task *task)
{
	return wp_task_at_last_pool(task, cancel, NULL);
}
EXPORT_SYMBOL_GPL(workpool_cancel);

/* Does @task wait for itself here? */
static bool is_own(struct workpool_task *task, const char *what)
{
	struct wp_worker *worker = wp_worker_current();

	return WARN(worker && worker->running && worker->call.kind == WP_TASK &&
		    worker->call.arg == task &&
		    worker->call.fn.task == task->fn,
		    "workpool: %s() of task %ps by itself\n", what, task->fn);
}

static void watch_locked(struct workpool *pool, struct wp_flusher *flusher,
			 struct list_head *list, struct wp_deferred *deferred)
{
	flusher->watching = true;
	wp_wait_add_locked(pool, &flusher->wait, list, wp_wait_is_nested(pool));
	wp_queue_balance_locked(pool, deferred);
}

static int cancel_and_watch(struct workpool *pool, struct workpool_task *task,
			    void *arg, struct wp_deferred *deferred)
{
	struct wp_flusher *flusher = arg;
	struct wp_worker *worker;
	int err;

	lockdep_assert_held(&pool->lock);
	err = cancel(pool, task, NULL, deferred);
	if (err == -EAGAIN)
		return err;
	worker = wp_running_find_locked(pool, task);
	if (worker)
		watch_locked(pool, flusher, &worker->flushers, deferred);
	return err;
}

/* Not while undecided for ever: such a wait is reported, and given up. */
static int wait_for_task(struct wp_flusher *flusher, const char *what)
{
	int err = wp_wait_sleep(&flusher->wait);

	WARN(err, "workpool: %s() of task %ps: every worker of the pool waits\n",
	     what, flusher->task->fn);
	return err;
}

static int cancel_and_wait(struct workpool_task *task,
			   struct wp_flusher *flusher)
{
	int err;

	atomic_add(WP_TASK_CANCELLING, &task->state);
	err = wp_task_at_last_pool(task, cancel_and_watch, flusher);
	if (flusher->watching)
		err = wait_for_task(flusher, "workpool_cancel_sync") ?: err;
	atomic_sub(WP_TASK_CANCELLING, &task->state);
	return err;
}

/*
 * workpool_cancel_sync() of a task that runs to its end whatever happens, which
 * is why the wait is never given up, and why lockdep need not know.
 */
int wp_cancel_dismiss(struct workpool_task *task)
{
	struct wp_flusher flusher = { .task = task };

	wp_wait_init(&flusher.wait);
	flusher.wait.must_wait = true;
	return cancel_and_wait(task, &flusher);
}

/**
 * workpool_cancel_sync() - keep a task from running, and wait for it
 * @task: the task
 *
 * When it returns the task is not queued and does not run, unless somebody
 * queued it since. While it waits nobody can queue the task, not even its own
 * function: that is -EALREADY.
 *
 * Context: Process context. May sleep. Not with a lock that @task takes.
 * Return: 0: it was queued or delayed, and will not run; -EBUSY: it ran, and has
 * ended; -ENOENT: neither; -EDEADLK: it would wait for itself, as it was called
 * by @task or all workers of the pool wait. That is reported with a warning, and
 * @task was only cancelled as by workpool_cancel().
 */
int workpool_cancel_sync(struct workpool_task *task)
{
	struct wp_flusher flusher = { .task = task };

	might_sleep();
	if (is_own(task, __func__)) {
		workpool_cancel(task);
		return -EDEADLK;
	}
	wp_lockdep_wait_task(task);
	wp_wait_init(&flusher.wait);
	return cancel_and_wait(task, &flusher);
}
EXPORT_SYMBOL_GPL(workpool_cancel_sync);

static int flush(struct workpool *pool, struct workpool_task *task, void *arg,
		 struct wp_deferred *deferred)
{
	struct wp_flusher *flusher = arg;
	struct wp_worker *worker;

	lockdep_assert_held(&pool->lock);
	if (wp_pending_is_set(task)) {
		if (!is_linked(task))
			return -EAGAIN;
		watch_locked(pool, flusher, &pool->flushers, deferred);
		return 0;
	}
	worker = wp_running_find_locked(pool, task);
	if (!worker)
		return -ENOENT;
	watch_locked(pool, flusher, &worker->flushers, deferred);
	return 0;
}

/**
 * workpool_flush() - wait for a task
 * @task: the task
 *
 * Waits until what is pending or running of it at the time of the call has run
 * or was cancelled; a delayed task is waited for from its timer on. From the
 * task's own function, or from a task when every worker of the pool waits in
 * such a call, it would wait for ever: it warns and returns.
 *
 * Context: Process context. May sleep. Not with a lock that @task takes.
 */
void workpool_flush(struct workpool_task *task)
{
	struct wp_flusher flusher = { .task = task };

	might_sleep();
	if (is_own(task, __func__))
		return;
	wp_lockdep_wait_task(task);
	wp_wait_init(&flusher.wait);
	if (!wp_task_at_last_pool(task, flush, &flusher))
		wait_for_task(&flusher, __func__);
}
EXPORT_SYMBOL_GPL(workpool_flush);
