// SPDX-License-Identifier: GPL-2.0
/*
 * MEASURE and LATENCY: histograms of a pool.
 */
#include <time.h>

#include "abi.h"

#define POOL	"abi-lat"
#define NAP_MS	20
#define NAP_NS	(NAP_MS * 1000000ULL)

static struct workpool_ioc_measure arg;
static struct workpool_ioc_latency latency;
static __u64 buckets[WORKPOOL_LATENCY_BUCKETS + 1];

static void ask(__u32 kind, __u32 room)
{
	memset(&latency, POISON, sizeof(latency));
	memset(buckets, POISON, sizeof(buckets));
	latency.size = sizeof(latency);
	latency.id = 0;
	set_name(latency.name, POOL);
	latency.kind = kind;
	latency.reserved = 0;
	latency.buckets = room ? (uintptr_t)buckets : 0;
	latency.nr_buckets = room;
	latency.reserved2 = 0;
}

/* reads all of one kind; returns the number of samples */
static __u64 count(__u32 kind)
{
	__u64 sum = 0;
	unsigned int i;

	ask(kind, WORKPOOL_LATENCY_BUCKETS);
	EXPECT_EQ(call(ro, WORKPOOL_IOC_LATENCY, &latency), 0);
	EXPECT_EQ(latency.nr_buckets, WORKPOOL_LATENCY_BUCKETS);
	for (i = 0; i < WORKPOOL_LATENCY_BUCKETS; i++)
		sum += buckets[i];
	EXPECT_EQ(sum, latency.count);
	return latency.count;
}

/* none of the samples that count() has read is shorter than @ns */
static void expect_at_least(__u64 ns)
{
	unsigned int i;

	for (i = 0; WORKPOOL_LATENCY_FROM_NS(i + 1) <= ns; i++)
		EXPECT_EQ(buckets[i], 0);
	EXPECT(latency.max_ns >= ns);
	EXPECT(latency.sum_ns >= ns * latency.count);
	EXPECT(latency.sum_ns <= latency.max_ns * latency.count);
}

static void measure_says_what_was_before(void)
{
	EXPECT_EQ(control("create " POOL " 1"), 0);
	EXPECT_EQ(state(POOL).flags, 0);
	EXPECT_EQ(measure_pool(POOL, false, &arg), 0);
	EXPECT_EQ(arg.was_on, 0);
	EXPECT_EQ(measure_pool(POOL, true, &arg), 0);
	EXPECT_EQ(arg.was_on, 0);
	EXPECT_EQ(arg.id, id_of(POOL));
	EXPECT_EQ(arg.size, sizeof(arg));
	EXPECT_EQ(state(POOL).flags, WORKPOOL_POOL_MEASURED);
	EXPECT_EQ(measure_pool(POOL, true, &arg), 0);
	EXPECT_EQ(arg.was_on, 1);
	EXPECT_EQ(measure_pool(POOL, false, &arg), 0);
	EXPECT_EQ(arg.was_on, 1);
	EXPECT_EQ(state(POOL).flags, 0);
}

static void tasks_are_no_shorter_than_they_are(void)
{
	EXPECT_EQ(control("create " POOL " 2"), 0);
	EXPECT_EQ(measure_pool(POOL, true, &arg), 0);
	/* it counts ticks, and the last one may come late */
	EXPECT_EQ(control("submit " POOL " sleep %d 2", 2 * NAP_MS), 0);
	EXPECT_EQ(control("block " POOL " %d", 2 * NAP_MS), 0);
	EXPECT_SOON(state(POOL).completed == 3 && state(POOL).busy == 0);
	EXPECT_EQ(count(WORKPOOL_LATENCY_RUN), 3);
	expect_at_least(NAP_NS);
	EXPECT(latency.since_ns > 0);
	EXPECT_EQ(count(WORKPOOL_LATENCY_WAIT), 3);
	EXPECT_SOON(count(WORKPOOL_LATENCY_START) >= 1);
	EXPECT(count(WORKPOOL_LATENCY_BLOCKED) <= 1);
}

static void queued_tasks_wait_for_those_before(void)
{
	EXPECT_EQ(control("create " POOL " 1 depth=2 histograms"), 0);
	EXPECT_EQ(state(POOL).flags,
		  WORKPOOL_POOL_HISTOGRAMS | WORKPOOL_POOL_MEASURED);
	EXPECT_EQ(control("submit " POOL " sleep 600000"), 0);
	EXPECT_SOON(state(POOL).busy == 1);
	EXPECT_EQ(control("submit " POOL " sleep 1 2"), 0);
	nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
	EXPECT_EQ(control("wake " POOL), 0);
	EXPECT_SOON(state(POOL).completed == 3 && state(POOL).busy == 0);
	EXPECT_EQ(count(WORKPOOL_LATENCY_WAIT), 3);
	/* both waited until the first one ended */
	EXPECT(latency.max_ns >= NAP_NS);
	EXPECT(latency.sum_ns >= 2 * NAP_NS);
}

