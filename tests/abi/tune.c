// SPDX-License-Identifier: GPL-2.0
/*
 * TUNE: change a running pool, all that was asked for or nothing.
 */
#include "abi.h"

#define POOL	"abi-tune"
#define ALL	(WORKPOOL_TUNE_CAPACITY | WORKPOOL_TUNE_EXPIRY | \
		 WORKPOOL_TUNE_MAX_BLOCKING | WORKPOOL_TUNE_MIN_WORKERS)

/* the pool that most tests are about */
static void make_pool(void)
{
	EXPECT_EQ(control("create " POOL " 4 min=1 expiry=5000 maxblock=9"),
		  0);
}

static void expect_unchanged(void)
{
	struct workpool_ioc_stat s = state(POOL);

	EXPECT_EQ(s.capacity, 4);
	EXPECT_EQ(s.min_workers, 1);
	EXPECT_EQ(s.expiry_ms, 5000);
	EXPECT_EQ(s.max_blocking, 9);
}

static void expect_old_values(const struct workpool_ioc_tune *arg)
{
	EXPECT_EQ(arg->capacity, 4);
	EXPECT_EQ(arg->min_workers, 1);
	EXPECT_EQ(arg->expiry_ms, 5000);
	EXPECT_EQ(arg->max_blocking, 9);
}

static void mask_zero_only_reads(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, 0);

	make_pool();
	EXPECT_EQ(tune(&arg), 0);
	expect_old_values(&arg);
	EXPECT_EQ(arg.mask, 0);
	EXPECT_EQ(arg.reserved, 0);
	expect_unchanged();
}

static void capacity_is_set(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_CAPACITY);

	make_pool();
	arg.capacity = 6;
	EXPECT_EQ(tune(&arg), 0);
	expect_old_values(&arg);
	EXPECT_EQ(state(POOL).capacity, 6);
	EXPECT_EQ(state(POOL).expiry_ms, 5000);
	EXPECT_EQ(state(POOL).max_blocking, 9);
	EXPECT_EQ(state(POOL).min_workers, 1);
}

static void expiry_is_set(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_EXPIRY);

	make_pool();
	arg.expiry_ms = INT32_MAX;
	EXPECT_EQ(tune(&arg), 0);
	expect_old_values(&arg);
	EXPECT_EQ(state(POOL).expiry_ms, INT32_MAX);
	EXPECT_EQ(state(POOL).capacity, 4);
}

static void expiry_zero_is_the_default(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_EXPIRY);

	make_pool();
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(state(POOL).expiry_ms, 1000);
}

static void max_blocking_is_set(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_MAX_BLOCKING);

	make_pool();
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(state(POOL).max_blocking, 0);
	arg = tuning(POOL, WORKPOOL_TUNE_MAX_BLOCKING);
	arg.max_blocking = UINT32_MAX;
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(arg.max_blocking, 0);
	EXPECT_EQ(state(POOL).max_blocking, UINT32_MAX);
}

static void min_workers_is_set_and_started(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_MIN_WORKERS);

	make_pool();
	EXPECT_EQ(state(POOL).idle, 1);
	arg.min_workers = 3;
	EXPECT_EQ(tune(&arg), 0);
	expect_old_values(&arg);
	EXPECT_SOON(state(POOL).idle == 3);
	EXPECT_EQ(state(POOL).running, 3);
	EXPECT_EQ(state(POOL).min_workers, 3);
}

static void all_at_once(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, ALL);

	make_pool();
	arg.capacity = 8;
	arg.expiry_ms = 1;
	arg.max_blocking = 2;
	arg.min_workers = 8;
	EXPECT_EQ(tune(&arg), 0);
	expect_old_values(&arg);
	EXPECT_EQ(state(POOL).capacity, 8);
	EXPECT_EQ(state(POOL).expiry_ms, 1);
	EXPECT_EQ(state(POOL).max_blocking, 2);
	EXPECT_EQ(state(POOL).min_workers, 8);
}

