/* SPDX-License-Identifier: GPL-2.0 */
/*
 * debugfs: /sys/kernel/debug/workpool, for people.
 */
#ifndef _WP_ADMIN_DEBUGFS_H
#define _WP_ADMIN_DEBUGFS_H

void wp_debugfs_init(void);
void wp_debugfs_exit(void);

#endif /* _WP_ADMIN_DEBUGFS_H */
