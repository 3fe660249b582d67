/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Creation and end of pools.
 */
#ifndef _WP_POOL_POOL_H
#define _WP_POOL_POOL_H

#include <linux/types.h>

struct kref;
struct module;
struct workpool;
struct workpool_attrs;
struct workpool_multi;

/**
 * struct wp_pool_part - what makes a pool a part of a multi
 * @multi: the multi
 * @ref: its reference count
 * @index: which part
 * @own_cpus: the owner named the CPUs of the multi
 * @on_park: see &struct workpool
 * @on_free: see &struct workpool
 */
struct wp_pool_part {
	struct workpool_multi	*multi;
	struct kref		*ref;
	unsigned int		index;
	bool			own_cpus;
	void			(*on_park)(struct workpool *pool);
	void			(*on_free)(struct workpool *pool);
};

struct workpool *wp_pool_alloc(void);
struct workpool *wp_pool_create(struct module *owner, const char *name,
				const struct workpool_attrs *attrs,
				const struct wp_pool_part *part);

#endif /* _WP_POOL_POOL_H */
