/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/workpool: the ioctls and the events of uapi/linux/workpool.h.
 */
#ifndef _WP_ADMIN_CHARDEV_H
#define _WP_ADMIN_CHARDEV_H

int wp_chardev_init(void);
void wp_chardev_exit(void);

#endif /* _WP_ADMIN_CHARDEV_H */
