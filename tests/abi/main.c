// SPDX-License-Identifier: GPL-2.0
/*
 * wp_abi [TEST]: runs the tests, or one of them, and prints KTAP.
 */
#include <assert.h>

#include "abi.h"
#include "../ktap.h"

/* The layout is the same everywhere, and it is never to change. */
#define AT(type, member, offset) \
	static_assert(offsetof(struct workpool_ioc_##type, member) == (offset), \
		      #type "." #member)

static_assert(sizeof(struct workpool_ioc_info) == 48, "info");
AT(info, size, 0);
AT(info, nr_pools, 4);
AT(info, max_workers, 8);
AT(info, mailbox_depth, 12);
AT(info, cache_size, 16);
AT(info, cached, 20);
AT(info, features, 24);
AT(info, version, 32);

static_assert(sizeof(struct workpool_ioc_next) == 40, "next");
AT(next, size, 0);
AT(next, id, 4);
AT(next, name, 8);

static_assert(sizeof(struct workpool_ioc_stat) == 400, "stat");
AT(stat, size, 0);
AT(stat, id, 4);
AT(stat, name, 8);
AT(stat, owner, 40);
AT(stat, flags, 96);
AT(stat, capacity, 100);
AT(stat, available, 104);
AT(stat, running, 108);
AT(stat, busy, 112);
AT(stat, idle, 116);
AT(stat, starting, 120);
AT(stat, alive, 124);
AT(stat, waiting, 128);
AT(stat, queued, 132);
AT(stat, expiry_ms, 136);
AT(stat, max_blocking, 140);
AT(stat, min_workers, 144);
AT(stat, peak_running, 148);
AT(stat, peak_waiting, 152);
AT(stat, nice, 156);
AT(stat, rt_priority, 160);
AT(stat, pinned, 164);
AT(stat, generation, 168);
AT(stat, submitted, 176);
AT(stat, completed, 184);
AT(stat, crashes, 192);
AT(stat, rejected, 200);
AT(stat, timedout, 208);
AT(stat, interrupted, 216);
AT(stat, deadlocks, 224);
AT(stat, blocked, 232);
AT(stat, spawned, 240);
AT(stat, adopted, 248);
AT(stat, retired, 256);
AT(stat, purged, 264);
AT(stat, spawn_failures, 272);
AT(stat, init_failures, 280);
AT(stat, dropped, 288);
AT(stat, leaks, 296);
AT(stat, delayed, 304);
AT(stat, queue_depth, 308);
AT(stat, cancelled, 312);
AT(stat, spurious_wakeups, 320);
AT(stat, multi_id, 328);
AT(stat, multi_index, 332);
AT(stat, multi, 336);
AT(stat, fallbacks, 368);
AT(stat, stolen, 376);
AT(stat, searching, 384);
AT(stat, strategy, 388);
AT(stat, nr_pools, 392);
AT(stat, reserved2, 396);

static_assert(sizeof(struct workpool_ioc_tune) == 96, "tune");
AT(tune, size, 0);
AT(tune, id, 4);
AT(tune, name, 8);
AT(tune, mask, 40);
AT(tune, capacity, 44);
AT(tune, expiry_ms, 48);
AT(tune, max_blocking, 52);
AT(tune, min_workers, 56);
AT(tune, reserved, 60);
AT(tune, nice, 64);
AT(tune, rt_priority, 68);
AT(tune, queue_depth, 72);
AT(tune, own_cpus, 76);
AT(tune, cpus, 80);
AT(tune, cpus_size, 88);
AT(tune, reserved2, 92);

static_assert(sizeof(struct workpool_ioc_release) == 56, "release");
AT(release, size, 0);
AT(release, id, 4);
AT(release, name, 8);
AT(release, timeout_ns, 40);
AT(release, alive, 48);
AT(release, busy, 52);

static_assert(sizeof(struct workpool_ioc_reboot) == 48, "reboot");
AT(reboot, size, 0);
AT(reboot, id, 4);
AT(reboot, name, 8);
AT(reboot, generation, 40);

static_assert(sizeof(struct workpool_ioc_pause) == 56, "pause");
AT(pause, size, 0);
AT(pause, id, 4);
AT(pause, name, 8);
AT(pause, pause, 40);
AT(pause, paused, 44);
AT(pause, busy, 48);
AT(pause, reserved, 52);

static_assert(sizeof(struct workpool_ioc_events) == 56, "events");
AT(events, size, 0);
AT(events, id, 4);
AT(events, name, 8);
AT(events, types, 40);
AT(events, flags, 48);
AT(events, reserved, 52);

static_assert(sizeof(struct workpool_ioc_measure) == 48, "measure");
AT(measure, size, 0);
AT(measure, id, 4);
AT(measure, name, 8);
AT(measure, on, 40);
AT(measure, was_on, 44);

static_assert(sizeof(struct workpool_ioc_latency) == 96, "latency");
AT(latency, size, 0);
AT(latency, id, 4);
AT(latency, name, 8);
AT(latency, kind, 40);
AT(latency, reserved, 44);
AT(latency, since_ns, 48);
AT(latency, count, 56);
AT(latency, sum_ns, 64);
AT(latency, max_ns, 72);
AT(latency, buckets, 80);
AT(latency, nr_buckets, 88);
AT(latency, reserved2, 92);

#define EVENT_AT(member, offset)					\
	static_assert(offsetof(struct workpool_event, member) == (offset), \
		      "event." #member)

static_assert(sizeof(struct workpool_event) == 192, "event");
EVENT_AT(size, 0);
EVENT_AT(type, 4);
EVENT_AT(seq, 8);
EVENT_AT(time_ns, 16);
EVENT_AT(pool_id, 24);
EVENT_AT(reserved, 28);
EVENT_AT(pool, 32);
EVENT_AT(u, 64);
EVENT_AT(u.lost.count, 64);
EVENT_AT(u.created.owner, 64);
EVENT_AT(u.created.flags, 120);
EVENT_AT(u.created.capacity, 124);
EVENT_AT(u.released.actor.by, 64);
EVENT_AT(u.released.actor.pid, 68);
EVENT_AT(u.released.actor.uid, 72);
EVENT_AT(u.released.actor.reserved, 76);
EVENT_AT(u.released.actor.comm, 80);
EVENT_AT(u.released.destroyed, 96);
EVENT_AT(u.released.alive, 100);
EVENT_AT(u.rebooted.generation, 96);
EVENT_AT(u.tuned.mask, 96);
EVENT_AT(u.tuned.before.capacity, 104);
EVENT_AT(u.tuned.before.own_cpus, 132);
EVENT_AT(u.tuned.after.capacity, 136);
EVENT_AT(u.paused.paused, 96);
EVENT_AT(u.overloaded.waiting, 64);
EVENT_AT(u.overloaded.limit, 76);
EVENT_AT(u.relieved.duration_ns, 64);
EVENT_AT(u.relieved.blocked, 72);
EVENT_AT(u.relieved.rejected, 80);
EVENT_AT(u.crashed.kind, 64);
EVENT_AT(u.crashed.reason, 68);
EVENT_AT(u.crashed.pid, 72);
EVENT_AT(u.crashed.worker, 76);
EVENT_AT(u.crashed.comm, 80);
EVENT_AT(u.crashed.function, 96);
EVENT_AT(u.start_failed.cause, 64);
EVENT_AT(u.start_failed.error, 68);
EVENT_AT(u.dropped.count, 64);
EVENT_AT(u.dropped.function, 72);

static_assert(WORKPOOL_IOC_INFO == 0xb900, "INFO");
static_assert(WORKPOOL_IOC_NEXT == 0xb901, "NEXT");
static_assert(WORKPOOL_IOC_STAT == 0xb902, "STAT");
static_assert(WORKPOOL_IOC_TUNE == 0xb903, "TUNE");
static_assert(WORKPOOL_IOC_RELEASE == 0xb904, "RELEASE");
static_assert(WORKPOOL_IOC_REBOOT == 0xb905, "REBOOT");
static_assert(WORKPOOL_IOC_MULTI_STAT == 0xb906, "MULTI_STAT");
static_assert(WORKPOOL_IOC_PAUSE == 0xb907, "PAUSE");
static_assert(WORKPOOL_IOC_EVENTS == 0xb908, "EVENTS");
static_assert(WORKPOOL_IOC_MEASURE == 0xb909, "MEASURE");
static_assert(WORKPOOL_IOC_LATENCY == 0xb90a, "LATENCY");

static_assert(WORKPOOL_POOL_NONBLOCK == 0x1, "NONBLOCK");
static_assert(WORKPOOL_POOL_PREALLOC == 0x2, "PREALLOC");
static_assert(WORKPOOL_POOL_NOPURGE == 0x4, "NOPURGE");
static_assert(WORKPOOL_POOL_NOADMIN == 0x8, "NOADMIN");
static_assert(WORKPOOL_POOL_FREEZABLE == 0x10, "FREEZABLE");
static_assert(WORKPOOL_POOL_NORELEASE == 0x20, "NORELEASE");
static_assert(WORKPOOL_POOL_HISTOGRAMS == 0x40, "HISTOGRAMS");
static_assert(WORKPOOL_POOL_CLOSED == 0x10000, "CLOSED");
static_assert(WORKPOOL_POOL_PAUSED_BY_OWNER == 0x20000, "PAUSED_BY_OWNER");
static_assert(WORKPOOL_POOL_PAUSED_BY_ADMIN == 0x40000, "PAUSED_BY_ADMIN");
static_assert(WORKPOOL_POOL_MEASURED == 0x80000, "MEASURED");
static_assert(WORKPOOL_LATENCY_WAIT == 0, "WAIT");
static_assert(WORKPOOL_LATENCY_RUN == 1, "RUN");
static_assert(WORKPOOL_LATENCY_BLOCKED == 2, "BLOCKED");
static_assert(WORKPOOL_LATENCY_START == 3, "START");
static_assert(WORKPOOL_LATENCY_BUCKETS == 266, "BUCKETS");
static_assert(WORKPOOL_LATENCY_FROM_NS(0) == 0, "FROM_NS(0)");
static_assert(WORKPOOL_LATENCY_FROM_NS(1) == 512, "FROM_NS(1)");
static_assert(WORKPOOL_LATENCY_FROM_NS(10) == 1152, "FROM_NS(10)");
static_assert(WORKPOOL_LATENCY_FROM_NS(265) == 1ULL << 42, "FROM_NS(265)");
static_assert(WORKPOOL_STRATEGY_ROUND_ROBIN == 1, "ROUND_ROBIN");
static_assert(WORKPOOL_STRATEGY_LEAST_TASKS == 2, "LEAST_TASKS");
static_assert(WORKPOOL_STRATEGY_LOCAL == 3, "LOCAL");
static_assert(WORKPOOL_TUNE_CAPACITY == 0x1, "CAPACITY");
static_assert(WORKPOOL_TUNE_EXPIRY == 0x2, "EXPIRY");
static_assert(WORKPOOL_TUNE_MAX_BLOCKING == 0x4, "MAX_BLOCKING");
static_assert(WORKPOOL_TUNE_MIN_WORKERS == 0x8, "MIN_WORKERS");
static_assert(WORKPOOL_TUNE_NICE == 0x10, "NICE");
static_assert(WORKPOOL_TUNE_RT_PRIORITY == 0x20, "RT_PRIORITY");
static_assert(WORKPOOL_TUNE_QUEUE_DEPTH == 0x40, "QUEUE_DEPTH");
static_assert(WORKPOOL_TUNE_CPUS == 0x80, "CPUS");
static_assert(WORKPOOL_EVENT_LOST == 0, "LOST");
static_assert(WORKPOOL_EVENT_DESTROYED == 2, "DESTROYED");
static_assert(WORKPOOL_EVENT_RESUMED == 8, "RESUMED");
static_assert(WORKPOOL_EVENT_DROPPED == 13, "DROPPED");
static_assert(WORKPOOL_BY_ADMIN == 1, "BY_ADMIN");

static const struct suite *const suites[] = {
	&forms_suite,
	&rights_suite,
	&info_suite,
	&stat_suite,
	&tune_suite,
	&release_suite,
	&pause_suite,
	&events_suite,
	&latency_suite,
};

int main(int argc, char **argv)
{
	if (open_device()) {
		ktap_bail_out("/dev/workpool", strerror(errno));
		return 2;
	}
	return run_suites(suites, ARRAY_SIZE(suites), argv[1]) ? 1 : 0;
}
