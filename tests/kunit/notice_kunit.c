// SPDX-License-Identifier: GPL-2.0
/*
 * Notices: the queue, what does not fit into it, and how they get to readers.
 * What a reader is promised is in abi.
 */

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <uapi/linux/workpool.h>

#include "admin/reader.h"
#include "core/notice.h"
#include "core/pool.h"
#include "pool/reboot.h"
#include "helpers.h"

#define ROOM	4

/**
 * struct line - a queue with room for a few notices
 * @test: the test
 * @queue: the queue
 * @next: number of the next notice
 */
struct line {
	struct kunit		*test;
	struct wp_notice_queue	*queue;
	u64			next;
};

static struct line line_of(struct kunit *test)
{
	struct wp_notice *buffer;
	struct line line = {
		.test = test,
		.queue = kunit_kzalloc(test, sizeof(*line.queue), GFP_KERNEL),
		.next = 1,
	};

	buffer = kunit_kzalloc(test, ROOM * sizeof(*buffer), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, line.queue);
	KUNIT_ASSERT_NOT_NULL(test, buffer);
	wp_notice_queue_init(line.queue, buffer, ROOM);
	return line;
}

/* Puts one, and returns whether it was kept. */
static bool put(struct line *line)
{
	struct wp_notice notice = {
		.type = WP_NOTICE_CLOSED,
		.seq = line->next++,
	};

	return wp_notice_queue_put(line->queue, &notice);
}

static void put_all(struct line *line, int nr, bool kept)
{
	while (nr--)
		KUNIT_EXPECT_EQ(line->test, put(line), kept);
}

static struct wp_notice take(struct line *line)
{
	struct wp_notice notice = {};

	KUNIT_EXPECT_TRUE(line->test,
			  wp_notice_queue_peek(line->queue, &notice));
	wp_notice_queue_skip(line->queue);
	return notice;
}

static void expect_empty(struct line *line)
{
	struct wp_notice notice;

	KUNIT_EXPECT_FALSE(line->test,
			   wp_notice_queue_peek(line->queue, &notice));
}

static void expect_next(struct line *line, u64 seq)
{
	struct wp_notice notice = take(line);

	KUNIT_EXPECT_EQ(line->test, notice.type, WP_NOTICE_CLOSED);
	KUNIT_EXPECT_EQ(line->test, notice.seq, seq);
}

static void expect_lost(struct line *line, u64 seq, u64 count)
{
	struct wp_notice notice = take(line);

	KUNIT_EXPECT_EQ(line->test, notice.type, WP_NOTICE_LOST);
	KUNIT_EXPECT_EQ(line->test, notice.seq, seq);
	KUNIT_EXPECT_EQ(line->test, notice.count, count);
}

/* What was put first is first, around the end of the memory, too. */
static void queue_keeps_the_order(struct kunit *test)
{
	struct line line = line_of(test);
	int i;

	expect_empty(&line);
	for (i = 0; i < 3; i++) {
		put_all(&line, 3, true);
		expect_next(&line, 3 * i + 1);
		expect_next(&line, 3 * i + 2);
		expect_next(&line, 3 * i + 3);
		expect_empty(&line);
	}
}

/* A loss is where it happened: behind what fits, before what comes later. */
static void loss_is_in_order(struct kunit *test)
{
	struct line line = line_of(test);

	put_all(&line, ROOM, true);
	put_all(&line, 3, false);
	expect_next(&line, 1);
	expect_next(&line, 2);
	put_all(&line, 1, true);		/* 8, with the loss before it */
	put_all(&line, 1, false);		/* 9 */
	expect_next(&line, 3);
	expect_next(&line, 4);
	expect_lost(&line, 5, 3);
	expect_next(&line, 8);
	expect_lost(&line, 9, 1);
	expect_empty(&line);
}

