/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the torture test share.
 */
#ifndef _WP_TORTURE_H
#define _WP_TORTURE_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/workpool.h>

/* Nothing of the test takes that long, in seconds. */
#define DEADLINE	60

/* A pool that goes on is closed and open again before that, in seconds. */
#define CLOSE_DEADLINE	600

/* What is counted; the names are in report.c. */
enum count {
	C_SUBMIT, C_SUBMIT_TIMEOUT, C_TRY, C_INVOKE, C_SOFTIRQ, C_HARDIRQ,
	C_NESTED, C_NULL,
	C_ACCEPTED, C_FULL, C_BUSY, C_TIMEDOUT, C_KILLED, C_DEADLOCK, C_CLOSED,
	C_GROW, C_SHRINK, C_TUNE_REFUSED,
	C_RELEASE, C_RELEASE_TIMEOUT, C_RELEASE_LATE, C_SEALED,
	C_REBOOT, C_REBOOT_FAILED, C_CREATE, C_CREATE_FAILED, C_DESTROY,
	C_DRAIN, C_DRAIN_LATE, C_LOOK, C_SIGNAL, C_OFFLINE, C_ONLINE,
	C_INIT, C_INIT_FAILED, C_EXIT, C_DROPPED,
	C_QUEUED, C_CANCELLED, C_FLUSHED, C_POOL_FLUSHED, C_GROUP, C_PARALLEL,
	C_FIFO, C_DOOMED, C_CRASH, C_CRASH_CALL, C_STORM,
	C_PAUSE, C_PAUSE_CHECKED, C_RETUNE,
	NR_COUNTS
};

/* What is claimed of a pool, a line of the result each; texts in report.c. */
enum claim {
	ONCE, SEALED, CAPACITY, FIFO, ERRNO, LEDGER, CALLBACKS, CONTEXT,
	REBOOT, FLUSH, PROGRESS, RUNS, PAUSED,
	STORM,		/* with crash=1 only */
	NR_CLAIMS
};

/* report.c */
void count(enum count what);
bool counts_complete(void);
__printf(2, 3) void fail(enum claim claim, const char *fmt, ...);
int report_all(bool all_parts);

/* A source of chance; each user has one. */
struct rnd {
	u64 state;
};

void rnd_seed(struct rnd *rnd, u64 salt);
u32 rnd_below(struct rnd *rnd, u32 n);

static inline bool rnd_one_in(struct rnd *rnd, u32 n)
{
	return !rnd_below(rnd, n);
}

/* What may be done to a pool. */
enum slot_kind {
	STRICT,		/* one thread at a time closes and opens it */
	WILD,		/* every thread of the test closes and opens it, userspace does not */
	ADMIN,		/* userspace as well */
	SYSTEM,		/* workpool_system: is only submitted to */
};

/* What the tasks of one pool did. */
struct ledger {
	atomic_long_t accepted;
	atomic_long_t ran;
	atomic_long_t finished;
	atomic_long_t crashed;
	atomic_long_t callback_crashed;
	atomic_long_t crash_calls;
	atomic_long_t inits;
	atomic_long_t exits;
};

/**
 * struct slot - where a pool is, and after it another
 * @pool: the pool; a thread that has the slot may use it
 * @users: one for the slot itself while it has a pool
 * @closing: nobody may get the slot any more
 * @unused: @users is 0
 * @life: STRICT: taken to close or open the pool
 * @tuning: taken to change @cap
 * @cap: upper bound of the tasks that run at once; 0: none
 * @cap_seq: odd while @cap changes
 * @executing: tasks
 * @in_callback: worker_init, worker_exit and crash
 * @sealed: released: nothing may run
 * @init_fails: one in so many worker_init fails; 0: none
 * @init_must_not_fail: nor crash, for now
 * @init_nr: number of the next worker_init
 * @releasing: callers in a release
 * @releases: how many there were
 */
