/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the unit tests share: a fixture that cleans up after any failure, tasks
 * that wait at a gate, threads that submit, and allocations that fail.
 *
 * Nothing here sleeps for a guess. A test polls for a condition, with a deadline
 * that only a broken pool reaches.
 */
#ifndef _WPT_HELPERS_H
#define _WPT_HELPERS_H

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/string.h>
#include <linux/workpool.h>

#include "core/spawn.h"

#define WPT_DEADLINE	(30 * HZ)
#define WPT_POOLS	4
#define WPT_GATES	5
#define WPT_MULTIS	2
#define WPT_ALWAYS	INT_MAX

#if __has_include("kunit/static_stub.h")
#include <kunit/static_stub.h>
#define WPT_HAVE_STUBS	1
#else
#define WPT_HAVE_STUBS	0
#define kunit_activate_static_stub(test, real, replacement) \
	((void)(test), (void)(real), (void)(replacement))
#endif

/* Warnings are expected by the thread that provokes them, since Linux 7.2. */
#ifdef kunit_warning_suppress
#define WPT_HAVE_SUPPRESS	1
#else
#define WPT_HAVE_SUPPRESS	0
#endif

/**
 * struct wpt_gate - where tasks wait until the test lets them go
 * @open: completed for all when the gate is opened
 * @inside: tasks that came to the gate
 * @past: of these, those that went on
 */
struct wpt_gate {
	struct completion	open;
	atomic_t		inside;
	atomic_t		past;
};

/**
 * struct wpt - fixture of one test, kunit.priv
 * @test: the test
 * @pools: pools to destroy after it
 * @multis: multis to destroy after it
 * @gates: gates to open after it
 * @threads: threads to join after it, see &struct wpt_thread
 * @tasks: embedded tasks whose gates to open after it, see &struct wpt_task
 * @turns: counts the tasks of @tasks that began
 * @spawner: works on behalf of the test, see wpt_enter_spawner()
 * @cache_limit: value to restore; -1: not changed
 * @inits: worker_init calls that succeeded
 * @exits: worker_exit calls
 * @crashes: ops->crash calls
 * @crash: what the last of these got
 * @ran: for wpt_count()
 * @fail_inits: so many worker_init calls fail
 * @fail_threads: so many thread creations fail
 * @fail_allocs: so many allocations of a worker object fail
 * @stranded: the value of workpool.stranded that the test itself provoked
 * @cleanup: called after the test, before anything else is cleaned up
 * @private: for @cleanup
 */
struct wpt {
	struct kunit		*test;
	struct workpool		*pools[WPT_POOLS];
	struct workpool_multi	*multis[WPT_MULTIS];
	struct wpt_gate		gates[WPT_GATES];
	struct list_head	threads;
	struct list_head	tasks;
	atomic_t		turns;
	struct task_struct	*spawners[WP_SPAWNERS_MAX];
	unsigned int		spawners_before;
	int			cache_limit;
	atomic_t		inits;
	atomic_t		exits;
	atomic_t		crashes;
	struct workpool_crash	crash;
	atomic_t		ran;
	atomic_t		fail_inits;
	atomic_t		fail_threads;
	atomic_t		fail_allocs;
	unsigned int		stranded;
	void			(*cleanup)(struct wpt *w);
	void			*private;
};

/**
 * struct wpt_thread - a thread that makes one call
 * @node: in wpt.threads
 * @task: the thread
 * @call: what it calls
 * @pool: argument of @call
 * @multi: argument of @call
 * @fn: argument of @call
 * @arg: argument of @call
 * @timeout: argument of @call
 * @result: what @call returned
 * @done: completed then
 */
struct wpt_thread {
	struct list_head	node;
	struct task_struct	*task;
	int			(*call)(struct wpt_thread *thread);
	struct workpool		*pool;
	struct workpool_multi	*multi;
	workpool_fn_t		fn;
	void			*arg;
	long			timeout;
	int			result;
	struct completion	done;
};

/**
 * struct wpt_nested - a task that submits
 * @pool: where to
 * @fn: what
 * @arg: its argument
 * @gate: where to wait before, or NULL
 * @result: what workpool_submit() returned
 * @done: completed then
 */
struct wpt_nested {
	struct workpool		*pool;
	workpool_fn_t		fn;
	void			*arg;
	struct wpt_gate		*gate;
	int			result;
	struct completion	done;
};

