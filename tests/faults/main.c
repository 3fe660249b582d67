// SPDX-License-Identifier: GPL-2.0
/*
 * faults: makes each allocation of workpool fail once, one after the other: those of the
 * caller, those of the thread that makes workers, and those of kthreadd, which makes all
 * threads. A call that fails returns ENOMEM and works the next time. Prints KTAP. kmemleak
 * finds what leaks.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "faults.h"
#include "../ktap.h"

/* No deed makes that many allocations. */
#define MOST_SITES	5000

#define KTHREADD	2

/* What the kernel allocates at most to get rid of a module that would not load. */
#define REFUSAL		50

/* It says how far it is after that many allocations. */
#define TELL_EACH	50

/**
 * struct deed - something that allocates
 * @name: for people
 * @make: does it
 * @undo: as before, if @make succeeded
 * @silent: it has no allocation that it could not do without
 */
struct deed {
	const char *name;
	int (*make)(void);
	int (*undo)(void);
	bool silent;
};

static struct ktap ktap;

/* Only deeds with that in their names, or without it after a !; NULL: all deeds. */
static const char *wanted;

static void verdict(bool ok, const char *name, unsigned int sites,
		    unsigned int errors)
{
	ktap_result(&ktap, ok, "%s: %u allocations failed, %u times it did",
		    name, sites, errors);
}

static bool complain(const char *name, const char *what, int err,
		     unsigned int nth)
{
	ktap_note("%s: %s: %s, after allocation %u failed", name, what,
		  strerror(-err), nth);
	return false;
}

/* The kernel itself says EAGAIN when kthreadd lacks some of the memory. */
static bool is_answer(int err, pid_t pid)
{
	return !err || err == -ENOMEM || (err == -EAGAIN && pid == KTHREADD);
}

/* One allocation of @pid failed and @err was the answer. */
static bool check_fault(const struct deed *deed, pid_t pid, int err,
			unsigned int nth)
{
	if (!is_answer(err, pid))
		return complain(deed->name, "another error", err, nth);
	if (err)
		err = deed->make();
	if (err)
		return complain(deed->name, "once more", err, nth);
	err = deed->undo ? deed->undo() : 0;
	return !err || complain(deed->name, "undone", err, nth);
}

static bool is_wanted(const struct deed *deed)
{
	if (!wanted)
		return true;
	if (*wanted == '!')
		return !strstr(deed->name, wanted + 1);
	return strstr(deed->name, wanted);
}

static void tell(const struct deed *deed, unsigned int nth)
{
	if (nth % TELL_EACH == 0)
		ktap_note("%s: at allocation %u", deed->name, nth);
}

/*
 * Every allocation of @pid, 0 this thread, on the way through @deed, from number
 * @first on.
 */
static void sweep_from(const struct deed *deed, pid_t pid, unsigned int first)
{
	unsigned int nth, errors = 0;
	bool ok = true, failed;
	int err;

	for (nth = first; nth < MOST_SITES && ok; nth++) {
		tell(deed, nth);
		fail_arm(pid, nth);
		err = deed->make();
		failed = !fail_disarm(pid);
		errors += !!err;
		if (!failed && err)
			ok = complain(deed->name, "nothing failed", err, nth);
		else
			ok = check_fault(deed, pid, err, nth);
		if (!failed)
			break;
	}
	if (nth == MOST_SITES || (!deed->silent && nth == first))
		ok = complain(deed->name, "no end, or no allocation", 0, nth);
	verdict(ok, deed->name, nth - first, errors);
}

static void sweep(const struct deed *deed, pid_t pid)
{
	if (is_wanted(deed))
		sweep_from(deed, pid, 1);
}

static int create_plain(void)
{
	return control("create fault 2");
}

static int create_min(void)
{
	return control("create fault 3 min=2 expiry=5");
}

static int create_prealloc(void)
{
	return control("create fault 3 prealloc nice=3");
}

static int create_multi(void)
{
	return control("create fault 2 min=1 pools=3");
}

static int create_other(void)
{
	return control("create fault2 unlimited");
}

static int do_destroy(void)
{
	return control("destroy fault");
}

static int destroy_other(void)
{
	return control("destroy fault2");
}

/* Accepted: then it runs, whatever fails. */
static int do_submit(void)
{
	int err = control("submit fault sleep 0");

	if (err)
		return err;
	return pool_settle(0);
}

/* A pool without a thread gets its first one, and a task its turn. */
static int first_worker(void)
{
	int err = create_plain() ?: control("submit fault sleep 0");

	if (err)
		return err;
	return pool_settle(1);
}