struct slot {
	unsigned int nr;
	enum slot_kind kind;
	struct workpool *pool;
	unsigned int flags;
	unsigned int max_blocking;
	refcount_t users;
	bool closing;
	struct completion unused;
	struct mutex life;	/* see above */
	struct mutex tuning;	/* see above */
	int cap;
	atomic_t cap_seq;
	atomic_t executing;
	atomic_t in_callback;
	bool sealed;
	unsigned int init_fails;
	bool init_must_not_fail;
	atomic_t init_nr;
	atomic_t releasing;
	atomic_t releases;
	struct ledger ledger;
};

#define NR_SLOTS	8

/* stats.c: what numbers of a pool are printed */
void fail_stats(enum claim claim, struct slot *slot, const char *why,
		const struct workpool_stats *s);
void stats_show(struct slot *slot, const struct workpool_stats *s);

/* slot.c */
extern struct slot slots[NR_SLOTS];
void slots_init(void);
int slots_create(void);
void slots_destroy(void);
bool slot_get(struct slot *slot);
void slot_put(struct slot *slot);
struct slot *slot_any(struct rnd *rnd);
struct slot *slot_of_kind(struct rnd *rnd, enum slot_kind kind);
int slot_create(struct slot *slot, struct rnd *rnd);
void slot_destroy(struct slot *slot);
void slot_cap(struct slot *slot, int cap);
void slot_enter(struct slot *slot);
void slot_leave(struct slot *slot);
void slot_release(struct slot *slot);
int slot_release_timeout(struct slot *slot, long timeout);
void slots_show(void);

/* callback.c */
extern const struct workpool_ops torture_ops;
void check_worker_data(struct slot *slot);

/* What a task does. */
enum deed {
	DO_NOTHING, DO_SPIN, DO_SLEEP, DO_TRY, DO_SUBMIT, DO_FORBIDDEN,
	DO_RELEASE, DO_CRASH,
};

/* ticket.c */
struct task_info {
	struct slot *slot;
	enum deed deed;
	unsigned int depth;
};

void tickets_init(void);
void *ticket_take(const struct task_info *info);
void ticket_settle(void *code, bool accepted);
bool ticket_begin(void *code, struct task_info *info);
long ticket_collect(struct slot *slot);

/* submit.c */
enum how {
	BY_SUBMIT, BY_TIMEOUT, BY_TRY, BY_INVOKE, NR_HOW
};

int offer(struct slot *slot, struct rnd *rnd, enum how how, unsigned int depth);

/* task.c */
void run_ticket(void *code);

/* thread.c: threads of the test */
struct thread {
	struct list_head node;
	struct task_struct *task;
	const char *name;
	void (*round)(struct thread *thread);
	struct slot *slot;	/* it works on, NULL: any */
	struct rnd rnd;
	const char *doing;
	struct slot *where;
	bool closes;		/* it waits for all tasks of @where */
	long begun;		/* tasks and starts there, at the last look */
	unsigned long since;
	unsigned long closes_since;
	bool killable;
	bool stuck;
};

extern bool torture_stop;
struct thread *thread_start(const char *name,
			    void (*round)(struct thread *thread),
			    struct slot *slot, bool killable);
void thread_does(struct thread *thread, const char *what, struct slot *where);
void thread_closes(struct thread *thread, const char *what, struct slot *slot);
void thread_locks(struct thread *thread, struct mutex *mutex);
void thread_pauses(struct thread *thread, unsigned int max_us);
int threads_join(void);
void threads_kill_one(struct rnd *rnd);
void threads_watch(void);

/* submitter.c, irq.c, life.c, tune.c, pause.c, look.c, onoff.c, fifo.c, doomed.c */
void submitters_start(void);
void irqs_start(void);
void irqs_stop(void);
void lives_start(void);
void tuners_start(void);
void pause_start(void);
void looks_start(void);
void fifo_start(void);
void doomed_start(void);

/* embed.c, group.c */
void embed_start(void);
void embed_stop(void);
void group_start(void);
void group_stop(void);

/* crash.c, storm.c */
extern int torture_crash;
void crash_somehow(unsigned int way);
#define NR_CRASH_WAYS	5
int storm(int tasks);

#endif /* _WP_TORTURE_H */
