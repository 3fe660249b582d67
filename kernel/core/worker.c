// SPDX-License-Identifier: GPL-2.0
/*
 * The worker object: one kernel thread, in a pool or in the cache.
 *
 * The object comes from a kmem_cache and lives as long as its thread. What the
 * thread does is in worker/loop.c.
 */

#include <linux/kasan.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "compat.h"
#include "core/cpus.h"
#include "core/identity.h"
#include "core/pool.h"
#include "core/worker.h"

static struct kmem_cache *worker_cache;
static int (*thread_fn)(void *worker);
static atomic_t nr_workers = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(no_workers);

/* @fn is what the threads execute; it gets the worker. */
int wp_worker_init(int (*fn)(void *worker))
{
	thread_fn = fn;
	worker_cache = KMEM_CACHE(wp_worker, SLAB_HWCACHE_ALIGN);
	return worker_cache ? 0 : -ENOMEM;
}

void wp_worker_exit(void)
{
	kmem_cache_destroy(worker_cache);
}

static void free_object(struct wp_worker *worker)
{
	free_cpumask_var(worker->user_cpus);
	free_cpumask_var(worker->cpus);
	kmem_cache_free(worker_cache, worker);
}

/* The thread of @worker is gone. */
void wp_worker_free(struct wp_worker *worker)
{
	put_task_struct(worker->task);
	free_object(worker);
	if (atomic_dec_and_test(&nr_workers))
		wake_up_all(&no_workers);
}

/* Wait for the last thread of the module, after all were told to end. */
void wp_worker_wait_none(void)
{
	wait_event(no_workers, !atomic_read(&nr_workers));
}
EXPORT_SYMBOL_IF_KUNIT(wp_worker_wait_none);

struct wp_worker *wp_worker_alloc(int node)
{
	struct wp_worker *worker;

	KUNIT_STATIC_STUB_REDIRECT(wp_worker_alloc, node);
	worker = kmem_cache_alloc_node(worker_cache, GFP_KERNEL | __GFP_ZERO,
				       node);
	if (!worker)
		return NULL;
	if (zalloc_cpumask_var_node(&worker->cpus, GFP_KERNEL, node) &&
	    zalloc_cpumask_var_node(&worker->user_cpus, GFP_KERNEL, node))
		return worker;
	free_object(worker);
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(wp_worker_alloc);

struct task_struct *wp_worker_make_thread(struct wp_worker *worker, int node,
					  const char *name)
{
	KUNIT_STATIC_STUB_REDIRECT(wp_worker_make_thread, worker, node, name);
	return kthread_create_on_node(thread_fn, worker, node, "%s", name);
}
EXPORT_SYMBOL_IF_KUNIT(wp_worker_make_thread);

/**
 * wp_worker_create() - make a thread for a slot, which the caller fills
 * @pool: the pool
 * @id: number of the worker, from wp_slot_take()
 *
 * Context: Process context. May sleep.
 * Return: the worker, whose thread the caller wakes, or ERR_PTR().
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
		free_object(worker);
		return ERR_CAST(task);
	}
	atomic_inc(&nr_workers);
	worker->task = get_task_struct(task);
	worker->node = pool->node;
	wp_cpus_inherited(worker);
	INIT_LIST_HEAD(&worker->parked.node);
	return worker;
}

/* The worker whose thread runs here, or NULL. */
struct wp_worker *wp_worker_current(void)
{
	if (!in_task() || !(current->flags & PF_KTHREAD) ||
	    kthread_func(current) != thread_fn)
		return NULL;
	return kthread_data(current);
}
EXPORT_SYMBOL_IF_KUNIT(wp_worker_current);

/* Does a worker of @pool run here? */
bool wp_worker_is_own(struct workpool *pool)
{
	struct wp_worker *worker = wp_worker_current();

	return worker && worker->pool == pool;
}

/**
 * wp_worker_note_stacked() - note a group or an embedded task on the stack
 * @lookup_id: of the only pool that can refer to it; 0: any pool can
 *
 * Context: Any. Outside of a worker it does nothing.
 */
void wp_worker_note_stacked(u32 lookup_id)
{
	struct wp_worker *worker = wp_worker_current();

	if (!worker)
		return;
	WARN_ONCE(wp_worker_is_dying(worker),
		  "workpool: pool %s: worker_exit has a group or a task on the stack of a thread that crashed\n",
		  worker->pool ? worker->pool->name : "-");
	if (!worker->stacked)
		worker->stacked_in = lookup_id;
	else if (worker->stacked_in != lookup_id)
		worker->stacked_in = 0;
	worker->stacked = true;
}

/* Is @object on the stack of @worker? */
bool wp_worker_has_on_stack(const struct wp_worker *worker, const void *object)
{
	const void *stack = task_stack_page(worker->task);

	object = kasan_reset_tag(object);
	return object >= stack && object < stack + THREAD_SIZE;
}

static struct wp_worker *current_in_task(void)
{
	struct wp_worker *worker = wp_worker_current();

	return worker && worker->in_task ? worker : NULL;
}

/**
 * workpool_current() - the pool whose task runs here
 *
 * Context: Any.
 * Return: the pool, or NULL outside a task of a pool, callbacks included.
 */
struct workpool *workpool_current(void)
{
	struct wp_worker *worker = current_in_task();

	return worker ? worker->pool : NULL;
}
EXPORT_SYMBOL_GPL(workpool_current);

/* The function that @worker executes, which runs here or waits in it. */
void *wp_worker_own_fn(const struct wp_worker *worker)
{
	const struct wp_lease_entry *entry = wp_lease_current(&worker->lease);

	return entry ? (void *)entry->fn : worker->call.fn.any;
}

/* The embedded task that @worker, the current thread's, executes, or NULL. */
struct workpool_task *wp_worker_own_task(const struct wp_worker *worker)
{
	const struct wp_lease_entry *entry = wp_lease_current(&worker->lease);

	if (entry)
		return entry->task;
	return wp_call_is_task(&worker->call) ? worker->call.arg : NULL;
}

/**
 * workpool_current_task() - the embedded task that runs here
 *
 * As current_work(). Its function may have freed it.
 *
 * Context: Any.
 * Return: the task, or NULL outside an embedded task.
 */
struct workpool_task *workpool_current_task(void)
{
	struct wp_worker *worker = current_in_task();

	return worker ? wp_worker_own_task(worker) : NULL;
}
EXPORT_SYMBOL_GPL(workpool_current_task);

/**
 * workpool_current_fn() - the function that a worker executes here
 *
 * For messages, with %ps. A member of a group that a waiting task executes is a
 * part of that task. A helper of a parallel loop is a task of workpool's own,
 * also for workpool_current_task().
 *
 * Context: Any.
 * Return: the function of the call or of the embedded task, or NULL outside a
 * task of a pool.
 */
void *workpool_current_fn(void)
{
	struct wp_worker *worker = current_in_task();

	return worker ? wp_worker_own_fn(worker) : NULL;
}
EXPORT_SYMBOL_GPL(workpool_current_fn);

/**
 * workpool_worker_data() - what worker_init left for this worker
 *
 * Context: In a task of a pool.
 * Return: the pointer, or NULL outside a task of a pool.
 */
void *workpool_worker_data(void)
{
	struct wp_worker *worker = current_in_task();

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

	return pool && !wp_pool_is_open(pool);
}
EXPORT_SYMBOL_GPL(workpool_should_stop);