/* capacity and min_workers are looked at together */
static void capacity_and_min_workers_go_together(void)
{
	struct workpool_ioc_tune arg;

	EXPECT_EQ(control("create " POOL " 4 min=3"), 0);
	arg = tuning(POOL, WORKPOOL_TUNE_CAPACITY);
	arg.capacity = 2;
	EXPECT_EQ(tune(&arg), -EINVAL);
	arg.mask |= WORKPOOL_TUNE_MIN_WORKERS;
	arg.min_workers = 2;
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(state(POOL).capacity, 2);
	EXPECT_EQ(state(POOL).min_workers, 2);
}

/* one bad value, and the good ones are not taken either */
static void all_or_nothing(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, ALL);

	make_pool();
	arg.capacity = 8;
	arg.expiry_ms = 1;
	arg.max_blocking = 2;
	arg.min_workers = 9;
	EXPECT_EQ(tune(&arg), -EINVAL);
	expect_unchanged();
	arg.min_workers = 2;
	arg.capacity = 0;
	EXPECT_EQ(tune(&arg), -EINVAL);
	expect_unchanged();
	arg.capacity = 8;
	arg.expiry_ms = 0x80000000;
	EXPECT_EQ(tune(&arg), -EINVAL);
	expect_unchanged();
}

static void bad_capacity_is_einval(void)
{
	static const __s32 bad[] = { 0, -1, -2, INT32_MIN };
	struct workpool_ioc_tune arg;
	unsigned int i;

	make_pool();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		arg = tuning(POOL, WORKPOOL_TUNE_CAPACITY);
		arg.capacity = bad[i];
		EXPECT_EQ(tune(&arg), -EINVAL);
	}
	expect_unchanged();
}

static void bad_expiry_is_einval(void)
{
	static const __u32 bad[] = { 0x80000000, 0xfffffc18, UINT32_MAX };
	struct workpool_ioc_tune arg;
	unsigned int i;

	make_pool();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		arg = tuning(POOL, WORKPOOL_TUNE_EXPIRY);
		arg.expiry_ms = bad[i];
		EXPECT_EQ(tune(&arg), -EINVAL);
	}
	expect_unchanged();
}

static void bad_min_workers_is_einval(void)
{
	static const __u32 bad[] = { 5, 0x7fffffff, 0x80000000, UINT32_MAX };
	struct workpool_ioc_tune arg;
	unsigned int i;

	make_pool();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		arg = tuning(POOL, WORKPOOL_TUNE_MIN_WORKERS);
		arg.min_workers = bad[i];
		EXPECT_EQ(tune(&arg), -EINVAL);
	}
	expect_unchanged();
}

static void unknown_mask_bit_is_eopnotsupp(void)
{
	struct workpool_ioc_tune arg;
	int bit;

	make_pool();
	for (bit = 8; bit < 32; bit++) {
		arg = tuning(POOL, WORKPOOL_TUNE_CAPACITY | (1U << bit));
		arg.capacity = 5;
		EXPECT_EQ(tune(&arg), -EOPNOTSUPP);
	}
	expect_unchanged();
}

static void reserved_field_is_einval(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_CAPACITY);

	make_pool();
	arg.capacity = 5;
	arg.reserved = 1;
	EXPECT_EQ(tune(&arg), -EINVAL);
	arg.reserved = 0x80000000;
	EXPECT_EQ(tune(&arg), -EINVAL);
	arg.reserved = 0;
	arg.reserved2 = 1;
	EXPECT_EQ(tune(&arg), -EINVAL);
	expect_unchanged();
}

static void field_outside_of_mask_is_einval(void)
{
	struct workpool_ioc_tune arg;

	make_pool();
	arg = tuning(POOL, ALL & ~WORKPOOL_TUNE_CAPACITY);
	arg.capacity = 5;
	EXPECT_EQ(tune(&arg), -EINVAL);
	arg = tuning(POOL, WORKPOOL_TUNE_CAPACITY);
	arg.capacity = 5;
	arg.expiry_ms = 1;
	EXPECT_EQ(tune(&arg), -EINVAL);
	arg.expiry_ms = 0;
	arg.max_blocking = 1;
	EXPECT_EQ(tune(&arg), -EINVAL);
	arg.max_blocking = 0;
	arg.min_workers = 1;
	EXPECT_EQ(tune(&arg), -EINVAL);
	arg.min_workers = 0;
	arg.nice = 1;
	EXPECT_EQ(tune(&arg), -EINVAL);
	arg.nice = 0;
	arg.rt_priority = 1;
	EXPECT_EQ(tune(&arg), -EINVAL);
	arg.rt_priority = 0;
	arg.queue_depth = 1;
	EXPECT_EQ(tune(&arg), -EINVAL);
	arg.queue_depth = 0;
	arg.own_cpus = 1;
	EXPECT_EQ(tune(&arg), -EINVAL);
	expect_unchanged();
}

