// SPDX-License-Identifier: GPL-2.0
/*
 * Readers: open files of the device that collect notices.
 *
 * A file collects from its first read, poll or choice on. Each one has a
 * bounded queue, so that one that does not read costs memory once, and loses.
 * What is lost when the queue is full, and what all this is for, is in
 * core/notice.c.
 */

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "admin/reader.h"
#include "compat.h"
#include "core/pool.h"
#include "core/ref.h"
#include "pool/registry.h"

/* Notices that a reader can have. A power of two. */
#define COLLECTED_MAX	256

/* Readers that collect, and what each of them has chosen. */
static DEFINE_MUTEX(readers_lock);
static LIST_HEAD(readers);

/* Memory for an open file, which does not collect yet; or NULL. */
struct wp_reader *wp_reader_create(void)
{
	struct wp_reader *reader = kzalloc(sizeof(*reader), GFP_KERNEL_ACCOUNT);

	if (!reader)
		return NULL;
	mutex_init(&reader->reading);
	spin_lock_init(&reader->lock);
	init_waitqueue_head(&reader->news);
	reader->choice.types = WP_READER_TYPES;
	return reader;
}

/* The file is closed. */
void wp_reader_destroy(struct wp_reader *reader)
{
	if (reader->started) {
		mutex_lock(&readers_lock);
		list_del(&reader->node);
		mutex_unlock(&readers_lock);
		wp_notice_end();
	}
	kvfree(reader->buffer);
	mutex_destroy(&reader->reading);
	kfree(reader);
}

/*
 * The chosen pool is there while it is registered, and its last notice is not
 * delivered before readers_lock is free. So the reader gets it.
 */
static int choose_pool(struct wp_reader *reader, struct wp_choice *choice)
{
	struct workpool *pool = NULL;

	lockdep_assert_held(&readers_lock);
	if (choice->id || choice->name[0]) {
		pool = wp_registry_find(choice->id, choice->name);
		if (!pool)
			return -ENOENT;
		choice->id = pool->id;
		strscpy_pad(choice->name, pool->name, sizeof(choice->name));
		wp_pool_put(pool);
	}
	reader->choice = *choice;
	spin_lock(&reader->lock);
	reader->ended = false;
	spin_unlock(&reader->lock);
	return 0;
}

/* Collect, or with a @choice only what that says. @buffer is taken or left. */
static int begin_to_collect(struct wp_reader *reader,
			    struct wp_choice *choice,
			    struct wp_notice **buffer)
{
	int err = choice ? choose_pool(reader, choice) : 0;

	lockdep_assert_held(&readers_lock);
	if (err || reader->started)
		return err;
	swap(reader->buffer, *buffer);
	wp_notice_queue_init(&reader->queue, reader->buffer, COLLECTED_MAX);
	list_add_tail(&reader->node, &readers);
	/* Pairs with the acquire in reader_start(). */
	smp_store_release(&reader->started, true);
	return 0;
}

static int reader_start(struct wp_reader *reader, struct wp_choice *choice)
{
	struct wp_notice *buffer = NULL;
	int err = 0;

	/* Pairs with the release in begin_to_collect(). */
	if (!smp_load_acquire(&reader->started)) {
		buffer = wp_notice_alloc(COLLECTED_MAX);
		err = buffer ? wp_notice_begin() : -ENOMEM;
		if (err) {
			kvfree(buffer);
			return err;
		}
	} else if (!choice) {
		return 0;
	}
	/* What was posted before is none of this choice. */
	wp_notice_flush();
	mutex_lock(&readers_lock);
	err = begin_to_collect(reader, choice, &buffer);
	mutex_unlock(&readers_lock);
	/* It failed, or another thread was faster. */
	if (buffer) {
		wp_notice_end();
		kvfree(buffer);
	}
	return err;
}

/**
 * wp_reader_start() - collect notices, if it does not do so already
 * @reader: the reader
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int wp_reader_start(struct wp_reader *reader)
{
	return reader_start(reader, NULL);
}

/**
 * wp_reader_choose() - collect what is chosen, and nothing else, from now on
 * @reader: the reader
 * @choice: what; id and name of the pool are filled in
 *
 * Context: Process context. May sleep.
 * Return: 0, -ENOMEM, or -ENOENT: there is no such pool. After an error the
 * reader is as before.
 */
int wp_reader_choose(struct wp_reader *reader, struct wp_choice *choice)
{
	return reader_start(reader, choice);
}
EXPORT_SYMBOL_IF_KUNIT(wp_reader_choose);

/* What is there to read next? A notice is copied to @notice. */
enum wp_reader_state wp_reader_peek(struct wp_reader *reader,
				    struct wp_notice *notice)
{
	enum wp_reader_state state;

	spin_lock(&reader->lock);
	if (wp_notice_queue_peek(&reader->queue, notice))
		state = WP_READER_READY;
	else
		state = reader->ended ? WP_READER_ENDED : WP_READER_EMPTY;
	spin_unlock(&reader->lock);
	return state;
}

/* Is there something to read, or will there be? */
enum wp_reader_state wp_reader_state(struct wp_reader *reader)
{
	struct wp_notice notice;

	return wp_reader_peek(reader, &notice);
}

/* Remove what wp_reader_peek() found. wp_reader.reading is held since. */
void wp_reader_skip(struct wp_reader *reader)
{
	lockdep_assert_held(&reader->reading);
	spin_lock(&reader->lock);
	wp_notice_queue_skip(&reader->queue);
	spin_unlock(&reader->lock);
}

/* Has the reader chosen @notice? */
static bool reader_wants(const struct wp_reader *reader,
			 const struct wp_notice *notice)
{
	const struct wp_choice *choice = &reader->choice;

	if (notice->type == WP_NOTICE_LOST)
		return true;
	return (choice->types & BIT_ULL(notice->type)) &&
	       (!choice->id || choice->id == notice->pool_id);
}

static void deliver_to(struct wp_reader *reader,
		       const struct wp_notice *notice)
{
	bool ends = notice->type == WP_NOTICE_DESTROYED &&
		    reader->choice.id == notice->pool_id;
	bool wanted = reader_wants(reader, notice);

	lockdep_assert_held(&readers_lock);
	if (!wanted && !ends)
		return;
	spin_lock(&reader->lock);
	if (wanted && !reader->ended)
		wp_notice_queue_put(&reader->queue, notice);
	if (ends)
		reader->ended = true;
	spin_unlock(&reader->lock);
	wake_up_interruptible(&reader->news);
}

/* A function without a name would be an address, which nobody is told. */
static void name_function(struct wp_notice *notice)
{
	snprintf(notice->function, sizeof(notice->function), "%ps", notice->fn);
	if (!strncmp(notice->function, "0x", 2))
		notice->function[0] = '\0';
}

static void deliver_one(struct wp_notice *notice)
{
	struct wp_reader *reader;

	if (notice->type == WP_NOTICE_DROPPED ||
	    notice->type == WP_NOTICE_CRASHED)
		name_function(notice);
	mutex_lock(&readers_lock);
	list_for_each_entry(reader, &readers, node) {
		deliver_to(reader, notice);
		cond_resched();
	}
	mutex_unlock(&readers_lock);
}

/*
 * Give the readers what was posted. One run takes no more than the queue can
 * have had when it began; whatever was posted later has queued the work again.
 */
void wp_reader_deliver(struct work_struct *work)
{
	struct wp_notice notice;
	int nr;

	for (nr = 0; nr <= WP_NOTICES_MAX && wp_notice_take(&notice); nr++) {
		deliver_one(&notice);
		cond_resched();
	}
}
