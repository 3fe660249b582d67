/* SPDX-License-Identifier: GPL-2.0 */
/*
 * wp_selftest: black-box tests of workpool.
 *
 * A test is a function that gets a struct st_test. It runs in a thread of its
 * own. What it makes with st_pool(), st_job() and st_thread() belongs to it. When
 * it ends, by returning or by a failed ASSERT, the runner opens all gates, waits
 * for the threads, releases and destroys the pools, and checks that their
 * counters balance.
 *
 * Rules: a test waits for conditions with ASSERT_SOON() and never sleeps for a
 * guess. Gates decide what happens when. tests/README.md has the words that this
 * fixture shares with that of the unit tests.
 */
#ifndef _WP_SELFTEST_TEST_H
#define _WP_SELFTEST_TEST_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/debug_locks.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workpool.h>

/* how long a test waits for what must happen */
#define ST_DEADLINE	(30 * HZ)

#define ST_LINE		240

/**
 * struct st_test - one test while it runs
 * @name: the test
 * @thread: where it runs
 * @ended: completed as the last thing the thread does
 * @lock: guards what follows
 * @pools: &struct st_pool, what st_pool() and st_multi() made
 * @jobs: &struct st_job
 * @threads: &struct st_thread
 * @memory: what st_alloc() gave
 * @failures: expectations that failed
 * @first: the first of them
 * @skip: why the test cannot be run here
 * @turns: counts the jobs that have begun
 * @callbacks_crash: crashes are not all crashes of tasks
 */
struct st_test {
	const char *name;
	struct task_struct *thread;
	struct completion ended;
	spinlock_t lock;	/* see above */
	struct list_head pools;
	struct list_head jobs;
	struct list_head threads;
	struct list_head memory;
	int failures;
	char first[ST_LINE];
	char skip[64];
	atomic_t turns;
	bool callbacks_crash;
};

struct st_case {
	const char *name;
	void (*run)(struct st_test *t);
};

#define ST_CASE(fn)	{ .name = #fn, .run = fn }

/**
 * struct st_group - tests that belong together
 * @name: of the group
 * @apart: not part of "all", because the kernel log shows a WARN or worse
 * @cases: the tests
 * @nr_cases: how many
 * @owner: the module that has the tests, if it is another one
 */
struct st_group {
	const char *name;
	bool apart;
	const struct st_case *cases;
	unsigned int nr_cases;
	struct module *owner;
};

#define ST_GROUP(name_, apart_)						\
	const struct st_group st_##name_##_group = {			\
		.name = #name_,						\
		.apart = apart_,					\
		.cases = name_##_cases,					\
		.nr_cases = ARRAY_SIZE(name_##_cases),			\
	}

extern const struct st_group st_create_group;
extern const struct st_group st_submit_group;
extern const struct st_group st_waiter_group;
extern const struct st_group st_nested_group;
extern const struct st_group st_tune_group;
extern const struct st_group st_release_group;
extern const struct st_group st_reboot_group;
extern const struct st_group st_pause_group;
extern const struct st_group st_attrs_group;
extern const struct st_group st_expiry_group;
extern const struct st_group st_worker_group;
extern const struct st_group st_cache_group;
extern const struct st_group st_atomic_group;
extern const struct st_group st_stats_group;
extern const struct st_group st_errno_group;
extern const struct st_group st_stress_group;
extern const struct st_group st_task_group;
extern const struct st_group st_delayed_group;
extern const struct st_group st_group_group;
extern const struct st_group st_parallel_group;
extern const struct st_group st_depth_group;
extern const struct st_group st_mixed_group;
extern const struct st_group st_multi_group;
extern const struct st_group st_hotplug_group;
extern const struct st_group st_panic_group;
extern const struct st_group st_crash_group;
extern const struct st_group st_leak_group;
extern const struct st_group st_warn_group;
extern const struct st_group st_circle_group;

/* check.c: an EXPECT records a failure and goes on, an ASSERT ends the test */
__printf(4, 5)
void st_fail(struct st_test *t, const char *file, int line,
	     const char *fmt, ...);
bool st_expect(struct st_test *t, const char *file, int line, bool ok,
	       const char *what);
bool st_expect_eq(struct st_test *t, const char *file, int line, s64 got,
		  s64 want, const char *what);
void st_assert(struct st_test *t, const char *file, int line, bool ok,
	       const char *what);
void st_assert_eq(struct st_test *t, const char *file, int line, s64 got,
		  s64 want, const char *what);
