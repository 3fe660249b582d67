// SPDX-License-Identifier: GPL-2.0
/*
 * Unload: what a module leaves behind. The tests play the part of the module.
 */

#include <kunit/static_stub.h>
#include <kunit/test-bug.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>

#include "admin/unload.h"
#include "core/lock.h"
#include "core/lookup.h"
#include "core/node.h"
#include "core/pool.h"
#include "core/ref.h"
#include "core/scan.h"
#include "core/watch.h"
#include "pool/registry.h"
#include "pool/release.h"
#include "task/delayed.h"
#include "task/link.h"
#include "helpers.h"

static int member_of_group(void *ran)
{
	atomic_inc(ran);
	return 0;
}

#ifdef kunit_warning_suppress

#include <kunit/device.h>	/* it is older */

static int embedded_member(struct workpool_member *member)
{
	return 0;
}

/* Returns the number of warnings. */
static int clear(struct kunit *test)
{
	int nr = 0;

	kunit_warning_suppress(test) {
		wp_unload_clear(THIS_MODULE);
		nr = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
	return nr;
}

static int call_clear(struct wpt_thread *thread)
{
	return clear(thread->arg);
}

/* A pool as if of another module. */
static struct workpool *create_foreign(struct wpt *w, int capacity,
				       unsigned int depth)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(capacity);
	struct workpool *pool;

	attrs.queue_depth = depth;
	pool = wpt_create(w, &attrs);
	pool->module = NULL;
	return pool;
}

/*
 * Pending work of the module is dropped, in each of its forms, and named. Then
 * the unload names what runs, each function once, and waits for it.
 */
static void work_is_dropped_or_waited_for(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_foreign(w, 2, 1);
	struct workpool *full = create_foreign(w, 1, 0);
	struct wpt_thread what = { .call = call_clear, .arg = test };
	struct wpt_task *rerun = wpt_task_at_gate(w), *queued = wpt_task(w);
	struct wpt_task *delayed = wpt_task(w);
	struct wpt_thread *thread, *waiter;
	struct workpool_member member;
	struct workpool_group group;

	workpool_group_init(&group, pool);
	workpool_member_init_onstack(&member, embedded_member);
	wpt_block(w, pool, &w->gates[0]);
	wpt_hold(w, pool, rerun);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, rerun), 0);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, queued), 0);
	KUNIT_ASSERT_EQ(test, workpool_group_queue(&group, &member), 0);
	KUNIT_ASSERT_EQ(test, wpt_delay(pool, delayed, 3600 * HZ), 0);
	wpt_fill(w, full, &w->gates[0]);
	waiter = wpt_add_waiter(w, full, wpt_count, &w->ran);

	thread = wpt_start(w, &what);
	KUNIT_EXPECT_EQ(test, wpt_join(waiter), -ESHUTDOWN);
	ASSERT_SOON(test, wpt_stats(pool).dropped == 5);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), -ESHUTDOWN);
	workpool_member_destroy_onstack(&member);
	KUNIT_EXPECT_FALSE(test, wpt_is_pending(rerun));
	KUNIT_EXPECT_FALSE(test, wpt_is_pending(queued));
	KUNIT_EXPECT_FALSE(test, wpt_is_pending(delayed));
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));

	wpt_open(&w->gates[0]);
	wpt_open(&rerun->gate);
	/* three functions that were pending, and two that ran */
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 5);
	KUNIT_EXPECT_EQ(test, wpt_ended(rerun), 1);
	KUNIT_EXPECT_EQ(test, wpt_past(&w->gates[0]), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

#define MANY	150
#define SLICE	64

/* Slices of the queue that were begun while not all was dropped. */
static int slices;

/* Stub of wp_scan_slice_locked(). */
static void scan_counting(struct workpool *pool, struct wp_scan *scan,
			  struct list_head *list, wp_scan_fn fn, void *arg,
			  struct wp_deferred *deferred)
{
	struct kunit *test = current->kunit_test;

	if (list == &pool->queue && pool->counters[WP_COUNT_DROPPED] < MANY)
		slices++;
	current->kunit_test = NULL;
	wp_scan_slice_locked(pool, scan, list, fn, arg, deferred);
	current->kunit_test = test;
}

static int call_clear_counting(struct wpt_thread *thread)
{
	int nr;

	current->kunit_test = thread->arg;
	nr = clear(thread->arg);
	current->kunit_test = NULL;
	return nr;
}

/*
 * A long queue is looked at in slices, in one pass: what is of the module is
 * dropped wherever it stands, and what is of others stays, in its order.
 */
static void long_queue_is_cleared(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_foreign(w, 1, 2 * MANY);
	struct wpt_thread what = { .call = call_clear_counting, .arg = test };
	struct wpt_thread *thread;
	int i;

	wpt_fill(w, pool, &w->gates[0]);
	for (i = 0; i < MANY; i++) {
		KUNIT_ASSERT_EQ(test, 0, workpool_try_submit(pool, wpt_count,
							     &w->ran));
		/* of the kernel, for NULL it does nothing */
		KUNIT_ASSERT_EQ(test, 0,
				workpool_try_submit(pool, (workpool_fn_t)(void *)kfree,
						    NULL));
	}
	slices = 0;
	kunit_activate_static_stub(test, wp_scan_slice_locked, scan_counting);
	thread = wpt_start(w, &what);
	ASSERT_SOON(test, wpt_stats(pool).dropped == MANY);
	if (wpt_can_stub_under_lock())
		KUNIT_EXPECT_EQ(test, slices, DIV_ROUND_UP(2 * MANY, SLICE));
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).queued, MANY);
	wpt_open(&w->gates[0]);
	/* one function that was pending, and one that ran */
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 2);
	KUNIT_EXPECT_EQ(test, workpool_drain(pool, WPT_DEADLINE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
	KUNIT_EXPECT_EQ(test, wpt_stats(pool).completed, MANY + 1);
}

/* Pools and multis of the module are destroyed, with a warning for each. */
static void pools_are_destroyed(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_multi *multi;
	struct workpool *pool;

	pool = workpool_create(&attrs, "left");
	KUNIT_ASSERT_EQ(test, PTR_ERR_OR_ZERO(pool), 0);
	multi = workpool_multi_create(2, WORKPOOL_ROUND_ROBIN, &attrs, "left");
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(multi), 0);
	KUNIT_EXPECT_EQ(test, clear(test), 2);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 1);
}

