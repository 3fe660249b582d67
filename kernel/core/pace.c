// SPDX-License-Identifier: GPL-2.0
/*
 * Pace: how fast a pool may start threads.
 *
 * Two things slow a pool down, and each has a time before which no thread
 * starts. A start that failed is tried again after a delay, which doubles with
 * each wave of failures. A start that succeeds ends it. And crashes are
 * limited, because each may be an oops, and kernel.oops_limit oopses (10000 by
 * default) end in a panic. A crash needs a worker, so the limit is one of
 * starts: each crash is a debt, which time pays off at wp_pace_rate crashes a
 * second. While the debt is below that of one second, threads start as they are
 * needed. From then on each start puts the next one off by 1/wp_pace_rate of a
 * second, rounded up to a jiffy. So a pool has at most wp_pace_rate crashes a
 * second, after a burst of as many and one for each worker that it may have. A
 * reboot does not change that.
 *
 * Time is in 64 bits: a pool may rest for longer than 32 bits of jiffies last.
 */

#include <linux/capability.h>
#include <linux/jiffies.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>

#include "compat.h"
#include "core/module.h"
#include "core/pace.h"

/*
 * Half of the first delay before a failed start is tried again, and the longest
 * one, in ms.
 */
#define RETRY_MIN	10
#define RETRY_MAX	2000

unsigned int wp_pace_rate = 100;
EXPORT_SYMBOL_IF_KUNIT(wp_pace_rate);

/* While the module loads, no capability is asked for: loading takes one. */
static int set_rate(const char *text, const struct kernel_param *param)
{
	if (wp_workqueue && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	return param_set_uint(text, param);
}

static const struct kernel_param_ops rate_ops = {
	.set = set_rate,
	.get = param_get_uint,
};

module_param_cb(crash_rate, &rate_ops, &wp_pace_rate, 0644);
MODULE_PARM_DESC(crash_rate,
		 "Crashes a second of one pool, after a burst of as many and one for each worker; 0: no limit (default 100)");

static u64 pace_left(u64 not_before, u64 now)
{
	return not_before > now ? not_before - now : 0;
}

/*
 * Returns the jiffies until a thread may be made for the pool; 0: now. Without
 * the lock the result is a hint.
 */
u64 wp_pace_wait(const struct wp_pace *pace, u64 now)
{
	/* Both pair with the writes below. */
	return pace_left(max(READ_ONCE(pace->retry), READ_ONCE(pace->crash)),
			 now);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pace_wait);

/*
 * Returns the jiffies until a thread of the cache may be adopted; 0: now. A
 * failure to make a thread does not delay an adoption.
 */
u64 wp_pace_wait_adopt(const struct wp_pace *pace, u64 now)
{
	/* Both pair with the writes below. */
	if (READ_ONCE(pace->no_thread))
		return pace_left(READ_ONCE(pace->crash), now);
	return wp_pace_wait(pace, now);
}
EXPORT_SYMBOL_IF_KUNIT(wp_pace_wait_adopt);

/*
 * A start succeeded, or the pool is opened again: earlier failures no longer
 * delay a start. Returns true when they did.
 */
bool wp_pace_up(struct wp_pace *pace)
{
	if (likely(!pace->failures))
		return false;
	pace->failures = 0;
	WRITE_ONCE(pace->retry, 0);
	WRITE_ONCE(pace->no_thread, false);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(wp_pace_up);

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
		WRITE_ONCE(pace->crash, now + DIV_ROUND_UP(HZ, rate));
}
EXPORT_SYMBOL_IF_KUNIT(wp_pace_start);

/**
 * wp_pace_fail() - a start failed
 * @pace: the pace
 * @now: jiffies
 * @began: jiffies when it began
 * @no_thread: no thread could be made for it
 *
 * A start that began before the last counted failure belongs to the same wave
 * and is not counted.
 *
 * Context: Any, with the users' lock.
 */
void wp_pace_fail(struct wp_pace *pace, u64 now, u64 began, bool no_thread)
{
	unsigned int ms;

	if (pace->failures && began <= pace->failed_at)
		return;
	pace->failures++;
	pace->failed_at = now;
	WRITE_ONCE(pace->no_thread, no_thread);
	ms = min(RETRY_MIN << min(pace->failures, 8U), RETRY_MAX);
	WRITE_ONCE(pace->retry, now + msecs_to_jiffies(ms));
}
EXPORT_SYMBOL_IF_KUNIT(wp_pace_fail);

/* A worker crashed. */
void wp_pace_crash(struct wp_pace *pace, u64 now)
{
	if (pay_off(pace, now))
		pace->debt += HZ;
}
EXPORT_SYMBOL_IF_KUNIT(wp_pace_crash);
