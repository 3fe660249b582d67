// SPDX-License-Identifier: GPL-2.0
/*
 * Leases: embedded tasks that a worker took out of the queue all at once.
 */

#include "core/busy.h"
#include "core/lock.h"
#include "core/pool.h"
#include "helpers.h"

#define NR	6

/*
 * The worker that executes @t, which waits at its gate, leases all that is
 * queued. Returns how many of them. It goes to the lock when @t ends, as that
 * takes longer than a jiffy.
 */
static int lend(struct workpool *pool, struct wpt_task *t)
{
	struct wp_worker *worker;
	unsigned long flags;
	int nr = 0;

	raw_spin_lock_irqsave(&pool->lock, flags);
	worker = wp_busy_find_locked(pool, &t->d.task);
	if (worker) {
		worker->lease.quota = WP_LEASE_MAX;
		hlist_del_init(&worker->hash);
		if (wp_busy_lend_locked(pool, worker))
			nr = WP_LEASE_NR(atomic_read(&worker->lease.word)) - 1;
		else
			hlist_add_head(&worker->hash,
				       wp_busy_bucket(pool->busy_workers,
						      &t->d.task));
	}
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return nr;
}

/* @tasks[0] is held, and its worker has leased the others. */
static struct workpool *lease(struct wpt *w, int capacity,
			      struct wpt_task **tasks, int nr)
{
	struct workpool *pool = wpt_create_simple(w, capacity);

	wpt_tasks(w, tasks, nr);
	tasks[0] = wpt_task_at_gate(w);
	wpt_hold(w, pool, tasks[0]);
	if (capacity > 1)
		wpt_block(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(w->test, wpt_queue_batch(pool, tasks + 1, nr - 1),
			nr - 1);
	KUNIT_ASSERT_EQ(w->test, lend(pool, tasks[0]), nr - 1);
	KUNIT_ASSERT_NOT_NULL(w->test, pool->lessee);
	return pool;
}

static void queue_once(struct wpt_task *t)
{
	if (wpt_begun(t) == 1)
		t->result = wpt_queue(t->pool, t);
}

static void expect_order(struct kunit *test, struct wpt_task **tasks, int nr)
{
	int i;

	for (i = 1; i < nr; i++)
		KUNIT_EXPECT_GT(test, tasks[i]->turn, tasks[i - 1]->turn);
}

/* What a snapshot counts is what is queued, and all run in order afterwards. */
static void snapshot_takes_back(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_task *tasks[NR];
	struct workpool *pool = lease(w, 1, tasks, NR);
	struct workpool_stats s = wpt_stats(pool);

	KUNIT_EXPECT_EQ(test, s.queued, NR - 1);
	KUNIT_EXPECT_EQ(test, s.busy, 1);
	KUNIT_EXPECT_NULL(test, pool->lessee);
	wpt_open(&tasks[0]->gate);
	wpt_settle(w, pool);
	expect_order(test, tasks, NR);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, NR);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, 0);
}

/* A leased task that has not begun is cancelled like a queued one. */
static void leased_are_cancelled(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_task *tasks[NR];
	struct workpool *pool = lease(w, 1, tasks, NR);

	KUNIT_EXPECT_EQ(test, wpt_cancel(tasks[2]), 0);
	KUNIT_EXPECT_EQ(test, lend(pool, tasks[0]), NR - 2);
	KUNIT_EXPECT_EQ(test, wpt_cancel_sync(tasks[4]), 0);
	wpt_open(&tasks[0]->gate);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(tasks[2]), 0);
	KUNIT_EXPECT_EQ(test, wpt_begun(tasks[4]), 0);
	KUNIT_EXPECT_EQ(test, wpt_begun(tasks[1]), 1);
	KUNIT_EXPECT_EQ(test, wpt_begun(tasks[5]), 1);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).cancelled, 2);
}

/* A leased task is pending, and is not queued twice. */
static void leased_are_pending(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_task *tasks[NR];
	struct workpool *pool = lease(w, 1, tasks, NR);

	KUNIT_EXPECT_TRUE(test, wpt_is_pending(tasks[3]));
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[3]), -EALREADY);
	wpt_open(&tasks[0]->gate);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_begun(tasks[3]), 1);
}

