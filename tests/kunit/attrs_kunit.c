// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes: what is refused, and how a worker takes on what is accepted.
 */

#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/topology.h>
#include <uapi/linux/sched/types.h>

#include "compat.h"
#include "core/cache.h"
#include "core/cpus.h"
#include "core/identity.h"
#include "core/module.h"
#include "core/pool.h"
#include "core/worker.h"
#include "pool/attrs.h"
#include "pool/hotplug.h"
#include "pool/registry.h"
#include "helpers.h"

/**
 * struct bad - attributes that are refused
 * @desc: name of the case
 * @field: which of them is wrong
 * @attrs: the attributes
 */
struct bad {
	const char		*desc;
	const char		*field;
	struct workpool_attrs	attrs;
};

static const struct cpumask no_cpus = { };

#define ANY	.node = NUMA_NO_NODE

static const struct bad bads[] = {
	{ "capacity 0", "capacity",
	  { .capacity = 0, ANY } },
	{ "capacity -2", "capacity",
	  { .capacity = -2, ANY } },
	{ "unknown flag", "flags",
	  { .capacity = 1, .flags = 1 << 30, ANY } },
	{ "negative expiry", "expiry_ms",
	  { .capacity = 1, .expiry_ms = -1, ANY } },
	{ "nice too low", "nice",
	  { .capacity = 1, .nice = -21, ANY } },
	{ "nice too high", "nice",
	  { .capacity = 1, .nice = 20, ANY } },
	{ "rt_priority too high", "rt_priority",
	  { .capacity = 1, .rt_priority = 100, ANY } },
	{ "queue_depth too high", "queue_depth",
	  { .capacity = 1, .queue_depth = WORKPOOL_DEPTH_MAX + 1, ANY } },
	{ "more min_workers than capacity", "min_workers",
	  { .capacity = 1, .min_workers = 2, ANY } },
	{ "unlimited PREALLOC", "capacity",
	  { .capacity = WORKPOOL_UNLIMITED, .flags = WORKPOOL_F_PREALLOC, ANY } },
	{ "more min_workers than max_workers", "min_workers",
	  { .capacity = WORKPOOL_UNLIMITED, .min_workers = 65537, ANY } },
	{ "no such node", "node",
	  { .capacity = 1, .node = MAX_NUMNODES } },
	{ "negative node", "node",
	  { .capacity = 1, .node = -2 } },
	{ "no CPU", "cpumask",
	  { .capacity = 1, .cpumask = &no_cpus, ANY } },
};

WPT_PARAM(bad);

/* Each single wrong attribute is -EINVAL, is named, and leaves nothing behind. */
static void bad_attributes_are_refused(struct kunit *test)
{
	const struct bad *bad = test->param_value;
	int before = wp_registry_count();
	struct workpool *pool;

	pool = workpool_create(&bad->attrs, "kunit");
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(pool), -EINVAL);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), before);
	KUNIT_EXPECT_TRUE(test, strstarts(wp_attrs_find_bad(&bad->attrs),
					  bad->field));
}

/* Without attributes there is no pool. */
static void no_attributes_are_refused(struct kunit *test)
{
	KUNIT_EXPECT_NOT_NULL(test, wp_attrs_find_bad(NULL));
}

/* The limits themselves are allowed. */
static void extreme_attributes_are_allowed(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(INT_MAX);

	attrs.flags = WORKPOOL_F_NONBLOCK | WORKPOOL_F_PREALLOC |
		      WORKPOOL_F_NOPURGE | WORKPOOL_F_NOADMIN |
		      WORKPOOL_F_FREEZABLE | WORKPOOL_F_NORELEASE |
		      WORKPOOL_F_HISTOGRAMS;
	attrs.expiry_ms = INT_MAX;
	attrs.max_blocking = UINT_MAX;
	attrs.min_workers = INT_MAX;
	attrs.nice = -20;
	attrs.rt_priority = 99;
	KUNIT_EXPECT_NULL(test, wp_attrs_find_bad(&attrs));

	attrs.capacity = WORKPOOL_UNLIMITED;
	attrs.flags = 0;
	attrs.min_workers = wp_max_workers;
	attrs.nice = 19;
	KUNIT_EXPECT_NULL(test, wp_attrs_find_bad(&attrs));
	attrs.min_workers++;
	KUNIT_EXPECT_NOT_NULL(test, wp_attrs_find_bad(&attrs));
}

