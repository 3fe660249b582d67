/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The mailbox: how a parked worker is told what to do.
 */
#ifndef _WP_CORE_MAILBOX_H
#define _WP_CORE_MAILBOX_H

struct wp_worker;

/* What a parked thread is woken for. */
enum wp_order {
	WP_ORDER_NONE,		/* sleep on */
	WP_ORDER_RUN,		/* execute wp_worker.call */
	WP_ORDER_SEARCH,	/* look at the queue */
	WP_ORDER_LEAVE,		/* leave the pool */
	WP_ORDER_ADOPT,		/* cached thread: serve wp_worker.pool */
	WP_ORDER_DIE,		/* cached thread: exit */
};

void wp_mailbox_post(struct wp_worker *worker, enum wp_order order);
enum wp_order wp_mailbox_wait(struct wp_worker *worker, unsigned int flags);

#endif /* _WP_CORE_MAILBOX_H */
