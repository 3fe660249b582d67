/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Members of groups: how they count.
 */
#ifndef _WP_QUEUE_MEMBER_H
#define _WP_QUEUE_MEMBER_H

struct workpool;
struct workpool_group;
struct wp_deferred;
struct wp_job;

int wp_member_take_error_locked(struct workpool *pool,
				struct workpool_group *group);
void wp_member_queued_locked(struct workpool *pool, struct wp_job *job,
			     struct wp_deferred *deferred);
void wp_member_end_locked(struct workpool *pool, struct workpool_group *group,
			  int err, struct wp_deferred *deferred);

#endif /* _WP_QUEUE_MEMBER_H */
