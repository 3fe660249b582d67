/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tune: change a pool while it works.
 */
#ifndef _WP_POOL_TUNE_H
#define _WP_POOL_TUNE_H

struct workpool;

enum wp_tune_mask {
	WP_TUNE_CAPACITY	= 1 << 0,
	WP_TUNE_EXPIRY		= 1 << 1,
	WP_TUNE_MAX_BLOCKING	= 1 << 2,
	WP_TUNE_MIN_WORKERS	= 1 << 3,
};

/**
 * struct wp_tuning - what wp_tune_apply() is to change
 * @mask: WP_TUNE_*
 * @capacity: most workers, > 0
 * @expiry_ms: ms, 0: the default
 * @max_blocking: most waiters, 0: no limit
 * @min_workers: workers that stay
 */
struct wp_tuning {
	unsigned int		mask;
	int			capacity;
	int			expiry_ms;
	unsigned int		max_blocking;
	unsigned int		min_workers;
};

int wp_tune_apply(struct workpool *pool, const struct wp_tuning *new,
		  struct wp_tuning *old);

#endif /* _WP_POOL_TUNE_H */