void st_end(struct st_test *t);
void st_skip(struct st_test *t, const char *why);

/* Lockdep would report tasks that wait for each other. It stays off in this boot. */
static inline void st_lockdep_off(void)
{
	debug_locks_off();
}

#define FAIL(t, fmt, ...) \
	st_fail(t, __FILE__, __LINE__, fmt, ##__VA_ARGS__)
#define EXPECT(t, cond) \
	st_expect(t, __FILE__, __LINE__, !!(cond), #cond)
#define EXPECT_EQ(t, got, want) \
	st_expect_eq(t, __FILE__, __LINE__, got, want, #got)
#define ASSERT(t, cond) \
	st_assert(t, __FILE__, __LINE__, !!(cond), #cond)
#define ASSERT_EQ(t, got, want) \
	st_assert_eq(t, __FILE__, __LINE__, got, want, #got)

/* true when @cond came true in time; for threads that are not the test's own */
#define st_wait_until(cond)						\
({									\
	unsigned long end_ = jiffies + ST_DEADLINE;			\
	bool ok_;							\
									\
	while (!(ok_ = !!(cond)) && time_before(jiffies, end_))		\
		usleep_range(100, 300);					\
	ok_;								\
})

#define ASSERT_SOON(t, cond) \
	st_assert(t, __FILE__, __LINE__, st_wait_until(cond), "in time: " #cond)

/**
 * struct st_job - a task with a gate
 * @node: in the test's jobs
 * @t: the test
 * @pool: for @body
 * @body: what it does; NULL: wait for the gate
 * @gate: opened by st_open()
 * @data: for @body
 * @ret: left by @body
 * @begun: times it began
 * @ended: times it ended
 * @turn: which one of all jobs of the test it was when it began last
 * @thread: a reference to the thread that ran it first
 * @pid: where it ran last
 * @comm: the name of that thread
 */
struct st_job {
	struct list_head node;
	struct st_test *t;
	struct workpool *pool;
	void (*body)(struct st_job *job);
	struct completion gate;
	void *data;
	int ret;
	atomic_t begun;
	atomic_t ended;
	int turn;
	struct task_struct *thread;
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

/* memory.c */
void *st_alloc(struct st_test *t, size_t size);
void st_memory_free(struct st_test *t);

/* job.c */
struct st_job *st_job(struct st_test *t);
struct st_job *st_job_quick(struct st_test *t);
struct st_job *st_job_body(struct st_test *t, struct workpool *pool,
			   void (*body)(struct st_job *job));
void st_jobs(struct st_test *t, struct st_job **jobs, int n);
void st_job_run(void *arg);
void st_open(struct st_job *job);
void st_open_all(struct st_job **jobs, int n);
bool st_begun(struct st_job *job);
bool st_ended(struct st_job *job);
bool st_asleep(struct task_struct *thread);
bool st_cpu_is_isolated(int cpu);
int st_try(struct workpool *pool, struct st_job *job);
void st_run(struct st_test *t, struct workpool *pool, struct st_job *job);
struct st_job *st_block(struct st_test *t, struct workpool *pool);
void st_block_n(struct st_test *t, struct workpool *pool,
		struct st_job **jobs, int n);
void st_park(struct st_test *t, struct workpool *pool, pid_t *pids, int n);
pid_t st_run_pid(struct st_test *t, struct workpool *pool);
void st_jobs_open(struct st_test *t);
void st_jobs_free(struct st_test *t);

/**
 * struct st_task - a job to be queued as an embedded task, delayed or not
 * @d: the task
 * @job: what it runs
 * @due: jiffies before which it must not run; 0: it may at any time
 * @early: it did
 * @now: instances that run right now
 * @overlapped: there were two at once
 */
struct st_task {
	struct workpool_delayed_task d;
	struct st_job *job;
	unsigned long due;
	bool early;
	atomic_t now;
	bool overlapped;
};

/* embedded.c */
struct st_task *st_task(struct st_test *t);
struct st_task *st_task_quick(struct st_test *t);
struct st_task *st_task_body(struct st_test *t, struct workpool *pool,
			     void (*body)(struct st_job *job));
void st_tasks_quick(struct st_test *t, struct st_task **tasks, int n);
int st_queue(struct workpool *pool, struct st_task *task);

/**
 * struct st_thread - a thread that makes one call which may wait
 * @node: in the test's threads
 * @t: the test
 * @task: a reference to it
 * @fn: makes the call
 * @pool: for @fn
 * @job: for @fn
 * @timeout: for @fn
 * @data: for @fn
 * @ret: what came back
 * @returned: @ret is valid
 */
struct st_thread {
	struct list_head node;
	struct st_test *t;
	struct task_struct *task;
	int (*fn)(struct st_thread *thread);
	struct workpool *pool;
	struct st_job *job;
	long timeout;
	void *data;
	int ret;
	bool returned;
};

/* thread.c */
struct st_thread *st_thread(struct st_test *t, struct workpool *pool,
			    int (*fn)(struct st_thread *thread));
void st_thread_start(struct st_thread *thread);
bool st_returned(struct st_thread *thread);
bool st_waits_killably(struct st_thread *thread);
int st_join(struct st_thread *thread);
void st_kill(struct st_thread *thread);
struct st_thread *st_submit(struct st_test *t, struct workpool *pool,
			    struct st_job *job);
struct st_thread *st_submit_timeout(struct st_test *t, struct workpool *pool,
				    struct st_job *job, long timeout);
struct st_thread *st_release_timeout(struct st_test *t, struct workpool *pool,
				     long timeout);
struct st_thread *st_wait_released(struct st_test *t, struct workpool *pool,
				   long timeout);
struct st_thread *st_drain(struct st_test *t, struct workpool *pool,
			   long timeout);
void st_add_waiters(struct st_test *t, struct workpool *pool,
		    struct st_job **jobs, struct st_thread **threads, int n);
bool st_threads_ended(struct st_test *t);
void st_threads_kill(struct st_test *t);
void st_threads_free(struct st_test *t);

/* pool.c */
struct workpool_multi *st_multi_attrs(struct st_test *t, unsigned int n,
				      enum workpool_strategy strategy,
				      const struct workpool_attrs *attrs);
struct workpool_multi *st_multi(struct st_test *t, unsigned int n,
				enum workpool_strategy strategy, int capacity);
void st_multi_forget(struct st_test *t, struct workpool_multi *multi);
struct workpool_stats st_multi_stats(struct workpool_multi *multi);
struct workpool *st_pool(struct st_test *t, int capacity, unsigned int flags);
struct workpool *st_pool_attrs(struct st_test *t,
			       const struct workpool_attrs *attrs);
void st_pool_adopt(struct st_test *t, struct workpool *pool);
void st_pool_forget(struct st_test *t, struct workpool *pool);
void st_pool_destroy(struct st_test *t, struct workpool *pool);
void st_settle(struct st_test *t, struct workpool *pool);
struct workpool_stats st_stats(struct workpool *pool);
s64 st_unaccounted(const struct workpool_stats *s);
void st_pools_release(struct st_test *t);
void st_pools_report(struct st_test *t);
bool st_pools_destroy(struct st_test *t);

/**
 * struct st_storm - many small tasks from many threads
 * @t: the test
 * @pool: where
 * @limit: tasks that may run at once; 0: any number
 * @rounds: submits of each thread
 * @try: with workpool_try_submit()
 * @now: tasks that run now
 * @most: most of them at once
 * @ran: tasks that ran
 * @accepted: submits that returned 0
 * @refused: submits that returned -EAGAIN
 * @shut: submits that returned -ESHUTDOWN
 * @other: what else came back, last
 * @forbidden: no task may start while this is set
 */
struct st_storm {
	struct st_test *t;
	struct workpool *pool;
	int limit;
	int rounds;
	bool try;
	atomic_t now;
	atomic_t most;
	atomic_t ran;
	atomic_t accepted;
	atomic_t refused;
	atomic_t shut;
	int other;
	bool forbidden;
};

/* storm.c */
struct st_storm *st_storm(struct st_test *t, struct workpool *pool, int limit,
			  int rounds);
void st_storm_task(void *arg);
void st_storm_start(struct st_storm *storm, struct st_thread **threads, int n);
void st_storm_end(struct st_storm *storm, struct st_thread **threads, int n);
void st_storm_expect_all_ran(struct st_storm *storm, int submitted);

/* runner.c */
struct seq_file;
void st_log(const char *fmt, ...) __printf(1, 2);
int st_runner_run(const char *what);
void st_runner_show(struct seq_file *m);
void st_runner_list(struct seq_file *m);
int st_runner_init(void);
void st_runner_exit(void);
int st_group_load(const struct st_group *group);
void st_group_unload(void);

/* control.c */
int st_control_line(char *line);
void st_control_exit(void);

#endif /* _WP_SELFTEST_TEST_H */
