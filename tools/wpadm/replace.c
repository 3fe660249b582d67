// SPDX-License-Identifier: GPL-2.0
/*
 * Files that are written under another name and renamed.
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replace.h"

static enum status fail(const char *file)
{
	warn("cannot write %s", file);
	return STATUS_LOCAL;
}

/* rename() is atomic, so a reader never sees half a file. */
static enum status write_and_rename(int fd, const char *temporary,
				    const char *file, print_fn *print,
				    const void *data)
{
	FILE *out = fdopen(fd, "w");
	int failed;

	if (!out) {
		close(fd);
		return fail(temporary);
	}
	print(out, data);
	failed = ferror(out) || fflush(out) || fchmod(fd, 0644) || fsync(fd);
	if (failed)
		fail(temporary);
	fclose(out);
	if (failed)
		return STATUS_LOCAL;
	return rename(temporary, file) ? fail(file) : STATUS_OK;
}

/* To rename over a device or a pipe would take it from everybody. */
static bool may_replace(const char *file)
{
	struct stat old;

	if (stat(file, &old) || S_ISREG(old.st_mode))
		return true;
	warnx("cannot write %s: it is no regular file; without --output the text is printed",
	      file);
	return false;
}

/**
 * replace_file() - write a file, in one step for those who read it
 * @file: the file
 * @print: writes what is in it
 * @data: for @print
 *
 * Return: STATUS_OK, or STATUS_LOCAL after a message.
 */
enum status replace_file(const char *file, print_fn *print, const void *data)
{
	enum status status;
	char *temporary;
	int fd;

	if (!may_replace(file))
		return STATUS_LOCAL;
	if (asprintf(&temporary, "%s.XXXXXX", file) < 0)
		return fail(file);
	fd = mkstemp(temporary);
	if (fd < 0) {
		status = fail(file);
	} else {
		status = write_and_rename(fd, temporary, file, print, data);
		if (status != STATUS_OK)
			unlink(temporary);
	}
	free(temporary);
	return status;
}