/* A pool of a device that outlives the module stays closed until the device goes. */
static void pool_of_a_device_is_left_to_it(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct device *dev = kunit_device_register(test, "kunit-workpool");
	struct wpt *w = test->priv;
	struct workpool *pool;

	KUNIT_ASSERT_EQ(test, PTR_ERR_OR_ZERO(dev), 0);
	pool = devm_workpool_create(dev, &attrs, "of-a-device");
	KUNIT_ASSERT_EQ(test, PTR_ERR_OR_ZERO(pool), 0);
	KUNIT_EXPECT_EQ(test, clear(test), 1);
	/* what it would have freed is gone */
	rcu_barrier();
	EXPECT_SOON(test, READ_ONCE(pool->alive) == 0);
	KUNIT_EXPECT_EQ(test, READ_ONCE(pool->state), WP_DEAD);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			workpool_try_submit(pool, wpt_count, &w->ran));
	kunit_device_unregister(test, dev);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 1);
}

static int call_destroy(struct wpt_thread *thread)
{
	workpool_destroy(thread->pool);
	return 0;
}

static int call_multi_destroy(struct wpt_thread *thread)
{
	workpool_multi_destroy(thread->multi);
	return 0;
}

static bool is_dead(struct workpool *pool)
{
	return READ_ONCE(pool->state) == WP_DEAD;
}

/*
 * A pool of another module is being destroyed while it has work of the module,
 * alone or as part of a multi. It is found as any other.
 */
static void work_of_dying_pools_is_dropped(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct workpool *pool = create_foreign(w, 1, 1), *part;
	struct wpt_thread destroy = { .call = call_destroy, .pool = pool };
	struct wpt_thread what = { .call = call_clear, .arg = test };
	struct wpt_task *t = wpt_task(w), *u = wpt_task(w);
	struct workpool_multi *multi;
	struct wpt_thread *thread;

	multi = wpt_multi(w, 2, WORKPOOL_ROUND_ROBIN, &attrs);
	workpool_multi_at(multi, 0)->module = NULL;
	part = workpool_multi_at(multi, 1);
	part->module = NULL;
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	wpt_fill(w, part, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, wpt_queue(part, u), 0);
	wpt_forget(w, pool);
	wpt_start(w, &destroy);
	wpt_multi_forget(w, multi);
	destroy = (struct wpt_thread){ .call = call_multi_destroy,
				       .multi = multi };
	wpt_start(w, &destroy);
	ASSERT_SOON(test, is_dead(pool) && is_dead(part));
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 1);

	thread = wpt_start(w, &what);
	EXPECT_SOON(test, !wpt_is_pending(t) && !wpt_is_pending(u));
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	wpt_open(&w->gates[0]);
	/* one function that was pending in both, and one that ran in both */
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 2);
	KUNIT_EXPECT_EQ(test, wpt_begun(t) + wpt_begun(u), 0);
}

static int init_at_gate(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	wpt_pass(&w->gates[0]);
	return -ENODEV;
}

static int call_create(struct wpt_thread *thread)
{
	static const struct workpool_ops ops = { .worker_init = init_at_gate };
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);

	attrs.min_workers = 1;
	attrs.ops = &ops;
	attrs.data = thread->arg;
	return PTR_ERR_OR_ZERO(workpool_create(&attrs, "late"));
}

