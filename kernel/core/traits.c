// SPDX-License-Identifier: GPL-2.0
/*
 * Traits: what a task can change in its thread, and has to change back.
 */

#include <linux/cred.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>

#include "compat.h"
#include "core/traits.h"

/* A thread that lives keeps its own handlers. */
static struct k_sigaction *own_handlers(void)
{
	return rcu_dereference_protected(current->sighand, true)->action;
}

/* Would any signal reach the current thread? By default they are ignored. */
bool wp_traits_takes_signals(void)
{
	const struct k_sigaction *action = own_handlers();
	int i;

	for (i = 0; i < _NSIG; i++)
		if (action[i].sa.sa_handler != SIG_IGN)
			return true;
	return false;
}

/*
 * Remember the traits of the current thread. @initialized: a callback may have
 * allowed signals.
 */
void wp_traits_save(struct wp_traits *traits, bool initialized)
{
	traits->flags = current->flags & WP_TRAIT_FLAGS;
	traits->cred = current_cred();
	traits->mm = current->mm;
	traits->journal = current->journal_info;
	traits->memcg = wp_traits_memcg();
	traits->blocked = current->blocked;
	traits->page_faults = current->pagefault_disabled;
	traits->migration = wp_traits_migration(current);
	traits->signal = task_sigpending(current);
	traits->takes_signals = initialized && wp_traits_takes_signals();
}

/* Say in @text which traits of the current thread are not as they were. */
void wp_traits_compare(const struct wp_traits *was, char *text, int size)
{
	struct wp_traits now;

	wp_traits_save(&now, true);
	scnprintf(text, size, "%s%s%s%s%s%s%s%s%s%s",
		  now.flags == was->flags ? "" : " flags",
		  now.cred == was->cred ? "" : " credentials",
		  now.mm == was->mm ? "" : " address-space",
		  now.journal == was->journal ? "" : " journal",
		  now.memcg == was->memcg ? "" : " memory-cgroup",
		  sigequalsets(&now.blocked, &was->blocked) ?
			"" : " blocked-signals",
		  now.page_faults == was->page_faults ? "" : " page-faults-off",
		  now.migration == was->migration ? "" : " migration-off",
		  now.signal == was->signal ? "" : " pending-signal",
		  now.takes_signals == was->takes_signals ?
			"" : " allowed-signals");
}

static void ignore_all_signals(void)
{
	int sig;

	for (sig = 1; sig <= _NSIG; sig++)
		if (own_handlers()[sig - 1].sa.sa_handler != SIG_IGN)
			disallow_signal(sig);
}

static void restore_signals(const struct wp_traits *was)
{
	sigset_t blocked = was->blocked;

	if (!sigequalsets(&current->blocked, &blocked))
		sigprocmask(SIG_SETMASK, &blocked, NULL);
	if (was->takes_signals)
		return;
	ignore_all_signals();
	if (task_sigpending(current))
		flush_signals(current);
}

/*
 * Call migrate_enable() until migration of the current thread is disabled no
 * more than @level times.
 */
void wp_traits_restore_migration(int level)
{
	int nr = wp_traits_migration(current) - level;

	while (nr-- > 0)
		migrate_enable();
}

/**
 * wp_traits_restore() - give the current thread back the traits that it had
 * @was: these
 *
 * Context: The worker's thread. May sleep.
 * Return: false: some cannot be given back.
 */
bool wp_traits_restore(const struct wp_traits *was)
{
	current->flags = (current->flags & ~WP_TRAIT_FLAGS) | was->flags;
	current->journal_info = was->journal;
	current->pagefault_disabled = was->page_faults;
	wp_traits_restore_migration(was->migration);
	set_active_memcg(was->memcg);
	restore_signals(was);
	if (current->mm && !was->mm)
		kthread_unuse_mm(current->mm);
	return current->mm == was->mm && current_cred() == was->cred &&
	       wp_traits_migration(current) == was->migration;
}

/**
 * wp_traits_reset() - give the current thread the traits of a new one
 * @cred: the credentials that it was made with
 *
 * Context: The worker's thread. May sleep.
 * Return: false: that is impossible.
 */
bool wp_traits_reset(const struct cred *cred)
{
	struct wp_traits fresh = { .flags = PF_NOFREEZE, .cred = cred };

	if (current_real_cred() != cred)
		return false;
	return (wp_traits_same(&fresh) && !wp_traits_takes_signals()) ||
	       wp_traits_restore(&fresh);
}
