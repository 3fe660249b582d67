/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting for any: a submitter that waits for a slot in any pool of a multi.
 */
#ifndef _WP_MULTI_ANY_H
#define _WP_MULTI_ANY_H

struct workpool_multi;
struct wp_call;

int wp_any_wait(struct workpool_multi *multi, unsigned int first,
		const struct wp_call *call, long timeout);

#endif /* _WP_MULTI_ANY_H */
