// SPDX-License-Identifier: GPL-2.0
/*
 * STAT: the snapshot of a pool.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi.h"

/* 600 s: these tasks end when their pool is destroyed */
#define LONG	"600000"

static void stat_of_a_fresh_pool(void)
{
	struct workpool_ioc_stat s;
	unsigned int i;

	EXPECT_EQ(control("create abi-1 7"), 0);
	s = state("abi-1");
	EXPECT_EQ(s.size, sizeof(s));
	EXPECT(s.id > 0);
	EXPECT(!strcmp(s.name, "abi-1"));
	EXPECT(!strcmp(s.owner, "wp_selftest"));
	EXPECT_EQ(s.flags, 0);
	EXPECT_EQ(s.capacity, 7);
	EXPECT_EQ(s.available, 7);
	EXPECT_EQ(s.expiry_ms, 1000);
	EXPECT_EQ(s.nice, 0);
	EXPECT_EQ(s.rt_priority, 0);
	EXPECT_EQ(s.pinned + s.reserved2, 0);
	for (i = strlen(s.name); i < sizeof(s.name); i++)
		EXPECT_EQ(s.name[i], 0);
	for (i = strlen(s.owner); i < sizeof(s.owner); i++)
		EXPECT_EQ(s.owner[i], 0);
}

/* what has not happened is 0, and not what was in the structure before */
static void stat_counts_from_zero(void)
{
	struct workpool_ioc_stat s;

	EXPECT_EQ(control("create abi-1 7"), 0);
	s = state("abi-1");
	EXPECT_EQ(s.running + s.busy + s.idle + s.searching, 0);
	EXPECT_EQ(s.starting + s.alive, 0);
	EXPECT_EQ(s.waiting + s.queued + s.max_blocking + s.min_workers, 0);
	EXPECT_EQ(s.peak_running + s.peak_waiting, 0);
	EXPECT_EQ(s.generation + s.submitted + s.completed + s.crashes, 0);
	EXPECT_EQ(s.rejected + s.timedout + s.interrupted + s.deadlocks, 0);
	EXPECT_EQ(s.blocked + s.spawned + s.adopted + s.retired, 0);
	EXPECT_EQ(s.purged + s.spawn_failures + s.init_failures, 0);
	EXPECT_EQ(s.dropped + s.leaks, 0);
	EXPECT_EQ(s.delayed + s.queue_depth + s.cancelled + s.spurious_wakeups, 0);
}

static void stat_shows_the_attributes(void)
{
	struct workpool_ioc_stat s;

	EXPECT_EQ(control("create abi-1 5 min=2 expiry=77 maxblock=3 nice=4"),
		  0);
	s = state("abi-1");
	EXPECT_EQ(s.min_workers, 2);
	EXPECT_EQ(s.idle, 2);
	EXPECT_EQ(s.available, 3);
	EXPECT_EQ(s.expiry_ms, 77);
	EXPECT_EQ(s.max_blocking, 3);
	EXPECT_EQ(s.nice, 4);
	EXPECT_EQ(control("create abi-2 1 rt=9"), 0);
	EXPECT_EQ(state("abi-2").rt_priority, 9);
	EXPECT_EQ(control("create abi-3 1 nice=-6"), 0);
	EXPECT_EQ(state("abi-3").nice, -6);
}

static void stat_shows_the_flags(void)
{
	EXPECT_EQ(control("create abi-1 1 nonblock"), 0);
	EXPECT_EQ(state("abi-1").flags, WORKPOOL_POOL_NONBLOCK);
	EXPECT_EQ(control("create abi-2 1 prealloc"), 0);
	EXPECT_EQ(state("abi-2").flags, WORKPOOL_POOL_PREALLOC);
	EXPECT_EQ(control("create abi-3 1 nopurge"), 0);
	EXPECT_EQ(state("abi-3").flags, WORKPOOL_POOL_NOPURGE);
	EXPECT_EQ(control("create abi-4 1 noadmin"), 0);
	EXPECT_EQ(state("abi-4").flags, WORKPOOL_POOL_NOADMIN);
	EXPECT_EQ(control("create abi-5 1 freezable"), 0);
	EXPECT_EQ(state("abi-5").flags, WORKPOOL_POOL_FREEZABLE);
	EXPECT_EQ(control("create abi-7 1 norelease"), 0);
	EXPECT_EQ(state("abi-7").flags, WORKPOOL_POOL_NORELEASE);
	EXPECT_EQ(control("create abi-6 1 nonblock nopurge"), 0);
	EXPECT_EQ(state("abi-6").flags,
		  WORKPOOL_POOL_NONBLOCK | WORKPOOL_POOL_NOPURGE);
}

