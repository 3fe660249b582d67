// SPDX-License-Identifier: GPL-2.0
/*
 * Creating pools: what is refused, what the attributes do, and how a creation
 * that fails halfway cleans up.
 */
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/workpool.h>

#include "test.h"

static const char pool_name[] = "st-create";

/* the errno of a creation that is to fail; a pool that came is destroyed */
static int try_create(const struct workpool_attrs *attrs, const char *name)
{
	struct workpool *pool = workpool_create(attrs, "%s", name);

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	workpool_destroy(pool);
	return 0;
}

static int try_name(const char *name)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	return try_create(&attrs, name);
}

static int try_capacity(int capacity)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);

	return try_create(&attrs, pool_name);
}

static void errno_einval_capacity(struct st_test *t)
{
	EXPECT_EQ(t, try_capacity(0), -EINVAL);
	EXPECT_EQ(t, try_capacity(-2), -EINVAL);
	EXPECT_EQ(t, try_capacity(INT_MIN), -EINVAL);
	EXPECT_EQ(t, try_capacity(1), 0);
	EXPECT_EQ(t, try_capacity(WORKPOOL_UNLIMITED), 0);
}

static void errno_einval_flags(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.flags = WORKPOOL_F_HISTOGRAMS << 1;
	EXPECT_EQ(t, try_create(&attrs, pool_name), -EINVAL);
	attrs.flags = 1U << 31;
	EXPECT_EQ(t, try_create(&attrs, pool_name), -EINVAL);
}

static void errno_einval_prealloc_unlimited(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(WORKPOOL_UNLIMITED);

	attrs.flags = WORKPOOL_F_PREALLOC;
	EXPECT_EQ(t, try_create(&attrs, pool_name), -EINVAL);
}

static void expiry_negative_is_einval(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.expiry_ms = -1;
	EXPECT_EQ(t, try_create(&attrs, pool_name), -EINVAL);
	attrs.expiry_ms = INT_MIN;
	EXPECT_EQ(t, try_create(&attrs, pool_name), -EINVAL);
}

static void expiry_default_is_1000(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	EXPECT_EQ(t, st_stats(st_pool_attrs(t, &attrs)).expiry_ms, 1000);
	attrs.expiry_ms = 77;
	EXPECT_EQ(t, st_stats(st_pool_attrs(t, &attrs)).expiry_ms, 77);
}

static void errno_einval_min_workers_above_capacity(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);

	attrs.min_workers = 3;
	EXPECT_EQ(t, try_create(&attrs, pool_name), -EINVAL);
	attrs.min_workers = 2;
	EXPECT_EQ(t, try_create(&attrs, pool_name), 0);
}

static void errno_einval_nice(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.nice = 20;
	EXPECT_EQ(t, try_create(&attrs, pool_name), -EINVAL);
	attrs.nice = -21;
	EXPECT_EQ(t, try_create(&attrs, pool_name), -EINVAL);
	attrs.nice = 19;
	EXPECT_EQ(t, try_create(&attrs, pool_name), 0);
	attrs.nice = -20;
	EXPECT_EQ(t, try_create(&attrs, pool_name), 0);
}

static void errno_einval_rt_priority(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.rt_priority = 100;
	EXPECT_EQ(t, try_create(&attrs, pool_name), -EINVAL);
	attrs.rt_priority = 99;
	EXPECT_EQ(t, try_create(&attrs, pool_name), 0);
}

static void errno_einval_node(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.node = MAX_NUMNODES;
	EXPECT_EQ(t, try_create(&attrs, pool_name), -EINVAL);
	attrs.node = -2;
	EXPECT_EQ(t, try_create(&attrs, pool_name), -EINVAL);
	attrs.node = first_online_node;
	EXPECT_EQ(t, try_create(&attrs, pool_name), 0);
}

static void errno_einval_cpumask_empty(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.cpumask = cpu_none_mask;
	EXPECT_EQ(t, try_create(&attrs, pool_name), -EINVAL);
}

static void errno_einval_name(struct st_test *t)
{
	EXPECT_EQ(t, try_name(""), -EINVAL);
	EXPECT_EQ(t, try_name("a b"), -EINVAL);
	EXPECT_EQ(t, try_name("a\nb"), -EINVAL);
	EXPECT_EQ(t, try_name("a%b"), -EINVAL);
	EXPECT_EQ(t, try_name("."), -EINVAL);
	EXPECT_EQ(t, try_name(".."), -EINVAL);
	EXPECT_EQ(t, try_name("..."), 0);
	EXPECT_EQ(t, try_name("\xc3\xa4"), -EINVAL);
	EXPECT_EQ(t, try_name("12345678901234567890123456789012"), -EINVAL);
	EXPECT_EQ(t, try_name("1234567890123456789012345678901"), 0);
	EXPECT_EQ(t, try_name("aZ09._-:!"), 0);
	EXPECT_EQ(t, try_name("x"), 0);
}