static int do_block(void)
{
	int err = control("block fault 0");

	if (err)
		return err;
	return pool_settle(0);
}

static int read_pools(void)
{
	return read_all("/sys/kernel/debug/workpool/pools");
}

static int read_stats(void)
{
	return read_all("/sys/kernel/debug/workpool/fault/stats");
}

static int read_attrs(void)
{
	return read_all("/sys/kernel/debug/workpool/fault/attrs");
}

static int read_workers(void)
{
	return read_all("/sys/kernel/debug/workpool/fault/workers");
}

static const struct deed module_deed = {
	"insmod workpool", load_module, unload_module, false,
};

static const struct deed creations[] = {
	{ "create a pool", create_plain, do_destroy, false },
	{ "create a pool with min_workers", create_min, do_destroy, false },
	{ "create a preallocated pool", create_prealloc, do_destroy, false },
	{ "create a multi", create_multi, do_destroy, false },
};

/* With a pool "fault" of three workers. */
static const struct deed uses[] = {
	{ "create another pool", create_other, destroy_other, false },
	{ "submit", do_submit, NULL, false },
	{ "wait in a submit", do_block, NULL, false },
	{ "open the device", device_open, NULL, false },
	{ "collect events", collect_events, NULL, false },
	{ "ioctl INFO", ioctl_info, NULL, true },
	{ "ioctl NEXT", ioctl_next, NULL, true },
	{ "ioctl STAT", ioctl_stat, NULL, true },
	{ "ioctl TUNE", ioctl_grow, NULL, false },
	{ "ioctl RELEASE", ioctl_release, ioctl_reboot, true },
	{ "read pools", read_pools, NULL, false },
	{ "read stats", read_stats, NULL, false },
	{ "read attrs", read_attrs, NULL, false },
	{ "read workers", read_workers, NULL, false },
};

static const struct deed reboot_deed = {
	"ioctl REBOOT", ioctl_reboot, ioctl_release, true,
};

static const struct deed destroy_deed = {
	"destroy a pool", do_destroy, create_min, true,
};

/* What other threads do for the caller. */
static const struct deed spawns[] = {
	{ "a first worker", first_worker, do_destroy, false },
	{ "the workers of create", create_min, do_destroy, false },
	{ "the preallocated workers of create", create_prealloc, do_destroy, false },
	{ "the workers of a multi", create_multi, do_destroy, false },
};

static const struct deed boot_deed = {
	"the workers of reboot", ioctl_reboot, ioctl_release, false,
};

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

static void must(int err, const char *what)
{
	errno = -err;
	if (err)
		die(what);
}

static void sweep_spawns(pid_t pid, const char *thread)
{
	unsigned int i;

	ktap_note("allocations of %s", thread);
	for (i = 0; i < ARRAY_SIZE(spawns); i++)
		sweep(&spawns[i], pid);
	must(create_min(), "create");
	must(ioctl_release(), "release");
	sweep(&boot_deed, pid);
	must(do_destroy(), "destroy");
}

/* Most are the kernel's own, before the module's code runs: they are left out. */
static void sweep_load(void)
{
	unsigned int before;
	int err;

	if (!is_wanted(&module_deed))
		return;
	fail_arm(0, MOST_SITES);
	err = load_module_refused();
	before = MOST_SITES - fail_disarm(0);
	if (err == -EINVAL && before > REFUSAL)
		sweep_from(&module_deed, 0, before - REFUSAL);
	else
		verdict(complain(module_deed.name, "not refused", err, before),
			module_deed.name, 0, 1);
}

static void sweep_own(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(creations); i++)
		sweep(&creations[i], 0);
	must(create_min(), "create");
	for (i = 0; i < ARRAY_SIZE(uses); i++)
		sweep(&uses[i], 0);
	must(ioctl_release(), "release");
	sweep(&reboot_deed, 0);
	sweep(&destroy_deed, 0);
	must(do_destroy(), "destroy");
}

int main(int argc, char **argv)
{
	wanted = argc > 1 ? argv[1] : NULL;
	fail_setup();
	pool_setup();
	ktap_version();
	sweep_load();
	must(load_module_with_one_spawner(), "insmod workpool");
	must(load_client(), "insmod wp_selftest");
	sweep_own();
	sweep_spawns(find_thread("wp/spawner/0"), "the spawner");
	sweep_spawns(KTHREADD, "kthreadd");
	must(unload_client(), "rmmod wp_selftest");
	must(unload_module(), "rmmod workpool");
	ktap_plan(ktap.nr);
	return !!ktap.failed;
}
