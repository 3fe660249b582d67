// SPDX-License-Identifier: GPL-2.0
/*
 * What the unit tests share, see helpers.h.
 */

#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/shrinker.h>

#include "helpers.h"

bool wpt_nap_before(unsigned long deadline)
{
	if (time_after(jiffies, deadline))
		return false;
	usleep_range(100, 500);
	return true;
}

/* The fixture. */

unsigned long wpt_shrink_cache(unsigned long nr)
{
	struct shrink_control sc = { .nr_to_scan = nr };

	return wp_cache_shrinker->scan_objects(wp_cache_shrinker, &sc);
}

int wpt_init(struct kunit *test)
{
	struct wpt *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	int i;

	if (!w)
		return -ENOMEM;
	w->test = test;
	w->cache_limit = -1;
	INIT_LIST_HEAD(&w->threads);
	for (i = 0; i < WPT_GATES; i++)
		init_completion(&w->gates[i].open);
	test->priv = w;
	return 0;
}

static void check_pool(struct wpt *w, struct workpool *pool)
{
	struct workpool_stats s = wpt_stats(pool);

	KUNIT_EXPECT_EQ(w->test, s.dormant_rescues, w->rescues);
	KUNIT_EXPECT_EQ(w->test, s.running, s.busy + s.idle + s.starting);
	KUNIT_EXPECT_LE(w->test, s.running, s.alive);
}

static void join_all(struct wpt *w)
{
	struct wpt_thread *thread;

	list_for_each_entry(thread, &w->threads, node) {
		kthread_stop(thread->task);
		put_task_struct(thread->task);
	}
}

static void leave_spawner(struct wpt *w)
{
	if (!w->spawner)
		return;
	WRITE_ONCE(w->spawner->kunit_test, NULL);
	put_task_struct(w->spawner);
}

/* Runs also after a failed assertion: whatever is stuck has to get free. */
void wpt_exit(struct kunit *test)
{
	struct wpt *w = test->priv;
	int i;

	if (!w)
		return;
	if (w->cleanup)
		w->cleanup(w);
	atomic_set(&w->fail_inits, 0);
	atomic_set(&w->fail_threads, 0);
	atomic_set(&w->fail_allocs, 0);
	for (i = 0; i < WPT_GATES; i++)
		complete_all(&w->gates[i].open);
	for (i = 0; i < WPT_POOLS; i++)
		if (w->pools[i])
			workpool_release(w->pools[i]);
	if (w->cache_limit >= 0)
		wpt_shrink_cache(ULONG_MAX);
	join_all(w);
	for (i = 0; i < WPT_POOLS; i++)
		if (w->pools[i])
			wpt_destroy(w, w->pools[i]);
	leave_spawner(w);
	if (w->cache_limit >= 0)
		WRITE_ONCE(wp_cache_limit, w->cache_limit);
	/* the system's pool */
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 1);
}

/* Pools. */

static int ops_init(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	if (atomic_dec_if_positive(&w->fail_inits) >= 0)
		return -ENODEV;
	atomic_inc(&w->inits);
	*data = w;
	return 0;
}

static void ops_exit(struct workpool *pool, void *data)
{
	struct wpt *w = workpool_data(pool);

	KUNIT_EXPECT_PTR_EQ(w->test, data, (void *)w);
	atomic_inc(&w->exits);
}

static void ops_crash(struct workpool *pool, const struct workpool_crash *info)
{
	struct wpt *w = workpool_data(pool);

	w->crash = *info;
	atomic_inc(&w->crashes);
}

const struct workpool_ops wpt_ops = {
	.worker_init = ops_init,
	.worker_exit = ops_exit,
	.crash = ops_crash,
};

static int free_place(struct wpt *w)
{
	int i = 0;

	while (i < WPT_POOLS && w->pools[i])
		i++;
	KUNIT_ASSERT_LT(w->test, i, WPT_POOLS);
	return i;
}

/* As workpool_create(); the fixture destroys it. */
struct workpool *wpt_try_create(struct wpt *w, const struct workpool_attrs *attrs)
{
	struct workpool_attrs own = *attrs;
	int place = free_place(w);
	struct workpool *pool;

	own.data = w;
	pool = workpool_create(&own, "kunit%d", place);
	if (!IS_ERR(pool))
		w->pools[place] = pool;
	return pool;
}

struct workpool *wpt_create(struct wpt *w, const struct workpool_attrs *attrs)
{
	struct workpool *pool = wpt_try_create(w, attrs);

	KUNIT_ASSERT_FALSE_MSG(w->test, IS_ERR(pool), "create: %pe", pool);
	return pool;
}

struct workpool *wpt_create_simple(struct wpt *w, int capacity)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	return wpt_create(w, &attrs);
}

/* All workers idle, and none will expire. */
struct workpool *wpt_create_warm(struct wpt *w, int capacity)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	attrs.flags = WORKPOOL_F_NOPURGE;
	attrs.min_workers = capacity;
	return wpt_create(w, &attrs);
}