/* A pool of the module that is being created is waited for. */
static void pool_in_creation_is_waited_for(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread create = { .call = call_create, .arg = w };
	struct wpt_thread what = { .call = call_clear, .arg = test };
	struct wpt_thread *creator, *thread;

	creator = wpt_start(w, &create);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	thread = wpt_start(w, &what);
	/* it looked, slept, and looked again */
	ASSERT_SOON(test, completion_done(&thread->done) ||
		    READ_ONCE(thread->task->nvcsw) > 4);
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(creator), -ENODEV);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 0);
}

/* Threads of pool_that_never_booted_is_waited_for(). */
static struct wpt_thread *clearing;

/* Stub of wp_lookup_add(): the pool has its number, and an unload begins. */
static int add_and_clear(struct workpool *pool)
{
	struct kunit *test = kunit_get_current_test();
	struct wpt_thread what = { .call = call_clear, .arg = test };
	int err;

	kunit_deactivate_static_stub(test, wp_lookup_add);
	err = wp_lookup_add(pool);
	clearing = wpt_start(test->priv, &what);
	EXPECT_SOON(test, completion_done(&clearing->done) ||
		    READ_ONCE(clearing->task->nvcsw) > 4);
	KUNIT_EXPECT_FALSE(test, completion_done(&clearing->done));
	return err;
}

/* So is one that has its number, and no worker yet. */
static void pool_that_never_booted_is_waited_for(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_thread create = { .arg = w };

	wpt_open(&w->gates[0]);
	kunit_activate_static_stub(test, wp_lookup_add, add_and_clear);
	KUNIT_EXPECT_EQ(test, call_create(&create), -ENODEV);
	KUNIT_EXPECT_EQ(test, wpt_join(clearing), 0);
}

#define ESCAPES	5

static struct workpool *looked_at[2];
static struct wpt_task *escaping;
static int nr_looks;

/* The one of @looked_at with the smallest number above @lookup_id. */
static struct workpool *next_of_two(u32 lookup_id)
{
	int i;

	for (i = 0; i < 2; i++)
		if (lookup_id < looked_at[i]->lookup_id) {
			wp_pool_get(looked_at[i]);
			return looked_at[i];
		}
	return NULL;
}

static void create_two(struct kunit *test)
{
	int i;

	for (i = 0; i < 2; i++)
		looked_at[i] = create_foreign(test->priv, 1, 0);
	nr_looks = 0;
}

/*
 * Stub of wp_lookup_next(). Each time the pools were looked at, it is as if a
 * task began, and it has ended before the next look.
 */
static struct workpool *next_pool_escaping(u32 lookup_id)
{
	struct workpool *pool = next_of_two(lookup_id);
	unsigned long flags;

	if (!pool && nr_looks++ < ESCAPES) {
		raw_spin_lock_irqsave(&looked_at[0]->lock, flags);
		wp_watch_note_slow_locked(looked_at[0], wpt_count);
		raw_spin_unlock_irqrestore(&looked_at[0]->lock, flags);
	}
	return pool;
}

/*
 * A task that runs only where the unload does not look is noted, and named. The
 * unload goes on until it looked and nothing ran meanwhile.
 */
static void task_that_escapes_the_look_is_noted(struct kunit *test)
{
	create_two(test);
	kunit_activate_static_stub(test, wp_lookup_next, next_pool_escaping);
	KUNIT_EXPECT_EQ(test, clear(test), 1);
	kunit_deactivate_static_stub(test, wp_lookup_next);
	KUNIT_EXPECT_EQ(test, nr_looks, ESCAPES + 1);
}

/*
 * Stub of wp_lookup_next(). When the first pool was looked at, @escaping, which
 * runs in the second one, leaves something there, and ends.
 */
static struct workpool *next_pool_ending(u32 lookup_id)
{
	if (lookup_id == looked_at[0]->lookup_id && nr_looks++ == 1) {
		wpt_open(&escaping->gate);
		wpt_wait_until(!workpool_busy(looked_at[1]));
	}
	return next_of_two(lookup_id);
}

static void leave_delayed(struct wpt_task *t)
{
	t->result = wpt_delay(looked_at[0], t->other, 24 * 3600 * HZ);
}

/*
 * A task that runs since before the look, and ends behind it, is noted, too. It
 * cannot leave anything where the look has been.
 */
static void task_that_ends_before_the_look_is_noted(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct wpt_task *left = wpt_task(w);

	create_two(test);
	escaping = wpt_task_with(w, leave_delayed, NULL);
	escaping->other = left;
	KUNIT_ASSERT_EQ(test, wpt_queue(looked_at[1], escaping), 0);
	ASSERT_SOON(test, wpt_begun(escaping) == 1);
	kunit_activate_static_stub(test, wp_lookup_next, next_pool_ending);
	KUNIT_EXPECT_EQ(test, clear(test), 1);
	kunit_deactivate_static_stub(test, wp_lookup_next);
	KUNIT_EXPECT_EQ(test, wpt_ended(escaping), 1);
	KUNIT_EXPECT_EQ(test, escaping->result, -ESHUTDOWN);
	KUNIT_EXPECT_FALSE(test, wpt_is_pending(left));
}

