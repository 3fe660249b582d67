/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Traits: what a task can change in its thread, and has to change back.
 */
#ifndef _WP_CORE_TRAITS_H
#define _WP_CORE_TRAITS_H

#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>

/* Only some kernels since 6.9 have these flags of threads. */
#ifdef PF_MEMALLOC_NORECLAIM
#define WP_PF_NORECLAIM	PF_MEMALLOC_NORECLAIM
#else
#define WP_PF_NORECLAIM	0
#endif
#ifdef PF_MEMALLOC_NOWARN
#define WP_PF_NOWARN	PF_MEMALLOC_NOWARN
#else
#define WP_PF_NOWARN	0
#endif

/*
 * Flags that a task may change for a while; memalloc_noio_save() is typical.
 * set_freezable() is for threads that are no workers.
 */
#define WP_TRAIT_FLAGS	(PF_MEMALLOC | PF_MEMALLOC_NOFS | PF_MEMALLOC_NOIO | \
			 PF_MEMALLOC_PIN | PF_LOCAL_THROTTLE | PF_NOFREEZE | \
			 WP_PF_NORECLAIM | WP_PF_NOWARN)

/**
 * struct wp_traits - what only the thread itself can change
 * @flags: of task_struct.flags, %WP_TRAIT_FLAGS
 * @cred: credentials
 * @mm: address space
 * @journal: of a file system
 * @memcg: memory cgroup that pays, see set_active_memcg()
 * @blocked: signals
 * @page_faults: how often they were disabled
 * @migration: how often it was disabled
 * @signal: one is pending
 * @takes_signals: they may come from outside
 *
 * What an administrator can change from outside, such as the nice value, is no
 * trait: it stays until the thread leaves its pool.
 */
struct wp_traits {
	unsigned int		flags;
	const struct cred	*cred;
	struct mm_struct	*mm;
	void			*journal;
	struct mem_cgroup	*memcg;
	sigset_t		blocked;
	int			page_faults;
	int			migration;
	bool			signal;
	bool			takes_signals;
};

/* How often did @task disable its migration? Of another thread it is a hint. */
static inline int wp_traits_migration(const struct task_struct *task)
{
#ifdef CONFIG_SMP
	/* Pairs with migrate_disable(). */
	return READ_ONCE(task->migration_disabled);
#else
	return 0;
#endif
}

static inline struct mem_cgroup *wp_traits_memcg(void)
{
#ifdef CONFIG_MEMCG
	return current->active_memcg;
#else
	return NULL;
#endif
}

/*
 * Has the current thread the traits that it had? A change of its signal
 * handlers is noticed when a signal is pending, and at the latest when it
 * leaves the pool: it takes long to find out.
 */
static inline bool wp_traits_same(const struct wp_traits *was)
{
	return (current->flags & WP_TRAIT_FLAGS) == was->flags &&
	       rcu_access_pointer(current->cred) == was->cred &&
	       current->mm == was->mm && current->journal_info == was->journal &&
	       wp_traits_memcg() == was->memcg &&
	       sigequalsets(&current->blocked, &was->blocked) &&
	       current->pagefault_disabled == was->page_faults &&
	       wp_traits_migration(current) == was->migration &&
	       task_sigpending(current) == was->signal;
}

void wp_traits_save(struct wp_traits *traits, bool initialized);
bool wp_traits_takes_signals(void);
void wp_traits_compare(const struct wp_traits *was, char *text, int size);
void wp_traits_restore_migration(int level);
bool wp_traits_restore(const struct wp_traits *was);
bool wp_traits_reset(const struct cred *cred);

#endif /* _WP_CORE_TRAITS_H */
