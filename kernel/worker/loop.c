// SPDX-License-Identifier: GPL-2.0
/*
 * The worker: a kernel thread that serves one pool after the other.
 */

#include <linux/freezer.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "internal.h"
#include "core/lockdep.h"
#include "trace.h"

/**
 * DOC: Life of a worker
 *
 * The spawner makes a thread for a slot that was reserved in a pool, or a
 * parked one is adopted from the module's cache. In its own thread the worker
 * takes on the pool's scheduling attributes, calls worker_init, and then takes
 * job after job, parked on the pool's expiry stack in between. Told to leave,
 * or dismissed when it comes back to a pool that shrank or closed, it calls
 * worker_exit, steps out of the pool's books and parks in the cache. Only when
 * the cache has no room for it, or gives it up, the thread ends.
 *
 * However it ends, by return or in an oops, exit_task_work() calls
 * wp_exit_work() in it, see "Crashes". Nothing but the reaper frees a worker.
 *
 * Two things are reused and should not be confused: the parked thread, which
 * is what makes a pool fast, and the worker object, which comes from a
 * kmem_cache and lives as long as its thread.
 */

static struct kmem_cache *worker_cache;
static atomic_t nr_workers = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(no_workers);

int wp_worker_init(void)
{
	worker_cache = KMEM_CACHE(wp_worker, SLAB_HWCACHE_ALIGN);
	return worker_cache ? 0 : -ENOMEM;
}

void wp_worker_exit(void)
{
	kmem_cache_destroy(worker_cache);
}

/* The thread is gone. */
void wp_worker_free(struct wp_worker *worker)
{
	put_task_struct(worker->task);
	kmem_cache_free(worker_cache, worker);
	if (atomic_dec_and_test(&nr_workers))
		wake_up_all(&no_workers);
}

/* Wait for the last thread of the module, after all were told to end. */
void wp_worker_wait_none(void)
{
	wait_event(no_workers, !atomic_read(&nr_workers));
}
EXPORT_SYMBOL_IF_KUNIT(wp_worker_wait_none);

/**
 * DOC: The mailbox
 *
 * A parked worker sleeps until its order is not WP_ORDER_NONE. Whoever took it
 * off its stack is the only one who may post, and posts once: it writes what
 * goes with the order (job, pool), then the order with release semantics, then
 * wakes the thread. The worker reads the order with acquire semantics after it
 * set its task state, so it either sees the order or is woken.
 *
 * Once it has seen the order the worker may run to its end before the poster's
 * wake_up_process(). The worker object is not touched after the order was
 * posted, and the task_struct is freed by RCU: the poster must not be preempted
 * in between, which makes it an RCU reader.
 */
void wp_mailbox_post(struct wp_worker *worker, enum wp_order order)
{
	struct task_struct *task = worker->task;

	preempt_disable();
	/* Pairs with the acquire in wp_mailbox_wait(). */
	smp_store_release(&worker->order, order);
	wp_wake_here(task);
	preempt_enable();
}
EXPORT_SYMBOL_IF_KUNIT(wp_mailbox_post);

/* @flags: WORKPOOL_F_FREEZABLE matters. */
enum wp_order wp_mailbox_wait(struct wp_worker *worker, unsigned int flags)
{
	unsigned int state = TASK_IDLE;
	enum wp_order order;

