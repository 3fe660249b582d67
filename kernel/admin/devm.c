// SPDX-License-Identifier: GPL-2.0
/*
 * Pools that go with a device.
 */

#include <linux/device.h>
#include <linux/module.h>
#include <linux/workpool.h>

#include "core/pool.h"
#include "pool/registry.h"

static void destroy_pool(void *pool)
{
	workpool_destroy(pool);
	/*
	 * This may be the last use of this module only if the module of the
	 * pool went before the device. Then free_module() still waits for a
	 * grace period before it frees what is left to run here.
	 */
	module_put(THIS_MODULE);
}

/**
 * __devm_workpool_create() - see devm_workpool_create()
 * @dev: the device
 * @owner: the module whose pool it is
 * @attrs: how it is to be
 * @namefmt: printf format of its name
 *
 * Context: Process context. May sleep.
 * Return: see workpool_create().
 */
struct workpool *__devm_workpool_create(struct device *dev,
					struct module *owner,
					const struct workpool_attrs *attrs,
					const char *namefmt, ...)
{
	char name[WORKPOOL_NAME_MAX];
	struct workpool *pool;
	unsigned long flags;
	va_list args;
	int err;

	va_start(args, namefmt);
	err = wp_registry_format_name(name, namefmt, args);
	va_end(args);
	if (err)
		return ERR_PTR(err);
	pool = __workpool_create(owner, attrs, "%s", name);
	if (IS_ERR(pool))
		return pool;
	/*
	 * The device may outlive the module whose pool it is, and that module's
	 * use of this one. Pairs with the read in destroy_pools().
	 */
	raw_spin_lock_irqsave(&pool->lock, flags);
	WRITE_ONCE(pool->of_device, true);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	__module_get(THIS_MODULE);
	err = devm_add_action_or_reset(dev, destroy_pool, pool);
	return err ? ERR_PTR(err) : pool;
}
EXPORT_SYMBOL_GPL(__devm_workpool_create);