static void stat_shows_closed(void)
{
	struct workpool_ioc_release release;
	struct workpool_ioc_reboot reboot;

	EXPECT_EQ(control("create abi-1 1"), 0);
	EXPECT_EQ(release_pool("abi-1", 0, &release), 0);
	EXPECT_EQ(state("abi-1").flags, WORKPOOL_POOL_CLOSED);
	EXPECT_EQ(reboot_pool("abi-1", &reboot), 0);
	EXPECT_EQ(state("abi-1").flags, 0);
	EXPECT_EQ(state("abi-1").generation, 1);
}

static void stat_of_an_unlimited_pool(void)
{
	EXPECT_EQ(control("create abi-1 unlimited"), 0);
	EXPECT_EQ(state("abi-1").capacity, WORKPOOL_IOC_UNLIMITED);
	EXPECT_EQ(state("abi-1").available, -1);
	EXPECT_EQ(control("submit abi-1 sleep " LONG " 3"), 0);
	EXPECT_SOON(state("abi-1").busy == 3);
	EXPECT_EQ(state("abi-1").available, -1);
}

static void stat_of_a_full_pool(void)
{
	struct workpool_ioc_stat s;

	EXPECT_EQ(control("create abi-1 2"), 0);
	EXPECT_EQ(control("submit abi-1 sleep " LONG " 2"), 0);
	EXPECT_SOON(state("abi-1").busy == 2);
	EXPECT_EQ(control("submit abi-1 sleep 1"), -EAGAIN);
	EXPECT_EQ(control("block abi-1 1"), 0);
	EXPECT_EQ(control("block abi-1 1"), 0);
	EXPECT_SOON(state("abi-1").waiting == 2);
	s = state("abi-1");
	EXPECT_EQ(s.available, 0);
	EXPECT_EQ(s.running, 2);
	EXPECT_EQ(s.alive, 2);
	EXPECT_EQ(s.idle + s.searching + s.starting + s.queued, 0);
	EXPECT_EQ(s.submitted, 2);
	EXPECT_EQ(s.rejected, 1);
	EXPECT_EQ(s.blocked, 2);
	EXPECT_EQ(s.peak_running, 2);
	EXPECT_EQ(s.peak_waiting, 2);
	EXPECT_EQ(s.spawned + s.adopted, 2);
}

static void stat_counts_what_was_done(void)
{
	struct workpool_ioc_stat s;

	EXPECT_EQ(control("create abi-1 3 nopurge"), 0);
	EXPECT_EQ(control("submit abi-1 sleep 1 3"), 0);
	EXPECT_SOON(state("abi-1").completed == 3);
	s = state("abi-1");
	EXPECT_EQ(s.submitted, 3);
	EXPECT_EQ(s.busy, 0);
	EXPECT_EQ(s.idle + s.searching, s.running);
	EXPECT_EQ(control("crash abi-1 task"), 0);
	EXPECT_SOON(state("abi-1").crashes == 1);
	EXPECT_EQ(state("abi-1").completed, 3);
}

static void stat_sees_the_purge(void)
{
	EXPECT_EQ(control("create abi-1 2 expiry=20"), 0);
	EXPECT_EQ(control("submit abi-1 sleep 1 2"), 0);
	EXPECT_SOON(state("abi-1").completed == 2 && state("abi-1").running == 0);
	EXPECT_EQ(state("abi-1").purged, state("abi-1").retired);
	EXPECT(state("abi-1").purged >= 1);
}

