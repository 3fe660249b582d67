/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stealing: queued embedded tasks that move between the pools of a multi.
 */
#ifndef _WP_MULTI_STEAL_H
#define _WP_MULTI_STEAL_H

struct workpool;

void wp_steal_for(struct workpool *pool);
void wp_steal_relieve(struct workpool *pool);

#endif /* _WP_MULTI_STEAL_H */
