// SPDX-License-Identifier: GPL-2.0
/*
 * Parsing of text that a user typed: counts, durations and references to pools.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "array.h"
#include "parse.h"

#define DIGITS	"0123456789"

static const struct {
	const char *suffix;
	__u64 ns;
} units[] = {
	{ "ms", NSEC_PER_MSEC },
	{ "s", NSEC_PER_SEC },
	{ "m", 60 * NSEC_PER_SEC },
	{ "h", 3600 * NSEC_PER_SEC },
};

static int digits_to_u64(const char *text, size_t len, __u64 *value)
{
	__u64 v = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (__u64)(text[i] - '0'), &v))
			return -ERANGE;
	}
	*value = v;
	return 0;
}

/**
 * parse_count() - parse a decimal number without sign
 * @text: the number and nothing else
 * @min: smallest valid value
 * @max: largest valid value
 * @count: the result
 *
 * Return: 0, -EINVAL if @text is not a number, -ERANGE if it is out of range.
 */
int parse_count(const char *text, __u64 min, __u64 max, __u64 *count)
{
	size_t len = strspn(text, DIGITS);
	__u64 value;

	if (!len || text[len])
		return -EINVAL;
	if (digits_to_u64(text, len, &value) || value < min || value > max)
		return -ERANGE;
	*count = value;
	return 0;
}

static int unit_of_suffix(const char *suffix, __u64 *unit)
{
	size_t i;

	if (!*suffix)
		return 0;
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (!strcmp(suffix, units[i].suffix)) {
			*unit = units[i].ns;
			return 0;
		}
	}
	return -EINVAL;
}

/* Adds the digits after the point. -ERANGE: they go below a nanosecond. */
static int add_fraction(const char *text, size_t len, __u64 unit,
			__u64 *ns)
{
	for (; len; len--, text++) {
		if (*text != '0' && (!unit || unit % 10))
			return -ERANGE;
		unit /= 10;
		if (__builtin_add_overflow(*ns, (*text - '0') * unit, ns))
			return -ERANGE;
	}
	return 0;
}

/**
 * parse_duration() - parse a time such as "5s", "250ms", "1.5m" or "2h"
 * @text: the duration and nothing else
 * @unit: unit of a @text that has none, in nanoseconds
 * @ns: the result
 *
 * Return: 0, -EINVAL if @text is not a duration, -ERANGE if it is too long or
 * finer than a nanosecond.
 */
int parse_duration(const char *text, __u64 unit, __u64 *ns)
{
	size_t whole = strspn(text, DIGITS);
	const char *rest = text + whole;
	size_t fraction = 0;
	__u64 value;

	if (!whole)
		return -EINVAL;
	if (*rest == '.') {
		fraction = strspn(++rest, DIGITS);
		if (!fraction)
			return -EINVAL;
	}
	if (unit_of_suffix(rest + fraction, &unit))
		return -EINVAL;
	if (digits_to_u64(text, whole, &value) ||
	    __builtin_mul_overflow(value, unit, &value) ||
	    add_fraction(rest, fraction, unit, &value) ||
	    value == WORKPOOL_TIMEOUT_MAX)
		return -ERANGE;
	*ns = value;
	return 0;
}

/* The number at the beginning of @text, which then begins behind it. */
static int next_number(const char **text, __u64 max, __u64 *number)
{
	size_t len = strspn(*text, DIGITS);

	if (!len)
		return -EINVAL;
	if (digits_to_u64(*text, len, number) || *number > max)
		return -ERANGE;
	*text += len;
	return 0;
}

/**
 * parse_cpus() - parse a list of CPUs such as "0-3,8"
 * @text: the list and nothing else
 * @cpus: the result: bit N % 64 of element N / 64 is CPU N
 * @nr: elements of @cpus
 *
 * Return: 0, -EINVAL if @text is not a list, -ERANGE if a number is too large.
 */
int parse_cpus(const char *text, __u64 *cpus, size_t nr)
{
	__u64 first, last, max = nr * 64 - 1;
	int err;

	memset(cpus, 0, nr * sizeof(*cpus));
	do {
		err = next_number(&text, max, &first);
		last = first;
		if (!err && *text == '-') {
			text++;
			err = next_number(&text, max, &last);
		}
		if (!err && last < first)
			err = -EINVAL;
		if (err)
			return err;
		for (; first <= last; first++)
			cpus[first / 64] |= 1ULL << first % 64;
	} while (*text++ == ',');
	return text[-1] ? -EINVAL : 0;
}

/**
 * parse_pool_ref() - parse the name of a pool, or "id:N"
 * @text: the reference and nothing else
 * @ref: the result
 *
 * Return: 0, -EINVAL if @text is not a reference, -ENOENT if no pool can have
 * that name.
 */
int parse_pool_ref(const char *text, struct pool_ref *ref)
{
	size_t len;
	__u64 id;

	memset(ref, 0, sizeof(*ref));
	if (!strncmp(text, "id:", 3)) {
		if (parse_count(text + 3, 1, UINT32_MAX, &id))
			return -EINVAL;
		ref->id = id;
		return 0;
	}
	if (!*text)
		return -EINVAL;
	len = strlen(text);
	if (len >= sizeof(ref->name))
		return -ENOENT;
	memcpy(ref->name, text, len);
	return 0;
}
