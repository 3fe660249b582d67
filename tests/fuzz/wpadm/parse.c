// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes parse.c: what it accepts is what another way of reading it says.
 *
 * The first byte of the input says what is parsed, the rest is the text.
 */
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "target.h"

#define LONGEST	300

static void must(int holds, const char *what, const char *text)
{
	if (holds)
		return;
	fprintf(stderr, "%s: '%s'\n", what, text);
	abort();
}

/* Digits of @text into @value; returns how many, all of them nines if too great. */
static size_t read_digits(const char *text, unsigned __int128 *value)
{
	size_t i;

	*value = 0;
	for (i = 0; isdigit((unsigned char)text[i]); i++) {
		if (*value < (unsigned __int128)1 << 100)
			*value = *value * 10 + (unsigned int)(text[i] - '0');
	}
	return i;
}

static void fuzz_count(const char *text)
{
	const __u64 min = 1, max = 1000000;
	unsigned __int128 real;
	__u64 value = 77;
	size_t digits = read_digits(text, &real);
	int err = parse_count(text, min, max, &value);

	if (!digits || text[digits])
		must(err == -EINVAL, "no number, but accepted", text);
	else if (real < min || real > max)
		must(err == -ERANGE, "out of range, but accepted", text);
	else
		must(!err && value == real, "another number", text);
	must(!err || value == 77, "an error wrote", text);
}

static __u64 unit_of(const char *suffix)
{
	if (!strcmp(suffix, "ms"))
		return NSEC_PER_MSEC;
	if (!strcmp(suffix, "s") || !*suffix)
		return NSEC_PER_SEC;
	if (!strcmp(suffix, "m"))
		return 60 * NSEC_PER_SEC;
	return strcmp(suffix, "h") ? 0 : 3600 * NSEC_PER_SEC;
}

/* Nanoseconds of ".FRACTION" units, rounded down; -1 when some are lost. */
static __int128 fraction_ns(const char *text, size_t digits, __u64 unit)
{
	__int128 ns = 0;
	__u64 rest = unit;
	size_t i;

	for (i = 0; i < digits; i++) {
		if (text[i] != '0' && rest % 10)
			return -1;
		rest /= 10;
		if (text[i] != '0' && !rest)
			return -1;
		ns += (__int128)(text[i] - '0') * rest;
	}
	return ns;
}

/* What parse_duration() must make of it; -1: nothing, -2: too long or too fine. */
static __int128 read_duration(const char *text)
{
	unsigned __int128 whole, unused;
	size_t digits = read_digits(text, &whole), fraction = 0;
	const char *rest = text + digits;
	__int128 ns;
	__u64 unit;

	if (!digits)
		return -1;
	if (*rest == '.') {
		fraction = read_digits(++rest, &unused);
		if (!fraction)
			return -1;
	}
	unit = unit_of(rest + fraction);
	if (!unit)
		return -1;
	ns = fraction_ns(rest, fraction, unit);
	if (ns < 0 || whole > WORKPOOL_TIMEOUT_MAX || whole * unit + ns >= WORKPOOL_TIMEOUT_MAX)
		return -2;
	return whole * unit + ns;
}

static void fuzz_duration(const char *text)
{
	__int128 real = read_duration(text);
	__u64 ns = 77;
	int err = parse_duration(text, NSEC_PER_SEC, &ns);

	if (real < 0)
		must(err == (real == -1 ? -EINVAL : -ERANGE),
		     "no duration, but accepted", text);
	else
		must(!err && ns == real, "another duration", text);
}

static void fuzz_pool_ref(const char *text)
{
	struct pool_ref ref;
	int err = parse_pool_ref(text, &ref);

	must(!ref.name[sizeof(ref.name) - 1], "a name without end", text);
	if (err)
		return;
	must(!ref.id == !!ref.name[0], "not either id or name", text);
	must(ref.id || !strcmp(ref.name, text), "another name", text);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *text;

	if (!size || size > LONGEST)
		return 0;
	/* exactly as long as it is, so that a byte too far is seen */
	text = strndup((const char *)data + 1, size - 1);
	if (!text)
		return 0;
	switch (data[0] % 3) {
	case 0:
		fuzz_count(text);
		break;
	case 1:
		fuzz_duration(text);
		break;
	case 2:
		fuzz_pool_ref(text);
		break;
	}
	free(text);
	return 0;
}
