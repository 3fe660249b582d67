// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that lives until its test has been cleaned up. What jobs and threads
 * use must not be on the stack of the test, which a failed ASSERT leaves.
 */
#include <linux/export.h>
#include <linux/slab.h>

#include "test.h"

struct st_memory {
	struct list_head node;
	u64 data[];
};

/**
 * st_alloc() - zeroed memory
 * @t: the test it belongs to
 * @size: bytes
 *
 * Return: the memory; without any the test ends here.
 */
void *st_alloc(struct st_test *t, size_t size)
{
	struct st_memory *block = kzalloc(sizeof(*block) + size, GFP_KERNEL);

	ASSERT(t, block);
	spin_lock_irq(&t->lock);
	list_add_tail(&block->node, &t->memory);
	spin_unlock_irq(&t->lock);
	return block->data;
}
EXPORT_SYMBOL_GPL(st_alloc);

void st_memory_free(struct st_test *t)
{
	struct st_memory *block, *next;

	list_for_each_entry_safe(block, next, &t->memory, node)
		kfree(block);
}