/* accepted without a worker, and no submitter waits */
static void stat_shows_the_queue(void)
{
	struct workpool_ioc_stat s;

	EXPECT_EQ(control("create abi-1 1 depth=3"), 0);
	EXPECT_EQ(state("abi-1").queue_depth, 3);
	EXPECT_EQ(control("submit abi-1 sleep " LONG), 0);
	EXPECT_SOON(state("abi-1").busy == 1);
	EXPECT_EQ(control("submit abi-1 sleep 1 3"), 0);
	EXPECT_EQ(control("submit abi-1 sleep 1"), -EAGAIN);
	s = state("abi-1");
	EXPECT_EQ(s.queued, 3);
	EXPECT_EQ(s.busy, 1);
	EXPECT_EQ(s.submitted, 4);
	EXPECT_EQ(s.rejected, 1);
	EXPECT_EQ(s.blocked + s.waiting, 0);
}

static void stat_counts_delayed_tasks(void)
{
	struct workpool_ioc_stat s;

	EXPECT_EQ(control("create abi-1 1"), 0);
	EXPECT_EQ(control("delay abi-1 " LONG), 0);
	EXPECT_EQ(control("delay abi-1 " LONG), -EALREADY);
	s = state("abi-1");
	EXPECT_EQ(s.delayed, 1);
	EXPECT_EQ(s.queued + s.busy + s.cancelled, 0);
	EXPECT_EQ(control("cancel abi-1"), 0);
	s = state("abi-1");
	EXPECT_EQ(s.delayed, 0);
	EXPECT_EQ(s.cancelled, 1);
	EXPECT_EQ(control("cancel abi-1"), -ENOENT);
	EXPECT_EQ(control("delay abi-1 1"), 0);
	EXPECT_SOON(state("abi-1").completed == 1);
	s = state("abi-1");
	EXPECT_EQ(s.delayed, 0);
	EXPECT_EQ(s.cancelled, 1);
}

/* a pool that is released does not wait for timers: their tasks are dropped */
static void stat_counts_delayed_tasks_that_came_too_late(void)
{
	struct workpool_ioc_release release;

	EXPECT_EQ(control("create abi-1 1"), 0);
	EXPECT_EQ(control("delay abi-1 100"), 0);
	EXPECT_EQ(release_pool("abi-1", 0, &release), 0);
	EXPECT_SOON(state("abi-1").delayed == 0);
	EXPECT_EQ(state("abi-1").dropped, 1);
	EXPECT_EQ(state("abi-1").completed, 0);
}

static void stat_shows_the_multi(void)
{
	struct workpool_ioc_stat s;
	__u32 id;

	EXPECT_EQ(control("create abi-m 2 pools=2"), 0);
	s = state("abi-m.0");
	id = s.multi_id;
	EXPECT(id > 0);
	EXPECT_EQ(s.multi_index, 0);
	EXPECT(!strcmp(s.multi, "abi-m"));
	s = state("abi-m.1");
	EXPECT_EQ(s.multi_id, id);
	EXPECT_EQ(s.multi_index, 1);
	EXPECT(!strcmp(s.multi, "abi-m"));
	EXPECT_EQ(s.fallbacks + s.stolen, 0);
	EXPECT_EQ(s.nr_pools, 2);
	EXPECT_EQ(s.strategy, WORKPOOL_STRATEGY_ROUND_ROBIN);
	EXPECT_EQ(stat_of("abi-m", &s), -ENOENT);
	EXPECT_EQ(control("destroy abi-m"), 0);
}