/* Unset attributes get the documented defaults. */
static void defaults_are_filled_in(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, 3);
	struct workpool_stats s = wpt_stats(pool);

	KUNIT_EXPECT_EQ(test, s.expiry_ms, 1000);
	KUNIT_EXPECT_EQ(test, s.max_blocking, 0);
	KUNIT_EXPECT_EQ(test, s.min_workers, 0);
	KUNIT_EXPECT_EQ(test, pool->node, NUMA_NO_NODE);
	KUNIT_EXPECT_FALSE(test, cpumask_empty(pool->cpumask));
}

/**
 * struct name - how the thread of a worker is called
 * @desc: name of the case
 * @pool: the pool's
 * @id: the worker's
 * @thread: the thread's
 * @index: the pool's in a multi
 */
struct name {
	const char	*desc;
	const char	*pool;
	unsigned int	id;
	const char	*thread;
	int		index;
};

static const struct name names[] = {
	{ "short", "io", 0, "wp/io-0" },
	{ "just fits", "0123456789", 7, "wp/0123456789-7" },
	{ "cut", "a-long-pool-name", 12, "wp/a-long-po-12" },
	{ "greatest number", "abcdef", UINT_MAX, "wp/a-4294967295" },
};

WPT_PARAM(name);

static const struct name member_names[] = {
	{ "short", "io.3", 0, "wp/io.3-0", 3 },
	{ "cut", "compressor.0", 0, "wp/compress.0-0", 0 },
	{ "another of it", "compressor.12", 345, "wp/compr.12-345", 12 },
	{ "dots", "a.b.c.d.e.f.g.7", 1, "wp/a.b.c.d..7-1", 7 },
	{ "greatest number", "abcdef.1023", UINT_MAX, "wp/.1023-429496", 1023 },
};

WPT_PARAM(member_name);

/* Names of a multi's threads have the number of the pool, too. */
static void thread_name_keeps_the_index(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool_multi *multi = wpt_multi_simple(w, 1, 1);
	struct workpool *pool = workpool_multi_at(multi, 0);
	const struct name *name = test->param_value;
	char own[WORKPOOL_NAME_MAX];
	char comm[TASK_COMM_LEN];

	strscpy(own, pool->name, sizeof(own));
	strscpy(pool->name, name->pool, sizeof(pool->name));
	pool->index = name->index;
	wp_identity_name(pool, name->id, comm);
	KUNIT_EXPECT_STREQ(test, comm, name->thread);
	pool->index = 0;
	strscpy(pool->name, own, sizeof(pool->name));
}

/* A thread's name has the worker's number in full, whatever the pool's is. */
static void thread_name_keeps_the_number(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, 1);
	const struct name *name = test->param_value;
	char own[WORKPOOL_NAME_MAX];
	char comm[TASK_COMM_LEN];

	strscpy(own, pool->name, sizeof(own));
	strscpy(pool->name, name->pool, sizeof(pool->name));
	wp_identity_name(pool, name->id, comm);
	KUNIT_EXPECT_STREQ(test, comm, name->thread);
	strscpy(pool->name, own, sizeof(pool->name));
}

/**
 * struct look - what a task sees of its thread
 * @comm: name
 * @policy: SCHED_*
 * @nice: nice value
 * @rt_priority: real-time priority
 * @cpus: number of CPUs it may run on
 * @nofreeze: it does not freeze
 * @done: completed when the others are set
 */
struct look {
	char			comm[TASK_COMM_LEN];
	unsigned int		policy;
	int			nice;
	unsigned int		rt_priority;
	unsigned int		cpus;
	bool			nofreeze;
	struct completion	done;
};

