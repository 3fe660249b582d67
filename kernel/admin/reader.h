/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Readers: open files of the device that collect notices.
 */
#ifndef _WP_ADMIN_READER_H
#define _WP_ADMIN_READER_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "core/notice.h"

struct work_struct;

/* All types that a reader can choose. */
#define WP_READER_TYPES		(BIT_ULL(WP_NOTICE_NR) - 1)

/**
 * struct wp_choice - which notices a reader collects
 * @id: of the only pool; 0: all pools
 * @name: of it
 * @types: a bit for each type; %WP_NOTICE_LOST is always collected
 */
struct wp_choice {
	u32			id;
	char			name[WORKPOOL_NAME_MAX];
	u64			types;
};

/**
 * struct wp_reader - an open file, which may read notices
 * @node: in the list of readers, since it collects; with the lock of the list
 * @started: it collects until the file is closed; written with that lock
 * @choice: what it collects; with that lock
 * @reading: held by the one thread that copies notices out of @queue
 * @lock: protects @queue and @ended; process context only
 * @queue: what it has collected
 * @ended: nothing will come, as the chosen pool is destroyed
 * @buffer: memory of @queue; written once, before @started
 * @news: where threads wait for a notice, or for the end
 */
struct wp_reader {
	struct list_head	node;
	bool			started;
	struct wp_choice	choice;
	struct mutex		reading;	/* see above */
	spinlock_t		lock;		/* see above */
	struct wp_notice_queue	queue;
	bool			ended;
	struct wp_notice	*buffer;
	wait_queue_head_t	news;
};

/* What a look into a reader's queue finds. */
enum wp_reader_state {
	WP_READER_EMPTY,
	WP_READER_READY,
	WP_READER_ENDED,
};

struct wp_reader *wp_reader_create(void);
void wp_reader_destroy(struct wp_reader *reader);
int wp_reader_start(struct wp_reader *reader);
int wp_reader_choose(struct wp_reader *reader, struct wp_choice *choice);
enum wp_reader_state wp_reader_peek(struct wp_reader *reader,
				    struct wp_notice *notice);
enum wp_reader_state wp_reader_state(struct wp_reader *reader);
void wp_reader_skip(struct wp_reader *reader);
void wp_reader_deliver(struct work_struct *work);

#endif /* _WP_ADMIN_READER_H */
