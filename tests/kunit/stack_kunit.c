// SPDX-License-Identifier: GPL-2.0
/*
 * The expiry stack: order, and the boundary of what is stale.
 */

#include "core/stack.h"
#include "helpers.h"

#define MAX_AGES	6

/**
 * struct cut - a stack and what a cut has to take
 * @desc: name of the case
 * @now: the time
 * @nr: how many are on the stack
 * @ages: how long ago each was pushed, the oldest first
 * @max: argument of the cut
 * @cut: how many it has to take
 */
struct cut {
	const char	*desc;
	u64		now;
	int		nr;
	u64		ages[MAX_AGES];
	int		max;
	int		cut;
};

#define EXPIRY	100
#define NOW	100000

static const struct cut cuts[] = {
	{ "empty", NOW, 0, { }, INT_MAX, 0 },
	{ "one, fresh", NOW, 1, { 99 }, INT_MAX, 0 },
	{ "one, at the boundary", NOW, 1, { 100 }, INT_MAX, 1 },
	{ "one, stale", NOW, 1, { 101 }, INT_MAX, 1 },
	{ "two, none", NOW, 2, { 99, 0 }, INT_MAX, 0 },
	{ "two, the older", NOW, 2, { 100, 99 }, INT_MAX, 1 },
	{ "two, all", NOW, 2, { 200, 100 }, INT_MAX, 2 },
	{ "odd, none", NOW, 5, { 99, 98, 50, 2, 1 }, INT_MAX, 0 },
	{ "odd, the middle", NOW, 5, { 300, 200, 100, 99, 1 }, INT_MAX, 3 },
	{ "odd, all", NOW, 5, { 500, 400, 300, 200, 100 }, INT_MAX, 5 },
	{ "even, the lower half", NOW, 4, { 102, 101, 99, 98 }, INT_MAX, 2 },
	{ "even, all but one", NOW, 4, { 400, 300, 200, 99 }, INT_MAX, 3 },
	{ "even, all", NOW, 6, { 600, 500, 400, 300, 200, 100 }, INT_MAX, 6 },
	{ "duplicates at the boundary", NOW, 5, { 100, 100, 100, 99, 99 }, INT_MAX, 3 },
	{ "duplicates, all fresh", NOW, 4, { 99, 99, 99, 99 }, INT_MAX, 0 },
	{ "duplicates, all stale", NOW, 4, { 100, 100, 100, 100 }, INT_MAX, 4 },
	{ "not more than asked for", NOW, 4, { 400, 300, 200, 100 }, 2, 2 },
	{ "none asked for", NOW, 4, { 400, 300, 200, 100 }, 0, 0 },
	{ "fewer asked for than none", NOW, 2, { 400, 300 }, -1, 0 },
	{ "the time is zero", 0, 3, { 200, 100, 99 }, INT_MAX, 2 },
	{ "wrap between push and now", 50, 4, { 200, 150, 100, 10 }, INT_MAX, 3 },
	{ "wrap between now and expiry", EXPIRY - 1, 2, { 100, 99 }, INT_MAX, 1 },
	{ "sign changes", S64_MAX + 50ULL, 3, { 101, 100, 99 }, INT_MAX, 2 },
	{ "sign of 32 bits changes", S32_MAX + 50ULL, 3, { 101, 100, 99 }, INT_MAX, 2 },
	{ "older than 31 bits", NOW, 3, { 3ULL << 30, 101, 99 }, INT_MAX, 2 },
	{ "older than 32 bits", NOW, 3, { (1ULL << 32) + 5, 101, 99 }, INT_MAX, 2 },
};

WPT_PARAM(cut);

struct stack_of {
	struct wp_stack		stack;
	struct wp_parked	parked[MAX_AGES];
};

static void push_all(struct stack_of *s, const struct cut *cut)
{
	int i;

	wp_stack_init(&s->stack);
	for (i = 0; i < cut->nr; i++)
		wp_stack_push(&s->stack, &s->parked[i], cut->now - cut->ages[i]);
}