/* A place for one is not enough after a loss, which needs one itself. */
static void loss_needs_a_place(struct kunit *test)
{
	struct line line = line_of(test);

	put_all(&line, ROOM, true);
	put_all(&line, 1, false);
	expect_next(&line, 1);
	put_all(&line, 1, false);
	expect_next(&line, 2);
	put_all(&line, 1, true);
	expect_next(&line, 3);
	expect_next(&line, 4);
	expect_lost(&line, 5, 2);
	expect_next(&line, 7);
	expect_empty(&line);
}

/* A loss that is itself lost counts what it stands for. */
static void losses_add_up(struct kunit *test)
{
	struct wp_notice lost = {
		.type = WP_NOTICE_LOST, .seq = 40, .count = 7,
	};
	struct line line = line_of(test);

	put_all(&line, ROOM, true);
	KUNIT_EXPECT_FALSE(test, wp_notice_queue_put(line.queue, &lost));
	put_all(&line, 2, false);
	expect_next(&line, 1);
	expect_next(&line, 2);
	expect_next(&line, 3);
	expect_next(&line, 4);
	expect_lost(&line, 40, 9);
	expect_empty(&line);
}

/* What comes between a look at a loss and its removal is not removed. */
static void loss_is_removed_once(struct kunit *test)
{
	struct line line = line_of(test);
	struct wp_notice notice;
	int i;

	put_all(&line, ROOM, true);
	put_all(&line, 1, false);
	for (i = 1; i <= ROOM; i++)
		expect_next(&line, i);
	KUNIT_EXPECT_TRUE(test, wp_notice_queue_peek(line.queue, &notice));
	KUNIT_EXPECT_EQ(test, notice.type, WP_NOTICE_LOST);
	put_all(&line, 1, true);
	wp_notice_queue_skip(line.queue);
	expect_next(&line, 6);
	expect_empty(&line);
}

static bool put_drop(struct line *line, u32 pool_id, void *fn)
{
	struct wp_notice notice = {
		.type = WP_NOTICE_DROPPED,
		.pool_id = pool_id,
		.count = 1,
		.fn = fn,
	};

	return wp_notice_queue_merge(line->queue, &notice) ||
	       wp_notice_queue_put(line->queue, &notice);
}

static void expect_drops(struct line *line, u32 pool_id, u64 count)
{
	struct wp_notice notice = take(line);

	KUNIT_EXPECT_EQ(line->test, notice.type, WP_NOTICE_DROPPED);
	KUNIT_EXPECT_EQ(line->test, notice.pool_id, pool_id);
	KUNIT_EXPECT_EQ(line->test, notice.count, count);
}

/* Drops alike are counted in the last notice, which needs no room. */
static void drops_alike_are_one_notice(struct kunit *test)
{
	struct line line = line_of(test);
	int i, j;

	/* around the end of the memory, too */
	for (i = 0; i < ROOM; i++) {
		put_all(&line, 1, true);
		for (j = 0; j < 5; j++)
			KUNIT_EXPECT_TRUE(test, put_drop(&line, 1, test));
		KUNIT_EXPECT_TRUE(test, put_drop(&line, 2, test));
		KUNIT_EXPECT_TRUE(test, put_drop(&line, 2, &line));
		for (j = 0; j < 1000; j++)
			KUNIT_EXPECT_TRUE(test, put_drop(&line, 2, &line));
		KUNIT_EXPECT_FALSE(test, put_drop(&line, 1, test));
		/* not behind a loss */
		KUNIT_EXPECT_FALSE(test, put_drop(&line, 2, &line));
		take(&line);
		expect_drops(&line, 1, 5);
		expect_drops(&line, 2, 1);
		expect_drops(&line, 2, 1001);
		KUNIT_EXPECT_EQ(test, take(&line).count, 2);
		expect_empty(&line);
		/* nor into what was taken */
		KUNIT_EXPECT_TRUE(test, put_drop(&line, 2, &line));
		expect_drops(&line, 2, 1);
	}
}

static void close_device(struct wpt *w)
{
	fput(w->private);
	/* it holds the module */
	flush_delayed_fput();
}

static struct file *open_device(void)
{
	return filp_open("/dev/workpool", O_RDONLY | O_NONBLOCK, 0);
}

