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
#include <linux/tracepoint.h>

#include "core/cache.h"
#include "core/lock.h"
#include "core/pending.h"
#include "core/pool.h"
#include "core/worker.h"
#include "pool/registry.h"
#include "queue/running.h"
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
	INIT_LIST_HEAD(&w->tasks);
	for (i = 0; i < WPT_GATES; i++)
		init_completion(&w->gates[i].open);
	test->priv = w;
	return 0;
}

static void check_pool(struct wpt *w, struct workpool *pool)
{
	struct workpool_stats s = wpt_stats(pool);

	KUNIT_EXPECT_EQ(w->test, pool->stranded, w->stranded);
	KUNIT_EXPECT_EQ(w->test, s.running,
			s.busy + s.idle + s.searching + s.starting);
	KUNIT_EXPECT_LE(w->test, s.running, s.alive);
	if (!list_empty(&w->tasks))
		KUNIT_EXPECT_EQ(w->test, wpt_unaccounted(pool), 0);
}

static void destroy_multi(struct wpt *w, struct workpool_multi *multi)
{
	unsigned int i;

	for (i = 0; i < workpool_multi_count(multi); i++)
		check_pool(w, workpool_multi_at(multi, i));
	KUNIT_EXPECT_EQ(w->test, workpool_multi_waiting(multi), 0);
	workpool_multi_destroy(multi);
}

static void join_all(struct wpt *w)
{
	struct wpt_thread *thread;

	list_for_each_entry(thread, &w->threads, node) {
		kthread_stop(thread->task);
		put_task_struct(thread->task);
	}
}

static void leave_spawners(struct wpt *w)
{
	int i;

	for (i = 0; i < WP_SPAWNERS_MAX && w->spawners[i]; i++) {
		WRITE_ONCE(w->spawners[i]->kunit_test, NULL);
		put_task_struct(w->spawners[i]);
	}
	if (i)
		WRITE_ONCE(wp_spawners, w->spawners_before);
}

static void open_tasks(struct wpt *w)
{
	struct wpt_task *t;

	list_for_each_entry(t, &w->tasks, node) {
		WRITE_ONCE(t->limit, 0);
		wpt_open(&t->gate);
	}
}

/* Runs also after a failed assertion: all that waits has to get free. */
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
	open_tasks(w);
	for (i = 0; i < WPT_POOLS; i++)
		if (w->pools[i])
			workpool_release(w->pools[i]);
	for (i = 0; i < WPT_MULTIS; i++)
		if (w->multis[i])
			workpool_multi_release(w->multis[i]);
	if (w->cache_limit >= 0)
		wpt_shrink_cache(ULONG_MAX);
	join_all(w);
	for (i = 0; i < WPT_MULTIS; i++)
		if (w->multis[i])
			destroy_multi(w, w->multis[i]);
	for (i = 0; i < WPT_POOLS; i++)
		if (w->pools[i])
			wpt_destroy(w, w->pools[i]);
	leave_spawners(w);
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

/* A pool whose workers are all idle, and do not expire. */
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

/* The test destroys @pool itself. */
void wpt_forget(struct wpt *w, struct workpool *pool)
{
	int i;

	for (i = 0; i < WPT_POOLS; i++)
		if (w->pools[i] == pool)
			w->pools[i] = NULL;
}

void wpt_destroy(struct wpt *w, struct workpool *pool)
{
	wpt_forget(w, pool);
	check_pool(w, pool);
	workpool_destroy(pool);
}

struct workpool_stats wpt_stats(struct workpool *pool)
{
	struct workpool_stats stats;

	workpool_stats(pool, &stats);
	return stats;
}

/* The number of threads that wait in workpool_drain(). */
int wpt_drainers(struct workpool *pool)
{
	struct list_head *node;
	struct wp_deferred deferred;
	int nr = 0;

	wp_pool_lock(pool, &deferred);
	list_for_each(node, &pool->drainers)
		nr++;
	wp_pool_unlock(pool, &deferred);
	return nr;
}

/* Multis. */

static int free_multi_place(struct wpt *w)
{
	int i = 0;

	while (i < WPT_MULTIS && w->multis[i])
		i++;
	KUNIT_ASSERT_LT(w->test, i, WPT_MULTIS);
	return i;
}

/* As workpool_multi_create(); the fixture destroys it. */
struct workpool_multi *wpt_try_multi(struct wpt *w, unsigned int n,
				     enum workpool_strategy strategy,
				     const struct workpool_attrs *each)
{
	struct workpool_attrs own = *each;
	struct workpool_multi *multi;
	int place = free_multi_place(w);

	own.data = w;
	multi = workpool_multi_create(n, strategy, &own, "multi%d", place);
	if (!IS_ERR(multi))
		w->multis[place] = multi;
	return multi;
}