static void look_around(void *arg)
{
	struct look *look = arg;

	strscpy(look->comm, current->comm, sizeof(look->comm));
	look->policy = current->policy;
	look->nice = task_nice(current);
	look->rt_priority = current->rt_priority;
	look->cpus = cpumask_weight(current->cpus_ptr);
	look->nofreeze = current->flags & PF_NOFREEZE;
	complete(&look->done);
}

static void look_into(struct kunit *test, struct workpool *pool,
		      struct look *look)
{
	init_completion(&look->done);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, look_around, look), 0);
	KUNIT_ASSERT_NE(test, 0, wait_for_completion_timeout(&look->done,
							     WPT_DEADLINE));
}

/* A thread from the cache forgets the pool it comes from. */
static void adopted_worker_is_like_new(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct workpool *pool;
	struct look look;

	attrs.rt_priority = 3;
	attrs.cpumask = cpumask_of(0);
	attrs.flags = WORKPOOL_F_FREEZABLE;
	pool = wpt_create(w, &attrs);
	look_into(test, pool, &look);
	wpt_destroy(w, pool);
	ASSERT_SOON(test, wp_cache_nr() > 0);

	pool = wpt_create_simple(w, 1);
	look_into(test, pool, &look);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).adopted, 1);
	KUNIT_EXPECT_EQ(test, look.policy, SCHED_NORMAL);
	KUNIT_EXPECT_EQ(test, look.rt_priority, 0);
	KUNIT_EXPECT_EQ(test, look.nice, 0);
	KUNIT_EXPECT_EQ(test, look.cpus, cpumask_weight(pool->cpumask));
	KUNIT_EXPECT_TRUE(test, look.nofreeze);
}

static void take_slice(void *has_slice)
{
	struct sched_attr attr = {
		.size		= sizeof(attr),
		.sched_policy	= SCHED_NORMAL,
		.sched_runtime	= 10 * NSEC_PER_MSEC,
	};

	sched_setattr_nocheck(current, &attr);
	*(bool *)has_slice = wp_has_own_slice(current);
}

static void look_for_slice(void *has_slice)
{
	*(bool *)has_slice = wp_has_own_slice(current);
}

/* A slice that a task asked for is not that of the next pool. */
static void adopted_worker_has_no_slice(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	bool taken = false, found = true;

	KUNIT_ASSERT_EQ(test, workpool_submit(pool, take_slice, &taken), 0);
	KUNIT_ASSERT_EQ(test, workpool_drain(pool, WPT_DEADLINE), 0);
	if (!taken)
		kunit_skip(test, "no thread can ask for a slice");
	wpt_destroy(w, pool);
	ASSERT_SOON(test, wp_cache_nr() > 0);

	pool = wpt_create_simple(w, 1);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, look_for_slice, &found), 0);
	KUNIT_ASSERT_EQ(test, workpool_drain(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).adopted, 1);
	KUNIT_EXPECT_FALSE(test, found);
}

/* The worker of a freezable pool can freeze. */
static void worker_is_freezable(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool;
	struct look look;

	attrs.flags = WORKPOOL_F_FREEZABLE;
	pool = wpt_create(test->priv, &attrs);
	look_into(test, pool, &look);
	KUNIT_EXPECT_EQ(test, look.nofreeze, !IS_ENABLED(CONFIG_FREEZER));
}

/* A pool with CPUs that are all offline works elsewhere. */
static void offline_cpus_are_no_error(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool = wpt_create(test->priv, &attrs);
	struct look look;

	/* a CPU that is possible and offline is rare: nothing is worse */
	cpumask_clear(pool->cpumask);
	look_into(test, pool, &look);
	KUNIT_EXPECT_GT(test, look.cpus, 0);
}

/* A pool on a node has that node's CPUs, and works. */
static void node_is_accepted(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct workpool *pool;

	attrs.node = numa_node_id();
	pool = wpt_create(w, &attrs);
	KUNIT_EXPECT_EQ(test, pool->node, attrs.node);
	KUNIT_EXPECT_FALSE(test, cpumask_empty(pool->cpumask));
	wpt_run(w, pool);
}

