// SPDX-License-Identifier: GPL-2.0
/*
 * Five ways to end a task badly.
 */

#include <linux/bug.h>
#include <linux/irqflags.h>
#include <linux/moduleparam.h>
#include <linux/ratelimit.h>

#include "torture.h"

int torture_crash;
module_param_named(crash, torture_crash, int, 0444);
MODULE_PARM_DESC(crash, "1: a storm of crashes first, then tasks crash too");

static __no_sanitize_address void write_null(void)
{
	int *null = NULL;

	OPTIMIZER_HIDE_VAR(null);
	WRITE_ONCE(*null, 1);
}

static __no_sanitize_address void call_null(void)
{
	void (*null)(void) = NULL;

	OPTIMIZER_HIDE_VAR(null);
	null();
}

/*
 * An oops is 45 lines. More than one a second on a serial console are logged
 * faster than they are printed, and a thread that takes a CPU offline prints
 * what others logged, with the lock of CPU hotplug held: it would never end.
 */
static unsigned int without_oops(unsigned int way)
{
	static struct ratelimit_state oopses =
		RATELIMIT_STATE_INIT_FLAGS(oopses, HZ, 1,
					   RATELIMIT_MSG_ON_RELEASE);

	return way < 2 || __ratelimit(&oopses) ? way : 0;
}

/*
 * Does not return, which objtool need not know. Nor need KASAN, whose report would
 * mix with that of another oops.
 */
__no_sanitize_address void crash_somehow(unsigned int way)
{
	bool way_left = true;

	OPTIMIZER_HIDE_VAR(way_left);
	count(C_CRASH);
	switch (without_oops(way)) {
	case 0:
		workpool_task_crash(-42);
	case 1:
		kthread_complete_and_exit(NULL, 0);
	case 2:
		write_null();
		break;
	case 3:
		local_irq_disable();
		call_null();
		break;
	}
	BUG_ON(way_left);
}
