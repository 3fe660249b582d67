// SPDX-License-Identifier: GPL-2.0
/*
 * workpool_multi_queue() is held up, as by a preemption, after the task was queued
 * and let the owner destroy the multi. Needs kprobes, RCU readers that are told
 * from other code, and memory that is poisoned when it is freed.
 */
#include <linux/kprobes.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "case.h"

#if defined(CONFIG_KPROBES) && defined(CONFIG_X86_64) && defined(CONFIG_PREEMPT_RCU)

static struct task_struct *queuer;
static bool destroyed;
static int seen;

/* instead of wp_steal_relieve(), which would look at more of the pool */
static void relieve_late(struct workpool *pool)
{
	unsigned long end = jiffies + 5 * HZ;

	while (time_before(jiffies, end) && !READ_ONCE(destroyed))
		cpu_relax();
	seen = workpool_capacity(pool);
}

static int on_relieve(struct kprobe *probe, struct pt_regs *regs)
{
	if (current != READ_ONCE(queuer))
		return 0;
	instruction_pointer_set(regs, (unsigned long)relieve_late);
	return 1;
}

NOKPROBE_SYMBOL(on_relieve);

static struct completion ran;

static void task_fn(struct workpool_task *task)
{
	complete(&ran);
}

/* A grace period frees the pools, in a work of the first barrier's. */
static int destroy_when_run(struct st_thread *thread)
{
	wait_for_completion(&ran);
	workpool_multi_destroy(thread->data);
	rcu_barrier();
	synchronize_rcu();
	WRITE_ONCE(destroyed, true);
	return 0;
}

static bool freed_memory_is_poisoned(void)
{
	int *memory = kmalloc(1024, GFP_KERNEL), found = 0;

	kfree(memory);
	return !copy_from_kernel_nofault(&found, memory + 128, sizeof(found)) &&
	       found == 0x6b6b6b6b;
}

/* the pool is there as long as the call uses it */
static void multi_queue_keeps_the_pool(struct st_test *t)
{
	static struct kprobe probe = {
		.symbol_name = "wp_steal_relieve",
		.pre_handler = on_relieve,
	};
	static struct workpool_task task;
	struct st_thread *thread = st_thread(t, NULL, destroy_when_run);
	struct workpool_multi *multi;

	if (num_online_cpus() < 2 || !freed_memory_is_poisoned())
		st_skip(t, "needs two CPUs and slub_debug=P");
	multi = st_multi(t, 2, WORKPOOL_ROUND_ROBIN, 1);
	st_multi_forget(t, multi);
	thread->data = multi;
	init_completion(&ran);
	workpool_task_init(&task, task_fn);
	seen = -EINPROGRESS;
	destroyed = false;
	ASSERT_EQ(t, register_kprobe(&probe), 0);
	st_thread_start(thread);
	WRITE_ONCE(queuer, current);
	EXPECT_EQ(t, workpool_multi_queue(multi, &task), 0);
	WRITE_ONCE(queuer, NULL);
	unregister_kprobe(&probe);
	EXPECT_EQ(t, st_join(thread), 0);
	EXPECT_EQ(t, seen, 1);
}

#else

static void multi_queue_keeps_the_pool(struct st_test *t)
{
	st_skip(t, "needs kprobes on x86, and CONFIG_PREEMPT_RCU");
}

#endif

static const struct st_case cases[] = {
	ST_CASE(multi_queue_keeps_the_pool),
};

ST_CASE_MODULE(relieve);
