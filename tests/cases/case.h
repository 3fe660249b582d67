/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A case is a module with a group of tests, written like those of wp_selftest and
 * run by it, on a machine that was booted for it. tests/lanes/cases says how.
 */
#ifndef _WP_CASES_CASE_H
#define _WP_CASES_CASE_H

#include <linux/init.h>
#include <linux/module.h>
#include <linux/umh.h>

#include "../selftest/test.h"

/* Run a script in the machine. Returns 0, or what call_usermodehelper() does. */
static inline int case_shell(char *script)
{
	static char *env[2], *argv[4];

	env[0] = "PATH=/bin:/sbin";
	argv[0] = "/bin/sh";
	argv[1] = "-c";
	argv[2] = script;
	return call_usermodehelper(argv[0], argv, env, UMH_WAIT_PROC);
}

#define CASE_CGROUPS	"/sys/fs/cgroup"

/* Returns 0 when the hierarchy of cgroups is mounted there. */
static inline int case_mount_cgroups(void)
{
	if (!case_shell("[ -e " CASE_CGROUPS "/cgroup.controllers ]"))
		return 0;
	return case_shell("mount -t cgroup2 none " CASE_CGROUPS);
}

/* defined by ST_CASE_MODULE() */
static const struct st_group case_group;

static int __init case_init(void)
{
	return st_group_load(&case_group);
}

static void __exit case_exit(void)
{
	st_group_unload();
}

/* The end of a file: its tests are the array cases[]. */
#define ST_CASE_MODULE(name_)						\
static const struct st_group case_group = {				\
	.name = "case_" #name_,						\
	.apart = true,							\
	.cases = cases,							\
	.nr_cases = ARRAY_SIZE(cases),					\
	.owner = THIS_MODULE,						\
};									\
									\
module_init(case_init);							\
module_exit(case_exit);							\
MODULE_LICENSE("GPL");							\
WORKPOOL_IMPORT_NS();							\
MODULE_AUTHOR("workpool developers");					\
MODULE_DESCRIPTION("Tests of workpool: " #name_)

#endif /* _WP_CASES_CASE_H */
