/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WP_SELFTEST_CRASH_H
#define _WP_SELFTEST_CRASH_H

#include <linux/workpool.h>

/* ways to die; the argument is not used */
void st_crash_null(void *arg);
void st_crash_bug(void *arg);
void st_crash_lock(void *arg);
void st_crash_rcu(void *arg);
void st_crash_exit(void *arg);
void st_crash_task(void *arg);

workpool_fn_t st_crash_fn(const char *kind);

#endif /* _WP_SELFTEST_CRASH_H */