static struct wpt_thread *rebooter;
static bool init_waits;

static int call_reboot(struct wpt_thread *thread)
{
	return workpool_reboot(thread->arg);
}

/* Call clear() with the stubs of the test. */
static int call_clear_stubbed(struct wpt_thread *thread)
{
	int nr;

	current->kunit_test = thread->arg;
	nr = clear(thread->arg);
	current->kunit_test = NULL;
	return nr;
}

static int init_that_may_wait(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	if (READ_ONCE(init_waits))
		wpt_pass(&w->gates[0]);
	return 0;
}

/*
 * Stub of wp_lookup_next(). When the first pool was looked at, it is rebooted.
 */
static struct workpool *next_pool_rebooting(u32 lookup_id)
{
	struct wpt *w = wpt_current();
	struct wpt_thread what = { .call = call_reboot, .arg = looked_at[0] };

	if (lookup_id == looked_at[0]->lookup_id && ++nr_looks == 1) {
		rebooter = wpt_start(w, &what);
		wpt_wait_until(wpt_inside(&w->gates[0]) == 1);
	}
	return next_of_two(lookup_id);
}

/* Two pools; the first one is closed, and its next worker_init waits. */
static void create_one_to_reboot(struct kunit *test,
				 const struct workpool_ops *ops)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;

	attrs.ops = ops;
	attrs.data = w;
	attrs.min_workers = 1;
	WRITE_ONCE(init_waits, false);
	looked_at[0] = wpt_create(w, &attrs);
	looked_at[0]->module = NULL;
	looked_at[1] = create_foreign(w, 1, 0);
	nr_looks = 0;
	KUNIT_ASSERT_EQ(test, 0, workpool_release_timeout(looked_at[0],
							  WPT_DEADLINE));
	WRITE_ONCE(init_waits, true);
}

/* Its worker_init, which is of the module, is waited for. */
static void rebooted_pool_is_waited_for(struct kunit *test)
{
	static const struct workpool_ops ops = { .worker_init = init_that_may_wait };
	struct wpt_thread what = { .call = call_clear_stubbed, .arg = test };
	struct wpt *w = test->priv;
	struct wpt_thread *clearing;

	create_one_to_reboot(test, &ops);
	rebooter = NULL;
	kunit_activate_static_stub(test, wp_lookup_next, next_pool_rebooting);
	clearing = wpt_start(w, &what);
	/* one look before the reboot, one after it */
	EXPECT_SOON(test, READ_ONCE(nr_looks) >= 2);
	KUNIT_EXPECT_FALSE(test, completion_done(&clearing->done));
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(clearing), 1);
	kunit_deactivate_static_stub(test, wp_lookup_next);
	KUNIT_ASSERT_NOT_NULL(test, rebooter);
	KUNIT_EXPECT_EQ(test, wpt_join(rebooter), -ESHUTDOWN);
}

static int pass_in_loop(size_t lo, size_t hi, void *gate)
{
	wpt_pass(gate);
	return 0;
}

static int init_with_loop(struct workpool *pool, void **data)
{
	struct wpt *w = workpool_data(pool);

	if (!READ_ONCE(init_waits))
		return 0;
	return workpool_parallel_for(pool, 0, 1, 1, pass_in_loop, &w->gates[0]);
}

/* Stub of wp_lookup_next(). Counts the looks. */
static struct workpool *next_pool_counting(u32 lookup_id)
{
	nr_looks += !lookup_id;
	return next_of_two(lookup_id);
}

/*
 * A callback of another module executes a loop of this one, in a pool that has
 * nothing else.
 */
static void loop_in_a_callback_is_waited_for(struct kunit *test)
{
	static const struct workpool_ops ops = { .worker_init = init_with_loop };
	struct wpt_thread reboot = { .call = call_reboot };
	struct wpt_thread clear = { .call = call_clear_stubbed, .arg = test };
	struct wpt_thread *clearing, *rebooting;
	struct wpt *w = test->priv;

	create_one_to_reboot(test, &ops);
	reboot.arg = looked_at[0];
	rebooting = wpt_start(w, &reboot);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	/* From here on it is as if the callback were not of this module. */
	looked_at[0]->ops.worker_init = NULL;
	kunit_activate_static_stub(test, wp_lookup_next, next_pool_counting);
	clearing = wpt_start(w, &clear);
	/* one look for other pools, and two that find it */
	EXPECT_SOON(test, READ_ONCE(nr_looks) >= 3);
	KUNIT_EXPECT_FALSE(test, completion_done(&clearing->done));
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(clearing), 1);
	kunit_deactivate_static_stub(test, wp_lookup_next);
	KUNIT_EXPECT_EQ(test, wpt_join(rebooting), 0);
}

/* When this is positive, the call that makes it 0 creates a pool. */
static int until_a_pool_comes;

/*
 * Stub of wp_lookup_next(). There is one pool, and perhaps another one for a
 * moment, between two looks.
 */
