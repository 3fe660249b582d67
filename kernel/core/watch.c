// SPDX-License-Identifier: GPL-2.0
/*
 * Watches: an unload learns whether text of its module begins to run, or ends.
 *
 * An unload looks into one pool after the other, and into a large one in
 * slices. A task may begin behind the place where it looks, or end before it
 * comes to it. So while a module is unloaded, each begin and each end of its
 * text is noted, and work with such text is refused: a task that queues itself
 * again and again would never end. At other times that costs nops.
 */

#include <linux/atomic.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rculist.h>

#include "compat.h"
#include "core/watch.h"

/* Whether there is a watch at all. */
DEFINE_STATIC_KEY_FALSE(wp_watch_key);

static LIST_HEAD(watches);

/* How many watches have begun, and how many of them have ended. */
static atomic_t count = ATOMIC_INIT(0);

/* Protects watches against other writers. */
static DEFINE_MUTEX(watches_lock);

/*
 * From here on each begin and end of text of @mod is noted in @watch. May
 * sleep. Some architectures do not tell the other CPUs that a nop has become a
 * jump: after the grace period each of them executes it.
 */
void wp_watch_begin(struct wp_watch *watch, struct module *mod)
{
	watch->mod = mod;
	watch->noted = NULL;
	/* Pairs with the barriers in wp_watch_count(). */
	atomic_inc_return(&count);
	mutex_lock(&watches_lock);
	list_add_rcu(&watch->node, &watches);
	mutex_unlock(&watches_lock);
	static_branch_inc(&wp_watch_key);
	synchronize_rcu();
}
EXPORT_SYMBOL_IF_KUNIT(wp_watch_begin);

/*
 * Returns the function that was noted last, or NULL: nothing was since the last
 * call. A full barrier: what is noted under a lock that the caller takes later
 * is there the next time.
 */
void *wp_watch_take(struct wp_watch *watch)
{
	return xchg(&watch->noted, NULL);
}
EXPORT_SYMBOL_IF_KUNIT(wp_watch_take);

/* @watch is not touched any more. May sleep. */
void wp_watch_end(struct wp_watch *watch)
{
	/* Pairs with the barriers in wp_watch_count(). */
	atomic_inc_return(&count);
	static_branch_dec(&wp_watch_key);
	mutex_lock(&watches_lock);
	list_del_rcu(&watch->node);
	mutex_unlock(&watches_lock);
	synchronize_rcu();
}
EXPORT_SYMBOL_IF_KUNIT(wp_watch_end);

/*
 * A number that changes when an unload begins and when it ends. A thread that
 * found no watch after it had the number, and is refused later, finds the watch
 * then, or another number.
 */
int wp_watch_count(void)
{
	int nr;

	/* Pairs with the order in wp_watch_end(). */
	smp_rmb();
	nr = atomic_read(&count);
	/* Pairs with the order in wp_watch_begin(). */
	smp_rmb();
	return nr;
}

/* Is @fn in a module that is being unloaded? */
bool wp_watch_covers_slow(void *fn)
{
	struct wp_watch *watch;
	bool covers = false;

	WP_STATIC_STUB_LOCKED(wp_watch_covers_slow, fn);
	rcu_read_lock();
	list_for_each_entry_rcu(watch, &watches, node)
		covers |= within_module((unsigned long)fn, watch->mod);
	rcu_read_unlock();
	return covers;
}
EXPORT_SYMBOL_IF_KUNIT(wp_watch_covers_slow);

/* Tell each watch of the module that @fn is in. */
void wp_watch_note_slow_locked(struct workpool *pool, void *fn)
{
	struct wp_watch *watch;

	lockdep_assert_held(&pool->lock);
	rcu_read_lock();
	list_for_each_entry_rcu(watch, &watches, node)
		if (within_module((unsigned long)fn, watch->mod))
			/* Pairs with the xchg() in wp_watch_take(). */
			WRITE_ONCE(watch->noted, fn);
	rcu_read_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(wp_watch_note_slow_locked);