static void multi_stat_names_the_multi(void)
{
	struct workpool_ioc_stat s;
	unsigned int i;

	EXPECT_EQ(control("create abi-m 2 pools=3 expiry=77 nice=4"), 0);
	s = multi_state("abi-m");
	EXPECT_EQ(s.size, sizeof(s));
	EXPECT_EQ(s.id, state("abi-m.0").multi_id);
	EXPECT_EQ(s.multi_id, s.id);
	EXPECT(!strcmp(s.name, "abi-m"));
	EXPECT(!strcmp(s.multi, "abi-m"));
	EXPECT(!strcmp(s.owner, "wp_selftest"));
	EXPECT_EQ(s.nr_pools, 3);
	EXPECT_EQ(s.strategy, WORKPOOL_STRATEGY_ROUND_ROBIN);
	EXPECT_EQ(s.multi_index, 0);
	EXPECT_EQ(s.flags, 0);
	EXPECT_EQ(s.expiry_ms, 77);
	EXPECT_EQ(s.nice, 4);
	EXPECT_EQ(s.pinned + s.reserved2, 0);
	for (i = strlen(s.name); i < sizeof(s.name); i++)
		EXPECT_EQ(s.name[i] | s.multi[i], 0);
}

/* each field has the rule that the header says */
static void multi_stat_adds_up(void)
{
	struct workpool_ioc_stat s;

	EXPECT_EQ(control("create abi-m 2 pools=2 min=1 depth=3"), 0);
	EXPECT_EQ(control("submit abi-m sleep " LONG " 4"), 0);
	EXPECT_SOON(multi_state("abi-m").busy == 4);
	EXPECT_EQ(control("submit abi-m sleep " LONG " 6"), 0);
	EXPECT_EQ(control("block abi-m 1"), 0);
	/* the multi counts the submitter before the pools do */
	EXPECT_SOON(multi_state("abi-m").blocked == 1);
	s = multi_state("abi-m");
	EXPECT_EQ(s.waiting, 1);
	EXPECT_EQ(s.capacity, 4);
	EXPECT_EQ(s.available, 0);
	EXPECT_EQ(s.running, 4);
	EXPECT_EQ(s.idle + s.searching + s.starting, 0);
	EXPECT_EQ(s.queued, 6);
	EXPECT_EQ(s.min_workers, 2);
	EXPECT_EQ(s.queue_depth, 6);
	EXPECT_EQ(s.peak_running, 4);
	EXPECT_EQ(s.peak_waiting, 1);
	EXPECT_EQ(s.submitted, 10);
	EXPECT_EQ(s.blocked, 1);
}

static void multi_stat_of_an_unlimited_multi(void)
{
	struct workpool_ioc_stat s;

	EXPECT_EQ(control("create abi-m unlimited pools=2"), 0);
	s = multi_state("abi-m");
	EXPECT_EQ(s.capacity, WORKPOOL_IOC_UNLIMITED);
	EXPECT_EQ(s.available, -1);
}

/* closed when all its pools are */
static void multi_stat_of_a_closed_multi(void)
{
	struct workpool_ioc_release release;

	EXPECT_EQ(control("create abi-m 2 pools=2"), 0);
	EXPECT_EQ(release_pool("abi-m.0", 0, &release), 0);
	EXPECT_EQ(multi_state("abi-m").flags, 0);
	EXPECT_EQ(release_pool("abi-m.1", 0, &release), 0);
	EXPECT_EQ(multi_state("abi-m").flags, WORKPOOL_POOL_CLOSED);
}

/* a pool is no multi, by its name and by the name of the multi it would be */
static void multi_stat_of_a_pool(void)
{
	struct workpool_ioc_stat s;

	EXPECT_EQ(control("create abi-1 2"), 0);
	EXPECT_EQ(multi_stat_of("abi-1", &s), -ENOENT);
	EXPECT_EQ(control("create abi-m 2 pools=2"), 0);
	EXPECT_EQ(multi_stat_of("abi-m.0", &s), -ENOENT);
	EXPECT_EQ(control("destroy abi-m"), 0);
	EXPECT_EQ(multi_stat_of("abi-m", &s), -ENOENT);
}

static void stat_of_a_pool_without_multi(void)
{
	struct workpool_ioc_stat s;
	unsigned int i;

	EXPECT_EQ(control("create abi-1 2"), 0);
	s = state("abi-1");
	EXPECT_EQ(s.multi_id, 0);
	EXPECT_EQ(s.multi_index, 0);
	EXPECT_EQ(s.nr_pools + s.strategy, 0);
	for (i = 0; i < sizeof(s.multi); i++)
		EXPECT_EQ(s.multi[i], 0);
}

