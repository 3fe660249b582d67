/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Drop: queued work that will not run.
 */
#ifndef _WP_WORKER_DROP_H
#define _WP_WORKER_DROP_H

/*
 * A released pool drops its work after so many waves of failed starts in a row,
 * and after twice as many while other starts still take their time.
 */
#define WP_DROP_ATTEMPTS	4

struct workpool;
struct workpool_node;
struct wp_deferred;

void *wp_drop_node_locked(struct workpool *pool, struct workpool_node *node,
			  struct wp_deferred *deferred);
void wp_drop_if_hopeless(struct workpool *pool);

#endif /* _WP_WORKER_DROP_H */