/* The idle worker of a new pool, whose CPUs are @cpus; NULL: the kernel's. */
static struct wp_worker *worker_on(struct kunit *test,
				   const struct cpumask *cpus)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool;

	if (num_online_cpus() < 2)
		kunit_skip(test, "there is only one CPU");
	attrs.cpumask = cpus;
	attrs.min_workers = 1;
	pool = wpt_create(test->priv, &attrs);
	return list_first_entry(&pool->workers, struct wp_worker, attached);
}

/* The scheduler lets @worker run anywhere, until a CPU comes. */
static void expect_to_go_back(struct kunit *test, struct wp_worker *worker)
{
	KUNIT_ASSERT_EQ(test, 0, set_cpus_allowed_ptr(worker->task,
						      cpu_possible_mask));
	KUNIT_EXPECT_EQ(test, wp_hotplug_online(1), 0);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(worker->task->cpus_ptr,
					      cpumask_of(0)));
}

/* A worker that the scheduler let run elsewhere goes back to its CPUs. */
static void worker_goes_back_to_its_cpus(struct kunit *test)
{
	expect_to_go_back(test, worker_on(test, cpumask_of(0)));
}

/* So does one of a pool that is being created or destroyed, and not found. */
static void unregistered_pool_gets_its_cpus_back(struct kunit *test)
{
	struct wp_worker *worker = worker_on(test, cpumask_of(0));

	wp_registry_remove(worker->pool);
	expect_to_go_back(test, worker);
	KUNIT_ASSERT_EQ(test, wp_registry_add(worker->pool), 0);
}

/* Stub of wp_cpus_stay(). */
static bool all_cpus_go(const struct cpumask *cpus)
{
	return false;
}

static int nr_asked;

/* Stub of wp_cpus_restore_later(). */
static void count_asked(void)
{
	nr_asked++;
}

/* A task takes on the CPUs of its pool, as a new worker does. */
static void apply_cpus(void *test)
{
	struct wp_worker *worker = wp_worker_current();

	current->kunit_test = test;
	wp_cpus_apply(worker->pool, worker);
	current->kunit_test = NULL;
}

/*
 * When the only CPU of a pool begins to go offline, its workers get other ones.
 * The kernel may refuse to take it offline then, and tells nobody: there is
 * another look once CPU hotplug is over.
 */
static void cpu_that_goes_is_looked_at_again(struct kunit *test)
{
	struct wp_worker *worker = worker_on(test, cpumask_of(0));
	struct wpt *w = test->priv;

	wpt_need_stubs(w);
	nr_asked = 0;
	kunit_activate_static_stub(test, wp_cpus_stay, all_cpus_go);
	kunit_activate_static_stub(test, wp_cpus_restore_later, count_asked);
	KUNIT_ASSERT_EQ(test, workpool_submit(worker->pool, apply_cpus, test), 0);
	wpt_settle(w, worker->pool);
	KUNIT_EXPECT_GT(test, cpumask_weight(worker->task->cpus_ptr), 1);
	KUNIT_EXPECT_GT(test, nr_asked, 0);
	kunit_deactivate_static_stub(test, wp_cpus_stay);
	kunit_deactivate_static_stub(test, wp_cpus_restore_later);
}

static int kernel_calls;

/* The CPUs of the kernel become fewer between the second and the third look. */
static void shrinking_cpus_of_kernel(struct cpumask *cpus)
{
	cpumask_copy(cpus, kernel_calls++ < 2 ? cpu_online_mask : cpumask_of(0));
}

