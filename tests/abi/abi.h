/* SPDX-License-Identifier: GPL-2.0 */
/*
 * wp_abi: tests of the ioctls of /dev/workpool. The pools come from wp_selftest,
 * through /sys/kernel/debug/wp_selftest/control.
 */
#ifndef _WP_ABI_H
#define _WP_ABI_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <linux/workpool.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define POISON		0xcc

struct test {
	const char *name;
	void (*run)(void);
};

#define TEST(fn)	{ #fn, fn }

/**
 * struct suite - tests of one subject
 * @tests: the tests
 * @nr: how many
 * @patches: they make the kernel patch itself, so they get one CPU: see
 *	on_one_cpu in the script guest
 */
struct suite {
	const struct test *tests;
	unsigned int nr;
	bool patches;
};

#define SUITE(name_, ...)						\
	const struct suite name_##_suite = {				\
		.tests = name_##_tests,					\
		.nr = ARRAY_SIZE(name_##_tests),			\
		__VA_ARGS__						\
	}

extern const struct suite forms_suite;
extern const struct suite rights_suite;
extern const struct suite info_suite;
extern const struct suite stat_suite;
extern const struct suite tune_suite;
extern const struct suite release_suite;
extern const struct suite pause_suite;
extern const struct suite events_suite;
extern const struct suite latency_suite;

/* runner.c */
__attribute__((format(printf, 3, 4)))
void fail(const char *file, int line, const char *fmt, ...);
bool expect(const char *file, int line, bool ok, const char *what);
bool expect_eq(const char *file, int line, long long got, long long want,
	       const char *what);
void nap(void);
unsigned int run_suites(const struct suite *const *suites, unsigned int nr,
			const char *only);
void skip(const char *why);

#define EXPECT(cond)		expect(__FILE__, __LINE__, cond, #cond)
#define EXPECT_EQ(got, want)	expect_eq(__FILE__, __LINE__, got, want, #got)

#define DEADLINE_MS	30000

/* true when @cond came true in time */
#define EXPECT_SOON(cond)						\
({									\
	int left_ = DEADLINE_MS;					\
									\
	while (!(cond) && left_-- > 0)					\
		nap();							\
	expect(__FILE__, __LINE__, left_ > 0, "in time: " #cond);	\
})

/* control.c */
__attribute__((format(printf, 1, 2)))
int control(const char *fmt, ...);
void control_end(void);

/* call.c: what they return is 0 or -errno */
extern int rw, ro;
int open_device(void);
int call(int fd, unsigned long cmd, void *arg);
void prepare(void *arg, __u32 size);
void set_name(char name[WORKPOOL_IOC_NAME_MAX], const char *to);
int stat_of(const char *name, struct workpool_ioc_stat *stat);
int multi_stat_of(const char *name, struct workpool_ioc_stat *stat);
struct workpool_ioc_stat state(const char *name);
struct workpool_ioc_stat multi_state(const char *name);
__u32 id_of(const char *name);
struct workpool_ioc_tune tuning(const char *name, __u32 mask);
int tune(struct workpool_ioc_tune *arg);
int release_pool(const char *name, __u64 timeout_ns,
		 struct workpool_ioc_release *arg);
int reboot_pool(const char *name, struct workpool_ioc_reboot *arg);
int pause_pool(const char *name, bool pause, struct workpool_ioc_pause *arg);
int measure_pool(const char *name, bool on, struct workpool_ioc_measure *arg);

/**
 * struct command - an ioctl, for tests that all of them have to pass
 * @name: which
 * @cmd: its number
 * @size: of its structure
 * @first: of its first version, the least there may be
 * @admin: it changes something
 * @looks: the owner of the pool need not allow it
 * @pool: it is about one pool
 * @multi: it is about one multi
 * @reads: it needs a file that is open for reading
 */
struct command {
	const char *name;
	unsigned long cmd;
	__u32 size;
	__u32 first;
	bool admin;
	bool looks;
	bool pool;
	bool multi;
	bool reads;
};

extern const struct command commands[];
extern const unsigned int nr_commands;

#endif /* _WP_ABI_H */
