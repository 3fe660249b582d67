/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Watches: an unload learns whether text of its module begins to run, or ends.
 */
#ifndef _WP_CORE_WATCH_H
#define _WP_CORE_WATCH_H

#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/lockdep.h>

#include "core/pool.h"

struct module;

/**
 * struct wp_watch - an unload that watches the text of its module
 */
struct wp_watch {
	/** @node: in the list of all watches, which is read under RCU */
	struct list_head	node;
	/** @mod: the module */
	struct module		*mod;
	/**
	 * @noted: a function of it that began, ended, or left for another pool
	 * or time, since wp_watch_take() was called last; or NULL
	 */
	void			*noted;
};

DECLARE_STATIC_KEY_FALSE(wp_watch_key);

void wp_watch_begin(struct wp_watch *watch, struct module *mod);
void *wp_watch_take(struct wp_watch *watch);
void wp_watch_end(struct wp_watch *watch);
int wp_watch_count(void);
bool wp_watch_covers_slow(void *fn);
void wp_watch_note_slow_locked(struct workpool *pool, void *fn);

/* Is a module being unloaded? */
static __always_inline bool wp_watch_is_on(void)
{
	return static_branch_unlikely(&wp_watch_key);
}

/*
 * Is @fn in a module that is being unloaded, so that nobody may queue it? Asked
 * before the pool's lock is taken, where it costs least. What a thread queues
 * that asked before the unload began is looked for as all else is. A thread that
 * asked then and gets the lock after the unload has ended is not found, as one
 * is not that calls after it.
 */
static __always_inline bool wp_watch_covers(void *fn)
{
	return wp_watch_is_on() && wp_watch_covers_slow(fn);
}

/*
 * A worker of @pool begins @fn, or has ended it, or a task with this function
 * leaves for another pool, or for another place in the same one. A thread that
 * takes the lock next, and does not find @fn in the pool, finds the note.
 */
static __always_inline void wp_watch_note_locked(struct workpool *pool,
						 void *fn)
{
	lockdep_assert_held(&pool->lock);
	if (wp_watch_is_on())
		wp_watch_note_slow_locked(pool, fn);
}

#endif /* _WP_CORE_WATCH_H */