static struct workpool *next_of_one(u32 lookup_id)
{
	struct wpt *w = wpt_current();

	if (!lookup_id) {
		nr_looks++;
		wp_pool_get(looked_at[0]);
		return looked_at[0];
	}
	if (!--until_a_pool_comes)
		wpt_destroy(w, wpt_create_simple(w, 1));
	return NULL;
}

/*
 * With one pool, which is quiet, an unload has nothing to look for, unless
 * another pool was created meanwhile: a task may have been in that one.
 */
static void pool_of_a_moment_is_noticed(struct kunit *test)
{
	create_two(test);
	kunit_activate_static_stub(test, wp_lookup_next, next_of_one);
	until_a_pool_comes = 0;
	KUNIT_EXPECT_EQ(test, clear(test), 0);
	KUNIT_EXPECT_EQ(test, nr_looks, 1);
	nr_looks = 0;
	until_a_pool_comes = 2;
	KUNIT_EXPECT_EQ(test, clear(test), 0);
	kunit_deactivate_static_stub(test, wp_lookup_next);
	KUNIT_EXPECT_EQ(test, nr_looks, 2);
}

static int init_nothing(struct workpool *pool, void **data)
{
	return 0;
}

/*
 * A pool may have callbacks of another module than its owner. It is closed for
 * good, and left to its owner.
 */
static void pool_with_callbacks_of_the_module_is_closed(struct kunit *test)
{
	static const struct workpool_ops ops = { .worker_init = init_nothing };
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct workpool *pool;

	attrs.ops = &ops;
	pool = wpt_create(w, &attrs);
	pool->module = NULL;
	KUNIT_EXPECT_EQ(test, clear(test), 1);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, workpool_reboot(pool), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, clear(test), 0);
}

/* So does the function of workpool_invoke(). */
static void pool_with_a_function_of_the_module_is_closed(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct workpool *pool;

	attrs.fn = wpt_count;
	pool = wpt_create(w, &attrs);
	pool->module = NULL;
	KUNIT_EXPECT_EQ(test, clear(test), 1);
	KUNIT_EXPECT_EQ(test, workpool_invoke(pool, &w->ran), -ESHUTDOWN);
}

/* What is pending is dropped in a pool of the module as well. */
static void work_in_a_pool_of_the_module_is_dropped(struct kunit *test)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt_thread what = { .call = call_clear, .arg = test };
	struct wpt *w = test->priv;
	struct wpt_task *t = wpt_task(w);
	struct wpt_thread *thread;
	struct workpool *pool;

	attrs.queue_depth = 1;
	pool = wpt_create(w, &attrs);
	wpt_fill(w, pool, &w->gates[0]);
	KUNIT_ASSERT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), 0);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	wpt_forget(w, pool);
	thread = wpt_start(w, &what);
	EXPECT_SOON(test, !wpt_is_pending(t));
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	wpt_open(&w->gates[0]);
	/* two functions that were pending, one that ran, and the pool */
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 4);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
	KUNIT_EXPECT_EQ(test, wpt_begun(t), 0);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 1);
}

/*
 * A pool of another module is being destroyed, and its delayed tasks are not
 * dropped yet.
 */
static void delayed_task_of_a_dying_pool_is_dropped(struct kunit *test)
{
	static const struct workpool_ops ops = { .worker_init = init_nothing };
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct wpt *w = test->priv;
	struct wpt_task *t = wpt_task(w);
	struct workpool *pool;

	attrs.ops = &ops;
	pool = wpt_create(w, &attrs);
	pool->module = NULL;
	KUNIT_ASSERT_EQ(test, 0, wpt_delay(pool, t, 3600 * HZ));
	wp_registry_remove(pool);
	wp_release_begin(pool, WP_DEAD, WP_BY_OWNER);
	KUNIT_EXPECT_EQ(test, clear(test), 1);
	KUNIT_EXPECT_FALSE(test, wpt_is_pending(t));
}

static bool stop_polling;

/* It is handed to another worker, and never pending. */
static void poll(void *pool)
{
	usleep_range(1000, 2000);
	if (!READ_ONCE(stop_polling))
		workpool_try_submit(pool, poll, pool);
}

/* It is pending for a moment, and begins again in the same worker. */
static void poll_again(struct wpt_task *t)
{
	usleep_range(1000, 2000);
	if (!READ_ONCE(stop_polling))
		t->result = wpt_queue(t->pool, t);
}

/* Nothing of the module is accepted while it is unloaded, so that it ends. */
static void work_that_queues_itself_ends(struct kunit *test)
{
	struct wpt_thread what = { .call = call_clear, .arg = test };
	struct wpt *w = test->priv;
	struct workpool *pool = create_foreign(w, 3, 0);
	struct wpt_task *t = wpt_task_with(w, poll_again, pool);
	struct wpt_thread *thread;

	WRITE_ONCE(stop_polling, false);
	wpt_open(&t->gate);
	KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, poll, pool));
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	ASSERT_SOON(test, workpool_running(pool) == 3 && wpt_ended(t) > 1);
	thread = wpt_start(w, &what);
	EXPECT_SOON(test, completion_done(&thread->done));
	WRITE_ONCE(stop_polling, true);
	KUNIT_EXPECT_LE(test, wpt_join(thread), 3);
	KUNIT_EXPECT_EQ(test, t->result, -ESHUTDOWN);
	wpt_settle(w, pool);
}