static void unlimited_pool_has_no_capacity_to_tune(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_CAPACITY);

	EXPECT_EQ(control("create " POOL " unlimited"), 0);
	arg.capacity = 5;
	EXPECT_EQ(tune(&arg), -EOPNOTSUPP);
	arg = tuning(POOL, WORKPOOL_TUNE_EXPIRY);
	arg.expiry_ms = 5;
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(arg.capacity, WORKPOOL_IOC_UNLIMITED);
	EXPECT_EQ(state(POOL).expiry_ms, 5);
}

static void prealloc_pool_has_no_capacity_to_tune(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_CAPACITY);

	EXPECT_EQ(control("create " POOL " 2 prealloc"), 0);
	arg.capacity = 5;
	EXPECT_EQ(tune(&arg), -EOPNOTSUPP);
	arg = tuning(POOL, WORKPOOL_TUNE_MAX_BLOCKING);
	arg.max_blocking = 5;
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(state(POOL).max_blocking, 5);
}

static void closed_pool_is_eshutdown(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_CAPACITY);
	struct workpool_ioc_release release;

	make_pool();
	EXPECT_EQ(release_pool(POOL, 0, &release), 0);
	arg.capacity = 5;
	EXPECT_EQ(tune(&arg), -ESHUTDOWN);
	expect_unchanged();
}

