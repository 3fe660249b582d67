/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Totals: the numbers of a multi.
 */
#ifndef _WP_MULTI_TOTALS_H
#define _WP_MULTI_TOTALS_H

struct workpool_multi;
struct workpool_stats;

int wp_totals_read(struct workpool_multi *multi, struct workpool_stats *out);

#endif /* _WP_MULTI_TOTALS_H */
