/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Groups: how one is cancelled for a thread that waits for it then.
 */
#ifndef _WP_TASK_GROUP_H
#define _WP_TASK_GROUP_H

#include <linux/types.h>

struct workpool_group;

bool wp_group_take_result(struct workpool_group *group, int *result);
void wp_group_cancel(struct workpool_group *group, bool keep);

#endif /* _WP_TASK_GROUP_H */