struct workpool_multi *wpt_multi(struct wpt *w, unsigned int n,
				 enum workpool_strategy strategy,
				 const struct workpool_attrs *each)
{
	struct workpool_multi *multi = wpt_try_multi(w, n, strategy, each);

	KUNIT_ASSERT_FALSE_MSG(w->test, IS_ERR(multi), "create: %pe", multi);
	return multi;
}

/* A multi whose pools take turns, and whose idle workers stay. */
struct workpool_multi *wpt_multi_simple(struct wpt *w, unsigned int n,
					int capacity)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	attrs.flags = WORKPOOL_F_NOPURGE;
	return wpt_multi(w, n, WORKPOOL_ROUND_ROBIN, &attrs);
}

/* The test destroys @multi itself. */
void wpt_multi_forget(struct wpt *w, struct workpool_multi *multi)
{
	int i;

	for (i = 0; i < WPT_MULTIS; i++)
		if (w->multis[i] == multi)
			w->multis[i] = NULL;
}

struct workpool_stats wpt_multi_stats(struct workpool_multi *multi)
{
	struct workpool_stats stats;

	workpool_multi_stats(multi, &stats);
	return stats;
}

struct workpool_stats wpt_stats_at(struct workpool_multi *multi, int index)
{
	return wpt_stats(workpool_multi_at(multi, index));
}

/* Which of the pools is @pool? -1: none. */
int wpt_multi_index(struct workpool_multi *multi, struct workpool *pool)
{
	int i;

	for (i = workpool_multi_count(multi) - 1; i >= 0; i--)
		if (workpool_multi_at(multi, i) == pool)
			break;
	return i;
}

/* Makes all workers of all pools wait at @gate. */
void wpt_multi_fill(struct wpt *w, struct workpool_multi *multi,
		    struct wpt_gate *gate)
{
	unsigned int i;

	for (i = 0; i < workpool_multi_count(multi); i++)
		wpt_fill(w, workpool_multi_at(multi, i), gate);
}

/* The number of waiters in the queues of all pools. */
int wpt_multi_nodes(struct workpool_multi *multi)
{
	unsigned int i;
	int nodes = 0;

	for (i = 0; i < workpool_multi_count(multi); i++)
		nodes += workpool_waiting(workpool_multi_at(multi, i));
	return nodes;
}

static int open_pools(struct workpool_multi *multi)
{
	unsigned int i;
	int open = 0;

	for (i = 0; i < workpool_multi_count(multi); i++)
		open += !workpool_is_closed(workpool_multi_at(multi, i));
	return open;
}

/* A submitter that waits in the queues of all open pools. */
struct wpt_thread *wpt_multi_add_waiter(struct wpt *w,
					struct workpool_multi *multi,
					workpool_fn_t fn, void *arg)
{
	struct wpt_thread what = {
		.call = wpt_call_multi_submit,
		.multi = multi,
		.fn = fn,
		.arg = arg,
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};
	int want = wpt_multi_nodes(multi) + open_pools(multi);
	struct wpt_thread *thread = wpt_start(w, &what);

	ASSERT_SOON(w->test, wpt_multi_nodes(multi) == want);
	return thread;
}

void wpt_note_where(void *arg)
{
	struct wpt_where *where = arg;

	where->pool = workpool_current();
	atomic_inc(&where->ran);
}

