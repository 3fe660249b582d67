/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pace: how fast a pool may start threads.
 */
#ifndef _WP_CORE_PACE_H
#define _WP_CORE_PACE_H

#include <linux/types.h>

/**
 * struct wp_pace - when the next thread of a pool may start
 * @retry: jiffies before which none starts, because a start failed
 * @failed_at: jiffies when the last one failed that was counted
 * @failures: counted failures since a start succeeded
 * @no_thread: what failed last was making a thread
 * @crash: jiffies before which none starts, because of crashes
 * @debt: crashes that time has not paid off yet, in units of 1/HZ
 * @paid_at: jiffies when @debt was brought up to date
 *
 * The users' lock protects it; the caller passes the time.
 */
struct wp_pace {
	u64		retry;
	u64		failed_at;
	unsigned int	failures;
	bool		no_thread;
	u64		crash;
	u64		debt;
	u64		paid_at;
};

extern unsigned int wp_pace_rate;

u64 wp_pace_wait(const struct wp_pace *pace, u64 now);
u64 wp_pace_wait_adopt(const struct wp_pace *pace, u64 now);
void wp_pace_start(struct wp_pace *pace, u64 now);
bool wp_pace_up(struct wp_pace *pace);
void wp_pace_fail(struct wp_pace *pace, u64 now, u64 began, bool no_thread);
void wp_pace_crash(struct wp_pace *pace, u64 now);

#endif /* _WP_CORE_PACE_H */
