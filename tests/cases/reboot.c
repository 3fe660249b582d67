// SPDX-License-Identifier: GPL-2.0
/*
 * A reboot that hangs in the worker_init of its owner.
 */
#include "case.h"

/**
 * struct hang - a pool whose workers cannot start until a gate is opened
 * @pool: the pool
 * @hangs: new workers wait at the gate
 * @gate: the gate
 * @inside: workers that came to it
 */
struct hang {
	struct workpool *pool;
	bool hangs;
	struct completion gate;
	atomic_t inside;
};

static int hang_init(struct workpool *pool, void **data)
{
	struct hang *hang = workpool_data(pool);

	if (READ_ONCE(hang->hangs)) {
		atomic_inc(&hang->inside);
		wait_for_completion(&hang->gate);
	}
	return 0;
}

static const struct workpool_ops hang_ops = { .worker_init = hang_init };

static int call_reboot(struct st_thread *thread)
{
	return workpool_reboot(thread->pool);
}

/*
 * A thread that is killed returns from workpool_reboot(). The pool stays closed
 * and is empty when the worker is back.
 */
static void reboot_is_killable(struct st_test *t)
{
	struct workpool_attrs attrs = WORKPOOL_ATTRS_INIT(1);
	struct hang *hang = st_alloc(t, sizeof(*hang));
	struct st_thread *thread;

	init_completion(&hang->gate);
	attrs.min_workers = 1;
	attrs.ops = &hang_ops;
	attrs.data = hang;
	hang->pool = st_pool_attrs(t, &attrs);
	ASSERT_EQ(t, workpool_release_timeout(hang->pool, ST_DEADLINE), 0);
	WRITE_ONCE(hang->hangs, true);
	thread = st_thread(t, hang->pool, call_reboot);
	st_thread_start(thread);
	EXPECT(t, st_wait_until(atomic_read(&hang->inside) == 1));
	st_kill(thread);
	EXPECT(t, st_wait_until(st_returned(thread)));
	EXPECT_EQ(t, thread->ret, -EINTR);
	EXPECT(t, workpool_is_closed(hang->pool));
	EXPECT_EQ(t, workpool_reboot(hang->pool), -EBUSY);
	complete_all(&hang->gate);
	EXPECT_EQ(t, workpool_wait_released(hang->pool, ST_DEADLINE), 0);
	EXPECT_EQ(t, workpool_reboot(hang->pool), 0);
}

static const struct st_case cases[] = {
	ST_CASE(reboot_is_killable),
};

ST_CASE_MODULE(reboot);