/* A device whose file collects all events from here on. */
static struct file *collect(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct file *file = open_device();
	struct workpool_event event;
	loff_t pos = 0;

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "open: %pe", file);
	w->private = file;
	w->cleanup = close_device;
	KUNIT_ASSERT_EQ(test, -EAGAIN,
			kernel_read(file, &event, sizeof(event), &pos));
	return file;
}

/* One event: further ones would not fit. -ENODATA is the end. */
static int next_event(struct file *file, struct workpool_event *event)
{
	size_t size = offsetof(struct workpool_event, u);
	loff_t pos = 0;
	ssize_t len;

	do {
		len = kernel_read(file, event, size, &pos);
		size += 8;
	} while (len == -EINVAL && size <= sizeof(*event));
	if (len <= 0)
		return len ?: -ENODATA;
	return event->type;
}

static int next_soon(struct file *file, struct workpool_event *event)
{
	unsigned long deadline = jiffies + WPT_DEADLINE;
	int type;

	do {
		type = next_event(file, event);
	} while (type == -EAGAIN && wpt_nap_before(deadline));
	return type;
}

/* As many at once, with interrupts off, as no work can have taken meanwhile. */
static void post_many(struct workpool *pool, int nr)
{
	unsigned long flags;

	local_irq_save(flags);
	while (nr--)
		wp_notice_simple(pool, WP_NOTICE_CLOSED);
	local_irq_restore(flags);
}

/* However much is posted at once: what is lost is counted. */
static void flood_is_counted(struct kunit *test)
{
	/* and released, closed, destroyed */
	u64 posted = 2 * WP_NOTICES_MAX + 3, kept = 0, lost = 0;
	struct wpt *w = test->priv;
	struct file *file = collect(test);
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool_event event;
	int type;

	KUNIT_EXPECT_EQ(test, next_soon(file, &event), WP_NOTICE_CREATED);
	post_many(pool, 2 * WP_NOTICES_MAX);
	wpt_destroy(w, pool);
	while (kept + lost < posted && (type = next_soon(file, &event)) >= 0) {
		if (type == WP_NOTICE_LOST)
			lost += event.u.lost.count;
		else
			kept++;
	}
	KUNIT_EXPECT_EQ(test, kept + lost, posted);
	KUNIT_EXPECT_GE(test, kept, 256);
	KUNIT_EXPECT_GT(test, lost, 0);
}

/* A file that has chosen the pool ends with it, whatever it has lost. */
static void end_is_not_lost(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct file *file = collect(test);
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wp_choice choice = { .id = pool->id, .types = WP_READER_TYPES };
	struct workpool_event event;
	bool lost = false;
	int type;

	KUNIT_EXPECT_EQ(test, next_soon(file, &event), WP_NOTICE_CREATED);
	KUNIT_ASSERT_EQ(test, wp_reader_choose(file->private_data, &choice), 0);
	KUNIT_EXPECT_STREQ(test, choice.name, "kunit0");
	post_many(pool, 2 * WP_NOTICES_MAX);
	wpt_destroy(w, pool);
	while ((type = next_soon(file, &event)) >= 0)
		lost |= type == WP_NOTICE_LOST;
	KUNIT_EXPECT_EQ(test, type, -ENODATA);
	KUNIT_EXPECT_TRUE(test, lost);
}

/* The last notice waits for room, and is not counted before it has it. */
static void end_waits_for_room(struct kunit *test)
{
	u64 posted = 2 * WP_NOTICES_MAX + 1, kept = 0, lost = 0;
	struct wpt *w = test->priv;
	struct file *file = collect(test);
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wp_choice choice = { .id = pool->id, .types = WP_READER_TYPES };
	struct workpool_event event;
	int type;

	KUNIT_EXPECT_EQ(test, next_soon(file, &event), WP_NOTICE_CREATED);
	KUNIT_ASSERT_EQ(test, wp_reader_choose(file->private_data, &choice), 0);
	post_many(pool, 2 * WP_NOTICES_MAX);
	wp_notice_destroyed(pool);
	while ((type = next_soon(file, &event)) >= 0) {
		if (type == WP_NOTICE_LOST)
			lost += event.u.lost.count;
		else
			kept++;
	}
	KUNIT_EXPECT_EQ(test, type, -ENODATA);
	KUNIT_EXPECT_EQ(test, kept + lost, posted);
}