/**
 * struct wpt_task - an embedded task, delayed if need be
 * @d: the task
 * @w: fixture
 * @node: in wpt.tasks
 * @waits: it waits at @gate
 * @gate: where
 * @body: what else it does, or NULL
 * @pool: for @body
 * @other: for @body
 * @result: of @body
 * @warnings: that @body provoked
 * @limit: so many times @body does something
 * @begun: times it began
 * @ended: times it ended
 * @now: instances that run right now
 * @overlapped: there were two at once
 * @turn: which one of all it was when it began last
 * @due: jiffies before which it must not run
 * @early: it did
 * @ran_in: the pool it ran in last
 */
struct wpt_task {
	struct workpool_delayed_task d;
	struct wpt		*w;
	struct list_head	node;
	bool			waits;
	struct wpt_gate		gate;
	void			(*body)(struct wpt_task *t);
	struct workpool		*pool;
	struct wpt_task		*other;
	int			result;
	int			warnings;
	int			limit;
	atomic_t		begun;
	atomic_t		ended;
	atomic_t		now;
	bool			overlapped;
	int			turn;
	unsigned long		due;
	bool			early;
	struct workpool		*ran_in;
};

int wpt_init(struct kunit *test);
void wpt_exit(struct kunit *test);

bool wpt_nap_before(unsigned long deadline);

#define wpt_wait_until(cond) ({						\
	unsigned long _deadline = jiffies + WPT_DEADLINE;		\
	bool _ok;							\
									\
	do {								\
		_ok = (cond);						\
	} while (!_ok && wpt_nap_before(_deadline));			\
	_ok;								\
})

