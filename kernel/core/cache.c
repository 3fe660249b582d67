// SPDX-License-Identifier: GPL-2.0
/*
 * The worker cache: threads that left a pool, kept warm for the next one.
 *
 * Making a kernel thread costs a round trip through kthreadd and a new stack;
 * adopting a parked one costs a wake-up. The cache is bounded, its workers
 * expire, and memory pressure shrinks it. A thread is made like a new one
 * before it parks here, or it ends, see wp_identity_reset(). So no pool meets
 * anything of the last one, not even its CPUs.
 */

#include <linux/capability.h>
#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>

#include "compat.h"
#include "core/cache.h"
#include "core/identity.h"
#include "core/module.h"
#include "core/slice.h"
#include "core/stack.h"
#include "core/worker.h"

/* How long a cached thread waits for a pool. */
#define CACHE_EXPIRY	(10 * HZ)

int wp_cache_limit = -1;
EXPORT_SYMBOL_IF_KUNIT(wp_cache_limit);
static DEFINE_RAW_SPINLOCK(cache_lock);
static struct wp_stack cache;	/* cached workers, under cache_lock */
static bool stopping = true;	/* no worker may park, under cache_lock */

static void expire_work(struct work_struct *work);
struct delayed_work wp_cache_expire_work =
	__DELAYED_WORK_INITIALIZER(wp_cache_expire_work, expire_work, 0);
EXPORT_SYMBOL_IF_KUNIT(wp_cache_expire_work);
struct shrinker *wp_cache_shrinker;
EXPORT_SYMBOL_IF_KUNIT(wp_cache_shrinker);

int wp_cache_nr(void)
{
	return READ_ONCE(cache.nr);	/* pairs with wp_stack_add_nr() */
}
EXPORT_SYMBOL_IF_KUNIT(wp_cache_nr);

/* Returns false when the cache is full, or the module stops. */
static bool cache_add(struct wp_worker *worker)
{
	unsigned long flags;
	bool added;

	raw_spin_lock_irqsave(&cache_lock, flags);
	added = !stopping && cache.nr < READ_ONCE(wp_cache_limit);
	if (added)
		wp_stack_push(&cache, &worker->parked, get_jiffies_64());
	raw_spin_unlock_irqrestore(&cache_lock, flags);
	if (added)
		queue_delayed_work(wp_workqueue, &wp_cache_expire_work, CACHE_EXPIRY);
	return added;
}

/**
 * wp_cache_park() - wait in the cache for the next pool
 * @worker: the current thread's, which left its pool
 *
 * Context: The worker's thread. May sleep.
 * Return: %WP_ORDER_ADOPT, or %WP_ORDER_DIE: the thread is to end.
 */
enum wp_order wp_cache_park(struct wp_worker *worker)
{
	WRITE_ONCE(worker->order, WP_ORDER_NONE);
	if (!wp_identity_reset(worker) || !cache_add(worker))
		return WP_ORDER_DIE;
	return wp_mailbox_wait(worker, 0);
}

/* Looks at a slice of the workers only: those beyond may be of @node, too. */
static struct wp_worker *cache_find(int node)
{
	struct wp_worker *worker;
	int nr = 0;

	lockdep_assert_held(&cache_lock);
	list_for_each_entry(worker, &cache.list, parked.node) {
		if (node == NUMA_NO_NODE || worker->node == node)
			return worker;
		if (++nr == WP_SLICE)
			break;
	}
	return NULL;
}

/**
 * wp_cache_take() - take a parked worker
 * @node: NUMA node of its memory, or NUMA_NO_NODE
 *
 * Context: Any but NMI.
 * Return: the worker, to which the caller posts an order, or NULL.
 */
struct wp_worker *wp_cache_take(int node)
{
	struct wp_worker *worker;
	unsigned long flags;

	if (!wp_cache_nr())
		return NULL;
	raw_spin_lock_irqsave(&cache_lock, flags);
	worker = cache_find(node);
	if (worker)
		wp_stack_remove(&cache, &worker->parked);
	raw_spin_unlock_irqrestore(&cache_lock, flags);
	return worker;
}
EXPORT_SYMBOL_IF_KUNIT(wp_cache_take);

/* A taken worker is not needed after all. Any context but NMI. */
void wp_cache_untake(struct wp_worker *worker)
{
	if (!cache_add(worker))
		wp_mailbox_post(worker, WP_ORDER_DIE);
}
EXPORT_SYMBOL_IF_KUNIT(wp_cache_untake);

static void end_workers(struct list_head *cut)
{
	struct wp_worker *worker, *next;

	list_for_each_entry_safe(worker, next, cut, parked.node) {
		list_del_init(&worker->parked.node);
		wp_mailbox_post(worker, WP_ORDER_DIE);
	}
}