	if (flags & WORKPOOL_F_FREEZABLE)
		state |= TASK_FREEZABLE;
	for (;;) {
		set_current_state(state);
		/* Pairs with the release in wp_mailbox_post(). */
		order = smp_load_acquire(&worker->order);
		if (order != WP_ORDER_NONE)
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return order;
}
EXPORT_SYMBOL_IF_KUNIT(wp_mailbox_wait);

/* What a task may have left behind and workqueue would complain about too. */
struct leak_check {
	int preempt;
	int rcu;
	int locks;
};

static int held_locks(void)
{
#ifdef CONFIG_LOCKDEP
	return lockdep_depth(current);
#else
	return 0;
#endif
}

static void leak_check_begin(struct leak_check *check)
{
	check->preempt = preempt_count();
	check->rcu = rcu_preempt_depth();
	check->locks = held_locks();
}

/* An oops elsewhere turns lockdep off, which loses count in the middle of a task. */
static int new_locks(const struct leak_check *check)
{
#ifdef CONFIG_LOCKDEP
	if (READ_ONCE(debug_locks))
		return held_locks() - check->locks;
#endif
	return 0;
}

/* Where rcu_read_lock() is preempt_disable(), only lockdep tells them apart. */
static void repair_rcu(const struct leak_check *check)
{
	int nr;

	while (rcu_preempt_depth() > check->rcu) {
		__acquire(RCU);		/* the task did, out of sparse's sight */
		rcu_read_unlock();
	}
	for (nr = new_locks(check); nr > 0; nr--)
		if (rcu_read_lock_held())
			rcu_lock_release(&rcu_lock_map);
}

static void repair_leaks(const struct leak_check *check)
{
	repair_rcu(check);
	if (preempt_count() != check->preempt)
		preempt_count_set(check->preempt);
	if (irqs_disabled())
		local_irq_enable();
}

static void count_leak(struct workpool *pool)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	pool->counters.leaks++;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

static void leak_check_end(struct workpool *pool, void *fn,
			   const struct leak_check *check)
{
	if (likely(preempt_count() == check->preempt && !irqs_disabled() &&
		   rcu_preempt_depth() == check->rcu && !new_locks(check)))
		return;

	pr_err("BUG: pool %s: task %ps leaked: preempt count %d, RCU depth %d, locks %d, interrupts %s\n",
	       pool->name, fn, preempt_count() - check->preempt,
	       rcu_preempt_depth() - check->rcu, new_locks(check),
	       irqs_disabled() ? "off" : "on");
	repair_leaks(check);
	dump_stack();
	count_leak(pool);
}

static void call(struct wp_worker *worker)
{
	struct wp_call *call = &worker->call;

	worker->running = true;
	switch (call->kind) {
	case WP_TASK:
		call->fn.task(call->arg);
		break;
	case WP_MEMBER:
		worker->result = call->fn.member(call->arg);
		break;
	default:
		call->fn.call(call->arg);
		break;
	}
	worker->running = false;
}

/* An embedded task may be gone when it returns. */
static void run_task(struct workpool *pool, struct wp_worker *worker)
{
	void *fn = worker->call.fn.any;
	struct leak_check check;

	wp_lockdep_begin(pool, worker);
	leak_check_begin(&check);
	trace_workpool_start(pool, worker, fn);
	call(worker);
	trace_workpool_done(pool, worker, fn);
	leak_check_end(pool, fn, &check);
	wp_lockdep_end(pool, worker);
}

static void run_job(struct workpool *pool, struct wp_worker *worker)
{
	if (pool->flags & WORKPOOL_F_FREEZABLE)
		try_to_freeze();
	if (worker->call.kind == WP_CRASH)
		wp_crash_report(pool, worker->call.arg);
	else
		run_task(pool, worker);
}

/* Serve worker->pool until told to leave. */
static void serve(struct wp_worker *worker)
{
	struct workpool *pool = worker->pool;
	int err = 0;

	wp_identity_apply(pool, worker);
	worker->data = NULL;
	if (pool->ops->worker_init)
		err = pool->ops->worker_init(pool, &worker->data);
	if (err) {
		wp_attach_failed(pool, worker, err);
		worker->pool = NULL;
		wp_pool_put(pool);
		return;
	}
	worker->initialized = true;

	while (wp_loop_next(pool, worker))
		run_job(pool, worker);

	worker->initialized = false;
	if (pool->ops->worker_exit)
		pool->ops->worker_exit(pool, worker->data);
	worker->pool = NULL;
	wp_attach_leave(pool, worker);
}

/* Called in the thread, last of all, however it ends. */
static void exit_work(struct callback_head *head)
{
	struct wp_worker *worker = container_of(head, struct wp_worker,
						exit_work);
	struct workpool *pool = worker->pool;
	bool exit_due = worker->initialized;

	if (worker->running)
		wp_lockdep_end(pool, worker);
	if (pool)
		wp_crash_account(pool, worker);
	/*
	 * The reaper waits for exit_state: it frees the worker after we are
	 * done, or after a crash in worker_exit ended this thread for good.
	 */
	worker->initialized = false;
	wp_reap_worker(worker);
	if (exit_due && pool->ops->worker_exit)
		pool->ops->worker_exit(pool, worker->data);
}

static int serve_pools(void *data)
{
	struct wp_worker *worker = data;

	init_task_work(&worker->exit_work, exit_work);
	if (WARN_ON(task_work_add(current, &worker->exit_work, TWA_NONE)))
		return -ESRCH;
	do {
		serve(worker);
	} while (wp_cache_park(worker) == WP_ORDER_ADOPT);
	return 0;
}

struct wp_worker *wp_worker_alloc(int node)
{
	KUNIT_STATIC_STUB_REDIRECT(wp_worker_alloc, node);
	return kmem_cache_alloc_node(worker_cache, GFP_KERNEL | __GFP_ZERO,
				     node);
}
EXPORT_SYMBOL_IF_KUNIT(wp_worker_alloc);

struct task_struct *wp_worker_make_thread(struct wp_worker *worker, int node,
					  const char *name)
{
	KUNIT_STATIC_STUB_REDIRECT(wp_worker_make_thread, worker, node, name);
	return kthread_create_on_node(serve_pools, worker, node, "%s", name);
}
EXPORT_SYMBOL_IF_KUNIT(wp_worker_make_thread);

/**
 * wp_worker_create() - make a thread for a claimed slot of @pool
 * @pool: the pool
 * @id: number of the worker in it
 *
 * Return: the worker, attached and about to run, or ERR_PTR().
 */
struct wp_worker *wp_worker_create(struct workpool *pool, unsigned int id)
{
	struct wp_worker *worker;
	struct task_struct *task;
	char name[TASK_COMM_LEN];