/* CPUs that change while workers get theirs are given to all of them. */
static void cpus_change_while_they_are_given(struct kunit *test)
{
	struct wp_worker *worker = worker_on(test, NULL);

	wpt_need_stubs(test->priv);
	kernel_calls = 0;
	kunit_activate_static_stub(test, wp_cpus_of_kernel,
				   shrinking_cpus_of_kernel);
	wp_hotplug_online(1);
	kunit_deactivate_static_stub(test, wp_cpus_of_kernel);
	KUNIT_EXPECT_GT(test, kernel_calls, 2);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(worker->task->cpus_ptr,
					      cpumask_of(0)));
}

/* No worker leaves while its CPUs are set: it would take them along. */
static void worker_stays_while_it_is_placed(struct kunit *test)
{
	struct workpool *pool = wpt_create_simple(test->priv, 1);

	wpt_run(test->priv, pool);
	mutex_lock(&pool->placing);
	KUNIT_EXPECT_EQ(test, workpool_release_timeout(pool, 1), -ETIMEDOUT);
	KUNIT_EXPECT_FALSE(test, list_empty(&pool->workers));
	mutex_unlock(&pool->placing);
	KUNIT_EXPECT_EQ(test, workpool_wait_released(pool, WPT_DEADLINE), 0);
}

static void note_cpus(void *cpus)
{
	cpumask_copy(cpus, current->cpus_ptr);
}

/*
 * An idle worker whose CPUs the kernel reset, as cpusets do, has its own again
 * when the next task begins. CPUs that it was given on purpose stay.
 */
static void worker_looks_after_its_cpus(struct kunit *test)
{
	struct wp_worker *worker = worker_on(test, cpumask_of(0));
	struct workpool *pool = worker->pool;
	static struct cpumask seen;

	ASSERT_SOON(test, READ_ONCE(pool->idle.nr) == 1);
	set_cpus_allowed_ptr(worker->task, cpu_possible_mask);
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, note_cpus, &seen), 0);
	KUNIT_ASSERT_EQ(test, workpool_drain(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&seen, cpumask_of(0)));

	set_cpus_allowed_ptr(worker->task, cpumask_of(1));
	KUNIT_ASSERT_EQ(test, workpool_submit(pool, note_cpus, &seen), 0);
	KUNIT_ASSERT_EQ(test, workpool_drain(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&seen, cpumask_of(1)));
}

static struct cpumask chain_cpus;
static atomic_t chain_left;

/* Queues itself again, so that its worker never sleeps. */
static void chain(struct workpool_task *task)
{
	if (atomic_dec_return(&chain_left) == 100)
		set_cpus_allowed_ptr(current, cpu_possible_mask);
	if (atomic_read(&chain_left) > 0)
		workpool_queue(workpool_current(), task);
	else
		note_cpus(&chain_cpus);
}

/* A worker that never sleeps looks after its CPUs, too. */
static void busy_worker_looks_after_its_cpus(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_task task;
	struct workpool *pool;

	if (num_online_cpus() < 2)
		kunit_skip(test, "there is only one CPU");
	attrs.cpumask = cpumask_of(0);
	pool = wpt_create(test->priv, &attrs);
	atomic_set(&chain_left, 200);
	workpool_task_init_onstack(&task, chain);
	KUNIT_ASSERT_EQ(test, workpool_queue(pool, &task), 0);
	EXPECT_SOON(test, atomic_read(&chain_left) <= 0);
	KUNIT_ASSERT_EQ(test, workpool_drain(pool, WPT_DEADLINE), 0);
	workpool_task_destroy_onstack(&task);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(&chain_cpus, cpumask_of(0)));
}

/* A pool on a node has the node's CPUs that are offline now, too. */
static void node_has_its_offline_cpus(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	static struct cpumask cpus;
	int cpu;

	attrs.node = numa_node_id();
	wp_attrs_cpus(&attrs, &cpus);
	for_each_possible_cpu(cpu)
		KUNIT_EXPECT_EQ(test, cpumask_test_cpu(cpu, &cpus),
				cpu_to_node(cpu) == attrs.node);
}