/* a slash becomes "!", as in sysfs: drivers have it in names of workqueues */
static void create_with_a_slash(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool = workpool_create(&attrs, "%s/%d/", "st", 1);

	ASSERT(t, !IS_ERR(pool));
	EXPECT(t, !strcmp(workpool_name(pool), "st!1!"));
	EXPECT_EQ(t, try_name("st!1!"), -EEXIST);
	workpool_destroy(pool);
}

/* a name belongs to one pool, from its creation to its end */
static void errno_eexist_name(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool;

	pool = workpool_create(&attrs, "%s", pool_name);
	ASSERT_EQ(t, PTR_ERR_OR_ZERO(pool), 0);
	st_pool_adopt(t, pool);
	EXPECT_EQ(t, try_name(pool_name), -EEXIST);
	EXPECT_EQ(t, workpool_release_timeout(pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, try_name(pool_name), -EEXIST);
	st_pool_destroy(t, pool);
	EXPECT_EQ(t, try_name(pool_name), 0);
	EXPECT_EQ(t, try_name("system"), -EEXIST);
	/* files of debugfs */
	EXPECT_EQ(t, try_name("version"), -EEXIST);
	EXPECT_EQ(t, try_name("pools"), -EEXIST);
	EXPECT_EQ(t, try_name("multis"), -EEXIST);
	EXPECT_EQ(t, try_name("waits"), -EEXIST);
}

static void name_is_formatted(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool;

	pool = workpool_create(&attrs, "st:%d-%s", 42, "x");
	ASSERT_EQ(t, PTR_ERR_OR_ZERO(pool), 0);
	st_pool_adopt(t, pool);
	EXPECT_EQ(t, strcmp(workpool_name(pool), "st:42-x"), 0);
}

/* a new pool has no worker and has counted nothing */
static void fresh_pool_is_empty(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 7, 0);
	struct workpool_stats s = st_stats(pool);

	EXPECT_EQ(t, s.capacity, 7);
	EXPECT_EQ(t, s.running + s.busy + s.idle + s.searching, 0);
	EXPECT_EQ(t, s.starting + s.alive, 0);
	EXPECT_EQ(t, s.waiting + s.queued, 0);
	EXPECT_EQ(t, s.peak_running + s.peak_waiting, 0);
	EXPECT_EQ(t, s.generation, 0);
	EXPECT_EQ(t, s.submitted + s.completed + s.spawned + s.adopted, 0);
	EXPECT(t, !s.closed);
}

static void attrs_are_copied(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(3);
	struct workpool *pool;

	attrs.data = &attrs;
	pool = st_pool_attrs(t, &attrs);
	memset(&attrs, 0xcc, sizeof(attrs));
	EXPECT_EQ(t, workpool_capacity(pool), 3);
	EXPECT(t, workpool_data(pool) == &attrs);
	EXPECT(t, st_run_pid(t, pool) > 0);
}

/* create() returns when the workers of a PREALLOC pool are idle */
static void create_prealloc_workers_are_idle(struct st_test *t)
{
	struct workpool *pool = st_pool(t, 4, WORKPOOL_F_PREALLOC);
	struct workpool_stats s = st_stats(pool);
	struct st_job *jobs[4], *more = st_job(t);
	int i;

	EXPECT_EQ(t, s.idle, 4);
	EXPECT_EQ(t, s.running, 4);
	EXPECT_EQ(t, s.starting, 0);
	EXPECT_EQ(t, s.min_workers, 4);
	EXPECT_EQ(t, workpool_available(pool), 0);
	st_jobs(t, jobs, 4);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(t, st_try(pool, jobs[i]), 0);
	EXPECT_EQ(t, st_try(pool, more), -EAGAIN);
	s = st_stats(pool);
	EXPECT_EQ(t, s.spawned + s.adopted, 4);
}

/* min_workers are idle when create() returns, the others come on demand */
static void create_min_workers_are_idle(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(4);
	struct st_job *jobs[3];
	struct workpool *pool;

	attrs.min_workers = 2;
	pool = st_pool_attrs(t, &attrs);
	EXPECT_EQ(t, workpool_idle(pool), 2);
	EXPECT_EQ(t, workpool_running(pool), 2);
	EXPECT_EQ(t, workpool_available(pool), 2);
	EXPECT_EQ(t, st_stats(pool).min_workers, 2);
	st_block_n(t, pool, jobs, 3);
	EXPECT_EQ(t, workpool_running(pool), 3);
}

static void unlimited_min_workers_are_idle(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(WORKPOOL_UNLIMITED);
	struct workpool *pool;

	attrs.min_workers = 3;
	pool = st_pool_attrs(t, &attrs);
	EXPECT_EQ(t, workpool_idle(pool), 3);
	EXPECT_EQ(t, workpool_available(pool), -1);
}

/* how many workers of the pool below get through worker_init */
static atomic_t inits_left;
static atomic_t inits_done;
static atomic_t exits_done;

static int init_some(struct workpool *pool, void **worker_data)
{
	if (atomic_dec_return(&inits_left) < 0)
		return -ENODEV;
	atomic_inc(&inits_done);
	return 0;
}

