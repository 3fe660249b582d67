/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The registry: all pools by number and by name, for administration.
 */
#ifndef _WP_POOL_REGISTRY_H
#define _WP_POOL_REGISTRY_H

#include <linux/compiler_attributes.h>
#include <linux/stdarg.h>
#include <linux/workpool.h>

struct notifier_block;

#define WP_POOL_ADDED		1
#define WP_POOL_REMOVED		2

int wp_registry_alloc_id(struct workpool *pool);
__printf(2, 0)
int wp_registry_format_name(char name[WORKPOOL_NAME_MAX], const char *namefmt,
			    va_list args);
void wp_registry_reserve_names(const char * const *names, unsigned int nr);
int wp_registry_add(struct workpool *pool);
void wp_registry_remove(struct workpool *pool);
struct workpool *wp_registry_find(u32 id, const char *name);
struct workpool *wp_registry_next(u32 id);
int wp_registry_count(void);
void wp_registry_observe(struct notifier_block *observer);
void wp_registry_unobserve(struct notifier_block *observer);

#endif /* _WP_POOL_REGISTRY_H */