/* A cut takes the stale workers and no others, the oldest first. */
static void cut_takes_the_stale(struct kunit *test)
{
	const struct cut *cut = test->param_value;
	struct wp_parked *parked;
	struct stack_of s = { };
	LIST_HEAD(out);
	int i = 0, nr;

	push_all(&s, cut);
	nr = wp_stack_cut_stale(&s.stack, cut->now - EXPIRY, cut->max, &out);
	KUNIT_EXPECT_EQ(test, nr, cut->cut);
	KUNIT_EXPECT_EQ(test, s.stack.nr, cut->nr - cut->cut);
	list_for_each_entry(parked, &out, node)
		KUNIT_EXPECT_PTR_EQ(test, parked, &s.parked[i++]);
	KUNIT_EXPECT_EQ(test, i, cut->cut);
	for (i = cut->nr - 1; i >= cut->cut; i--)
		KUNIT_EXPECT_PTR_EQ(test, wp_stack_pop(&s.stack), &s.parked[i]);
	KUNIT_EXPECT_NULL(test, wp_stack_pop(&s.stack));
}

static const struct cut five = { "five", NOW, 5, { 5, 4, 3, 2, 1 } };

/* The last one in is the first one out. */
static void pop_takes_the_newest(struct kunit *test)
{
	struct stack_of s = { };
	int i;

	push_all(&s, &five);
	for (i = 4; i >= 0; i--) {
		KUNIT_EXPECT_EQ(test, s.stack.nr, i + 1);
		KUNIT_EXPECT_PTR_EQ(test, wp_stack_oldest(&s.stack), &s.parked[0]);
		KUNIT_EXPECT_PTR_EQ(test, wp_stack_pop(&s.stack), &s.parked[i]);
		KUNIT_EXPECT_TRUE(test, list_empty(&s.parked[i].node));
	}
	KUNIT_EXPECT_EQ(test, s.stack.nr, 0);
	KUNIT_EXPECT_NULL(test, wp_stack_oldest(&s.stack));
}

/* Where a long has 32 bits, only this notices a stamp that has as many. */
static_assert(sizeof_field(struct wp_parked, stamp) == sizeof(u64));

/* A push stamps with the time that the caller passes. */
static void push_stamps(struct kunit *test)
{
	struct wp_parked parked;
	struct wp_stack stack;

	wp_stack_init(&stack);
	wp_stack_push(&stack, &parked, 12345);
	KUNIT_EXPECT_EQ(test, parked.stamp, 12345ULL);
}

/* Any worker can be removed. The others stay in order. */
static void remove_keeps_the_others(struct kunit *test)
{
	struct stack_of s = { };

	push_all(&s, &five);
	wp_stack_remove(&s.stack, &s.parked[2]);
	wp_stack_remove(&s.stack, &s.parked[0]);
	wp_stack_remove(&s.stack, &s.parked[4]);
	KUNIT_EXPECT_EQ(test, s.stack.nr, 2);
	KUNIT_EXPECT_PTR_EQ(test, wp_stack_oldest(&s.stack), &s.parked[1]);
	KUNIT_EXPECT_PTR_EQ(test, wp_stack_pop(&s.stack), &s.parked[3]);
	KUNIT_EXPECT_PTR_EQ(test, wp_stack_pop(&s.stack), &s.parked[1]);
}

/* A cut by number takes the oldest, in order, and not more than there are. */
static void cut_oldest_counts(struct kunit *test)
{
	struct stack_of s = { };
	LIST_HEAD(out);

	push_all(&s, &five);
	KUNIT_EXPECT_EQ(test, wp_stack_cut_oldest(&s.stack, 0, &out), 0);
	KUNIT_EXPECT_EQ(test, wp_stack_cut_oldest(&s.stack, -3, &out), 0);
	KUNIT_EXPECT_EQ(test, wp_stack_cut_oldest(&s.stack, 2, &out), 2);
	KUNIT_EXPECT_PTR_EQ(test, out.next, &s.parked[0].node);
	KUNIT_EXPECT_PTR_EQ(test, out.prev, &s.parked[1].node);
	KUNIT_EXPECT_EQ(test, wp_stack_cut_oldest(&s.stack, INT_MAX, &out), 3);
	KUNIT_EXPECT_PTR_EQ(test, out.prev, &s.parked[4].node);
	KUNIT_EXPECT_EQ(test, wp_stack_cut_oldest(&s.stack, 1, &out), 0);
	KUNIT_EXPECT_EQ(test, s.stack.nr, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(cut_takes_the_stale, cut_gen_params),
	KUNIT_CASE(pop_takes_the_newest),
	KUNIT_CASE(push_stamps),
	KUNIT_CASE(remove_keeps_the_others),
	KUNIT_CASE(cut_oldest_counts),
	{}
};

WPT_SUITE(stack);