/* A worker that has this thread, and is in no pool. */
static struct wp_worker *worker_of_current(struct kunit *test)
{
	struct wp_worker *worker = kunit_kzalloc(test, sizeof(*worker),
						 GFP_KERNEL);
	struct cpumask *user = kunit_kzalloc(test, cpumask_size(), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, worker);
	KUNIT_ASSERT_NOT_NULL(test, user);
	worker->task = current;
	worker->node = NUMA_NO_NODE;
#ifdef CONFIG_CPUMASK_OFFSTACK
	worker->user_cpus = user;
#endif
	return worker;
}

/* CPUs are left to the kernel as long as none of its CPUs is missing. */
static void bound_threads_are_told_apart(struct kunit *test)
{
	struct wp_worker *worker = worker_of_current(test);
	static struct cpumask kernel;

	wp_cpus_of_kernel(&kernel);
	KUNIT_EXPECT_TRUE(test, cpumask_subset(&kernel, cpu_possible_mask));
	KUNIT_ASSERT_FALSE(test, cpumask_empty(&kernel));
	set_cpus_allowed_ptr(current, &kernel);
	KUNIT_EXPECT_TRUE(test, wp_cpus_unbound(worker, &kernel));
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	KUNIT_EXPECT_TRUE(test, wp_cpus_unbound(worker, &kernel));
	if (num_online_cpus() < 2)
		return;
	set_cpus_allowed_ptr(current, cpumask_of(0));
	KUNIT_EXPECT_FALSE(test, wp_cpus_unbound(worker, &kernel));
	set_cpus_allowed_ptr(current, &kernel);
}

/*
 * What sched_setaffinity() was asked for kthreadd is in all threads since. It is
 * nobody's wish for one of them, as a later change is.
 */
static void inherited_cpus_are_no_wish(struct kunit *test)
{
	struct wp_worker *worker = worker_of_current(test);
	struct cpumask *before = current->user_cpus_ptr;
	static struct cpumask kernel, user;

	if (num_online_cpus() < 2)
		kunit_skip(test, "there is only one CPU");
	wp_cpus_of_kernel(&kernel);
	cpumask_copy(&user, cpumask_of(0));
	cpumask_copy(worker->user_cpus, &user);
	WRITE_ONCE(current->user_cpus_ptr, &user);
	set_cpus_allowed_ptr(current, cpumask_of(0));
	KUNIT_EXPECT_TRUE(test, wp_cpus_unbound(worker, &kernel));
	cpumask_copy(&user, cpumask_of(1));
	KUNIT_EXPECT_FALSE(test, wp_cpus_unbound(worker, &kernel));
	WRITE_ONCE(current->user_cpus_ptr, before);
	set_cpus_allowed_ptr(current, &kernel);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(bad_attributes_are_refused, bad_gen_params),
	KUNIT_CASE(no_attributes_are_refused),
	KUNIT_CASE(extreme_attributes_are_allowed),
	KUNIT_CASE(defaults_are_filled_in),
	KUNIT_CASE_PARAM(thread_name_keeps_the_number, name_gen_params),
	KUNIT_CASE_PARAM(thread_name_keeps_the_index, member_name_gen_params),
	KUNIT_CASE(adopted_worker_is_like_new),
	KUNIT_CASE(adopted_worker_has_no_slice),
	KUNIT_CASE(worker_is_freezable),
	KUNIT_CASE(offline_cpus_are_no_error),
	KUNIT_CASE(node_is_accepted),
	KUNIT_CASE(node_has_its_offline_cpus),
	KUNIT_CASE(worker_goes_back_to_its_cpus),
	KUNIT_CASE(cpu_that_goes_is_looked_at_again),
	KUNIT_CASE(unregistered_pool_gets_its_cpus_back),
	KUNIT_CASE(cpus_change_while_they_are_given),
	KUNIT_CASE(worker_stays_while_it_is_placed),
	KUNIT_CASE(worker_looks_after_its_cpus),
	KUNIT_CASE(busy_worker_looks_after_its_cpus),
	KUNIT_CASE(bound_threads_are_told_apart),
	KUNIT_CASE(inherited_cpus_are_no_wish),
	{}
};

WPT_SUITE(attrs);
