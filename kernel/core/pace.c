// SPDX-License-Identifier: GPL-2.0
/*
 * Pace: how fast a pool may start threads.
 *
 * Two things slow a pool down. A start that failed is tried again after a
 * delay, which doubles with each failure. And crashes are limited, because each
 * may be an oops, and kernel.oops_limit oopses (10000 by default) end in a
 * panic. A crash needs a worker, so the limit is one of starts: each crash is a
 * debt, which time pays off at wp_pace_rate crashes a second. A pool that owes
 * less than a second starts as many threads as it likes. One that owes more
 * starts wp_pace_rate a second. So a pool has at most wp_pace_rate crashes a
 * second, after a burst of as many and one for each worker that it may have.
 *
 * Time is in 64 bits: a pool may rest for longer than 32 bits of jiffies last.
 */

#include <linux/jiffies.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>

#include "compat.h"
#include "core/pace.h"

/* First and longest delay before a failed start is tried again, in ms. */
#define RETRY_MIN	10
#define RETRY_MAX	2000

unsigned int wp_pace_rate = 100;
EXPORT_SYMBOL_IF_KUNIT(wp_pace_rate);
module_param_named(crash_rate, wp_pace_rate, uint, 0644);
MODULE_PARM_DESC(crash_rate,
		 "Crashes a second of one pool, after a burst of as many; 0: no limit (default 100)");

/*
 * Jiffies until the next thread may start; 0: now. Without the lock it is a
 * hint.
 */
u64 wp_pace_wait(const struct wp_pace *pace, u64 now)
{
	/* Pairs with the writes below. */
	u64 not_before = READ_ONCE(pace->not_before);

	return not_before > now ? not_before - now : 0;
}
EXPORT_SYMBOL_IF_KUNIT(wp_pace_wait);

/* The pool is opened: what failed before does not delay its first threads. */
void wp_pace_reset(struct wp_pace *pace)
{
	WRITE_ONCE(pace->not_before, 0);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pace_reset);

/* Returns the rate. */
static unsigned int pay_off(struct wp_pace *pace, u64 now)
{
	/* An administrator may write it. */
	unsigned int rate = READ_ONCE(wp_pace_rate);
	u64 elapsed = min_t(u64, now - pace->paid_at, U32_MAX);

	pace->debt -= rate ? min(pace->debt, elapsed * rate) : pace->debt;
	pace->paid_at = now;
	return rate;
}

/* A thread starts. */
void wp_pace_start(struct wp_pace *pace, u64 now)
{
	unsigned int rate = pay_off(pace, now);

	if (pace->debt && pace->debt >= (u64)rate * HZ)
		WRITE_ONCE(pace->not_before, now + DIV_ROUND_UP(HZ, rate));
}
EXPORT_SYMBOL_IF_KUNIT(wp_pace_start);

/* A start failed, the last of @failures without a success between them. */
void wp_pace_fail(struct wp_pace *pace, u64 now, unsigned int failures)
{
	unsigned int ms = min(RETRY_MIN << min(failures, 8U), RETRY_MAX);

	WRITE_ONCE(pace->not_before,
		   max(pace->not_before, now + msecs_to_jiffies(ms)));
}
EXPORT_SYMBOL_IF_KUNIT(wp_pace_fail);

/* A worker crashed. */
void wp_pace_crash(struct wp_pace *pace, u64 now)
{
	if (pay_off(pace, now))
		pace->debt += HZ;
}
EXPORT_SYMBOL_IF_KUNIT(wp_pace_crash);
