// SPDX-License-Identifier: GPL-2.0
/*
 * Calls as lines of text: CMD FD MEMORY ROOM BYTES, all in hex; what is not there of the
 * bytes is zero. Lines that begin with # are comments.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static void read_bytes(const char *text, unsigned char *to)
{
	unsigned int byte, i;

	for (i = 0; i < DATA_MAX && sscanf(text, "%2x", &byte) == 1; i++) {
		to[i] = byte;
		text += 2;
	}
}

static bool read_line(char *line, struct call *call)
{
	unsigned int cmd, fd, memory, room;
	int used = 0;

	memset(call, 0, sizeof(*call));
	if (line[0] == '#' ||
	    sscanf(line, "%x %x %x %x %n", &cmd, &fd, &memory, &room, &used) < 4)
		return false;
	if (fd >= NR_FD_KINDS || memory >= NR_MEMORIES || room > DATA_MAX)
		return false;
	call->cmd = cmd;
	call->fd = fd;
	call->memory = memory;
	call->room = room;
	read_bytes(line + used, call->data);
	return true;
}

/* The next call of a file. */
bool call_read(FILE *file, struct call *call)
{
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (!found && getline(&line, &size, file) >= 0)
		found = read_line(line, call);
	free(line);
	return found;
}

void call_print(const struct call *call, const char *mark)
{
	__u32 used = call->room, i;

	while (used && !call->data[used - 1])
		used--;
	printf("%s%x %x %x %x ", mark, call->cmd, call->fd, call->memory,
	       call->room);
	for (i = 0; i < used; i++)
		printf("%02x", call->data[i]);
	putchar('\n');
}
