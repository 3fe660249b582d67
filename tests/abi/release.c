// SPDX-License-Identifier: GPL-2.0
/*
 * RELEASE and REBOOT.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi.h"

#define POOL	"abi-release"
#define MS	1000000ULL

static struct workpool_ioc_release rel;
static struct workpool_ioc_reboot reb;

static void make_busy_pool(void)
{
	EXPECT_EQ(control("create " POOL " 2"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 600000"), 0);
	EXPECT_SOON(state(POOL).busy == 1);
}

static void release_of_an_idle_pool(void)
{
	EXPECT_EQ(control("create " POOL " 2"), 0);
	EXPECT_EQ(release_pool(POOL, WORKPOOL_TIMEOUT_MAX, &rel), 0);
	EXPECT_EQ(rel.alive, 0);
	EXPECT_EQ(rel.busy, 0);
	EXPECT_EQ(rel.id, id_of(POOL));
	EXPECT_EQ(rel.size, sizeof(rel));
	EXPECT(state(POOL).flags & WORKPOOL_POOL_CLOSED);
	EXPECT_EQ(control("submit " POOL " sleep 1"), -ESHUTDOWN);
}

static void timeout_zero_does_not_wait(void)
{
	make_busy_pool();
	EXPECT_EQ(release_pool(POOL, 0, &rel), 0);
	EXPECT_EQ(rel.alive, 1);
	EXPECT_EQ(rel.busy, 1);
	EXPECT(state(POOL).flags & WORKPOOL_POOL_CLOSED);
	EXPECT_EQ(release_pool(POOL, 0, &rel), 0);
	EXPECT_EQ(rel.busy, 1);
}

static void timeout_zero_of_a_closed_pool_is_no_error(void)
{
	EXPECT_EQ(control("create " POOL " 2"), 0);
	EXPECT_EQ(release_pool(POOL, 100 * MS, &rel), 0);
	EXPECT_EQ(release_pool(POOL, 0, &rel), 0);
	EXPECT_EQ(rel.alive, 0);
	EXPECT_EQ(rel.busy, 0);
}

static void release_of_a_busy_pool_is_etimedout(void)
{
	make_busy_pool();
	EXPECT_EQ(release_pool(POOL, 1, &rel), -ETIMEDOUT);
	EXPECT_EQ(rel.alive, 1);
	EXPECT_EQ(rel.busy, 1);
	EXPECT_EQ(rel.id, id_of(POOL));
	EXPECT(state(POOL).flags & WORKPOOL_POOL_CLOSED);
	EXPECT_EQ(release_pool(POOL, 20 * MS, &rel), -ETIMEDOUT);
}

static void release_of_a_released_pool_is_eshutdown(void)
{
	EXPECT_EQ(control("create " POOL " 2"), 0);
	EXPECT_EQ(release_pool(POOL, 1000 * MS, &rel), 0);
	EXPECT_EQ(release_pool(POOL, 1, &rel), -ESHUTDOWN);
	EXPECT_EQ(release_pool(POOL, WORKPOOL_TIMEOUT_MAX, &rel), -ESHUTDOWN);
}

static void release_waits_for_tasks(void)
{
	EXPECT_EQ(control("create " POOL " 3"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 50 3"), 0);
	EXPECT_EQ(release_pool(POOL, WORKPOOL_TIMEOUT_MAX, &rel), 0);
	EXPECT_EQ(state(POOL).completed, 3);
	EXPECT_EQ(state(POOL).alive, 0);
}

static void huge_timeouts_are_long(void)
{
	EXPECT_EQ(control("create " POOL " 3"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 50"), 0);
	EXPECT_EQ(release_pool(POOL, WORKPOOL_TIMEOUT_MAX - 1, &rel), 0);
	EXPECT_EQ(reboot_pool(POOL, &reb), 0);
	EXPECT_EQ(control("submit " POOL " sleep 50"), 0);
	EXPECT_EQ(release_pool(POOL, 1ULL << 63, &rel), 0);
	EXPECT_EQ(state(POOL).completed, 2);
}

static void release_fails_waiters(void)
{
	EXPECT_EQ(control("create " POOL " 1"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 600000"), 0);
	EXPECT_EQ(control("block " POOL " 1"), 0);
	EXPECT_SOON(state(POOL).waiting == 1);
	EXPECT_EQ(release_pool(POOL, 0, &rel), 0);
	EXPECT_EQ(state(POOL).waiting, 0);
	EXPECT_EQ(state(POOL).submitted, 1);
}

/* a release that waits is ended by a signal that kills, and by that only */
static void release_is_killable(void)
{
	int status;
	pid_t pid;

	make_busy_pool();
	pid = fork();
	if (!pid) {
		signal(SIGUSR1, SIG_IGN);
		release_pool(POOL, WORKPOOL_TIMEOUT_MAX, &rel);
		_exit(1);
	}
	EXPECT_SOON(state(POOL).flags & WORKPOOL_POOL_CLOSED);
	kill(pid, SIGUSR1);
	EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGTERM);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT(WIFSIGNALED(status));
	EXPECT_EQ(state(POOL).busy, 1);
}

static void reboot_opens_the_pool(void)
{
	EXPECT_EQ(control("create " POOL " 2 min=2"), 0);
	EXPECT_EQ(release_pool(POOL, WORKPOOL_TIMEOUT_MAX, &rel), 0);
	EXPECT_EQ(reboot_pool(POOL, &reb), 0);
	EXPECT_EQ(reb.generation, 1);
	EXPECT_EQ(reb.id, id_of(POOL));
	EXPECT_EQ(reb.size, sizeof(reb));
	EXPECT_EQ(state(POOL).flags, 0);
	EXPECT_EQ(state(POOL).idle, 2);
	EXPECT_EQ(control("submit " POOL " sleep 1"), 0);
	EXPECT_EQ(release_pool(POOL, WORKPOOL_TIMEOUT_MAX, &rel), 0);
	EXPECT_EQ(reboot_pool(POOL, &reb), 0);
	EXPECT_EQ(reb.generation, 2);
}

static void reboot_of_an_open_pool_is_ealready(void)
{
	EXPECT_EQ(control("create " POOL " 2"), 0);
	EXPECT_EQ(reboot_pool(POOL, &reb), -EALREADY);
	EXPECT_EQ(state(POOL).generation, 0);
}

static void reboot_of_a_draining_pool_is_ebusy(void)
{
	make_busy_pool();
	EXPECT_EQ(release_pool(POOL, 0, &rel), 0);
	EXPECT_EQ(reboot_pool(POOL, &reb), -EBUSY);
	EXPECT_EQ(state(POOL).flags, WORKPOOL_POOL_CLOSED);
}

static const struct test release_tests[] = {
	TEST(release_of_an_idle_pool),
	TEST(timeout_zero_does_not_wait),
	TEST(timeout_zero_of_a_closed_pool_is_no_error),
	TEST(release_of_a_busy_pool_is_etimedout),
	TEST(release_of_a_released_pool_is_eshutdown),
	TEST(release_waits_for_tasks),
	TEST(huge_timeouts_are_long),
	TEST(release_fails_waiters),
	TEST(release_is_killable),
	TEST(reboot_opens_the_pool),
	TEST(reboot_of_an_open_pool_is_ealready),
	TEST(reboot_of_a_draining_pool_is_ebusy),
};

SUITE(release);
