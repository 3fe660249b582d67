// SPDX-License-Identifier: GPL-2.0
/*
 * Five ways to end a task badly.
 */

#include <linux/bug.h>
#include <linux/irqflags.h>
#include <linux/moduleparam.h>

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
 * Does not return, which objtool need not know. Nor need KASAN, whose report would
 * mix with that of another oops.
 */
__no_sanitize_address void crash_somehow(unsigned int way)
{
	bool way_left = true;

	OPTIMIZER_HIDE_VAR(way_left);
	count(C_CRASH);
	switch (way) {
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
