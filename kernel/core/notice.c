// SPDX-License-Identifier: GPL-2.0
/*
 * Notices: what happened to the pools, for those who read it from the device.
 */

#include <linux/cred.h>
#include <linux/irq_work.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "core/module.h"
#include "core/notice.h"
#include "core/pool.h"

/**
 * DOC: Notices
 *
 * Something happens to a pool in any context, also under its lock and in a hard
 * interrupt. There may be many readers, each with a choice of its own, and they
 * wait in wait queues, whose locks sleep on PREEMPT_RT. So a notice takes two
 * steps. wp_notice_post() puts it into one bounded queue of the module, under a
 * raw lock of its own. An irq_work, as the context may be any, queues a
 * work, which runs in process context. The work looks up the names of functions, gives each reader
 * what it has chosen and wakes it: see admin/reader.c.
 *
 * While there is no reader, all of this is one instruction where something
 * happens.
 */

/* It stays on for a while: readers that come and go patch no code each time. */
DEFINE_STATIC_KEY_DEFERRED_FALSE(wp_notice_key, HZ);
EXPORT_SYMBOL_IF_KUNIT(wp_notice_key);

/* Protects what follows. A leaf, inside of the lock of a pool. */
static DEFINE_RAW_SPINLOCK(posted_lock);
static struct wp_notice_queue posted;
static struct wp_notice *posted_buffer;
static u64 last_seq;

/* Protects nr_readers, which says whether @posted has memory. */
static DEFINE_MUTEX(nr_readers_lock);
static int nr_readers;

static struct work_struct deliver_work;

static void kick_work(struct irq_work *work)
{
	queue_work(wp_workqueue, &deliver_work);
}

static struct irq_work kick = IRQ_WORK_INIT(kick_work);

/* Allocate memory for a queue of @nr notices. kvfree() frees it. */
struct wp_notice *wp_notice_alloc(unsigned int nr)
{
	KUNIT_STATIC_STUB_REDIRECT(wp_notice_alloc, nr);
	return kvmalloc_array(nr, sizeof(struct wp_notice), GFP_KERNEL_ACCOUNT);
}
EXPORT_SYMBOL_IF_KUNIT(wp_notice_alloc);

/* Prepare an empty queue with memory for @nr notices, a power of two. */
void wp_notice_queue_init(struct wp_notice_queue *queue,
			  struct wp_notice *buffer, unsigned int nr)
{
	*queue = (struct wp_notice_queue){ .buffer = buffer, .size = nr };
	kfifo_init(&queue->fifo, buffer, nr * sizeof(*buffer));
}
EXPORT_SYMBOL_IF_KUNIT(wp_notice_queue_init);

/* After a loss there must be room for a notice of that as well. */
static bool notice_has_room(struct wp_notice_queue *queue)
{
	return kfifo_avail(&queue->fifo) >= (queue->lost.count ? 2 : 1);
}

static void notice_lose(struct wp_notice_queue *queue,
			const struct wp_notice *notice)
{
	struct wp_notice *lost = &queue->lost;

	if (!lost->count)
		*lost = (struct wp_notice){
			.type = WP_NOTICE_LOST,
			.seq = notice->seq,
			.time_ns = notice->time_ns,
		};
	lost->count += notice->type == WP_NOTICE_LOST ? notice->count : 1;
}

static void notice_append(struct wp_notice_queue *queue,
			  const struct wp_notice *notice)
{
	kfifo_in(&queue->fifo, notice, 1);
	queue->nr_put++;
}

/**
 * wp_notice_queue_put() - put a notice at the end of a queue
 * @queue: the queue
 * @notice: the notice, which is copied
 *
 * Context: Any, with the queue's lock.
 * Return: false: it did not fit, and is counted as lost.
 */
