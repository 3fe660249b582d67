/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Boot and reboot: from closed and empty to open.
 */
#ifndef _WP_POOL_REBOOT_H
#define _WP_POOL_REBOOT_H

#include <linux/types.h>

#include "core/notice.h"

struct workpool;

int wp_reboot_begin(struct workpool *pool, unsigned int state, u64 *boot);
int wp_reboot_end(struct workpool *pool, u64 boot, enum wp_by by, bool killed);
int wp_reboot_open(struct workpool *pool, enum wp_by by, unsigned int state);
int wp_reboot_join(struct workpool *pool, unsigned int state);
int wp_reboot_wait(struct workpool *pool, enum wp_by by, unsigned int state);

#endif /* _WP_POOL_REBOOT_H */
