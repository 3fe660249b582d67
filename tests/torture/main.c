// SPDX-License-Identifier: GPL-2.0
/*
 * The torture test of workpool: everything at once, for a while. The result is
 * in the kernel log as KTAP; the parameter "done" tells when it is there.
 */

#include <linux/module.h>
#include <linux/moduleparam.h>

#include "torture.h"

static int seconds = 20;
module_param(seconds, int, 0444);
MODULE_PARM_DESC(seconds, "How long");

static unsigned long seed = 1;
module_param(seed, ulong, 0444);
MODULE_PARM_DESC(seed, "What the random choices depend on");

enum part {
	SUBMITTERS = 1, IRQS = 2, LIVES = 4, TUNERS = 8, LOOKS = 16, LINES = 32,
	DOOMED = 64, EMBEDDED = 128, GROUPS = 256, PAUSES = 512,
	ALL_PARTS = 1023,
};

static int parts = ALL_PARTS;
module_param(parts, int, 0444);
MODULE_PARM_DESC(parts, "Sum of 1 submitters, 2 interrupts, 4 release and reboot, 8 tune, 16 stats and hotplug, 32 lines, 64 doomed pools, 128 embedded tasks, 256 groups, 512 pauses");

static int storm_tasks = 10000;
module_param(storm_tasks, int, 0444);
MODULE_PARM_DESC(storm_tasks, "With crash=1, tasks of the crash storm");

static int done;
module_param(done, int, 0444);
MODULE_PARM_DESC(done, "0: runs, 1: all well, 2: failed, 3: cannot be unloaded");

static struct task_struct *director;

void rnd_seed(struct rnd *rnd, u64 salt)
{
	rnd->state = (seed * 0x9e3779b97f4a7c15 + salt + 1) *
		     0xbf58476d1ce4e5b9 | 1;
}

/* xorshift64* */
u32 rnd_below(struct rnd *rnd, u32 n)
{
	rnd->state ^= rnd->state >> 12;
	rnd->state ^= rnd->state << 25;
	rnd->state ^= rnd->state >> 27;
	return (u32)(rnd->state * 0x2545f4914f6cdd1d >> 32) % n;
}

/* On a slow machine, what is rare takes its time. */
static bool is_over(int s)
{
	return s >= seconds && (parts != ALL_PARTS || counts_complete() ||
				s >= seconds + DEADLINE);
}

static void wait_while_watching(void)
{
	int s;

	for (s = 0; !is_over(s) && !kthread_should_stop(); s++) {
		msleep(1000);
		threads_watch();
	}
}

static void (* const starts[])(void) = {
	submitters_start, irqs_start, lives_start, tuners_start, looks_start,
	fifo_start, doomed_start, embed_start, group_start, pause_start,
};

static int play(void)
{
	int i, err = slots_create();

	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(starts); i++)
		if (parts & (1 << i))
			starts[i]();
	wait_while_watching();
	if (threads_join())
		return -EBUSY;
	if (parts & IRQS)
		irqs_stop();
	embed_stop();
	group_stop();
	slots_destroy();
	return 0;
}

static int direct(void *unused)
{
	int err = 0, bad;

	if (torture_crash)
		err = storm(storm_tasks);
	if (!err)
		err = play();
	if (err)
		fail(PROGRESS, "the test ended early: %d", err);
	bad = report_all(parts == ALL_PARTS);
	if (err == -EBUSY)
		__module_get(THIS_MODULE);
	WRITE_ONCE(done, err == -EBUSY ? 3 : bad ? 2 : 1);
	while (!kthread_should_stop())
		schedule_timeout_idle(HZ / 10);
	return 0;
}

static int __init torture_init(void)
{
	pr_info("# torture: seed %lu, %d s, crash %d\n", seed, seconds, torture_crash);
	tickets_init();
	slots_init();
	director = kthread_run(direct, NULL, "tort/director");
	return PTR_ERR_OR_ZERO(director);
}

static void __exit torture_exit(void)
{
	kthread_stop(director);
}

module_init(torture_init);
module_exit(torture_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Torture test of workpool");
WORKPOOL_IMPORT_NS();