	worker = wp_worker_alloc(pool->node);
	if (!worker)
		return ERR_PTR(-ENOMEM);
	wp_identity_name(pool, id, name);
	task = wp_worker_make_thread(worker, pool->node, name);
	if (IS_ERR(task)) {
		kmem_cache_free(worker_cache, worker);
		return ERR_CAST(task);
	}
	atomic_inc(&nr_workers);
	worker->task = get_task_struct(task);
	worker->node = pool->node;
	INIT_LIST_HEAD(&worker->parked.node);
	wp_slot_attach(pool, worker, id, false);
	wake_up_process(task);
	return worker;
}

/* The worker that runs here, or NULL. */
struct wp_worker *wp_worker_current(void)
{
	if (!in_task() || !(current->flags & PF_KTHREAD) ||
	    kthread_func(current) != serve_pools)
		return NULL;
	return kthread_data(current);
}
EXPORT_SYMBOL_IF_KUNIT(wp_worker_current);

static struct wp_worker *current_running(void)
{
	struct wp_worker *worker = wp_worker_current();

	return worker && worker->running ? worker : NULL;
}

/**
 * workpool_current() - the pool whose task runs here
 *
 * Context: Any.
 * Return: the pool, or NULL outside a task of a pool, callbacks included.
 */
struct workpool *workpool_current(void)
{
	struct wp_worker *worker = current_running();

	return worker ? worker->pool : NULL;
}
EXPORT_SYMBOL_GPL(workpool_current);

/**
 * workpool_worker_data() - what worker_init left for this worker
 *
 * Context: In a task of a pool.
 * Return: the pointer, or NULL outside a task of a pool.
 */
void *workpool_worker_data(void)
{
	struct wp_worker *worker = current_running();

	return worker ? worker->data : NULL;
}
EXPORT_SYMBOL_GPL(workpool_worker_data);

/**
 * workpool_should_stop() - is the pool of this task closing?
 *
 * For a long task to poll. A pool cannot end a task by force.
 *
 * Context: In a task of a pool.
 * Return: true when the pool was released; false outside a task of a pool.
 */
bool workpool_should_stop(void)
{
	struct workpool *pool = workpool_current();

	return pool && workpool_is_closed(pool);
}
EXPORT_SYMBOL_GPL(workpool_should_stop);