/* Of two pools only what was chosen comes: one of them, and some types. */
static void choice_leaves_out_the_rest(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct file *file = collect(test);
	struct workpool *other = wpt_create_simple(w, 1);
	struct workpool *pool = wpt_create_simple(w, 1);
	struct wp_choice choice = {
		.id = pool->id, .types = BIT_ULL(WP_NOTICE_RESUMED),
	};
	struct workpool_event event;

	KUNIT_EXPECT_EQ(test, next_soon(file, &event), WP_NOTICE_CREATED);
	KUNIT_EXPECT_EQ(test, next_soon(file, &event), WP_NOTICE_CREATED);
	KUNIT_ASSERT_EQ(test, wp_reader_choose(file->private_data, &choice), 0);
	KUNIT_EXPECT_EQ(test, workpool_pause(other), 0);
	KUNIT_EXPECT_EQ(test, workpool_resume(other), 0);
	KUNIT_EXPECT_EQ(test, workpool_pause(pool), 0);
	KUNIT_EXPECT_EQ(test, workpool_resume(pool), 0);
	wp_notice_flush();
	KUNIT_EXPECT_EQ(test, next_event(file, &event), WP_NOTICE_RESUMED);
	KUNIT_EXPECT_EQ(test, event.pool_id, pool->id);
	KUNIT_EXPECT_EQ(test, next_event(file, &event), -EAGAIN);
}

/* A choice that fails leaves a file as it was: it does not collect. */
static void failed_choice_collects_nothing(struct kunit *test)
{
	struct wp_choice choice = {
		.name = "kunit9", .types = WP_READER_TYPES,
	};
	struct wpt *w = test->priv;
	struct file *file = open_device();

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	w->private = file;
	w->cleanup = close_device;
	KUNIT_EXPECT_EQ(test, -ENOENT,
			wp_reader_choose(file->private_data, &choice));
	EXPECT_SOON(test, !wp_notice_wanted());
	choice.name[0] = '\0';
	KUNIT_EXPECT_EQ(test, wp_reader_choose(file->private_data, &choice), 0);
	KUNIT_EXPECT_TRUE(test, wp_notice_wanted());
}

/*
 * A reboot is told with the opening of the pool, so before what comes after it.
 */
static void reboot_is_told_with_the_opening(struct kunit *test)
{
	static const int expected[] = {
		WP_NOTICE_CREATED, WP_NOTICE_RELEASED, WP_NOTICE_CLOSED,
		WP_NOTICE_REBOOTED, WP_NOTICE_RELEASED, WP_NOTICE_CLOSED,
	};
	struct wpt *w = test->priv;
	struct file *file = collect(test);
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool_event event;
	u64 boot;
	int i;

	KUNIT_ASSERT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	KUNIT_ASSERT_EQ(test, wp_reboot_begin(pool, TASK_KILLABLE, &boot), 0);
	KUNIT_ASSERT_EQ(test, wp_reboot_end(pool, boot, WP_BY_OWNER, false), 0);
	KUNIT_ASSERT_EQ(test, workpool_release_timeout(pool, WPT_DEADLINE), 0);
	for (i = 0; i < ARRAY_SIZE(expected); i++)
		KUNIT_EXPECT_EQ(test, next_soon(file, &event), expected[i]);
}

