// SPDX-License-Identifier: GPL-2.0
/*
 * An administrator moves a worker to a cgroup.
 */
#include "case.h"

#define MOVED	CASE_CGROUPS "/moved"

/* A thread of a pool that is gone by now. */
static struct st_job *leave_pool(struct st_test *t, bool move)
{
	struct workpool *pool = st_pool(t, 1, 0);
	struct st_job *job = st_job_quick(t);
	char script[96];

	st_run(t, pool, job);
	st_settle(t, pool);
	snprintf(script, sizeof(script), "echo %d > " MOVED "/cgroup.procs",
		 job->pid);
	if (move)
		ASSERT_EQ(t, case_shell(script), 0);
	st_pool_destroy(t, pool);
	return job;
}

/*
 * A thread that is not in the cgroup of new threads is in no other pool: the
 * limits are for the pool in which it was moved. Other threads are kept.
 */
static void moved_thread_is_in_no_other_pool(struct st_test *t)
{
	struct st_job *job;

	ASSERT_EQ(t, case_mount_cgroups(), 0);
	ASSERT_EQ(t, case_shell("mkdir -p " MOVED), 0);
	job = leave_pool(t, false);
	ASSERT_SOON(t, st_asleep(job->thread));
	EXPECT_EQ(t, READ_ONCE(job->thread->exit_state), 0);
	job = leave_pool(t, true);
	ASSERT_SOON(t, READ_ONCE(job->thread->exit_state));
	ASSERT_SOON(t, !case_shell("rmdir " MOVED));
}

static const struct st_case cases[] = {
	ST_CASE(moved_thread_is_in_no_other_pool),
};

ST_CASE_MODULE(cgroup);
