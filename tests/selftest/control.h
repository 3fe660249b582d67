/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What wp_selftest lends to other modules.
 */
#ifndef _WP_SELFTEST_CONTROL_H
#define _WP_SELFTEST_CONTROL_H

struct workpool;

struct workpool *st_control_pool(const char *name);

#endif /* _WP_SELFTEST_CONTROL_H */