/* No thread could be made: that is told, with the error. */
static void missing_thread_is_told(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct file *file = collect(test);
	struct workpool_event event;
	struct workpool *pool;
	atomic_t ran = ATOMIC_INIT(0);

	wpt_need_stubs(w);
	pool = wpt_create_simple(w, 1);
	KUNIT_EXPECT_EQ(test, next_soon(file, &event), WP_NOTICE_CREATED);
	wpt_enter_spawner(w);
	wpt_empty_cache(w);
	wpt_fail_threads(w, 1);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_count, &ran), 0);
	KUNIT_EXPECT_EQ(test, next_soon(file, &event), WP_NOTICE_START_FAILED);
	KUNIT_EXPECT_EQ(test, event.u.start_failed.cause,
			WORKPOOL_EVENT_CAUSE_THREAD);
	KUNIT_EXPECT_LT(test, event.u.start_failed.error, 0);
	KUNIT_EXPECT_STREQ(test, event.pool, "kunit0");
	ASSERT_SOON(test, atomic_read(&ran) == 1);
}

/* The allocation of that number fails. */
static struct wp_notice *no_memory(unsigned int nr)
{
	struct wpt *w = wpt_current();

	if (!atomic_dec_return(&w->fail_allocs))
		return NULL;
	return kvmalloc_array(nr, sizeof(struct wp_notice), GFP_KERNEL);
}

/* Without memory a read fails, and works later. */
static void no_memory_is_told(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct file *file = open_device();
	struct workpool_event event;
	loff_t pos = 0;
	int i;

	wpt_need_stubs(w);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	w->private = file;
	w->cleanup = close_device;
	kunit_activate_static_stub(test, wp_notice_alloc, no_memory);
	for (i = 1; i <= 2; i++) {
		atomic_set(&w->fail_allocs, i);
		KUNIT_EXPECT_EQ(test, -ENOMEM,
				kernel_read(file, &event, sizeof(event), &pos));
		EXPECT_SOON(test, !wp_notice_wanted());
	}
	KUNIT_EXPECT_EQ(test, -EAGAIN,
			kernel_read(file, &event, sizeof(event), &pos));
	KUNIT_EXPECT_TRUE(test, wp_notice_wanted());
}

/* A function without a name is no address. */
static void address_is_not_told(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct file *file = collect(test);
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool_event event;

	KUNIT_EXPECT_EQ(test, next_soon(file, &event), WP_NOTICE_CREATED);
	wp_notice_dropped(pool, &event);
	KUNIT_EXPECT_EQ(test, next_soon(file, &event), WP_NOTICE_DROPPED);
	KUNIT_EXPECT_STREQ(test, event.u.dropped.function, "");
}

/* Drops of one function that come one after the other become fewer events. */
static void drops_are_merged(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct file *file = collect(test);
	struct workpool *pool = wpt_create_simple(w, 1);
	struct workpool_event event;
	unsigned long flags;
	int nr, count;
	u64 first;

	KUNIT_EXPECT_EQ(test, next_soon(file, &event), WP_NOTICE_CREATED);
	wp_notice_flush();
	local_irq_save(flags);
	for (nr = 0; nr < 100; nr++)
		wp_notice_dropped(pool, wpt_count);
	wp_notice_dropped(pool, wpt_nothing);
	local_irq_restore(flags);
	KUNIT_ASSERT_EQ(test, next_soon(file, &event), WP_NOTICE_DROPPED);
	KUNIT_EXPECT_TRUE(test, strstarts(event.u.dropped.function,
					  "wpt_count"));
	first = event.seq;
	for (nr = 1, count = event.u.dropped.count; count < 100; nr++) {
		KUNIT_ASSERT_EQ(test, next_soon(file, &event),
				WP_NOTICE_DROPPED);
		count += event.u.dropped.count;
	}
	KUNIT_EXPECT_EQ(test, count, 100);
	KUNIT_EXPECT_LT(test, nr, 100);
	KUNIT_ASSERT_EQ(test, next_soon(file, &event), WP_NOTICE_DROPPED);
	KUNIT_EXPECT_EQ(test, event.seq, first + nr);
	KUNIT_EXPECT_EQ(test, event.u.dropped.count, 1);
	KUNIT_EXPECT_TRUE(test, strstarts(event.u.dropped.function,
					  "wpt_nothing"));
}

