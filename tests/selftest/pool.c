// SPDX-License-Identifier: GPL-2.0
/*
 * The pools of a test, and what must hold of every pool in the end.
 */
#include <linux/export.h>
#include <linux/slab.h>

#include "test.h"

/**
 * struct st_pool - a pool, or a multi
 * @node: in the test's pools
 * @pool: the pool, or NULL
 * @multi: the multi, or NULL
 */
struct st_pool {
	struct list_head node;
	struct workpool *pool;
	struct workpool_multi *multi;
};

static atomic_t pool_number;

/* let the runner look after a pool that the test has created itself */
void st_pool_adopt(struct st_test *t, struct workpool *pool)
{
	struct st_pool *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	ASSERT(t, entry);
	entry->pool = pool;
	list_add_tail(&entry->node, &t->pools);
}
EXPORT_SYMBOL_GPL(st_pool_adopt);

struct workpool *st_pool_attrs(struct st_test *t,
			       const struct workpool_attrs *attrs)
{
	struct workpool *pool;

	pool = workpool_create(attrs, "st%d", atomic_inc_return(&pool_number));
	ASSERT_EQ(t, PTR_ERR_OR_ZERO(pool), 0);
	st_pool_adopt(t, pool);
	return pool;
}
EXPORT_SYMBOL_GPL(st_pool_attrs);

/* a pool whose idle workers stay even when the machine is very slow */
struct workpool *st_pool(struct st_test *t, int capacity, unsigned int flags)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	attrs.flags = flags;
	attrs.expiry_ms = 3600 * MSEC_PER_SEC;
	return st_pool_attrs(t, &attrs);
}
EXPORT_SYMBOL_GPL(st_pool);

/* the runner looks after them */
struct workpool_multi *st_multi_attrs(struct st_test *t, unsigned int n,
				      enum workpool_strategy strategy,
				      const struct workpool_attrs *attrs)
{
	struct st_pool *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	ASSERT(t, entry);
	entry->multi = workpool_multi_create(n, strategy, attrs, "stm%d",
					     atomic_inc_return(&pool_number));
	if (IS_ERR(entry->multi)) {
		FAIL(t, "no multi: %ld", PTR_ERR(entry->multi));
		kfree(entry);
		st_end(t);
	}
	list_add_tail(&entry->node, &t->pools);
	return entry->multi;
}
EXPORT_SYMBOL_GPL(st_multi_attrs);

/* pools whose idle workers stay */
struct workpool_multi *st_multi(struct st_test *t, unsigned int n,
				enum workpool_strategy strategy, int capacity)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	attrs.expiry_ms = 3600 * MSEC_PER_SEC;
	return st_multi_attrs(t, n, strategy, &attrs);
}
EXPORT_SYMBOL_GPL(st_multi);

struct workpool_stats st_multi_stats(struct workpool_multi *multi)
{
	struct workpool_stats s;

	workpool_multi_stats(multi, &s);
	return s;
}
EXPORT_SYMBOL_GPL(st_multi_stats);

static void forget(struct st_pool *entry)
{
	list_del(&entry->node);
	kfree(entry);
}

void st_multi_forget(struct st_test *t, struct workpool_multi *multi)
{
	struct st_pool *entry, *next;

	list_for_each_entry_safe(entry, next, &t->pools, node)
		if (entry->multi == multi)
			forget(entry);
}
EXPORT_SYMBOL_GPL(st_multi_forget);

void st_pool_forget(struct st_test *t, struct workpool *pool)
{
	struct st_pool *entry, *next;

	list_for_each_entry_safe(entry, next, &t->pools, node)
		if (entry->pool == pool)
			forget(entry);
}
EXPORT_SYMBOL_GPL(st_pool_forget);

void st_pool_destroy(struct st_test *t, struct workpool *pool)
{
	st_pool_forget(t, pool);
	workpool_destroy(pool);
}
EXPORT_SYMBOL_GPL(st_pool_destroy);

struct workpool_stats st_stats(struct workpool *pool)
{
	struct workpool_stats s;

	workpool_stats(pool, &s);
	return s;
}
EXPORT_SYMBOL_GPL(st_stats);

static bool settled(struct workpool *pool)
{
	struct workpool_stats s = st_stats(pool);

	return !s.busy && !s.queued && !s.waiting && !s.starting &&
	       s.alive == s.running;
}