static void note_refusal(void *refused, struct workpool *pool, void *fn,
			 unsigned long id, int err)
{
	*(int *)refused += err == -ESHUTDOWN;
}

/* That holds for each way to queue, and only as long as the unload takes. */
static void work_is_refused_during_an_unload(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = create_foreign(w, 1, 4);
	struct workpool_multi *multi = wpt_multi_simple(w, 2, 1);
	struct wpt_task *tasks[2];
	struct workpool_member member;
	struct workpool_group group;
	struct tracepoint *event;
	struct wp_watch watch;
	int refused = 0;

	wpt_tasks(w, tasks, 2);
	workpool_group_init(&group, pool);
	workpool_member_init_onstack(&member, embedded_member);
	event = wpt_find_event(w, "workpool_submit");
	KUNIT_ASSERT_EQ(test, 0, tracepoint_probe_register(event, note_refusal,
							   &refused));
	wp_watch_begin(&watch, THIS_MODULE);
	KUNIT_EXPECT_EQ(test, workpool_submit(pool, wpt_count, &w->ran), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_count, &w->ran), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			workpool_group_submit(&group, member_of_group, &w->ran));
	KUNIT_EXPECT_EQ(test, workpool_group_queue(&group, &member), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_queue(pool, tasks[0]), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 2), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_delay(pool, tasks[0], HZ), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, wpt_mod(pool, tasks[0], HZ), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			workpool_multi_submit(multi, wpt_count, &w->ran));
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			workpool_multi_try_submit(multi, wpt_count, &w->ran));
	KUNIT_EXPECT_EQ(test, -ESHUTDOWN,
			workpool_multi_queue(multi, &tasks[0]->d.task));
	/* kfree(NULL) is of the kernel */
	KUNIT_EXPECT_EQ(test, 0,
			workpool_submit(pool, (workpool_fn_t)(void *)kfree, NULL));
	wp_watch_end(&watch);
	tracepoint_probe_unregister(event, note_refusal, &refused);
	tracepoint_synchronize_unregister();
	/* The multi only asks one of its pools. */
	KUNIT_EXPECT_EQ(test, refused, 5);
	KUNIT_EXPECT_EQ(test, workpool_group_queue(&group, &member), 0);
	KUNIT_EXPECT_EQ(test, workpool_group_wait(&group), 0);
	workpool_member_destroy_onstack(&member);
	KUNIT_EXPECT_EQ(test, wpt_queue_batch(pool, tasks, 2), 2);
	wpt_settle(w, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&w->ran), 0);
}

/* A task that destroys what it created, once the test lets it. */
static void create_and_destroy(void *arg)
{
	struct wpt *w = arg;
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool_multi *multi;
	struct workpool *pool;

	pool = workpool_create(&attrs, "mine");
	multi = workpool_multi_create(2, WORKPOOL_ROUND_ROBIN, &attrs, "ours");
	wpt_pass(&w->gates[0]);
	workpool_destroy(pool);
	workpool_multi_destroy(multi);
}

/* A pool is not destroyed by an unload while its owner may do so, too. */
static void pool_is_destroyed_once(struct kunit *test)
{
	struct wpt_thread what = { .call = call_clear, .arg = test };
	struct wpt *w = test->priv;
	struct workpool *pool = create_foreign(w, 1, 0), *mine;
	struct wpt_thread *thread;

	KUNIT_ASSERT_EQ(test, workpool_submit(pool, create_and_destroy, w), 0);
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 5);
	thread = wpt_start(w, &what);
	mine = wp_registry_find(0, "mine");
	KUNIT_ASSERT_NOT_NULL(test, mine);
	EXPECT_SOON(test, is_dead(mine));
	/* it looked, slept, and looked again */
	EXPECT_SOON(test, READ_ONCE(thread->task->nvcsw) > 4);
	KUNIT_EXPECT_FALSE(test, completion_done(&thread->done));
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 5);
	wp_pool_put(mine);
	wpt_open(&w->gates[0]);
	/* the pool, the multi, and the function that ran */
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 3);
	KUNIT_EXPECT_EQ(test, wp_registry_count(), 2);
}

static struct workpool *idle, *busy;
static atomic_t idle_scans, busy_scans;

/* Stub of wp_scan_slice_locked(). */
static void scan_of_two(struct workpool *pool, struct wp_scan *scan,
			struct list_head *list, wp_scan_fn fn, void *arg,
			struct wp_deferred *deferred)
{
	struct kunit *test = current->kunit_test;