/* The next one about @pool. */
static int next_of(struct file *file, struct workpool *pool,
		   struct workpool_event *event)
{
	int type;

	do {
		type = next_soon(file, event);
	} while (type >= 0 && event->pool_id != pool->id);
	return type;
}

/*
 * A short overload is over after a second, or later, also when the module looks
 * earlier, as another pool is overloaded since before.
 */
static void short_overload_lasts_a_second(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *other = wpt_create_simple(w, 1);
	struct workpool *pool = wpt_create_simple(w, 1);
	struct file *file = collect(test);
	struct workpool_event event;
	unsigned long begin;

	wpt_fill(w, other, &w->gates[0]);
	wpt_fill(w, pool, &w->gates[1]);
	begin = jiffies;
	KUNIT_EXPECT_EQ(test, workpool_try_submit(other, wpt_nothing, NULL), -EAGAIN);
	ASSERT_SOON(test, time_after(jiffies, begin + HZ / 2));
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), -EAGAIN);
	KUNIT_EXPECT_EQ(test, workpool_try_submit(pool, wpt_nothing, NULL), -EAGAIN);
	wpt_open(&w->gates[1]);
	KUNIT_EXPECT_EQ(test, next_of(file, pool, &event), WP_NOTICE_OVERLOADED);
	KUNIT_EXPECT_EQ(test, event.u.overloaded.busy, 1);
	KUNIT_EXPECT_EQ(test, next_of(file, pool, &event), WP_NOTICE_RELIEVED);
	KUNIT_EXPECT_GE(test, event.u.relieved.duration_ns, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, event.u.relieved.rejected, 1);
}

/* While a submitter waits the overload goes on. A release ends it at once. */
static void overload_lasts_while_a_submitter_waits(struct kunit *test)
{
	struct wpt *w = test->priv;
	struct workpool *pool = wpt_create_simple(w, 1);
	struct file *file = collect(test);
	struct workpool_event event;
	struct wpt_thread *waiter;
	unsigned long begin;

	wpt_fill(w, pool, &w->gates[0]);
	waiter = wpt_add_waiter(w, pool, wpt_nothing, NULL);
	KUNIT_EXPECT_EQ(test, next_of(file, pool, &event), WP_NOTICE_OVERLOADED);
	begin = jiffies;
	ASSERT_SOON(test, time_after(jiffies, begin + 3 * HZ));
	KUNIT_EXPECT_EQ(test, next_event(file, &event), -EAGAIN);
	workpool_release(pool);
	KUNIT_EXPECT_EQ(test, next_of(file, pool, &event), WP_NOTICE_RELIEVED);
	KUNIT_EXPECT_EQ(test, next_of(file, pool, &event), WP_NOTICE_RELEASED);
	KUNIT_EXPECT_EQ(test, wpt_join(waiter), -ESHUTDOWN);
	wpt_open(&w->gates[0]);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(queue_keeps_the_order),
	KUNIT_CASE(loss_is_in_order),
	KUNIT_CASE(loss_needs_a_place),
	KUNIT_CASE(losses_add_up),
	KUNIT_CASE(loss_is_removed_once),
	KUNIT_CASE(drops_alike_are_one_notice),
	KUNIT_CASE(flood_is_counted),
	KUNIT_CASE(end_is_not_lost),
	KUNIT_CASE(end_waits_for_room),
	KUNIT_CASE(choice_leaves_out_the_rest),
	KUNIT_CASE(failed_choice_collects_nothing),
	KUNIT_CASE(reboot_is_told_with_the_opening),
	KUNIT_CASE(missing_thread_is_told),
	KUNIT_CASE(no_memory_is_told),
	KUNIT_CASE(address_is_not_told),
	KUNIT_CASE(drops_are_merged),
	KUNIT_CASE(short_overload_lasts_a_second),
	KUNIT_CASE(overload_lasts_while_a_submitter_waits),
	{}
};

WPT_SUITE(notice);
