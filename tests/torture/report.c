// SPDX-License-Identifier: GPL-2.0
/*
 * Counts, failures, and the result.
 */

#include <linux/printk.h>

#include "torture.h"

#define KTAP_WRITE(line)	pr_info("%s\n", line)
#include "../ktap.h"

/* Failures of one kind that are told. */
#define TOLD	8

static const char * const count_names[NR_COUNTS] = {
	[C_SUBMIT] = "submit", [C_SUBMIT_TIMEOUT] = "submit_timeout",
	[C_TRY] = "try_submit", [C_INVOKE] = "invoke",
	[C_SOFTIRQ] = "from_softirq", [C_HARDIRQ] = "from_hardirq",
	[C_NESTED] = "from_tasks", [C_NULL] = "invalid",
	[C_ACCEPTED] = "accepted", [C_FULL] = "EAGAIN", [C_BUSY] = "EBUSY",
	[C_TIMEDOUT] = "ETIMEDOUT", [C_KILLED] = "EINTR",
	[C_DEADLOCK] = "EDEADLK", [C_CLOSED] = "ESHUTDOWN",
	[C_GROW] = "grow", [C_SHRINK] = "shrink",
	[C_TUNE_REFUSED] = "tune_refused",
	[C_RELEASE] = "release", [C_RELEASE_TIMEOUT] = "release_timeout",
	[C_RELEASE_LATE] = "release_timed_out", [C_SEALED] = "sealed",
	[C_REBOOT] = "reboot", [C_REBOOT_FAILED] = "reboot_failed",
	[C_CREATE] = "create", [C_CREATE_FAILED] = "create_failed",
	[C_DESTROY] = "destroy", [C_DRAIN] = "drain",
	[C_DRAIN_LATE] = "drain_timed_out", [C_LOOK] = "stats",
	[C_SIGNAL] = "signal", [C_OFFLINE] = "cpu_off", [C_ONLINE] = "cpu_on",
	[C_INIT] = "worker_init", [C_INIT_FAILED] = "worker_init_failed",
	[C_EXIT] = "worker_exit", [C_DROPPED] = "dropped",
	[C_QUEUED] = "queue", [C_CANCELLED] = "cancel", [C_FLUSHED] = "flush",
	[C_POOL_FLUSHED] = "flush_pool",
	[C_GROUP] = "group", [C_PARALLEL] = "parallel_for",
	[C_FIFO] = "fifo_rounds", [C_DOOMED] = "doomed_rounds",
	[C_CRASH] = "crash", [C_CRASH_CALL] = "crash_callback",
	[C_STORM] = "storm", [C_PAUSE] = "pause",
	[C_PAUSE_CHECKED] = "pause_checked", [C_RETUNE] = "retune",
};

static const char * const claim_names[NR_CLAIMS] = {
	[ONCE] = "each accepted task ran exactly once",
	[SEALED] = "nothing ran between release and reboot",
	[CAPACITY] = "never more at once than the capacity",
	[FIFO] = "waiters were served in order",
	[ERRNO] = "no call failed in a way it must not",
	[LEDGER] = "the counters of the pools are those of the tasks",
	[CALLBACKS] = "worker_init, worker_exit and crash in their places",
	[CONTEXT] = "tasks know where they run",
	[REBOOT] = "what was rebooted is open",
	[FLUSH] = "what was accepted before a flush has ended",
	[PROGRESS] = "nothing stalled",
	[RUNS] = "each operation happened",
	[PAUSED] = "a paused pool started no task",
	[STORM] = "a storm of crashes: the others ran once, all came to rest",
};

static atomic_long_t counts[NR_COUNTS];
static atomic_t failures[NR_CLAIMS];

void count(enum count what)
{
	atomic_long_inc(&counts[what]);
}

void fail(enum claim claim, const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	if (atomic_inc_return(&failures[claim]) > TOLD)
		return;
	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	pr_err("# torture: FAIL %s: %pV\n", claim_names[claim], &vaf);
	va_end(args);
}

/* These may be 0 on a small machine or a quiet one. */
static bool may_be_zero(enum count what)
{
	switch (what) {
	case C_OFFLINE:
	case C_ONLINE:
	case C_DROPPED:
	case C_DRAIN_LATE:
	case C_REBOOT_FAILED:
	case C_CREATE_FAILED:
	case C_TUNE_REFUSED:
		return true;
	case C_PAUSE_CHECKED:
		return torture_crash;
	case C_CRASH:
	case C_CRASH_CALL:
	case C_STORM:
		return !torture_crash;
	default:
		return false;
	}
}

/* Did each operation happen? */
bool counts_complete(void)
{
	int i;

	for (i = 0; i < NR_COUNTS; i++)
		if (!atomic_long_read(&counts[i]) && !may_be_zero(i))
			return false;
	return true;
}

static void report_counts(bool all_parts)
{
	int i;

	for (i = 0; i < NR_COUNTS; i++) {
		long n = atomic_long_read(&counts[i]);

		pr_info("# torture: %s: %ld\n", count_names[i], n);
		if (!n && all_parts && !may_be_zero(i))
			fail(RUNS, "%s never happened", count_names[i]);
	}
}

/* Prints the result. Returns how many claims do not hold. */
int report_all(bool all_parts)
{
	int nr = torture_crash ? NR_CLAIMS : STORM;
	struct ktap ktap = {};
	int i;

	report_counts(all_parts);
	ktap_version();
	ktap_plan(nr);
	for (i = 0; i < nr; i++)
		ktap_result(&ktap, !atomic_read(&failures[i]), "%s",
			    claim_names[i]);
	return ktap.failed;
}
