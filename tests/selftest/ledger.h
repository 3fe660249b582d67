/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WP_SELFTEST_LEDGER_H
#define _WP_SELFTEST_LEDGER_H

#include "test.h"

/**
 * struct st_ledger - what the callbacks of a pool have seen; the pool's data
 * @t: the test
 * @gate: st_open() opens it, the end of the test too
 * @gate_init: worker_init waits there
 * @gate_crash: crash waits there
 * @gated: calls of both that came to the gate
 * @inside: a call that each callback makes, to put its result in @inside_ret
 * @inside_ret: the last of these results
 * @fail: so many more calls of worker_init fail
 * @die_in_init: so many more calls of worker_init crash
 * @die_in_exit: so many more calls of worker_exit crash
 * @die_in_crash: crash crashes
 * @inits: calls of worker_init that succeeded
 * @failed: calls of worker_init that failed
 * @exits: calls of worker_exit
 * @exit_pid: where the first of them ran
 * @crashes: calls of crash
 * @info: what the last of them was given
 * @crash_pid: where it ran
 * @watch: a thread that must be dead when crash is called
 * @watch_was_dead: it was
 */
struct st_ledger {
	struct st_test *t;
	struct st_job *gate;
	bool gate_init;
	bool gate_crash;
	atomic_t gated;
	int (*inside)(struct workpool *pool);
	int inside_ret;
	atomic_t fail;
	atomic_t die_in_init;
	atomic_t die_in_exit;
	bool die_in_crash;
	atomic_t inits;
	atomic_t failed;
	atomic_t exits;
	pid_t exit_pid;
	atomic_t crashes;
	struct workpool_crash info;
	pid_t crash_pid;
	struct task_struct *watch;
	bool watch_was_dead;
};

/* what worker_init leaves for its worker */
struct st_badge {
	pid_t pid;
};

extern const struct workpool_ops st_ledger_ops;

struct st_ledger *st_ledger(struct st_test *t);
struct workpool *st_ledger_pool(struct st_test *t, struct st_ledger *ledger,
				int capacity, unsigned int flags);

#endif /* _WP_SELFTEST_LEDGER_H */
