/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Slices: how much is done under one hold of a pool's lock.
 */
#ifndef _WP_CORE_SLICE_H
#define _WP_CORE_SLICE_H

/*
 * The most waits that are decided, workers that are retired or woken, tasks of
 * a batch that are linked, members of a group that are cancelled, or entries of
 * a list that are looked at, under one hold of a pool's lock.
 */
#define WP_SLICE	64

struct workpool;
struct wp_deferred;

void wp_slice_rest_locked(struct workpool *pool, struct wp_deferred *deferred);

#endif /* _WP_CORE_SLICE_H */