/* A group that is over ends without a look at what is queued or executed. */
static void empty_group_takes_back_nothing(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_task *tasks[NR];
	struct workpool *pool = lease(w, 1, tasks, NR);
	struct workpool_group group;

	workpool_group_init(&group, pool);
	KUNIT_EXPECT_EQ(test, workpool_group_cancel_sync(&group), 0);
	KUNIT_EXPECT_NOT_NULL(test, pool->lessee);
	wpt_open(&tasks[0]->gate);
	wpt_settle(w, pool);
	expect_order(test, tasks, NR);
}

/* What is queued to the front comes before what is leased. */
static void front_comes_before_the_leased(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_task *tasks[NR], *front = wpt_task(w);
	struct workpool *pool = lease(w, 1, tasks, NR);

	KUNIT_EXPECT_EQ(test, wpt_queue_front(pool, front), 0);
	wpt_open(&tasks[0]->gate);
	wpt_settle(w, pool);
	KUNIT_EXPECT_LT(test, front->turn, tasks[1]->turn);
	expect_order(test, tasks, NR);
}

/*
 * Tasks behind one that takes long go to the next worker that is free, before
 * all that was queued later.
 */
static void long_task_delays_none_behind_it(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_task *tasks[NR], *last = wpt_task(w);
	struct workpool *pool;

	pool = lease(w, 2, tasks, NR);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, last), 0);
	KUNIT_EXPECT_NOT_NULL(test, pool->lessee);
	wpt_open(&w->gates[0]);
	EXPECT_SOON(test, wpt_ended(last) == 1);
	KUNIT_EXPECT_EQ(test, wpt_ended(tasks[0]), 0);
	expect_order(test, tasks, NR);
	KUNIT_EXPECT_GT(test, last->turn, tasks[NR - 1]->turn);
}

static int call_flush_pool(struct wpt_thread *thread)
{
	workpool_flush_pool(thread->pool);
	return 0;
}

/* A task that queues itself comes after what its worker has leased. */
static void leased_come_before_a_task_that_runs_again(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *tasks[NR];
	int i;

	wpt_tasks(w, tasks, NR);
	tasks[0]->body = queue_once;
	tasks[0]->pool = pool;
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, wpt_queue_batch(pool, tasks, NR), NR);
	wpt_raise_quota(pool);
	wpt_open(&w->gates[0]);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, wpt_ended(tasks[0]), 2);
	for (i = 1; i < NR; i++)
		KUNIT_EXPECT_LT(test, tasks[i]->turn, tasks[0]->turn);
}

/*
 * A task for which threads wait begins alone. Its end is told under the lock.
 */
static void flushed_task_begins_alone(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *tasks[NR];
	struct wpt_thread *flush;

	wpt_fill(w, pool, &w->gates[0]);
	wpt_tasks(w, tasks, NR);
	tasks[0]->waits = true;
	KUNIT_ASSERT_EQ(test, wpt_queue_batch(pool, tasks, NR), NR);
	flush = wpt_start_flush(w, tasks[0]);
	ASSERT_SOON(test, wpt_flushers(pool, tasks[0]) == 1);
	wpt_raise_quota(pool);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, wpt_begun(tasks[0]) == 1);
	KUNIT_EXPECT_NULL(test, pool->lessee);
	wpt_open(&tasks[0]->gate);
	KUNIT_EXPECT_EQ(test, wpt_join(flush), 0);
}

/* A flush of the pool and one of a task wait for what is leased. */
static void leased_are_flushed(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_task *tasks[NR];
	struct workpool *pool = lease(w, 1, tasks, NR);
	struct wpt_thread *flush, *flush_pool;
	struct wpt_thread what = { .call = call_flush_pool, .pool = pool };

	flush = wpt_start_flush(w, tasks[2]);
	ASSERT_SOON(test, wpt_flushers(pool, tasks[2]) == 1);
	lend(pool, tasks[0]);
	flush_pool = wpt_start(w, &what);
	ASSERT_SOON(test, READ_ONCE(pool->color) !=
			  READ_ONCE(pool->oldest_color));
	KUNIT_EXPECT_FALSE(test, completion_done(&flush->done));
	wpt_open(&tasks[0]->gate);
	KUNIT_EXPECT_EQ(test, wpt_join(flush), 0);
	KUNIT_EXPECT_EQ(test, wpt_join(flush_pool), 0);
	KUNIT_EXPECT_EQ(test, wpt_ended(tasks[NR - 1]), 1);
}

