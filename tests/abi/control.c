// SPDX-License-Identifier: GPL-2.0
/*
 * Pools to test with: made, used and destroyed by wp_selftest.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "abi.h"

#define CONTROL	"/sys/kernel/debug/wp_selftest/control"

/* a line for the control file; returns 0 or -errno */
int control(const char *fmt, ...)
{
	int fd = open(CONTROL, O_WRONLY | O_CLOEXEC), ret = 0, len;
	char line[256];
	va_list args;

	if (fd < 0)
		return -errno;
	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (write(fd, line, len) != len)
		ret = -errno;
	close(fd);
	return ret;
}

/* destroy what the test has left */
void control_end(void)
{
	struct workpool_ioc_next next = { .size = sizeof(next) };
	struct workpool_ioc_stat stat;

	while (!call(ro, WORKPOOL_IOC_NEXT, &next)) {
		if (strncmp(next.name, "abi-", 4) || stat_of(next.name, &stat))
			continue;
		control("destroy %s", stat.multi_id ? stat.multi : stat.name);
	}
}
