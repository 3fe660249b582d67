// SPDX-License-Identifier: GPL-2.0
/*
 * fail-nth: makes the nth allocation of a thread fail, and only that one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faults.h"
#include "../ktap.h"

static int own_fd, other_fd = -1;
static pid_t other_pid;

void die(const char *what)
{
	ktap_bail_out(what, strerror(errno));
	exit(2);
}

static void set(const char *kind, const char *name, const char *value)
{
	char path[100];
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", kind, name);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		die(path);
	close(fd);
}

/* Allocations that may sleep fail too, small ones too, and without a word. */
void fail_setup(void)
{
	set("failslab", "ignore-gfp-wait", "N");
	set("failslab", "verbose", "0");
	set("fail_page_alloc", "ignore-gfp-wait", "N");
	set("fail_page_alloc", "ignore-gfp-highmem", "N");
	set("fail_page_alloc", "min-order", "0");
	set("fail_page_alloc", "verbose", "0");
	own_fd = open("/proc/thread-self/fail-nth", O_RDWR);
	if (own_fd < 0)
		die("fail-nth");
}

/* @pid 0: of this thread. */
static int fd_of(pid_t pid)
{
	char path[64];

	if (!pid)
		return own_fd;
	if (pid != other_pid) {
		close(other_fd);
		snprintf(path, sizeof(path), "/proc/%d/task/%d/fail-nth", pid,
			 pid);
		other_fd = open(path, O_RDWR);
		if (other_fd < 0)
			die(path);
		other_pid = pid;
	}
	return other_fd;
}

void fail_arm(pid_t pid, unsigned int nth)
{
	int fd = fd_of(pid);
	char text[16];

	snprintf(text, sizeof(text), "%u", nth);
	if (pwrite(fd, text, strlen(text), 0) < 0)
		die("fail-nth");
}

/* Returns how many allocations would have been left; 0: one failed. */
unsigned int fail_disarm(pid_t pid)
{
	char text[16] = "";
	int fd = fd_of(pid);

	if (pread(fd, text, sizeof(text) - 1, 0) < 0 ||
	    pwrite(fd, "0", 1, 0) < 0)
		die("fail-nth");
	return atoi(text);
}

static bool is_called(const char *pid, const char *comm)
{
	char path[300], name[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (fgets(name, sizeof(name), file))
		name[strcspn(name, "\n")] = 0;
	fclose(file);
	return !strcmp(name, comm);
}

pid_t find_thread(const char *comm)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	pid_t pid = 0;

	if (!proc)
		die("/proc");
	while (!pid && (entry = readdir(proc)))
		if (is_called(entry->d_name, comm))
			pid = atoi(entry->d_name);
	closedir(proc);
	if (!pid)
		die(comm);
	return pid;
}
