// SPDX-License-Identifier: GPL-2.0
/*
 * The pace: when the next thread of a pool may start, as a matter of numbers.
 */

#include "core/pace.h"
#include "helpers.h"

/* Every test begins at this time: 32 bits of jiffies would not hold it. */
#define BEGIN	(5ULL << 32)

static void crash(struct wp_pace *pace, u64 now, unsigned int nr)
{
	while (nr--)
		wp_pace_crash(pace, now);
}

/* Starts that may begin at @now, @most of them at most. */
static unsigned int starts(struct wp_pace *pace, u64 now, unsigned int most)
{
	unsigned int nr = 0;

	while (nr < most && !wp_pace_wait(pace, now)) {
		wp_pace_start(pace, now);
		nr++;
	}
	return nr;
}

/* A pool that has not crashed starts as many threads as it likes. */
static void no_crash_no_limit(struct kunit *test)
{
	struct wp_pace pace = {};

	KUNIT_EXPECT_EQ(test, starts(&pace, BEGIN, 5000), 5000);
}

/* A burst of less than a second's crashes does not slow a pool down. */
static void burst_is_free(struct kunit *test)
{
	struct wp_pace pace = {};

	crash(&pace, BEGIN, wp_pace_rate - 1);
	KUNIT_EXPECT_EQ(test, starts(&pace, BEGIN, 5000), 5000);
}

/* Beyond the burst each start puts the next one off. */
static void debtor_starts_one_by_one(struct kunit *test)
{
	u64 each = DIV_ROUND_UP(HZ, wp_pace_rate);
	struct wp_pace pace = {};

	crash(&pace, BEGIN, 3 * wp_pace_rate);
	KUNIT_EXPECT_EQ(test, starts(&pace, BEGIN, 5000), 1);
	KUNIT_EXPECT_EQ(test, wp_pace_wait(&pace, BEGIN), each);
	KUNIT_EXPECT_EQ(test, starts(&pace, BEGIN + each, 5000), 1);
}

/* Whatever crashes at once: never more in all than burst, rate and capacity. */
static void crashes_stay_within_the_rate(struct kunit *test)
{
	const unsigned int capacity = 32, seconds = 20;
	unsigned int crashes = 0;
	struct wp_pace pace = {};
	u64 now;

	for (now = BEGIN; now < BEGIN + seconds * HZ; now++) {
		unsigned int nr = starts(&pace, now, capacity);

		crash(&pace, now, nr);
		crashes += nr;
	}
	KUNIT_EXPECT_LE(test, crashes, (seconds + 1) * wp_pace_rate + capacity);
	KUNIT_EXPECT_GE(test, crashes, seconds * wp_pace_rate * 9 / 10);
}

/* Time pays the debt off, all of it, and leaves no credit. */
static void time_pays_off(struct kunit *test)
{
	struct wp_pace pace = {};
	u64 later = BEGIN + 100ULL * HZ;

	crash(&pace, BEGIN, 10 * wp_pace_rate);
	KUNIT_EXPECT_EQ(test, starts(&pace, BEGIN + 8 * HZ, 5000), 1);
	KUNIT_EXPECT_EQ(test, starts(&pace, later, 5000), 5000);
	crash(&pace, later, 2 * wp_pace_rate);
	KUNIT_EXPECT_EQ(test, starts(&pace, later, 5000), 1);
}

/* A pool may rest for longer than 32 bits of jiffies, or half of them, last. */
static void long_rest_blocks_nothing(struct kunit *test)
{
	static const u64 rests[] = { 1ULL << 31, 3ULL << 30, 1ULL << 32,
				     (1ULL << 32) + (1ULL << 31) };
	int i;

	for (i = 0; i < ARRAY_SIZE(rests); i++) {
		struct wp_pace pace = {};

		crash(&pace, BEGIN, 2 * wp_pace_rate);
		starts(&pace, BEGIN, 1);
		wp_pace_fail(&pace, BEGIN, BEGIN, false);
		KUNIT_EXPECT_EQ(test, starts(&pace, BEGIN + rests[i], 5000), 5000);
	}
}