enum reason {
	SUBMITTER_WAITS, POOL_IS_FLUSHED, POOL_IS_CLOSED, POOL_IS_FREEZABLE,
	ANOTHER_IS_BUSY
};

static const char * const reason_names[] = {
	"a submitter waits", "the pool is flushed", "the pool is closed",
	"the pool is freezable", "another worker is busy",
};

static const enum reason reasons[] = {
	SUBMITTER_WAITS, POOL_IS_FLUSHED, POOL_IS_CLOSED, POOL_IS_FREEZABLE,
	ANOTHER_IS_BUSY,
};

static void describe_reason(const enum reason *reason, char *desc)
{
	strscpy(desc, reason_names[*reason], KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(reason, reasons, describe_reason);

static void give_reason(struct wpt *w, struct workpool *pool,
			enum reason reason)
{
	struct wpt_thread what = { .call = call_flush_pool, .pool = pool };

	switch (reason) {
	case SUBMITTER_WAITS:
		wpt_add_waiter(w, pool, wpt_nothing, NULL);
		break;
	case POOL_IS_FLUSHED:
		wpt_start(w, &what);
		ASSERT_SOON(w->test, READ_ONCE(pool->color) !=
				     READ_ONCE(pool->oldest_color));
		break;
	case POOL_IS_CLOSED:
		workpool_release(pool);
		break;
	default:
		break;
	}
}

/* The first of the queue begins alone when the end of each task matters. */
static void nothing_is_leased(struct kunit *test)
{
	enum reason reason = *(const enum reason *)test->param_value;
	bool two = reason == ANOTHER_IS_BUSY;
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(two ? 2 : 1);
	struct wpt *w = test->priv;
	struct wpt_task *tasks[NR];
	struct workpool *pool;

	if (reason == POOL_IS_FREEZABLE)
		attrs.flags |= WORKPOOL_F_FREEZABLE;
	pool = wpt_create(w, &attrs);
	wpt_block(w, pool, &w->gates[0]);
	if (two)
		wpt_block(w, pool, &w->gates[1]);
	wpt_tasks(w, tasks, NR);
	tasks[0]->waits = true;
	KUNIT_ASSERT_EQ(test, wpt_queue_batch(pool, tasks, NR), NR);
	give_reason(w, pool, reason);
	wpt_raise_quota(pool);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, wpt_begun(tasks[0]) == 1);
	KUNIT_EXPECT_NULL(test, pool->lessee);
	wpt_open(&w->gates[1]);
	wpt_open(&tasks[0]->gate);
	EXPECT_SOON(test, wpt_ended(tasks[NR - 1]) == 1);
}

/**
 * struct burst - short tasks, one of which acts when it runs in a lease
 * @tasks: them
 * @act: what it does
 * @acted: the one that did
 * @result: for @act
 * @w: fixture
 * @pool: where they run
 */
struct burst {
	struct workpool_task	tasks[64];
	void			(*act)(struct burst *b,
				       struct workpool_task *task);
	struct workpool_task	*acted;
	int			result;
	struct wpt		*w;
	struct workpool		*pool;
};

static struct burst *the_burst;

static void short_task(struct workpool_task *task)
{
	struct wp_worker *worker = wp_worker_current();
	struct burst *b = the_burst;

	atomic_inc(&b->w->ran);
	if (!wp_lease_current(&worker->lease) || READ_ONCE(b->acted))
		return;
	WRITE_ONCE(b->acted, task);
	b->act(b, task);
}

/*
 * Queue bursts until a task ran in a lease. It depends on how long tasks take
 * whether there are any, so that may need more than one.
 */
static struct burst *run_bursts(struct wpt *w, struct workpool *pool,
				void (*act)(struct burst *b,
					    struct workpool_task *task))
{
	struct burst *b = kunit_kzalloc(w->test, sizeof(*b), GFP_KERNEL);
	unsigned long deadline = jiffies + WPT_DEADLINE;
	int i;

	KUNIT_ASSERT_NOT_NULL(w->test, b);
	b->act = act;
	b->w = w;
	b->pool = pool;
	the_burst = b;
	for (i = 0; i < ARRAY_SIZE(b->tasks); i++)
		workpool_task_init(&b->tasks[i], short_task);
	do {
		for (i = 0; i < ARRAY_SIZE(b->tasks); i++)
			KUNIT_EXPECT_EQ(w->test,
					workpool_queue(pool, &b->tasks[i]), 0);
		wpt_settle(w, pool);
	} while (!b->acted && time_before(jiffies, deadline));
	KUNIT_ASSERT_NOT_NULL(w->test, b->acted);
	return b;
}

static void look_at_itself(struct burst *b, struct workpool_task *task)
{
	b->result = workpool_current() == b->pool &&
		    workpool_current_task() == task &&
		    workpool_current_fn() == short_task &&
		    workpool_cancel(task) == -EBUSY &&
		    workpool_current_task() == task;
}

/* A task of a lease knows that it runs, also after the lease was taken back. */
static void leased_task_runs(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 1);

	KUNIT_EXPECT_TRUE(test, run_bursts(w, pool, look_at_itself)->result);
}

