/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Exit statuses.
 */
#ifndef WPADM_STATUS_H
#define WPADM_STATUS_H

enum status {
	STATUS_OK	= 0,
	STATUS_LOCAL	= 1,	/* wrong usage, or a failure outside the module */
	STATUS_REFUSED	= 2,	/* the kernel refused */
	STATUS_NO_POOL	= 32,	/* there is no pool of that name */
	STATUS_SOME	= 64,	/* some of several pools failed */
};

struct tally {
	unsigned int good;
	enum status bad;	/* of the first pool that failed */
};

void tally_add(struct tally *tally, enum status status);
enum status tally_status(const struct tally *tally);

#endif /* WPADM_STATUS_H */