/* The rate may be changed, and 0 means no limit. */
static void rate_of_zero_is_no_limit(struct kunit *test)
{
	unsigned int before = wp_pace_rate;
	struct wp_pace pace = {};

	crash(&pace, BEGIN, 3 * wp_pace_rate);
	WRITE_ONCE(wp_pace_rate, 0);
	KUNIT_EXPECT_EQ(test, starts(&pace, BEGIN, 5000), 5000);
	crash(&pace, BEGIN, 5000);
	WRITE_ONCE(wp_pace_rate, before);
	KUNIT_EXPECT_EQ(test, starts(&pace, BEGIN, 5000), 5000);
}

/* A start at @now fails at once. Returns the delay in jiffies. */
static u64 fail(struct wp_pace *pace, u64 now)
{
	wp_pace_fail(pace, now, now, false);
	return wp_pace_wait(pace, now);
}

/* Each wave of failures doubles the delay, up to two seconds. */
static void failures_double_the_delay(struct kunit *test)
{
	struct wp_pace pace = {};
	u64 now = BEGIN;
	int i;

	KUNIT_EXPECT_EQ(test, fail(&pace, ++now), msecs_to_jiffies(20));
	KUNIT_EXPECT_EQ(test, fail(&pace, ++now), msecs_to_jiffies(40));
	for (i = 0; i < 100; i++)
		fail(&pace, ++now);
	KUNIT_EXPECT_EQ(test, wp_pace_wait(&pace, now), msecs_to_jiffies(2000));
	wp_pace_up(&pace);
	KUNIT_EXPECT_EQ(test, wp_pace_wait(&pace, now), 0);
}

/* Starts that were under way when one failed are of the same wave. */
static void wave_counts_once(struct kunit *test)
{
	struct wp_pace pace = {};
	u64 now = BEGIN, began = BEGIN - 10;
	int i;

	for (i = 0; i < 100; i++)
		wp_pace_fail(&pace, now + i, began, false);
	KUNIT_EXPECT_EQ(test, pace.failures, 1);
	KUNIT_EXPECT_EQ(test, wp_pace_wait(&pace, now), msecs_to_jiffies(20));
}

/* A success ends the delay, but not that of crashes. */
static void success_ends_the_delay(struct kunit *test)
{
	u64 each = DIV_ROUND_UP(HZ, wp_pace_rate);
	struct wp_pace pace = {};

	KUNIT_EXPECT_FALSE(test, wp_pace_up(&pace));
	fail(&pace, BEGIN);
	KUNIT_EXPECT_TRUE(test, wp_pace_up(&pace));
	KUNIT_EXPECT_EQ(test, wp_pace_wait(&pace, BEGIN), 0);
	crash(&pace, BEGIN, 3 * wp_pace_rate);
	wp_pace_start(&pace, BEGIN);
	fail(&pace, BEGIN);
	wp_pace_up(&pace);
	KUNIT_EXPECT_EQ(test, wp_pace_wait(&pace, BEGIN), each);
}

/* That no thread could be made does not delay one that is there. */
static void adoption_needs_no_new_thread(struct kunit *test)
{
	struct wp_pace pace = {};

	wp_pace_fail(&pace, BEGIN, BEGIN, true);
	KUNIT_EXPECT_GT(test, wp_pace_wait(&pace, BEGIN), 0);
	KUNIT_EXPECT_EQ(test, wp_pace_wait_adopt(&pace, BEGIN), 0);
	fail(&pace, BEGIN + 1);
	KUNIT_EXPECT_GT(test, wp_pace_wait_adopt(&pace, BEGIN + 1), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(no_crash_no_limit),
	KUNIT_CASE(burst_is_free),
	KUNIT_CASE(debtor_starts_one_by_one),
	KUNIT_CASE(crashes_stay_within_the_rate),
	KUNIT_CASE(time_pays_off),
	KUNIT_CASE(long_rest_blocks_nothing),
	KUNIT_CASE(rate_of_zero_is_no_limit),
	KUNIT_CASE(failures_double_the_delay),
	KUNIT_CASE(wave_counts_once),
	KUNIT_CASE(success_ends_the_delay),
	KUNIT_CASE(adoption_needs_no_new_thread),
	{}
};

WPT_SUITE(pace);
