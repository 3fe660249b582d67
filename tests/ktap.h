/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The writer of KTAP for all programs and modules of the tests, except KUnit
 * suites. tests/vm/ktap reads what it writes.
 *
 * Every line goes through KTAP_WRITE(line), without a newline. A module defines
 * it before it includes this file; programs write to their standard output.
 */
#ifndef _WP_KTAP_H
#define _WP_KTAP_H

#ifdef __KERNEL__
#include <linux/kernel.h>
#include <linux/types.h>
#define KTAP_PRINTF(fmt, args)	__printf(fmt, args)
#else
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#define KTAP_PRINTF(fmt, args)	__attribute__((format(printf, fmt, args)))
/* What is written before a fork() or a crash must not be lost, or come twice. */
#define KTAP_WRITE(line)	(puts(line), fflush(stdout))
#endif

#define KTAP_LINE	400

/**
 * struct ktap - one list of results
 * @nr: results so far
 * @failed: of these
 */
struct ktap {
	unsigned int nr;
	unsigned int failed;
};

/* Begin the output. */
static inline void ktap_version(void)
{
	KTAP_WRITE("KTAP version 1");
}

/* Announce @nr results, before the first or after the last of them. */
static inline void ktap_plan(unsigned int nr)
{
	char line[32];

	snprintf(line, sizeof(line), "1..%u", nr);
	KTAP_WRITE(line);
}

/* Write one result. Returns @ok. */
KTAP_PRINTF(3, 4)
static inline bool ktap_result(struct ktap *ktap, bool ok, const char *fmt, ...)
{
	char line[KTAP_LINE];
	va_list args;
	int len;

	ktap->nr++;
	ktap->failed += !ok;
	len = snprintf(line, sizeof(line), "%sok %u ", ok ? "" : "not ",
		       ktap->nr);
	va_start(args, fmt);
	vsnprintf(line + len, sizeof(line) - len, fmt, args);
	va_end(args);
	KTAP_WRITE(line);
	return ok;
}

/* Write the result of a test that cannot run here. */
static inline void ktap_skip(struct ktap *ktap, const char *name,
			     const char *why)
{
	ktap_result(ktap, true, "%s # SKIP %s", name, why);
}

/* Write a line for people. */
KTAP_PRINTF(1, 2)
static inline void ktap_note(const char *fmt, ...)
{
	char line[KTAP_LINE] = "# ";
	va_list args;

	va_start(args, fmt);
	vsnprintf(line + 2, sizeof(line) - 2, fmt, args);
	va_end(args);
	KTAP_WRITE(line);
}

/* Say that nothing can be tested. The caller ends the test. */
static inline void ktap_bail_out(const char *what, const char *why)
{
	char line[KTAP_LINE];

	snprintf(line, sizeof(line), "Bail out! %s: %s", what, why);
	KTAP_WRITE(line);
}

#endif /* _WP_KTAP_H */