/* growing serves waiting submitters at once */
static void growing_serves_waiters(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_CAPACITY);
	int i;

	EXPECT_EQ(control("create " POOL " 1"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 600000"), 0);
	for (i = 1; i <= 3; i++) {
		EXPECT_EQ(control("block " POOL " 600000"), 0);
		EXPECT_SOON(state(POOL).waiting == (unsigned int)i);
	}
	arg.capacity = 3;
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(arg.capacity, 1);
	EXPECT_EQ(state(POOL).waiting, 1);
	EXPECT_SOON(state(POOL).busy == 3);
}

static void shrinking_retires_idle_workers(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_CAPACITY);

	EXPECT_EQ(control("create " POOL " 4 min=0 nopurge"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 20 4"), 0);
	EXPECT_SOON(state(POOL).completed == 4 && state(POOL).busy == 0);
	arg.capacity = 1;
	EXPECT_EQ(tune(&arg), 0);
	EXPECT(state(POOL).running <= 1);
	EXPECT(state(POOL).available >= 0);
}

/* a shorter expiry is for those, too, that are idle already */
static void shorter_expiry_takes_effect_at_once(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_EXPIRY);

	EXPECT_EQ(control("create " POOL " 2 expiry=3600000"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 1 2"), 0);
	EXPECT_SOON(state(POOL).completed == 2);
	EXPECT(state(POOL).running >= 1);
	arg.expiry_ms = 1;
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_SOON(state(POOL).running == 0);
	EXPECT(state(POOL).purged >= 1);
}

/* workers that a smaller minimum does not hold any more expire */
static void smaller_minimum_lets_workers_go(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_MIN_WORKERS);

	EXPECT_EQ(control("create " POOL " 3 min=3 expiry=10"), 0);
	EXPECT_EQ(state(POOL).idle, 3);
	arg.min_workers = 1;
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_SOON(state(POOL).running == 1);
	EXPECT_EQ(state(POOL).purged, 2);
}

/* a lower limit holds from the next submit on; earlier waiters keep waiting */
static void max_blocking_takes_effect(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_MAX_BLOCKING);

	EXPECT_EQ(control("create " POOL " 1"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 600000"), 0);
	EXPECT_EQ(control("block " POOL " 1"), 0);
	EXPECT_SOON(state(POOL).waiting == 1);
	arg.max_blocking = 1;
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(control("block " POOL " 1"), 0);
	EXPECT_SOON(state(POOL).rejected == 1);
	EXPECT_EQ(state(POOL).waiting, 1);
}

static void nice_and_rt_priority_are_set(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_NICE |
						    WORKPOOL_TUNE_RT_PRIORITY);

	EXPECT_EQ(control("create " POOL " 2 nice=3"), 0);
	arg.nice = -4;
	arg.rt_priority = 5;
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(arg.nice, 3);
	EXPECT_EQ(arg.rt_priority, 0);
	EXPECT_EQ(state(POOL).nice, -4);
	EXPECT_EQ(state(POOL).rt_priority, 5);
}

static void bad_schedule_is_einval(void)
{
	struct workpool_ioc_tune arg;
	__s32 nice;

	make_pool();
	for (nice = -21; nice <= 20; nice += 41) {
		arg = tuning(POOL, WORKPOOL_TUNE_NICE | WORKPOOL_TUNE_EXPIRY);
		arg.nice = nice;
		arg.expiry_ms = 1;
		EXPECT_EQ(tune(&arg), -EINVAL);
	}
	arg = tuning(POOL, WORKPOOL_TUNE_RT_PRIORITY);
	arg.rt_priority = 100;
	EXPECT_EQ(tune(&arg), -EINVAL);
	expect_unchanged();
	EXPECT_EQ(state(POOL).nice, 0);
	EXPECT_EQ(state(POOL).rt_priority, 0);
}

/* a deeper queue accepts what waited, a lower depth lets nothing go */
static void queue_depth_is_set(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_QUEUE_DEPTH);

	EXPECT_EQ(control("create " POOL " 1"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 600000"), 0);
	EXPECT_EQ(control("block " POOL " 1"), 0);
	EXPECT_SOON(state(POOL).waiting == 1);
	arg.queue_depth = 2;
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(arg.queue_depth, 0);
	EXPECT_EQ(state(POOL).waiting, 0);
	EXPECT_EQ(state(POOL).queued, 1);
	EXPECT_EQ(control("submit " POOL " sleep 1"), 0);
	EXPECT_EQ(control("submit " POOL " sleep 1"), -EAGAIN);
	arg = tuning(POOL, WORKPOOL_TUNE_QUEUE_DEPTH);
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(arg.queue_depth, 2);
	EXPECT_EQ(state(POOL).queued, 2);
	arg = tuning(POOL, WORKPOOL_TUNE_QUEUE_DEPTH);
	arg.queue_depth = 1048577;
	EXPECT_EQ(tune(&arg), -EINVAL);
	EXPECT_EQ(control("wake " POOL), 0);
	EXPECT_SOON(state(POOL).completed == 3);
}

/* CPUs as the header has them: bit N % 64 of element N / 64 */
static __u64 cpus[512];

static struct workpool_ioc_tune cpus_of(__u32 mask)
{
	struct workpool_ioc_tune arg = tuning(POOL, mask);

	arg.own_cpus = !!mask;
	arg.cpus = (uintptr_t)cpus;
	arg.cpus_size = sizeof(cpus);
	return arg;
}

static void cpus_are_set_and_given_back(void)
{
	struct workpool_ioc_tune arg = cpus_of(0);
	__u64 all;

	EXPECT_EQ(control("create " POOL " 2 min=2"), 0);
	memset(cpus, 0xff, sizeof(cpus));
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(arg.own_cpus, 0);
	all = cpus[0];
	EXPECT(all & 1);
	EXPECT_EQ(cpus[ARRAY_SIZE(cpus) - 1], 0);

	arg = cpus_of(WORKPOOL_TUNE_CPUS);
	cpus[0] = 1;
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(arg.own_cpus, 0);
	EXPECT_EQ(cpus[0], all);
	arg = cpus_of(0);
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(arg.own_cpus, 1);
	EXPECT_EQ(cpus[0], 1);

	arg = tuning(POOL, WORKPOOL_TUNE_CPUS);
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(arg.own_cpus, 1);
	arg = cpus_of(0);
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(arg.own_cpus, 0);
	EXPECT_EQ(cpus[0], all);
}

static void cpus_of_which_none_is_online_are_einval(void)
{
	struct workpool_ioc_tune arg = cpus_of(WORKPOOL_TUNE_CPUS |
					       WORKPOOL_TUNE_EXPIRY);

	make_pool();
	arg.expiry_ms = 1;
	memset(cpus, 0, sizeof(cpus));
	EXPECT_EQ(tune(&arg), -EINVAL);
	cpus[ARRAY_SIZE(cpus) - 1] = 1ULL << 63;
	EXPECT_EQ(tune(&arg), -EINVAL);
	expect_unchanged();
}

static void bad_memory_for_cpus(void)
{
	struct workpool_ioc_tune arg = cpus_of(WORKPOOL_TUNE_CPUS);

	make_pool();
	cpus[0] = 1;
	arg.cpus = 1;
	EXPECT_EQ(tune(&arg), -EFAULT);
	arg = cpus_of(WORKPOOL_TUNE_CPUS);
	arg.cpus_size = 4;
	EXPECT_EQ(tune(&arg), -EINVAL);
	arg.cpus_size = sizeof(cpus) + 8;
	EXPECT_EQ(tune(&arg), -EINVAL);
	arg.cpus_size = 0;
	EXPECT_EQ(tune(&arg), -EINVAL);
	arg = cpus_of(0);
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(arg.own_cpus, 0);
}

/* what the owner pinned is refused, and everything else is not */
static void pinned_values_are_eperm(void)
{
	struct workpool_ioc_tune arg = tuning(POOL, WORKPOOL_TUNE_NICE |
						    WORKPOOL_TUNE_EXPIRY);

	EXPECT_EQ(control("create " POOL " 2 expiry=5000 pin=0x90"), 0);
	EXPECT_EQ(state(POOL).pinned, WORKPOOL_TUNE_NICE | WORKPOOL_TUNE_CPUS);
	arg.nice = 1;
	arg.expiry_ms = 1;
	EXPECT_EQ(tune(&arg), -EPERM);
	EXPECT_EQ(state(POOL).expiry_ms, 5000);
	arg = cpus_of(WORKPOOL_TUNE_CPUS);
	cpus[0] = 1;
	EXPECT_EQ(tune(&arg), -EPERM);
	arg = cpus_of(0);
	EXPECT_EQ(tune(&arg), 0);
	arg = tuning(POOL, WORKPOOL_TUNE_EXPIRY);
	arg.expiry_ms = 1;
	EXPECT_EQ(tune(&arg), 0);
	EXPECT_EQ(control("create " POOL "-2 2 pin=0x100"), -EINVAL);
}

static const struct test tune_tests[] = {
	TEST(mask_zero_only_reads),
	TEST(capacity_is_set),
	TEST(expiry_is_set),
	TEST(expiry_zero_is_the_default),
	TEST(max_blocking_is_set),
	TEST(min_workers_is_set_and_started),
	TEST(all_at_once),
	TEST(capacity_and_min_workers_go_together),
	TEST(all_or_nothing),
	TEST(bad_capacity_is_einval),
	TEST(bad_expiry_is_einval),
	TEST(bad_min_workers_is_einval),
	TEST(unknown_mask_bit_is_eopnotsupp),
	TEST(reserved_field_is_einval),
	TEST(field_outside_of_mask_is_einval),
	TEST(unlimited_pool_has_no_capacity_to_tune),
	TEST(prealloc_pool_has_no_capacity_to_tune),
	TEST(closed_pool_is_eshutdown),
	TEST(growing_serves_waiters),
	TEST(shrinking_retires_idle_workers),
	TEST(shorter_expiry_takes_effect_at_once),
	TEST(smaller_minimum_lets_workers_go),
	TEST(max_blocking_takes_effect),
	TEST(nice_and_rt_priority_are_set),
	TEST(bad_schedule_is_einval),
	TEST(queue_depth_is_set),
	TEST(cpus_are_set_and_given_back),
	TEST(cpus_of_which_none_is_online_are_einval),
	TEST(bad_memory_for_cpus),
	TEST(pinned_values_are_eperm),
};

SUITE(tune);