struct workpool *wpt_create_with_ops(struct wpt *w, int capacity,
				     const struct workpool_ops *ops)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	attrs.ops = ops;
	return wpt_create(w, &attrs);
}

void wpt_destroy(struct wpt *w, struct workpool *pool)
{
	int i;

	for (i = 0; i < WPT_POOLS; i++)
		if (w->pools[i] == pool)
			w->pools[i] = NULL;
	check_pool(w, pool);
	workpool_destroy(pool);
}

struct workpool_stats wpt_stats(struct workpool *pool)
{
	struct workpool_stats stats;

	workpool_stats(pool, &stats);
	return stats;
}

/* Tasks. */

void wpt_nothing(void *unused)
{
}

void wpt_count(void *atomic)
{
	atomic_inc(atomic);
}

void wpt_pass(void *arg)
{
	struct wpt_gate *gate = arg;

	atomic_inc(&gate->inside);
	wait_for_completion(&gate->open);
	atomic_inc(&gate->past);
}

/* Waits at the gate, then dies. */
void wpt_crash_at(void *arg)
{
	wpt_pass(arg);
	workpool_task_crash(-EIO);
}

void wpt_submit_nested(void *arg)
{
	struct wpt_nested *nested = arg;

	if (nested->gate)
		wpt_pass(nested->gate);
	nested->result = workpool_submit(nested->pool, nested->fn, nested->arg);
	complete_all(&nested->done);
}

void wpt_open(struct wpt_gate *gate)
{
	complete_all(&gate->open);
}

int wpt_inside(struct wpt_gate *gate)
{
	return atomic_read(&gate->inside);
}

int wpt_past(struct wpt_gate *gate)
{
	return atomic_read(&gate->past);
}

/* One more worker of @pool waits at @gate. */
void wpt_block(struct wpt *w, struct workpool *pool, struct wpt_gate *gate)
{
	int before = wpt_inside(gate);

	KUNIT_ASSERT_EQ(w->test, workpool_try_submit(pool, wpt_pass, gate), 0);
	ASSERT_SOON(w->test, wpt_inside(gate) == before + 1);
}

/* All workers of @pool wait at @gate. */
void wpt_fill(struct wpt *w, struct workpool *pool, struct wpt_gate *gate)
{
	int i;

	for (i = workpool_capacity(pool); i > 0; i--)
		wpt_block(w, pool, gate);
}

/* Some task runs and is done. */
void wpt_run(struct wpt *w, struct workpool *pool)
{
	int before = atomic_read(&w->ran);

	KUNIT_ASSERT_EQ(w->test, workpool_submit(pool, wpt_count, &w->ran), 0);
	ASSERT_SOON(w->test, atomic_read(&w->ran) > before);
	ASSERT_SOON(w->test, workpool_drain(pool, WPT_DEADLINE) == 0);
}