/* the longest name there can be has its NUL */
static void stat_of_a_long_name(void)
{
	const char *name = "abi-567890123456789012345678901";

	EXPECT_EQ(strlen(name), WORKPOOL_IOC_NAME_MAX - 1);
	EXPECT_EQ(control("create %s 1", name), 0);
	EXPECT(!strcmp(state(name).name, name));
}

/* every command for every pool of the tests */
static void walk_all_pools(void)
{
	struct workpool_ioc_next next = { .size = sizeof(next) };
	struct workpool_ioc_stat stat;
	struct workpool_ioc_tune tune;
	struct workpool_ioc_release release;
	struct workpool_ioc_reboot reboot;
	__u32 id;

	while (!call(rw, WORKPOOL_IOC_NEXT, &next)) {
		if (strncmp(next.name, "abi-", 4))
			continue;
		prepare(&stat, sizeof(stat));
		prepare(&tune, sizeof(tune));
		prepare(&release, sizeof(release));
		prepare(&reboot, sizeof(reboot));
		stat.id = next.id;
		tune.id = next.id;
		release.id = next.id;
		reboot.id = next.id;
		tune.mask = WORKPOOL_TUNE_CAPACITY;
		tune.capacity = 3;
		release.timeout_ns = 1000000;
		call(rw, WORKPOOL_IOC_STAT, &stat);
		call(rw, WORKPOOL_IOC_TUNE, &tune);
		call(rw, WORKPOOL_IOC_RELEASE, &release);
		call(rw, WORKPOOL_IOC_REBOOT, &reboot);
		if (!stat.multi_id)
			continue;
		id = stat.multi_id;
		prepare(&stat, sizeof(stat));
		stat.id = id;
		call(rw, WORKPOOL_IOC_MULTI_STAT, &stat);
	}
}

/* pools come and go while a process administers them */
static void race(const char *attrs)
{
	int i, status;
	pid_t pid;

	pid = fork();
	if (!pid)
		for (;;)
			walk_all_pools();
	if (!EXPECT(pid > 0))
		return;
	for (i = 0; i < 100; i++) {
		EXPECT_EQ(control("create abi-1 2 expiry=1 %s", attrs), 0);
		control("submit abi-1 sleep 0 2");
		EXPECT_EQ(control("destroy abi-1"), 0);
	}
	kill(pid, SIGKILL);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT(WIFSIGNALED(status));
}

static void commands_race_with_destroy(void)
{
	race("");
}

static void commands_race_with_a_multi(void)
{
	race("pools=3");
}

/* an administrator cannot make a creation fail */
static void commands_race_with_create(void)
{
	race("min=1");
}

static const struct test stat_tests[] = {
	TEST(stat_of_a_fresh_pool),
	TEST(stat_counts_from_zero),
	TEST(stat_shows_the_attributes),
	TEST(stat_shows_the_flags),
	TEST(stat_shows_closed),
	TEST(stat_of_an_unlimited_pool),
	TEST(stat_of_a_full_pool),
	TEST(stat_counts_what_was_done),
	TEST(stat_sees_the_purge),
	TEST(stat_shows_the_queue),
	TEST(stat_counts_delayed_tasks),
	TEST(stat_counts_delayed_tasks_that_came_too_late),
	TEST(stat_shows_the_multi),
	TEST(stat_of_a_pool_without_multi),
	TEST(multi_stat_names_the_multi),
	TEST(multi_stat_adds_up),
	TEST(multi_stat_of_an_unlimited_multi),
	TEST(multi_stat_of_a_closed_multi),
	TEST(multi_stat_of_a_pool),
	TEST(stat_of_a_long_name),
	TEST(commands_race_with_destroy),
	TEST(commands_race_with_create),
	TEST(commands_race_with_a_multi),
};

SUITE(stat);