static void queue_itself(struct burst *b, struct workpool_task *task)
{
	b->result = workpool_queue(b->pool, task);
}

/* A task of a lease that queues itself runs once more. */
static void leased_task_runs_again(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 1);
	struct burst *b = run_bursts(w, pool, queue_itself);

	KUNIT_EXPECT_EQ(test, b->result, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran) % ARRAY_SIZE(b->tasks), 1);
}

static struct workpool *other_pool;

static void queue_itself_elsewhere(struct burst *b, struct workpool_task *task)
{
	b->result = workpool_queue(other_pool, task);
	/* if it began there now, it would run twice at once */
	KUNIT_EXPECT_EQ(b->w->test, workpool_running(other_pool), 0);
}

/*
 * A task of a lease that queues itself to another pool does not run there, too.
 */
static void leased_task_stays(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 1);
	struct burst *b;

	other_pool = wpt_create_simple(w, 1);
	b = run_bursts(w, pool, queue_itself_elsewhere);
	KUNIT_EXPECT_EQ(test, b->result, 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(other_pool).submitted, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran) % ARRAY_SIZE(b->tasks), 1);
}

static void count_all(struct burst *b, struct workpool_task *task)
{
	b->result = wpt_unaccounted(b->pool) == 0 &&
		    wpt_stats(b->pool).busy == 1;
}

/* The counters are exact in the middle of a lease. */
static void counters_are_exact_in_a_lease(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_warm(w, 1);

	KUNIT_EXPECT_TRUE(test, run_bursts(w, pool, count_all)->result);
}

static void crash(struct burst *b, struct workpool_task *task)
{
	workpool_task_crash(-EIO);
}

/* A crash in a lease names its task, and the others run. */
static void crash_in_a_lease(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_with_ops(w, 1, &wpt_ops);
	struct burst *b = run_bursts(w, pool, crash);

	EXPECT_SOON(test, atomic_read(&w->crashes) == 1);
	KUNIT_EXPECT_PTR_EQ(test, w->crash.arg, (void *)b->acted);
	KUNIT_EXPECT_PTR_EQ(test, (void *)w->crash.fn, (void *)short_task);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran) % ARRAY_SIZE(b->tasks), 0);
	/* The worker is busy until on_crash() has returned. */
	EXPECT_SOON(test, wpt_unaccounted(pool) == 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(snapshot_takes_back),
	KUNIT_CASE(leased_are_cancelled),
	KUNIT_CASE(leased_are_pending),
	KUNIT_CASE(empty_group_takes_back_nothing),
	KUNIT_CASE(front_comes_before_the_leased),
	KUNIT_CASE(long_task_delays_none_behind_it),
	KUNIT_CASE(leased_come_before_a_task_that_runs_again),
	KUNIT_CASE(flushed_task_begins_alone),
	KUNIT_CASE(leased_are_flushed),
	KUNIT_CASE_PARAM(nothing_is_leased, reason_gen_params),
	KUNIT_CASE(leased_task_runs),
	KUNIT_CASE(leased_task_runs_again),
	KUNIT_CASE(leased_task_stays),
	KUNIT_CASE(counters_are_exact_in_a_lease),
	KUNIT_CASE(crash_in_a_lease),
	{}
};

WPT_SUITE(lease);