static void not_measured_is_empty(void)
{
	EXPECT_EQ(control("create " POOL " 1"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 1"), 0);
	EXPECT_SOON(state(POOL).completed == 1);
	EXPECT_EQ(count(WORKPOOL_LATENCY_RUN), 0);
	EXPECT_EQ(latency.since_ns, 0);
	EXPECT_EQ(latency.max_ns, 0);
	EXPECT_EQ(latency.sum_ns, 0);
}

/* switched off and on it begins again */
static void off_forgets(void)
{
	__u64 since;

	EXPECT_EQ(control("create " POOL " 1 histograms"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 1"), 0);
	EXPECT_SOON(state(POOL).completed == 1 && state(POOL).busy == 0);
	EXPECT_EQ(count(WORKPOOL_LATENCY_RUN), 1);
	since = latency.since_ns;
	EXPECT_EQ(measure_pool(POOL, false, &arg), 0);
	EXPECT_EQ(measure_pool(POOL, true, &arg), 0);
	EXPECT_EQ(count(WORKPOOL_LATENCY_RUN), 0);
	EXPECT(latency.since_ns > since);
}

static void room_may_be_short_or_long(void)
{
	EXPECT_EQ(control("create " POOL " 1 histograms"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 1"), 0);
	EXPECT_SOON(state(POOL).completed == 1 && state(POOL).busy == 0);
	ask(WORKPOOL_LATENCY_RUN, 0);
	EXPECT_EQ(call(ro, WORKPOOL_IOC_LATENCY, &latency), 0);
	EXPECT_EQ(latency.count, 1);
	EXPECT_EQ(latency.nr_buckets, 0);
	ask(WORKPOOL_LATENCY_RUN, 3);
	EXPECT_EQ(call(ro, WORKPOOL_IOC_LATENCY, &latency), 0);
	EXPECT_EQ(latency.nr_buckets, 3);
	EXPECT_EQ(buckets[2], 0);
	EXPECT_EQ(*(unsigned char *)&buckets[3], POISON);
	ask(WORKPOOL_LATENCY_RUN, ~0U);
	EXPECT_EQ(call(ro, WORKPOOL_IOC_LATENCY, &latency), 0);
	EXPECT_EQ(latency.nr_buckets, WORKPOOL_LATENCY_BUCKETS);
	EXPECT_EQ(*(unsigned char *)&buckets[WORKPOOL_LATENCY_BUCKETS], POISON);
}

static void bad_values_are_einval(void)
{
	EXPECT_EQ(control("create " POOL " 1"), 0);
	EXPECT_EQ(measure_pool(POOL, false, &arg), 0);
	arg.id = 0;
	arg.on = 2;
	EXPECT_EQ(call(rw, WORKPOOL_IOC_MEASURE, &arg), -EINVAL);
	EXPECT_EQ(state(POOL).flags, 0);

	ask(WORKPOOL_LATENCY_START + 1, 0);
	EXPECT_EQ(call(ro, WORKPOOL_IOC_LATENCY, &latency), -EINVAL);
	ask(0, 0);
	latency.reserved = 1;
	EXPECT_EQ(call(ro, WORKPOOL_IOC_LATENCY, &latency), -EINVAL);
	ask(0, 0);
	latency.reserved2 = 1;
	EXPECT_EQ(call(ro, WORKPOOL_IOC_LATENCY, &latency), -EINVAL);
	ask(0, 0);
	latency.nr_buckets = 1;
	EXPECT_EQ(call(ro, WORKPOOL_IOC_LATENCY, &latency), -EINVAL);
	ask(0, 1);
	latency.nr_buckets = 0;
	EXPECT_EQ(call(ro, WORKPOOL_IOC_LATENCY, &latency), -EINVAL);
}

static void no_pool_is_enoent(void)
{
	EXPECT_EQ(measure_pool("abi-nobody", true, &arg), -ENOENT);
	ask(0, 0);
	EXPECT_EQ(call(ro, WORKPOOL_IOC_LATENCY, &latency), -ENOENT);
}

static void no_memory_there_is_efault(void)
{
	EXPECT_EQ(control("create " POOL " 1 histograms"), 0);
	ask(0, 1);
	latency.buckets = 8;
	EXPECT_EQ(call(ro, WORKPOOL_IOC_LATENCY, &latency), -EFAULT);
	latency.buckets = -1ULL;
	EXPECT_EQ(call(ro, WORKPOOL_IOC_LATENCY, &latency), -EFAULT);
}

static void destroyed_while_measured(void)
{
	EXPECT_EQ(control("create " POOL " 2 histograms"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 600000 2"), 0);
	EXPECT_EQ(control("destroy " POOL), 0);
	ask(0, 0);
	EXPECT_EQ(call(ro, WORKPOOL_IOC_LATENCY, &latency), -ENOENT);
}

static void multi_is_measured_with_all_its_pools(void)
{
	EXPECT_EQ(control("create " POOL " 1 pools=2"), 0);
	EXPECT_EQ(measure_pool(POOL ".0", true, &arg), 0);
	EXPECT_EQ(multi_state(POOL).flags, 0);
	EXPECT_EQ(measure_pool(POOL ".1", true, &arg), 0);
	EXPECT_EQ(multi_state(POOL).flags, WORKPOOL_POOL_MEASURED);
}

static const struct test latency_tests[] = {
	TEST(measure_says_what_was_before),
	TEST(tasks_are_no_shorter_than_they_are),
	TEST(queued_tasks_wait_for_those_before),
	TEST(not_measured_is_empty),
	TEST(off_forgets),
	TEST(room_may_be_short_or_long),
	TEST(bad_values_are_einval),
	TEST(no_pool_is_enoent),
	TEST(no_memory_there_is_efault),
	TEST(destroyed_while_measured),
	TEST(multi_is_measured_with_all_its_pools),
};

SUITE(latency, .patches = true);
