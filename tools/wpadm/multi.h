/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Multis: several pools with a common interface.
 */
#ifndef WPADM_MULTI_H
#define WPADM_MULTI_H

#include <stdbool.h>

#include "device.h"

bool multi_same(const struct workpool_ioc_stat *one,
		const struct workpool_ioc_stat *other);
bool multi_seen(const struct pool_list *list, size_t index);
int multi_stat_all(const struct device *dev, const struct pool_list *list,
		   struct pool_list *multis);
int multi_find(const struct device *dev, const struct pool_ref *ref,
	       struct pool_list *list);

#endif /* WPADM_MULTI_H */
