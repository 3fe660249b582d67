// SPDX-License-Identifier: GPL-2.0
/*
 * Scans: over a list of pending work, a slice under one hold of a pool's lock.
 */

#include "compat.h"
#include "core/call.h"
#include "core/pool.h"
#include "core/scan.h"
#include "core/slice.h"

void wp_scan_init(struct wp_scan *scan)
{
	scan->mark.kind = WP_MARK;
	INIT_LIST_HEAD(&scan->mark.entry);
	scan->done = false;
}

/**
 * wp_scan_slice_locked() - look at the next nodes of a list
 * @pool: the pool
 * @scan: the scan, which is not done
 * @list: the list, the same for each slice
 * @fn: called for each of them
 * @arg: its argument
 * @deferred: also for @fn
 *
 * A node that is put before the mark meanwhile is not met. Those that stay in
 * the list are met. The caller balances: the mark may have been the last node.
 */
void wp_scan_slice_locked(struct workpool *pool, struct wp_scan *scan,
			  struct list_head *list, wp_scan_fn fn, void *arg,
			  struct wp_deferred *deferred)
{
	struct list_head *next = list->next;
	struct workpool_node *node;
	bool more = true;
	int nr;

	WP_STATIC_STUB_LOCKED(wp_scan_slice_locked, pool, scan, list, fn, arg,
			      deferred);
	lockdep_assert_held(&pool->lock);
	if (!list_empty(&scan->mark.entry))
		next = scan->mark.entry.next;
	list_del_init(&scan->mark.entry);
	for (nr = 0; nr < WP_SLICE && more && next != list; nr++) {
		node = list_entry(next, struct workpool_node, entry);
		next = next->next;
		more = fn(pool, node, arg, deferred);
	}
	scan->done = next == list;
	if (!scan->done)
		list_add_tail(&scan->mark.entry, next);
}
EXPORT_SYMBOL_IF_KUNIT(wp_scan_slice_locked);
