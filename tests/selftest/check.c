// SPDX-License-Identifier: GPL-2.0
/*
 * Expectations and assertions.
 */
#include <linux/export.h>

#include "test.h"

static void record(struct st_test *t, const char *text)
{
	unsigned long flags;

	spin_lock_irqsave(&t->lock, flags);
	if (!t->failures++)
		strscpy(t->first, text, sizeof(t->first));
	spin_unlock_irqrestore(&t->lock, flags);
	st_log("# %s", text);
}

/**
 * st_fail() - record a failure
 * @t: the test
 * @file: where
 * @line: where
 * @fmt: what was expected and what came
 *
 * Context: Process context of any thread.
 */
void st_fail(struct st_test *t, const char *file, int line,
	     const char *fmt, ...)
{
	char text[ST_LINE];
	va_list args;
	int len;

	len = scnprintf(text, sizeof(text), "%s:%d: ", kbasename(file), line);
	va_start(args, fmt);
	vscnprintf(text + len, sizeof(text) - len, fmt, args);
	va_end(args);
	record(t, text);
}
EXPORT_SYMBOL_GPL(st_fail);

bool st_expect(struct st_test *t, const char *file, int line, bool ok,
	       const char *what)
{
	if (!ok)
		st_fail(t, file, line, "expected %s", what);
	return ok;
}
EXPORT_SYMBOL_GPL(st_expect);

bool st_expect_eq(struct st_test *t, const char *file, int line, s64 got,
		  s64 want, const char *what)
{
	if (got != want)
		st_fail(t, file, line, "expected %s to be %lld, got %lld",
			what, want, got);
	return got == want;
}
EXPORT_SYMBOL_GPL(st_expect_eq);

void st_assert(struct st_test *t, const char *file, int line, bool ok,
	       const char *what)
{
	if (!st_expect(t, file, line, ok, what))
		st_end(t);
}
EXPORT_SYMBOL_GPL(st_assert);

void st_assert_eq(struct st_test *t, const char *file, int line, s64 got,
		  s64 want, const char *what)
{
	if (!st_expect_eq(t, file, line, got, want, what))
		st_end(t);
}
EXPORT_SYMBOL_GPL(st_assert_eq);

/**
 * st_end() - end the test here and now
 * @t: the test
 *
 * Context: The thread of the test. In another one it is not the end.
 */
void st_end(struct st_test *t)
{
	if (current == t->thread)
		kthread_complete_and_exit(&t->ended, 0);
}
EXPORT_SYMBOL_GPL(st_end);

/**
 * st_skip() - end a test that cannot be run here
 * @t: the test
 * @why: in a few words
 */
void st_skip(struct st_test *t, const char *why)
{
	strscpy(t->skip, why, sizeof(t->skip));
	st_end(t);
}
EXPORT_SYMBOL_GPL(st_skip);
