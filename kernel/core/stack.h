/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The expiry stack: its structure, and what each task needs of it. The rest is
 * in stack.c.
 */
#ifndef _WP_CORE_STACK_H
#define _WP_CORE_STACK_H

#include <linux/list.h>
#include <linux/types.h>

/**
 * struct wp_stack - idle workers, the most recently used on top
 * @list: from the top, newest, to the bottom, oldest
 * @nr: how many
 *
 * The users' lock protects it; the caller passes the time.
 */
struct wp_stack {
	struct list_head	list;
	int			nr;
};

/**
 * struct wp_parked - what is on a wp_stack
 * @node: in wp_stack.list
 * @stamp: jiffies when it was pushed, in 64 bits: a worker that the purge must
 *	keep may lie at the bottom for longer than 32 bits can tell
 */
struct wp_parked {
	struct list_head	node;
	u64			stamp;
};

void wp_stack_init(struct wp_stack *stack);
struct wp_parked *wp_stack_oldest(struct wp_stack *stack);
int wp_stack_cut_oldest(struct wp_stack *stack, int max, struct list_head *cut);
int wp_stack_cut_stale(struct wp_stack *stack, u64 limit, int max,
		       struct list_head *cut);

/* The lockless readers are in core/cache.c, pool/stats.c and multi/. */
static inline void wp_stack_add_nr(struct wp_stack *stack, int nr)
{
	WRITE_ONCE(stack->nr, stack->nr + nr);
}

static inline void wp_stack_push(struct wp_stack *stack,
				 struct wp_parked *parked, u64 now)
{
	parked->stamp = now;
	list_add(&parked->node, &stack->list);
	wp_stack_add_nr(stack, 1);
}

static inline void wp_stack_remove(struct wp_stack *stack,
				   struct wp_parked *parked)
{
	list_del_init(&parked->node);
	wp_stack_add_nr(stack, -1);
}

/* The newest, or NULL. */
static inline struct wp_parked *wp_stack_pop(struct wp_stack *stack)
{
	struct wp_parked *top;

	top = list_first_entry_or_null(&stack->list, struct wp_parked, node);
	if (top)
		wp_stack_remove(stack, top);
	return top;
}

#endif /* _WP_CORE_STACK_H */
