// SPDX-License-Identifier: GPL-2.0
/*
 * PAUSE: keep a pool from starting tasks, and let it start them again.
 */
#include "abi.h"

#define POOL	"abi-pause"
#define OWNER	WORKPOOL_POOL_PAUSED_BY_OWNER
#define ADMIN	WORKPOOL_POOL_PAUSED_BY_ADMIN

static struct workpool_ioc_pause arg;

static void pause_starts_nothing(void)
{
	EXPECT_EQ(control("create " POOL " 2 depth=4"), 0);
	EXPECT_EQ(pause_pool(POOL, true, &arg), 0);
	EXPECT_EQ(arg.id, id_of(POOL));
	EXPECT_EQ(arg.size, sizeof(arg));
	EXPECT_EQ(arg.paused, ADMIN);
	EXPECT_EQ(arg.busy, 0);
	EXPECT_EQ(arg.reserved, 0);
	EXPECT_EQ(control("submit " POOL " sleep 1 4"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 1"), -EAGAIN);
	EXPECT_EQ(state(POOL).flags, ADMIN);
	EXPECT_EQ(state(POOL).queued, 4);
	EXPECT_EQ(state(POOL).running, 0);
	EXPECT_EQ(state(POOL).available, 0);
	EXPECT_EQ(pause_pool(POOL, false, &arg), 0);
	EXPECT_EQ(arg.paused, 0);
	EXPECT_SOON(state(POOL).completed == 4);
	EXPECT_EQ(state(POOL).flags, 0);
}

static void pause_does_not_wait_for_tasks(void)
{
	EXPECT_EQ(control("create " POOL " 2"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 600000"), 0);
	EXPECT_SOON(state(POOL).busy == 1);
	EXPECT_EQ(pause_pool(POOL, true, &arg), 0);
	EXPECT_EQ(arg.busy, 1);
	EXPECT_EQ(control("wake " POOL), 0);
	EXPECT_SOON(state(POOL).completed == 1);
	EXPECT_SOON(state(POOL).alive == 0);
}

/* an administrator does not undo what the owner did, nor the other way round */
static void owner_and_administrator_pause_on_their_own(void)
{
	EXPECT_EQ(control("create " POOL " 1"), 0);
	EXPECT_EQ(control("pause " POOL), 0);
	EXPECT_EQ(state(POOL).flags, OWNER);
	EXPECT_EQ(pause_pool(POOL, false, &arg), 0);
	EXPECT_EQ(arg.paused, OWNER);
	EXPECT_EQ(pause_pool(POOL, true, &arg), 0);
	EXPECT_EQ(pause_pool(POOL, true, &arg), 0);
	EXPECT_EQ(arg.paused, OWNER | ADMIN);
	EXPECT_EQ(control("resume " POOL), 0);
	EXPECT_EQ(state(POOL).flags, ADMIN);
	EXPECT_EQ(control("submit " POOL " sleep 1"), -EAGAIN);
	EXPECT_EQ(pause_pool(POOL, false, &arg), 0);
	EXPECT_EQ(control("submit " POOL " sleep 1"), 0);
}

static void norelease_pool_is_not_paused(void)
{
	EXPECT_EQ(control("create " POOL " 1 norelease"), 0);
	EXPECT_EQ(pause_pool(POOL, true, &arg), -EPERM);
	EXPECT_EQ(state(POOL).flags, WORKPOOL_POOL_NORELEASE);
	EXPECT_EQ(pause_pool(POOL, false, &arg), 0);
}

static void closed_pool_is_eshutdown(void)
{
	struct workpool_ioc_release rel;

	EXPECT_EQ(control("create " POOL " 1 depth=1"), 0);
	EXPECT_EQ(pause_pool(POOL, true, &arg), 0);
	EXPECT_EQ(control("submit " POOL " sleep 1"), 0);
	EXPECT_EQ(release_pool(POOL, WORKPOOL_TIMEOUT_MAX, &rel), 0);
	EXPECT_EQ(state(POOL).flags, WORKPOOL_POOL_CLOSED);
	EXPECT_EQ(state(POOL).completed, 1);
	EXPECT_EQ(pause_pool(POOL, true, &arg), -ESHUTDOWN);
	EXPECT_EQ(pause_pool(POOL, false, &arg), -ESHUTDOWN);
}

static void bad_values_are_einval(void)
{
	EXPECT_EQ(control("create " POOL " 1"), 0);
	prepare(&arg, sizeof(arg));
	set_name(arg.name, POOL);
	arg.pause = 2;
	EXPECT_EQ(call(rw, WORKPOOL_IOC_PAUSE, &arg), -EINVAL);
	arg.pause = 1;
	arg.reserved = 1;
	EXPECT_EQ(call(rw, WORKPOOL_IOC_PAUSE, &arg), -EINVAL);
	EXPECT_EQ(state(POOL).flags, 0);
}

/* a multi is paused when all its pools are */
static void multi_is_paused_with_all_its_pools(void)
{
	EXPECT_EQ(control("create " POOL " 1 pools=2"), 0);
	EXPECT_EQ(pause_pool(POOL ".0", true, &arg), 0);
	EXPECT_EQ(multi_state(POOL).flags, 0);
	EXPECT_EQ(pause_pool(POOL ".1", true, &arg), 0);
	EXPECT_EQ(multi_state(POOL).flags, ADMIN);
	EXPECT_EQ(multi_state(POOL).available, 0);
}

static const struct test pause_tests[] = {
	TEST(pause_starts_nothing),
	TEST(pause_does_not_wait_for_tasks),
	TEST(owner_and_administrator_pause_on_their_own),
	TEST(norelease_pool_is_not_paused),
	TEST(closed_pool_is_eshutdown),
	TEST(bad_values_are_einval),
	TEST(multi_is_paused_with_all_its_pools),
};

SUITE(pause);