#define EXPECT_SOON(test, cond) \
	KUNIT_EXPECT_TRUE_MSG(test, wpt_wait_until(cond), "%s", #cond)
#define ASSERT_SOON(test, cond) \
	KUNIT_ASSERT_TRUE_MSG(test, wpt_wait_until(cond), "%s", #cond)

/* Parameters of a test: an array names[] of structures with a member desc. */
#define WPT_PARAM(name)							\
	static void name##_describe(const typeof(name##s[0]) *param, char *desc) \
	{								\
		strscpy(desc, param->desc, KUNIT_PARAM_DESC_SIZE);	\
	}								\
	KUNIT_ARRAY_PARAM(name, name##s, name##_describe)

/* One suite per file, each test with a fixture of its own. */
#define WPT_SUITE(_part)						\
	static struct kunit_suite suite = {				\
		.name = "workpool_" #_part,				\
		.init = wpt_init,					\
		.exit = wpt_exit,					\
		.test_cases = cases,					\
	};								\
	kunit_test_suite(suite)

/* pools */
extern const struct workpool_ops wpt_ops;
struct workpool *wpt_try_create(struct wpt *w, const struct workpool_attrs *attrs);
struct workpool *wpt_create(struct wpt *w, const struct workpool_attrs *attrs);
struct workpool *wpt_create_simple(struct wpt *w, int capacity);
struct workpool *wpt_create_warm(struct wpt *w, int capacity);
struct workpool *wpt_create_with_ops(struct wpt *w, int capacity,
				     const struct workpool_ops *ops);
void wpt_forget(struct wpt *w, struct workpool *pool);
void wpt_destroy(struct wpt *w, struct workpool *pool);
struct workpool_stats wpt_stats(struct workpool *pool);
int wpt_drainers(struct workpool *pool);

/* multis */
struct workpool_multi *wpt_try_multi(struct wpt *w, unsigned int n,
				     enum workpool_strategy strategy,
				     const struct workpool_attrs *each);
struct workpool_multi *wpt_multi(struct wpt *w, unsigned int n,
				 enum workpool_strategy strategy,
				 const struct workpool_attrs *each);
struct workpool_multi *wpt_multi_simple(struct wpt *w, unsigned int n,
					int capacity);
void wpt_multi_forget(struct wpt *w, struct workpool_multi *multi);
struct workpool_stats wpt_multi_stats(struct workpool_multi *multi);
struct workpool_stats wpt_stats_at(struct workpool_multi *multi, int index);
int wpt_multi_index(struct workpool_multi *multi, struct workpool *pool);
void wpt_multi_fill(struct wpt *w, struct workpool_multi *multi,
		    struct wpt_gate *gate);
int wpt_multi_nodes(struct workpool_multi *multi);
struct wpt_thread *wpt_multi_add_waiter(struct wpt *w,
					struct workpool_multi *multi,
					workpool_fn_t fn, void *arg);

/**
 * struct wpt_where - a task that notes where it ran
 * @pool: in this pool
 * @ran: how often it ran
 */
struct wpt_where {
	struct workpool		*pool;
	atomic_t		ran;
};

void wpt_note_where(void *where);
struct wpt_where *wpt_new_where(struct wpt *w);
int wpt_multi_pick(struct wpt *w, struct workpool_multi *multi);

/* tasks */
void wpt_nothing(void *unused);
void wpt_count(void *atomic);
void wpt_pass(void *gate);
void wpt_crash_at(void *gate);

void wpt_raise_quota(struct workpool *pool);
struct tracepoint *wpt_find_event(struct wpt *w, const char *name);
void wpt_submit_nested(void *nested);
void wpt_open(struct wpt_gate *gate);
int wpt_inside(struct wpt_gate *gate);
int wpt_past(struct wpt_gate *gate);
void wpt_block(struct wpt *w, struct workpool *pool, struct wpt_gate *gate);
void wpt_fill(struct wpt *w, struct workpool *pool, struct wpt_gate *gate);
void wpt_run_beside(struct wpt *w, struct workpool *pool);
void wpt_run(struct wpt *w, struct workpool *pool);
struct wpt_nested *wpt_new_nested(struct wpt *w, struct workpool *pool,
				  workpool_fn_t fn, void *arg);
struct wpt_nested *wpt_nest(struct wpt *w, struct workpool *pool,
			    struct wpt_gate *gate);

/* embedded tasks */
void wpt_task_fn(struct workpool_task *task);
struct wpt_task *wpt_task(struct wpt *w);
struct wpt_task *wpt_task_at_gate(struct wpt *w);
struct wpt_task *wpt_task_with(struct wpt *w, void (*body)(struct wpt_task *t),
			       struct workpool *pool);
void wpt_tasks(struct wpt *w, struct wpt_task **tasks, int nr);
int wpt_queue(struct workpool *pool, struct wpt_task *t);
int wpt_queue_front(struct workpool *pool, struct wpt_task *t);
int wpt_queue_batch(struct workpool *pool, struct wpt_task **tasks, int nr);
int wpt_delay(struct workpool *pool, struct wpt_task *t, unsigned long delay);
int wpt_mod(struct workpool *pool, struct wpt_task *t, unsigned long delay);
int wpt_cancel(struct wpt_task *t);
int wpt_cancel_sync(struct wpt_task *t);
void wpt_flush(struct wpt_task *t);
int wpt_begun(struct wpt_task *t);
int wpt_ended(struct wpt_task *t);
bool wpt_is_pending(struct wpt_task *t);
bool wpt_is_cancelling(struct wpt_task *t);
int wpt_flushers(struct workpool *pool, struct wpt_task *t);
void wpt_hold(struct wpt *w, struct workpool *pool, struct wpt_task *t);
void wpt_settle(struct wpt *w, struct workpool *pool);
void wpt_need_suppress(struct wpt *w);
int wpt_count_warnings(struct wpt_task *t, void (*fn)(struct wpt_task *t));
s64 wpt_unaccounted(struct workpool *pool);
void wpt_move_reserve(struct workpool *pool, struct llist_head *from,
		      struct llist_head *to);

/* threads */
struct wpt_thread *wpt_start(struct wpt *w, const struct wpt_thread *what);
struct wpt_thread *wpt_add_waiter(struct wpt *w, struct workpool *pool,
				  workpool_fn_t fn, void *arg);
int wpt_join(struct wpt_thread *thread);
void wpt_kill(struct wpt_thread *thread);
int wpt_call_submit(struct wpt_thread *thread);
int wpt_call_multi_submit(struct wpt_thread *thread);
int wpt_call_drain(struct wpt_thread *thread);
int wpt_call_release(struct wpt_thread *thread);
int wpt_call_reboot(struct wpt_thread *thread);
int wpt_call_wait_released(struct wpt_thread *thread);
int wpt_call_cancel_sync(struct wpt_thread *thread);
int wpt_call_flush(struct wpt_thread *thread);
struct wpt_thread *wpt_start_cancel_sync(struct wpt *w, struct wpt_task *t);
struct wpt_thread *wpt_start_flush(struct wpt *w, struct wpt_task *t);
struct wpt_thread *wpt_start_reboot(struct wpt *w);

/* user memory */
void __user *wpt_user_memory(struct wpt *w, size_t size);

/* failures */
struct wpt *wpt_current(void);
void wpt_need_stubs(struct wpt *w);
bool wpt_can_stub_under_lock(void);
void wpt_enter_spawner(struct wpt *w);
void wpt_enter_spawners(struct wpt *w, unsigned int nr);
void wpt_fail_threads(struct wpt *w, int nr);
void wpt_fail_allocs(struct wpt *w, int nr);
void wpt_empty_cache(struct wpt *w);
unsigned long wpt_shrink_cache(unsigned long nr);

#endif /* _WPT_HELPERS_H */