struct wpt_where *wpt_new_where(struct wpt *w)
{
	struct wpt_where *where = kunit_kzalloc(w->test, sizeof(*where),
						GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(w->test, where);
	return where;
}

/* Executes some task. Returns the index of the pool it ran in. */
int wpt_multi_pick(struct wpt *w, struct workpool_multi *multi)
{
	struct wpt_where *where = wpt_new_where(w);
	int err, busy = workpool_multi_busy(multi);

	err = workpool_multi_try_submit(multi, wpt_note_where, where);
	KUNIT_ASSERT_EQ(w->test, err, 0);
	ASSERT_SOON(w->test, atomic_read(&where->ran) == 1);
	ASSERT_SOON(w->test, workpool_multi_busy(multi) == busy);
	return wpt_multi_index(multi, where->pool);
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

/* Makes one more worker of @pool wait at @gate. */
void wpt_block(struct wpt *w, struct workpool *pool, struct wpt_gate *gate)
{
	int before = wpt_inside(gate);

	KUNIT_ASSERT_EQ(w->test, workpool_try_submit(pool, wpt_pass, gate), 0);
	ASSERT_SOON(w->test, wpt_inside(gate) == before + 1);
}

/* Makes all workers of @pool wait at @gate. */
void wpt_fill(struct wpt *w, struct workpool *pool, struct wpt_gate *gate)
{
	int i;

	for (i = workpool_capacity(pool); i > 0; i--)
		wpt_block(w, pool, gate);
}

/* Executes some task beside those that run. */
void wpt_run_beside(struct wpt *w, struct workpool *pool)
{
	int before = atomic_read(&w->ran);

	KUNIT_ASSERT_EQ(w->test, workpool_submit(pool, wpt_count, &w->ran), 0);
	ASSERT_SOON(w->test, atomic_read(&w->ran) > before);
}

/* Executes some task, and waits until the pool is quiet. */
void wpt_run(struct wpt *w, struct workpool *pool)
{
	wpt_run_beside(w, pool);
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

/* Embedded tasks. */

static struct wpt_task *to_wpt(struct workpool_task *task)
{
	return container_of(task, struct wpt_task, d.task);
}

static void note_begin(struct wpt_task *t)
{
	if (atomic_inc_return(&t->now) != 1)
		WRITE_ONCE(t->overlapped, true);
	if (t->due && time_before(jiffies, t->due))
		WRITE_ONCE(t->early, true);
	t->turn = atomic_inc_return(&t->w->turns);
	t->ran_in = workpool_current();
	atomic_inc(&t->begun);
}

void wpt_task_fn(struct workpool_task *task)
{
	struct wpt_task *t = to_wpt(task);

	note_begin(t);
	if (t->waits)
		wpt_pass(&t->gate);
	if (t->body)
		t->body(t);
	atomic_dec(&t->now);
	atomic_inc(&t->ended);
}

/* A task that does nothing but note that it ran. */
struct wpt_task *wpt_task(struct wpt *w)
{
	struct wpt_task *t = kunit_kzalloc(w->test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(w->test, t);
	workpool_delayed_task_init(&t->d, wpt_task_fn);
	init_completion(&t->gate.open);
	t->w = w;
	list_add_tail(&t->node, &w->tasks);
	return t;
}

struct wpt_task *wpt_task_at_gate(struct wpt *w)
{
	struct wpt_task *t = wpt_task(w);

	t->waits = true;
	return t;
}

/* A task that waits at its gate, then executes @body. */
struct wpt_task *wpt_task_with(struct wpt *w, void (*body)(struct wpt_task *t),
			       struct workpool *pool)
{
	struct wpt_task *t = wpt_task_at_gate(w);

	t->body = body;
	t->pool = pool;
	return t;
}

void wpt_tasks(struct wpt *w, struct wpt_task **tasks, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		tasks[i] = wpt_task(w);
}

int wpt_queue(struct workpool *pool, struct wpt_task *t)
{
	return workpool_queue(pool, &t->d.task);
}

int wpt_queue_front(struct workpool *pool, struct wpt_task *t)
{
	return workpool_queue_front(pool, &t->d.task);
}

int wpt_queue_batch(struct workpool *pool, struct wpt_task **tasks, int nr)
{
	struct kunit *test = nr ? tasks[0]->w->test : NULL;
	struct workpool_task **batch;
	int i;

	if (!nr)
		return workpool_queue_batch(pool, NULL, 0);
	batch = kunit_kcalloc(test, nr, sizeof(*batch), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, batch);
	for (i = 0; i < nr; i++)
		batch[i] = &tasks[i]->d.task;
	return workpool_queue_batch(pool, batch, nr);
}

int wpt_delay(struct workpool *pool, struct wpt_task *t, unsigned long delay)
{
	return workpool_queue_delayed(pool, &t->d, delay);
}

int wpt_mod(struct workpool *pool, struct wpt_task *t, unsigned long delay)
{
	return workpool_mod_delayed(pool, &t->d, delay);
}

int wpt_cancel(struct wpt_task *t)
{
	return workpool_cancel(&t->d.task);
}

int wpt_cancel_sync(struct wpt_task *t)
{
	return workpool_cancel_sync(&t->d.task);
}

void wpt_flush(struct wpt_task *t)
{
	workpool_flush(&t->d.task);
}

int wpt_begun(struct wpt_task *t)
{
	return atomic_read(&t->begun);
}

int wpt_ended(struct wpt_task *t)
{
	return atomic_read(&t->ended);
}

bool wpt_is_pending(struct wpt_task *t)
{
	return atomic_read(&t->d.task.state) & WP_TASK_PENDING;
}

bool wpt_is_cancelling(struct wpt_task *t)
{
	return wp_pending_is_cancelling(&t->d.task);
}

static int count_flushers(struct list_head *list, struct wpt_task *t)
{
	struct wp_flusher *flusher;
	int nr = 0;

	list_for_each_entry(flusher, list, wait.link)
		nr += flusher->task == &t->d.task;
	return nr;
}

static int count_in_crowds(struct workpool *pool, struct wpt_task *t)
{
	struct rb_node *node;
	int nr = 0;

	for (node = rb_first(&pool->crowds); node; node = rb_next(node))
		nr += count_flushers(&rb_entry(node, struct wp_wait,
					       crowd)->members, t);
	return nr;
}

/* The number of threads that wait for the task, pending or running. */
int wpt_flushers(struct workpool *pool, struct wpt_task *t)
{
	struct wp_worker *worker;
	struct wp_deferred deferred;
	int nr;

	wp_pool_lock(pool, &deferred);
	nr = count_in_crowds(pool, t);
	list_for_each_entry(worker, &pool->workers, attached)
		nr += count_flushers(&worker->flushers, t);
	wp_pool_unlock(pool, &deferred);
	return nr;
}

/* Makes @t run, which waits at its gate. */
void wpt_hold(struct wpt *w, struct workpool *pool, struct wpt_task *t)
{
	int before = wpt_begun(t);

	KUNIT_ASSERT_EQ(w->test, wpt_queue(pool, t), 0);
	ASSERT_SOON(w->test, wpt_begun(t) == before + 1);
}

/* Waits until nothing is left to do in @pool. */
void wpt_settle(struct wpt *w, struct workpool *pool)
{
	KUNIT_ASSERT_EQ(w->test, workpool_drain(pool, WPT_DEADLINE), 0);
}

void wpt_need_suppress(struct wpt *w)
{
	if (!WPT_HAVE_SUPPRESS)
		kunit_skip(w->test, "this kernel cannot expect a warning");
}

/* Counts the warnings that @fn provokes. They are not printed. */
int wpt_count_warnings(struct wpt_task *t, void (*fn)(struct wpt_task *t))
{
	int nr = 0;

#ifdef kunit_warning_suppress
	kunit_warning_suppress(t->w->test) {
		fn(t);
		nr = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
#endif
	return nr;
}

/* Accepted tasks that no other counter has; 0 is right. */
s64 wpt_unaccounted(struct workpool *pool)
{
	struct workpool_stats s = wpt_stats(pool);

	return s.submitted - s.completed - s.crashes - s.dropped - s.cancelled -
	       s.busy - s.queued - s.delayed;
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

/* Moves the memory for accepted calls away from a pool, or back. */
void wpt_move_reserve(struct workpool *pool, struct llist_head *from,
		      struct llist_head *to)
{
	struct llist_node *node, *next;
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	llist_for_each_safe(node, next, __llist_del_all(from))
		__llist_add(node, to);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/* A submitter that waits for @pool, which is full. */
struct wpt_thread *wpt_add_waiter(struct wpt *w, struct workpool *pool,
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

int wpt_call_multi_submit(struct wpt_thread *thread)
{
	return workpool_multi_submit_timeout(thread->multi, thread->fn,
					     thread->arg, thread->timeout);
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

int wpt_call_cancel_sync(struct wpt_thread *thread)
{
	return workpool_cancel_sync(thread->arg);
}

int wpt_call_flush(struct wpt_thread *thread)
{
	workpool_flush(thread->arg);
	return 0;
}

struct wpt_thread *wpt_start_cancel_sync(struct wpt *w, struct wpt_task *t)
{
	struct wpt_thread what = {
		.call = wpt_call_cancel_sync,
		.arg = &t->d.task,
	};

	return wpt_start(w, &what);
}

struct wpt_thread *wpt_start_flush(struct wpt *w, struct wpt_task *t)
{
	struct wpt_thread what = { .call = wpt_call_flush, .arg = &t->d.task };

	return wpt_start(w, &what);
}

int wpt_call_reboot(struct wpt_thread *thread)
{
	return workpool_reboot(thread->pool);
}

/* A worker_init that waits unless @inits is set. */
static int init_at_gate(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	if (!atomic_read(&w->inits))
		wpt_pass(&w->gates[0]);
	return 0;
}

/* A thread that waits for the first worker of a pool, which is at the gate 0. */
struct wpt_thread *wpt_start_reboot(struct wpt *w)
{
	static const struct workpool_ops ops = { .worker_init = init_at_gate };
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt_thread what = { .call = wpt_call_reboot };
	struct wpt_thread *thread;

	attrs.min_workers = 1;
	attrs.ops = &ops;
	attrs.data = w;
	atomic_set(&w->inits, 1);
	what.pool = wpt_create(w, &attrs);
	KUNIT_ASSERT_EQ(w->test, 0, workpool_release_timeout(what.pool,
							     WPT_DEADLINE));
	atomic_set(&w->inits, 0);
	thread = wpt_start(w, &what);
	ASSERT_SOON(w->test, wpt_inside(&w->gates[0]) == 1);
	return thread;
}

/* User memory, for an ioctl or a read. */
void __user *wpt_user_memory(struct wpt *w, size_t size)
{
	unsigned long addr = 0;

/* about as old as kunit_vm_mmap() */
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

/* Can a function be replaced that is called under the lock of a pool? */
bool wpt_can_stub_under_lock(void)
{
	return WPT_HAVE_STUBS && !IS_ENABLED(CONFIG_PREEMPT_RT) &&
	       !IS_ENABLED(CONFIG_PROVE_RAW_LOCK_NESTING);
}

static bool is_pool_thread(struct task_struct *task)
{
	return (task->flags & PF_KTHREAD) && !strncmp(task->comm, "wp/", 3);
}

static bool is_spawner(struct task_struct *task)
{
	return is_pool_thread(task) && !strncmp(task->comm, "wp/spawner/", 11);
}

static struct task_struct *find_spawner(unsigned int index)
{
	struct task_struct *task, *found = NULL;
	char name[24];

	snprintf(name, sizeof(name), "wp/spawner/%u", index);
	rcu_read_lock();
	for_each_process(task)
		if (!strcmp(task->comm, name))
			found = get_task_struct(task);
	rcu_read_unlock();
	return found;
}

/* Wait for turns that were set before. */
static void flush_spawners(void)
{
	struct task_struct *task;
	unsigned int i;

	for (i = 0; i < WP_SPAWNERS_MAX; i++) {
		task = find_spawner(i);
		if (!task)
			return;
		kthread_flush_worker(kthread_data(task));
		put_task_struct(task);
	}
}

/*
 * Stubs hold in the threads of the test. This makes @nr spawners such threads.
 * No others get a turn until the end of the test.
 */
void wpt_enter_spawners(struct wpt *w, unsigned int nr)
{
	unsigned int i;

	wpt_need_stubs(w);
	if (w->spawners[0])
		return;
	w->spawners_before = wp_spawners;
	for (i = 0; i < nr; i++) {
		w->spawners[i] = find_spawner(i);
		KUNIT_ASSERT_NOT_NULL(w->test, w->spawners[i]);
		WRITE_ONCE(w->spawners[i]->kunit_test, w->test);
	}
	WRITE_ONCE(wp_spawners, nr);
	flush_spawners();
}

/* The only spawner makes one thread after the other. */
void wpt_enter_spawner(struct wpt *w)
{
	wpt_enter_spawners(w, 1);
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

/* The cache is empty, and stays so until the end of the test. */
void wpt_empty_cache(struct wpt *w)
{
	if (w->cache_limit < 0)
		w->cache_limit = wp_cache_limit;
	WRITE_ONCE(wp_cache_limit, 0);
	ASSERT_SOON(w->test, no_pool_thread());
}

WORKPOOL_IMPORT_NS();
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
/*
 * The workers take as many as they may next time. One that has a call keeps
 * that: only the end of an embedded task changes it.
 */
void wpt_raise_quota(struct workpool *pool)
{
	struct wp_worker *worker;
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	list_for_each_entry(worker, &pool->workers, attached)
		worker->lease.quota = WP_LEASE_MAX;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/* What find_event() looks for, and what it found */
static const char *event_name;
static struct tracepoint *found_event;

static int find_event(struct notifier_block *block, unsigned long state,
		      void *data)
{
	struct module *mod = ((struct tp_module *)data)->mod;
	struct tracepoint *event;
	unsigned int i;

	for (i = 0; i < mod->num_tracepoints; i++) {
		event = tracepoint_ptr_deref(&mod->tracepoints_ptrs[i]);
		if (!strcmp(event->name, event_name))
			found_event = event;
	}
	return NOTIFY_OK;
}

/* The tracepoint called @name. The module does not export its tracepoints. */
struct tracepoint *wpt_find_event(struct wpt *w, const char *name)
{
	static struct notifier_block block = { .notifier_call = find_event };

	event_name = name;
	found_event = NULL;
	KUNIT_ASSERT_EQ(w->test, register_tracepoint_module_notifier(&block), 0);
	unregister_tracepoint_module_notifier(&block);
	KUNIT_ASSERT_NOT_NULL(w->test, found_event);
	return found_event;
}

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The workpool developers");
MODULE_DESCRIPTION("Unit tests of workpool");
