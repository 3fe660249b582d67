/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pace: how fast a pool may start threads.
 */
#ifndef _WP_CORE_PACE_H
#define _WP_CORE_PACE_H

#include <linux/types.h>

/**
 * struct wp_pace - when the next thread of a pool may start
 * @not_before: jiffies before which no thread starts
 * @debt: crashes that time has not paid off yet, in units of 1/HZ
 * @paid_at: jiffies when @debt was brought up to date
 *
 * The users' lock protects it; the caller passes the time.
 */
struct wp_pace {
	u64	not_before;
	u64	debt;
	u64	paid_at;
};

extern unsigned int wp_pace_rate;

u64 wp_pace_wait(const struct wp_pace *pace, u64 now);
void wp_pace_reset(struct wp_pace *pace);
void wp_pace_start(struct wp_pace *pace, u64 now);
void wp_pace_fail(struct wp_pace *pace, u64 now, unsigned int failures);
void wp_pace_crash(struct wp_pace *pace, u64 now);

#endif /* _WP_CORE_PACE_H */
