// SPDX-License-Identifier: GPL-2.0
/*
 * The expiry stack: parked workers, the most recently used on top.
 *
 * A list that is stamped on push is sorted by age without any work, so the
 * stale ones are a run at its bottom: cutting off k of them touches these k and
 * the one above. There is no clock, no lock and no thread in here; the caller
 * passes the time and holds the lock of the owner of the stack.
 */

#include <linux/jiffies.h>

#include "compat.h"
#include "core/stack.h"

/* A worker may stay for longer than 32 bits of jiffies last. */
static_assert(sizeof_field(struct wp_parked, stamp) == sizeof(u64));

void wp_stack_init(struct wp_stack *stack)
{
	INIT_LIST_HEAD(&stack->list);
	stack->nr = 0;
}
EXPORT_SYMBOL_IF_KUNIT(wp_stack_init);

struct wp_parked *wp_stack_oldest(struct wp_stack *stack)
{
	if (list_empty(&stack->list))
		return NULL;
	return list_last_entry(&stack->list, struct wp_parked, node);
}
EXPORT_SYMBOL_IF_KUNIT(wp_stack_oldest);

static void stack_cut_one(struct wp_stack *stack, struct wp_parked *parked,
			  struct list_head *cut)
{
	list_move_tail(&parked->node, cut);
	wp_stack_add_nr(stack, -1);
}

/* Move up to @max of the oldest to the tail of @cut. Returns how many. */
int wp_stack_cut_oldest(struct wp_stack *stack, int max, struct list_head *cut)
{
	int nr;

	for (nr = 0; nr < max && stack->nr; nr++)
		stack_cut_one(stack, wp_stack_oldest(stack), cut);
	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(wp_stack_cut_oldest);

/*
 * Move those stamped at @limit or before, the oldest first and @max at most, to
 * the tail of @cut. Returns how many. The boundary is inclusive.
 */
int wp_stack_cut_stale(struct wp_stack *stack, u64 limit, int max,
		       struct list_head *cut)
{
	struct wp_parked *oldest;
	int nr;

	for (nr = 0; nr < max; nr++) {
		oldest = wp_stack_oldest(stack);
		if (!oldest || time_after64(oldest->stamp, limit))
			break;
		stack_cut_one(stack, oldest, cut);
	}
	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(wp_stack_cut_stale);
