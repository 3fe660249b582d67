/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attributes: what the owner of a pool may ask for.
 */
#ifndef _WP_POOL_ATTRS_H
#define _WP_POOL_ATTRS_H

struct cpumask;
struct workpool;
struct workpool_attrs;

#define WP_DEFAULT_EXPIRY_MS	1000

const char *wp_attrs_find_bad(const struct workpool_attrs *attrs);
int wp_attrs_check(const char *name, const struct workpool_attrs *attrs);
void wp_attrs_cpus(const struct workpool_attrs *attrs, struct cpumask *cpus);
int wp_attrs_copy(struct workpool *pool, const struct workpool_attrs *attrs);

#endif /* _WP_POOL_ATTRS_H */
