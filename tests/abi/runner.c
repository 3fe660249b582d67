// SPDX-License-Identifier: GPL-2.0
/*
 * Expectations, and the runner of the tests.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "abi.h"
#include "../ktap.h"

static int failures;
static char first[256];
static const char *skipped;
static struct ktap ktap;

void fail(const char *file, int line, const char *fmt, ...)
{
	char text[200], whole[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	snprintf(whole, sizeof(whole), "%s:%d: %s", file, line, text);
	ktap_note("%s", whole);
	if (!failures++)
		memcpy(first, whole, sizeof(first));
}

bool expect(const char *file, int line, bool ok, const char *what)
{
	if (!ok)
		fail(file, line, "expected %s", what);
	return ok;
}

bool expect_eq(const char *file, int line, long long got, long long want,
	       const char *what)
{
	if (got != want)
		fail(file, line, "expected %s to be %lld, got %lld", what, want,
		     got);
	return got == want;
}

void nap(void)
{
	struct timespec ms = { .tv_nsec = 1000000 };

	nanosleep(&ms, NULL);
}

void skip(const char *why)
{
	skipped = why;
}

static void run_test(const struct test *test)
{
	failures = 0;
	skipped = NULL;
	test->run();
	control_end();
	if (failures)
		ktap_result(&ktap, false, "%s # %s", test->name, first);
	else if (skipped)
		ktap_skip(&ktap, test->name, skipped);
	else
		ktap_result(&ktap, true, "%s", test->name);
}

static bool wanted(const struct test *test, const char *only)
{
	return !only || !strcmp(test->name, only);
}

static unsigned int count(const struct suite *const *suites, unsigned int nr,
			  const char *only)
{
	unsigned int s, i, n = 0;

	for (s = 0; s < nr; s++)
		for (i = 0; i < suites[s]->nr; i++)
			n += wanted(&suites[s]->tests[i], only);
	return n;
}

/* where there is one, and it can be switched */
static void switch_second_cpu(const char *on)
{
	int fd = open("/sys/devices/system/cpu/cpu1/online", O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, on, 1) != 1)
		fprintf(stderr, "cannot switch CPU 1: %s\n", strerror(errno));
	close(fd);
}

/* returns how many failed */
unsigned int run_suites(const struct suite *const *suites, unsigned int nr,
			const char *only)
{
	unsigned int s, i;

	ktap_version();
	ktap_plan(count(suites, nr, only));
	for (s = 0; s < nr; s++) {
		if (suites[s]->patches)
			switch_second_cpu("0");
		for (i = 0; i < suites[s]->nr; i++)
			if (wanted(&suites[s]->tests[i], only))
				run_test(&suites[s]->tests[i]);
		if (suites[s]->patches)
			switch_second_cpu("1");
	}
	return ktap.failed;
}
