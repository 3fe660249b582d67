// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes format.c: whatever the kernel answers and however small the buffer, what is
 * written fits and ends.
 *
 * The input is what to write, for whom, into how many bytes, and the fields.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <linux/workpool.h>

#include "array.h"
#include "format.h"
#include "target.h"

#define LARGEST	64

static format_fn *const functions[] = {
	format_u32, format_s32, format_u64, format_rate, format_text,
	format_ms, format_capacity, format_limit, format_flags, format_state,
	format_closed, format_percent, format_ns,
};

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct workpool_ioc_stat *stat;
	size_t room, given;
	char *buf;

	if (size < 3)
		return 0;
	room = 1 + data[2] % LARGEST;
	given = size - 3 < sizeof(*stat) ? size - 3 : sizeof(*stat);
	stat = calloc(1, sizeof(*stat) + 1);	/* a text ends */
	buf = malloc(room);
	if (stat && buf) {
		memcpy(stat, data + 3, given);
		functions[data[0] % ARRAY_SIZE(functions)](buf, room, stat,
							   data[1] % 4);
		if (!memchr(buf, 0, room))
			abort();
	}
	free(buf);
	free(stat);
	return 0;
}