/* Returns false when no worker is left that expired by @now. */
static bool end_stale_slice(u64 now, unsigned long *delay)
{
	struct wp_parked *oldest;
	unsigned long flags;
	LIST_HEAD(cut);
	int nr;

	raw_spin_lock_irqsave(&cache_lock, flags);
	nr = wp_stack_cut_stale(&cache, now - CACHE_EXPIRY, WP_SLICE, &cut);
	oldest = wp_stack_oldest(&cache);
	*delay = oldest ? oldest->stamp + CACHE_EXPIRY - now : 0;
	raw_spin_unlock_irqrestore(&cache_lock, flags);

	end_workers(&cut);
	return nr == WP_SLICE;
}

/*
 * End the workers that expired by @now. Returns the jiffies after which the
 * next one expires; 0: none is left.
 */
unsigned long wp_cache_expire(u64 now)
{
	unsigned long delay;

	while (end_stale_slice(now, &delay))
		cond_resched();
	return delay;
}
EXPORT_SYMBOL_IF_KUNIT(wp_cache_expire);

static void expire_work(struct work_struct *work)
{
	unsigned long delay = wp_cache_expire(get_jiffies_64());

	if (delay)
		queue_delayed_work(wp_workqueue, &wp_cache_expire_work, delay);
}

/* End up to @nr workers, which are a slice at most. Returns how many. */
static int end_oldest_slice(int nr)
{
	unsigned long flags;
	LIST_HEAD(cut);

	raw_spin_lock_irqsave(&cache_lock, flags);
	nr = wp_stack_cut_oldest(&cache, nr, &cut);
	raw_spin_unlock_irqrestore(&cache_lock, flags);
	end_workers(&cut);
	return nr;
}

static int default_limit(void)
{
	return min(2 * num_possible_cpus(), 64U);
}

/**
 * wp_cache_set_limit() - change how many threads the cache may keep
 * @limit: so many; < 0: the default
 *
 * The oldest threads beyond it end.
 *
 * Context: Process context. May sleep.
 */
void wp_cache_set_limit(int limit)
{
	int surplus;

	/* Pairs with the read in cache_add(). */
	WRITE_ONCE(wp_cache_limit, limit < 0 ? default_limit() : limit);
	while ((surplus = wp_cache_nr() - READ_ONCE(wp_cache_limit)) > 0) {
		end_oldest_slice(min(surplus, WP_SLICE));
		cond_resched();
	}
}
EXPORT_SYMBOL_IF_KUNIT(wp_cache_set_limit);

/* While the module loads the value is only kept, for wp_cache_init(). */
static int set_cache_size(const char *text, const struct kernel_param *param)
{
	int limit, err;

	if (!wp_cache_shrinker)
		return param_set_int(text, param);
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = kstrtoint(text, 0, &limit);
	if (!err)
		wp_cache_set_limit(limit);
	return err;
}

static const struct kernel_param_ops cache_size_ops = {
	.set = set_cache_size,
	.get = param_get_int,
};

module_param_cb(cache_size, &cache_size_ops, &wp_cache_limit, 0644);
MODULE_PARM_DESC(cache_size,
		 "Threads kept warm for any pool; 0: none; default: twice the CPUs, at most 64");

static unsigned long count_objects(struct shrinker *shrink,
				   struct shrink_control *sc)
{
	return wp_cache_nr() ?: SHRINK_EMPTY;
}

/* The stacks come back a little later, when the threads have ended. */
static unsigned long scan_objects(struct shrinker *shrink,
				  struct shrink_control *sc)
{
	return end_oldest_slice(min_t(unsigned long, sc->nr_to_scan,
				      WP_SLICE)) ?: SHRINK_STOP;
}

int wp_cache_init(void)
{
	int err;

	wp_stack_init(&cache);
	if (wp_cache_limit < 0)
		wp_cache_limit = default_limit();
	wp_cache_shrinker = shrinker_alloc(0, "workpool");
	if (!wp_cache_shrinker)
		return -ENOMEM;
	wp_cache_shrinker->count_objects = count_objects;
	wp_cache_shrinker->scan_objects = scan_objects;
	wp_cache_shrinker->batch = WP_SLICE;
	err = wp_shrinker_register(wp_cache_shrinker);
	if (err) {
		shrinker_free(wp_cache_shrinker);
		return err;
	}
	stopping = false;
	return 0;
}

/*
 * No pool is left. A worker that is about to park may arm the expiry until it
 * is freed, hence the order.
 */
void wp_cache_exit(void)
{
	unsigned long flags;

	shrinker_free(wp_cache_shrinker);
	raw_spin_lock_irqsave(&cache_lock, flags);
	stopping = true;
	raw_spin_unlock_irqrestore(&cache_lock, flags);
	while (end_oldest_slice(WP_SLICE))
		cond_resched();
	wp_worker_wait_none();
	cancel_delayed_work_sync(&wp_cache_expire_work);
}
