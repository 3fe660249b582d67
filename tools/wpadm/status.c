// SPDX-License-Identifier: GPL-2.0
/*
 * Exit statuses. Those of several pools become one. If all failed, it is that of
 * the first pool; if only some failed, it is STATUS_SOME.
 */
#include "status.h"

void tally_add(struct tally *tally, enum status status)
{
	if (status == STATUS_OK)
		tally->good++;
	else if (tally->bad == STATUS_OK)
		tally->bad = status;
}

enum status tally_status(const struct tally *tally)
{
	if (tally->good && tally->bad != STATUS_OK)
		return STATUS_SOME;
	return tally->bad;
}