bool wp_notice_queue_put(struct wp_notice_queue *queue,
			 const struct wp_notice *notice)
{
	if (!notice_has_room(queue)) {
		notice_lose(queue, notice);
		return false;
	}
	if (queue->lost.count)
		notice_append(queue, &queue->lost);
	queue->lost.count = 0;
	notice_append(queue, notice);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(wp_notice_queue_put);

/* Returns what was put last if it is still there and nothing was lost since. */
static struct wp_notice *notice_last(struct wp_notice_queue *queue)
{
	if (queue->lost.count || kfifo_is_empty(&queue->fifo))
		return NULL;
	return &queue->buffer[(queue->nr_put - 1) & (queue->size - 1)];
}

/*
 * If the last one in @queue is about dropped tasks of the same pool and
 * function as @notice, count those of @notice there. Nothing is added to
 * what was put before a loss.
 */
bool wp_notice_queue_merge(struct wp_notice_queue *queue,
			   const struct wp_notice *notice)
{
	struct wp_notice *last = notice_last(queue);

	if (!last || notice->type != WP_NOTICE_DROPPED ||
	    last->type != WP_NOTICE_DROPPED ||
	    last->pool_id != notice->pool_id || last->fn != notice->fn)
		return false;
	last->count += notice->count;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(wp_notice_queue_merge);

/**
 * wp_notice_queue_peek() - copy the first notice of a queue
 * @queue: the queue
 * @notice: gets the copy
 *
 * A loss comes after all that was not lost before it.
 *
 * Context: Any, with the queue's lock.
 * Return: false: the queue is empty.
 */
bool wp_notice_queue_peek(struct wp_notice_queue *queue,
			  struct wp_notice *notice)
{
	if (kfifo_peek(&queue->fifo, notice))
		return true;
	if (!queue->lost.count)
		return false;
	*notice = queue->lost;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(wp_notice_queue_peek);

/*
 * Remove what wp_notice_queue_peek() copied. Others may have been put since:
 * then a loss that it copied stands in the queue, as its first notice.
 */
void wp_notice_queue_skip(struct wp_notice_queue *queue)
{
	if (kfifo_is_empty(&queue->fifo))
		queue->lost.count = 0;
	else
		kfifo_skip(&queue->fifo);
}
EXPORT_SYMBOL_IF_KUNIT(wp_notice_queue_skip);

/* Returns the current thread in the role @by; in an interrupt only the role. */
struct wp_actor wp_notice_actor(enum wp_by by)
{
	struct wp_actor actor = { .by = by };

	if (!in_task())
		return actor;
	actor.pid = task_tgid_nr(current);
	actor.uid = from_kuid_munged(&init_user_ns, current_uid());
	strscpy(actor.comm, current->comm, sizeof(actor.comm));
	return actor;
}

/* Returns false if @notice does not fit and must not be lost. */
static bool notice_post_locked(struct wp_notice *notice, bool lost)
{
	lockdep_assert_held(&posted_lock);
	if (!kfifo_initialized(&posted.fifo))
		return true;
	irq_work_queue(&kick);
	if (wp_notice_queue_merge(&posted, notice))
		return true;
	if (!lost && !notice_has_room(&posted))
		return false;
	notice->seq = ++last_seq;
	notice->time_ns = ktime_get_ns();
	wp_notice_queue_put(&posted, notice);
	return true;
}

/* Nothing is told of a pool before its creation is. */
static bool notice_post(struct workpool *pool, struct wp_notice *notice,
			bool lost)
{
	unsigned long flags;
	bool done = true;

	notice->pool_id = pool->id;
	strscpy(notice->pool, pool->name, sizeof(notice->pool));
	raw_spin_lock_irqsave(&posted_lock, flags);
	if (notice->type == WP_NOTICE_CREATED)
		pool->announced = true;
	if (pool->announced)
		done = notice_post_locked(notice, lost);
	raw_spin_unlock_irqrestore(&posted_lock, flags);
	return done;
}

/**
 * wp_notice_post() - tell the readers that something happened
 * @pool: to which pool
 * @notice: what; gets the rest
 *
 * Of a pool that is not known yet, as it is being created, nothing is told.
 * When too much is posted at once, it is lost. Dropped tasks of one pool and
 * function, one after the other, are one notice.
 *
 * Context: Any but NMI.
 */
void wp_notice_post(struct workpool *pool, struct wp_notice *notice)
{
	notice_post(pool, notice, true);
}

/* Post a notice that has nothing but a type. */
void wp_notice_simple(struct workpool *pool, enum wp_notice_type type)
{
	struct wp_notice notice = { .type = type };

	wp_notice_post(pool, &notice);
}
EXPORT_SYMBOL_IF_KUNIT(wp_notice_simple);

/* The pool is known from here on. */
void wp_notice_created(struct workpool *pool)
{
	struct wp_notice notice = {
		.type = WP_NOTICE_CREATED,
		.created.flags = pool->flags,
		/* Pairs with the write of a tune. */
		.created.capacity = READ_ONCE(pool->capacity),
	};

	strscpy(notice.created.owner, pool->owner,
		sizeof(notice.created.owner));
	wp_notice_post(pool, &notice);
}

/**
 * wp_notice_destroyed() - the last notice of a pool
 * @pool: the pool
 *
 * This one is not lost: readers end with it.
 *
 * Context: Process context. May sleep.
 */
void wp_notice_destroyed(struct workpool *pool)
{
	struct wp_notice notice = { .type = WP_NOTICE_DESTROYED };

	while (wp_notice_wanted() && !notice_post(pool, &notice, false))
		wp_notice_flush();
}
EXPORT_SYMBOL_IF_KUNIT(wp_notice_destroyed);

/* A task with the function @fn will not run. */
void wp_notice_dropped(struct workpool *pool, void *fn)
{
	struct wp_notice notice = {
		.type = WP_NOTICE_DROPPED,
		.count = 1,
		.fn = fn,
	};

	wp_notice_post(pool, &notice);
}
EXPORT_SYMBOL_IF_KUNIT(wp_notice_dropped);

/**
 * wp_notice_take() - take what was posted first
 * @notice: gets it
 *
 * Context: Process context; the deliverer.
 * Return: false: there is nothing.
 */
bool wp_notice_take(struct wp_notice *notice)
{
	unsigned long flags;
	bool taken;

	raw_spin_lock_irqsave(&posted_lock, flags);
	taken = wp_notice_queue_peek(&posted, notice);
	if (taken)
		wp_notice_queue_skip(&posted);
	raw_spin_unlock_irqrestore(&posted_lock, flags);
	return taken;
}

/* Have all delivered that was posted before. Process context. May sleep. */
void wp_notice_flush(void)
{
	if (!wp_notice_wanted())
		return;
	queue_work(wp_workqueue, &deliver_work);
	flush_work(&deliver_work);
}
EXPORT_SYMBOL_IF_KUNIT(wp_notice_flush);

static int prepare_posted(void)
{
	struct wp_notice *buffer;
	unsigned long flags;

	lockdep_assert_held(&nr_readers_lock);
	if (nr_readers++)
		return 0;
	buffer = wp_notice_alloc(WP_NOTICES_MAX);
	if (!buffer) {
		nr_readers--;
		return -ENOMEM;
	}
	raw_spin_lock_irqsave(&posted_lock, flags);
	wp_notice_queue_init(&posted, buffer, WP_NOTICES_MAX);
	posted_buffer = buffer;
	raw_spin_unlock_irqrestore(&posted_lock, flags);
	return 0;
}

static void unprepare_posted(void)
{
	struct wp_notice *buffer;
	unsigned long flags;

	lockdep_assert_held(&nr_readers_lock);
	if (--nr_readers)
		return;
	raw_spin_lock_irqsave(&posted_lock, flags);
	buffer = posted_buffer;
	posted_buffer = NULL;
	posted = (struct wp_notice_queue){};
	raw_spin_unlock_irqrestore(&posted_lock, flags);
	kvfree(buffer);
}

/**
 * wp_notice_begin() - a reader comes: notices are posted from here on
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int wp_notice_begin(void)
{
	int err;

	mutex_lock(&nr_readers_lock);
	err = prepare_posted();
	mutex_unlock(&nr_readers_lock);
	if (err)
		return err;
	static_branch_deferred_inc(&wp_notice_key);
	return 0;
}

/* A reader goes. Process context. May sleep. */
void wp_notice_end(void)
{
	static_branch_slow_dec_deferred(&wp_notice_key);
	mutex_lock(&nr_readers_lock);
	unprepare_posted();
	mutex_unlock(&nr_readers_lock);
}

/* @deliver takes what was posted, for the readers. */
void wp_notice_init(work_func_t deliver)
{
	INIT_WORK(&deliver_work, deliver);
}

/* No pool is left. The caller waits for what is in wp_workqueue. */
void wp_notice_exit(void)
{
	static_key_deferred_flush(&wp_notice_key);
	irq_work_sync(&kick);
}