	atomic_add(pool == idle, &idle_scans);
	atomic_add(pool == busy, &busy_scans);
	current->kunit_test = NULL;
	wp_scan_slice_locked(pool, scan, list, fn, arg, deferred);
	current->kunit_test = test;
}

/* A pool that has nothing of any module costs an unload one short hold. */
static void idle_pool_is_not_scanned(struct kunit *test)
{
	struct wpt_thread what = { .call = call_clear_counting, .arg = test };
	struct wpt *w = test->priv;
	struct wpt_thread *thread;

	if (!wpt_can_stub_under_lock())
		kunit_skip(test, "the lock of the stubs is not raw");
	idle = create_foreign(w, 1, 0);
	busy = create_foreign(w, 1, 0);
	wpt_run(w, idle);
	ASSERT_SOON(test, workpool_idle(idle) == 1);
	wpt_fill(w, busy, &w->gates[0]);
	atomic_set(&idle_scans, 0);
	atomic_set(&busy_scans, 0);
	kunit_activate_static_stub(test, wp_scan_slice_locked, scan_of_two);
	thread = wpt_start(w, &what);
	/* It has looked twice at each. */
	ASSERT_SOON(test, atomic_read(&busy_scans) > 4);
	KUNIT_EXPECT_EQ(test, atomic_read(&idle_scans), 0);
	wpt_open(&w->gates[0]);
	KUNIT_EXPECT_EQ(test, wpt_join(thread), 1);
}

/* A module that left nothing is not complained of. */
static void nothing_left_is_no_warning(struct kunit *test)
{
	wpt_settle(test->priv, create_foreign(test->priv, 1, 0));
	KUNIT_EXPECT_EQ(test, clear(test), 0);
}

#else