struct wpt_nested *wpt_new_nested(struct wpt *w, struct workpool *pool,
				  workpool_fn_t fn, void *arg)
{
	struct wpt_nested *nested = kunit_kzalloc(w->test, sizeof(*nested),
						  GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(w->test, nested);
	nested->pool = pool;
	nested->fn = fn;
	nested->arg = arg;
	init_completion(&nested->done);
	return nested;
}

/* A task of @pool that waits at @gate, then submits to @pool. */
struct wpt_nested *wpt_nest(struct wpt *w, struct workpool *pool,
			    struct wpt_gate *gate)
{
	struct wpt_nested *nested = wpt_new_nested(w, pool, wpt_count, &w->ran);

	nested->gate = gate;
	KUNIT_ASSERT_EQ(w->test, 0,
			workpool_try_submit(pool, wpt_submit_nested, nested));
	if (gate)
		ASSERT_SOON(w->test, wpt_inside(gate) == 1);
	return nested;
}

/* Threads. */

static int thread_main(void *arg)
{
	struct wpt_thread *thread = arg;

	allow_signal(SIGKILL);
	thread->result = thread->call(thread);
	complete_all(&thread->done);
	return 0;
}

/* The caller sets what the call needs in @what. */
struct wpt_thread *wpt_start(struct wpt *w, const struct wpt_thread *what)
{
	struct wpt_thread *thread = kunit_kzalloc(w->test, sizeof(*thread),
						  GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(w->test, thread);
	*thread = *what;
	init_completion(&thread->done);
	thread->task = kthread_create(thread_main, thread, "wpt-thread");
	KUNIT_ASSERT_FALSE(w->test, IS_ERR(thread->task));
	get_task_struct(thread->task);
	list_add_tail(&thread->node, &w->threads);
	wake_up_process(thread->task);
	return thread;
}

/* A submitter that waits at the end of the line. */
struct wpt_thread *wpt_line_up(struct wpt *w, struct workpool *pool,
			       workpool_fn_t fn, void *arg)
{
	struct wpt_thread what = {
		.call = wpt_call_submit,
		.pool = pool,
		.fn = fn,
		.arg = arg,
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};
	int before = workpool_waiting(pool);
	struct wpt_thread *thread = wpt_start(w, &what);

	ASSERT_SOON(w->test, workpool_waiting(pool) == before + 1);
	return thread;
}

/* What the call returned, or -ETIME when it did not. */
int wpt_join(struct wpt_thread *thread)
{
	if (!wait_for_completion_timeout(&thread->done, WPT_DEADLINE))
		return -ETIME;
	return thread->result;
}

void wpt_kill(struct wpt_thread *thread)
{
	send_sig(SIGKILL, thread->task, 1);
}

int wpt_call_submit(struct wpt_thread *thread)
{
	return workpool_submit_timeout(thread->pool, thread->fn, thread->arg,
				       thread->timeout);
}

int wpt_call_drain(struct wpt_thread *thread)
{
	return workpool_drain(thread->pool, thread->timeout);
}

int wpt_call_release(struct wpt_thread *thread)
{
	return workpool_release_timeout(thread->pool, thread->timeout);
}

int wpt_call_wait_released(struct wpt_thread *thread)
{
	return workpool_wait_released(thread->pool, thread->timeout);
}

/* Memory as an ioctl or a read gets it. */
void __user *wpt_user_memory(struct wpt *w, size_t size)
{
	unsigned long addr = 0;

/* as old as kunit_vm_mmap(), about */
#if __has_include("kunit/platform_device.h")
	addr = kunit_vm_mmap(w->test, NULL, 0, size, PROT_READ | PROT_WRITE,
			     MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(w->test, addr, 0);
#else
	kunit_skip(w->test, "this kernel has no user memory for tests");
#endif
	return (void __user *)addr;
}

/* Failures. */

struct wpt *wpt_current(void)
{
	return current->kunit_test->priv;
}

void wpt_need_stubs(struct wpt *w)
{
	if (!WPT_HAVE_STUBS)
		kunit_skip(w->test, "this kernel has no static stubs");
}

static bool is_pool_thread(struct task_struct *task)
{
	return (task->flags & PF_KTHREAD) && !strncmp(task->comm, "wp/", 3);
}

static bool is_spawner(struct task_struct *task)
{
	return is_pool_thread(task) && !strcmp(task->comm, "wp/spawner");
}

static struct task_struct *find_spawner(void)
{
	struct task_struct *task, *found = NULL;

	rcu_read_lock();
	for_each_process(task)
		if (is_spawner(task))
			found = get_task_struct(task);
	rcu_read_unlock();
	return found;
}

/* Stubs hold in the threads of the test. The spawner becomes one of them. */
void wpt_enter_spawner(struct wpt *w)
{
	wpt_need_stubs(w);
	if (w->spawner)
		return;
	w->spawner = find_spawner();
	KUNIT_ASSERT_NOT_NULL(w->test, w->spawner);
	WRITE_ONCE(w->spawner->kunit_test, w->test);
}

static struct task_struct *stub_thread(struct wp_worker *worker, int node,
				       const char *name)
{
	struct kunit *test = current->kunit_test;
	struct task_struct *task;

	if (atomic_dec_if_positive(&wpt_current()->fail_threads) >= 0)
		return ERR_PTR(-EAGAIN);
	current->kunit_test = NULL;
	task = wp_worker_make_thread(worker, node, name);
	current->kunit_test = test;
	return task;
}

static struct wp_worker *stub_alloc(int node)
{
	struct kunit *test = current->kunit_test;
	struct wp_worker *worker;

	if (atomic_dec_if_positive(&wpt_current()->fail_allocs) >= 0)
		return NULL;
	current->kunit_test = NULL;
	worker = wp_worker_alloc(node);
	current->kunit_test = test;
	return worker;
}

/* The next @nr threads cannot be made: -EAGAIN. There are none to adopt. */
void wpt_fail_threads(struct wpt *w, int nr)
{
	wpt_need_stubs(w);
	wpt_empty_cache(w);
	atomic_set(&w->fail_threads, nr);
	kunit_activate_static_stub(w->test, wp_worker_make_thread, stub_thread);
	wpt_enter_spawner(w);
}

/* There is no memory for the next @nr worker objects: -ENOMEM. */
void wpt_fail_allocs(struct wpt *w, int nr)
{
	wpt_need_stubs(w);
	wpt_empty_cache(w);
	atomic_set(&w->fail_allocs, nr);
	kunit_activate_static_stub(w->test, wp_worker_alloc, stub_alloc);
	wpt_enter_spawner(w);
}

static bool no_pool_thread(void)
{
	struct task_struct *task;
	bool none = true;

	wpt_shrink_cache(ULONG_MAX);
	rcu_read_lock();
	for_each_process(task)
		if (is_pool_thread(task) && !is_spawner(task))
			none = false;
	rcu_read_unlock();
	return none;
}

/* No thread is kept warm until the end of the test, nor is one left. */
void wpt_empty_cache(struct wpt *w)
{
	if (w->cache_limit < 0)
		w->cache_limit = wp_cache_limit;
	WRITE_ONCE(wp_cache_limit, 0);
	ASSERT_SOON(w->test, no_pool_thread());
}

WORKPOOL_IMPORT_NS();
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The workpool developers");
MODULE_DESCRIPTION("Unit tests of workpool");
