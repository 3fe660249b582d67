/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cancel and flush: embedded tasks that are removed or waited for.
 */
#ifndef _WP_TASK_CANCEL_H
#define _WP_TASK_CANCEL_H

#include <linux/types.h>

struct workpool_task;

#ifdef CONFIG_DEBUG_OBJECTS
void wp_cancel_init(void);
#else
static inline void wp_cancel_init(void) { }
#endif

bool wp_cancel_flush(struct workpool_task *task, const char *caller);
int wp_cancel_must_wait(struct workpool_task *task);

#endif /* _WP_TASK_CANCEL_H */