static void work_is_dropped_or_waited_for(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void long_queue_is_cleared(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void pools_are_destroyed(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void pool_of_a_device_is_left_to_it(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void work_of_dying_pools_is_dropped(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void pool_in_creation_is_waited_for(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void pool_that_never_booted_is_waited_for(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void task_that_escapes_the_look_is_noted(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void task_that_ends_before_the_look_is_noted(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void pool_of_a_moment_is_noticed(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void rebooted_pool_is_waited_for(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void loop_in_a_callback_is_waited_for(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void work_is_refused_during_an_unload(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void work_that_queues_itself_ends(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void delayed_task_of_a_dying_pool_is_dropped(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void pool_with_a_function_of_the_module_is_closed(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void work_in_a_pool_of_the_module_is_dropped(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void pool_is_destroyed_once(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void pool_with_callbacks_of_the_module_is_closed(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void idle_pool_is_not_scanned(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

static void nothing_left_is_no_warning(struct kunit *test)
{
	wpt_need_suppress(test->priv);
}

#endif

static int part_of_loop(size_t lo, size_t hi, void *ran)
{
	atomic_inc(ran);
	return 0;
}

/**
 * struct nest - a task that waits at gates, and begins text in between
 * @w: the fixture, with the gates
 * @group: with a member that is queued
 * @group_err: what the wait for it returned
 * @loop_err: what the loops returned
 */
struct nest {
	struct wpt		*w;
	struct workpool_group	group;
	int			group_err;
	int			loop_err;
};

static void begin_in_a_task(void *arg)
{
	struct nest *nest = arg;
	struct wpt *w = nest->w;

	wpt_pass(&w->gates[0]);
	nest->group_err = workpool_group_wait(&nest->group);
	wpt_pass(&w->gates[1]);
	nest->loop_err = workpool_parallel_for(nest->group.pool, 0, 2, 1,
					       part_of_loop, &w->ran);
	wpt_pass(&w->gates[2]);
	/* without a helper */
	nest->loop_err |= workpool_parallel_for(nest->group.pool, 0, 1, 1,
						part_of_loop, &w->ran);
	wpt_pass(&w->gates[4]);
}

static void expect_noted(struct kunit *test, struct wp_watch *watch, void *fn)
{
	KUNIT_EXPECT_PTR_EQ(test, wp_watch_take(watch), fn);
	KUNIT_EXPECT_NULL(test, wp_watch_take(watch));
}

static void watch_a_nest(struct kunit *test, struct wp_watch *watch)
{
	struct wpt *w = test->priv;
	struct nest *nest = kunit_kzalloc(test, sizeof(*nest), GFP_KERNEL);
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct workpool *pool;

	KUNIT_ASSERT_NOT_NULL(test, nest);
	attrs.queue_depth = 1;
	pool = wpt_create(w, &attrs);
	nest->w = w;
	workpool_group_init(&nest->group, pool);
	KUNIT_ASSERT_EQ(test, 0, workpool_submit(pool, begin_in_a_task, nest));
	ASSERT_SOON(test, wpt_inside(&w->gates[0]) == 1);
	expect_noted(test, watch, begin_in_a_task);
	KUNIT_ASSERT_EQ(test, 0, workpool_group_submit(&nest->group,
						       member_of_group,
						       &w->ran));
	expect_noted(test, watch, NULL);
	wpt_open(&w->gates[0]);
	ASSERT_SOON(test, wpt_inside(&w->gates[1]) == 1);
	expect_noted(test, watch, member_of_group);
	wpt_open(&w->gates[1]);
	ASSERT_SOON(test, wpt_inside(&w->gates[2]) == 1);
	expect_noted(test, watch, part_of_loop);
	wpt_open(&w->gates[2]);
	ASSERT_SOON(test, wpt_inside(&w->gates[4]) == 1);
	expect_noted(test, watch, part_of_loop);
	wpt_open(&w->gates[4]);
	wpt_settle(w, pool);
	expect_noted(test, watch, begin_in_a_task);
	KUNIT_EXPECT_EQ(test, nest->group_err, 0);
	KUNIT_EXPECT_EQ(test, nest->loop_err, 0);
}

/* @t is queued, and leaves for another pool, from which it comes back. */
static void watch_a_task(struct kunit *test, struct wp_watch *watch)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wpt_task *t = wpt_task(w);
	struct workpool_task *task = &t->d.task;
	struct wp_deferred deferred;

	wpt_fill(w, pool, &w->gates[3]);
	expect_noted(test, watch, wpt_pass);
	KUNIT_ASSERT_EQ(test, wpt_queue(pool, t), 0);
	expect_noted(test, watch, NULL);
	wp_pool_lock(pool, &deferred);
	KUNIT_EXPECT_TRUE(test, wp_link_steal_locked(pool, task));
	WRITE_ONCE(task->last_pool, pool->lookup_id);
	wp_node_add_locked(pool, &task->node, true);
	wp_pool_unlock(pool, &deferred);
	expect_noted(test, watch, task->fn);
	wpt_open(&w->gates[3]);
	wpt_settle(w, pool);
	expect_noted(test, watch, task->fn);
}

/* @t is delayed, and gets another time, in the same pool and in another one. */
static void watch_a_delayed(struct kunit *test, struct wp_watch *watch)
{
	struct wpt *w = test->priv;
	struct wpt_task *t = wpt_task(w);
	int i;

	KUNIT_ASSERT_EQ(test, 0, wpt_delay(w->pools[0], t, 3600 * HZ));
	expect_noted(test, watch, NULL);
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, 0, wpt_mod(w->pools[i], t, 7200 * HZ));
		expect_noted(test, watch, t->d.task.fn);
	}
	KUNIT_EXPECT_EQ(test, wpt_cancel(t), 0);
}

/* Stub of wp_watch_covers_slow(): the test goes on to queue. */
static bool covers_nothing(void *fn)
{
	return false;
}

/*
 * While a module is unloaded, each begin and end of its text is noted: of a call,
 * of an embedded task, inside of a task. A task that leaves for another pool, or
 * for another time, is, too.
 */
static void text_that_runs_is_noted(struct kunit *test)
{
	struct wp_watch watch;

	if (!wpt_can_stub_under_lock())
		kunit_skip(test, "the lock of the stubs is not raw");
	kunit_activate_static_stub(test, wp_watch_covers_slow, covers_nothing);
	wp_watch_begin(&watch, THIS_MODULE);
	watch_a_nest(test, &watch);
	watch_a_task(test, &watch);
	watch_a_delayed(test, &watch);
	wp_watch_end(&watch);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(work_is_dropped_or_waited_for),
	KUNIT_CASE(long_queue_is_cleared),
	KUNIT_CASE(pools_are_destroyed),
	KUNIT_CASE(pool_of_a_device_is_left_to_it),
	KUNIT_CASE(work_of_dying_pools_is_dropped),
	KUNIT_CASE(pool_in_creation_is_waited_for),
	KUNIT_CASE(pool_that_never_booted_is_waited_for),
	KUNIT_CASE(task_that_escapes_the_look_is_noted),
	KUNIT_CASE(task_that_ends_before_the_look_is_noted),
	KUNIT_CASE(pool_of_a_moment_is_noticed),
	KUNIT_CASE(rebooted_pool_is_waited_for),
	KUNIT_CASE(loop_in_a_callback_is_waited_for),
	KUNIT_CASE(pool_with_a_function_of_the_module_is_closed),
	KUNIT_CASE(delayed_task_of_a_dying_pool_is_dropped),
	KUNIT_CASE(work_that_queues_itself_ends),
	KUNIT_CASE(work_is_refused_during_an_unload),
	KUNIT_CASE(work_in_a_pool_of_the_module_is_dropped),
	KUNIT_CASE(pool_is_destroyed_once),
	KUNIT_CASE(pool_with_callbacks_of_the_module_is_closed),
	KUNIT_CASE(idle_pool_is_not_scanned),
	KUNIT_CASE(nothing_left_is_no_warning),
	KUNIT_CASE(text_that_runs_is_noted),
	{}
};

WPT_SUITE(unload);