static void exit_some(struct workpool *pool, void *worker_data)
{
	atomic_inc(&exits_done);
}

static const struct workpool_ops failing_ops = {
	.worker_init = init_some,
	.worker_exit = exit_some,
};

/* a creation that fails at worker n leaves neither workers nor the name */
static void create_fails_after(struct st_test *t, unsigned int flags,
			       unsigned int min_workers, int n)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(4);

	attrs.flags = flags;
	attrs.min_workers = min_workers;
	attrs.ops = &failing_ops;
	atomic_set(&inits_left, n);
	atomic_set(&inits_done, 0);
	atomic_set(&exits_done, 0);
	EXPECT_EQ(t, try_create(&attrs, pool_name), -ENODEV);
	EXPECT_EQ(t, atomic_read(&inits_done), n);
	EXPECT_EQ(t, atomic_read(&exits_done), n);
	attrs.ops = NULL;
	EXPECT_EQ(t, try_create(&attrs, pool_name), 0);
}

static void create_unwinds_prealloc(struct st_test *t)
{
	create_fails_after(t, WORKPOOL_F_PREALLOC, 0, 0);
	create_fails_after(t, WORKPOOL_F_PREALLOC, 0, 2);
}

static void create_unwinds_min_workers(struct st_test *t)
{
	create_fails_after(t, 0, 3, 0);
	create_fails_after(t, 0, 3, 2);
}

static void store_arg(void *arg)
{
	struct st_job *job = arg;

	st_job_run(job);
}

static void invoke_runs_default_fn(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct st_job *job = st_job_quick(t);
	struct workpool *pool;

	attrs.fn = store_arg;
	pool = st_pool_attrs(t, &attrs);
	EXPECT_EQ(t, workpool_invoke(pool, job), 0);
	ASSERT_SOON(t, st_ended(job));
	EXPECT_EQ(t, st_stats(pool).submitted, 1);
}

static void system_pool_is_open_and_unlimited(struct st_test *t)
{
	struct st_job *job = st_job_quick(t);

	ASSERT(t, !IS_ERR_OR_NULL(workpool_system));
	EXPECT_EQ(t, strcmp(workpool_name(workpool_system), "system"), 0);
	EXPECT_EQ(t, workpool_capacity(workpool_system), WORKPOOL_UNLIMITED);
	EXPECT_EQ(t, workpool_available(workpool_system), -1);
	EXPECT(t, !workpool_is_closed(workpool_system));
	EXPECT_EQ(t, workpool_submit(workpool_system, st_job_run, job), 0);
	ASSERT_SOON(t, st_ended(job));
}

static void devm_pool_goes_with_device(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	struct device *dev = root_device_register("wp_selftest");
	struct st_job *job = st_job_quick(t);
	struct workpool *pool;

	ASSERT(t, !IS_ERR(dev));
	pool = devm_workpool_create(dev, &attrs, "%s", pool_name);
	if (EXPECT_EQ(t, PTR_ERR_OR_ZERO(pool), 0)) {
		EXPECT_EQ(t, workpool_submit(pool, st_job_run, job), 0);
		EXPECT_EQ(t, try_name(pool_name), -EEXIST);
	}
	root_device_unregister(dev);
	EXPECT(t, st_ended(job));
	EXPECT_EQ(t, try_name(pool_name), 0);
}

static void flags_are_accepted(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(2);
	int flag;

	for (flag = 1; flag <= WORKPOOL_F_HISTOGRAMS; flag <<= 1) {
		attrs.flags = flag;
		EXPECT(t, st_run_pid(t, st_pool_attrs(t, &attrs)) > 0);
	}
}

static const struct st_case create_cases[] = {
	ST_CASE(errno_einval_capacity),
	ST_CASE(errno_einval_flags),
	ST_CASE(errno_einval_prealloc_unlimited),
	ST_CASE(expiry_negative_is_einval),
	ST_CASE(expiry_default_is_1000),
	ST_CASE(errno_einval_min_workers_above_capacity),
	ST_CASE(errno_einval_nice),
	ST_CASE(errno_einval_rt_priority),
	ST_CASE(errno_einval_node),
	ST_CASE(errno_einval_cpumask_empty),
	ST_CASE(errno_einval_name),
	ST_CASE(create_with_a_slash),
	ST_CASE(errno_eexist_name),
	ST_CASE(name_is_formatted),
	ST_CASE(fresh_pool_is_empty),
	ST_CASE(attrs_are_copied),
	ST_CASE(create_prealloc_workers_are_idle),
	ST_CASE(create_min_workers_are_idle),
	ST_CASE(unlimited_min_workers_are_idle),
	ST_CASE(create_unwinds_prealloc),
	ST_CASE(create_unwinds_min_workers),
	ST_CASE(invoke_runs_default_fn),
	ST_CASE(system_pool_is_open_and_unlimited),
	ST_CASE(devm_pool_goes_with_device),
	ST_CASE(flags_are_accepted),
};

ST_GROUP(create, false);