/* wait until nothing is going on in the pool */
void st_settle(struct st_test *t, struct workpool *pool)
{
	ASSERT_SOON(t, settled(pool));
}
EXPORT_SYMBOL_GPL(st_settle);

/* accepted tasks that are neither done nor lost nor on their way; 0 is right */
s64 st_unaccounted(const struct workpool_stats *s)
{
	return s->submitted - s->completed - s->crashes - s->dropped - s->cancelled -
	       s->busy - s->queued - s->delayed;
}
EXPORT_SYMBOL_GPL(st_unaccounted);

void st_pools_release(struct st_test *t)
{
	struct st_pool *entry;

	list_for_each_entry(entry, &t->pools, node) {
		if (entry->multi)
			workpool_multi_release(entry->multi);
		else
			workpool_release(entry->pool);
	}
}

/* pools of @entry, which have the indices from 0 on */
static unsigned int pools_of(struct st_pool *entry)
{
	return entry->multi ? workpool_multi_count(entry->multi) : 1;
}

static struct workpool *pool_of(struct st_pool *entry, unsigned int index)
{
	return entry->multi ? workpool_multi_at(entry->multi, index) :
			      entry->pool;
}

static void report_pool(struct workpool *pool)
{
	struct workpool_stats s = st_stats(pool);

	st_log("# pool %s:%s capacity %d running %d busy %d idle %d",
	       workpool_name(pool), s.closed ? " closed," : "", s.capacity,
	       s.running, s.busy, s.idle);
	st_log("#  starting %d alive %d waiting %d queued %d", s.starting,
	       s.alive, s.waiting, s.queued);
	st_log("#  submitted %llu completed %llu crashes %llu dropped %llu",
	       s.submitted, s.completed, s.crashes, s.dropped);
	st_log("#  rejected %llu blocked %llu timedout %llu deadlocks %llu",
	       s.rejected, s.blocked, s.timedout, s.deadlocks);
	st_log("#  spawned %llu adopted %llu retired %llu purged %llu",
	       s.spawned, s.adopted, s.retired, s.purged);
	st_log("#  spawn_failures %llu init_failures %llu leaks %llu",
	       s.spawn_failures, s.init_failures, s.leaks);
}

void st_pools_report(struct st_test *t)
{
	struct st_pool *entry;
	unsigned int i;

	list_for_each_entry(entry, &t->pools, node)
		for (i = 0; i < pools_of(entry); i++)
			report_pool(pool_of(entry, i));
}

static void check_books(struct st_test *t, struct workpool *pool)
{
	struct workpool_stats s = st_stats(pool);

	EXPECT_EQ(t, s.running, 0);
	EXPECT_EQ(t, s.alive, 0);
	EXPECT_EQ(t, s.busy, 0);
	EXPECT_EQ(t, s.idle, 0);
	EXPECT_EQ(t, s.searching, 0);
	EXPECT_EQ(t, s.starting, 0);
	EXPECT_EQ(t, s.waiting, 0);
	EXPECT_EQ(t, s.queued, 0);
	if (!t->callbacks_crash)
		EXPECT_EQ(t, st_unaccounted(&s), 0);
}

/* workpool_wait_released(), but the runner cannot be held up by a bug in it */
static bool gone(struct st_pool *entry)
{
	return !(entry->multi ?
		 workpool_multi_wait_released(entry->multi, ST_DEADLINE) :
		 workpool_wait_released(entry->pool, ST_DEADLINE));
}

static void destroy(struct st_pool *entry)
{
	if (entry->multi)
		workpool_multi_destroy(entry->multi);
	else
		workpool_destroy(entry->pool);
}

/**
 * st_pools_destroy() - the end of all pools of a test
 * @t: the test, whose jobs have all been let go
 *
 * Return: whether the pools are gone; if not they must be left alone.
 */
bool st_pools_destroy(struct st_test *t)
{
	struct st_pool *entry, *next;
	unsigned int i;

	list_for_each_entry_safe(entry, next, &t->pools, node) {
		if (!gone(entry)) {
			FAIL(t, "pool %s cannot be released",
			     workpool_name(pool_of(entry, 0)));
			return false;
		}
		for (i = 0; i < pools_of(entry); i++)
			check_books(t, pool_of(entry, i));
		destroy(entry);
		forget(entry);
	}
	return true;
}
