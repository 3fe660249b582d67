/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Leases: embedded tasks that a worker took out of the queue all at once.
 */
#ifndef _WP_CORE_LEASE_H
#define _WP_CORE_LEASE_H

#include <linux/atomic.h>
#include <linux/workpool.h>

/* The most tasks of a lease, with the first, which begins at once. */
#define WP_LEASE_MAX		16

/* The two numbers in wp_lease.word: */
#define WP_LEASE_BEGUN(word)	((word) & 0xff)
#define WP_LEASE_NR(word)	((word) >> 8)
#define WP_LEASE_WORD(begun, nr)	((begun) | (nr) << 8)

/**
 * struct wp_lease_entry - a task of a lease
 * @task: it, which may be gone once it has begun
 * @fn: its function
 */
struct wp_lease_entry {
	struct workpool_task	*task;
	workpool_task_fn_t	fn;
};

/**
 * struct wp_lease - what a worker executes without the pool's lock
 *
 * The worker begins one task after the other and so raises the first number in
 * @word. A thread that holds the pool's lock takes back what has not begun: it
 * makes both numbers equal. The cmpxchg() of one of them wins.
 */
struct wp_lease {
	/** @word: K: how many have begun, and how many there are */
	atomic_t		word;
	/** @quota: L: the most tasks of the next one */
	unsigned int		quota;
	/** @entries: O: written by the worker */
	struct wp_lease_entry	entries[WP_LEASE_MAX];
};

static inline void wp_lease_init(struct wp_lease *lease)
{
	atomic_set(&lease->word, 0);
	lease->quota = 1;
}

/* Did the worker take a lease that is not over yet? Others may take it back. */
static inline bool wp_lease_is_open(const struct wp_lease *lease)
{
	return atomic_read(&lease->word);
}

/*
 * The worker begins the next task. Returns NULL when none is left, or they were
 * taken back.
 */
static inline struct wp_lease_entry *wp_lease_next(struct wp_lease *lease)
{
	int word = atomic_read(&lease->word);

	do {
		if (WP_LEASE_BEGUN(word) == WP_LEASE_NR(word))
			return NULL;
	} while (!atomic_try_cmpxchg(&lease->word, &word, word + 1));
	return &lease->entries[WP_LEASE_BEGUN(word)];
}

/* No more tasks begin. Returns the word as it was. */
static inline int wp_lease_freeze(struct wp_lease *lease)
{
	int word = atomic_read(&lease->word), begun;

	do {
		begun = WP_LEASE_BEGUN(word);
	} while (!atomic_try_cmpxchg(&lease->word, &word,
				     WP_LEASE_WORD(begun, begun)));
	return word;
}

/*
 * The task that began last, or NULL: it was the first, or there is no lease. To
 * be called by the worker.
 */
static inline const struct wp_lease_entry *
wp_lease_current(const struct wp_lease *lease)
{
	int begun = WP_LEASE_BEGUN(atomic_read(&lease->word));

	return begun > 1 ? &lease->entries[begun - 1] : NULL;
}

#endif /* _WP_CORE_LEASE_H */
